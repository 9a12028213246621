// SPDX-License-Identifier: GPL-2.0-only
/*
 * Book-keeping of a runlist: membership, waiting vGPUs, sums, caps and the policy's
 * ordered queues. Pure; the caller holds the runlist's lock.
 */
#include "rq.h"
#include "decide.h"

void nova_rq_init(struct nova_rq *rq, u32 gpu_id, u32 index, u32 engine_id)
{
	memset(rq, 0, sizeof(*rq));
	rq->pub.gpu_id = gpu_id;
	rq->pub.index = index;
	rq->pub.engine_id = engine_id;
	rq->pub.slice_min_ns = NOVA_SLICE_MIN_NS;
	rq->pub.slice_max_ns = NOVA_SLICE_MAX_NS;
	rq->pub.builtin = NOVA_BUILTIN_BEST_EFFORT;
	rq->pub.arr = 1;
	rq->pub.arr_avg_factor = NOVA_ARR_FACTOR_DEFAULT;
	rq->pub.slice_us = nova_builtin_slice_us(false, 0);
}

struct nova_rq_vgpu *nova_rq_find(const struct nova_rq *rq, u32 gfid)
{
	return gfid && gfid <= NOVA_GFID_MAX ? rq->by_gfid[gfid] : NULL;
}

struct nova_rq_vgpu *nova_rq_at(const struct nova_rq *rq, u32 slot)
{
	return slot < NOVA_SLOTS_MAX ? rq->by_slot[slot] : NULL;
}

static void rq_fifo_push(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns)
{
	v->waiting = true;
	v->pub.runnable_since_ns = now_ns;
	v->next = NULL;
	v->prev = rq->last;
	if (rq->last)
		rq->last->next = v;
	else
		rq->first = v;
	rq->last = v;
}

/* Remove @v from the FIFO and account for its wait. */
static void rq_fifo_del(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns)
{
	if (!v->waiting)
		return;
	if (now_ns > v->pub.runnable_since_ns)
		v->pub.wait_total_ns += now_ns - v->pub.runnable_since_ns;
	if (v->prev)
		v->prev->next = v->next;
	else
		rq->first = v->next;
	if (v->next)
		v->next->prev = v->prev;
	else
		rq->last = v->prev;
	v->next = NULL;
	v->prev = NULL;
	v->waiting = false;
}

static bool rq_before(const struct nova_rq_vgpu *a, const struct nova_rq_vgpu *b)
{
	return a->key < b->key || (a->key == b->key && a->seq < b->seq);
}

static void rq_heap_set(struct nova_rq_queue *q, u32 pos, struct nova_rq_vgpu *v)
{
	q->heap[pos] = v;
	v->heap_pos = pos;
}

/* Move @v up or down from @pos to its place. */
static void rq_heap_settle(struct nova_rq_queue *q, u32 pos, struct nova_rq_vgpu *v)
{
	u32 child;

	while (pos && rq_before(v, q->heap[(pos - 1) / 2])) {
		rq_heap_set(q, pos, q->heap[(pos - 1) / 2]);
		pos = (pos - 1) / 2;
	}
	for (child = 2 * pos + 1; child < q->len; child = 2 * pos + 1) {
		if (child + 1 < q->len && rq_before(q->heap[child + 1], q->heap[child]))
			child++;
		if (!rq_before(q->heap[child], v))
			break;
		rq_heap_set(q, pos, q->heap[child]);
		pos = child;
	}
	rq_heap_set(q, pos, v);
}

static void rq_queue_del(struct nova_rq *rq, struct nova_rq_vgpu *v)
{
	struct nova_rq_queue *q;
	struct nova_rq_vgpu *last;

	if (!v->pub.queue)
		return;
	q = &rq->queue[v->pub.queue - 1];
	v->pub.queue = 0;
	last = q->heap[--q->len];
	q->heap[q->len] = NULL;
	if (last != v)
		rq_heap_settle(q, v->heap_pos, last);
}

int nova_rq_add(struct nova_rq *rq, struct nova_rq_vgpu *v)
{
	u32 gfid = v->pub.gfid;
	u32 slot = v->pub.slot;

	if (!gfid || gfid > NOVA_GFID_MAX || slot >= NOVA_SLOTS_MAX)
		return -EINVAL;
	if (rq->by_gfid[gfid] || rq->by_slot[slot])
		return -EEXIST;
	v->next = NULL;
	v->prev = NULL;
	v->waiting = false;
	v->pub.runnable = 0;
	v->pub.queue = 0;
	/* A new vGPU starts with no debt and no credit. */
	v->debt_ns = 0;
	v->fair_ns = rq->fair_ns;
	v->part_free_ns = 0;
	/* Turns begin with the first vGPU, not at a time left by an earlier one. */
	if (!rq->pub.nr_vgpus) {
		rq->rr_slot = 0;
		rq->rr_end_ns = 0;
	}
	rq->by_gfid[gfid] = v;
	rq->by_slot[slot] = v;
	rq->slot_used[slot / 64] |= 1ULL << (slot % 64);
	rq->pub.nr_vgpus++;
	return 0;
}

void nova_rq_del(struct nova_rq *rq, struct nova_rq_vgpu *v)
{
	u32 slot = v->pub.slot;

	if (nova_rq_find(rq, v->pub.gfid) != v)
		return;
	rq_queue_del(rq, v);
	rq_fifo_del(rq, v, v->pub.runnable_since_ns);
	if (v->pub.runnable)
		rq->pub.nr_runnable--;
	v->pub.runnable = 0;
	if (rq->pub.curr_gfid == v->pub.gfid)
		rq->pub.curr_gfid = 0;
	rq->by_gfid[v->pub.gfid] = NULL;
	rq->by_slot[slot] = NULL;
	rq->slot_used[slot / 64] &= ~(1ULL << (slot % 64));
	rq->pub.nr_vgpus--;
}

bool nova_rq_update(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns)
{
	bool runnable = v->has_work && !v->capped && !v->broken;

	if (runnable == !!v->pub.runnable)
		return false;
	v->pub.runnable = runnable;
	if (!runnable) {
		rq->pub.nr_runnable--;
		rq_queue_del(rq, v);
		rq_fifo_del(rq, v, now_ns);
		return true;
	}
	rq->pub.nr_runnable++;
	/* A vGPU earns no part while it has no work. */
	v->part_free_ns = max(v->part_free_ns, now_ns);
	if (rq->pub.curr_gfid != v->pub.gfid)
		rq_fifo_push(rq, v, now_ns);
	return true;
}

void nova_rq_start(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns)
{
	rq_queue_del(rq, v);
	rq_fifo_del(rq, v, now_ns);
	if (v->fair_ns + NOVA_FAIR_CREDIT_NS < rq->fair_ns)
		v->fair_ns = rq->fair_ns - NOVA_FAIR_CREDIT_NS;
	rq->fair_ns = max(rq->fair_ns, v->fair_ns);
	v->pub.overrun_ns = 0;
	v->pub.runnable_since_ns = now_ns;
	rq->pub.curr_gfid = v->pub.gfid;
	rq->pub.curr_since_ns = now_ns;
}

static void rq_account(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 ns)
{
	v->pub.last_ran_ns += ns;
	v->pub.run_total_ns += ns;
	v->fair_ns += ns;
	v->cap_used_ns += ns;
	v->part_free_ns += ns * max(rq->pub.slots, rq->pub.nr_vgpus);
}

void nova_rq_stop(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns, u64 ran_ns)
{
	u64 began_ns = now_ns > ran_ns ? now_ns - ran_ns : 0;

	/*
	 * A vGPU may make up for a wait beyond its part, within a bound. It owes nothing for a
	 * run that another policy gave it too early.
	 */
	if (v->part_free_ns + NOVA_FAIR_CREDIT_NS < began_ns)
		v->part_free_ns = began_ns - NOVA_FAIR_CREDIT_NS;
	v->part_free_ns = min(v->part_free_ns, began_ns);
	v->pub.last_ran_ns = 0;
	rq_account(rq, v, ran_ns);
	v->pub.runs++;
	if (rq->pub.curr_gfid == v->pub.gfid) {
		rq->pub.curr_gfid = 0;
		rq->pub.curr_since_ns = now_ns;
	}
	if (v->pub.runnable && !v->waiting)
		rq_fifo_push(rq, v, now_ns);
}

void nova_rq_overran(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 ns)
{
	rq_account(rq, v, ns);
	v->pub.overrun_ns += ns;
	v->debt_ns += ns;
}

static u32 rq_cap_allowance_ns(const struct nova_rq_vgpu *v)
{
	return v->pub.cap_pct * (u32)(NOVA_CAP_WINDOW_NS / 100);
}

static bool rq_has_cap(const struct nova_rq_vgpu *v)
{
	return v->pub.cap_pct && v->pub.cap_pct < 100;
}

u64 nova_rq_cap_left(struct nova_rq_vgpu *v, u64 now_ns)
{
	u64 windows, allowance;

	if (!rq_has_cap(v)) {
		v->cap_used_ns = 0;
		v->cap_window_ns = now_ns;
		return U64_MAX;
	}
	allowance = rq_cap_allowance_ns(v);
	if (now_ns > v->cap_window_ns) {
		windows = div_u64(now_ns - v->cap_window_ns, NOVA_CAP_WINDOW_NS);
		v->cap_window_ns += windows * NOVA_CAP_WINDOW_NS;
		v->cap_used_ns -= min(v->cap_used_ns, windows * allowance);
	}
	return allowance - min(v->cap_used_ns, allowance);
}

u64 nova_rq_cap_end(const struct nova_rq_vgpu *v)
{
	u64 windows = 1;

	if (rq_has_cap(v))
		windows = max_t(u64, div_u64(v->cap_used_ns, rq_cap_allowance_ns(v)), 1);
	return v->cap_window_ns + windows * NOVA_CAP_WINDOW_NS;
}

u64 nova_rq_cap_next(const struct nova_rq *rq)
{
	u64 next = U64_MAX, bits;
	u32 w;

	for (w = 0; w < ARRAY_SIZE(rq->slot_used); w++) {
		for (bits = rq->slot_used[w]; bits; bits &= bits - 1) {
			const struct nova_rq_vgpu *v = rq->by_slot[w * 64 + __ffs64(bits)];

			if (v->capped)
				next = min(next, nova_rq_cap_end(v));
		}
	}
	return next;
}

s32 nova_rq_insert(struct nova_rq *rq, u32 queue, u32 gfid, u64 key)
{
	struct nova_rq_vgpu *v = nova_rq_find(rq, gfid);
	struct nova_rq_queue *q;

	if (queue >= NOVA_SCHED_QUEUES)
		return -EINVAL;
	if (!v)
		return -ENOENT;
	if (!v->pub.runnable)
		return -EAGAIN;
	rq_queue_del(rq, v);
	q = &rq->queue[queue];
	v->key = key;
	v->seq = rq->seq++;
	v->pub.queue = queue + 1;
	q->len++;
	rq_heap_settle(q, q->len - 1, v);
	return 0;
}

s32 nova_rq_remove(struct nova_rq *rq, u32 gfid)
{
	struct nova_rq_vgpu *v = nova_rq_find(rq, gfid);

	if (!v || !v->pub.queue)
		return -ENOENT;
	rq_queue_del(rq, v);
	return 0;
}

struct nova_rq_vgpu *nova_rq_first(const struct nova_rq *rq, u32 queue)
{
	if (queue >= NOVA_SCHED_QUEUES || !rq->queue[queue].len)
		return NULL;
	return rq->queue[queue].heap[0];
}

void nova_rq_forget_policy(struct nova_rq *rq)
{
	u32 slot;

	memset(rq->queue, 0, sizeof(rq->queue));
	rq->rr_slot = 0;
	rq->rr_end_ns = 0;
	for (slot = 0; slot < NOVA_SLOTS_MAX; slot++) {
		struct nova_rq_vgpu *v = rq->by_slot[slot];

		if (!v)
			continue;
		v->pub.queue = 0;
		v->pub.vtime = 0;
		v->pub.priv = 0;
		v->debt_ns = 0;
	}
}
