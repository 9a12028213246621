// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls to the firmware: submission, deadlines, the end of a call.
 *
 * A call is in exactly one place: in gsp->pending until all of its records are
 * in the ring, then in the ledger until it is answered or times out, then on a
 * list of ended calls whose callers are told once the lock is released. Sending
 * and waiting are separate, so that any number of calls may be under way.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include "../gsp.h"
#include "history.h"
#include <trace/events/novabpf_gsp.h>

static unsigned int rpc_timeout_ms = 6000;
static unsigned int rpc_slow_timeout_ms = 45000;

static int set_timeout(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 10, 600000);
}

static const struct kernel_param_ops timeout_ops = {
	.set = set_timeout,
	.get = param_get_uint,
};
module_param_cb(rpc_timeout_ms, &timeout_ops, &rpc_timeout_ms, 0644);
MODULE_PARM_DESC(rpc_timeout_ms, "Deadline of a firmware call in ms, 10..600000 (default 6000)");
module_param_cb(rpc_slow_timeout_ms, &timeout_ops, &rpc_slow_timeout_ms, 0644);
MODULE_PARM_DESC(rpc_slow_timeout_ms,
		 "Deadline of calls known to be slow in ms, 10..600000 (default 45000)");

/* A full ring is looked at again after this time; GSP does not tell. */
#define NOVA_RING_POLL_NS	(200 * NSEC_PER_USEC)
/* Calls under way and no interrupt: look anyway, it may have been lost. */
#define NOVA_LOST_IRQ_POLL_NS	(250 * NSEC_PER_MSEC)
/* A call that is out for so long holds nobody back: the firmware waits, too. */
#define NOVA_FLOW_AGE_NS	(50 * NSEC_PER_MSEC)
/* Payload of one call, bounded by what a control may carry (694,280 B). */
#define NOVA_RPC_BYTES_MAX	(1024 * 1024)

u64 nova_rpc_timeout_ns(const struct nova_rpc *rpc)
{
	unsigned int ms = rpc->flags & NOVA_RPC_SLOW ? READ_ONCE(rpc_slow_timeout_ms) :
						       READ_ONCE(rpc_timeout_ms);

	return (u64)ms * NSEC_PER_MSEC;
}

struct nova_rpc *nova_rpc_alloc(struct nova_gsp *gsp, enum nova_op op, u32 len,
				u32 reply_cap, gfp_t gfp)
{
	u32 function = nova_op_number(gsp->abi, op);
	struct nova_rpc *rpc;

	if (!function)
		return ERR_PTR(-EOPNOTSUPP);
	if (len > NOVA_RPC_BYTES_MAX || reply_cap > NOVA_RPC_BYTES_MAX)
		return ERR_PTR(-E2BIG);
	/* One allocation: a large one may be vmalloc()ed, see rpc_free(). */
	rpc = kvzalloc(sizeof(*rpc) + ALIGN(len, 8) + reply_cap, gfp);
	if (!rpc)
		return ERR_PTR(-ENOMEM);
	rpc->req = rpc + 1;
	rpc->reply = rpc->req + ALIGN(len, 8);
	rpc->release = gsp->abi->release;
	rpc->gpu_id = gsp->gpu->id;
	rpc->op = op;
	rpc->function = function;
	rpc->len = len;
	rpc->reply_cap = reply_cap;
	rpc->pid = task_tgid_nr(current);
	/* Not get_task_comm(): its lock is not for interrupt context. */
	strscpy(rpc->comm, current->comm, sizeof(rpc->comm));
	kref_init(&rpc->ref);
	init_completion(&rpc->done);
	INIT_LIST_HEAD(&rpc->node);
	return rpc;
}

/* The last reference may go in atomic context, where vfree() is not allowed. */
static void rpc_free(struct kref *ref)
{
	struct nova_rpc *rpc = container_of(ref, struct nova_rpc, ref);

	if (is_vmalloc_addr(rpc))
		kvfree_rcu(rpc, rcu);
	else
		kfree(rpc);
}

void nova_rpc_put(struct nova_rpc *rpc)
{
	kref_put(&rpc->ref, rpc_free);
}

/* Takes a call out of wherever it is and puts it on @ended. */
void nova_rpc_end(struct nova_gsp *gsp, struct nova_rpc *rpc, int err,
		  enum nova_rpc_fate fate, struct list_head *ended)
{
	lockdep_assert_held(&gsp->lock);
	if (gsp->assembling == rpc)
		gsp->assembling = NULL;
	if (gsp->sending == rpc)
		gsp->sending = NULL;
	nova_flow_end(gsp->flows, &rpc->flow);
	rpc->entry = NULL;
	rpc->err = err;
	rpc->fate = fate;
	rpc->done_ns = nova_now_ns(gsp->gpu);
	rpc->ring[0] = gsp->txq.write;
	rpc->ring[1] = gsp->txq.read;
	rpc->ring[2] = gsp->rxq.linked ? READ_ONCE(*gsp->rxq.write_ptr) : 0;
	rpc->ring[3] = gsp->rxq.read;
	list_move_tail(&rpc->node, ended);
}

static bool shown_to_hooks(const struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	return nova_hooks_any(&gsp->hooks) && !(rpc->flags & NOVA_RPC_UNHOOKED);
}

void nova_rpc_deliver(struct nova_gsp *gsp, struct list_head *ended)
{
	struct nova_rpc *rpc, *next;

	list_for_each_entry_safe(rpc, next, ended, node) {
		list_del_init(&rpc->node);
		if (!rpc->hooked && shown_to_hooks(gsp, rpc)) {
			rpc->hooked = true;
			if (nova_hook_reply(gsp, rpc))
				continue;
		}
		if (rpc->err)
			nova_count(gsp, NOVA_COUNT_RPC_FAILED);
		else if (rpc->fate == NOVA_FATE_ANSWERED)
			nova_count(gsp, NOVA_COUNT_RPC_ANSWERED);
		if (rpc->result || rpc->status)
			nova_count(gsp, NOVA_COUNT_RPC_RM_ERRORS);
		/* Not where a hook has lost the reply. */
		if (rpc->reply_ns && rpc->err != -ETIMEDOUT)
			nova_recovery_answered(gsp);
		trace_gsp_rpc_done(rpc);
		nova_history_add(gsp->history, rpc);
		if (rpc->err == -ETIMEDOUT)
			nova_incident_timeout(gsp, rpc);
		/* Whoever waits is at work again, before it knows. */
		if (rpc->counted)
			nova_active_inc(gsp->gpu);
		if (rpc->cb)
			rpc->cb(rpc);
		else
			complete(&rpc->done);
		nova_rpc_put(rpc);
	}
}

static int accepting(struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	switch (gsp->state) {
	case NOVA_GSP_OFF:
		return -ENODEV;
	case NOVA_GSP_FAILED:
		return -EIO;
	case NOVA_GSP_RECOVERING:
		return -EAGAIN;
	default:
		/* While it boots again, callers from before are still about. */
		if (gsp->booter && gsp->booter != current && !(rpc->flags & NOVA_RPC_PROBE))
			return -EAGAIN;
		return gsp->stopped ? -ESHUTDOWN : 0;
	}
}

/* With the lock held. Submits without sending. */
static int submit(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	int err = accepting(gsp, rpc);

	if (err)
		return err;
	if (rpc->gfid > NOVA_GFID_MAX)
		return -EINVAL;
	rpc->submit_ns = nova_now_ns(gsp->gpu);
	rpc->deadline_ns = rpc->submit_ns + nova_rpc_timeout_ns(rpc);
	nova_match_key_of(gsp->abi, rpc->function, rpc->req, rpc->len, &rpc->key);
	kref_get(&rpc->ref);
	list_add_tail(&rpc->node, &gsp->pending);
	nova_flow_queue(gsp->flows, &rpc->flow, rpc->gfid,
			rpc->flags & (NOVA_RPC_URGENT | NOVA_RPC_PROBE), rpc->len);
	nova_count(gsp, NOVA_COUNT_RPC_SUBMITTED);
	trace_gsp_rpc_submit(rpc);
	return 0;
}

/*
 * The worker sets the timer whenever it ran. A submitter only has to bring it
 * forward: for its own deadline, or because its call found the ring full.
 */
static void bring_timer_forward(struct nova_gsp *gsp, struct nova_rpc *rpc)
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
 * Has the worker tell the callers of calls that ended outside of it: whoever
 * posts may hold locks that the callbacks take.
 */
void nova_rpc_leave_ended(struct nova_gsp *gsp)
{
	lockdep_assert_held(&gsp->lock);
	if (!list_empty(&gsp->ended))
		nova_work_queue(gsp->wq, &gsp->work);
}

void nova_rpc_deliver_left(struct nova_gsp *gsp)
{
	LIST_HEAD(ended);

	spin_lock_irq(&gsp->lock);
	list_splice_init(&gsp->ended, &ended);
	spin_unlock_irq(&gsp->lock);
	nova_rpc_deliver(gsp, &ended);
}

/* What a hook wants sent twice goes a second time as a call of its own. */
static struct nova_rpc *twin_of(struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	struct nova_rpc *twin;

	if (!rpc->ask.duplicate)
		return NULL;
	twin = nova_rpc_alloc(gsp, rpc->op, rpc->len, 0, GFP_ATOMIC);
	if (IS_ERR(twin))
		return NULL;
	memcpy(twin->req, rpc->req, rpc->len);
	twin->gfid = rpc->gfid;
	twin->cmd = rpc->cmd;
	twin->flags = rpc->flags | NOVA_RPC_UNHOOKED;
	twin->id = atomic64_inc_return(&gsp->next_id);
	return twin;
}

/* @shown: hooks have seen the call. */
static int post_locked(struct nova_gsp *gsp, struct nova_rpc *rpc, struct nova_rpc *twin,
		       bool shown)
{
	int err = submit(gsp, rpc);
	bool ended;

	if (err)
		return err;
	ended = shown && nova_hook_apply(gsp, rpc, &gsp->ended);
	if (twin)
		submit(gsp, twin);
	nova_rpc_send_pending(gsp, &gsp->ended);
	nova_rpc_leave_ended(gsp);
	if (!ended)
		bring_timer_forward(gsp, rpc);
	return 0;
}

int nova_rpc_post(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	struct nova_rpc *twin = NULL;
	unsigned long flags;
	bool shown;
	int err = 0;

	/* Before time goes on, all that belongs to this moment has to be done. */
	nova_active_inc(gsp->gpu);
	rpc->id = atomic64_inc_return(&gsp->next_id);
	shown = shown_to_hooks(gsp, rpc);
	if (shown) {
		err = nova_hook_submit(gsp, rpc);
		twin = twin_of(gsp, rpc);
	}
	if (!err) {
		spin_lock_irqsave(&gsp->lock, flags);
		err = post_locked(gsp, rpc, twin, shown);
		spin_unlock_irqrestore(&gsp->lock, flags);
	}
	if (twin)
		nova_rpc_put(twin);
	nova_active_dec(gsp->gpu);
	return err;
}

int nova_rpc_call(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	int err;

	might_sleep();
	rpc->counted = nova_active_here(gsp->gpu);
	err = nova_rpc_post(gsp, rpc);
	if (err)
		return err;
	if (rpc->counted)
		nova_active_dec(gsp->gpu);
	/* Ends by its deadline at the latest: the worker sees to it. */
	wait_for_completion(&rpc->done);
	if (rpc->err)
		return rpc->err;
	return rpc->result ? -EREMOTEIO : 0;
}

/*
 * A call timed out. What the ring says tells whose fault it is: GSP may never
 * have taken the request, or have taken it and not answered.
 */
static void time_out(struct nova_gsp *gsp, struct nova_rpc *rpc, u64 now_ns,
		     struct list_head *ended)
{
	enum nova_rpc_fate fate = NOVA_FATE_NOT_SENT;

	if (rpc->records)
		fate = rpc->consumed ? NOVA_FATE_UNANSWERED : NOVA_FATE_NOT_CONSUMED;
	nova_count(gsp, NOVA_COUNT_RPC_TIMEOUTS);
	/* One that waited behind an owed reply says nothing new of the firmware. */
	if (rpc->records || !rpc->held)
		rpc->timeouts = nova_recovery_timed_out(gsp, rpc, now_ns);
	if (rpc->records && rpc->sent < rpc->len) {
		kref_get(&rpc->ref);
		gsp->tail = rpc;
	}
	if (rpc->entry && (rpc->flags & NOVA_RPC_PROBE))
		nova_ledger_drop(&gsp->ledger, rpc->entry);
	else if (rpc->entry)
		nova_ledger_owe(&gsp->ledger, rpc->entry, now_ns + 2 * nova_rpc_timeout_ns(rpc));
	nova_rpc_end(gsp, rpc, -ETIMEDOUT, fate, ended);
	trace_gsp_rpc_timeout(rpc);
}

/*
 * A debt is forgotten only after a later call was answered. Where no other call
 * happens to come along, send one: a control of no command on an object that
 * does not exist. Any answer will do, and its identity is unique.
 */
static void send_probe(struct nova_gsp *gsp, struct list_head *ended)
{
	struct nova_rpc *rpc;
	u32 head = nova_msg_size(gsp->abi, NOVA_MSG_CONTROL);

	rpc = nova_rpc_alloc(gsp, NOVA_OP_RPC_GSP_RM_CONTROL, head, head, GFP_ATOMIC);
	if (IS_ERR(rpc))
		return;
	rpc->flags = NOVA_RPC_PROBE | NOVA_RPC_UNHOOKED;
	rpc->id = atomic64_inc_return(&gsp->next_id);
	nova_field_put(gsp->abi, NOVA_CONTROL_OBJECT, rpc->req, head, ++gsp->probes);
	if (!submit(gsp, rpc))
		nova_rpc_send_pending(gsp, ended);
	nova_rpc_put(rpc);
}

/* The oldest debt that only a later answer can settle; U64_MAX without one. */
static u64 probe_due(struct nova_gsp *gsp, u64 now_ns)
{
	u64 at = U64_MAX;
	u32 i;

	if (gsp->ledger.echo || !gsp->ledger.owed || list_empty(&gsp->pending))
		return at;
	for (i = 0; i < NOVA_LEDGER_MAX; i++) {
		struct nova_ledger_entry *e = &gsp->ledger.e[i];
		struct nova_rpc *rpc = e->call;

		if (e->state == NOVA_LEDGER_LIVE && (rpc->flags & NOVA_RPC_PROBE))
			return U64_MAX;
		if (e->state == NOVA_LEDGER_OWED && !e->overtaken)
			at = min(at, e->owed_until_ns);
	}
	return at == U64_MAX ? at : max(at, now_ns);
}

/*
 * Whether a call gives its place in the windows to another because it has been out
 * for long; or when it will.
 */
static bool gives_way(struct nova_gsp *gsp, struct nova_rpc *rpc, u64 now_ns, u64 *at)
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
 * Ends calls whose deadline has passed and forgets old debts. Return: when to
 * look again, U64_MAX where nothing is under way.
 */
u64 nova_rpc_check_deadlines(struct nova_gsp *gsp, u64 now_ns, struct list_head *ended)
{
	struct nova_rpc *rpc, *next;
	u32 left = gsp->ledger.live, i;
	u64 at = U64_MAX, t;
	bool room = false;

	lockdep_assert_held(&gsp->lock);
	if (left || !list_empty(&gsp->pending))
		nova_incident_look(gsp, now_ns);
	/* Nothing else may have looked how far GSP has come since they were sent. */
	if (left)
		nova_txq_refresh(&gsp->txq);
	for (i = 0; left && i < NOVA_LEDGER_MAX; i++) {
		if (gsp->ledger.e[i].state != NOVA_LEDGER_LIVE)
			continue;
		left--;
		rpc = gsp->ledger.e[i].call;
		if (!rpc->consumed && gsp->txq.consumed_slots >= rpc->end_slot) {
			rpc->consumed = true;
			rpc->consumed_ns = now_ns;
		}
		if (now_ns >= rpc->deadline_ns)
			time_out(gsp, rpc, now_ns, ended);
		else
			at = min(at, rpc->deadline_ns);
		room |= gives_way(gsp, rpc, now_ns, &at);
	}
	list_for_each_entry_safe(rpc, next, &gsp->pending, node) {
		if (now_ns >= rpc->deadline_ns)
			time_out(gsp, rpc, now_ns, ended);
		else
			at = min(at, rpc->deadline_ns);
		if (nova_hook_send_at(rpc) > now_ns)
			at = min(at, nova_hook_send_at(rpc));
	}
	/* Its reply came, but not all of it. */
	rpc = gsp->assembling;
	if (rpc && now_ns >= rpc->deadline_ns)
		time_out(gsp, rpc, now_ns, ended);
	else if (rpc)
		at = min(at, rpc->deadline_ns);
	if (nova_ledger_expire(&gsp->ledger, now_ns, &t) || room || !list_empty(ended))
		nova_rpc_send_pending(gsp, ended);
	at = min(at, t);
	t = probe_due(gsp, now_ns);
	if (t <= now_ns)
		send_probe(gsp, ended);
	else
		at = min(at, t);
	/* A call that is held back goes with an answer or a debt, not with time. */
	if (gsp->ring_full)
		at = min(at, now_ns + NOVA_RING_POLL_NS);
	if (gsp->ledger.live)
		at = min(at, now_ns + NOVA_LOST_IRQ_POLL_NS);
	return at;
}

void nova_rpc_end_all(struct nova_gsp *gsp, int err, enum nova_rpc_fate fate,
		      struct list_head *ended)
{
	struct nova_rpc *rpc, *next;
	u32 i;

	lockdep_assert_held(&gsp->lock);
	if (gsp->assembling)
		nova_rpc_end(gsp, gsp->assembling, err, fate, ended);
	for (i = 0; i < NOVA_LEDGER_MAX; i++) {
		if (gsp->ledger.e[i].state == NOVA_LEDGER_LIVE)
			nova_rpc_end(gsp, gsp->ledger.e[i].call, err, fate, ended);
	}
	nova_ledger_init(&gsp->ledger, gsp->ledger.echo);
	if (gsp->tail)
		nova_rpc_put(gsp->tail);
	gsp->tail = NULL;
	list_for_each_entry_safe(rpc, next, &gsp->pending, node)
		nova_rpc_end(gsp, rpc, err, fate, ended);
	nova_hook_end_all(gsp, err, fate, ended);
}

void nova_rpc_start(struct nova_gsp *gsp)
{
	spin_lock_irq(&gsp->lock);
	nova_ledger_init(&gsp->ledger, gsp->abi->rules->seq_echo);
	gsp->next_seq = 0;
	gsp->timer_at_ns = U64_MAX;
	gsp->seen_ns = nova_now_ns(gsp->gpu);
	gsp->stopped = false;
	gsp->recovery.timeouts = 0;
	memset(&gsp->incidents.health, 0, sizeof(gsp->incidents.health));
	gsp->incidents.looked_ns = 0;
	spin_unlock_irq(&gsp->lock);
}

void nova_rpc_stop(struct nova_gsp *gsp, int err, enum nova_rpc_fate fate)
{
	bool paused;

	spin_lock_irq(&gsp->lock);
	gsp->stopped = true;
	nova_rpc_end_all(gsp, err, fate, &gsp->ended);
	spin_unlock_irq(&gsp->lock);
	/* The timer queues the worker and the worker arms the timer: see timer_by. */
	gsp->gpu->ops->timer_cancel(gsp->gpu->hw, &gsp->timer);
	nova_work_cancel_sync(&gsp->work);
	gsp->gpu->ops->timer_cancel(gsp->gpu->hw, &gsp->timer);
	nova_rpc_deliver_left(gsp);
	/* A handler may be asleep on the GPU's clock. */
	paused = nova_active_pause(gsp->gpu);
	flush_workqueue(gsp->handlers);
	nova_active_resume(gsp->gpu, paused);
}

u64 nova_rpc_queued_ns(const struct nova_rpc *rpc)
{
	u64 end = rpc->sent_ns ?: rpc->done_ns;

	return end > rpc->submit_ns ? end - rpc->submit_ns : 0;
}

u64 nova_rpc_firmware_ns(const struct nova_rpc *rpc)
{
	return rpc->sent_ns && rpc->reply_ns > rpc->sent_ns ? rpc->reply_ns - rpc->sent_ns : 0;
}

u64 nova_rpc_total_ns(const struct nova_rpc *rpc)
{
	return rpc->done_ns > rpc->submit_ns ? rpc->done_ns - rpc->submit_ns : 0;
}

const char *nova_rpc_what(enum nova_op op, u32 cmd)
{
	const char *name = NULL;

	if (op == NOVA_OP_RPC_GSP_RM_CONTROL)
		name = nova_ctrl_name(cmd);
	return name ?: "";
}

const char *nova_rpc_status_name(enum nova_rpc_fate fate, u32 result, u32 status)
{
	if (fate == NOVA_FATE_NONE)
		return "";
	/* A hook may have given it a status, or an error of the transport. */
	if (fate == NOVA_FATE_ANSWERED || (fate == NOVA_FATE_HOOK && (result || status)))
		return nova_status_name(result ?: status);
	return "-";
}
