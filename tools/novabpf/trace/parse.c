// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a trace buffer to events.
 *
 * The kernel prints the scheduler's events as "key=value", with the names of the
 * fields; new fields may be appended, so keys that are not known are passed over
 * and keys that are missing make a line bad.
 */
#define _GNU_SOURCE
#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const event_names[TRACE_KINDS] = {
	[TRACE_RUNNABLE] = "sched_runnable",
	[TRACE_QUIESCENT] = "sched_quiescent",
	[TRACE_PICK] = "sched_pick",
	[TRACE_SWITCH] = "sched_switch",
	[TRACE_COMPLETE] = "sched_complete",
	[TRACE_STALL] = "sched_stall",
	[TRACE_ATTACH] = "policy_attach",
	[TRACE_DETACH] = "policy_detach",
	[TRACE_EJECT] = "policy_eject",
	[TRACE_PHASE] = "vgpu_phase",
};

/* Sets of kinds. */
enum {
	ATTACH = 1u << TRACE_ATTACH,
	DETACH = 1u << TRACE_DETACH,
	EJECT = 1u << TRACE_EJECT,
	PHASE = 1u << TRACE_PHASE,
	PICK = 1u << TRACE_PICK,
	SWITCH = 1u << TRACE_SWITCH,
	COMPLETE = 1u << TRACE_COMPLETE,
	STALL = 1u << TRACE_STALL,
	POLICY = ATTACH | DETACH | EJECT,
	WORK = 1u << TRACE_RUNNABLE | 1u << TRACE_QUIESCENT,
	ENGINE = WORK | PICK | SWITCH | COMPLETE | STALL,
	ALL = ENGINE | POLICY | PHASE,
};

enum field_type {
	FIELD_U32,
	FIELD_S32,
	FIELD_U64,
	FIELD_S64,
	FIELD_TEXT,
};

#define FIELD(member, type, kinds)	\
	{ #member, FIELD_##type, offsetof(struct trace_event, member), kinds }

/* In the order of the columns of CSV. */
static const struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	unsigned int kinds;
} fields[] = {
	FIELD(gpu, U32, ALL),
	FIELD(gfid, U32, ALL),
	FIELD(engine, U32, ENGINE),
	FIELD(now_ns, U64, ALL & ~(PHASE)),
	FIELD(asked_kind, TEXT, PICK),
	FIELD(asked_gfid, U32, PICK),
	FIELD(asked_ns, U64, PICK),
	FIELD(verdict, TEXT, PICK),
	{ "kind", FIELD_TEXT, offsetof(struct trace_event, decision), PICK | POLICY },
	FIELD(next_gfid, U32, PICK),
	FIELD(prev_gfid, U32, SWITCH),
	FIELD(reason, TEXT, SWITCH),
	FIELD(ran_ns, U64, SWITCH | COMPLETE),
	FIELD(slice_ns, U64, PICK | SWITCH),
	FIELD(switch_ns, U64, SWITCH),
	FIELD(waited_ns, U64, STALL),
	FIELD(err, S32, SWITCH | STALL),
	FIELD(nr_runnable, U32, WORK | PICK),
	FIELD(policy, TEXT, PICK),
	FIELD(type, TEXT, PHASE),
	FIELD(from, TEXT, PHASE),
	FIELD(to, TEXT, PHASE),
	FIELD(code, S64, POLICY),
	FIELD(seq, U64, POLICY),
	FIELD(name, TEXT, POLICY | PHASE),
	FIELD(msg, TEXT, POLICY),
};

const char *trace_event_name(enum trace_kind kind)
{
	return event_names[kind];
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* One copy of each text, for the life of the program: there are few different ones. */
const char *trace_intern(const char *s)
{
	static void *root;
	char *copy;
	void *node;

	node = tfind(s, &root, by_text);
	if (!node) {
		copy = text_escape(s, "");
		node = tsearch(copy, &root, by_text);
		if (!node) {
			fputs("novabpf: out of memory\n", stderr);
			exit(EXIT_FAILED);
		}
		if (*(char **)node != copy)
			free(copy);
	}
	return *(char **)node;
}

static bool parse_s64(const char *s, int64_t *val)
{
	uint64_t u;

	if (!parse_u64(s + (*s == '-'), &u) || u > (uint64_t)INT64_MAX + (*s == '-'))
		return false;
	*val = *s == '-' ? (int64_t)(0 - u) : (int64_t)u;
	return true;
}

static bool set_signed(void *to, enum field_type type, const char *value)
{
	int64_t val;

	if (!parse_s64(value, &val))
		return false;
	if (type == FIELD_S32 && (val < INT32_MIN || val > INT32_MAX))
		return false;
	if (type == FIELD_S32)
		*(int32_t *)to = val;
	else
		*(int64_t *)to = val;
	return true;
}

static bool set_unsigned(void *to, enum field_type type, const char *value)
{
	uint64_t val;

	if (!parse_u64(value, &val) || (type == FIELD_U32 && val > UINT32_MAX))
		return false;
	if (type == FIELD_U32)
		*(uint32_t *)to = val;
	else
		*(uint64_t *)to = val;
	return true;
}

static bool set_field(struct trace_event *ev, const struct field *f, const char *value)
{
	void *to = (char *)ev + f->offset;

	switch (f->type) {
	case FIELD_TEXT:
		*(const char **)to = trace_intern(value);
		/* Only names may be numbers. */
		return f->offset == offsetof(struct trace_event, name) ||
		       f->offset == offsetof(struct trace_event, msg) ||
		       f->offset == offsetof(struct trace_event, policy) ||
		       f->offset == offsetof(struct trace_event, type) ||
		       !*value || value[strspn(value, "0123456789")];
	case FIELD_S32:
	case FIELD_S64:
		return set_signed(to, f->type, value);
	default:
		return set_unsigned(to, f->type, value);
	}
}

/*
 * End of the value at @value. Texts that people write may hold blanks; they stand
 * at the end of the line, a name in front of a message.
 */
static char *value_end(const char *key, char *value)
{
	char *end;

	if (!strcmp(key, "msg"))
		return value + strlen(value);
	if (!strcmp(key, "name")) {
		end = strstr(value, " msg=");
		return end ? end : value + strlen(value);
	}
	return value + strcspn(value, " ");
}

static const struct field *find_field(enum trace_kind kind, const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fields); i++)
		if ((fields[i].kinds & 1u << kind) && !strcmp(fields[i].name, key))
			return &fields[i];
	return NULL;
}

static enum trace_line parse_fields(char *s, struct trace_event *ev, char **why)
{
	uint32_t seen = 0;
	size_t i;

	while (*(s += strspn(s, " "))) {
		char *key = s, *value = strchr(s, '='), *end;
		const struct field *f;

		if (!value)
			break;
		*value++ = '\0';
		end = value_end(key, value);
		s = *end ? end + 1 : end;
		*end = '\0';
		f = find_field(ev->kind, key);
		if (!f)
			continue;
		if (!set_field(ev, f, value)) {
			*why = xasprintf("%s: bad value '%s' of %s%s", event_names[ev->kind],
					 value, key, f->type == FIELD_TEXT ?
					 "; let trace-cmd report print it without -R" : "");
			return TRACE_LINE_BAD;
		}
		seen |= 1u << (f - fields);
	}
	for (i = 0; i < ARRAY_LEN(fields); i++) {
		if ((fields[i].kinds & 1u << ev->kind) && !(seen & 1u << i)) {
			*why = xasprintf("%s has no field %s", event_names[ev->kind],
					 fields[i].name);
			return TRACE_LINE_BAD;
		}
	}
	return TRACE_LINE_EVENT;
}

/* Behind "@key=DIGITS " at @s, NULL where something else is there. */
static const char *after_number(const char *s, const char *key)
{
	size_t len = strlen(key), digits;

	if (strncmp(s, key, len))
		return NULL;
	digits = strspn(s + len, "0123456789");
	return digits && s[len + digits] == ' ' ? s + len + digits + 1 : NULL;
}

/*
 * The fields of an event of ours at @s: "gpu=N gfid=N ". The kernel has a sched_switch
 * of its own, of which trace-cmd prints the name of a process first: that has no room
 * for the number of an engine behind both.
 */
static bool are_fields(const char *s, enum trace_kind kind)
{
	s = after_number(s, "gpu=");
	s = s ? after_number(s, "gfid=") : NULL;
	return s && (kind != TRACE_SWITCH || !strncmp(s, "engine=", strlen("engine=")));
}

/*
 * The fields of an event of ours in @line, NULL where it has none. In front of the name
 * stands what the form of the text wants, and a blank, or with perf "novabpf:"; behind
 * it a colon and as many blanks as the columns of the form want.
 */
static const char *find_event(const char *line, enum trace_kind *kind)
{
	static const char system[] = "novabpf:";
	const size_t len = strlen(system);
	const char *s = line, *fields_at;
	size_t i;

	while ((s = strchr(s, ' '))) {
		s += strspn(s, " ");
		if (!strncmp(s, system, len))
			s += len;
		for (i = 0; i < TRACE_KINDS; i++) {
			fields_at = s + strlen(event_names[i]);
			if (strncmp(s, event_names[i], strlen(event_names[i])) ||
			    *fields_at++ != ':' || *fields_at != ' ')
				continue;
			fields_at += strspn(fields_at, " ");
			if (are_fields(fields_at, i)) {
				*kind = i;
				return fields_at;
			}
		}
	}
	return NULL;
}

/* One line of a trace. @why: what is wrong with a bad line, to be freed. */
enum trace_line trace_parse(const char *line, struct trace_event *ev, char **why)
{
	enum trace_line ret;
	enum trace_kind kind;
	const char *s;
	char *copy;
	size_t len;

	s = find_event(line, &kind);
	if (!s)
		return TRACE_LINE_OTHER;
	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	copy = xstrdup(s);
	len = strlen(copy);
	while (len && (copy[len - 1] == '\r' || copy[len - 1] == '\n'))
		copy[--len] = '\0';
	ret = parse_fields(copy, ev, why);
	free(copy);
	return ret;
}

void trace_add(struct trace_events *events, const struct trace_event *ev)
{
	/* Grows by doubling: a size of a power of two is full. */
	if (!(events->nr & (events->nr - 1)))
		events->e = xrealloc(events->e, events->nr ? events->nr * 2 : 1,
				     sizeof(*events->e));
	events->e[events->nr++] = *ev;
}

/* vgpu_phase carries no time: it happened when its GPU was last heard of. */
static void time_phases(struct trace_events *events)
{
	size_t i, k;

	for (i = 0; i < events->nr; i++) {
		struct trace_event *ev = &events->e[i];

		if (ev->kind != TRACE_PHASE)
			continue;
		for (k = i; k > 0 && events->e[k - 1].gpu != ev->gpu; k--)
			;
		if (k > 0) {
			ev->now_ns = events->e[k - 1].now_ns;
			continue;
		}
		for (k = i + 1; k < events->nr; k++)
			if (events->e[k].gpu == ev->gpu && events->e[k].kind != TRACE_PHASE)
				break;
		if (k < events->nr)
			ev->now_ns = events->e[k].now_ns;
	}
}

struct order {
	struct trace_event ev;
	size_t at;
};

static int by_time(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->ev.gpu != y->ev.gpu)
		return x->ev.gpu < y->ev.gpu ? -1 : 1;
	if (x->ev.now_ns != y->ev.now_ns)
		return x->ev.now_ns < y->ev.now_ns ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* By GPU and its clock; events of the same time stay in the order of the trace. */
void trace_sort(struct trace_events *events)
{
	struct order *o;
	size_t i;

	if (!events->nr)
		return;
	time_phases(events);
	o = xcalloc(events->nr, sizeof(*o));
	for (i = 0; i < events->nr; i++) {
		o[i].ev = events->e[i];
		o[i].at = i;
	}
	qsort(o, events->nr, sizeof(*o), by_time);
	for (i = 0; i < events->nr; i++)
		events->e[i] = o[i].ev;
	free(o);
}

bool trace_rejected(const struct trace_event *ev)
{
	return ev->kind == TRACE_PICK && !strncmp(ev->verdict, "reject", strlen("reject"));
}

/* Names of NV2080_ENGINE_TYPE. */
const char *trace_engine(uint32_t engine, char *buf, size_t len)
{
	static const struct {
		const char *name;
		uint32_t first;
		uint32_t last;
	} engines[] = {
		{ "gr", 0x01, 0x08 },
		{ "copy", 0x09, 0x12 },
		{ "nvdec", 0x13, 0x1a },
		{ "nvenc", 0x1b, 0x1d },
		{ "nvjpeg", 0x2b, 0x32 },
		{ "ofa", 0x33, 0x33 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(engines); i++) {
		if (engine < engines[i].first || engine > engines[i].last)
			continue;
		snprintf(buf, len, "%s%u", engines[i].name, engine - engines[i].first);
		return buf;
	}
	snprintf(buf, len, "engine%u", engine);
	return buf;
}

static char *field_text(const struct trace_event *ev, const struct field *f)
{
	const void *from = (const char *)ev + f->offset;

	switch (f->type) {
	case FIELD_U32:
		return xasprintf("%u", *(const uint32_t *)from);
	case FIELD_S32:
		return xasprintf("%d", *(const int32_t *)from);
	case FIELD_U64:
		return xasprintf("%llu", (unsigned long long)*(const uint64_t *)from);
	case FIELD_S64:
		return xasprintf("%lld", (long long)*(const int64_t *)from);
	default:
		return xstrdup(*(const char *const *)from ? *(const char *const *)from : "");
	}
}

void trace_fields(const struct trace_event *ev, trace_field_fn fn, void *arg)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];
		char *text = field_text(ev, f);

		fn(arg, f->name, f->kinds & 1u << ev->kind, text, f->type == FIELD_TEXT);
		free(text);
	}
}
