/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose call goes to the firmware next. Pure; the caller serialises.
 *
 * Each vGPU, and the host, has a queue of its own: a flow. Flows are served by
 * weighted deficit round robin. A flow that had nothing to send is served before
 * those that never run dry, once; so a tenant with a call now and then does not
 * wait for the turns of all the others. What a call costs is paid from the credit
 * of its flow, after the fact: a large call leaves a debt that the flow's next turns
 * pay, whether or not it has gone idle in between.
 *
 * Only so many calls are out at once, in all and per flow: a call that waits in the
 * ring can't be overtaken any more, so the waiting is done here.
 *
 * Calls of the core's own scheduler go first, and have a window to themselves.
 */
#ifndef NOVABPF_GSP_FLOW_H
#define NOVABPF_GSP_FLOW_H

#include <novabpf/driver/portable.h>
#include <uapi/novabpf.h>

/* Cost of an RPC of one slot, and of each slot of payload. */
#define NOVA_FLOW_CALL_COST	64
#define NOVA_FLOW_SLOT_COST	4
/* Credit per unit of weight and turn: one RPC at a tenant's default weight. */
#define NOVA_FLOW_QUANTUM	16

#define NOVA_FLOW_WEIGHT_MAX	64
#define NOVA_FLOW_WEIGHT_TENANT	4
#define NOVA_FLOW_WEIGHT_HOST	8

/* A pick looks past this many blocked RPCs of a flow, not further. */
#define NOVA_FLOW_LOOK		32
/* Urgent RPCs in flight at once; after so many in a row another one is let in. */
#define NOVA_FLOW_URGENT_WINDOW	32
#define NOVA_FLOW_URGENT_RUN	16

struct nova_flow;

/**
 * struct nova_flow_call - part of a call; zeroed before its first use
 * @next: call behind it in its flow
 * @prev: call before it
 * @flow: where it waits, or which window it takes a place of; NULL: neither
 * @cost: see nova_flow_cost()
 * @out: was picked and takes a place of the windows
 */
struct nova_flow_call {
	struct nova_flow_call *next;
	struct nova_flow_call *prev;
	struct nova_flow *flow;
	u32 cost;
	bool out;
};

/**
 * enum nova_flow_where - which list a flow is on
 * @NOVA_FLOW_IDLE: none; nothing waits
 * @NOVA_FLOW_FRESH: has become busy, was not served since
 * @NOVA_FLOW_TURNS: takes turns
 * @NOVA_FLOW_HELD: none of its first calls may go; looked at again after a retry
 * @NOVA_FLOW_FULL: none; as many of its calls are out as may be
 */
enum nova_flow_where {
	NOVA_FLOW_IDLE,
	NOVA_FLOW_FRESH,
	NOVA_FLOW_TURNS,
	NOVA_FLOW_HELD,
	NOVA_FLOW_FULL,
};

/**
 * struct nova_flow - queue of one vGPU
 * @next: neighbour in its list
 * @prev: the same
 * @first: call that waits longest
 * @last: call that came last
 * @where: enum nova_flow_where
 * @credit: what remains of this turn; negative if overdrawn
 * @weight: 1 .. NOVA_FLOW_WEIGHT_MAX
 * @queued: calls that wait
 * @out: calls that take a place of the windows
 * @sent: calls that went to the firmware
 * @wait_ns: time that they waited here, in all
 * @max_wait_ns: longest such time
 * @firmware_ns: time from sending to reply, in all
 */
struct nova_flow {
	struct nova_flow *next;
	struct nova_flow *prev;
	struct nova_flow_call *first;
	struct nova_flow_call *last;
	u8 where;
	s32 credit;
	u32 weight;
	u32 queued;
	u32 out;
	u64 sent;
	u64 wait_ns;
	u64 max_wait_ns;
	u64 firmware_ns;
};

struct nova_flow_list {
	struct nova_flow *first;
	struct nova_flow *last;
};

/**
 * struct nova_flows - all queues of one GPU
 * @window: calls out at once, without urgent ones; 0: no limit
 * @flow_window: calls of one flow out at once; 0: no limit
 * @queued: calls that wait, in all
 * @out: calls that take a place of @window
 * @urgent_run: urgent calls picked since another one was
 * @fresh: see enum nova_flow_where
 * @turns: the same
 * @held: the same
 * @urgent: calls of the core's scheduler
 * @flow: by gfid
 */
struct nova_flows {
	u32 window;
	u32 flow_window;
	u32 queued;
	u32 out;
	u32 urgent_run;
	struct nova_flow_list fresh;
	struct nova_flow_list turns;
	struct nova_flow_list held;
	struct nova_flow urgent;
	struct nova_flow flow[NOVA_GFID_MAX + 1];
};

/**
 * enum nova_flow_ready - whether a call may go now, whatever its turn
 * @NOVA_FLOW_GO: it may
 * @NOVA_FLOW_WAIT: not yet; so many of these and the whole flow waits
 * @NOVA_FLOW_PASS: held back on purpose, maybe for long
 */
enum nova_flow_ready {
	NOVA_FLOW_GO,
	NOVA_FLOW_WAIT,
	NOVA_FLOW_PASS,
};

typedef enum nova_flow_ready (*nova_flow_ready_fn)(struct nova_flow_call *c, void *ctx);

void nova_flows_init(struct nova_flows *fs);

/* How many RPCs may be in flight, in all and per flow; 0: no limit. Recalls none. */
void nova_flow_set_windows(struct nova_flows *fs, u32 window, u32 flow_window);

/* Estimated cost of an RPC with @len bytes of payload. */
u32 nova_flow_cost(u32 len);

/**
 * nova_flow_queue() - a call waits to be sent
 * @fs: flows
 * @c: the call, in no flow
 * @gfid: whose, up to NOVA_GFID_MAX
 * @urgent: of the core's scheduler
 * @len: bytes of payload
 */
void nova_flow_queue(struct nova_flows *fs, struct nova_flow_call *c, u32 gfid, bool urgent,
		     u32 len);

/**
 * nova_flow_pick() - the call that goes next
 * @fs: flows
 * @ready: whether a call may go; asked in order within a flow
 * @ctx: for @ready
 *
 * The call is out from here to nova_flow_end(). In a flow a call goes before an
 * earlier one only where @ready holds the earlier one back.
 *
 * Return: the call, or NULL where none may go.
 */
struct nova_flow_call *nova_flow_pick(struct nova_flows *fs, nova_flow_ready_fn ready, void *ctx);

/* What @ready says may have changed. */
void nova_flow_retry(struct nova_flows *fs);

/**
 * nova_flow_sent() - all of a picked call is in the ring
 * @c: the call
 * @wait_ns: how long it waited
 */
void nova_flow_sent(struct nova_flow_call *c, u64 wait_ns);

/* An RPC of @gfid was answered, @firmware_ns after it was sent. */
void nova_flow_answered(struct nova_flows *fs, u32 gfid, u64 firmware_ns);

/**
 * nova_flow_end() - a call neither waits nor takes a place any more
 * @fs: flows
 * @c: the call; no effect where that is so already
 */
void nova_flow_end(struct nova_flows *fs, struct nova_flow_call *c);

/**
 * nova_flow_set_weight() - share of one flow
 * @fs: flows
 * @gfid: whose
 * @weight: 1 .. NOVA_FLOW_WEIGHT_MAX
 *
 * Return: 0, -EINVAL.
 */
int nova_flow_set_weight(struct nova_flows *fs, u32 gfid, u32 weight);

/* Another tenant gets the gfid: resets weight and sums, keeps queued RPCs. */
void nova_flow_reset(struct nova_flows *fs, u32 gfid);

static inline bool nova_flow_waits(const struct nova_flow_call *c)
{
	return c->flow && !c->out;
}

#endif /* NOVABPF_GSP_FLOW_H */
