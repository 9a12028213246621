// SPDX-License-Identifier: GPL-2.0-only
/* A policy that the verifier refuses: what may be NULL is not checked. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops/pick")
void BPF_PROG(refused_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, 0);

	nova_bpf_dispatch(rl, v->gfid, 1000000);
}

SEC(".struct_ops.link")
struct nova_sched_ops refused = {
	.pick = (void *)refused_pick,
	.name = "refused",
};
