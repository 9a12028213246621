/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receiving side of a queue: takes records out of memory that the firmware
 * writes and believes nothing it reads there. Pure.
 *
 * Whatever the firmware does, the position moves on: a bad record is reported
 * once and consumed, and the stream resynchronises at the next slot where a
 * whole valid record starts.
 */
#ifndef NOVABPF_GSP_RXQ_H
#define NOVABPF_GSP_RXQ_H

#include "msgq.h"

/* Transport sequence numbers further away than this are no gap but nonsense. */
#define NOVA_RXQ_SEQ_WINDOW	1024
/* So many records in a row, numbered one after another, make a new count. */
#define NOVA_RXQ_SEQ_ADOPT	4

/**
 * struct nova_rxq - receiving side
 * @fmt: framing
 * @slot: addresses of the queue's slots
 * @count: number of slots
 * @write_ptr: the producer's position, in shared memory
 * @read_ptr: our position, in shared memory
 * @staging: NOVA_RECORD_BYTES_MAX bytes for private copies
 * @read: our position
 * @expected: next transport sequence number
 * @bad_since: records refused since the last good one: they had numbers too
 * @odd_seq: last number that was out of order
 * @odd_run: how many such came one after another
 * @bad_write: producer position last reported as bad, with @bad_pointer
 * @bad_pointer: the position is bad and was reported
 * @resync: looking for the next valid record; bad slots are dropped silently
 * @incomplete: a record is there but not all of its slots
 * @resync_slots: slots dropped while looking
 * @linked: the queue exists
 */
struct nova_rxq {
	struct nova_record_fmt fmt;
	void **slot;
	u32 count;
	const u32 *write_ptr;
	u32 *read_ptr;
	u8 *staging;
	u32 read;
	u32 expected;
	u32 bad_since;
	u32 odd_seq;
	u32 odd_run;
	u32 bad_write;
	bool bad_pointer;
	bool resync;
	bool incomplete;
	u64 resync_slots;
	bool linked;
};

/**
 * enum nova_rx - outcome of nova_rxq_poll()
 * @NOVA_RX_EMPTY: nothing more (see @incomplete for the exception)
 * @NOVA_RX_RECORD: a good record; if its @lost is not 0, others are missing
 * @NOVA_RX_BAD: something was refused (and consumed)
 */
enum nova_rx {
	NOVA_RX_EMPTY,
	NOVA_RX_RECORD,
	NOVA_RX_BAD,
};

/**
 * nova_rxq_init() - start receiving
 * @q: queue; @staging is set
 * @abi: release
 * @own_page: header page of our own queue, where our read position is kept
 * @peer_page: header page of the queue we read
 * @slot: addresses of the slots of the queue we read
 * @count: number of slots, from nova_msgq_header_check()
 *
 * Return: 0, or -EINVAL where the tables lack a field.
 */
int nova_rxq_init(struct nova_rxq *q, const struct nova_abi *abi, void *own_page,
		  void *peer_page, void **slot, u32 count);

/**
 * nova_rxq_poll() - take the next record
 * @q: queue
 * @force: do not wait any longer for the rest of an incomplete record
 * @rec: the record on NOVA_RX_RECORD (valid until the next call); what could be
 *	read of it on NOVA_RX_BAD: @slots are those consumed
 * @why: reason on NOVA_RX_BAD
 *
 * Every call that does not return NOVA_RX_EMPTY has consumed at least one slot,
 * except for NOVA_RECORD_BAD_POINTER, which is reported once per value.
 *
 * Return: what is in @rec and @why.
 */
enum nova_rx nova_rxq_poll(struct nova_rxq *q, bool force, struct nova_record *rec,
			   enum nova_record_verdict *why);

/* Something is waiting in the queue (or its pointer is bad). */
bool nova_rxq_pending(const struct nova_rxq *q);

#endif /* NOVABPF_GSP_RXQ_H */
