# SPDX-License-Identifier: GPL-2.0-only
"""Which tests belong to changed files."""

import fnmatch
import re
import subprocess
import sys

from runner.children import TOP

ROOMS = f"{TOP}/selftests/rooms"


def git(*args):
    """Lines of git's output, or None."""
    res = subprocess.run(["git", "-C", TOP, *args], stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return None if res.returncode else res.stdout.splitlines()


def changed(base):
    """Files that differ from a revision, those that are not committed included."""
    if not base:
        base = (git("merge-base", "HEAD", "@{upstream}") or ["HEAD"])[0]
    differ = git("diff", "--name-only", "--no-renames", base, "--")
    new = git("ls-files", "--others", "--exclude-standard")
    if differ is None or new is None:
        print(f"selftests/run: git knows no revision '{base}' to compare with: "
              "give one to --touched", file=sys.stderr)
        sys.exit(2)
    return sorted(set(differ + new))


def table():
    """Pairs of the beginning of a path and patterns of tests."""
    with open(ROOMS, encoding="utf-8") as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith("#")]
    return [(words[0], words[1:]) for words in rows]


def row_of(path, rows):
    """The row with the longest beginning, or None."""
    fit = [row for row in rows if path.startswith(row[0])]
    return max(fit, key=lambda row: len(row[0])) if fit else None


def uses(test):
    """Patterns of the sources that a C test is made of."""
    if test.kind not in ("unit", "fuzz") or test.name.endswith(".sh"):
        return []
    with open(test.path, encoding="utf-8") as f:
        return " ".join(re.findall(r"^// uses: *(.*)$", f.read(), re.M)).split()


def belongs(test, paths, patterns):
    return test.room in paths or any(fnmatch.fnmatch(test.shown, p) for p in patterns) or \
        any(fnmatch.fnmatch(path, u) for u in uses(test) for path in paths)


def touched(tests, paths):
    """Those of the tests that belong to changed files."""
    rows = table()
    patterns = set()
    for path in paths:
        row = row_of(path, rows)
        if not row or row[1] == ["all"]:
            return tests
        patterns.update(row[1])
    return [t for t in tests if belongs(t, paths, patterns)]
