// SPDX-License-Identifier: GPL-2.0-only
// Nothing is written behind the end of a vGPU.
// expect: write of 8 bytes at offset 104 of struct nova_sched_vgpu
#include "../test.bpf.h"

SEC("struct_ops/vgpu_init")
void BPF_PROG(beyond, struct nova_sched_vgpu *v)
{
	*((volatile u64 *)(v + 1)) = 1;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.vgpu_init = (void *)beyond,
	.name = "test",
};
