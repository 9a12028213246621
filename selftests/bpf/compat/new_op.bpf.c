// SPDX-License-Identifier: GPL-2.0-only
/* A newer object with an operation that the module lacks. */
// expect: the loaded module has no operation 'vgpu_migrate' in struct nova_sched_ops;
// expect:  load a newer one, or make it optional: SEC("?struct_ops/migrate")
#include "compat.bpf.h"

SEC("struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	compat_decide(rl);
}

SEC("struct_ops/migrate")
void BPF_PROG(migrate, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_kick(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops___new ops = {
	.pick = (void *)pick,
	.vgpu_migrate = (void *)migrate,
	.name = "new_op",
};
