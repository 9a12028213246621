/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the hooks share: hook.c runs them, list.c has them come
 * and go, held.c keeps what they hold back.
 */
#ifndef NOVABPF_GSP_HOOK_LIST_H
#define NOVABPF_GSP_HOOK_LIST_H

#include <linux/atomic.h>
#include "hook.h"

/**
 * struct nova_hook - a hook that is attached
 * @ops: its operations
 * @link: what attached it, NULL where that is not known
 * @gsp: firmware of its GPU, NULL once that is gone
 * @node: in nova_hooks.list
 * @all: in the list of all hooks, until it is detached
 * @rcu: for freeing
 * @id: counts up from 1
 * @budget: injections left
 * @expires_ns: when it may inject no more
 * @calls: operations it was called for (also those it does not have)
 * @applied: requests done as asked
 * @clipped: requests done with a smaller argument
 * @refused: requests that are not legal
 * @suppressed: legal requests that were not done
 */
struct nova_hook {
	const struct nova_rpc_ops *ops;
	struct bpf_link *link;
	struct nova_gsp *gsp;
	struct list_head node;
	struct list_head all;
	struct rcu_head rcu;
	u32 id;
	atomic_t budget;
	u64 expires_ns;
	atomic64_t calls;
	atomic64_t applied;
	atomic64_t clipped;
	atomic64_t refused;
	atomic64_t suppressed;
};

/* list.c */
bool nova_hook_injection_allowed(void);
/* Whether the hook of this number is attached, now. With gsp->lock held. */
bool nova_hook_attached(struct nova_gsp *gsp, u32 id);

/**
 * nova_held_of() - how long something is held back
 * @gsp: firmware, with gsp->lock held
 * @reqs: what hooks asked for
 * @now_ns: when they did
 *
 * Hooks ask without a lock. So it is here that a hold whose hook was detached
 * meanwhile, and an injection that is no longer allowed, come to nothing: what ends
 * them takes gsp->lock afterwards and lets go what was held before.
 * Return: until_ns is @now_ns or earlier where nothing is held back.
 */
struct nova_held nova_held_of(struct nova_gsp *gsp, const struct nova_hook_requests *reqs,
			      u64 now_ns);

/*
 * held.c. Both take a copy or the call itself, and wake the worker when it is due.
 * reply: return whether it is held; not while the firmware is being stopped.
 * event: @reqs NULL: made up by a hook, due at once. Return 0, -EAGAIN where it is to
 * be handled now, -ENOSPC, -ENOMEM.
 */
bool nova_held_reply(struct nova_gsp *gsp, struct nova_rpc *rpc,
		     const struct nova_hook_requests *reqs, u64 now_ns);
int nova_held_event(struct nova_gsp *gsp, const struct nova_gsp_event *ev,
		    const struct nova_hook_requests *reqs, u64 now_ns);
/* Lets go what @hook (0: any) holds for @rule, or all it holds. Return: how many. */
u32 nova_held_release(struct nova_gsp *gsp, u32 hook, bool all, u32 rule);
/* Lets go what any hook delays, holds or reorders. Return: how many. */
u32 nova_held_release_injected(struct nova_gsp *gsp);

#endif /* NOVABPF_GSP_HOOK_LIST_H */
