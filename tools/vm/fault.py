# SPDX-License-Identifier: GPL-2.0-only
"""Whose fault a kernel died of, as its log tells."""

import re

# What ends a kernel, or the task that it hits.
FATAL = re.compile(r"Oops(:| )|Kernel panic|general protection fault|kernel BUG at |double fault"
                   r"|unable to handle (kernel|page fault)|stack guard page was hit")
# "do_work+0x12/0x340 [module]": a line of a call trace, or RIP. The list of modules
# has nothing of this form.
FRAME = re.compile(r"[\w.]+\+0x[0-9a-f]+/0x[0-9a-f]+")
# In a module of ours, by the name of a function built in, in a BPF program (the test
# machine runs none but ours), or in a work item of ours.
OURS = re.compile(r"\+0x[0-9a-f]+/0x[0-9a-f]+ \[novabpf"
                  r"|(^|[^\w.])nova(bpf)?_[\w.]+\+0x|bpf_prog_[0-9a-f]{16}_\w+\+0x"
                  r"|Workqueue: .*\[novabpf", re.M)


def of_the_machine(log):
    """Did it die of a fault without a frame of ours? Only a log that shows where it
    happened can say so; and one frame of ours anywhere in it says no."""
    fatal = FATAL.search(log)
    if not fatal or OURS.search(log):
        return False
    return bool(FRAME.search(log, fatal.start()))
