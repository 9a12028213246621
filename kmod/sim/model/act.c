// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls that change an engine take effect when the firmware has executed
 * them, one after another in the order of the requests. One that waits for a
 * channel group to go off its engine keeps all behind it waiting, with their
 * replies: the firmware does one thing at a time.
 */
#include "internal.h"

struct nsim_act *nsim_act_new(struct nsim *sim, enum nsim_act_kind kind, struct nsim_tsg *tsg)
{
	struct nsim_act *act = nsim_alloc(sim, sizeof(*act));

	if (!act)
		return NULL;
	act->kind = kind;
	act->tsg = tsg;
	return act;
}

void nsim_act_queue(struct nsim *sim, struct nsim_act *act, u64 due_ns, u64 order)
{
	struct nsim_engines *eng = &sim->eng;

	act->due_ns = due_ns;
	act->order = order;
	if (eng->acts)
		eng->acts_last->next = act;
	else
		eng->acts = act;
	eng->acts_last = act;
}

u64 nsim_act_next(const struct nsim *sim)
{
	const struct nsim_act *act = sim->eng.acts;

	if (!act)
		return NSIM_NEVER;
	if (!act->tsg)
		return act->due_ns;
	return act->started ? act->until_ns : act->due_ns;
}

/* A reply leaves after what it and those before it announce has happened. */
bool nsim_act_holds(const struct nsim *sim, const struct nsim_out *out)
{
	return !out->event && sim->eng.acts && out->order >= sim->eng.acts->order;
}

/* Return: whether it is done. */
static bool nsim_act_preempt(struct nsim *sim, struct nsim_act *act, u64 now)
{
	struct nsim_engine *e = act->tsg->engine;

	if (e->cur != act->tsg)
		return true;
	if (!act->started) {
		nsim_engine_stop(sim, e, now);
		act->until_ns = nsim_later(now, act->value);
		act->started = true;
	}
	if (!act->wait)
		return true;
	if (now < act->until_ns)
		return false;
	if (act->out)
		nsim_put(sim, NOVA_CONTROL_STATUS, act->out->data, act->out->len, NV_ERR_TIMEOUT);
	return true;
}

static bool nsim_act_execute(struct nsim *sim, struct nsim_act *act, u64 now)
{
	/* Freed meanwhile, or off its engine, which is all that was asked for. */
	if (!act->tsg)
		return true;
	switch (act->kind) {
	case NSIM_ACT_ON:
		nsim_tsg_on(act->tsg);
		return true;
	case NSIM_ACT_OFF:
		nsim_tsg_off(act->tsg);
		return true;
	case NSIM_ACT_SLICE:
		act->tsg->slice_ns = act->value;
		act->tsg->engine->look = true;
		return true;
	case NSIM_ACT_PREEMPT:
		return nsim_act_preempt(sim, act, now);
	}
	return true;
}

void nsim_act_run(struct nsim *sim, u64 now)
{
	struct nsim_engines *eng = &sim->eng;

	while (eng->acts && (eng->acts->started || eng->acts->due_ns <= now)) {
		struct nsim_act *act = eng->acts;

		if (!nsim_act_execute(sim, act, now))
			return;
		eng->acts = act->next;
		nsim_free(sim, act);
	}
}

/* A freed channel group has nothing that could be done to it. */
void nsim_act_forget(struct nsim *sim, const struct nsim_tsg *tsg)
{
	struct nsim_act *act;

	for (act = sim->eng.acts; act; act = act->next)
		if (act->tsg == tsg)
			act->tsg = NULL;
}

void nsim_act_left(struct nsim *sim, const struct nsim_tsg *tsg)
{
	struct nsim_act *act = sim->eng.acts;

	if (act && act->started && act->tsg == tsg)
		act->tsg = NULL;
}

void nsim_act_drop_all(struct nsim *sim)
{
	struct nsim_act *act = sim->eng.acts, *next;

	for (; act; act = next) {
		next = act->next;
		nsim_free(sim, act);
	}
	sim->eng.acts = NULL;
}
