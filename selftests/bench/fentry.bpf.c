// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sees each call by a trampoline on the function that takes it.
 */
#include "probe.bpf.h"

SEC("fentry/nova_rpc_post")
int BPF_PROG(fentry_post, void *gsp, struct nova_rpc *rpc)
{
	return look(rpc->op, rpc->cmd, rpc->gfid);
}
