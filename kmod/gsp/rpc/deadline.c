// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deadlines of RPCs: what ends because its time is up, what the firmware still owes
 * after that, and time that does not count because the machine stood still.
 */
#include <linux/module.h>
#include "../../base/stall.h"
#include "../gsp.h"
#include <trace/events/novabpf_gsp.h>

static unsigned int rpc_timeout_ms = 6000;
static unsigned int rpc_slow_timeout_ms = 45000;

static int rpc_set_timeout(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 10, 600000);
}

static const struct kernel_param_ops timeout_ops = {
	.set = rpc_set_timeout,
	.get = param_get_uint,
};
module_param_cb(rpc_timeout_ms, &timeout_ops, &rpc_timeout_ms, 0644);
MODULE_PARM_DESC(rpc_timeout_ms, "Deadline of a firmware RPC in ms, 10..600000 (default 6000)");
module_param_cb(rpc_slow_timeout_ms, &timeout_ops, &rpc_slow_timeout_ms, 0644);
MODULE_PARM_DESC(rpc_slow_timeout_ms,
		 "Deadline of calls known to be slow in ms, 10..600000 (default 45000)");

/* A full ring is looked at again after this time; GSP does not tell. */
#define NOVA_RING_POLL_NS	(200 * NSEC_PER_USEC)
/* RPCs are under way and no interrupt came: look anyway, it may have been lost. */
#define NOVA_LOST_IRQ_POLL_NS	(250 * NSEC_PER_MSEC)
/* An RPC that is out for so long holds no other back: the firmware waits, too. */
#define NOVA_FLOW_AGE_NS	(50 * NSEC_PER_MSEC)
/* The worker is this late only where the machine stood still. */
#define NOVA_RPC_STALL_NS	(100 * (u64)NSEC_PER_MSEC)

u64 nova_rpc_timeout_ns(const struct nova_rpc *rpc)
{
	unsigned int ms = rpc->flags & NOVA_RPC_SLOW ? READ_ONCE(rpc_slow_timeout_ms) :
						       READ_ONCE(rpc_timeout_ms);

	return (u64)ms * NSEC_PER_MSEC;
}

/*
 * The worker sets the timer at the end of each run. A submitter only brings it forward,
 * for its own deadline or because its RPC found the ring full.
 */
void nova_rpc_timer_forward(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	u64 now = nova_now_ns(gsp->gpu);
	u64 at = min(rpc->deadline_ns, now + NOVA_LOST_IRQ_POLL_NS);

	if (nova_hook_send_at(rpc) > now)
		at = min(at, nova_hook_send_at(rpc));
	if (gsp->ring_full)
		at = min(at, now + NOVA_RING_POLL_NS);
	else if (nova_flow_waits(&rpc->flow))
		at = min(at, now + NOVA_FLOW_AGE_NS);
	nova_gsp_timer_by(gsp, at);
}

/*
 * An RPC timed out. The ring tells how far it got: GSP never consumed the request, or
 * consumed it and did not answer.
 */
static void rpc_time_out(struct nova_gsp *gsp, struct nova_rpc *rpc, u64 now_ns,
			 struct list_head *ended)
{
	enum nova_rpc_fate fate = NOVA_FATE_NOT_SENT;

	if (rpc->records)
		fate = rpc->consumed ? NOVA_FATE_UNANSWERED : NOVA_FATE_NOT_CONSUMED;
	nova_count(gsp, NOVA_COUNT_RPC_TIMEOUTS);
	/* An RPC that was never sent is no evidence about the firmware. */
	if (rpc->records || !rpc->held)
		rpc->timeouts = gsp->observer->timed_out(gsp, rpc, now_ns);
	if (rpc->records && rpc->sent < rpc->len) {
		kref_get(&rpc->ref);
		gsp->partial = rpc;
	}
	if (rpc->entry && (rpc->flags & NOVA_RPC_PROBE))
		nova_inflight_drop(&gsp->inflight, rpc->entry);
	else if (rpc->entry)
		nova_inflight_abandon(&gsp->inflight, rpc->entry,
				      now_ns + 2 * nova_rpc_timeout_ns(rpc));
	nova_rpc_end(gsp, rpc, -ETIMEDOUT, fate, ended);
	trace_gsp_rpc_timeout(rpc);
}

/*
 * A late entry expires only after a later RPC was answered. If no other RPC comes
 * along, send one: a control of no command on an object that does not exist. Any
 * answer will do, and its identity is unique.
 */
static void rpc_send_probe(struct nova_gsp *gsp, struct list_head *ended)
{
	struct nova_rpc *rpc;
	u32 head = nova_msg_size(gsp->abi, NOVA_MSG_CONTROL);

	rpc = nova_rpc_alloc(gsp, NOVA_OP_RPC_GSP_RM_CONTROL, head, head, GFP_ATOMIC);
	if (IS_ERR(rpc))
		return;
	rpc->flags = NOVA_RPC_PROBE | NOVA_RPC_UNHOOKED;
	rpc->id = atomic64_inc_return(&gsp->next_id);
	nova_field_put(gsp->abi, NOVA_CONTROL_OBJECT, rpc->req, head, ++gsp->probes);
	if (!nova_rpc_submit(gsp, rpc))
		nova_rpc_send_pending(gsp, ended);
	nova_rpc_put(rpc);
}

/* When to send a probe for the oldest late entry; U64_MAX if none needs one. */
static u64 rpc_probe_due(struct nova_gsp *gsp, u64 now_ns)
{
	u64 at = U64_MAX;
	u32 i;

	if (gsp->inflight.echo || !gsp->inflight.late || list_empty(&gsp->pending))
		return at;
	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		struct nova_inflight_entry *e = &gsp->inflight.e[i];
		struct nova_rpc *rpc = e->call;

		if (e->state == NOVA_INFLIGHT_LIVE && (rpc->flags & NOVA_RPC_PROBE))
			return U64_MAX;
		if (e->state == NOVA_INFLIGHT_LATE && !e->later_answered)
			at = min(at, e->late_until_ns);
	}
	return at == U64_MAX ? at : max(at, now_ns);
}

/*
 * Whether an RPC has been in flight long enough to give up its place in the windows; sets
 * @at to when it will have been.
 */
static bool rpc_gives_way(struct nova_gsp *gsp, struct nova_rpc *rpc, u64 now_ns, u64 *at)
{
	if (!rpc->flow.out || !gsp->flows->queued)
		return false;
	if (now_ns < rpc->sent_ns + NOVA_FLOW_AGE_NS) {
		*at = min(*at, rpc->sent_ns + NOVA_FLOW_AGE_NS);
		return false;
	}
	nova_flow_end(gsp->flows, &rpc->flow);
	return true;
}

/*
 * Ends RPCs whose deadline has passed and expires late entries. Return: when to
 * look again, U64_MAX where nothing is under way.
 */
u64 nova_rpc_check_deadlines(struct nova_gsp *gsp, u64 now_ns, struct list_head *ended)
{
	struct nova_rpc *rpc, *next;
	u32 left = gsp->inflight.live, i;
	u64 at = U64_MAX, t;
	bool room = false;

	lockdep_assert_held(&gsp->lock);
	if (left || !list_empty(&gsp->pending))
		gsp->observer->waiting(gsp, now_ns);
	/* Nothing else may have looked how far GSP has come since they were sent. */
	if (left)
		nova_txq_refresh(&gsp->txq);
	for (i = 0; left && i < NOVA_INFLIGHT_MAX; i++) {
		if (gsp->inflight.e[i].state != NOVA_INFLIGHT_LIVE)
			continue;
		left--;
		rpc = gsp->inflight.e[i].call;
		if (!rpc->consumed && gsp->txq.consumed_slots >= rpc->end_slot) {
			rpc->consumed = true;
			rpc->consumed_ns = now_ns;
		}
		if (now_ns >= rpc->deadline_ns)
			rpc_time_out(gsp, rpc, now_ns, ended);
		else
			at = min(at, rpc->deadline_ns);
		room |= rpc_gives_way(gsp, rpc, now_ns, &at);
	}
	list_for_each_entry_safe(rpc, next, &gsp->pending, node) {
		if (now_ns >= rpc->deadline_ns)
			rpc_time_out(gsp, rpc, now_ns, ended);
		else
			at = min(at, rpc->deadline_ns);
		if (nova_hook_send_at(rpc) > now_ns)
			at = min(at, nova_hook_send_at(rpc));
	}
	/* Its reply came, but not all of it. */
	rpc = gsp->assembling;
	if (rpc && now_ns >= rpc->deadline_ns)
		rpc_time_out(gsp, rpc, now_ns, ended);
	else if (rpc)
		at = min(at, rpc->deadline_ns);
	if (nova_inflight_expire(&gsp->inflight, now_ns, &t) || room || !list_empty(ended))
		nova_rpc_send_pending(gsp, ended);
	at = min(at, t);
	t = rpc_probe_due(gsp, now_ns);
	if (t <= now_ns)
		rpc_send_probe(gsp, ended);
	else
		at = min(at, t);
	/* Blocked RPCs are released by a reply or an expired entry, so no timer for them. */
	if (gsp->ring_full)
		at = min(at, now_ns + NOVA_RING_POLL_NS);
	if (gsp->inflight.live)
		at = min(at, now_ns + NOVA_LOST_IRQ_POLL_NS);
	return at;
}

static u64 rpc_later_ns(u64 at_ns, u64 ns)
{
	return at_ns > U64_MAX - ns ? U64_MAX : at_ns + ns;
}

static void rpc_postpone_list(struct list_head *calls, u64 ns)
{
	struct nova_rpc *rpc;

	list_for_each_entry(rpc, calls, node)
		rpc->deadline_ns = rpc_later_ns(rpc->deadline_ns, ns);
}

void nova_rpc_postpone(struct nova_gsp *gsp, u64 ns)
{
	u32 i;

	lockdep_assert_held(&gsp->lock);
	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		struct nova_inflight_entry *e = &gsp->inflight.e[i];

		if (e->state == NOVA_INFLIGHT_LIVE) {
			struct nova_rpc *rpc = e->call;

			rpc->deadline_ns = rpc_later_ns(rpc->deadline_ns, ns);
		} else if (e->state == NOVA_INFLIGHT_LATE) {
			e->late_until_ns = rpc_later_ns(e->late_until_ns, ns);
		}
	}
	rpc_postpone_list(&gsp->pending, ns);
	rpc_postpone_list(&gsp->hooks.held, ns);
	if (gsp->assembling)
		gsp->assembling->deadline_ns = rpc_later_ns(gsp->assembling->deadline_ns, ns);
	gsp->lockdown_ns += ns;
}

void nova_rpc_stalled(struct nova_gsp *gsp, u64 now_ns)
{
	u64 ns = nova_stall_ns(gsp->timer_at_ns, gsp->seen_ns, now_ns);

	lockdep_assert_held(&gsp->lock);
	if (ns > NOVA_RPC_STALL_NS)
		nova_rpc_postpone(gsp, ns);
}
