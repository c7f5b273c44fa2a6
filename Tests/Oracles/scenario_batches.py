"""Batches of rules, and the list of rule types."""

from scenario_world import INVALID, LIMIT, NO_LIST, NOT_FOUND, WRONG_TYPE, World

PLAIN = "A 192.0.2.1"


def run(world: World) -> None:
    answers_follow_batches(world)
    refuse_batches(world)
    rule_types(world)
    quota(world)


def answers_follow_batches(world: World) -> None:
    aws = world.aws
    lists = [world.new_list(f"b{i}.example") for i in range(3)]
    group = world.new_group()["Id"]
    world.associate(group)
    entries = [
        world.rule(group, i + 1, "BLOCK", BlockResponse="NXDOMAIN", FirewallDomainListId=made["Id"])
        for i, made in enumerate(lists)
    ]
    bad = world.rule(group, 8, "ALLOW", FirewallDomainListId=lists[0]["Id"], Qtype="NONE")
    absent = world.rule(group, 9, "ALLOW", FirewallDomainListId=NO_LIST)
    incomplete = world.rule(group, 10, "BLOCK", FirewallDomainListId=lists[0]["Id"], Qtype="A")
    answer = aws.call("BatchCreateFirewallRule", CreateFirewallRuleEntries=[bad, *entries, absent, incomplete])
    aws.equal([rule["Priority"] for rule in answer["CreatedFirewallRules"]], [1, 2, 3], "created rules")
    check_errors(world, answer["CreateErrors"], [(INVALID, bad), (NOT_FOUND, absent), (INVALID, incomplete)])
    for i in range(3):
        world.answer(f"b{i}.example", "NXDOMAIN")

    keys = [{name: entry[name] for name in ("FirewallRuleGroupId", "FirewallDomainListId")} for entry in entries]
    nothing = {**keys[0], "FirewallDomainListId": NO_LIST, "Action": "ALERT"}
    changes = [{**keys[0], "Action": "ALERT"}, {**keys[1], "BlockResponse": "NODATA"}, nothing]
    answer = aws.call("BatchUpdateFirewallRule", UpdateFirewallRuleEntries=changes)
    aws.equal([rule["Action"] for rule in answer["UpdatedFirewallRules"]], ["ALERT", "BLOCK"], "updated rules")
    check_errors(world, answer["UpdateErrors"], [(NOT_FOUND, nothing)])
    for i, wanted in enumerate((PLAIN, "NODATA", "NXDOMAIN")):
        world.answer(f"b{i}.example", wanted)

    answer = aws.call("BatchDeleteFirewallRule", DeleteFirewallRuleEntries=[*keys, keys[0]])
    aws.equal(len(answer["DeletedFirewallRules"]), 3, "deleted rules")
    check_errors(world, answer["DeleteErrors"], [(NOT_FOUND, keys[0])])
    for i in range(3):
        world.answer(f"b{i}.example", PLAIN)
    world.clear(group)
    world.delete(*lists)


def check_errors(world: World, errors: list[dict], wanted: list[tuple[str, dict]]) -> None:
    found = [(error["Code"], error["FirewallRule"]) for error in errors]
    world.aws.equal(found, wanted, "errors of a batch")
    world.aws.expect(all(error.get("Message") for error in errors), f"messages of a batch: {errors}")


def refuse_batches(world: World) -> None:
    aws = world.aws
    group = world.new_group()["Id"]
    for verb in ("Create", "Update", "Delete"):
        name, entries = f"Batch{verb}FirewallRule", f"{verb}FirewallRuleEntries"
        aws.refuse(INVALID, name)
        aws.refuse(INVALID, name, **{entries: []})
        aws.refuse(INVALID, name, **{entries: [{"FirewallDomainListId": NO_LIST}]})
        entry = {"FirewallRuleGroupId": group, "FirewallDomainListId": NO_LIST}
        if verb == "Create":
            entry = world.rule(group, 1, "ALLOW", FirewallDomainListId=NO_LIST)
        aws.refuse(INVALID, name, **{entries: [entry] * 101})
        aws.refuse(WRONG_TYPE, name, **{entries: [{"FirewallRuleGroupId": 7}]})
    world.clear(group)


def rule_types(world: World) -> None:
    """Each type that is listed makes a rule."""
    aws = world.aws
    group = world.new_group()["Id"]
    listed = aws.pages("ListFirewallRuleTypes", "FirewallRuleTypes", 2)
    aws.expect(listed, "no rule types")
    for priority, entry in enumerate(listed, 1):
        if entry["RuleType"] == "DnsThreatProtection":
            settings = {"Value": entry["Value"], "ConfidenceThreshold": "MEDIUM"}
        else:
            settings = {"Category": entry["Value"]}
        rule_type = {entry["RuleType"]: settings}
        rule = world.new_rule(group, priority, "ALERT", FirewallRuleType=rule_type)
        aws.equal(rule["FirewallRuleType"], rule_type, "rule type")
        key = {name: rule[name] for name in ("FirewallRuleGroupId", "FirewallThreatProtectionId")}
        other = {"FirewallAdvancedContentCategory": {"Category": "GAMBLING"}}
        aws.refuse(INVALID, "UpdateFirewallRule", **key, FirewallRuleType=other)
    kinds = {entry["RuleType"] for entry in listed}
    for kind in kinds:
        found = aws.pages("ListFirewallRuleTypes", "FirewallRuleTypes", 2, RuleType=kind)
        aws.equal(found, [entry for entry in listed if entry["RuleType"] == kind], f"rule types of {kind}")
    for wrong in ({"MaxResults": 101}, {"NextToken": "garbage"}, {"RuleType": "t" * 129}):
        aws.refuse(INVALID, "ListFirewallRuleTypes", **wrong)
    world.clear(group)


def quota(world: World) -> None:
    """Entries beyond the quota are refused, those before it stay."""
    limit = world.quotas["rules_per_group"]
    made, group = world.new_list(), world.new_group()["Id"]
    source = {"FirewallDomainListId": made["Id"]}
    for number in range(1, limit):
        world.new_rule(group, number, "ALLOW", Qtype=f"TYPE{number}", **source)
    entries = [world.rule(group, number, "ALLOW", Qtype=f"TYPE{number}", **source) for number in (limit, limit + 1)]
    answer = world.aws.call("BatchCreateFirewallRule", CreateFirewallRuleEntries=entries)
    check_errors(world, answer["CreateErrors"], [(LIMIT, entries[1])])
    world.clear(group)
    world.delete(made)
