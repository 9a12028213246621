// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replies and events that hooks hold back, and events that hooks made up. A reply is held
 * until its caller's deadline at most. An RPC that is not sent yet stays pending, see
 * nova_hook_may_send(). The worker releases what is due.
 */
#include <linux/slab.h>
#include "../gsp.h"
#include "list.h"

struct held_event {
	struct list_head node;
	struct nova_held held;
	struct nova_gsp_event ev;
	u8 payload[];
};

struct nova_held nova_held_of(struct nova_gsp *gsp, const struct nova_hook_requests *reqs,
			      u64 now_ns)
{
	struct nova_held held = { .floor_ns = now_ns + reqs->throttle_ns };
	u64 wait_ns = 0;

	lockdep_assert_held(&gsp->lock);
	if (reqs->ended == NOVA_RPC_DROP)
		/* The RPC's deadline ends it. */
		return (struct nova_held) { .until_ns = U64_MAX };
	if (nova_hook_injection_allowed()) {
		wait_ns = reqs->delay_ns;
		if (reqs->hold_ns && nova_hook_attached(gsp, reqs->held.hook)) {
			held.hook = reqs->held.hook;
			held.rule = reqs->held.rule;
			wait_ns = max(wait_ns, reqs->hold_ns);
		}
	}
	held.injected = wait_ns;
	held.until_ns = held.floor_ns + wait_ns;
	return held;
}

bool nova_held_reply(struct nova_gsp *gsp, struct nova_rpc *rpc,
		     const struct nova_hook_requests *reqs, u64 now_ns)
{
	struct nova_held held;
	bool keep;

	spin_lock_irq(&gsp->lock);
	held = nova_held_of(gsp, reqs, now_ns);
	keep = held.until_ns > now_ns && !gsp->stopped;
	if (keep) {
		rpc->held_back = held;
		list_add_tail(&rpc->node, &gsp->hooks.held);
		gsp->hooks.nr_held++;
		nova_gsp_timer_by(gsp, min(held.until_ns, rpc->deadline_ns));
	}
	spin_unlock_irq(&gsp->lock);
	return keep;
}

/* By time; behind those of the same time. */
static void held_event_queue(struct nova_gsp *gsp, struct held_event *he)
{
	struct list_head *at;

	list_for_each_prev(at, &gsp->hooks.events)
		if (list_entry(at, struct held_event, node)->held.until_ns <= he->held.until_ns)
			break;
	list_add(&he->node, at);
}

int nova_held_event(struct nova_gsp *gsp, const struct nova_gsp_event *ev,
		    const struct nova_hook_requests *reqs, u64 now_ns)
{
	struct held_event *he = kmalloc(struct_size(he, payload, ev->len), GFP_ATOMIC);
	unsigned long flags;
	int err = 0;

	if (!he)
		return -ENOMEM;
	he->ev = *ev;
	memcpy(he->payload, ev->payload, ev->len);
	he->ev.payload = he->payload;
	spin_lock_irqsave(&gsp->lock, flags);
	he->held = reqs ? nova_held_of(gsp, reqs, now_ns) : (struct nova_held) {};
	if (gsp->stopped || gsp->hooks.nr_events >= NOVA_HOOK_EVENTS_MAX) {
		err = -ENOSPC;
	} else if (reqs && he->held.until_ns <= now_ns) {
		err = -EAGAIN;
	} else {
		held_event_queue(gsp, he);
		gsp->hooks.nr_events++;
		nova_gsp_timer_by(gsp, max(he->held.until_ns, nova_now_ns(gsp->gpu)));
	}
	spin_unlock_irqrestore(&gsp->lock, flags);
	if (err)
		kfree(he);
	return err;
}

/* The caller's time is up before the reply is let go: what a late reply looks like. */
static void held_expire(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	bool late = rpc->held_back.until_ns != U64_MAX;

	rpc->err = -ETIMEDOUT;
	rpc->fate = late ? NOVA_FATE_LATE : NOVA_FATE_UNANSWERED;
	nova_count(gsp, NOVA_COUNT_RPC_TIMEOUTS);
	rpc->timeouts = gsp->observer->timed_out(gsp, rpc, rpc->deadline_ns);
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
			held_expire(gsp, rpc);
		rpc->done_ns = now_ns;
		gsp->hooks.nr_held--;
		list_move_tail(&rpc->node, ended);
	}
	he = list_first_entry_or_null(&gsp->hooks.events, struct held_event, node);
	return he ? min(at, max(he->held.until_ns, now_ns)) : at;
}

struct nova_gsp_event *nova_hook_event_due(struct nova_gsp *gsp)
{
	struct held_event *he;

	/* The worker runs once more after an event has been added. */
	if (!READ_ONCE(gsp->hooks.nr_events))
		return NULL;
	spin_lock_irq(&gsp->lock);
	he = list_first_entry_or_null(&gsp->hooks.events, struct held_event, node);
	if (he && he->held.until_ns > nova_now_ns(gsp->gpu))
		he = NULL;
	if (he) {
		list_del(&he->node);
		gsp->hooks.nr_events--;
	}
	spin_unlock_irq(&gsp->lock);
	return he ? &he->ev : NULL;
}

void nova_hook_event_free(struct nova_gsp_event *ev)
{
	kfree(container_of(ev, struct held_event, ev));
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

/* What is let go: all that is injected, or what a hook (0: any) holds (all: for any rule). */
struct held_key {
	bool injected;
	u32 hook;
	bool all;
	u32 rule;
};

/* Return: whether @held fits and ends now, or when its throttle ends. */
static bool held_let_go(struct nova_held *held, const struct held_key *key, u64 now_ns)
{
	if (held->until_ns <= now_ns || held->until_ns <= held->floor_ns)
		return false;
	if (key->injected) {
		if (!held->injected)
			return false;
	} else if (!held->hook || (key->hook && held->hook != key->hook) ||
		   (!key->all && held->rule != key->rule)) {
		return false;
	}
	held->until_ns = max(now_ns, held->floor_ns);
	return true;
}

static u32 held_release(struct nova_gsp *gsp, const struct held_key *key)
{
	u64 now = nova_now_ns(gsp->gpu);
	struct held_event *he, *next;
	struct nova_rpc *rpc;
	unsigned long flags;
	LIST_HEAD(go);
	u32 n = 0;

	spin_lock_irqsave(&gsp->lock, flags);
	list_for_each_entry(rpc, &gsp->pending, node) {
		bool goes = held_let_go(&rpc->held_back, key, now);

		if (key->injected && rpc->send_after && rpc->send_by_ns > now) {
			rpc->send_by_ns = now;
			goes = true;
		}
		n += goes;
	}
	list_for_each_entry(rpc, &gsp->hooks.held, node)
		n += held_let_go(&rpc->held_back, key, now);
	list_for_each_entry_safe(he, next, &gsp->hooks.events, node) {
		if (!held_let_go(&he->held, key, now))
			continue;
		list_move_tail(&he->node, &go);
		n++;
	}
	/* A throttle may hold one longer than those behind it. */
	list_for_each_entry_safe(he, next, &go, node) {
		list_del(&he->node);
		held_event_queue(gsp, he);
	}
	if (n)
		nova_gsp_timer_by(gsp, now);
	spin_unlock_irqrestore(&gsp->lock, flags);
	return n;
}

u32 nova_held_release(struct nova_gsp *gsp, u32 hook, bool all, u32 rule)
{
	return held_release(gsp, &(struct held_key) { .hook = hook, .all = all, .rule = rule });
}

u32 nova_held_release_injected(struct nova_gsp *gsp)
{
	return held_release(gsp, &(struct held_key) { .injected = true });
}
