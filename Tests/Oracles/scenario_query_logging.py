"""Query logging configurations and their associations; tags."""

from checked_client import token
from scenario_world import (
    BAD_TOKEN, EXISTS, LIMIT, NO_LIST, NO_VPC, NOT_FOUND, PARAMETER, POLICY, REQUEST, UNKNOWN, World,
)

BUCKET = "arn:aws:s3:::bucket/prefix/"
LOG_GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/s"


def run(world: World) -> None:
    configs = create(world)
    associations(world, configs)
    listings(world, configs)
    policies(world, configs[0]["Arn"])
    delete(world, configs)
    tags(world)
    quotas(world)


def new_config(world: World, destination: str, **more: str) -> dict:
    request = {"CreatorRequestId": token(), "Name": "log", "DestinationArn": destination, **more}
    return world.aws.call("CreateResolverQueryLogConfig", **request)["ResolverQueryLogConfig"]


def create(world: World) -> list[dict]:
    aws = world.aws
    configs = [
        new_config(world, destination, Name=f"log {3 - i}", CreatorRequestId=f"log{i}")
        for i, destination in enumerate((BUCKET, LOG_GROUP, STREAM))
    ]
    aws.expect(configs[0]["Status"] in ("CREATING", "CREATED"), f"new config: {configs[0]}")
    name = "CreateResolverQueryLogConfig"
    aws.refuse(EXISTS, name, CreatorRequestId="log0", Name="log 3", DestinationArn=BUCKET)
    good = {"Name": "n", "DestinationArn": BUCKET}
    for wrong in ({"Name": "a.b"}, {"Name": ""}, {"Name": "9"}, {"DestinationArn": "d" * 601},
                  {"CreatorRequestId": "c" * 256}, {"Tags": [{"Key": "aws:k", "Value": "v"}]}):
        aws.refuse(PARAMETER, name, **{"CreatorRequestId": token(), **good, **wrong})
    aws.refuse(PARAMETER, name, Name="n", CreatorRequestId=token())
    for destination in ("arn:aws:sqs:::queue", "bucket", "arn:aws:s3:::"):
        wrong = {**good, "DestinationArn": destination}
        aws.refuse(PARAMETER, name, "01014", CreatorRequestId=token(), **wrong)
    found = aws.call("GetResolverQueryLogConfig", ResolverQueryLogConfigId=configs[0]["Id"])["ResolverQueryLogConfig"]
    aws.equal(found["Status"], "CREATED", "config")
    aws.refuse(NOT_FOUND, "GetResolverQueryLogConfig", "01601", ResolverQueryLogConfigId="rslvr-qlc-0")
    return configs


def associations(world: World, configs: list[dict]) -> None:
    aws = world.aws
    key = {"ResolverQueryLogConfigId": configs[0]["Id"], "ResourceId": world.vpc}
    made = aws.call("AssociateResolverQueryLogConfig", **key)["ResolverQueryLogConfigAssociation"]
    aws.equal((made["Status"], made["Error"]), ("CREATING", "NONE"), "new association")
    aws.refuse(EXISTS, "AssociateResolverQueryLogConfig", **key)
    second = new_config(world, "arn:aws:s3:::other-bucket")
    aws.refuse(REQUEST, "AssociateResolverQueryLogConfig", ResolverQueryLogConfigId=second["Id"], ResourceId=world.vpc)
    for operation in ("AssociateResolverQueryLogConfig", "DisassociateResolverQueryLogConfig"):
        aws.refuse(NOT_FOUND, operation, "01601", ResolverQueryLogConfigId="rslvr-qlc-0", ResourceId=world.vpc)
        aws.refuse(PARAMETER, operation, ResolverQueryLogConfigId="q" * 65, ResourceId=world.vpc)
    aws.refuse(NOT_FOUND, "AssociateResolverQueryLogConfig", **{**key, "ResourceId": NO_VPC})
    get = "GetResolverQueryLogConfigAssociation"
    found = aws.call(get, ResolverQueryLogConfigAssociationId=made["Id"])["ResolverQueryLogConfigAssociation"]
    aws.equal(found, {**made, "Status": "ACTIVE"}, "association")
    aws.refuse(NOT_FOUND, get, "01602", ResolverQueryLogConfigAssociationId="rslvr-qlcassoc-0")
    config = aws.call("GetResolverQueryLogConfig", ResolverQueryLogConfigId=configs[0]["Id"])["ResolverQueryLogConfig"]
    aws.equal(config["AssociationCount"], 1, "associations of the config")
    aws.refuse(REQUEST, "DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=configs[0]["Id"])
    aws.call("DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=second["Id"])
    filters = [{"Name": "ResourceId", "Values": [world.vpc]}]
    name = "ListResolverQueryLogConfigAssociations"
    aws.equal(aws.pages(name, "ResolverQueryLogConfigAssociations", 1, Filters=filters), [found], name)
    aws.refuse(PARAMETER, name, NextToken="garbage")
    aws.refuse(PARAMETER, name, SortOrder="UP")
    gone = aws.call("DisassociateResolverQueryLogConfig", **key)["ResolverQueryLogConfigAssociation"]
    aws.equal(gone["Status"], "DELETING", "removed association")
    aws.refuse(NOT_FOUND, "DisassociateResolverQueryLogConfig", "01602", **key)


def listings(world: World, configs: list[dict]) -> None:
    aws = world.aws
    name, own = "ListResolverQueryLogConfigs", [config["Id"] for config in configs]
    for order, wanted in (("ASCENDING", own[::-1]), ("DESCENDING", own)):
        found = aws.pages(name, "ResolverQueryLogConfigs", 1, SortBy="Name", SortOrder=order)
        aws.equal([config["Id"] for config in found if config["Id"] in own], wanted, f"configs by name, {order}")
    for filters, wanted in (
        ([{"Name": "Destination", "Values": ["S3", "KinesisFirehose"]}], [own[0], own[2]]),
        ([{"Name": "Destination", "Values": ["S3"]}, {"Name": "CREATOR_REQUEST_ID", "Values": ["log2"]}], []),
        ([{"Name": "DestinationArn", "Values": [LOG_GROUP]}, {"Name": "Status", "Values": ["CREATED"]}], [own[1]]),
    ):
        answer = aws.call(name, Filters=filters)
        found = [config["Id"] for config in answer["ResolverQueryLogConfigs"]]
        aws.equal([identifier for identifier in found if identifier in own], wanted, f"configs by {filters}")
        aws.equal(answer["TotalFilteredCount"], len(found), f"configs by {filters}")
        aws.expect(answer["TotalCount"] >= len(own), f"configs by {filters}: {answer['TotalCount']} in all")
    for wrong in ({"Filters": [{"Name": "Colour", "Values": ["blue"]}]}, {"SortBy": "Colour"}, {"SortOrder": "UP"},
                  {"MaxResults": 101}, {"Filters": [{"Name": "Id", "Values": ["v" * 601]}]}):
        aws.refuse(PARAMETER, name, **wrong)
    aws.refuse(BAD_TOKEN, name, NextToken="garbage")


def policies(world: World, arn: str) -> None:
    aws = world.aws
    put, get = "PutResolverQueryLogConfigPolicy", "GetResolverQueryLogConfigPolicy"
    aws.refuse(UNKNOWN, get, Arn=arn)
    aws.equal(aws.call(put, Arn=arn, ResolverQueryLogConfigPolicy=POLICY), {"ReturnValue": True}, put)
    aws.equal(aws.call(get, Arn=arn)["ResolverQueryLogConfigPolicy"], POLICY, get)
    aws.refuse("InvalidPolicyDocument", put, Arn=arn, ResolverQueryLogConfigPolicy="no JSON")
    aws.refuse(PARAMETER, put, Arn=arn, ResolverQueryLogConfigPolicy=" " * 30_001)
    aws.refuse(UNKNOWN, put, Arn=arn + "0", ResolverQueryLogConfigPolicy=POLICY)


def delete(world: World, configs: list[dict]) -> None:
    for config in configs:
        key = {"ResolverQueryLogConfigId": config["Id"]}
        gone = world.aws.call("DeleteResolverQueryLogConfig", **key)["ResolverQueryLogConfig"]
        world.aws.equal(gone["Status"], "DELETING", "deleted config")
        world.aws.refuse(NOT_FOUND, "DeleteResolverQueryLogConfig", "01601", **key)


def tags(world: World) -> None:
    """Everything with an ARN takes tags."""
    aws = world.aws
    made, group = world.new_list(), world.new_group()
    config, association = new_config(world, BUCKET), world.associate(group["Id"])
    for arn in (made["Arn"], group["Arn"], config["Arn"], association["Arn"]):
        aws.call("TagResource", ResourceArn=arn, Tags=[{"Key": f"key{i}", "Value": f"v{i}"} for i in range(4)])
        aws.call("TagResource", ResourceArn=arn, Tags=[{"Key": "key1", "Value": ""}])
        aws.call("UntagResource", ResourceArn=arn, TagKeys=["key0", "absent"])
        wanted = [{"Key": "key1", "Value": ""}, {"Key": "key2", "Value": "v2"}, {"Key": "key3", "Value": "v3"}]
        aws.equal(aws.pages("ListTagsForResource", "Tags", 2, ResourceArn=arn), wanted, f"tags of {arn}")
    absent = made["Arn"].replace(made["Id"], NO_LIST)
    good = [{"Key": "k", "Value": "v"}]
    aws.refuse("InvalidTagException", "TagResource", ResourceArn=made["Arn"], Tags=[{"Key": "aws:k", "Value": "v"}])
    for wrong in ([{"Key": "", "Value": "v"}], [{"Key": "k" * 129, "Value": ""}], [{"Key": "k", "Value": "v" * 257}],
                  [{"Key": "k"}], [{"Key": f"k{i}", "Value": ""} for i in range(201)]):
        aws.refuse(PARAMETER, "TagResource", ResourceArn=made["Arn"], Tags=wrong)
    aws.refuse(PARAMETER, "UntagResource", ResourceArn=made["Arn"], TagKeys=["k" * 129])
    aws.refuse(NOT_FOUND, "TagResource", ResourceArn=absent, Tags=good)
    aws.refuse(NOT_FOUND, "UntagResource", ResourceArn=absent, TagKeys=["k"])
    aws.refuse(NOT_FOUND, "ListTagsForResource", ResourceArn=absent)
    aws.refuse(PARAMETER, "ListTagsForResource", ResourceArn="a" * 256)
    aws.refuse(BAD_TOKEN, "ListTagsForResource", ResourceArn=made["Arn"], NextToken="garbage")
    more = [{"Key": f"more{i}", "Value": ""} for i in range(200)]
    aws.refuse(LIMIT, "TagResource", ResourceArn=made["Arn"], Tags=more)
    aws.call("DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=config["Id"])
    world.clear(group["Id"])
    world.delete(made)


def quotas(world: World) -> None:
    aws = world.aws
    name = "CreateResolverQueryLogConfig"
    limit = world.quotas["query_log_configs"]
    present = aws.call("ListResolverQueryLogConfigs")["TotalCount"]
    configs = [new_config(world, BUCKET) for _ in range(limit - present)]
    aws.refuse(LIMIT, name, CreatorRequestId=token(), Name="one too many", DestinationArn=BUCKET)
    for config in configs:
        aws.call("DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=config["Id"])
    configs = [new_config(world, destination)["Id"] for destination in (BUCKET, LOG_GROUP, STREAM)]
    keys = [
        {"ResolverQueryLogConfigId": config, "ResourceId": vpc}
        for config in configs for vpc in (world.vpc, world.other_vpc)
    ]
    limit = world.quotas["query_log_config_associations"]
    for key in keys[:limit]:
        aws.call("AssociateResolverQueryLogConfig", **key)
    aws.refuse(LIMIT, "AssociateResolverQueryLogConfig", **keys[limit])
    for key in keys[:limit]:
        aws.call("DisassociateResolverQueryLogConfig", **key)
    for config in configs:
        aws.call("DeleteResolverQueryLogConfig", ResolverQueryLogConfigId=config)
