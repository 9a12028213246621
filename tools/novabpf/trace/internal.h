/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * novabpf trace: events of the scheduler, from tracefs or from a saved text, as
 * lines, as CSV or JSON, and as a timeline for the pictures.
 */
#ifndef NOVABPF_TOOL_TRACE_INTERNAL_H
#define NOVABPF_TOOL_TRACE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/common.h"

enum trace_kind {
	TRACE_RUNNABLE,
	TRACE_QUIESCENT,
	TRACE_PICK,
	TRACE_SWITCH,
	TRACE_COMPLETE,
	TRACE_STALL,
	TRACE_ATTACH,
	TRACE_DETACH,
	TRACE_EJECT,
	TRACE_PHASE,
	TRACE_KINDS
};

/*
 * One event. Times are those of the GPU's clock. Texts are shared and never
 * freed; fields that the kind does not have are 0 or NULL.
 */
struct trace_event {
	enum trace_kind kind;
	uint32_t gpu;
	uint32_t gfid;
	uint32_t engine;
	uint32_t nr_runnable;
	uint32_t asked_gfid;
	uint32_t next_gfid;
	uint32_t prev_gfid;
	int32_t err;
	uint64_t now_ns;
	uint64_t asked_ns;
	uint64_t slice_ns;
	uint64_t ran_ns;
	uint64_t switch_ns;
	uint64_t waited_ns;
	uint64_t seq;
	int64_t code;
	const char *asked_kind;
	const char *verdict;
	const char *decision;
	const char *policy;
	const char *reason;
	const char *type;
	const char *from;
	const char *to;
	const char *name;
	const char *msg;
};

struct trace_events {
	struct trace_event *e;
	size_t nr;
	uint64_t lost;
};

enum trace_line {
	TRACE_LINE_EVENT,
	TRACE_LINE_OTHER,	/* not one of ours */
	TRACE_LINE_BAD,
};

/* parse.c */
const char *trace_event_name(enum trace_kind kind);
enum trace_line trace_parse(const char *line, struct trace_event *ev, char **why);
/* lost.c */
bool trace_lost(const char *line, uint64_t *lost, bool *all);
const char *trace_intern(const char *s);
void trace_add(struct trace_events *events, const struct trace_event *ev);
void trace_sort(struct trace_events *events);
const char *trace_engine(uint32_t engine, char *buf, size_t len);
bool trace_rejected(const struct trace_event *ev);
#define TRACE_ENGINE_LEN	16

/* print.c */
void trace_print_line(const struct trace_event *ev);
void trace_print_csv_head(void);
void trace_print_csv(const struct trace_event *ev);
struct json_object *trace_json(const struct trace_event *ev);
/* The values of an event by the names of its fields, in the order of the kernel. */
typedef void (*trace_field_fn)(void *arg, const char *field, bool present, const char *text,
			       bool is_text);
void trace_fields(const struct trace_event *ev, trace_field_fn fn, void *arg);

/* tracefs.c: a buffer of our own, that is gone when we are. */
struct tracefs {
	char *dir;
	int pipe;
	char *rest;		/* a line whose end has not been read yet */
	size_t rest_len;
};

int tracefs_open(struct tracefs *t, const char *filter);
/* Calls @fn for each line there is. Return: 0, or -errno of the file or of @fn. */
int tracefs_read(struct tracefs *t, int (*fn)(void *arg, char *line), void *arg);
void tracefs_stop(struct tracefs *t);
uint64_t tracefs_lost(const struct tracefs *t);
void tracefs_close(struct tracefs *t);

/* timeline.c */
enum segment_kind {
	SEGMENT_RUN,
	SEGMENT_SWITCH,
	SEGMENT_WAIT,
	SEGMENT_KINDS
};

struct segment {
	enum segment_kind kind;
	uint32_t gfid;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t slice_ns;
	const char *reason;	/* why a run ended; NULL: it had not */
	bool open;		/* went on when the trace ended */
};

struct segments {
	struct segment *s;
	size_t nr;
};

/* A vGPU on a runlist. */
struct lane {
	uint32_t gfid;
	const char *name;
	struct segments segments;
	uint64_t run_ns;
	uint64_t wait_ns;
	uint64_t wait_max_ns;
	uint64_t runs;
	/* while the events are gone through: */
	bool runnable;
	bool waiting;
	uint64_t wait_since_ns;
	uint64_t runnable_ns;
};

struct runlist {
	uint32_t gpu;
	uint32_t engine;
	struct lane *lanes;	/* by gfid */
	size_t nr_lanes;
	struct segments segments;
	uint64_t decisions;
	uint64_t rejected;
	uint64_t switches;
	uint64_t switch_ns;
	uint64_t run_ns;
	/* while the events are gone through: */
	uint32_t curr_gfid;
	bool curr_known;
	uint64_t curr_since_ns;
	uint64_t curr_slice_ns;
};

/* A GPU has its own clock, so its own span of time. */
struct gpu_line {
	uint32_t gpu;
	bool busy;		/* engines had work */
	uint64_t start_ns;
	uint64_t end_ns;
};

struct timeline {
	const struct trace_events *events;
	struct gpu_line *gpus;
	size_t nr_gpus;
	struct runlist *runlists;
	size_t nr_runlists;
};

void timeline_make(struct timeline *t, const struct trace_events *events);
void timeline_free(struct timeline *t);
const struct lane *runlist_lane(const struct runlist *rl, uint32_t gfid);

/* Pictures. Return: 0 or -errno. */
int trace_svg(const struct timeline *t, FILE *to);
int trace_perfetto(const struct timeline *t, FILE *to);

#endif /* NOVABPF_TOOL_TRACE_INTERNAL_H */
