// SPDX-License-Identifier: GPL-2.0-only
/* A newer object that sets a data member that the module lacks. */
// expect: the loaded module has no member 'grace_us' in struct nova_sched_ops;
// expect:  load a newer one, or leave it 0
#include "compat.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	compat_decide(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops___new ops = {
	.pick = (void *)pick,
	.grace_us = 100,
	.name = "new_member",
};
