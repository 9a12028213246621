/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every RPC hook includes: the interface, the stable ids of operations and
 * fields (novabpf/abi_ids.h), and what the tool reads from maps (novabpf/format/filters.h).
 *
 * A hook is a struct nova_rpc_ops in SEC(".struct_ops.link"):
 *	SEC("struct_ops/my_submit")
 *	s32 BPF_PROG(my_submit, struct nova_rpc_ctx *rpc)
 *	{
 *		return rpc->op == NOVA_OP_RPC_GSP_RM_ALLOC ? -EACCES : 0;
 *	}
 *	SEC(".struct_ops.link")
 *	struct nova_rpc_ops my = { .submit = (void *)my_submit, .name = "my" };
 */
#ifndef NOVA_RPC_BPF_H
#define NOVA_RPC_BPF_H

#include "base.bpf.h"
#include <novabpf/abi_ids.h>
#include <novabpf/format/filters.h>

#endif /* NOVA_RPC_BPF_H */
