/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decisions: the check of what a policy asked for, and the built-in policies.
 * Pure; see rq.h.
 */
#ifndef NOVABPF_SCHED_DECIDE_H
#define NOVABPF_SCHED_DECIDE_H

#include "rq.h"

/**
 * struct nova_decision - who gets the engine
 * @kind: enum nova_decision_kind
 * @gfid: vGPU (NOVA_DECIDE_RUN)
 * @ns: slice, or how long to stay idle; idle 0: until a vGPU gets work
 */
struct nova_decision {
	u32 kind;
	u32 gfid;
	u64 ns;
};

/**
 * nova_decision_check() - whether a decision may be applied
 * @rq: the runlist
 * @asked: what the policy asked for
 * @now_ns: GPU clock
 * @applied: the same, with the slice clipped to what the cap leaves; only valid
 *	for NOVA_APPLY* and NOVA_NOOP_EMPTY (then it is idle 0)
 *
 * Changes nothing but the cap window of the vGPU.
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
 * TSGs, as a hardware runlist would give it; idle 0 when nobody is runnable.
 *
 * equal share, fixed share: turns of pub.slice_us go round the slots: those in use,
 * or 0 .. pub.slots - 1 whether in use or not. A vGPU without work leaves its
 * turn idle; where it gets work meanwhile it has the rest of the turn. A rest shorter
 * than NOVA_SLICE_MIN_NS stays idle.
 *	arr: its turn is shortened by debt / factor, which is taken off the debt;
 *	the debt grows by overrun_ns (read once per run). Never below half a turn.
 *	no arr: not by turns; of the runnable vGPUs the one with the least fair_ns,
 *	for pub.slice_us; fixed share does so too, but never gives anyone more
 *	than its part: the engine idles instead (so that with one busy vGPU of
 *	four slots it has 25 %).
 */
void nova_builtin_pick(struct nova_rq *rq, u64 now_ns, struct nova_decision *d);

/*
 * Operations of a policy hold the runlist's lock, with interrupts off. One in
 * NOVA_OP_MEASURE_EVERY is measured, and each one while the score is not 0. One that takes
 * longer than NOVA_OP_SLOW_NS adds to the score, each that does not takes one off. So a
 * machine that stood still in the midst of one is forgiven; four at short intervals are not.
 * The number is a prime, so that it is not always the same operation that is measured where
 * they come in a pattern.
 */
#define NOVA_OP_SLOW_NS		10000000ULL
#define NOVA_OP_SLOW_SCORE	16
#define NOVA_OP_SLOW_LIMIT	(4 * NOVA_OP_SLOW_SCORE)
#define NOVA_OP_MEASURE_EVERY	19

/* After an operation that was measured. Return: whether the policy has to go. */
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
