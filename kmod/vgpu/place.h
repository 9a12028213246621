/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where vGPUs lie: framebuffer, plugin heap, channel ids. Pure; the caller
 * serialises.
 *
 * Placement is homogeneous: while a GPU has vGPUs of one type it takes only types
 * of the same layout. The framebuffer begins with all guest parts one after another,
 * then come all heaps, so the n-th placement of a layout never overlaps another.
 */
#ifndef NOVABPF_VGPU_PLACE_H
#define NOVABPF_VGPU_PLACE_H

#include "types.h"

#define NOVA_PLACEMENTS_MAX	NOVA_GFID_MAX
#define NOVA_PLACE_WORDS	(NOVA_PLACEMENTS_MAX / 64)

/**
 * struct nova_placement - what one vGPU gets
 * @fb_offset: guest framebuffer
 * @fb_bytes: its length
 * @heap_offset: heap of the plugin task
 * @heap_bytes: its length
 * @chid_base: first channel id, on every engine
 * @chid_count: how many
 */
struct nova_placement {
	u64 fb_offset;
	u64 fb_bytes;
	u64 heap_offset;
	u64 heap_bytes;
	u32 chid_base;
	u32 chid_count;
};

/**
 * struct nova_pool - placements of a GPU
 * @type: whose layout is in force, NULL while nothing is placed
 * @taken: a bit for each placement that cannot be given out
 * @nr_taken: how many
 */
struct nova_pool {
	const struct nova_vgpu_type *type;
	u64 taken[NOVA_PLACE_WORDS];
	u32 nr_taken;
};

/* How many more of @type can be placed now. */
u32 nova_pool_left(const struct nova_pool *pool, const struct nova_vgpu_type *type);
/* Lowest free placement; -EBUSY where another layout is in force, -ENOSPC where all are taken. */
int nova_pool_find(const struct nova_pool *pool, const struct nova_vgpu_type *type,
		   u32 *placement);
/* 0; -EBUSY another layout; -ERANGE no such placement; -ENOSPC it is taken. */
int nova_pool_take(struct nova_pool *pool, const struct nova_vgpu_type *type, u32 placement);
/* A placement that is never given back stays taken. Quarantine relies on this. */
void nova_pool_give(struct nova_pool *pool, u32 placement);

void nova_placement_get(const struct nova_vgpu_type *type, u32 placement,
			struct nova_placement *p);

#endif /* NOVABPF_VGPU_PLACE_H */
