#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# novabpf gsp report --list and --id against a fake tree: which reports there are, and
# one of them. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir -p "$NOVABPF_ROOT"/sys/class/novabpf/gpu{0,1} "$NOVABPF_ROOT"/sys/kernel/debug/novabpf/gpu{0,1}
dir=$NOVABPF_ROOT/sys/kernel/debug/novabpf/gpu0

report() # ID KIND RUN INCIDENT
{
	printf '%s\t%s\n' incident "$4" at_ns "${1}500000000" id "$1" kind "$2" release 570.144 \
		state ready run "$3"
	printf '[counters]\nrpc_sent\t%s\n[history]\n# id\tcomm\n1\tincident\n[payload]\n0000 01\n' "$1"
	printf '[crash]\n'
}
{
	report 1 timeout 1 "Xid 119 (GSP RPC timeout): gfid 1"
	report 2 action 1 "Xid 154 (GPU recovery action changed): 3 in a row"
	report 3 request 2 "Xid 154 (GPU recovery action changed): asked for"
} >"$dir/reports"
: >"$NOVABPF_ROOT/sys/kernel/debug/novabpf/gpu1/reports"
report 1 timeout 1 "Xid 119 (GSP RPC timeout): gfid 1" >"$dir/report"

says() # NAME RC WANTED [FILE]
{
	[ "$rc" -eq "$2" ] && [ "$(<"$tmp/${4-out}")" = "$3" ]
	result $? "$1"
}

run gsp report --list
says "a list of all" 0 "\
GPU   ID  KIND     RUN   AT_S  INCIDENT
gpu0   1  timeout    1  1.500  Xid 119 (GSP RPC timeout): gfid 1
gpu0   2  action     1  2.500  Xid 154 (GPU recovery action changed): 3 in a row
gpu0   3  request    2  3.500  Xid 154 (GPU recovery action changed): asked for"
run gsp report 0 --list -j
says "the same as JSON" 0 '[{"gpu":"gpu0","id":1,"kind":"timeout","run":1,"at_ns":1500000000,'\
'"incident":"Xid 119 (GSP RPC timeout): gfid 1"},{"gpu":"gpu0","id":2,"kind":"action","run":1,'\
'"at_ns":2500000000,"incident":"Xid 154 (GPU recovery action changed): 3 in a row"},'\
'{"gpu":"gpu0","id":3,"kind":"request","run":2,"at_ns":3500000000,'\
'"incident":"Xid 154 (GPU recovery action changed): asked for"}]'
run gsp report 1 --list
says "none" 0 "GPU  ID  KIND  RUN  AT_S  INCIDENT"
run gsp report 1 --list -j
says "none as JSON" 0 "[]"
run gsp report 0 --id 2 -j
python3 -c 'import json, sys
d, = json.load(sys.stdin)
sys.exit(not (d["id"] == 2 and d["kind"] == "action" and d["counters"] == {"rpc_sent": 2} and
	      d["history"] == [{"id": 1, "comm": "incident"}] and d["payload"] == {"hex": "01"} and
	      d["crash"] == {"hex": ""}))' <"$tmp/out"
result $? "one of them, and nothing of the next"
run gsp report 0 --id 3
[ "$rc" -eq 0 ] && grep -q 'asked for' "$tmp/out" && ! grep -q timeout "$tmp/out"
result $? "the last one as text"
run gsp report 0 --id 4
says "one that is not kept" 1 \
	"novabpf: gpu0 keeps no report 4; see: novabpf gsp report gpu0 --list" err
run gsp report --id 1
says "a number without a GPU" 2 \
	"novabpf: --id needs a GPU: novabpf gsp report GPU --id 1" err
run gsp report 0 --id x
says "no number" 2 "novabpf: bad value 'x' for --id; see: novabpf gsp report --list" err
run gsp report 0 --id 1 --list
says "both" 2 "novabpf: --list shows all reports, --id one: give one of the two" err
rm "$dir/reports"
run gsp report 0 --list
[ "$rc" -eq 1 ] && grep -q 'gpu0/reports: No such file' "$tmp/err" && [ ! -s "$tmp/out" ]
result $? "modules without reports"
run gsp report 0 --list --clear
[ "$rc" -eq 1 ] && ! grep -q clear "$dir/report"
result $? "and nothing is cleared then"
run gsp report 0 --clear
[ "$rc" -eq 0 ] && grep -q clear "$dir/report"
result $? "cleared after it was shown"
echo "1..$count"
