// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is due to each tenant: the work that its engine did, shared among those that
 * were there and had work, by weight or in parts, to none more than its cap or than
 * it could use.
 *
 * Who is there changes with time. So the time is cut into stretches in which the
 * same tenants are there, and each stretch is shared by itself.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/**
 * struct due - sharing of a run
 * @mix: its tenants
 * @run: what happened
 * @t: times of it
 * @edge: ends of the stretches, ascending; the first is the begin
 * @nr: number of stretches
 * @asked: per stretch and vGPU: engine time that arrived; ns
 * @want: per vGPU: what it could use of the present stretch
 * @got: per vGPU: what of it is due
 * @left: per vGPU: what it did not get of what it asked for before
 */
struct due {
	const struct mix *mix;
	const struct run *run;
	struct times *t;
	uint64_t *edge;
	size_t nr;
	double *asked;
	double *want;
	double *got;
	double *left;
};

static bool is_closed(const struct mix *mix, size_t i)
{
	return mix->insts[i].tenant->arrival.kind == ARRIVE_CLOSED;
}

static uint64_t begins(const struct due *d, size_t i)
{
	return d->mix->insts[i].tenant->start_ns;
}

/* What a closed tenant began before its stop it still ends. */
static uint64_t ends(const struct due *d, size_t i)
{
	const struct spans *p = &d->t->pending[i];
	uint64_t stop = d->mix->insts[i].tenant->stop_ns;

	if (!stop)
		return d->t->to;
	if (is_closed(d->mix, i) && p->nr && p->s[p->nr - 1].to > stop)
		return p->s[p->nr - 1].to;
	return stop;
}

static int in_time(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void add_edge(struct due *d, uint64_t at)
{
	if (at > d->t->from && at < d->t->to)
		d->edge[d->nr++] = at;
}

static void make_edges(struct due *d)
{
	size_t i, n = 1;

	d->edge = xcalloc(2 * d->mix->nr_insts + 2, sizeof(*d->edge));
	d->edge[d->nr++] = d->t->from;
	for (i = 0; i < d->mix->nr_insts; i++) {
		add_edge(d, begins(d, i));
		add_edge(d, ends(d, i));
	}
	d->edge[d->nr++] = d->t->to;
	qsort(d->edge, d->nr, sizeof(*d->edge), in_time);
	for (i = 1; i < d->nr; i++)
		if (d->edge[i] != d->edge[n - 1])
			d->edge[n++] = d->edge[i];
	d->nr = n - 1;
}

static size_t stretch_of(const struct due *d, uint64_t at)
{
	size_t low = 0, high = d->nr - 1, mid;

	while (low < high) {
		mid = (low + high + 1) / 2;
		if (d->edge[mid] <= at)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

static uint64_t common(uint64_t from, uint64_t to, uint64_t a, uint64_t b)
{
	from = from > a ? from : a;
	to = to < b ? to : b;
	return to > from ? to - from : 0;
}

/* Part of an engine that a closed tenant uses when it is alone. */
static double closed_rate(const struct inst *inst)
{
	double sum = 0, gaps = 0, rate;
	uint64_t k;

	for (k = 0; k < inst->nr_draws; k++) {
		sum += inst->draws[k].length_ns;
		gaps += inst->draws[k].gap_ns;
	}
	rate = sum + gaps > 0 ? sum / (sum + gaps) * inst->tenant->tsgs : 0;
	return rate < 1 ? rate : 1;
}

static void ask(struct due *d)
{
	size_t n = d->mix->nr_insts, i, s;
	uint64_t k;

	for (k = 0; k < d->run->res->items; k++) {
		const struct nova_sim_item *it = &d->run->items[k];

		if (!is_closed(d->mix, it->tenant) && it->arrival_ns >= d->t->from)
			d->asked[stretch_of(d, it->arrival_ns) * n + it->tenant] += it->length_ns;
	}
	for (i = 0; i < n; i++) {
		double rate = is_closed(d->mix, i) ? closed_rate(&d->mix->insts[i]) : 0;

		for (s = 0; rate > 0 && s < d->nr; s++)
			d->asked[s * n + i] = rate * common(d->edge[s], d->edge[s + 1],
							    begins(d, i), ends(d, i));
	}
}

static uint64_t ran_in(const struct spans *ran, uint64_t from, uint64_t to)
{
	uint64_t ns = 0;
	size_t k;

	for (k = 0; k < ran->nr && ran->s[k].from < to; k++)
		ns += common(ran->s[k].from, ran->s[k].to, from, to);
	return ns;
}

/* What one leaves over is due to the others: until nobody leaves anything over. */
static void share_by_weight(struct due *d, uint32_t engine_id, size_t s)
{
	const struct inst *insts = d->mix->insts;
	size_t n = d->mix->nr_insts, i;
	double rest = 0, weights, level;
	bool *full = xcalloc(n, sizeof(*full)), again;

	for (i = 0; i < n; i++)
		if (insts[i].tenant->engine_id == engine_id)
			rest += ran_in(&d->t->ran[i], d->edge[s], d->edge[s + 1]);
	do {
		again = false;
		weights = 0;
		for (i = 0; i < n; i++)
			if (insts[i].tenant->engine_id == engine_id && !full[i])
				weights += insts[i].tenant->weight;
		level = weights > 0 && rest > 0 ? rest / weights : 0;
		for (i = 0; i < n; i++) {
			if (insts[i].tenant->engine_id != engine_id || full[i])
				continue;
			d->got[i] = level * insts[i].tenant->weight;
			if (d->want[i] > d->got[i])
				continue;
			d->got[i] = d->want[i];
			rest -= d->want[i];
			full[i] = true;
			again = true;
		}
	} while (again);
	free(full);
}

/* A part pays for its switches, as all do. */
static void share_by_parts(struct due *d, size_t parts, size_t s)
{
	double window = d->t->to - d->t->from;
	double part = (1 - d->t->switch_ns / window) / parts * (d->edge[s + 1] - d->edge[s]);
	size_t i;

	for (i = 0; i < d->mix->nr_insts; i++)
		d->got[i] = d->want[i] < part ? d->want[i] : part;
}

static void share_stretch(struct due *d, size_t s)
{
	size_t n = d->mix->nr_insts, i, parts = d->run->due == BY_SLOTS ? d->run->slots : n;
	double length = d->edge[s + 1] - d->edge[s];

	for (i = 0; i < n; i++) {
		double ask = d->asked[s * n + i] + d->left[i];
		uint64_t cap_pct = d->mix->insts[i].tenant->cap_pct;
		double most = length * (cap_pct ? cap_pct : 100) / 100;

		d->left[i] = is_closed(d->mix, i) ? 0 : ask;
		d->want[i] = ask < most ? ask : most;
	}
	if (d->run->due != BY_WEIGHT && parts)
		share_by_parts(d, parts, s);
	else
		for (i = 0; i < ENGINES_MAX; i++)
			share_by_weight(d, i, s);
	for (i = 0; i < n; i++) {
		d->t->entitled[i] += d->got[i];
		if (d->left[i] > 0)
			d->left[i] -= d->got[i];
	}
}

void times_due(const struct mix *mix, const struct run *run, struct times *t)
{
	struct due d = { .mix = mix, .run = run, .t = t };
	double window = t->to - t->from;
	size_t n = mix->nr_insts, i, s;

	if (t->to <= t->from)
		return;
	make_edges(&d);
	d.asked = xcalloc(d.nr * n, sizeof(*d.asked));
	d.want = xcalloc(n, sizeof(*d.want));
	d.got = xcalloc(n, sizeof(*d.got));
	d.left = xcalloc(n, sizeof(*d.left));
	ask(&d);
	for (s = 0; s < d.nr; s++) {
		share_stretch(&d, s);
		for (i = 0; i < n; i++)
			t->demand[i] += d.asked[s * n + i] / window;
	}
	for (i = 0; i < n; i++)
		t->entitled[i] /= window;
	free(d.edge);
	free(d.asked);
	free(d.want);
	free(d.got);
	free(d.left);
}
