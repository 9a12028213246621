# SPDX-License-Identifier: GPL-2.0-only
"""Tests that run on the host: unit tests, fuzzers, checks of the sources."""

import os
import re
import subprocess
import tempfile
import time

from runner import children
from runner.children import TOP
from runner.tap import Sum

UNIT = f"{TOP}/selftests/unit"
VM = f"{TOP}/selftests/vm"
FUZZ = f"{TOP}/selftests/fuzz"
FUZZ_LIMIT_S = 300
UNIT_LIMIT_S = 300
HOST_LIMIT_S = 900
LINT_LIMIT_S = 1800
# Tests of limits in seconds: they get the priority of machines.
TIMED = {"test_vm_run.sh"}
ENV = {"CMOCKA_MESSAGE_OUTPUT": "TAP", "ASAN_OPTIONS": "detect_leaks=1",
       "UBSAN_OPTIONS": "print_stacktrace=1"}


class Host:
    """How host tests are run: beside machines they take what those leave of the CPUs."""

    def __init__(self, beside=False):
        self.nice = ["nice", "-n", "19"] if beside else []
        self.slack = 4 if beside else 1

    def run(self, cmd, limit, timed=False, **kw):
        return children.run(([] if timed else self.nice) + cmd, limit * self.slack, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **kw)

    def test(self, kind, name):
        """Runs one test, and returns what it reported."""
        start = time.monotonic()
        report = Sum()
        getattr(self, kind)(report, name)
        took = time.monotonic() - start
        report.took[f"{kind} {name}"] = took
        report.text.insert(0, f"{kind:4} {name}: {took:.1f} s")
        return report

    def build(self, report, name):
        res = self.run(["make", "-s", "-C", UNIT, f"{TOP}/build/unit/{name}"], UNIT_LIMIT_S)
        if res.returncode:
            report.fail(f"{name}: does not build", res.stdout.splitlines()[:30])
        return not res.returncode

    def unit(self, report, name):
        stem = name.rsplit(".", 1)[0]
        if name.endswith(".c"):
            prog = [f"{TOP}/build/unit/{stem}"]
            if not self.build(report, stem):
                return
        else:
            with open(f"{UNIT}/{name}", encoding="utf-8") as f:
                prog = ["bash" if "bash" in f.readline() else "sh", f"{UNIT}/{name}"]
        res = self.run(prog, UNIT_LIMIT_S, name in TIMED, env=dict(os.environ, **ENV))
        report.tap(name, res.stdout, res.returncode)

    def fuzz(self, report, name):
        prog = f"{TOP}/build/unit/{name}"
        if not self.build(report, name):
            return
        # A number of inputs, not a time: beside machines a fuzzer gets little of a CPU.
        with open(f"{FUZZ}/{name}.c", encoding="utf-8") as f:
            runs = re.search(r"^// runs: *(\d+)$", f.read(), re.M)
        if not runs:
            report.fail(f"{name}: has no line '// runs: NUMBER'", [])
            return
        with tempfile.TemporaryDirectory(prefix="novabpf-fuzz-") as corpus:
            res = self.run([prog, "-seed=1", f"-runs={runs.group(1)}", "-max_len=65536",
                            f"-artifact_prefix={prog}-", "-verbosity=0", corpus], FUZZ_LIMIT_S)
        if res.returncode:
            report.fail(f"{name}: exit status {res.returncode}", res.stdout.splitlines()[:40])
        else:
            report.passed += 1

    def lint(self, report, name):
        """What programs say about the sources."""
        res = self.run([f"{TOP}/scripts/lint", name], LINT_LIMIT_S)
        report.tap(f"lint-{name}", res.stdout, res.returncode)

    def host(self, report, name):
        """The machine runner itself, seen from the host."""
        res = self.run(["bash", f"{VM}/{name}"], HOST_LIMIT_S)
        report.tap(name, res.stdout, res.returncode)
