// SPDX-License-Identifier: GPL-2.0-only
/*
 * The built-in policies, with the semantics that NVIDIA documents for its own: best
 * effort, equal share and fixed share, the last two with or without adaptive round
 * robin. Pure. Their cost does not depend on the number of idle vGPUs: slots are
 * searched 64 at a time, and all else loops over waiting vGPUs only.
 */
#include "decide.h"

u32 nova_builtin_slice_us(bool arr, u32 slots)
{
	/* 480 Hz and 960 Hz, to the nearest microsecond */
	if (arr)
		return slots > 8 ? 1042 : 2083;
	return slots > 8 ? 1000 : 2000;
}

static void builtin_run(struct nova_decision *d, const struct nova_rq_vgpu *v, u64 ns)
{
	*d = (struct nova_decision) { .kind = NOVA_DECIDE_RUN, .gfid = v->pub.gfid, .ns = ns };
}

static u64 builtin_slice_ns(const struct nova_rq *rq)
{
	u64 ns = rq->pub.slice_us * 1000ULL;

	return min(max(ns, rq->pub.slice_min_ns), rq->pub.slice_max_ns);
}

static void builtin_best_effort(struct nova_rq *rq, u64 now_ns, struct nova_decision *d)
{
	struct nova_rq_vgpu *v;

	for (v = rq->first; v; v = v->next) {
		if (!nova_rq_cap_left(v, now_ns))
			continue;
		builtin_run(d, v, min(builtin_slice_ns(rq) * max_t(u32, v->pub.tsgs, 1),
				      rq->pub.slice_max_ns));
		return;
	}
	/* All vGPUs are at their caps, and are about to be marked capped. */
	nova_decide_idle(d, builtin_slice_ns(rq));
}

/* Engine time for comparisons: a vGPU lags behind by no more than the credit. */
static u64 builtin_fair_ns(const struct nova_rq *rq, const struct nova_rq_vgpu *v)
{
	u64 least = rq->fair_ns > NOVA_FAIR_CREDIT_NS ? rq->fair_ns - NOVA_FAIR_CREDIT_NS : 0;

	return max(v->fair_ns, least);
}

/* No turns: pick the least scheduled vGPU. With @parts no vGPU exceeds its part. */
static void builtin_least_scheduled(struct nova_rq *rq, bool parts, u64 now_ns,
				    struct nova_decision *d)
{
	u64 free_ns = now_ns + NOVA_SCHED_IDLE_MAX_NS;
	struct nova_rq_vgpu *v, *best = NULL;

	for (v = rq->first; v; v = v->next) {
		if (!nova_rq_cap_left(v, now_ns))
			continue;
		if (parts && v->part_free_ns > now_ns) {
			free_ns = min(free_ns, v->part_free_ns);
			continue;
		}
		if (!best || builtin_fair_ns(rq, v) < builtin_fair_ns(rq, best))
			best = v;
	}
	if (best)
		builtin_run(d, best, builtin_slice_ns(rq));
	else
		nova_decide_idle(d, free_ns - now_ns);
}

/* The @n-th used slot after @slot, wrapping around; @n is from 1. A slot is used. */
static u32 builtin_used_after(const struct nova_rq *rq, u32 slot, u64 n)
{
	u32 words = ARRAY_SIZE(rq->slot_used);
	u32 w = slot / 64;
	u64 bits = rq->slot_used[w] & ~(2 * (1ULL << (slot % 64)) - 1);
	u32 left = (u32)(n - div_u64(n - 1, rq->pub.nr_vgpus) * rq->pub.nr_vgpus);

	while (hweight64(bits) < left) {
		left -= hweight64(bits);
		w = (w + 1) % words;
		bits = rq->slot_used[w];
	}
	while (--left)
		bits &= bits - 1;
	return w * 64 + __ffs64(bits);
}

/* Slots that take turns under fixed share: as many as fit, and all used ones. */
static u32 builtin_ring_size(const struct nova_rq *rq)
{
	u32 w = ARRAY_SIZE(rq->slot_used);

	while (w-- && !rq->slot_used[w])
		;
	if (w == U32_MAX)
		return 1;
	w = w * 64 + 64;
	while (!(rq->slot_used[(w - 1) / 64] & 1ULL << ((w - 1) % 64)))
		w--;
	return min_t(u32, max(rq->pub.slots, w), NOVA_SLOTS_MAX);
}

static u32 builtin_slot_after(const struct nova_rq *rq, bool parts, u32 slot, u64 n)
{
	u32 ring;
	u64 to;

	if (!parts)
		return builtin_used_after(rq, slot, n);
	ring = builtin_ring_size(rq);
	to = slot + n;
	return (u32)(to - div_u64(to, ring) * ring);
}

/* Length of the turn of @slot. Adaptive round robin takes overshoot off it. */
static u64 builtin_turn_ns(struct nova_rq *rq, u32 slot)
{
	struct nova_rq_vgpu *v = nova_rq_at(rq, slot);
	u32 factor = rq->pub.arr_avg_factor ? rq->pub.arr_avg_factor : NOVA_ARR_FACTOR_DEFAULT;
	u64 slice = builtin_slice_ns(rq);
	u64 take;

	if (!v || v->debt_ns <= 0)
		return slice;
	/* Forgive the part that it could not pay back within @factor turns. */
	v->debt_ns = min_t(s64, v->debt_ns, (s64)(slice * factor));
	take = min(div_u64((u64)v->debt_ns, factor), min(slice / 2, slice - NOVA_SLICE_MIN_NS));
	v->debt_ns -= (s64)take;
	return slice - take;
}

/*
 * A turn has ended. Turns pass by while no vGPU waits: skip them, so that a vGPU that
 * begins to wait joins the turn under way. If a vGPU waited already, a late decision
 * does not shorten the next turn.
 */
static void builtin_next_turn(struct nova_rq *rq, bool parts, u64 now_ns)
{
	u64 slice = builtin_slice_ns(rq);
	u64 waits_ns = min(rq->first ? rq->first->pub.runnable_since_ns : now_ns, now_ns);
	u64 begin_ns = rq->rr_end_ns;
	u64 skipped = 0;
	u64 ns;

	if (!begin_ns) {
		/* The first turn: slot 0, or the first used slot. */
		rq->rr_slot = parts ? 0 : builtin_used_after(rq, NOVA_SLOTS_MAX - 1, 1);
		rq->rr_end_ns = now_ns + builtin_turn_ns(rq, rq->rr_slot);
		return;
	}
	if (waits_ns > begin_ns) {
		skipped = div_u64(waits_ns - begin_ns, (u32)slice);
		begin_ns += skipped * slice;
	} else {
		begin_ns = now_ns;
	}
	rq->rr_slot = builtin_slot_after(rq, parts, rq->rr_slot, skipped + 1);
	ns = builtin_turn_ns(rq, rq->rr_slot);
	if (begin_ns + ns <= now_ns)
		begin_ns = now_ns;
	rq->rr_end_ns = begin_ns + ns;
}

static void builtin_by_turns(struct nova_rq *rq, bool parts, u64 now_ns, struct nova_decision *d)
{
	struct nova_rq_vgpu *v;
	u64 rest;

	if (now_ns >= rq->rr_end_ns)
		builtin_next_turn(rq, parts, now_ns);
	rest = min(rq->rr_end_ns - now_ns, rq->pub.slice_max_ns);
	v = nova_rq_at(rq, rq->rr_slot);
	if (v && v->pub.runnable && rest >= rq->pub.slice_min_ns && nova_rq_cap_left(v, now_ns))
		builtin_run(d, v, rest);
	else
		nova_decide_idle(d, rest);
}

void nova_builtin_pick(struct nova_rq *rq, u64 now_ns, struct nova_decision *d)
{
	bool parts = rq->pub.builtin == NOVA_BUILTIN_FIXED_SHARE;

	if (!rq->pub.nr_runnable)
		nova_decide_idle(d, 0);
	else if (!parts && rq->pub.builtin != NOVA_BUILTIN_EQUAL_SHARE)
		builtin_best_effort(rq, now_ns, d);
	else if (rq->pub.arr)
		builtin_by_turns(rq, parts, now_ns, d);
	else
		builtin_least_scheduled(rq, parts, now_ns, d);
}
