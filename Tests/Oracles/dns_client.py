"""Asks a resolver over UDP, and reads its answers as text."""

import random
import socket
import struct

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "HTTPS": 65}
CODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
TIMEOUT_SECONDS = 8
UDP_SIZE = 4096


def ask(server: tuple[str, int], name: str, rrtype: str = "A", source: str = "127.0.0.1") -> str:
    """Returns `NXDOMAIN`, `NODATA`, or the records of the answer, such as `CNAME b.example., A 192.0.2.1`."""
    identifier = random.randrange(1 << 16)
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question += b"\0" + struct.pack(">HH", TYPES[rrtype], 1)
    options = b"\0" + struct.pack(">HHIH", 41, UDP_SIZE, 0, 0)
    query = struct.pack(">HHHHHH", identifier, 0x0100, 1, 0, 0, 1) + question + options
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((source, 0))
        client.settimeout(TIMEOUT_SECONDS)
        client.connect(server)
        client.send(query)
        answer = client.recv(UDP_SIZE)
    behind = 12 + len(question)
    if answer[:2] != query[:2] or answer[12:behind] != question:
        raise ValueError(f"{name}: an answer to another question")
    return _described(answer, behind)


def _described(answer: bytes, offset: int) -> str:
    code = CODES.get(answer[3] & 15, str(answer[3] & 15))
    if code != "NOERROR":
        return code
    records = []
    for _ in range(struct.unpack(">H", answer[6:8])[0]):
        _, offset = _name(answer, offset)
        rrtype, _, _, length = struct.unpack(">HHIH", answer[offset : offset + 10])
        offset += 10
        records.append(_record(answer, rrtype, offset, length))
        offset += length
    return ", ".join(records) or "NODATA"


def _record(answer: bytes, rrtype: int, offset: int, length: int) -> str:
    rdata = answer[offset : offset + length]
    if rrtype == TYPES["A"]:
        return f"A {socket.inet_ntop(socket.AF_INET, rdata)}"
    if rrtype == TYPES["AAAA"]:
        return f"AAAA {socket.inet_ntop(socket.AF_INET6, rdata)}"
    if rrtype == TYPES["CNAME"]:
        return f"CNAME {_name(answer, offset)[0]}"
    if rrtype == TYPES["MX"]:
        return f"MX {struct.unpack('>H', rdata[:2])[0]} {_name(answer, offset + 2)[0]}"
    return f"TYPE{rrtype} {rdata.hex()}"


def _name(answer: bytes, offset: int) -> tuple[str, int]:
    """Returns the name at `offset` and the offset behind it; a pointer ends a name (RFC 1035 §4.1.4)."""
    labels, end = [], None
    while length := answer[offset]:
        if length >= 0xC0:
            end = end or offset + 2
            offset = struct.unpack(">H", answer[offset : offset + 2])[0] & 0x3FFF
        else:
            labels.append(answer[offset + 1 : offset + 1 + length].decode())
            offset += 1 + length
    return ".".join(labels) + ".", end or offset + 1
