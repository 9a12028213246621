// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boundary between the scheduler and a policy: calls of operations, and the requests
 * that a policy makes from them.
 *
 * BPF does not limit how long a program runs: nested loops can take hours, here with
 * interrupts off, and the kernel cannot stop them. So one operation in
 * NOVA_OP_MEASURE_EVERY is timed, because reading the counter twice is a sixteenth of the
 * cost of a decision. After a slow operation each one is timed. A policy that is slow
 * again and again is ejected after the operation returns.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timex.h>
#include "runlist.h"

/* Fewer cycles are less than 10 ms on any counter of 10 MHz or more. */
#define NOVA_OP_CYCLES_LOOK	100000ULL

const char * const nova_sched_op_name[NOVA_SCHED_OPS] = {
	[NOVA_SCHED_OP_NONE] = "none",
	[NOVA_SCHED_OP_INIT] = "init",
	[NOVA_SCHED_OP_EXIT] = "exit",
	[NOVA_SCHED_OP_ADMIT] = "admit",
	[NOVA_SCHED_OP_VGPU_INIT] = "vgpu_init",
	[NOVA_SCHED_OP_VGPU_EXIT] = "vgpu_exit",
	[NOVA_SCHED_OP_VGPU_CONFIG] = "vgpu_config",
	[NOVA_SCHED_OP_RUNNABLE] = "runnable",
	[NOVA_SCHED_OP_QUIESCENT] = "quiescent",
	[NOVA_SCHED_OP_PICK] = "pick",
	[NOVA_SCHED_OP_PREEMPT] = "preempt",
	[NOVA_SCHED_OP_STOPPED] = "stopped",
};

void nova_op_time_start(struct nova_runlist *rl)
{
	lockdep_assert_held(&rl->lock);
	rl->op_score = 0;
	rl->op_left = 1;
	rl->since_cycles = get_cycles();
	rl->since_ns = ktime_get_mono_fast_ns();
}

/* The counter's rate follows from its progress since the policy took over. */
static u64 op_cycles_to_ns(const struct nova_runlist *rl, u64 cycles)
{
	u64 in_all = get_cycles() - rl->since_cycles;

	if (in_all < cycles)
		return 0;
	return mul_u64_u64_div_u64(cycles, ktime_get_mono_fast_ns() - rl->since_ns, in_all);
}

static void op_measured(struct nova_runlist *rl)
{
	u64 cycles = get_cycles() - rl->op_cycles;
	u64 ns = cycles > NOVA_OP_CYCLES_LOOK ? op_cycles_to_ns(rl, cycles) : 0;
	bool slow = ns > NOVA_OP_SLOW_NS;

	if (slow)
		nova_sched_count(rl->sched, NOVA_SCHED_STAT_SLOW_OPS);
	if (nova_op_score(&rl->op_score, slow))
		nova_policy_eject(rl->policy, NOVA_EXIT_ERROR_SLOW, 0, 0,
				  "%s held %s for %llu ms, and others like that before it",
				  nova_sched_op_name[rl->op], rl->name, div_u64(ns, NSEC_PER_MSEC));
	rl->op_left = rl->op_score ? 1 : NOVA_OP_MEASURE_EVERY;
}

/* Operations do not nest. */
static void op_enter(struct nova_runlist *rl, enum nova_op_id id)
{
	lockdep_assert_held(&rl->lock);
	atomic64_inc(&rl->policy->calls[id]);
	rl->op = id;
}

/*
 * Run an operation. The call is expanded twice, so that an unmeasured operation costs one
 * count and one branch before it, and nothing after it.
 */
#define nova_op_run(rl, id, ...)					\
do {									\
	struct nova_runlist *op_rl = (rl);				\
									\
	op_enter(op_rl, id);						\
	if (likely(--op_rl->op_left)) {					\
		__VA_ARGS__;						\
	} else {							\
		op_rl->op_cycles = get_cycles();			\
		__VA_ARGS__;						\
		op_measured(op_rl);					\
	}								\
	op_rl->op = NOVA_SCHED_OP_NONE;					\
} while (0)

static const struct nova_sched_ops no_ops;

static const struct nova_sched_ops *op_table(struct nova_runlist *rl)
{
	struct nova_policy *p = nova_policy_of(rl);

	return p ? p->ops : &no_ops;
}

/* Runs an operation without a result, if the policy has it. */
#define op_run_void(rl, id, fn, ...)					\
do {									\
	struct nova_runlist *run_rl = (rl);				\
	typeof(fn) run_fn = (fn);					\
									\
	if (run_fn)							\
		nova_op_run(run_rl, id, run_fn(__VA_ARGS__));		\
} while (0)

void nova_op_vgpu_init(struct nova_runlist *rl, struct nova_entity *e)
{
	op_run_void(rl, NOVA_SCHED_OP_VGPU_INIT, op_table(rl)->vgpu_init, &e->rq.pub);
}

void nova_op_vgpu_exit(struct nova_runlist *rl, struct nova_entity *e)
{
	op_run_void(rl, NOVA_SCHED_OP_VGPU_EXIT, op_table(rl)->vgpu_exit, &e->rq.pub);
}

void nova_op_vgpu_config(struct nova_runlist *rl, struct nova_entity *e)
{
	op_run_void(rl, NOVA_SCHED_OP_VGPU_CONFIG, op_table(rl)->vgpu_config, &e->rq.pub);
}

void nova_op_runnable(struct nova_runlist *rl, struct nova_entity *e)
{
	op_run_void(rl, NOVA_SCHED_OP_RUNNABLE, op_table(rl)->runnable, &rl->rq.pub, &e->rq.pub);
}

void nova_op_quiescent(struct nova_runlist *rl, struct nova_entity *e)
{
	op_run_void(rl, NOVA_SCHED_OP_QUIESCENT, op_table(rl)->quiescent, &rl->rq.pub,
		    &e->rq.pub);
}

void nova_op_stopped(struct nova_runlist *rl, struct nova_entity *e, u64 ran_ns, u32 reason)
{
	op_run_void(rl, NOVA_SCHED_OP_STOPPED, op_table(rl)->stopped, &rl->rq.pub, &e->rq.pub,
		    ran_ns, reason);
}

bool nova_op_preempt(struct nova_runlist *rl, struct nova_entity *curr,
		     struct nova_entity *woken)
{
	const struct nova_sched_ops *ops = op_table(rl);
	bool yes;

	if (!ops->preempt)
		return false;
	nova_op_run(rl, NOVA_SCHED_OP_PREEMPT,
		    yes = ops->preempt(&rl->rq.pub, &curr->rq.pub, &woken->rq.pub));
	return yes;
}

bool nova_op_pick(struct nova_runlist *rl, struct nova_entity *prev)
{
	const struct nova_sched_ops *ops = op_table(rl);

	rl->asked = (struct nova_decision) {};
	if (!ops->pick)
		return false;
	nova_op_run(rl, NOVA_SCHED_OP_PICK, ops->pick(&rl->rq.pub, prev ? &prev->rq.pub : NULL));
	/* pick() may have ended its own policy. */
	return nova_policy_of(rl);
}

u64 nova_policy_req_now(const struct nova_sched_rl *rl)
{
	return nova_runlist_of(rl)->now_ns;
}

s32 nova_policy_req_dispatch(struct nova_sched_rl *pub, u32 gfid, u64 slice_ns)
{
	struct nova_runlist *rl = nova_runlist_of(pub);
	struct nova_rq_vgpu *v = nova_rq_find(&rl->rq, gfid);

	if (rl->op != NOVA_SCHED_OP_PICK)
		return -EINVAL;
	/* Record even a bad request, for the check and the trace. */
	rl->asked = (struct nova_decision) {
		.kind = NOVA_DECIDE_RUN,
		.gfid = gfid,
		.ns = slice_ns,
	};
	if (!v)
		return -ENOENT;
	if (!v->pub.runnable)
		return -EAGAIN;
	return slice_ns < pub->slice_min_ns || slice_ns > pub->slice_max_ns ? -ERANGE : 0;
}

s32 nova_policy_req_idle(struct nova_sched_rl *pub, u64 ns)
{
	struct nova_runlist *rl = nova_runlist_of(pub);

	if (rl->op != NOVA_SCHED_OP_PICK)
		return -EINVAL;
	rl->asked = (struct nova_decision) { .kind = NOVA_DECIDE_IDLE, .ns = ns };
	return 0;
}

void nova_policy_req_kick(struct nova_sched_rl *pub)
{
	struct nova_runlist *rl = nova_runlist_of(pub);

	if (rl->op == NOVA_SCHED_OP_NONE)
		return;
	nova_sched_count(rl->sched, NOVA_SCHED_STAT_KICKS);
	rl->kick = true;
	rl->again = true;
}

s32 nova_policy_req_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key)
{
	return nova_rq_insert(&nova_runlist_of(rl)->rq, queue, gfid, key);
}

s32 nova_policy_req_queue_remove(struct nova_sched_rl *rl, u32 gfid)
{
	return nova_rq_remove(&nova_runlist_of(rl)->rq, gfid);
}

static struct nova_sched_vgpu *op_pub(struct nova_rq_vgpu *v)
{
	return v ? &v->pub : NULL;
}

struct nova_sched_vgpu *nova_policy_req_queue_first(struct nova_sched_rl *rl, u32 queue)
{
	return op_pub(nova_rq_first(&nova_runlist_of(rl)->rq, queue));
}

u64 nova_policy_req_queue_key(struct nova_sched_rl *rl, u32 queue)
{
	struct nova_rq_vgpu *v = nova_rq_first(&nova_runlist_of(rl)->rq, queue);

	return v ? v->key : 0;
}

struct nova_sched_vgpu *nova_policy_req_vgpu(struct nova_sched_rl *rl, u32 gfid)
{
	return op_pub(nova_rq_find(&nova_runlist_of(rl)->rq, gfid));
}

struct nova_sched_vgpu *nova_policy_req_vgpu_at(struct nova_sched_rl *rl, u32 slot)
{
	return op_pub(nova_rq_at(&nova_runlist_of(rl)->rq, slot));
}

void nova_policy_req_error(struct nova_sched_rl *pub, s64 code, const char *msg)
{
	struct nova_runlist *rl = nova_runlist_of(pub);

	if (rl->policy && rl->op != NOVA_SCHED_OP_NONE)
		nova_policy_eject(rl->policy, NOVA_EXIT_ERROR_BPF, code, 0, "%s: %s",
				  nova_sched_op_name[rl->op], msg);
}
