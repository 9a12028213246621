// SPDX-License-Identifier: GPL-2.0-only
/*
 * rpclat: measure queueing time and firmware time of RPCs.
 *
 * It shows a hook that only measures: a histogram of both times for each vGPU and kind of
 * RPC. The context of the hook carries all timestamps, so nothing is stored between
 * submit and reply. novabpf rpc lat prints the histograms, with percentiles.
 */
#include "rpc.bpf.h"

/* RPCs of kinds for which the map had no room. */
u64 nr_lost;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct nova_call_key);
	__type(value, struct nova_lat);
} rpclat_hist SEC(".maps");

/* Too large for the stack. */
static const struct nova_lat empty;

static __always_inline struct nova_lat *lat_of(const struct nova_call_key *key)
{
	struct nova_lat *lat = bpf_map_lookup_elem(&rpclat_hist, key);

	if (lat)
		return lat;
	bpf_map_update_elem(&rpclat_hist, key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&rpclat_hist, key);
}

static __always_inline void count(__u64 *hist, u64 ns)
{
	u32 bucket = nova_hist_bucket(ns);

	/* The verifier needs the bound. */
	if (bucket < NOVA_HIST_BUCKETS)
		__sync_fetch_and_add(&hist[bucket], 1);
}

SEC("struct_ops/rpclat_reply")
s32 BPF_PROG(rpclat_reply, struct nova_rpc_ctx *rpc)
{
	struct nova_call_key key = { rpc->gfid, rpc->op, rpc->cmd };
	u64 total_ns = rpc->now_ns - rpc->submit_ns;
	struct nova_lat *lat = lat_of(&key);
	u64 ns;

	if (!lat) {
		__sync_fetch_and_add(&nr_lost, 1);
		return 0;
	}
	__sync_fetch_and_add(&lat->calls, 1);
	__sync_fetch_and_add(&lat->total_ns, total_ns);
	if (rpc->err || rpc->result || rpc->status)
		__sync_fetch_and_add(&lat->failed, 1);
	/* Two updates at once may lose one maximum. */
	lat->max_ns = max(lat->max_ns, total_ns);
	if (!rpc->sent_ns)
		return 0;
	ns = rpc->sent_ns - rpc->submit_ns;
	__sync_fetch_and_add(&lat->queue_ns, ns);
	count(lat->queue, ns);
	if (!rpc->reply_ns)
		return 0;
	ns = rpc->reply_ns - rpc->sent_ns;
	__sync_fetch_and_add(&lat->firmware_ns, ns);
	count(lat->firmware, ns);
	return 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops rpclat = {
	.reply = (void *)rpclat_reply,
	.name = "rpclat",
};
