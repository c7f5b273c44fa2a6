"""Serves DNS over TLS on the loopback address, well or badly, until standard input ends.

usage: tls_upstream.py DIRECTORY BEHAVIOUR...

Makes an authority and certificates in DIRECTORY, listens on a free port for each behaviour, and prints
{"BEHAVIOUR": PORT}. What arrives is written to DIRECTORY/events, one JSON object a line. Every name has the address
192.0.2.10. The authority is DIRECTORY/ca.pem; the name in the certificates is dns.test.
"""

import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore")  # TLS 1.1 is out of date, which is what it is for
directory, behaviours = sys.argv[1], sys.argv[2:]
lock = threading.Lock()


def path(name):
    return os.path.join(directory, name)


def note(behaviour, event, **values):
    with lock, open(path("events"), "a") as events:
        events.write(json.dumps({"behaviour": behaviour, "event": event, **values}) + "\n")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def make_authority(name):
    openssl("req", "-x509", *KEY, "-keyout", path(name + ".key"), "-out", path(name + ".pem"), "-days", "2",
            "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")


def make_certificate(name, host, authority="ca", days="1"):
    openssl("req", *KEY, "-keyout", path(name + ".key"), "-out", path(name + ".csr"), "-subj", "/CN=server")
    with open(path(name + ".ext"), "w") as extensions:
        extensions.write(f"subjectAltName={host}\n")
    openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path(authority + ".pem"),
            "-CAkey", path(authority + ".key"), "-CAcreateserial", "-days", days,
            "-extfile", path(name + ".ext"), "-out", path(name + ".pem"))


def make_certificates():
    make_authority("ca")
    make_authority("stranger")
    make_certificate("good", "DNS:dns.test")
    make_certificate("wrong-name", "DNS:other.test,DNS:*.dns.test,IP:127.0.0.1")
    make_certificate("expired", "DNS:dns.test", days="-1")
    make_certificate("untrusted", "DNS:dns.test", authority="stranger")
    make_certificate("address", "IP:127.0.0.1")
    openssl("req", "-x509", *KEY, "-keyout", path("self-signed.key"), "-out", path("self-signed.pem"), "-days", "1",
            "-subj", "/CN=dns.test", "-addext", "subjectAltName=DNS:dns.test")


def context(behaviour):
    name = behaviour if os.path.exists(path(behaviour + ".pem")) else "good"
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(path(name + ".pem"), path(name + ".key"))
    if behaviour == "tls1.2":
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    if behaviour == "tls1.1":
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1
    made.sni_callback = lambda connection, name, _: note(behaviour, "name", name=name)
    return made


def read_exactly(connection, count):
    octets = b""
    while len(octets) < count:
        more = connection.recv(count - len(octets))
        if not more:
            return None
        octets += more
    return octets


def read_query(connection):
    length = read_exactly(connection, 2)
    return length and read_exactly(connection, struct.unpack("!H", length)[0])


def answer(query):
    end = 12
    while query[end]:
        end += query[end] + 1
    end += 5
    header = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    record = struct.pack("!HHHIH4B", 0xC00C, 1, 1, 60, 4, 192, 0, 2, 10)
    message = header + query[12:end] + record
    return struct.pack("!H", len(message)) + message


def note_query(behaviour, query):
    note(behaviour, "query", octets=len(query), options=query[query.index(b"\0", 12) + 5 + 11:].hex())


def speak(behaviour, connection):
    """Answers what comes over an encrypted connection, as the behaviour has it."""
    waiting = []
    while (query := read_query(connection)) is not None:
        note_query(behaviour, query)
        if behaviour == "closes":
            return
        if behaviour == "half":
            connection.sendall(answer(query)[:20])
            time.sleep(8)
            return
        if behaviour == "silent":
            continue
        if behaviour == "pieces":
            for octet in answer(query):
                connection.sendall(bytes([octet]))
            continue
        if behaviour == "backwards":
            waiting.append(query)
            if len(waiting) == 3:
                connection.sendall(b"".join(answer(query) for query in reversed(waiting)))
                waiting = []
            continue
        connection.sendall(answer(query))
        if behaviour in ("one-each", "tls1.2"):
            return


def serve(behaviour, plain, secure):
    with plain:
        plain.settimeout(10)
        first = plain.recv(1, socket.MSG_PEEK)
        note(behaviour, "connection", first=first.hex())
        if behaviour == "never-speaks":
            time.sleep(8)
            return
        if behaviour == "garbage":
            plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + os.urandom(4000))
            time.sleep(0.2)
            return
        if behaviour == "ends-in-handshake":
            plain.recv(100)
            plain.shutdown(socket.SHUT_RDWR)
            return
        connection = secure.wrap_socket(plain, server_side=True)
        note(behaviour, "handshake", resumed=connection.session_reused, version=connection.version())
        speak(behaviour, connection)
        if behaviour != "closes":
            connection.unwrap()


def serve_quietly(*arguments):
    try:
        serve(*arguments)
    except OSError:
        pass  # the other side went away, or does not like us: what has come so far is noted


def accept(behaviour, listener):
    secure = context(behaviour)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_quietly, args=(behaviour, connection, secure), daemon=True).start()


def watch_datagrams(behaviour, port):
    """Nobody is to ask in plain text."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", port))
        while True:
            note(behaviour, "datagram", octets=len(datagrams.recv(4096)))


make_certificates()
ports = {}
for behaviour in behaviours:
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    ports[behaviour] = listener.getsockname()[1]
    threading.Thread(target=accept, args=(behaviour, listener), daemon=True).start()
    threading.Thread(target=watch_datagrams, args=(behaviour, ports[behaviour]), daemon=True).start()
print(json.dumps(ports), flush=True)
sys.stdin.read()
