/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Book-keeping of a runlist without its hardware: the vGPUs, the FIFO of waiting vGPUs,
 * the policy's ordered queues and the state of the built-in policies. Pure: no kernel
 * service, no lock. The caller holds the runlist's lock.
 */
#ifndef NOVABPF_SCHED_RQ_H
#define NOVABPF_SCHED_RQ_H

#include <novabpf/driver/portable.h>
#include <novabpf/bpf.h>

#define NOVA_SLOTS_MAX		NOVA_GFID_MAX
/* The engine share of a capped vGPU is counted in windows of this length. */
#define NOVA_CAP_WINDOW_NS	100000000ULL
/* A vGPU that slept, or was held back, makes up for this much at most. */
#define NOVA_FAIR_CREDIT_NS	100000000ULL

/**
 * struct nova_rq_vgpu - a vGPU on a runlist
 * @pub: visible to policies; first, so that a pointer to it is one to this
 * @next: next in the FIFO of waiting vGPUs, or NULL
 * @prev: previous in the FIFO, or NULL
 * @waiting: it is in the FIFO
 * @has_work: it has work, whether or not its cap lets it run
 * @capped: held back by its cap until its window ends
 * @broken: its switch failed; never runnable again
 * @key: in its queue
 * @seq: order among equal keys
 * @heap_pos: place in its queue
 * @debt_ns: overshoot that adaptive round robin has yet to take back
 * @fair_ns: engine time for "least scheduled first", never further behind the
 *	runlist's than NOVA_FAIR_CREDIT_NS
 * @part_free_ns: when its part of the engine lets it run again (fixed share, no ARR)
 * @cap_window_ns: start of its cap window
 * @cap_used_ns: engine time in that window
 */
struct nova_rq_vgpu {
	struct nova_sched_vgpu pub;
	struct nova_rq_vgpu *next;
	struct nova_rq_vgpu *prev;
	bool waiting;
	bool has_work;
	bool capped;
	bool broken;
	u64 key;
	u64 seq;
	u32 heap_pos;
	s64 debt_ns;
	u64 fair_ns;
	u64 part_free_ns;
	u64 cap_window_ns;
	u64 cap_used_ns;
};

/* An ordered queue: binary heap by (key, seq). */
struct nova_rq_queue {
	struct nova_rq_vgpu *heap[NOVA_GFID_MAX];
	u32 len;
};

/**
 * struct nova_rq - book-keeping of one runlist
 * @pub: visible to policies; first
 * @by_gfid: index 0 unused
 * @by_slot: NULL for a free slot
 * @slot_used: a bit for each used slot
 * @first: longest waiting, or NULL
 * @last: shortest waiting, or NULL
 * @queue: ordered queues for the policy
 * @seq: counts insertions
 * @rr_slot: slot of the turn under way (equal and fixed share)
 * @rr_end_ns: end of that turn; 0 before the first
 * @fair_ns: largest fair_ns of a vGPU when it got the engine
 */
struct nova_rq {
	struct nova_sched_rl pub;
	struct nova_rq_vgpu *by_gfid[NOVA_GFID_MAX + 1];
	struct nova_rq_vgpu *by_slot[NOVA_SLOTS_MAX];
	u64 slot_used[NOVA_SLOTS_MAX / 64];
	struct nova_rq_vgpu *first;
	struct nova_rq_vgpu *last;
	struct nova_rq_queue queue[NOVA_SCHED_QUEUES];
	u64 seq;
	u32 rr_slot;
	u64 rr_end_ns;
	u64 fair_ns;
};

void nova_rq_init(struct nova_rq *rq, u32 gpu_id, u32 index, u32 engine_id);

/* Return: 0; -EINVAL: gfid or slot out of range; -EEXIST: taken. */
int nova_rq_add(struct nova_rq *rq, struct nova_rq_vgpu *v);
/* Removes @v from the runlist, with its FIFO and queues. */
void nova_rq_del(struct nova_rq *rq, struct nova_rq_vgpu *v);
/* Return: NULL if there is none. Any number is allowed. */
struct nova_rq_vgpu *nova_rq_find(const struct nova_rq *rq, u32 gfid);
struct nova_rq_vgpu *nova_rq_at(const struct nova_rq *rq, u32 slot);

/*
 * Recomputes pub.runnable: has_work, not capped, not broken. Keeps pub.nr_runnable and
 * the FIFO in step: a vGPU that becomes runnable waits from @now_ns, any other leaves
 * FIFO and queue. Return: whether it changed.
 */
bool nova_rq_update(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns);

/*
 * @v gets the engine: leaves FIFO and queue, and its wait is accounted for. Sets
 * pub.curr_gfid and pub.curr_since_ns, and overrun_ns to 0.
 */
void nova_rq_start(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns);
/*
 * @v's run of @ran_ns ended: updates last_ran_ns, run_total_ns, runs, cap and fairness.
 * The engine is free; a runnable @v waits again, at the tail. Does not call
 * nova_rq_update().
 */
void nova_rq_stop(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns, u64 ran_ns);
/* @v ran for @ns after the end of its run. Adds to the same sums, overrun_ns and debt_ns. */
void nova_rq_overran(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 ns);

/*
 * Caps. left: engine time that the window leaves to @v (U64_MAX without a cap); starts a
 * new window if the old one has ended. A run counts for the window of its decision; its
 * excess is taken off the windows that follow. The caller marks a vGPU with nothing left
 * as capped until cap_end. next: the earliest cap_end of capped vGPUs, or U64_MAX.
 */
u64 nova_rq_cap_left(struct nova_rq_vgpu *v, u64 now_ns);
u64 nova_rq_cap_end(const struct nova_rq_vgpu *v);
u64 nova_rq_cap_next(const struct nova_rq *rq);

/* Ordered queues, as by the kfuncs of novabpf/bpf.h. Any arguments are allowed. */
s32 nova_rq_insert(struct nova_rq *rq, u32 queue, u32 gfid, u64 key);
s32 nova_rq_remove(struct nova_rq *rq, u32 gfid);
struct nova_rq_vgpu *nova_rq_first(const struct nova_rq *rq, u32 queue);
/*
 * The policy changes: empties all queues, and clears vtime and priv of every vGPU and
 * the state of the built-in policies.
 */
void nova_rq_forget_policy(struct nova_rq *rq);

#endif /* NOVABPF_SCHED_RQ_H */
