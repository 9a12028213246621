// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of mixes: settings of the run, then profiles and tenants, each a headline
 * and the lines below it. Files may include others.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define SUFFIX		".load"
#define INCLUDES_MAX	32
#define FILE_BYTES_MAX	1000000u

struct reader {
	struct mix *mix;
	const char *file;
	struct tenant *current;		/* NULL above the first headline */
	bool included;
};

void *mix_keep(struct mix *mix, void *p)
{
	mix->memory = xrealloc(mix->memory, mix->nr_memory + 1, sizeof(*mix->memory));
	mix->memory[mix->nr_memory++] = p;
	return p;
}

static int read_one(struct mix *mix, const char *path, bool included);

static int set_title(struct mix *mix, struct line *line)
{
	const char *s = line_take(line);

	if (!s)
		return line_error(line, line->pos, "the title is missing");
	mix->title = mix_keep(mix, xstrdup(s));
	return 0;
}

static int set_slots(struct mix *mix, struct line *line)
{
	return take_count(line, "slots", 1, NOVA_SIM_TENANTS_MAX, &mix->slots);
}

static int set_seeds(struct mix *mix, struct line *line)
{
	return take_count(line, "seeds", 1, 1000, &mix->seeds);
}

static int set_duration(struct mix *mix, struct line *line)
{
	int ret = take_time(line, "duration", &mix->duration_ns);

	if (!ret && mix->duration_ns < NS_PER_MS)
		ret = line_error(line, line->pos - 1, "the duration is below 1ms");
	return ret;
}

static int set_warmup(struct mix *mix, struct line *line)
{
	return take_time(line, "warmup", &mix->warmup_ns);
}

static int take_short(struct line *line, const char *what, double *ns)
{
	int ret = take_time(line, what, ns);

	if (!ret && *ns > NS_PER_S)
		ret = line_error(line, line->pos - 1, "%s is more than 1s", what);
	return ret;
}

static int set_ctxsw(struct mix *mix, struct line *line)
{
	return take_short(line, "switch-cost", &mix->ctxsw_ns);
}

static int set_preempt(struct mix *mix, struct line *line)
{
	return take_short(line, "preempt-cost", &mix->preempt_ns);
}

static int set_tsg_slice(struct mix *mix, struct line *line)
{
	int ret = take_short(line, "tsg-slice", &mix->tsg_slice_ns);

	if (!ret && mix->tsg_slice_ns < NS_PER_US)
		ret = line_error(line, line->pos - 1, "tsg-slice is below 1us");
	return ret;
}

static int set_arr(struct mix *mix, struct line *line)
{
	static const char *const names[] = { "off", "on" };
	int i = line_known(line, line->pos, "value of arr", names, ARRAY_LEN(names));

	if (i < 0)
		return EXIT_FAILED;
	line->pos++;
	mix->sched.arr = i;
	return 0;
}

static int set_frequency(struct mix *mix, struct line *line)
{
	double ns;
	int ret = take_period(line, &ns);

	mix->sched.frequency_hz = ret ? 0 : (uint64_t)(NS_PER_S / ns + 0.5);
	return ret;
}

static int set_factor(struct mix *mix, struct line *line)
{
	return take_count(line, "arr-factor", 1, 60, &mix->sched.factor);
}

static int set_slice(struct mix *mix, struct line *line)
{
	double ns;
	int ret = take_time(line, "slice", &ns);

	mix->sched.slice_us = ret ? 0 : (uint64_t)(ns / NS_PER_US + 0.5);
	return ret;
}

static const struct {
	const char *name;
	int (*take)(struct mix *mix, struct line *line);
} settings[] = {
	{ "title", set_title },
	{ "slots", set_slots },
	{ "duration", set_duration },
	{ "warmup", set_warmup },
	{ "seeds", set_seeds },
	{ "switch-cost", set_ctxsw },
	{ "preempt-cost", set_preempt },
	{ "tsg-slice", set_tsg_slice },
	{ "arr", set_arr },
	{ "arr-frequency", set_frequency },
	{ "arr-factor", set_factor },
	{ "slice", set_slice },
};

static int take_include(struct reader *r, struct line *line)
{
	const char *s = line_take(line);
	char *copy, *path;
	int ret;

	if (!s)
		return line_error(line, line->pos, "the name of the file is missing");
	ret = line_end(line);
	if (ret)
		return ret;
	if (++r->mix->includes > INCLUDES_MAX)
		return line_error(line, 0,
				  "more than %d files are included; does one include itself?",
				  INCLUDES_MAX);
	copy = xstrdup(r->file);
	path = *s == '/' ? xstrdup(s) : xasprintf("%s/%s", dirname(copy), s);
	free(copy);
	mix_keep(r->mix, path);
	if (access(path, R_OK))
		return line_error(line, 1, "cannot read %s: %s", path, strerror(errno));
	return read_one(r->mix, path, true);
}

static int take_setting(struct reader *r, struct line *line)
{
	const char *names[ARRAY_LEN(settings) + 3];
	size_t i, nr = ARRAY_LEN(settings);
	struct mix scratch = { 0 };
	int found, ret;

	for (i = 0; i < nr; i++)
		names[i] = settings[i].name;
	names[nr++] = "include";
	names[nr++] = "profile";
	names[nr++] = "tenant";
	found = line_known(line, 0, "word", names, nr);
	if (found < 0)
		return EXIT_FAILED;
	line->pos = 1;
	if (found >= (int)ARRAY_LEN(settings))
		return take_include(r, line);
	/* Of an included file only profiles and tenants count. */
	ret = settings[found].take(r->included ? &scratch : r->mix, line);
	while (scratch.nr_memory)
		free(scratch.memory[--scratch.nr_memory]);
	free(scratch.memory);
	return ret ? ret : line_end(line);
}

static bool good_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	return *s && !s[strspn(s, letters)] && strlen(s) < LOAD_NAME_MAX;
}

static int take_headline(struct reader *r, struct line *line)
{
	bool profile = line_at(line, "profile");
	struct tenant **list = profile ? &r->mix->profiles : &r->mix->tenants;
	size_t *nr = profile ? &r->mix->nr_profiles : &r->mix->nr_tenants, i;
	struct tenant *t;
	const char *name;

	line->pos = 1;
	name = line_take(line);
	if (!name)
		return line_error(line, 1, "the name of the %s is missing", line->w[0].s);
	if (!good_name(name))
		return line_error(line, 1,
				  "bad name '%s'; use up to %d of a-z, 0-9, '-', '_'", name,
				  LOAD_NAME_MAX - 1);
	for (i = 0; i < *nr; i++)
		if (!strcmp((*list)[i].name, name))
			return line_error(line, 1, "%s '%s' is there already, at %s:%u",
					  line->w[0].s, name, (*list)[i].file, (*list)[i].line);
	*list = xrealloc(*list, *nr + 1, sizeof(**list));
	t = &(*list)[(*nr)++];
	*t = (struct tenant){
		.file = r->file, .line = line->nr, .is_profile = profile, .count = 1,
		.weight = 100, .priority = 1, .tsgs = 1, .engine_id = 1,
	};
	snprintf(t->name, sizeof(t->name), "%s", name);
	r->current = t;
	return line_end(line);
}

static int take_line(struct reader *r, struct line *line)
{
	if (line_at(line, "profile") || line_at(line, "tenant"))
		return take_headline(r, line);
	if (line_at(line, "include")) {
		/* What follows belongs to no tenant of this file any more. */
		r->current = NULL;
		line->pos = 1;
		return take_include(r, line);
	}
	if (r->current)
		return tenant_word(r->mix, r->current, line);
	return take_setting(r, line);
}

static int read_one(struct mix *mix, const char *path, bool included)
{
	struct reader r = { .mix = mix, .file = path, .included = included };
	struct line *line;
	char *data, *rest;
	size_t len;
	int ret = 0;

	data = read_file(path, &len);
	if (!data)
		return fail("cannot read %s: %s", path, strerror(errno));
	mix_keep(mix, data);
	if (len > FILE_BYTES_MAX || strlen(data) != len)
		return fail("%s is no mix of tenants: it is too long or not text", path);
	line = xcalloc(1, sizeof(*line));
	line->file = path;
	rest = data;
	while (!ret && rest) {
		char *text = strsep(&rest, "\n");

		line->nr++;
		ret = line_split(line, text);
		if (!ret && line->nr_words)
			ret = take_line(&r, line);
	}
	free(line);
	return ret;
}

static char *shipped_dir(void)
{
	return shipped_path("load", "../tools/load");
}

static int is_mix(const struct dirent *de)
{
	size_t len = strlen(de->d_name);

	return len > strlen(SUFFIX) && !strcmp(de->d_name + len - strlen(SUFFIX), SUFFIX);
}

static int no_such_mix(const char *name, const char *dir)
{
	struct dirent **list;
	struct text known = { 0 };
	int n = dir ? scandir(dir, &list, is_mix, alphasort) : -1, i, ret;

	for (i = 0; i < n; i++) {
		int len = strlen(list[i]->d_name) - strlen(SUFFIX);

		text_add(&known, "%s%.*s", i ? ", " : "", len, list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	ret = known.s ? fail(
		"no such mix '%s'; known: %s; or give a path such as ./mine.load", name,
			     known.s) :
			fail("no such mix '%s'; give the path of a file", name);
	free(known.s);
	return ret;
}

static char *find_mix(const char *name)
{
	char *dir, *path = NULL, *real = NULL;

	if (strchr(name, '/') || path_exists(name))
		return xstrdup(name);
	dir = shipped_dir();
	if (dir) {
		path = xasprintf("%s/%s%s", dir, name, SUFFIX);
		real = realpath(path, NULL);
	}
	if (!real)
		no_such_mix(name, dir);
	free(path);
	free(dir);
	return real;
}

/* @name: a path, or the name of a shipped mix. */
int mix_read(struct mix *mix, const char *name)
{
	char *path, *base, *dot;
	size_t i;
	int ret;

	*mix = (struct mix){
		.seeds = 1, .duration_ns = 60 * NS_PER_S, .warmup_ns = 5 * NS_PER_S,
		.ctxsw_ns = 100 * NS_PER_US, .preempt_ns = 30 * NS_PER_US,
		.tsg_slice_ns = 2 * NS_PER_MS, .sched.arr = -1,
	};
	path = find_mix(name);
	if (!path)
		return EXIT_FAILED;
	mix_keep(mix, path);
	base = xstrdup(path);
	mix->name = mix_keep(mix, xstrdup(basename(base)));
	free(base);
	dot = strrchr(mix->name, '.');
	if (dot && !strcmp(dot, SUFFIX))
		*dot = '\0';
	ret = read_one(mix, path, false);
	for (i = 0; !ret && i < mix->nr_tenants; i++)
		ret = tenant_check(&mix->tenants[i]);
	if (!ret && !mix->nr_tenants)
		ret = fail("%s: there is no tenant in it", path);
	return ret ? ret : mix_insts(mix);
}

/* One vGPU for each that a tenant counts. */
int mix_insts(struct mix *mix)
{
	size_t group, total = 0;
	uint64_t i;

	for (group = 0; group < mix->nr_tenants; group++)
		total += mix->tenants[group].count;
	if (total > NOVA_SIM_TENANTS_MAX)
		return fail("%s: %zu tenants are more than %d", mix->name, total,
			    NOVA_SIM_TENANTS_MAX);
	mix->insts = xcalloc(total, sizeof(*mix->insts));
	for (group = 0; group < mix->nr_tenants; group++) {
		const struct tenant *t = &mix->tenants[group];

		for (i = 0; i < t->count; i++) {
			struct inst *inst = &mix->insts[mix->nr_insts++];

			inst->tenant = t;
			inst->group = group;
			if (t->count > 1)
				snprintf(inst->name, sizeof(inst->name), "%s.%u", t->name,
					 (unsigned short)(i + 1));
			else
				snprintf(inst->name, sizeof(inst->name), "%s", t->name);
		}
	}
	return 0;
}

void mix_free(struct mix *mix)
{
	mix_forget(mix);
	while (mix->nr_memory)
		free(mix->memory[--mix->nr_memory]);
	free(mix->memory);
	free(mix->profiles);
	free(mix->tenants);
	free(mix->insts);
	memset(mix, 0, sizeof(*mix));
}
