/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Engines of the device model: channel groups (TSGs) with their queues of work, the
 * runlists of channel groups that may run, and the controls that change these. The thread
 * that runs gsim_run() owns all of it.
 */
#ifndef NOVABPF_SIM_ENGINE_H
#define NOVABPF_SIM_ENGINE_H

#include <uapi/novabpf_sim.h>

#define GSIM_ENGINES		32
#define GSIM_GFID_MAX		1023
#define GSIM_SLICE_DEFAULT_US	2000
#define GSIM_NO_ITEM		0xffffffff
/* Numbers of items that came through a channel: this bit, channel, slot in it */
#define GSIM_CHANNEL_ITEM	0x80000000
#define GSIM_CHANNEL_SHIFT	4
#define GSIM_CHANNEL_DEPTH	16u	/* 1 << GSIM_CHANNEL_SHIFT */
#define GSIM_CHANNELS		4096

struct gsim;
struct gsim_out;
struct gsim_object;
struct gsim_engine;
struct gsim_load;
struct gsim_channel;

struct gsim_rng {
	u64 s;
};

/**
 * struct gsim_user - a vGPU on one engine; gfid 0 is the host
 * @next: on the engine, in order of creation
 * @gfid: see the RPC header
 * @tsgs: its channel groups
 * @items: work that has arrived and is not done
 * @busy: work was reported through the port, and no idle event since
 */
struct gsim_user {
	struct gsim_user *next;
	u32 gfid;
	u32 tsgs;
	u32 items;
	bool busy;
};

/**
 * struct gsim_tsg - a channel group
 * @next: on the engine, in order of creation
 * @rl_next: runlist ring; NULL while off the runlist
 * @rl_prev: runlist ring, backwards
 * @engine: engine that it runs on
 * @user: vGPU that it belongs to
 * @index: lowest number free among the vGPU's channel groups on this engine
 * @slice_ns: hardware time slice; 0: the GPU's
 * @first: item that runs or is next, GSIM_NO_ITEM where none waits
 * @last: newest item
 * @items: number of items, the running one included
 */
struct gsim_tsg {
	struct gsim_tsg *next;
	struct gsim_tsg *rl_next;
	struct gsim_tsg *rl_prev;
	struct gsim_engine *engine;
	struct gsim_user *user;
	u32 index;
	u64 slice_ns;
	u32 first;
	u32 last;
	u32 items;
};

enum gsim_engine_state { GSIM_ENGINE_IDLE, GSIM_ENGINE_SWITCH, GSIM_ENGINE_RUN };

/**
 * struct gsim_engine - one engine
 * @id: NV2080_ENGINE_TYPE
 * @state: idle, switching or running; @cur is NULL while idle and only then
 * @tsgs: all channel groups on it
 * @users: their vGPUs
 * @turn: member of the runlist to be considered first; NULL: runlist is empty
 * @cur: channel group on the engine
 * @loaded: channel group whose context is loaded; may be off the engine
 * @done: vGPU that may have run out of work
 * @on: channel groups on the runlist
 * @ready: channel groups on the runlist with work
 * @items: work that has arrived and is not done
 * @look: a decision is due
 * @next_ns: time of the engine's next event
 * @since_ns: start of the current switch or run
 * @switched_ns: end of the context switch
 * @ran_ns: time up to which the running item was charged
 * @slice_ns: start of the time slice
 * @slice_end_ns: end of the time slice, GSIM_NEVER where it does not end the run
 * @stop_ns: time at which a requested preemption takes effect, or GSIM_NEVER
 * @idle_ns: time up to which idle time was charged
 */
struct gsim_engine {
	u32 id;
	enum gsim_engine_state state;
	struct gsim_tsg *tsgs;
	struct gsim_user *users;
	struct gsim_tsg *turn;
	struct gsim_tsg *cur;
	struct gsim_tsg *loaded;
	struct gsim_user *done;
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

enum gsim_act_kind { GSIM_ACT_ON, GSIM_ACT_OFF, GSIM_ACT_SLICE, GSIM_ACT_PREEMPT };

/**
 * struct gsim_act - effect of a control on an engine, applied when the control is executed
 * @next: in the order of the requests
 * @out: reply that gets the status of a preemption; NULL: none
 * @tsg: target; NULL: freed meanwhile, or off its engine
 * @kind: kind of the effect
 * @wait: executed only once the channel group is off the engine
 * @started: execution has begun
 * @value: time slice, or longest wait, in ns
 * @until_ns: end of the longest wait
 * @due_ns: time of its execution, unless an earlier control still waits
 * @order: of the request
 */
struct gsim_act {
	struct gsim_act *next;
	struct gsim_out *out;
	struct gsim_tsg *tsg;
	enum gsim_act_kind kind;
	bool wait;
	bool started;
	u64 value;
	u64 until_ns;
	u64 due_ns;
	u64 order;
};

/**
 * struct gsim_engines - all of one GPU
 * @e: engines, each made for its first channel group
 * @count: number of entries in @e
 * @acts: controls that are not executed yet, oldest first
 * @acts_last: newest entry of @acts
 * @load: tenants and their results, or NULL
 * @now_ns: time up to which the engines have run; not ahead of the GPU's clock
 * @ctxsw_ns: cost of a context switch
 * @preempt_ns: longest time to a preemption point
 * @slice_ns: hardware time slice where a channel group has none of its own
 * @rng: random stream of preemption latencies
 * @channel: rings that drivers fill
 * @channels: end of the used part of @channel
 * @rung: a channel has @rung set
 * @spare: collects the totals while there is no load
 */
struct gsim_engines {
	struct gsim_engine *e[GSIM_ENGINES];
	u32 count;
	struct gsim_act *acts;
	struct gsim_act *acts_last;
	struct gsim_load *load;
	u64 now_ns;
	u32 ctxsw_ns;
	u32 preempt_ns;
	u64 slice_ns;
	struct gsim_rng rng;
	struct gsim_channel *channel[GSIM_CHANNELS];
	u32 channels;
	bool rung;
	struct nova_sim_result spare;
};

static inline u64 gsim_later(u64 t, u64 by)
{
	return by > GSIM_NEVER - t ? GSIM_NEVER : t + by;
}

/* engine.c */
u64 gsim_engines_run(struct gsim *sim, u64 now);
void gsim_engines_defaults(struct gsim *sim);
void gsim_engine_work(struct gsim *sim, struct gsim_tsg *tsg, u32 item, u64 now);
void gsim_engine_stop(struct gsim *sim, struct gsim_engine *e, u64 now);
void gsim_engine_leave(struct gsim *sim, struct gsim_engine *e, u64 now);
void gsim_engine_idle(struct gsim *sim, struct gsim_engine *e, struct gsim_user *user);
void gsim_engine_account(struct gsim *sim, struct gsim_engine *e, u64 now);
void gsim_engine_books(struct gsim *sim, u64 now);
void gsim_engine_empty(struct gsim *sim, struct gsim_engine *e, u64 now);
/* Drops the work in a channel group: that of a channel, or, with NULL, of the load. */
void gsim_engine_remove(struct gsim *sim, struct gsim_tsg *tsg, const struct gsim_channel *of);

/* tsg.c */
u32 gsim_tsg_alloc(struct gsim *sim, struct gsim_object *obj, const u8 *params, u32 size);
void gsim_tsg_free(struct gsim *sim, struct gsim_tsg *tsg);
struct gsim_tsg *gsim_tsg_find(struct gsim *sim, u32 engine_id, u32 gfid, u32 index);
void gsim_tsg_on(struct gsim_tsg *tsg);
void gsim_tsg_off(struct gsim_tsg *tsg);
void gsim_tsg_clear(struct gsim *sim);
bool gsim_engine_known(u32 id);
void gsim_engine_name(u32 id, char *buf, size_t size);

/* act.c */
struct gsim_act *gsim_act_new(struct gsim *sim, enum gsim_act_kind kind, struct gsim_tsg *tsg);
void gsim_act_queue(struct gsim *sim, struct gsim_act *act, u64 due_ns, u64 order);
u64 gsim_act_next(const struct gsim *sim);
void gsim_act_run(struct gsim *sim, u64 now);
void gsim_act_forget(struct gsim *sim, const struct gsim_tsg *tsg);
void gsim_act_left(struct gsim *sim, const struct gsim_tsg *tsg);
void gsim_act_drop_all(struct gsim *sim);
bool gsim_act_holds(const struct gsim *sim, const struct gsim_out *out);

/* load.c */
u64 gsim_load_next(const struct gsim *sim);
void gsim_load_run(struct gsim *sim, u64 now);
void gsim_load_abort(struct gsim *sim);
void gsim_load_forget(struct gsim *sim, const struct gsim_tsg *tsg);
void gsim_load_done_item(struct gsim *sim, u32 item, u64 now);
void gsim_load_begin_item(struct gsim *sim, u32 item, u64 now);
u64 gsim_load_grain(struct gsim *sim, u32 item);

/* load_result.c: items, segments and totals of a load */

/**
 * struct gsim_item - an item of work
 * @pub: item as the results report it
 * @next: in the queue of its channel group
 * @begun: its first run has started
 */
struct gsim_item {
	struct nova_sim_item pub;
	u32 next;
	bool begun;
};

/* channel.c */

/**
 * struct gsim_channel - a ring of entries for a channel group
 * @index: in struct gsim_engines
 * @tsg: its channel group
 * @chid: its number on the runlist
 * @ring_pa: address of the ring
 * @userd_pa: address of the indices
 * @entries: of the ring, a power of two
 * @get: entry to be fetched next
 * @busy: slots of @item in use
 * @rung: its ring must be read
 * @broken: its ring or indices were invalid, so that it is no longer read
 * @done: number of entries done
 * @item: entries that were fetched and are not done
 */
struct gsim_channel {
	u32 index;
	struct gsim_tsg *tsg;
	u32 chid;
	u64 ring_pa;
	u64 userd_pa;
	u32 entries;
	u32 get;
	u32 busy;
	bool rung;
	bool broken;
	u64 done;
	struct gsim_item item[GSIM_CHANNEL_DEPTH];
};

u32 gsim_channel_alloc(struct gsim *sim, struct gsim_object *obj, struct gsim_tsg *tsg,
		       const u8 *params, u32 size);
u32 gsim_channel_token(const struct gsim_channel *ch);
struct gsim_channel *gsim_channel_of(struct gsim *sim, u32 item);
void gsim_channel_free(struct gsim *sim, struct gsim_channel *ch);
void gsim_channel_forget(struct gsim *sim, const struct gsim_tsg *tsg);
void gsim_channel_clear(struct gsim *sim);
void gsim_channel_ring(struct gsim *sim, u32 token);
void gsim_channel_collect(struct gsim *sim);
void gsim_channel_run(struct gsim *sim, u64 now);
void gsim_channel_done_item(struct gsim *sim, u32 item);

struct gsim_item *gsim_item(struct gsim *sim, u32 i);
u32 gsim_item_new(struct gsim *sim);
void gsim_segment(struct gsim *sim, u32 kind, const struct gsim_tsg *tsg, u64 start, u64 end);
struct nova_sim_result *gsim_totals(struct gsim *sim);
const struct nova_sim_result *gsim_load_total(const struct gsim *sim);
void gsim_result_free(struct gsim *sim, struct gsim_load *load);

#endif /* NOVABPF_SIM_ENGINE_H */
