// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls that change an engine take effect when the firmware has executed them, in the
 * order of the requests. The firmware executes one at a time: a control that waits for a
 * channel group to leave its engine delays all later ones, and their replies.
 */
#include "internal.h"

struct gsim_act *gsim_act_new(struct gsim *sim, enum gsim_act_kind kind, struct gsim_tsg *tsg)
{
	struct gsim_act *act = gsim_alloc(sim, sizeof(*act));

	if (!act)
		return NULL;
	act->kind = kind;
	act->tsg = tsg;
	return act;
}

void gsim_act_queue(struct gsim *sim, struct gsim_act *act, u64 due_ns, u64 order)
{
	struct gsim_engines *eng = &sim->eng;

	act->due_ns = due_ns;
	act->order = order;
	if (eng->acts)
		eng->acts_last->next = act;
	else
		eng->acts = act;
	eng->acts_last = act;
}

u64 gsim_act_next(const struct gsim *sim)
{
	const struct gsim_act *act = sim->eng.acts;

	if (!act)
		return GSIM_NEVER;
	if (!act->tsg)
		return act->due_ns;
	return act->started ? act->until_ns : act->due_ns;
}

/* A reply leaves after its control and all earlier ones have been executed. */
bool gsim_act_holds(const struct gsim *sim, const struct gsim_out *out)
{
	return !out->event && sim->eng.acts && out->order >= sim->eng.acts->order;
}

/* Return: whether the control is done. */
static bool gsim_act_preempt(struct gsim *sim, struct gsim_act *act, u64 now)
{
	struct gsim_engine *e = act->tsg->engine;

	if (e->cur != act->tsg)
		return true;
	if (!act->started) {
		gsim_engine_stop(sim, e, now);
		act->until_ns = gsim_later(now, act->value);
		act->started = true;
	}
	if (!act->wait)
		return true;
	if (now < act->until_ns)
		return false;
	if (act->out)
		gsim_put(sim, NOVA_CONTROL_STATUS, act->out->data, act->out->len, NV_ERR_TIMEOUT);
	return true;
}

static bool gsim_act_execute(struct gsim *sim, struct gsim_act *act, u64 now)
{
	/* The channel group was freed, or the one to be preempted has left its engine. */
	if (!act->tsg)
		return true;
	switch (act->kind) {
	case GSIM_ACT_ON:
		gsim_tsg_on(act->tsg);
		return true;
	case GSIM_ACT_OFF:
		gsim_tsg_off(act->tsg);
		return true;
	case GSIM_ACT_SLICE:
		act->tsg->slice_ns = act->value;
		act->tsg->engine->look = true;
		return true;
	case GSIM_ACT_PREEMPT:
		return gsim_act_preempt(sim, act, now);
	}
	return true;
}

void gsim_act_run(struct gsim *sim, u64 now)
{
	struct gsim_engines *eng = &sim->eng;

	while (eng->acts && (eng->acts->started || eng->acts->due_ns <= now)) {
		struct gsim_act *act = eng->acts;

		if (!gsim_act_execute(sim, act, now))
			return;
		eng->acts = act->next;
		gsim_free(sim, act);
	}
}

/* Nothing to do for a freed channel group. */
void gsim_act_forget(struct gsim *sim, const struct gsim_tsg *tsg)
{
	struct gsim_act *act;

	for (act = sim->eng.acts; act; act = act->next)
		if (act->tsg == tsg)
			act->tsg = NULL;
}

void gsim_act_left(struct gsim *sim, const struct gsim_tsg *tsg)
{
	struct gsim_act *act = sim->eng.acts;

	if (act && act->started && act->tsg == tsg)
		act->tsg = NULL;
}

void gsim_act_drop_all(struct gsim *sim)
{
	struct gsim_act *act = sim->eng.acts, *next;

	for (; act; act = next) {
		next = act->next;
		gsim_free(sim, act);
	}
	sim->eng.acts = NULL;
}
