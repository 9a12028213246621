#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fault injection by rules: each action on a release that echoes sequence numbers and
# on one that does not, counts, the trace, the kill switch, seeds, many rules, bad ones.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

allow=/sys/module/novabpf/parameters/allow_injection
trace=/sys/kernel/tracing

needs_struct_ops

# seen, hits, suppressed, left of each rule, in one line.
counts() {
	novabpf inject list -j | python3 -c "import json, sys
print('; '.join(f'{r[\"seen\"]} {r[\"hits\"]} {r[\"suppressed\"]} {r[\"left\"]}'
		for r in json.load(sys.stdin)))"
}

load() { run_load "$release" threads=1 "calls=${1:-100}" posts=0; }

# Number of rules, then ID:HITS of those that hit.
hits() {
	novabpf inject list -j | python3 -c "import json, sys
rules = json.load(sys.stdin)
print(len(rules), *(f'{r[\"id\"]}:{r[\"hits\"]}' for r in rules if r['hits']))"
}

plan 21
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
mountpoint -q $trace || mount -t tracefs none $trace
third='function=GSP_RM_CONTROL cmd=TSG_GET_TIMESLICE nth=3 action=fail'
third+=' status=NV_ERR_BUSY_RETRY'
# One after the other, so that none meets the calls of another.
cat >/run/all.rules <<'E2'
# each action once
function=GSP_RM_CONTROL phase=reply nth=4 action=fail status=NV_ERR_INVALID_STATE
function=GSP_RM_CONTROL nth=8 action=error errno=EIO
function=GSP_RM_CONTROL nth=12 action=drop
function=GSP_RM_CONTROL phase=reply nth=16 action=drop
function=GSP_RM_CONTROL phase=reply nth=20 action=delay time=5ms
function=GSP_RM_CONTROL nth=26 action=late
function=GSP_RM_CONTROL nth=32 action=duplicate
function=GSP_RM_CONTROL nth=36 action=truncate bytes=4
function=GSP_RM_CONTROL nth=40 action=corrupt xor=hObject:0xff
function=GSP_RM_CONTROL nth=44 action=event send=RC_TRIGGERED set=chid:4095
function=GSP_RM_CONTROL nth=48 action=hold time=1ms
function=GSP_RM_CONTROL nth=52 action=reorder count=1
E2

# Of several kinds of key, and none but the last is about a call that is made.
{
	for ((i = 1; i <= 333; i++)); do
		echo "cmd=$((0x20801200 + i)) action=drop"
		echo "cmd=TSG_GET_TIMESLICE gfid=$i action=drop"
		echo "gfid=$i action=drop"
	done
	echo "cmd=TSG_GET_TIMESLICE nth=2 action=fail status=NV_ERR_BUSY_RETRY"
} >/run/many.rules
cat >/run/kinds.rules <<'E2'
cmd=TSG_GET_TIMESLICE gfid=0 nth=1 action=delay time=1us
cmd=TSG_GET_TIMESLICE nth=1 action=delay time=1us
function=GSP_RM_CONTROL gfid=0 nth=1 action=delay time=1us
function=GSP_RM_CONTROL nth=1 action=delay time=1us
phase=reply gfid=0 nth=1 action=delay time=1us
phase=reply nth=1 action=delay time=1us
E2

for release in 570.144 535.113.01; do
	load_sim clock=virtual fw=$release
	if [[ $release == 570.144 ]]; then
		like "$(novabpf inject add "$third" 2>&1)" \
			"NOVA_RPC_F_INJECT, not allowed; run: echo 1 > $allow$" "not allowed"
	fi
	echo 1 >$allow
	novabpf inject add "$third" >/dev/null
	echo 1 >$trace/events/novabpf/gsp_rpc_verdict/enable
	load
	echo 0 >$trace/events/novabpf/gsp_rpc_verdict/enable
	like "$(counts)" "^[0-9]+ 1 0 0$" "the third fails, and only that ($release)"
	like "$(grep gsp_rpc_verdict: $trace/trace)" \
		"rule=1 asked=fail arg=3 applied=applied" "the trace has rule, asked and applied ($release)"
	echo >$trace/trace
	novabpf inject del 1
	novabpf inject run /run/all.rules -- bash -c ". $(dirname "$0")/gsp.sh
		run_load $release threads=1 calls=150 posts=0
		echo load \$load_wrong" >/run/out 2>&1
	is "$(grep -c "hits 1, suppressed 0" /run/out)" 12 "each action once ($release)" ||
		sed 's/^/# /' /run/out
	like "$(</run/out)" "load 0" "no wrong answer ($release)"
	is "$(counts)" "" "and no rule is left ($release)"
	[[ $release == 570.144 ]] || continue

	novabpf inject add "function=GSP_RM_CONTROL action=fail status=NV_ERR_BUSY_RETRY" >/dev/null
	echo 0 >$allow
	load 30
	like "$(counts)" "^([1-9][0-9]*) 0 [1-9][0-9]* None$" "the kill switch"
	echo 1 >$allow
	novabpf inject clear
	like "$(novabpf inject add "nth=3 function=GSP_RM_CONTROLL action=drop" 2>&1)" \
		"column 16: unknown function 'GSP_RM_CONTROLL'; did you mean GSP_RM_CONTROL\?" \
		"a bad rule: column and near match"
	for _ in 1 2; do
		novabpf inject add "function=GSP_RM_CONTROL seed=7 ppm=200000 action=delay time=1us" \
			>/dev/null
	done
	load 30
	two=$(counts)
	is "${two%; *}" "${two#*; }" "the same seed draws the same"
	novabpf inject clear

	is "$(novabpf inject add --file /run/many.rules 2>&1)" "gpu0: rules 1 to 1000" \
		"a thousand rules at once"
	load 30
	is "$(hits)" "1000 1000:1" "the last one hits, and no other"
	like "$(novabpf inject add --file /run/many.rules 2>&1)" "has 1024 rules, which is the most" \
		"a thousand more are too many"
	is "$(hits)" "1000 1000:1" "and none of them is added"
	novabpf inject del 500
	novabpf inject del 1000
	load 10
	is "$(hits)" "998" "two are removed"
	novabpf inject clear
	novabpf inject add --file /run/kinds.rules >/dev/null
	load 10
	is "$(hits)" "6 1:1 2:1 3:1 4:1 5:1 6:1" "rules are found by any part of their key"
	novabpf inject clear
	is "$(ls /sys/fs/bpf)" "" "clear leaves nothing"
	unload_all
done
novabpf inject clear
unload_all
