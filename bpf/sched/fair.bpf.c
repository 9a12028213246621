// SPDX-License-Identifier: GPL-2.0-only
/*
 * fair: every vGPU gets the engine in proportion to its weight.
 *
 * It shows virtual time. A vGPU's clock (vtime) advances with its engine time, slower for
 * a larger weight. The vGPU with the slowest clock is next. A runaway tenant harms itself
 * only: its clock runs ahead, and all others come first.
 *
 * The clock of an idle vGPU falls behind, and would give it the engine alone until it has
 * caught up. So new work sets the clock forward, to sleeper_credit_us behind the runlist's
 * clock. The credit remains because a tenant that rarely needs the engine should get it
 * soon. The longest wait is the credits of all others and a slice of each.
 *
 * Do not use it for vGPUs with deadlines (use deadline), or if unused time must not go to
 * others (use fixed).
 */
#include "sched.bpf.h"

/* Length of a turn in us; 0 for the runlist's default. */
const volatile u32 slice_us;
/* Engine time, at the default weight, by which a vGPU with new work is preferred. */
const volatile u32 sleeper_credit_us = 4000;

#define QUEUE	0

/* The runlist's clock: the largest vtime of a vGPU when it got the engine. */
u64 vclock[NOVA_RUNLISTS];
/* How often new work came with more credit than allowed. */
u64 nr_credit_cut;

SEC("struct_ops/fair_init")
s32 BPF_PROG(fair_init, const struct nova_sched_gpu *gpu)
{
	nova_reset_clocks(vclock);
	return 0;
}

SEC("struct_ops/fair_runnable")
void BPF_PROG(fair_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	u64 credit = sleeper_credit_us * NSEC_PER_USEC;
	u64 clock = vclock[NOVA_RL(rl)];

	if (v->vtime + credit < clock) {
		v->vtime = clock - credit;
		nr_credit_cut++;
	}
	nova_enqueue(rl, QUEUE, v, v->vtime);
}

SEC("struct_ops/fair_stopped")
void BPF_PROG(fair_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	v->vtime += nova_weighted(v, ran_ns);
	if (v->runnable)
		nova_enqueue(rl, QUEUE, v, v->vtime);
}

SEC("struct_ops/fair_pick")
void BPF_PROG(fair_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, QUEUE);
	u32 i = NOVA_RL(rl);

	if (!v) {
		nova_run_nobody(rl);
		return;
	}
	vclock[i] = max(vclock[i], v->vtime);
	nova_run(rl, v, nova_slice_ns(rl, slice_us));
}

SEC(".struct_ops.link")
struct nova_sched_ops fair = {
	.init = (void *)fair_init,
	.runnable = (void *)fair_runnable,
	.stopped = (void *)fair_stopped,
	.pick = (void *)fair_pick,
	.name = "fair",
};
