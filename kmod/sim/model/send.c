// SPDX-License-Identifier: GPL-2.0-only
/*
 * Status queue: replies and events on their way to the CPU, in the order in
 * which they are due. A full ring makes them wait; the records of one large
 * reply stay together.
 */
#include "internal.h"

#define GSIM_FULL_US_MIN	20
#define GSIM_FULL_US_MAX	1000
#define GSIM_UNKNOWN_NUMBER	0xfff

struct gsim_out *gsim_out_new(struct gsim *sim, u32 cap)
{
	struct gsim_out *o = gsim_alloc(sim, sizeof(*o) + cap);

	if (!o) {
		gsim_refuse(sim, "no memory for a message of %u bytes", cap);
		return NULL;
	}
	o->cap = cap;
	o->repeat = 1;
	return o;
}

static void gsim_out_free_list(struct gsim *sim, struct gsim_out *o)
{
	while (o) {
		struct gsim_out *next = o->next;

		gsim_free(sim, o);
		o = next;
	}
}

void gsim_out_drop_all(struct gsim *sim)
{
	struct gsim_fw *fw = &sim->fw;

	gsim_out_free_list(sim, fw->out);
	gsim_out_free_list(sim, fw->sending);
	gsim_free(sim, fw->req.out);
	fw->out = NULL;
	fw->sending = NULL;
	fw->req.out = NULL;
	gsim_service_idle(sim);
}

/* Sets the time and order of the request's execution; its effect waits until then. */
static void gsim_out_executed(struct gsim *sim, struct gsim_out *o, u64 now)
{
	o->due_ns = gsim_service_due(sim, o, now);
	o->order = ++sim->fw.last_order;
	if (o->act)
		gsim_act_queue(sim, o->act, o->due_ns, o->order);
	o->act = NULL;
}

/* The request is executed, and its reply is lost. */
void gsim_out_mute(struct gsim *sim, struct gsim_out *o)
{
	if (o->act) {
		o->act->out = NULL;
		gsim_out_executed(sim, o, gsim_now(sim));
	}
	gsim_free(sim, o);
}

/* Queues a message behind all that are due no later; consumes it. */
void gsim_out_queue(struct gsim *sim, struct gsim_out *o)
{
	struct gsim_fw *fw = &sim->fw;
	struct gsim_out **p = &fw->out;
	u64 now = gsim_now(sim);

	if (o->event) {
		o->due_ns = now;
		fw->events_queued++;
	} else {
		gsim_out_executed(sim, o, now);
		gsim_fault_on_reply(sim, o);
		if (!o->detached)
			fw->pending++;
	}
	while (*p && (*p)->due_ns <= o->due_ns) {
		/* A swapped reply overtakes the one before it, if that still waits. */
		if (o->fx == GSIM_FX_REORDER && !(*p)->next && !(*p)->event && !o->event)
			break;
		p = &(*p)->next;
	}
	if (o->fx == GSIM_FX_REORDER && *p)
		o->due_ns = min_t(u64, o->due_ns, (*p)->due_ns);
	o->next = *p;
	*p = o;
	sim->progress = true;
}

static u32 gsim_free_slots(struct gsim *sim)
{
	struct gsim_queue *q = sim->queue;
	u32 r;

	if (!gsim_queue_index(sim, q->cmd_off + NOVA_MSGQ_RX_HDR_OFF, q->stat_count,
			      "status queue: readPtr", &r))
		return 0;
	return (r + q->stat_count - q->stat_write - 1) % q->stat_count;
}

static u32 gsim_chunk(struct gsim *sim, const struct gsim_out *o)
{
	return min_t(u32, o->len - o->sent, sim->queue->rpc_max_bytes - NOVA_RPC_HDR_BYTES);
}

static void gsim_header(struct gsim *sim, const struct gsim_out *o, u8 *h, u32 length)
{
	u32 n = NOVA_RPC_HDR_BYTES, seq = 0;
	u32 fn = o->records ? nova_op_number(sim->abi, NOVA_OP_RPC_CONTINUATION_RECORD) : o->fn;

	if (!o->event && sim->abi->rules->seq_echo)
		seq = o->seq + o->records;
	gsim_put(sim, NOVA_RPC_HEADER_VERSION, h, n, NOVA_WIRE_HEADER_VERSION);
	gsim_put(sim, NOVA_RPC_SIGNATURE, h, n, NOVA_WIRE_SIGNATURE);
	gsim_put(sim, NOVA_RPC_LENGTH, h, n, length);
	gsim_put(sim, NOVA_RPC_FUNCTION, h, n, fn);
	gsim_put(sim, NOVA_RPC_RESULT, h, n, o->result);
	gsim_put(sim, NOVA_RPC_RESULT_PRIVATE, h, n, o->result_private);
	gsim_put(sim, NOVA_RPC_SEQUENCE, h, n, seq);
	gsim_put(sim, NOVA_RPC_GFID, h, n, o->gfid);
}

/* Applies a fault that changes the record before its checksum is made. First records only. */
static void gsim_spoil_header(struct gsim *sim, const struct gsim_out *o, u8 *rec)
{
	u32 n = NOVA_RPC_HDR_BYTES;
	u8 *h = rec + sim->queue->elem_hdr_bytes;

	switch (o->fx) {
	case GSIM_FX_BADLEN:
		gsim_put(sim, NOVA_RPC_LENGTH, h, n, 0x7ffffff0);
		break;
	case GSIM_FX_ELEM0:
		gsim_put(sim, NOVA_ELEM_ELEM_COUNT, rec, NOVA_MSGQ_SLOT_BYTES, 0);
		break;
	case GSIM_FX_ELEM17:
		gsim_put(sim, NOVA_ELEM_ELEM_COUNT, rec, NOVA_MSGQ_SLOT_BYTES,
			 NOVA_RECORD_ELEMS_MAX + 1);
		break;
	case GSIM_FX_BADSIG:
		gsim_put(sim, NOVA_RPC_SIGNATURE, h, n, NOVA_WIRE_SIGNATURE ^ 0x100);
		break;
	case GSIM_FX_BADVER:
		gsim_put(sim, NOVA_RPC_HEADER_VERSION, h, n, 0x04000000);
		break;
	case GSIM_FX_BADFN:
		gsim_put(sim, NOVA_RPC_FUNCTION, h, n, GSIM_UNKNOWN_NUMBER);
		break;
	case GSIM_FX_WRONGFN:
		gsim_put(sim, NOVA_RPC_FUNCTION, h, n,
			 nova_op_number(sim->abi,
					o->fn == nova_op_number(sim->abi, NOVA_OP_RPC_FREE) ?
						NOVA_OP_RPC_DUP_OBJECT :
						NOVA_OP_RPC_FREE));
		break;
	case GSIM_FX_WRONGSEQ:
		gsim_put(sim, NOVA_RPC_SEQUENCE, h, n, o->seq + 1);
		break;
	default:
		break;
	}
}

static void gsim_seal(struct gsim *sim, u8 *rec, u32 elems, u32 seq)
{
	gsim_put(sim, NOVA_ELEM_SEQ_NUM, rec, NOVA_MSGQ_SLOT_BYTES, seq);
	gsim_put(sim, NOVA_ELEM_CHECKSUM, rec, NOVA_MSGQ_SLOT_BYTES, 0);
	/* Zero the padding, so that both coverages of the checksum agree. */
	gsim_put(sim, NOVA_ELEM_CHECKSUM, rec, NOVA_MSGQ_SLOT_BYTES,
		 gsim_checksum(rec, elems * NOVA_MSGQ_SLOT_BYTES));
}

static bool gsim_copy_slots(struct gsim *sim, u32 elems)
{
	struct gsim_queue *q = sim->queue;
	u32 i;

	for (i = 0; i < elems; i++) {
		u32 slot = (q->stat_write + i) % q->stat_count;

		if (gsim_queue_write(sim, q->stat_off + NOVA_MSGQ_ENTRY_OFF +
				     slot * NOVA_MSGQ_SLOT_BYTES,
				     q->rec + i * NOVA_MSGQ_SLOT_BYTES, NOVA_MSGQ_SLOT_BYTES))
			return false;
	}
	q->stat_write = (q->stat_write + elems) % q->stat_count;
	gsim_queue_publish(sim, q->stat_write);
	sim->stat[GSIM_ST_RECORDS_OUT]++;
	return true;
}

static void gsim_emit(struct gsim *sim, struct gsim_out *o, u32 elems)
{
	struct gsim_queue *q = sim->queue;
	u32 chunk = gsim_chunk(sim, o), length = NOVA_RPC_HDR_BYTES + chunk;
	enum gsim_fx fx = o->records ? GSIM_FX_NONE : o->fx;
	u8 *rec = q->rec;

	memset(rec, 0, elems * NOVA_MSGQ_SLOT_BYTES);
	gsim_put(sim, NOVA_ELEM_ELEM_COUNT, rec, NOVA_MSGQ_SLOT_BYTES, elems);
	gsim_header(sim, o, rec + q->elem_hdr_bytes, length);
	memcpy(rec + q->elem_hdr_bytes + NOVA_RPC_HDR_BYTES, o->data + o->sent, chunk);
	if (fx != GSIM_FX_NONE)
		gsim_spoil_header(sim, o, rec);
	if (fx == GSIM_FX_STALE) {
		gsim_seal(sim, rec, elems, q->tx_seq - 1);
		gsim_copy_slots(sim, elems);
	}
	if (fx == GSIM_FX_LOST)
		q->tx_seq++;
	gsim_seal(sim, rec, elems, q->tx_seq++);
	if (fx == GSIM_FX_BADSUM)
		gsim_put(sim, NOVA_ELEM_CHECKSUM, rec, NOVA_MSGQ_SLOT_BYTES,
			 (u32)gsim_get(sim, NOVA_ELEM_CHECKSUM, rec, NOVA_MSGQ_SLOT_BYTES) ^ 1);
	if (fx == GSIM_FX_CORRUPT)
		rec[gsim_rng_below(&sim->rng, q->elem_hdr_bytes + length)] ^=
			(u8)(1 + gsim_rng_below(&sim->rng, 255));
	gsim_copy_slots(sim, elems);
	o->sent += chunk;
	o->records++;
}

static void gsim_out_done(struct gsim *sim, struct gsim_out *o)
{
	struct gsim_fw *fw = &sim->fw;

	if (o->event) {
		fw->events_queued--;
		sim->stat[GSIM_ST_EVENTS]++;
	} else {
		if (!o->detached)
			fw->pending--;
		sim->stat[GSIM_ST_REPLIES]++;
	}
	gsim_free(sim, o);
	/* Frees a place among the parallel requests. */
	sim->progress = true;
}

/* The first message that may leave; NULL where all wait for the firmware. */
static struct gsim_out **gsim_out_first(struct gsim *sim)
{
	struct gsim_out **p = &sim->fw.out;

	while (*p && gsim_act_holds(sim, *p))
		p = &(*p)->next;
	return p;
}

/* Return: whether a record was sent. */
static bool gsim_send_one(struct gsim *sim, u64 now)
{
	struct gsim_fw *fw = &sim->fw;
	struct gsim_out *o = fw->sending, **p;
	u32 elems, need;

	if (!o) {
		p = gsim_out_first(sim);
		o = *p;
		if (!o || o->due_ns > now)
			return false;
		*p = o->next;
		o->next = NULL;
		fw->sending = o;
	}
	elems = DIV_ROUND_UP(sim->queue->elem_hdr_bytes + NOVA_RPC_HDR_BYTES + gsim_chunk(sim, o),
			     NOVA_MSGQ_SLOT_BYTES);
	need = !o->records && o->fx == GSIM_FX_STALE ? 2 * elems : elems;
	if (o->fx != GSIM_FX_DROP && gsim_free_slots(sim) < need) {
		sim->stat[GSIM_ST_FULL_WAITS]++;
		fw->full_backoff_us = min_t(u32, GSIM_FULL_US_MAX,
					    max_t(u32, GSIM_FULL_US_MIN, 2 * fw->full_backoff_us));
		fw->full_retry_ns = now + fw->full_backoff_us * 1000ULL;
		return false;
	}
	fw->full_backoff_us = 0;
	fw->full_retry_ns = 0;
	if (o->fx != GSIM_FX_DROP) {
		gsim_emit(sim, o, elems);
		if (o->sent < o->len)
			return true;
	}
	if (--o->repeat) {
		o->sent = 0;
		o->records = 0;
		return true;
	}
	fw->sending = NULL;
	gsim_out_done(sim, o);
	return true;
}

u64 gsim_send_run(struct gsim *sim, u64 now)
{
	struct gsim_fw *fw = &sim->fw;
	struct gsim_out *first;
	u32 i;

	if (!fw->full_retry_ns || now >= fw->full_retry_ns)
		for (i = 0; i < 2 * sim->queue->stat_count && gsim_send_one(sim, now); i++)
			;
	if (fw->sending)
		return fw->full_retry_ns ? fw->full_retry_ns : now;
	first = *gsim_out_first(sim);
	return first ? first->due_ns : GSIM_NEVER;
}
