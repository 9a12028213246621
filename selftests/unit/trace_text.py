#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print a trace of the scheduler as the kernel would: VGPUS take turns of 2 ms for
MS milliseconds. Decisions are made 50 us before the firmware confirms them. With
"fault", the policy asks for a vGPU that does not exist and is ejected in the end."""

import sys

SLICE = 2_000_000
SWITCH = 50_000


def main():
    vgpus, length = int(sys.argv[1]), int(sys.argv[2]) * 1_000_000
    fault = "fault" in sys.argv[3:]
    start = 5_000_000_000

    def line(name, text):
        print(f"   sim gpu0: x-77   [000] d..1. {start / 1e9:12.6f}: {name}: {text}")

    def head(gfid, at):
        return f"gpu=0 gfid={gfid} engine=1 now_ns={at}"

    print("# tracer: nop\n#\n#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION")
    for g in range(1, vgpus + 1):
        line("vgpu_phase", f"gpu=0 gfid={g} type=2 from=booting to=ready name=<t&{g}> a=b")
        line("sched_runnable", f"{head(g, start)} nr_runnable={g}")
    line("policy_attach", f"gpu=0 gfid=0 now_ns={start + 1000} kind=none code=0 seq=1 "
         "name=rr msg=")
    at, prev, ran = start + 10_000, 0, 0
    turn = 0
    while at < start + length:
        g = turn % vgpus + 1
        asked, verdict = g, "apply"
        if fault and turn % 10 == 9:
            asked, verdict = 999, "reject-gfid"
        line("sched_pick", f"{head(prev, at)} asked_kind=run asked_gfid={asked} "
             f"asked_ns={SLICE} verdict={verdict} kind=run next_gfid={g} slice_ns={SLICE} "
             f"nr_runnable={vgpus} policy=rr")
        at += SWITCH
        line("sched_switch", f"{head(g, at)} prev_gfid={prev} reason={'slice' if prev else 'none'} "
             f"ran_ns={ran} slice_ns={SLICE} switch_ns={SWITCH} err=0 later=7")
        if turn % 4 == 3:
            line("sched_complete", f"{head(g, at + 500)} ran_ns={SLICE}")
        prev, ran = g, SLICE
        at += SLICE
        turn += 1
    line("sched_quiescent", f"{head(1, at)} nr_runnable={vgpus - 1}")
    if fault:
        line("sched_stall", f"{head(2, at)} waited_ns=30000000 err=-110")
        line("policy_eject", f"gpu=0 gfid=2 now_ns={at} kind=error-stall code=-5 seq=2 "
             "name=rr msg=vgpu 2 did not run: a=1 <b> \"c\"")
    else:
        line("policy_detach", f"gpu=0 gfid=0 now_ns={at} kind=detach code=0 seq=2 name=rr msg=")


main()
