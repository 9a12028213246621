// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf top: what GPUs do, refreshed until Ctrl-C or q. Where standard output is
 * no terminal the frames are printed one below the other.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "top.h"

#define INTERVAL_MS	2000
#define INTERVAL_MIN_MS	100
#define INTERVAL_MAX_MS	3600000

static int interval_of(const struct call *call, uint64_t *ms)
{
	const char *arg = call_value(call, "interval");
	double seconds;
	char *end;

	*ms = INTERVAL_MS;
	if (!arg)
		return 0;
	seconds = strtod(arg, &end);
	if (end == arg || *end || !(seconds * 1000 >= INTERVAL_MIN_MS) ||
	    seconds * 1000 > INTERVAL_MAX_MS)
		return usage_error("--interval needs 0.1 to 3600 seconds, not '%s'", arg);
	*ms = seconds * 1000;
	return 0;
}

static int rounds_of(const struct call *call, uint64_t *rounds)
{
	const char *arg = call_value(call, "count");

	*rounds = 0;
	if (call_value(call, "once"))
		*rounds = 1;
	else if (arg && (!parse_u64(arg, rounds) || !*rounds))
		return usage_error("--count needs a number from 1 up, not '%s'", arg);
	if (json_output && *rounds != 1)
		return usage_error("top prints JSON once only; add --once");
	return 0;
}

static struct top_sample *read_all(const struct names *gpus, const struct top_probe *probe)
{
	struct top_sample *all = xcalloc(gpus->nr, sizeof(*all));
	size_t i;

	for (i = 0; i < gpus->nr; i++)
		sample_read(&all[i], probe, gpus->name[i]);
	return all;
}

static void free_all(struct top_sample *all, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		sample_free(&all[i]);
	free(all);
}

static void show(const struct top_sample *now, const struct top_sample *before, size_t nr,
		 const struct top_probe *probe, bool on_terminal)
{
	struct json_object *doc = json_output ? json_object_new_array() : NULL;
	struct text t = { 0 };
	struct top_delta d;
	size_t i;

	for (i = 0; i < nr; i++) {
		delta_make(&d, &now[i], &before[i]);
		if (i && !doc)
			text_add(&t, "\n");
		if (doc)
			json_object_array_add(doc, top_json(&d, probe));
		else
			top_text(&t, &d, probe);
		delta_free(&d);
	}
	if (doc) {
		emit_json(doc);
	} else if (on_terminal) {
		term_show(t.s ? t.s : "");
	} else if (t.s) {
		fputs(t.s, stdout);
		fflush(stdout);
	}
	free(t.s);
}

int cmd_top(const struct call *call)
{
	struct top_sample *before, *now;
	struct top_probe probe;
	uint64_t ms, rounds, n = 0;
	bool on_terminal, go_on = true;
	struct names gpus;
	int ret;

	ret = interval_of(call, &ms);
	if (!ret)
		ret = rounds_of(call, &rounds);
	if (!ret)
		ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	if (!gpus.nr) {
		names_free(&gpus);
		return fail("there is no GPU; run: modprobe novabpf_sim");
	}
	probe_open(&probe);
	on_terminal = term_enter(rounds != 1);
	before = read_all(&gpus, &probe);
	if (on_terminal)
		show(before, before, gpus.nr, &probe, true);
	while (go_on) {
		go_on = term_wait(ms);
		/* One table is printed whatever ends the wait. */
		if (!go_on && rounds != 1)
			break;
		if (n && !on_terminal)
			putchar('\n');
		now = read_all(&gpus, &probe);
		show(now, before, gpus.nr, &probe, on_terminal);
		free_all(before, gpus.nr);
		before = now;
		if (++n == rounds)
			go_on = false;
	}
	term_leave();
	free_all(before, gpus.nr);
	probe_close(&probe);
	names_free(&gpus);
	return 0;
}
