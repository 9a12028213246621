// SPDX-License-Identifier: GPL-2.0-only
// A queue may be empty.
// expect: R0 invalid mem access 'ptr_or_null_'
// expect: R0 invalid mem access 'trusted_ptr_or_null_'
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(first, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, 0);

	nova_bpf_dispatch(rl, v->gfid, 1000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)first,
	.name = "test",
};
