/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Record framing: how one RPC message lies in the slots of a ring. Pure.
 */
#ifndef NOVABPF_GSP_RECORD_H
#define NOVABPF_GSP_RECORD_H

#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>
#include <uapi/novabpf.h>

/**
 * struct nova_record_fmt - framing of one release
 * @checksum: offset of the checksum in the first slot
 * @record_seq: offset of the transport sequence number
 * @elem_count: offset of the element count; only with @has_elem_count
 * @rpc: offset of the RPC header, which is the size of the element header
 * @version: offsets of the RPC header's fields, from the start of the slot
 * @signature: see @version
 * @length: see @version
 * @function: see @version
 * @result: see @version
 * @result_private: see @version
 * @seq: see @version
 * @gfid: see @version
 * @has_elem_count: false: the count follows from the length
 * @checksum_whole: the sender's checksum covers whole slots
 * @continuation: function number of continuation records
 */
struct nova_record_fmt {
	u16 checksum;
	u16 record_seq;
	u16 elem_count;
	u16 rpc;
	u16 version;
	u16 signature;
	u16 length;
	u16 function;
	u16 result;
	u16 result_private;
	u16 seq;
	u16 gfid;
	bool has_elem_count;
	bool checksum_whole;
	u32 continuation;
};

/**
 * struct nova_record - one record
 * @slot: first slot
 * @slots: number of slots
 * @lost: records missing before it, by its transport sequence number
 * @record_seq: transport sequence number
 * @elem_count: as the sender says, or @slots in releases without the field
 * @version: RPC header
 * @signature: RPC header
 * @length: RPC header: bytes of header and payload
 * @function: RPC header
 * @result: RPC header
 * @result_private: RPC header
 * @seq: RPC header
 * @gfid: RPC header
 * @payload: what follows the RPC header
 * @payload_len: bytes
 */
struct nova_record {
	u32 slot;
	u32 slots;
	u32 lost;
	u32 record_seq;
	u32 elem_count;
	u32 version;
	u32 signature;
	u32 length;
	u32 function;
	u32 result;
	u32 result_private;
	u32 seq;
	u32 gfid;
	const u8 *payload;
	u32 payload_len;
};

/**
 * nova_record_fmt_init() - framing of a release
 * @fmt: filled in
 * @abi: release
 *
 * Return: 0, or -EINVAL where the tables lack a field that framing needs.
 */
int nova_record_fmt_init(struct nova_record_fmt *fmt, const struct nova_abi *abi);

/**
 * nova_record_payload_max() - most payload bytes that fit one record
 * @fmt: framing
 *
 * Return: bytes.
 */
static inline u32 nova_record_payload_max(const struct nova_record_fmt *fmt)
{
	return NOVA_RECORD_BYTES_MAX - fmt->rpc - NOVA_RPC_HDR_BYTES;
}

/**
 * nova_record_slots() - slots that a payload needs
 * @fmt: framing
 * @payload_len: bytes, at most nova_record_payload_max()
 *
 * Return: slots.
 */
static inline u32 nova_record_slots(const struct nova_record_fmt *fmt, u32 payload_len)
{
	return DIV_ROUND_UP(fmt->rpc + NOVA_RPC_HDR_BYTES + payload_len, NOVA_MSGQ_SLOT_BYTES);
}

/**
 * nova_xor_fold() - the checksum of the wire
 * @data: bytes; padded with zeros to a multiple of 8
 * @len: number of bytes
 *
 * Return: XOR of the 64-bit little-endian words, high half XOR low half.
 */
u32 nova_xor_fold(const void *data, u32 len);

/**
 * nova_record_build() - write a record into slots
 * @fmt: framing
 * @rec: header fields, payload; @slot is where it starts, @slots is filled in
 * @slot_of: slots of the ring
 * @count: number of slots in the ring; the record may wrap
 *
 * Whatever the sender's coverage of the checksum, the rest of the last slot is
 * zeroed, so that both coverages give the same sum.
 *
 * Return: slots used. The caller has checked that they are free.
 */
u32 nova_record_build(const struct nova_record_fmt *fmt, struct nova_record *rec,
		      void *const *slot_of, u32 count);

/**
 * nova_record_head() - read and check what the first slot says of the size
 * @fmt: framing
 * @slot: private copy of the first slot (4096 bytes)
 * @rec: all header fields, @slots and @payload_len filled in
 *
 * Return: NOVA_RECORD_OK, or NOVA_RECORD_BAD_ELEMCOUNT or _BAD_LENGTH; then
 * only the raw header fields of @rec mean anything.
 */
enum nova_record_verdict nova_record_head(const struct nova_record_fmt *fmt, const u8 *slot,
					  struct nova_record *rec);

/**
 * nova_record_body() - check a whole record
 * @fmt: framing
 * @buf: private copy of @rec->slots slots
 * @rec: from nova_record_head(); @payload filled in
 *
 * Return: NOVA_RECORD_OK, _BAD_CHECKSUM, _BAD_VERSION or _BAD_SIGNATURE.
 */
enum nova_record_verdict nova_record_body(const struct nova_record_fmt *fmt, const u8 *buf,
					  struct nova_record *rec);

#endif /* NOVABPF_GSP_RECORD_H */
