// SPDX-License-Identifier: GPL-2.0-only
/* A newer object that can do without an operation that the module lacks. */
#include "compat.bpf.h"

SEC("?struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	/* Were it there it would be said to be, and the policy end at once. */
	if (NOVA_NEW_HAS_OP(vgpu_migrate) || !NOVA_HAS_OP(sched, preempt))
		nova_bpf_error(rl, 1, "an operation is mistaken");
	compat_decide(rl);
}

SEC("?struct_ops/migrate")
void BPF_PROG(migrate, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_kick(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops___new ops = {
	.pick = (void *)pick,
	.vgpu_migrate = (void *)migrate,
	.name = "optional_op",
};
