/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decisions: the check of a policy's request, and the built-in policies.
 * Pure; see rq.h.
 */
#ifndef NOVABPF_SCHED_DECIDE_H
#define NOVABPF_SCHED_DECIDE_H

#include "rq.h"

/**
 * struct nova_decision - the next user of the engine
 * @kind: enum nova_decision_kind
 * @gfid: vGPU (NOVA_DECIDE_RUN)
 * @ns: slice, or length of the idle; idle 0: until a vGPU gets work
 */
struct nova_decision {
	u32 kind;
	u32 gfid;
	u64 ns;
};

static inline void nova_decide_idle(struct nova_decision *d, u64 ns)
{
	*d = (struct nova_decision) { .kind = NOVA_DECIDE_IDLE, .ns = ns };
}

/**
 * nova_decision_check() - whether a decision may be applied
 * @rq: the runlist
 * @asked: the policy's request
 * @now_ns: GPU clock
 * @applied: the same, with the slice clipped to the rest of the cap window; only valid
 *	for NOVA_APPLY* and NOVA_NOOP_EMPTY (idle 0)
 *
 * Only changes the cap window of the vGPU.
 * Return: NOVA_APPLY, NOVA_APPLY_CLIPPED, NOVA_NOOP_EMPTY or NOVA_REJECT_*.
 */
enum nova_decision_verdict nova_decision_check(struct nova_rq *rq,
					       const struct nova_decision *asked,
					       u64 now_ns, struct nova_decision *applied);

/**
 * nova_builtin_pick() - decide by pub.builtin
 * @rq: the runlist
 * @now_ns: GPU clock
 * @d: the decision, always legal
 *
 * A slice counts from the decision, so turns keep their rhythm whatever a switch
 * costs.
 *
 * best effort: the longest waiting vGPU, a slice of pub.slice_us for each of its
 * TSGs, as on a hardware runlist; idle 0 when no vGPU is runnable.
 *
 * equal share, fixed share: turns of pub.slice_us go round the slots: the used ones,
 * or 0 .. pub.slots - 1 whether used or not. The turn of a vGPU without work stays
 * idle. If the vGPU gets work meanwhile it runs for the rest of the turn. A rest
 * shorter than NOVA_SLICE_MIN_NS stays idle.
 *	arr: a turn is shortened by debt / factor, down to half a turn, and the debt
 *	falls by as much. The debt grows by overrun_ns (read once per run).
 *	no arr: no turns; the runnable vGPU with the least fair_ns, for pub.slice_us.
 *	Under fixed share no vGPU gets more than its part, and the engine idles
 *	instead: one busy vGPU of four slots has 25 %.
 */
void nova_builtin_pick(struct nova_rq *rq, u64 now_ns, struct nova_decision *d);

/*
 * Operations of a policy hold the runlist's lock, with interrupts off. One in
 * NOVA_OP_MEASURE_EVERY is measured, and each one while the score is not 0. An operation
 * slower than NOVA_OP_SLOW_NS adds to the score, any other takes one off. So one slow
 * operation, as on a machine that stood still, is forgiven; four at short intervals are not.
 * The interval is a prime: a repeating pattern of operations does not always hide the same.
 */
#define NOVA_OP_SLOW_NS		10000000ULL
#define NOVA_OP_SLOW_SCORE	16
#define NOVA_OP_SLOW_LIMIT	(4 * NOVA_OP_SLOW_SCORE)
#define NOVA_OP_MEASURE_EVERY	19

/* Score a measured operation. Return: whether to eject the policy. */
static inline bool nova_op_score(u32 *score, bool slow)
{
	if (slow)
		*score += NOVA_OP_SLOW_SCORE;
	else if (*score)
		--*score;
	return *score >= NOVA_OP_SLOW_LIMIT;
}

/* Default slice in us for @slots vGPUs: 2000, or 1000 for more than 8; ARR: 1/480 s, 1/960 s. */
u32 nova_builtin_slice_us(bool arr, u32 slots);

#endif /* NOVABPF_SCHED_DECIDE_H */
