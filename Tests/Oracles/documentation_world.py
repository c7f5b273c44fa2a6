"""The world of somebody who reads the documentation: a resolver at 192.0.2.53 and 10.0.0.2, until the process ends.

It makes those addresses on the loopback interface, so it is for a network of its own (Tests/disposable). Every name has
the address 192.0.2.80 and no other record. Prints "ready" when it answers.
"""

import socketserver
import struct
import subprocess
import threading

ADDRESSES = ["192.0.2.53", "10.0.0.2"]


def answer(query):
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    records = b""
    if question.endswith(struct.pack("!HH", 1, 1)):
        records = struct.pack("!HHHIH4B", 0xC00C, 1, 1, 60, 4, 192, 0, 2, 80)
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, bool(records), 0, 0) + question + records


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        query, server = self.request
        server.sendto(answer(query), self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        while len(length := self.rfile.read(2)) == 2:
            message = answer(self.rfile.read(struct.unpack("!H", length)[0]))
            self.wfile.write(struct.pack("!H", len(message)) + message)


socketserver.TCPServer.allow_reuse_address = True
for address in ADDRESSES:
    subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    for kind, handler in [(socketserver.ThreadingUDPServer, Datagram), (socketserver.ThreadingTCPServer, Stream)]:
        threading.Thread(target=kind((address, 53), handler).serve_forever).start()
print("ready", flush=True)
