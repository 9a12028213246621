/* SPDX-License-Identifier: GPL-2.0-only */
/* RPCs to the firmware. Private to the core; drivers use novabpf/driver/rm.h. */
#ifndef NOVABPF_GSP_RPC_H
#define NOVABPF_GSP_RPC_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <novabpf/driver/abi.h>
#include <uapi/novabpf.h>
#include "flow.h"
#include "../hook/hook.h"
#include "../queue/match.h"

struct nova_gsp;

/**
 * enum nova_rpc_flags - how an RPC is sent
 * @NOVA_RPC_NO_REPLY: no reply is expected: it ends once it is in the ring
 * @NOVA_RPC_SLOW: longer deadline, for slow operations such as vGPU plugin teardown
 * @NOVA_RPC_PROBE: barrier of the core to expire late entries; see match.h
 * @NOVA_RPC_UNHOOKED: made by a hook or the core, not shown to hooks
 * @NOVA_RPC_URGENT: of the core's scheduler, ahead of tenants' requests; see flow.h
 */
enum nova_rpc_flags {
	NOVA_RPC_NO_REPLY	= 0x1,
	NOVA_RPC_SLOW		= 0x2,
	NOVA_RPC_PROBE		= 0x4,
	NOVA_RPC_UNHOOKED	= 0x8,
	NOVA_RPC_URGENT		= 0x10,
};

/**
 * struct nova_rpc - one RPC
 * @release: of the firmware that it is for
 * @gpu_id: GPU
 * @gfid: on whose behalf, 0 for the host
 * @id: counts up per GPU
 * @op: what, by stable id
 * @function: what, by number of the release
 * @cmd: control number, class, or 0
 * @flags: NOVA_RPC_*
 * @pid: caller, or whom the caller interrupted
 * @comm: its name
 * @req: payload of the request (after the RPC header)
 * @len: bytes of @req
 * @sent: bytes of @req already in the ring
 * @records: records already in the ring
 * @reply: buffer for the payload of the reply
 * @reply_cap: bytes of @reply
 * @reply_len: bytes of payload the firmware sent
 * @reply_want: total payload of a reply that spans records
 * @reply_conts: continuation records received
 * @seq: RPC sequence number
 * @record_seq: transport sequence number of the first record
 * @end_slot: position in the command queue after the last record
 * @result: rpc_result of the reply
 * @result_private: rpc_result_private of the reply, for those who record
 * @status: status inside the payload (control, alloc, free)
 * @err: 0 or -errno: transport only
 * @fate: enum nova_rpc_fate
 * @consumed: GSP took the request from the ring
 * @held: was held back behind a late reply
 * @submit_ns: handed to the core (all stamps: GPU clock)
 * @sent_ns: last record in the ring
 * @consumed_ns: noticed that GSP had taken it; 0 if not noticed
 * @reply_ns: reply complete
 * @done_ns: delivered
 * @deadline_ns: when it times out
 * @timeouts: how many in a row it made with those before; see recover.h
 * @ring: ring pointers when it ended: cmdq write, cmdq read, statq write, read
 * @key: identity of the reply
 * @entry: entry in the in-flight table, or NULL
 * @flow: place in the queue of its vGPU; see flow.h
 * @node: in nova_gsp.pending, or in a list of finished calls
 * @rcu: for freeing
 * @ref: one for the caller, one for the engine
 * @done: completion, when there is no @cb
 * @counted: the waiter is in the busy count; see nova_busy_begin()
 * @hooked: hooks have seen its end
 * @hook_reqs: requests of hooks at its submission
 * @held_back: not sent, or not delivered, before that; see hook.h
 * @send_after: sent once the GPU has sent so many calls, or
 * @send_by_ns: at that time
 * @cb: called once when the call ended; in the worker, or in the thread that stops
 *	the firmware; must not sleep; may submit further calls
 * @priv: for @cb
 */
struct nova_rpc {
	const char *release;
	u32 gpu_id;
	u32 gfid;
	u64 id;
	enum nova_op op;
	u32 function;
	u32 cmd;
	u32 flags;
	s32 pid;
	char comm[TASK_COMM_LEN];

	void *req;
	u32 len;
	u32 sent;
	u32 records;
	void *reply;
	u32 reply_cap;
	u32 reply_len;
	u32 reply_want;
	u32 reply_conts;

	u32 seq;
	u32 record_seq;
	u64 end_slot;
	u32 result;
	u32 result_private;
	u32 status;
	int err;
	enum nova_rpc_fate fate;
	bool consumed;
	bool held;
	u64 submit_ns;
	u64 sent_ns;
	u64 consumed_ns;
	u64 reply_ns;
	u64 done_ns;
	u64 deadline_ns;
	u32 timeouts;
	u32 ring[4];

	struct nova_match_key key;
	struct nova_inflight_entry *entry;
	struct nova_flow_call flow;
	struct list_head node;
	struct rcu_head rcu;
	struct kref ref;
	struct completion done;
	bool counted;
	bool hooked;
	struct nova_hook_requests hook_reqs;
	struct nova_held held_back;
	u64 send_after;
	u64 send_by_ns;
	void (*cb)(struct nova_rpc *rpc);
	void *priv;
};

/**
 * nova_rpc_alloc() - make a call
 * @gsp: firmware with a release set
 * @op: operation
 * @len: payload bytes of the request; zeroed, fill in @req
 * @reply_cap: most payload bytes of a reply that the caller wants
 * @gfp: allocation flags
 *
 * Return: the call (one reference), or ERR_PTR: -EOPNOTSUPP where the release
 * has no such operation, -E2BIG where it can't fit the ring, -ENOMEM.
 */
struct nova_rpc *nova_rpc_alloc(struct nova_gsp *gsp, enum nova_op op, u32 len,
				u32 reply_cap, gfp_t gfp);
void nova_rpc_put(struct nova_rpc *rpc);

/**
 * nova_rpc_post() - submit and go on
 * @gsp: firmware
 * @rpc: from nova_rpc_alloc(), filled in, @cb set (NULL: no waiter)
 *
 * Never sleeps or spins: where the ring is full the call queues. The caller's
 * reference stays the caller's. @rpc->cb is called exactly once where 0 is
 * returned, and not at all otherwise. It comes from the worker, never from here:
 * the poster may hold locks that @cb takes.
 *
 * Context: any.
 * Return: 0; -ENODEV, -EIO, -ESHUTDOWN where the firmware takes no calls; -EAGAIN
 * while it is being reset and booted again; -EINVAL where there is no such gfid.
 */
int nova_rpc_post(struct nova_gsp *gsp, struct nova_rpc *rpc);

/**
 * nova_rpc_call() - submit and wait for the end
 * @gsp: firmware
 * @rpc: from nova_rpc_alloc(), filled in, @cb NULL
 *
 * Bounded by the deadline of the call's class. On 0 a well-formed reply with
 * rpc_result 0 is in @rpc->reply (reply_len bytes, at most reply_cap of them
 * stored); @rpc->result and @rpc->status hold what the firmware said in every
 * case in which it answered.
 *
 * Context: may sleep; not from an event handler that runs in the worker.
 * Return: 0; -ETIMEDOUT; -EREMOTEIO where rpc_result is not 0; -EBADMSG where
 * the reply is malformed; -EIO, -ENODEV, -ESHUTDOWN, -EAGAIN.
 */
int nova_rpc_call(struct nova_gsp *gsp, struct nova_rpc *rpc);

/**
 * nova_rpc_start() - take calls from now on
 * @gsp: firmware with queues
 *
 * Context: may sleep.
 */
void nova_rpc_start(struct nova_gsp *gsp);

/**
 * nova_rpc_stop() - end all calls and take no more
 * @gsp: firmware; gpu->irq_on is false already
 * @err: -errno the calls end with
 * @fate: why
 *
 * On return neither the worker nor the timer runs. Context: may sleep; not from
 * the worker.
 */
void nova_rpc_stop(struct nova_gsp *gsp, int err, enum nova_rpc_fate fate);

/* gsp/rpc/send.c; with gsp->lock held. */
void nova_rpc_send_pending(struct nova_gsp *gsp, struct list_head *ended);
void nova_rpc_doorbell(struct nova_gsp *gsp);

/* For the worker, gsp/rpc/rx.c; all with gsp->lock held. */
void nova_rpc_end(struct nova_gsp *gsp, struct nova_rpc *rpc, int err,
		  enum nova_rpc_fate fate, struct list_head *ended);
void nova_rpc_end_all(struct nova_gsp *gsp, int err, enum nova_rpc_fate fate,
		      struct list_head *ended);
u64 nova_rpc_check_deadlines(struct nova_gsp *gsp, u64 now_ns, struct list_head *ended);

/* Takes an RPC in without sending it. Return: as nova_rpc_post(). */
int nova_rpc_submit(struct nova_gsp *gsp, struct nova_rpc *rpc);

/* With gsp->lock: hands gsp->ended to the worker. */
void nova_rpc_leave_ended(struct nova_gsp *gsp);

/* Without gsp->lock: delivers ended RPCs; _left: those in gsp->ended. */
void nova_rpc_deliver_left(struct nova_gsp *gsp);
void nova_rpc_deliver(struct nova_gsp *gsp, struct list_head *ended);

/* Deadline of an RPC, from submission. */
u64 nova_rpc_timeout_ns(const struct nova_rpc *rpc);

/* gsp/rpc/deadline.c, with gsp->lock held. An RPC was submitted: the worker runs in time. */
void nova_rpc_timer_forward(struct nova_gsp *gsp, struct nova_rpc *rpc);
/* @ns of time count for no deadline. */
void nova_rpc_postpone(struct nova_gsp *gsp, u64 ns);
/* The worker begins at @now_ns: the same for time in which the machine stood still. */
void nova_rpc_stalled(struct nova_gsp *gsp, u64 now_ns);

extern const struct attribute_group nova_rpc_group;

/* Takes RM's status out of a reply to @rpc->status. Return: 0, or -EBADMSG without one. */
static inline int nova_rpc_read_status(const struct nova_abi *abi, struct nova_rpc *rpc)
{
	enum nova_field f = nova_status_field(rpc->op);
	u64 v;

	/* Where the RPC itself failed there may be no payload to speak of. */
	if (!f || rpc->result)
		return 0;
	if (nova_field_get(abi, f, rpc->reply, min(rpc->reply_len, rpc->reply_cap), &v))
		return -EBADMSG;
	rpc->status = v;
	return 0;
}

/* For tracepoints and history; stamps that are not set count as 0. */
static inline u64 nova_rpc_queued_ns(const struct nova_rpc *rpc)
{
	u64 end = rpc->sent_ns ?: rpc->done_ns;

	return end > rpc->submit_ns ? end - rpc->submit_ns : 0;
}

static inline u64 nova_rpc_firmware_ns(const struct nova_rpc *rpc)
{
	return rpc->sent_ns && rpc->reply_ns > rpc->sent_ns ? rpc->reply_ns - rpc->sent_ns : 0;
}

static inline u64 nova_rpc_total_ns(const struct nova_rpc *rpc)
{
	return rpc->done_ns > rpc->submit_ns ? rpc->done_ns - rpc->submit_ns : 0;
}

/* gsp/state/state.c */
/* Name of a control, "" where it has none or this is none. */
const char *nova_rpc_what(enum nova_op op, u32 cmd);
/* Status that an RPC ended with: "" not yet, "-" without one. */
const char *nova_rpc_status_name(enum nova_rpc_fate fate, u32 result, u32 status);

#endif /* NOVABPF_GSP_RPC_H */
