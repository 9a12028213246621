#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line tool against the real files of the modules.
. "$(dirname "$0")/lib.sh"
plan 25

out=$(mktemp -d)

# True where COMMAND's document meets the condition (Python, document d).
json() { # NAME CONDITION COMMAND...
	local doc

	doc=$("${@:3}" 2>&1)
	if python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($2))" \
		<<<"$doc" 2>"$out/err"; then
		ok "$1"
	else
		not_ok "$1" "command:   ${*:3}" "condition: $2" "${doc:0:2000}" "$(<"$out/err")"
	fi
}

unload_all
like "$(novabpf gpu list 2>&1)" "not loaded; run: modprobe novabpf_sim" \
	"without the module the tool says what to do"
modprobe novabpf
json "with the core alone the list is empty" "d == []" novabpf gpu list -j
like "$(novabpf gpu show 0 2>&1)" "no such GPU '0'; there is none" "no GPU can be shown then"

load_sim gpus=2 fb_mb=8192
json "two GPUs are listed" "[g['gpu'] for g in d] == ['gpu0', 'gpu1'] and \
	all(g['simulated'] and g['state'] == 'ready' and g['failure'] == '' for g in d) and \
	d[0]['fb_bytes'] == 8192 << 20" novabpf gpu list -j
like "$(novabpf gpu list)" "gpu1 .*8 GiB .*ready" "the list as text"
json "the interface of the release is shown" "len(d) == 1 and {'checksum', 'sequence', \
	'vgx_version', 'element_header_bytes', 'system_info_bytes'} <= set(d[0]['abi']) and \
	d[0]['abi']['checksum'] in ('message', 'elements')" novabpf gpu show 0 -j
json "queues are shown and empty" "len(d) == 2 and all(g['queues']['cmdq_slots'] > 0 and \
	g['queues']['cmdq_write'] == g['queues']['cmdq_read'] and \
	g['queues']['rpc_in_flight'] == 0 for g in d)" novabpf gpu show -j
json "counters have counted the boot" "d[0]['counters']['rpc_sent'] > 0 and \
	d[0]['counters']['records_bad'] == 0" novabpf gpu show gpu1 -j
shown=$(novabpf gpu show 0)
missing=$(for file in /sys/class/novabpf/gpu0/{abi,queues,counters}/*; do
	grep -q " ${file##*/} " <<<"$shown" || echo "${file##*/}"
done)
is "$missing" "" "the text shows every attribute"

json "the history holds the boot" "any(c['op'] == 'GET_GSP_STATIC_INFO' and \
	c['fate'] == 'answered' and c['consumed'] and c['err'] == 0 and c['total_ns'] > 0 \
	for c in d)" novabpf gsp history gpu0 -j
json "the history of all GPUs" "{c['gpu'] for c in d} == {'gpu0', 'gpu1'}" novabpf gsp history -j
json "nothing failed in the boot" "d == []" novabpf gsp history --failed -j
json "the last call only" "len(d) == 1 and d[0]['gpu'] == 'gpu0'" \
	novabpf gsp history 0 --last 1 -j
like "$(novabpf gsp history 1)" "GET_GSP_STATIC_INFO" "the history as text"

succeeds "a snapshot of the queues is written" novabpf gsp queues 0 -o "$out/queues"
size=$(stat -c %s "$out/queues" || echo 1)
is "$((size % 4096))" 0 "the snapshot is of whole pages"
succeeds "the snapshot holds records" grep -q VRPC "$out/queues"

like "$(novabpf gpu show gpu7 2>&1)" "no such GPU 'gpu7'; known: gpu0, gpu1" "an unknown GPU"
like "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v novabpf)" \
	gsp history 0 2>&1)" "Permission denied; run as root" "the history needs permission"
json "no incident: what is known now" "d[0]['incident'] == 'none' and d[0]['gpu'] == 'gpu0' and \
	d[0]['release'] and d[0]['counters']['rpc_sent'] > 0 and d[0]['history'] and \
	d[0]['payload'] == {'hex': ''}" novabpf gsp report 0 -j
like "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v novabpf)" \
	gsp report 0 2>&1)" "Permission denied; run as root" "a report needs permission"
json "but the attributes do not" "len(d) == 2" \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v novabpf)" gpu show -j

json "doctor is content" "d['ok'] and not any(c['result'] == 'fail' for c in d['checks'])" \
	novabpf doctor -j
json "doctor sees module, BTF and GPUs" "{'module novabpf', 'module novabpf_sim', 'gpu1', \
	'btf novabpf', 'tracepoints'} <= {c['name'] for c in d['checks'] if c['result'] == 'ok'}" \
	novabpf doctor -j

unload_all
like "$(novabpf doctor)" "FAIL module novabpf: not loaded" "doctor sees the module go"
rm -r "$out"
