// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf status: who decides on a GPU, since when, how well, and for whom.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "policy/policy.h"

#define NS_PER_MS	1000000.0
#define NS_PER_S	1000000000.0

/* "NAME value" lines of sched/events. */
struct counts {
	char *text;
	char **name;
	uint64_t *value;
	size_t nr;
};

static void counts_read(uint32_t gpu_id, struct counts *c)
{
	char *text = root_read("/sys/class/novabpf/gpu%u/sched/events", gpu_id);
	char *line, *save, *blank;
	uint64_t value;

	memset(c, 0, sizeof(*c));
	c->text = text ? text_escape(text, "\n") : NULL;
	free(text);
	line = c->text ? strtok_r(c->text, "\n", &save) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &save)) {
		blank = strrchr(line, ' ');
		if (!blank || !parse_u64(blank + 1, &value))
			continue;
		*blank = '\0';
		c->name = xrealloc(c->name, c->nr + 1, sizeof(*c->name));
		c->value = xrealloc(c->value, c->nr + 1, sizeof(*c->value));
		c->name[c->nr] = line;
		c->value[c->nr++] = value;
	}
}

static void counts_free(struct counts *c)
{
	free(c->name);
	free(c->value);
	free(c->text);
}

/* Counters whose name begins with @prefix, as members without it. */
static struct json_object *counts_json(const struct counts *c, const char *prefix)
{
	struct json_object *obj = json_object_new_object();
	size_t i, len = strlen(prefix);

	for (i = 0; i < c->nr; i++)
		if (!strncmp(c->name[i], prefix, len))
			json_add_u64(obj, c->name[i] + len, c->value[i]);
	return obj;
}

/* The same as text, without those that are 0; "" for none. */
static char *counts_text(const struct counts *c, const char *prefix)
{
	size_t i, len = strlen(prefix);
	struct text t = { 0 };

	for (i = 0; i < c->nr; i++)
		if (!strncmp(c->name[i], prefix, len) && c->value[i])
			text_add(&t, "%s%s %llu", t.len ? ", " : "", c->name[i] + len,
				 (unsigned long long)c->value[i]);
	return t.s ? t.s : xstrdup("");
}

static struct json_object *shares_json(const struct vgpu_shares *all)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < all->nr; i++) {
		struct json_object *obj = json_object_new_object();
		const struct vgpu_share *t = &all->t[i];

		json_add_int(obj, "gfid", t->gfid);
		json_add_text(obj, "name", t->name);
		json_add_text(obj, "state", t->state);
		json_add_u64(obj, "weight", t->weight);
		json_add_u64(obj, "runs", t->runs);
		json_add_u64(obj, "run_ns", t->run_ns);
		json_add_u64(obj, "wait_ns", t->wait_ns);
		json_add_u64(obj, "wait_max_ns", t->wait_max_ns);
		json_object_object_add(obj, "share", all->run_ns ?
				       json_object_new_double((double)t->run_ns / all->run_ns) :
				       NULL);
		json_object_array_add(list, obj);
	}
	return list;
}

static void shares_print(const struct vgpu_shares *all)
{
	static const char *const head[] = {
		"GFID", "NAME", "STATE", "WEIGHT", "RUNS", "RUN_MS", "WAIT_MS", "WAIT_MAX_MS",
		"SHARE_%",
	};
	struct table table = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(head); i++)
		table_add(&table, xstrdup(head[i]));
	for (i = 0; i < all->nr; i++) {
		const struct vgpu_share *t = &all->t[i];

		table_add(&table, xasprintf("%u", t->gfid));
		table_add(&table, xstrdup(*t->name ? t->name : "-"));
		table_add(&table, xstrdup(*t->state ? t->state : "-"));
		table_add(&table, xasprintf("%llu", (unsigned long long)t->weight));
		table_add(&table, xasprintf("%llu", (unsigned long long)t->runs));
		table_add(&table, xasprintf("%.1f", t->run_ns / NS_PER_MS));
		table_add(&table, xasprintf("%.1f", t->wait_ns / NS_PER_MS));
		table_add(&table, xasprintf("%.1f", t->wait_max_ns / NS_PER_MS));
		table_add(&table, all->run_ns ?
			  xasprintf("%.1f", 100.0 * t->run_ns / all->run_ns) : xstrdup("-"));
	}
	table_print(&table, ARRAY_LEN(head));
	table_free(&table);
}

/* Seconds since the policy was pinned, by the wall clock; -1 where unknown. */
static double pin_age(uint32_t gpu_id)
{
	char *path = pin_path(gpu_id, NULL);
	struct timespec now;
	struct stat st;
	double age = -1;

	if (!stat(path, &st) && !clock_gettime(CLOCK_REALTIME, &now))
		age = now.tv_sec - st.st_mtim.tv_sec +
		      (now.tv_nsec - st.st_mtim.tv_nsec) / NS_PER_S;
	free(path);
	return age;
}

/* Everything about one GPU, read once. */
struct status {
	uint32_t gpu_id;
	struct attrs sched;
	struct counts events;
	struct vgpu_shares tenants;
	const char *policy;		/* NULL: the built-in decides */
	const struct ops_link *link;	/* NULL: none, or not ours to see */
	char *trouble;			/* runlists that do not work; NULL: all do */
};

static const char *st_attr(const struct status *st, const char *name)
{
	const char *value = attrs_get(&st->sched, name);

	return value && *value ? value : NULL;
}

static struct json_object *exit_json(const struct status *st)
{
	static const char *const names[] = {
		"exit_policy", "exit_kind", "exit_code", "exit_reason", "exit_msg",
	};
	struct json_object *obj;
	size_t i, skip = strlen("exit_");

	if (!attrs_number(&st->sched, "exit_kind"))
		return NULL;
	obj = json_object_new_object();
	for (i = 0; i < ARRAY_LEN(names); i++)
		json_object_object_add(obj, names[i] + skip,
				       json_value(names[i] + skip,
						  attrs_get(&st->sched, names[i])));
	return obj;
}

static struct json_object *status_json(const struct status *st)
{
	static const char *const names[] = {
		"builtin", "arr", "enable_seq", "attached_ns", "now_ns", "timeout_ms",
		"wait_max_us", "decisions", "nr_rejected",
	};
	struct json_object *obj = json_gpu(st->gpu_id);
	double age = st->policy ? pin_age(st->gpu_id) : -1;
	uint64_t since = attrs_number(&st->sched, "attached_ns");
	uint64_t now = attrs_number(&st->sched, "now_ns");
	size_t i;

	json_object_object_add(obj, "state", json_value("state", st_attr(st, "state")));
	json_add_text(obj, "policy", st->policy);
	for (i = 0; i < ARRAY_LEN(names); i++)
		json_object_object_add(obj, names[i],
				       json_value(names[i], attrs_get(&st->sched, names[i])));
	json_object_object_add(obj, "age_ns", st->policy ? json_object_new_uint64(now - since) :
							   NULL);
	json_object_object_add(obj, "pin_age_ms", age >= 0 ? json_object_new_int64(age * 1000) :
							     NULL);
	json_object_object_add(obj, "link", st->link ? json_object_new_int64(st->link->id) : NULL);
	json_object_object_add(obj, "map", st->link ? json_object_new_int64(st->link->map_id) :
						      NULL);
	json_add_text(obj, "pinned", st->link && st->link->path ? st->link->path : NULL);
	json_object_object_add(obj, "rejected", counts_json(&st->events, "verdict_reject-"));
	json_object_object_add(obj, "calls", counts_json(&st->events, "op_"));
	json_object_object_add(obj, "events", counts_json(&st->events, ""));
	json_object_object_add(obj, "runlists", runlists_json(st->gpu_id));
	json_add_text(obj, "trouble", st->trouble);
	json_object_object_add(obj, "last_exit", exit_json(st));
	json_object_object_add(obj, "vgpus", shares_json(&st->tenants));
	return obj;
}

static void print_since(const struct status *st)
{
	uint64_t since = attrs_number(&st->sched, "attached_ns");
	uint64_t now = attrs_number(&st->sched, "now_ns");
	double age = pin_age(st->gpu_id);

	printf("  since      %.3f s of GPU time, %.3f s ago", since / NS_PER_S,
	       (now - since) / NS_PER_S);
	if (age >= 0)
		printf(" (pinned %.1f s ago)", age);
	putchar('\n');
}

static void print_last_exit(const struct status *st)
{
	uint64_t kind = attrs_number(&st->sched, "exit_kind");
	const char *name = st_attr(st, "exit_policy");
	char *why;

	if (!kind)
		return;
	why = exit_text(st->gpu_id);
	printf("  last exit  policy '%s' %s: %s\n", name ? name : "?",
	       kind == NOVA_EXIT_ERROR_INIT ? "was not attached" :
	       kind >= NOVA_EXIT_ERROR ? "was ejected" : "ended", printable(why));
	free(why);
}

static void status_print(const struct status *st)
{
	const char *state = st_attr(st, "state"), *builtin = st_attr(st, "builtin");
	char *rejected = counts_text(&st->events, "verdict_reject-");
	char *calls = counts_text(&st->events, "op_");

	if (st->policy)
		printf("gpu%u: policy '%s', state %s\n", st->gpu_id, st->policy, state);
	else
		printf("gpu%u: built-in '%s'%s, state %s\n", st->gpu_id, builtin ? builtin : "?",
		       attrs_number(&st->sched, "arr") ? " with adaptive round robin" : "", state);
	if (st->policy) {
		print_since(st);
		printf("  longest wait %.1f of %llu ms\n",
		       attrs_number(&st->sched, "wait_max_us") / 1000.0,
		       (unsigned long long)attrs_number(&st->sched, "timeout_ms"));
	}
	printf("  decisions  %llu\n",
	       (unsigned long long)attrs_number(&st->sched, "decisions"));
	printf("  rejected   %llu%s%s%s\n",
	       (unsigned long long)attrs_number(&st->sched, "nr_rejected"), *rejected ? " (" : "",
	       rejected, *rejected ? ")" : "");
	if (*calls)
		printf("  calls      %s\n", calls);
	if (st->link)
		printf("  link       %u%s%s\n", st->link->id, st->link->path ? ", pinned at " :
		       ", not pinned", st->link->path ? st->link->path : "");
	print_last_exit(st);
	if (st->trouble)
		printf("  trouble    %s\n", printable(st->trouble));
	if (st->tenants.nr)
		shares_print(&st->tenants);
	else
		puts("  no vGPUs");
	free(calls);
	free(rejected);
}

static int status_one(const char *gpu, struct json_object *doc, void *arg)
{
	const struct ops_links *links = arg;
	struct status st = { 0 };
	const char *state = NULL;

	if (!gpu_id_of(gpu, &st.gpu_id))
		return 0;
	if (!gpu_attrs(&st.sched, "%s/sched", gpu))
		state = st_attr(&st, "state");
	if (!state) {
		attrs_free(&st.sched);
		return fail("%s has no scheduler; load modules of the tool's version", gpu);
	}
	/* The name of a faulted policy is in exit_policy. */
	st.policy = strcmp(state, "builtin") && strcmp(state, "faulted") ? st_attr(&st, "policy") :
									  NULL;
	if (st.policy)
		st.link = links_sched(links, st.gpu_id);
	st.trouble = runlists_trouble(st.gpu_id);
	counts_read(st.gpu_id, &st.events);
	shares_read(st.gpu_id, &st.tenants);
	if (doc)
		json_object_array_add(doc, status_json(&st));
	else
		status_print(&st);
	shares_free(&st.tenants);
	counts_free(&st.events);
	free(st.trouble);
	attrs_free(&st.sched);
	return 0;
}

int cmd_status(const struct call *call)
{
	struct ops_links links;
	int ret;

	/* Without the right to see links there is a status all the same. */
	links_find(&links);
	ret = gpus_each(call, status_one, &links);
	links_free(&links);
	return ret;
}
