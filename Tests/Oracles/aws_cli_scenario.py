"""Drives every operation of a running server through the AWS CLI, and asks the resolver after what changes answers.

usage: aws_cli_scenario.py DESCRIPTION

DESCRIPTION is that of boto3_scenario.py, with a resolver. Prints what is wrong; exits 1 if there was anything.
"""

import json
import sys
import traceback
from typing import Any

import dns_client
from aws_cli import AWSCLI
from scenario_world import (
    BAD_TOKEN, CONFLICT, EXISTS, IN_USE, INVALID, NO_GROUP, NO_LIST, NO_VPC, NOT_FOUND, PARAMETER, POLICY, REQUEST,
    UNKNOWN,
)
from service_model import operations

PLAIN = "A 192.0.2.1"
BUCKET = "arn:aws:s3:::bucket"
TARGETS = [{"Ip": "192.0.2.1", "Port": 53}]


class Scenario:
    """One step after the other; each leaves what it has made to those that follow."""

    def __init__(self, description: dict[str, Any]):
        self.cli = AWSCLI(description["api"])
        self.vpc = description["vpcs"][0]
        self.resolver = description["dns"].rsplit(":", 1)
        self.list_url = description["domain_files"] + "list.txt"

    def run(self) -> None:
        self.create()
        self.change()
        self.batches()
        self.create_neighbours()
        self.read()
        self.refuse()
        self.delete()

    def answer(self, name: str, wanted: str) -> None:
        found = dns_client.ask((self.resolver[0], int(self.resolver[1])), name)
        self.cli.equal(found, wanted, f"answer for {name}")

    def create(self) -> None:
        call = self.cli.call
        self.answer("ads.example", PLAIN)
        tags = [{"Key": "team", "Value": "dns"}]
        made = call("CreateFirewallDomainList", Name="ads", Tags=tags)["FirewallDomainList"]
        self.list_id, self.list_arn = made["Id"], made["Arn"]
        group = call("CreateFirewallRuleGroup", Name="rules")["FirewallRuleGroup"]
        self.group, self.group_arn = group["Id"], group["Arn"]
        self.list_key = {"FirewallDomainListId": self.list_id}
        self.rule_key = {"FirewallRuleGroupId": self.group, **self.list_key}
        domains = ["ads.example", "*.ads.example"]
        call("UpdateFirewallDomains", Operation="ADD", Domains=domains, **self.list_key)
        rule = {"Priority": 10, "Action": "BLOCK", "BlockResponse": "NXDOMAIN", "Name": "block"}
        call("CreateFirewallRule", **self.rule_key, **rule)
        self.answer("ads.example", PLAIN)
        association = call(
            "AssociateFirewallRuleGroup", FirewallRuleGroupId=self.group, VpcId=self.vpc, Priority=101, Name="here"
        )["FirewallRuleGroupAssociation"]
        self.association = {"FirewallRuleGroupAssociationId": association["Id"]}
        self.answer("ads.example", "NXDOMAIN")
        self.answer("x.ads.example", "NXDOMAIN")

    def change(self) -> None:
        call = self.cli.call
        target = {"BlockOverrideDomain": "portal.example", "BlockOverrideDnsType": "CNAME", "BlockOverrideTtl": 60}
        call("UpdateFirewallRule", BlockResponse="OVERRIDE", **target, **self.rule_key)
        self.answer("ads.example", "CNAME portal.example., A 192.0.2.80")
        call("UpdateFirewallRule", BlockResponse="NODATA", **self.rule_key)
        self.answer("ads.example", "NODATA")
        call("UpdateFirewallDomains", Operation="REMOVE", Domains=["*.ads.example."], **self.list_key)
        self.answer("x.ads.example", PLAIN)
        call("ImportFirewallDomains", Operation="REPLACE", DomainFileUrl=self.list_url, **self.list_key)
        for _ in range(20):
            state = call("GetFirewallDomainList", **self.list_key)["FirewallDomainList"]
            if state["Status"] != "IMPORTING":
                break
        self.cli.equal((state["Status"], state["DomainCount"]), ("COMPLETE", 3), "import")
        self.answer("ads.example", PLAIN)
        self.answer("a.example", "NODATA")
        call("UpdateFirewallRuleGroupAssociation", Priority=200, Name="there", **self.association)
        call("UpdateFirewallConfig", ResourceId=self.vpc, FirewallFailOpen="ENABLED")
        self.answer("a.example", "NODATA")

    def batches(self) -> None:
        call = self.cli.call
        key = {**self.rule_key, "Qtype": "MX"}
        rule = {**key, "CreatorRequestId": "batch", "Priority": 20, "Action": "ALLOW", "Name": "mail"}
        again = {**rule, "CreatorRequestId": "again"}
        answer = call("BatchCreateFirewallRule", CreateFirewallRuleEntries=[rule, again])
        self.cli.equal((len(answer["CreatedFirewallRules"]), len(answer["CreateErrors"])), (1, 1), "created")
        answer = call("BatchUpdateFirewallRule", UpdateFirewallRuleEntries=[{**key, "Action": "ALERT"}])
        self.cli.equal(answer["UpdatedFirewallRules"][0]["Action"], "ALERT", "updated")
        answer = call("BatchDeleteFirewallRule", DeleteFirewallRuleEntries=[key])
        self.cli.equal(len(answer["DeletedFirewallRules"]), 1, "deleted")

    def create_neighbours(self) -> None:
        """Query logging, resolver rules, configs, tags, policies."""
        call = self.cli.call
        log = call("CreateResolverQueryLogConfig", Name="log", DestinationArn=BUCKET)["ResolverQueryLogConfig"]
        self.log, self.log_arn = {"ResolverQueryLogConfigId": log["Id"]}, log["Arn"]
        forward = {"RuleType": "FORWARD", "DomainName": "corp.example", "TargetIps": TARGETS}
        rule = call("CreateResolverRule", CreatorRequestId="rule", **forward)["ResolverRule"]
        self.rule, self.rule_arn = {"ResolverRuleId": rule["Id"]}, rule["Arn"]
        made = self.cli.each(call, [
            ("AssociateResolverQueryLogConfig", {**self.log, "ResourceId": self.vpc}),
            ("AssociateResolverRule", {**self.rule, "VPCId": self.vpc}),
            ("UpdateResolverRule", {**self.rule, "Config": {"Name": "corp"}}),
            ("UpdateResolverConfig", {"ResourceId": self.vpc, "AutodefinedReverseFlag": "DISABLE"}),
            ("UpdateResolverDnssecConfig", {"ResourceId": self.vpc, "Validation": "ENABLE"}),
            ("TagResource", {"ResourceArn": self.list_arn, "Tags": [{"Key": "a", "Value": "b"}]}),
            ("PutFirewallRuleGroupPolicy", {"Arn": self.group_arn, "FirewallRuleGroupPolicy": POLICY}),
            ("PutResolverQueryLogConfigPolicy", {"Arn": self.log_arn, "ResolverQueryLogConfigPolicy": POLICY}),
            ("PutResolverRulePolicy", {"Arn": self.rule_arn, "ResolverRulePolicy": POLICY}),
        ])
        self.log_tie = made[0]["ResolverQueryLogConfigAssociation"]["Id"]
        self.rule_tie = made[1]["ResolverRuleAssociation"]["Id"]

    def read(self) -> None:
        """What reads, and how many entries the lists have, the template's with them; the CLI puts pages together."""
        vpc, pages = {"ResourceId": self.vpc}, {"PageSize": 1}
        reads = [
            ("ListFirewallDomains", {**self.list_key, **pages}, 3),
            ("ListFirewallRules", {"FirewallRuleGroupId": self.group, **pages}, 1),
            ("ListTagsForResource", {"ResourceArn": self.list_arn, **pages}, 2), ("ListFirewallRuleTypes", {}, None),
            ("ListFirewallDomainLists", pages, None), ("ListFirewallRuleGroups", pages, None),
            ("ListFirewallRuleGroupAssociations", pages, 2), ("ListFirewallConfigs", {"PageSize": 5}, None),
            ("ListResolverConfigs", {"PageSize": 5}, None), ("ListResolverDnssecConfigs", pages, 1),
            ("ListResolverQueryLogConfigs", pages, 2), ("ListResolverQueryLogConfigAssociations", pages, 1),
            ("ListResolverRules", pages, 2), ("ListResolverRuleAssociations", pages, 1),
            ("GetFirewallRuleGroup", {"FirewallRuleGroupId": self.group}, None),
            ("GetFirewallRuleGroupAssociation", self.association, None), ("GetFirewallConfig", vpc, None),
            ("GetFirewallRuleGroupPolicy", {"Arn": self.group_arn}, None), ("GetResolverConfig", vpc, None),
            ("GetResolverDnssecConfig", vpc, None), ("GetResolverQueryLogConfig", self.log, None),
            ("GetResolverQueryLogConfigAssociation", {"ResolverQueryLogConfigAssociationId": self.log_tie}, None),
            ("GetResolverQueryLogConfigPolicy", {"Arn": self.log_arn}, None), ("GetResolverRule", self.rule, None),
            ("GetResolverRuleAssociation", {"ResolverRuleAssociationId": self.rule_tie}, None),
            ("GetResolverRulePolicy", {"Arn": self.rule_arn}, None),
        ]
        answers = self.cli.each(self.cli.call, [read[:2] for read in reads])
        for (operation, _, count), answer in zip(reads, answers):
            found = next(len(value) for value in answer.values() if isinstance(value, (list, dict, str)))
            if count is not None:
                self.cli.equal(found, count, operation)


    def refuse(self) -> None:
        """One of each error; nothing of it changes an answer."""
        rule = {**self.rule_key, "Name": "r", "Priority": 30}
        tie = {"FirewallRuleGroupId": self.group, "VpcId": self.vpc, "Name": "a"}
        log = {"Name": "log", "DestinationArn": BUCKET}
        domains = {"Operation": "ADD", "Domains": ["a.*.example"]}
        rule_tie = {**self.rule, "VPCId": self.vpc}
        tags = [{"Key": "aws:a", "Value": ""}]
        self.cli.each(self.cli.refuse, [
            (INVALID, "CreateFirewallDomainList", {"Name": "a.b"}),
            (INVALID, "UpdateFirewallDomains", {**self.list_key, **domains}),
            (INVALID, "CreateFirewallRule", {**rule, "Action": "BLOCK", "Qtype": "A"}),
            (INVALID, "AssociateFirewallRuleGroup", {**tie, "Priority": 100}),
            (NOT_FOUND, "GetFirewallDomainList", {"FirewallDomainListId": NO_LIST}),
            (NOT_FOUND, "ListFirewallRules", {"FirewallRuleGroupId": NO_GROUP}),
            (NOT_FOUND, "UpdateFirewallConfig", {"ResourceId": NO_VPC, "FirewallFailOpen": "ENABLED"}),
            (CONFLICT, "DeleteFirewallDomainList", self.list_key),
            (CONFLICT, "DeleteFirewallRuleGroup", {"FirewallRuleGroupId": self.group}),
            (PARAMETER, "CreateResolverQueryLogConfig", {**log, "DestinationArn": "arn:aws:sqs:::q"}),
            (PARAMETER, "UpdateResolverConfig", {"ResourceId": self.vpc, "AutodefinedReverseFlag": "OFF"}),
            (REQUEST, "DeleteResolverQueryLogConfig", self.log),
            (EXISTS, "AssociateResolverRule", rule_tie),
            (IN_USE, "DeleteResolverRule", self.rule),
            (UNKNOWN, "GetResolverRulePolicy", {"Arn": self.rule_arn + "0"}),
            (BAD_TOKEN, "ListResolverRules", {"NextToken": "garbage"}),
            ("InvalidPolicyDocument", "PutResolverRulePolicy", {"Arn": self.rule_arn, "ResolverRulePolicy": "x"}),
            ("InvalidTagException", "TagResource", {"ResourceArn": self.list_arn, "Tags": tags}),
            ("UnknownOperationException", "ListResolverEndpoints", {}),
        ])
        self.answer("a.example", "NODATA")

    def delete(self) -> None:
        call, each = self.cli.call, self.cli.each
        call("DisassociateFirewallRuleGroup", **self.association)
        self.answer("a.example", PLAIN)
        each(call, [
            ("DeleteFirewallRule", self.rule_key), ("UntagResource", {"ResourceArn": self.list_arn, "TagKeys": ["a"]}),
            ("DisassociateResolverQueryLogConfig", {**self.log, "ResourceId": self.vpc}),
            ("DisassociateResolverRule", {**self.rule, "VPCId": self.vpc}),
        ])
        each(call, [
            ("DeleteFirewallRuleGroup", {"FirewallRuleGroupId": self.group}),
            ("DeleteFirewallDomainList", self.list_key), ("DeleteResolverQueryLogConfig", self.log),
            ("DeleteResolverRule", self.rule),
        ])
        self.answer("a.example", PLAIN)


def main() -> int:
    scenario = Scenario(json.loads(sys.argv[1]))
    cli = scenario.cli
    try:
        scenario.run()
    except Exception:  # What was found before that may tell why.
        cli.problems.append(traceback.format_exc())
    cli.equal([name for name in operations if name not in cli.called], [], "never called")
    print("\n".join(cli.problems) or f"{len(cli.called)} operations")
    return 1 if cli.problems else 0


if __name__ == "__main__":
    sys.exit(main())
