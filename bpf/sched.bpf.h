/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the policies of sched/: helpers, and faults on demand. nova_enqueue(),
 * nova_run() and nova_run_nobody() wrap kfuncs to insert these faults; your own policy
 * calls the kfuncs.
 */
#ifndef NOVA_SCHED_BPF_H
#define NOVA_SCHED_BPF_H

#include "samples.bpf.h"

/* Runlists that a policy keeps apart in its arrays; a power of two. */
#define NOVA_RUNLISTS	8
#define NOVA_RL(rl)	((rl)->index & (NOVA_RUNLISTS - 1))

#include "fault.bpf.h"

/* For init(): variables outlive an attachment, and the same map may be attached again. */
static __always_inline void nova_reset_clocks(u64 clock[NOVA_RUNLISTS])
{
	int i;

	for (i = 0; i < NOVA_RUNLISTS; i++)
		clock[i] = 0;
}

/* A slice of @us, or the runlist's default for 0, in ns, within what is accepted. */
static __always_inline u64 nova_slice_ns(const struct nova_sched_rl *rl, u32 us)
{
	u64 ns = (us ? us : rl->slice_us) * NSEC_PER_USEC;

	return min(max(ns, rl->slice_min_ns), rl->slice_max_ns);
}

/* Engine time as virtual time, which passes slower for a larger weight. */
static __always_inline u64 nova_weighted(const struct nova_sched_vgpu *v, u64 ns)
{
	return ns * NOVA_WEIGHT_DEFAULT / max(v->weight, 1U);
}

/* Put @v on @queue; smallest @key first. */
static __always_inline void nova_enqueue(struct nova_sched_rl *rl, u32 queue,
					 const struct nova_sched_vgpu *v, u64 key)
{
	if (!nova_fault_stalls(v->gfid))
		nova_bpf_queue_insert(rl, queue, v->gfid, key);
}

/* Give the engine to @v for @slice_ns. */
static __always_inline void nova_run(struct nova_sched_rl *rl, const struct nova_sched_vgpu *v,
				     u64 slice_ns)
{
	nova_fault_dispatch(rl, v->gfid, slice_ns);
}

/*
 * No vGPU is queued. If the core counts one as runnable all the same, it needs a limit for
 * the idle time.
 */
static __always_inline void nova_run_nobody(struct nova_sched_rl *rl)
{
	nova_bpf_idle(rl, rl->nr_runnable ? nova_slice_ns(rl, 0) : 0);
}

#endif /* NOVA_SCHED_BPF_H */
