// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrivals and lengths of every tenant, drawn before the run.
 *
 * Gaps, lengths, phases and on-off times come from streams of their own, so that a
 * change of one changes none of the others.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct drawing {
	const struct tenant *t;
	struct inst *inst;
	struct rng gap;
	struct rng length;
	struct rng spike;
	struct rng size;	/* steps and tokens of a request */
	struct rng onoff;
	double now;		/* arrival of the request before */
	double on_until;	/* negative: always on */
	double end;
	uint64_t nr_requests;
	uint64_t nr_lengths;
	uint64_t nr_cycles;	/* of on and off */
	double spent;		/* closed: gaps and lengths so far */
};

static uint64_t whole_ns(double ns)
{
	return ns < 0 ? 0 : (uint64_t)(ns + 0.5);
}

static int add_draw(struct drawing *d, double gap, double length, enum step_kind kind, bool last)
{
	struct inst *inst = d->inst;
	size_t i = inst->nr_draws;

	if (i >= NOVA_SIM_DRAWS_MAX)
		return fail(
			"tenant '%s' has more than %u items of work; shorten the run", inst->name,
			    NOVA_SIM_DRAWS_MAX);
	if (i == inst->room) {
		inst->room = inst->room ? inst->room * 2 : 256;
		inst->draws = xrealloc(inst->draws, inst->room, sizeof(*inst->draws));
		inst->steps = xrealloc(inst->steps, inst->room, sizeof(*inst->steps));
	}
	/* An item of no length would be no work at all. */
	inst->draws[i].gap_ns = whole_ns(gap);
	inst->draws[i].length_ns = length < 1 ? 1 : whole_ns(length);
	inst->steps[i] = (struct step){ .request = d->nr_requests, .kind = kind, .last = last };
	inst->nr_draws++;
	d->spent += inst->draws[i].gap_ns + inst->draws[i].length_ns;
	return 0;
}

static double one_length(struct drawing *d)
{
	double length = dist_draw(&d->t->length, &d->length, d->nr_lengths++);

	if (d->t->spike_ratio && rng_unit(&d->spike) < d->t->spike_ratio)
		length *= d->t->spike_factor;
	return length;
}

static uint64_t one_count(const struct dist *dist, struct rng *rng, uint64_t index)
{
	double n = dist_draw(dist, rng, index);

	return n < 1 ? 1 : n > 1e6 ? 1000000 : (uint64_t)(n + 0.5);
}

/* Prompt in chunks, then one step per token; the last chunk gives the first one. */
static int llm_request(struct drawing *d, double gap)
{
	const struct tenant *t = d->t;
	uint64_t prompt = one_count(&t->prompt, &d->size, 2 * d->nr_requests);
	uint64_t output = one_count(&t->output, &d->size, 2 * d->nr_requests + 1);
	uint64_t done = 0, now, i;
	double cost;
	int ret = 0;

	while (!ret && done < prompt) {
		now = prompt - done < t->chunk ? prompt - done : t->chunk;
		cost = points_at(t->step_cost, t->nr_step_cost, now) + done * t->context_ns;
		done += now;
		ret = add_draw(d, gap, cost, done < prompt ? STEP_PROMPT : STEP_FIRST,
			       done == prompt && output == 1);
		gap = 0;
	}
	for (i = 1; !ret && i < output; i++) {
		cost = points_at(t->step_cost, t->nr_step_cost, 1) + (prompt + i) * t->context_ns;
		ret = add_draw(d, 0, cost, STEP_TOKEN, i == output - 1);
	}
	return ret;
}

static int one_request(struct drawing *d, double gap)
{
	uint64_t nr = 1, i;
	int ret = 0;

	if (tenant_is_llm(d->t)) {
		ret = llm_request(d, gap);
	} else {
		if (d->t->steps.kind)
			nr = one_count(&d->t->steps, &d->size, d->nr_requests);
		for (i = 0; !ret && i < nr; i++)
			ret = add_draw(d, i ? 0 : gap, one_length(d), STEP_PLAIN, i == nr - 1);
	}
	d->nr_requests++;
	return ret;
}

static double one_gap(struct drawing *d)
{
	const struct arrival *a = &d->t->arrival;
	double shape;

	switch (a->kind) {
	case ARRIVE_POISSON:
		return a->period_ns * rng_exp(&d->gap);
	case ARRIVE_GAMMA:
		shape = 1 / (a->cv * a->cv);
		return a->period_ns * rng_gamma(&d->gap, shape) / shape;
	case ARRIVE_CLOSED:
	case ARRIVE_TRACE:
		return dist_draw(&a->gap, &d->gap, d->nr_requests);
	default:
		return a->period_ns;
	}
}

static double first_gap(struct drawing *d)
{
	const struct arrival *a = &d->t->arrival;

	if (a->phase_fixed)
		return a->phase_ns;
	if (a->kind == ARRIVE_PERIODIC || a->kind == ARRIVE_FRAMES)
		return a->period_ns * rng_unit(&d->gap);
	return one_gap(d);
}

/*
 * When the next request comes, seen from the one before. An arrival that falls
 * into an off time comes when the next on time begins.
 */
static double next_time(struct drawing *d)
{
	const struct arrival *a = &d->t->arrival;
	double at = d->now + (d->nr_requests ? one_gap(d) : first_gap(d));

	if (!a->on.kind || at < d->on_until)
		return at;
	do {
		at = d->on_until + dist_draw(&a->off, &d->onoff, d->nr_cycles++);
		d->on_until = at + dist_draw(&a->on, &d->onoff, d->nr_cycles);
	} while (d->on_until <= at && at < d->end);
	return at;
}

static int draw_open(struct drawing *d)
{
	uint64_t last = 0;
	int ret = 0;

	if (d->t->arrival.on.kind)
		d->on_until = dist_draw(&d->t->arrival.on, &d->onoff, 0);
	while (!ret) {
		double at = next_time(d);

		if (at >= d->end)
			break;
		/* The sum of rounded gaps stays with the exact time. */
		ret = one_request(d, (double)(whole_ns(at) - last));
		last = whole_ns(at);
		d->now = at;
	}
	/* The device begins again with the first draw: not within this run. */
	return ret ? ret : add_draw(d, d->end - last + 1, 1, STEP_PLAIN, true);
}

/* Enough for the case that the tenant has the engine for itself all the time. */
static int draw_closed(struct drawing *d)
{
	int ret = 0;

	do {
		ret = one_request(d, one_gap(d));
	} while (!ret && d->spent <= d->end * d->t->tsgs);
	return ret;
}

static int draw_inst(const struct mix *mix, struct inst *inst, uint64_t seed)
{
	const struct tenant *t = inst->tenant;
	struct drawing d = { .t = t, .inst = inst };
	double end = mix->warmup_ns + mix->duration_ns;

	rng_seed(&d.gap, seed, inst->name, "gap");
	rng_seed(&d.length, seed, inst->name, "length");
	rng_seed(&d.spike, seed, inst->name, "spike");
	rng_seed(&d.size, seed, inst->name, "size");
	rng_seed(&d.onoff, seed, inst->name, "onoff");
	if (t->stop_ns && t->stop_ns < end)
		end = t->stop_ns;
	d.end = end > t->start_ns ? end - t->start_ns : 0;
	return t->arrival.kind == ARRIVE_CLOSED ? draw_closed(&d) : draw_open(&d);
}

int mix_draw(struct mix *mix, uint64_t seed)
{
	size_t i, total = 0;
	int ret = 0;

	mix_forget(mix);
	for (i = 0; !ret && i < mix->nr_insts; i++) {
		ret = draw_inst(mix, &mix->insts[i], seed);
		total += mix->insts[i].nr_draws;
		if (!ret && total > NOVA_SIM_DRAWS_MAX)
			ret = fail(
				"%s: more than %u items of work; shorten the run or lengthen the items",
				   mix->name, NOVA_SIM_DRAWS_MAX);
	}
	return ret;
}

void mix_forget(struct mix *mix)
{
	size_t i;

	for (i = 0; i < mix->nr_insts; i++) {
		struct inst *inst = &mix->insts[i];

		free(inst->draws);
		free(inst->steps);
		inst->draws = NULL;
		inst->steps = NULL;
		inst->nr_draws = 0;
		inst->room = 0;
	}
}
