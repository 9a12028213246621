#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print the measurements of vfio.sh as tables of reStructuredText."""

import bisect
import re
import statistics
import sys

STAGES = (("the scheduler knows of it", "sched_runnable"), ("it has decided", "sched_pick"),
          ("the engine has the vGPU", "sched_switch"))


def events(path):
    """Time stamps by event, in order; decisions and switches that give somebody the engine."""
    found = {name: [] for _, name in STAGES}
    line = re.compile(r" (\d+): (\w+): (.*)$")
    with open(path, encoding="ascii") as f:
        for m in filter(None, map(line.search, f)):
            fields = dict(w.split("=", 1) for w in m[3].split() if "=" in w)
            who = fields.get("next_gfid" if m[2] == "sched_pick" else "gfid")
            if m[2] in found and who != "0":
                found[m[2]].append(int(m[1]))
    return found


def read(out, how):
    costs, bells = {}, {}
    with open(f"{out}/vfio.{how}", encoding="ascii") as f:
        for words in map(str.split, f):
            if words[0] == "cost":
                costs[words[1]] = int(words[2])
            else:
                bells.setdefault(int(words[1]), []).append(int(words[2]))
    seen = events(f"{out}/vfio.trace.{how}")
    stages = {}
    for n, times in bells.items():
        for what, event in STAGES:
            took = []
            for begin in times:
                i = bisect.bisect(seen[event], begin)
                if i == len(seen[event]):
                    sys.exit(f"bench: no {event} after a doorbell")
                took.append(seen[event][i] - begin)
            stages[what, n] = int(statistics.median(took))
    return costs, stages


def table(head, body):
    widths = [max(len(str(line[i])) for line in [head] + body) for i in range(len(head))]
    rule = "  ".join("=" * w for w in widths)
    print(rule)
    print("  ".join(str(c).ljust(w) for c, w in zip(head, widths)).rstrip())
    print(rule)
    for line in body:
        print("  ".join([line[0].ljust(widths[0])] +
                        [str(c).rjust(w) for c, w in zip(line[1:], widths[1:])]))
    print(rule)


def main():
    costs, pinned = read(sys.argv[1], "Y")
    _, copied = read(sys.argv[1], "N")
    batches = sorted({n for _, n in pinned})
    table(["from the doorbell until"] + [f"{n}, {how}" for n in batches
                                         for how in ("pinned", "copied")],
          [[what] + [how[what, n] for n in batches for how in (pinned, copied)]
           for what, _ in STAGES])
    print()
    table(["an access", "instructions", "page faults"], [
        ["a system call that does nothing", costs["syscall"], "-"],
        ["a register is read", costs["register-read"], "-"],
        ["a register is written", costs["register-write"], "-"],
        ["a page of the framebuffer, for the first time", costs["fb-first"],
         costs["fb-first-faults"]],
        ["the same later, with the loop", f"{costs['fb-later-per-1000'] / 1000:.1f}",
         costs["fb-later-faults"]]])


main()
