// SPDX-License-Identifier: GPL-2.0-only
/* Moves pending RPCs into the command ring. */
#include "../gsp.h"
#include <trace/events/novabpf_gsp.h>

/*
 * GSP registers must be left alone between two lockdown notices; the doorbell
 * is then rung when the lockdown ends.
 */
void nova_rpc_doorbell(struct nova_gsp *gsp)
{
	lockdep_assert_held(&gsp->lock);
	if (gsp->lockdown) {
		gsp->doorbell_owed = true;
		return;
	}
	gsp->doorbell_owed = false;
	nova_count(gsp, NOVA_COUNT_DOORBELLS);
	nova_wr32(gsp->gpu, NV_PGSP_QUEUE_HEAD(0), 0);
}

/* Whether an RPC without a record in the ring may be sent now. */
static enum nova_flow_ready send_may_start(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	bool late = false;

	if (!nova_hook_may_send(gsp, rpc))
		return NOVA_FLOW_PASS;
	if (rpc->flags & NOVA_RPC_NO_REPLY)
		return NOVA_FLOW_GO;
	if (!gsp->inflight.echo && gsp->inflight.live + gsp->inflight.late >= NOVA_INFLIGHT_MAX)
		return NOVA_FLOW_WAIT;
	if (gsp->inflight.echo && gsp->inflight.live >= NOVA_INFLIGHT_MAX)
		return NOVA_FLOW_WAIT;
	if (!nova_inflight_blocked(&gsp->inflight, &rpc->key, &late))
		return NOVA_FLOW_GO;
	if (late && !rpc->held) {
		rpc->held = true;
		nova_count(gsp, NOVA_COUNT_RPC_HELD);
	}
	return NOVA_FLOW_WAIT;
}

static u32 send_next_seq(struct nova_gsp *gsp, const struct nova_rpc *rpc, u32 payload_max)
{
	/* Small RPCs without a reply carry 0, as does every RPC of older releases. */
	if (!gsp->abi->rules->seq_echo ||
	    ((rpc->flags & NOVA_RPC_NO_REPLY) && rpc->len <= payload_max))
		return 0;
	return gsp->next_seq++;
}

/*
 * Puts the next record of an RPC into the ring: the first with its function, the others as
 * continuations. Return: 0, or -EAGAIN where the ring is full.
 */
static int send_record(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	u32 max = nova_record_payload_max(&gsp->txq.fmt);
	struct nova_record rec = {
		.function = rpc->sent ? gsp->txq.fmt.continuation : rpc->function,
		.result = NOVA_RPC_RESULT_PENDING,
		.result_private = NOVA_RPC_RESULT_PENDING,
		.gfid = rpc->gfid,
		.payload = rpc->req + rpc->sent,
		.payload_len = min(rpc->len - rpc->sent, max),
	};
	u32 need = nova_record_slots(&gsp->txq.fmt, rec.payload_len);

	if (need > nova_txq_refresh(&gsp->txq))
		return -EAGAIN;
	rec.seq = send_next_seq(gsp, rpc, max);
	if (nova_txq_push(&gsp->txq, &rec))
		return -EAGAIN;
	nova_count(gsp, NOVA_COUNT_RECORDS_SENT);
	if (!rpc->records++) {
		rpc->seq = rec.seq;
		rpc->record_seq = rec.record_seq;
	}
	rpc->sent += rec.payload_len;
	return 0;
}

/* Sends the rest of one RPC. Return: 0 when all of it is in the ring, or -EAGAIN. */
static int send_call(struct nova_gsp *gsp, struct nova_rpc *rpc, struct list_head *ended)
{
	do {
		if (send_record(gsp, rpc)) {
			nova_count(gsp, NOVA_COUNT_RING_FULL);
			return -EAGAIN;
		}
		nova_rpc_doorbell(gsp);
	} while (rpc->sent < rpc->len);

	rpc->sent_ns = nova_now_ns(gsp->gpu);
	rpc->end_slot = gsp->txq.sent_slots;
	nova_count(gsp, NOVA_COUNT_RPC_SENT);
	nova_flow_sent(&rpc->flow, nova_rpc_queued_ns(rpc));
	gsp->sending = NULL;
	if (rpc->flags & NOVA_RPC_NO_REPLY) {
		trace_gsp_rpc_send(rpc);
		nova_rpc_end(gsp, rpc, 0, NOVA_FATE_POSTED, ended);
		return 0;
	}
	list_del_init(&rpc->node);
	rpc->entry = nova_inflight_add(&gsp->inflight, &rpc->key, rpc->seq, rpc->id, rpc);
	trace_gsp_rpc_send(rpc);
	/* send_may_start() saw room; but an RPC on no list would never end. */
	if (WARN_ON_ONCE(!rpc->entry))
		nova_rpc_end(gsp, rpc, -EBUSY, NOVA_FATE_UNANSWERED, ended);
	return 0;
}

/*
 * Sends the rest of a call that timed out when some of its records were in the
 * ring: GSP takes the next records for its continuations. Its reply comes late.
 */
static bool send_partial(struct nova_gsp *gsp)
{
	struct nova_rpc *rpc = gsp->partial;
	struct nova_inflight_entry *e = NULL;

	while (rpc->sent < rpc->len) {
		if (send_record(gsp, rpc))
			return false;
		nova_rpc_doorbell(gsp);
	}
	if (!(rpc->flags & NOVA_RPC_NO_REPLY))
		e = nova_inflight_add(&gsp->inflight, &rpc->key, rpc->seq, rpc->id, rpc);
	if (e)
		nova_inflight_abandon(&gsp->inflight, e,
				      nova_now_ns(gsp->gpu) + 2 * nova_rpc_timeout_ns(rpc));
	gsp->partial = NULL;
	nova_rpc_put(rpc);
	return true;
}

static enum nova_flow_ready send_ready(struct nova_flow_call *c, void *ctx)
{
	return send_may_start(ctx, container_of(c, struct nova_rpc, flow));
}

/* The RPC whose turn it is. An RPC that was picked before goes first. */
static struct nova_rpc *send_next(struct nova_gsp *gsp)
{
	struct nova_flow_call *c;

	if (gsp->sending)
		return gsp->sending;
	c = nova_flow_pick(gsp->flows, send_ready, gsp);
	return c ? container_of(c, struct nova_rpc, flow) : NULL;
}

/*
 * Sends pending RPCs by turns of their vGPUs. An RPC that waits for an earlier one of its
 * identity is passed by. An RPC that is partly in the ring holds back all others, because
 * its records must follow each other.
 */
void nova_rpc_send_pending(struct nova_gsp *gsp, struct list_head *ended)
{
	struct nova_rpc *rpc;

	lockdep_assert_held(&gsp->lock);
	if (gsp->suspended)
		return;
	gsp->ring_full = gsp->partial && !send_partial(gsp);
	if (gsp->ring_full || !(gsp->sending || gsp->flows->queued))
		return;
	nova_flow_take_parameters(gsp);
	nova_flow_retry(gsp->flows);
	while (!gsp->ring_full && (rpc = send_next(gsp))) {
		gsp->sending = rpc;
		gsp->ring_full = send_call(gsp, rpc, ended);
	}
}
