"""Reads query logs as a program that knows AWS's alone would, and is strict: keys, their order, and their types.

usage: read_query_logs.py DIRECTORY    a bucket's layout below it
       read_query_logs.py FILE         plain lines
       read_query_logs.py --sample     AWS's own lines, to see that the reader takes them

Prints how many files and records there are; or what is wrong, and ends with 1.
"""

import datetime
import gzip
import ipaddress
import json
import os
import re
import sys

# One line as the service writes it, and one of a firewall that blocked.
SAMPLES = [
    '{"version":"1.100000","account_id":"626345947581","region":"us-east-1","vpc_id":"vpc-01e31a7c",'
    '"query_timestamp":"2021-12-11T22:48:33Z","query_name":"abcd.example.com.","query_type":"A","query_class":"IN",'
    '"rcode":"NOERROR","answers":[{"Rdata":"test.example.com.","Type":"CNAME","Class":"IN"},'
    '{"Rdata":"1.128.3.4","Type":"A","Class":"IN"}],"srcaddr":"172.31.86.159","srcport":"52785","transport":"UDP",'
    '"srcids":{"instance":"i-079c44232510ca8ff"}}',
    '{"version":"1.100000","account_id":"626345947581","region":"us-east-1","vpc_id":"vpc-01e31a7c",'
    '"query_timestamp":"2021-12-11T22:48:33Z","query_name":"bad.example.","query_type":"A","query_class":"IN",'
    '"rcode":"NXDOMAIN","answers":[],"srcaddr":"172.31.86.159","srcport":"52785","transport":"UDP","srcids":{},'
    '"firewall_rule_action":"BLOCK","firewall_rule_group_id":"rslvr-frg-01234567890abcdef",'
    '"firewall_domain_list_id":"rslvr-fdl-01234567890abcdef"}',
]

KEY = re.compile(
    r"AWSLogs/(?P<account>\d{12})/vpcdnsquerylogs/(?P<vpc>vpc-[0-9a-f]{8,17})/(?P<day>\d{4}/\d\d/\d\d)/"
    r"(?P=vpc)_vpcdnsquerylogs_(?P=account)_(?P<time>\d{8}T\d{4}Z)_[0-9a-f]{8}\.log\.gz"
)
ALWAYS = [
    ("version", r"1\.100000"), ("account_id", r"\d{12}"), ("region", r"[a-z]+(-[a-z]+)+-\d+"),
    ("vpc_id", r"vpc-[0-9a-f]{8,17}"), ("query_timestamp", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ("query_name", r"(\.|.+\.)"), ("query_type", r"[A-Z0-9-]+"), ("query_class", r"IN"), ("rcode", r"[A-Z]+"),
    ("answers", list), ("srcaddr", None), ("srcport", r"\d{1,5}"), ("transport", r"UDP|TCP"), ("srcids", dict),
]
FIREWALL = [
    ("firewall_rule_action", r"BLOCK|ALERT"), ("firewall_rule_group_id", r"rslvr-frg-[0-9a-z-]+"),
    ("firewall_domain_list_id", r"rslvr-fdl-[0-9a-z-]+"),
]


class Wrong(Exception):
    pass


def check(line):
    """Returns the record of a line."""
    if '": ' in line or ', "' in line:
        raise Wrong("blanks between values: " + line)
    pairs = json.loads(line, object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    expected = ALWAYS + (FIREWALL if len(keys) > len(ALWAYS) else [])
    if keys != [key for key, _ in expected]:
        raise Wrong("keys %s in %s" % (keys, line))
    for (key, value), (_, form) in zip(pairs, expected):
        if form is dict or form is list:
            if not isinstance(value, list):
                raise Wrong("%s in %s" % (key, line))
        elif not isinstance(value, str) or form and not re.fullmatch(form, value):
            raise Wrong("%s in %s" % (key, line))
    record = json.loads(line)
    if not isinstance(record["srcids"], dict) or not isinstance(record["answers"], list):
        raise Wrong("types in " + line)
    for answer in record["answers"]:
        if list(answer) != ["Rdata", "Type", "Class"] or not all(isinstance(v, str) for v in answer.values()):
            raise Wrong("answers in " + line)
    ipaddress.ip_address(record["srcaddr"])
    return record


def lines(file, path):
    for number, line in enumerate(file, 1):
        if not line.endswith("\n"):
            raise Wrong("%s:%d: cut off" % (path, number))
        yield check(line[:-1])


def read_layout(root):
    files = records = 0
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, root)
            match = KEY.fullmatch(key)
            if not match:
                raise Wrong("%s is no key of AWS's" % key)
            if match["time"][:8] != match["day"].replace("/", ""):
                raise Wrong("%s: its day is not that of its folder" % key)
            begin = datetime.datetime.strptime(match["time"], "%Y%m%dT%H%MZ")
            files += 1
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                for record in lines(file, path):
                    records += 1
                    if record["vpc_id"] != match["vpc"] or record["account_id"] != match["account"]:
                        raise Wrong("%s: a record of %s" % (key, record["vpc_id"]))
                    time = datetime.datetime.strptime(record["query_timestamp"], "%Y-%m-%dT%H:%M:%SZ")
                    if time < begin - datetime.timedelta(seconds=5):
                        raise Wrong("%s: a record of %s" % (key, time))
    return files, records


def main():
    try:
        if sys.argv[1] == "--sample":
            files, records = 0, len([check(line) for line in SAMPLES])
        elif os.path.isdir(sys.argv[1]):
            files, records = read_layout(sys.argv[1])
        else:
            with open(sys.argv[1], encoding="utf-8", newline="") as file:
                files, records = 1, sum(1 for _ in lines(file, sys.argv[1]))
    except (Wrong, ValueError, OSError, EOFError) as error:
        print(error)
        sys.exit(1)
    print(files, records)


main()
