# SPDX-License-Identifier: GPL-2.0-only
"""Which tests there are, and how long each took the last time."""

import contextlib
import json
import os
import re

from runner import children
from runner.children import TOP

# Where the logs of machines and of rounds go.
OUT = os.path.abspath(os.environ.get("NOVABPF_TEST_OUT", f"{TOP}/build"))
TIMES = f"{OUT}/test-times.json"
# Seconds as they were seen, for the first run in a checkout.
LONG = f"{TOP}/selftests/long"
FOLDERS = {"unit": "selftests/unit", "fuzz": "selftests/fuzz", "host": "selftests/vm",
           "vm": "selftests/vm", "guest": "selftests/guest", "lint": "scripts"}
PATTERNS = {"unit": r"test_.*\.(c|sh)$", "fuzz": r"fuzz_.*\.c$", "host": r"vm-.*\.sh$",
            "vm": r"\d\d-.*\.sh$", "guest": r"\d\d-.*\.sh$"}


class Test:
    """kind is a key of FOLDERS; name is what --only looks at, less the kind of a check."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        self.key = f"{kind} {name}"
        self.shown = f"lint-{name}" if kind == "lint" else name
        self.room = "scripts/lint" if kind == "lint" else \
            f"{FOLDERS[kind]}/{name}{'.c' if kind == 'fuzz' else ''}"
        self.path = f"{TOP}/{self.room}"


def tests_of(kind):
    if kind == "lint":
        names = children.output([f"{TOP}/scripts/lint", "--list"]).split()
    else:
        names = [n for n in sorted(os.listdir(f"{TOP}/{FOLDERS[kind]}"))
                 if re.match(PATTERNS[kind], n)]
    if kind == "fuzz":
        names = [n[:-2] for n in names]
    return [Test(kind, n) for n in names]


def times():
    """Seconds by "kind name": the last ones, or else those of selftests/long."""
    known = {}
    with contextlib.suppress(OSError), open(LONG, encoding="utf-8") as f:
        for words in (line.split() for line in f if not line.startswith("#")):
            known[" ".join(words[1:])] = float(words[0])
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError), \
            open(TIMES, encoding="utf-8") as f:
        known.update({k: float(v) for k, v in json.load(f).items()})
    return known


def keep_times(took):
    known = {}
    with contextlib.suppress(OSError, ValueError), open(TIMES, encoding="utf-8") as f:
        known = json.load(f)
    if not isinstance(known, dict):
        known = {}
    known.update({k: round(v, 1) for k, v in took.items()})
    with contextlib.suppress(OSError):
        os.makedirs(OUT, exist_ok=True)
        with open(f"{TIMES}.new", "w", encoding="utf-8") as f:
            json.dump(known, f, indent=1)
        os.replace(f"{TIMES}.new", TIMES)


def longest_first(tests):
    """The order for several lanes; 98-stress.sh is last, as it breaks what comes after it."""
    known = times()
    return sorted(tests, key=lambda t: (t.name.startswith("98-"), -known.get(t.key, 1.0)))
