/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * novabpf top: samples of what a GPU does, the difference of two, and how it is
 * shown.
 */
#ifndef NOVABPF_TOOL_TOP_INTERNAL_H
#define NOVABPF_TOOL_TOP_INTERNAL_H

#include <novabpf/format/filters.h>

#include "policy/policy.h"

/* The BPF program that counts; without it only the kernel modules' counters are there. */
struct top_probe {
	struct bpf_object *obj;
	struct bpf_link *links[8];
	int nr_links;
	int map_fd;			/* -1: none */
	char *why;			/* there is none */
};

void probe_open(struct top_probe *probe);
void probe_close(struct top_probe *probe);

/* A vGPU, or the host (gfid 0). */
struct top_row {
	uint32_t gfid;
	char *name;
	char *state;
	uint64_t weight, run_ns, wait_ns, wait_max_ns;
	struct nova_top rpc;
};

struct top_sample {
	char *gpu;
	uint32_t gpu_id;
	char *chip, *release, *state;
	char *decider;			/* policy or built-in */
	bool is_policy;
	uint64_t now_ns;		/* GPU clock */
	uint64_t submitted, failed, timeouts, late, events;
	uint64_t queued, in_flight, owed, ring_used, ring_slots;
	uint64_t decisions, rejected;
	uint64_t hooks, held;
	struct top_row *rows;		/* by gfid, the host first */
	size_t nr_rows;
};

void sample_read(struct top_sample *s, const struct top_probe *probe, const char *gpu);
void sample_free(struct top_sample *s);

/* What happened between two samples of a GPU. */
struct top_delta {
	const struct top_sample *s;	/* the later one */
	uint64_t elapsed_ns;		/* GPU clock */
	uint64_t submitted, failed, timeouts, late, events, decisions, rejected;
	uint64_t run_ns, run_total_ns;	/* of all vGPUs */
	struct top_row *rows;		/* as s->rows; names belong to these */
	struct nova_top all;
};

void delta_make(struct top_delta *d, const struct top_sample *now,
		const struct top_sample *before);
void delta_free(struct top_delta *d);

void top_text(struct text *t, const struct top_delta *d, const struct top_probe *probe);
struct json_object *top_json(const struct top_delta *d, const struct top_probe *probe);

/* The terminal; nothing is done where standard output is none. */
bool term_enter(bool screen);
void term_leave(void);
void term_show(const char *frame);
/* Wait. Return: false when the user or a signal wants an end. */
bool term_wait(uint64_t ms);

#endif /* NOVABPF_TOOL_TOP_INTERNAL_H */
