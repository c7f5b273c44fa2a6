"""What the parts of the boto3 scenario share: the client, the VPCs, the resolver, and small helpers."""

import json
from typing import Any

import dns_client
from checked_client import CheckedClient, token

INVALID, PARAMETER, REQUEST = "ValidationException", "InvalidParameterException", "InvalidRequestException"
NOT_FOUND, UNKNOWN, EXISTS = "ResourceNotFoundException", "UnknownResourceException", "ResourceExistsException"
CONFLICT, LIMIT, DENIED = "ConflictException", "LimitExceededException", "AccessDeniedException"
IN_USE, WRONG_TYPE, BAD_TOKEN = "ResourceInUseException", "SerializationException", "InvalidNextTokenException"

NO_LIST, NO_GROUP = "rslvr-fdl-0000000000000000", "rslvr-frg-0000000000000000"
NO_VPC = "vpc-99999999"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


class World:
    """A server, as its description says: see boto3_scenario.py."""

    def __init__(self, description: dict[str, Any]):
        self.api = description["api"]
        self.aws = CheckedClient(self.api)
        host, port = description["dns"].rsplit(":", 1)
        self.resolver = (host, int(port))
        self.target = description["target"]
        self.vpc, self.other_vpc = description["vpcs"]
        self.sources = description["sources"]
        self.domain_files = description["domain_files"]
        self.quotas = description["quotas"]
        self.is_signed = description["is_signed"]
        self._step = 0


    def answer(self, name: str, wanted: str, rrtype: str = "A", vpc: int = 0) -> None:
        """Expects an answer for a client of the first VPC, or of another one."""
        self._step += 1
        found = dns_client.ask(self.resolver, name, rrtype, self.sources[vpc])
        self.aws.equal(found, wanted, f"DNS step {self._step}: {name} {rrtype}")

    def new_list(self, *domains: str, name: str = "list") -> dict[str, Any]:
        made = self.aws.call("CreateFirewallDomainList", CreatorRequestId=token(), Name=name)["FirewallDomainList"]
        if domains:
            self.update(made["Id"], "ADD", *domains)
        return made

    def update(self, list_id: str, operation: str, *domains: str) -> dict[str, Any]:
        return self.aws.call(
            "UpdateFirewallDomains", FirewallDomainListId=list_id, Operation=operation, Domains=list(domains)
        )

    def new_group(self, name: str = "group") -> dict[str, Any]:
        return self.aws.call("CreateFirewallRuleGroup", CreatorRequestId=token(), Name=name)["FirewallRuleGroup"]

    def new_rule(self, group: str, priority: int, action: str, **more: Any) -> dict[str, Any]:
        members = self.rule(group, priority, action, **more)
        return self.aws.call("CreateFirewallRule", **members)["FirewallRule"]

    @staticmethod
    def rule(group: str, priority: int, action: str, **more: Any) -> dict[str, Any]:
        """The members of a rule that is to be made."""
        return {
            "CreatorRequestId": token(), "FirewallRuleGroupId": group, "Priority": priority, "Action": action,
            "Name": "rule", **more,
        }

    def associate(self, group: str, priority: int = 101, vpc: str | None = None, **more: Any) -> dict[str, Any]:
        return self.aws.call(
            "AssociateFirewallRuleGroup", CreatorRequestId=token(), FirewallRuleGroupId=group,
            VpcId=vpc or self.vpc, Priority=priority, Name="association", **more,
        )["FirewallRuleGroupAssociation"]

    def delete(self, *lists: dict[str, Any]) -> None:
        for made in lists:
            self.aws.call("DeleteFirewallDomainList", FirewallDomainListId=made["Id"])

    def clear(self, group: str) -> None:
        """Deletes a group with its associations and rules."""
        associations = self.aws.call("ListFirewallRuleGroupAssociations", FirewallRuleGroupId=group)
        for association in associations["FirewallRuleGroupAssociations"]:
            self.aws.call("DisassociateFirewallRuleGroup", FirewallRuleGroupAssociationId=association["Id"])
        for rule in self.aws.call("ListFirewallRules", FirewallRuleGroupId=group)["FirewallRules"]:
            names = ("FirewallRuleGroupId", "FirewallDomainListId", "FirewallThreatProtectionId", "Qtype")
            self.aws.call("DeleteFirewallRule", **{name: rule[name] for name in names if name in rule})
        self.aws.call("DeleteFirewallRuleGroup", FirewallRuleGroupId=group)
