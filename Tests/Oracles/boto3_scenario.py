"""Drives every operation of a running server through boto3, and meets every error, asking the resolver after each step.

usage: boto3_scenario.py DESCRIPTION

DESCRIPTION is a JSON object:
  api            URL of the API, at which nothing has been made yet
  vpcs           two VPCs that the server knows
  domain_files   prefix of URLs where there are
                 list.txt       a.example, *.b.example, c.example
                 large.txt      so many lines that reading them takes longer than a few calls; the last is no domain
  dns            ADDRESS:PORT of its resolver, if it has one (the upstream is described in Boto3Tests.swift)
  sources        a client's address in each of the two VPCs
  quotas         those that are to be reached, by their names in StoreQuotas
  template_list  id of a domain list that comes from a template
  is_signed      whether signatures are verified (key test, secret secret, us-east-1)

Answers and errors are held against botocore's model. Prints a line for each departure, for each answer that is not the
expected one, and for the operations of the model that were never called; exits 1 if there was any.
"""

import json
import sys
import traceback

import scenario_batches
import scenario_domain_lists
import scenario_protocol
import scenario_query_logging
import scenario_resolver_rules
import scenario_rules
import scenario_vpcs
from scenario_world import World

PARTS = [
    scenario_domain_lists, scenario_rules, scenario_batches, scenario_vpcs, scenario_query_logging,
    scenario_resolver_rules, scenario_protocol,
]


def main() -> int:
    world = World(json.loads(sys.argv[1]))
    for part in PARTS:
        try:
            part.run(world)
        except Exception:  # The other parts may still tell something.
            world.aws.problems.append(traceback.format_exc())
    has_foreign_lists = world.template_list or world.managed_list()
    return world.aws.report([] if has_foreign_lists else ["AccessDeniedException"])


if __name__ == "__main__":
    sys.exit(main())
