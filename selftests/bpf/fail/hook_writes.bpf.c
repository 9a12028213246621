// SPDX-License-Identifier: GPL-2.0-only
// What a hook sees of a call is read only.
// expect: struct nova_rpc_ctx is read only
#include "../test.bpf.h"

SEC("struct_ops/submit")
s32 BPF_PROG(forger, struct nova_rpc_ctx *rpc)
{
	rpc->gfid = 0;
	return 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops hook = {
	.submit = (void *)forger,
	.name = "test",
};
