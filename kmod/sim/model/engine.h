/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Engines of the device model: channel groups (TSGs) that work waits in, the
 * runlists that say which of them may run, and the controls that change these.
 * All of it belongs to whoever runs nsim_run().
 */
#ifndef NOVABPF_SIM_ENGINE_H
#define NOVABPF_SIM_ENGINE_H

#include <uapi/novabpf_sim.h>

#define NSIM_ENGINES		32
#define NSIM_GFID_MAX		1023
#define NSIM_SLICE_DEFAULT_US	2000
#define NSIM_NO_ITEM		0xffffffff
/* Numbers of items that came through a channel: this bit, channel, slot in it */
#define NSIM_CHANNEL_ITEM	0x80000000
#define NSIM_CHANNEL_SHIFT	4
#define NSIM_CHANNEL_DEPTH	16u	/* 1 << NSIM_CHANNEL_SHIFT */
#define NSIM_CHANNELS		4096

struct nsim;
struct nsim_out;
struct nsim_object;
struct nsim_engine;
struct nsim_load;
struct nsim_channel;

struct nsim_rng {
	u64 s;
};

/**
 * struct nsim_user - a vGPU on one engine; gfid 0 is the host
 * @next: on the engine, in order of creation
 * @gfid: see the RPC header
 * @tsgs: its channel groups
 * @items: work that has arrived and is not done
 * @busy: the surroundings think that it has work
 */
struct nsim_user {
	struct nsim_user *next;
	u32 gfid;
	u32 tsgs;
	u32 items;
	bool busy;
};

/**
 * struct nsim_tsg - a channel group
 * @next: on the engine, in order of creation
 * @rl_next: runlist ring; NULL while off the runlist
 * @rl_prev: the other way round
 * @engine: where it runs
 * @user: whose it is
 * @index: lowest number that no other of the vGPU on this engine has
 * @slice_ns: hardware time slice; 0: the GPU's
 * @first: item that runs or is next, NSIM_NO_ITEM where none waits
 * @last: newest item
 * @items: how many wait, the running one included
 */
struct nsim_tsg {
	struct nsim_tsg *next;
	struct nsim_tsg *rl_next;
	struct nsim_tsg *rl_prev;
	struct nsim_engine *engine;
	struct nsim_user *user;
	u32 index;
	u64 slice_ns;
	u32 first;
	u32 last;
	u32 items;
};

enum nsim_engine_state { NSIM_ENGINE_IDLE, NSIM_ENGINE_SWITCH, NSIM_ENGINE_RUN };

/**
 * struct nsim_engine - one engine
 * @id: NV2080_ENGINE_TYPE
 * @state: what it does; @cur is NULL exactly where idle
 * @tsgs: all channel groups on it
 * @users: their vGPUs
 * @turn: member of the runlist to be looked at first; NULL: runlist is empty
 * @cur: has the engine
 * @loaded: whose context is loaded; may be off the engine
 * @done: vGPU that may have run out of work
 * @on: channel groups on the runlist
 * @ready: of these, those with work
 * @items: work that has arrived and is not done
 * @look: a decision is due
 * @next_ns: when it goes on by itself
 * @since_ns: when @cur began to do what it does
 * @switched_ns: end of the context switch
 * @ran_ns: up to where the running item was charged
 * @slice_ns: start of the time slice
 * @slice_end_ns: end of the time slice, NSIM_NEVER where it does not matter
 * @stop_ns: when a preemption that was asked for takes effect, or NSIM_NEVER
 * @idle_ns: up to where idle time was charged
 */
struct nsim_engine {
	u32 id;
	enum nsim_engine_state state;
	struct nsim_tsg *tsgs;
	struct nsim_user *users;
	struct nsim_tsg *turn;
	struct nsim_tsg *cur;
	struct nsim_tsg *loaded;
	struct nsim_user *done;
	u32 on;
	u32 ready;
	u32 items;
	bool look;
	u64 next_ns;
	u64 since_ns;
	u64 switched_ns;
	u64 ran_ns;
	u64 slice_ns;
	u64 slice_end_ns;
	u64 stop_ns;
	u64 idle_ns;
};

enum nsim_act_kind { NSIM_ACT_ON, NSIM_ACT_OFF, NSIM_ACT_SLICE, NSIM_ACT_PREEMPT };

/**
 * struct nsim_act - what a control does to an engine once it is executed
 * @next: in the order of the requests
 * @out: its reply, held back until it is executed; NULL: there is none
 * @tsg: target; NULL: freed meanwhile
 * @kind: what to do
 * @wait: until the channel group is off the engine
 * @started: execution has begun
 * @value: time slice, or longest wait, in ns
 * @until_ns: end of the longest wait
 * @due_ns: when it is executed, unless one before it still waits
 * @order: of the request
 */
struct nsim_act {
	struct nsim_act *next;
	struct nsim_out *out;
	struct nsim_tsg *tsg;
	enum nsim_act_kind kind;
	bool wait;
	bool started;
	u64 value;
	u64 until_ns;
	u64 due_ns;
	u64 order;
};

/**
 * struct nsim_engines - all of one GPU
 * @e: by number, made when the first channel group needs them
 * @count: how many there are
 * @acts: controls that are not executed yet, oldest first
 * @acts_last: newest of them
 * @load: tenants, NULL where there are none
 * @now_ns: up to where the engines have lived; not ahead of the GPU's clock
 * @ctxsw_ns: cost of a context switch
 * @preempt_ns: longest time to a preemption point
 * @slice_ns: hardware time slice where a channel group has none of its own
 * @rng: of preemption latencies
 * @channel: rings that drivers fill
 * @channels: behind the last of them
 * @rung: one of them is to be looked at
 * @spare: takes the totals while there is no load
 */
struct nsim_engines {
	struct nsim_engine *e[NSIM_ENGINES];
	u32 count;
	struct nsim_act *acts;
	struct nsim_act *acts_last;
	struct nsim_load *load;
	u64 now_ns;
	u32 ctxsw_ns;
	u32 preempt_ns;
	u64 slice_ns;
	struct nsim_rng rng;
	struct nsim_channel *channel[NSIM_CHANNELS];
	u32 channels;
	bool rung;
	struct nova_sim_result spare;
};

static inline u64 nsim_later(u64 t, u64 by)
{
	return by > NSIM_NEVER - t ? NSIM_NEVER : t + by;
}

/* engine.c */
u64 nsim_engines_run(struct nsim *sim, u64 now);
void nsim_engines_defaults(struct nsim *sim);
void nsim_engine_work(struct nsim *sim, struct nsim_tsg *tsg, u32 item, u64 now);
void nsim_engine_stop(struct nsim *sim, struct nsim_engine *e, u64 now);
void nsim_engine_leave(struct nsim *sim, struct nsim_engine *e, u64 now);
void nsim_engine_idle(struct nsim *sim, struct nsim_engine *e, struct nsim_user *user);
void nsim_engine_account(struct nsim *sim, struct nsim_engine *e, u64 now);
void nsim_engine_books(struct nsim *sim, u64 now);
void nsim_engine_empty(struct nsim *sim, struct nsim_engine *e, u64 now);
/* Work in a channel group is forgotten: that of a channel, or, with NULL, of the load. */
void nsim_engine_drop(struct nsim *sim, struct nsim_tsg *tsg, const struct nsim_channel *of);

/* tsg.c */
u32 nsim_tsg_alloc(struct nsim *sim, struct nsim_object *obj, const u8 *params, u32 size);
void nsim_tsg_free(struct nsim *sim, struct nsim_tsg *tsg);
struct nsim_tsg *nsim_tsg_find(struct nsim *sim, u32 engine_id, u32 gfid, u32 index);
void nsim_tsg_on(struct nsim_tsg *tsg);
void nsim_tsg_off(struct nsim_tsg *tsg);
void nsim_tsg_clear(struct nsim *sim);
bool nsim_engine_known(u32 id);
void nsim_engine_name(u32 id, char *buf, size_t size);

/* act.c */
struct nsim_act *nsim_act_new(struct nsim *sim, enum nsim_act_kind kind, struct nsim_tsg *tsg);
void nsim_act_queue(struct nsim *sim, struct nsim_act *act, u64 due_ns, u64 order);
u64 nsim_act_next(const struct nsim *sim);
void nsim_act_run(struct nsim *sim, u64 now);
void nsim_act_forget(struct nsim *sim, const struct nsim_tsg *tsg);
void nsim_act_left(struct nsim *sim, const struct nsim_tsg *tsg);
void nsim_act_drop_all(struct nsim *sim);
bool nsim_act_holds(const struct nsim *sim, const struct nsim_out *out);

/* load.c */
u64 nsim_load_next(const struct nsim *sim);
void nsim_load_run(struct nsim *sim, u64 now);
void nsim_load_abort(struct nsim *sim);
void nsim_load_forget(struct nsim *sim, const struct nsim_tsg *tsg);
void nsim_load_done_item(struct nsim *sim, u32 item, u64 now);
void nsim_load_begin_item(struct nsim *sim, u32 item, u64 now);
u64 nsim_load_grain(struct nsim *sim, u32 item);

/* load_result.c: items, segments and totals of a load */

/**
 * struct nsim_item - an item of work
 * @pub: what the writer of the load gets back
 * @next: in the queue of its channel group
 * @begun: it had the engine once
 */
struct nsim_item {
	struct nova_sim_item pub;
	u32 next;
	bool begun;
};

/* channel.c */

/**
 * struct nsim_channel - a ring of entries for a channel group
 * @index: in struct nsim_engines
 * @tsg: its channel group
 * @chid: its number on the runlist
 * @ring_pa: address of the ring
 * @userd_pa: address of the indices
 * @entries: of the ring, a power of two
 * @get: entry to be fetched next
 * @busy: slots of @item in use
 * @rung: to be looked at
 * @broken: what its driver put there cannot be trusted
 * @done: entries done
 * @item: entries that were fetched and are not done
 */
struct nsim_channel {
	u32 index;
	struct nsim_tsg *tsg;
	u32 chid;
	u64 ring_pa;
	u64 userd_pa;
	u32 entries;
	u32 get;
	u32 busy;
	bool rung;
	bool broken;
	u64 done;
	struct nsim_item item[NSIM_CHANNEL_DEPTH];
};

u32 nsim_channel_alloc(struct nsim *sim, struct nsim_object *obj, struct nsim_tsg *tsg,
		       const u8 *params, u32 size);
u32 nsim_channel_token(const struct nsim_channel *ch);
struct nsim_channel *nsim_channel_of(struct nsim *sim, u32 item);
void nsim_channel_free(struct nsim *sim, struct nsim_channel *ch);
void nsim_channel_forget(struct nsim *sim, const struct nsim_tsg *tsg);
void nsim_channel_clear(struct nsim *sim);
void nsim_channel_ring(struct nsim *sim, u32 token);
void nsim_channel_collect(struct nsim *sim);
void nsim_channel_run(struct nsim *sim, u64 now);
void nsim_channel_done_item(struct nsim *sim, u32 item);

struct nsim_item *nsim_item(struct nsim *sim, u32 i);
u32 nsim_item_new(struct nsim *sim);
void nsim_segment(struct nsim *sim, u32 kind, const struct nsim_tsg *tsg, u64 start, u64 end);
struct nova_sim_result *nsim_totals(struct nsim *sim);
const struct nova_sim_result *nsim_load_total(const struct nsim *sim);
void nsim_result_free(struct nsim *sim, struct nsim_load *load);

#endif /* NOVABPF_SIM_ENGINE_H */
