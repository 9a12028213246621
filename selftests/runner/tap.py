# SPDX-License-Identifier: GPL-2.0-only
"""What tests reported, summed up from their TAP."""

import re


class Sum:
    """Results, and the text that tells of them: nothing is printed here."""

    def __init__(self, head=""):
        self.passed = self.failed = 0
        self.skips = []
        self.boots = self.deaths = 0
        self.text = [head] if head else []
        self.took = {}          # seconds by "kind name"

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.boots += other.boots
        self.deaths += other.deaths
        self.skips += [s for s in other.skips if s not in self.skips]
        self.took.update(other.took)

    def line(self):
        line = f"{self.passed} passed, {self.failed} failed"
        if self.skips:
            line += f", {len(self.skips)} skipped"
        return line

    def machines(self):
        """How many boots it took; apart from line(), whose form other programs read."""
        if not self.boots:
            return ""
        text = f"{self.boots} boot{'s' if self.boots > 1 else ''}"
        if self.deaths:
            text += f", {self.deaths} of them ended by a fault of the machine's own"
        return text

    def fail(self, name, diagnostics):
        self.failed += 1
        self.text += [f"FAIL {name}"] + [f"     {line}" for line in diagnostics]

    def note(self, line, diagnostics=()):
        self.text += [line] + [f"     {line}" for line in diagnostics]

    def tap(self, group, text, status=0):
        """One test program's output. Everything that is not a plain pass or a
        skip with a reason fails: also a missing or unmet plan, a bad status."""
        results, plan, other = self.parse(group, text)
        failed_before = self.failed
        seen = set()
        for good, number, name, notes in results:
            skip = re.search(r"(?:^|\s)#\s*skip\S*\s*(.*)$", name, re.I)
            if number and number in seen:
                good, name = False, f"{name} (number {number} twice)"
            seen.add(number)
            if not good:
                self.fail(f"{group}: {name}", [n for n in notes if n][:40])
            elif skip and not skip.group(1):
                self.fail(f"{group}: {name}", ["skipped without a reason"])
            elif skip:
                self.skips.append((f"{group}: {name[:skip.start()].strip(' #')}", skip.group(1)))
            else:
                self.passed += 1
        # Results numbered from 9001 are added by the runner, beyond the plan.
        own = [r for r in results if not (r[1] and int(r[1]) > 9000)]
        last = [o for o in other if o][-15:]
        if plan is None:
            self.fail(f"{group}: no plan, exit status {status}", last)
        elif plan != len(own) and plan:
            self.fail(f"{group}: planned {plan}, reported {len(own)}, exit status {status}", last)
        elif status and self.failed == failed_before:
            self.fail(f"{group}: exit status {status} though no test failed", last)

    def parse(self, group, text):
        """Lists of [good, number, name, notes]; the plan or None; the lines that are neither."""
        results, plan, other = [], None, []
        for line in text.splitlines():
            line = line.rstrip()
            got = re.match(r"(not )?ok\b\s*(\d*)\s*-?\s*(.*)", line)
            if got:
                results.append([not got.group(1), got.group(2), got.group(3), []])
                continue
            planned = re.match(r"1\.\.(\d+)\s*(?:#\s*skip\S*\s*(.*))?$", line, re.I)
            if planned:
                if plan is not None:
                    results.append([False, "", "only one plan", []])
                plan = int(planned.group(1))
                if plan == 0:
                    if planned.group(2):
                        self.skips.append((group, planned.group(2)))
                    else:
                        results.append([False, "", "a skipped file gives a reason", []])
                continue
            (results[-1][3] if results else other).append(line)
            other.append(line)
        return results, plan, other
