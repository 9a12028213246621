// SPDX-License-Identifier: GPL-2.0-only
// Nothing is read behind the end of a runlist.
// expect: access beyond struct nova_sched_rl
#include "../test.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(peek, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	if (((volatile u64 *)(rl + 1))[0])
		nova_bpf_idle(rl, 0);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.pick = (void *)peek,
	.name = "test",
};
