/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A load while it runs: shared by load.c, load_check.c and load_result.c.
 */
#ifndef NOVABPF_SIM_LOAD_H
#define NOVABPF_SIM_LOAD_H

#include "internal.h"

#define GSIM_ITEMS_MAX		(4u << 20)
#define GSIM_SEGMENTS_MAX	(4u << 20)
#define GSIM_CHUNK_SHIFT	12
#define GSIM_CHUNK		4096u	/* 1 << GSIM_CHUNK_SHIFT */
#define GSIM_CHUNKS		(GSIM_ITEMS_MAX >> GSIM_CHUNK_SHIFT)

/**
 * struct gsim_tenant - a tenant while its load runs
 * @def: definition from the writer
 * @draw: its lengths and gaps
 * @tsg: channel groups that it uses
 * @source: number of its first source of arrivals
 * @next_draw: index of the next draw
 * @arrived: number of its items so far
 * @waiting: number of its items that were not started
 * @turn: channel group of the next item
 * @last: its newest item that was not dropped
 * @gone: a channel group was freed, so no more items arrive
 */
struct gsim_tenant {
	struct nova_sim_tenant def;
	const struct nova_sim_draw *draw;
	struct gsim_tsg *tsg[NOVA_SIM_TSGS_MAX];
	u32 source;
	u32 next_draw;
	u32 arrived;
	u32 waiting;
	u32 turn;
	u32 last;
	bool gone;
};

/* Source of arrivals: a tenant, or one loop of a closed tenant */
struct gsim_source {
	u64 at_ns;
	u64 length_ns;
	struct gsim_tenant *tenant;
	u32 loop;
};

/**
 * struct gsim_load - a load and its results
 * @def: as the writer gave it
 * @total: head of the results
 * @tenant: tenants, @def.tenants of them
 * @draw: draws of all tenants
 * @source: all sources
 * @sources: number of sources
 * @heap: binary heap of the sources with a future arrival, the earliest first
 * @heaped: number of entries in @heap
 * @end_ns: time at which it ends
 * @done: it has ended
 * @items: chunks of items
 * @segments: chunks of segments
 * @segments_max: most segments that are kept
 */
struct gsim_load {
	struct nova_sim_load def;
	struct nova_sim_result total;
	struct gsim_tenant *tenant;
	struct nova_sim_draw *draw;
	struct gsim_source *source;
	u32 sources;
	u32 *heap;
	u32 heaped;
	u64 end_ns;
	bool done;
	struct gsim_item *items[GSIM_CHUNKS];
	struct nova_sim_segment *segments[GSIM_CHUNKS];
	u32 segments_max;
};

/* load_check.c */
int gsim_load_check(const void *blob, size_t size, char *err, size_t err_size);

#endif /* NOVABPF_SIM_LOAD_H */
