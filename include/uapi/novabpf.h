/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Values that appear in tracepoints, sysfs and debugfs. Numbers are never
 * reused; new ones are appended.
 */
#ifndef _UAPI_NOVABPF_H
#define _UAPI_NOVABPF_H

/* Bytes of the name fields in tracepoints, terminating NUL included. */
#define NOVA_TRACE_NAME_LEN	40

/**
 * enum nova_gsp_state - life of the firmware of one GPU
 * @NOVA_GSP_OFF: not started, or unloaded
 * @NOVA_GSP_PREPARE: images checked, memory laid out
 * @NOVA_GSP_START: processors started, boot messages arriving
 * @NOVA_GSP_LINKED: status queue found, waiting for INIT_DONE
 * @NOVA_GSP_HANDSHAKE: INIT_DONE seen; version handshake, static information
 * @NOVA_GSP_READY: serving calls
 * @NOVA_GSP_UNLOADING: told to unload
 * @NOVA_GSP_FAILED: boot failed or firmware halted; refuses calls
 */
enum nova_gsp_state {
	NOVA_GSP_OFF = 0,
	NOVA_GSP_PREPARE = 1,
	NOVA_GSP_START = 2,
	NOVA_GSP_LINKED = 3,
	NOVA_GSP_HANDSHAKE = 4,
	NOVA_GSP_READY = 5,
	NOVA_GSP_UNLOADING = 6,
	NOVA_GSP_FAILED = 7,
};

/**
 * enum nova_record_verdict - what became of a received record
 * @NOVA_RECORD_OK: well formed
 * @NOVA_RECORD_INCOMPLETE: shorter than it says; more slots may follow
 * @NOVA_RECORD_BAD_POINTER: the firmware's write pointer is not below msgCount
 * @NOVA_RECORD_BAD_ELEMCOUNT: element count is not 1..16 or not what the length needs
 * @NOVA_RECORD_BAD_LENGTH: RPC length out of bounds
 * @NOVA_RECORD_BAD_CHECKSUM: checksum does not verify
 * @NOVA_RECORD_BAD_SIGNATURE: RPC signature wrong
 * @NOVA_RECORD_BAD_VERSION: RPC header version wrong
 * @NOVA_RECORD_STALE: transport sequence number seen before
 * @NOVA_RECORD_GAP: transport sequence number skipped: records were lost; this
 *	record itself is used
 * @NOVA_RECORD_BAD_SEQUENCE: transport sequence number far from the expected one
 * @NOVA_RECORD_BAD_FUNCTION: function number unknown to the release
 * @NOVA_RECORD_ORPHAN: continuation record that continues nothing
 * @NOVA_RECORD_UNMATCHED: reply that answers no call of ours
 * @NOVA_RECORD_LATE: reply to a call that had timed out
 * @NOVA_RECORD_BAD_PAYLOAD: reply or event whose payload is malformed
 */
enum nova_record_verdict {
	NOVA_RECORD_OK = 0,
	NOVA_RECORD_INCOMPLETE = 1,
	NOVA_RECORD_BAD_POINTER = 2,
	NOVA_RECORD_BAD_ELEMCOUNT = 3,
	NOVA_RECORD_BAD_LENGTH = 4,
	NOVA_RECORD_BAD_CHECKSUM = 5,
	NOVA_RECORD_BAD_SIGNATURE = 6,
	NOVA_RECORD_BAD_VERSION = 7,
	NOVA_RECORD_STALE = 8,
	NOVA_RECORD_GAP = 9,
	NOVA_RECORD_BAD_SEQUENCE = 10,
	NOVA_RECORD_BAD_FUNCTION = 11,
	NOVA_RECORD_ORPHAN = 12,
	NOVA_RECORD_UNMATCHED = 13,
	NOVA_RECORD_LATE = 14,
	NOVA_RECORD_BAD_PAYLOAD = 15,
	NOVA_RECORD_VERDICTS
};

/**
 * enum nova_rpc_fate - how far a call got
 * @NOVA_FATE_NONE: not ended yet
 * @NOVA_FATE_ANSWERED: the reply was delivered
 * @NOVA_FATE_POSTED: needs no reply and was sent
 * @NOVA_FATE_NOT_SENT: timed out or aborted before it got a place in the ring
 * @NOVA_FATE_NOT_CONSUMED: timed out; GSP never took the request
 * @NOVA_FATE_UNANSWERED: timed out; GSP took the request and did not answer
 * @NOVA_FATE_LATE: timed out as @NOVA_FATE_UNANSWERED, and answered afterwards
 * @NOVA_FATE_HALTED: the firmware halted while the call was in flight
 * @NOVA_FATE_ABORTED: the GPU was removed or reset while it was in flight
 * @NOVA_FATE_BAD_REPLY: answered, and the answer was malformed
 */
enum nova_rpc_fate {
	NOVA_FATE_NONE = 0,
	NOVA_FATE_ANSWERED = 1,
	NOVA_FATE_POSTED = 2,
	NOVA_FATE_NOT_SENT = 3,
	NOVA_FATE_NOT_CONSUMED = 4,
	NOVA_FATE_UNANSWERED = 5,
	NOVA_FATE_LATE = 6,
	NOVA_FATE_HALTED = 7,
	NOVA_FATE_ABORTED = 8,
	NOVA_FATE_BAD_REPLY = 9,
	NOVA_FATES
};

#endif /* _UAPI_NOVABPF_H */
