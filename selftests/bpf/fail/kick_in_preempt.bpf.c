// SPDX-License-Identifier: GPL-2.0-only
// preempt() answers by its return value.
// expect: calling kernel function nova_bpf_kick is not allowed
#include "../test.bpf.h"

SEC("struct_ops/preempt")
bool BPF_PROG(kicks, struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
	      struct nova_sched_vgpu *woken)
{
	nova_bpf_kick(rl);
	return false;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.preempt = (void *)kicks,
	.name = "test",
};
