// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixed: the built-in fixed share with adaptive round robin, as a BPF program. It makes
 * exactly the same decisions.
 *
 * It shows a reservation that does not conserve work. Turns go round as many slots as
 * vGPUs fit the GPU, whether the vGPUs exist or not. The turn of a vGPU without work stays
 * idle. So the engine time of a tenant depends on that tenant alone, and can be sold.
 *
 * Adaptive round robin: work does not end exactly with the turn. The overshoot of each
 * vGPU is summed up, and part of the sum is taken off its turns.
 *
 * Do not use it if other vGPUs should benefit from idle time.
 */
#include "sched.bpf.h"

/* Its first key is the start of the longest wait: turns before that may be skipped. */
#define QUEUE	0

/* Slot and end of the turn under way; end 0 before the first. */
u32 turn_slot[NOVA_RUNLISTS];
u64 turn_end_ns[NOVA_RUNLISTS];
/* Used slots; they take turns even if they are more than fit. */
u32 slots_used;

u64 nr_turns;
u64 nr_turns_skipped;

/* vtime is the debt of a vGPU. priv is a run, and its overshoot that the debt includes. */
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
	/* The queue is empty if no vGPU waits; then skip all turns until now. */
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
		/* Turns passed by while all vGPUs were idle. */
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
