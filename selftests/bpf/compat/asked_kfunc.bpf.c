// SPDX-License-Identifier: GPL-2.0-only
/* A newer object that calls a kfunc that the module lacks, after asking for it. */
#include "compat.bpf.h"

void nova_bpf_migrate(struct nova_sched_rl *rl, u32 gfid) __ksym __weak;

SEC("struct_ops/pick")
void BPF_PROG(pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	if (NOVA_HAS_KFUNC(migrate))
		nova_bpf_migrate(rl, 1);
	if (!NOVA_HAS_KFUNC(dispatch) || !NOVA_HAS_OPS(rpc) ||
	    !NOVA_HAS_MEMBER(nova_sched_vgpu, vtime) ||
	    !NOVA_HAS_VALUE(nova_stop_reason, NOVA_STOP_CAP))
		nova_bpf_error(rl, 1, "what is there was not found");
	compat_decide(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops ops = {
	.pick = (void *)pick,
	.name = "asked_kfunc",
};
