"""Compares the constraints of requests, as JSON on standard input, with botocore's model of the service.

Prints one line for each difference; exits 1 if there was any.
"""

import json
import sys

from service_model import model, operations

# The model leaves these open: a batch has to end somewhere.
OPEN = {"CreateFirewallRuleEntries", "UpdateFirewallRuleEntries", "DeleteFirewallRuleEntries"}
LARGEST = (1 << 63) - 1
problems = []


def compare(ours, shape, path):
    theirs = shape.metadata
    kind = {"string": "text", "integer": "integer", "list": "list", "structure": "structure"}[shape.type_name]
    if getattr(shape, "enum", []):
        if sorted(ours.get("choices", [])) != sorted(shape.enum):
            problems.append(f"{path}: {ours.get('choices')}, the model has {shape.enum}")
        return
    if ours["kind"] != kind:
        problems.append(f"{path}: {ours['kind']}, the model has {kind}")
        return
    if kind == "structure":
        compare_members(ours["members"], shape, path)
        return
    if kind == "list":
        compare(ours["element"], shape.member, f"{path}[]")
    if path.rsplit(".", 1)[-1] not in OPEN:
        for bound, default in (("min", 0), ("max", LARGEST)):
            own, other = ours.get(bound), theirs.get(bound, None if kind == "integer" else default)
            if own != other:
                problems.append(f"{path}: {bound} {own}, the model has {other}")
    if bool(ours.get("isName")) != ("pattern" in theirs):
        problems.append(f"{path}: pattern")


def compare_members(ours, shape, path):
    own = {member["name"]: member for member in ours}
    for name, member in shape.members.items():
        if name not in own:
            problems.append(f"{path}.{name}: missing")
            continue
        if own[name]["required"] != (name in shape.required_members):
            problems.append(f"{path}.{name}: required {own[name]['required']}")
        compare(own[name]["shape"], member, f"{path}.{name}")
    for name in own.keys() - shape.members.keys():
        problems.append(f"{path}.{name}: not in the model")


described = json.load(sys.stdin)
for name in operations:
    if name in described:
        compare_members(described[name], model.operation_model(name).input_shape, name)
    else:
        problems.append(f"{name}: missing")
print("\n".join(problems) or f"{len(operations)} operations agree")
sys.exit(1 if problems else 0)
