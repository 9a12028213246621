#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""novabpf top on a terminal of its own: usage: top_tty.py NOVABPF"""

import os
import select
import signal
import sys
import termios
import time

ENTER, LEAVE, HOME = b"\033[?1049h", b"\033[?1049l", b"\033[H"
LIMIT_S = 60


class Terminal:
    """A command and the terminal that it runs on."""

    def __init__(self, argv):
        self.ours, theirs = os.openpty()
        self.before = termios.tcgetattr(theirs)
        self.seen = b""
        self.pid = os.fork()
        if not self.pid:
            self.take(theirs)
            os.execv(argv[0], argv)
        self.theirs = theirs

    def take(self, fd):
        os.setsid()
        for n in range(3):
            os.dup2(fd, n)
        os.close(fd)
        os.close(os.open(os.ttyname(0), os.O_RDWR))

    def until(self, done):
        end = time.monotonic() + LIMIT_S
        while not done(self.seen):
            assert time.monotonic() < end, f"waited too long; seen: {self.seen!r}"
            if select.select([self.ours], [], [], 0.2)[0]:
                self.seen += os.read(self.ours, 65536)

    def end(self):
        self.until(lambda seen: seen.endswith(LEAVE))
        status = os.waitpid(self.pid, 0)[1]
        assert os.waitstatus_to_exitcode(status) == 0, status
        assert termios.tcgetattr(self.theirs) == self.before, "the terminal is not as it was"
        assert self.seen.startswith(ENTER) and self.seen.count(ENTER) == 1


def main():
    argv = [sys.argv[1], "top", "0", "--interval", "0.1"]
    for how in (b"q", b"\003", signal.SIGTERM):
        term = Terminal(argv)
        term.until(lambda seen: seen.count(HOME) >= 3)
        assert b"gpu0" in term.seen and b"SHARE%" in term.seen, term.seen
        lflag = termios.tcgetattr(term.theirs)[3]
        assert not lflag & (termios.ICANON | termios.ECHO), "keys wait for a line"
        if isinstance(how, bytes):
            os.write(term.ours, how)
        else:
            os.kill(term.pid, how)
        term.end()
    # Frames below each other, and no sequences, where it is none.
    with os.popen(f"{argv[0]} top 0 --count 2 --interval 0.1") as plain:
        text = plain.read()
    assert "\033" not in text and text.count("SHARE%") == 2, text


if __name__ == "__main__":
    main()
