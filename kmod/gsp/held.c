// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hooks hold back: replies, until their caller's deadline at most, and events,
 * also those that hooks made up. Calls that are not sent yet stay where they are,
 * see nova_hook_may_send(). The worker lets go what is due.
 */
#include <linux/slab.h>
#include "gsp.h"
#include "hooks.h"

struct held_event {
	struct list_head node;
	struct nova_held held;
	struct nova_gsp_event ev;
	u8 payload[];
};

bool nova_held_reply(struct nova_gsp *gsp, struct nova_rpc *rpc, const struct nova_held *held,
		     u64 until_ns)
{
	bool keep;

	spin_lock_irq(&gsp->lock);
	keep = !gsp->stopped;
	if (keep) {
		rpc->held_back = *held;
		rpc->held_back.until_ns = until_ns;
		list_add_tail(&rpc->node, &gsp->hooks.held);
		gsp->hooks.nr_held++;
		nova_gsp_timer_by(gsp, min(until_ns, rpc->deadline_ns));
	}
	spin_unlock_irq(&gsp->lock);
	return keep;
}

int nova_held_event(struct nova_gsp *gsp, const struct nova_gsp_event *ev,
		    const struct nova_held *held)
{
	struct held_event *he = kmalloc(struct_size(he, payload, ev->len), GFP_ATOMIC);
	struct list_head *at;
	unsigned long flags;
	int err = 0;

	if (!he)
		return -ENOMEM;
	he->held = *held;
	he->ev = *ev;
	memcpy(he->payload, ev->payload, ev->len);
	he->ev.payload = he->payload;
	spin_lock_irqsave(&gsp->lock, flags);
	if (gsp->stopped || gsp->hooks.nr_events >= NOVA_HOOK_EVENTS_MAX) {
		err = -ENOSPC;
	} else {
		/* By time; behind those of the same time. */
		list_for_each_prev(at, &gsp->hooks.events)
			if (list_entry(at, struct held_event, node)->held.until_ns <=
			    he->held.until_ns)
				break;
		list_add(&he->node, at);
		gsp->hooks.nr_events++;
		nova_gsp_timer_by(gsp, max(he->held.until_ns, nova_now_ns(gsp->gpu)));
	}
	spin_unlock_irqrestore(&gsp->lock, flags);
	if (err)
		kfree(he);
	return err;
}

/* The caller's time is up before the reply is let go: what a late reply looks like. */
static void lose(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	bool late = rpc->held_back.until_ns != U64_MAX;

	rpc->err = -ETIMEDOUT;
	rpc->fate = late ? NOVA_FATE_LATE : NOVA_FATE_UNANSWERED;
	nova_count(gsp, NOVA_COUNT_RPC_TIMEOUTS);
	rpc->timeouts = nova_recovery_timed_out(gsp, rpc, rpc->deadline_ns);
	if (late)
		nova_count(gsp, NOVA_COUNT_RPC_LATE);
}

u64 nova_hook_due(struct nova_gsp *gsp, u64 now_ns, struct list_head *ended)
{
	struct nova_rpc *rpc, *next;
	struct held_event *he;
	u64 at = U64_MAX, due;

	lockdep_assert_held(&gsp->lock);
	list_for_each_entry_safe(rpc, next, &gsp->hooks.held, node) {
		due = min(rpc->held_back.until_ns, rpc->deadline_ns);
		if (due > now_ns) {
			at = min(at, due);
			continue;
		}
		if (rpc->held_back.until_ns > rpc->deadline_ns)
			lose(gsp, rpc);
		rpc->done_ns = now_ns;
		gsp->hooks.nr_held--;
		list_move_tail(&rpc->node, ended);
	}
	he = list_first_entry_or_null(&gsp->hooks.events, struct held_event, node);
	return he ? min(at, max(he->held.until_ns, now_ns)) : at;
}

void nova_hook_events(struct nova_gsp *gsp)
{
	struct held_event *he;
	u32 n;

	/* Whoever adds one has the worker run after that. */
	if (!READ_ONCE(gsp->hooks.nr_events))
		return;
	/* Handlers of an event may have hooks make up another one. */
	for (n = 0; n < NOVA_HOOK_EVENTS_MAX; n++) {
		spin_lock_irq(&gsp->lock);
		he = list_first_entry_or_null(&gsp->hooks.events, struct held_event, node);
		if (he && he->held.until_ns > nova_now_ns(gsp->gpu))
			he = NULL;
		if (he) {
			list_del(&he->node);
			gsp->hooks.nr_events--;
		}
		spin_unlock_irq(&gsp->lock);
		if (!he)
			return;
		nova_event_handle(gsp, &he->ev);
		kfree(he);
	}
}

void nova_hook_end_all(struct nova_gsp *gsp, int err, u32 fate, struct list_head *ended)
{
	struct held_event *he, *next;
	struct nova_rpc *rpc;

	lockdep_assert_held(&gsp->lock);
	list_for_each_entry(rpc, &gsp->hooks.held, node) {
		rpc->err = err;
		rpc->fate = fate;
		rpc->done_ns = nova_now_ns(gsp->gpu);
	}
	list_splice_tail_init(&gsp->hooks.held, ended);
	gsp->hooks.nr_held = 0;
	list_for_each_entry_safe(he, next, &gsp->hooks.events, node)
		kfree(he);
	INIT_LIST_HEAD(&gsp->hooks.events);
	gsp->hooks.nr_events = 0;
}

static bool lets_go(const struct nova_held *held, u32 hook, bool all, u32 rule, u64 now_ns)
{
	return held->hook && held->until_ns > now_ns && (!hook || held->hook == hook) &&
	       (all || held->rule == rule);
}

u32 nova_held_release(struct nova_gsp *gsp, u32 hook, bool all, u32 rule)
{
	u64 now = nova_now_ns(gsp->gpu);
	struct held_event *he, *next;
	struct nova_rpc *rpc;
	unsigned long flags;
	LIST_HEAD(go);
	u32 n = 0;

	spin_lock_irqsave(&gsp->lock, flags);
	list_for_each_entry(rpc, &gsp->pending, node) {
		if (!lets_go(&rpc->held_back, hook, all, rule, now))
			continue;
		rpc->held_back.until_ns = now;
		n++;
	}
	list_for_each_entry(rpc, &gsp->hooks.held, node) {
		if (!lets_go(&rpc->held_back, hook, all, rule, now))
			continue;
		rpc->held_back.until_ns = now;
		n++;
	}
	list_for_each_entry_safe(he, next, &gsp->hooks.events, node) {
		if (!lets_go(&he->held, hook, all, rule, now))
			continue;
		he->held.until_ns = now;
		list_move_tail(&he->node, &go);
		n++;
	}
	/* The list is by time. */
	list_splice(&go, &gsp->hooks.events);
	if (n)
		nova_gsp_timer_by(gsp, now);
	spin_unlock_irqrestore(&gsp->lock, flags);
	return n;
}
