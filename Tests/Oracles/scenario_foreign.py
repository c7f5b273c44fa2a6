"""What the API shows and may not change: AWS's managed lists, and what comes from a template."""

from scenario_world import DENIED, World

MANAGED = {
    "AWSManagedDomainsMalwareDomainList", "AWSManagedDomainsBotnetCommandandControl",
    "AWSManagedDomainsAggregateThreatList", "AWSManagedDomainsAmazonGuardDutyThreatList",
}
CONTROL = "controldomain1.malwarelist.firewall.route53resolver.us-east-1.amazonaws.com"


def run(world: World) -> None:
    """To be run before anything is made: then whatever is there is foreign."""
    lists = world.aws.pages("ListFirewallDomainLists", "FirewallDomainLists", 2)
    managed = [entry for entry in lists if entry.get("ManagedOwnerName")]
    managed_lists(world, managed)
    own = [entry for entry in lists if entry not in managed]
    world.aws.equal([entry["Name"] for entry in own], ["foreign"], "the template's list")
    for entry in lists:
        refuse_list(world, entry["Id"])
    groups(world)
    others(world)


def managed_lists(world: World, lists: list[dict]) -> None:
    aws = world.aws
    aws.equal({entry["Name"] for entry in lists}, MANAGED, "managed lists")
    for entry in lists:
        aws.equal(entry["ManagedOwnerName"], "Route 53 Resolver DNS Firewall", "owner of a managed list")
        aws.equal(entry["CreatorRequestId"], entry["Name"], "CreatorRequestId of a managed list")
        aws.refuse(DENIED, "ListFirewallDomains", FirewallDomainListId=entry["Id"])
    malware = next(entry["Id"] for entry in lists if "Malware" in entry["Name"])
    world.answer(CONTROL, "A 1.2.3.4")
    group = world.new_group()["Id"]
    world.new_rule(group, 1, "BLOCK", BlockResponse="NXDOMAIN", FirewallDomainListId=malware)
    world.associate(group)
    world.answer(CONTROL, "NXDOMAIN")
    world.clear(group)
    world.answer(CONTROL, "A 1.2.3.4")


def refuse_list(world: World, identifier: str) -> None:
    key = {"FirewallDomainListId": identifier}
    url = world.domain_files + "list.txt"
    world.aws.refuse(DENIED, "UpdateFirewallDomains", Operation="ADD", Domains=["a.example"], **key)
    world.aws.refuse(DENIED, "ImportFirewallDomains", Operation="REPLACE", DomainFileUrl=url, **key)
    world.aws.refuse(DENIED, "DeleteFirewallDomainList", **key)


def groups(world: World) -> None:
    aws = world.aws
    group = aws.call("ListFirewallRuleGroups")["FirewallRuleGroups"][0]
    rule = aws.call("ListFirewallRules", FirewallRuleGroupId=group["Id"])["FirewallRules"][0]
    key = {name: rule[name] for name in ("FirewallRuleGroupId", "FirewallDomainListId")}
    world.answer("foreign.example", "NXDOMAIN", vpc=1)
    aws.refuse(DENIED, "CreateFirewallRule", **world.rule(group["Id"], 2, "ALLOW", **key, Qtype="A"))
    aws.refuse(DENIED, "UpdateFirewallRule", Action="ALERT", **key)
    aws.refuse(DENIED, "DeleteFirewallRule", **key)
    aws.refuse(DENIED, "DeleteFirewallRuleGroup", FirewallRuleGroupId=group["Id"])
    aws.refuse(DENIED, "TagResource", ResourceArn=group["Arn"], Tags=[{"Key": "k", "Value": "v"}])
    aws.refuse(DENIED, "PutFirewallRuleGroupPolicy", Arn=group["Arn"], FirewallRuleGroupPolicy="{}")
    association = aws.call("ListFirewallRuleGroupAssociations")["FirewallRuleGroupAssociations"][0]
    key = {"FirewallRuleGroupAssociationId": association["Id"]}
    aws.refuse(DENIED, "UpdateFirewallRuleGroupAssociation", Priority=101, **key)
    aws.refuse(DENIED, "DisassociateFirewallRuleGroup", **key)
    world.associate(group["Id"])
    world.answer("foreign.example", "NXDOMAIN")
    own = aws.call("ListFirewallRuleGroupAssociations", VpcId=world.vpc)["FirewallRuleGroupAssociations"][0]
    aws.call("DisassociateFirewallRuleGroup", FirewallRuleGroupAssociationId=own["Id"])


def others(world: World) -> None:
    aws = world.aws
    config = aws.call("ListResolverQueryLogConfigs")["ResolverQueryLogConfigs"][0]
    aws.refuse(DENIED, "DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=config["Id"])
    rule = aws.call("ListResolverRules")["ResolverRules"][0]
    aws.refuse(DENIED, "UpdateResolverRule", ResolverRuleId=rule["Id"], Config={"Name": "own"})
    aws.refuse(DENIED, "DeleteResolverRule", ResolverRuleId=rule["Id"])
