// SPDX-License-Identifier: GPL-2.0-only
/*
 * latency: interactive vGPUs (priority 2) first, within a budget.
 *
 * It shows preemption and two bounds on preference. Work of an interactive vGPU preempts
 * any other vGPU at once. Among interactive vGPUs the one with the least engine time since
 * its work came is first: short work does not wait behind long work, and needs no label.
 *
 * Preferred runs are paid from a budget of the runlist. It grows by boost_pct of the time,
 * up to boost_burst_us. With the budget used up, interactive vGPUs queue with the rest, by
 * weighted virtual time as in fair. So the others always get 100 - boost_pct percent, and
 * wait at most boost_burst_us / (1 - boost_pct / 100), the life of the budget, and one
 * round.
 *
 * Do not use it if tenants choose their own priority, or if all are interactive: then it
 * is fair with more switches.
 */
#include "sched.bpf.h"

/* Length of a turn of an interactive vGPU in us; 0 for the runlist's default. */
const volatile u32 slice_us = 3000;
/* Same for any other vGPU. Longer, as interactive work preempts it and switches cost time. */
const volatile u32 rest_slice_us = 6000;
/* Part of the engine for boosted runs, in percent. */
const volatile u32 boost_pct = 80;
/* Largest budget for boosted runs. */
const volatile u32 boost_burst_us = 30000;
/* Assumed cost of a preemption, paid from the same budget. */
const volatile u32 switch_cost_us = 200;
/* An interactive vGPU gives way to a new one after this much engine time. */
const volatile u32 short_us = 500;
/* As in fair. */
const volatile u32 sleeper_credit_us = 4000;

#define BOOSTED		0
#define REST		1
#define INTERACTIVE	2

u64 vclock[NOVA_RUNLISTS];
/* Time left for boosted runs, and when it was last counted. */
s64 boost_ns[NOVA_RUNLISTS];
u64 boost_at_ns[NOVA_RUNLISTS];

u64 nr_boosted;
u64 nr_boost_empty;
u64 nr_preempted;
u64 nr_gave_way;

static __always_inline bool boost_left(struct nova_sched_rl *rl)
{
	s64 burst = boost_burst_us * NSEC_PER_USEC;
	u64 now = nova_bpf_now(rl);
	u32 i = NOVA_RL(rl);
	u64 ns = now - boost_at_ns[i];

	/* A second fills any debt. The limit keeps the product small. */
	ns = min(ns, 1000 * NSEC_PER_MSEC);
	boost_ns[i] += ns * boost_pct / 100;
	boost_ns[i] = min(boost_ns[i], burst);
	boost_at_ns[i] = now;
	return boost_ns[i] > 0;
}

/* priv is its engine time since its work came. */
static __always_inline void line_up(struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	if (v->priority == INTERACTIVE)
		nova_enqueue(rl, BOOSTED, v, v->priv);
	else
		nova_enqueue(rl, REST, v, v->vtime);
}

SEC("struct_ops/latency_init")
s32 BPF_PROG(latency_init, const struct nova_sched_gpu *gpu)
{
	nova_reset_clocks(vclock);
	return 0;
}

SEC("struct_ops/latency_runnable")
void BPF_PROG(latency_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	u64 credit = sleeper_credit_us * NSEC_PER_USEC;
	u64 clock = vclock[NOVA_RL(rl)];

	if (v->vtime + credit < clock)
		v->vtime = clock - credit;
	v->priv = 0;
	line_up(rl, v);
}

SEC("struct_ops/latency_stopped")
void BPF_PROG(latency_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	v->vtime += nova_weighted(v, ran_ns);
	v->priv += ran_ns;
	if (v->priority == INTERACTIVE)
		boost_ns[NOVA_RL(rl)] -= ran_ns;
	if (v->runnable)
		line_up(rl, v);
}

SEC("struct_ops/latency_pick")
void BPF_PROG(latency_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *first = nova_bpf_queue_first(rl, BOOSTED);
	struct nova_sched_vgpu *rest = nova_bpf_queue_first(rl, REST);
	struct nova_sched_vgpu *v = first ? first : rest;
	u32 i = NOVA_RL(rl);

	if (!v) {
		nova_run_nobody(rl);
		return;
	}
	if (first && rest) {
		if (boost_left(rl)) {
			nr_boosted++;
		} else {
			nr_boost_empty++;
			v = first->vtime < rest->vtime ? first : rest;
		}
	}
	vclock[i] = max(vclock[i], v->vtime);
	nova_run(rl, v, nova_slice_ns(rl, v->priority == INTERACTIVE ? slice_us : rest_slice_us));
}

SEC("struct_ops/latency_preempt")
bool BPF_PROG(latency_preempt, struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
	      struct nova_sched_vgpu *woken)
{
	u64 had_ns = curr->priv + nova_bpf_now(rl) - rl->curr_since_ns;

	if (woken->priority != INTERACTIVE || !boost_left(rl))
		return false;
	if (curr->priority == INTERACTIVE) {
		if (had_ns < woken->priv + short_us * NSEC_PER_USEC)
			return false;
		nr_gave_way++;
		return true;
	}
	boost_ns[NOVA_RL(rl)] -= switch_cost_us * NSEC_PER_USEC;
	nr_preempted++;
	return true;
}

SEC(".struct_ops.link")
struct nova_sched_ops latency = {
	.init = (void *)latency_init,
	.runnable = (void *)latency_runnable,
	.stopped = (void *)latency_stopped,
	.pick = (void *)latency_pick,
	.preempt = (void *)latency_preempt,
	.name = "latency",
};
