// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf gsp: the last RPCs of a GPU, and its queues.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/common.h"

#define COLUMNS_MAX	128

/*
 * The history as the kernel prints it: columns are found by name, so the kernel
 * may add some.
 */
struct history {
	const char *gpu;
	char *data;
	char *column[COLUMNS_MAX];
	int nr_columns;
	char **cells;		/* nr_lines * nr_columns */
	size_t nr_lines;
};

struct filter {
	uint64_t last;
	uint64_t slower_ns;
	bool has_last;
	bool has_slower;
	bool failed;
};

static int column_index(const struct history *h, const char *name)
{
	int i;

	for (i = 0; i < h->nr_columns; i++)
		if (!strcmp(h->column[i], name))
			return i;
	return -1;
}

static const char *cell(const struct history *h, size_t line, const char *name)
{
	int col = column_index(h, name);

	return col < 0 ? NULL : h->cells[line * h->nr_columns + col];
}

static uint64_t number(const struct history *h, size_t line, const char *name)
{
	const char *s = cell(h, line, name);
	uint64_t val;

	return s && parse_u64(s, &val) ? val : 0;
}

static int history_line(struct history *h, char *line, size_t nr)
{
	char **cells;
	int i;

	h->cells = xrealloc(h->cells, (h->nr_lines + 1) * h->nr_columns, sizeof(*h->cells));
	cells = &h->cells[h->nr_lines * h->nr_columns];
	for (i = 0; i < h->nr_columns && line; i++)
		cells[i] = strsep(&line, "\t");
	if (i < h->nr_columns || line)
		return fail("cannot parse the history of %s: line %zu does not have %d columns",
			    h->gpu, nr, h->nr_columns);
	h->nr_lines++;
	return 0;
}

static int history_read(struct history *h, const char *gpu)
{
	char *rest, *line;
	size_t nr = 1, len;
	int ret;

	memset(h, 0, sizeof(*h));
	h->gpu = gpu;
	ret = debugfs_read(gpu, "history", &h->data, &len);
	if (ret)
		return ret;
	rest = h->data;
	line = strsep(&rest, "\n");
	if (strncmp(line, "# ", 2))
		return fail("cannot parse the history of %s: no line of column names",
			    gpu);
	line += 2;
	while (line && h->nr_columns < COLUMNS_MAX)
		h->column[h->nr_columns++] = strsep(&line, "\t");
	while (!ret && rest) {
		line = strsep(&rest, "\n");
		nr++;
		if (*line)
			ret = history_line(h, line, nr);
	}
	return ret;
}

static void history_free(struct history *h)
{
	free(h->data);
	free(h->cells);
}

static bool call_failed(const struct history *h, size_t line)
{
	const char *fate = cell(h, line, "fate");
	const char *err = cell(h, line, "err");

	if (err && strcmp(err, "0"))
		return true;
	/* These two have no reply yet, so their result still says "pending". */
	if (fate && (!strcmp(fate, "posted") || !strcmp(fate, "none")))
		return false;
	if (fate && strcmp(fate, "answered"))
		return true;
	return number(h, line, "result") || number(h, line, "status");
}

/* Mark the lines to print. Return: how many. */
static size_t history_filter(const struct history *h, const struct filter *f, bool *keep)
{
	size_t i, kept = 0;

	for (i = h->nr_lines; i-- > 0;) {
		keep[i] = !(f->failed && !call_failed(h, i)) &&
			  !(f->has_slower && number(h, i, "total_ns") <= f->slower_ns) &&
			  !(f->has_last && kept >= f->last);
		kept += keep[i];
	}
	return kept;
}

static void history_json(const struct history *h, const bool *keep, struct json_object *doc)
{
	size_t i;
	int col;

	for (i = 0; i < h->nr_lines; i++) {
		struct json_object *obj;

		if (!keep[i])
			continue;
		obj = json_object_new_object();
		json_add_text(obj, "gpu", h->gpu);
		for (col = 0; col < h->nr_columns; col++)
			json_object_object_add(obj, h->column[col],
					       json_value(h->column[col],
							  h->cells[i * h->nr_columns + col]));
		json_object_array_add(doc, obj);
	}
}

static char *text_cell(const struct history *h, size_t line, const char *name)
{
	const char *s = cell(h, line, name);

	return xstrdup(s && *s ? s : "-");
}

static char *ns_cell(const struct history *h, size_t line, const char *name, unsigned int unit_ns)
{
	unsigned long long ns = number(h, line, name);

	if (!cell(h, line, name))
		return xstrdup("-");
	if (unit_ns == 1000)
		return xasprintf("%llu.%llu", ns / 1000, ns % 1000 / 100);
	return xasprintf("%llu.%06llu", ns / 1000000000, ns % 1000000000 / 1000);
}

/* The operation's name; older or newer modules may print its number there. */
static char *function_cell(const struct history *h, size_t line)
{
	const char *op = cell(h, line, "op");

	if (op && *op && !is_number(op))
		return xstrdup(op);
	op = cell(h, line, "name");
	if (op && *op)
		return xstrdup(op);
	return text_cell(h, line, "function");
}

static char *what_cell(const struct history *h, size_t line)
{
	const char *what = cell(h, line, "what");

	if (what && *what && strcmp(what, "-"))
		return xstrdup(what);
	if (number(h, line, "cmd"))
		return text_cell(h, line, "cmd");
	return xstrdup("-");
}

/* A status that the kernel has no name for is shown as a number. */
static char *status_cell(const struct history *h, size_t line)
{
	const char *name = cell(h, line, "status_name");

	if (name && *name && strcmp(name, "?"))
		return xstrdup(name);
	return text_cell(h, line, number(h, line, "result") ? "result" : "status");
}

static const char *const text_head[] = {
	"GPU", "ID", "TIME_S", "GFID", "FUNCTION", "CONTROL", "LEN", "STATUS", "FATE",
	"QUEUED_US", "FIRMWARE_US", "TOTAL_US", "PID", "COMM",
};

static void history_text(const struct history *h, const bool *keep, struct table *t)
{
	size_t i;

	for (i = 0; i < h->nr_lines; i++) {
		if (!keep[i])
			continue;
		table_add(t, xstrdup(h->gpu));
		table_add(t, text_cell(h, i, "id"));
		table_add(t, ns_cell(h, i, "submit_ns", 1000000000));
		table_add(t, text_cell(h, i, "gfid"));
		table_add(t, function_cell(h, i));
		table_add(t, what_cell(h, i));
		table_add(t, text_cell(h, i, "len_bytes"));
		table_add(t, status_cell(h, i));
		table_add(t, text_cell(h, i, "fate"));
		table_add(t, ns_cell(h, i, "queued_ns", 1000));
		table_add(t, ns_cell(h, i, "firmware_ns", 1000));
		table_add(t, ns_cell(h, i, "total_ns", 1000));
		table_add(t, text_cell(h, i, "pid"));
		table_add(t, text_cell(h, i, "comm"));
	}
}

static int parse_filter(const struct call *call, struct filter *f)
{
	const char *last = call_value(call, "last");
	const char *slower = call_value(call, "slower");

	memset(f, 0, sizeof(*f));
	f->failed = call_value(call, "failed");
	if (last) {
		if (!parse_u64(last, &f->last) || !f->last)
			return usage_error("bad value '%s' for --last: give a count of 1 or more",
					   last);
		f->has_last = true;
	}
	if (slower) {
		if (!parse_u64(slower, &f->slower_ns) || f->slower_ns > UINT64_MAX / 1000)
			return usage_error("bad value '%s' for --slower: give whole microseconds",
					   slower);
		f->slower_ns *= 1000;
		f->has_slower = true;
	}
	return 0;
}

static int history_of(const char *gpu, const struct filter *f, struct listing *list)
{
	struct history h;
	bool *keep;
	int ret;

	ret = history_read(&h, gpu);
	if (!ret && f->has_slower && column_index(&h, "total_ns") < 0)
		ret = fail("the history of %s has no column total_ns: --slower cannot be used",
			   gpu);
	if (!ret) {
		keep = xcalloc(h.nr_lines, sizeof(*keep));
		history_filter(&h, f, keep);
		if (list->doc)
			history_json(&h, keep, list->doc);
		else
			history_text(&h, keep, &list->table);
		free(keep);
	}
	history_free(&h);
	return ret;
}

int cmd_gsp_history(const struct call *call)
{
	struct listing list;
	struct filter f;
	struct names gpus;
	size_t i;
	int ret;

	ret = parse_filter(call, &f);
	if (!ret)
		ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	listing_begin(&list, text_head, ARRAY_LEN(text_head));
	for (i = 0; i < gpus.nr && !ret; i++)
		ret = history_of(gpus.name[i], &f, &list);
	names_free(&gpus);
	return listing_end(&list, ret);
}

/* A half-written snapshot is worse than none: take it away again. */
static int save(const char *file, const char *data, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct stat st;
	int err;

	if (fd < 0)
		return fail("cannot write %s: %s", file, strerror(errno));
	err = write_all(fd, data, len);
	if (err && !fstat(fd, &st) && S_ISREG(st.st_mode))
		unlink(file);
	if (close(fd) && !err)
		err = -errno;
	return err ? fail("cannot write %s: %s", file, strerror(-err)) : 0;
}

int cmd_gsp_queues(const struct call *call)
{
	const char *file = call_value(call, "output");
	struct json_object *doc;
	struct names gpus;
	char *data = NULL;
	size_t len;
	int ret;

	if (!file && json_output)
		return usage_error("a raw snapshot is not JSON; name a file for it with -o FILE");
	if (!file && isatty(STDOUT_FILENO))
		return usage_error("not writing a raw snapshot to a terminal; use -o FILE");
	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	ret = debugfs_read(gpus.name[0], "queues", &data, &len);
	if (!ret && !file) {
		ret = write_all(STDOUT_FILENO, data, len);
		if (ret)
			ret = fail("cannot write the snapshot: %s", strerror(-ret));
	} else if (!ret) {
		ret = save(file, data, len);
	}
	if (!ret && file && json_output) {
		doc = json_object_new_object();
		json_add_text(doc, "gpu", gpus.name[0]);
		json_add_text(doc, "file", file);
		json_add_u64(doc, "bytes", len);
		emit_json(doc);
	} else if (!ret && file) {
		printf("%s: %zu bytes written to %s\n", gpus.name[0], len, file);
	}
	free(data);
	names_free(&gpus);
	return ret;
}
