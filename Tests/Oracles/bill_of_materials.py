"""Holds a CycloneDX document on standard input against CycloneDX's own schema; prints what is wrong, and ends with 1 then."""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = sys.stdin.read()
version = SchemaVersion.from_version(json.loads(text)["specVersion"])
error = JsonStrictValidator(version).validate_str(text)
if error is not None:
    sys.exit(str(error))
