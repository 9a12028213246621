// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats: round robin as in rr, with counts per vGPU for user space, and a report at the
 * end.
 *
 * It shows a map that user space reads while the policy works. The map has an entry per
 * gfid and CPU, because operations of two runlists may run at the same time. So a reader
 * adds up the values of all CPUs:
 *	bpftool map dump name stats_of
 * It also shows exit(), which prints the reason to the kernel's trace when the policy is
 * detached, replaced or ejected:
 *	cat /sys/kernel/tracing/trace_pipe
 *
 * Do not use it for vGPUs with different weights: it is rr.
 */
#include "sched.bpf.h"

/* Length of a turn in us; 0 for the runlist's default. */
const volatile u32 slice_us;

#define QUEUE	0

/* Runs of a vGPU; times are of the GPU's clock. */
struct stats {
	u64 runs;
	u64 ran_ns;
	u64 longest_ns;
	u64 preempted;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NOVA_GFID_MAX + 1);
	__type(key, u32);
	__type(value, struct stats);
} stats_of SEC(".maps");

/* Decisions, of all runlists. */
u64 nr_picked;

SEC("struct_ops/stats_runnable")
void BPF_PROG(stats_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_enqueue(rl, QUEUE, v, nova_bpf_now(rl));
}

SEC("struct_ops/stats_stopped")
void BPF_PROG(stats_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	u32 gfid = v->gfid;
	struct stats *s = bpf_map_lookup_elem(&stats_of, &gfid);

	if (s) {
		s->runs++;
		s->ran_ns += ran_ns;
		s->longest_ns = max(s->longest_ns, ran_ns);
		s->preempted += reason == NOVA_STOP_PREEMPT;
	}
	if (v->runnable)
		nova_enqueue(rl, QUEUE, v, nova_bpf_now(rl));
}

SEC("struct_ops/stats_pick")
void BPF_PROG(stats_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, QUEUE);

	__sync_fetch_and_add(&nr_picked, 1);
	if (v)
		nova_run(rl, v, nova_slice_ns(rl, slice_us));
	else
		nova_run_nobody(rl);
}

/* Called after all other operations have ended. */
SEC("struct_ops/stats_exit")
void BPF_PROG(stats_exit, const struct nova_exit_info *ei)
{
	bool failed = ei->kind >= NOVA_EXIT_ERROR;

	bpf_printk("stats: gpu%u: %s after %llu decisions", ei->gpu_id,
		   failed ? "failed" : "ended", nr_picked);
	bpf_printk("stats: gpu%u: kind %u, code %lld", ei->gpu_id, ei->kind, ei->code);
}

SEC(".struct_ops.link")
struct nova_sched_ops stats = {
	.runnable = (void *)stats_runnable,
	.stopped = (void *)stats_stopped,
	.pick = (void *)stats_pick,
	.exit = (void *)stats_exit,
	.name = "stats",
};
