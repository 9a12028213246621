// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf vgpu: types that a GPU offers, vGPUs that it has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/common.h"

#define CLASS	"/sys/class/novabpf/%s"

/* What to list: one directory of attributes per row. */
struct vgpu_list {
	const char *sub;	/* below the GPU, "" for itself */
	const char *prefix;
	bool number;
	const char *key;	/* name of the directory in JSON */
	const char *const *columns;
	const char *const *heads;
	int nr;
};

static void list_gpu(const struct vgpu_list *l, const char *gpu, struct listing *list)
{
	char *dir = root_path(CLASS "%s", gpu, l->sub);
	struct json_object *obj;
	struct names names;
	struct attrs attrs;
	size_t i;
	int c;

	names_read(&names, dir, l->prefix, l->number);
	for (i = 0; i < names.nr; i++) {
		/* A vGPU that goes away meanwhile is left out. */
		if (gpu_attrs(&attrs, "%s%s/%s", gpu, l->sub, names.name[i]))
			continue;
		if (list->doc) {
			obj = json_object_new_object();
			json_add_text(obj, "gpu", gpu);
			json_add_text(obj, l->key, names.name[i]);
			json_object_array_add(list->doc, attrs_json(&attrs, obj));
		} else {
			table_add(&list->table, xstrdup(gpu));
			table_add(&list->table, xstrdup(names.name[i]));
			for (c = 0; c < l->nr; c++)
				table_add(&list->table, attrs_cell(&attrs, l->columns[c]));
		}
		attrs_free(&attrs);
	}
	names_free(&names);
	free(dir);
}

static int vgpu_list(const struct call *call, const struct vgpu_list *l)
{
	struct listing list;
	struct names gpus;
	size_t i;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	listing_begin(&list, l->heads, l->nr + 2);
	for (i = 0; i < gpus.nr; i++)
		list_gpu(l, gpus.name[i], &list);
	names_free(&gpus);
	return listing_end(&list, 0);
}

int cmd_vgpu_types(const struct call *call)
{
	static const char *const columns[] = {
		"type_id", "fb_bytes", "heap_bytes", "max_instances", "available_instances",
		"description",
	};
	static const char *const heads[] = {
		"GPU", "TYPE", "ID", "FB_BYTES", "HEAP_BYTES", "MAX", "FREE", "DESCRIPTION",
	};
	static const struct vgpu_list l = {
		"/vgpu_types", "", false, "type", columns, heads, ARRAY_LEN(columns),
	};

	return vgpu_list(call, &l);
}

int cmd_vgpu_list(const struct call *call)
{
	static const char *const columns[] = {
		"name", "type", "state", "weight", "cap_pct", "priority", "period_us",
		"budget_us", "tsgs",
	};
	static const char *const heads[] = {
		"GPU", "VGPU", "NAME", "TYPE", "STATE", "WEIGHT", "CAP_PCT", "PRIORITY",
		"PERIOD_US", "BUDGET_US", "TSGS",
	};
	static const struct vgpu_list l = {
		"", "vgpu", true, "vgpu", columns, heads, ARRAY_LEN(columns),
	};

	return vgpu_list(call, &l);
}

/* Directory of the vGPU that a user calls by gfid, "vgpuG" or name; NULL after a message. */
static char *find_vgpu(const char *gpu, const char *want)
{
	char *dir = root_path(CLASS, gpu), *found = NULL;
	struct text known = { 0 };
	struct names names;
	size_t i;

	names_read(&names, dir, "vgpu", true);
	for (i = 0; i < names.nr && !found; i++) {
		char *name = gpu_attr("%s/%s/name", gpu, names.name[i]);

		if (!strcmp(want, names.name[i]) || !strcmp(want, names.name[i] + strlen("vgpu")) ||
		    (name && !strcmp(want, name)))
			found = xasprintf("%s/%s", dir, names.name[i]);
		text_add(&known, "%s%s", i ? ", " : "", name ? name : names.name[i]);
		free(name);
	}
	if (!found && names.nr)
		fail("no such vGPU '%s' on %s; known: %s", want, gpu, known.s);
	else if (!found)
		fail("no such vGPU '%s' on %s; there is none; see: novabpf vgpu create", want, gpu);
	free(known.s);
	names_free(&names);
	free(dir);
	return found;
}

static void show_attrs(const struct attrs *attrs, int indent)
{
	size_t i;

	for (i = 0; i < attrs->nr; i++) {
		char *value = attrs_cell(attrs, attrs->a[i].name);

		printf("%*s%-12s  %s\n", indent, "", attrs->a[i].name, value);
		free(value);
	}
}

int cmd_vgpu_show(const struct call *call)
{
	struct json_object *doc, *part;
	struct attrs attrs, stats;
	char *dir, *sub;
	struct names gpus;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	dir = find_vgpu(gpus.name[0], call->args[1]);
	if (!dir) {
		names_free(&gpus);
		return EXIT_FAILED;
	}
	sub = xasprintf("%s/stats", dir);
	ret = attrs_read(dir, &attrs);
	if (ret) {
		ret = fail("cannot read %s: %s", dir, strerror(-ret));
	} else {
		attrs_read(sub, &stats);
		if (json_output) {
			doc = json_object_new_object();
			part = json_object_new_object();
			json_add_text(doc, "gpu", gpus.name[0]);
			json_add_text(doc, "vgpu", strrchr(dir, '/') + 1);
			attrs_json(&attrs, doc);
			json_object_object_add(doc, "stats", attrs_json(&stats, part));
			emit_json(doc);
		} else {
			printf("%s %s\n", gpus.name[0], strrchr(dir, '/') + 1);
			show_attrs(&attrs, 2);
			printf("  stats\n");
			show_attrs(&stats, 4);
		}
		attrs_free(&attrs);
		attrs_free(&stats);
	}
	free(sub);
	free(dir);
	names_free(&gpus);
	return ret;
}

static int create_failed(const char *gpu, const char *type, int err)
{
	char *dir = root_path(CLASS "/vgpu_types", gpu);
	struct text known = { 0 };
	struct names names;
	size_t i;

	names_read(&names, dir, "", false);
	for (i = 0; i < names.nr; i++)
		text_add(&known, "%s%s", i ? ", " : "", names.name[i]);
	switch (-err) {
	case EACCES:
	case EPERM:
		fail("cannot create a vGPU: %s; run as root", strerror(-err));
		break;
	case ENOENT:
		fail("no such type '%s' on %s; known: %s", type, gpu, known.s ? known.s : "none");
		break;
	case ENOSPC:
		fail("no room for a vGPU of type %s on %s; see: novabpf vgpu types %s", type, gpu,
		     gpu);
		break;
	case EEXIST:
		fail("this gfid or name is taken on %s; see: novabpf vgpu list %s", gpu, gpu);
		break;
	case ENODEV:
		fail("%s is not ready; see: novabpf gpu show %s", gpu, gpu);
		break;
	case EINVAL:
		fail("%s refused a value; the last line of dmesg names it", gpu);
		break;
	default:
		fail("cannot create a vGPU of type %s on %s: %s; dmesg says more", type, gpu,
		     strerror(-err));
	}
	names_free(&names);
	free(known.s);
	free(dir);
	return EXIT_FAILED;
}

/* The line for vgpu_create; options are called as their keys are, but for these. */
static char *create_line(const struct call *call, uint64_t count, uint64_t i)
{
	static const char *const key[][2] = {
		{ "gfid", "gfid" }, { "weight", "weight" }, { "cap", "cap_pct" },
		{ "priority", "priority" }, { "period", "period_us" },
		{ "budget", "budget_us" }, { "tsgs", "tsgs" }, { "vm-pid", "vm_pid" },
	};
	const char *name = call_value(call, "name");
	struct text line = { 0 };
	size_t k;

	text_add(&line, "type=%s", call->args[1]);
	if (name && count > 1)
		text_add(&line, " name=%s-%llu", name, (unsigned long long)(i + 1));
	else if (name)
		text_add(&line, " name=%s", name);
	for (k = 0; k < ARRAY_LEN(key); k++)
		if (call_value(call, key[k][0]))
			text_add(&line, " %s=%s", key[k][1], call_value(call, key[k][0]));
	return line.s;
}

static int check_numbers(const struct call *call, uint64_t *count)
{
	uint64_t val;
	int i;

	*count = 1;
	for (i = 0; i < call->nr_given; i++) {
		const char *name = call->given[i].opt->name, *value = call->given[i].value;

		if (!strcmp(name, "name")) {
			if (strpbrk(value, " \t\n="))
				return usage_error("--name '%s' has a blank or '=' in it", value);
			continue;
		}
		if (!parse_u64(value, &val))
			return usage_error("--%s wants a number, not '%s'", name, value);
		if (!strcmp(name, "count"))
			*count = val;
	}
	if (strpbrk(call->args[1], " \t\n="))
		return usage_error("'%s' is no name of a type", call->args[1]);
	if (!*count || *count > 512)
		return usage_error("--count wants 1 to 512");
	if (*count > 1 && call_value(call, "gfid"))
		return usage_error("--gfid names one vGPU: leave out --count");
	return 0;
}

int cmd_vgpu_create(const struct call *call)
{
	struct json_object *doc;
	uint64_t count, i;
	struct names gpus;
	int ret;

	ret = check_numbers(call, &count);
	if (!ret)
		ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	for (i = 0; i < count && !ret; i++) {
		char *line = create_line(call, count, i);

		ret = root_write(line, CLASS "/vgpu_create", gpus.name[0]);
		free(line);
	}
	if (ret) {
		ret = create_failed(gpus.name[0], call->args[1], ret);
		if (i > 1)
			fprintf(stderr, "novabpf: %llu of %llu were created before and stay\n",
				(unsigned long long)(i - 1), (unsigned long long)count);
	} else if (json_output) {
		doc = json_object_new_object();
		json_add_text(doc, "gpu", gpus.name[0]);
		json_add_text(doc, "type", call->args[1]);
		json_add_int(doc, "created", count);
		emit_json(doc);
	}
	names_free(&gpus);
	return ret;
}

static const char *const settings[] = {
	"weight", "cap_pct", "priority", "period_us", "budget_us",
};

static int check_setting(const char *word)
{
	const char *value = strchr(word, '=');
	uint64_t val;
	size_t i;

	for (i = 0; value && i < ARRAY_LEN(settings); i++)
		if (strlen(settings[i]) == (size_t)(value - word) &&
		    !strncmp(settings[i], word, value - word))
			break;
	if (!value || i == ARRAY_LEN(settings))
		return usage_error("'%s': want weight, cap_pct, priority, period_us or budget_us",
				   word);
	if (!parse_u64(value + 1, &val))
		return usage_error("'%s': want a number behind the '='", word);
	return 0;
}

static int set_one(const char *dir, const char *word)
{
	const char *value = strchr(word, '=');
	char *path = xasprintf("%s/%.*s", dir, (int)(value - word), word);
	int ret = write_file(path, value + 1);

	free(path);
	return ret;
}

/*
 * A budget must never exceed its period, not even between two writes: what does not
 * go at first goes after the others.
 */
static int set_all(const struct call *call, const char *dir)
{
	bool done[64] = { false };
	int i, pass, ret = 0;
	const char *bad = "";

	for (pass = 0; pass < 2; pass++) {
		ret = 0;
		for (i = 2; i < call->nr_args && i < 64; i++) {
			int err = done[i] ? 0 : set_one(dir, call->args[i]);

			done[i] = !err;
			if (err && !ret) {
				ret = err;
				bad = call->args[i];
			}
		}
	}
	if (ret == -EINVAL)
		return fail("%s is refused: out of range, or a budget above its period", bad);
	if (ret == -EACCES || ret == -EPERM)
		return fail("cannot set %s: %s; run as root", bad, strerror(-ret));
	return ret ? fail("cannot set %s: %s", bad, strerror(-ret)) : 0;
}

int cmd_vgpu_set(const struct call *call)
{
	struct names gpus;
	int i, ret = 0;
	char *dir;

	for (i = 2; i < call->nr_args && !ret; i++)
		ret = check_setting(call->args[i]);
	if (!ret)
		ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	dir = find_vgpu(gpus.name[0], call->args[1]);
	ret = dir ? set_all(call, dir) : EXIT_FAILED;
	free(dir);
	names_free(&gpus);
	return ret;
}

#define HELD_BY_MDEV	\
	"%s is held by mediated device %s%s and goes with it: echo 1 >/sys/bus/mdev/devices/%s/remove"
#define QUARANTINED	\
	"%s is in quarantine until %s is reset or removed; see: novabpf vgpu show %s %s"

/* A vGPU of a mediated device ends with that device. */
static int destroy_held(const char *name, const struct attrs *attrs, const char *holder)
{
	const char *pid = attrs_get(attrs, "vm_pid"), *uuid = holder + strlen("mdev ");
	char *user = pid && strcmp(pid, "0") ? xasprintf(", opened by process %s,", pid) :
					       xstrdup("");

	if (!strncmp(holder, "mdev ", strlen("mdev ")))
		fail(HELD_BY_MDEV, name, uuid, user, uuid);
	else
		fail("%s is held by %s%s and goes with that only", name, holder, user);
	free(user);
	return EXIT_FAILED;
}

/* Names what keeps the vGPU of @dir. */
static int destroy_busy(const char *gpu, const char *dir)
{
	const char *name = strrchr(dir, '/') + 1, *holder, *state;
	struct attrs attrs;
	int ret;

	if (attrs_read(dir, &attrs))
		return fail("%s is gone", name);
	holder = attrs_get(&attrs, "holder");
	state = attrs_get(&attrs, "state");
	if (holder && strcmp(holder, "none"))
		ret = destroy_held(name, &attrs, holder);
	else if (state && !strcmp(state, "quarantined"))
		ret = fail(QUARANTINED, name, gpu, gpu, name);
	else
		ret = fail("%s is busy: try again", name);
	attrs_free(&attrs);
	return ret;
}

static int destroy_one(const char *gpu, const char *dir)
{
	const char *name = strrchr(dir, '/') + 1;
	int ret = root_write(name + strlen("vgpu"), CLASS "/vgpu_destroy", gpu);

	if (!ret)
		return 0;
	if (ret == -EBUSY)
		return destroy_busy(gpu, dir);
	if (ret == -EACCES || ret == -EPERM)
		return fail("cannot destroy %s: %s; run as root", name, strerror(-ret));
	return fail("cannot destroy %s: %s; see: novabpf vgpu show %s %s", name, strerror(-ret),
		    gpu, name);
}

int cmd_vgpu_destroy(const struct call *call)
{
	struct names names;
	struct names gpus;
	size_t i;
	char *dir;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	if (strcmp(call->args[1], "all")) {
		dir = find_vgpu(gpus.name[0], call->args[1]);
		ret = dir ? destroy_one(gpus.name[0], dir) : EXIT_FAILED;
		free(dir);
	} else {
		dir = root_path(CLASS, gpus.name[0]);
		names_read(&names, dir, "vgpu", true);
		for (i = 0; i < names.nr; i++) {
			char *one = xasprintf("%s/%s", dir, names.name[i]);

			ret |= destroy_one(gpus.name[0], one);
			free(one);
		}
		names_free(&names);
		free(dir);
	}
	names_free(&gpus);
	return ret;
}
