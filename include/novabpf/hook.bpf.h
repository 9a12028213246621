/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header for hooks around firmware RPCs in BPF: all of policy.bpf.h, and the ids of
 * operations and fields, which are the same in all firmware releases.
 *
 * A hook is a struct nova_rpc_ops in SEC(".struct_ops.link"):
 *	SEC("struct_ops/my_submit")
 *	s32 BPF_PROG(my_submit, struct nova_rpc_ctx *rpc)
 *	{
 *		return rpc->op == NOVA_OP_RPC_GSP_RM_ALLOC ? -13 : 0;
 *	}
 *	SEC(".struct_ops.link")
 *	struct nova_rpc_ops my = { .submit = (void *)my_submit, .name = "my" };
 */
#ifndef NOVABPF_HOOK_BPF_H
#define NOVABPF_HOOK_BPF_H

#include <novabpf/policy.bpf.h>
#include <novabpf/abi_ids.h>

#endif /* NOVABPF_HOOK_BPF_H */
