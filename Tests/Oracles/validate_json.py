"""Validates JSON documents, one a line on standard input, by the schema whose path is given; prints what is wrong."""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
count = 0
for line in sys.stdin:
    count += 1
    for error in validator.iter_errors(json.loads(line)):
        print(f"{count}: {error.json_path}: {error.message}")
print(f"{count} documents")
