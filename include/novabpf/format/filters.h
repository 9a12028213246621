/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs that filter and measure (bpf/rpc, bpf/trace) keep in their
 * maps, for them and for the tool that reads it. No stable ABI: both come from
 * the same source.
 */
#ifndef NOVABPF_FILTERS_H
#define NOVABPF_FILTERS_H

#ifndef __bpf__
#include <linux/types.h>
#endif
#include <uapi/novabpf.h>

/* Stands for every vGPU without an entry of its own. */
#define NOVA_GFID_ANY	0xffffffffU

/*
 * Histogram of times in ns: four buckets between one power of two and the next, so
 * that a bucket's bounds differ by a quarter at most. Below 4 ns a bucket each; the last
 * one takes all that is longer, from 32 minutes on.
 */
#define NOVA_HIST_BUCKETS	160

static inline __u32 nova_hist_bucket(__u64 ns)
{
	__u32 log = 0, step;
	__u64 v = ns;

	for (step = 32; step; step /= 2) {
		if (v >> step) {
			v >>= step;
			log += step;
		}
	}
	if (log < 2)
		return ns;
	if (log > NOVA_HIST_BUCKETS / 4)
		return NOVA_HIST_BUCKETS - 1;
	return (log - 1) * 4 + ((ns >> (log - 2)) & 3);
}

/* Smallest time of a bucket. One bucket further: the end of the last. */
static inline __u64 nova_hist_floor(__u32 bucket)
{
	return bucket < 4 ? bucket : (4ULL + bucket % 4) << (bucket / 4 - 1);
}

/**
 * struct nova_call_key - RPCs of a kind
 * @gfid: vGPU, 0 for the host, NOVA_GFID_ANY where that is allowed
 * @op: enum nova_op
 * @cmd: control number or class
 */
struct nova_call_key {
	__u32 gfid;
	__u32 op;
	__u32 cmd;
};

/**
 * struct nova_lat - latencies of RPCs of a kind
 * @calls: RPCs that ended
 * @failed: of these, with an error of the transport or of RM
 * @queue_ns: sum of the times until they were sent
 * @firmware_ns: sum of the times from then to the reply
 * @total_ns: sum of the times from submission to the end
 * @max_ns: longest of these
 * @queue: times until they were sent
 * @firmware: times from then to the reply; none for RPCs without one
 */
struct nova_lat {
	__u64 calls;
	__u64 failed;
	__u64 queue_ns;
	__u64 firmware_ns;
	__u64 total_ns;
	__u64 max_ns;
	__u64 queue[NOVA_HIST_BUCKETS];
	__u64 firmware[NOVA_HIST_BUCKETS];
};

#define NOVA_SLOW_BYTES		1024

/**
 * struct nova_slow - an RPC that took long
 * @id: number of the RPC
 * @submit_ns: GPU clock when it was handed to the core
 * @sent_ns: its last record was in the ring; 0: never
 * @reply_ns: it was answered; 0: never
 * @end_ns: its caller got to know
 * @gfid: see struct nova_rpc_ctx, as all that follow to @comm
 * @op: operation
 * @function: number of the release
 * @cmd: control number or class
 * @seq: RPC sequence number
 * @result: rpc_result
 * @status: NV_STATUS
 * @err: 0 or -errno
 * @pid: caller
 * @calls_out: RPCs that had not ended
 * @request_len: bytes of the request; @request has the first of them
 * @reply_len: bytes of the reply
 * @request_bytes: of these in @request
 * @reply_bytes: of these in @reply
 * @comm: name of the caller
 * @request: payload as it was submitted
 * @reply: payload as it came back
 */
struct nova_slow {
	__u64 id;
	__u64 submit_ns;
	__u64 sent_ns;
	__u64 reply_ns;
	__u64 end_ns;
	__u32 gfid;
	__u32 op;
	__u32 function;
	__u32 cmd;
	__u32 seq;
	__u32 result;
	__u32 status;
	__s32 err;
	__s32 pid;
	__u32 calls_out;
	__u32 request_len;
	__u32 reply_len;
	__u32 request_bytes;
	__u32 reply_bytes;
	char comm[NOVA_NAME_LEN];
	__u8 request[NOVA_SLOW_BYTES];
	__u8 reply[NOVA_SLOW_BYTES];
};

enum nova_fw_verdict {
	NOVA_FW_NONE = 0,
	NOVA_FW_ALLOW = 1,
	NOVA_FW_DENY = 2,
};

/**
 * struct nova_fw_rule - what the firewall does with RPCs of a kind
 * @verdict: enum nova_fw_verdict
 * @reserved: 0
 * @hits: RPCs that it decided
 */
struct nova_fw_rule {
	__u32 verdict;
	__u32 reserved;
	__u64 hits;
};

/**
 * struct nova_fw_event - an RPC that the firewall refused, or would have
 * @now_ns: GPU clock
 * @id: number of the RPC
 * @gfid: vGPU
 * @op: operation
 * @function: number of the release
 * @cmd: control number or class
 * @pid: caller
 * @enforced: it was refused
 * @comm: name of the caller
 */
struct nova_fw_event {
	__u64 now_ns;
	__u64 id;
	__u32 gfid;
	__u32 op;
	__u32 function;
	__u32 cmd;
	__s32 pid;
	__u32 enforced;
	char comm[NOVA_NAME_LEN];
};

/**
 * struct nova_limit - rate limit of a vGPU
 * @rate: RPCs per second; 0: no limit
 * @burst: RPCs in one burst
 */
struct nova_limit {
	__u32 rate;
	__u32 burst;
};

/**
 * struct nova_limit_state - the bucket of a vGPU
 * @full_ns: when it is full again (GPU clock)
 * @calls: RPCs of the vGPU
 * @throttled: delayed RPCs
 * @clipped: RPCs beyond the longest delay: delayed that long, or refused
 * @wait_ns: sum of the delays
 */
struct nova_limit_state {
	__u64 full_ns;
	__u64 calls;
	__u64 throttled;
	__u64 clipped;
	__u64 wait_ns;
};

/**
 * struct nova_top_key - a vGPU of a GPU
 * @gpu: N of gpuN
 * @gfid: vGPU, 0 for the host
 */
struct nova_top_key {
	__u32 gpu;
	__u32 gfid;
};

/**
 * struct nova_top - what tracepoints tell about it
 * @submitted: RPCs submitted to the core
 * @done: RPCs that ended
 * @failed: of these, with an error of the transport or of RM
 * @timeouts: deadlines that passed
 * @events: of the firmware
 * @denied: RPCs that a hook refused
 * @throttled: RPCs that a hook delayed
 * @injected: other actions of hooks that were done
 * @queue_ns: sum of the times until RPCs were sent
 * @firmware_ns: sum of the times from then to the reply
 * @total: times from submission to the end
 */
struct nova_top {
	__u64 submitted;
	__u64 done;
	__u64 failed;
	__u64 timeouts;
	__u64 events;
	__u64 denied;
	__u64 throttled;
	__u64 injected;
	__u64 queue_ns;
	__u64 firmware_ns;
	__u64 total[NOVA_HIST_BUCKETS];
};

#endif /* NOVABPF_FILTERS_H */
