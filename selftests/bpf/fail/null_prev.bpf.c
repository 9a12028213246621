// SPDX-License-Identifier: GPL-2.0-only
// Before the first run there is no previous vGPU.
// expect: invalid mem access 'trusted_ptr_or_null_'
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(same, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_dispatch(rl, prev->gfid, 1000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)same,
	.name = "test",
};
