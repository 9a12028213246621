// SPDX-License-Identifier: GPL-2.0-only
/*
 * When each tenant had work and when it had its engine: shares, the longest wait,
 * fairness in windows. All after the warm-up.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* A span that begins where the last one ended, or before, makes that longer. */
static void spans_add(struct spans *sp, uint64_t from, uint64_t to)
{
	if (to <= from)
		return;
	if (sp->nr && from <= sp->s[sp->nr - 1].to) {
		if (to > sp->s[sp->nr - 1].to)
			sp->s[sp->nr - 1].to = to;
		return;
	}
	if (sp->nr == sp->room) {
		sp->room = sp->room ? 2 * sp->room : 64;
		sp->s = xrealloc(sp->s, sp->room, sizeof(*sp->s));
	}
	sp->s[sp->nr++] = (struct span){ .from = from, .to = to };
}

static uint64_t clip(const struct times *t, uint64_t from, uint64_t to)
{
	if (from < t->from)
		from = t->from;
	if (to > t->to)
		to = t->to;
	return to > from ? to - from : 0;
}

static void read_items(const struct run *run, struct times *t)
{
	uint64_t i;

	for (i = 0; i < run->res->items; i++) {
		const struct nova_sim_item *it = &run->items[i];

		if (!(it->flags & NOVA_SIM_ITEM_DROPPED))
			spans_add(&t->pending[it->tenant], it->arrival_ns,
				  it->done_ns ? it->done_ns : t->to);
	}
}

static int inst_of(const struct mix *mix, uint32_t gfid, uint32_t engine_id)
{
	size_t i;

	for (i = 0; i < mix->nr_insts; i++)
		if (mix->insts[i].gfid == gfid && mix->insts[i].tenant->engine_id == engine_id)
			return i;
	return -1;
}

/* @busy gets what each engine did, work and switches together. */
static void read_segments(const struct mix *mix, const struct run *run, struct times *t,
			  struct spans *busy)
{
	int last[ENGINES_MAX];
	uint64_t k;

	memset(last, 0xff, sizeof(last));
	for (k = 0; k < run->res->segments; k++) {
		const struct nova_sim_segment *s = &run->segs[k];
		int i = inst_of(mix, s->gfid, s->engine_id);
		uint64_t ns = clip(t, s->start_ns, s->end_ns);

		if (s->engine_id >= ENGINES_MAX)
			continue;
		spans_add(&busy[s->engine_id], s->start_ns, s->end_ns);
		if (s->kind == NOVA_SIM_SWITCH) {
			t->switch_ns += ns;
			t->switches += ns > 0;
			continue;
		}
		t->busy_ns += ns;
		if (i < 0)
			continue;
		t->work_ns[i] += ns;
		t->runs[i] += last[s->engine_id] != i && s->start_ns >= t->from;
		last[s->engine_id] = i;
		spans_add(&t->ran[i], s->start_ns, s->end_ns);
	}
}

/* Each time that a tenant had work and not the engine. Return: the longest. */
static uint64_t list_delays(const struct times *t, const struct spans *pending,
			    const struct spans *ran, struct samples *delay)
{
	uint64_t longest = 0;
	size_t p, r = 0;

	for (p = 0; p < pending->nr; p++) {
		uint64_t at = pending->s[p].from;

		while (r < ran->nr && ran->s[r].to <= at)
			r++;
		for (; r < ran->nr && ran->s[r].from < pending->s[p].to; r++) {
			uint64_t gap = clip(t, at, ran->s[r].from);

			if (ran->s[r].from < at)
				gap = 0;
			if (gap > longest)
				longest = gap;
			if (ran->s[r].from >= t->from && (gap || at == pending->s[p].from))
				samples_add(delay, gap);
			at = ran->s[r].to;
			if (at > pending->s[p].to)
				break;
		}
		if (at >= pending->s[p].to)
			continue;
		at = clip(t, at, pending->s[p].to);
		if (at > longest)
			longest = at;
		if (at)
			samples_add(delay, at);
	}
	return longest;
}

struct edge {
	uint64_t at;
	int work;
	int busy;
};

static int edge_order(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static size_t add_edges(struct edge *e, size_t nr, const struct spans *sp, int work, int busy)
{
	size_t i;

	for (i = 0; i < sp->nr; i++) {
		e[nr++] = (struct edge){ sp->s[i].from, work, busy };
		e[nr++] = (struct edge){ sp->s[i].to, -work, -busy };
	}
	return nr;
}

static uint64_t idle_with_work(const struct mix *mix, const struct times *t, uint32_t engine_id,
			       const struct spans *busy)
{
	size_t i, nr = busy->nr, used;
	uint64_t idle = 0;
	int work = 0, on = 0;
	struct edge *e;

	for (i = 0; i < mix->nr_insts; i++)
		nr += t->pending[i].nr;
	e = xcalloc(2 * nr, sizeof(*e));
	used = add_edges(e, 0, busy, 0, 1);
	for (i = 0; i < mix->nr_insts; i++)
		if (mix->insts[i].tenant->engine_id == engine_id)
			used = add_edges(e, used, &t->pending[i], 1, 0);
	if (used)
		qsort(e, used, sizeof(*e), edge_order);
	for (i = 0; i + 1 < used; i++) {
		work += e[i].work;
		on += e[i].busy;
		if (work > 0 && !on)
			idle += clip(t, e[i].at, e[i + 1].at);
	}
	free(e);
	return idle;
}

void times_make(const struct mix *mix, const struct run *run, struct times *t)
{
	struct spans *busy = xcalloc(ENGINES_MAX, sizeof(*busy));
	size_t nr = mix->nr_insts, i;

	*t = (struct times){ .from = mix->warmup_ns, .to = run->res->ended_ns };
	if (t->from > t->to)
		t->from = t->to;
	t->pending = xcalloc(nr, sizeof(*t->pending));
	t->ran = xcalloc(nr, sizeof(*t->ran));
	t->work_ns = xcalloc(nr, sizeof(*t->work_ns));
	t->runs = xcalloc(nr, sizeof(*t->runs));
	t->demand = xcalloc(nr, sizeof(*t->demand));
	t->entitled = xcalloc(nr, sizeof(*t->entitled));
	t->longest = xcalloc(nr, sizeof(*t->longest));
	t->delay = xcalloc(nr, sizeof(*t->delay));
	read_items(run, t);
	read_segments(mix, run, t, busy);
	for (i = 0; i < nr; i++)
		t->longest[i] = list_delays(t, &t->pending[i], &t->ran[i], &t->delay[i]);
	for (i = 0; i < ENGINES_MAX; i++) {
		t->idle_runnable_ns += idle_with_work(mix, t, i, &busy[i]);
		free(busy[i].s);
	}
	free(busy);
	times_due(mix, run, t);
}

void times_free(const struct mix *mix, struct times *t)
{
	size_t i;

	for (i = 0; i < mix->nr_insts; i++) {
		free(t->pending[i].s);
		free(t->ran[i].s);
		samples_free(&t->delay[i]);
	}
	free(t->pending);
	free(t->ran);
	free(t->work_ns);
	free(t->runs);
	free(t->demand);
	free(t->entitled);
	free(t->longest);
	free(t->delay);
}

/* Where a walk over the spans of a tenant stands. */
struct walk {
	size_t pending;
	size_t ran;
};

/* Time it ran in the window; negative where it had not work all the time. */
static double window_work(const struct times *t, size_t i, struct walk *w, uint64_t from,
			  uint64_t to)
{
	const struct spans *p = &t->pending[i], *r = &t->ran[i];
	uint64_t sum = 0;

	while (w->pending < p->nr && p->s[w->pending].to < to)
		w->pending++;
	while (w->ran < r->nr && r->s[w->ran].to <= from)
		w->ran++;
	while (w->ran < r->nr && r->s[w->ran].from < to) {
		const struct span *s = &r->s[w->ran];

		sum += (s->to < to ? s->to : to) - (s->from > from ? s->from : from);
		if (s->to > to)
			break;
		w->ran++;
	}
	if (w->pending == p->nr || p->s[w->pending].from > from)
		return -1;
	return sum;
}

/*
 * Jain's index of work by weight, over windows in which two tenants or more without
 * a cap had work from beginning to end: mean over the windows, and the least. NAN
 * where there is no such window.
 */
void times_jain(const struct mix *mix, const struct times *t, uint64_t window_ns, double *mean,
		double *least)
{
	struct walk *w = xcalloc(mix->nr_insts, sizeof(*w));
	double total = 0;
	uint64_t from, nr = 0;
	size_t i;

	*least = NAN;
	for (from = t->from; from + window_ns <= t->to; from += window_ns) {
		double sum = 0, squares = 0, jain;
		unsigned int n = 0;

		for (i = 0; i < mix->nr_insts; i++) {
			double x = window_work(t, i, &w[i], from, from + window_ns);

			/* A cap keeps a tenant from the share of its weight. */
			if (x < 0 || mix->insts[i].tenant->cap_pct % 100)
				continue;
			x /= mix->insts[i].tenant->weight;
			sum += x;
			squares += x * x;
			n++;
		}
		if (n < 2 || squares <= 0)
			continue;
		jain = sum * sum / (n * squares);
		total += jain;
		nr++;
		if (isnan(*least) || jain < *least)
			*least = jain;
	}
	*mean = nr ? total / nr : NAN;
	free(w);
}
