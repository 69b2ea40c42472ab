# SPDX-License-Identifier: Apache-2.0
"""notify.py listen SOCKET | send SOCKET MESSAGE...: both sides of sd_notify(3).

listen prints each message as a line (line ends as |) until it is killed; SOCKET may be @NAME. send says how a message that
cannot be sent fails.
"""

import os
import socket
import sys

how, place, *messages = sys.argv[1:]
address = "\0" + place[1:] if place[0] == "@" else place
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if how == "listen":
    end.bind(address)
    if place[0] != "@":
        os.chmod(place, 0o777)
    print("listening", flush=True)
    while True:
        print(end.recv(4096).decode().replace("\n", "|"), flush=True)
end.settimeout(10)
for message in messages:
    try:
        end.sendto(message.encode().decode("unicode_escape").encode(), address)
    except OSError as error:
        print(f"{message}: {error.strerror or error}")
