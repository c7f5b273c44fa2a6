"""Rule groups and rules: every action and answer, every rule about their members, batches and rule types."""

from typing import Any

from checked_client import token
from scenario_world import (
    CONFLICT, INVALID, LIMIT, NO_GROUP, NO_LIST, NOT_FOUND, POLICY, WRONG_TYPE, World,
)

PLAIN = "A 192.0.2.1"
WRONG_TYPES = ("HTTPS", "a", "TYPE0", "TYPE65535", "TYPE01", "", "Q" * 17)


def run(world: World) -> None:
    groups(world)
    answers_follow_the_rules(world)
    redirections(world)
    refuse_rules(world)
    keys_of_rules(world)
    listing(world)
    quotas(world)


def groups(world: World) -> None:
    aws = world.aws
    create = "CreateFirewallRuleGroup"
    answers = [aws.call(create, CreatorRequestId=f"group{i}", Name=f"group {i}", Tags=[]) for i in range(3)]
    made = [answer["FirewallRuleGroup"] for answer in answers]
    first = made[0]
    state = (first["Status"], first["RuleCount"], first["StatusMessage"], first["ShareStatus"])
    aws.equal(state, ("COMPLETE", 0, "Created Firewall Rule Group", "NOT_SHARED"), "new group")
    again = aws.call(create, CreatorRequestId="group0", Name="group 0", Tags=[])
    aws.equal(again["FirewallRuleGroup"]["Id"], first["Id"], "a repeated CreatorRequestId")
    aws.refuse(INVALID, create, CreatorRequestId="group0", Name="another")
    for name in ("", "a.b", "1", "n" * 65):
        aws.refuse(INVALID, create, CreatorRequestId=token(), Name=name)
    tags = [{"Key": "AWS:k", "Value": "v"}]
    aws.refuse(INVALID, create, CreatorRequestId=token(), Name="tagged", Tags=tags)
    aws.equal(aws.call("GetFirewallRuleGroup", FirewallRuleGroupId=first["Id"])["FirewallRuleGroup"], first, "group")
    aws.refuse(NOT_FOUND, "GetFirewallRuleGroup", "02025", FirewallRuleGroupId=NO_GROUP)
    listed = [entry["Id"] for entry in aws.pages("ListFirewallRuleGroups", "FirewallRuleGroups", 2)]
    own = [entry["Id"] for entry in made]
    aws.equal([entry for entry in listed if entry in own], own, "groups in order")
    aws.refuse(INVALID, "ListFirewallRuleGroups", MaxResults=101)
    aws.refuse(INVALID, "ListFirewallRuleGroups", NextToken="garbage")
    policies(world, first["Arn"])
    for entry in made:
        gone = aws.call("DeleteFirewallRuleGroup", FirewallRuleGroupId=entry["Id"])["FirewallRuleGroup"]
        aws.expect(gone["Status"] in ("DELETING", "UPDATING"), f"deleted group: {gone}")
    aws.refuse(NOT_FOUND, "DeleteFirewallRuleGroup", "02025", FirewallRuleGroupId=first["Id"])


def policies(world: World, arn: str) -> None:
    aws = world.aws
    put, get = "PutFirewallRuleGroupPolicy", "GetFirewallRuleGroupPolicy"
    aws.refuse(NOT_FOUND, get, Arn=arn)
    aws.equal(aws.call(put, Arn=arn, FirewallRuleGroupPolicy=POLICY), {"ReturnValue": True}, put)
    aws.equal(aws.call(get, Arn=arn)["FirewallRuleGroupPolicy"], POLICY, get)
    for text in ("no JSON", "[]", " " * 30_001):
        aws.refuse(INVALID, put, Arn=arn, FirewallRuleGroupPolicy=text)
    aws.refuse(INVALID, put, Arn="a" * 256, FirewallRuleGroupPolicy=POLICY)
    aws.refuse(NOT_FOUND, put, Arn=arn + "0", FirewallRuleGroupPolicy=POLICY)
    aws.refuse(NOT_FOUND, get, Arn=arn + "0")


def answers_follow_the_rules(world: World) -> None:
    aws = world.aws
    walled, mail = world.new_list("walled.example"), world.new_list("walled.example", "mail.example")
    group = world.new_group()["Id"]
    world.associate(group)
    block = world.new_rule(group, 10, "BLOCK", BlockResponse="NXDOMAIN", FirewallDomainListId=walled["Id"])
    aws.equal(block["FirewallDomainRedirectionAction"], "INSPECT_REDIRECTION_DOMAIN", "default of a new rule")
    aws.expect(not {"Qtype", "BlockOverrideTtl", "Status"} & block.keys(), f"members that were not set: {block}")
    world.answer("walled.example", "NXDOMAIN")
    key = {"FirewallRuleGroupId": group, "FirewallDomainListId": walled["Id"]}

    def update(**members: Any) -> dict[str, Any]:
        return aws.call("UpdateFirewallRule", **key, **members)["FirewallRule"]

    update(BlockResponse="NODATA")
    world.answer("walled.example", "NODATA")
    target = {"BlockOverrideDomain": "portal.example", "BlockOverrideDnsType": "CNAME", "BlockOverrideTtl": 604800}
    update(BlockResponse="OVERRIDE", **target)
    world.answer("walled.example", "CNAME portal.example., A 192.0.2.80")
    changed = update(Action="ALERT")
    aws.expect(not {"BlockResponse", *target} & changed.keys(), f"ALERT keeps what belongs to BLOCK: {changed}")
    world.answer("walled.example", PLAIN)
    update(Action="BLOCK", BlockResponse="NXDOMAIN", Name="blocked again", Priority=50)
    world.answer("walled.example", "NXDOMAIN")
    world.new_rule(group, 20, "ALLOW", FirewallDomainListId=mail["Id"], Qtype="MX")
    world.answer("walled.example", "NXDOMAIN")
    world.answer("walled.example", "MX 10 mail.example.", "MX")
    world.new_rule(group, 30, "BLOCK", BlockResponse="NODATA", FirewallDomainListId=mail["Id"], Qtype="TYPE28")
    world.answer("walled.example", "NODATA", "AAAA")
    world.answer("mail.example", PLAIN)
    aws.call("DeleteFirewallRule", FirewallRuleGroupId=group, FirewallDomainListId=mail["Id"], Qtype="AAAA")
    world.answer("mail.example", "AAAA 2001:db8::1", "AAAA")
    aws.refuse(CONFLICT, "DeleteFirewallRuleGroup", "02103", FirewallRuleGroupId=group)
    aws.call("DeleteFirewallRule", **key)
    world.answer("walled.example", PLAIN)
    world.clear(group)
    world.delete(walled, mail)


def redirections(world: World) -> None:
    """`alias.example` is a CNAME of `target.example`."""
    alias, target = world.new_list("alias.example"), world.new_list("target.example")
    group = world.new_group()["Id"]
    world.associate(group)
    chain = "CNAME target.example., A 192.0.2.7"
    world.answer("alias.example", chain)
    world.new_rule(group, 10, "ALLOW", FirewallDomainListId=alias["Id"])
    world.new_rule(group, 20, "BLOCK", BlockResponse="NXDOMAIN", FirewallDomainListId=target["Id"])
    world.answer("alias.example", "NXDOMAIN")
    trust = {"FirewallDomainRedirectionAction": "TRUST_REDIRECTION_DOMAIN"}
    key = {"FirewallRuleGroupId": group, "FirewallDomainListId": alias["Id"]}
    world.aws.call("UpdateFirewallRule", **key, **trust)
    world.answer("alias.example", chain)
    world.answer("target.example", "NXDOMAIN")
    world.clear(group)
    world.delete(alias, target)


def refuse_rules(world: World) -> None:
    aws = world.aws
    used, free = world.new_list("a.example"), world.new_list("b.example")
    group = world.new_group()["Id"]
    world.new_rule(group, 1, "ALLOW", FirewallDomainListId=used["Id"])
    block = {"FirewallDomainListId": free["Id"], "BlockResponse": "NODATA"}
    target = {"BlockOverrideDomain": "a.example", "BlockOverrideDnsType": "CNAME"}
    override = {**block, "BlockResponse": "OVERRIDE", **target}
    threat = {"DnsThreatProtection": "DGA", "ConfidenceThreshold": "HIGH"}
    phishing = {"FirewallAdvancedThreatCategory": {"Category": "PHISHING"}}
    partner = {"PartnerThreatProtection": {"Partner": "x"}}
    detector = {"DnsThreatProtection": {"Value": "DGA", "ConfidenceThreshold": "LOW"}}
    source = {"FirewallDomainListId": free["Id"]}
    trust = {"FirewallDomainRedirectionAction": "TRUST_REDIRECTION_DOMAIN"}
    for action, members in [
        # one source
        ("ALLOW", {}), ("ALERT", {**source, **threat}), ("ALERT", {**source, "FirewallRuleType": phishing}),
        ("ALERT", {**threat, "FirewallRuleType": phishing}),
        # threat protection
        ("ALERT", {"DnsThreatProtection": "DGA"}), ("ALERT", {**source, "ConfidenceThreshold": "LOW"}),
        ("ALLOW", threat), ("ALERT", {**threat, "Qtype": "A"}), ("ALERT", {**threat, **trust}),
        ("ALERT", {**threat, "DnsThreatProtection": "ALL"}), ("ALERT", {**threat, "ConfidenceThreshold": "SOME"}),
        # rule types
        *(("ALERT", {"FirewallRuleType": wrong}) for wrong in (
            {}, {**phishing, **partner}, partner, {"FirewallAdvancedThreatCategory": {}},
            {"FirewallAdvancedContentCategory": {"Category": "WEATHER"}},
            {"DnsThreatProtection": {"Value": "DGA", "ConfidenceThreshold": "SOME"}},
        )),
        ("ALLOW", {"FirewallRuleType": detector}),
        # block responses
        ("ALLOW", block), ("ALERT", block), ("BLOCK", {**block, "BlockResponse": "SERVFAIL"}),
        ("BLOCK", {**override, "BlockResponse": "NODATA"}), ("BLOCK", {**block, "BlockOverrideTtl": 1}),
        ("BLOCK", {**block, "BlockResponse": "OVERRIDE"}), ("BLOCK", {**override, "BlockOverrideTtl": 604_801}),
        ("BLOCK", {**override, "BlockOverrideTtl": -1}), ("BLOCK", {**override, "BlockOverrideDnsType": "A"}),
        ("BLOCK", {**override, "BlockOverrideDomain": ""}), ("BLOCK", {**override, "BlockOverrideDomain": "a..b"}),
        ("BLOCK", {**override, "BlockOverrideDomain": "d" * 256}), ("BLOCK", {**override, "BlockOverrideDomain": "."}),
        # names of closed sets
        ("DENY", source), ("ALLOW", {**source, "FirewallDomainRedirectionAction": "TRUST"}),
        *(("ALLOW", {**source, "Qtype": name}) for name in WRONG_TYPES),
        # the others
        *(("ALLOW", {**source, "Name": name}) for name in ("a.b", "7", "n" * 65, "")),
        ("ALLOW", {**source, "CreatorRequestId": ""}), ("ALLOW", {**source, "Priority": 0}),
        ("ALLOW", {**source, "Priority": -1}), ("ALLOW", {**source, "Priority": 1}),
        ("ALLOW", {"FirewallDomainListId": used["Id"]}), ("ALLOW", {"FirewallDomainListId": "l" * 65}),
    ]:
        aws.refuse(INVALID, "CreateFirewallRule", **world.rule(group, 9, action, **{"Priority": 9, **members}))
    aws.refuse(INVALID, "CreateFirewallRule", "02016", **world.rule(group, 9, "BLOCK", **source))
    aws.refuse(INVALID, "CreateFirewallRule")
    aws.refuse(WRONG_TYPE, "CreateFirewallRule", **world.rule(group, "high", "ALLOW", **source))
    absent = {"FirewallDomainListId": NO_LIST}
    aws.refuse(NOT_FOUND, "CreateFirewallRule", "02025", **world.rule(group, 9, "ALLOW", **absent))
    aws.refuse(NOT_FOUND, "CreateFirewallRule", "02025", **world.rule(NO_GROUP, 9, "ALLOW", **source))
    world.clear(group)
    world.delete(used, free)


def keys_of_rules(world: World) -> None:
    """A rule is known by group, list and query type, or by group and threat protection."""
    aws = world.aws
    one, other = world.new_list("a.example"), world.new_list("b.example")
    group = world.new_group()["Id"]
    threat = {"DnsThreatProtection": "DGA", "ConfidenceThreshold": "HIGH"}
    request = world.rule(group, 1, "ALLOW", FirewallDomainListId=one["Id"], Qtype="AAAA")
    made = aws.call("CreateFirewallRule", **request)["FirewallRule"]
    aws.equal(aws.call("CreateFirewallRule", **request)["FirewallRule"], made, "a repeated CreatorRequestId")
    aws.refuse(INVALID, "CreateFirewallRule", **{**request, "Name": "other parameters"})
    same = world.rule(group, 2, "ALLOW", FirewallDomainListId=one["Id"], Qtype="TYPE28")
    aws.refuse(INVALID, "CreateFirewallRule", **same)
    detector = world.new_rule(group, 3, "ALERT", **threat)
    detector_key = {name: detector[name] for name in ("FirewallRuleGroupId", "FirewallThreatProtectionId")}
    changed = aws.call("UpdateFirewallRule", **detector_key, ConfidenceThreshold="LOW")["FirewallRule"]
    aws.equal(changed["ConfidenceThreshold"], "LOW", "a changed threshold")
    aws.refuse(INVALID, "UpdateFirewallRule", **detector_key, DnsThreatProtection="DICTIONARY_DGA")
    aws.refuse(INVALID, "UpdateFirewallRule", **detector_key, Action="ALLOW")
    key = {"FirewallRuleGroupId": group, "FirewallDomainListId": one["Id"]}
    for members in ({"Action": "BLOCK"}, {"Priority": 3}, {"Priority": 0}, {"Name": "a.b"}, {"Action": "DENY"}):
        aws.refuse(INVALID, "UpdateFirewallRule", **key, Qtype="AAAA", **members)
    aws.refuse(INVALID, "UpdateFirewallRule", "02016", **key, Qtype="AAAA", Action="BLOCK")
    aws.refuse(NOT_FOUND, "UpdateFirewallRule", **key, Qtype="A", Action="ALERT")
    aws.refuse(NOT_FOUND, "UpdateFirewallRule", **{**key, "FirewallDomainListId": other["Id"]}, Action="ALERT")
    aws.refuse(NOT_FOUND, "UpdateFirewallRule", **{**key, "FirewallRuleGroupId": NO_GROUP}, Action="ALERT")
    aws.refuse(INVALID, "DeleteFirewallRule", **key)
    aws.refuse(NOT_FOUND, "DeleteFirewallRule", **{**key, "FirewallDomainListId": other["Id"]})
    aws.refuse(NOT_FOUND, "DeleteFirewallRule", **{**key, "FirewallRuleGroupId": NO_GROUP})
    aws.refuse(INVALID, "DeleteFirewallRule", FirewallDomainListId=one["Id"])
    gone = aws.call("DeleteFirewallRule", **key, Qtype="TYPE28")["FirewallRule"]
    aws.equal(gone, made, "the deleted rule")
    aws.call("DeleteFirewallRule", **detector_key)
    aws.refuse(NOT_FOUND, "DeleteFirewallRule", **detector_key)
    world.clear(group)
    world.delete(one, other)


def listing(world: World) -> None:
    aws = world.aws
    lists = [world.new_list() for _ in range(3)]
    group = world.new_group()["Id"]
    for priority, made, action in zip((30, 10, 20), lists, ("ALLOW", "ALERT", "ALLOW")):
        world.new_rule(group, priority, action, FirewallDomainListId=made["Id"])
    for filters, wanted in (({}, [10, 20, 30]), ({"Action": "ALLOW"}, [20, 30]), ({"Priority": 10}, [10]),
                            ({"Priority": 10, "Action": "ALLOW"}, [])):
        found = aws.pages("ListFirewallRules", "FirewallRules", 2, FirewallRuleGroupId=group, **filters)
        aws.equal([rule["Priority"] for rule in found], wanted, f"rules by {filters}")
    for wrong in ({"Action": "DENY"}, {"MaxResults": 0}, {"MaxResults": 101}, {"NextToken": "garbage"}):
        aws.refuse(INVALID, "ListFirewallRules", FirewallRuleGroupId=group, **wrong)
    aws.refuse(NOT_FOUND, "ListFirewallRules", "02025", FirewallRuleGroupId=NO_GROUP)
    world.clear(group)
    world.delete(*lists)


def quotas(world: World) -> None:
    aws = world.aws
    limit = world.quotas["rule_groups"]
    present = len(aws.pages("ListFirewallRuleGroups", "FirewallRuleGroups", 100))
    groups = [world.new_group() for _ in range(limit - present)]
    aws.refuse(LIMIT, "CreateFirewallRuleGroup", CreatorRequestId=token(), Name="one too many")
    for group in groups:
        aws.call("DeleteFirewallRuleGroup", FirewallRuleGroupId=group["Id"])
    limit = world.quotas["rules_per_group"]
    made, group = world.new_list(), world.new_group()["Id"]
    for number in range(1, limit + 1):
        world.new_rule(group, number, "ALLOW", FirewallDomainListId=made["Id"], Qtype=f"TYPE{number}")
    more = world.rule(group, limit + 1, "ALLOW", FirewallDomainListId=made["Id"])
    aws.refuse(LIMIT, "CreateFirewallRule", **more)
    world.clear(group)
    world.delete(made)
