// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receiving side of a queue. Pure.
 */
#include "rxq.h"

int nova_rxq_init(struct nova_rxq *q, const struct nova_abi *abi, void *own_page,
		  void *peer_page, void **slot, u32 count)
{
	u8 *staging = q->staging;
	int err;

	memset(q, 0, sizeof(*q));
	q->staging = staging;
	err = nova_record_fmt_init(&q->fmt, abi);
	if (err)
		return err;
	q->slot = slot;
	q->count = count;
	q->write_ptr = nova_msgq_write_ptr(abi, peer_page);
	q->read_ptr = nova_msgq_read_ptr(abi, own_page);
	if (!count || !q->write_ptr || !q->read_ptr)
		return -EINVAL;
	WRITE_ONCE(*q->read_ptr, 0);
	q->linked = true;
	return 0;
}

bool nova_rxq_pending(const struct nova_rxq *q)
{
	return q->linked && READ_ONCE(*q->write_ptr) != q->read;
}

static void rxq_consume(struct nova_rxq *q, u32 slots)
{
	q->read = nova_msgq_next(q->read, slots, q->count);
	/* The copies are made before the firmware may overwrite the slots. */
	smp_mb();
	WRITE_ONCE(*q->read_ptr, q->read);
}

/*
 * Where a record stands in the order of transport numbers. Numbers out of order
 * are refused, unless several come one after another: then the firmware has
 * taken up a new count, and refusing it for ever would be a stuck queue.
 */
static enum nova_record_verdict rxq_check_seq(struct nova_rxq *q, struct nova_record *rec)
{
	u32 ahead = rec->record_seq - q->expected;
	bool adopt = false;

	if (ahead > NOVA_RXQ_SEQ_WINDOW) {
		q->odd_run = q->odd_run && rec->record_seq == q->odd_seq + 1 ? q->odd_run + 1 : 1;
		q->odd_seq = rec->record_seq;
		if (q->odd_run < NOVA_RXQ_SEQ_ADOPT)
			return -ahead <= NOVA_RXQ_SEQ_WINDOW ? NOVA_RECORD_STALE :
							       NOVA_RECORD_BAD_SEQUENCE;
		adopt = true;
	}
	/* Refused records had numbers of their own; they are not lost. */
	rec->lost = adopt ? 1 : ahead - min(ahead, q->bad_since);
	q->expected = rec->record_seq + 1;
	q->odd_run = 0;
	q->bad_since = 0;
	return NOVA_RECORD_OK;
}

/* Tries to read a whole record at the current position, from @avail slots. */
static enum nova_record_verdict rxq_take(struct nova_rxq *q, u32 avail, struct nova_record *rec)
{
	enum nova_record_verdict v;
	u32 k;

	memcpy(q->staging, q->slot[q->read], NOVA_MSGQ_SLOT_BYTES);
	v = nova_record_head(&q->fmt, q->staging, rec);
	if (v != NOVA_RECORD_OK)
		return v;
	if (rec->slots > avail)
		return NOVA_RECORD_INCOMPLETE;
	for (k = 1; k < rec->slots; k++)
		memcpy(q->staging + k * NOVA_MSGQ_SLOT_BYTES,
		       q->slot[nova_msgq_next(q->read, k, q->count)], NOVA_MSGQ_SLOT_BYTES);
	return nova_record_body(&q->fmt, q->staging, rec);
}

enum nova_rx nova_rxq_poll(struct nova_rxq *q, bool force, struct nova_record *rec,
			   enum nova_record_verdict *why)
{
	u32 write = READ_ONCE(*q->write_ptr);
	u32 avail;

	memset(rec, 0, sizeof(*rec));
	rec->slot = q->read;
	q->incomplete = false;
	if (write >= q->count) {
		if (q->bad_pointer && write == q->bad_write)
			return NOVA_RX_EMPTY;
		q->bad_pointer = true;
		q->bad_write = write;
		*why = NOVA_RECORD_BAD_POINTER;
		return NOVA_RX_BAD;
	}
	q->bad_pointer = false;
	/* The slots are read after the position that shows them. */
	dma_rmb();

	for (avail = nova_msgq_avail(q->read, write, q->count); avail; avail--) {
		rec->slot = q->read;
		*why = rxq_take(q, avail, rec);
		if (*why == NOVA_RECORD_OK) {
			q->resync = false;
			*why = rxq_check_seq(q, rec);
			rxq_consume(q, rec->slots);
			return *why == NOVA_RECORD_OK ? NOVA_RX_RECORD : NOVA_RX_BAD;
		}
		if (*why == NOVA_RECORD_INCOMPLETE && !force && !q->resync) {
			q->incomplete = true;
			return NOVA_RX_EMPTY;
		}
		if (!q->resync) {
			/*
			 * Where only the contents are bad the size can be
			 * believed: it was checked against the element count.
			 * Otherwise go on slot by slot.
			 */
			bool sized = *why == NOVA_RECORD_BAD_CHECKSUM ||
				     *why == NOVA_RECORD_BAD_SIGNATURE ||
				     *why == NOVA_RECORD_BAD_VERSION;

			if (!sized)
				rec->slots = 1;
			q->resync = !sized;
			q->bad_since++;
			rxq_consume(q, rec->slots);
			return NOVA_RX_BAD;
		}
		q->resync_slots++;
		rxq_consume(q, 1);
	}
	return NOVA_RX_EMPTY;
}
