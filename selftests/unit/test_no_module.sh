#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every command of the tool on a machine without the module: the exit status that the
# manual names, one line on stderr, and with -j an object with the error and nothing
# else. A command that is not in the table fails. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir -p "$NOVABPF_ROOT"
echo 'function=GSP_RM_CONTROL nth=1 action=drop' >"$tmp/rules"
hook=build/bpf/rpc/firewall.bpf.o
policy=build/bpf/sched/fair.bpf.o

# Object, verb or "-", then arguments: what fails without the module.
failing="gpu list
gpu show 0
gpu recover 0
vgpu types 0
vgpu list
vgpu show 0 1
vgpu create 0 NOVA-test
vgpu set 0 1 weight=100
vgpu destroy 0 1
gsp history
gsp queues 0 -o $tmp/queues
gsp report
gsp report --clear
trace sched --seconds 1
trace rpc --seconds 1
record - $tmp/out.pcapng --seconds 1
replay - $tmp/none.pcapng
top - --once
load - duel
rpc lat
rpc slow
rpc firewall
rpc allow 0 any
rpc deny 0 any
rpc forget 0 any
rpc limits
rpc limit 0 1 100
attach - $hook
attach - $policy
replace - $policy
detach - 0
detach - 0 --hook firewall
status -
sched show
sched set 0 slice_us=2000
sched reset 0
inject add function=GSP_RM_CONTROL nth=1 action=drop
inject add --file $tmp/rules
inject list
inject del 1
inject clear
inject run $tmp/rules -- true
inject release all"
# What needs no module; doctor fails by its checks, as a report.
others="list -
new policy
new hook
inject profiles
doctor -
help -
version -"

one_line() # FILE
{
	[ "$(wc -l <"$1")" -eq 1 ]
}

while read -r object verb args; do
	[ "$verb" != - ] || verb=
	# shellcheck disable=SC2086 # words are meant
	run $object $verb $args
	[ "$rc" -eq 1 ] && one_line "$tmp/err" && grep -q '^novabpf: ' "$tmp/err" &&
		[ ! -s "$tmp/out" ]
	result $? "$object $verb $args: exit 1 and one line"
	# shellcheck disable=SC2086 # words are meant
	run -j $object $verb $args
	[ "$rc" -eq 1 ] && [ ! -s "$tmp/err" ] && one_line "$tmp/out" &&
		python3 -c 'import json, sys
sys.exit(list(json.load(sys.stdin)) != ["error"])' <"$tmp/out" 2>/dev/null
	result $? "$object $verb $args: the same as JSON"
done <<<"$failing"

run help -j
python3 - "$tmp/out" "$failing" "$others" >"$tmp/missing" <<'PY'
import json, sys
known = {tuple((line.split() + ["-"])[:2]) for line in "\n".join(sys.argv[2:]).splitlines()}
for c in json.load(open(sys.argv[1]))["commands"]:
    if (c["object"], c["verb"] or "-") not in known:
        print(c["object"], c["verb"] or "")
PY
[ -z "$(<"$tmp/missing")" ]
result $? "every command is in the table" "$(<"$tmp/missing")"
echo "1..$count"
