// SPDX-License-Identifier: GPL-2.0-only
// pick() runs with interrupts off.
// expect: attach to unsupported member pick of struct nova_sched_ops
#include "../test.bpf.h"

SEC("struct_ops.s/pick")
void BPF_PROG(sleepy, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)sleepy,
	.name = "test",
};
