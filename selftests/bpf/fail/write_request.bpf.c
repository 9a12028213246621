// SPDX-License-Identifier: GPL-2.0-only
// A placement is chosen by nova_bpf_place() only.
// expect: only vtime and priv of struct nova_sched_vgpu may be written
#include "../test.bpf.h"

SEC("struct_ops.s/admit")
s32 BPF_PROG(move, struct nova_vgpu_request *req)
{
	req->placement = 3;
	return 0;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.admit = (void *)move,
	.name = "test",
};
