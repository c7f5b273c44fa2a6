"""Drives the DNS firewall through boto3 and asks the resolver after each step.

usage: firewall_scenario.py API_URL DNS_HOST DNS_PORT

Prints one line a step, `STEP RCODE ADDRESSES`, for the test that runs it to compare.
"""

import socket
import struct
import sys
import uuid

import boto3
from botocore.config import Config

api, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = boto3.client(
    "route53resolver",
    endpoint_url=api,
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
    config=Config(retries={"max_attempts": 0}),
)


def ask(name):
    query = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0)
    for label in name.split("."):
        query += bytes([len(label)]) + label.encode()
    query += b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.settimeout(8)
        server.sendto(query, (host, port))
        answer = server.recv(4096)
    return answer[3] & 15, struct.unpack(">H", answer[6:8])[0]


def step(title):
    for name in ("ads.example", "x.ads.example"):
        rcode, answers = ask(name)
        print(title, name, rcode, answers)


def token():
    return str(uuid.uuid4())


step("before")
domains = client.create_firewall_domain_list(CreatorRequestId=token(), Name="ads")["FirewallDomainList"]["Id"]
client.update_firewall_domains(FirewallDomainListId=domains, Operation="ADD", Domains=["ads.example", "*.ads.example"])
group = client.create_firewall_rule_group(CreatorRequestId=token(), Name="rules")["FirewallRuleGroup"]["Id"]
rule = dict(FirewallRuleGroupId=group, FirewallDomainListId=domains)
client.create_firewall_rule(
    CreatorRequestId=token(), Priority=10, Action="BLOCK", BlockResponse="NXDOMAIN", Name="block", **rule
)
step("unassociated")
association = client.associate_firewall_rule_group(
    CreatorRequestId=token(), FirewallRuleGroupId=group, VpcId="vpc-00000000", Priority=101, Name="here"
)["FirewallRuleGroupAssociation"]["Id"]
step("blocked")
client.update_firewall_rule(Action="BLOCK", BlockResponse="NODATA", **rule)
step("nodata")
client.update_firewall_domains(FirewallDomainListId=domains, Operation="REMOVE", Domains=["*.ads.example."])
step("removed")
client.disassociate_firewall_rule_group(FirewallRuleGroupAssociationId=association)
client.delete_firewall_rule(**rule)
client.delete_firewall_rule_group(FirewallRuleGroupId=group)
client.delete_firewall_domain_list(FirewallDomainListId=domains)
step("deleted")
