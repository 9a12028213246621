// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls to the firmware: submission, deadlines, the end of a call.
 *
 * A call is in exactly one place: in gsp->pending until all of its records are
 * in the ring, then in gsp->inflight until it is answered or times out, then on a
 * list of ended calls whose callers are told once the lock is released. Sending
 * and waiting are separate, so that any number of calls may be under way.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include "../gsp.h"
#include "history.h"
#include <trace/events/novabpf_gsp.h>

/* Payload of one RPC, bounded by what a control may carry (694,280 B). */
#define NOVA_RPC_BYTES_MAX	(1024 * 1024)

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

/* Moves an RPC from wherever it is to @ended. */
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

static bool rpc_shown_to_hooks(const struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	return nova_hooks_any(&gsp->hooks) && !(rpc->flags & NOVA_RPC_UNHOOKED);
}

void nova_rpc_deliver(struct nova_gsp *gsp, struct list_head *ended)
{
	struct nova_rpc *rpc, *next;

	list_for_each_entry_safe(rpc, next, ended, node) {
		list_del_init(&rpc->node);
		if (!rpc->hooked && rpc_shown_to_hooks(gsp, rpc)) {
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
		trace_gsp_rpc_done(rpc);
		nova_history_add(gsp->history, rpc);
		gsp->observer->done(gsp, rpc);
		/* Re-take the waiter's count before waking it. */
		if (rpc->counted)
			nova_busy_inc(gsp->gpu);
		if (rpc->cb)
			rpc->cb(rpc);
		else
			complete(&rpc->done);
		nova_rpc_put(rpc);
	}
}

static int rpc_accepting(struct nova_gsp *gsp, const struct nova_rpc *rpc)
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

int nova_rpc_submit(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	int err = rpc_accepting(gsp, rpc);

	lockdep_assert_held(&gsp->lock);
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
 * Has the worker run the callbacks of RPCs that ended outside of it: the caller may
 * hold locks that the callbacks take.
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

/* A hook requested the RPC twice: the second copy is an RPC of its own. */
static struct nova_rpc *rpc_duplicate(struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	struct nova_rpc *dup;

	if (!rpc->hook_reqs.duplicate)
		return NULL;
	dup = nova_rpc_alloc(gsp, rpc->op, rpc->len, 0, GFP_ATOMIC);
	if (IS_ERR(dup))
		return NULL;
	memcpy(dup->req, rpc->req, rpc->len);
	dup->gfid = rpc->gfid;
	dup->cmd = rpc->cmd;
	dup->flags = rpc->flags | NOVA_RPC_UNHOOKED;
	dup->id = atomic64_inc_return(&gsp->next_id);
	return dup;
}

/* @shown: hooks have seen the RPC. */
static int rpc_post_locked(struct nova_gsp *gsp, struct nova_rpc *rpc, struct nova_rpc *dup,
			   bool shown)
{
	int err = nova_rpc_submit(gsp, rpc), hook_err;
	bool ended;

	if (err)
		return err;
	ended = shown && nova_hook_apply(gsp, rpc, &hook_err);
	if (ended)
		nova_rpc_end(gsp, rpc, hook_err, NOVA_FATE_HOOK, &gsp->ended);
	if (dup)
		nova_rpc_submit(gsp, dup);
	nova_rpc_send_pending(gsp, &gsp->ended);
	nova_rpc_leave_ended(gsp);
	if (!ended)
		nova_rpc_timer_forward(gsp, rpc);
	return 0;
}

int nova_rpc_post(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	struct nova_rpc *dup = NULL;
	unsigned long flags;
	bool shown;
	int err = 0;

	/* Keep virtual time from advancing until the RPC is submitted. */
	nova_busy_inc(gsp->gpu);
	rpc->id = atomic64_inc_return(&gsp->next_id);
	shown = rpc_shown_to_hooks(gsp, rpc);
	if (shown) {
		err = nova_hook_submit(gsp, rpc);
		dup = rpc_duplicate(gsp, rpc);
	}
	if (!err) {
		spin_lock_irqsave(&gsp->lock, flags);
		err = rpc_post_locked(gsp, rpc, dup, shown);
		spin_unlock_irqrestore(&gsp->lock, flags);
	}
	if (dup)
		nova_rpc_put(dup);
	nova_busy_dec(gsp->gpu);
	return err;
}

int nova_rpc_call(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	int err;

	might_sleep();
	rpc->counted = nova_busy_here(gsp->gpu);
	err = nova_rpc_post(gsp, rpc);
	if (err)
		return err;
	if (rpc->counted)
		nova_busy_dec(gsp->gpu);
	/* Ends by its deadline at the latest: the worker sees to it. */
	wait_for_completion(&rpc->done);
	if (rpc->err)
		return rpc->err;
	return rpc->result ? -EREMOTEIO : 0;
}

void nova_rpc_end_all(struct nova_gsp *gsp, int err, enum nova_rpc_fate fate,
		      struct list_head *ended)
{
	struct nova_rpc *rpc, *next;
	u32 i;

	lockdep_assert_held(&gsp->lock);
	if (gsp->assembling)
		nova_rpc_end(gsp, gsp->assembling, err, fate, ended);
	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		if (gsp->inflight.e[i].state == NOVA_INFLIGHT_LIVE)
			nova_rpc_end(gsp, gsp->inflight.e[i].call, err, fate, ended);
	}
	nova_inflight_init(&gsp->inflight, gsp->inflight.echo);
	if (gsp->partial)
		nova_rpc_put(gsp->partial);
	gsp->partial = NULL;
	list_for_each_entry_safe(rpc, next, &gsp->pending, node)
		nova_rpc_end(gsp, rpc, err, fate, ended);
	nova_hook_end_all(gsp, err, fate, ended);
}

void nova_rpc_start(struct nova_gsp *gsp)
{
	spin_lock_irq(&gsp->lock);
	nova_inflight_init(&gsp->inflight, gsp->abi->rules->seq_echo);
	gsp->next_seq = 0;
	gsp->timer_at_ns = U64_MAX;
	gsp->seen_ns = nova_now_ns(gsp->gpu);
	gsp->stopped = false;
	gsp->observer->started(gsp);
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
	paused = nova_busy_pause(gsp->gpu);
	flush_workqueue(gsp->handlers);
	nova_busy_resume(gsp->gpu, paused);
}
