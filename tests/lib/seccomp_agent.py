#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A seccomp agent for the tests: seccomp_agent.py SOCKET FOLDER [COUNT]

Takes COUNT connections (default 1), one after the other. Of each it keeps what was sent in FOLDER/state.N, with a line for
each further byte or message that comes; then it answers the notifications of the listener: mkdir(2) with success, without doing it,
everything else it lets the kernel do. It ends when the last listener's processes are gone.
"""
import array
import fcntl
import os
import select
import socket
import struct
import sys

RECEIVE, SEND = 0xC0502100, 0xC0182101
CONTINUE = 1
MKDIR = {"x86_64": 83, "aarch64": 34}[os.uname().machine]  # mkdirat where there is no mkdir


def take(server, path):
    """One container process state: the text, the fds that came with it, and how the connection ended."""
    connection, _ = server.accept()
    connection.settimeout(20)
    text, ancillary, _, _ = connection.recvmsg(1 << 20, 4096)
    fds = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    rest = connection.recv(1 << 20)
    with open(path + ".new", "wb") as out:
        out.write(text + b"\n%d fds, %d more bytes\n" % (len(fds), len(rest)))
    os.rename(path + ".new", path)
    return fds[0]


def answer(listener):
    """One notification. False when there is nobody left who could make one."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    for _, events in poll.poll(20000):
        if not events & select.POLLIN:
            return False
        request = bytearray(80)
        try:
            fcntl.ioctl(listener, RECEIVE, request)
        except FileNotFoundError:
            return True
        ident, _, _, number = struct.unpack_from("=QIIi", request)
        flags = 0 if number == MKDIR else CONTINUE
        try:
            fcntl.ioctl(listener, SEND, struct.pack("=QqiI", ident, 0, 0, flags))
        except FileNotFoundError:
            pass
        return True
    return False


def main():
    where, folder = sys.argv[1:3]
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(where)
    os.chmod(where, 0o777)
    server.listen(8)
    for n in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
        listener = take(server, "%s/state.%d" % (folder, n))
        if os.fork() == 0:
            server.close()
            while answer(listener):
                pass
            os._exit(0)
        os.close(listener)


main()
