#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The system goes to sleep and wakes up under load, to each level that the kernel can
# test: no call times out, no policy is ejected, vGPUs go on. A GPU that lost its state
# meanwhile is booted anew, and its vGPUs are told.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
bpf=$top/build/bpf/sched
work=$top/build/selftests/bpf/work
sched=$gpu/sched
tracing=/sys/kernel/tracing
power=/sys/power
[[ -w $power/pm_test ]] || skip_all "the kernel has no PM_DEBUG"
[[ -e $bpf/fair.bpf.o && -x $work ]] || skip_all "not built: make bpf test-programs"
policies=$(has_struct_ops && echo yes)
plan 37
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
mountpoint -q $tracing || mount -t tracefs none $tracing
delay=/sys/module/suspend/parameters/pm_test_delay
[[ ! -w $delay ]] || echo 2 >$delay

# The kernel waits by a loop of instructions: 2 s of it took 1.5 s on an emulated processor.
# Between two switches there are a few ms.
rest_ms=1000

pm() { # LEVEL STATE: sleep to that level, for 2 s
	local err=0

	echo "$1" >$power/pm_test
	echo "$2" >$power/state || err=1
	echo none >$power/pm_test
	return $err
}

runs() { cat $gpu/vgpu"$1"/stats/runs; }
runs_on() { # GFID BEFORE
	[[ $(runs "$1") -gt $2 ]]
}
all_run() {
	local gfid

	for gfid in 1 2 3; do
		wait_for 20 runs_on $gfid "$(runs $gfid)" || return 1
	done
}
who() { echo "$(<$gpu/state) $(<$sched/state) $(<$sched/policy)"; }

# The longest time without a switch, in ms of GPU time.
longest_rest_ms() {
	sed -n 's/.* sched_switch: .* now_ns=\([0-9]*\).*/\1/p' $tracing/trace | sort -n |
		awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 }
			END { printf "%d\n", most / 1000000 }'
}

begin() { # [PARAMETER=VALUE...]
	local gfid

	load_sim fw=580.95.05 "$@"
	echo 1 >$tracing/events/novabpf/sched_switch/enable
	for gfid in 1 2 3; do
		echo "type=$type gfid=$gfid" >$gpu/vgpu_create
	done
	"$work" 100000000 1 2 3 >/dev/null 2>&1 &
	load=$!
	want="ready builtin "
	if [[ $policies ]]; then
		novabpf attach "$bpf/fair.bpf.o" >/dev/null
		want="ready enabled fair"
	fi
	all_run
}

end() {
	echo 0 >$tracing/events/novabpf/sched_switch/enable
	novabpf detach >/dev/null 2>&1
	rm -f /sys/fs/bpf/novabpf/gpu0/sched
	kill $load
	wait $load 2>/dev/null
	unload_all
}

sent_since() { [[ $(counter rpc_sent) -gt $1 ]]; }
# Threads of the kernel, which nobody freezes, call until the load has ended.
begin_calls() { # [PARAMETER=VALUE...]
	modprobe novabpf_test release=580.95.05 threads=2 calls=20000 posts=0 "$@" &
	calls=$!
	wait_for 20 grep -q coming /sys/module/novabpf_test/initstate
	wait_for 20 sent_since $(($(counter rpc_sent) + 100))
}
result() { tr '\n' ' ' </sys/kernel/debug/novabpf_test/result; }

sleeps() { # STATE LEVEL REST_MS
	local rest calls took

	echo >$tracing/trace
	begin_calls
	succeeds "$1, $2: the system goes to sleep and wakes up" pm "$2" "$1"
	wait $calls
	all_run
	is "$? $(who) $(counter rpc_timeouts)" "0 $want 0" "$1, $2: vGPUs, policy and calls go on"
	like "$(result)" 'timeouts 0 failures 0 .*wrong 0' "$1, $2: calls under way end well"
	took=$(sed -n 's/^elapsed_ms //p' /sys/kernel/debug/novabpf_test/result)
	rmmod novabpf_test
	rest=$(longest_rest_ms)
	echo "# $1, $2: calls took $took ms, no switch for $rest ms; longest wait that counted: $(<$sched/wait_max_us) us"
	[[ $3 -eq 0 ]] && return
	[[ $rest -ge $3 && $took -ge $3 ]]
	is $? 0 "$1, $2: the GPU was quiet, with calls to be made"
}

modprobe novabpf_awake
load_sim
type=$(basename "$(grep -l '^8$' $gpu/vgpu_types/*/max_instances | head -n 1 | xargs dirname)")
unload_all
begin
sleeps mem freezer 0
for level in devices platform processors core; do
	rest=$rest_ms
	[[ $level != core ]] || rest=0
	sleeps mem $level $rest
done
sleeps disk devices $rest_ms
sleeps disk core 0
end

begin clock=virtual
begin_calls
succeeds "virtual clock: the system goes to sleep and wakes up" pm devices mem
all_run
is "$? $(who) $(counter rpc_timeouts)" "0 $want 0" "virtual clock: all go on"
wait $calls
like "$(result)" 'timeouts 0 failures 0 .*wrong 0' "virtual clock: calls under way end well"
rmmod novabpf_test
end

# --- a GPU that lost its state
begin pm_lose=1
begin_calls resets=1
succeeds "state lost: the system wakes up" pm devices mem
ready() { [[ $(<$gpu/state) == ready && $(counter recoveries) == 1 ]]; }
succeeds "state lost: the GPU is reset and its firmware booted" wait_for 60 ready
is "$(cat $gpu/vgpu*/state | sort -u)" error "state lost: its vGPUs are told"
wait $calls
like "$(result)" 'timeouts 0 failures 0 reset [1-9].* anew [1-9].*wrong 0' \
	"state lost: calls under way are ended"
rmmod novabpf_test
like "$(dmesg_since)" 'the GPU lost its state while the system slept' "state lost: the log says why"
succeeds "state lost: it can be used" still_works 580.95.05
end

# --- a reset that begins on the way to sleep: a call's time ends while it is waited for
timeouts_reset=/sys/module/novabpf/parameters/rpc_timeouts_reset
refused_with() { # MILLISECONDS: that a call has, which the firmware does not answer
	local calls sent status=0

	set_timeout "$1"
	fault mute on
	sent=$(counter rpc_sent)
	modprobe novabpf_test release=580.95.05 threads=1 calls=20 posts=0 resets=1 &
	calls=$!
	wait_for 20 sent_since "$sent"
	pm devices mem 2>/dev/null || status=1
	wait_for 60 ready || status=0
	wait $calls
	rmmod novabpf_test
	return $((!status))
}
# How long the system takes until the GPU's turn comes is not known: one of these fits.
refused() {
	local ms

	for ms in 2000 3500 5000 6500; do
		refused_with $ms && return
	done
	return 1
}
load_sim fw=580.95.05
usual=$(<$timeouts_reset)
echo 1 >$timeouts_reset
echo 16 >/sys/module/novabpf/parameters/recoveries_max
ready() { [[ $(<$gpu/state) == ready ]]; }
succeeds "reset under way: the system does not sleep, and the GPU comes back" refused
like "$(dmesg_since)" 'is being reset: the system cannot sleep now' "reset under way: the log says why"
set_timeout 6000
echo "$usual" >$timeouts_reset
echo 3 >/sys/module/novabpf/parameters/recoveries_max
succeeds "reset under way: it can be used" still_works 580.95.05
unload_all
rmmod novabpf_awake
