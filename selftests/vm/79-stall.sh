#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A machine that stands still under load ends no policy and lets no call time out; a
# policy that starves a vGPU is ejected all the same.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
bpf=$top/build/bpf/sched
work=$top/build/selftests/bpf/work
sched=$gpu/sched
[[ -e $bpf/fair.bpf.o && -x $work ]] || skip_all "not built: make bpf test-programs"
needs_struct_ops
plan 9
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

who() { echo "$(<$sched/state) $(<$sched/policy)"; }
said() { echo "# $(<$sched/exit_msg)"; }
hold() { echo "$1" >/sys/module/novabpf_stall/parameters/hold_ms; } # MILLISECONDS

load_sim fw=580.95.05
modprobe novabpf_stall

# --- calls under way, on a machine that stops for longer than their time
set_timeout 1000
fault random delay=1000000 delay_us=200000
modprobe novabpf_test release=580.95.05 threads=2 calls=24 posts=0 &
calls=$!
sent=$(counter rpc_sent)
some_sent() { [[ $(counter rpc_sent) -gt $((sent + 1)) ]]; }
wait_for 20 some_sent
hold 3000
wait $calls
is "$? $(counter rpc_timeouts) $(sed -n 's/^calls //p' /sys/kernel/debug/novabpf_test/result)" "0 0 24" \
	"calls keep their time where the machine stands still" ||
	sed 's/^/# /' /sys/kernel/debug/novabpf_test/result
rmmod novabpf_test
fault random off
set_timeout 6000

type=$(basename "$(grep -l '^8$' $gpu/vgpu_types/*/max_instances | head -n 1 | xargs dirname)")
for gfid in 1 2 3; do
	echo "type=$type gfid=$gfid" >$gpu/vgpu_create
done
"$work" 600000 1 2 3 >/dev/null 2>&1 &
load=$!
hogs=()
succeeds "a policy is attached" novabpf attach "$bpf/fair.bpf.o"
is "$(who)" "enabled fair" "and decides"

# --- longer than its time-out, at several points of turns and switches
lost=0
for ms in 1200 4000 1700 2900 1100 2300; do
	hold $ms
	sleep 0.4
	[[ $(who) == "enabled fair" ]] || lost=$((lost + 1))
done
is "$lost $(who)" "0 enabled fair" "a machine that was stopped for up to 4 s ends no policy" || said
counted=$(<$sched/wait_max_us)
echo "# longest wait that counted: $counted us"
[[ $counted -gt 0 && $counted -lt 1000000 ]]
is $? 0 "what counted against it is less than its time-out"
like "$(novabpf status)" 'longest +wait [0-9.]+ of 1000 ms' "status tells both"

# --- every processor is taken by tasks of real-time priority
for ((cpu = 0; cpu < $(nproc); cpu++)); do
	timeout 6 taskset -c $cpu chrt -f 50 sh -c 'while :; do :; done' &
	hogs+=($!)
done
wait "${hogs[@]}"
is "$(who)" "enabled fair" "nor do real-time tasks on all processors" || said
echo "# longest wait that counted: $(<$sched/wait_max_us) us"

# --- starved on a machine that is stopped again and again
novabpf detach >/dev/null
novabpf attach "$bpf/fair.bpf.o" --set fault_stall_gfid=2 >/dev/null
for ((i = 0; i < 40; i++)); do
	[[ $(<$sched/state) != faulted ]] || break
	hold 700
	sleep 0.3
done
is "$(<$sched/state) $(<$sched/exit_gfid)" "faulted 2" "a policy that starves a vGPU is ejected"
like "$(<$sched/exit_msg)" 'vgpu2 on gr0 was runnable for 1[0-9]{3} ms' \
	"once it had let a second of chances pass"
novabpf detach >/dev/null 2>&1
rm -f /sys/fs/bpf/novabpf/gpu0/sched
kill $load
wait $load 2>/dev/null
rmmod novabpf_stall
unload_all
