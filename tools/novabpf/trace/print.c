// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of the scheduler as lines for people, as CSV and as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const short_names[TRACE_KINDS] = {
	[TRACE_RUNNABLE] = "runnable",
	[TRACE_QUIESCENT] = "quiescent",
	[TRACE_PICK] = "pick",
	[TRACE_SWITCH] = "switch",
	[TRACE_COMPLETE] = "complete",
	[TRACE_STALL] = "STALL",
	[TRACE_ATTACH] = "attach",
	[TRACE_DETACH] = "detach",
	[TRACE_EJECT] = "EJECT",
	[TRACE_PHASE] = "phase",
};

static double ms(uint64_t ns)
{
	return ns / 1e6;
}

static void print_decision(const char *kind, uint32_t gfid, uint64_t ns)
{
	if (!strcmp(kind, "run"))
		printf("vgpu %u for %.3f ms", gfid, ms(ns));
	else if (!strcmp(kind, "idle") && ns)
		printf("idle for %.3f ms", ms(ns));
	else
		printf("%s", !strcmp(kind, "idle") ? "idle until work" : "nothing");
}

static void print_pick(const struct trace_event *ev)
{
	const char *policy = *ev->policy ? ev->policy : "built-in";

	print_decision(ev->decision, ev->next_gfid, ev->slice_ns);
	if (trace_rejected(ev)) {
		printf("; %s asked for ", policy);
		print_decision(ev->asked_kind, ev->asked_gfid, ev->asked_ns);
		printf(": %s", ev->verdict);
	} else {
		printf("; %s: %s", policy, ev->verdict);
	}
	printf("; had it: %u, runnable: %u", ev->gfid, ev->nr_runnable);
}

static void print_switch(const struct trace_event *ev)
{
	if (ev->gfid)
		printf("vgpu %u has the engine for %.3f ms", ev->gfid, ms(ev->slice_ns));
	else
		printf("nobody has the engine");
	if (ev->prev_gfid)
		printf("; vgpu %u ran %.3f ms, ended by %s", ev->prev_gfid, ms(ev->ran_ns),
		       ev->reason);
	printf("; took %.1f us", ev->switch_ns / 1e3);
	if (ev->err)
		printf("; firmware: error %d", ev->err);
}

static void print_policy(const struct trace_event *ev)
{
	printf("%s", ev->name);
	if (ev->kind != TRACE_ATTACH)
		printf(": %s", ev->decision);
	if (ev->code)
		printf(", code %lld", (long long)ev->code);
	if (*ev->msg)
		printf(", %s", ev->msg);
}

void trace_print_line(const struct trace_event *ev)
{
	char engine[TRACE_ENGINE_LEN];

	if (ev->kind == TRACE_PHASE)
		printf("%15s", "-");
	else
		printf("%5llu.%09llu", (unsigned long long)(ev->now_ns / 1000000000),
		       (unsigned long long)(ev->now_ns % 1000000000));
	printf(" gpu%u %-6s %-9s ", ev->gpu,
	       ev->engine ? trace_engine(ev->engine, engine, sizeof(engine)) : "-",
	       short_names[ev->kind]);
	switch (ev->kind) {
	case TRACE_RUNNABLE:
		printf("vgpu %u has work; runnable: %u", ev->gfid, ev->nr_runnable);
		break;
	case TRACE_QUIESCENT:
		printf("vgpu %u has no work; runnable: %u", ev->gfid, ev->nr_runnable);
		break;
	case TRACE_PICK:
		print_pick(ev);
		break;
	case TRACE_SWITCH:
		print_switch(ev);
		break;
	case TRACE_COMPLETE:
		printf("vgpu %u is done with an item of %.3f ms", ev->gfid, ms(ev->ran_ns));
		break;
	case TRACE_STALL:
		printf("vgpu %u waits for %.3f ms", ev->gfid, ms(ev->waited_ns));
		if (ev->err)
			printf("; firmware: error %d", ev->err);
		break;
	case TRACE_PHASE:
		printf("vgpu %u (%s): %s -> %s", ev->gfid, ev->name, ev->from, ev->to);
		break;
	default:
		print_policy(ev);
		break;
	}
	putchar('\n');
}

static void csv_head_cell(void *arg, const char *field, bool present, const char *text,
			  bool is_text)
{
	(void)arg;
	(void)present;
	(void)text;
	(void)is_text;
	printf(",%s", field);
}

void trace_print_csv_head(void)
{
	static const struct trace_event none;

	printf("event");
	trace_fields(&none, csv_head_cell, NULL);
	putchar('\n');
}

static void csv_cell(void *arg, const char *field, bool present, const char *text, bool is_text)
{
	(void)arg;
	(void)field;
	putchar(',');
	if (!present)
		return;
	if (!is_text || !text[strcspn(text, ",\"")]) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

void trace_print_csv(const struct trace_event *ev)
{
	fputs(trace_event_name(ev->kind), stdout);
	trace_fields(ev, csv_cell, NULL);
	putchar('\n');
}

static void json_cell(void *arg, const char *field, bool present, const char *text, bool is_text)
{
	if (present)
		json_object_object_add(arg, field,
				       is_text ? json_text(text) : json_value(field, text));
}

struct json_object *trace_json(const struct trace_event *ev)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "event", json_text(trace_event_name(ev->kind)));
	trace_fields(ev, json_cell, obj);
	return obj;
}
