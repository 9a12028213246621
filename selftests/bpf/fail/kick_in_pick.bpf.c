// SPDX-License-Identifier: GPL-2.0-only
// A decision does not ask for another decision: that would never end.
// expect: calling kernel function nova_bpf_kick is not allowed
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(again, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_kick(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)again,
	.name = "test",
};
