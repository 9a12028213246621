// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that an RPC hook can do, before a call and after it: what it costs is
 * the way into BPF and back.
 */
#include "rpc.bpf.h"

SEC("struct_ops/hook_submit")
s32 BPF_PROG(hook_submit, struct nova_rpc_ctx *rpc)
{
	return 0;
}

SEC("struct_ops/hook_reply")
s32 BPF_PROG(hook_reply, struct nova_rpc_ctx *rpc)
{
	return 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops hook = {
	.submit = (void *)hook_submit,
	.reply = (void *)hook_reply,
	.name = "hook",
};
