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

static void list_row(struct table *t, const char *gpu, const struct attrs *attrs)
{
	const char *simulated = attrs_get(attrs, "simulated");

	table_add(t, xstrdup(gpu));
	table_add(t, attrs_cell(attrs, "name"));
	table_add(t, attrs_cell(attrs, "chip"));
	table_add(t, size_text(attrs_get(attrs, "fb_bytes"), false));
	table_add(t, attrs_cell(attrs, "release"));
	table_add(t, attrs_cell(attrs, "state"));
	table_add(t, xstrdup(simulated && !strcmp(simulated, "1") ? "yes" : "no"));
}

int cmd_gpu_list(const struct call *call)
{
	static const char *const head[] = {
		"GPU", "NAME", "CHIP", "MEMORY", "RELEASE", "STATE", "SIMULATED",
	};
	struct listing list;
	struct names gpus;
	size_t i;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	listing_begin(&list, head, ARRAY_LEN(head));
	for (i = 0; i < gpus.nr; i++) {
		const char *gpu = gpus.name[i];
		struct json_object *obj;
		struct attrs attrs;

		/* A GPU that goes away meanwhile is left out. */
		if (gpu_attrs(&attrs, "%s", gpu))
			continue;
		if (list.doc) {
			obj = json_object_new_object();
			json_add_text(obj, "gpu", gpu);
			json_object_array_add(list.doc, attrs_json(&attrs, obj));
		} else {
			list_row(&list.table, gpu, &attrs);
		}
		attrs_free(&attrs);
	}
	names_free(&gpus);
	return listing_end(&list, 0);
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

static int show_one(const char *gpu, struct json_object *doc, void *arg)
{
	struct json_object *obj = NULL;
	struct attrs attrs;
	size_t i;
	int ret;

	(void)arg;
	ret = gpu_attrs(&attrs, "%s", gpu);
	if (ret) {
		char *dir = root_path("/sys/class/novabpf/%s", gpu);

		ret = fail("cannot read %s: %s", dir, strerror(-ret));
		free(dir);
		return ret;
	}
	if (doc) {
		obj = json_object_new_object();
		json_add_text(obj, "gpu", gpu);
		attrs_json(&attrs, obj);
		json_object_array_add(doc, obj);
	} else {
		printf("%s\n", gpu);
		show_attrs(&attrs, 2);
	}
	attrs_free(&attrs);
	for (i = 0; i < ARRAY_LEN(sections); i++) {
		if (gpu_attrs(&attrs, "%s/%s", gpu, sections[i]))
			continue;
		if (obj) {
			json_object_object_add(obj, sections[i],
					       attrs_json(&attrs, json_object_new_object()));
		} else {
			printf("  %s\n", sections[i]);
			show_attrs(&attrs, 4);
		}
		attrs_free(&attrs);
	}
	return 0;
}

int cmd_gpu_show(const struct call *call)
{
	return gpus_each(call, show_one, NULL);
}

/* The file takes the text once the GPU serves again, or has failed. */
int cmd_gpu_recover(const struct call *call)
{
	struct json_object *doc;
	struct names gpus;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	ret = root_write("1", "/sys/class/novabpf/%s/recover", gpus.name[0]);
	if (ret == -EACCES || ret == -EPERM)
		ret = fail("cannot reset %s: %s; run as root", gpus.name[0], strerror(-ret));
	else if (ret)
		ret = fail("cannot reset %s: %s; see: novabpf gpu show %s, and dmesg", gpus.name[0],
			   strerror(-ret), gpus.name[0]);
	if (!ret && json_output) {
		doc = json_object_new_object();
		json_add_text(doc, "gpu", gpus.name[0]);
		emit_json(doc);
	}
	names_free(&gpus);
	return ret;
}
