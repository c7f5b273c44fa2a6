"""Takes records of the query log as their protocols have it, until it is ended, and writes each as a line.

usage: log_collector.py http|syslog-tcp|syslog-udp|syslog-unix FILE [SOCKET]

Prints where it listens: a URL, an address, or the path of the socket. Whatever is against the protocol is a line that begins
with `error`. While FILE.refuse exists, HTTP is answered with the status that stands in it; what HTTP was sent with is in
FILE.headers.
"""

import gzip
import http.server
import os
import re
import signal
import socket
import sys
import threading

kind, path = sys.argv[1:3]
out = open(path, "ab", buffering=1 << 20)
lock = threading.Lock()

# RFC 5424 §6: PRI, version, timestamp with microseconds, host, app, process, message id, no structured data.
HEADER = re.compile(
    rb"<134>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [!-~]{1,255} sekisho \d{1,10} query - (\{.*\})", re.DOTALL
)


def keep(records):
    with lock:
        out.writelines(record + b"\n" for record in records)
        out.flush()


def syslog(message):
    match = HEADER.fullmatch(message)
    return match[1] if match else b"error: not RFC 5424: " + message[:200]


def counted(stream):
    """RFC 6587 §3.4.1: MSG-LEN SP SYSLOG-MSG, again and again."""
    while True:
        digits = b""
        while (octet := stream.read(1)) not in (b"", b" "):
            digits += octet
        if not digits:
            return
        if not re.fullmatch(rb"[1-9][0-9]{0,7}", digits):
            keep([b"error: not a length: " + digits[:50]])
            return
        message = stream.read(int(digits))
        keep([syslog(message) if len(message) == int(digits) else b"error: cut off"])


def serve_tcp():
    listener = socket.create_server(("127.0.0.1", 0))
    print("%s:%d" % listener.getsockname(), flush=True)

    def take(connection):
        with connection, connection.makefile("rb", buffering=1 << 20) as stream:
            counted(stream)

    while True:
        threading.Thread(target=take, args=(listener.accept()[0],), daemon=True).start()


def serve_datagrams():
    if kind == "syslog-udp":
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        receiver.bind(("127.0.0.1", 0))
        print("%s:%d" % receiver.getsockname(), flush=True)
    else:
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(sys.argv[3])
        print(sys.argv[3], flush=True)
    while True:
        keep([syslog(receiver.recv(1 << 16))])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        if os.path.exists(path + ".refuse"):
            with open(path + ".refuse") as file:
                status = int(file.read())
        with open(path + ".headers", "w") as file:
            file.write(str(self.headers))
        if status == 200:
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if not body.endswith(b"\n") or self.headers["Content-Type"] != "application/x-ndjson":
                keep([b"error: no lines of JSON"])
            keep(body.split(b"\n")[:-1])
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def serve_http():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print("http://127.0.0.1:%d/logs" % server.server_port, flush=True)
    server.serve_forever()


serve = {"http": serve_http, "syslog-tcp": serve_tcp}.get(kind, serve_datagrams)
threading.Thread(target=serve, daemon=True).start()
signal.pause()
