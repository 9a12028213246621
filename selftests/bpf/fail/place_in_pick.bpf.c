// SPDX-License-Identifier: GPL-2.0-only
// Placement belongs to admit().
// expect: calling kernel function nova_bpf_place is not allowed
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(place, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_place((void *)rl, 0);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)place,
	.name = "test",
};
