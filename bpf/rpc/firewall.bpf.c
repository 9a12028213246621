// SPDX-License-Identifier: GPL-2.0-only
/*
 * firewall: allow or deny firmware RPCs on behalf of a vGPU.
 *
 * It shows decisions by a table that user space changes while the hook is attached. A
 * rule names a vGPU, a function, and a control or class. The most specific rule decides:
 *	vGPU, function, control or class
 *	vGPU, function
 *	vGPU				(its default)
 *	and the same three of the rules for all vGPUs
 * Without a rule the RPC passes. An allow-list is a default of deny for the vGPU, and a
 * rule for each allowed RPC:
 *	novabpf rpc deny gpu0 2
 *	novabpf rpc allow gpu0 2 GSP_RM_ALLOC control=0xa06c0103
 *
 * Denials are only counted and reported until enforce=1, so that the needs of a tenant can
 * be seen first (novabpf rpc firewall). The core makes RPCs on behalf of a vGPU as well, to
 * create and destroy it; denying those breaks the vGPU. RPCs with which the scheduler
 * switches vGPUs always pass.
 */
#include "rpc.bpf.h"

/* Refuse denied RPCs (-EACCES), instead of only reporting them. */
const volatile bool enforce;
/* Apply the rules to the host as well. */
const volatile bool check_host;

/* RPCs allowed by a rule, denied RPCs, and denied RPCs without room in firewall_events. */
u64 nr_allowed;
u64 nr_denied;
u64 nr_lost;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct nova_call_key);
	__type(value, struct nova_fw_rule);
} firewall_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} firewall_events SEC(".maps");

static __always_inline struct nova_fw_rule *find_rule(const struct nova_rpc_ctx *rpc, u32 gfid)
{
	struct nova_call_key key = { gfid, rpc->op, rpc->cmd };
	struct nova_fw_rule *rule;

	rule = bpf_map_lookup_elem(&firewall_rules, &key);
	if (!rule && key.cmd) {
		key.cmd = 0;
		rule = bpf_map_lookup_elem(&firewall_rules, &key);
	}
	if (!rule) {
		key.op = NOVA_OP_UNKNOWN;
		rule = bpf_map_lookup_elem(&firewall_rules, &key);
	}
	return rule;
}

static __always_inline void report(const struct nova_rpc_ctx *rpc)
{
	struct nova_fw_event *ev;

	ev = bpf_ringbuf_reserve(&firewall_events, sizeof(*ev), 0);
	if (!ev) {
		__sync_fetch_and_add(&nr_lost, 1);
		return;
	}
	ev->now_ns = rpc->now_ns;
	ev->id = rpc->id;
	ev->gfid = rpc->gfid;
	ev->op = rpc->op;
	ev->function = rpc->function;
	ev->cmd = rpc->cmd;
	ev->pid = rpc->pid;
	ev->enforced = enforce;
	__builtin_memcpy(ev->comm, rpc->comm, sizeof(ev->comm));
	bpf_ringbuf_submit(ev, 0);
}

SEC("struct_ops/firewall_submit")
s32 BPF_PROG(firewall_submit, struct nova_rpc_ctx *rpc)
{
	struct nova_fw_rule *rule;

	/* The scheduler's RPCs are not the tenant's, and all tenants wait for them. */
	if ((!rpc->gfid && !check_host) || rpc->flags & NOVA_RPC_C_SCHED)
		return 0;
	rule = find_rule(rpc, rpc->gfid);
	if (!rule)
		rule = find_rule(rpc, NOVA_GFID_ANY);
	if (!rule)
		return 0;
	__sync_fetch_and_add(&rule->hits, 1);
	if (rule->verdict != NOVA_FW_DENY) {
		__sync_fetch_and_add(&nr_allowed, 1);
		return 0;
	}
	__sync_fetch_and_add(&nr_denied, 1);
	report(rpc);
	return enforce ? -EACCES : 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops firewall = {
	.submit = (void *)firewall_submit,
	.name = "firewall",
};
