# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a new terminal: pty.py [--size ROWSxCOLUMNS] [--type TEXT] [--after PATTERN] COMMAND...

What the command prints goes to standard output as it is; TEXT is typed once PATTERN was printed (at once without);
--resize ROWSxCOLUMNS changes the window's size then; --signal sends one to the command then. The exit status is the
command's. "modes kept" on standard error tells whether the terminal's modes at the end are those at the beginning.
"""
import argparse
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time


def set_size(fd, text):
    rows, columns = (int(n) for n in text.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="24x80")
    parser.add_argument("--type", default="")
    parser.add_argument("--after", default="")
    parser.add_argument("--resize")
    parser.add_argument("--signal")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


def act(options, master, pid):
    if options.resize:
        set_size(master, options.resize)
    if options.signal:
        os.kill(pid, getattr(signal, "SIG" + options.signal))
    os.write(master, options.type.encode().decode("unicode_escape").encode())


def main():
    options = parse()
    master, slave = os.openpty()
    set_size(slave, options.size)
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)
        os.execvp(options.command[0], options.command)
    seen, done, status = b"", False, None
    deadline = time.monotonic() + options.seconds
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            data = os.read(master, 65536)
            if not done:
                # not for ever: each addition copies all that was seen, and there may be megabytes
                seen += data
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        if not done and options.after.encode() in seen:
            done = True
            act(options, master, pid)
        if not ready:
            # our own descriptor of the slave keeps what was written readable after the command's end
            ended, how = os.waitpid(pid, os.WNOHANG) if status is None else (0, 0)
            if ended:
                status = os.waitstatus_to_exitcode(how)
            elif status is not None:
                break
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        print("pty: not done in time", file=sys.stderr)
        sys.exit(99)
    if termios.tcgetattr(slave) == before:
        print("modes kept", file=sys.stderr)
    sys.exit(status if status >= 0 else 128 - status)


main()
