"""Calls every operation of a running server through boto3 and holds what comes back against botocore's own model.

usage: validate_shapes.py ENDPOINT VPC VPC DOMAIN_FILE_URL

Prints one line for each departure from the model and for each answer that is not the expected one; exits 1 if there
was any. The operations that the installed botocore does not know are left out, and named on stderr.
"""

import json
import re
import sys
import time

import boto3
import botocore.config
import botocore.exceptions

endpoint, vpc, other_vpc, domain_file = sys.argv[1:5]
client = boto3.client(
    "route53resolver",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="secret",
    config=botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1}),
)
model = client.meta.service_model
# Members of answers that only a newer model knows; SDKs ignore them.
NEWER = {"ManagedListType", "FirewallRuleType"}
problems = []
called = set()
last = {}
real_send = client._endpoint.http_session.send


def send(request):
    response = real_send(request)
    last["raw"], last["headers"], last["status"] = response.content, response.headers, response.status_code
    return response


client._endpoint.http_session.send = send


def conform(value, shape, path):
    """Notes where a value departs from its shape."""
    kinds = {"structure": dict, "list": list, "string": str, "integer": int, "boolean": bool}
    kind = kinds[shape.type_name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        problems.append(f"{path}: {value!r} is no {shape.type_name}")
    elif shape.type_name == "structure":
        for name, member in value.items():
            if name not in shape.members:
                if name not in NEWER:
                    problems.append(f"{path}.{name}: not in the model")
            else:
                conform(member, shape.members[name], f"{path}.{name}")
        for name in shape.required_members:
            if name not in value:
                problems.append(f"{path}.{name}: missing")
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            conform(member, shape.member, f"{path}[{index}]")
    elif shape.type_name == "string":
        limits = shape.metadata
        if shape.enum and value not in shape.enum:
            problems.append(f"{path}: {value!r} is not one of {shape.enum}")
        if not limits.get("min", 0) <= len(value) <= limits.get("max", 1 << 30):
            problems.append(f"{path}: {value!r} has the wrong length")
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            problems.append(f"{path}: {value!r} does not match {limits['pattern']}")
        if shape.name == "Rfc3339TimeString" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
            problems.append(f"{path}: {value!r} is no time")


def call(operation, expected=None, **arguments):
    """Calls an operation; returns its answer, or where `expected` names an exception, its error."""
    if operation not in model.operation_names:
        print(f"botocore {boto3.__version__} does not know {operation}", file=sys.stderr)
        return None
    called.add(operation)
    method = client.meta.method_to_api_mapping
    name = next(name for name, api_name in method.items() if api_name == operation)
    shown = f"{operation}({', '.join(arguments)})"
    try:
        answer = getattr(client, name)(**arguments)
    except botocore.exceptions.ClientError as error:
        check_error(operation, shown, expected, error)
        return error.response["Error"]
    if expected:
        problems.append(f"{shown}: no error, wanted {expected}")
    if not re.fullmatch(r"[0-9a-f-]{36}", last["headers"].get("x-amzn-requestid", "")):
        problems.append(f"{shown}: no request id")
    output = model.operation_model(operation).output_shape
    conform(json.loads(last["raw"]), output, operation)
    return answer


def check_error(operation, shown, expected, error):
    code = error.response["Error"]["Code"]
    if code != expected:
        problems.append(f"{shown}: {code} {error.response['Error']['Message']!r}, wanted {expected}")
        return
    if last["headers"].get("x-amzn-errortype") != code or last["status"] != 400:
        problems.append(f"{shown}: header {last['headers'].get('x-amzn-errortype')}, status {last['status']}")
    body = json.loads(last["raw"])
    body.pop("__type")
    common = ("SerializationException", "UnknownOperationException")
    modelled = {shape.name: shape for shape in model.operation_model(operation).error_shapes}
    if code in modelled:
        conform(body, modelled[code], f"{shown} {code}")
    elif code not in common:
        problems.append(f"{shown}: {code} is not modelled for {operation}")
    message = body.get("Message", "")
    if message.startswith("[RSLVR-") and not re.search(r' Trace Id: "1-[0-9a-f]{8}-[0-9a-f]{24}"$', message):
        problems.append(f"{shown}: {message!r} has no trace id")


def pages(operation, name, size, **arguments):
    """All of a listing, in pages of `size`."""
    items, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        answer = call(operation, MaxResults=size, **arguments, **more)
        items += answer[name]
        token = answer.get("NextToken")
        if len(answer[name]) > size or (token and not answer[name]):
            problems.append(f"{operation}: a page of {len(answer[name])}")
            return items
        if token is None:
            return items


def expect(condition, text):
    if not condition:
        problems.append(text)


MISSING = "rslvr-fdl-0000000000000000"
invalid, not_found = "ValidationException", "ResourceNotFoundException"
parameter = "InvalidParameterException"

# Domain lists
lists = [
    call("CreateFirewallDomainList", CreatorRequestId=f"l{i}", Name=f"list {i}", Tags=[{"Key": "k", "Value": ""}])[
        "FirewallDomainList"
    ]
    for i in range(5)
]
first = lists[0]["Id"]
again = call("CreateFirewallDomainList", CreatorRequestId="l0", Name="list 0", Tags=[{"Key": "k", "Value": ""}])
expect(again["FirewallDomainList"]["Id"] == first, "the same CreatorRequestId made a second list")
call("CreateFirewallDomainList", invalid, CreatorRequestId="l0", Name="another")
call("CreateFirewallDomainList", invalid, CreatorRequestId="x", Name="a.b")
call("CreateFirewallDomainList", invalid, CreatorRequestId="x", Name="12345")
call("CreateFirewallDomainList", invalid, CreatorRequestId="x", Name="n" * 65)
call("CreateFirewallDomainList", invalid, CreatorRequestId="x" * 256, Name="n")
call("CreateFirewallDomainList", invalid, Name="no id", CreatorRequestId="")
call("CreateFirewallDomainList", "SerializationException", CreatorRequestId="x", Name={"a": 1})
call("GetFirewallDomainList", FirewallDomainListId=first)
call("GetFirewallDomainList", not_found, FirewallDomainListId=MISSING)
listed = pages("ListFirewallDomainLists", "FirewallDomainLists", 2)
expect([l["Id"] for l in listed if not l.get("ManagedOwnerName")] == [l["Id"] for l in lists], "lists out of order")
managed = [l for l in listed if l.get("ManagedOwnerName")]
expect(managed, "no managed list")
call("ListFirewallDomainLists", invalid, MaxResults=101)
call("ListFirewallDomainLists", invalid, NextToken="garbage")
names = [f"n{i}.example" for i in range(7)] + ["*", "*.Example.COM"]
answer = call("UpdateFirewallDomains", FirewallDomainListId=first, Operation="ADD", Domains=names)
expect(answer["Status"] == "UPDATING", f"UpdateFirewallDomains: {answer}")
found = pages("ListFirewallDomains", "Domains", 2, FirewallDomainListId=first)
expect(sorted(found) == sorted(n.lower() + "." for n in names), f"domains: {found}")
call("UpdateFirewallDomains", FirewallDomainListId=first, Operation="REMOVE", Domains=["*."])
call("UpdateFirewallDomains", invalid, FirewallDomainListId=first, Operation="REMOVE", Domains=["absent.example"])
call("UpdateFirewallDomains", invalid, FirewallDomainListId=first, Operation="ADD", Domains=["a.*.b"])
call("UpdateFirewallDomains", invalid, FirewallDomainListId=first, Operation="add", Domains=["a"])
call("UpdateFirewallDomains", invalid, FirewallDomainListId=first, Operation="ADD", Domains=["d.example"] * 1001)
call("UpdateFirewallDomains", "SerializationException", FirewallDomainListId=first, Operation="ADD", Domains=[1])
call("UpdateFirewallDomains", not_found, FirewallDomainListId=MISSING, Operation="ADD", Domains=["a.example"])
call("UpdateFirewallDomains", "AccessDeniedException", FirewallDomainListId=managed[0]["Id"], Operation="ADD", Domains=["a"])
call("ListFirewallDomains", invalid, FirewallDomainListId=first, MaxResults=5001)
call("ListFirewallDomains", not_found, FirewallDomainListId=MISSING)
call("ListFirewallDomains", "AccessDeniedException", FirewallDomainListId=managed[0]["Id"])


def imported(url):
    answer = call("ImportFirewallDomains", FirewallDomainListId=first, Operation="REPLACE", DomainFileUrl=url)
    expect(answer["Status"] == "IMPORTING", f"ImportFirewallDomains: {answer}")
    for _ in range(200):
        state = call("GetFirewallDomainList", FirewallDomainListId=first)["FirewallDomainList"]
        if state["Status"] != "IMPORTING":
            return state
        time.sleep(0.02)
    return state


state = imported(domain_file)
expect((state["Status"], state["DomainCount"]) == ("COMPLETE", 3), f"import: {state}")
state = imported(domain_file + ".absent")
expect((state["Status"], state["DomainCount"]) == ("COMPLETE_IMPORT_FAILED", 3), f"failed import: {state}")
call("ImportFirewallDomains", invalid, FirewallDomainListId=first, Operation="REPLACE", DomainFileUrl="ftp://a/b")
call("ImportFirewallDomains", invalid, FirewallDomainListId=first, Operation="ADD", DomainFileUrl=domain_file)
call("ImportFirewallDomains", not_found, FirewallDomainListId=MISSING, Operation="REPLACE", DomainFileUrl=domain_file)

# Rule groups and rules
groups = [
    call("CreateFirewallRuleGroup", CreatorRequestId=f"g{i}", Name=f"group {i}")["FirewallRuleGroup"] for i in range(3)
]
group = groups[0]["Id"]
call("CreateFirewallRuleGroup", invalid, CreatorRequestId="x", Name="")
call("GetFirewallRuleGroup", FirewallRuleGroupId=group)
call("GetFirewallRuleGroup", not_found, FirewallRuleGroupId="rslvr-frg-0")
expect(len(pages("ListFirewallRuleGroups", "FirewallRuleGroups", 2)) == 3, "groups are missing")
policy = json.dumps({"Version": "2012-10-17", "Statement": []})
call("PutFirewallRuleGroupPolicy", Arn=groups[0]["Arn"], FirewallRuleGroupPolicy=policy)
expect(call("GetFirewallRuleGroupPolicy", Arn=groups[0]["Arn"])["FirewallRuleGroupPolicy"] == policy, "policy")
call("PutFirewallRuleGroupPolicy", invalid, Arn=groups[0]["Arn"], FirewallRuleGroupPolicy="no JSON")
call("GetFirewallRuleGroupPolicy", not_found, Arn=groups[1]["Arn"])


def rule(expected=None, operation="CreateFirewallRule", **members):
    base = {"CreatorRequestId": f"r{time.time_ns()}", "FirewallRuleGroupId": group, "Priority": 1, "Name": "rule"}
    if operation != "CreateFirewallRule":
        base = {"FirewallRuleGroupId": group}
    return call(operation, expected, **{**base, **members})


made = rule(FirewallDomainListId=first, Action="BLOCK", BlockResponse="NODATA")["FirewallRule"]
expect(made["FirewallDomainRedirectionAction"] == "INSPECT_REDIRECTION_DOMAIN", f"rule: {made}")
expect("Qtype" not in made and "BlockOverrideTtl" not in made, f"rule: {made}")
rule(
    FirewallDomainListId=first, Priority=2, Action="BLOCK", BlockResponse="OVERRIDE", BlockOverrideDomain="a.example",
    BlockOverrideDnsType="CNAME", BlockOverrideTtl=604800, Qtype="TYPE28",
)
detector = rule(Priority=3, Action="ALERT", DnsThreatProtection="DGA", ConfidenceThreshold="HIGH")["FirewallRule"]
rule(invalid, FirewallDomainListId=lists[1]["Id"], Action="ALLOW")
rule(invalid, FirewallDomainListId=first, Priority=9, Action="ALLOW")
rule(invalid, FirewallDomainListId=lists[1]["Id"], Priority=9, Action="BLOCK")
rule(invalid, FirewallDomainListId=lists[1]["Id"], Priority=9, Action="ALLOW", Qtype="HTTPS")
rule(invalid, FirewallDomainListId=lists[1]["Id"], Priority=9, Action="ALLOW", Qtype="TYPE65535")
rule(invalid, FirewallDomainListId=lists[1]["Id"], Priority=9, Action="DENY")
rule(
    invalid, FirewallDomainListId=lists[1]["Id"], Priority=9, Action="BLOCK", BlockResponse="OVERRIDE",
    BlockOverrideDomain="a.example", BlockOverrideDnsType="CNAME", BlockOverrideTtl=604801,
)
rule(invalid, Priority=9, Action="ALLOW")
rule(invalid, Priority=9, Action="ALLOW", DnsThreatProtection="DGA", ConfidenceThreshold="HIGH")
rule(not_found, FirewallDomainListId=MISSING, Priority=9, Action="ALLOW")
rule(not_found, FirewallRuleGroupId="rslvr-frg-0", FirewallDomainListId=first, Priority=9, Action="ALLOW")
rule("SerializationException", FirewallDomainListId=first, Priority="high", Action="ALLOW")
call("CreateFirewallRule", invalid)
changed = rule(operation="UpdateFirewallRule", FirewallDomainListId=first, Action="ALLOW", Name="new")["FirewallRule"]
expect("BlockResponse" not in changed and changed["Name"] == "new", f"updated rule: {changed}")
rule(not_found, operation="UpdateFirewallRule", FirewallDomainListId=lists[1]["Id"], Action="ALLOW")
rule(invalid, operation="UpdateFirewallRule", FirewallDomainListId=first, Action="BLOCK")
expect(len(pages("ListFirewallRules", "FirewallRules", 2, FirewallRuleGroupId=group)) == 3, "rules are missing")
expect(len(pages("ListFirewallRules", "FirewallRules", 2, FirewallRuleGroupId=group, Action="ALLOW")) == 1, "Action")
expect(len(pages("ListFirewallRules", "FirewallRules", 2, FirewallRuleGroupId=group, Priority=3)) == 1, "Priority")
call("ListFirewallRules", not_found, FirewallRuleGroupId="rslvr-frg-0")
call("DeleteFirewallDomainList", "ConflictException", FirewallDomainListId=first)
call("DeleteFirewallRuleGroup", "ConflictException", FirewallRuleGroupId=group)

# Batches and rule types
entries = [
    {
        "CreatorRequestId": f"b{i}", "FirewallRuleGroupId": groups[2]["Id"], "FirewallDomainListId": lists[i]["Id"],
        "Priority": i + 1, "Action": "ALLOW", "Name": f"batch {i}",
    }
    for i in range(3)
]
bad = {**entries[0], "CreatorRequestId": "bad", "Priority": 9, "Qtype": "NONE"}
absent = {**entries[0], "CreatorRequestId": "absent", "Priority": 10, "FirewallDomainListId": MISSING}
answer = call("BatchCreateFirewallRule", CreateFirewallRuleEntries=[bad, *entries, absent])
if answer:
    codes = [error["Code"] for error in answer["CreateErrors"]]
    expect(len(answer["CreatedFirewallRules"]) == 3 and codes == [invalid, not_found], f"batch: {answer}")
    category = {"FirewallAdvancedThreatCategory": {"Category": "PHISHING"}}
    rule(FirewallRuleGroupId=groups[2]["Id"], Priority=20, Action="ALERT", FirewallRuleType=category)
    both = {**category, "PartnerThreatProtection": {"Partner": "x"}}
    rule(invalid, FirewallRuleGroupId=groups[2]["Id"], Priority=21, Action="ALERT", FirewallRuleType=both)
keys = [{key: entry[key] for key in ("FirewallRuleGroupId", "FirewallDomainListId")} for entry in entries]
call("BatchUpdateFirewallRule", UpdateFirewallRuleEntries=[{**key, "Action": "ALERT"} for key in keys])
answer = call("BatchDeleteFirewallRule", DeleteFirewallRuleEntries=[*keys, keys[0]])
if answer:
    expect(len(answer["DeletedFirewallRules"]) == 3 and len(answer["DeleteErrors"]) == 1, f"batch: {answer}")
call("BatchCreateFirewallRule", invalid, CreateFirewallRuleEntries=[])
if "ListFirewallRuleTypes" in model.operation_names:
    expect(len(pages("ListFirewallRuleTypes", "FirewallRuleTypes", 2)) == 5, "rule types")
    expect(len(pages("ListFirewallRuleTypes", "FirewallRuleTypes", 2, RuleType="DnsThreatProtection")) == 3, "types")

# Associations and VPC configs
associate = {"FirewallRuleGroupId": group, "VpcId": vpc, "Name": "assoc", "Priority": 101}
one = call("AssociateFirewallRuleGroup", CreatorRequestId="a1", **associate)["FirewallRuleGroupAssociation"]
expect(one["Status"] == "UPDATING" and one["MutationProtection"] == "DISABLED", f"association: {one}")
call("AssociateFirewallRuleGroup", invalid, CreatorRequestId="a2", **associate)
call("AssociateFirewallRuleGroup", invalid, CreatorRequestId="a3", **{**associate, "VpcId": other_vpc, "Priority": 100})
call("AssociateFirewallRuleGroup", not_found, CreatorRequestId="a4", **{**associate, "VpcId": "vpc-99999999"})
call("AssociateFirewallRuleGroup", CreatorRequestId="a5", **{**associate, "VpcId": other_vpc})
state = call("GetFirewallRuleGroupAssociation", FirewallRuleGroupAssociationId=one["Id"])
expect(state["FirewallRuleGroupAssociation"]["Status"] == "COMPLETE", f"association: {state}")
call("GetFirewallRuleGroupAssociation", not_found, FirewallRuleGroupAssociationId="rslvr-frgassoc-0")
for filters, count in (({}, 2), ({"VpcId": vpc}, 1), ({"Priority": 102}, 0), ({"Status": "COMPLETE"}, 2)):
    answer = pages("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations", 1, **filters)
    expect(len(answer) == count, f"associations by {filters}: {len(answer)}")
call("ListFirewallRuleGroupAssociations", invalid, Status="GONE")
key = {"FirewallRuleGroupAssociationId": one["Id"]}
call("UpdateFirewallRuleGroupAssociation", MutationProtection="ENABLED", **key)
call("UpdateFirewallRuleGroupAssociation", "ConflictException", Priority=200, **key)
call("DisassociateFirewallRuleGroup", "ConflictException", **key)
call("UpdateFirewallRuleGroupAssociation", MutationProtection="DISABLED", Priority=200, Name="other", **key)
call("DisassociateFirewallRuleGroup", **key)
call("DisassociateFirewallRuleGroup", not_found, **key)
config = call("UpdateFirewallConfig", ResourceId=vpc, FirewallFailOpen="ENABLED")["FirewallConfig"]
expect(call("GetFirewallConfig", ResourceId=vpc)["FirewallConfig"] == config, "firewall config")
call("GetFirewallConfig", not_found, ResourceId="vpc-99999999")
call("UpdateFirewallConfig", invalid, ResourceId=vpc, FirewallFailOpen="YES")
expect(config in pages("ListFirewallConfigs", "FirewallConfigs", 5), "firewall configs")
call("ListFirewallConfigs", invalid, MaxResults=11)
call("ListFirewallConfigs", invalid, MaxResults=4)
call("UpdateResolverConfig", ResourceId=vpc, AutodefinedReverseFlag="DISABLE")
call("GetResolverConfig", ResourceId=vpc)
call("UpdateResolverConfig", parameter, ResourceId=vpc, AutodefinedReverseFlag="OFF")
pages("ListResolverConfigs", "ResolverConfigs", 5)
call("UpdateResolverDnssecConfig", ResourceId=vpc, Validation="ENABLE")
call("GetResolverDnssecConfig", ResourceId=vpc)
call("UpdateResolverDnssecConfig", parameter, ResourceId=vpc, Validation="OFF")
expect(len(pages("ListResolverDnssecConfigs", "ResolverDnssecConfigs", 5)) == 1, "DNSSEC configs")

# Tags
arn = lists[1]["Arn"]
call("TagResource", ResourceArn=arn, Tags=[{"Key": f"key{i}", "Value": "v"} for i in range(4)])
call("TagResource", "InvalidTagException", ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": "v"}])
call("TagResource", parameter, ResourceArn=arn, Tags=[{"Key": "", "Value": "v"}])
call("TagResource", not_found, ResourceArn=arn.rsplit("/")[0] + "/" + MISSING, Tags=[{"Key": "a", "Value": "v"}])
call("UntagResource", ResourceArn=arn, TagKeys=["key0", "k"])
tags = pages("ListTagsForResource", "Tags", 2, ResourceArn=arn)
expect([tag["Key"] for tag in tags] == ["key1", "key2", "key3"], f"tags: {tags}")
call("ListTagsForResource", "InvalidNextTokenException", ResourceArn=arn, NextToken="garbage")

# Query logging
configs = [
    call(
        "CreateResolverQueryLogConfig", CreatorRequestId=f"q{i}", Name=f"log {3 - i}", DestinationArn=destination
    )["ResolverQueryLogConfig"]
    for i, destination in enumerate(
        [
            "arn:aws:s3:::bucket/prefix/",
            "arn:aws:logs:us-east-1:000000000000:log-group:g:*",
            "arn:aws:firehose:us-east-1:000000000000:deliverystream/s",
        ]
    )
]
log = configs[0]["Id"]
call(
    "CreateResolverQueryLogConfig", "ResourceExistsException", CreatorRequestId="q0", Name="log 3",
    DestinationArn="arn:aws:s3:::bucket/prefix/",
)
call("CreateResolverQueryLogConfig", parameter, CreatorRequestId="q9", Name="a.b", DestinationArn="arn:aws:s3:::b")
call("CreateResolverQueryLogConfig", parameter, CreatorRequestId="q9", Name="n", DestinationArn="arn:aws:sqs:::b")
call("GetResolverQueryLogConfig", ResolverQueryLogConfigId=log)
call("GetResolverQueryLogConfig", not_found, ResolverQueryLogConfigId="rslvr-qlc-0")
tie = {"ResolverQueryLogConfigId": log, "ResourceId": vpc}
association = call("AssociateResolverQueryLogConfig", **tie)["ResolverQueryLogConfigAssociation"]
call("AssociateResolverQueryLogConfig", "ResourceExistsException", **tie)
call("AssociateResolverQueryLogConfig", not_found, **{**tie, "ResolverQueryLogConfigId": "rslvr-qlc-0"})
call("GetResolverQueryLogConfigAssociation", ResolverQueryLogConfigAssociationId=association["Id"])
call("GetResolverQueryLogConfigAssociation", not_found, ResolverQueryLogConfigAssociationId="rslvr-qlcassoc-0")
call("DeleteResolverQueryLogConfig", "InvalidRequestException", ResolverQueryLogConfigId=log)
found = pages("ListResolverQueryLogConfigs", "ResolverQueryLogConfigs", 1, SortBy="Name")
expect([c["Name"] for c in found] == ["log 1", "log 2", "log 3"], "configs by name")
found = pages("ListResolverQueryLogConfigs", "ResolverQueryLogConfigs", 1, SortBy="Name", SortOrder="DESCENDING")
expect([c["Name"] for c in found] == ["log 3", "log 2", "log 1"], "configs by name, descending")
filters = [{"Name": "Destination", "Values": ["S3", "KinesisFirehose"]}, {"Name": "CREATOR_REQUEST_ID", "Values": ["q2"]}]
answer = call("ListResolverQueryLogConfigs", Filters=filters)
expect((answer["TotalCount"], answer["TotalFilteredCount"]) == (3, 1), f"filtered configs: {answer}")
call("ListResolverQueryLogConfigs", parameter, Filters=[{"Name": "Colour", "Values": ["blue"]}])
call("ListResolverQueryLogConfigs", parameter, SortBy="Colour")
call("ListResolverQueryLogConfigs", "InvalidNextTokenException", NextToken="garbage")
filters = [{"Name": "ResourceId", "Values": [vpc]}]
found = pages("ListResolverQueryLogConfigAssociations", "ResolverQueryLogConfigAssociations", 1, Filters=filters)
expect(len(found) == 1, "query log associations")
call("DisassociateResolverQueryLogConfig", **tie)
call("DisassociateResolverQueryLogConfig", not_found, **tie)
call("PutResolverQueryLogConfigPolicy", Arn=configs[0]["Arn"], ResolverQueryLogConfigPolicy=policy)
call("PutResolverQueryLogConfigPolicy", "InvalidPolicyDocument", Arn=configs[0]["Arn"], ResolverQueryLogConfigPolicy="x")
call("GetResolverQueryLogConfigPolicy", Arn=configs[0]["Arn"])
call("GetResolverQueryLogConfigPolicy", "UnknownResourceException", Arn=configs[0]["Arn"] + "0")
call("DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=log)
call("DeleteResolverQueryLogConfig", not_found, ResolverQueryLogConfigId=log)

# Resolver rules
targets = [{"Ip": "192.0.2.1", "Port": 53}, {"Ipv6": "2001:db8::1", "Protocol": "Do53"}]
forward = call(
    "CreateResolverRule", CreatorRequestId="f1", RuleType="FORWARD", DomainName="corp.example", TargetIps=targets,
    Name="corp", ResolverEndpointId="rslvr-out-0123456789abcdef0",
)["ResolverRule"]
expect(forward["DomainName"] == "corp.example.", f"rule: {forward}")
call("CreateResolverRule", parameter, CreatorRequestId="f2", RuleType="ALWAYS", DomainName="corp.example")
bad_target = [{"Ip": "2001:db8::1"}]
call("CreateResolverRule", parameter, CreatorRequestId="f3", RuleType="FORWARD", DomainName="c.example", TargetIps=bad_target)
call("GetResolverRule", ResolverRuleId=forward["Id"])
call("GetResolverRule", not_found, ResolverRuleId="rslvr-rr-0")
call("UpdateResolverRule", ResolverRuleId=forward["Id"], Config={"Name": "corp two", "TargetIps": targets[:1]})
pages("ListResolverRules", "ResolverRules", 1, Filters=[{"Name": "DomainName", "Values": ["corp.example."]}])
call("ListResolverRules", parameter, Filters=[{"Name": "Colour", "Values": ["blue"]}])
tie = {"ResolverRuleId": forward["Id"], "VPCId": vpc}
bound = call("AssociateResolverRule", Name="tie", **tie)["ResolverRuleAssociation"]
call("GetResolverRuleAssociation", ResolverRuleAssociationId=bound["Id"])
call("GetResolverRuleAssociation", not_found, ResolverRuleAssociationId="rslvr-rrassoc-0")
pages("ListResolverRuleAssociations", "ResolverRuleAssociations", 1, Filters=[{"Name": "VPCId", "Values": [vpc]}])
call("DeleteResolverRule", "ResourceInUseException", ResolverRuleId=forward["Id"])
call("DisassociateResolverRule", **tie)
call("PutResolverRulePolicy", Arn=forward["Arn"], ResolverRulePolicy=policy)
call("GetResolverRulePolicy", Arn=forward["Arn"])
call("DeleteResolverRule", ResolverRuleId=forward["Id"])

# Away with it
rule(operation="DeleteFirewallRule", FirewallDomainListId=first)
rule(operation="DeleteFirewallRule", FirewallDomainListId=first, Qtype="AAAA")
rule(operation="DeleteFirewallRule", FirewallThreatProtectionId=detector["FirewallThreatProtectionId"])
rule(not_found, operation="DeleteFirewallRule", FirewallDomainListId=first)
rest = call("ListFirewallRuleGroupAssociations")["FirewallRuleGroupAssociations"]
for association in rest:
    call("DisassociateFirewallRuleGroup", FirewallRuleGroupAssociationId=association["Id"])
call("DeleteFirewallRuleGroup", FirewallRuleGroupId=group)
call("DeleteFirewallRuleGroup", not_found, FirewallRuleGroupId=group)
gone = call("DeleteFirewallDomainList", FirewallDomainListId=first)["FirewallDomainList"]
expect(gone["Status"] == "DELETING", f"deleted list: {gone}")
call("GetFirewallDomainList", not_found, FirewallDomainListId=first)
call("DeleteFirewallDomainList", not_found, FirewallDomainListId=first)

left_out = [
    name for name in model.operation_names if name not in called and "Endpoint" not in name and "Outpost" not in name
]
if left_out:
    problems.append(f"never called: {', '.join(left_out)}")
print("\n".join(problems) or f"{len(called)} operations conform")
sys.exit(1 if problems else 0)
