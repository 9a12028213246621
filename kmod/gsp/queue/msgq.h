/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message queues: ring arithmetic, headers, and the command queue's sending
 * side. Pure.
 *
 * A queue is one header page and then slots of 4096 bytes. Its TX header is
 * written by its producer. The consumer keeps its read position in the RX
 * header of its own queue (SWAP_RX), so each side writes its own queue only.
 * One slot always stays empty; positions wrap at msgCount.
 */
#ifndef NOVABPF_GSP_MSGQ_H
#define NOVABPF_GSP_MSGQ_H

#include "record.h"

/* Slots that may be filled; 0 where a position is out of range. */
static inline u32 nova_msgq_free(u32 read, u32 write, u32 count)
{
	if (read >= count || write >= count)
		return 0;
	return (read + count - write - 1) % count;
}

/* Slots that are filled; 0 where a position is out of range. */
static inline u32 nova_msgq_avail(u32 read, u32 write, u32 count)
{
	if (read >= count || write >= count)
		return 0;
	return (write + count - read) % count;
}

/* Position @n slots further; @pos < @count, @n <= @count. */
static inline u32 nova_msgq_next(u32 pos, u32 n, u32 count)
{
	pos += n;
	return pos >= count ? pos - count : pos;
}

/**
 * enum nova_link - verdict on a TX header
 * @NOVA_LINK_OK: usable
 * @NOVA_LINK_EMPTY: nothing written there yet
 * @NOVA_LINK_BAD_VERSION: version is not 0
 * @NOVA_LINK_BAD_SIZE: queue size is not the memory given to it
 * @NOVA_LINK_BAD_MSG_SIZE: slot size is not 4096
 * @NOVA_LINK_BAD_OFFSETS: header or entry offset does not fit the queue
 * @NOVA_LINK_BAD_COUNT: slot count does not follow from size and offset
 * @NOVA_LINK_BAD_FLAGS: SWAP_RX is not set
 * @NOVA_LINK_BAD_POINTER: write pointer is not below the slot count
 */
enum nova_link {
	NOVA_LINK_OK,
	NOVA_LINK_EMPTY,
	NOVA_LINK_BAD_VERSION,
	NOVA_LINK_BAD_SIZE,
	NOVA_LINK_BAD_MSG_SIZE,
	NOVA_LINK_BAD_OFFSETS,
	NOVA_LINK_BAD_COUNT,
	NOVA_LINK_BAD_FLAGS,
	NOVA_LINK_BAD_POINTER,
};

const char *nova_link_text(enum nova_link link);

/**
 * nova_msgq_header_init() - write the TX header of an empty queue
 * @abi: release
 * @page: header page, zeroed
 * @size_bytes: size of the queue, header page included
 *
 * Return: slots of the queue, 0 where the tables lack a field.
 */
u32 nova_msgq_header_init(const struct nova_abi *abi, void *page, u32 size_bytes);

/**
 * nova_msgq_header_check() - is this a header we can work with?
 * @abi: release
 * @page: private copy of the header page
 * @size_bytes: size of the memory that was given to the queue
 * @count: set to its slots on NOVA_LINK_OK
 *
 * Return: NOVA_LINK_OK, or what is wrong with it.
 */
enum nova_link nova_msgq_header_check(const struct nova_abi *abi, const void *page,
				      u32 size_bytes, u32 *count);

/* Addresses of the positions in a header page; NULL where the tables lack them. */
u32 *nova_msgq_write_ptr(const struct nova_abi *abi, void *page);
u32 *nova_msgq_read_ptr(const struct nova_abi *abi, void *page);

/**
 * struct nova_txq - sending side of a queue
 * @fmt: framing
 * @slot: addresses of its slots
 * @count: number of slots
 * @write_ptr: our position, in shared memory
 * @read_ptr: the consumer's position, in shared memory
 * @write: our position
 * @read: the consumer's position when we last looked and it made sense
 * @record_seq: transport sequence number of the next record
 * @sent_slots: slots ever filled
 * @consumed_slots: slots ever taken by the consumer
 * @bad_pointers: reads of a consumer position that made no sense
 */
struct nova_txq {
	struct nova_record_fmt fmt;
	void **slot;
	u32 count;
	u32 *write_ptr;
	const u32 *read_ptr;
	u32 write;
	u32 read;
	u32 record_seq;
	u64 sent_slots;
	u64 consumed_slots;
	u64 bad_pointers;
};

/**
 * nova_txq_init() - start sending
 * @q: queue
 * @abi: release
 * @own_page: header page of the queue; its TX header is written here
 * @peer_page: header page of the queue in the other direction
 * @slot: addresses of the slots of the queue
 * @size_bytes: size of the queue, header page included
 *
 * Return: 0, or -EINVAL where the tables lack a field.
 */
int nova_txq_init(struct nova_txq *q, const struct nova_abi *abi, void *own_page,
		  void *peer_page, void **slot, u32 size_bytes);

/**
 * nova_txq_refresh() - look how far the consumer is
 * @q: queue
 *
 * Updates @consumed_slots. A position that is out of range, or beyond what was
 * sent, is counted and ignored.
 *
 * Return: free slots.
 */
u32 nova_txq_refresh(struct nova_txq *q);

/**
 * nova_txq_push() - put one record into the ring and publish it
 * @q: queue
 * @rec: function, result, seq, gfid, payload; the rest is filled in
 *
 * Return: 0, -EAGAIN where the ring has too few free slots, -EMSGSIZE where the
 * payload fits no record.
 */
int nova_txq_push(struct nova_txq *q, struct nova_record *rec);

#endif /* NOVABPF_GSP_MSGQ_H */
