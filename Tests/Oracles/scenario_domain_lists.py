"""Domain lists: how they change answers, what they refuse, imports, managed lists."""

import time

from checked_client import token
from scenario_world import CONFLICT, INVALID, LIMIT, NO_LIST, NOT_FOUND, WRONG_TYPE, World

PLAIN = "A 192.0.2.1"


def run(world: World) -> None:
    create_and_list(world)
    answers_follow_the_domains(world)
    refuse_domains(world)
    imports(world)
    quotas(world)


def create_and_list(world: World) -> None:
    aws = world.aws
    tags = [{"Key": "k", "Value": ""}]
    made = [
        aws.call("CreateFirewallDomainList", CreatorRequestId=f"list{i}", Name=f"it's list_{i}-x", Tags=tags)
        for i in range(5)
    ]
    lists = [answer["FirewallDomainList"] for answer in made]
    first = lists[0]
    aws.equal((first["Status"], first["DomainCount"]), ("COMPLETE", 0), "new list")
    aws.equal(first["StatusMessage"], "Created Firewall Domain List", "new list")
    again = aws.call("CreateFirewallDomainList", CreatorRequestId="list0", Name="it's list_0-x", Tags=tags)
    aws.equal(again["FirewallDomainList"]["Id"], first["Id"], "a repeated CreatorRequestId")
    found = aws.call("GetFirewallDomainList", FirewallDomainListId=first["Id"])["FirewallDomainList"]
    aws.equal(found, first, "the list read back")
    own = {made["Id"] for made in lists}
    listed = [entry["Id"] for entry in aws.pages("ListFirewallDomainLists", "FirewallDomainLists", 2)]
    aws.equal([entry for entry in listed if entry in own], [entry["Id"] for entry in lists], "lists in order")
    for maximum in (0, 101):
        aws.refuse(INVALID, "ListFirewallDomainLists", MaxResults=maximum)
    aws.refuse(INVALID, "ListFirewallDomainLists", NextToken="garbage")
    refuse_creation(world)
    aws.refuse(NOT_FOUND, "GetFirewallDomainList", "02025", FirewallDomainListId=NO_LIST)
    gone = aws.call("DeleteFirewallDomainList", FirewallDomainListId=first["Id"])["FirewallDomainList"]
    aws.equal((gone["Status"], gone["StatusMessage"]), ("DELETING", "Deleting the Firewall Domain List"), "deleted")
    aws.refuse(NOT_FOUND, "GetFirewallDomainList", "02025", FirewallDomainListId=first["Id"])
    aws.refuse(NOT_FOUND, "DeleteFirewallDomainList", "02025", FirewallDomainListId=first["Id"])
    world.delete(*lists[1:])


def refuse_creation(world: World) -> None:
    create = "CreateFirewallDomainList"
    for name in ("a.b", "a/b", "12345", "n" * 65, ""):
        world.aws.refuse(INVALID, create, CreatorRequestId=token(), Name=name)
    for identifier in ("", "x" * 256):
        world.aws.refuse(INVALID, create, CreatorRequestId=identifier, Name="name")
    world.aws.refuse(INVALID, create, CreatorRequestId="list0", Name="other parameters")
    world.aws.refuse(INVALID, create, CreatorRequestId=token())
    world.aws.refuse(WRONG_TYPE, create, CreatorRequestId=token(), Name={"a": 1})
    for tag in ({"Key": "aws:k", "Value": "v"}, {"Key": "", "Value": ""}, {"Key": "k" * 129, "Value": ""}):
        world.aws.refuse(INVALID, create, CreatorRequestId=token(), Name="tagged", Tags=[tag])
    world.aws.refuse(INVALID, create, CreatorRequestId=token(), Name="tagged", Tags=[{"Key": "k", "Value": "v" * 257}])


def answers_follow_the_domains(world: World) -> None:
    aws = world.aws
    world.answer("ads.example", PLAIN)
    ads = world.new_list(name="ads")
    answer = world.update(ads["Id"], "ADD", "Ads.Example", "*.ads.example.", "ads.example")
    aws.equal((answer["Status"], answer["StatusMessage"]), ("UPDATING", "Updating the Firewall Domain List"), "ADD")
    group = world.new_group()
    world.new_rule(group["Id"], 10, "BLOCK", BlockResponse="NXDOMAIN", FirewallDomainListId=ads["Id"])
    world.answer("ads.example", PLAIN)
    world.associate(group["Id"])
    world.answer("ads.example", "NXDOMAIN")
    world.answer("ADS.example", "NXDOMAIN")
    world.answer("x.y.ads.example", "NXDOMAIN")
    world.answer("badads.example", PLAIN)
    world.answer("ads.example", PLAIN, vpc=1)
    world.update(ads["Id"], "REMOVE", "*.ads.example")
    world.answer("x.ads.example", PLAIN)
    world.answer("ads.example", "NXDOMAIN")
    world.update(ads["Id"], "REPLACE", "other.example", "*")
    world.answer("ads.example", "NXDOMAIN")
    world.update(ads["Id"], "REMOVE", "*.")
    world.answer("ads.example", PLAIN)
    world.answer("other.example", "NXDOMAIN")
    state = aws.call("GetFirewallDomainList", FirewallDomainListId=ads["Id"])["FirewallDomainList"]
    aws.equal((state["Status"], state["DomainCount"]), ("COMPLETE", 1), "after the updates")
    aws.equal(state["StatusMessage"], "Finished domain list update", "after the updates")
    aws.refuse(CONFLICT, "DeleteFirewallDomainList", FirewallDomainListId=ads["Id"])
    world.clear(group["Id"])
    world.delete(ads)
    world.answer("other.example", PLAIN)


def refuse_domains(world: World) -> None:
    aws = world.aws
    names = [f"n{i}.example" for i in range(7)]
    names += ["*", "*.Example.COM", "*suffix.example", "_dns.example", "xn--4ca.de"]
    made = world.new_list(*names)
    key = {"FirewallDomainListId": made["Id"]}
    found = aws.pages("ListFirewallDomains", "Domains", 2, **key)
    aws.equal(sorted(found), sorted(name.lower() + "." for name in names), "domains")
    wrong = ["a.*.b", "www*.x", "", ".", "..", "a..b", "a b", "ä.de", "l" * 64 + ".de", "d" * 256, "*.*.de", "a.de/"]
    for domain in wrong:
        aws.refuse(INVALID, "UpdateFirewallDomains", Operation="ADD", Domains=["good.example", domain], **key)
    aws.refuse(INVALID, "UpdateFirewallDomains", "02502", Operation="REMOVE", Domains=["absent.example"], **key)
    aws.refuse(INVALID, "UpdateFirewallDomains", Operation="REPLACE", Domains=[], **key)
    aws.refuse(INVALID, "UpdateFirewallDomains", Operation="add", Domains=["a.example"], **key)
    aws.refuse(INVALID, "UpdateFirewallDomains", Operation="ADD", **key)
    many = [f"many{i}.example" for i in range(1001)]
    aws.refuse(INVALID, "UpdateFirewallDomains", Operation="ADD", Domains=many, **key)
    aws.refuse(WRONG_TYPE, "UpdateFirewallDomains", Operation="ADD", Domains=[1], **key)
    absent = {"FirewallDomainListId": NO_LIST}
    aws.refuse(NOT_FOUND, "UpdateFirewallDomains", "02025", Operation="ADD", Domains=["a.example"], **absent)
    aws.equal(aws.pages("ListFirewallDomains", "Domains", 5000, **key), found, "domains after what was refused")
    for maximum in (0, 5001):
        aws.refuse(INVALID, "ListFirewallDomains", MaxResults=maximum, **key)
    aws.refuse(INVALID, "ListFirewallDomains", NextToken="garbage", **key)
    aws.refuse(NOT_FOUND, "ListFirewallDomains", "02025", **absent)
    aws.refuse(INVALID, "ListFirewallDomains", FirewallDomainListId="i" * 65)
    world.delete(made)


def imports(world: World) -> None:
    aws = world.aws
    made = world.new_list("kept.example")
    group = world.new_group()
    world.new_rule(group["Id"], 1, "BLOCK", BlockResponse="NODATA", FirewallDomainListId=made["Id"])
    world.associate(group["Id"])
    state = imported(world, made["Id"], "list.txt")
    aws.equal((state["Status"], state["DomainCount"]), ("COMPLETE", 3), f"import: {state}")
    world.answer("a.example", "NODATA")
    world.answer("x.b.example", "NODATA")
    world.answer("kept.example", PLAIN)
    for file in ("absent.txt", "../list.txt", "large.txt"):
        state = imported(world, made["Id"], file)
        aws.equal((state["Status"], state["DomainCount"]), ("COMPLETE_IMPORT_FAILED", 3), f"import of {file}: {state}")
        world.answer("a.example", "NODATA")
    key = {"FirewallDomainListId": made["Id"], "Operation": "REPLACE"}
    good = world.domain_files + "list.txt"
    for url in ("ftp://a/b", "list.txt", "s3://bucket", "u" * 1025, ""):
        aws.refuse(INVALID, "ImportFirewallDomains", DomainFileUrl=url, **key)
    aws.refuse(INVALID, "ImportFirewallDomains", DomainFileUrl=good, **{**key, "Operation": "ADD"})
    key["FirewallDomainListId"] = NO_LIST
    aws.refuse(NOT_FOUND, "ImportFirewallDomains", "02025", DomainFileUrl=good, **key)
    world.clear(group["Id"])
    world.delete(made)


def imported(world: World, identifier: str, file: str) -> dict:
    """Imports a file and returns the list when that has ended; until then the list can't be changed."""
    key = {"FirewallDomainListId": identifier}
    url = world.domain_files + file
    answer = world.aws.call("ImportFirewallDomains", Operation="REPLACE", DomainFileUrl=url, **key)
    world.aws.equal(answer["Status"], "IMPORTING", "ImportFirewallDomains")
    world.aws.equal(answer["StatusMessage"], "Importing domains from provided file.", "ImportFirewallDomains")
    if file == "large.txt":
        add = {"Operation": "ADD", "Domains": ["a.example"]}
        world.aws.refuse(CONFLICT, "UpdateFirewallDomains", **add, **key)
        world.aws.refuse(CONFLICT, "ImportFirewallDomains", Operation="REPLACE", DomainFileUrl=url, **key)
        world.aws.refuse(CONFLICT, "DeleteFirewallDomainList", **key)
    for _ in range(500):
        state = world.aws.call("GetFirewallDomainList", **key)["FirewallDomainList"]
        if state["Status"] != "IMPORTING":
            return state
        time.sleep(0.02)
    raise RuntimeError(f"the import of {file} does not end")


def quotas(world: World) -> None:
    aws = world.aws
    limit = world.quotas["domain_lists"]
    listed = aws.pages("ListFirewallDomainLists", "FirewallDomainLists", 100)
    lists = [world.new_list() for _ in range(limit - sum("ManagedOwnerName" not in entry for entry in listed))]
    aws.refuse(LIMIT, "CreateFirewallDomainList", CreatorRequestId=token(), Name="one too many")
    world.delete(*lists)
    limit = world.quotas["domains"]
    full = world.new_list()
    key = {"FirewallDomainListId": full["Id"]}
    for start in range(0, limit - 10, 1000):
        world.update(full["Id"], "ADD", *(f"q{i}.example" for i in range(start, min(limit - 10, start + 1000))))
    more = [f"more{i}.example" for i in range(11)]
    aws.refuse(LIMIT, "UpdateFirewallDomains", Operation="ADD", Domains=more, **key)
    world.delete(full)
