// SPDX-License-Identifier: GPL-2.0-only
/*
 * rr: round robin, the smallest policy that does something. Start here.
 *
 * It shows the three things that every policy does. A vGPU that has got work is put
 * on a queue; so is one whose run has ended and that has more to do. When the core
 * wants a decision, the first of the queue gets the engine.
 *
 * The core keeps the queue: a vGPU leaves it when it gets the engine, when its work
 * is gone and when it is destroyed. So nothing is left to clean up here.
 *
 * Not to be used where vGPUs have different weights or something urgent to do: all
 * get the same slice in turn.
 */
#include "sched.bpf.h"

/* Length of a turn in us; 0 for the runlist's default. */
const volatile u32 slice_us;

#define QUEUE	0

SEC("struct_ops/rr_runnable")
void BPF_PROG(rr_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	/* Smallest key first: the time makes it first come, first served. */
	nova_enqueue(rl, QUEUE, v, nova_bpf_now(rl));
}

SEC("struct_ops/rr_stopped")
void BPF_PROG(rr_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	if (v->runnable)
		nova_enqueue(rl, QUEUE, v, nova_bpf_now(rl));
}

SEC("struct_ops/rr_pick")
void BPF_PROG(rr_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, QUEUE);

	if (v)
		nova_run(rl, v, nova_slice_ns(rl, slice_us));
	else
		nova_run_nobody(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops rr = {
	.runnable = (void *)rr_runnable,
	.stopped = (void *)rr_stopped,
	.pick = (void *)rr_pick,
	.name = "rr",
};
