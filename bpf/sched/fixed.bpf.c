// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixed: the built-in fixed share with adaptive round robin, as a BPF program. It
 * makes the same decisions, one by one.
 *
 * It shows a reservation that does not conserve work. Time is cut into turns that go
 * round as many slots as vGPUs fit the GPU, whether they exist or not. A turn whose
 * owner has nothing to do stays idle. What a tenant gets depends on nobody but
 * itself, which is what some want to sell.
 *
 * Adaptive round robin: work does not end exactly with the turn. By how much it
 * overshot is summed up for each vGPU, and part of the sum is taken off its turns.
 *
 * Not to be used where idle time is to be of use to somebody.
 */
#include "sched.bpf.h"

/* The queue only shows who has waited longest; earlier turns may be skipped. */
#define QUEUE	0

/* Whose turn it is, and until when; 0 before the first. */
u32 turn_slot[NOVA_RUNLISTS];
u64 turn_end_ns[NOVA_RUNLISTS];
/* Number of slots that take turns, where more are in use than fit by type. */
u32 slots_used;

u64 nr_turns;
u64 nr_turns_skipped;

/* vtime is the time that a vGPU owes. priv tells which run's overshoot is part of it. */
static __always_inline void note_overrun(struct nova_sched_vgpu *v)
{
	u64 runs = v->runs << 32;
	u64 overrun = v->overrun_ns;
	u64 noted = (v->priv >> 32 << 32) == runs ? (u32)v->priv : 0;

	if (overrun > noted)
		v->vtime = v->vtime + overrun - noted;
	v->priv = runs | (u32)overrun;
}

static __always_inline u64 turn_ns(struct nova_sched_rl *rl, u32 slot)
{
	struct nova_sched_vgpu *v = nova_bpf_vgpu_at(rl, slot);
	u32 factor = rl->arr_avg_factor ? rl->arr_avg_factor : NOVA_ARR_FACTOR_DEFAULT;
	u64 slice = nova_slice_ns(rl, 0);
	u64 debt, take;

	if (!v)
		return slice;
	note_overrun(v);
	debt = min(v->vtime, slice * factor);
	take = min(debt / factor, min(slice / 2, slice - NOVA_SLICE_MIN_NS));
	v->vtime = debt - take;
	return slice - take;
}

static __always_inline void next_turn(struct nova_sched_rl *rl, u64 now)
{
	u64 slice = nova_slice_ns(rl, 0);
	/* NULL where no vGPU waits, so that there is nothing to skip. */
	u64 waits_ns = nova_bpf_queue_first(rl, QUEUE) ? nova_bpf_queue_key(rl, QUEUE) : now;
	u32 ring = max(rl->slots, slots_used);
	u32 i = NOVA_RL(rl);
	u64 begin = turn_end_ns[i];
	u64 skipped = 0;
	u64 ns;

	ring = ring < 1 ? 1 : min(ring, NOVA_GFID_MAX + 0U);
	if (!begin) {
		begin = now;
	} else {
		/* Turns pass while all are idle. */
		if (waits_ns > begin) {
			skipped = (waits_ns - begin) / slice;
			begin += skipped * slice;
		} else {
			begin = now;
		}
		turn_slot[i] = (turn_slot[i] + skipped + 1) % ring;
	}
	ns = turn_ns(rl, turn_slot[i]);
	if (begin + ns <= now)
		begin = now;
	turn_end_ns[i] = begin + ns;
	nr_turns++;
	nr_turns_skipped += skipped;
}

SEC("struct_ops/fixed_vgpu_init")
void BPF_PROG(fixed_vgpu_init, struct nova_sched_vgpu *v)
{
	slots_used = max(slots_used, v->slot + 1);
}

SEC("struct_ops/fixed_runnable")
void BPF_PROG(fixed_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_queue_insert(rl, QUEUE, v->gfid, v->runnable_since_ns);
}

SEC("struct_ops/fixed_stopped")
void BPF_PROG(fixed_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	if (v->runnable)
		nova_bpf_queue_insert(rl, QUEUE, v->gfid, v->runnable_since_ns);
}

SEC("struct_ops/fixed_pick")
void BPF_PROG(fixed_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v;
	u64 now = nova_bpf_now(rl);
	u32 i = NOVA_RL(rl);
	u64 rest;

	if (!rl->nr_runnable) {
		nova_bpf_idle(rl, 0);
		return;
	}
	if (now >= turn_end_ns[i])
		next_turn(rl, now);
	rest = min(turn_end_ns[i] - now, rl->slice_max_ns);
	v = nova_bpf_vgpu_at(rl, turn_slot[i]);
	if (v && v->runnable && rest >= rl->slice_min_ns) {
		note_overrun(v);
		nova_run(rl, v, rest);
	} else {
		nova_bpf_idle(rl, rest);
	}
}

SEC(".struct_ops.link")
struct nova_sched_ops fixed = {
	.vgpu_init = (void *)fixed_vgpu_init,
	.runnable = (void *)fixed_runnable,
	.stopped = (void *)fixed_stopped,
	.pick = (void *)fixed_pick,
	.name = "fixed",
};
