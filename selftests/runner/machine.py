# SPDX-License-Identifier: GPL-2.0-only
"""Test files in virtual machines: each machine takes the next file as it ends one."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from runner import children
from runner.children import TOP
from runner.tap import Sum

# New boots after a machine has died, at most.
NEW_BOOTS = 2
# Exit statuses of tools/vm/run.
MACHINE_DIED = 85
SPLAT = 86


def command(*args):
    # However these tests end, the machine ends with them.
    cmd = ["setpriv", "--pdeathsig", "TERM", "--", f"{TOP}/tools/vm/run"]
    if os.environ.get("KREL"):
        cmd += ["--kernel", os.environ["KREL"]]
    return cmd + list(args)


class Files:
    """The files that no machine has ended yet, the next one first."""

    def __init__(self, paths, limit):
        self.lock = threading.Lock()
        self.left = list(paths)
        self.limit = limit              # of one file, in seconds
        # Of a boot: any machine may get all of them.
        self.limit_all = 300 + max(limit, 300 * len(self.left))
        self.tail = []                  # what the last machine said that ended badly

    def __len__(self):
        with self.lock:
            return len(self.left)

    def take(self):
        with self.lock:
            return self.left.pop(0) if self.left else None

    def put_back(self, path):
        with self.lock:
            self.left.insert(0, path)

    def unreported(self):
        """What is left when no machine is."""
        report = Sum()
        for path in self.left:
            report.fail(f"{os.path.basename(path)}: did not report", self.tail)
        return report


def serve(files, out, tell):
    """One machine, booted anew when it dies, until there is no file left."""
    shutil.rmtree(out, ignore_errors=True)
    for number in range(1 + NEW_BOOTS):
        left = len(files)
        if not left:
            return
        tell(Sum(f"vm   {left} files to go, {'a new' if number else 'one'} boot"))
        boot = Boot(files, out, tell)
        boot.run()
        tell(boot.settle())
        if boot.died or len(files):
            with contextlib.suppress(OSError):
                os.replace(f"{out}/console.log", f"{out}/console.died{number + 1}.log")


class Boot:
    """One run of a machine, and what became of the file in it when it dies."""

    def __init__(self, files, out, tell):
        self.files, self.out, self.tell = files, out, tell
        self.given = None       # the path of a file that has not ended
        self.inside = None      # its name, once it has begun
        self.lines = []
        self.told = False       # of a splat, by the file that it came in
        self.died = False       # of a fault of its own
        self.boots = 1
        self.status, self.stderr = None, ""

    def run(self):
        shutil.rmtree(f"{self.out}/queue", ignore_errors=True)
        os.makedirs(f"{self.out}/queue")
        limit = self.files.limit_all
        with tempfile.TemporaryFile("w+", errors="replace") as stderr:
            child = children.start(
                command("--timeout", str(limit), "--out", self.out, "--", "env",
                        f"NOVABPF_TEST_LIMIT_S={self.files.limit}", "selftests/vm/runner.sh",
                        f"{self.out}/queue"),
                stdout=subprocess.PIPE, stderr=stderr)
            # It keeps its limit itself; this is for the case that it does not.
            guard = threading.Timer(2 * limit, children.stop, (child,))
            guard.start()
            try:
                self.read(child.stdout)
                self.status = child.wait()
            except BaseException:
                children.stop(child)
                raise
            finally:
                guard.cancel()
                children.ended(child)
            stderr.seek(0)
            self.stderr = stderr.read()
        took = re.search(r"^vm/run: it took (\d+) boots$", self.stderr, re.M)
        self.boots = int(took.group(1)) if took else 1

    def read(self, stdout):
        start = 0
        for line in stdout:
            asks = re.match(r"=== next (\d+)$", line)
            begins = re.match(r"=== begin (\S+)$", line)
            ends = re.match(r"=== end (\S+) (\d+)$", line)
            if asks:
                self.hand_out(asks.group(1))
            elif begins:
                self.inside, start, self.lines = begins.group(1), time.monotonic(), []
            elif ends and ends.group(1) == self.inside:
                self.file_ended(int(ends.group(2)), time.monotonic() - start)
            else:
                self.lines.append(line)

    def hand_out(self, number):
        """Names the next file to the machine; nothing ends it."""
        self.given = self.files.take()
        path = f"{self.out}/queue/{number}"
        with open(f"{path}.new", "w", encoding="utf-8") as f:
            f.write(self.given or "")
        os.replace(f"{path}.new", path)

    def file_ended(self, status, seconds):
        report = Sum(f"vm   {self.inside}: {seconds:.1f} s")
        report.took[f"vm {self.inside}"] = seconds
        text = "".join(self.lines)
        self.told |= "- no kernel splat" in text
        report.tap(self.inside, text, status)
        stem = f"{self.out}/{self.inside.removesuffix('.sh')}"
        with open(f"{stem}.log", "w", encoding="utf-8") as f:
            f.write(text)
        if report.failed:
            report.note(f"     all of it: {stem}.log, the kernel's log: {stem}.dmesg.log")
        self.tell(report)
        self.given, self.inside, self.lines = None, None, []

    def tail(self):
        return [line.rstrip() for line in self.lines[-15:]] + self.stderr.splitlines()[-15:]

    def settle(self):
        """How it ended. A file that is to run in a new boot is put back."""
        report = Sum()
        report.boots = self.boots
        if self.status:
            self.files.tail = self.tail()
        if self.status == MACHINE_DIED:
            self.died = True
            report.deaths = 1
            if self.given:
                self.files.put_back(self.given)
            where = f"in {self.inside}" if self.inside else "between files"
            report.note(f"NOTE virtual machine: died {where}; {len(self.files)} files to go",
                        self.stderr.splitlines()[-15:])
            return report
        if self.inside:
            report.fail(f"{self.inside}: the machine ended in it, exit status {self.status}",
                        self.tail())
            return report
        if self.given:
            self.files.put_back(self.given)
        # A splat inside a file that went on to its end is that file's failure already.
        if self.status and not (self.status == SPLAT and self.told):
            report.fail(f"virtual machine: exit status {self.status}", self.tail())
        return report
