#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Hooks around calls and events: each action once, what is refused, what is let go.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
needs_struct_ops
plan 48
bpf=build/selftests/bpf/hook
call_file=/sys/kernel/debug/novabpf_call/call
allow=/sys/module/novabpf/parameters/allow_injection
get_state=0x20801120
tracing=/sys/kernel/tracing

# Attach with these variables; makes room first.
ask() { # VAR=VALUE...
	local args=() v

	novabpf detach gpu0 --hook ask >/dev/null 2>&1
	for v in "$@"; do args+=(--set "$v"); done
	novabpf attach $bpf/ask.bpf.o "${args[@]}" 2>&1 >/dev/null | head -3 || echo "# no hook: $*"
}

# Make calls; prints "error rpc_result status" of each, joined by commas.
calls() { # GFID COUNT
	echo "$1 $get_state $2" >$call_file
	paste -sd, $call_file
}

hook_field() { # NAME COLUMN
	awk -v name="$1" -v col="$2" -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) { f = $i; sub(/^# /, "", f); at[f] = i } }
		$2 == name { print $at[col] }' $gpu/rpc/hooks
}

verdicts() { # of the trace since the last look
	sed -n 's/.*gsp_rpc_verdict: //p' $tracing/trace
	echo >$tracing/trace
}

load_sim fw=580.95.05 clock=virtual seed=5
echo 1 >$tracing/events/novabpf/gsp_rpc_verdict/enable
modprobe novabpf_call release=580.95.05
is "$(cat $gpu/rpc/hooks | wc -l) $(cat $gpu/rpc/held)" "1 0" "no hook at first"
ok_call="0 0 0"
is "$(calls 0 2)" "$ok_call,$ok_call" "calls are answered"

# --- the switch
mark=$(dmesg_mark)
fails "a hook that injects is refused by default" novabpf attach $bpf/ask.bpf.o
succeeds "one that does not is taken" novabpf attach $bpf/first.bpf.o --set action=3 --set arg=0x3
is "$(calls 0 1)" "$ok_call" "but it cannot break anything"
like "$(verdicts)" "hook=first rule=7 asked=fail arg=3 applied=refused-flag done=0" \
	"which is traced"
novabpf detach gpu0 --hook first >/dev/null
echo 1 >$allow

# --- each action
ask nth=3 action=3 arg=3
is "$(calls 0 4)" "$ok_call,$ok_call,-121 0 3,$ok_call" "fail: exactly the third"
like "$(verdicts)" "GSP_RM_CONTROL\(76\) cmd=$get_state phase=submit hook=ask rule=7 asked=fail arg=3 applied=applied done=3" \
	"fail: traced with rule, asked and applied"
is "$(hook_field ask applied)" 1 "fail: counted"
like "$(novabpf gsp history --failed | tail -1)" "FIFO_OBJSCHED_GET_STATE .*NV_ERR_[A-Z_]+ +hook" \
	"fail: the history has the status"
ask nth=1 phase=1 action=3 arg=3
is "$(calls 0 2)" "-121 0 3,$ok_call" "fail in reply"
ask nth=1 action=4 arg=5
is "$(calls 0 2)" "-5 0 0,$ok_call" "error: of the transport"
like "$(novabpf gsp history --failed | tail -1)" "FIFO_OBJSCHED_GET_STATE .* - +hook" \
	"error: the history has no status"
ask nth=1 phase=1 action=4 arg=74
is "$(calls 0 2)" "-74 0 0,$ok_call" "error in reply"
ask nth=1 action=5
is "$(calls 0 2)" "-110 0 0,$ok_call" "drop: the deadline passes"
before=$(counter rpc_late)
ask nth=1 phase=1 action=5
is "$(calls 0 2)" "-110 0 0,$ok_call" "drop in reply"
is "$(counter rpc_late)" "$before" "drop in reply: it never comes"
ask nth=1 phase=1 action=6 arg=7000000000
is "$(calls 0 2) $(($(counter rpc_late) - before))" "-110 0 0,$ok_call 1" \
	"a reply delayed beyond the deadline is late"
ask nth=1 action=6 arg=3000000
is "$(calls 0 2)" "$ok_call,$ok_call" "delay: answered all the same"
awk -F '\t' '$5 == "FIFO_OBJSCHED_GET_STATE" { print int($16 / 1000000) }' $debug/history | tail -2 | paste -sd, >/tmp/took
is "$(</tmp/took)" "3,0" "delay: 3 ms later"
ask nth=1 action=8
before=$(counter rpc_sent)
is "$(calls 0 1) $(($(counter rpc_sent) - before))" "$ok_call 2" "duplicate: sent twice"
ask nth=1 action=9 arg=1
is "$(calls 0 1)" "$ok_call" "reorder: a call nobody passes goes in the end"
ask nth=1 phase=1 action=10 arg=8
is "$(calls 0 2)" "-74 0 0,$ok_call" "truncate: a short reply is a bad reply"
ask nth=1 field=0x0604 value=0
is "$(calls 0 2 | cut -d, -f 2)" "$ok_call" "rewrite: the next call is untouched"
like "$(verdicts)" "asked=rewrite arg=1540 applied=applied" "rewrite: a field by its id is traced"
ask nth=1 write=1 write_at=4096
is "$(calls 0 1)" "$ok_call" "bytes beyond the end are not written"
ask nth=1 throttle_ns=2000000
is "$(calls 0 1)" "$ok_call" "throttle: answered"
ask nth=1 throttle_ns=5000000000
is "$(calls 0 1)" "$ok_call" "a throttle beyond the limit is cut, the deadline moves"
like "$(verdicts)" "asked=throttle arg=5000000000 applied=clipped done=1000000000" "and traced as such"
ask nth=1 ret=-13
is "$(calls 0 2)" "-13 0 0,$ok_call" "deny: the caller gets the errno"
ask nth=1 ret=5
is "$(calls 0 1)" "$ok_call" "what is no errno denies nothing"
like "$(verdicts)" "asked=deny arg=18446744073709551615 applied=refused-arg" "and is refused"

# --- not legal
ask action=3 arg=0x7777
is "$(calls 0 1)" "$ok_call" "a status that does not exist is refused"
ask action=99
is "$(calls 0 1)" "$ok_call" "so is an action that does not exist"
is "$(hook_field ask refused) $(hook_field ask applied)" "1 0" "both are counted"

# --- events
before=$(counter events)
ask action=12 arg=12 nth=1
is "$(calls 0 1)" "$ok_call" "an event is made up"
is "$(($(counter events) - before))" 1 "and handled"
ask phase=2 op=6 cmd=0 action=5
before=$(counter events)
fault storm 10
calls 0 1 >/dev/null
is "$((($(counter events) - before) < 10))" 1 "drop: events are not handled"

# --- hold, release, kill switch
ask nth=1 action=7
before=$(counter rpc_answered)
(echo "0 $get_state 1" >$call_file) &
wait_for 10 grep -q '^1$' $gpu/rpc/held
echo 7 >$gpu/rpc/release
wait
like "$(paste -sd, $call_file)" "^($ok_call|-110 0 0)$" "hold: it ends"
is "$(cat $gpu/rpc/held)" 0 "hold: nothing is held any more"
ask action=3 arg=3
echo 0 >$allow
is "$(calls 0 1)" "$ok_call" "the switch stops a hook that is attached"
like "$(verdicts)" "applied=suppressed-off" "and that is traced"
is "$(hook_field ask suppressed)" 1 "and counted"
echo 1 >$allow

# --- several
succeeds "a second hook is attached" novabpf attach $bpf/first.bpf.o --set ret=-1
is "$(awk -F '\t' 'NR > 1 { print $1 $2 }' $gpu/rpc/hooks | paste -sd,)" "0first,1ask" \
	"by priority"
is "$(calls 0 1)" "-1 0 0" "the first one ends the call"
is "$(hook_field ask suppressed)" 2 "the second one asks in vain"
fails "a name is there once" novabpf attach $bpf/first.bpf.o

rmmod novabpf_call
novabpf detach gpu0 --hook ask >/dev/null
novabpf detach gpu0 --hook first >/dev/null
echo 0 >$allow
echo 0 >$tracing/events/novabpf/gsp_rpc_verdict/enable
unload_all
