#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Controls of a switch that fail: what is over soon is tried again, a vGPU that cannot be
# switched is taken out and can be made anew, and the engine goes on for the others. A
# vGPU that is destroyed meanwhile, and a reset behind it, end in bounded time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
ask=$top/build/selftests/bpf/hook/ask.bpf.o
work=$top/build/selftests/bpf/work
[[ -e $ask && -x $work ]] || skip_all "not built: make test-programs"
needs_struct_ops
plan 36
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

release=580.95.05
parameters=/sys/module/novabpf/parameters
runs() { cat $gpu/vgpu$1/stats/runs; }
state() { cat $gpu/vgpu$1/state; }
phase() { awk '{ print $9 }' $gpu/sched/runlists; }
given_up() { dmesg_since "$mark" | grep -c 'is not scheduled any more'; }
event() { awk -v name="$1" '$1 == name { print $2 }' $gpu/sched/events; }

# Both had turns during some more work.
both_go_on() {
	local before

	before="$(runs 1) $(runs 2)"
	"$work" 300 1 2 >/dev/null
	echo $((${before% *} < $(runs 1) && ${before#* } < $(runs 2)))
}

begin() { # [PARAMETER=VALUE...]
	load_sim fw=$release "$@"
	echo 1 >$parameters/allow_injection
	echo type=NOVA-test gfid=1 >$gpu/vgpu_create
	echo type=NOVA-test gfid=2 >$gpu/vgpu_create
	mark=$(dmesg_mark)
}

ask() { novabpf attach "$ask" "${@/#/--set=}" >/dev/null; }
asked() { novabpf detach gpu0 --hook ask >/dev/null; }

# --- The shipped rate limit, so narrow that it refuses.
begin clock=virtual
novabpf attach build/bpf/rpc/ratelimit.bpf.o --set refuse=1 --set rate=200 --set burst=32 \
	--set max_wait_ms=1 >/dev/null
"$work" 3000 1 2 >/dev/null
is "$(both_go_on) $(given_up)" "1 0" "a rate limit that refuses: both tenants go on"
novabpf detach gpu0 --hook ratelimit >/dev/null
succeeds "a vGPU can be created after it" sh -c "echo type=NOVA-test gfid=3 >$gpu/vgpu_create"
echo 3 >$gpu/vgpu_destroy

# --- One control fails: in submission or by its reply, whatever the error says.
for cmd in 0xa06c0101 0xa06c0103 0xa06c0105; do
	for how in "phase=0 action=4 arg=5" "phase=1 action=4 arg=5" "phase=0 ret=-12" \
		"phase=0 ret=-11" "phase=0 action=3 arg=3" "phase=1 action=3 arg=3"; do
		# Told anew where they change, and short enough that there are preemptions.
		slice=$((slice == 1000 ? 2000 : 1000))
		echo $slice >$gpu/sched/slice_us
		before=$(event switch_retries)
		# shellcheck disable=SC2086 # words are meant
		ask cmd=$cmd nth=2 $how
		"$work" 300 1 2 >/dev/null
		is "$(both_go_on) $(given_up) $(phase) $(($(event switch_retries) - before))" \
			"1 0 idle 1" "one $cmd fails ($how): tried again, and both go on"
		asked
	done
done
unload_all

# --- Each second one fails: slower, and nobody is given up.
begin clock=virtual
ask cmd=0xa06c0101 every=2 phase=0 ret=-11
"$work" 300 1 2 >/dev/null
is "$(both_go_on) $(given_up)" "1 0" "each second control refused: both go on"
asked

# --- All of one vGPU's fail: it is taken out, the other goes on.
ask cmd=0xa06c0101 gfid=1 phase=0 ret=-13
"$work" 1000 1 2 >/dev/null
before=$(runs 2)
"$work" 300 2 >/dev/null
is "$(given_up) $((before < $(runs 2))) $(state 2)" "1 1 ready" \
	"all of one vGPU's are refused: the other goes on"
succeeds "it is in error" wait_for 10 grep -q error $gpu/vgpu1/state
like "$(cat $gpu/vgpu1/failure)" "could not be switched on gr0 .error -13." "and says why"
like "$(novabpf status 0)" "1 +vgpu1 +error" "status shows it"
is "$(phase) $(cat $gpu/vgpu_quarantined)" "idle 0" "the runlist works, and nothing is quarantined"
asked
succeeds "it is made anew" sh -c "echo 1 >$gpu/vgpu1/reset"
is "$(both_go_on) $(state 1)" "1 ready" "and has its turns again"

# --- The firmware itself refuses: given up at once.
mark=$(dmesg_mark)
before=$(event switch_retries)
ask cmd=0xa06c0101 gfid=1 phase=1 action=3 arg=0x1f
"$work" 300 1 2 >/dev/null
is "$(given_up) $(event switch_retries)" "1 $before" "what the firmware refuses is not tried again"
asked
wait_for 10 grep -q error $gpu/vgpu1/state
succeeds "such a vGPU is made anew, too" sh -c "echo 1 >$gpu/vgpu1/reset"
is "$(both_go_on)" 1 "and has its turns again"
unload_all

# --- A vGPU is destroyed during a switch whose reply is lost, and the GPU is reset.
begin
set_timeout 60000
ask cmd=0xa06c0105 phase=1 action=5 nth=5
"$work" 20000 1 2 >/dev/null &
worker=$!
succeeds "a reply of a preemption is lost" wait_for 30 grep -q 'phase switch.* posts 1$' $debug/sched
echo 1 >$gpu/vgpu_destroy 2>/dev/null &
one=$!
echo 2 >$gpu/vgpu_destroy 2>/dev/null &
two=$!
wait_for 10 sh -c "grep -c ' leaving' $debug/sched | grep -q 2"
succeeds "a reset ends in bounded time" timeout 20 sh -c "echo 1 >$gpu/recover"
kill $worker 2>/dev/null
gone() { ! [[ -d /proc/$1 ]]; }
wait_for 10 gone $one && wait_for 10 gone $two
is "$? $(cat $gpu/state)" "0 ready" "so do both that destroy"
asked
succeeds "vGPUs can be created" sh -c "echo type=NOVA-test name=new >$gpu/vgpu_create"
succeeds "and all unloads" unload_all
