// SPDX-License-Identifier: GPL-2.0-only
/*
 * top: count firmware RPCs by GPU and vGPU, from tracepoints; for novabpf top.
 *
 * It shows telemetry without struct_ops and BTF of the module, so that it works on kernels
 * from 6.1. The order of a tracepoint's fields is a promise (Documentation/tracing.rst),
 * and the structures below rely on it.
 */
#include "samples.bpf.h"
#include <novabpf/format/filters.h>

/* gsp_rpc_submit, gsp_rpc_done and gsp_rpc_timeout. */
struct tp_rpc {
	u64 common;
	u32 gpu;
	u32 gfid;
	u64 id;
	u32 op;
	u32 function;
	u32 cmd;
	u32 len_bytes;
	u32 seq;
	u32 record_seq;
	s32 pid;
	u32 result;
	u32 status;
	s32 err;
	u32 fate;
	u32 reply_bytes;
	u64 queued_ns;
	u64 firmware_ns;
	u64 total_ns;
};

struct tp_event {
	u64 common;
	u32 gpu;
	u32 gfid;
};

struct tp_verdict {
	u64 common;
	u32 gpu;
	u32 gfid;
	u64 id;
	u32 seq;
	u32 function;
	u32 op;
	u32 cmd;
	u32 phase;
	u32 rule;
	u32 asked;
	u32 applied;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct nova_top_key);
	__type(value, struct nova_top);
} top SEC(".maps");

/* Too large for the stack. */
static const struct nova_top empty;

static __always_inline struct nova_top *top_of(u32 gpu, u32 gfid)
{
	struct nova_top_key key = { gpu, gfid };
	struct nova_top *t = bpf_map_lookup_elem(&top, &key);

	if (t)
		return t;
	bpf_map_update_elem(&top, &key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&top, &key);
}

SEC("tp/novabpf/gsp_rpc_submit")
int top_submit(const struct tp_rpc *rpc)
{
	struct nova_top *t = top_of(rpc->gpu, rpc->gfid);

	if (t)
		__sync_fetch_and_add(&t->submitted, 1);
	return 0;
}

SEC("tp/novabpf/gsp_rpc_done")
int top_done(const struct tp_rpc *rpc)
{
	struct nova_top *t = top_of(rpc->gpu, rpc->gfid);
	u32 bucket = nova_hist_bucket(rpc->total_ns);

	if (!t)
		return 0;
	__sync_fetch_and_add(&t->done, 1);
	if (rpc->err || rpc->result || rpc->status)
		__sync_fetch_and_add(&t->failed, 1);
	__sync_fetch_and_add(&t->queue_ns, rpc->queued_ns);
	__sync_fetch_and_add(&t->firmware_ns, rpc->firmware_ns);
	/* The verifier needs the bound. */
	if (bucket < NOVA_HIST_BUCKETS)
		__sync_fetch_and_add(&t->total[bucket], 1);
	return 0;
}

SEC("tp/novabpf/gsp_rpc_timeout")
int top_timeout(const struct tp_rpc *rpc)
{
	struct nova_top *t = top_of(rpc->gpu, rpc->gfid);

	if (t)
		__sync_fetch_and_add(&t->timeouts, 1);
	return 0;
}

SEC("tp/novabpf/gsp_event")
int top_event(const struct tp_event *ev)
{
	struct nova_top *t = top_of(ev->gpu, ev->gfid);

	if (t)
		__sync_fetch_and_add(&t->events, 1);
	return 0;
}

SEC("tp/novabpf/gsp_rpc_verdict")
int top_verdict(const struct tp_verdict *v)
{
	struct nova_top *t;

	if (v->applied > NOVA_RPC_CLIPPED)
		return 0;
	t = top_of(v->gpu, v->gfid);
	if (!t)
		return 0;
	if (v->asked == NOVA_RPC_DENY)
		__sync_fetch_and_add(&t->denied, 1);
	else if (v->asked == NOVA_RPC_THROTTLE)
		__sync_fetch_and_add(&t->throttled, 1);
	else
		__sync_fetch_and_add(&t->injected, 1);
	return 0;
}
