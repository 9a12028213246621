#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What "make demo" shows, inside the virtual machine. DEMO_FW chooses the
# firmware release.

fw=${DEMO_FW:-570.144}
trace=$NOVABPF_OUT/gsp-trace.txt

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }

show() {
	echo "\$ $*"
	"$@" || exit
}

say "The core. It drives nothing by itself: a backend brings GPUs."
show modprobe novabpf

say "bpftrace watches every call to the firmware (this compiles for some seconds)."
echo "\$ tools/bpftrace/gsp-trace.bt &"
tools/bpftrace/gsp-trace.bt >"$trace" 2>&1 &
tracer=$!
for _ in {1..600}; do
	grep -q ^TIME "$trace" && break
	kill -0 "$tracer" 2>/dev/null || { cat "$trace"; exit 1; }
	sleep 0.1
done
sleep 2

say "A simulated GPU boots firmware $fw over real message queues."
show modprobe novabpf_sim "fw=$fw"
show novabpf gpu list

say "Two threads call the firmware; each knows what every answer must be."
show modprobe novabpf_test "release=$fw" threads=2 calls=20
show cat /sys/kernel/debug/novabpf_test/result
show rmmod novabpf_test

say "Clean unload: the firmware is told, it acknowledges, its memory is given back."
show rmmod novabpf_sim

say "What bpftrace saw: the boot, the calls with their times, the unload."
sleep 1
kill -INT "$tracer"
wait "$tracer"
cat "$trace"

say "The same modules, another release: other layouts, headers, order of the boot."
show modprobe novabpf_sim fw=595.45.04
show novabpf gpu show gpu0
show rmmod novabpf_sim novabpf

say "Nothing is left loaded."
! lsmod | grep '^novabpf'
