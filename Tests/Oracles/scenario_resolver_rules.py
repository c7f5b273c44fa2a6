"""Resolver rules and their associations."""

from typing import Any

from checked_client import token
from scenario_world import (
    BAD_TOKEN, EXISTS, IN_USE, LIMIT, NO_VPC, NOT_FOUND, PARAMETER, POLICY, REQUEST, UNKNOWN, World,
)

TARGETS = [{"Ip": "192.0.2.1", "Port": 53}, {"Ipv6": "2001:db8::1", "Protocol": "Do53"}]
PLAIN = "A 192.0.2.1"
NO_RULE = "rslvr-rr-00000000000000000"


def run(world: World) -> None:
    rule = create(world)
    update(world, rule)
    associations(world, rule)
    policies(world, rule)
    answers_follow_the_rules(world)
    gone = world.aws.call("DeleteResolverRule", ResolverRuleId=rule["Id"])["ResolverRule"]
    world.aws.equal(gone["Status"], "DELETING", "deleted rule")
    world.aws.refuse(NOT_FOUND, "DeleteResolverRule", "00703", ResolverRuleId=rule["Id"])
    quotas(world)


def new_rule(world: World, **members: Any) -> dict:
    request = {"CreatorRequestId": token(), "RuleType": "FORWARD", "TargetIps": TARGETS, **members}
    return world.aws.call("CreateResolverRule", **request)["ResolverRule"]


def create(world: World) -> dict:
    aws = world.aws
    endpoint = "rslvr-out-0123456789abcdef0"
    tags = [{"Key": "k", "Value": "v"}]
    rule = new_rule(
        world, CreatorRequestId="rule", DomainName="Corp.example", Name="corp", ResolverEndpointId=endpoint, Tags=tags
    )
    aws.equal(rule["DomainName"].lower(), "corp.example.", "domain of a rule")
    aws.equal(aws.call("GetResolverRule", ResolverRuleId=rule["Id"])["ResolverRule"], rule, "rule read back")
    aws.equal(aws.call("ListTagsForResource", ResourceArn=rule["Arn"])["Tags"], tags, "tags of a rule")
    system = new_rule(world, RuleType="SYSTEM", DomainName="sub.corp.example", TargetIps=None)
    delegation = new_rule(world, RuleType="DELEGATE", DelegationRecord="d.example", TargetIps=None)
    for made in (system, delegation):
        aws.call("DeleteResolverRule", ResolverRuleId=made["Id"])
    name = "CreateResolverRule"
    good = {"RuleType": "FORWARD", "DomainName": "c.example", "TargetIps": TARGETS}
    aws.refuse(EXISTS, name, CreatorRequestId="rule", **good)
    for wrong in (
        {"RuleType": "ALWAYS"}, {"Name": "a.b"}, {"Name": "8"}, {"DomainName": "a..b"}, {"DomainName": "d" * 257},
        {"TargetIps": []}, {"TargetIps": [{}]}, {"TargetIps": [{"Ip": "2001:db8::1"}]},
        {"TargetIps": [{"Ip": "192.0.2"}]},
        {"TargetIps": [{"Ip": "192.0.2.1", "Port": 65_536}]}, {"TargetIps": [{"Ip": "192.0.2.1", "Protocol": "DoT"}]},
        {"TargetIps": [{"Ip": "192.0.2.1", "Ipv6": "2001:db8::1"}]}, {"ResolverEndpointId": "e" * 65},
        {"CreatorRequestId": "c" * 256}, {"Tags": [{"Key": "aws:k", "Value": "v"}]},
    ):
        aws.refuse(PARAMETER, name, **{"CreatorRequestId": token(), **good, **wrong})
    for wrong in (
        {"RuleType": "RECURSIVE"}, {"RuleType": "SYSTEM"}, {"DomainName": None}, {"TargetIps": None},
        {"RuleType": "DELEGATE", "TargetIps": None},
    ):
        aws.refuse(REQUEST, name, **{"CreatorRequestId": token(), **good, **wrong})
    return rule


def answers_follow_the_rules(world: World) -> None:
    """The forwarding target gives 192.0.2.53 for every name, the usual upstream 192.0.2.1."""
    host, port = world.target.rsplit(":", 1)
    forward = new_rule(world, DomainName="far.example", TargetIps=[{"Ip": host, "Port": int(port)}])
    system = new_rule(world, RuleType="SYSTEM", DomainName="near.far.example", TargetIps=None)
    world.answer("www.far.example", PLAIN)
    for rule in (forward, system):
        world.aws.call("AssociateResolverRule", ResolverRuleId=rule["Id"], VPCId=world.vpc)
    world.answer("www.far.example", "A 192.0.2.53")
    world.answer("far.example", "A 192.0.2.53")
    world.answer("near.far.example", PLAIN)
    world.answer("www.far.example", PLAIN, vpc=1)
    world.aws.call("DisassociateResolverRule", ResolverRuleId=forward["Id"], VPCId=world.vpc)
    world.answer("www.far.example", PLAIN)
    world.aws.call("DisassociateResolverRule", ResolverRuleId=system["Id"], VPCId=world.vpc)
    for rule in (forward, system):
        world.aws.call("DeleteResolverRule", ResolverRuleId=rule["Id"])


def update(world: World, rule: dict) -> None:
    aws = world.aws
    key = {"ResolverRuleId": rule["Id"]}
    config = {"Name": "corp two", "TargetIps": TARGETS[:1]}
    changed = aws.call("UpdateResolverRule", Config=config, **key)["ResolverRule"]
    aws.equal((changed["Name"], len(changed["TargetIps"])), ("corp two", 1), "changed rule")
    for wrong in ({"Name": "a.b"}, {"TargetIps": []}, {"TargetIps": [{"Ip": "a.b.c.d"}]}):
        aws.refuse(PARAMETER, "UpdateResolverRule", Config=wrong, **key)
    aws.refuse(PARAMETER, "UpdateResolverRule", **key)
    aws.refuse(NOT_FOUND, "GetResolverRule", "00703", ResolverRuleId=NO_RULE)
    aws.refuse(NOT_FOUND, "UpdateResolverRule", "00703", ResolverRuleId=NO_RULE, Config=config)
    filters = [{"Name": "DomainName", "Values": ["corp.example."]}, {"Name": "TYPE", "Values": ["FORWARD"]}]
    aws.equal(aws.pages("ListResolverRules", "ResolverRules", 1, Filters=filters), [changed], "rules by filters")
    aws.refuse(PARAMETER, "ListResolverRules", Filters=[{"Name": "Colour", "Values": ["blue"]}])
    aws.refuse(PARAMETER, "ListResolverRules", MaxResults=101)
    aws.refuse(BAD_TOKEN, "ListResolverRules", NextToken="garbage")


def associations(world: World, rule: dict) -> None:
    aws = world.aws
    key = {"ResolverRuleId": rule["Id"], "VPCId": world.vpc}
    made = aws.call("AssociateResolverRule", Name="tie", **key)["ResolverRuleAssociation"]
    aws.equal(made["Status"], "CREATING", "new association")
    get = "GetResolverRuleAssociation"
    found = aws.call(get, ResolverRuleAssociationId=made["Id"])["ResolverRuleAssociation"]
    aws.equal(found["Status"], "COMPLETE", "association")
    aws.refuse(NOT_FOUND, get, ResolverRuleAssociationId="rslvr-rrassoc-0")
    aws.refuse(EXISTS, "AssociateResolverRule", **key)
    twin = new_rule(world, DomainName="corp.example")
    aws.refuse(REQUEST, "AssociateResolverRule", ResolverRuleId=twin["Id"], VPCId=world.vpc)
    aws.call("DeleteResolverRule", ResolverRuleId=twin["Id"])
    aws.refuse(NOT_FOUND, "AssociateResolverRule", **{**key, "VPCId": NO_VPC})
    for operation in ("AssociateResolverRule", "DisassociateResolverRule"):
        aws.refuse(NOT_FOUND, operation, "00703", **{**key, "ResolverRuleId": NO_RULE})
        aws.refuse(PARAMETER, operation, ResolverRuleId=rule["Id"])
    aws.refuse(PARAMETER, "AssociateResolverRule", **{**key, "Name": "1"})
    filters = [{"Name": "VPCId", "Values": [world.vpc]}]
    name = "ListResolverRuleAssociations"
    aws.equal(aws.pages(name, "ResolverRuleAssociations", 1, Filters=filters), [found], name)
    aws.refuse(PARAMETER, name, Filters=[{"Name": "Colour", "Values": ["blue"]}])
    aws.refuse(BAD_TOKEN, name, NextToken="garbage")
    aws.refuse(IN_USE, "DeleteResolverRule", ResolverRuleId=rule["Id"])
    gone = aws.call("DisassociateResolverRule", **key)["ResolverRuleAssociation"]
    aws.equal(gone["Status"], "DELETING", "removed association")
    aws.refuse(NOT_FOUND, "DisassociateResolverRule", **key)


def policies(world: World, rule: dict) -> None:
    aws = world.aws
    put, get, arn = "PutResolverRulePolicy", "GetResolverRulePolicy", rule["Arn"]
    aws.refuse(UNKNOWN, get, Arn=arn)
    aws.equal(aws.call(put, Arn=arn, ResolverRulePolicy=POLICY), {"ReturnValue": True}, put)
    aws.equal(aws.call(get, Arn=arn)["ResolverRulePolicy"], POLICY, get)
    aws.refuse("InvalidPolicyDocument", put, Arn=arn, ResolverRulePolicy="no JSON")
    aws.refuse(PARAMETER, put, Arn=arn, ResolverRulePolicy=" " * 30_001)
    aws.refuse(UNKNOWN, put, Arn=arn + "0", ResolverRulePolicy=POLICY)


def quotas(world: World) -> None:
    aws = world.aws
    request = {"RuleType": "FORWARD", "DomainName": "q.example"}
    targets = [{"Ip": f"192.0.2.{i}"} for i in range(7)]
    aws.refuse(LIMIT, "CreateResolverRule", CreatorRequestId=token(), TargetIps=targets, **request)
    limit = world.quotas["resolver_rules"]
    present = len(aws.pages("ListResolverRules", "ResolverRules", 100))
    rules = [new_rule(world, DomainName=f"r{i}.example") for i in range(limit - present)]
    aws.refuse(LIMIT, "CreateResolverRule", CreatorRequestId=token(), TargetIps=TARGETS, **request)
    for rule in rules:
        aws.call("DeleteResolverRule", ResolverRuleId=rule["Id"])
    limit = world.quotas["resolver_rule_associations"]
    rules = [new_rule(world, DomainName=f"q{i}.example")["Id"] for i in range(limit + 1)]
    for rule in rules[:limit]:
        aws.call("AssociateResolverRule", ResolverRuleId=rule, VPCId=world.vpc)
    aws.refuse(LIMIT, "AssociateResolverRule", ResolverRuleId=rules[limit], VPCId=world.vpc)
    for rule in rules[:limit]:
        aws.call("DisassociateResolverRule", ResolverRuleId=rule, VPCId=world.vpc)
    for rule in rules:
        aws.call("DeleteResolverRule", ResolverRuleId=rule)
