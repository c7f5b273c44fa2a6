"""Binds sockets as a service manager does, and becomes the program that they are for.

usage: socket_activation.py SOCKET... -- PROGRAM ARGUMENT...

A SOCKET is udp@ADDRESS or tcp@ADDRESS, with *COUNT behind it for several on one port; bound@ADDRESS is TCP that does not
listen, and dual@:: is UDP that takes IPv4 too. All of one address have one port, which is a free one. What LISTEN_PID is
to be when it is not this process stands in OTHER_PID.
"""

import errno
import os
import socket
import sys

words, command = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
ports = {}


def bind(kind, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM if kind in ("udp", "dual") else socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if kind == "dual" else 1)
    made.bind((address, ports.get(address, 0)))
    ports[address] = made.getsockname()[1]
    if kind == "tcp":
        made.listen(64)
    return made


def bind_all():
    """The first socket of an address has a free port, which need not be free for the other kind."""
    made = []
    try:
        for word in words:
            kind, address = word.split("@")
            address, count = address.rsplit("*", 1) if "*" in address else (address, 1)
            for _ in range(int(count)):
                made.append(bind(kind, address))
    except OSError as error:
        for each in made:
            each.close()
        if error.errno != errno.EADDRINUSE:
            raise
        return None
    return made


for _ in range(16):
    ports.clear()
    sockets = bind_all()
    if sockets:
        break
else:
    sys.exit("no port is free for all sockets")
# Out of the way first: the numbers from 3 on may be the sockets' own.
moved = [os.dup(made.fileno()) for made in sockets]
moved = [os.dup2(descriptor, 100 + index) for index, descriptor in enumerate(moved)]
for index, descriptor in enumerate(moved):
    os.dup2(descriptor, 3 + index, inheritable=True)
os.closerange(3 + len(moved), 200)
os.environ["LISTEN_FDS"] = str(len(sockets))
os.environ["LISTEN_PID"] = os.environ.get("OTHER_PID", str(os.getpid()))
os.environ["LISTEN_FDNAMES"] = ":".join(["dns"] * len(sockets))
os.execv(command[0], command)
