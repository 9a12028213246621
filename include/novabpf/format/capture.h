/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One captured RPC or event: a record of the capturing BPF program for user space, and
 * the pseudo-header of a record in a pcapng file (Documentation/record.rst). Little
 * endian, no padding; members are only ever appended, with a larger header_bytes.
 */
#ifndef NOVABPF_CAPTURE_H
#define NOVABPF_CAPTURE_H

#define NOVA_CAPTURE_MAGIC		0x5042564e	/* "NVBP" */
#define NOVA_CAPTURE_VERSION		1
#define NOVA_CAPTURE_BYTES		168
/* Bytes of the first version, without later additions. */
#define NOVA_CAPTURE_BYTES_MIN		160
#define NOVA_CAPTURE_COMM_LEN		16
#define NOVA_CAPTURE_RELEASE_LEN	24
/* Most bytes of a payload in one record. */
#define NOVA_CAPTURE_PAYLOAD_MAX	65536
/* Most bytes of a payload that are kept, in pieces. */
#define NOVA_CAPTURE_WHOLE_MAX		(1024 * 1024)
/* Link type of the files: LINKTYPE_USER0. */
#define NOVA_CAPTURE_LINKTYPE		147

/**
 * enum nova_capture_kind - what was captured
 * @NOVA_CAPTURE_REQUEST: an RPC went into the ring
 * @NOVA_CAPTURE_REPLY: the firmware answered it
 * @NOVA_CAPTURE_EVENT: the firmware sent an event
 * @NOVA_CAPTURE_BAD: a record of the firmware was refused; see reason
 * @NOVA_CAPTURE_END: an RPC ended without a reply; see err and fate
 * @NOVA_CAPTURE_MORE: more of the payload of an earlier record of the same RPC, of the
 *	kind in of_kind; other records may come between them
 */
enum nova_capture_kind {
	NOVA_CAPTURE_REQUEST = 1,
	NOVA_CAPTURE_REPLY = 2,
	NOVA_CAPTURE_EVENT = 3,
	NOVA_CAPTURE_BAD = 4,
	NOVA_CAPTURE_END = 5,
	NOVA_CAPTURE_MORE = 6,
};

/**
 * struct nova_capture - pseudo-header
 * @magic: NOVA_CAPTURE_MAGIC
 * @version: NOVA_CAPTURE_VERSION
 * @header_bytes: size of this structure; RPC header and payload follow
 * @kind: enum nova_capture_kind
 * @gpu: number of the GPU
 * @gfid: on whose behalf, 0 for the host
 * @op: stable id of the operation, enum nova_op
 * @id: of the RPC, counts up per GPU; 0 for events
 * @time_ns: when, by the GPU's clock
 * @queued_ns: time that the RPC waited to be sent
 * @firmware_ns: how long the firmware took
 * @total_ns: from submission to now
 * @pid: process that called
 * @err: -errno of an RPC that ended without a reply
 * @fate: enum nova_rpc_fate
 * @reason: enum nova_record_verdict of a refused record
 * @function: number of the function or event in this release
 * @result: rpc_result
 * @result_private: rpc_result_private
 * @seq: sequence number of the RPC header
 * @record_seq: sequence number of the transport
 * @records: records that carried it, 0 where not known
 * @status: NV_STATUS inside the payload of a reply
 * @cmd: control number, class, or 0
 * @len_bytes: bytes of payload on the wire
 * @payload_bytes: bytes of payload in this record
 * @comm: name of the process
 * @release: of the firmware
 * @payload_at: where these bytes stand in the payload; 0 but for more of one
 * @of_kind: kind of the record of which this is more, or 0
 */
struct nova_capture {
	__u32 magic;
	__u16 version;
	__u16 header_bytes;
	__u32 kind;
	__u32 gpu;
	__u32 gfid;
	__u32 op;
	__u64 id;
	__u64 time_ns;
	__u64 queued_ns;
	__u64 firmware_ns;
	__u64 total_ns;
	__s32 pid;
	__s32 err;
	__u32 fate;
	__u32 reason;
	__u32 function;
	__u32 result;
	__u32 result_private;
	__u32 seq;
	__u32 record_seq;
	__u32 records;
	__u32 status;
	__u32 cmd;
	__u32 len_bytes;
	__u32 payload_bytes;
	char comm[NOVA_CAPTURE_COMM_LEN];
	char release[NOVA_CAPTURE_RELEASE_LEN];
	__u32 payload_at;
	__u32 of_kind;
};

#endif /* NOVABPF_CAPTURE_H */
