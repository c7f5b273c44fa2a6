"""Judges a SARIF log: the properties that SARIF 2.1.0 knows and requires, and the findings that the JSON report has.

usage: sarif_check.py REPORT <LOG
"""

import json
import re
import sys
import urllib.parse

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
POSITIVE = {"type": "integer", "minimum": 1}
PHYSICAL = {
    "type": "object",
    "required": ["artifactLocation"],
    "additionalProperties": False,
    "properties": {
        "artifactLocation": {
            "type": "object",
            "required": ["uri"],
            "additionalProperties": False,
            "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~%-]+$"}},
        },
        "region": {
            "type": "object",
            "required": ["startLine"],
            "additionalProperties": False,
            "properties": {"startLine": POSITIVE, "startColumn": POSITIVE},
        },
    },
}
LOCATION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"physicalLocation": PHYSICAL, "logicalLocations": {"type": "array", "minItems": 1}},
}
RESULT = {
    "type": "object",
    "required": ["message", "ruleId", "level", "locations"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION, "minItems": 1},
        "relatedLocations": {"type": "array", "items": LOCATION},
    },
}
RULE = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z-]+$"},
        "shortDescription": TEXT,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}, "additionalProperties": False},
    },
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "items": RULE},
    },
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "additionalProperties": False,
    "properties": {
        "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": RUN},
    },
}


KINDS = {"object": dict, "array": list, "string": str, "integer": int}


def validate(value, schema, path="log"):
    """The part of JSON Schema that is used above."""
    kind = schema.get("type")
    assert kind is None or isinstance(value, KINDS[kind]), f"{path} is no {kind}"
    assert "const" not in schema or value == schema["const"], f"{path} is {value}"
    assert value in schema.get("enum", [value]), f"{path} is {value}"
    if kind == "object":
        properties = schema.get("properties", {})
        missing = set(schema.get("required", [])) - set(value)
        unknown = set(value) - set(properties) if not schema.get("additionalProperties", True) else set()
        assert not missing and not unknown, f"{path} lacks {missing}, and has {unknown}"
        for name in set(value) & set(properties):
            validate(value[name], properties[name], f"{path}.{name}")
    elif kind == "array":
        assert len(value) >= schema.get("minItems", 0), f"{path} is empty"
        for number, item in enumerate(value):
            validate(item, schema.get("items", {}), f"{path}[{number}]")
    elif kind == "string":
        assert len(value) >= schema.get("minLength", 0), f"{path} is empty"
        assert re.search(schema.get("pattern", ""), value), f"{path} is {value}"
    elif kind == "integer":
        assert value >= schema.get("minimum", value), f"{path} is {value}"


def place(location):
    """File name and line, as the report has them."""
    physical = location["physicalLocation"]
    name = urllib.parse.unquote(physical["artifactLocation"]["uri"]).split("/")[-1]
    return name, physical.get("region", {}).get("startLine"), physical.get("region", {}).get("startColumn")


def main():
    report, log = json.loads(sys.argv[1]), json.load(sys.stdin)
    validate(log, LOG)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    told = []
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"], result
        told.append((result["ruleId"], result["level"], result["message"]["text"], *place(result["locations"][0])))
    expected = [
        (finding["id"], finding["level"], finding["message"], finding["file"].split("/")[-1], finding.get("line"),
         finding.get("column"))
        for finding in report["findings"]
    ]
    assert len(rules) == len(set(rules)), rules
    assert told == expected, (told, expected)


main()
