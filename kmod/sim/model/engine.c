// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines: each works for the channel groups on its runlist, one at a time. Events happen
 * at their own time and in order, however late gsim_run() is called. At one instant
 * engines come first, then arrivals, then the controls that the firmware executes.
 */
#include "internal.h"

/* Events handled in one call. More wait for the next, so that the caller is not held up. */
#define GSIM_STEPS_MAX		4096

static void gsim_engine_notify(struct gsim *sim, u32 event, const struct gsim_engine *e, u32 gfid,
			       u64 arg)
{
	if (sim->port.engine && gfid)
		sim->port.engine(sim->ctx, event, e->id, gfid, arg);
}

/* Defaults without a load. */
void gsim_engines_defaults(struct gsim *sim)
{
	sim->eng.ctxsw_ns = sim->ctxsw_us * 1000;
	sim->eng.preempt_ns = sim->preempt_us * 1000;
	sim->eng.slice_ns = sim->tsg_slice_us * 1000ULL;
}

/* Called before a change that idle time depends on. */
void gsim_engine_account(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct nova_sim_result *total = gsim_totals(sim);

	if (e->state == GSIM_ENGINE_IDLE && e->items)
		total->idle_runnable_ns += now - e->idle_ns;
	e->idle_ns = now;
}

void gsim_engine_idle(struct gsim *sim, struct gsim_engine *e, struct gsim_user *user)
{
	if (!user->busy || user->items)
		return;
	user->busy = false;
	gsim_engine_notify(sim, GSIM_EVENT_IDLE, e, user->gfid, 0);
}

void gsim_engine_work(struct gsim *sim, struct gsim_tsg *tsg, u32 item, u64 now)
{
	struct gsim_engine *e = tsg->engine;

	gsim_engine_account(sim, e, now);
	gsim_item(sim, item)->next = GSIM_NO_ITEM;
	if (tsg->items++)
		gsim_item(sim, tsg->last)->next = item;
	else
		tsg->first = item;
	tsg->last = item;
	if (tsg->items == 1 && tsg->rl_next)
		e->ready++;
	e->items++;
	tsg->user->items++;
	tsg->user->busy = true;
	e->look = true;
	gsim_engine_notify(sim, GSIM_EVENT_DOORBELL, e, tsg->user->gfid, 0);
}

static void gsim_charge(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct nova_sim_item *it = &gsim_item(sim, e->cur->first)->pub;

	it->ran_ns += now - e->ran_ns;
	gsim_totals(sim)->busy_ns += now - e->ran_ns;
	e->ran_ns = now;
}

/* The channel group that has the engine goes off it, or stays loaded but idle. */
void gsim_engine_leave(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct gsim_tsg *tsg = e->cur;

	if (!tsg)
		return;
	if (e->state == GSIM_ENGINE_RUN) {
		if (tsg->items)
			gsim_charge(sim, e, now);
		gsim_segment(sim, NOVA_SIM_RUN, tsg, e->since_ns, now);
	} else {
		gsim_totals(sim)->switch_ns += now - e->since_ns;
		gsim_segment(sim, NOVA_SIM_SWITCH, tsg, e->since_ns, now);
	}
	e->cur = NULL;
	e->state = GSIM_ENGINE_IDLE;
	e->stop_ns = GSIM_NEVER;
	e->idle_ns = now;
	e->look = true;
	gsim_act_left(sim, tsg);
}

/*
 * Asks for a preemption. Work goes on up to the preemption point; the end of an
 * item is one.
 */
void gsim_engine_stop(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct gsim_item *it = gsim_item(sim, e->cur->first);
	u64 from = e->state == GSIM_ENGINE_SWITCH ? e->switched_ns : e->ran_ns;
	u64 grain = gsim_load_grain(sim, e->cur->first), at, ran, over;

	if (e->stop_ns != GSIM_NEVER)
		return;
	at = max_t(u64, from, now + gsim_rng_below(&sim->eng.rng, sim->eng.preempt_ns + 1));
	if (grain) {
		ran = it->pub.ran_ns + (at - from);
		over = ran - div64_u64(ran, grain) * grain;
		if (over)
			at = gsim_later(at, grain - over);
	}
	e->stop_ns = at;
	e->look = true;
}

static void gsim_engine_run(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	e->state = GSIM_ENGINE_RUN;
	e->since_ns = now;
	e->slice_ns = now;
	e->ran_ns = now;
	gsim_load_begin_item(sim, e->cur->first, now);
}

static void gsim_engine_begin(struct gsim *sim, struct gsim_engine *e, struct gsim_tsg *tsg,
			      u64 now)
{
	gsim_engine_account(sim, e, now);
	e->cur = tsg;
	e->turn = tsg->rl_next;
	e->stop_ns = GSIM_NEVER;
	if (e->loaded != tsg) {
		e->loaded = tsg;
		gsim_totals(sim)->switches++;
		if (sim->eng.ctxsw_ns) {
			e->state = GSIM_ENGINE_SWITCH;
			e->since_ns = now;
			e->switched_ns = now + sim->eng.ctxsw_ns;
			return;
		}
	}
	gsim_engine_run(sim, e, now);
}

static struct gsim_tsg *gsim_engine_pick(const struct gsim_engine *e)
{
	struct gsim_tsg *tsg = e->turn;
	u32 i;

	if (!e->ready)
		return NULL;
	for (i = 0; i < e->on; i++, tsg = tsg->rl_next)
		if (tsg->items)
			return tsg;
	return NULL;
}

/*
 * A time slice ends a run only where another channel group waits, or where the running one
 * was taken off the runlist. Otherwise another slice follows.
 */
static u64 gsim_slice_end(struct gsim *sim, const struct gsim_engine *e, u64 now)
{
	const struct gsim_tsg *tsg = e->cur;
	u64 slice = tsg->slice_ns ? tsg->slice_ns : sim->eng.slice_ns, n;

	if (tsg->rl_next && e->ready < 2)
		return GSIM_NEVER;
	n = div64_u64(now - e->slice_ns + slice - 1, slice);
	return e->slice_ns + (n ? n : 1) * slice;
}

static void gsim_engine_plan(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	const struct nova_sim_item *it;

	e->next_ns = GSIM_NEVER;
	e->slice_end_ns = GSIM_NEVER;
	if (e->state == GSIM_ENGINE_SWITCH) {
		e->next_ns = e->switched_ns;
	} else if (e->state == GSIM_ENGINE_RUN) {
		it = &gsim_item(sim, e->cur->first)->pub;
		e->next_ns = gsim_later(e->ran_ns, it->length_ns - it->ran_ns);
		if (e->stop_ns == GSIM_NEVER)
			e->slice_end_ns = gsim_slice_end(sim, e, now);
		e->next_ns = min_t(u64, e->next_ns, min_t(u64, e->stop_ns, e->slice_end_ns));
	}
}

/* Decides the engine's next step, after all events of this instant. */
static void gsim_engine_look(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct gsim_tsg *next;

	if (e->state == GSIM_ENGINE_RUN) {
		if (!e->cur->items || e->stop_ns <= now)
			gsim_engine_leave(sim, e, now);
		else
			gsim_load_begin_item(sim, e->cur->first, now);
	}
	if (e->state == GSIM_ENGINE_IDLE) {
		next = gsim_engine_pick(e);
		if (next)
			gsim_engine_begin(sim, e, next, now);
	}
	if (e->done)
		gsim_engine_idle(sim, e, e->done);
	e->done = NULL;
	e->look = false;
	gsim_engine_plan(sim, e, now);
}

static void gsim_engine_complete(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct gsim_tsg *tsg = e->cur;
	u32 item = tsg->first;
	struct gsim_item *it = gsim_item(sim, item);
	u64 ran_ns;

	tsg->first = it->next;
	tsg->items--;
	if (!tsg->items && tsg->rl_next)
		e->ready--;
	tsg->user->items--;
	e->items--;
	e->done = tsg->user;
	if (e->stop_ns != GSIM_NEVER)
		e->stop_ns = now;
	ran_ns = it->pub.ran_ns;
	gsim_load_done_item(sim, item, now);
	gsim_engine_notify(sim, GSIM_EVENT_COMPLETE, e, tsg->user->gfid, ran_ns);
}

static void gsim_engine_step(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	const struct nova_sim_item *it;

	e->look = true;
	if (e->state == GSIM_ENGINE_SWITCH) {
		gsim_totals(sim)->switch_ns += now - e->since_ns;
		gsim_segment(sim, NOVA_SIM_SWITCH, e->cur, e->since_ns, now);
		gsim_engine_run(sim, e, now);
	} else if (e->state == GSIM_ENGINE_RUN) {
		gsim_charge(sim, e, now);
		it = &gsim_item(sim, e->cur->first)->pub;
		if (it->ran_ns >= it->length_ns)
			gsim_engine_complete(sim, e, now);
		else if (e->slice_end_ns <= now)
			gsim_engine_stop(sim, e, now);
	}
}

/* Add the time up to now to the current totals. */
void gsim_engine_books(struct gsim *sim, u64 now)
{
	u32 i;

	for (i = 0; i < sim->eng.count; i++) {
		struct gsim_engine *e = sim->eng.e[i];

		gsim_engine_account(sim, e, now);
		if (e->state == GSIM_ENGINE_RUN && e->cur->items)
			gsim_charge(sim, e, now);
	}
}

static bool gsim_comes_from(struct gsim *sim, u32 item, const struct gsim_channel *of)
{
	return item & GSIM_CHANNEL_ITEM ? gsim_channel_of(sim, item) == of : !of;
}

void gsim_engine_remove(struct gsim *sim, struct gsim_tsg *tsg, const struct gsim_channel *of)
{
	struct gsim_engine *e = tsg->engine;
	u32 n = tsg->items, item = tsg->first, next, kept = 0;

	if (n && e->cur == tsg && gsim_comes_from(sim, tsg->first, of))
		gsim_engine_leave(sim, e, sim->eng.now_ns);
	tsg->first = GSIM_NO_ITEM;
	for (; n; n--, item = next) {
		next = gsim_item(sim, item)->next;
		if (gsim_comes_from(sim, item, of))
			continue;
		if (kept++)
			gsim_item(sim, tsg->last)->next = item;
		else
			tsg->first = item;
		tsg->last = item;
	}
	e->items -= tsg->items - kept;
	tsg->user->items -= tsg->items - kept;
	if (tsg->items && !kept && tsg->rl_next)
		e->ready--;
	if (tsg->items != kept)
		e->done = tsg->user;
	tsg->items = kept;
	e->look = true;
}

/* Drops all work of a load that has ended. */
void gsim_engine_empty(struct gsim *sim, struct gsim_engine *e, u64 now)
{
	struct gsim_tsg *tsg;

	gsim_engine_account(sim, e, now);
	gsim_engine_leave(sim, e, now);
	for (tsg = e->tsgs; tsg; tsg = tsg->next)
		gsim_engine_remove(sim, tsg, NULL);
	e->done = NULL;
	e->look = true;
}

static u64 gsim_engines_next(struct gsim *sim)
{
	u64 next = min_t(u64, gsim_load_next(sim), gsim_act_next(sim));
	u32 i;

	if (sim->eng.rung)
		return 0;

	for (i = 0; i < sim->eng.count; i++)
		next = min_t(u64, next, sim->eng.e[i]->look ? 0 : sim->eng.e[i]->next_ns);
	return next;
}

/* Return: time of the next event. */
u64 gsim_engines_run(struct gsim *sim, u64 now)
{
	u64 at, next = GSIM_NEVER;
	u32 i, step;

	for (step = 0; step < GSIM_STEPS_MAX; step++) {
		next = gsim_engines_next(sim);
		if (next > now) {
			sim->eng.now_ns = max_t(u64, sim->eng.now_ns, now);
			return next;
		}
		at = max_t(u64, next, sim->eng.now_ns);
		sim->eng.now_ns = at;
		for (i = 0; i < sim->eng.count; i++)
			if (sim->eng.e[i]->next_ns <= at)
				gsim_engine_step(sim, sim->eng.e[i], at);
		gsim_load_run(sim, at);
		gsim_channel_run(sim, at);
		for (i = 0; i < sim->eng.count; i++)
			if (sim->eng.e[i]->look)
				gsim_engine_look(sim, sim->eng.e[i], at);
		gsim_act_run(sim, at);
	}
	return now;
}
