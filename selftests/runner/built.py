# SPDX-License-Identifier: GPL-2.0-only
"""What tests need that the build makes."""

import glob
import os
import re

from runner import children
from runner.children import TOP

# A path in a test that is not made on demand.
PATH = re.compile(r"(?:\$(?:top|TOP|PWD)/|(?<![\w/.${]))(build/(?!unit/)[\w][\w./-]*)")
MAKES = re.compile(r"\bmake -s [^-]")
# Of a test that starts no real machine, and tries this program.
IGNORE = "NOVABPF_TEST_UNBUILT"


def release():
    rel = os.environ.get("KREL") or children.output([f"{TOP}/scripts/krel"]).strip()
    if "/" in rel:
        with open(f"{rel}/build/include/config/kernel.release", encoding="utf-8") as f:
            rel = f.read().strip()
    return rel


def modules():
    """For a machine: ours, and those of the tests."""
    rel = release()
    sources = glob.glob(f"{TOP}/selftests/vm/modules/novabpf_*.c")
    return [f"build/{rel}/kmod/{m}.ko" for m in ("novabpf", "novabpf_sim")] + \
        [f"build/{rel}/selftests/vm/modules/{os.path.basename(c)[:-2]}.ko" for c in sources]


def named(test):
    """Paths below build/ that a script names outside of comments; none where it makes them."""
    if not test.path.endswith(".sh"):
        return set()
    with open(test.path, encoding="utf-8") as f:
        lines = [line for line in f if not line.lstrip().startswith("#")]
    if any(MAKES.search(line) for line in lines):
        return set()
    found = {p.rstrip("/.") for line in lines for p in PATH.findall(line)}
    if any(re.match(r"\. .*/tap\.sh", line) for line in lines):
        found.add("build/novabpf")
    return found


def unbuilt(tests):
    """Tests that have what they need, tests that do not, and what is missing."""
    if IGNORE in os.environ:
        return tests, [], []
    machine = None
    ready, not_ready, missing = [], [], set()
    for test in tests:
        needs = named(test)
        if test.kind in ("vm", "host", "guest"):
            machine = machine or {"build/novabpf", *modules()}
            needs = needs | machine
        lacks = {n for n in needs if not os.path.exists(f"{TOP}/{n}")}
        missing |= lacks
        (not_ready if lacks else ready).append(test)
    return ready, not_ready, sorted(missing)
