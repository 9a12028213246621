// SPDX-License-Identifier: GPL-2.0-only
// Decisions are made in pick() only.
// expect: calling kernel function nova_bpf_dispatch is not allowed
#include "../test.bpf.h"

SEC("struct_ops/runnable")
void BPF_PROG(eager, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_dispatch(rl, v->gfid, 1000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.runnable = (void *)eager,
	.name = "test",
};
