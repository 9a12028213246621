// SPDX-License-Identifier: GPL-2.0-only
/*
 * @NAME@: which vGPU gets an engine next, and for how long. As it stands: all in turn,
 * first come, first served.
 *
 * The core keeps the queues. A vGPU leaves its queue when it gets the engine, when its
 * work is gone and when it is destroyed; nothing is left to clean up here.
 */
#include <novabpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Length of a turn in us, 0 for the runlist's: novabpf attach ... --set slice_us=4000 */
const volatile u32 slice_us;

#define QUEUE	0

/* A slice out of bounds would be refused. */
static __always_inline u64 turn_ns(const struct nova_sched_rl *rl)
{
	u64 least_ns = rl->slice_min_ns, most_ns = rl->slice_max_ns;
	u64 own_us = slice_us, default_us = rl->slice_us;
	u64 ns = (own_us ? own_us : default_us) * 1000;

	if (ns < least_ns)
		ns = least_ns;
	return ns > most_ns ? most_ns : ns;
}

/* @v has got work: put it on a queue. Smallest key first, here the time. */
SEC("struct_ops/@NAME@_runnable")
void BPF_PROG(@NAME@_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_queue_insert(rl, QUEUE, v->gfid, nova_bpf_now(rl));
}

/* Its run has ended after @ran_ns. Account that here; queue it again if work is left. */
SEC("struct_ops/@NAME@_stopped")
void BPF_PROG(@NAME@_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	if (v->runnable)
		nova_bpf_queue_insert(rl, QUEUE, v->gfid, nova_bpf_now(rl));
}

/* A decision is due: who is next. Pointers may be NULL, and are tested before use. */
SEC("struct_ops/@NAME@_pick")
void BPF_PROG(@NAME@_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, QUEUE);

	if (v)
		nova_bpf_dispatch(rl, v->gfid, turn_ns(rl));
	else
		nova_bpf_idle(rl, rl->nr_runnable ? turn_ns(rl) : 0);
}

/*
 * Further operations: init, exit, admit, vgpu_init, vgpu_exit, vgpu_config, quiescent,
 * preempt. novabpf/bpf.h describes each.
 */
SEC(".struct_ops.link")
struct nova_sched_ops @NAME@_ops = {
	.runnable = (void *)@NAME@_runnable,
	.stopped = (void *)@NAME@_stopped,
	.pick = (void *)@NAME@_pick,
	.name = "@NAME@",
};
