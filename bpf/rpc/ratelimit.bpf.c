// SPDX-License-Identifier: GPL-2.0-only
/*
 * ratelimit: limit the rate and the bursts of firmware RPCs per vGPU.
 *
 * It shows how to slow down a tenant without refusing its requests: a token bucket per
 * vGPU. One number stores the bucket: the time at which it is full again. A token is
 * worth 1/rate seconds, so an RPC advances that time by as much. If the time is more than
 * burst tokens ahead the RPC waits for the difference.
 *
 * An RPC waits max_wait_ms at most. A tenant with so many RPCs under way that this is not
 * enough exceeds the rate, or with refuse=1 gets -EAGAIN. Set the limit of one vGPU with
 * novabpf rpc limit GPU GFID RATE [BURST]. RPCs with which the scheduler switches vGPUs
 * are neither delayed nor counted.
 */
#include "rpc.bpf.h"

/* Default limit of a vGPU: RPCs per second, 0 for no limit. */
const volatile u32 rate = 1000;
/* RPCs in one burst. */
const volatile u32 burst = 32;
/* Longest delay of an RPC. */
const volatile u32 max_wait_ms = 500;
/* Refuse an RPC instead of exceeding the rate after the longest delay. */
const volatile bool refuse;
/* Limit the host as well. */
const volatile bool limit_host;

#define RULE_LIMIT	1

struct tokens_of {
	struct bpf_spin_lock lock;
	u32 reserved;
	struct nova_limit_state s;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NOVA_GFID_MAX + 1);
	__type(key, u32);
	__type(value, struct nova_limit);
} ratelimit_of SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NOVA_GFID_MAX + 1);
	__type(key, u32);
	__type(value, struct tokens_of);
} ratelimit_now SEC(".maps");

/* Take a token. Return: delay of the RPC; more than @most_ns: no token was taken. */
static __always_inline u64 take_token(struct tokens_of *b, u64 now_ns, u32 tokens,
				      u64 token_ns, u64 most_ns)
{
	u64 full_ns, wait_ns = 0;

	bpf_spin_lock(&b->lock);
	full_ns = max(b->s.full_ns, now_ns) + token_ns;
	if (full_ns > now_ns + tokens * token_ns)
		wait_ns = full_ns - now_ns - tokens * token_ns;
	b->s.calls++;
	if (wait_ns <= most_ns) {
		b->s.full_ns = full_ns;
		b->s.wait_ns += wait_ns;
		b->s.throttled += wait_ns > 0;
	} else {
		b->s.clipped++;
	}
	bpf_spin_unlock(&b->lock);
	return wait_ns;
}

SEC("struct_ops/ratelimit_submit")
s32 BPF_PROG(ratelimit_submit, struct nova_rpc_ctx *rpc)
{
	u64 most_ns = min(max_wait_ms * NSEC_PER_MSEC, NOVA_RPC_THROTTLE_MAX_NS);
	struct nova_limit limit = { rate, burst };
	struct nova_limit *own;
	u32 gfid = rpc->gfid;
	struct tokens_of *b;
	u64 wait_ns;

	/* The scheduler's RPCs are not the tenant's, and all tenants wait for them. */
	if ((!gfid && !limit_host) || rpc->flags & NOVA_RPC_C_SCHED)
		return 0;
	own = bpf_map_lookup_elem(&ratelimit_of, &gfid);
	if (own)
		limit = *own;
	b = bpf_map_lookup_elem(&ratelimit_now, &gfid);
	if (!b || !limit.rate)
		return 0;
	wait_ns = take_token(b, rpc->now_ns, max(limit.burst, 1U), NSEC_PER_SEC / limit.rate,
			     most_ns);
	if (wait_ns > most_ns && refuse)
		return -EAGAIN;
	if (wait_ns)
		nova_bpf_rpc_throttle(rpc, RULE_LIMIT, min(wait_ns, most_ns));
	return 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops ratelimit = {
	.submit = (void *)ratelimit_submit,
	.name = "ratelimit",
};
