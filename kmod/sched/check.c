// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of a decision. A policy may be wrong in any way, so nothing of its request
 * reaches the engine unchecked. Pure.
 */
#include "decide.h"

static enum nova_decision_verdict check_run(struct nova_rq *rq, const struct nova_decision *asked,
					    u64 now_ns, struct nova_decision *applied)
{
	struct nova_rq_vgpu *v = nova_rq_find(rq, asked->gfid);
	u64 left;

	if (!v)
		return NOVA_REJECT_GFID;
	if (!v->pub.runnable)
		return NOVA_REJECT_NOT_RUNNABLE;
	if (asked->ns < rq->pub.slice_min_ns || asked->ns > rq->pub.slice_max_ns)
		return NOVA_REJECT_SLICE;
	left = nova_rq_cap_left(v, now_ns);
	if (!left)
		return NOVA_REJECT_NOT_RUNNABLE;
	*applied = *asked;
	if (asked->ns <= left)
		return NOVA_APPLY;
	applied->ns = left;
	return NOVA_APPLY_CLIPPED;
}

static enum nova_decision_verdict check_idle(const struct nova_rq *rq,
					     const struct nova_decision *asked, u64 now_ns,
					     struct nova_decision *applied)
{
	if (rq->pub.nr_runnable && (!asked->ns || asked->ns > NOVA_SCHED_IDLE_MAX_NS))
		return NOVA_REJECT_IDLE;
	/* An end beyond the range of the clock means no end. */
	nova_decide_idle(applied, asked->ns > U64_MAX - now_ns ? 0 : asked->ns);
	return NOVA_APPLY;
}

enum nova_decision_verdict nova_decision_check(struct nova_rq *rq,
					       const struct nova_decision *asked,
					       u64 now_ns, struct nova_decision *applied)
{
	switch (asked->kind) {
	case NOVA_DECIDE_RUN:
		return check_run(rq, asked, now_ns, applied);
	case NOVA_DECIDE_IDLE:
		return check_idle(rq, asked, now_ns, applied);
	default:
		break;
	}
	if (rq->pub.nr_runnable)
		return NOVA_REJECT_NONE;
	nova_decide_idle(applied, 0);
	return NOVA_NOOP_EMPTY;
}
