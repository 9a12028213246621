#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What is left of hooks when they, their GPU or the module go.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

release=580.95.05
hooks=build/selftests/bpf/hook
call_file=/sys/kernel/debug/novabpf_call/call
allow=/sys/module/novabpf/parameters/allow_injection
get_state=0x20801120

needs_struct_ops
plan 23
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

hook_field() { # NAME COLUMN
	awk -v name="$1" -v col="$2" -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) { f = $i; sub(/^# /, "", f); at[f] = i } }
		$2 == name { print $at[col] }' $gpu/rpc/hooks
}

# One call, in the background: $caller.
call_it() {
	echo "0 $get_state 1" >$call_file &
	caller=$!
}

called() { ! kill -0 $caller 2>/dev/null; }
held_is() { [[ $(<$gpu/rpc/held) == "$1" ]]; }
late_runs() { [[ $(hook_field late calls) -gt 0 ]]; }

ends_well() { # NAME
	if ! wait_for 30 called; then
		not_ok "$1" "the call has not ended" "held: $(<$gpu/rpc/held)"
	else
		is "$(paste -sd, $call_file)" "0 0 0" "$1"
	fi
}

# --- a GPU that goes takes its hooks with it, links and all
load_sim fw=$release
succeeds "a firewall is attached" novabpf attach build/bpf/rpc/firewall.bpf.o --set enforce=1
succeeds "and takes a rule" novabpf rpc deny gpu0 2 FIFO_OBJSCHED_GET_STATE
rmmod novabpf_sim
load_sim fw=$release
is "$(wc -l <$gpu/rpc/hooks)" 1 "a new GPU has no hook"
novabpf rpc deny gpu0 2 FIFO_OBJSCHED_GET_STATE 2>/run/err
is "$? $(</run/err)" "1 novabpf: no hook of firewall is attached; run: novabpf attach rpc/firewall.bpf.o" \
	"a rule for a firewall that is not there is refused"
novabpf rpc firewall >/run/out 2>/run/err
is "$? $(</run/out)" "1 " "and it is not said to enforce anything"
like "$(novabpf list)" "ended .*gpu0/rpc/firewall" "the list says that it has ended"
is "$(bpftool link show 2>/dev/null | grep -c struct_ops)" \
	"$(find /sys/fs/bpf -type f -name '*firewall*' | wc -l)" "of its link the pin is left"
is "$(bpftool link show -j 2>/dev/null | python3 -c "import json, sys
print([l['map_id'] for l in json.load(sys.stdin) if l['type'] == 'struct_ops' and l['map_id']])")" \
	"[]" "which holds no program"
succeeds "a firewall can be attached anew" novabpf attach build/bpf/rpc/firewall.bpf.o
like "$(novabpf rpc firewall)" "audits only" "and is the one that is shown"
novabpf detach gpu0 --hook firewall >/dev/null

# --- what a hook holds does not outlive it
modprobe novabpf_call release=$release
set_timeout 60000
echo 1 >$allow
succeeds "a slow hook is attached" novabpf attach $hooks/late.bpf.o
call_it
wait_for 10 late_runs
is "$(called; echo $?) $(<$gpu/rpc/held)" "1 0" "it runs, and holds nothing yet"
novabpf detach gpu0 --hook late >/dev/null
ends_well "detached while it runs, it holds nothing"
held_is 0
is $? 0 "nothing is held"

# --- the kill switch lets go what is delayed, held and reordered, not what is throttled
for what in "delay 6 60000000000" "hold 7 0"; do
	read -r name action ns <<<"$what"
	echo 1 >$allow
	novabpf attach $hooks/ask.bpf.o --set nth=1 --set action="$action" --set arg="$ns" >/dev/null
	call_it
	wait_for 10 held_is 1
	is "$(called; echo $?) $(<$gpu/rpc/held)" "1 1" "$name: a call is held back"
	echo 0 >$allow
	ends_well "$name: the kill switch lets it go"
	novabpf detach gpu0 --hook ask >/dev/null
done
echo 1 >$allow
novabpf attach $hooks/ask.bpf.o --set phase=1 --set nth=1 --set action=6 --set arg=60000000000 \
	>/dev/null
call_it
wait_for 10 held_is 1
echo 0 >$allow
ends_well "a delayed reply: the kill switch lets it go"
novabpf detach gpu0 --hook ask >/dev/null
echo 1 >$allow
before=$(<$gpu/sched/now_ns)
novabpf attach $hooks/ask.bpf.o --set throttle_ns=1000000000 >/dev/null
call_it
wait_for 10 held_is 1
echo 0 >$allow
ends_well "a throttled call is made"
is "$(($(<$gpu/sched/now_ns) - before >= 1000000000))" 1 "not before its time"
novabpf detach gpu0 --hook ask >/dev/null
rmmod novabpf_call

# --- the parameter is written while the module comes and goes
succeeds "unload" unload_all
while :; do echo 0 >$allow; done 2>/dev/null &
writer=$!
for _ in {1..40}; do
	modprobe novabpf && rmmod novabpf || break
done
kill $writer
wait $writer 2>/dev/null
is "$(dmesg_since | grep -c 'Oops\|BUG:')" 0 "writing allow_injection while the module goes is harmless"
