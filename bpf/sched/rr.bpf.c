// SPDX-License-Identifier: GPL-2.0-only
/*
 * rr: round robin, the smallest useful policy. Start here.
 *
 * It shows the three steps of every policy. It queues a vGPU that becomes runnable, and a
 * vGPU that has more work after its run. When the core needs a decision, the first of the
 * queue gets the engine.
 *
 * The core maintains the queue: a vGPU leaves it when it gets the engine, loses its work
 * or is destroyed. So the policy has nothing to clean up.
 *
 * Do not use it for vGPUs with different weights or urgent work: all get the same slice in
 * turn.
 */
#include "sched.bpf.h"

/* Length of a turn in us; 0 for the runlist's default. */
const volatile u32 slice_us;

#define QUEUE	0

SEC("struct_ops/rr_runnable")
void BPF_PROG(rr_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	/* Smallest key first: with the time as key, first come, first served. */
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
