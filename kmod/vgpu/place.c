// SPDX-License-Identifier: GPL-2.0-only
/* Placements of vGPUs in the framebuffer. */
#include "place.h"

static bool place_is_taken(const struct nova_pool *pool, u32 placement)
{
	return pool->taken[placement / 64] >> (placement % 64) & 1;
}

static bool place_same_layout(const struct nova_vgpu_type *a, const struct nova_vgpu_type *b)
{
	return a->fb_bytes == b->fb_bytes && a->heap_bytes == b->heap_bytes &&
	       a->max_instances == b->max_instances;
}

static bool place_layout_fits(const struct nova_pool *pool, const struct nova_vgpu_type *type)
{
	return !pool->nr_taken || place_same_layout(pool->type, type);
}

u32 nova_pool_left(const struct nova_pool *pool, const struct nova_vgpu_type *type)
{
	return place_layout_fits(pool, type) ? type->max_instances - pool->nr_taken : 0;
}

int nova_pool_find(const struct nova_pool *pool, const struct nova_vgpu_type *type,
		   u32 *placement)
{
	u32 i;

	if (!place_layout_fits(pool, type))
		return -EBUSY;
	for (i = 0; i < type->max_instances; i++) {
		if (!place_is_taken(pool, i)) {
			*placement = i;
			return 0;
		}
	}
	return -ENOSPC;
}

int nova_pool_take(struct nova_pool *pool, const struct nova_vgpu_type *type, u32 placement)
{
	if (!place_layout_fits(pool, type))
		return -EBUSY;
	if (placement >= type->max_instances)
		return -ERANGE;
	if (place_is_taken(pool, placement))
		return -ENOSPC;
	if (!pool->nr_taken)
		pool->type = type;
	pool->taken[placement / 64] |= 1ULL << (placement % 64);
	pool->nr_taken++;
	return 0;
}

void nova_pool_give(struct nova_pool *pool, u32 placement)
{
	if (placement >= NOVA_PLACEMENTS_MAX || !place_is_taken(pool, placement))
		return;
	pool->taken[placement / 64] &= ~(1ULL << (placement % 64));
	pool->nr_taken--;
	if (!pool->nr_taken)
		pool->type = NULL;
}

void nova_placement_get(const struct nova_vgpu_type *type, u32 placement,
			struct nova_placement *p)
{
	p->fb_bytes = type->fb_bytes;
	p->fb_offset = placement * type->fb_bytes;
	p->heap_bytes = type->heap_bytes;
	p->heap_offset = type->max_instances * type->fb_bytes + placement * type->heap_bytes;
	p->chid_count = type->chids;
	p->chid_base = placement * type->chids;
}
