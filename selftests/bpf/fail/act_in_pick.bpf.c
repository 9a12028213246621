// SPDX-License-Identifier: GPL-2.0-only
// A scheduling policy breaks no calls.
// expect: calling kernel function nova_bpf_rpc_act is not allowed
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(breaker, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_rpc_act((struct nova_rpc_ctx *)rl, 1, NOVA_RPC_DROP, 0);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)breaker,
	.name = "test",
};
