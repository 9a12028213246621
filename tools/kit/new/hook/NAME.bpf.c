// SPDX-License-Identifier: GPL-2.0-only
/*
 * @NAME@: a hook around the calls to the firmware. As it stands it counts them, and
 * refuses one control to vGPUs where it is told which.
 *
 * It runs in atomic context, on several CPUs at once: count with atomic operations.
 */
#include <novabpf/hook.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#define EACCES	13

/* Control that vGPUs must not call, 0 for none: novabpf attach ... --set deny_cmd=0x20801303 */
const volatile u32 deny_cmd;

/* In the map whose name ends in .bss: bpftool map, then bpftool map dump id N. */
u64 nr_calls;
u64 nr_failed;
u64 nr_denied;

/* A call was handed to the core. 0 lets it pass, -errno is what its caller gets. */
SEC("struct_ops/@NAME@_submit")
s32 BPF_PROG(@NAME@_submit, struct nova_rpc_ctx *rpc)
{
	__sync_fetch_and_add(&nr_calls, 1);
	/* The scheduler's own calls: all vGPUs of the engine wait for them. */
	if (rpc->flags & NOVA_RPC_C_SCHED)
		return 0;
	if (!rpc->gfid || !deny_cmd || rpc->cmd != deny_cmd)
		return 0;
	__sync_fetch_and_add(&nr_denied, 1);
	return -EACCES;
}

/* A call has ended; its caller does not know yet. */
SEC("struct_ops/@NAME@_reply")
s32 BPF_PROG(@NAME@_reply, struct nova_rpc_ctx *rpc)
{
	if (rpc->err || rpc->result || rpc->status)
		__sync_fetch_and_add(&nr_failed, 1);
	return 0;
}

/*
 * One more operation: event. What hooks may ask for, and how they read fields by a name
 * that holds for every firmware release: nova_bpf_rpc_* of novabpf/bpf.h.
 */
SEC(".struct_ops.link")
struct nova_rpc_ops @NAME@_ops = {
	.submit = (void *)@NAME@_submit,
	.reply = (void *)@NAME@_reply,
	.name = "@NAME@",
};
