"""What every operation has in common: unknown operations, bodies that are no request, signatures."""

import http.client
import json
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.config import Config
from checked_client import CheckedClient
from scenario_world import World
from service_model import left_out


def run(world: World) -> None:
    for operation in left_out:
        world.aws.refuse("UnknownOperationException", operation)
    signatures(world)
    if not world.is_signed:
        bodies(world)


def signatures(world: World) -> None:
    """With credentials configured, who is asked for; without them, nobody is."""
    unsigned = Config(signature_version=UNSIGNED)
    for code, options in (
        ("MissingAuthenticationTokenException", {"config": unsigned}),
        ("UnrecognizedClientException", {"aws_access_key_id": "stranger"}),
        ("InvalidSignatureException", {"aws_secret_access_key": "wrong"}),
        ("InvalidSignatureException", {"region_name": "eu-central-1"}),
    ):
        client = CheckedClient(world.api, **options)
        if world.is_signed:
            client.refuse(code, "ListFirewallConfigs")
            world.aws.codes |= client.codes
        else:
            client.call("ListFirewallConfigs")
        world.aws.problems += client.problems


def bodies(world: World) -> None:
    for target, body, code in (
        ("Route53Resolver.CreateFirewallRule", "{", "SerializationException"),
        ("Route53Resolver.CreateFirewallRule", "[]", "SerializationException"),
        ("Route53Resolver.CreateFirewallRule", '"text"', "SerializationException"),
        ("Route53Resolver.CreateFirewallRule", "", "ValidationException"),
        ("Route53Resolver.CreateResolverRule", "{}", "InvalidParameterException"),
        ("Route53Resolver.GetFirewallConfig", '{"ResourceId": null}', "ValidationException"),
        ("Route53Resolver.", "{}", "UnknownOperationException"),
        ("Route53Resolver.createFirewallRule", "{}", "UnknownOperationException"),
        (None, "{}", "UnknownOperationException"),
    ):
        status, header, found = post(world.api, target, body)
        world.aws.equal((status, header, found["__type"]), (400, code, code), f"{target} with {body!r}")
        world.aws.expect(found.get("Message"), f"{target} with {body!r}: no message")
    unknown = '{"ResourceId": "%s", "Colour": "blue"}' % world.vpc
    status, _, _ = post(world.api, "Route53Resolver.GetFirewallConfig", unknown)
    world.aws.equal(status, 200, "a member that is not in the model")


def post(api: str, target: str | None, body: str) -> tuple[int, str | None, dict]:
    connection = http.client.HTTPConnection(urlsplit(api).netloc, timeout=10)
    headers = {"Content-Type": "application/x-amz-json-1.1", **({"X-Amz-Target": target} if target else {})}
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, response.getheader("X-Amzn-ErrorType"), answer
