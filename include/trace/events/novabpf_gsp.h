/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the firmware: its state, RPCs, events and records.
 *
 * Names, types and order of the fields are a promise (Documentation/tracing.rst);
 * new fields are appended. All have fixed widths and carry stable ids and names beside
 * wire numbers, so that trace-cmd, perf and bpftrace need not know the firmware release.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM novabpf

#if !defined(_TRACE_NOVABPF_GSP_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_NOVABPF_GSP_H

#include <linux/tracepoint.h>
#include <uapi/novabpf.h>

struct nova_gsp_event;
struct nova_record_bad;
struct nova_rpc;
struct nova_rpc_ctx;
struct nova_verdict;

#define nova_trace_states			\
	EM(NOVA_GSP_OFF, "off")			\
	EM(NOVA_GSP_PREPARE, "prepare")		\
	EM(NOVA_GSP_START, "start")		\
	EM(NOVA_GSP_LINKED, "linked")		\
	EM(NOVA_GSP_HANDSHAKE, "handshake")	\
	EM(NOVA_GSP_READY, "ready")		\
	EM(NOVA_GSP_UNLOADING, "unloading")	\
	EM(NOVA_GSP_FAILED, "failed")		\
	EMe(NOVA_GSP_RECOVERING, "recovering")

#define nova_trace_records				\
	EM(NOVA_RECORD_OK, "ok")			\
	EM(NOVA_RECORD_INCOMPLETE, "incomplete")	\
	EM(NOVA_RECORD_BAD_POINTER, "bad-pointer")	\
	EM(NOVA_RECORD_BAD_ELEMCOUNT, "bad-elemcount")	\
	EM(NOVA_RECORD_BAD_LENGTH, "bad-length")	\
	EM(NOVA_RECORD_BAD_CHECKSUM, "bad-checksum")	\
	EM(NOVA_RECORD_BAD_SIGNATURE, "bad-signature")	\
	EM(NOVA_RECORD_BAD_VERSION, "bad-version")	\
	EM(NOVA_RECORD_STALE, "stale")			\
	EM(NOVA_RECORD_GAP, "gap")			\
	EM(NOVA_RECORD_BAD_SEQUENCE, "bad-sequence")	\
	EM(NOVA_RECORD_BAD_FUNCTION, "bad-function")	\
	EM(NOVA_RECORD_ORPHAN, "orphan")		\
	EM(NOVA_RECORD_UNMATCHED, "unmatched")		\
	EM(NOVA_RECORD_LATE, "late")			\
	EMe(NOVA_RECORD_BAD_PAYLOAD, "bad-payload")

#define nova_trace_fates				\
	EM(NOVA_FATE_NONE, "none")			\
	EM(NOVA_FATE_ANSWERED, "answered")		\
	EM(NOVA_FATE_POSTED, "posted")			\
	EM(NOVA_FATE_NOT_SENT, "not-sent")		\
	EM(NOVA_FATE_NOT_CONSUMED, "not-consumed")	\
	EM(NOVA_FATE_UNANSWERED, "unanswered")		\
	EM(NOVA_FATE_LATE, "late")			\
	EM(NOVA_FATE_HALTED, "halted")			\
	EM(NOVA_FATE_ABORTED, "aborted")		\
	EM(NOVA_FATE_BAD_REPLY, "bad-reply")		\
	EMe(NOVA_FATE_HOOK, "hook")

#define nova_trace_phases		\
	EM(NOVA_RPC_SUBMIT, "submit")	\
	EM(NOVA_RPC_REPLY, "reply")	\
	EMe(NOVA_RPC_EVENT, "event")

#define nova_trace_actions			\
	EM(NOVA_RPC_PASS, "pass")		\
	EM(NOVA_RPC_DENY, "deny")		\
	EM(NOVA_RPC_THROTTLE, "throttle")	\
	EM(NOVA_RPC_FAIL, "fail")		\
	EM(NOVA_RPC_ERROR, "error")		\
	EM(NOVA_RPC_DROP, "drop")		\
	EM(NOVA_RPC_DELAY, "delay")		\
	EM(NOVA_RPC_HOLD, "hold")		\
	EM(NOVA_RPC_DUPLICATE, "duplicate")	\
	EM(NOVA_RPC_REORDER, "reorder")		\
	EM(NOVA_RPC_TRUNCATE, "truncate")	\
	EM(NOVA_RPC_REWRITE, "rewrite")		\
	EMe(NOVA_RPC_SEND_EVENT, "send-event")

#define nova_trace_applied					\
	EM(NOVA_RPC_APPLIED, "applied")				\
	EM(NOVA_RPC_CLIPPED, "clipped")				\
	EM(NOVA_RPC_REFUSED_PHASE, "refused-phase")		\
	EM(NOVA_RPC_REFUSED_ARG, "refused-arg")			\
	EM(NOVA_RPC_REFUSED_FLAG, "refused-flag")		\
	EM(NOVA_RPC_SUPPRESSED_OFF, "suppressed-off")		\
	EM(NOVA_RPC_SUPPRESSED_BUDGET, "suppressed-budget")	\
	EM(NOVA_RPC_SUPPRESSED_EXPIRED, "suppressed-expired")	\
	EMe(NOVA_RPC_SUPPRESSED_ENDED, "suppressed-ended")

/* Exports the values, so that trace-cmd and perf can print the texts above. */
#undef EM
#undef EMe
#define EM(value, name)		TRACE_DEFINE_ENUM(value);
#define EMe(value, name)	TRACE_DEFINE_ENUM(value);
nova_trace_states
nova_trace_records
nova_trace_fates
nova_trace_phases
nova_trace_actions
nova_trace_applied

/* From here on the lists are for __print_symbolic(). */
#undef EM
#undef EMe
#define EM(value, name)		{ value, name },
#define EMe(value, name)	{ value, name }

/*
 * Every event of an RPC begins with the same fields: the GPU, the vGPU (gfid, 0 is the
 * host), the RPC's id (counts up per GPU), and the operation.
 */
DECLARE_EVENT_CLASS(novabpf_rpc,
	TP_PROTO(const struct nova_rpc *rpc),
	TP_ARGS(rpc),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u64, id)
		__field(u32, op)
		__field(u32, function)
		__field(u32, cmd)
		__field(u32, len_bytes)
		__field(u32, seq)
		__field(u32, record_seq)
		__field(s32, pid)
		__field(u32, result)
		__field(u32, status)
		__field(s32, err)
		__field(u32, fate)
		__field(u32, reply_bytes)
		__field(u64, queued_ns)
		__field(u64, firmware_ns)
		__field(u64, total_ns)
		__array(char, name, NOVA_TRACE_NAME_LEN)
		__array(char, what, NOVA_TRACE_NAME_LEN)
		__array(char, status_name, NOVA_TRACE_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = rpc->gpu_id;
		__entry->gfid = rpc->gfid;
		__entry->id = rpc->id;
		__entry->op = rpc->op;
		__entry->function = rpc->function;
		__entry->cmd = rpc->cmd;
		__entry->len_bytes = rpc->len;
		__entry->seq = rpc->seq;
		__entry->record_seq = rpc->record_seq;
		__entry->pid = rpc->pid;
		__entry->result = rpc->result;
		__entry->status = rpc->status;
		__entry->err = rpc->err;
		__entry->fate = rpc->fate;
		__entry->reply_bytes = rpc->reply_len;
		__entry->queued_ns = nova_rpc_queued_ns(rpc);
		__entry->firmware_ns = nova_rpc_firmware_ns(rpc);
		__entry->total_ns = nova_rpc_total_ns(rpc);
		strscpy(__entry->name, nova_op_name(rpc->op), NOVA_TRACE_NAME_LEN);
		strscpy(__entry->what, nova_rpc_what(rpc->op, rpc->cmd),
			NOVA_TRACE_NAME_LEN);
		strscpy(__entry->status_name,
			nova_rpc_status_name(rpc->fate, rpc->result, rpc->status),
			NOVA_TRACE_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u id=%llu %s(%u) cmd=0x%08x %s len=%u seq=%u record_seq=%u pid=%d result=0x%x status=0x%x %s err=%d fate=%s reply=%u queued_ns=%llu firmware_ns=%llu total_ns=%llu",
		  __entry->gpu, __entry->gfid, __entry->id, __entry->name, __entry->function,
		  __entry->cmd, __entry->what, __entry->len_bytes, __entry->seq,
		  __entry->record_seq, __entry->pid, __entry->result, __entry->status,
		  __entry->status_name, __entry->err,
		  __print_symbolic(__entry->fate, nova_trace_fates), __entry->reply_bytes,
		  __entry->queued_ns, __entry->firmware_ns, __entry->total_ns)
);

/* An RPC was submitted to the core. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_submit,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* The RPC's first record is in the ring and the doorbell was rung. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_send,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* A reply was matched to the RPC, and is not delivered yet. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_reply,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* The RPC has ended with a result, good or bad. Exactly one per gsp_rpc_submit. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_done,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* The RPC's deadline passed; fate tells how far it had come. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_timeout,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));

/* A hook's request and its verdict. seq is 0 before the RPC is sent. */
TRACE_EVENT(gsp_rpc_verdict,
	TP_PROTO(const struct nova_rpc_ctx *rpc, const char *hook, const struct nova_verdict *v),
	TP_ARGS(rpc, hook, v),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u64, id)
		__field(u32, seq)
		__field(u32, function)
		__field(u32, op)
		__field(u32, cmd)
		__field(u32, phase)
		__field(u32, rule)
		__field(u32, asked)
		__field(u32, applied)
		__field(u64, arg)
		__field(u64, done)
		__array(char, hook, NOVA_NAME_LEN)
		__array(char, name, NOVA_TRACE_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = rpc->gpu_id;
		__entry->gfid = rpc->gfid;
		__entry->id = rpc->id;
		__entry->seq = rpc->seq;
		__entry->function = rpc->function;
		__entry->op = rpc->op;
		__entry->cmd = rpc->cmd;
		__entry->phase = rpc->phase;
		__entry->rule = v->rule;
		__entry->asked = v->asked;
		__entry->applied = v->applied;
		__entry->arg = v->arg;
		__entry->done = v->done;
		strscpy(__entry->hook, hook, NOVA_NAME_LEN);
		strscpy(__entry->name, nova_op_name(rpc->op), NOVA_TRACE_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u id=%llu seq=%u %s(%u) cmd=0x%08x phase=%s hook=%s rule=%u asked=%s arg=%llu applied=%s done=%llu",
		  __entry->gpu, __entry->gfid, __entry->id, __entry->seq, __entry->name,
		  __entry->function, __entry->cmd,
		  __print_symbolic(__entry->phase, nova_trace_phases), __entry->hook,
		  __entry->rule, __print_symbolic(__entry->asked, nova_trace_actions), __entry->arg,
		  __print_symbolic(__entry->applied, nova_trace_applied), __entry->done)
);

/* The firmware sent an event (any record with a function number >= 0x1000). */
TRACE_EVENT(gsp_event,
	TP_PROTO(const struct nova_gsp_event *ev),
	TP_ARGS(ev),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, op)
		__field(u32, function)
		__field(u32, record_seq)
		__field(u32, result)
		__field(u32, len_bytes)
		__field(u32, data0)
		__field(u32, data1)
		__field(u32, handled)
		__array(char, name, NOVA_TRACE_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = ev->gpu_id;
		__entry->gfid = ev->gfid;
		__entry->op = ev->op;
		__entry->function = ev->function;
		__entry->record_seq = ev->record_seq;
		__entry->result = ev->result;
		__entry->len_bytes = ev->len;
		__entry->data0 = ev->data[0];
		__entry->data1 = ev->data[1];
		__entry->handled = ev->handled;
		strscpy(__entry->name, nova_op_name(ev->op), NOVA_TRACE_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u %s(0x%x) record_seq=%u result=0x%x len=%u data=0x%x,0x%x handled=%u",
		  __entry->gpu, __entry->gfid, __entry->name, __entry->function,
		  __entry->record_seq, __entry->result, __entry->len_bytes, __entry->data0,
		  __entry->data1, __entry->handled)
);

/* A bad record or pointer of the firmware was refused, and consumed. */
TRACE_EVENT(gsp_record_bad,
	TP_PROTO(const struct nova_record_bad *bad),
	TP_ARGS(bad),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, reason)
		__field(u32, slot)
		__field(u32, slots)
		__field(u32, record_seq)
		__field(u32, expected_seq)
		__field(u32, function)
		__field(u32, seq)
		__field(u32, len_bytes)
		__field(u32, elem_count)
	),
	TP_fast_assign(
		__entry->gpu = bad->gpu_id;
		__entry->gfid = bad->gfid;
		__entry->reason = bad->reason;
		__entry->slot = bad->slot;
		__entry->slots = bad->slots;
		__entry->record_seq = bad->record_seq;
		__entry->expected_seq = bad->expected_seq;
		__entry->function = bad->function;
		__entry->seq = bad->seq;
		__entry->len_bytes = bad->len;
		__entry->elem_count = bad->elem_count;
	),
	TP_printk("gpu=%u gfid=%u reason=%s slot=%u slots=%u record_seq=%u expected=%u function=0x%x seq=%u len=%u elems=%u",
		  __entry->gpu, __entry->gfid,
		  __print_symbolic(__entry->reason, nova_trace_records),
		  __entry->slot, __entry->slots, __entry->record_seq,
		  __entry->expected_seq, __entry->function, __entry->seq,
		  __entry->len_bytes, __entry->elem_count)
);

/* The firmware changed its state. */
TRACE_EVENT(gsp_state,
	TP_PROTO(u32 gpu, u32 from, u32 to, const char *release),
	TP_ARGS(gpu, from, to, release),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, from)
		__field(u32, to)
		__array(char, release, NOVA_TRACE_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = 0;
		__entry->from = from;
		__entry->to = to;
		strscpy(__entry->release, release, NOVA_TRACE_NAME_LEN);
	),
	TP_printk("gpu=%u %s -> %s release=%s", __entry->gpu,
		  __print_symbolic(__entry->from, nova_trace_states),
		  __print_symbolic(__entry->to, nova_trace_states),
		  __entry->release)
);

#endif /* _TRACE_NOVABPF_GSP_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH trace/events
#define TRACE_INCLUDE_FILE novabpf_gsp
#include <trace/define_trace.h>
