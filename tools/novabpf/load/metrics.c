// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of a run, by vGPU, by tenant (all vGPUs of it together) and for the
 * engines. A request counts where it arrived after the warm-up.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* A number of a tenant is its vGPUs' together where it counts or pools samples. */
const struct metric_name metric_names[NR_METRICS] = {
	[M_ITEMS] = { "requests", 0 },
	[M_DONE] = { "done", 0 },
	[M_DROPPED] = { "dropped", 0 },
	[M_UNFINISHED] = { "unfinished", 0 },
	[M_DEMAND_PCT] = { "demand_pct", 3 },
	[M_WORK_MS] = { "work_ms", 3 },
	[M_SHARE_PCT] = { "share_pct", 3 },
	[M_ENTITLED_PCT] = { "entitled_pct", 3 },
	[M_SHARE_ERROR_PCT] = { "share_error_pct", 3 },
	[M_WAIT_P50] = { "wait_p50_ms", 3 },
	[M_WAIT_P99] = { "wait_p99_ms", 3 },
	[M_WAIT_P999] = { "wait_p999_ms", 3 },
	[M_WAIT_MAX] = { "wait_max_ms", 3 },
	[M_LONGEST_WAIT] = { "longest_wait_ms", 3 },
	[M_DELAY_P50] = { "delay_p50_ms", 3 },
	[M_DELAY_P99] = { "delay_p99_ms", 3 },
	[M_RESP_P50] = { "response_p50_ms", 3 },
	[M_RESP_P95] = { "response_p95_ms", 3 },
	[M_RESP_P99] = { "response_p99_ms", 3 },
	[M_RESP_MAX] = { "response_max_ms", 3 },
	[M_SLOWDOWN_P50] = { "slowdown_p50", 3 },
	[M_DUE] = { "due", 0 },
	[M_MISSED] = { "missed", 0 },
	[M_MISS_PCT] = { "missed_pct", 3 },
	[M_FPS] = { "fps", 3 },
	[M_FPS_OFFERED] = { "fps_offered", 3 },
	[M_FRAME_P50] = { "frame_p50_ms", 3 },
	[M_FRAME_P99] = { "frame_p99_ms", 3 },
	[M_FPS_LOW1] = { "fps_low1", 3 },
	[M_STUTTERS] = { "stutters", 0 },
	[M_REQUESTS] = { "llm_requests", 0 },
	[M_TTFT_P50] = { "ttft_p50_ms", 3 },
	[M_TTFT_P99] = { "ttft_p99_ms", 3 },
	[M_TPOT_P50] = { "tpot_p50_ms", 3 },
	[M_TPOT_P99] = { "tpot_p99_ms", 3 },
	[M_TBT_P99] = { "tbt_p99_ms", 3 },
	[M_TBT_MAX] = { "tbt_max_ms", 3 },
	[M_SLO_PCT] = { "slo_pct", 3 },
	[M_RUNS_PER_S] = { "runs_per_s", 3 },
};

const struct metric_name engine_metric_names[NR_ENGINE_METRICS] = {
	[E_UTIL_PCT] = { "util_pct", 3 },
	[E_SWITCH_PCT] = { "switch_pct", 3 },
	[E_IDLE_RUNNABLE_PCT] = { "idle_runnable_pct", 3 },
	[E_SWITCHES_PER_S] = { "switches_per_s", 3 },
	[E_WORK_MS] = { "work_ms", 3 },
	[E_LONGEST_WAIT] = { "longest_wait_ms", 3 },
	[E_JAIN_10] = { "jain_10ms", 4 },
	[E_JAIN_100] = { "jain_100ms", 4 },
	[E_JAIN_1000] = { "jain_1000ms", 4 },
	[E_JAIN_10_MIN] = { "jain_10ms_min", 4 },
	[E_JAIN_100_MIN] = { "jain_100ms_min", 4 },
	[E_JAIN_1000_MIN] = { "jain_1000ms_min", 4 },
	[E_DECISIONS] = { "decisions", 0 },
	[E_REJECTED] = { "rejected", 0 },
	[E_SEGMENTS_LOST] = { "segments_lost", 0 },
};

/* ---- samples */

void samples_add(struct samples *s, double v)
{
	if (s->nr == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = xrealloc(s->v, s->room, sizeof(*s->v));
	}
	s->v[s->nr++] = v;
	s->sorted = false;
}

static void samples_join(struct samples *to, const struct samples *from)
{
	size_t i;

	for (i = 0; i < from->nr; i++)
		samples_add(to, from->v[i]);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void samples_sort(struct samples *s)
{
	if (!s->sorted && s->nr)
		qsort(s->v, s->nr, sizeof(*s->v), by_value);
	s->sorted = true;
}

/* The smallest sample that is not below @percent of all. */
double samples_pct(struct samples *s, double percent)
{
	size_t rank;

	if (!s->nr)
		return NAN;
	samples_sort(s);
	rank = ceil(percent * s->nr / 100 - 0.000000001);
	return s->v[rank ? rank - 1 : 0];
}

double samples_max(struct samples *s)
{
	return samples_pct(s, 100);
}

double samples_mean(const struct samples *s)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < s->nr; i++)
		sum += s->v[i];
	return s->nr ? sum / s->nr : NAN;
}

void samples_free(struct samples *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* ---- requests */

struct tally {
	uint64_t requests;
	uint64_t done;
	uint64_t dropped;
	uint64_t unfinished;
	uint64_t due;
	uint64_t missed;
	uint64_t llm;
	uint64_t slo_due;
	uint64_t slo_met;
	uint64_t stutters;
	struct samples wait;
	struct samples delay;
	struct samples resp;
	struct samples slow;
	struct samples frame;	/* time from one finished frame to the next */
	struct samples ttft;
	struct samples tpot;
	struct samples tbt;
};

/* The request whose items are being read, and what went before. */
struct reading {
	bool open;
	bool dropped;
	bool started;
	bool unfinished;
	uint32_t request;
	uint64_t arrival;
	uint64_t start;
	uint64_t done;
	uint64_t first;		/* time of the first token, 0 before it */
	uint64_t tokens;	/* after the first */
	double length;
	uint64_t last_frame;	/* when the last one was done, 0 after a pause */
	uint64_t last_arrival;
};

struct context {
	const struct tenant *tenant;
	uint64_t from;
	uint64_t to;
	struct tally *tally;
};

static void count_frame(const struct context *c, struct reading *r)
{
	if (r->last_arrival && r->arrival - r->last_arrival > 1.5 * c->tenant->arrival.period_ns)
		r->last_frame = 0;
	r->last_arrival = r->arrival;
	if (r->dropped || r->unfinished)
		return;
	if (r->last_frame && r->arrival >= c->from)
		samples_add(&c->tally->frame, r->done - r->last_frame);
	r->last_frame = r->done;
}

static void count_llm(const struct context *c, const struct reading *r)
{
	const struct tenant *t = c->tenant;
	double ttft = (double)r->first - r->arrival, tpot = 0;
	bool complete = !r->unfinished;

	c->tally->llm++;
	if (r->first)
		samples_add(&c->tally->ttft, ttft);
	if (complete && r->tokens) {
		tpot = (double)(r->done - r->first) / r->tokens;
		samples_add(&c->tally->tpot, tpot);
	}
	if (!t->first_ns && !t->token_ns)
		return;
	if (!complete && (!t->first_ns || r->first || r->arrival + t->first_ns > c->to))
		return;
	c->tally->slo_due++;
	c->tally->slo_met += complete && (!t->first_ns || ttft <= t->first_ns) &&
			     (!t->token_ns || tpot <= t->token_ns);
}

static void count_deadline(const struct context *c, const struct reading *r)
{
	double deadline = c->tenant->deadline_ns;
	bool complete = !r->dropped && !r->unfinished;

	if (!deadline || (!complete && !r->dropped && r->arrival + deadline > c->to))
		return;
	c->tally->due++;
	c->tally->missed += !complete || r->done - r->arrival > deadline;
}

static void end_request(const struct context *c, struct reading *r)
{
	struct tally *t = c->tally;

	if (!r->open)
		return;
	r->open = false;
	if (c->tenant->arrival.kind == ARRIVE_FRAMES)
		count_frame(c, r);
	if (r->arrival < c->from || r->arrival >= c->to)
		return;
	t->requests++;
	count_deadline(c, r);
	if (r->dropped) {
		t->dropped++;
		return;
	}
	samples_add(&t->wait, (r->started ? r->start : c->to) - r->arrival);
	if (tenant_is_llm(c->tenant))
		count_llm(c, r);
	if (r->unfinished) {
		t->unfinished++;
		return;
	}
	t->done++;
	samples_add(&t->resp, r->done - r->arrival);
	samples_add(&t->slow, (r->done - r->arrival) / r->length);
}

static void read_token(const struct context *c, struct reading *r, const struct step *step,
		       const struct nova_sim_item *it)
{
	if (step->kind == STEP_FIRST) {
		r->first = it->done_ns;
	} else if (step->kind == STEP_TOKEN) {
		r->tokens++;
		if (r->done && it->arrival_ns >= c->from)
			samples_add(&c->tally->tbt, it->done_ns - r->done);
	}
}

static void read_item(const struct context *c, struct reading *r, const struct inst *inst,
		      const struct nova_sim_item *it)
{
	const struct step *step = &inst->steps[it->index % inst->nr_draws];
	bool finished = it->done_ns && !(it->flags & NOVA_SIM_ITEM_UNFINISHED);

	if (!r->open || r->request != step->request) {
		end_request(c, r);
		r->open = true;
		r->request = step->request;
		r->arrival = it->arrival_ns;
		r->dropped = it->flags & NOVA_SIM_ITEM_DROPPED;
		r->started = it->start_ns || it->ran_ns;
		r->start = it->start_ns;
		r->unfinished = false;
		r->done = 0;
		r->first = 0;
		r->tokens = 0;
		r->length = 0;
	}
	r->length += it->length_ns;
	if (!finished && !r->dropped)
		r->unfinished = true;
	if (finished) {
		read_token(c, r, step, it);
		if (it->done_ns > r->done)
			r->done = it->done_ns;
	}
	if (step->last)
		end_request(c, r);
	else if (it->flags & NOVA_SIM_ITEM_UNFINISHED)
		r->unfinished = true;
}

static void read_all(const struct mix *mix, const struct run *run, const struct times *times,
		     struct tally *tally)
{
	struct reading *r = xcalloc(mix->nr_insts, sizeof(*r));
	uint64_t k;
	size_t i;

	for (k = 0; k < run->res->items + mix->nr_insts; k++) {
		const struct nova_sim_item *it = k < run->res->items ? &run->items[k] : NULL;
		struct context c = { .from = times->from, .to = times->to };

		i = it ? it->tenant : k - run->res->items;
		c.tenant = mix->insts[i].tenant;
		c.tally = &tally[i];
		if (it && mix->insts[i].nr_draws) {
			read_item(&c, &r[i], &mix->insts[i], it);
			continue;
		}
		/* Cut off by the end of the run: the rest of it never arrived. */
		if (r[i].open)
			r[i].unfinished = !r[i].dropped;
		end_request(&c, &r[i]);
	}
	free(r);
}

static void tally_join(struct tally *to, const struct tally *from)
{
	to->requests += from->requests;
	to->done += from->done;
	to->dropped += from->dropped;
	to->unfinished += from->unfinished;
	to->due += from->due;
	to->missed += from->missed;
	to->llm += from->llm;
	to->slo_due += from->slo_due;
	to->slo_met += from->slo_met;
	to->stutters += from->stutters;
	samples_join(&to->wait, &from->wait);
	samples_join(&to->delay, &from->delay);
	samples_join(&to->resp, &from->resp);
	samples_join(&to->slow, &from->slow);
	samples_join(&to->frame, &from->frame);
	samples_join(&to->ttft, &from->ttft);
	samples_join(&to->tpot, &from->tpot);
	samples_join(&to->tbt, &from->tbt);
}

static void tally_free(struct tally *t)
{
	samples_free(&t->wait);
	samples_free(&t->delay);
	samples_free(&t->resp);
	samples_free(&t->slow);
	samples_free(&t->frame);
	samples_free(&t->ttft);
	samples_free(&t->tpot);
	samples_free(&t->tbt);
}

/* ---- numbers */

static double ms(double ns)
{
	return ns / NS_PER_MS;
}

static void count_stutters(struct tally *t)
{
	double median = samples_pct(&t->frame, 50);
	size_t i;

	t->stutters = 0;
	for (i = 0; i < t->frame.nr; i++)
		t->stutters += t->frame.v[i] > 2 * median;
}

/* Frames per second of the slowest hundredth. */
static double slow_fps(struct samples *s)
{
	size_t nr = (s->nr + 99) / 100, i;
	double sum = 0;

	if (!s->nr)
		return NAN;
	samples_sort(s);
	for (i = s->nr - nr; i < s->nr; i++)
		sum += s->v[i];
	return sum > 0 ? NS_PER_S * nr / sum : NAN;
}

static void from_tally(const struct tenant *tn, struct tally *t, double window_s, size_t insts,
		       double *m)
{
	bool frames = tn->arrival.kind == ARRIVE_FRAMES, llm = tenant_is_llm(tn);

	m[M_ITEMS] = t->requests;
	m[M_DONE] = t->done;
	m[M_DROPPED] = t->dropped;
	m[M_UNFINISHED] = t->unfinished;
	m[M_WAIT_P50] = ms(samples_pct(&t->wait, 50));
	m[M_WAIT_P99] = ms(samples_pct(&t->wait, 99));
	m[M_WAIT_P999] = ms(samples_pct(&t->wait, 99.9));
	m[M_WAIT_MAX] = ms(samples_max(&t->wait));
	m[M_DELAY_P50] = ms(samples_pct(&t->delay, 50));
	m[M_DELAY_P99] = ms(samples_pct(&t->delay, 99));
	m[M_RESP_P50] = ms(samples_pct(&t->resp, 50));
	m[M_RESP_P95] = ms(samples_pct(&t->resp, 95));
	m[M_RESP_P99] = ms(samples_pct(&t->resp, 99));
	m[M_RESP_MAX] = ms(samples_max(&t->resp));
	m[M_SLOWDOWN_P50] = samples_pct(&t->slow, 50);
	m[M_DUE] = tn->deadline_ns ? t->due : NAN;
	m[M_MISSED] = tn->deadline_ns ? t->missed : NAN;
	m[M_MISS_PCT] = t->due ? 100.0 * t->missed / t->due : NAN;
	m[M_FPS] = frames ? t->done / window_s / insts : NAN;
	m[M_FPS_OFFERED] = frames ? t->requests / window_s / insts : NAN;
	m[M_FRAME_P50] = ms(samples_pct(&t->frame, 50));
	m[M_FRAME_P99] = ms(samples_pct(&t->frame, 99));
	m[M_FPS_LOW1] = slow_fps(&t->frame);
	m[M_STUTTERS] = frames ? t->stutters : NAN;
	m[M_REQUESTS] = llm ? t->llm : NAN;
	m[M_TTFT_P50] = ms(samples_pct(&t->ttft, 50));
	m[M_TTFT_P99] = ms(samples_pct(&t->ttft, 99));
	m[M_TPOT_P50] = ms(samples_pct(&t->tpot, 50));
	m[M_TPOT_P99] = ms(samples_pct(&t->tpot, 99));
	m[M_TBT_P99] = ms(samples_pct(&t->tbt, 99));
	m[M_TBT_MAX] = ms(samples_max(&t->tbt));
	m[M_SLO_PCT] = t->slo_due ? 100.0 * t->slo_met / t->slo_due : NAN;
}

static void inst_times(const struct times *t, size_t i, double window_s, double *m)
{
	double share = t->work_ns[i] / NS_PER_S / window_s;

	m[M_DEMAND_PCT] = 100 * t->demand[i];
	m[M_WORK_MS] = ms(t->work_ns[i]);
	m[M_SHARE_PCT] = 100 * share;
	m[M_ENTITLED_PCT] = 100 * t->entitled[i];
	m[M_SHARE_ERROR_PCT] = t->entitled[i] > 0 ? 100 * (share / t->entitled[i] - 1) : NAN;
	m[M_LONGEST_WAIT] = ms(t->longest[i]);
	m[M_RUNS_PER_S] = t->runs[i] / window_s;
}

/* Of a tenant: work is the sum, shares are the mean vGPU's, the rest is the worst. */
static void group_times(const struct mix *mix, const struct numbers *n, size_t group, double *m)
{
	static const enum metric means[] = {
		M_DEMAND_PCT, M_SHARE_PCT, M_ENTITLED_PCT, M_RUNS_PER_S,
	};
	uint64_t nr = mix->tenants[group].count;
	size_t i, k;

	m[M_WORK_MS] = 0;
	m[M_LONGEST_WAIT] = 0;
	m[M_SHARE_ERROR_PCT] = NAN;
	for (k = 0; k < ARRAY_LEN(means); k++)
		m[means[k]] = 0;
	for (i = 0; i < mix->nr_insts; i++) {
		const double *one = n->inst[i];

		if (mix->insts[i].group != group)
			continue;
		m[M_WORK_MS] += one[M_WORK_MS];
		if (one[M_LONGEST_WAIT] > m[M_LONGEST_WAIT])
			m[M_LONGEST_WAIT] = one[M_LONGEST_WAIT];
		if (isnan(m[M_SHARE_ERROR_PCT]) ||
		    fabs(one[M_SHARE_ERROR_PCT]) > fabs(m[M_SHARE_ERROR_PCT]))
			m[M_SHARE_ERROR_PCT] = one[M_SHARE_ERROR_PCT];
		for (k = 0; k < ARRAY_LEN(means); k++)
			m[means[k]] += one[means[k]] / nr;
	}
}

static void engine_numbers(const struct mix *mix, const struct run *run, const struct times *t,
			   double window_s, double *e)
{
	size_t i;

	e[E_UTIL_PCT] = 100 * (t->busy_ns / NS_PER_S) / window_s;
	e[E_SWITCH_PCT] = 100 * (t->switch_ns / NS_PER_S) / window_s;
	e[E_IDLE_RUNNABLE_PCT] = 100 * (t->idle_runnable_ns / NS_PER_S) / window_s;
	e[E_SWITCHES_PER_S] = t->switches / window_s;
	e[E_WORK_MS] = ms(t->busy_ns);
	e[E_LONGEST_WAIT] = 0;
	for (i = 0; i < mix->nr_insts; i++)
		if (ms(t->longest[i]) > e[E_LONGEST_WAIT])
			e[E_LONGEST_WAIT] = ms(t->longest[i]);
	times_jain(mix, t, 10 * NS_PER_MS, &e[E_JAIN_10], &e[E_JAIN_10_MIN]);
	times_jain(mix, t, 100 * NS_PER_MS, &e[E_JAIN_100], &e[E_JAIN_100_MIN]);
	times_jain(mix, t, 1000 * NS_PER_MS, &e[E_JAIN_1000], &e[E_JAIN_1000_MIN]);
	e[E_DECISIONS] = run->decisions;
	e[E_REJECTED] = run->rejected;
	e[E_SEGMENTS_LOST] = run->res->segments_lost;
}

void numbers_make(const struct mix *mix, const struct run *run, struct numbers *n)
{
	struct tally *tally = xcalloc(mix->nr_insts, sizeof(*tally));
	struct tally *group = xcalloc(mix->nr_tenants, sizeof(*group));
	struct times times;
	double window_s;
	size_t i;

	times_make(mix, run, &times);
	window_s = (times.to - times.from) / NS_PER_S;
	n->inst = xcalloc(mix->nr_insts, sizeof(*n->inst));
	n->group = xcalloc(mix->nr_tenants, sizeof(*n->group));
	read_all(mix, run, &times, tally);
	for (i = 0; i < mix->nr_insts; i++) {
		count_stutters(&tally[i]);
		samples_join(&tally[i].delay, &times.delay[i]);
		from_tally(mix->insts[i].tenant, &tally[i], window_s, 1, n->inst[i]);
		inst_times(&times, i, window_s, n->inst[i]);
		tally_join(&group[mix->insts[i].group], &tally[i]);
		tally_free(&tally[i]);
	}
	for (i = 0; i < mix->nr_tenants; i++) {
		from_tally(&mix->tenants[i], &group[i], window_s, mix->tenants[i].count,
			   n->group[i]);
		group_times(mix, n, i, n->group[i]);
		tally_free(&group[i]);
	}
	engine_numbers(mix, run, &times, window_s, n->engine);
	times_free(mix, &times);
	free(tally);
	free(group);
}

void numbers_free(struct numbers *n)
{
	free(n->inst);
	free(n->group);
	memset(n, 0, sizeof(*n));
}
