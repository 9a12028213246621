// SPDX-License-Identifier: GPL-2.0-only
/* A newer object that calls a kfunc that the module lacks, without asking for it. */
// expect: the loaded module has no kfunc 'nova_bpf_migrate', which 'pick' calls;
// expect:  load a newer one, or ask first: NOVA_HAS_KFUNC(migrate)
#include "compat.bpf.h"

void nova_bpf_migrate(struct nova_sched_rl *rl, u32 gfid) __ksym __weak;

SEC("struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_migrate(rl, 1);
	compat_decide(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops ops = {
	.pick = (void *)pick,
	.name = "new_kfunc",
};
