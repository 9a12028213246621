// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timeline as a trace that the Perfetto UI opens: the protobuf messages
 * TracePacket, TrackDescriptor and TrackEvent, written by hand, as only a few of
 * their fields are needed. Times are those of the GPU's clock.
 *
 * Tracks: a GPU; below it its policies, and each runlist with its decisions, the
 * number of runnable vGPUs and the vGPUs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Field numbers of the messages. */
enum {
	TRACE_PACKET = 1,

	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_TRACK_DESCRIPTOR = 60,

	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PARENT = 5,
	TRACK_COUNTER = 8,
	TRACK_CHILD_ORDERING = 11,
	TRACK_RANK = 12,

	EVENT_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23,
	EVENT_COUNTER = 30,

	ANNOTATION_UINT = 3,
	ANNOTATION_INT = 4,
	ANNOTATION_TEXT = 6,
	ANNOTATION_NAME = 10,
};

enum event_type {
	SLICE_BEGIN = 1,
	SLICE_END = 2,
	INSTANT = 3,
	COUNTER = 4,
};

#define SEQUENCE		1
#define STATE_CLEARED		1
#define ORDERING_EXPLICIT	3

/* A message under construction. */
struct message {
	unsigned char *data;
	size_t len;
	size_t room;
};

static void put_bytes(struct message *m, const void *data, size_t len)
{
	if (m->len + len > m->room) {
		m->room = (m->len + len) * 2;
		m->data = xrealloc(m->data, m->room, 1);
	}
	if (len)
		memcpy(m->data + m->len, data, len);
	m->len += len;
}

static void put_varint(struct message *m, uint64_t val)
{
	unsigned char buf[10];
	size_t n = 0;

	do {
		buf[n] = val & 0x7f;
		val >>= 7;
		if (val)
			buf[n] |= 0x80;
		n++;
	} while (val);
	put_bytes(m, buf, n);
}

static void put_uint(struct message *m, unsigned int field, uint64_t val)
{
	put_varint(m, field << 3);
	put_varint(m, val);
}

static void put_data(struct message *m, unsigned int field, const void *data, size_t len)
{
	put_varint(m, field << 3 | 2);
	put_varint(m, len);
	put_bytes(m, data, len);
}

static void put_text(struct message *m, unsigned int field, const char *s)
{
	put_data(m, field, s, strlen(s));
}

static void put_message(struct message *m, unsigned int field, struct message *inner)
{
	put_data(m, field, inner->data, inner->len);
	inner->len = 0;
}

struct out {
	FILE *to;
	struct message event;
	struct message packet;
	struct message annotation;
	struct message frame;
	bool started;
};

static void write_packet(struct out *out)
{
	put_uint(&out->packet, PACKET_SEQUENCE, SEQUENCE);
	if (!out->started)
		put_uint(&out->packet, PACKET_SEQUENCE_FLAGS, STATE_CLEARED);
	out->started = true;
	put_message(&out->frame, TRACE_PACKET, &out->packet);
	fwrite(out->frame.data, 1, out->frame.len, out->to);
	out->frame.len = 0;
}

/*
 * Numbers of tracks: the GPU in the upper half, then the runlist, counted from 1,
 * then what below it; 0 stands for "itself".
 */
enum {
	BELOW_DECISIONS = 0x8001,
	BELOW_RUNNABLE = 0x8002,
	BELOW_POLICY = 0x8003,
};

static uint64_t track_of(uint32_t gpu, size_t runlist, uint32_t below)
{
	return ((uint64_t)gpu + 1) << 32 | (uint64_t)runlist << 16 | below;
}

static void write_track(struct out *out, uint64_t uuid, uint64_t parent, const char *name,
			uint32_t rank, bool counter)
{
	struct message *m = &out->event;

	put_uint(m, TRACK_UUID, uuid);
	put_text(m, TRACK_NAME, name);
	if (parent) {
		put_uint(m, TRACK_PARENT, parent);
		put_uint(m, TRACK_RANK, rank);
	}
	if (counter)
		put_data(m, TRACK_COUNTER, NULL, 0);
	else
		put_uint(m, TRACK_CHILD_ORDERING, ORDERING_EXPLICIT);
	put_message(&out->packet, PACKET_TRACK_DESCRIPTOR, m);
	write_packet(out);
}

static void begin_event(struct out *out, enum event_type type, uint64_t track, const char *name)
{
	put_uint(&out->event, EVENT_TYPE, type);
	put_uint(&out->event, EVENT_TRACK, track);
	if (name) {
		put_text(&out->event, EVENT_CATEGORY, "sched");
		put_text(&out->event, EVENT_NAME, name);
	}
}

static void end_event(struct out *out, uint64_t at_ns)
{
	put_uint(&out->packet, PACKET_TIMESTAMP, at_ns);
	put_message(&out->packet, PACKET_TRACK_EVENT, &out->event);
	write_packet(out);
}

static void annotate(void *arg, const char *field, bool present, const char *text, bool is_text)
{
	struct out *out = arg;

	if (!present)
		return;
	put_text(&out->annotation, ANNOTATION_NAME, field);
	if (is_text)
		put_text(&out->annotation, ANNOTATION_TEXT, text);
	else if (*text == '-')
		put_uint(&out->annotation, ANNOTATION_INT, strtoll(text, NULL, 10));
	else
		put_uint(&out->annotation, ANNOTATION_UINT, strtoull(text, NULL, 10));
	put_message(&out->event, EVENT_ANNOTATION, &out->annotation);
}

static void annotate_uint(struct out *out, const char *name, uint64_t val)
{
	put_text(&out->annotation, ANNOTATION_NAME, name);
	put_uint(&out->annotation, ANNOTATION_UINT, val);
	put_message(&out->event, EVENT_ANNOTATION, &out->annotation);
}

static void write_segments(struct out *out, uint64_t track, const struct segments *list,
			   bool of_engine)
{
	static const char *const names[SEGMENT_KINDS] = { "run", "switch", "wait" };
	size_t i;

	for (i = 0; i < list->nr; i++) {
		const struct segment *s = &list->s[i];
		char name[32];

		if (of_engine && s->kind == SEGMENT_RUN)
			snprintf(name, sizeof(name), "vgpu %u", s->gfid);
		else
			snprintf(name, sizeof(name), "%s", names[s->kind]);
		begin_event(out, SLICE_BEGIN, track, name);
		annotate_uint(out, "gfid", s->gfid);
		if (s->slice_ns)
			annotate_uint(out, "slice_ns", s->slice_ns);
		if (s->reason)
			annotate(out, "reason", true, s->reason, true);
		end_event(out, s->start_ns);
		begin_event(out, SLICE_END, track, NULL);
		end_event(out, s->end_ns);
	}
}

static void write_runlist(struct out *out, const struct runlist *rl, size_t index)
{
	uint64_t self = track_of(rl->gpu, index, 0);
	char engine[TRACE_ENGINE_LEN], *name;
	size_t i;

	trace_engine(rl->engine, engine, sizeof(engine));
	write_track(out, self, track_of(rl->gpu, 0, 0), engine, index, false);
	write_track(out, track_of(rl->gpu, index, BELOW_DECISIONS), self, "decisions", 0, false);
	write_track(out, track_of(rl->gpu, index, BELOW_RUNNABLE), self, "runnable", 1, true);
	write_segments(out, self, &rl->segments, true);
	for (i = 0; i < rl->nr_lanes; i++) {
		const struct lane *lane = &rl->lanes[i];
		uint64_t track = track_of(rl->gpu, index, lane->gfid);

		name = lane->name ? xasprintf("vgpu %u %s", lane->gfid, lane->name) :
				    xasprintf("vgpu %u", lane->gfid);
		write_track(out, track, self, name, lane->gfid + 1, false);
		free(name);
		write_segments(out, track, &lane->segments, false);
	}
}

static size_t index_of(const struct timeline *t, const struct trace_event *ev)
{
	size_t i;

	for (i = 0; i < t->nr_runlists; i++)
		if (t->runlists[i].gpu == ev->gpu && t->runlists[i].engine == ev->engine)
			return i + 1;
	return 0;
}

static void write_mark(struct out *out, uint64_t track, const struct trace_event *ev,
		       const char *name)
{
	begin_event(out, INSTANT, track, name);
	trace_fields(ev, annotate, out);
	end_event(out, ev->now_ns);
}

static void write_event(struct out *out, const struct timeline *t, const struct trace_event *ev)
{
	size_t index = index_of(t, ev);
	char *name;

	switch (ev->kind) {
	case TRACE_PICK:
		write_mark(out, track_of(ev->gpu, index, BELOW_DECISIONS), ev,
			   trace_rejected(ev) ? ev->verdict : ev->decision);
		__attribute__((__fallthrough__));
	case TRACE_RUNNABLE:
	case TRACE_QUIESCENT:
		begin_event(out, COUNTER, track_of(ev->gpu, index, BELOW_RUNNABLE), NULL);
		put_uint(&out->event, EVENT_COUNTER, ev->nr_runnable);
		end_event(out, ev->now_ns);
		break;
	case TRACE_COMPLETE:
		write_mark(out, track_of(ev->gpu, index, ev->gfid), ev, "item done");
		break;
	case TRACE_STALL:
		write_mark(out, track_of(ev->gpu, index, ev->gfid), ev, "stall");
		break;
	case TRACE_ATTACH:
	case TRACE_DETACH:
	case TRACE_EJECT:
		name = xasprintf("%s %s", trace_event_name(ev->kind) + strlen("policy_"),
				 ev->name);
		write_mark(out, track_of(ev->gpu, 0, BELOW_POLICY), ev, name);
		free(name);
		break;
	default:
		break;
	}
}

int trace_perfetto(const struct timeline *t, FILE *to)
{
	struct out out = { .to = to };
	size_t i;

	for (i = 0; i < t->nr_gpus; i++) {
		uint32_t gpu = t->gpus[i].gpu;
		uint64_t self = track_of(gpu, 0, 0);
		char *name = xasprintf("gpu%u", gpu);

		write_track(&out, self, 0, name, 0, false);
		write_track(&out, track_of(gpu, 0, BELOW_POLICY), self, "policy", 0, false);
		free(name);
	}
	for (i = 0; i < t->nr_runlists; i++)
		write_runlist(&out, &t->runlists[i], i + 1);
	for (i = 0; i < t->events->nr; i++)
		write_event(&out, t, &t->events->e[i]);
	free(out.event.data);
	free(out.packet.data);
	free(out.annotation.data);
	free(out.frame.data);
	return ferror(to) ? -EIO : 0;
}
