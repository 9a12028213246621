// SPDX-License-Identifier: GPL-2.0-only
/*
 * An object of an older interface, on a module that has grown since: its structures have
 * fewer members, in another order, and it knows fewer operations.
 */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

struct nova_sched_rl {
	u64 slice_min_ns;
	u32 nr_runnable;
} __attribute__((preserve_access_index));

struct nova_sched_vgpu {
	u64 vtime;
	u32 runnable;
	u32 gfid;
} __attribute__((preserve_access_index));

struct nova_sched_ops {
	char name[16];
	void (*pick)(struct nova_sched_rl *rl, struct nova_sched_vgpu *prev);
	void (*stopped)(struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
			u32 reason);
	void (*runnable)(struct nova_sched_rl *rl, struct nova_sched_vgpu *v);
} __attribute__((preserve_access_index));

s32 nova_bpf_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns) __ksym;
s32 nova_bpf_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key) __ksym;
struct nova_sched_vgpu *nova_bpf_queue_first(struct nova_sched_rl *rl, u32 queue) __ksym;

SEC("struct_ops/runnable")
void BPF_PROG(runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_queue_insert(rl, 0, v->gfid, v->vtime);
}

SEC("struct_ops/stopped")
void BPF_PROG(stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	v->vtime += ran_ns;
	if (v->runnable)
		nova_bpf_queue_insert(rl, 0, v->gfid, v->vtime);
}

SEC("struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, 0);

	if (v && rl->nr_runnable)
		nova_bpf_dispatch(rl, v->gfid, rl->slice_min_ns * 20);
}

SEC(".struct_ops.link")
struct nova_sched_ops ops = {
	.runnable = (void *)runnable,
	.stopped = (void *)stopped,
	.pick = (void *)pick,
	.name = "old",
};
