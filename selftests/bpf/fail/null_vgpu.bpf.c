// SPDX-License-Identifier: GPL-2.0-only
// There may be no such vGPU.
// expect: R0 invalid mem access 'ptr_or_null_'
// expect: R0 invalid mem access 'trusted_ptr_or_null_'
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(lookup, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_dispatch(rl, nova_bpf_vgpu_at(rl, 0)->gfid, 1000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)lookup,
	.name = "test",
};
