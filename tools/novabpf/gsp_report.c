// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf gsp report: what the kernel kept of the first incident of a firmware.
 *
 * The file has lines of "name TAB value", then parts, each under a line "[name]":
 * more such lines, tables whose first line names the columns, or bytes in hex.
 */
#include <stdlib.h>
#include <string.h>

#include "common.h"

#define COLUMNS_MAX	64
#define DEBUG_DIR	"/sys/kernel/debug"

/* What the lines of a part of the report go into. */
struct part {
	struct json_object *doc;	/* of the whole report; NULL for text */
	struct json_object *obj;	/* what it is in JSON */
	char *hex;			/* bytes so far */
	char *column[COLUMNS_MAX];
	int nr_columns;
};

static void part_end(struct part *p)
{
	int i;

	if (p->hex && p->obj)
		json_object_object_add(p->obj, "hex", json_text(p->hex));
	free(p->hex);
	p->hex = NULL;
	for (i = 0; i < p->nr_columns; i++)
		free(p->column[i]);
	p->nr_columns = 0;
}

/* "[name]" */
static void part_begin(struct part *p, char *line)
{
	char *name = line + 1;

	part_end(p);
	name[strcspn(name, "]")] = '\0';
	if (!p->doc) {
		printf("\n%s\n", printable(name));
		return;
	}
	if (!strcmp(name, "events") || !strcmp(name, "history"))
		p->obj = json_object_new_array();
	else
		p->obj = json_object_new_object();
	json_object_object_add(p->doc, printable(name), p->obj);
	if (!strcmp(name, "payload") || !strcmp(name, "crash"))
		p->hex = xstrdup("");
}

static void columns(struct part *p, char *line)
{
	char *name;

	while (line && p->nr_columns < COLUMNS_MAX) {
		name = strsep(&line, "\t");
		p->column[p->nr_columns++] = text_escape(name, "");
	}
}

static void row(struct part *p, char *line)
{
	struct json_object *obj = json_object_new_object();
	char *val;
	int i;

	for (i = 0; i < p->nr_columns && line; i++) {
		val = strsep(&line, "\t");
		json_object_object_add(obj, p->column[i], json_value(p->column[i], val));
	}
	if (json_object_is_type(p->obj, json_type_array))
		json_object_array_add(p->obj, obj);
	else
		json_object_put(obj);
}

/* "offset bytes": the offset says nothing that the order does not. */
static void hex_row(struct part *p, const char *line)
{
	const char *bytes = strchr(line, ' ');
	char *all = xasprintf("%s%s", p->hex, bytes ? bytes + 1 : "");

	free(p->hex);
	p->hex = all;
}

static void report_json(struct part *p, char *line)
{
	char *val;

	if (p->hex) {
		hex_row(p, line);
	} else if (!strncmp(line, "# ", 2)) {
		columns(p, line + 2);
	} else if (p->nr_columns) {
		row(p, line);
	} else {
		val = line;
		strsep(&val, "\t");
		json_object_object_add(p->obj, printable(line), json_value(line, val ? val : ""));
	}
}

/* The columns of a table stay apart. */
static void puts_text(const char *line)
{
	char *text = text_escape(line, "\t");

	printf("  %s\n", text);
	free(text);
}

/* Names and values in two columns; tables and bytes as they are. */
static void report_text(struct part *p, char *line)
{
	char *val = line;

	if (!strncmp(line, "# ", 2)) {
		columns(p, line + 2);
		puts_text(line + 2);
	} else if (p->nr_columns || !strchr(line, '\t')) {
		puts_text(line);
	} else {
		strsep(&val, "\t");
		printf("  %-22s %s\n", printable(line), *val ? printable(val) : "-");
	}
}

static int report_of(const char *gpu, struct json_object *doc)
{
	struct part p = { 0 };
	char *data, *rest, *line;
	size_t len;
	int ret;

	ret = debugfs_read(gpu, "report", &data, &len);
	if (ret)
		return ret;
	if (doc) {
		p.doc = json_object_new_object();
		p.obj = p.doc;
		json_object_object_add(p.doc, "gpu", json_text(gpu));
		json_object_array_add(doc, p.doc);
	} else {
		printf("%s\n", gpu);
	}
	rest = data;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (*line == '[')
			part_begin(&p, line);
		else if (doc)
			report_json(&p, line);
		else
			report_text(&p, line);
	}
	part_end(&p);
	free(data);
	return 0;
}

static int clear(const char *gpu)
{
	char *path = root_path(DEBUG_DIR "/novabpf/%s/report", gpu);
	int err = write_file(path, "clear");
	int ret = 0;

	if (err)
		ret = fail("cannot write %s: %s", path, strerror(-err));
	free(path);
	return ret;
}

int cmd_gsp_report(const struct call *call)
{
	struct json_object *doc = NULL;
	struct gpus gpus;
	size_t i;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	if (json_output)
		doc = json_object_new_array();
	for (i = 0; i < gpus.nr && !ret; i++) {
		ret = report_of(gpus.name[i], doc);
		if (!ret && call_value(call, "clear"))
			ret = clear(gpus.name[i]);
	}
	if (ret)
		json_object_put(doc);
	else if (doc)
		emit_json(doc);
	gpus_free(&gpus);
	return ret;
}
