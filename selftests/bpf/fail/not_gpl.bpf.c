// SPDX-License-Identifier: GPL-2.0-only
// Policies are part of the kernel, so under its licence.
// expect: struct ops programs must have a GPL compatible license
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

SEC("struct_ops/pick")
void BPF_PROG(closed, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
}

char _license[] SEC("license") = "Proprietary";

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)closed,
	.name = "test",
};
