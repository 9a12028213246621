/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks around RPCs and events: the attached ones, their requests, and what they hold
 * back. Independent of BPF; kmod/bpf builds its kfuncs on this.
 */
#ifndef NOVABPF_GSP_HOOK_H
#define NOVABPF_GSP_HOOK_H

#include <linux/list.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <novabpf/bpf.h>
#include "verdict.h"

struct bpf_link;
struct nova_gsp;
struct nova_gsp_event;
struct nova_rpc;

/* How long a reordered RPC waits for others to pass it. */
#define NOVA_RPC_REORDER_MAX_NS	(10 * (u64)NSEC_PER_MSEC)
/* Events held back or made up, per GPU. */
#define NOVA_HOOK_EVENTS_MAX	256

/**
 * struct nova_hooks - hooks of one GPU
 * @node: in the list of all GPUs that may have hooks, until nova_hooks_gone()
 * @list: struct nova_hook by priority; RCU, changed under the mutex of all hooks
 * @nr: how many
 * @gone: the GPU goes away: takes no more
 * @held: replies held back; under gsp->lock
 * @events: events held back or made up, by the time they are due; under gsp->lock
 * @nr_held: length of @held
 * @nr_events: length of @events
 */
struct nova_hooks {
	struct list_head node;
	struct list_head list;
	u32 nr;
	bool gone;
	struct list_head held;
	struct list_head events;
	u32 nr_held;
	u32 nr_events;
};

/* Whether any is attached. Context: any; one may come or go at that moment. */
static inline bool nova_hooks_any(const struct nova_hooks *hooks)
{
	return !list_empty(&hooks->list);
}

/**
 * struct nova_held - why something is held back
 * @hook: number of the hook that holds it and may let it go, 0 for none
 * @rule: the hook's
 * @injected: by a delay or a hold; ends when injection is no longer allowed
 * @until_ns: when it goes by itself
 * @floor_ns: when it may go at the earliest: a throttle ends by time only
 */
struct nova_held {
	u32 hook;
	u32 rule;
	bool injected;
	u64 until_ns;
	u64 floor_ns;
};

/**
 * struct nova_hook_requests - what hooks asked for, of one call or event
 * @ended: the action that ended it (deny, fail, error, drop), or 0
 * @code: its argument
 * @throttle_ns: not sent before that, and the deadline moves
 * @delay_ns: held back for that
 * @hold_ns: held back for that, unless it is let go
 * @held: by which hook, for which of its rules
 * @reorder: calls that are to pass it
 * @len: bytes of payload that are left
 * @duplicate: twice
 */
struct nova_hook_requests {
	u32 ended;
	u64 code;
	u64 throttle_ns;
	u64 delay_ns;
	u64 hold_ns;
	struct nova_held held;
	u32 reorder;
	u32 len;
	bool duplicate;
};

/* gsp/hook/hook.c */
void nova_hooks_init(struct nova_hooks *hooks);
/*
 * The GPU goes away: its hooks end, their links become inert where the kernel can
 * do that, no hook is attached any more. May sleep; twice has no effect.
 */
void nova_hooks_gone(struct nova_gsp *gsp);

/**
 * nova_hook_attach() - have a hook called
 * @ops: stays the caller's; nova_hook_detach() ends its use
 * @link: what attaches it, detached when the GPU goes; NULL where the kernel does
 *	not say
 *
 * Context: may sleep.
 * Return: 0; -ENODEV no such GPU; -EPERM it injects and the parameter
 * allow_injection is off; -EEXIST a hook of this name is there; -E2BIG
 * NOVA_RPC_HOOKS_MAX are; -ENOMEM.
 */
int nova_hook_attach(const struct nova_rpc_ops *ops, struct bpf_link *link);
void nova_hook_detach(const struct nova_rpc_ops *ops);
/* Return: as nova_hook_attach(), or -EINVAL where the GPU or the priority differs. */
int nova_hook_replace(const struct nova_rpc_ops *ops, const struct nova_rpc_ops *old,
		      struct bpf_link *link);

/**
 * nova_hook_submit() - show a new call to the hooks
 * @gsp: firmware
 * @rpc: the call, in no list yet
 *
 * What they ask for is noted in @rpc and done by nova_hook_apply().
 *
 * Context: any, without gsp->lock.
 * Return: 0, or the -errno the caller gets.
 */
int nova_hook_submit(struct nova_gsp *gsp, struct nova_rpc *rpc);

/*
 * Applies what the hooks requested to an RPC that was just submitted. With gsp->lock
 * held. Return: whether the RPC ends here, with *@err and NOVA_FATE_HOOK.
 */
bool nova_hook_apply(struct nova_gsp *gsp, struct nova_rpc *rpc, int *err);

/**
 * nova_hook_reply() - show a call that has ended to the hooks
 * @gsp: firmware
 * @rpc: the call, in no list
 *
 * Context: without gsp->lock.
 * Return: true where the reply is held back; it then
 * belongs to the hooks.
 */
bool nova_hook_reply(struct nova_gsp *gsp, struct nova_rpc *rpc);

/**
 * nova_hook_event() - show an event to the hooks
 * @gsp: firmware
 * @ev: the event; its payload is a private copy
 *
 * Context: the worker.
 * Return: how often it is to be handled now.
 */
u32 nova_hook_event(struct nova_gsp *gsp, struct nova_gsp_event *ev);

/*
 * Whether hooks allow an RPC to be sent now, and by when they do at the latest (U64_MAX:
 * never). With gsp->lock held.
 */
bool nova_hook_may_send(struct nova_gsp *gsp, const struct nova_rpc *rpc);
u64 nova_hook_send_at(const struct nova_rpc *rpc);

/*
 * For the worker, with gsp->lock held: moves replies that are due to @ended.
 * Return: when something held back is due next, U64_MAX for never.
 */
u64 nova_hook_due(struct nova_gsp *gsp, u64 now_ns, struct list_head *ended);
/*
 * For the worker, without gsp->lock: takes out the next event that was held back or
 * made up and is due, NULL without one. nova_hook_event_free() ends its use.
 */
struct nova_gsp_event *nova_hook_event_due(struct nova_gsp *gsp);
void nova_hook_event_free(struct nova_gsp_event *ev);
/* With gsp->lock held: moves all that is held back to @ended, drops events. */
void nova_hook_end_all(struct nova_gsp *gsp, int err, u32 fate, struct list_head *ended);

/* For the kfuncs, @ctx from an operation that runs; context: any. See novabpf/bpf.h. */
s32 nova_hook_act(struct nova_rpc_ctx *ctx, u32 rule, u32 action, u64 arg);
s32 nova_hook_field(struct nova_rpc_ctx *ctx, u32 field, u64 *val);
s32 nova_hook_put_field(struct nova_rpc_ctx *ctx, u32 rule, u32 field, u64 val);
s32 nova_hook_read(struct nova_rpc_ctx *ctx, u32 off, void *buf, u32 size);
s32 nova_hook_write(struct nova_rpc_ctx *ctx, u32 rule, u32 off, const void *buf, u32 size);
s32 nova_hook_send_event(struct nova_rpc_ctx *ctx, u32 rule, u32 op, const void *buf, u32 size);
s32 nova_hook_release(struct nova_rpc_ctx *ctx, u32 rule);

/* In /sys/class/novabpf/gpuN/rpc, see rpc/sysfs.c. */
extern struct device_attribute nova_hook_attr_hooks, nova_hook_attr_held;
extern struct device_attribute nova_hook_attr_release;

#endif /* NOVABPF_GSP_HOOK_H */
