// SPDX-License-Identifier: GPL-2.0-only
/*
 * slow: report RPCs that took longer than a bound, with timestamps and both payloads.
 *
 * It shows how a hook reads payloads, in pieces of NOVA_RPC_CHUNK_MAX bytes. An RPC is
 * known to be slow only at its end, so the hook stores the request of every RPC, at a
 * place derived from the id. requests=0 saves that. novabpf rpc slow prints the ring
 * buffer.
 */
#include "rpc.bpf.h"

/* RPCs that take at least this long are slow, in us. */
const volatile u32 bound_us = 1000;
/* Report this vGPU only; NOVA_GFID_ANY for all. */
const volatile u32 gfid = NOVA_GFID_ANY;
/* Store requests. */
const volatile bool requests = true;

/* Slow RPCs, and slow RPCs for which the ring buffer had no room. */
u64 nr_slow;
u64 nr_lost;

#define KEPT	256

struct slow_request {
	u64 id;
	u32 len;
	u32 bytes;
	u64 data[NOVA_SLOW_BYTES / sizeof(u64)];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KEPT);
	__type(key, u32);
	__type(value, struct slow_request);
} slow_kept SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 512 * 1024);
} slow_calls SEC(".maps");

/* Copy the head of the payload to @to. Return: bytes. */
static __always_inline u32 read_payload(struct nova_rpc_ctx *rpc, void *to)
{
	u32 len = rpc->len, off, n;

	if (len > NOVA_SLOW_BYTES)
		len = NOVA_SLOW_BYTES;

	for (off = 0; off < NOVA_SLOW_BYTES; off += NOVA_RPC_CHUNK_MAX) {
		if (off >= len)
			break;
		n = len - off;
		if (n > NOVA_RPC_CHUNK_MAX)
			n = NOVA_RPC_CHUNK_MAX;
		if (nova_bpf_rpc_read(rpc, off, to + off, n))
			return off;
	}
	return len;
}

SEC("struct_ops/slow_submit")
s32 BPF_PROG(slow_submit, struct nova_rpc_ctx *rpc)
{
	u32 place = rpc->id % KEPT;
	struct slow_request *kept;

	if (!requests || (gfid != NOVA_GFID_ANY && rpc->gfid != gfid))
		return 0;
	kept = bpf_map_lookup_elem(&slow_kept, &place);
	if (!kept)
		return 0;
	kept->id = rpc->id;
	kept->len = rpc->len;
	kept->bytes = read_payload(rpc, kept->data);
	return 0;
}

static __always_inline void put_request(struct nova_slow *call)
{
	u32 place = call->id % KEPT;
	struct slow_request *kept = bpf_map_lookup_elem(&slow_kept, &place);
	u64 *to = (u64 *)call->request;
	u32 i;

	/* A later RPC may have taken its place, with more RPCs than places under way. */
	if (!requests || !kept || kept->id != call->id)
		return;
	call->request_len = kept->len;
	call->request_bytes = kept->bytes;
	for (i = 0; i < NOVA_SLOW_BYTES / sizeof(u64); i++)
		to[i] = kept->data[i];
}

SEC("struct_ops/slow_reply")
s32 BPF_PROG(slow_reply, struct nova_rpc_ctx *rpc)
{
	struct nova_slow *call;

	if (rpc->now_ns - rpc->submit_ns < bound_us * NSEC_PER_USEC ||
	    (gfid != NOVA_GFID_ANY && rpc->gfid != gfid))
		return 0;
	__sync_fetch_and_add(&nr_slow, 1);
	call = bpf_ringbuf_reserve(&slow_calls, sizeof(*call), 0);
	if (!call) {
		__sync_fetch_and_add(&nr_lost, 1);
		return 0;
	}
	call->id = rpc->id;
	call->submit_ns = rpc->submit_ns;
	call->sent_ns = rpc->sent_ns;
	call->reply_ns = rpc->reply_ns;
	call->end_ns = rpc->now_ns;
	call->gfid = rpc->gfid;
	call->op = rpc->op;
	call->function = rpc->function;
	call->cmd = rpc->cmd;
	call->seq = rpc->seq;
	call->result = rpc->result;
	call->status = rpc->status;
	call->err = rpc->err;
	call->pid = rpc->pid;
	call->calls_out = rpc->calls_out;
	__builtin_memcpy(call->comm, rpc->comm, sizeof(call->comm));
	call->request_len = 0;
	call->request_bytes = 0;
	call->reply_len = 0;
	call->reply_bytes = 0;
	put_request(call);
	if (!rpc->err) {
		call->reply_len = rpc->len;
		call->reply_bytes = read_payload(rpc, call->reply);
	}
	bpf_ringbuf_submit(call, 0);
	return 0;
}

SEC(".struct_ops.link")
struct nova_rpc_ops slow = {
	.submit = (void *)slow_submit,
	.reply = (void *)slow_reply,
	.name = "slow",
};
