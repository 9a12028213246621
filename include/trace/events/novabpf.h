/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the core.
 *
 * Names, types and order of the fields are a promise (Documentation/tracing.rst);
 * new fields are appended. All are of fixed width, so that trace-cmd, perf and
 * bpftrace print them without knowing the firmware release: numbers of the wire
 * stand beside stable ids and names.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM novabpf

#if !defined(_TRACE_NOVABPF_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_NOVABPF_H

#include <linux/tracepoint.h>
#include <novabpf/driver/plugin.h>
#include <uapi/novabpf.h>

struct nova_rpc;
struct nova_gsp_event;
struct nova_record_bad;
struct nova_runlist;
struct nova_policy;
struct nova_sched_rl;
struct nova_decision;
struct nova_rpc_ctx;
struct nova_verdict;

#include <trace/events/novabpf_symbols.h>

/*
 * Every event of a call starts with the same fields: which GPU, on whose
 * behalf (gfid, 0 is the host), which call (id counts up per GPU), what it is.
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
		  __entry->status_name, __entry->err, nova_show_fate(__entry->fate),
		  __entry->reply_bytes, __entry->queued_ns, __entry->firmware_ns,
		  __entry->total_ns)
);

/* A caller handed a call to the core. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_submit,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* Its (first) record is in the ring and the doorbell was rung. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_send,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* A reply was matched to it; not yet delivered. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_reply,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* The caller has its result, good or bad. Exactly one per gsp_rpc_submit. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_done,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));
/* Its deadline passed; fate tells how far it had come. */
DEFINE_EVENT(novabpf_rpc, gsp_rpc_timeout,
	TP_PROTO(const struct nova_rpc *rpc), TP_ARGS(rpc));

/* A hook asked for something: what, and what became of it. seq is 0 before it is sent. */
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
		  __entry->function, __entry->cmd, nova_show_phase(__entry->phase),
		  __entry->hook, __entry->rule, nova_show_action(__entry->asked),
		  __entry->arg, nova_show_applied(__entry->applied), __entry->done)
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

/* A record or pointer from the firmware was refused; it has been consumed. */
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
		  __entry->gpu, __entry->gfid, nova_show_verdict(__entry->reason),
		  __entry->slot, __entry->slots, __entry->record_seq,
		  __entry->expected_seq, __entry->function, __entry->seq,
		  __entry->len_bytes, __entry->elem_count)
);

/* The firmware's life went from one state to the next. */
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
		  nova_show_state(__entry->from), nova_show_state(__entry->to),
		  __entry->release)
);

/*
 * Events of the scheduler. now_ns and all other times are of the GPU's clock; engine
 * is an NV2080_ENGINE_TYPE.
 */
DECLARE_EVENT_CLASS(novabpf_runnable,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns),
	TP_ARGS(rl, gfid, now_ns),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, engine)
		__field(u32, nr_runnable)
		__field(u64, now_ns)
	),
	TP_fast_assign(
		__entry->gpu = rl->gpu_id;
		__entry->gfid = gfid;
		__entry->engine = rl->engine_id;
		__entry->nr_runnable = rl->nr_runnable;
		__entry->now_ns = now_ns;
	),
	TP_printk("gpu=%u gfid=%u engine=%u nr_runnable=%u now_ns=%llu",
		  __entry->gpu, __entry->gfid, __entry->engine, __entry->nr_runnable,
		  __entry->now_ns)
);

/* A vGPU has got work (or its cap lets it go on). */
DEFINE_EVENT(novabpf_runnable, sched_runnable,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns), TP_ARGS(rl, gfid, now_ns));
/* A vGPU has run out of work, reached its cap, or cannot be scheduled any more. */
DEFINE_EVENT(novabpf_runnable, sched_quiescent,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns), TP_ARGS(rl, gfid, now_ns));

/* A decision: what was asked for, what became of it, what is applied. gfid ran before. */
TRACE_EVENT(sched_pick,
	TP_PROTO(const struct nova_runlist *rl, const struct nova_policy *policy, u32 prev,
		 u64 now_ns, u32 verdict, const struct nova_decision *applied),
	TP_ARGS(rl, policy, prev, now_ns, verdict, applied),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, engine)
		__field(u32, nr_runnable)
		__field(u64, now_ns)
		__field(u32, asked_kind)
		__field(u32, asked_gfid)
		__field(u64, asked_ns)
		__field(u32, verdict)
		__field(u32, kind)
		__field(u32, next_gfid)
		__field(u32, reserved)
		__field(u64, slice_ns)
		__array(char, policy, NOVA_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = rl->rq.pub.gpu_id;
		__entry->gfid = prev;
		__entry->engine = rl->rq.pub.engine_id;
		__entry->nr_runnable = rl->rq.pub.nr_runnable;
		__entry->now_ns = now_ns;
		__entry->asked_kind = rl->asked.kind;
		__entry->asked_gfid = rl->asked.gfid;
		__entry->asked_ns = rl->asked.ns;
		__entry->verdict = verdict;
		__entry->kind = applied->kind;
		__entry->next_gfid = applied->kind == NOVA_DECIDE_RUN ? applied->gfid : 0;
		__entry->reserved = 0;
		__entry->slice_ns = applied->ns;
		strscpy(__entry->policy, policy ? policy->ops->name : "", NOVA_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u engine=%u nr_runnable=%u now_ns=%llu asked_kind=%s asked_gfid=%u asked_ns=%llu verdict=%s kind=%s next_gfid=%u slice_ns=%llu policy=%s",
		  __entry->gpu, __entry->gfid, __entry->engine, __entry->nr_runnable,
		  __entry->now_ns, nova_show_decide(__entry->asked_kind), __entry->asked_gfid,
		  __entry->asked_ns, nova_show_decision(__entry->verdict),
		  nova_show_decide(__entry->kind), __entry->next_gfid, __entry->slice_ns,
		  __entry->policy)
);

/* The firmware has confirmed: gfid has the engine now (0: nobody), prev_gfid has not. */
TRACE_EVENT(sched_switch,
	TP_PROTO(const struct nova_runlist *rl, u32 prev, u32 next, u64 now_ns, int err),
	TP_ARGS(rl, prev, next, now_ns, err),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, engine)
		__field(u32, prev_gfid)
		__field(u64, now_ns)
		__field(u32, reason)
		__field(s32, err)
		__field(u64, ran_ns)
		__field(u64, slice_ns)
		__field(u64, switch_ns)
	),
	TP_fast_assign(
		__entry->gpu = rl->rq.pub.gpu_id;
		__entry->gfid = next;
		__entry->engine = rl->rq.pub.engine_id;
		__entry->prev_gfid = prev;
		__entry->now_ns = now_ns;
		__entry->reason = rl->switch_reason;
		__entry->err = err;
		__entry->ran_ns = prev ? rl->switch_ran_ns : 0;
		__entry->slice_ns = rl->slice_ns;
		__entry->switch_ns = now_ns - rl->switch_since_ns;
	),
	TP_printk("gpu=%u gfid=%u engine=%u prev_gfid=%u now_ns=%llu reason=%s err=%d ran_ns=%llu slice_ns=%llu switch_ns=%llu",
		  __entry->gpu, __entry->gfid, __entry->engine, __entry->prev_gfid,
		  __entry->now_ns, nova_show_stop(__entry->reason), __entry->err,
		  __entry->ran_ns, __entry->slice_ns, __entry->switch_ns)
);

/* An item of work is done. */
TRACE_EVENT(sched_complete,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns, u64 ran_ns),
	TP_ARGS(rl, gfid, now_ns, ran_ns),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, engine)
		__field(u32, reserved)
		__field(u64, now_ns)
		__field(u64, ran_ns)
	),
	TP_fast_assign(
		__entry->gpu = rl->gpu_id;
		__entry->gfid = gfid;
		__entry->engine = rl->engine_id;
		__entry->reserved = 0;
		__entry->now_ns = now_ns;
		__entry->ran_ns = ran_ns;
	),
	TP_printk("gpu=%u gfid=%u engine=%u now_ns=%llu ran_ns=%llu", __entry->gpu,
		  __entry->gfid, __entry->engine, __entry->now_ns, __entry->ran_ns)
);

/* A runnable vGPU has waited too long (err 0), or the firmware did not switch it. */
TRACE_EVENT(sched_stall,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns, u64 waited_ns, int err),
	TP_ARGS(rl, gfid, now_ns, waited_ns, err),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, engine)
		__field(s32, err)
		__field(u64, now_ns)
		__field(u64, waited_ns)
	),
	TP_fast_assign(
		__entry->gpu = rl->gpu_id;
		__entry->gfid = gfid;
		__entry->engine = rl->engine_id;
		__entry->err = err;
		__entry->now_ns = now_ns;
		__entry->waited_ns = waited_ns;
	),
	TP_printk("gpu=%u gfid=%u engine=%u now_ns=%llu waited_ns=%llu err=%d", __entry->gpu,
		  __entry->gfid, __entry->engine, __entry->now_ns, __entry->waited_ns,
		  __entry->err)
);

/* A policy has taken over, has ended cleanly, or was ejected. */
DECLARE_EVENT_CLASS(novabpf_policy,
	TP_PROTO(const struct nova_policy *policy),
	TP_ARGS(policy),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, kind)
		__field(u32, reserved)
		__field(u64, now_ns)
		__field(s64, code)
		__field(u64, seq)
		__array(char, name, NOVA_NAME_LEN)
		__array(char, msg, NOVA_EXIT_REASON_LEN)
	),
	TP_fast_assign(
		__entry->gpu = policy->gpu->id;
		__entry->gfid = policy->ei.gfid;
		__entry->kind = policy->ei.kind;
		__entry->reserved = 0;
		__entry->now_ns = nova_now_ns(policy->gpu);
		__entry->code = policy->ei.code;
		__entry->seq = policy->seq;
		strscpy(__entry->name, policy->ops->name, NOVA_NAME_LEN);
		strscpy(__entry->msg, policy->ei.msg, NOVA_EXIT_REASON_LEN);
	),
	TP_printk("gpu=%u gfid=%u now_ns=%llu kind=%s code=%lld seq=%llu name=%s msg=%s",
		  __entry->gpu, __entry->gfid, __entry->now_ns, nova_show_exit(__entry->kind),
		  __entry->code, __entry->seq, __entry->name, __entry->msg)
);

DEFINE_EVENT(novabpf_policy, policy_attach,
	TP_PROTO(const struct nova_policy *policy), TP_ARGS(policy));
DEFINE_EVENT(novabpf_policy, policy_detach,
	TP_PROTO(const struct nova_policy *policy), TP_ARGS(policy));
DEFINE_EVENT(novabpf_policy, policy_eject,
	TP_PROTO(const struct nova_policy *policy), TP_ARGS(policy));

/* A vGPU went from one state to the next; type is the id of its type. */
TRACE_EVENT(vgpu_phase,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, u32 from, u32 to, const char *name),
	TP_ARGS(gpu, gfid, type, from, to, name),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__field(u32, from)
		__field(u32, to)
		__array(char, name, NOVA_TRACE_VGPU_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		__entry->from = from;
		__entry->to = to;
		strscpy(__entry->name, name, NOVA_TRACE_VGPU_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u type=%u from=%s to=%s name=%s", __entry->gpu,
		  __entry->gfid, __entry->type, nova_show_vgpu_state(__entry->from),
		  nova_show_vgpu_state(__entry->to), __entry->name)
);

/* Whether a vGPU may be created, and where; ret is 0 or -errno. */
TRACE_EVENT(vgpu_admit,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, u32 placement, s32 ret, const char *name),
	TP_ARGS(gpu, gfid, type, placement, ret, name),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__field(u32, placement)
		__field(s32, ret)
		__array(char, name, NOVA_TRACE_VGPU_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		__entry->placement = placement;
		__entry->ret = ret;
		strscpy(__entry->name, name, NOVA_TRACE_VGPU_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u type=%u placement=%u ret=%d name=%s", __entry->gpu,
		  __entry->gfid, __entry->type, __entry->placement, __entry->ret,
		  __entry->name)
);

/* What a vGPU had is not used again until the GPU is removed. */
TRACE_EVENT(vgpu_quarantine,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, const char *name),
	TP_ARGS(gpu, gfid, type, name),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__array(char, name, NOVA_TRACE_VGPU_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		strscpy(__entry->name, name, NOVA_TRACE_VGPU_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u type=%u name=%s", __entry->gpu, __entry->gfid,
		  __entry->type, __entry->name)
);

/* A request to the plugin task of a vGPU; ret is 0 or -errno, ns GPU time. */
TRACE_EVENT(vgpu_plugin_rpc,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, u32 seq, u32 received, u32 processed, u32 result,
		 s32 ret, u64 ns),
	TP_ARGS(gpu, gfid, type, seq, received, processed, result, ret, ns),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__field(u32, seq)
		__field(u32, received)
		__field(u32, processed)
		__field(u32, result)
		__field(s32, ret)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		__entry->seq = seq;
		__entry->received = received;
		__entry->processed = processed;
		__entry->result = result;
		__entry->ret = ret;
		__entry->ns = ns;
	),
	TP_printk("gpu=%u gfid=%u type=%s seq=%u received=%u processed=%u result=0x%x ret=%d ns=%llu",
		  __entry->gpu, __entry->gfid, nova_show_plugin_rpc(__entry->type),
		  __entry->seq, __entry->received, __entry->processed, __entry->result,
		  __entry->ret, __entry->ns)
);

#endif /* _TRACE_NOVABPF_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH trace/events
#define TRACE_INCLUDE_FILE novabpf
#include <trace/define_trace.h>
