#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line tool against a fake tree of sysfs, debugfs and procfs.
# TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
man=Documentation/man/novabpf.8.rst
completion=tools/novabpf/completion.bash

# Exit status of the last run, then texts that stdout (or stderr) must hold.
expect() # NAME RC out|err TEXT...
{
	local name=$1 want=$2 file=$tmp/$3 text
	shift 3
	if [ "$rc" -ne "$want" ]; then
		result 1 "$name (exit $rc, want $want)"
		return
	fi
	for text; do
		if ! grep -qF -- "$text" "$file"; then
			result 1 "$name (no '$text')"
			return
		fi
	done
	result 0 "$name"
}

# Run with -j: one valid document, nothing on stderr, and a Python condition.
json() # NAME RC CONDITION ARGS...
{
	local name=$1 want=$2 condition=$3
	shift 3
	run "$@"
	if [ "$rc" -ne "$want" ] || [ -s "$tmp/err" ] ||
	   ! python3 -m json.tool <"$tmp/out" >/dev/null 2>"$tmp/err"; then
		result 1 "$name"
		return
	fi
	python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($condition))" \
		<"$tmp/out" 2>"$tmp/err"
	result $? "$name"
}

put() # PATH VALUE
{
	mkdir -p "$(dirname "$NOVABPF_ROOT$1")"
	printf '%s\n' "$2" >"$NOVABPF_ROOT$1"
}

make_gpu() # N
{
	local gpu=/sys/class/novabpf/gpu$1

	put "$gpu/name" "novabpf_sim.$1"
	put "$gpu/chip" ga102
	put "$gpu/simulated" 1
	put "$gpu/fb_bytes" 25769803776
	put "$gpu/release" 570.144
	put "$gpu/state" ready
	put "$gpu/failure" ""
	put "$gpu/uevent" "DEVNAME=hidden"
	put "$gpu/abi/element_header_bytes" 48
	put "$gpu/abi/checksum" message
	put "$gpu/abi/vgx_version" 29.0C
	put "$gpu/abi/releases" 69
	put "$gpu/queues/cmdq_slots" 63
	put "$gpu/queues/cmdq_write" 9
	put "$gpu/queues/rpc_in_flight" 2
	put "$gpu/counters/rpc_sent" 18446744073709551615
	put "$gpu/counters/added_later" 7
}

columns="id op function cmd what gfid pid comm seq record_seq len_bytes reply_bytes submit_ns
	queued_ns firmware_ns total_ns consumed result status status_name err fate cmdq_write
	cmdq_read statq_write statq_read"

history_line() # VALUES in the order of $columns
{
	local IFS=$'\t'

	printf '%s\n' "$*"
}

make_history() # N
{
	local dir=$NOVABPF_ROOT/sys/kernel/debug/novabpf/gpu$1

	mkdir -p "$dir"
	{
		# shellcheck disable=SC2086 # one word per column
		printf '# %s\n' "$(history_line $columns)"
		history_line 1 SET_REGISTRY 73 0x0 - 0 77 modprobe 0 1 200 0 1000000 1500 0 2500 1 \
			0xffffffff 0x0 - 0 posted 2 1 0 0
		history_line 2 GSP_RM_CONTROL 76 0x20801120 FIFO_OBJSCHED_GET_STATE 3 88 $'q\x01\xff"' \
			5 2 64 64 2000000 1000 20000 21500 1 0x0 0x0 NV_OK 0 answered 3 3 1 1
		history_line 3 GSP_RM_CONTROL 76 0x20801121 "" 0 89 123 6 3 64 0 3000000 1000 0 \
			4000001000 0 0x0 0x0 - -110 not-consumed 4 3 1 1
		history_line 4 GSP_RM_ALLOC 103 0x0 NV01_ROOT 0 90 test 7 4 96 96 1000000000 1000 \
			2500000 2501000 1 0x0 0x1f NV_ERR_INVALID_ARGUMENT -22 answered 5 5 2 2
	} >"$dir/history"
	head -c 4096 /dev/urandom >"$dir/queues"
}

make_machine()
{
	put /proc/sys/kernel/osrelease 6.12.1-test
	printf 'Name:\tx\nCapEff:\t000001ffffffffff\n' >"$NOVABPF_ROOT/proc/status"
	mkdir -p "$NOVABPF_ROOT/proc/self" "$NOVABPF_ROOT/boot"
	mv "$NOVABPF_ROOT/proc/status" "$NOVABPF_ROOT/proc/self/status"
	printf '%s\n' "bpf /sys/fs/bpf bpf rw 0 0" "tracefs /sys/kernel/tracing tracefs rw 0 0" \
		"debugfs /sys/kernel/debug debugfs rw 0 0" >"$NOVABPF_ROOT/proc/self/mounts"
	printf 'CONFIG_%s=y\n' MODULES BPF_SYSCALL DEBUG_INFO_BTF DEBUG_INFO_BTF_MODULES TRACEPOINTS FTRACE \
		DEBUG_FS HIGH_RES_TIMERS VFIO >"$NOVABPF_ROOT/boot/config-6.12.1-test"
	echo "# CONFIG_VFIO_MDEV is not set" >>"$NOVABPF_ROOT/boot/config-6.12.1-test"
	mkdir -p "$NOVABPF_ROOT/sys/module/novabpf" "$NOVABPF_ROOT/sys/kernel/btf"
	for event in gsp_rpc_submit gsp_rpc_send gsp_rpc_reply gsp_rpc_done gsp_rpc_timeout \
		     gsp_event gsp_record_bad gsp_state; do
		put "/sys/kernel/tracing/events/novabpf/$event/format" "name: $event"
	done
}

# BTF without a kernel: that of an object file.
make_btf() # NAME SOURCE
{
	echo "$2" >"$tmp/btf.c"
	clang -g -target bpf -c "$tmp/btf.c" -o "$NOVABPF_ROOT/sys/kernel/btf/$1" 2>/dev/null
}

if [ ! -x "$cli" ]; then
	echo "Bail out! no $cli; run: make cli"
	exit 1
fi

# --- nothing is loaded
mkdir -p "$NOVABPF_ROOT"
run gpu list
expect "list without the module fails and says what to do" 1 err \
	"novabpf: the module novabpf is not loaded; run: modprobe novabpf_sim"
json "the same as JSON" 1 "d == {'error': d['error']} and 'modprobe' in d['error']" gpu list -j
run gsp history
expect "history without the module" 1 err "modprobe novabpf_sim"
run version
expect "version without the module" 0 out "module not loaded" "libbpf 1."

# --- the module, no GPU
mkdir -p "$NOVABPF_ROOT/sys/class/novabpf"
run gpu list
expect "an empty list is no error" 0 out "GPU"
json "an empty list as JSON" 0 "d == []" gpu list -j
json "show without GPU as JSON" 0 "d == []" gpu show -j
run gpu show gpu0
expect "show of a GPU where there is none" 1 err "no such GPU 'gpu0'; there is none"

# --- GPUs
make_gpu 0
make_gpu 1
make_gpu 10
make_gpu 2
run gpu list
expect "list" 0 out "novabpf_sim.10" "24 GiB" "570.144" "ready"
[ "$(awk 'NR > 1 { print $1 }' "$tmp/out" | tr '\n' ' ')" = "gpu0 gpu1 gpu2 gpu10 " ]
result $? "list is in the order of numbers"
json "list as JSON" 0 "[g['gpu'] for g in d] == ['gpu0', 'gpu1', 'gpu2', 'gpu10'] and \
	d[0]['fb_bytes'] == 25769803776 and d[0]['simulated'] is True and \
	d[0]['release'] == '570.144' and d[0]['failure'] == ''" --json gpu list
rm -r "$NOVABPF_ROOT"/sys/class/novabpf/gpu{2,10}
run gpu show
expect "show of all" 0 out gpu0 gpu1 "(24 GiB)" vgx_version "added_later" "18446744073709551615"
run gpu show 1
expect "show by number" 0 out "gpu1" "novabpf_sim.1"
! grep -q -e gpu0 -e hidden "$tmp/out"
result $? "show by number shows one, and no attribute of the driver core"
json "show as JSON is an array also for one GPU" 0 "len(d) == 1 and d[0]['gpu'] == 'gpu1' and \
	d[0]['abi']['vgx_version'] == '29.0C' and d[0]['abi']['element_header_bytes'] == 48 and \
	d[0]['counters']['rpc_sent'] == 2**64 - 1 and d[0]['counters']['added_later'] == 7 and \
	d[0]['queues']['cmdq_slots'] == 63" -j gpu show gpu1
json "pretty JSON is JSON" 0 "len(d) == 2" -p gpu show
[ "$(wc -l <"$tmp/out")" -gt 20 ]
result $? "pretty JSON has line breaks"
json "unknown GPU as JSON" 1 "d['error'] == \"no such GPU 'gpu7'; known: gpu0, gpu1\"" \
	gpu show gpu7 -j
run gpu show gpu7
expect "unknown GPU" 1 err "novabpf: no such GPU 'gpu7'; known: gpu0, gpu1"
run gpu show ../gpu0
expect "a GPU is no path" 1 err "no such GPU '../gpu0'"
put /sys/class/novabpf/gpu1/state failed
put /sys/class/novabpf/gpu1/failure $'bad\e[31m image'
run gpu show 1
expect "control characters do not reach the terminal" 0 out 'bad\x1b[31m image'
chmod 200 "$NOVABPF_ROOT/sys/class/novabpf/gpu1/counters/added_later"
run gpu show 1
[ "$rc" -eq 0 ] && ! grep -q added_later "$tmp/out"
result $? "files that are for writing only are left out"

# --- history
run gsp history
expect "history without debugfs" 1 err "debugfs is not mounted" "mount -t debugfs"
make_history 0
make_history 1
run gsp history gpu0
expect "history" 0 out FUNCTION SET_REGISTRY FIFO_OBJSCHED_GET_STATE NV_ERR_INVALID_ARGUMENT \
	not-consumed 0x20801121 2501.0 1.000000
[ "$(wc -l <"$tmp/out")" -eq 5 ]
result $? "history has a line per call"
grep -qF 'q\x01\xff"' "$tmp/out"
result $? "process names are made printable"
run gsp history
[ "$(grep -c '^gpu1 ' "$tmp/out")" -eq 4 ] && [ "$(grep -c '^gpu0 ' "$tmp/out")" -eq 4 ]
result $? "history of all GPUs"
json "history as JSON" 0 "len(d) == 4 and d[1]['cmd'] == 0x20801120 and \
	d[1]['comm'] == 'q\\\\x01\\\\xff\"' and d[2]['comm'] == '123' and d[2]['err'] == -110 and \
	d[2]['consumed'] is False and d[1]['consumed'] is True and d[0]['gpu'] == 'gpu0' and \
	d[3]['status'] == 0x1f and d[3]['total_ns'] == 2501000 and d[0]['what'] is None and d[0]['status_name'] is None" \
	gsp history 0 -j
json "--failed" 0 "[c['id'] for c in d] == [3, 4]" gsp history 0 -j --failed
json "--slower" 0 "[c['id'] for c in d] == [3, 4]" gsp history 0 -j --slower 2500
json "--slower is 'more than'" 0 "[c['id'] for c in d] == [3]" gsp history 0 -j --slower=2501
json "--last" 0 "[c['id'] for c in d] == [3, 4]" gsp history 0 -j --last 2
json "--last counts what matches" 0 "[c['id'] for c in d] == [3]" \
	gsp history gpu0 -j --slower 3000 --last 1
json "--last of each GPU" 0 "[(c['gpu'], c['id']) for c in d] == [('gpu0', 4), ('gpu1', 4)]" \
	gsp history -j --last 1
dir=$NOVABPF_ROOT/sys/kernel/debug/novabpf/gpu0
awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "added_ns" : 5 }' "$dir/history" >"$tmp/h"
cp "$tmp/h" "$dir/history"
json "a new column is passed on" 0 "d[0]['added_ns'] == 5" gsp history 0 -j
echo "cut off" >>"$dir/history"
run gsp history 0
expect "a line that does not fit" 1 err "cannot parse the history of gpu0: line 6"
json "a line that does not fit, JSON" 1 "'line 6' in d['error']" gsp history -j
: >"$dir/history"
run gsp history 0
expect "an empty history file" 1 err "no line of column names"
head -n 1 "$tmp/h" >"$dir/history"
json "a history without calls" 0 "d == []" gsp history 0 -j
printf '# id\n1\n' >"$dir/history"
run gsp history 0 --slower 1
expect "--slower without the column" 1 err "no column total_ns"
run gsp history 0
expect "a history of few columns" 0 out "1"
for bad in "--last 0" "--last x" "--last -1" "--slower 1.5" "--slower 99999999999999999999"; do
	# shellcheck disable=SC2086 # two words
	run gsp history 0 $bad
	expect "refused: $bad" 2 err "novabpf: "
done

# --- report
make_report() # N INCIDENT
{
	{
		printf '%s\t%s\n' incident "$2" at_ns 12 release 570.144 classification ""
		printf '[counters]\nrpc_sent\t7\n[events]\n# time_ns\tevent\tgfid\n5\tRC_TRIGGERED\t3\n'
		printf '[history]\n# id\top\n1\tFREE\n'
		printf '[payload]\n0000 0102\n0020 03\n[crash]\n'
	} >"$NOVABPF_ROOT/sys/kernel/debug/novabpf/gpu$1/report"
}
run gsp report 0
expect "a report that is not there" 1 err "gpu0/report: No such file or directory"
make_report 0 none
make_report 1 "Xid 119 (GSP RPC timeout): gfid 1 FREE"
run gsp report 0
expect "a report without an incident" 0 out "incident               none" "classification         -" counters
run gsp report
expect "reports of all GPUs" 0 out gpu0 gpu1 "Xid 119 (GSP RPC timeout): gfid 1 FREE" "0020 03"
json "report as JSON" 0 "len(d) == 1 and d[0]['gpu'] == 'gpu1' and d[0]['at_ns'] == 12 and \
	d[0]['incident'].startswith('Xid 119') and d[0]['counters'] == {'rpc_sent': 7} and \
	d[0]['events'] == [{'time_ns': 5, 'event': 'RC_TRIGGERED', 'gfid': 3}] and \
	d[0]['history'] == [{'id': 1, 'op': 'FREE'}] and d[0]['payload'] == {'hex': '010203'} and \
	d[0]['crash'] == {'hex': ''}" gsp report gpu1 -j
run gsp report gpu7
expect "report of an unknown GPU" 1 err "no such GPU 'gpu7'; known: gpu0, gpu1"
run gsp report 0 --clear
[ "$rc" -eq 0 ] && grep -q none "$tmp/out" && grep -q ^clear "$NOVABPF_ROOT/sys/kernel/debug/novabpf/gpu0/report"
result $? "report --clear shows it and clears it"
rm "$NOVABPF_ROOT"/sys/kernel/debug/novabpf/gpu[01]/report

# --- queues
run gsp queues
expect "queues without GPU" 2 err "GPU is missing; usage: novabpf gsp queues GPU"
run gsp queues gpu0 -o "$tmp/snap"
expect "queues to a file" 0 out "4096 bytes written"
cmp -s "$tmp/snap" "$dir/queues"
result $? "the snapshot is as the kernel gave it"
run gsp queues 0
cmp -s "$tmp/out" "$dir/queues"
result $? "the snapshot on stdout is as the kernel gave it"
script -qec "$cli gsp queues 0" /dev/null </dev/null >"$tmp/out" 2>"$tmp/err"
rc=$? last="novabpf gsp queues 0 (terminal)"
expect "no snapshot to a terminal" 2 out "not writing a raw snapshot to a terminal"
json "queues as JSON" 0 "d['bytes'] == 4096 and d['gpu'] == 'gpu0'" gsp queues 0 -j -o "$tmp/snap"
json "queues as JSON without file" 2 "'-o FILE' in d['error']" gsp queues 0 -j
run gsp queues 0 -o "$tmp/no/such"
expect "queues to a bad place" 1 err "cannot write $tmp/no/such: No such file or directory"
run gsp queues 0 -o /dev/full
expect "queues to a full disk" 1 err "cannot write /dev/full: No space left"
rm "$dir/queues"
run gsp queues 0 -o "$tmp/new"
expect "queues that cannot be read" 1 err "$dir/queues: No such file or directory"
[ ! -e "$tmp/new" ]
result $? "no file is left behind then"
if command -v setpriv >/dev/null && [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$tmp" && chmod 700 "$NOVABPF_ROOT/sys/kernel/debug"
	cp "$cli" "$tmp/cli" && chmod 755 "$tmp/cli"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/cli" gsp history 0 \
		>"$tmp/out" 2>"$tmp/err"
	rc=$? last="novabpf gsp history 0 (not root)"
	expect "history without permission" 1 err "gpu0/history: Permission denied" \
		"run as root or with CAP_DAC_READ_SEARCH"
	chmod 755 "$NOVABPF_ROOT/sys/kernel/debug"
else
	count=$((count + 1))
	echo "ok $count - history without permission # SKIP needs root and setpriv"
fi

# --- status and sched
run status
expect "status of a module without scheduler" 1 err "gpu0 has no scheduler; load modules"
make_sched() # N
{
	local sched=/sys/class/novabpf/gpu$1/sched

	put "$sched/state" enabled
	put "$sched/policy" fair
	put "$sched/builtin" best-effort
	put "$sched/arr" 1
	put "$sched/arr_frequency_hz" 0
	put "$sched/arr_avg_factor" 33
	put "$sched/slice_us" 0
	put "$sched/attached_ns" 2500000000
	put "$sched/now_ns" 10000000000
	put "$sched/decisions" 1234
	put "$sched/nr_rejected" 5
	put "$sched/exit_kind" 0
	put "$sched/exit_policy" ""
	put "$sched/exit_reason" ""
	put "$sched/exit_msg" ""
	put "$sched/reset" ""
	put "$sched/runlists" "0 1 gr0 2 1 3 1234 99"
	put "$sched/events" "$(printf '%s\n' "decisions 1234" "verdict_reject-none 0" \
		"verdict_reject-slice 5" "op_init 1" "op_pick 1229" "garbage" "bad x")"
	chmod 644 "$NOVABPF_ROOT$sched"/*
}
make_vgpu() # GPU GFID NAME RUN_NS
{
	local vgpu=/sys/class/novabpf/gpu$1/vgpu$2

	put "$vgpu/gfid" "$2"
	put "$vgpu/name" "$3"
	put "$vgpu/state" ready
	put "$vgpu/weight" 100
	put "$vgpu/stats/runs" 7
	put "$vgpu/stats/run_ns" "$4"
	put "$vgpu/stats/wait_ns" 1500000
	put "$vgpu/stats/wait_max_ns" 500000
}
make_sched 0
make_sched 1
run status 0
expect "status without vGPUs" 0 out "no vGPUs"
make_vgpu 0 10 batch 3000000
make_vgpu 0 3 $'q\x01' 1000000
mkdir -p "$NOVABPF_ROOT/sys/class/novabpf/gpu0/vgpu_types"
run status 0
expect "status" 0 out "gpu0: policy 'fair', state enabled" "2.500 s of GPU time, 7.500 s ago" \
	"decisions  1234" "rejected   5 (slice 5)" "calls      init 1, pick 1229" "75.0" 'q\x01'
json "status as JSON" 0 "len(d) == 2 and d[0]['policy'] == 'fair' and d[0]['age_ns'] == 7500000000 \
	and d[0]['rejected'] == {'none': 0, 'slice': 5} and d[0]['calls'] == {'init': 1, 'pick': 1229} \
	and [v['gfid'] for v in d[0]['vgpus']] == [3, 10] and d[0]['vgpus'][1]['share'] == 0.75 and \
	d[0]['last_exit'] is None and d[0]['link'] is None and d[1]['vgpus'] == []" -j status
put /sys/class/novabpf/gpu0/sched/state faulted
put /sys/class/novabpf/gpu0/sched/policy ""
put /sys/class/novabpf/gpu0/sched/exit_kind 1027
put /sys/class/novabpf/gpu0/sched/exit_policy fair
put /sys/class/novabpf/gpu0/sched/exit_reason "a runnable vGPU did not run"
put /sys/class/novabpf/gpu0/sched/exit_msg "gfid 3"
run status 0
expect "status after an ejection" 0 out "gpu0: built-in 'best-effort' with adaptive round robin, \
state faulted" "policy 'fair' was ejected: a runnable vGPU did not run: gfid 3"
json "the same as JSON" 0 "d[0]['policy'] is None and d[0]['last_exit']['kind'] == 1027 and \
	d[0]['last_exit']['msg'] == 'gfid 3'" -j status 0
run sched show 0
expect "sched show" 0 out "arr_avg_factor" "0 1 gr0 2 1 3 1234 99"
json "sched show as JSON" 0 "d[0]['runlists'] == [{'index': 0, 'engine_id': 1, 'name': 'gr0', \
	'nr_vgpus': 2, 'nr_runnable': 1, 'curr_gfid': 3, 'decisions': 1234, 'switches': 99}] and \
	d[0]['slice_us'] == 0" -j sched show 0
json "sched set" 0 "d[0]['arr'] == 0 and d[0]['builtin'] == 'fixed-share'" \
	-j sched set 0 arr=0 builtin=fixed-share
for bad in "arr=2" "slice_us=999" "slice_us=30001" "arr_frequency_hz=62" "arr_avg_factor=0" \
	   "builtin=fair" "builtin" "=1" "color=red" "arr="; do
	run sched set 0 slice_us=4000 "$bad"
	[ "$rc" -eq 2 ] && [ "$(cat "$NOVABPF_ROOT/sys/class/novabpf/gpu0/sched/slice_us")" = 0 ]
	result $? "sched set refuses $bad, and sets nothing"
done
rm "$NOVABPF_ROOT/sys/class/novabpf/gpu0/sched/arr"
run sched set 0 slice_us=4000 arr=1
expect "sched set of a setting that is not there" 1 err "there is no"
[ "$(head -n 1 "$NOVABPF_ROOT/sys/class/novabpf/gpu0/sched/slice_us")" = 0 ]
result $? "what was set before that is put back"
run sched reset 0
[ "$rc" -eq 0 ] && [ "$(head -c 1 "$NOVABPF_ROOT/sys/class/novabpf/gpu0/sched/reset")" = 1 ]
result $? "sched reset"

# --- attach: what is refused before the kernel is asked
run attach "$tmp/none.o"
expect "attach of no file" 1 err "cannot open $tmp/none.o: No such file or directory"
run attach "$cli"
expect "attach of no BPF object" 1 err "$cli is not a BPF object"
run attach
expect "attach of nothing" 2 err "FILE is missing; usage: novabpf attach FILE"

# A hook without programs: what the tool checks before the kernel sees it.
make_hook() # NAME MEMBERS
{
	clang -g -O2 -target bpf -c -o "$tmp/$1.o" -x c - 2>"$tmp/err" <<-EOF
		struct nova_rpc_ops {
			void *submit, *reply, *event;
			unsigned int gpu_id, gfid, flags;
			int priority;
			unsigned int budget, expire_ms;
			char name[16];
		};
		__attribute__((section(".struct_ops.link"), used)) struct nova_rpc_ops $1 = { $2 };
	EOF
}
hooks_file() # GPU LINES...
{
	local file=$NOVABPF_ROOT/sys/class/novabpf/gpu$1/rpc/hooks IFS=$'\t'

	mkdir -p "${file%/*}"
	{
		echo "# order	name	priority	gfid	flags	calls	applied	clipped	refused	suppressed	budget_left	expires_in_ms"
		shift
		for line; do
			# shellcheck disable=SC2086 # one word per column
			IFS=' ' && set -- $line && IFS=$'\t' && echo "$*"
		done
	} >"$file"
}
if make_hook hook '.name = "hook"'; then
	make_hook inject '.name = "inject", .flags = 1'
	make_hook flags '.name = "flags", .flags = 6'
	make_hook name '.name = "a b"'
	make_hook gfid '.name = "gfid", .gfid = 3'
	make_machine
	put /sys/kernel/btf/novabpf x
	run attach "$tmp/hook.o" --no-pin
	expect "attach of a hook to a module without them" 1 err "gpu0 has no RPC hooks; load modules"
	hooks_file 0 "0 slow -5 - 0x0 10 0 0 0 0 1000000 3600000"
	run attach "$tmp/flags.o" --no-pin
	expect "a hook with unknown flags" 1 err \
		"unknown .flags 0x4 of 'flags'; known: NOVA_RPC_F_INJECT and _F_GFID"
	run attach "$tmp/name.o" --no-pin
	expect "a hook with a bad name" 1 err "bad .name 'a b' of 'name'"
	run attach "$tmp/gfid.o" --no-pin
	expect "a hook with a gfid and no flag" 1 err \
		"'gfid' has .gfid 3, which needs NOVA_RPC_F_GFID in .flags"
	run attach "$tmp/hook.o" --no-pin --gfid 513
	expect "--gfid out of range" 2 err "bad value '513' for --gfid; use 0 to 512, 0 for the host"
	run attach "$tmp/hook.o" --no-pin --priority=1x
	expect "a bad --priority" 2 err "bad value '1x' for --priority"
	off="inject.o: 'inject' has NOVA_RPC_F_INJECT, not allowed; \
run: echo 1 > /sys/module/novabpf/parameters/allow_injection"
	put /sys/module/novabpf/parameters/allow_injection N
	run attach "$tmp/inject.o" --no-pin --priority=-7 --gfid 0
	expect "injection that is not allowed" 1 err "$off"
	json "the same as JSON" 1 "d['error'].endswith('parameters/allow_injection')" \
		-j attach "$tmp/inject.o" --no-pin
	hooks_file 0 "0 hook -5 3 0x2 10 0 0 0 0 1000000 3600000"
	run attach "$tmp/hook.o" --no-pin
	expect "a second hook of the same name" 1 err "gpu0 has a hook 'hook' already" \
		"use --replace or 'novabpf detach gpu0 --hook hook'"
	# shellcheck disable=SC2046,SC2183 # a word per line, two to a hook
	eval "hooks_file 0 $(printf '"%d h%d 0 - 0x0 1 1 1 1 1 1 1" ' $(seq 32 | sed p))"
	run attach "$tmp/hook.o" --no-pin
	expect "more hooks than fit" 1 err "RPC hooks, which is the most; detach one first"
	hooks_file 0
	run inject add --gpu 0 nth=3 function=GSP_RM_CONTROLL action=drop
	expect "inject: a bad rule" 2 err \
		"column 16: unknown function 'GSP_RM_CONTROLL'; did you mean GSP_RM_CONTROL?"
	run inject add action=drop
	expect "inject: which GPU" 2 err "there are 2 GPUs; name one: --gpu gpu0"
	run inject list --gpu 0
	expect "inject: no rules" 0 out "SUPPRESSED"
	run inject del x --gpu 0
	expect "inject: del of no id" 2 err "'x' is no id of a rule"
	run inject del 5 --gpu 0
	expect "inject: del of no rule" 1 err "gpu0 has no rule 5"
	run inject run busy-retry --gpu 0
	expect "inject: run without a command" 2 err "usage: novabpf inject run FILE|PROFILE -- COMMAND"
	run inject run nothing --gpu 0 -- true
	expect "inject: run of no file" 1 err "nothing.rules: No such file or directory"
	printf '%s\n' "# a comment" "" "action=drop" "  action=drp" >"$tmp/bad.rules"
	run inject run "$tmp/bad.rules" --gpu 0 -- true
	expect "inject: run of bad rules" 1 err "bad.rules: line 4, column 8: unknown action 'drp'"
	run inject profiles
	expect "inject: profiles" 0 out "busy-retry" "RM answers NV_ERR_BUSY_RETRY"
	bad=
	for file in tools/inject/*.rules; do
		run inject run "$(basename "$file" .rules)" --gpu 0 -- true
		if [ "$rc" -eq 0 ] || grep -q column "$tmp/err"; then bad=$file; break; fi
	done
	[ -z "$bad" ]
	result $? "inject: each profile is understood ($bad)"
	rm -r "$NOVABPF_ROOT/sys/class/novabpf/gpu0/rpc"
	run detach --hook hook
	expect "detach of a hook of no GPU" 2 err "--hook needs a GPU: novabpf detach GPU --hook hook"
	run detach 0 --hook a/b
	expect "detach of a hook with a bad name" 2 err "bad value 'a/b' for --hook; see: novabpf list"
else
	echo "# no clang for BPF: hooks are not tried"
fi

# --- doctor
make_machine
if make_btf vmlinux "struct a { int x; }; int __register_bpf_struct_ops(struct a *a) { return a->x; }" &&
   make_btf novabpf "struct novabpf_own { int x; }; struct novabpf_own o;"; then
	put /sys/class/novabpf/gpu1/state ready
	run doctor
	expect "doctor on a good machine" 0 out "ok   kernel: 6.12.1-test" "ok   tracepoints: all 8" \
		"warn config VFIO_MDEV: not set" "ok   btf novabpf" "ok   struct_ops" \
		"warn module novabpf_sim: not loaded" "modprobe novabpf_sim" "0 failed"
	json "doctor as JSON" 0 "d['ok'] is True and all(set(c) == {'name', 'result', 'finding', \
		'remedy'} and (c['result'] == 'ok') == (c['remedy'] is None) for c in d['checks'])" \
		doctor -j
else
	for name in "doctor on a good machine" "doctor as JSON"; do
		count=$((count + 1))
		echo "ok $count - $name # SKIP clang cannot make BTF"
	done
fi
spoil() # NAME TEXT: after the caller broke something
{
	run doctor
	expect "doctor sees: $1" 1 out "$2"
}
echo nonsense >"$NOVABPF_ROOT/sys/kernel/btf/novabpf"
spoil "bad module BTF" "FAIL btf novabpf: cannot parse"
rm "$NOVABPF_ROOT/sys/kernel/btf/novabpf"
spoil "no module BTF" "build the modules again"
put /sys/class/novabpf/gpu1/state failed
spoil "a failed GPU" 'FAIL gpu1: failed: bad\x1b[31m image'
rm -r "$NOVABPF_ROOT/sys/kernel/tracing/events/novabpf/gsp_state"
spoil "a missing tracepoint" "missing: gsp_state"
: >"$NOVABPF_ROOT/proc/self/mounts"
spoil "no mounts" "warn debugfs: not mounted at /sys/kernel/debug"
printf 'CapEff:\t0\n' >"$NOVABPF_ROOT/proc/self/status"
spoil "no capabilities" "warn CAP_BPF: not held"
sed -i s/CONFIG_DEBUG_INFO_BTF=y// "$NOVABPF_ROOT/boot/config-6.12.1-test"
spoil "a missing kernel option" "FAIL config DEBUG_INFO_BTF: not set"
gzip -c "$NOVABPF_ROOT/boot/config-6.12.1-test" >"$NOVABPF_ROOT/proc/config.gz"
rm "$NOVABPF_ROOT/boot/config-6.12.1-test"
spoil "options in /proc/config.gz" "ok   config BPF_SYSCALL: y"
rm "$NOVABPF_ROOT/proc/config.gz"
spoil "options unknown" "warn config: the options of kernel 6.12.1-test are not known"
put /proc/sys/kernel/osrelease 5.15.0
spoil "an old kernel" "FAIL kernel: 5.15.0 is too old"
rm -r "$NOVABPF_ROOT/sys/module"
spoil "no module" "FAIL module novabpf: not loaded"
json "doctor that fails, as JSON" 1 "d['ok'] is False" doctor -j

# --- the command line
run
expect "no arguments" 2 err "Usage: novabpf"
json "no arguments, JSON" 2 "'no object' in d['error']" -j
run gpuu list
expect "a mistyped object" 2 err "novabpf: unknown object 'gpuu'; did you mean 'gpu'?"
json "a mistyped object, JSON flag behind it" 2 "'did you mean' in d['error']" gpuu -j
run frobnicate
expect "an unknown object" 2 err "known: gpu, vgpu, " ", doctor, help, version"
run gpu lits
expect "a mistyped verb" 2 err "did you mean 'list'?"
run g list
expect "an ambiguous object" 2 err "object 'g' is ambiguous: gpu, gsp"
run gpu
expect "a missing verb" 2 err "'gpu' needs a verb: list, show"
run gpu show gpu0 gpu1
expect "too many arguments" 2 err "unexpected argument 'gpu1'; usage: novabpf gpu show [GPU]"
run doctor now
expect "an argument too many" 2 err "unexpected argument 'now'; usage: novabpf doctor"
run gpu show --fialed
expect "an option of another command" 2 err "unknown option '--fialed'"
run gsp history --fialed
expect "a mistyped option" 2 err "did you mean '--failed'?"
run gsp history -x
expect "an unknown letter" 2 err "unknown option '-x'"
run gsp history --last
expect "an option without value" 2 err "option --last needs a value"
run gsp history --failed=1
expect "a flag with value" 2 err "option --failed takes no value"
run gsp history --json=1
expect "a global flag with value" 2 err "option --json takes no value"
run gsp history --last 1 --last 2
expect "an option twice" 2 err "option --last is given twice"
make_history 0
json "abbreviations" 0 "[c['id'] for c in d] == [4]" gs hi 0 --la 1 --fail --js
json "flags anywhere, in a cluster" 0 "len(d) == 4" gsp -jp history 0
run gsp history -- -j
expect "after -- all are arguments" 1 err "no such GPU '-j'"
run -V
expect "-V" 0 out "novabpf "
json "-V as JSON" 0 "d['version'] and d['module_loaded'] is False" -jV
run gpu show -h
expect "-h of an object" 0 out "novabpf gpu show [GPU]"
! grep -q "gsp" "$tmp/out"
result $? "-h of an object shows no other"
run help nothing
expect "help of nothing" 2 err "unknown object 'nothing'"
run gpu help
expect "help as a verb" 0 out "novabpf gpu list"
"$cli" gpu list >/dev/full 2>"$tmp/err"
rc=$? last="novabpf gpu list (full disk)"
expect "output to a full disk" 1 err "cannot write the output"

# --- top on a fake tree: no tracepoints, so counters of sysfs only
mkdir -p "$NOVABPF_ROOT/sys/class/novabpf/gpu0/rpc"
printf '# order\tname\n0\tfirewall\n1\tslow\n' >"$NOVABPF_ROOT/sys/class/novabpf/gpu0/rpc/hooks"
echo 3 >"$NOVABPF_ROOT/sys/class/novabpf/gpu0/rpc/held"
json "top as JSON" 0 "len(d) == 1 and d[0]['gpu'] == 'gpu0' and not d[0]['bpf'] and d[0]['why_no_bpf'] and \
	d[0]['rpc'] is None and d[0]['hooks'] == 2 and d[0]['held'] == 3 and d[0]['elapsed_ns'] == 0 and \
	d[0]['vgpus'][0] == {'gfid': 0, 'name': 'host', 'rpc': None}" -j top gpu0 --once --interval 0.1
run top 0 --count 2 --interval 0.1
expect "top without a terminal" 0 out "counters of sysfs only, no latency: " "hooks 2  held 3" SHARE%
python3 selftests/unit/top_tty.py "$cli" >"$tmp/out" 2>"$tmp/err"
result $? "top on a terminal: redraws, ends by q and by Ctrl-C, leaves the terminal as it was"
run top 0 --interval 0.01
expect "top: an interval too short" 2 err "--interval needs 0.1 to 3600 seconds, not '0.01'"
run -j top 0
expect "top: JSON without an end" 2 out "top prints JSON once only; add --once"
rm -r "$NOVABPF_ROOT/sys/class/novabpf/gpu0/rpc"
run rpc deny gpu0 2 GSP_RM_ALLOK
expect "rpc: an unknown call" 2 err "no function and no control 'GSP_RM_ALLOK'; did you mean 'GSP_RM_ALLOC'?"
run rpc deny gpu0 2 control=x
expect "rpc: a bad number" 2 err "'control=x' needs a number such as 0x20801120"
run rpc allow gpu0 two
expect "rpc: a bad vGPU" 2 err "bad vGPU 'two'; use its gfid, 0 to 512, or host, or any"
run rpc limit gpu0 2 fast
expect "rpc: a bad rate" 2 err "bad rate 'fast'; use 0 to 1000000"
run rpc lat --by size
expect "rpc: a bad kind" 2 err "--by needs vgpu or call, not 'size'"

# --- man page and completion name the same commands and options as the tool
run help -j
python3 - "$tmp/out" >"$tmp/commands" <<'END'
import json
import sys

doc = json.load(open(sys.argv[1]))
for c in doc["commands"]:
    print("command", c["object"], c["verb"] or "")
    for o in c["options"]:
        print("option", "--" + o["option"], "-" + o["letter"] if o["letter"] else "")
for o in doc["options"]:
    print("option", "--" + o["option"], "-" + o["letter"])
END
[ "$(grep -c ^command "$tmp/commands")" -ge 7 ]
result $? "help as JSON lists the commands"
tr -d '*\\`' <"$man" >"$tmp/man"
cp "$completion" "$tmp/completion"
missing=""
while read -r kind first second; do
	case $kind in
	command) pattern="novabpf $first${second:+ $second}" ;;
	option) pattern=$first ;;
	esac
	grep -qF -- "$pattern" "$tmp/man" || missing="$missing man:'$pattern'"
	for word in $first $second; do
		grep -qE -- "(^|[\" ])$word($|[\" ])" "$tmp/completion" ||
			missing="$missing completion:$word"
	done
done <"$tmp/commands"
[ -z "$missing" ]
result $? "man page and completion are in step with the tool${missing:+, missing:$missing}"
stray=$(grep -oE '^novabpf [a-z]+( [a-z]+)?' "$tmp/man" | sort -u | while read -r _ object verb; do
	grep -qxE "command $object ${verb:-.*}" "$tmp/commands" || echo "$object $verb;"
done)
[ -z "$stray" ]
result $? "the man page has no command that the tool lacks${stray:+: $stray}"

# --- completion
complete_words() # WORDS...; the last one is being typed
{
	bash -c 'complete() { :; }; . "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_novabpf; echo ${COMPREPLY[*]}' "$completion" "$@"
}
[ "$(complete_words novabpf g)" = "gpu gsp" ]
result $? "completion of objects"
[ "$(complete_words novabpf -j gsp '')" = "history queues report help" ]
result $? "completion of verbs"
[ "$(complete_words novabpf gpu show gpu)" = "gpu0 gpu1" ]
result $? "completion of GPUs"
[ "$(complete_words novabpf gsp history --f)" = "--failed" ]
result $? "completion of options"

echo "1..$count"
