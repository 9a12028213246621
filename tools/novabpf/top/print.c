// SPDX-License-Identifier: GPL-2.0-only
/*
 * What novabpf top shows, as lines of text and as JSON. Rates are per second of the
 * GPU's clock, which a simulated GPU may have stopped: then there are none.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"
#include "internal.h"

#define NS_PER_US	1000.0
#define NS_PER_MS	1000000.0
#define NS_PER_S	1000000000.0

static void add_number(struct text *t, int width, bool known, double value)
{
	if (known)
		text_add(t, "%*.1f", width, value);
	else
		text_add(t, "%*s", width, "-");
}

static void add_rate(struct text *t, int width, const struct top_delta *d, uint64_t count)
{
	add_number(t, width, d->elapsed_ns, d->elapsed_ns ? count * NS_PER_S / d->elapsed_ns : 0);
}

static void add_percentile(struct text *t, int width, const struct nova_top *rpc, double percent)
{
	double ns = hist_percentile(rpc->total, percent);

	add_number(t, width, ns >= 0, ns / NS_PER_US);
}

static void add_percent(struct text *t, int width, uint64_t part, uint64_t of)
{
	add_number(t, width, of, of ? 100.0 * part / of : 0);
}

static void text_calls(struct text *t, const struct top_delta *d, bool by_bpf)
{
	const struct top_sample *s = d->s;

	text_add(t, "calls ");
	add_rate(t, 0, d, d->submitted);
	text_add(t, "/s  failed %llu  timeouts %llu  late %llu", (unsigned long long)d->failed,
		 (unsigned long long)d->timeouts, (unsigned long long)d->late);
	if (by_bpf) {
		text_add(t, "  p50 ");
		add_percentile(t, 0, &d->all, 50);
		text_add(t, " us  p99 ");
		add_percentile(t, 0, &d->all, 99);
		text_add(t, " us");
	}
	text_add(t, "  queued %llu  in flight %llu  owed %llu  ring %llu/%llu\n",
		 (unsigned long long)s->queued, (unsigned long long)s->in_flight,
		 (unsigned long long)s->owed, (unsigned long long)s->ring_used,
		 (unsigned long long)s->ring_slots);
}

static void text_rows(struct text *t, const struct top_delta *d, bool by_bpf)
{
	size_t i;

	text_add(t, "%5s %-14s %-8s %6s %6s %6s %8s", "GFID", "NAME", "STATE", "WEIGHT", "SHARE%",
		 "TOTAL%", "WAITMAX");
	text_add(t, by_bpf ? " %8s %8s %8s %6s %6s %6s %6s %6s\n" : "\n", "CALLS/S", "P50_US",
		 "P99_US", "FW%", "FAILED", "LATE", "DENIED", "SLOWED");
	for (i = 0; i < d->s->nr_rows; i++) {
		const struct top_row *row = &d->rows[i];
		const struct nova_top *rpc = &row->rpc;
		bool host = !row->gfid;

		text_add(t, "%5u %-14.14s %-8.8s ", row->gfid, *row->name ? row->name : "-",
			 *row->state ? row->state : "-");
		if (host) {
			text_add(t, "%6s %6s %6s %8s", "-", "-", "-", "-");
		} else {
			text_add(t, "%6llu ", (unsigned long long)row->weight);
			add_percent(t, 6, row->run_ns, d->run_ns);
			text_add(t, " ");
			add_percent(t, 6, d->s->rows[i].run_ns, d->run_total_ns);
			text_add(t, " %8.1f", row->wait_max_ns / NS_PER_MS);
		}
		if (by_bpf) {
			text_add(t, " ");
			add_rate(t, 8, d, rpc->submitted);
			text_add(t, " ");
			add_percentile(t, 8, rpc, 50);
			text_add(t, " ");
			add_percentile(t, 8, rpc, 99);
			text_add(t, " ");
			add_percent(t, 6, rpc->firmware_ns, d->all.firmware_ns);
			text_add(t, " %6llu %6llu %6llu %6llu", (unsigned long long)rpc->failed,
				 (unsigned long long)rpc->timeouts,
				 (unsigned long long)rpc->denied,
				 (unsigned long long)rpc->throttled);
		}
		text_add(t, "\n");
	}
}

void top_text(struct text *t, const struct top_delta *d, const struct top_probe *probe)
{
	const struct top_sample *s = d->s;
	bool by_bpf = probe->map_fd >= 0;

	text_add(t, "%s %s %s %s, %.3f s of GPU time", s->gpu, s->chip, s->release, s->state,
		 d->elapsed_ns / NS_PER_S);
	if (by_bpf)
		text_add(t, "\n");
	else
		text_add(t, "; counters of sysfs only, no latency: %s\n", probe->why);
	text_calls(t, d, by_bpf);
	text_add(t, "%s %s  decisions ", s->is_policy ? "policy" : "built-in",
		 *s->decider ? s->decider : "-");
	add_rate(t, 0, d, d->decisions);
	text_add(t, "/s  rejected %llu (of all %llu)  events ", (unsigned long long)d->rejected,
		 (unsigned long long)s->rejected);
	add_rate(t, 0, d, d->events);
	text_add(t, "/s  hooks %llu  held %llu\n", (unsigned long long)s->hooks,
		 (unsigned long long)s->held);
	text_rows(t, d, by_bpf);
}

static void put(struct json_object *obj, const char *name, uint64_t value)
{
	json_object_object_add(obj, name, json_object_new_uint64(value));
}

static void put_double(struct json_object *obj, const char *name, bool known, double value)
{
	json_object_object_add(obj, name, known ? json_object_new_double(value) : NULL);
}

static struct json_object *rpc_json(const struct nova_top *rpc)
{
	struct json_object *obj = json_object_new_object();
	double p50 = hist_percentile(rpc->total, 50), p99 = hist_percentile(rpc->total, 99);

	put(obj, "submitted", rpc->submitted);
	put(obj, "done", rpc->done);
	put(obj, "failed", rpc->failed);
	put(obj, "timeouts", rpc->timeouts);
	put(obj, "events", rpc->events);
	put(obj, "denied", rpc->denied);
	put(obj, "throttled", rpc->throttled);
	put(obj, "injected", rpc->injected);
	put(obj, "queue_ns", rpc->queue_ns);
	put(obj, "firmware_ns", rpc->firmware_ns);
	put_double(obj, "p50_ns", p50 >= 0, p50);
	put_double(obj, "p99_ns", p99 >= 0, p99);
	return obj;
}

static struct json_object *row_json(const struct top_delta *d, size_t i, bool by_bpf)
{
	struct json_object *obj = json_object_new_object();
	const struct top_row *row = &d->rows[i];
	uint64_t total_ns = d->s->rows[i].run_ns;

	put(obj, "gfid", row->gfid);
	json_object_object_add(obj, "name", json_text(row->name));
	if (row->gfid) {
		json_object_object_add(obj, "state", json_text(row->state));
		put(obj, "weight", row->weight);
		put(obj, "run_ns", row->run_ns);
		put(obj, "run_total_ns", total_ns);
		put(obj, "wait_ns", row->wait_ns);
		put(obj, "wait_max_ns", row->wait_max_ns);
		put_double(obj, "share", d->run_ns, d->run_ns ? 1.0 * row->run_ns / d->run_ns : 0);
		put_double(obj, "share_total", d->run_total_ns,
			   d->run_total_ns ? 1.0 * total_ns / d->run_total_ns : 0);
	}
	json_object_object_add(obj, "rpc", by_bpf ? rpc_json(&row->rpc) : NULL);
	return obj;
}

struct json_object *top_json(const struct top_delta *d, const struct top_probe *probe)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	const struct top_sample *s = d->s;
	bool by_bpf = probe->map_fd >= 0;
	size_t i;

	json_object_object_add(obj, "gpu", json_text(s->gpu));
	json_object_object_add(obj, "chip", json_text(s->chip));
	json_object_object_add(obj, "release", json_text(s->release));
	json_object_object_add(obj, "state", json_text(s->state));
	json_object_object_add(obj, "bpf", json_object_new_boolean(by_bpf));
	json_object_object_add(obj, "why_no_bpf", by_bpf ? NULL : json_text(probe->why));
	put(obj, "elapsed_ns", d->elapsed_ns);
	put(obj, "submitted", d->submitted);
	put(obj, "failed", d->failed);
	put(obj, "timeouts", d->timeouts);
	put(obj, "late", d->late);
	put(obj, "events", d->events);
	put(obj, "queued", s->queued);
	put(obj, "in_flight", s->in_flight);
	put(obj, "owed", s->owed);
	put(obj, "ring_used", s->ring_used);
	put(obj, "ring_slots", s->ring_slots);
	json_object_object_add(obj, "policy", s->is_policy ? json_text(s->decider) : NULL);
	json_object_object_add(obj, "builtin", s->is_policy ? NULL : json_text(s->decider));
	put(obj, "decisions", d->decisions);
	put(obj, "rejected", d->rejected);
	put(obj, "rejected_total", s->rejected);
	put(obj, "hooks", s->hooks);
	put(obj, "held", s->held);
	json_object_object_add(obj, "rpc", by_bpf ? rpc_json(&d->all) : NULL);
	for (i = 0; i < s->nr_rows; i++)
		json_object_array_add(list, row_json(d, i, by_bpf));
	json_object_object_add(obj, "vgpus", list);
	return obj;
}
