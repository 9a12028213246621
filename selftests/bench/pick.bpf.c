// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a policy can do: always the same vGPU, by one kfunc. What it costs
 * more than a built-in is the price of the way into BPF and back.
 */
#include "../bpf/test.bpf.h"

SEC("struct_ops")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_dispatch(rl, 2, 2000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)pick,
	.name = "pick",
};
