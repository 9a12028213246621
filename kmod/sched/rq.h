/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A runlist's book-keeping without the runlist's hardware: which vGPUs there are,
 * who waits since when, the ordered queues of the policy, what the built-in
 * policies remember, and the check of a decision. Pure: no kernel service, no
 * lock. The caller holds the runlist's lock.
 */
#ifndef NOVABPF_SCHED_RQ_H
#define NOVABPF_SCHED_RQ_H

#include <novabpf/driver/portable.h>
#include <novabpf/bpf.h>

#define NOVA_SLOTS_MAX		NOVA_GFID_MAX
/* The engine share of a capped vGPU is counted in windows of this length. */
#define NOVA_CAP_WINDOW_NS	100000000ULL
/* A vGPU that slept, or was held back, makes up for so much at most. */
#define NOVA_FAIR_CREDIT_NS	100000000ULL

/**
 * struct nova_rq_vgpu - a vGPU on a runlist
 * @pub: what policies see; first, so that a pointer to it is one to this
 * @next: neighbour in the FIFO of those that wait, or NULL
 * @prev: the same
 * @waiting: is in that FIFO
 * @has_work: has work, whether or not its cap lets it run
 * @capped: held back by its cap until its window ends
 * @broken: the firmware failed it; never runnable again
 * @key: in its queue
 * @seq: order among equal keys
 * @heap_pos: place in its queue
 * @debt_ns: overshoot that adaptive round robin has still to take back
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
 * @pub: what policies see; first
 * @by_gfid: index 0 unused
 * @by_slot: NULL where a slot is free
 * @slot_used: a bit for each
 * @first: longest waiting, or NULL
 * @last: shortest waiting
 * @queue: ordered queues for the policy
 * @seq: counts insertions
 * @rr_slot: slot whose turn it is (equal and fixed share)
 * @rr_end_ns: end of that turn; 0 before the first
 * @fair_ns: most that a vGPU had of fair_ns when it got the engine
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

/* 0; -EINVAL gfid or slot out of range; -EEXIST taken. */
int nova_rq_add(struct nova_rq *rq, struct nova_rq_vgpu *v);
/* Takes @v off everything, the queues included. */
void nova_rq_del(struct nova_rq *rq, struct nova_rq_vgpu *v);
/* NULL where there is none; any number is allowed. */
struct nova_rq_vgpu *nova_rq_find(const struct nova_rq *rq, u32 gfid);
struct nova_rq_vgpu *nova_rq_at(const struct nova_rq *rq, u32 slot);

/*
 * Whether @v may run: has_work, not capped, not broken. Keeps pub.runnable,
 * pub.nr_runnable and the FIFO in step (a vGPU that becomes runnable waits from
 * @now_ns; one that no longer is leaves FIFO and queue). Return: whether it changed.
 */
bool nova_rq_update(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns);

/*
 * @v gets the engine: leaves FIFO and queue; accounts its wait. overrun_ns becomes 0,
 * pub.curr_gfid and pub.curr_since_ns say so.
 */
void nova_rq_start(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns);
/*
 * @v's run of @ran_ns ended: last_ran_ns, run_total_ns, runs, cap and fairness;
 * where still runnable it waits again, at the tail. Nobody has the engine then.
 * Does not call nova_rq_update().
 */
void nova_rq_stop(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 now_ns, u64 ran_ns);
/* It went on for @ns after its run was ended. Adds to the same sums, overrun_ns, debt_ns. */
void nova_rq_overran(struct nova_rq *rq, struct nova_rq_vgpu *v, u64 ns);

/*
 * Caps. left: what the window leaves to @v (U64_MAX without a cap), starting a new
 * window where the old one has ended. A run counts for the window in which it was
 * decided; what it took too much is taken off the windows that follow. A vGPU with
 * nothing left is to be marked capped until cap_end. next: the earliest cap_end of
 * those that are marked, U64_MAX where none is.
 */
u64 nova_rq_cap_left(struct nova_rq_vgpu *v, u64 now_ns);
u64 nova_rq_cap_end(const struct nova_rq_vgpu *v);
u64 nova_rq_cap_next(const struct nova_rq *rq);

/* Ordered queues: as the kfuncs of novabpf/bpf.h. Any arguments are allowed. */
s32 nova_rq_insert(struct nova_rq *rq, u32 queue, u32 gfid, u64 key);
s32 nova_rq_remove(struct nova_rq *rq, u32 gfid);
struct nova_rq_vgpu *nova_rq_first(const struct nova_rq *rq, u32 queue);
/*
 * The policy changes: empties all queues, clears vtime and priv of every vGPU, and
 * what the built-ins remember.
 */
void nova_rq_forget_policy(struct nova_rq *rq);

#endif /* NOVABPF_SCHED_RQ_H */
