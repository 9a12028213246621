// SPDX-License-Identifier: GPL-2.0-only
// admit() has no runlist.
// expect: calling kernel function nova_bpf_now is not allowed
#include "../test.bpf.h"

SEC("struct_ops.s/admit")
s32 BPF_PROG(clock, struct nova_vgpu_request *req)
{
	return nova_bpf_now((void *)req);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.admit = (void *)clock,
	.name = "test",
};
