// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples for novabpf top: attributes in sysfs, and counts by a BPF program on the
 * tracepoints of calls where that can be loaded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/hist.h"
#include "internal.h"

#define TRACEFS_EVENTS	"/sys/kernel/tracing/events/novabpf"

/* Beside the installed binary, or beside that of a checkout. */
static char *probe_object(void)
{
	static const char *const places[] = { "../share/novabpf/trace", "bpf/trace" };
	char exe[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	size_t i;

	if (n < 0)
		return NULL;
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	for (i = 0; i < ARRAY_LEN(places); i++) {
		path = xasprintf("%s/%s/top.bpf.o", exe, places[i]);
		if (path_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

static int probe_attach(struct top_probe *probe)
{
	struct bpf_program *prog;
	struct bpf_link *link;
	const char *event;
	char *path;
	bool there;

	bpf_object__for_each_program(prog, probe->obj) {
		event = strrchr(bpf_program__section_name(prog), '/');
		path = root_path(TRACEFS_EVENTS "%s", event);
		there = path_exists(path);
		free(path);
		/* A module that is older than the tool. */
		if (!there)
			continue;
		link = bpf_program__attach(prog);
		if (!link)
			return -errno;
		probe->links[probe->nr_links++] = link;
		if (probe->nr_links == ARRAY_LEN(probe->links))
			break;
	}
	return probe->nr_links ? 0 : -ENOENT;
}

void probe_open(struct top_probe *probe)
{
	char *events = root_path(TRACEFS_EVENTS);
	char *path = probe_object();

	memset(probe, 0, sizeof(*probe));
	probe->map_fd = -1;
	libbpf_listen();
	if (!path_exists(events)) {
		probe->why = xstrdup(geteuid() ? "run as root" : "tracefs is not mounted");
	} else if (!path) {
		probe->why = xstrdup("top.bpf.o is not installed; run: make bpf");
	} else {
		probe->obj = bpf_object__open_file(path, NULL);
		if (!probe->obj || bpf_object__load(probe->obj) || probe_attach(probe))
			probe->why = xasprintf("the BPF program cannot be loaded: %s",
					       strerror(errno));
		else
			probe->map_fd = bpf_object__find_map_fd_by_name(probe->obj, "top");
	}
	free(events);
	free(path);
	libbpf_forget();
}

void probe_close(struct top_probe *probe)
{
	int i;

	for (i = 0; i < probe->nr_links; i++)
		bpf_link__destroy(probe->links[i]);
	bpf_object__close(probe->obj);
	free(probe->why);
}

static char *gpu_text(const char *gpu, const char *file)
{
	char *value = gpu_attr("%s/%s", gpu, file);

	return value ? value : xstrdup("");
}

/* Lines but the first, which is the heading. */
static uint64_t count_hooks(const char *gpu)
{
	char *path = root_path("/sys/class/novabpf/%s/rpc/hooks", gpu);
	char *text = read_file(path, NULL), *line;
	uint64_t nr = 0;

	for (line = text; line && *line; line = *line ? line + 1 : line) {
		nr += *line != '#';
		line += strcspn(line, "\n");
	}
	free(text);
	free(path);
	return nr;
}

static struct top_row *add_row(struct top_sample *s, uint32_t gfid, const char *name,
			       const char *state)
{
	struct top_row *row;

	s->rows = xrealloc(s->rows, s->nr_rows + 1, sizeof(*s->rows));
	row = &s->rows[s->nr_rows++];
	memset(row, 0, sizeof(*row));
	row->gfid = gfid;
	row->name = text_escape(name, "");
	row->state = xstrdup(state);
	return row;
}

static void read_rows(struct top_sample *s, int map_fd)
{
	struct vgpu_shares shares;
	struct nova_top_key key;
	size_t i;

	add_row(s, 0, "host", "-");
	shares_read(s->gpu_id, &shares);
	for (i = 0; i < shares.nr; i++) {
		const struct vgpu_share *v = &shares.t[i];
		struct top_row *row = add_row(s, v->gfid, v->name, v->state);

		row->weight = v->weight;
		row->run_ns = v->run_ns;
		row->wait_ns = v->wait_ns;
		row->wait_max_ns = v->wait_max_ns;
	}
	shares_free(&shares);
	for (i = 0; map_fd >= 0 && i < s->nr_rows; i++) {
		key = (struct nova_top_key){ s->gpu_id, s->rows[i].gfid };
		if (bpf_map_lookup_elem(map_fd, &key, &s->rows[i].rpc))
			memset(&s->rows[i].rpc, 0, sizeof(s->rows[i].rpc));
	}
}

void sample_read(struct top_sample *s, const struct top_probe *probe, const char *gpu)
{
	uint64_t write, read, id = 0;

	memset(s, 0, sizeof(*s));
	s->gpu = xstrdup(gpu);
	if (parse_u64(gpu + strlen("gpu"), &id))
		s->gpu_id = id;
	s->chip = gpu_text(gpu, "chip");
	s->release = gpu_text(gpu, "release");
	s->state = gpu_text(gpu, "state");
	s->decider = gpu_text(gpu, "sched/policy");
	s->is_policy = *s->decider;
	if (!s->is_policy) {
		free(s->decider);
		s->decider = gpu_text(gpu, "sched/builtin");
	}
	s->now_ns = gpu_number("%s/sched/now_ns", gpu);
	s->submitted = gpu_number("%s/counters/rpc_submitted", gpu);
	s->failed = gpu_number("%s/counters/rpc_failed", gpu) +
		    gpu_number("%s/counters/rpc_rm_errors", gpu);
	s->timeouts = gpu_number("%s/counters/rpc_timeouts", gpu);
	s->late = gpu_number("%s/counters/rpc_late", gpu);
	s->events = gpu_number("%s/counters/events", gpu);
	s->queued = gpu_number("%s/queues/rpc_queued", gpu);
	s->in_flight = gpu_number("%s/queues/rpc_in_flight", gpu);
	s->owed = gpu_number("%s/queues/rpc_owed", gpu);
	s->ring_slots = gpu_number("%s/queues/cmdq_slots", gpu);
	write = gpu_number("%s/queues/cmdq_write", gpu);
	read = gpu_number("%s/queues/cmdq_read", gpu);
	/* Both are read one after the other, and the second is the firmware's. */
	if (s->ring_slots && write < s->ring_slots && read < s->ring_slots)
		s->ring_used = (write + s->ring_slots - read) % s->ring_slots;
	s->decisions = gpu_number("%s/sched/decisions", gpu);
	s->rejected = gpu_number("%s/sched/nr_rejected", gpu);
	s->hooks = count_hooks(gpu);
	s->held = gpu_number("%s/rpc/held", gpu);
	read_rows(s, probe->map_fd);
}

void sample_free(struct top_sample *s)
{
	size_t i;

	for (i = 0; i < s->nr_rows; i++) {
		free(s->rows[i].name);
		free(s->rows[i].state);
	}
	free(s->rows);
	free(s->gpu);
	free(s->chip);
	free(s->release);
	free(s->state);
	free(s->decider);
	memset(s, 0, sizeof(*s));
}

static uint64_t since(uint64_t now, uint64_t before)
{
	/* Less than before: the module was loaded anew. */
	return now < before ? now : now - before;
}

static void rpc_since(struct nova_top *now, const struct nova_top *before)
{
	now->submitted = since(now->submitted, before->submitted);
	now->done = since(now->done, before->done);
	now->failed = since(now->failed, before->failed);
	now->timeouts = since(now->timeouts, before->timeouts);
	now->events = since(now->events, before->events);
	now->denied = since(now->denied, before->denied);
	now->throttled = since(now->throttled, before->throttled);
	now->injected = since(now->injected, before->injected);
	now->queue_ns = since(now->queue_ns, before->queue_ns);
	now->firmware_ns = since(now->firmware_ns, before->firmware_ns);
	hist_sub(now->total, before->total);
}

static void rpc_add(struct nova_top *sum, const struct nova_top *rpc)
{
	sum->submitted += rpc->submitted;
	sum->done += rpc->done;
	sum->failed += rpc->failed;
	sum->timeouts += rpc->timeouts;
	sum->events += rpc->events;
	sum->denied += rpc->denied;
	sum->throttled += rpc->throttled;
	sum->injected += rpc->injected;
	sum->queue_ns += rpc->queue_ns;
	sum->firmware_ns += rpc->firmware_ns;
	hist_add(sum->total, rpc->total);
}

static const struct top_row *row_of(const struct top_sample *s, const struct top_row *row)
{
	size_t i;

	for (i = 0; i < s->nr_rows; i++)
		if (s->rows[i].gfid == row->gfid && !strcmp(s->rows[i].name, row->name))
			return &s->rows[i];
	return NULL;
}

void delta_make(struct top_delta *d, const struct top_sample *now,
		const struct top_sample *before)
{
	size_t i;

	memset(d, 0, sizeof(*d));
	d->s = now;
	d->elapsed_ns = since(now->now_ns, before->now_ns);
	d->submitted = since(now->submitted, before->submitted);
	d->failed = since(now->failed, before->failed);
	d->timeouts = since(now->timeouts, before->timeouts);
	d->late = since(now->late, before->late);
	d->events = since(now->events, before->events);
	d->decisions = since(now->decisions, before->decisions);
	d->rejected = since(now->rejected, before->rejected);
	d->rows = xcalloc(now->nr_rows, sizeof(*d->rows));
	for (i = 0; i < now->nr_rows; i++) {
		const struct top_row *was = row_of(before, &now->rows[i]);
		struct top_row *row = &d->rows[i];

		*row = now->rows[i];
		d->run_total_ns += row->run_ns;
		if (was) {
			row->run_ns = since(row->run_ns, was->run_ns);
			row->wait_ns = since(row->wait_ns, was->wait_ns);
			rpc_since(&row->rpc, &was->rpc);
		}
		d->run_ns += row->run_ns;
		rpc_add(&d->all, &row->rpc);
	}
}

void delta_free(struct top_delta *d)
{
	free(d->rows);
}
