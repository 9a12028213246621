#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tracepoints: their promised fields and texts, the order of a call's events, and the
# bpftrace scripts. The boot of a simulated GPU makes the calls.
. "$(dirname "$0")/lib.sh"
plan 44

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

# --- the scheduler's
for event in sched_runnable sched_quiescent; do
	is "$(fields $event)" "u32 gpu, u32 gfid, u32 engine, u32 nr_runnable, u64 now_ns" \
		"fields of $event"
done
is "$(fields sched_pick)" "u32 gpu, u32 gfid, u32 engine, u32 nr_runnable, u64 now_ns, u32 \
asked_kind, u32 asked_gfid, u64 asked_ns, u32 verdict, u32 kind, u32 next_gfid, u32 reserved, \
u64 slice_ns, char policy[16]" "fields of sched_pick"
is "$(fields sched_switch)" "u32 gpu, u32 gfid, u32 engine, u32 prev_gfid, u64 now_ns, u32 reason, \
s32 err, u64 ran_ns, u64 slice_ns, u64 switch_ns" "fields of sched_switch"
is "$(fields sched_complete)" "u32 gpu, u32 gfid, u32 engine, u32 reserved, u64 now_ns, u64 ran_ns" \
	"fields of sched_complete"
is "$(fields sched_stall)" "u32 gpu, u32 gfid, u32 engine, s32 err, u64 now_ns, u64 waited_ns" \
	"fields of sched_stall"
for event in policy_attach policy_detach policy_eject; do
	is "$(fields $event)" "u32 gpu, u32 gfid, u32 kind, u32 reserved, u64 now_ns, s64 code, u64 \
seq, char name[16], char msg[64]" "fields of $event"
done
is "$(fields vgpu_phase)" "u32 gpu, u32 gfid, u32 type, u32 from, u32 to, char name[32]" \
	"fields of vgpu_phase"
is "$(fields vgpu_admit)" "u32 gpu, u32 gfid, u32 type, u32 placement, s32 ret, char name[32]" \
	"fields of vgpu_admit"
is "$(fields vgpu_quarantine)" "u32 gpu, u32 gfid, u32 type, char name[32]" \
	"fields of vgpu_quarantine"

# Tools read the text of these, too: the keys are what the format prints.
keys() { # EVENT
	sed -n 's/^print fmt: "\([^"]*\)".*/\1/p' "$events/$1/format" | tr ' ' '\n' |
		sed 's/=%.*//' | tr '\n' ' ' | sed 's/ $//'
}

is "$(keys sched_runnable)" "gpu gfid engine nr_runnable now_ns" "text of sched_runnable"
is "$(keys sched_quiescent)" "gpu gfid engine nr_runnable now_ns" "text of sched_quiescent"
is "$(keys sched_pick)" "gpu gfid engine nr_runnable now_ns asked_kind asked_gfid asked_ns verdict \
kind next_gfid slice_ns policy" "text of sched_pick"
is "$(keys sched_switch)" "gpu gfid engine prev_gfid now_ns reason err ran_ns slice_ns switch_ns" \
	"text of sched_switch"
is "$(keys sched_complete)" "gpu gfid engine now_ns ran_ns" "text of sched_complete"
is "$(keys sched_stall)" "gpu gfid engine now_ns waited_ns err" "text of sched_stall"
for event in policy_attach policy_detach policy_eject; do
	is "$(keys $event)" "gpu gfid now_ns kind code seq name msg" "text of $event"
done
is "$(keys vgpu_phase)" "gpu gfid type from to name" "text of vgpu_phase"
is "$(keys vgpu_admit)" "gpu gfid type placement ret name" "text of vgpu_admit"
is "$(keys vgpu_quarantine)" "gpu gfid type name" "text of vgpu_quarantine"

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

	timeout -k 60 200 bpftrace -B line "$scripts/$1" "${@:3}" >"$out/$1.log" 2>&1 &
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
