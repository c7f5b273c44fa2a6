"""The AWS CLI as a subprocess; what it prints is held against botocore's model."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore import xform_name
from service_model import departures, model

# Beside the interpreter, as pip puts it.
PROGRAM = os.path.join(os.path.dirname(sys.executable), "aws")
TIMEOUT_SECONDS = 60
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", ""),
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_PAGER": "",
    "NO_PROXY": "*",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
}
# Version 1 of the CLI says 255 for errors of the service, version 2 says 254.
SERVICE_ERROR = (254, 255)


class AWSCLI:
    """Runs one command for one operation, by its API name and members."""

    def __init__(self, endpoint: str):
        self.endpoint = endpoint
        self.called: set[str] = set()
        self.problems: list[str] = []

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """Returns what a command prints that has to succeed."""
        done = self._run(operation, members)
        if done.returncode != 0:
            raise RuntimeError(f"{operation}: exit status {done.returncode}: {done.stderr.strip()}")
        self.called.add(operation)
        answer = json.loads(done.stdout) if done.stdout.strip() else {}
        self.problems += departures(answer, model.operation_model(operation).output_shape, operation)
        return answer

    def refuse(self, code: str, operation: str, **members: Any) -> None:
        """Expects the CLI to say that the service has refused a call."""
        done = self._run(operation, members)
        wanted = rf"An error occurred \({code}\) when calling the {operation} operation: \S"
        if done.returncode not in SERVICE_ERROR or not re.search(wanted, done.stderr) or done.stdout:
            found = f"exit status {done.returncode}: {done.stderr.strip()}"
            self.problems.append(f"{operation}({json.dumps(members)[:200]}): {found}, wanted {code}")

    def each(self, method: Any, calls: list[tuple]) -> list[Any]:
        """Makes calls that do not depend on each other, two at a time: most of one is the CLI's start."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda call: method(*call[:-1], **call[-1]), calls))

    def equal(self, found: object, wanted: object, text: str) -> None:
        if found != wanted:
            self.problems.append(f"{text}: {found!r}, wanted {wanted!r}")

    def _run(self, operation: str, members: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        words = [PROGRAM, "--endpoint-url", self.endpoint, "--output", "json", "route53resolver"]
        words.append(xform_name(operation, "-"))
        for name, value in members.items():
            words += [f"--{xform_name(name, '-')}", value if isinstance(value, str) else json.dumps(value)]
        return subprocess.run(
            words, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
            timeout=TIMEOUT_SECONDS, check=False,
        )
