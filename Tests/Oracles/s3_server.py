"""Runs moto's S3 with one bucket that holds one object, until standard input ends. Prints its address.

usage: s3_server.py BUCKET KEY TEXT
"""

import sys

import boto3
from moto.server import ThreadedMotoServer

bucket, key, text = sys.argv[1:4]
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
client = boto3.client(
    "s3",
    endpoint_url=f"http://{host}:{port}",
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="secret",
)
client.create_bucket(Bucket=bucket)
client.put_object(Bucket=bucket, Key=key, Body=text)
print(f"http://{host}:{port}", flush=True)
sys.stdin.read()
server.stop()
