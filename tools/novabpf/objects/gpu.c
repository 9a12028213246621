// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf gpu: the GPUs, what the core knows of each, and their reset.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/common.h"

static const char *const sections[] = { "abi", "queues", "counters" };

static char *size_text(const char *value, bool with_bytes)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB" };
	uint64_t bytes;
	int i;

	if (!value || !parse_u64(value, &bytes))
		return xstrdup(value ? value : "-");
	for (i = 2; i >= 0; i--) {
		uint64_t size = 1ull << (10 * (i + 1));

		if (bytes < size || bytes % size)
			continue;
		if (with_bytes)
			return xasprintf("%s (%llu %s)", value,
					 (unsigned long long)(bytes / size), unit[i]);
		return xasprintf("%llu %s", (unsigned long long)(bytes / size), unit[i]);
	}
	return xstrdup(value);
}

static char *cell(const struct attrs *attrs, const char *name)
{
	const char *value = attrs_get(attrs, name);

	return xstrdup(value && *value ? value : "-");
}

static void list_row(struct table *t, const char *gpu, const struct attrs *attrs)
{
	const char *simulated = attrs_get(attrs, "simulated");

	table_add(t, xstrdup(gpu));
	table_add(t, cell(attrs, "name"));
	table_add(t, cell(attrs, "chip"));
	table_add(t, size_text(attrs_get(attrs, "fb_bytes"), false));
	table_add(t, cell(attrs, "release"));
	table_add(t, cell(attrs, "state"));
	table_add(t, xstrdup(simulated && !strcmp(simulated, "1") ? "yes" : "no"));
}

int cmd_gpu_list(const struct call *call)
{
	static const char *const head[] = {
		"GPU", "NAME", "CHIP", "MEMORY", "RELEASE", "STATE", "SIMULATED",
	};
	struct json_object *doc = json_output ? json_object_new_array() : NULL;
	struct table table = { 0 };
	struct gpus gpus;
	size_t i;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret) {
		json_object_put(doc);
		return ret;
	}
	for (i = 0; i < ARRAY_LEN(head); i++)
		table_add(&table, xstrdup(head[i]));
	for (i = 0; i < gpus.nr; i++) {
		char *dir = root_path("/sys/class/novabpf/%s", gpus.name[i]);
		struct json_object *obj;
		struct attrs attrs;

		/* A GPU that went away in this moment is left out. */
		if (!attrs_read(dir, &attrs)) {
			if (doc) {
				obj = json_object_new_object();
				json_object_object_add(obj, "gpu", json_text(gpus.name[i]));
				json_object_array_add(doc, attrs_json(&attrs, obj));
			} else {
				list_row(&table, gpus.name[i], &attrs);
			}
			attrs_free(&attrs);
		}
		free(dir);
	}
	if (doc)
		emit_json(doc);
	else
		table_print(&table, ARRAY_LEN(head));
	table_free(&table);
	gpus_free(&gpus);
	return 0;
}

static void show_attrs(const struct attrs *attrs, int indent)
{
	size_t i, suffix = strlen("_bytes");
	int width = 0;

	for (i = 0; i < attrs->nr; i++)
		if ((int)strlen(attrs->a[i].name) > width)
			width = strlen(attrs->a[i].name);
	for (i = 0; i < attrs->nr; i++) {
		const struct attr *at = &attrs->a[i];
		size_t len = strlen(at->name);
		char *value;

		if (!at->value)
			value = xasprintf("(cannot read: %s)", strerror(at->err));
		else if (len > suffix && !strcmp(at->name + len - suffix, "_bytes"))
			value = size_text(at->value, true);
		else
			value = xstrdup(*at->value ? at->value : "-");
		printf("%*s%-*s  %s\n", indent, "", width, at->name, printable(value));
		free(value);
	}
}

static int show_one(const char *gpu, struct json_object *doc)
{
	char *dir = root_path("/sys/class/novabpf/%s", gpu);
	struct json_object *obj = NULL;
	struct attrs attrs;
	size_t i;
	int ret;

	ret = attrs_read(dir, &attrs);
	if (ret) {
		ret = fail("cannot read %s: %s", dir, strerror(-ret));
		goto out;
	}
	if (doc) {
		obj = json_object_new_object();
		json_object_object_add(obj, "gpu", json_text(gpu));
		attrs_json(&attrs, obj);
		json_object_array_add(doc, obj);
	} else {
		printf("%s\n", gpu);
		show_attrs(&attrs, 2);
	}
	attrs_free(&attrs);
	for (i = 0; i < ARRAY_LEN(sections); i++) {
		char *sub = xasprintf("%s/%s", dir, sections[i]);

		if (!attrs_read(sub, &attrs)) {
			if (obj) {
				struct json_object *part = json_object_new_object();

				json_object_object_add(obj, sections[i], attrs_json(&attrs, part));
			} else {
				printf("  %s\n", sections[i]);
				show_attrs(&attrs, 4);
			}
			attrs_free(&attrs);
		}
		free(sub);
	}
out:
	free(dir);
	return ret;
}

int cmd_gpu_show(const struct call *call)
{
	struct json_object *doc = json_output ? json_object_new_array() : NULL;
	struct gpus gpus;
	size_t i;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret) {
		json_object_put(doc);
		return ret;
	}
	for (i = 0; i < gpus.nr && !ret; i++) {
		if (i && !doc)
			putchar('\n');
		ret = show_one(gpus.name[i], doc);
	}
	gpus_free(&gpus);
	if (doc && ret)
		json_object_put(doc);
	else if (doc)
		emit_json(doc);
	return ret;
}

/* The file takes the text once the GPU serves again, or has failed. */
int cmd_gpu_recover(const struct call *call)
{
	struct json_object *doc;
	struct gpus gpus;
	char *path;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	path = root_path("/sys/class/novabpf/%s/recover", gpus.name[0]);
	ret = write_file(path, "1");
	if (ret == -EACCES || ret == -EPERM)
		ret = fail("cannot reset %s: %s; run as root", gpus.name[0], strerror(-ret));
	else if (ret)
		ret = fail("cannot reset %s: %s; see: novabpf gpu show %s, and dmesg", gpus.name[0],
			   strerror(-ret), gpus.name[0]);
	free(path);
	if (!ret && json_output) {
		doc = json_object_new_object();
		json_object_object_add(doc, "gpu", json_text(gpus.name[0]));
		emit_json(doc);
	}
	gpus_free(&gpus);
	return ret;
}
