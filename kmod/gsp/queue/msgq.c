// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue headers and the sending side of a queue. Pure.
 */
#include "msgq.h"

const char *nova_link_text(enum nova_link link)
{
	static const char * const text[] = {
		[NOVA_LINK_OK]		 = "ok",
		[NOVA_LINK_EMPTY]	 = "no header yet",
		[NOVA_LINK_BAD_VERSION]	 = "unknown header version",
		[NOVA_LINK_BAD_SIZE]	 = "queue size differs from the memory given to it",
		[NOVA_LINK_BAD_MSG_SIZE] = "slot size is not 4096",
		[NOVA_LINK_BAD_OFFSETS]	 = "header or entry offset does not fit",
		[NOVA_LINK_BAD_COUNT]	 = "slot count does not follow from the size",
		[NOVA_LINK_BAD_FLAGS]	 = "SWAP_RX is not set",
		[NOVA_LINK_BAD_POINTER]	 = "write pointer out of range",
	};

	return text[link];
}

static int msgq_put(const struct nova_abi *abi, void *page, enum nova_field f, u32 v)
{
	return nova_field_put(abi, f, page, NOVA_MSGQ_RX_HDR_OFF, v);
}

u32 nova_msgq_header_init(const struct nova_abi *abi, void *page, u32 size_bytes)
{
	u32 count = (size_bytes - NOVA_MSGQ_ENTRY_OFF) / NOVA_MSGQ_SLOT_BYTES;
	int err;

	err = msgq_put(abi, page, NOVA_MSGQ_TX_VERSION, NOVA_MSGQ_VERSION);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_SIZE, size_bytes);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_MSG_SIZE, NOVA_MSGQ_SLOT_BYTES);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_MSG_COUNT, count);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_WRITE_PTR, 0);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_FLAGS, NOVA_MSGQ_FLAGS_SWAP_RX);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_RX_HDR_OFF, NOVA_MSGQ_RX_HDR_OFF);
	err = err ?: msgq_put(abi, page, NOVA_MSGQ_TX_ENTRY_OFF, NOVA_MSGQ_ENTRY_OFF);
	return err ? 0 : count;
}

enum nova_link nova_msgq_header_check(const struct nova_abi *abi, const void *page,
				      u32 size_bytes, u32 *count)
{
	static const enum nova_field field[] = {
		NOVA_MSGQ_TX_VERSION, NOVA_MSGQ_TX_SIZE, NOVA_MSGQ_TX_MSG_SIZE,
		NOVA_MSGQ_TX_MSG_COUNT, NOVA_MSGQ_TX_WRITE_PTR, NOVA_MSGQ_TX_FLAGS,
		NOVA_MSGQ_TX_RX_HDR_OFF, NOVA_MSGQ_TX_ENTRY_OFF,
	};
	enum { VERSION, SIZE, MSG_SIZE, MSG_COUNT, WRITE_PTR, FLAGS, RX_OFF, ENTRY_OFF };
	u64 v[ARRAY_SIZE(field)] = {};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(field); i++)
		if (nova_field_get(abi, field[i], page, NOVA_MSGQ_RX_HDR_OFF, &v[i]))
			return NOVA_LINK_EMPTY;
	if (!v[SIZE] || !v[MSG_SIZE] || !v[MSG_COUNT])
		return NOVA_LINK_EMPTY;
	if (v[VERSION] != NOVA_MSGQ_VERSION)
		return NOVA_LINK_BAD_VERSION;
	if (v[SIZE] != size_bytes)
		return NOVA_LINK_BAD_SIZE;
	if (v[MSG_SIZE] != NOVA_MSGQ_SLOT_BYTES)
		return NOVA_LINK_BAD_MSG_SIZE;
	if (v[RX_OFF] != NOVA_MSGQ_RX_HDR_OFF || v[ENTRY_OFF] != NOVA_MSGQ_ENTRY_OFF)
		return NOVA_LINK_BAD_OFFSETS;
	if (v[MSG_COUNT] != (size_bytes - NOVA_MSGQ_ENTRY_OFF) / NOVA_MSGQ_SLOT_BYTES)
		return NOVA_LINK_BAD_COUNT;
	if (!(v[FLAGS] & NOVA_MSGQ_FLAGS_SWAP_RX))
		return NOVA_LINK_BAD_FLAGS;
	if (v[WRITE_PTR] >= v[MSG_COUNT])
		return NOVA_LINK_BAD_POINTER;
	*count = v[MSG_COUNT];
	return NOVA_LINK_OK;
}

static u32 *msgq_header_word(const struct nova_abi *abi, void *page, u32 base, enum nova_field f)
{
	struct nova_field_pos pos;

	if (nova_field_pos(abi, f, &pos) || pos.size != sizeof(u32) || (base + pos.off) % 4)
		return NULL;
	return (u32 *)((u8 *)page + base + pos.off);
}

u32 *nova_msgq_write_ptr(const struct nova_abi *abi, void *page)
{
	return msgq_header_word(abi, page, 0, NOVA_MSGQ_TX_WRITE_PTR);
}

u32 *nova_msgq_read_ptr(const struct nova_abi *abi, void *page)
{
	return msgq_header_word(abi, page, NOVA_MSGQ_RX_HDR_OFF, NOVA_MSGQ_RX_READ_PTR);
}

int nova_txq_init(struct nova_txq *q, const struct nova_abi *abi, void *own_page,
		  void *peer_page, void **slot, u32 size_bytes)
{
	int err;

	memset(q, 0, sizeof(*q));
	err = nova_record_fmt_init(&q->fmt, abi);
	if (err)
		return err;
	q->slot = slot;
	q->count = nova_msgq_header_init(abi, own_page, size_bytes);
	q->write_ptr = nova_msgq_write_ptr(abi, own_page);
	q->read_ptr = nova_msgq_read_ptr(abi, peer_page);
	return q->count && q->write_ptr && q->read_ptr ? 0 : -EINVAL;
}

u32 nova_txq_refresh(struct nova_txq *q)
{
	u32 read = READ_ONCE(*q->read_ptr);
	u32 taken;

	/* Slots are refilled only after the position that frees them was seen. */
	smp_mb();
	if (read >= q->count) {
		q->bad_pointers++;
	} else {
		taken = nova_msgq_avail(q->read, read, q->count);
		if (taken <= q->sent_slots - q->consumed_slots) {
			q->consumed_slots += taken;
			q->read = read;
		} else {
			q->bad_pointers++;
		}
	}
	return nova_msgq_free(q->read, q->write, q->count);
}

int nova_txq_push(struct nova_txq *q, struct nova_record *rec)
{
	if (rec->payload_len > nova_record_payload_max(&q->fmt))
		return -EMSGSIZE;
	if (nova_record_slots(&q->fmt, rec->payload_len) > nova_txq_refresh(q))
		return -EAGAIN;
	rec->slot = q->write;
	rec->record_seq = q->record_seq++;
	rec->version = NOVA_WIRE_HEADER_VERSION;
	rec->signature = NOVA_WIRE_SIGNATURE;
	nova_record_build(&q->fmt, rec, q->slot, q->count);
	q->write = nova_msgq_next(q->write, rec->slots, q->count);
	q->sent_slots += rec->slots;
	/* The record is complete before the position that shows it. */
	dma_wmb();
	WRITE_ONCE(*q->write_ptr, q->write);
	return 0;
}
