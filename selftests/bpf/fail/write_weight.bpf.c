// SPDX-License-Identifier: GPL-2.0-only
// A vGPU's weight is the administrator's.
// expect: write of 4 bytes at offset 8 of struct nova_sched_vgpu: only vtime and priv
#include "../test.bpf.h"

SEC("struct_ops/vgpu_init")
void BPF_PROG(heavy, struct nova_sched_vgpu *v)
{
	v->weight = 10000;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.vgpu_init = (void *)heavy,
	.name = "test",
};
