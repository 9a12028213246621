// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of all runs: over the seeds the median, with the least and the greatest
 * beside it. As tables, as JSON, or as CSV with one number per line.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum over_seeds { MEDIAN, LEAST, GREATEST };

static const char *const over_names[] = { "median", "min", "max" };

/* A number of one scope: @group of all tenants, or of the engines where it is -1. */
static double number_of(const struct report *r, size_t policy, size_t seed, int group, int metric)
{
	const struct numbers *n = &r->n[policy * r->nr_seeds + seed];

	return group < 0 ? n->engine[metric] : n->group[group][metric];
}

static double over_seeds(const struct report *r, size_t policy, int group, int metric,
			 enum over_seeds what)
{
	struct samples s = { 0 };
	double val = NAN, low;
	size_t i;

	for (i = 0; i < r->nr_seeds; i++) {
		double v = number_of(r, policy, i, group, metric);

		if (!isnan(v))
			samples_add(&s, v);
	}
	if (s.nr) {
		low = samples_pct(&s, 50);
		val = what == LEAST ? s.v[0] : what == GREATEST ? s.v[s.nr - 1] :
		      s.nr % 2 ? low : (low + s.v[s.nr / 2]) / 2;
	}
	samples_free(&s);
	return val;
}

static char *number_text(double v, int decimals)
{
	char *s;

	if (isnan(v) || isinf(v))
		return xstrdup("-");
	s = xasprintf("%.*f", decimals, v);
	/* "-0.00" is nothing that was measured. */
	if (*s == '-' && !s[strspn(s, "-0.")])
		memmove(s, s + 1, strlen(s));
	return s;
}

/* ---- text */

struct column {
	const char *head;
	int metric;
	int decimals;
	bool spread;
	char when;	/* 'f': with frames, 'l': with tokens, 'd': with deadlines */
};

static const struct column tenant_columns[] = {
	{ "SHARE%", M_SHARE_PCT, 2, true, 0 },
	{ "DUE%", M_ENTITLED_PCT, 2, false, 0 },
	{ "WORK_MS", M_WORK_MS, 1, false, 0 },
	{ "TURNS/S", M_RUNS_PER_S, 1, false, 0 },
	{ "WAIT_P50", M_WAIT_P50, 3, false, 0 },
	{ "P99", M_WAIT_P99, 3, true, 0 },
	{ "P99.9", M_WAIT_P999, 3, false, 0 },
	{ "MAX", M_WAIT_MAX, 3, false, 0 },
	{ "DELAY_P99", M_DELAY_P99, 3, true, 0 },
	{ "RESP_P50", M_RESP_P50, 3, false, 0 },
	{ "P99", M_RESP_P99, 3, true, 0 },
	{ "MISS%", M_MISS_PCT, 2, true, 'd' },
	{ "FPS", M_FPS, 1, false, 'f' },
	{ "LOW1%", M_FPS_LOW1, 1, false, 'f' },
	{ "STUTTERS", M_STUTTERS, 0, false, 'f' },
	{ "TTFT_P99", M_TTFT_P99, 1, true, 'l' },
	{ "TPOT_P99", M_TPOT_P99, 2, true, 'l' },
	{ "SLO%", M_SLO_PCT, 1, false, 'l' },
};

static const struct column engine_columns[] = {
	{ "UTIL%", E_UTIL_PCT, 2, true, 0 },
	{ "SWITCH%", E_SWITCH_PCT, 2, false, 0 },
	{ "IDLE_BUSY%", E_IDLE_RUNNABLE_PCT, 2, false, 0 },
	{ "SWITCHES/S", E_SWITCHES_PER_S, 1, false, 0 },
	{ "WORK_MS", E_WORK_MS, 1, false, 0 },
	{ "LONGEST_WAIT", E_LONGEST_WAIT, 3, true, 0 },
	{ "JAIN_10MS", E_JAIN_10, 4, false, 0 },
	{ "100MS", E_JAIN_100, 4, false, 0 },
	{ "1000MS", E_JAIN_1000, 4, false, 0 },
	{ "DECISIONS", E_DECISIONS, 0, false, 0 },
	{ "REJECTED", E_REJECTED, 0, false, 0 },
};

static bool column_applies(const struct report *r, const struct column *c)
{
	size_t i;

	if (!c->when)
		return true;
	for (i = 0; i < r->mix->nr_tenants; i++) {
		const struct tenant *t = &r->mix->tenants[i];

		if ((c->when == 'f' && t->arrival.kind == ARRIVE_FRAMES) ||
		    (c->when == 'l' && tenant_is_llm(t)) || (c->when == 'd' && t->deadline_ns))
			return true;
	}
	return false;
}

static int add_heads(const struct report *r, struct table *t, const struct column *columns,
		     size_t nr)
{
	int added = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!column_applies(r, &columns[i]))
			continue;
		table_add(t, xstrdup(columns[i].head));
		added++;
		if (columns[i].spread && r->nr_seeds > 1) {
			table_add(t, xstrdup("(RANGE)"));
			added++;
		}
	}
	return added;
}

static void add_cells(const struct report *r, struct table *t, const struct column *columns,
		      size_t nr, size_t policy, int group)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct column *c = &columns[i];
		char *low, *high;

		if (!column_applies(r, c))
			continue;
		table_add(t, number_text(over_seeds(r, policy, group, c->metric, MEDIAN),
					 c->decimals));
		if (!c->spread || r->nr_seeds < 2)
			continue;
		low = number_text(over_seeds(r, policy, group, c->metric, LEAST), c->decimals);
		high = number_text(over_seeds(r, policy, group, c->metric, GREATEST), c->decimals);
		table_add(t, strcmp(low, "-") ? xasprintf("(%s..%s)", low, high) : xstrdup("-"));
		free(low);
		free(high);
	}
}

static void tenant_table(const struct report *r)
{
	struct table t = { 0 };
	size_t group, p;
	int cols = 2;

	table_add(&t, xstrdup("TENANT"));
	table_add(&t, xstrdup("POLICY"));
	cols += add_heads(r, &t, tenant_columns, ARRAY_LEN(tenant_columns));
	for (group = 0; group < r->mix->nr_tenants; group++) {
		const struct tenant *tn = &r->mix->tenants[group];

		for (p = 0; p < r->nr_policies; p++) {
			table_add(&t, tn->count > 1 ?
				      xasprintf("%s x%llu", tn->name,
						(unsigned long long)tn->count) :
				      xstrdup(tn->name));
			table_add(&t, xstrdup(r->policy[p]));
			add_cells(r, &t, tenant_columns, ARRAY_LEN(tenant_columns), p, group);
		}
	}
	table_print(&t, cols);
	table_free(&t);
}

static void engine_table(const struct report *r)
{
	struct table t = { 0 };
	int cols = 1;
	size_t p;

	table_add(&t, xstrdup("POLICY"));
	cols += add_heads(r, &t, engine_columns, ARRAY_LEN(engine_columns));
	for (p = 0; p < r->nr_policies; p++) {
		table_add(&t, xstrdup(r->policy[p]));
		add_cells(r, &t, engine_columns, ARRAY_LEN(engine_columns), p, -1);
	}
	table_print(&t, cols);
	table_free(&t);
}

static const struct run *run_of(const struct report *r, size_t policy, size_t seed)
{
	return &r->run[policy * r->nr_seeds + seed];
}

void report_text(const struct report *r)
{
	size_t p, s;

	printf("%s: %s\n", printable(r->mix->name),
	       printable(r->mix->title ? r->mix->title : ""));
	printf("%zu vGPUs", r->mix->nr_insts);
	if (r->type)
		printf(" of type %s on %s", r->type, r->gpu);
	if (run_of(r, 0, 0)->slots)
		printf(", %u fit", run_of(r, 0, 0)->slots);
	printf("; %g s after %g s of warm-up; seed %llu", r->mix->duration_ns / NS_PER_S,
	       r->mix->warmup_ns / NS_PER_S, (unsigned long long)run_of(r, 0, 0)->seed);
	if (r->nr_seeds > 1)
		printf(" to %llu: medians (least..greatest)",
		       (unsigned long long)run_of(r, 0, r->nr_seeds - 1)->seed);
	printf(
		"\ntimes in ms; a tenant of several vGPUs: share of each, work of all, waits pooled\n\n");
	tenant_table(r);
	putchar('\n');
	engine_table(r);
	for (p = 0; p < r->nr_policies; p++)
		for (s = 0; s < r->nr_seeds; s++)
			if (run_of(r, p, s)->ended)
				printf("\n%s, seed %llu: a policy was ejected: %s\n",
				       printable(r->policy[p]),
				       (unsigned long long)run_of(r, p, s)->seed,
				       printable(run_of(r, p, s)->ended));
	for (p = 0; p < r->nr_policies; p++)
		if (over_seeds(r, p, -1, E_SEGMENTS_LOST, GREATEST) > 0)
			printf("\n%s: segments were lost; its shares and waits are too low\n",
			       printable(r->policy[p]));
}

/* ---- CSV */

static void csv_scope(const char *policy, const char *seed, const char *scope, const char *name,
		      const struct metric_name *names, int nr, const double *v)
{
	int i;

	for (i = 0; i < nr; i++) {
		char *s = number_text(v[i], names[i].decimals);

		printf("%s,%s,%s,%s,%s,%s\n", policy, seed, scope, name, names[i].name,
		       strcmp(s, "-") ? s : "");
		free(s);
	}
}

static void csv_over_seeds(const struct report *r, size_t p, enum over_seeds what)
{
	double v[NR_METRICS], e[NR_ENGINE_METRICS];
	size_t group;
	int i;

	for (i = 0; i < NR_ENGINE_METRICS; i++)
		e[i] = over_seeds(r, p, -1, i, what);
	csv_scope(r->policy[p], over_names[what], "engine", "", engine_metric_names,
		  NR_ENGINE_METRICS, e);
	for (group = 0; group < r->mix->nr_tenants; group++) {
		for (i = 0; i < NR_METRICS; i++)
			v[i] = over_seeds(r, p, group, i, what);
		csv_scope(r->policy[p], over_names[what], "tenant", r->mix->tenants[group].name,
			  metric_names, NR_METRICS, v);
	}
}

static void csv_run(const struct report *r, size_t p, size_t s)
{
	const struct numbers *n = &r->n[p * r->nr_seeds + s];
	char seed[24];
	size_t i;

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)run_of(r, p, s)->seed);
	csv_scope(r->policy[p], seed, "engine", "", engine_metric_names, NR_ENGINE_METRICS,
		  n->engine);
	for (i = 0; i < r->mix->nr_tenants; i++)
		csv_scope(r->policy[p], seed, "tenant", r->mix->tenants[i].name, metric_names,
			  NR_METRICS, n->group[i]);
	for (i = 0; i < r->mix->nr_insts; i++)
		csv_scope(r->policy[p], seed, "vgpu", r->mix->insts[i].name, metric_names,
			  NR_METRICS, n->inst[i]);
}

void report_csv(const struct report *r)
{
	enum over_seeds what;
	size_t p, s;

	puts("policy,seed,scope,name,metric,value");
	for (p = 0; p < r->nr_policies; p++) {
		for (s = 0; s < r->nr_seeds; s++)
			csv_run(r, p, s);
		for (what = MEDIAN; what <= GREATEST; what++)
			csv_over_seeds(r, p, what);
	}
}

/* ---- JSON */

static struct json_object *json_number(double v, int decimals)
{
	char *s = number_text(v, decimals);
	struct json_object *obj = NULL;

	if (strcmp(s, "-"))
		obj = decimals ? json_object_new_double_s(v, s) : json_object_new_int64(v);
	free(s);
	return obj;
}

static struct json_object *json_scope(const char *name, const struct metric_name *names, int nr,
				      const double *v)
{
	struct json_object *obj = json_object_new_object();
	int i;

	if (name)
		json_object_object_add(obj, "name", json_text(name));
	for (i = 0; i < nr; i++)
		json_object_object_add(obj, names[i].name, json_number(v[i], names[i].decimals));
	return obj;
}

static struct json_object *json_over_seeds(const struct report *r, size_t p, enum over_seeds what)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	double v[NR_METRICS], e[NR_ENGINE_METRICS];
	size_t group;
	int i;

	for (i = 0; i < NR_ENGINE_METRICS; i++)
		e[i] = over_seeds(r, p, -1, i, what);
	for (group = 0; group < r->mix->nr_tenants; group++) {
		for (i = 0; i < NR_METRICS; i++)
			v[i] = over_seeds(r, p, group, i, what);
		json_object_array_add(list, json_scope(r->mix->tenants[group].name, metric_names,
						       NR_METRICS, v));
	}
	json_object_object_add(obj, "engine",
			       json_scope(NULL, engine_metric_names, NR_ENGINE_METRICS, e));
	json_object_object_add(obj, "tenants", list);
	return obj;
}

static struct json_object *json_run(const struct report *r, size_t p, size_t s)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *tenants = json_object_new_array(), *vgpus = json_object_new_array();
	const struct numbers *n = &r->n[p * r->nr_seeds + s];
	const struct run *run = run_of(r, p, s);
	size_t i;

	for (i = 0; i < r->mix->nr_tenants; i++)
		json_object_array_add(tenants, json_scope(r->mix->tenants[i].name, metric_names,
							  NR_METRICS, n->group[i]));
	for (i = 0; i < r->mix->nr_insts; i++)
		json_object_array_add(vgpus, json_scope(r->mix->insts[i].name, metric_names,
							NR_METRICS, n->inst[i]));
	json_object_object_add(obj, "seed", json_object_new_uint64(run->seed));
	json_object_object_add(obj, "slots", json_object_new_int64(run->slots));
	json_object_object_add(obj, "ejected", run->ended ? json_text(run->ended) : NULL);
	json_object_object_add(obj, "engine", json_scope(NULL, engine_metric_names,
							 NR_ENGINE_METRICS, n->engine));
	json_object_object_add(obj, "tenants", tenants);
	json_object_object_add(obj, "vgpus", vgpus);
	return obj;
}

int report_json(const struct report *r)
{
	struct json_object *doc = json_object_new_object(), *list = json_object_new_array();
	enum over_seeds what;
	size_t p, s;

	for (p = 0; p < r->nr_policies; p++) {
		struct json_object *obj = json_object_new_object(), *runs = json_object_new_array();

		for (s = 0; s < r->nr_seeds; s++)
			json_object_array_add(runs, json_run(r, p, s));
		json_object_object_add(obj, "policy", json_text(r->policy[p]));
		json_object_object_add(obj, "runs", runs);
		for (what = MEDIAN; what <= GREATEST; what++)
			json_object_object_add(obj, over_names[what], json_over_seeds(r, p, what));
		json_object_array_add(list, obj);
	}
	json_object_object_add(doc, "mix", json_text(r->mix->name));
	json_object_object_add(doc, "title", r->mix->title ? json_text(r->mix->title) : NULL);
	json_object_object_add(doc, "gpu", r->gpu ? json_text(r->gpu) : NULL);
	json_object_object_add(doc, "type", r->type ? json_text(r->type) : NULL);
	json_object_object_add(doc, "duration_s", json_number(r->mix->duration_ns / NS_PER_S, 6));
	json_object_object_add(doc, "warmup_s", json_number(r->mix->warmup_ns / NS_PER_S, 6));
	json_object_object_add(doc, "policies", list);
	return emit_json(doc);
}
