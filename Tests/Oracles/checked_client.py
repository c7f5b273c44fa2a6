"""boto3's client for the API; what comes back, answers and errors both, is held against botocore's own model."""

import json
import os
import re
import uuid
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from service_model import departures, model, operations

# What every service may answer with, so that no operation models it.
COMMON = {"AccessDeniedException", "SerializationException", "UnknownOperationException", "ValidationException"}
AUTHENTICATION = {
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}
# Failures of the server itself, limits of rate that it does not have, and endpoints that it does not have.
NOT_PROVOKED = {"InternalServiceErrorException", "ThrottlingException", "ResourceUnavailableException"}
TRACE = r'\[RSLVR-\d{5}\] .* Trace Id: "1-[0-9a-f]{8}-[0-9a-f]{24}"'

os.environ["NO_PROXY"] = "*"


def token() -> str:
    return str(uuid.uuid4())


class CheckedClient:
    """Calls operations by their API names, with no checks of its own before they are sent."""

    def __init__(self, endpoint: str, **options: Any):
        defaults = {
            "aws_access_key_id": "test",
            "aws_secret_access_key": "secret",
            "region_name": "us-east-1",
            "config": Config(),
        }
        arguments = {**defaults, **options, "endpoint_url": endpoint}
        unchecked = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        arguments["config"] = arguments["config"].merge(unchecked)
        self.client = boto3.client("route53resolver", **arguments)
        self.client.meta.events.register("before-parse.route53resolver", self._keep)
        self.problems: list[str] = []
        self.called: set[str] = set()
        self.codes: set[str] = set()
        self._last: dict[str, Any] = {}

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Returns the answer of an operation that has to succeed."""
        answer = self._send(operation, arguments)
        self.called.add(operation)
        self._check_head(operation, 200)
        output = model.operation_model(operation).output_shape
        self.problems += departures(json.loads(self._last["body"]), output, operation)
        answer.pop("ResponseMetadata")
        return answer

    def refuse(self, code: str, operation: str, number: str | None = None, **arguments: Any) -> None:
        """Calls an operation that has to fail with `code`, its message beginning with AWS's number if there is one."""
        shown = f"{operation}({json.dumps(arguments)[:200]})"
        try:
            self._send(operation, arguments)
        except ClientError as error:
            found = error.response["Error"]
            if found["Code"] == code:
                self._check_error(operation, shown, code, number)
            else:
                self.problems.append(f"{shown}: {found['Code']} {found['Message']!r}, wanted {code}")
        else:
            self.problems.append(f"{shown}: no error, wanted {code}")

    def pages(self, operation: str, name: str, size: int, **arguments: Any) -> list[Any]:
        """Returns all of a listing, read in pages of `size`."""
        items: list[Any] = []
        more: dict[str, str] = {}
        for _ in range(10_000):
            answer = self.call(operation, MaxResults=size, **arguments, **more)
            page = answer[name]
            items += page
            if "NextToken" not in answer:
                self.expect(len(page) <= size, f"{operation}: a page of {len(page)}")
                return items
            self.expect(len(page) == size, f"{operation}: {len(page)} of {size}, and more to come")
            more = {"NextToken": answer["NextToken"]}
        raise RuntimeError(f"{operation}: the listing does not end")

    def expect(self, condition: object, text: str) -> None:
        if not condition:
            self.problems.append(text)

    def equal(self, found: object, wanted: object, text: str) -> None:
        self.expect(found == wanted, f"{text}: {found!r}, wanted {wanted!r}")

    def report(self) -> int:
        """Prints what was wrong, operations never called and errors never met included; returns the exit status."""
        uncalled = [name for name in operations if name not in self.called]
        self.expect(not uncalled, f"never called: {', '.join(uncalled)}")
        shapes = {shape.name for name in operations for shape in model.operation_model(name).error_shapes}
        unmet = shapes - self.codes - NOT_PROVOKED
        self.expect(not unmet, f"never met: {', '.join(unmet)}")
        print("\n".join(self.problems) or f"{len(self.called)} operations, {len(self.codes)} errors")
        return 1 if self.problems else 0

    def _send(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Arguments that are None are left out."""
        present = {name: value for name, value in arguments.items() if value is not None}
        return getattr(self.client, xform_name(operation))(**present)

    def _keep(self, response_dict: dict[str, Any], **_: Any) -> None:
        self._last = response_dict

    def _check_head(self, shown: str, status: int) -> None:
        headers = self._last["headers"]
        self.equal(self._last["status_code"], status, f"{shown}: status")
        self.equal(headers.get("content-type"), "application/x-amz-json-1.1", f"{shown}: content type")
        identifier = headers.get("x-amzn-requestid", "")
        self.expect(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier), f"{shown}: no request id")

    def _check_error(self, operation: str, shown: str, code: str, number: str | None) -> None:
        self._check_head(shown, 403 if code in AUTHENTICATION else 400)
        self.equal(self._last["headers"].get("x-amzn-errortype"), code, f"{shown}: header")
        body = json.loads(self._last["body"])
        self.equal(body.pop("__type"), code, f"{shown}: __type")
        modelled = {shape.name: shape for shape in model.operation_model(operation).error_shapes}
        if code in modelled:
            self.problems += departures(body, modelled[code], f"{shown} {code}")
            for extra in {"ResourceType", "FieldName"} & modelled[code].members.keys():
                self.expect(body.get(extra), f"{shown}: {code} without {extra}")
        else:
            known = code in COMMON | AUTHENTICATION
            self.expect(known, f"{shown}: {code} is not modelled for {operation}")
        self._check_message(shown, body.get("Message", ""), number)
        self.codes.add(code)

    def _check_message(self, shown: str, message: str, number: str | None) -> None:
        found = re.match(r"\[RSLVR-(\d{5})\] ", message)
        self.expect(message, f"{shown}: no message")
        if number:
            self.equal(found and found[1], number, f"{shown}: number of {message!r}")
        if found:
            self.expect(re.fullmatch(TRACE, message), f"{shown}: {message!r} has no trace id")
