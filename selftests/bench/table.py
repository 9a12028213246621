#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print the measurements of decisions.sh as a table of reStructuredText."""

import csv
import sys


def main():
    cells, columns, rows = {}, [], []
    with open(sys.argv[1], encoding="ascii") as f:
        for who, exist, waiting, traced, median, least, most in csv.reader(f):
            column = (int(traced), int(exist), int(waiting))
            if who not in rows:
                rows.append(who)
            if column not in columns:
                columns.append(column)
            cells[who, column] = (int(median), int(least), int(most))
    columns.sort()
    # How many exist means nothing to the daemon: it only sees who waits.
    most_exist = max(c[1] for c in columns)
    head = [["decided by"] + ["traced" if c[0] else "" for c in columns],
            ["vGPUs that exist"] + [str(c[1]) for c in columns],
            ["vGPUs that wait"] + [str(c[2]) for c in columns]]
    body = [[who] + [str(cells[who, c][0]) if (who, c) in cells else "-" for c in columns]
            for who in rows]
    widths = [max(len(line[i]) for line in head + body) for i in range(len(columns) + 1)]
    rule = "  ".join("=" * w for w in widths)
    print(rule)
    for line in head:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip())
    print(rule)
    for line in body:
        print("  ".join([line[0].ljust(widths[0])] +
                        [c.rjust(w) for c, w in zip(line[1:], widths[1:])]))
    print(rule)
    daemon = [cells["daemon", c][0] for c in columns if ("daemon", c) in cells and not c[0]]
    for who in rows:
        mine = [cells[who, c][0] for c in columns
                if c[1] == most_exist and not c[0] and (who, c) in cells]
        if who != "daemon" and daemon and mine:
            print(f"{who}: {min(daemon) / max(mine):.1f} to {max(daemon) / min(mine):.1f} "
                  "times cheaper than the daemon")


main()
