// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker: takes records out of the status queue and gives each to the call
 * it answers or to the event handlers, in order; then sends what could not be
 * sent before and ends calls whose time is up.
 *
 * A reply that has arrived is always seen before the deadline of its call is
 * looked at, so that slow scheduling of the worker is never a timeout.
 */
#include <linux/slab.h>
#include "../gsp.h"
#include "history.h"
#include <trace/events/novabpf_gsp.h>

/* Records per run of the worker: an event storm cannot hold up deadlines. */
#define NOVA_RX_BUDGET		64
/* How long the rest of an incomplete record may take to appear. */
#define NOVA_INCOMPLETE_NS	(20 * NSEC_PER_MSEC)
#define NOVA_INCOMPLETE_POLL_NS	NSEC_PER_MSEC
/* During a lockdown interrupts are not acknowledged: look by oneself. */
#define NOVA_LOCKDOWN_POLL_NS	NSEC_PER_MSEC
#define NOVA_LOCKDOWN_MAX_NS	(5 * (u64)NSEC_PER_SEC)

static const enum nova_gsp_counter bad_counter[NOVA_RECORD_VERDICTS] = {
	[NOVA_RECORD_INCOMPLETE]    = NOVA_COUNT_BAD_LENGTH,
	[NOVA_RECORD_BAD_POINTER]   = NOVA_COUNT_BAD_POINTER,
	[NOVA_RECORD_BAD_ELEMCOUNT] = NOVA_COUNT_BAD_ELEMCOUNT,
	[NOVA_RECORD_BAD_LENGTH]    = NOVA_COUNT_BAD_LENGTH,
	[NOVA_RECORD_BAD_CHECKSUM]  = NOVA_COUNT_BAD_CHECKSUM,
	[NOVA_RECORD_BAD_SIGNATURE] = NOVA_COUNT_BAD_HEADER,
	[NOVA_RECORD_BAD_VERSION]   = NOVA_COUNT_BAD_HEADER,
	[NOVA_RECORD_STALE]	    = NOVA_COUNT_BAD_SEQUENCE,
	[NOVA_RECORD_GAP]	    = NOVA_COUNT_RECORDS_LOST,
	[NOVA_RECORD_BAD_SEQUENCE]  = NOVA_COUNT_BAD_SEQUENCE,
	[NOVA_RECORD_BAD_FUNCTION]  = NOVA_COUNT_BAD_FUNCTION,
	[NOVA_RECORD_ORPHAN]	    = NOVA_COUNT_ORPHANS,
	[NOVA_RECORD_UNMATCHED]	    = NOVA_COUNT_RPC_UNMATCHED,
	[NOVA_RECORD_LATE]	    = NOVA_COUNT_RPC_LATE,
	[NOVA_RECORD_BAD_PAYLOAD]   = NOVA_COUNT_BAD_PAYLOAD,
};

void nova_rx_report(struct nova_gsp *gsp, const struct nova_record *rec,
		    enum nova_record_verdict why)
{
	struct nova_record_bad bad = {
		.release = gsp->abi->release,
		.gpu_id = gsp->gpu->id,
		.gfid = rec->gfid,
		.reason = why,
		.slot = rec->slot,
		.slots = rec->slots,
		.record_seq = rec->record_seq,
		.expected_seq = gsp->rxq.expected,
		.function = rec->function,
		.seq = rec->seq,
		.len = rec->length,
		.elem_count = rec->elem_count,
		.time_ns = nova_now_ns(gsp->gpu),
	};

	if (why == NOVA_RECORD_GAP)
		nova_count_add(gsp, NOVA_COUNT_RECORDS_LOST, rec->lost);
	else
		nova_count(gsp, bad_counter[why]);
	/* A late or unmatched reply and a gap are no fault of the record itself. */
	if (why != NOVA_RECORD_GAP && why != NOVA_RECORD_LATE && why != NOVA_RECORD_UNMATCHED)
		nova_count(gsp, NOVA_COUNT_RECORDS_BAD);
	trace_gsp_record_bad(&bad);
}

/* Length of the whole reply in bytes, as its first record announces it. */
static u32 rx_whole_reply_len(struct nova_gsp *gsp, const struct nova_rpc *rpc,
			      const struct nova_record *rec)
{
	u32 head = nova_msg_size(gsp->abi, NOVA_MSG_CONTROL);
	u64 params;

	if (rpc->op != NOVA_OP_RPC_GSP_RM_CONTROL ||
	    rec->payload_len < nova_record_payload_max(&gsp->rxq.fmt) ||
	    nova_field_get(gsp->abi, NOVA_CONTROL_PARAMS_SIZE, rec->payload, rec->payload_len,
			   &params))
		return rec->payload_len;
	/* A reply is never larger than its request. */
	return min_t(u64, head + params, rpc->len);
}

static void rx_store(struct nova_rpc *rpc, const struct nova_record *rec)
{
	u32 room = rpc->reply_cap > rpc->reply_len ? rpc->reply_cap - rpc->reply_len : 0;

	memcpy(rpc->reply + min(rpc->reply_len, rpc->reply_cap), rec->payload,
	       min(room, rec->payload_len));
	rpc->reply_len += rec->payload_len;
}

/* All of the reply is there. With the lock held. */
static void rx_finish(struct nova_gsp *gsp, struct nova_rpc *rpc, struct list_head *ended)
{
	int err;

	rpc->reply_ns = nova_now_ns(gsp->gpu);
	if (!rpc->consumed) {
		rpc->consumed = true;
		rpc->consumed_ns = rpc->reply_ns;
	}
	nova_flow_answered(gsp->flows, rpc->gfid, nova_rpc_firmware_ns(rpc));
	err = nova_rpc_read_status(gsp->abi, rpc);
	trace_gsp_rpc_reply(rpc);
	nova_rpc_end(gsp, rpc, err, err ? NOVA_FATE_BAD_REPLY : NOVA_FATE_ANSWERED, ended);
}

/* A large reply will not be completed: something else came in between. */
static void rx_abandon_assembly(struct nova_gsp *gsp, struct list_head *ended)
{
	struct nova_rpc *rpc = gsp->assembling;

	if (rpc)
		nova_rpc_end(gsp, rpc, -EBADMSG, NOVA_FATE_BAD_REPLY, ended);
}

static enum nova_record_verdict rx_reply(struct nova_gsp *gsp, const struct nova_record *rec,
					 struct list_head *ended)
{
	struct nova_inflight_entry *e;
	struct nova_match_key key;
	struct nova_rpc *rpc;
	u64 id;

	/* A reply cannot come between the records of another one. */
	rx_abandon_assembly(gsp, ended);
	nova_match_key_of(gsp->abi, rec->function, rec->payload, rec->payload_len, &key);
	e = nova_inflight_find(&gsp->inflight, &key, rec->seq);
	if (!e)
		return NOVA_RECORD_UNMATCHED;
	rpc = e->call;
	id = e->call_id;
	nova_inflight_answered(&gsp->inflight, e);
	if (!rpc) {
		nova_history_late(gsp->history, id);
		return NOVA_RECORD_LATE;
	}
	rpc->entry = NULL;
	rpc->result = rec->result;
	rpc->result_private = rec->result_private;
	rx_store(rpc, rec);
	rpc->reply_want = rx_whole_reply_len(gsp, rpc, rec);
	if (rpc->reply_len < rpc->reply_want)
		gsp->assembling = rpc;
	else
		rx_finish(gsp, rpc, ended);
	return NOVA_RECORD_OK;
}

static enum nova_record_verdict rx_continuation(struct nova_gsp *gsp, const struct nova_record *rec,
						struct list_head *ended)
{
	struct nova_rpc *rpc = gsp->assembling;

	if (!rpc)
		return NOVA_RECORD_ORPHAN;
	rpc->reply_conts++;
	if ((gsp->inflight.echo && rec->seq != rpc->seq + rpc->reply_conts) ||
	    rec->payload_len > rpc->reply_want - rpc->reply_len || !rec->payload_len) {
		rx_abandon_assembly(gsp, ended);
		return NOVA_RECORD_BAD_PAYLOAD;
	}
	rx_store(rpc, rec);
	if (rpc->reply_len == rpc->reply_want) {
		gsp->assembling = NULL;
		rx_finish(gsp, rpc, ended);
	}
	return NOVA_RECORD_OK;
}

static void rx_record(struct nova_gsp *gsp, const struct nova_record *rec)
{
	enum nova_record_verdict v;
	LIST_HEAD(ended);

	nova_count(gsp, NOVA_COUNT_RECORDS_RECEIVED);
	if (rec->lost)
		nova_rx_report(gsp, rec, NOVA_RECORD_GAP);
	if (rec->function >= NOVA_RPC_EVENT_FIRST) {
		nova_event_dispatch(gsp, rec);
		return;
	}
	spin_lock_irq(&gsp->lock);
	/* A record lost inside a large reply leaves it with a hole. */
	if (rec->lost)
		rx_abandon_assembly(gsp, &ended);
	if (rec->function == gsp->rxq.fmt.continuation)
		v = rx_continuation(gsp, rec, &ended);
	else if (nova_op_of(gsp->abi, rec->function) == NOVA_OP_UNKNOWN)
		v = NOVA_RECORD_BAD_FUNCTION;
	else
		v = rx_reply(gsp, rec, &ended);
	/* Slots have become free, or an identity may be used again. */
	nova_rpc_send_pending(gsp, &ended);
	spin_unlock_irq(&gsp->lock);
	if (v != NOVA_RECORD_OK)
		nova_rx_report(gsp, rec, v);
	nova_rpc_deliver(gsp, &ended);
}

/* Returns whether there may be more. */
static bool rx_drain(struct nova_gsp *gsp, bool force)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	u32 n;

	for (n = 0; n < NOVA_RX_BUDGET; n++) {
		switch (nova_rxq_poll(&gsp->rxq, force, &rec, &why)) {
		case NOVA_RX_RECORD:
			rx_record(gsp, &rec);
			break;
		case NOVA_RX_BAD:
			nova_rx_report(gsp, &rec, why);
			break;
		case NOVA_RX_EMPTY:
			return false;
		}
	}
	return true;
}

/* GSP registers may be touched again: acknowledge and ring what was held back. */
static void rx_end_lockdown(struct nova_gsp *gsp)
{
	spin_lock_irq(&gsp->lock);
	gsp->lockdown = false;
	if (gsp->doorbell_owed)
		nova_rpc_doorbell(gsp);
	spin_unlock_irq(&gsp->lock);
	nova_gpu_irq(gsp->gpu);
}

void nova_rx_lockdown(struct nova_gsp *gsp, bool on)
{
	if (!on) {
		rx_end_lockdown(gsp);
		return;
	}
	nova_count(gsp, NOVA_COUNT_LOCKDOWNS);
	spin_lock_irq(&gsp->lock);
	gsp->lockdown = true;
	gsp->lockdown_ns = nova_now_ns(gsp->gpu);
	spin_unlock_irq(&gsp->lock);
}

static u64 rx_watch_lockdown(struct nova_gsp *gsp)
{
	u64 now_ns;

	if (!gsp->lockdown)
		return U64_MAX;
	/* Taken here: the lockdown may be younger than what the worker began with. */
	now_ns = nova_now_ns(gsp->gpu);
	if (now_ns - gsp->lockdown_ns > NOVA_LOCKDOWN_MAX_NS) {
		dev_warn(&gsp->gpu->dev, "GSP lockdown has not ended in %llu ms; going on\n",
			 NOVA_LOCKDOWN_MAX_NS / NSEC_PER_MSEC);
		rx_end_lockdown(gsp);
		return U64_MAX;
	}
	return now_ns + NOVA_LOCKDOWN_POLL_NS;
}

/* Handles events that hooks held back or made up and that are due. */
static void rx_held_events(struct nova_gsp *gsp)
{
	struct nova_gsp_event *ev;
	u32 n;

	/* The hooks of an event may make up another one. */
	for (n = 0; n < NOVA_HOOK_EVENTS_MAX; n++) {
		ev = nova_hook_event_due(gsp);
		if (!ev)
			return;
		nova_event_handle(gsp, ev);
		nova_hook_event_free(ev);
	}
}

void nova_rx_work(struct nova_work *work)
{
	struct nova_gsp *gsp = container_of(work, struct nova_gsp, work);
	u32 irq = atomic_xchg(&gsp->irq_pending, 0);
	bool more = false, force;
	LIST_HEAD(ended);
	u64 now, at;

	nova_rpc_deliver_left(gsp);
	if (irq & NV_PFALCON_IRQ_HALT) {
		gsp->observer->halted(gsp);
		return;
	}
	mutex_lock(&gsp->rx_mutex);
	now = nova_now_ns(gsp->gpu);
	force = gsp->incomplete_ns && now - gsp->incomplete_ns > NOVA_INCOMPLETE_NS;
	if (gsp->rxq.linked) {
		if (!irq && !gsp->lockdown && !gsp->more && nova_rxq_pending(&gsp->rxq))
			nova_count(gsp, NOVA_COUNT_INTERRUPTS_MISSED);
		more = rx_drain(gsp, force);
	}
	gsp->more = more;
	gsp->incomplete_ns = gsp->rxq.incomplete ? (gsp->incomplete_ns ?: now) : 0;

	rx_held_events(gsp);

	at = rx_watch_lockdown(gsp);
	if (gsp->incomplete_ns)
		at = min(at, now + NOVA_INCOMPLETE_POLL_NS);
	spin_lock_irq(&gsp->lock);
	if (!gsp->stopped && !gsp->asleep) {
		nova_rpc_stalled(gsp, now);
		at = min(at, nova_hook_due(gsp, now, &ended));
		nova_rpc_send_pending(gsp, &ended);
		/* Replies still in the ring come before any deadline. */
		if (!more)
			at = min(at, nova_rpc_check_deadlines(gsp, now, &ended));
		nova_gsp_timer_set(gsp, at);
	}
	gsp->seen_ns = nova_now_ns(gsp->gpu);
	spin_unlock_irq(&gsp->lock);
	mutex_unlock(&gsp->rx_mutex);
	nova_rpc_deliver(gsp, &ended);
	gsp->observer->checked(gsp);
	if (more)
		nova_work_queue(gsp->wq, &gsp->work);
}

void nova_gpu_irq(struct nova_gpu *gpu)
{
	struct nova_gsp *gsp = gpu->gsp;
	u32 stat = 0;

	if (!READ_ONCE(gpu->irq_on) || READ_ONCE(gpu->gsp->asleep))
		return;
	/* During a lockdown GSP's registers are left alone; the worker polls. */
	if (!READ_ONCE(gsp->lockdown)) {
		stat = nova_rd32(gpu, NV_PGSP_BASE + NV_PFALCON_IRQSTAT);
		/* Cleared before the queue is read: what comes later raises it again. */
		nova_wr32(gpu, NV_PGSP_BASE + NV_PFALCON_IRQSCLR, stat);
	}
	nova_count(gsp, NOVA_COUNT_INTERRUPTS);
	atomic_or(stat, &gsp->irq_pending);
	nova_work_queue(gsp->wq, &gsp->work);
}
EXPORT_SYMBOL_NOVA(nova_gpu_irq);
