#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tracepoints: their promised fields, the order of a call's events, and the
# bpftrace scripts. The boot of a simulated GPU makes the calls.
. "$(dirname "$0")/lib.sh"
plan 20

tracing=/sys/kernel/tracing
events=$tracing/events/novabpf
scripts=tools/bpftrace
out=$(mktemp -d)

# "type name;" of all fields behind the common ones, in order
fields() { # EVENT
	sed -n '/^$/,$s/.*field:\([^;]*\);.*/\1/p' "$events/$1/format" | tr '\n' ',' |
		sed 's/,$//; s/,/, /g'
}

rpc="u32 gpu, u32 gfid, u64 id, u32 op, u32 function, u32 cmd, u32 len_bytes, u32 seq, u32 \
record_seq, s32 pid, u32 result, u32 status, s32 err, u32 fate, u32 reply_bytes, u64 queued_ns, \
u64 firmware_ns, u64 total_ns, char name[40], char what[40], char status_name[40]"

modprobe novabpf
for event in gsp_rpc_submit gsp_rpc_send gsp_rpc_reply gsp_rpc_done gsp_rpc_timeout; do
	is "$(fields $event)" "$rpc" "fields of $event"
done
is "$(fields gsp_event)" "u32 gpu, u32 gfid, u32 op, u32 function, u32 record_seq, u32 result, \
u32 len_bytes, u32 data0, u32 data1, u32 handled, char name[40]" "fields of gsp_event"
is "$(fields gsp_record_bad)" "u32 gpu, u32 gfid, u32 reason, u32 slot, u32 slots, u32 record_seq, \
u32 expected_seq, u32 function, u32 seq, u32 len_bytes, u32 elem_count" "fields of gsp_record_bad"
is "$(fields gsp_state)" "u32 gpu, u32 gfid, u32 from, u32 to, char release[40]" \
	"fields of gsp_state"

# --- one boot in the trace buffer
echo >$tracing/trace
echo 1 >$events/enable
load_sim
echo 0 >$events/enable
grep -v '^#' $tracing/trace >"$out/trace"
like "$(<"$out/trace")" "gsp_state: gpu=0 handshake -> ready release=" "the boot ends in ready"
is "$(grep -c 'gsp_rpc_done:' "$out/trace")" "$(grep -c 'gsp_rpc_submit:' "$out/trace")" \
	"as many calls end as begin"
order=$(grep -o 'gsp_rpc_[a-z]*: .* GET_GSP_STATIC_INFO' "$out/trace" | sed 's/:.*//' | tr '\n' ' ')
is "$order" "gsp_rpc_submit gsp_rpc_send gsp_rpc_reply gsp_rpc_done " "order of a call's events"
like "$(grep 'gsp_rpc_done:.*GET_GSP_STATIC_INFO' "$out/trace")" \
	"fate=answered .*firmware_ns=[1-9].*total_ns=[1-9]" "times and fate of an answered call"
like "$(<"$out/trace")" "gsp_event: .*GSP_INIT_DONE" "events are traced"
rmmod novabpf_sim

# --- bpftrace: start, boot a GPU, stop, look
bpftrace_boot() { # SCRIPT READY [ARGS...]
	local pid

	timeout -k 5 100 bpftrace -B line "$scripts/$1" "${@:3}" >"$out/$1.log" 2>&1 &
	pid=$!
	wait_for 60 grep -q "$2" "$out/$1.log"
	load_sim
	sleep 1
	kill "$pid"
	wait "$pid"
	rmmod novabpf_sim
}

if command -v bpftrace >/dev/null; then
	bpftrace_boot gsp-trace.bt TIME
	like "$(<"$out/gsp-trace.bt.log")" "GET_GSP_STATIC_INFO .* answered NV_OK err=0" \
		"gsp-trace.bt shows calls"
	like "$(<"$out/gsp-trace.bt.log")" "state handshake -> ready" "gsp-trace.bt shows states"
	bpftrace_boot gsp-latency.bt Tracing
	like "$(<"$out/gsp-latency.bt.log")" "@calls\[0, GET_GSP_STATIC_INFO, answered\]: 1" \
		"gsp-latency.bt counts"
	like "$(<"$out/gsp-latency.bt.log")" "@firmware_us\[GET_GSP_STATIC_INFO\]" \
		"gsp-latency.bt makes histograms"
	bpftrace_boot gsp-slow.bt Calls 1
	like "$(<"$out/gsp-slow.bt.log")" "more than 1 us.*GET_GSP_STATIC_INFO.*queued .* others open" \
		"gsp-slow.bt takes a bound and shows calls"
	bpftrace_boot gsp-slow.bt Calls 60000000
	unlike "$(<"$out/gsp-slow.bt.log")" "GET_GSP_STATIC_INFO|ERROR" \
		"gsp-slow.bt leaves out quick calls"
else
	for name in "gsp-trace.bt shows calls" "gsp-trace.bt shows states" "gsp-latency.bt counts" \
		"gsp-latency.bt makes histograms" "gsp-slow.bt takes a bound and shows calls" \
		"gsp-slow.bt leaves out quick calls"; do
		skip "$name" "no bpftrace"
	done
fi

if command -v trace-cmd >/dev/null; then
	trace-cmd record -q -o "$out/trace.dat" -e novabpf -- modprobe novabpf_sim >/dev/null 2>&1
	like "$(trace-cmd report "$out/trace.dat" 2>/dev/null)" \
		"gsp_rpc_done: .*GET_GSP_STATIC_INFO.*fate=answered" "trace-cmd prints the events"
else
	skip "trace-cmd prints the events" "no trace-cmd"
fi

unload_all
rm -r "$out"
