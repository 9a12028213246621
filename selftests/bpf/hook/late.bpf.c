// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hook that takes its time before it asks for a hold: it is detached while it runs.
 */
#include "../test.bpf.h"
#include <novabpf/abi_ids.h>

/* Far more looks at the clock than fit into busy_ns. */
#define LOOKS_MAX	8000000

const volatile u32 cmd = 0x20801120;
const volatile u64 busy_ns = 1500000000;

static long look(u32 i, u64 *end_ns)
{
	return bpf_ktime_get_ns() >= *end_ns;
}

SEC("struct_ops/submit")
s32 BPF_PROG(late_submit, struct nova_rpc_ctx *rpc)
{
	u64 end_ns = bpf_ktime_get_ns() + busy_ns;

	if (rpc->op != NOVA_OP_RPC_GSP_RM_CONTROL || rpc->cmd != cmd)
		return 0;
	bpf_loop(LOOKS_MAX, look, &end_ns, 0);
	nova_bpf_rpc_act(rpc, 1, NOVA_RPC_HOLD, 0);
	return 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops late = {
	.submit = (void *)late_submit,
	.flags = NOVA_RPC_F_INJECT,
	.name = "late",
};
