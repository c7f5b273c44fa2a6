"""Writes every object of a bucket below a prefix into a folder, under the rest of its key.

usage: fetch_bucket.py ENDPOINT BUCKET PREFIX DIRECTORY
"""

import os
import sys

import boto3

endpoint, bucket, prefix, directory = sys.argv[1:5]
client = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="secret",
)
os.makedirs(directory)
for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
    for item in page.get("Contents", []):
        path = os.path.join(directory, item["Key"].removeprefix(prefix))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        client.download_file(bucket, item["Key"], path)
