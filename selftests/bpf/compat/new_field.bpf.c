// SPDX-License-Identifier: GPL-2.0-only
/* A newer object that reads a member of a structure that the module lacks. */
// expect: the verifier refuses 'pick': failed to resolve CO-RE relocation
#include "compat.bpf.h"

struct nova_sched_rl___new {
	u64 energy_uj;
} __attribute__((preserve_access_index));

SEC("struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_rl___new *now = (void *)rl;

	nova_bpf_idle(rl, now->energy_uj);
}

SEC(".struct_ops.link")
struct nova_sched_ops ops = {
	.pick = (void *)pick,
	.name = "new_field",
};
