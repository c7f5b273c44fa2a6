"""Runs the commands of a guide that call AWS, in order, with the AWS CLI against moto.

usage: aws_guide.py GUIDE REPOSITORY

They find what their reader has: a bucket, a VPC with two subnets, the package and the rules in the current directory.
Prints the commands and what they print. Exits 1 if one of them fails, or has not done what the guide says of it.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import boto3
from moto.server import ThreadedMotoServer

guide, repository = map(pathlib.Path, sys.argv[1:3])
os.environ.update(AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="eu-central-1", AWS_PAGER="")
os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
os.environ["AWS_ENDPOINT_URL"] = "http://{}:{}".format(*server.get_host_and_port())

ec2 = boto3.client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
os.environ["VPC"] = vpc
before = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["DhcpOptionsId"]
for letter, block in [("A", "10.0.0.0/24"), ("B", "10.0.1.0/24")]:
    zone = f"eu-central-1{letter.lower()}"
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
    os.environ[f"SUBNET_{letter}"] = subnet
os.environ["BUCKET"] = "packages"
boto3.client("s3").create_bucket(
    Bucket="packages", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

fences = re.findall(r'^```sh(?: skip="needs an AWS account")?\n(.*?)^```$', guide.read_text(), re.M | re.S)
blocks = [text for text in fences if re.search(r"\baws ", text)]
with tempfile.TemporaryDirectory() as directory:
    # moto makes no instances from launch templates, and has no parameters of Debian's images: it gets the parameters of
    # the template, and a resource in the place of its own. The template itself is cfn-lint's to judge.
    template = (repository / "deploy/aws/resolvers.yaml").read_text().partition("\nConditions:")[0]
    template = re.sub(r"AWS::SSM::Parameter::Value<.*>", "String", template)
    template += "\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: { DisplayName: !Ref InUse }\n"
    folder = pathlib.Path(directory, "deploy/aws")
    folder.mkdir(parents=True)
    (folder / "resolvers.yaml").write_text(template)
    shutil.copy(repository / "deploy/aws/firewall.yaml", directory)
    pathlib.Path(directory, "sekisho.deb").write_bytes(b"a package")
    script = "set -euxo pipefail\n" + "".join(blocks)
    subprocess.run(["bash", "-c", script], cwd=directory, stderr=subprocess.STDOUT, timeout=240, check=True)

[options] = [
    {entry["Key"]: [value["Value"] for value in entry["Values"]] for entry in options["DhcpConfigurations"]}
    for options in ec2.describe_dhcp_options()["DhcpOptions"]
]
assert options["domain-name-servers"] == ["10.0.0.53", "10.0.1.53"], options
assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["DhcpOptionsId"] == before
support = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
assert not support["EnableDnsSupport"]["Value"], support
stacks = {stack["StackName"] for stack in boto3.client("cloudformation").describe_stacks()["Stacks"]}
assert stacks == {"resolvers", "firewall"}, stacks
server.stop()
