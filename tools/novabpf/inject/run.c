// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf inject add --file, run, profiles: files of rules, one per line.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

#define SUFFIX	".rules"

struct rules {
	struct rule *r;
	size_t nr;
};

static volatile sig_atomic_t ended_by;
static volatile sig_atomic_t child;

static void pass_on(int sig)
{
	ended_by = sig;
	if (child > 0)
		kill(child, sig);
}

static char *profile_dir(void)
{
	return shipped_path("inject", "../tools/inject");
}

/* A file, or a profile by its name. */
static char *find_file(const char *name)
{
	char *dir, *path;

	if (strchr(name, '/') || path_exists(name))
		return xstrdup(name);
	dir = profile_dir();
	path = dir ? xasprintf("%s/%s" SUFFIX, dir, name) : xstrdup(name);
	free(dir);
	return path;
}

/* Rules of RPCs and events, for one vGPU only where they do not say which. */
static char *narrow(const char *line, const char *gfid)
{
	if (!gfid || strstr(line, "gfid=") || strstr(line, "action=firmware"))
		return xstrdup(line);
	return xasprintf("%s gfid=%s", line, gfid);
}

static int read_rules(const char *name, uint32_t gpu_id, const char *gfid, struct rules *rules)
{
	char *path = find_file(name), *text, *line, *rest;
	unsigned int number = 0;
	struct rule_error err;
	struct rule_env env;
	int ret = 0;

	inject_env(gpu_id, &env);
	text = read_file(path, NULL);
	rest = text;
	if (!text)
		ret = fail("cannot read %s: %s; see: novabpf inject profiles", path,
			   strerror(errno));
	while (!ret && rest && (line = strsep(&rest, "\n"))) {
		number++;
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		rules->r = xrealloc(rules->r, rules->nr + 1, sizeof(*rules->r));
		line = narrow(line, gfid);
		if (rule_parse(line, &env, &rules->r[rules->nr], &err))
			ret = fail("%s: line %u, column %u: %s", path, number, err.column,
				   err.text);
		free(line);
		rules->nr++;
	}
	if (!ret && !rules->nr)
		ret = fail("%s has no rules", path);
	free(text);
	free(path);
	return ret;
}

/* Rules first: the simulator's faults count from the RPCs that follow. */
static int put_in_force(uint32_t gpu_id, const struct rules *rules, uint32_t *ids, bool *fresh)
{
	struct inject in;
	size_t i, nr = 0;
	int ret = 0;

	*fresh = false;
	for (i = 0; i < rules->nr; i++)
		nr += !rules->r[i].firmware;
	if (nr) {
		ret = inject_open(&in, gpu_id, true);
		if (ret)
			return ret;
		*fresh = in.fresh;
		for (i = 0; i < rules->nr && !ret; i++) {
			if (rules->r[i].firmware)
				continue;
			ids[i] = inject_insert(&in, &rules->r[i].r);
			ret = ids[i] ? 0 : EXIT_FAILED;
		}
		inject_close(&in);
	}
	for (i = 0; i < rules->nr && !ret; i++)
		if (rules->r[i].firmware)
			ret = inject_firmware(gpu_id, rules->r[i].fault);
	return ret;
}

static void say_outcome(const struct inject *in, const struct nova_inject_rule *r)
{
	const struct nova_inject_state *st = &in->state[r - in->rules];

	fprintf(stderr, "rule %u: seen %llu, hits %llu, suppressed %llu: %s\n", r->id,
		(unsigned long long)st->seen, (unsigned long long)st->hits,
		(unsigned long long)st->suppressed, r->text);
}

/* Faults that last, and what ends them. Others happen once, or go with a reset. */
static void end_fault(uint32_t gpu_id, const char *fault)
{
	static const struct {
		const char *begins, *end;
	} lasting[] = {
		{ "random ", "random off" }, { "next ", "next off" },
		{ "storm ", "storm off" }, { "mute ", "mute off" },
		{ "stall ", "stall off" }, { "irq ", "irq on" },
		{ "heartbeat ", "heartbeat on" }, { "wpr2 ", "wpr2 ok" },
		{ "gfw ", "gfw ok" }, { "bus ", "bus ok" },
		{ "image ", "image ok" },
		{ "init mute", "init mute 0" }, { "init fail", "init fail 0" },
		{ "plugin mute", "plugin mute 0" }, { "plugin delay", "plugin delay 0" },
		{ "plugin keep", "plugin keep 0" }, { "plugin rpc", "plugin rpc off" },
		{ "scrub dirty", "scrub dirty 0" },
		{ "record lose", "record lose 0" },
	};
	size_t i;

	/* A firmware that has stopped refuses some, and has none of them any more. */
	for (i = 0; i < ARRAY_LEN(lasting); i++)
		if (!strncmp(fault, lasting[i].begins, strlen(lasting[i].begins)))
			root_write(lasting[i].end, "/sys/kernel/debug/novabpf_sim/gpu%u/fault",
				   gpu_id);
}

static void take_back(uint32_t gpu_id, const struct rules *rules, const uint32_t *ids, bool fresh,
		      bool say)
{
	struct nova_inject_rule *r;
	struct inject in;
	size_t i, left;

	for (i = 0; i < rules->nr; i++)
		if (rules->r[i].firmware)
			end_fault(gpu_id, rules->r[i].fault);
	if (inject_open(&in, gpu_id, false))
		return;
	for (i = 0; i < rules->nr; i++) {
		r = inject_find(&in, ids[i]);
		if (!r)
			continue;
		if (say)
			say_outcome(&in, r);
		inject_remove(&in, r);
	}
	left = inject_count(&in);
	inject_close(&in);
	if (fresh && !left)
		inject_detach(gpu_id);
}

static void report_file(uint32_t gpu_id, const struct rules *rules, const uint32_t *ids)
{
	struct json_object *doc = json_output ? json_object_new_array() : NULL;
	uint32_t first = 0, last = 0;
	size_t i;

	for (i = 0; i < rules->nr; i++) {
		if (doc)
			json_object_array_add(doc, inject_added_json(gpu_id, ids[i], &rules->r[i]));
		else if (rules->r[i].firmware)
			printf("gpu%u: the simulator was told '%s'\n", gpu_id, rules->r[i].fault);
		first = first ? first : ids[i];
		last = ids[i] ? ids[i] : last;
	}
	if (doc)
		emit_json(doc);
	else if (first == last && first)
		printf("gpu%u: rule %u\n", gpu_id, first);
	else if (first)
		printf("gpu%u: rules %u to %u\n", gpu_id, first, last);
}

int inject_add_file(uint32_t gpu_id, const char *name)
{
	struct rules rules = { 0 };
	bool fresh = false;
	uint32_t *ids;
	int ret;

	ret = read_rules(name, gpu_id, NULL, &rules);
	if (!ret) {
		ids = xcalloc(rules.nr, sizeof(*ids));
		ret = put_in_force(gpu_id, &rules, ids, &fresh);
		if (ret)
			take_back(gpu_id, &rules, ids, fresh, false);
		else
			report_file(gpu_id, &rules, ids);
		free(ids);
	}
	free(rules.r);
	return ret;
}

static int run_command(char *const *argv)
{
	int status = 127;
	pid_t pid = child_start(argv);

	if (pid < 0)
		return status;
	child = pid;
	if (ended_by)
		kill(pid, ended_by);
	while (!child_ended(pid, 0, &status) && errno == EINTR)
		;
	child = 0;
	return status;
}

int cmd_inject_run(const struct call *call)
{
	struct sigaction act = { .sa_handler = pass_on };
	struct rules rules = { 0 };
	uint32_t gpu_id = 0, *ids;
	bool fresh = false;
	char **argv;
	int ret, i;

	if (call->nr_plain != 1 || call->nr_args < 2)
		return usage_error("usage: novabpf inject run FILE|PROFILE -- COMMAND...");
	ret = inject_gpu(call, &gpu_id);
	if (!ret)
		ret = read_rules(call->args[0], gpu_id, call_value(call, "gfid"), &rules);
	if (ret) {
		free(rules.r);
		return ret;
	}
	argv = xcalloc(call->nr_args, sizeof(*argv));
	for (i = 1; i < call->nr_args; i++)
		argv[i - 1] = (char *)call->args[i];
	ids = xcalloc(rules.nr, sizeof(*ids));
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	ret = put_in_force(gpu_id, &rules, ids, &fresh);
	if (!ret && !ended_by)
		ret = run_command(argv);
	take_back(gpu_id, &rules, ids, fresh, !json_output);
	free(ids);
	free(argv);
	free(rules.r);
	return ret;
}

static int is_rules(const struct dirent *de)
{
	size_t len = strlen(de->d_name);

	return len > strlen(SUFFIX) && !strcmp(de->d_name + len - strlen(SUFFIX), SUFFIX);
}

/* The first comment of a file says what it shows. */
static char *first_comment(const char *path)
{
	char *text = read_file(path, NULL), *line, *rest = text, *found = NULL;

	while (rest && !found && (line = strsep(&rest, "\n")))
		if (!strncmp(line, "# ", 2) && strncmp(line, "# SPDX", 6))
			found = xstrdup(line + 2);
	free(text);
	return found ? found : xstrdup("");
}

int cmd_inject_profiles(const struct call *call)
{
	static const char *const head[] = { "PROFILE", "SHOWS" };
	struct dirent **list = NULL;
	char *dir = profile_dir();
	struct json_object *obj;
	struct listing found;
	int i, nr;

	(void)call;
	nr = dir ? scandir(dir, &list, is_rules, alphasort) : 0;
	listing_begin(&found, head, ARRAY_LEN(head));
	for (i = 0; i < nr; i++) {
		char *path = xasprintf("%s/%s", dir, list[i]->d_name);
		char *shows = first_comment(path);

		list[i]->d_name[strlen(list[i]->d_name) - strlen(SUFFIX)] = '\0';
		if (found.doc) {
			obj = json_object_new_object();
			json_add_text(obj, "profile", list[i]->d_name);
			json_add_text(obj, "shows", shows);
			json_add_text(obj, "file", path);
			json_object_array_add(found.doc, obj);
			free(shows);
		} else {
			table_add(&found.table, xstrdup(list[i]->d_name));
			table_add(&found.table, shows);
		}
		free(path);
		free(list[i]);
	}
	listing_end(&found, 0);
	free(list);
	free(dir);
	return nr < 0 ? fail("cannot list the profiles: %s", strerror(errno)) : 0;
}
