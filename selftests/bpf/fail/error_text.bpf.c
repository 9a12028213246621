// SPDX-License-Identifier: GPL-2.0-only
// The text of an error cannot change while it is read.
// expect: R3 does not point to a readonly map
#include "../test.bpf.h"

char text[8] = "why";

SEC("struct_ops/runnable")
void BPF_PROG(complain, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_error(rl, 1, text);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.runnable = (void *)complain,
	.name = "test",
};
