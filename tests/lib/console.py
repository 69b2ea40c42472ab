# SPDX-License-Identifier: Apache-2.0
"""Listens on a console socket as an engine does: console.py SOCKET OUTPUT [TEXT]

Takes one connection and the terminal that comes with it, types TEXT, and copies what the terminal prints to OUTPUT
until its other side is closed. The first line of OUTPUT is the message that the descriptor came with.
"""
import os
import socket
import sys


def main():
    path, output = sys.argv[1:3]
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen(1)
    listener.settimeout(60)
    connection, _ = listener.accept()
    message, fds, _, _ = socket.recv_fds(connection, 4096, 4)
    with open(output, "wb", buffering=0) as out:
        out.write(f"{len(fds)} {os.isatty(fds[0])} {message.decode()}\n".encode())
        if len(sys.argv) > 3:
            os.write(fds[0], sys.argv[3].encode() + b"\n")
        while True:
            try:
                data = os.read(fds[0], 4096)
            except OSError:
                break
            if not data:
                break
            out.write(data)


main()
