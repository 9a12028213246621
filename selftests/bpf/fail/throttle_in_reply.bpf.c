// SPDX-License-Identifier: GPL-2.0-only
// What was sent cannot be throttled any more.
// expect: calling kernel function nova_bpf_rpc_throttle is not allowed
#include "../test.bpf.h"

SEC("struct_ops/reply")
s32 BPF_PROG(late, struct nova_rpc_ctx *rpc)
{
	return nova_bpf_rpc_throttle(rpc, 1, 1000);
}

SEC(".struct_ops.link")
struct nova_rpc_ops hook = {
	.reply = (void *)late,
	.name = "test",
};
