// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hook that asks for what it is told to, once per call that fits: for tests of
 * the core. Set its variables with --set.
 */
#include "../test.bpf.h"
#include <novabpf/abi_ids.h>

#ifndef NAME
#define NAME "ask"
#endif
#ifndef FLAGS
#define FLAGS NOVA_RPC_F_INJECT
#endif
#ifndef PRIORITY
#define PRIORITY 0
#endif

const volatile u32 phase;
const volatile u32 op = NOVA_OP_RPC_GSP_RM_CONTROL;
const volatile u32 cmd = 0x20801120;
/* Of this vGPU only; 0 for all. */
const volatile u32 gfid;
/* Only the nth call that fits; 0 for all. */
const volatile u64 nth;
/* Only each so manieth; 0 for all. */
const volatile u64 every;
const volatile u32 rule = 7;
const volatile u32 action;
const volatile u64 arg;
/* Rewrite this field, or so many bytes from this offset on with 0xff. */
const volatile u32 field;
const volatile u64 value;
const volatile u32 write_at;
const volatile bool write;
const volatile s32 ret;
const volatile u64 throttle_ns;

u64 fits;
u64 field_before;
s32 field_err;
s32 last;

static __always_inline s32 hook(struct nova_rpc_ctx *rpc)
{
	u8 ones[4] = { 0xff, 0xff, 0xff, 0xff };
	u64 n;

	if (rpc->phase != phase || rpc->op != op || (cmd && rpc->cmd != cmd) ||
	    (gfid && rpc->gfid != gfid))
		return 0;
	n = __sync_fetch_and_add(&fits, 1) + 1;
	if ((nth && n != nth) || (every && n % every))
		return 0;
	if (field) {
		u64 before = 0;

		field_err = nova_bpf_rpc_field(rpc, field, &before);
		field_before = before;
		last = nova_bpf_rpc_put_field(rpc, rule, field, value);
	}
	if (write)
		last = nova_bpf_rpc_write(rpc, rule, write_at, ones, sizeof(ones));
	if (action == NOVA_RPC_SEND_EVENT)
		last = nova_bpf_rpc_send_event(rpc, rule, arg, ones, sizeof(ones));
	else if (action)
		last = nova_bpf_rpc_act(rpc, rule, action, arg);
	return ret;
}

SEC("struct_ops/submit")
s32 BPF_PROG(ask_submit, struct nova_rpc_ctx *rpc)
{
	if (throttle_ns && rpc->op == op && (!cmd || rpc->cmd == cmd))
		last = nova_bpf_rpc_throttle(rpc, rule, throttle_ns);
	return hook(rpc);
}

SEC("struct_ops/reply")
s32 BPF_PROG(ask_reply, struct nova_rpc_ctx *rpc)
{
	return hook(rpc);
}

SEC("struct_ops/event")
s32 BPF_PROG(ask_event, struct nova_rpc_ctx *ev)
{
	return hook(ev);
}

SEC(".struct_ops.link")
struct nova_rpc_ops ask = {
	.submit = (void *)ask_submit,
	.reply = (void *)ask_reply,
	.event = (void *)ask_event,
	.flags = FLAGS,
	.priority = PRIORITY,
	.name = NAME,
};
