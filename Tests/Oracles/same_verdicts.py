"""Makes through boto3 what a template makes, and asks two resolvers the same: the template's and the API's.

usage: same_verdicts.py TEMPLATE DESCRIPTION

DESCRIPTION is a JSON object:
  api           URL of the second server's API, at which nothing has been made yet
  resolvers     ADDRESS:PORT of the server with the template, and of the one with the API
  vpcs          the second server's VPC by the logical id of the template's
  sources       addresses of clients, in each VPC and in none

Prints each question that the two answer otherwise, or what was asked; exits 1 if there was any, or if the template is
such that an answer of some kind never came.
"""

import itertools
import json
import random
import sys
from collections import Counter

import dns_client
from checked_client import CheckedClient, token
from template_reader import Template

LIST, GROUP, ASSOCIATION = "FirewallDomainList", "FirewallRuleGroup", "FirewallRuleGroupAssociation"
TYPES = ("A", "AAAA", "MX", "TXT", "HTTPS")
KINDS = ("NXDOMAIN", "NODATA", "CNAME", "A")
MAXIMUM_NAMES = 300


def create(aws: CheckedClient, template: Template) -> list[str]:
    """Makes lists, groups with their rules, and associations; returns the domains of the lists."""
    domains: list[str] = []
    for name in template.resources(LIST):
        properties = template.properties(name)
        made = aws.call("CreateFirewallDomainList", CreatorRequestId=token(), Name=properties["Name"])[LIST]
        template.ids[name] = made["Id"]
        entries = properties["Domains"]
        aws.call("UpdateFirewallDomains", FirewallDomainListId=made["Id"], Operation="ADD", Domains=entries)
        domains += entries
    for name in template.resources(GROUP):
        properties = template.properties(name)
        made = aws.call("CreateFirewallRuleGroup", CreatorRequestId=token(), Name=properties["Name"])[GROUP]
        template.ids[name] = made["Id"]
        for rule in properties["FirewallRules"]:
            key = {"CreatorRequestId": token(), "FirewallRuleGroupId": made["Id"], "Name": "rule"}
            aws.call("CreateFirewallRule", **key, **rule)
    for name in template.resources(ASSOCIATION):
        aws.call("AssociateFirewallRuleGroup", CreatorRequestId=token(), **template.properties(name))
    return domains


def names_around(domains: list[str]) -> list[str]:
    """The domains, what is above, below and beside them, and random names of their labels."""
    plain = sorted({domain.lower().strip("*.") for domain in domains} - {""})
    names = set(plain) | {"elsewhere.example", "example", "alias.example", "trusted.corp.example"}
    for name in plain:
        names |= {f"www.{name}", f"a.b.{name}", f"bad{name}", name.upper(), f"{name}.example", name.partition(".")[2]}
    labels = sorted({label for name in names for label in name.split(".") if label})
    chosen = random.Random(1)
    while len(names) < MAXIMUM_NAMES:
        names.add(".".join(chosen.choices(labels, k=chosen.randint(1, 4))))
    return sorted(names - {""})


def main() -> int:
    description = json.loads(sys.argv[2])
    aws = CheckedClient(description["api"])
    template = Template(sys.argv[1], description["vpcs"])
    names = names_around(create(aws, template))
    problems, kinds = aws.problems, Counter()
    servers = [(host, int(port)) for host, port in (text.rsplit(":", 1) for text in description["resolvers"])]
    for name, rrtype, source in itertools.product(names, TYPES, description["sources"]):
        answers = [dns_client.ask(server, name, rrtype, source) for server in servers]
        kinds[answers[0].split()[0]] += 1
        if answers[0] != answers[1]:
            problems.append(f"{name} {rrtype} from {source}: template {answers[0]}, API {answers[1]}")
    problems += [f"no answer is {kind}" for kind in KINDS if not kinds[kind]]
    print("\n".join(problems) or f"{kinds.total()} questions, answers: {dict(kinds)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
