"""Drives every operation of a running server through boto3, and meets every error, asking the resolver after each step.

usage: boto3_scenario.py DESCRIPTION

DESCRIPTION is a JSON object:
  api           URL of the API; the server has Tests/Templates/foreign.yaml, and nothing has been made yet
  dns           ADDRESS:PORT of the resolver; its upstream is described in APITests.swift
  target        ADDRESS:PORT of an upstream for resolver rules, which gives 192.0.2.53 for every name
  vpcs          two VPCs
  sources       a client's address in each of them
  domain_files  prefix of URLs where there are
                list.txt       a.example, *.b.example, c.example
                large.txt      so many lines that reading them takes longer than a few calls; the last is no domain
  quotas        the quotas that the configuration gives, all of them small
  is_signed     whether signatures are verified (key test, secret secret, us-east-1)

Answers and errors are held against botocore's model. Prints a line for each departure, for each answer that is not the
expected one, and for the operations of the model that were never called; exits 1 if there was any.
"""

import json
import sys
import traceback

import scenario_batches
import scenario_domain_lists
import scenario_foreign
import scenario_protocol
import scenario_query_logging
import scenario_resolver_rules
import scenario_rules
import scenario_vpcs
from scenario_world import World

PARTS = [
    scenario_foreign, scenario_domain_lists, scenario_rules, scenario_batches, scenario_vpcs, scenario_query_logging,
    scenario_resolver_rules, scenario_protocol,
]


def main() -> int:
    world = World(json.loads(sys.argv[1]))
    for part in PARTS:
        try:
            part.run(world)
        except Exception:  # The other parts may still tell something.
            world.aws.problems.append(traceback.format_exc())
    return world.aws.report()


if __name__ == "__main__":
    sys.exit(main())
