// SPDX-License-Identifier: GPL-2.0-only
// Decisions are made in pick() only.
// expect: calling kernel function nova_bpf_idle is not allowed
#include "../test.bpf.h"

SEC("struct_ops/stopped")
void BPF_PROG(lazy, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns, u32 reason)
{
	nova_bpf_idle(rl, 1000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.stopped = (void *)lazy,
	.name = "test",
};
