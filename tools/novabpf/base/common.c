// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors, memory, text and JSON output.
 *
 * A JSON document is built in memory and printed at the end, so that a command
 * which fails half way still prints one valid document: the error.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

bool json_output;
bool json_pretty;

static void report(const char *fmt, va_list ap)
{
	char *msg = xvasprintf(fmt, ap);
	struct json_object *doc;

	if (!json_output) {
		fprintf(stderr, "novabpf: %s\n", printable(msg));
	} else {
		doc = json_object_new_object();
		json_add_text(doc, "error", msg);
		emit_json(doc);
	}
	free(msg);
}

int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(fmt, ap);
	va_end(ap);
	return EXIT_FAILED;
}

int usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

static void no_memory(void)
{
	fputs("novabpf: out of memory\n", stderr);
	exit(EXIT_FAILED);
}

void *xcalloc(size_t nr, size_t size)
{
	void *p = calloc(nr ? nr : 1, size);

	if (!p)
		no_memory();
	return p;
}

void *xrealloc(void *p, size_t nr, size_t size)
{
	p = reallocarray(p, nr ? nr : 1, size);
	if (!p)
		no_memory();
	return p;
}

char *xstrdup(const char *s)
{
	char *p = strdup(s);

	if (!p)
		no_memory();
	return p;
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		no_memory();
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	size_t n;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	n = strlen(s);
	t->s = xrealloc(t->s, t->len + n + 1, 1);
	memcpy(t->s + t->len, s, n + 1);
	t->len += n;
	free(s);
}

/* The table owns @cell from here on. Cells come row by row. */
void table_add(struct table *t, char *cell)
{
	t->cells = xrealloc(t->cells, t->nr_rows + 1, sizeof(*t->cells));
	t->cells[t->nr_rows++] = text_escape(cell, "");
	free(cell);
}

static bool column_of_numbers(const struct table *t, int nr_cols, int col)
{
	int i;

	for (i = nr_cols + col; i < t->nr_rows; i += nr_cols) {
		const char *s = t->cells[i];

		if (strcmp(s, "-") && s[strspn(s, "0123456789.-")])
			return false;
	}
	return true;
}

/* The first row is the heading. */
void table_print(const struct table *t, int nr_cols)
{
	int *width = xcalloc(nr_cols, sizeof(*width));
	bool *right = xcalloc(nr_cols, sizeof(*right));
	int i, col;

	for (i = 0; i < t->nr_rows; i++) {
		int len = strlen(t->cells[i]);

		if (len > width[i % nr_cols])
			width[i % nr_cols] = len;
	}
	for (col = 0; col < nr_cols; col++)
		right[col] = column_of_numbers(t, nr_cols, col);
	for (i = 0; i < t->nr_rows; i++) {
		col = i % nr_cols;
		if (right[col])
			printf("%*s", width[col], t->cells[i]);
		else if (col == nr_cols - 1)
			fputs(t->cells[i], stdout);
		else
			printf("%-*s", width[col], t->cells[i]);
		fputs(col == nr_cols - 1 ? "\n" : "  ", stdout);
	}
	free(width);
	free(right);
}

void table_free(struct table *t)
{
	int i;

	for (i = 0; i < t->nr_rows; i++)
		free(t->cells[i]);
	free(t->cells);
	memset(t, 0, sizeof(*t));
}

int emit_json(struct json_object *doc)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	flags |= json_pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED :
			       JSON_C_TO_STRING_PLAIN;
	puts(json_object_to_json_string_ext(doc, flags));
	json_object_put(doc);
	return 0;
}

struct json_object *json_text(const char *s)
{
	return json_object_new_string(printable(s));
}

void json_add_text(struct json_object *obj, const char *name, const char *s)
{
	json_object_object_add(obj, name, s ? json_text(s) : NULL);
}

void json_add_u64(struct json_object *obj, const char *name, uint64_t val)
{
	json_object_object_add(obj, name, json_object_new_uint64(val));
}

void json_add_int(struct json_object *obj, const char *name, int64_t val)
{
	json_object_object_add(obj, name, json_object_new_int64(val));
}

void json_add_bool(struct json_object *obj, const char *name, bool val)
{
	json_object_object_add(obj, name, json_object_new_boolean(val));
}

struct json_object *json_gpu(uint32_t gpu_id)
{
	struct json_object *obj = json_object_new_object();
	char name[16];

	snprintf(name, sizeof(name), "gpu%u", gpu_id);
	json_add_text(obj, "gpu", name);
	return obj;
}

void listing_begin(struct listing *l, const char *const *heads, int nr_cols)
{
	int i;

	memset(l, 0, sizeof(*l));
	l->doc = json_output ? json_object_new_array() : NULL;
	l->nr_cols = nr_cols;
	for (i = 0; i < nr_cols; i++)
		table_add(&l->table, xstrdup(heads[i]));
}

int listing_end(struct listing *l, int ret)
{
	if (ret)
		json_object_put(l->doc);
	else if (l->doc)
		emit_json(l->doc);
	else
		table_print(&l->table, l->nr_cols);
	table_free(&l->table);
	return ret;
}

bool parse_u64(const char *s, uint64_t *val)
{
	bool hex = !strncmp(s, "0x", 2);
	char *end;

	if (!isxdigit((unsigned char)s[hex ? 2 : 0]))
		return false;
	errno = 0;
	*val = strtoull(s, &end, hex ? 16 : 10);
	return !errno && end != s && !*end;
}

bool is_number(const char *s)
{
	uint64_t val;

	return parse_u64(s + (*s == '-'), &val);
}

/* Attributes and columns that stay text even where they look like a number. */
static bool is_text_name(const char *name)
{
	static const char *const names[] = {
		"name", "chip", "release", "state", "failure", "checksum", "sequence",
		"vgx_version", "what", "comm", "status_name", "fate",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

struct json_object *json_value(const char *name, const char *value)
{
	uint64_t val;

	if (!value)
		return NULL;
	/* The kernel's sign for "none" where a name would stand. */
	if ((!strcmp(name, "what") || !strcmp(name, "status_name")) && !strcmp(value, "-"))
		return NULL;
	if (is_text_name(name))
		return json_text(value);
	if ((!strcmp(name, "simulated") || !strcmp(name, "consumed")) &&
	    (!strcmp(value, "0") || !strcmp(value, "1")))
		return json_object_new_boolean(*value == '1');
	if (parse_u64(value, &val))
		return json_object_new_uint64(val);
	if (*value == '-' && parse_u64(value + 1, &val) && val <= INT64_MAX)
		return json_object_new_int64(-(int64_t)val);
	return json_text(value);
}

bool option_many(const struct option_desc *opt)
{
	size_t len = opt->arg ? strlen(opt->arg) : 0;

	return len > 3 && !strcmp(opt->arg + len - 3, "...");
}

/*
 * Values of an option that may be given repeatedly, one at a time; @pos starts at 0.
 * Return: NULL after the last.
 */
const char *call_next(const struct call *call, const char *option, int *pos)
{
	while (*pos < call->nr_given) {
		const struct given *given = &call->given[(*pos)++];

		if (!strcmp(given->opt->name, option))
			return given->value;
	}
	return NULL;
}

const char *call_value(const struct call *call, const char *option)
{
	int pos = 0;

	return call_next(call, option, &pos);
}
