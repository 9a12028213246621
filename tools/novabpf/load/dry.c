// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was drawn, without a run: a check of a mix.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum draw_stat {
	D_REQUESTS, D_ITEMS, D_LOAD_PCT, D_GAP_MEAN, D_GAP_CV,
	D_LENGTH_MEAN, D_LENGTH_CV, D_LENGTH_P5, D_LENGTH_P50, D_LENGTH_P95, D_LENGTH_P99,
	D_LENGTH_MAX, D_STEPS_MEAN,
	NR_DRAW_STATS
};

static const struct {
	const char *head;
	struct metric_name m;
} stats[NR_DRAW_STATS] = {
	[D_REQUESTS] = { "REQUESTS", { "requests", 0 } },
	[D_ITEMS] = { "ITEMS", { "items", 0 } },
	[D_LOAD_PCT] = { "LOAD%", { "load_pct", 3 } },
	[D_GAP_MEAN] = { "GAP_MEAN", { "gap_mean_ms", 4 } },
	[D_GAP_CV] = { "CV", { "gap_cv", 4 } },
	[D_LENGTH_MEAN] = { "LENGTH_MEAN", { "length_mean_ms", 4 } },
	[D_LENGTH_CV] = { "CV", { "length_cv", 4 } },
	[D_LENGTH_P5] = { "P5", { "length_p5_ms", 4 } },
	[D_LENGTH_P50] = { "P50", { "length_p50_ms", 4 } },
	[D_LENGTH_P95] = { "P95", { "length_p95_ms", 4 } },
	[D_LENGTH_P99] = { "P99", { "length_p99_ms", 4 } },
	[D_LENGTH_MAX] = { "MAX", { "length_max_ms", 4 } },
	[D_STEPS_MEAN] = { "STEPS", { "steps_mean", 3 } },
};

static double cv_of(const struct samples *s)
{
	double mean = samples_mean(s), sum = 0;
	size_t i;

	if (s->nr < 2 || !(mean > 0))
		return NAN;
	for (i = 0; i < s->nr; i++)
		sum += (s->v[i] - mean) * (s->v[i] - mean);
	return sqrt(sum / (s->nr - 1)) / mean;
}

static size_t real_draws(const struct inst *inst)
{
	/* The last draw of an open tenant only keeps the first from coming again. */
	return inst->tenant->arrival.kind == ARRIVE_CLOSED ? inst->nr_draws : inst->nr_draws - 1;
}

static void tenant_stats(const struct mix *mix, size_t group, double *v)
{
	double end = mix->warmup_ns + mix->duration_ns, steps = 0;
	struct samples gap = { 0 }, length = { 0 };
	const struct tenant *t = &mix->tenants[group];
	size_t i, k, requests = 0;

	for (i = 0; i < mix->nr_insts; i++) {
		const struct inst *inst = &mix->insts[i];

		if (inst->group != group)
			continue;
		for (k = 0; k < real_draws(inst); k++) {
			bool first = !k || inst->steps[k - 1].last;

			requests += first;
			/* The first of all is a phase, and no gap. */
			if (first && (k || t->arrival.kind == ARRIVE_CLOSED))
				samples_add(&gap, inst->draws[k].gap_ns / NS_PER_MS);
			samples_add(&length, inst->draws[k].length_ns / NS_PER_MS);
			steps++;
		}
	}
	v[D_REQUESTS] = requests;
	v[D_ITEMS] = length.nr;
	v[D_LOAD_PCT] = t->arrival.kind == ARRIVE_CLOSED ? NAN :
			100 * samples_mean(&length) * length.nr * NS_PER_MS / end / t->count;
	v[D_GAP_MEAN] = samples_mean(&gap);
	v[D_GAP_CV] = cv_of(&gap);
	v[D_LENGTH_MEAN] = samples_mean(&length);
	v[D_LENGTH_CV] = cv_of(&length);
	v[D_LENGTH_P5] = samples_pct(&length, 5);
	v[D_LENGTH_P50] = samples_pct(&length, 50);
	v[D_LENGTH_P95] = samples_pct(&length, 95);
	v[D_LENGTH_P99] = samples_pct(&length, 99);
	v[D_LENGTH_MAX] = samples_max(&length);
	v[D_STEPS_MEAN] = requests ? steps / requests : NAN;
	samples_free(&gap);
	samples_free(&length);
}

static char *stat_text(int i, double v)
{
	return isnan(v) ? xstrdup("-") : xasprintf("%.*f", stats[i].m.decimals, v);
}

void draws_text(const struct mix *mix, uint64_t seed)
{
	struct table t = { 0 };
	double v[NR_DRAW_STATS];
	size_t group;
	int i;

	printf("%s: %s\n%zu vGPUs, %g s, seed %llu; times in ms; load of each vGPU\n\n",
	       printable(mix->name), printable(mix->title ? mix->title : ""), mix->nr_insts,
	       (mix->warmup_ns + mix->duration_ns) / NS_PER_S, (unsigned long long)seed);
	table_add(&t, xstrdup("TENANT"));
	table_add(&t, xstrdup("VGPUS"));
	for (i = 0; i < NR_DRAW_STATS; i++)
		table_add(&t, xstrdup(stats[i].head));
	for (group = 0; group < mix->nr_tenants; group++) {
		tenant_stats(mix, group, v);
		table_add(&t, xstrdup(mix->tenants[group].name));
		table_add(&t, xasprintf("%llu", (unsigned long long)mix->tenants[group].count));
		for (i = 0; i < NR_DRAW_STATS; i++)
			table_add(&t, stat_text(i, v[i]));
	}
	table_print(&t, NR_DRAW_STATS + 2);
	table_free(&t);
}

struct json_object *draws_json(const struct mix *mix, uint64_t seed)
{
	struct json_object *doc = json_object_new_object(), *list = json_object_new_array();
	double v[NR_DRAW_STATS];
	size_t group;
	int i;

	for (group = 0; group < mix->nr_tenants; group++) {
		struct json_object *obj = json_object_new_object();

		tenant_stats(mix, group, v);
		json_object_object_add(obj, "name", json_text(mix->tenants[group].name));
		json_object_object_add(obj, "vgpus",
				       json_object_new_uint64(mix->tenants[group].count));
		for (i = 0; i < NR_DRAW_STATS; i++) {
			char *s = stat_text(i, v[i]);
			struct json_object *val = NULL;

			if (!isnan(v[i]))
				val = json_object_new_double_s(v[i], s);
			json_object_object_add(obj, stats[i].m.name, val);
			free(s);
		}
		json_object_array_add(list, obj);
	}
	json_object_object_add(doc, "mix", json_text(mix->name));
	json_object_object_add(doc, "seed", json_object_new_uint64(seed));
	json_object_object_add(doc, "tenants", list);
	return doc;
}
