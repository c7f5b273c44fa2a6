"""Prints AWS's schemas of CloudFormation resource types, as cfn-lint has them, as one JSON object by type.

usage: cloudformation_schemas.py TYPE...
"""

import json
import sys

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as schemas

json.dump({name: schemas.get_resource_schema("us-east-1", name).schema for name in sys.argv[1:]}, sys.stdout)
