// SPDX-License-Identifier: GPL-2.0-only
/*
 * Record framing. Pure: no kernel services, no shared memory on the receiving
 * side (the caller hands in private copies, which the firmware cannot change
 * under the checks).
 */
#include "record.h"

static int record_pos_of(const struct nova_abi *abi, enum nova_field f, u32 base, u16 *off)
{
	struct nova_field_pos pos;
	int err = nova_field_pos(abi, f, &pos);

	if (err || pos.size != sizeof(u32))
		return -EINVAL;
	*off = base + pos.off;
	return 0;
}

int nova_record_fmt_init(struct nova_record_fmt *fmt, const struct nova_abi *abi)
{
	struct nova_field_pos pos;
	int err;

	memset(fmt, 0, sizeof(*fmt));
	if (nova_field_pos(abi, NOVA_ELEM_RPC, &pos))
		return -EINVAL;
	fmt->rpc = pos.off;
	err = record_pos_of(abi, NOVA_ELEM_CHECKSUM, 0, &fmt->checksum);
	err = err ?: record_pos_of(abi, NOVA_ELEM_SEQ_NUM, 0, &fmt->record_seq);
	err = err ?: record_pos_of(abi, NOVA_RPC_HEADER_VERSION, fmt->rpc, &fmt->version);
	err = err ?: record_pos_of(abi, NOVA_RPC_SIGNATURE, fmt->rpc, &fmt->signature);
	err = err ?: record_pos_of(abi, NOVA_RPC_LENGTH, fmt->rpc, &fmt->length);
	err = err ?: record_pos_of(abi, NOVA_RPC_FUNCTION, fmt->rpc, &fmt->function);
	err = err ?: record_pos_of(abi, NOVA_RPC_RESULT, fmt->rpc, &fmt->result);
	err = err ?: record_pos_of(abi, NOVA_RPC_RESULT_PRIVATE, fmt->rpc, &fmt->result_private);
	err = err ?: record_pos_of(abi, NOVA_RPC_SEQUENCE, fmt->rpc, &fmt->seq);
	err = err ?: record_pos_of(abi, NOVA_RPC_GFID, fmt->rpc, &fmt->gfid);
	if (err)
		return err;
	fmt->has_elem_count = !record_pos_of(abi, NOVA_ELEM_ELEM_COUNT, 0, &fmt->elem_count);
	fmt->checksum_whole = abi->rules->checksum_whole;
	fmt->continuation = nova_op_number(abi, NOVA_OP_RPC_CONTINUATION_RECORD);
	return fmt->continuation ? 0 : -EINVAL;
}

static u64 record_xor_words(const u8 *p, u32 len)
{
	u64 x = 0, tail = 0;
	u32 i;

	for (i = 0; i + 8 <= len; i += 8)
		x ^= get_unaligned_le64(p + i);
	for (; i < len; i++)
		tail |= (u64)p[i] << (8 * (i & 7));
	return x ^ tail;
}

static u32 record_fold(u64 x)
{
	return (u32)(x >> 32) ^ (u32)x;
}

u32 nova_xor_fold(const void *data, u32 len)
{
	return record_fold(record_xor_words(data, len));
}

/* Fills one slot with the part of header and payload that belongs there. */
static void record_fill_slot(u8 *slot, const u8 *head, u32 head_len, const u8 *payload,
			     u32 payload_len)
{
	if (head_len)
		memcpy(slot, head, head_len);
	if (payload_len)
		memcpy(slot + head_len, payload, payload_len);
	memset(slot + head_len + payload_len, 0, NOVA_MSGQ_SLOT_BYTES - head_len - payload_len);
}

u32 nova_record_build(const struct nova_record_fmt *fmt, struct nova_record *rec,
		      void *const *slot_of, u32 count)
{
	u8 head[128] = {};
	u32 head_len = fmt->rpc + NOVA_RPC_HDR_BYTES;
	u32 done = 0, k, n;
	u64 x = 0;

	rec->slots = nova_record_slots(fmt, rec->payload_len);
	rec->length = NOVA_RPC_HDR_BYTES + rec->payload_len;
	put_unaligned_le32(rec->record_seq, head + fmt->record_seq);
	if (fmt->has_elem_count)
		put_unaligned_le32(rec->slots, head + fmt->elem_count);
	put_unaligned_le32(rec->version, head + fmt->version);
	put_unaligned_le32(rec->signature, head + fmt->signature);
	put_unaligned_le32(rec->length, head + fmt->length);
	put_unaligned_le32(rec->function, head + fmt->function);
	put_unaligned_le32(rec->result, head + fmt->result);
	put_unaligned_le32(rec->result_private, head + fmt->result_private);
	put_unaligned_le32(rec->seq, head + fmt->seq);
	put_unaligned_le32(rec->gfid, head + fmt->gfid);

	for (k = 0; k < rec->slots; k++) {
		u8 *slot = slot_of[(rec->slot + k) % count];
		u32 room = NOVA_MSGQ_SLOT_BYTES - (k ? 0 : head_len);

		n = min(room, rec->payload_len - done);
		record_fill_slot(slot, head, k ? 0 : head_len, rec->payload + done, n);
		x ^= record_xor_words(slot, NOVA_MSGQ_SLOT_BYTES);
		done += n;
	}
	put_unaligned_le32(record_fold(x), (u8 *)slot_of[rec->slot] + fmt->checksum);
	return rec->slots;
}

enum nova_record_verdict nova_record_head(const struct nova_record_fmt *fmt, const u8 *slot,
					  struct nova_record *rec)
{
	u32 least = NOVA_RPC_HDR_BYTES, most = NOVA_RECORD_BYTES_MAX - fmt->rpc;

	rec->record_seq = get_unaligned_le32(slot + fmt->record_seq);
	rec->version = get_unaligned_le32(slot + fmt->version);
	rec->signature = get_unaligned_le32(slot + fmt->signature);
	rec->length = get_unaligned_le32(slot + fmt->length);
	rec->function = get_unaligned_le32(slot + fmt->function);
	rec->result = get_unaligned_le32(slot + fmt->result);
	rec->result_private = get_unaligned_le32(slot + fmt->result_private);
	rec->seq = get_unaligned_le32(slot + fmt->seq);
	rec->gfid = get_unaligned_le32(slot + fmt->gfid);
	rec->elem_count = fmt->has_elem_count ? get_unaligned_le32(slot + fmt->elem_count) : 0;
	rec->payload = NULL;

	if (fmt->has_elem_count &&
	    (rec->elem_count < 1 || rec->elem_count > NOVA_RECORD_ELEMS_MAX))
		return NOVA_RECORD_BAD_ELEMCOUNT;
	if (rec->length < least || rec->length > most)
		return NOVA_RECORD_BAD_LENGTH;
	rec->payload_len = rec->length - NOVA_RPC_HDR_BYTES;
	rec->slots = nova_record_slots(fmt, rec->payload_len);
	if (!fmt->has_elem_count)
		rec->elem_count = rec->slots;
	if (rec->elem_count != rec->slots)
		return NOVA_RECORD_BAD_ELEMCOUNT;
	return NOVA_RECORD_OK;
}

enum nova_record_verdict nova_record_body(const struct nova_record_fmt *fmt, const u8 *buf,
					  struct nova_record *rec)
{
	u32 covered = fmt->checksum_whole ? rec->slots * NOVA_MSGQ_SLOT_BYTES :
					    fmt->rpc + rec->length;

	if (nova_xor_fold(buf, covered))
		return NOVA_RECORD_BAD_CHECKSUM;
	/* Continuations may come with both zero (confidential compute). */
	if (rec->function != fmt->continuation) {
		if (rec->version != NOVA_WIRE_HEADER_VERSION)
			return NOVA_RECORD_BAD_VERSION;
		if (rec->signature != NOVA_WIRE_SIGNATURE)
			return NOVA_RECORD_BAD_SIGNATURE;
	}
	rec->payload = buf + fmt->rpc + NOVA_RPC_HDR_BYTES;
	return NOVA_RECORD_OK;
}
