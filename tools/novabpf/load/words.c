// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the lines of a tenant or profile say.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define U32_LIMIT	4294967295ull

static int take_switching(struct mix *mix, struct line *line, struct arrival *a)
{
	int ret = 0;

	while (!ret && (line_at(line, "on") || line_at(line, "off"))) {
		bool on = line_at(line, "on");

		line->pos++;
		ret = take_dist(mix, line, true, on ? &a->on : &a->off);
	}
	if (!ret && !a->on.kind != !a->off.kind)
		ret = line_error(line, line->pos, "'on' and 'off' need each other");
	return ret;
}

static int take_phase(struct line *line, struct arrival *a)
{
	if (!line_at(line, "phase"))
		return 0;
	line->pos++;
	if (line_at(line, "random")) {
		line->pos++;
		return 0;
	}
	a->phase_fixed = true;
	return take_time(line, "phase", &a->phase_ns);
}

static int word_arrival(struct mix *mix, struct tenant *t, struct line *line)
{
	static const char *const kinds[] = {
		"periodic", "frames", "poisson", "gamma", "closed", "trace",
	};
	struct arrival *a = &t->arrival;
	int kind = line_known(line, line->pos, "arrival", kinds, ARRAY_LEN(kinds));
	int ret = 0;

	if (kind < 0)
		return EXIT_FAILED;
	memset(a, 0, sizeof(*a));
	a->kind = ARRIVE_PERIODIC + kind;
	line->pos++;
	switch (a->kind) {
	case ARRIVE_CLOSED:
		if (line_at(line, "gap")) {
			line->pos++;
			ret = take_dist(mix, line, true, &a->gap);
		}
		return ret;
	case ARRIVE_TRACE:
		ret = take_dist(mix, line, true, &a->gap);
		break;
	default:
		ret = take_period(line, &a->period_ns);
	}
	if (!ret && a->kind == ARRIVE_GAMMA) {
		if (line_at(line, "cv"))
			line->pos++;
		ret = take_number(line, "cv", 0.01, 100, &a->cv);
	}
	if (!ret)
		ret = take_phase(line, a);
	return ret ? ret : take_switching(mix, line, a);
}

static int word_length(struct mix *mix, struct tenant *t, struct line *line)
{
	return take_dist(mix, line, true, &t->length);
}

static int word_steps(struct mix *mix, struct tenant *t, struct line *line)
{
	return take_dist(mix, line, false, &t->steps);
}

static int word_prompt(struct mix *mix, struct tenant *t, struct line *line)
{
	return take_dist(mix, line, false, &t->prompt);
}

static int word_output(struct mix *mix, struct tenant *t, struct line *line)
{
	return take_dist(mix, line, false, &t->output);
}

static int word_chunk(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_count(line, "chunk", 1, 1 << 20, &t->chunk);
}

/* "step-cost 1:9.7ms 32:10.9ms ...": tokens in a step, time. */
static int word_step_cost(struct mix *mix, struct tenant *t, struct line *line)
{
	struct point *points = NULL;
	size_t nr = 0;
	int ret = 0;

	while (!ret && line->pos < line->nr_words) {
		struct word *w = &line->w[line->pos];
		char *colon = strchr(w->s, ':'), *end;
		struct word whole = *w;
		struct point p;

		p.x = strtod(w->s, &end);
		if (!colon || end != colon || !(p.x >= 1) || p.x > 1e9 ||
		    (nr && p.x <= points[nr - 1].x)) {
			ret = line_error(line, line->pos,
					 "bad step cost '%s'; write TOKENS:TIME, such as 32:10.9ms, tokens rising",
					 w->s);
			break;
		}
		w->column += colon + 1 - w->s;
		w->s = colon + 1;
		ret = take_time(line, "step cost", &p.y);
		if (ret)
			break;
		*w = whole;
		points = xrealloc(points, nr + 1, sizeof(*points));
		points[nr++] = p;
	}
	if (!ret && !nr)
		ret = line_error(line, line->pos, "step-cost needs one TOKENS:TIME or more");
	t->step_cost = points ? mix_keep(mix, points) : NULL;
	t->nr_step_cost = nr;
	return ret;
}

static int word_context_cost(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "context cost", &t->context_ns);
}

static int word_spike(struct mix *mix, struct tenant *t, struct line *line)
{
	int ret = take_percent(line, "probability", &t->spike_ratio);

	(void)mix;
	return ret ? ret : take_number(line, "factor", 0, 1000, &t->spike_factor);
}

static int word_deadline(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "deadline", &t->deadline_ns);
}

static int word_first_deadline(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "first-deadline", &t->first_ns);
}

static int word_token_deadline(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "token-deadline", &t->token_ns);
}

static int word_weight(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_count(line, "weight", 1, 10000, &t->weight);
}

static int word_cap(struct mix *mix, struct tenant *t, struct line *line)
{
	double ratio;
	int ret = take_percent(line, "cap", &ratio);

	(void)mix;
	t->cap_pct = (uint64_t)(ratio * 100 + 0.5);
	if (!ret && !t->cap_pct)
		ret = line_error(line, line->pos - 1, "a cap is 1%% to 100%%");
	return ret;
}

static int word_priority(struct mix *mix, struct tenant *t, struct line *line)
{
	static const char *const names[] = { "batch", "normal", "interactive" };
	int i = line_known(line, line->pos, "priority", names, ARRAY_LEN(names));

	(void)mix;
	if (i < 0)
		return EXIT_FAILED;
	line->pos++;
	t->priority = i;
	return 0;
}

/* "reserve 4ms every 16.7ms" */
static int word_reserve(struct mix *mix, struct tenant *t, struct line *line)
{
	int ret = take_time(line, "budget", &t->budget_ns);

	(void)mix;
	if (!ret && !line_at(line, "every"))
		ret = line_error(line, line->pos, "write: reserve BUDGET every PERIOD");
	line->pos++;
	if (!ret)
		ret = take_period(line, &t->period_ns);
	if (!ret && (t->budget_ns < 1000 || t->budget_ns > t->period_ns))
		ret = line_error(line, 1, "the budget is 1us at least and the period at most");
	return ret;
}

static int word_tsgs(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_count(line, "tsgs", 1, NOVA_SIM_TSGS_MAX, &t->tsgs);
}

static int word_grain(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "grain", &t->grain_ns);
}

static int word_start(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "start", &t->start_ns);
}

static int word_stop(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_time(line, "stop", &t->stop_ns);
}

static int word_count(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_count(line, "count", 1, NOVA_SIM_TENANTS_MAX, &t->count);
}

static int word_queue(struct mix *mix, struct tenant *t, struct line *line)
{
	(void)mix;
	return take_count(line, "queue", 1, U32_LIMIT, &t->queue_max);
}

/* Numbers of NV2080_ENGINE_TYPE. */
static int word_engine(struct mix *mix, struct tenant *t, struct line *line)
{
	static const struct {
		const char *name;
		uint64_t first;
		uint64_t nr;
	} kinds[] = {
		{ "gr", 0x1, 8 }, { "copy", 0x9, 10 }, { "nvdec", 0x13, 8 }, { "nvenc", 0x1b, 3 },
	};
	const char *s = line_take(line);
	uint64_t n;
	size_t i;

	(void)mix;
	for (i = 0; s && i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].name);

		if (strncmp(s, kinds[i].name, len) || !parse_u64(s + len, &n) || n >= kinds[i].nr)
			continue;
		t->engine_id = kinds[i].first + n;
		return 0;
	}
	return line_error(line, line->pos - !!s,
			  "unknown engine '%s'; known: gr0 to gr7, copy0 to copy9, nvdec0 to nvdec7, nvenc0 to nvenc2",
			  s ? s : "");
}

/* Take over all that a profile says; what follows in the tenant replaces it. */
static int word_use(struct mix *mix, struct tenant *t, struct line *line)
{
	const char **names = xcalloc(mix->nr_profiles, sizeof(*names));
	struct tenant own = *t;
	int i;

	for (i = 0; i < (int)mix->nr_profiles; i++)
		names[i] = mix->profiles[i].name;
	i = line_known(line, line->pos, "profile", names, mix->nr_profiles);
	free(names);
	if (i < 0)
		return EXIT_FAILED;
	if (&mix->profiles[i] == t)
		return line_error(line, line->pos, "a profile cannot use itself");
	line->pos++;
	*t = mix->profiles[i];
	memcpy(t->name, own.name, sizeof(t->name));
	t->is_profile = own.is_profile;
	t->file = own.file;
	t->line = own.line;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct mix *mix, struct tenant *t, struct line *line);
} words[] = {
	{ "use", word_use },
	{ "count", word_count },
	{ "arrival", word_arrival },
	{ "length", word_length },
	{ "spike", word_spike },
	{ "steps", word_steps },
	{ "prompt", word_prompt },
	{ "output", word_output },
	{ "chunk", word_chunk },
	{ "step-cost", word_step_cost },
	{ "context-cost", word_context_cost },
	{ "deadline", word_deadline },
	{ "first-deadline", word_first_deadline },
	{ "token-deadline", word_token_deadline },
	{ "weight", word_weight },
	{ "cap", word_cap },
	{ "priority", word_priority },
	{ "reserve", word_reserve },
	{ "tsgs", word_tsgs },
	{ "grain", word_grain },
	{ "queue", word_queue },
	{ "engine", word_engine },
	{ "start", word_start },
	{ "stop", word_stop },
};

int tenant_word(struct mix *mix, struct tenant *t, struct line *line)
{
	const char *names[ARRAY_LEN(words)];
	size_t i;
	int found, ret;

	for (i = 0; i < ARRAY_LEN(words); i++)
		names[i] = words[i].name;
	found = line_known(line, 0, "word", names, ARRAY_LEN(words));
	if (found < 0)
		return EXIT_FAILED;
	line->pos = 1;
	ret = words[found].take(mix, t, line);
	return ret ? ret : line_end(line);
}

bool tenant_is_llm(const struct tenant *t)
{
	return t->prompt.kind != DIST_NONE;
}

/* What no single line can be blamed for. */
int tenant_check(const struct tenant *t)
{
	const char *wrong = NULL;

	if (!t->arrival.kind)
		wrong = "has no arrival";
	else if (tenant_is_llm(t) && (!t->output.kind || !t->nr_step_cost || !t->chunk))
		wrong = "has a prompt; it needs output, chunk and step-cost as well";
	else if (tenant_is_llm(t) && (t->length.kind || t->steps.kind))
		wrong = "has a prompt; length and steps do not go with it";
	else if (!tenant_is_llm(t) && !t->length.kind)
		wrong = "has no length";
	else if (!tenant_is_llm(t) && (t->first_ns || t->token_ns))
		wrong = "has a deadline for tokens, but no prompt";
	else if ((tenant_is_llm(t) || t->steps.kind) &&
		 (t->arrival.kind == ARRIVE_FRAMES || t->queue_max))
		wrong = "has requests of several steps; they cannot be dropped one by one";
	else if (t->stop_ns && t->stop_ns <= t->start_ns)
		wrong = "stops before it starts";
	if (!wrong)
		return 0;
	return fail("%s:%u:1: tenant '%s' %s", t->file, t->line, t->name, wrong);
}
