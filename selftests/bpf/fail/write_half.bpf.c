// SPDX-License-Identifier: GPL-2.0-only
// vtime is written as a whole.
// expect: may be written, as 8 bytes
#include "../test.bpf.h"

SEC("struct_ops/vgpu_init")
void BPF_PROG(half, struct nova_sched_vgpu *v)
{
	*(volatile u32 *)&v->vtime = 1;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.vgpu_init = (void *)half,
	.name = "test",
};
