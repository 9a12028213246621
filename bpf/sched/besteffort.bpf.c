// SPDX-License-Identifier: GPL-2.0-only
/*
 * besteffort: the built-in policy of that name, as a BPF program. It makes exactly the
 * same decisions.
 *
 * It shows the effect of a hardware runlist on tenants. The longest waiting vGPU is next,
 * and gets a slice for each of its channel groups (TSGs). So a tenant with four TSGs gets
 * four times the engine time of a tenant with one.
 *
 * Start from it to change one thing of the usual behaviour. Unchanged, it makes no sense:
 * the built-in policy does the same and costs less.
 */
#include "sched.bpf.h"

#define QUEUE	0

SEC("struct_ops/besteffort_runnable")
void BPF_PROG(besteffort_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_enqueue(rl, QUEUE, v, v->runnable_since_ns);
}

SEC("struct_ops/besteffort_stopped")
void BPF_PROG(besteffort_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	if (v->runnable)
		nova_enqueue(rl, QUEUE, v, v->runnable_since_ns);
}

SEC("struct_ops/besteffort_pick")
void BPF_PROG(besteffort_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, QUEUE);

	if (v)
		nova_run(rl, v, min(nova_slice_ns(rl, 0) * max(v->tsgs, 1U), rl->slice_max_ns));
	else
		nova_run_nobody(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops besteffort = {
	.runnable = (void *)besteffort_runnable,
	.stopped = (void *)besteffort_stopped,
	.pick = (void *)besteffort_pick,
	.name = "besteffort",
};
