"""Reads a list of one format in the plainest way, as an oracle for Sources/DomainFeeds.

    list_reference.py FORMAT < LIST
    list_reference.py --count FORMAT < LIST

Prints a line for each entry: `name` (and what is below it), `*.name` (what is below it), `=name` (it alone), `*name` (what
ends so), with what else the entry wants behind it, or `@address`; or the number of things in the list of which each is to
be an entry or to be skipped. Not a line of it is shared with the readers.
"""

import csv
import ipaddress
import json
import re
import sys

import idna

LOCAL = {
    "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
    "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
}
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
# The end of a label may begin with a hyphen.
TAIL = re.compile(r"[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
FILES = set("js min css php html htm asp aspx jsp cgi swf flv gif jpg jpeg png svg webp json xml txt ashx".split())


def address(text):
    try:
        return str(ipaddress.ip_network(text.split("%")[0], strict=False))
    except ValueError:
        return None


def name(text, labels=2, pattern=NAME):
    """The name in the form in which it is printed, or None."""
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True, transitional=False, strict=False).decode()
        except idna.IDNAError:
            return None
    text = text.lower().removesuffix(".")
    if not pattern.fullmatch(text) or len(text) > 253 or text in LOCAL or text.count(".") + 1 < labels:
        return None
    return None if address(text) else text


def word(text):
    """A word of a plain list."""
    if text == "0.0.0.0":
        return
    if found := address(text):
        yield "@" + found
    elif url := re.match(r"[a-zA-Z0-9+.-]*://(?:[^/@]*@)?(?:\[([^]/]*)\]|([^/:?#\\]*))", text):
        host = url[1] or url[2]
        if found := address(host):
            yield "@" + found
        elif found := name(host):
            yield "=" + found
    elif port := re.fullmatch(r"([^:/]+):[0-9]{1,5}", text):
        yield from word(port[1])
    elif text.startswith("*."):
        if found := name(text[2:], labels=1):
            yield "*." + found
    elif found := name(text.removeprefix(".") if not text.startswith("..") else text):
        yield found


def without_comment(line):
    return re.split(r"(?:^|(?<=[ \t]))#", line, maxsplit=1)[0]


def plain(lines):
    for line in lines:
        words = without_comment(line).split()
        if not words or words[0][0] in "!;":
            continue
        if len(words) > 1 and (words[1] in ("IN", "CNAME", "A", "AAAA", "NS", "SOA", "TXT") or words[1].isdigit()):
            continue
        if len(words) > 1 and (words[0] == "0" or address(words[0])):
            for text in words[1:]:
                if not text.startswith("*"):
                    yield from word(text)
        else:
            yield from word(words[0])


def adblock(lines):
    lines = [line.strip(" \t\r") for line in lines]
    taken_back = {re.sub(r"\$badfilter$", "", line).lower() for line in lines if line.endswith("$badfilter")}
    for line in lines:
        if re.match(r"!|\[.*\]$|#(?![#@?$%])|##\s|$", line) or re.search(r"#[@?$%]{0,2}#", line):
            continue
        line = without_comment(line).strip()
        if re.fullmatch(r"(@@)?/.*/(\$.*)?", line) or line.lower() in taken_back or " " in line:
            continue
        exception, pattern, options = re.fullmatch(r"(@@)?(.*?)(?:\$([a-zA-Z~_1-3][^$]*))?", line).groups()
        wishes, exempt = adblock_options(options)
        if wishes is None:
            continue
        parts = re.fullmatch(
            r"(\|\||\|?(?:https?:)?//|\|?://|\|)?(\*\.|\.|\*)?([^/?&=;~+%!'(,$^|*]+?)((?:[/^|]\*?)*)", pattern)
        if not parts:
            continue
        anchor, prefix, host, end = parts.groups()
        if found := address(host):
            if not exception:
                yield "@" + found
            continue
        host = re.sub(r":[0-9]{1,5}$", "", host)
        last = host.split(".")[-1].lower()
        if anchor != "||" and last and (last in FILES or not re.fullmatch(r"[a-z]+|xn--.*|.*[^\x00-\x7f].*", last)):
            continue
        if not end and (host[-1] in "-._:" or "." not in host):
            continue
        form = {"||": ""}.get(anchor, "=" if anchor else ("*" if end else "="))
        if prefix in ("*.", "."):
            if prefix == "." and form == "=":
                continue
            form = "*."
        elif prefix == "*":
            form = "*"
        found = name(host, 1 if form in ("", "*.") else 2, TAIL if form == "*" else NAME)
        if not found:
            continue
        kind = "exception" if exception else "important" if "important" in wishes else "guarded" if exempt else None
        types = [wish for wish in wishes if wish != "important"]
        yield " ".join([form + found] + ([kind] if kind else []) + types)
        for other in [] if exception else exempt:
            if found := name(other, 1):
                yield " ".join([found, "exempt"] + types)


def adblock_options(options):
    wishes, exempt = [], []
    for option in (options or "").split(",") if options else []:
        key, _, value = option.partition("=")
        if key == "important":
            wishes.append(key)
        elif key == "dnstype" and "~" not in value:
            wishes += value.upper().split("|")
        elif key == "denyallow":
            exempt += value.split("|")
        elif key != "all":
            return None, None
    return wishes, exempt


def rpz(lines):
    origin = apex = ""
    for line in lines:
        fields = line.split(";")[0].split()
        if not fields or fields[0] == "$TTL":
            continue
        if fields[0] == "$ORIGIN":
            origin = "." + fields[1].rstrip(".")
            continue
        if "SOA" in fields:
            apex = origin if fields[0] == "@" else "." + fields[0].rstrip(".")
            continue
        if line[0] in " \t" or len(fields) != 3:
            continue
        owner = fields[0][:-1].removesuffix(apex) if fields[0].endswith(".") else fields[0]
        if re.search(r"\.rpz-(client-ip|nsdname|nsip)$", owner) or fields[2] == "rpz-tcp-only.":
            continue
        if owner.endswith(".rpz-ip"):
            length, *octets = owner.removesuffix(".rpz-ip").split(".")
            yield f"@{'.'.join(reversed(octets))}/{length}"
            continue
        found = name(owner.removeprefix("*."), 1)
        if not found:
            continue
        target = fields[2] if fields[1] == "CNAME" else ""
        meaning = {".": " nxDomain", "*.": " noData", "rpz-passthru.": " exception", "rpz-drop.": "", "": ""}
        yield ("*." if owner.startswith("*.") else "=") + found + meaning.get(target, f" override {target}")


def dnsmasq(lines):
    for line in lines:
        parts = without_comment(line).strip().split("/")
        if parts[0] not in ("address=", "server=", "local="):
            continue
        value = parts[-1]
        nowhere = value in ("", "0.0.0.0", "::", "::1") or value.startswith("127.")
        if parts[0] != "address=" and not nowhere:
            continue
        yield from filter(None, (name(text, 1) for text in parts[1:-1]))


def unbound(lines):
    answers = {"always_nxdomain": " nxDomain", "static": " nxDomain", "always_nodata": " noData"}
    for line in lines:
        if zone := re.fullmatch(r"local-zone:\s*\"([^\"]*)\"\s+(\S+)", without_comment(line).strip()):
            if found := name(zone[1], 1):
                yield found + answers.get(zone[2], "")


def bind(lines):
    text = "\n".join(re.split(r"#|//", line)[0] for line in lines)
    for zone in re.finditer(r"zone\s+\"([^\"]*)\"\s*\{\s*type\s+(master|primary)\s*;", text):
        if found := name(zone[1], 1):
            yield found


def table(lines):
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    for row in rows:
        if row.get("path", "") in ("", "/"):
            yield from word(row["host"])


def feed(lines):
    content = json.loads("\n".join(lines))
    for text in content["deny"]:
        yield from word(text)
    for text in content["allow"]:
        yield from (entry if entry[0] == "@" else entry + " exception" for entry in word(text))


def count(form, lines):
    """How many things want an answer."""
    if form in ("domains", "hosts", "addresses", "urls"):
        return sum(count_words(without_comment(line).split()) for line in lines)
    if form == "adblock":
        return sum(count_rules(line.strip()) for line in lines)
    if form in ("dnsmasq", "unbound"):
        return sum(1 for line in lines if without_comment(line).strip() not in ("", "server:"))
    if form == "rpz":
        # Heads of zones stand on one line each in the lists at hand.
        records = (line.split(";")[0] for line in lines)
        return sum(1 for line in records if line.strip() and line[0] != "$" and not re.search(r"\s(SOA|NS)\s", line))
    if form == "bind":
        return sum(1 for line in lines if line.startswith("zone "))
    if form == "csv":
        return sum(1 for line in lines if line.strip() and not line.startswith("#")) - 1
    content = json.loads("\n".join(lines))
    return len(content["deny"]) + len(content["allow"])


def count_words(words):
    if not words or words[0][0] in "!;":
        return 0
    if len(words) == 1 or words[1] in ("IN", "CNAME", "A", "AAAA", "NS", "SOA", "TXT") or words[1].isdigit():
        return 1
    return len(words) - 1 if words[0] == "0" or address(words[0]) else 1


def count_rules(line):
    if re.match(r"!|\[.*\]$|#(?![#@?$%])|##\s|$", line):
        return 0
    words = without_comment(line).split()
    is_hosts = len(words) > 1 and address(words[0]) and not re.search(r"#[@?$%]{0,2}#", line)
    return len(words) - 1 if is_hosts else 1


READERS = {
    "domains": plain, "hosts": plain, "addresses": plain, "urls": plain, "adblock": adblock, "rpz": rpz,
    "dnsmasq": dnsmasq, "unbound": unbound, "bind": bind, "csv": table, "json": feed,
}

if __name__ == "__main__":
    octets = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    if sys.argv[1] == "--count":
        print(count(sys.argv[2], octets.split("\n")))
    else:
        for entry in READERS[sys.argv[1]](octets.split("\n")):
            print(entry)
