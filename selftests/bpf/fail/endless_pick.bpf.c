// SPDX-License-Identifier: GPL-2.0-only
// A decision ends.
// expect: infinite loop detected
#include "../test.bpf.h"

u64 stop;

SEC("struct_ops/pick")
void BPF_PROG(spin, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	while (!*(volatile u64 *)&stop)
		;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)spin,
	.name = "test",
};
