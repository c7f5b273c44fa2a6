"""Signs requests with botocore, as a JSON list on standard output: the oracle of the tests of SigV4."""

import datetime
import json

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TIME = datetime.datetime(2026, 1, 2, 3, 4, 5)
botocore.auth.get_current_datetime = lambda: TIME
credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def signed(auth, method, url, headers, body, parameters=None):
    request = AWSRequest(method=method, url=url, headers=headers, data=body, params=parameters or {})
    auth.add_auth(request)
    lower = {name.lower(): value for name, value in request.headers.items()}
    lower.setdefault("host", url.split("/")[2])
    return {"method": method, "url": url, "headers": lower, "body": body}


api_auth = botocore.auth.SigV4Auth(credentials, "route53resolver", "us-east-1")
bodies = ["{}", '{"Name": "\u00e9\u4e2d \U0001f600"}', "", "x" * 10_000]
api = [
    signed(
        api_auth,
        "POST",
        "http://127.0.0.1:8053/",
        {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "Route53Resolver.ListFirewallDomainLists",
            "X-Amz-Note": f"  spread   over {index}   words ",
        },
        body,
    )
    for index, body in enumerate(bodies)
]
paths = ["bucket/key.txt", "bucket/a/b%20c%2Bd%C3%A9.txt", "b-u.c/~key_1-2.3"]
s3 = [
    signed(botocore.auth.S3SigV4Auth(credentials, "s3", "eu-central-1"), "GET", f"http://127.0.0.1:9000/{path}", {}, "")
    for path in paths
]
parameters = [
    {"name": "a.example", "type": "AAAA", "cname": "b.example,c.example"},
    {"b": "2 + 2 = 4 & more/?", "a": "\u00e9\u4e2d~-._*", "B": "", "a-": "1"},
]
control = [
    {**signed(api_auth, "GET", "http://127.0.0.1:8053/api/v1/explain", {}, "", given), "parameters": given}
    for given in parameters
]
print(json.dumps({"api": api, "s3": s3, "control": control}))
