// SPDX-License-Identifier: GPL-2.0-only
// kfuncs take the runlist that the operation was called with, not a pointer made up.
// expect: args#0 expected pointer to STRUCT nova_sched_rl but R1 has
// expect: R1 expected pointer to STRUCT nova_sched_rl but R1 has
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(forged, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_idle((void *)rl + 64, 0);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)forged,
	.name = "test",
};
