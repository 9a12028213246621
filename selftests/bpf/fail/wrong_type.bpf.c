// SPDX-License-Identifier: GPL-2.0-only
// A vGPU is no runlist.
// expect: expected pointer to STRUCT nova_sched_rl but R1 has a pointer to STRUCT nova_sched_vgpu
#include "../test.bpf.h"

SEC("struct_ops/runnable")
void BPF_PROG(mixed, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_kick((void *)v);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.runnable = (void *)mixed,
	.name = "test",
};
