"""Holds JSON against the shapes of botocore's model of the service."""

import re
from collections.abc import Iterator
from typing import Any

import botocore.session

KINDS = {"structure": dict, "list": list, "string": str, "integer": int, "boolean": bool}

model = botocore.session.get_session().get_service_model("route53resolver")
# Resolver endpoints and Outposts are machines in a VPC: there are none here.
left_out = [name for name in model.operation_names if "Endpoint" in name or "Outpost" in name]
operations = [name for name in model.operation_names if name not in left_out]


def departures(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Yields a line for each place where a value departs from its shape."""
    kind = KINDS[shape.type_name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"{path}: {value!r} is no {shape.type_name}"
    elif kind is dict:
        yield from of_structure(value, shape, path)
    elif kind is list:
        yield from of_length(value, shape, path)
        for index, member in enumerate(value):
            yield from departures(member, shape.member, f"{path}[{index}]")
    elif kind is str:
        yield from of_length(value, shape, path)
        yield from of_text(value, shape, path)
    elif kind is int:
        if not shape.metadata.get("min", value) <= value <= shape.metadata.get("max", value):
            yield f"{path}: {value} is out of range"


def of_structure(value: dict, shape: Any, path: str) -> Iterator[str]:
    for name, member in value.items():
        if name in shape.members:
            yield from departures(member, shape.members[name], f"{path}.{name}")
        else:
            yield f"{path}.{name}: not in the model"
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: missing"


def of_length(value: Any, shape: Any, path: str) -> Iterator[str]:
    if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", len(value)):
        yield f"{path}: {value!r} has the wrong length"


def of_text(value: str, shape: Any, path: str) -> Iterator[str]:
    pattern = shape.metadata.get("pattern")
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is not one of {shape.enum}"
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path}: {value!r} does not match {pattern}"
    if shape.name == "Rfc3339TimeString" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        yield f"{path}: {value!r} is no time"
