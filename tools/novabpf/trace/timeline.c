// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the events of the scheduler say about each vGPU at each time: it runs, it
 * is being switched to, it waits, or it has no work.
 *
 * sched_switch comes when the firmware has confirmed, with the time since the
 * decision and the time that the vGPU before had the engine. So a lane waits until
 * the decision, is switched to until the confirmation, and runs for ran_ns of the
 * next sched_switch. Segments of a lane follow each other and never overlap.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct segment *add_segment(struct segments *list, enum segment_kind kind, uint32_t gfid,
				   uint64_t start_ns, uint64_t end_ns)
{
	struct segment *s;

	if (list->nr)
		start_ns = max(start_ns, list->s[list->nr - 1].end_ns);
	if (start_ns >= end_ns)
		return NULL;
	if (!(list->nr & (list->nr - 1)))
		list->s = xrealloc(list->s, list->nr ? list->nr * 2 : 1, sizeof(*list->s));
	s = &list->s[list->nr++];
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->gfid = gfid;
	s->start_ns = start_ns;
	s->end_ns = end_ns;
	return s;
}

static int by_gfid(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	return x->gfid < y->gfid ? -1 : x->gfid > y->gfid;
}

const struct lane *runlist_lane(const struct runlist *rl, uint32_t gfid)
{
	struct lane key = { .gfid = gfid };

	return rl->nr_lanes ? bsearch(&key, rl->lanes, rl->nr_lanes, sizeof(key), by_gfid) : NULL;
}

static struct lane *find_lane(struct runlist *rl, uint32_t gfid)
{
	return (struct lane *)runlist_lane(rl, gfid);
}

static void need_lane(struct runlist *rl, uint32_t gfid)
{
	size_t i;

	if (!gfid || find_lane(rl, gfid))
		return;
	rl->lanes = xrealloc(rl->lanes, rl->nr_lanes + 1, sizeof(*rl->lanes));
	for (i = rl->nr_lanes; i > 0 && rl->lanes[i - 1].gfid > gfid; i--)
		rl->lanes[i] = rl->lanes[i - 1];
	memset(&rl->lanes[i], 0, sizeof(rl->lanes[i]));
	rl->lanes[i].gfid = gfid;
	rl->nr_lanes++;
}

static struct gpu_line *find_gpu(struct timeline *t, uint32_t gpu)
{
	size_t i;

	for (i = 0; i < t->nr_gpus; i++)
		if (t->gpus[i].gpu == gpu)
			return &t->gpus[i];
	t->gpus = xrealloc(t->gpus, t->nr_gpus + 1, sizeof(*t->gpus));
	memset(&t->gpus[t->nr_gpus], 0, sizeof(*t->gpus));
	t->gpus[t->nr_gpus].gpu = gpu;
	t->gpus[t->nr_gpus].start_ns = UINT64_MAX;
	return &t->gpus[t->nr_gpus++];
}

static struct runlist *find_runlist(struct timeline *t, uint32_t gpu, uint32_t engine)
{
	struct runlist *rl;
	size_t i;

	for (i = 0; i < t->nr_runlists; i++)
		if (t->runlists[i].gpu == gpu && t->runlists[i].engine == engine)
			return &t->runlists[i];
	t->runlists = xrealloc(t->runlists, t->nr_runlists + 1, sizeof(*t->runlists));
	rl = &t->runlists[t->nr_runlists++];
	memset(rl, 0, sizeof(*rl));
	rl->gpu = gpu;
	rl->engine = engine;
	return rl;
}

/* No engine has anything to do with it, or has nothing to do. */
static bool quiet(const struct trace_event *ev)
{
	return !ev->engine || (ev->kind == TRACE_PICK && !ev->gfid && !ev->nr_runnable &&
			       !trace_rejected(ev));
}

/*
 * A policy may be attached, and vGPUs made, long before there is work: what is drawn
 * is the time in which engines had any. Where they never had (@all), it is all.
 */
static void find_spans(struct timeline *t, bool all)
{
	size_t i;

	for (i = 0; i < t->events->nr; i++) {
		const struct trace_event *ev = &t->events->e[i];
		struct gpu_line *gpu = find_gpu(t, ev->gpu);

		if (all ? gpu->busy : quiet(ev))
			continue;
		gpu->busy = !all;
		gpu->start_ns = min(gpu->start_ns, ev->now_ns);
		gpu->end_ns = max(gpu->end_ns, ev->now_ns);
	}
}

/* All lanes first, so that pointers to them stay. */
static void survey(struct timeline *t)
{
	size_t i;

	find_spans(t, false);
	find_spans(t, true);
	for (i = 0; i < t->events->nr; i++) {
		const struct trace_event *ev = &t->events->e[i];
		struct runlist *rl;

		if (!ev->engine)
			continue;
		rl = find_runlist(t, ev->gpu, ev->engine);
		need_lane(rl, ev->gfid);
		need_lane(rl, ev->prev_gfid);
		if (ev->kind == TRACE_PICK)
			need_lane(rl, ev->next_gfid);
	}
}

static void name_lanes(struct timeline *t)
{
	struct lane *lane;
	size_t i, r;

	for (i = 0; i < t->events->nr; i++) {
		const struct trace_event *ev = &t->events->e[i];

		for (r = 0; ev->kind == TRACE_PHASE && r < t->nr_runlists; r++) {
			lane = find_lane(&t->runlists[r], ev->gfid);
			if (lane && t->runlists[r].gpu == ev->gpu && *ev->name)
				lane->name = ev->name;
		}
	}
}

static void start_waiting(struct lane *lane, uint64_t at)
{
	lane->waiting = true;
	lane->wait_since_ns = at;
}

static struct segment *stop_waiting(struct lane *lane, uint64_t at)
{
	struct segment *s;

	if (!lane->waiting)
		return NULL;
	lane->waiting = false;
	s = add_segment(&lane->segments, SEGMENT_WAIT, lane->gfid, lane->wait_since_ns, at);
	if (s) {
		lane->wait_ns += s->end_ns - s->start_ns;
		lane->wait_max_ns = max(lane->wait_max_ns, s->end_ns - s->start_ns);
	}
	return s;
}

static void add_run(struct runlist *rl, struct lane *lane, uint64_t start, uint64_t end,
		    const char *reason)
{
	struct segments *lists[] = { &lane->segments, &rl->segments };
	struct segment *s;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		s = add_segment(lists[i], SEGMENT_RUN, lane->gfid, start, end);
		if (!s)
			continue;
		s->slice_ns = rl->curr_slice_ns;
		s->reason = reason;
		s->open = !reason;
		if (i)
			continue;
		lane->run_ns += s->end_ns - s->start_ns;
		lane->runs++;
		rl->run_ns += s->end_ns - s->start_ns;
	}
}

static void end_run(struct runlist *rl, const struct gpu_line *gpu, const struct trace_event *ev)
{
	struct lane *lane = find_lane(rl, ev->prev_gfid);
	uint64_t start, end;

	if (!lane)
		return;
	if (rl->curr_known && rl->curr_gfid == ev->prev_gfid) {
		start = rl->curr_since_ns;
	} else {
		start = max(less(less(ev->now_ns, ev->switch_ns), ev->ran_ns), gpu->start_ns);
		rl->curr_slice_ns = 0;
	}
	end = ev->ran_ns ? start + ev->ran_ns : less(ev->now_ns, ev->switch_ns);
	end = min(max(end, start), ev->now_ns);
	add_run(rl, lane, start, end, ev->reason);
	/* Whoever ran dry has work again only where it came during the run. */
	if (!strcmp(ev->reason, "dry") && lane->runnable_ns < start)
		lane->runnable = false;
	if (lane->runnable && strcmp(ev->reason, "gone"))
		start_waiting(lane, end);
}

static void switched(struct runlist *rl, const struct gpu_line *gpu, const struct trace_event *ev)
{
	uint64_t decided = max(less(ev->now_ns, ev->switch_ns), gpu->start_ns);
	struct lane *lane = find_lane(rl, ev->gfid);
	struct segment *s;

	end_run(rl, gpu, ev);
	rl->switches++;
	rl->switch_ns += ev->switch_ns;
	if (lane) {
		lane->runnable = true;
		stop_waiting(lane, decided);
		add_segment(&lane->segments, SEGMENT_SWITCH, ev->gfid, decided, ev->now_ns);
	}
	s = add_segment(&rl->segments, SEGMENT_SWITCH, ev->gfid, decided, ev->now_ns);
	if (s)
		s->reason = ev->reason;
	rl->curr_gfid = ev->gfid;
	rl->curr_known = true;
	rl->curr_since_ns = ev->now_ns;
	rl->curr_slice_ns = ev->slice_ns;
}

/* The same vGPU goes on: the firmware is told nothing, so no sched_switch follows. */
static void decided(struct runlist *rl, const struct trace_event *ev)
{
	struct lane *lane = find_lane(rl, ev->next_gfid);

	rl->decisions++;
	rl->rejected += trace_rejected(ev);
	if (!lane || strcmp(ev->decision, "run") || ev->gfid != ev->next_gfid ||
	    !rl->curr_known || rl->curr_gfid != ev->next_gfid)
		return;
	add_run(rl, lane, rl->curr_since_ns, ev->now_ns, "another slice");
	rl->curr_since_ns = ev->now_ns;
	rl->curr_slice_ns = ev->slice_ns;
}

static void follow(struct timeline *t, const struct trace_event *ev)
{
	struct runlist *rl = find_runlist(t, ev->gpu, ev->engine);
	struct lane *lane = find_lane(rl, ev->gfid);

	switch (ev->kind) {
	case TRACE_RUNNABLE:
		if (!lane)
			break;
		lane->runnable = true;
		lane->runnable_ns = ev->now_ns;
		if (!lane->waiting && !(rl->curr_known && rl->curr_gfid == ev->gfid))
			start_waiting(lane, ev->now_ns);
		break;
	case TRACE_QUIESCENT:
		if (!lane)
			break;
		lane->runnable = false;
		stop_waiting(lane, ev->now_ns);
		break;
	case TRACE_PICK:
		decided(rl, ev);
		break;
	case TRACE_SWITCH:
		switched(rl, find_gpu(t, ev->gpu), ev);
		break;
	default:
		break;
	}
}

/* Runs and waits that go on are drawn to the end. */
static void finish(struct timeline *t)
{
	struct segment *s;
	struct lane *lane;
	size_t r, i;

	for (r = 0; r < t->nr_runlists; r++) {
		struct runlist *rl = &t->runlists[r];
		uint64_t end = find_gpu(t, rl->gpu)->end_ns;

		lane = rl->curr_known ? find_lane(rl, rl->curr_gfid) : NULL;
		if (lane)
			add_run(rl, lane, rl->curr_since_ns, end, NULL);
		for (i = 0; i < rl->nr_lanes; i++) {
			s = stop_waiting(&rl->lanes[i], end);
			if (s)
				s->open = true;
		}
	}
}

/* @events must be sorted, and outlive @t. */
void timeline_make(struct timeline *t, const struct trace_events *events)
{
	size_t i;

	memset(t, 0, sizeof(*t));
	t->events = events;
	survey(t);
	name_lanes(t);
	for (i = 0; i < events->nr; i++)
		if (events->e[i].engine)
			follow(t, &events->e[i]);
	finish(t);
}

void timeline_free(struct timeline *t)
{
	size_t r, i;

	for (r = 0; r < t->nr_runlists; r++) {
		for (i = 0; i < t->runlists[r].nr_lanes; i++)
			free(t->runlists[r].lanes[i].segments.s);
		free(t->runlists[r].lanes);
		free(t->runlists[r].segments.s);
	}
	free(t->runlists);
	free(t->gpus);
	memset(t, 0, sizeof(*t));
}
