// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf gsp report: what the kernel kept of incidents of a firmware. The file "report"
 * has one of them, "reports" has all, oldest first, each from its line "incident" on.
 *
 * A report has lines of "name TAB value", then parts, each under a line "[name]":
 * more such lines, tables whose first line names the columns, or bytes in hex.
 */
#include <stdlib.h>
#include <string.h>

#include "base/common.h"

#define COLUMNS_MAX	64
#define DEBUG_DIR	"/sys/kernel/debug"
#define FIRST_NAME	"incident\t"

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
		json_add_text(p->obj, "hex", p->hex);
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

static void print_report(const char *gpu, char *rest, struct json_object *doc)
{
	struct part p = { 0 };
	char *line;

	if (doc) {
		p.doc = json_object_new_object();
		p.obj = p.doc;
		json_add_text(p.doc, "gpu", gpu);
		json_object_array_add(doc, p.doc);
	} else {
		printf("%s\n", gpu);
	}
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
}

/*
 * Cuts the next report off the text of several. Return: its beginning, NULL at the end.
 * No line of a table or of bytes begins with a word.
 */
static char *next_report(char **rest)
{
	char *report = *rest, *next;

	if (!report || strncmp(report, FIRST_NAME, strlen(FIRST_NAME)))
		return NULL;
	next = strstr(report, "\n" FIRST_NAME);
	if (next)
		*next++ = '\0';
	*rest = next;
	return report;
}

/* The value of a line in front of all parts; NULL where there is none. To be freed. */
static char *report_value(const char *report, const char *name)
{
	size_t len = strlen(name);

	while (report && *report && *report != '[') {
		if (!strncmp(report, name, len) && report[len] == '\t')
			return xasprintf("%.*s", (int)strcspn(report + len + 1, "\n"),
					 report + len + 1);
		report = strchr(report, '\n');
		report += report ? 1 : 0;
	}
	return NULL;
}

static void list_one(const char *gpu, const char *report, struct table *t,
		     struct json_object *doc)
{
	static const char *const names[] = { "id", "kind", "run", "at_ns", "incident" };
	struct json_object *obj = doc ? json_object_new_object() : NULL;
	uint64_t ns;
	size_t i;

	if (obj)
		json_add_text(obj, "gpu", gpu);
	else
		table_add(t, xstrdup(gpu));
	for (i = 0; i < ARRAY_LEN(names); i++) {
		char *value = report_value(report, names[i]);

		if (obj)
			json_object_object_add(obj, names[i], json_value(names[i], value));
		else if (!strcmp(names[i], "at_ns") && value && parse_u64(value, &ns))
			table_add(t, xasprintf("%.3f", ns / 1e9));
		else
			table_add(t, xstrdup(value ? value : "-"));
		free(value);
	}
	if (obj)
		json_object_array_add(doc, obj);
}

static int list_reports(const struct names *gpus, struct json_object *doc)
{
	static const char *const head[] = { "GPU", "ID", "KIND", "RUN", "AT_S", "INCIDENT" };
	char *data, *rest, *report;
	struct table table = { 0 };
	size_t i, len;
	int ret = 0;

	for (i = 0; i < ARRAY_LEN(head); i++)
		table_add(&table, xstrdup(head[i]));
	for (i = 0; i < gpus->nr && !ret; i++) {
		ret = debugfs_read(gpus->name[i], "reports", &data, &len);
		if (ret)
			break;
		rest = data;
		while ((report = next_report(&rest)))
			list_one(gpus->name[i], report, &table, doc);
		free(data);
	}
	if (!ret && !doc)
		table_print(&table, ARRAY_LEN(head));
	table_free(&table);
	return ret;
}

static int one_report(const char *gpu, const char *id, struct json_object *doc)
{
	char *data, *rest, *report, *found = NULL;
	size_t len;
	int ret;

	ret = debugfs_read(gpu, "reports", &data, &len);
	if (ret)
		return ret;
	rest = data;
	while (!found && (report = next_report(&rest))) {
		char *value = report_value(report, "id");

		if (value && !strcmp(value, id))
			found = report;
		free(value);
	}
	if (found)
		print_report(gpu, found, doc);
	else
		ret = fail("%s keeps no report %s; see: novabpf gsp report %s --list", gpu, id,
			   gpu);
	free(data);
	return ret;
}

static int last_report(const char *gpu, struct json_object *doc)
{
	char *data;
	size_t len;
	int ret = debugfs_read(gpu, "report", &data, &len);

	if (ret)
		return ret;
	print_report(gpu, data, doc);
	free(data);
	return 0;
}

static int clear(const char *gpu)
{
	char *path = root_path(DEBUG_DIR "/novabpf/%s/report", gpu);
	int ret = write_file(path, "clear");

	if (ret)
		ret = fail("cannot write %s: %s", path, strerror(-ret));
	free(path);
	return ret;
}

int cmd_gsp_report(const struct call *call)
{
	const char *id = call_value(call, "id");
	bool list = call_value(call, "list");
	struct json_object *doc = NULL;
	struct names gpus;
	uint64_t number;
	size_t i;
	int ret;

	if (list && id)
		return usage_error("--list shows all reports, --id one: give one of the two");
	if (id && !call->nr_args)
		return usage_error("--id needs a GPU: novabpf gsp report GPU --id %s", id);
	if (id && !parse_u64(id, &number))
		return usage_error("bad value '%s' for --id; see: novabpf gsp report --list", id);
	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	if (json_output)
		doc = json_object_new_array();
	if (list)
		ret = list_reports(&gpus, doc);
	for (i = 0; i < gpus.nr && !ret; i++) {
		if (id)
			ret = one_report(gpus.name[i], id, doc);
		else if (!list)
			ret = last_report(gpus.name[i], doc);
		if (!ret && call_value(call, "clear"))
			ret = clear(gpus.name[i]);
	}
	if (ret)
		json_object_put(doc);
	else if (doc)
		emit_json(doc);
	names_free(&gpus);
	return ret;
}
