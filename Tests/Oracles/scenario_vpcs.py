"""Associations of rule groups, and what is set for each VPC."""

from checked_client import token
from scenario_world import (
    BAD_TOKEN, CONFLICT, INVALID, LIMIT, NO_GROUP, NO_VPC, NOT_FOUND, PARAMETER, WRONG_TYPE, World,
)

PLAIN = "A 192.0.2.1"
NO_ASSOCIATION = "rslvr-frgassoc-0000000000000000"


def run(world: World) -> None:
    answers_follow_associations(world)
    refuse_associations(world)
    listing(world)
    firewall_configs(world)
    resolver_configs(world)
    dnssec_configs(world)
    quota(world)


def answers_follow_associations(world: World) -> None:
    """Two groups judge one name; the association of lower priority decides."""
    aws = world.aws
    made = world.new_list("both.example")
    source = {"FirewallDomainListId": made["Id"]}
    blocking, alerting = world.new_group()["Id"], world.new_group()["Id"]
    world.new_rule(blocking, 1, "BLOCK", BlockResponse="NXDOMAIN", **source)
    world.new_rule(alerting, 1, "ALERT", **source)
    request = {"FirewallRuleGroupId": blocking, "VpcId": world.vpc, "Priority": 200, "Name": "block"}
    first = aws.call("AssociateFirewallRuleGroup", CreatorRequestId="association", **request)
    first = first["FirewallRuleGroupAssociation"]
    state = (first["Status"], first["StatusMessage"], first["MutationProtection"])
    aws.equal(state, ("UPDATING", "Creating Firewall Rule Group Association", "DISABLED"), "association")
    again = aws.call("AssociateFirewallRuleGroup", CreatorRequestId="association", **request)
    aws.equal(again["FirewallRuleGroupAssociation"]["Id"], first["Id"], "a repeated CreatorRequestId")
    world.answer("both.example", "NXDOMAIN")
    world.answer("both.example", PLAIN, vpc=1)
    key = {"FirewallRuleGroupAssociationId": first["Id"]}
    found = aws.call("GetFirewallRuleGroupAssociation", **key)["FirewallRuleGroupAssociation"]
    aws.equal(found["Status"], "COMPLETE", "association")
    world.associate(alerting, 101)
    world.answer("both.example", PLAIN)
    changed = aws.call("UpdateFirewallRuleGroupAssociation", Priority=9899, Name="last", **key)
    changed = changed["FirewallRuleGroupAssociation"]
    message = "Updating the Firewall Rule Group Association Attributes"
    aws.equal((changed["Status"], changed["StatusMessage"]), ("UPDATING", message), "changed association")
    aws.call("UpdateFirewallRuleGroupAssociation", Priority=102, **key)
    world.clear(alerting)
    world.answer("both.example", "NXDOMAIN")
    world.associate(blocking, 101, world.other_vpc)
    world.answer("both.example", "NXDOMAIN", vpc=1)
    aws.refuse(CONFLICT, "DeleteFirewallRuleGroup", FirewallRuleGroupId=blocking)
    gone = aws.call("DisassociateFirewallRuleGroup", **key)["FirewallRuleGroupAssociation"]
    state = (gone["Status"], gone["StatusMessage"])
    aws.equal(state, ("DELETING", "Deleting the Firewall Rule Group Association"), "removed association")
    world.answer("both.example", PLAIN)
    world.answer("both.example", "NXDOMAIN", vpc=1)
    for operation in ("GetFirewallRuleGroupAssociation", "DisassociateFirewallRuleGroup"):
        aws.refuse(NOT_FOUND, operation, "02025", **key)
    world.clear(blocking)
    world.delete(made)


def refuse_associations(world: World) -> None:
    aws = world.aws
    group, other = world.new_group()["Id"], world.new_group()["Id"]
    one = world.associate(group, 500, MutationProtection="ENABLED")
    request = {"FirewallRuleGroupId": other, "VpcId": world.vpc, "Priority": 600, "Name": "association"}
    for changes in (
        {"Priority": 500}, {"Name": "a.b"}, {"Name": "n" * 65}, {"MutationProtection": "ON"}, {"VpcId": ""},
        {"VpcId": "v" * 65}, {"FirewallRuleGroupId": "g" * 65}, {"Tags": [{"Key": "aws:k", "Value": "v"}]},
        {"Tags": [{"Key": f"k{i}", "Value": ""} for i in range(201)]}, {"CreatorRequestId": "c" * 256},
    ):
        aws.refuse(INVALID, "AssociateFirewallRuleGroup", **{"CreatorRequestId": token(), **request, **changes})
    for priority in (-1, 0, 100, 9900, 10_000):
        wrong = {**request, "Priority": priority}
        aws.refuse(INVALID, "AssociateFirewallRuleGroup", "02017", CreatorRequestId=token(), **wrong)
    same = {**request, "FirewallRuleGroupId": group}
    aws.refuse(INVALID, "AssociateFirewallRuleGroup", "02302", CreatorRequestId=token(), **same)
    for changes in ({"VpcId": NO_VPC}, {"FirewallRuleGroupId": NO_GROUP}):
        absent = {**request, **changes}
        aws.refuse(NOT_FOUND, "AssociateFirewallRuleGroup", "02025", CreatorRequestId=token(), **absent)
    aws.refuse(WRONG_TYPE, "AssociateFirewallRuleGroup", CreatorRequestId=token(), **{**request, "Priority": "101"})
    protection(world, {"FirewallRuleGroupAssociationId": one["Id"]})
    aws.refuse(NOT_FOUND, "UpdateFirewallRuleGroupAssociation", "02025", FirewallRuleGroupAssociationId=NO_ASSOCIATION)
    for gone in (group, other):
        world.clear(gone)


def protection(world: World, key: dict[str, str]) -> None:
    aws = world.aws
    update = "UpdateFirewallRuleGroupAssociation"
    aws.refuse(CONFLICT, update, Priority=700, **key)
    aws.refuse(CONFLICT, "DisassociateFirewallRuleGroup", **key)
    aws.call(update, MutationProtection="DISABLED", Priority=700, **key)
    for changes in ({"Name": "1"}, {"MutationProtection": "OFF"}, {"Priority": 100}):
        aws.refuse(INVALID, update, **changes, **key)
    found = aws.call("GetFirewallRuleGroupAssociation", **key)["FirewallRuleGroupAssociation"]
    aws.equal((found["Priority"], found["MutationProtection"]), (700, "DISABLED"), "after what was refused")


def listing(world: World) -> None:
    aws = world.aws
    group, other = world.new_group()["Id"], world.new_group()["Id"]
    world.associate(group, 300)
    world.associate(group, 300, world.other_vpc)
    world.associate(other, 400)
    name = "ListFirewallRuleGroupAssociations"
    for filters, count in (
        ({"FirewallRuleGroupId": group}, 2), ({"FirewallRuleGroupId": group, "VpcId": world.vpc}, 1),
        ({"VpcId": world.vpc, "Priority": 400}, 1), ({"FirewallRuleGroupId": group, "Priority": 301}, 0),
        ({"FirewallRuleGroupId": group, "Status": "COMPLETE"}, 2), ({"Status": "DELETING"}, 0),
    ):
        found = aws.pages(name, "FirewallRuleGroupAssociations", 1, **filters)
        aws.equal(len(found), count, f"associations by {filters}")
    for wrong in ({"Status": "GONE"}, {"MaxResults": 101}, {"NextToken": "garbage"}, {"VpcId": "v" * 65}):
        aws.refuse(INVALID, name, **wrong)
    for gone in (group, other):
        world.clear(gone)


def firewall_configs(world: World) -> None:
    """A chain of more than sixteen redirections has no verdict: SERVFAIL, unless the VPC fails open."""
    aws = world.aws
    group = world.new_group()["Id"]
    world.associate(group)
    world.answer("long.example", "SERVFAIL")
    before = aws.call("GetFirewallConfig", ResourceId=world.vpc)["FirewallConfig"]
    aws.equal(before["FirewallFailOpen"], "DISABLED", "default of a VPC")
    config = aws.call("UpdateFirewallConfig", ResourceId=world.vpc, FirewallFailOpen="ENABLED")["FirewallConfig"]
    aws.equal(config, {**before, "FirewallFailOpen": "ENABLED"}, "changed config")
    chain = ", ".join(f"CNAME hop{i}.example." for i in range(17))
    world.answer("long.example", f"{chain}, A 192.0.2.1")
    aws.expect(config in aws.pages("ListFirewallConfigs", "FirewallConfigs", 5), "the config is not listed")
    aws.call("UpdateFirewallConfig", ResourceId=world.vpc, FirewallFailOpen="DISABLED")
    world.answer("long.example", "SERVFAIL")
    aws.refuse(NOT_FOUND, "GetFirewallConfig", "02025", ResourceId=NO_VPC)
    aws.refuse(NOT_FOUND, "UpdateFirewallConfig", "02025", ResourceId=NO_VPC, FirewallFailOpen="ENABLED")
    aws.refuse(INVALID, "UpdateFirewallConfig", ResourceId=world.vpc, FirewallFailOpen="YES")
    for wrong in ({"MaxResults": 4}, {"MaxResults": 11}, {"NextToken": "garbage"}):
        aws.refuse(INVALID, "ListFirewallConfigs", **wrong)
    world.clear(group)


def resolver_configs(world: World) -> None:
    aws = world.aws
    config = {"ResourceId": world.vpc}
    for flag, during, after in (("DISABLE", "DISABLING", "DISABLED"), ("ENABLE", "ENABLING", "ENABLED")):
        changed = aws.call("UpdateResolverConfig", AutodefinedReverseFlag=flag, **config)["ResolverConfig"]
        aws.equal(changed["AutodefinedReverse"], during, "changed resolver config")
        found = aws.call("GetResolverConfig", **config)["ResolverConfig"]
        aws.equal(found, {**changed, "AutodefinedReverse": after}, "resolver config")
        world.answer("4.3.2.10.in-addr.arpa", "NXDOMAIN" if after == "ENABLED" else PLAIN, "PTR")
    listed = aws.pages("ListResolverConfigs", "ResolverConfigs", 5)
    aws.expect(found in listed, f"resolver configs: {listed}")
    aws.refuse(PARAMETER, "UpdateResolverConfig", AutodefinedReverseFlag="OFF", **config)
    aws.refuse(NOT_FOUND, "UpdateResolverConfig", AutodefinedReverseFlag="ENABLE", ResourceId=NO_VPC)
    aws.refuse(NOT_FOUND, "GetResolverConfig", ResourceId=NO_VPC)
    aws.refuse(PARAMETER, "ListResolverConfigs", MaxResults=4)
    aws.refuse(BAD_TOKEN, "ListResolverConfigs", NextToken="garbage")


def dnssec_configs(world: World) -> None:
    aws = world.aws
    config = {"ResourceId": world.vpc}
    listed: list = []
    for validation, during, after, count in (
        ("ENABLE", "ENABLING", "ENABLED", 1),
        ("USE_LOCAL_RESOURCE_SETTING", "UPDATING_TO_USE_LOCAL_RESOURCE_SETTING", "USE_LOCAL_RESOURCE_SETTING", 1),
        ("DISABLE", "DISABLING", "DISABLED", 0),
    ):
        changed = aws.call("UpdateResolverDnssecConfig", Validation=validation, **config)["ResolverDNSSECConfig"]
        aws.equal(changed["ValidationStatus"], during, "changed DNSSEC config")
        found = aws.call("GetResolverDnssecConfig", **config)["ResolverDNSSECConfig"]
        aws.equal(found["ValidationStatus"], after, "DNSSEC config")
        listed = aws.pages("ListResolverDnssecConfigs", "ResolverDnssecConfigs", 5)
        aws.equal(len(listed), count, "DNSSEC configs that are not disabled")
    aws.refuse(PARAMETER, "UpdateResolverDnssecConfig", Validation="OFF", **config)
    aws.refuse(NOT_FOUND, "UpdateResolverDnssecConfig", Validation="ENABLE", ResourceId=NO_VPC)
    aws.refuse(NOT_FOUND, "GetResolverDnssecConfig", ResourceId=NO_VPC)
    aws.refuse(PARAMETER, "ListResolverDnssecConfigs", MaxResults=101)
    aws.refuse(PARAMETER, "ListResolverDnssecConfigs", Filters=[{"Name": "Colour", "Values": ["blue"]}])
    aws.refuse(BAD_TOKEN, "ListResolverDnssecConfigs", NextToken="garbage")


def quota(world: World) -> None:
    limit = world.quotas["rule_groups_per_vpc"]
    groups = [world.new_group()["Id"] for _ in range(limit + 1)]
    for number, group in enumerate(groups[:limit]):
        world.associate(group, 101 + number)
    request = {"FirewallRuleGroupId": groups[limit], "VpcId": world.vpc, "Priority": 900, "Name": "one too many"}
    world.aws.refuse(LIMIT, "AssociateFirewallRuleGroup", CreatorRequestId=token(), **request)
    for group in groups:
        world.clear(group)
