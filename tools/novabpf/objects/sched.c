// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf sched: the built-in policies and their settings, and reset.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

static const char *const builtins[] = { "best-effort", "equal-share", "fixed-share" };

struct setting {
	const char *name;
	uint64_t min, max;
	bool zero;		/* 0 is legal too: the default */
};

static const struct setting settings[] = {
	{ "builtin", 0, 0, false },
	{ "arr", 0, 1, false },
	{ "arr_frequency_hz", NOVA_ARR_FREQUENCY_MIN, NOVA_ARR_FREQUENCY_MAX, true },
	{ "arr_avg_factor", NOVA_ARR_FACTOR_MIN, NOVA_ARR_FACTOR_MAX, false },
	{ "slice_us", NOVA_BUILTIN_SLICE_US_MIN, NOVA_BUILTIN_SLICE_US_MAX, true },
};

/* A change to make, with what was there before. */
struct change {
	const struct setting *setting;
	const char *value;
	char *path;
	char *before;
};

static int write_failed(const char *path, const char *value, int err)
{
	if (err == -EACCES || err == -EPERM)
		return fail("cannot write %s: %s; run as root", path, strerror(-err));
	if (err == -ENOENT)
		return fail("there is no %s; load modules of the tool's version", path);
	return fail("the module refuses '%s' for %s: %s; see: dmesg | grep novabpf", value, path,
		    strerror(-err));
}

static int unknown_setting(const char *word)
{
	struct text list = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(settings); i++)
		text_add(&list, "%s%s", i ? ", " : "", settings[i].name);
	usage_error("unknown setting '%s'; use KEY=VALUE with one of: %s", word, list.s);
	free(list.s);
	return EXIT_USAGE;
}

static int check_value(const struct setting *set, const char *value)
{
	uint64_t number;
	size_t i;

	if (!set->max) {
		for (i = 0; i < ARRAY_LEN(builtins); i++)
			if (!strcmp(builtins[i], value))
				return 0;
		return usage_error("bad value '%s' of %s; use %s, %s or %s", value, set->name,
				   builtins[0], builtins[1], builtins[2]);
	}
	if (parse_u64(value, &number) &&
	    ((number >= set->min && number <= set->max) || (set->zero && !number)))
		return 0;
	return usage_error("bad value '%s' of %s; use %s%llu to %llu", value, set->name,
			   set->zero ? "0 (default), or " : "", (unsigned long long)set->min,
			   (unsigned long long)set->max);
}

static int parse_change(const char *word, struct change *c)
{
	const char *eq = strchr(word, '=');
	size_t i, len = eq ? (size_t)(eq - word) : strlen(word);

	for (i = 0; i < ARRAY_LEN(settings); i++)
		if (eq && strlen(settings[i].name) == len &&
		    !strncmp(settings[i].name, word, len))
			break;
	if (i == ARRAY_LEN(settings))
		return unknown_setting(word);
	c->setting = &settings[i];
	c->value = eq + 1;
	return check_value(c->setting, c->value);
}

/* All or nothing: what was written before an error is written back. */
static int apply(struct change *c, int nr)
{
	int i, err = 0;

	for (i = 0; i < nr && !err; i++) {
		c[i].before = read_file(c[i].path, NULL);
		err = c[i].before ? write_file(c[i].path, c[i].value) : -errno;
	}
	if (!err)
		return 0;
	write_failed(c[i - 1].path, c[i - 1].value, err);
	for (i -= 2; i >= 0; i--)
		write_file(c[i].path, c[i].before);
	return EXIT_FAILED;
}

static int sched_show(const char *gpu, struct json_object *doc, void *arg)
{
	struct json_object *obj;
	struct attrs attrs;
	uint32_t gpu_id;
	size_t i;

	(void)arg;
	if (!gpu_id_of(gpu, &gpu_id))
		return 0;
	if (gpu_attrs(&attrs, "%s/sched", gpu))
		return fail("%s has no scheduler; load modules of the tool's version", gpu);
	obj = json_gpu(gpu_id);
	if (!doc)
		puts(gpu);
	for (i = 0; i < attrs.nr; i++) {
		const struct attr *at = &attrs.a[i];

		/* Those of more than one line: below, and in 'status'. */
		if (!strcmp(at->name, "runlists") || !strcmp(at->name, "events"))
			continue;
		json_object_object_add(obj, at->name, json_value(at->name, at->value));
		if (!doc)
			printf("  %-16s  %s\n", at->name, !at->value ? strerror(at->err) :
			       *at->value ? at->value : "-");
	}
	attrs_free(&attrs);
	json_object_object_add(obj, "runlists", runlists_json(gpu_id));
	if (doc)
		return json_object_array_add(doc, obj);
	json_object_put(obj);
	runlists_print(gpu_id);
	return 0;
}

int cmd_sched_show(const struct call *call)
{
	return gpus_each(call, sched_show, NULL);
}

int cmd_sched_set(const struct call *call)
{
	struct call show = { .args = call->args, .nr_args = 1 };
	int i, nr = call->nr_args - 1, ret;
	struct change *c = xcalloc(nr, sizeof(*c));
	uint32_t gpu_id = 0;

	ret = gpu_by_name(call->args[0], &gpu_id);
	for (i = 0; i < nr && !ret; i++) {
		ret = parse_change(call->args[i + 1], &c[i]);
		if (!ret)
			c[i].path = root_path("/sys/class/novabpf/gpu%u/sched/%s", gpu_id,
					      c[i].setting->name);
	}
	if (!ret)
		ret = apply(c, nr);
	if (!ret && json_output)
		ret = cmd_sched_show(&show);
	for (i = 0; i < nr; i++) {
		free(c[i].path);
		free(c[i].before);
	}
	free(c);
	return ret;
}

int cmd_sched_reset(const struct call *call)
{
	uint32_t gpu_id = 0;
	char *path;
	int ret;

	ret = gpu_by_name(call->args[0], &gpu_id);
	if (ret)
		return ret;
	path = root_path("/sys/class/novabpf/gpu%u/sched/reset", gpu_id);
	ret = write_file(path, "1");
	if (ret)
		ret = write_failed(path, "1", ret);
	else
		/* The link of an ejected policy is dead; so is its pin. */
		pin_remove(gpu_id, NULL);
	free(path);
	return ret || !json_output ? ret : emit_json(json_gpu(gpu_id));
}
