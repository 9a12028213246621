/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the scheduler and of policies.
 *
 * The promise of novabpf_gsp.h holds here, too.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM novabpf

#if !defined(_TRACE_NOVABPF_SCHED_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_NOVABPF_SCHED_H

#include <linux/tracepoint.h>
#include <uapi/novabpf.h>

struct nova_decision;
struct nova_policy;
struct nova_runlist;
struct nova_sched_rl;

#define nova_trace_kinds		\
	EM(NOVA_DECIDE_NONE, "none")	\
	EM(NOVA_DECIDE_RUN, "run")	\
	EMe(NOVA_DECIDE_IDLE, "idle")

#define nova_trace_verdicts					\
	EM(NOVA_APPLY, "apply")					\
	EM(NOVA_APPLY_CLIPPED, "clipped")			\
	EM(NOVA_NOOP_BUILTIN, "builtin")			\
	EM(NOVA_NOOP_EMPTY, "empty")				\
	EM(NOVA_REJECT_NONE, "reject-none")			\
	EM(NOVA_REJECT_GFID, "reject-gfid")			\
	EM(NOVA_REJECT_NOT_RUNNABLE, "reject-not-runnable")	\
	EM(NOVA_REJECT_SLICE, "reject-slice")			\
	EMe(NOVA_REJECT_IDLE, "reject-idle")

#define nova_trace_stops			\
	EM(NOVA_STOP_NONE, "none")		\
	EM(NOVA_STOP_SLICE, "slice")		\
	EM(NOVA_STOP_DRY, "dry")		\
	EM(NOVA_STOP_PREEMPT, "preempt")	\
	EM(NOVA_STOP_KICK, "kick")		\
	EM(NOVA_STOP_CAP, "cap")		\
	EMe(NOVA_STOP_GONE, "gone")

#define nova_trace_exits				\
	EM(NOVA_EXIT_NONE, "none")			\
	EM(NOVA_EXIT_DETACH, "detach")			\
	EM(NOVA_EXIT_REPLACE, "replace")		\
	EM(NOVA_EXIT_RESET, "reset")			\
	EM(NOVA_EXIT_GPU_GONE, "gpu-gone")		\
	EM(NOVA_EXIT_ERROR_INIT, "error-init")		\
	EM(NOVA_EXIT_ERROR_BPF, "error-bpf")		\
	EM(NOVA_EXIT_ERROR_STALL, "error-stall")	\
	EM(NOVA_EXIT_ERROR_REJECTS, "error-rejects")	\
	EM(NOVA_EXIT_ERROR_WATCHDOG, "error-watchdog")	\
	EMe(NOVA_EXIT_ERROR_SLOW, "error-slow")

/* Exports the values, so that trace-cmd and perf can print the texts above. */
#undef EM
#undef EMe
#define EM(value, name)		TRACE_DEFINE_ENUM(value);
#define EMe(value, name)	TRACE_DEFINE_ENUM(value);
nova_trace_kinds
nova_trace_verdicts
nova_trace_stops
nova_trace_exits

/* From here on the lists are for __print_symbolic(). */
#undef EM
#undef EMe
#define EM(value, name)		{ value, name },
#define EMe(value, name)	{ value, name }

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

/* A vGPU became runnable: it got work, or its cap allows it to run again. */
DEFINE_EVENT(novabpf_runnable, sched_runnable,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns), TP_ARGS(rl, gfid, now_ns));
/* A vGPU ran out of work, reached its cap, or can no longer be scheduled. */
DEFINE_EVENT(novabpf_runnable, sched_quiescent,
	TP_PROTO(const struct nova_sched_rl *rl, u32 gfid, u64 now_ns), TP_ARGS(rl, gfid, now_ns));

/* A decision: the request, its verdict, and what is applied. gfid ran before. */
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
		  __entry->now_ns, __print_symbolic(__entry->asked_kind, nova_trace_kinds),
		  __entry->asked_gfid, __entry->asked_ns,
		  __print_symbolic(__entry->verdict, nova_trace_verdicts),
		  __print_symbolic(__entry->kind, nova_trace_kinds), __entry->next_gfid,
		  __entry->slice_ns, __entry->policy)
);

/* The firmware has confirmed a switch from prev_gfid to gfid (0: idle). */
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
		  __entry->now_ns, __print_symbolic(__entry->reason, nova_trace_stops),
		  __entry->err, __entry->ran_ns, __entry->slice_ns, __entry->switch_ns)
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

/* A runnable vGPU has waited too long (err 0), or the firmware failed to switch it. */
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
		  __entry->gpu, __entry->gfid, __entry->now_ns,
		  __print_symbolic(__entry->kind, nova_trace_exits), __entry->code,
		  __entry->seq, __entry->name, __entry->msg)
);

DEFINE_EVENT(novabpf_policy, policy_attach,
	TP_PROTO(const struct nova_policy *policy), TP_ARGS(policy));
DEFINE_EVENT(novabpf_policy, policy_detach,
	TP_PROTO(const struct nova_policy *policy), TP_ARGS(policy));
DEFINE_EVENT(novabpf_policy, policy_eject,
	TP_PROTO(const struct nova_policy *policy), TP_ARGS(policy));

#endif /* _TRACE_NOVABPF_SCHED_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH trace/events
#define TRACE_INCLUDE_FILE novabpf_sched
#include <trace/define_trace.h>
