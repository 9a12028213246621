// SPDX-License-Identifier: GPL-2.0-only
// A runlist is read-only.
// expect: only vtime and priv of struct nova_sched_vgpu may be written
#include "../test.bpf.h"

SEC("struct_ops/runnable")
void BPF_PROG(longer, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	rl->slice_max_ns = 1ULL << 40;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.runnable = (void *)longer,
	.name = "test",
};
