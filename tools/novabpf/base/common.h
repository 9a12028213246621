/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all commands share: the table of commands, errors, output as text or
 * JSON, and access to the files of the kernel modules.
 */
#ifndef NOVABPF_TOOL_COMMON_H
#define NOVABPF_TOOL_COMMON_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "nearest.h"

#ifndef NOVABPF_VERSION
#error "the Makefile takes NOVABPF_VERSION from the file VERSION"
#endif

#define EXIT_FAILED	1
#define EXIT_USAGE	2

#ifndef __printf
#define __printf(f, a)	__attribute__((	\
				format(printf, f, a)))
#endif
#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

extern bool json_output;
extern bool json_pretty;

/*
 * One option of a command; @arg is NULL for a flag. An @arg that ends with "..."
 * makes an option that may be given repeatedly.
 */
struct option_desc {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
};

/* An option as it was given; a flag has the value "". */
struct given {
	const struct option_desc *opt;
	const char *value;
};

/* The words of one call, checked against the command's description. */
struct call {
	const struct command *cmd;
	const char **args;
	int nr_args;
	int nr_plain;			/* of them in front of "--", -1 without it */
	struct given *given;	/* in the order of the command line */
	int nr_given;
};

/*
 * One command. Help, parsing and "did you mean" all come from the table of
 * these in commands.c.
 */
struct command {
	const char *object;
	const char *verb;			/* NULL: the object is the command */
	const char *args;
	const char *summary;
	int min_args;
	int max_args;
	const struct option_desc *options;	/* ends with a NULL name */
	int (*run)(const struct call *call);
};

extern const struct command commands[];
extern const struct option_desc global_options[];
const char *object_summary(const char *object);
bool option_many(const struct option_desc *opt);
const char *call_value(const struct call *call, const char *option);
const char *call_next(const struct call *call, const char *option, int *pos);

int cmd_gpu_list(const struct call *call);
int cmd_gpu_show(const struct call *call);
int cmd_gpu_recover(const struct call *call);
int cmd_gsp_history(const struct call *call);
int cmd_gsp_report(const struct call *call);
int cmd_gsp_queues(const struct call *call);
int cmd_rpc_lat(const struct call *call);
int cmd_rpc_slow(const struct call *call);
int cmd_rpc_firewall(const struct call *call);
int cmd_rpc_allow(const struct call *call);
int cmd_rpc_deny(const struct call *call);
int cmd_rpc_forget(const struct call *call);
int cmd_rpc_limits(const struct call *call);
int cmd_rpc_limit(const struct call *call);
int cmd_vgpu_types(const struct call *call);
int cmd_vgpu_list(const struct call *call);
int cmd_vgpu_show(const struct call *call);
int cmd_vgpu_create(const struct call *call);
int cmd_vgpu_set(const struct call *call);
int cmd_vgpu_destroy(const struct call *call);
int cmd_inject_add(const struct call *call);
int cmd_inject_list(const struct call *call);
int cmd_inject_del(const struct call *call);
int cmd_inject_clear(const struct call *call);
int cmd_inject_run(const struct call *call);
int cmd_inject_release(const struct call *call);
int cmd_inject_profiles(const struct call *call);
int cmd_new(const struct call *call);
int cmd_doctor(const struct call *call);
int cmd_help(const struct call *call);
int cmd_version(const struct call *call);
void print_usage(FILE *to, const char *object);

/* Errors: each returns the exit status to hand up. */
int fail(const char *fmt, ...) __printf(1, 2);
int usage_error(const char *fmt, ...) __printf(1, 2);

/* Memory: these end the program when there is none. */
void *xcalloc(size_t nr, size_t size);
void *xrealloc(void *p, size_t nr, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __printf(1, 2);
char *xvasprintf(const char *fmt, va_list ap) __printf(1, 0);

/* A text that grows. */
struct text {
	char *s;
	size_t len;
};

void text_add(struct text *t, const char *fmt, ...) __printf(2, 3);

/* Table of text output; a column of numbers only is aligned to the right. */
struct table {
	int nr_cols;
	int nr_rows;
	char **cells;
};

void table_add(struct table *t, char *cell);
void table_print(const struct table *t, int nr_cols);
void table_free(struct table *t);

/* JSON: emit_json() prints @doc and drops it. */
int emit_json(struct json_object *doc);
struct json_object *json_text(const char *s);
struct json_object *json_value(const char *name, const char *value);
void json_add_text(struct json_object *obj, const char *name, const char *s);	/* or null */
void json_add_u64(struct json_object *obj, const char *name, uint64_t val);
void json_add_int(struct json_object *obj, const char *name, int64_t val);
void json_add_bool(struct json_object *obj, const char *name, bool val);
/* An object about a GPU, which begins with the GPU's name. */
struct json_object *json_gpu(uint32_t gpu_id);

/* What a command lists: a table as text, an array as JSON. */
struct listing {
	struct json_object *doc;	/* NULL for text */
	struct table table;
	int nr_cols;
};

void listing_begin(struct listing *l, const char *const *heads, int nr_cols);
/* Prints it, or drops it where @ret is an error. Return: @ret. */
int listing_end(struct listing *l, int ret);

bool parse_u64(const char *s, uint64_t *val);
bool is_number(const char *s);

/* escape.c: text from outside. A copy to be freed, but for the control characters in @keep. */
char *text_escape(const char *s, const char *keep);
/* A copy for printing that lasts for a few further calls. */
const char *printable(const char *s);

/* Files; every path is taken below the directory in $NOVABPF_ROOT, if set. */
char *root_path(const char *fmt, ...) __printf(1, 2);
/* A folder or file that came with the tool: share/novabpf/@name once installed, else @dir. */
char *shipped_path(const char *name, const char *dir);
char *read_file(const char *path, size_t *len);	/* NULL and errno on failure */
int write_file(const char *path, const char *text);	/* 0 or -errno */
int write_all(int fd, const char *data, size_t len);	/* 0 or -errno */
bool path_exists(const char *path);
/* The same by a path below $NOVABPF_ROOT, made from a format. */
bool root_has(const char *fmt, ...) __printf(1, 2);
int root_write(const char *text, const char *fmt, ...) __printf(2, 3);
char *root_read(const char *fmt, ...) __printf(1, 2);
char *root_line(const char *fmt, ...) __printf(1, 2);	/* the first, as it may be printed */
/* Folder of this program, to be freed; NULL where that cannot be found out. */
char *program_dir(void);
/* A file below /sys/class/novabpf. */
char *gpu_attr(const char *fmt, ...) __printf(1, 2);		/* NULL if not there */
uint64_t gpu_number(const char *fmt, ...) __printf(1, 2);	/* 0 if not there */

/* child.c: until a time, a signal or the end of a command. */
void signals_catch(bool on);
bool signals_came(void);
pid_t child_start(char *const *argv);
bool child_ended(pid_t pid, int flags, int *status);
double now_s(void);

struct attr {
	char *name;
	char *value;	/* NULL: could not be read */
	int err;
};

struct attrs {
	struct attr *a;
	size_t nr;
};

/* All attributes of a directory, or of one below /sys/class/novabpf. Return: 0 or -errno. */
int attrs_read(const char *dir, struct attrs *attrs);
int gpu_attrs(struct attrs *attrs, const char *fmt, ...) __printf(2, 3);
const char *attrs_get(const struct attrs *attrs, const char *name);
void attrs_free(struct attrs *attrs);
struct json_object *attrs_json(const struct attrs *attrs, struct json_object *obj);
/* The value of an attribute for a table; "-" for none. */
char *attrs_cell(const struct attrs *attrs, const char *name);

/* Names of files such as "gpu0", in the order of their numbers. */
struct names {
	char **name;
	size_t nr;
};

/* What of a folder begins with @prefix and, if so wanted, goes on with a number alone. */
int names_read(struct names *names, const char *dir, const char *prefix, bool number);
void names_free(struct names *names);

int gpus_find(struct names *gpus);
int gpus_select(const struct call *call, struct names *gpus);
/* The number of "gpu7"; false where it is out of range. */
bool gpu_id_of(const char *gpu, uint32_t *gpu_id);
/*
 * Calls @one for each GPU that the arguments select, until it fails. It prints text, or adds
 * to the array @doc, which is printed at the end.
 */
int gpus_each(const struct call *call,
	      int (*one)(const char *gpu, struct json_object *doc, void *arg), void *arg);
int debugfs_read(const char *gpu, const char *file, char **data, size_t *len);

#endif /* NOVABPF_TOOL_COMMON_H */
