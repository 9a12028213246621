/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * RPCs from user space: /sys/kernel/debug/novabpf/gpuN/call, for root, with the
 * parameter allow_raw_calls=1. A write is one RPC, struct nova_raw_call and its payload,
 * and returns when the RPC has ended. A read from the start of the file then gives struct
 * nova_raw_result and the payload of the reply.
 */
#ifndef _UAPI_NOVABPF_CALL_H
#define _UAPI_NOVABPF_CALL_H

#include <linux/types.h>

/* Most bytes of a payload, either way. */
#define NOVA_RAW_PAYLOAD_MAX	(1024 * 1024)

/**
 * struct nova_raw_call - an RPC
 * @op: stable id, enum nova_op; boot, unload and continuations are refused
 * @gfid: on whose behalf, 0 for the host
 * @len: bytes of payload that follow
 * @reserved: 0
 */
struct nova_raw_call {
	__u32 op;
	__u32 gfid;
	__u32 len;
	__u32 reserved;
};

/**
 * struct nova_raw_result - how it ended
 * @err: 0 where the firmware answered, else -errno of the transport
 * @fate: enum nova_rpc_fate
 * @result: rpc_result
 * @status: NV_STATUS inside the payload
 * @len_bytes: payload that the firmware sent
 * @payload_bytes: part of it that follows
 */
struct nova_raw_result {
	__s32 err;
	__u32 fate;
	__u32 result;
	__u32 status;
	__u32 len_bytes;
	__u32 payload_bytes;
};

#endif /* _UAPI_NOVABPF_CALL_H */
