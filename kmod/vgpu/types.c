// SPDX-License-Identifier: GPL-2.0-only
/*
 * vGPU types, computed from the size of the framebuffer.
 */
#include "types.h"

#define MIB		(1024ULL * 1024)
#define GIB		(1024 * MIB)
/* The plugin's buffers and logs need 2.6 MiB of its heap; see wire.h. */
#define HEAP_MIN	(4 * MIB)
#define HEAP_MAX	(512 * MIB)
#define HEAP_ALIGN	(2 * MIB)

static const struct {
	u32 id;
	const char *name;
	const char *class;
	const char *description;
	u64 bytes;
} profiles[] = {
	{ 1, "NOVA-24Q", "Quadro", "24 GiB, graphics and compute", 24 * GIB },
	{ 2, "NOVA-12Q", "Quadro", "12 GiB, graphics and compute", 12 * GIB },
	{ 3, "NOVA-8Q", "Quadro", "8 GiB, graphics and compute", 8 * GIB },
	{ 4, "NOVA-6Q", "Quadro", "6 GiB, graphics and compute", 6 * GIB },
	{ 5, "NOVA-4Q", "Quadro", "4 GiB, graphics and compute", 4 * GIB },
	{ 6, "NOVA-3Q", "Quadro", "3 GiB, graphics and compute", 3 * GIB },
	{ 7, "NOVA-2Q", "Quadro", "2 GiB, graphics and compute", 2 * GIB },
	{ 8, "NOVA-1Q", "Quadro", "1 GiB, graphics and compute", GIB },
	{ 9, "NOVA-512M", "Quadro", "512 MiB, graphics and compute", 512 * MIB },
	{ 10, "NOVA-test", "Test", "32 MiB, so that many fit: for experiments", 32 * MIB },
};

static u64 types_heap_bytes(u64 profile)
{
	u64 heap = ALIGN_DOWN(profile / 64, HEAP_ALIGN);

	return min_t(u64, max_t(u64, heap, HEAP_MIN), HEAP_MAX);
}

static u32 types_chids(u32 instances)
{
	u32 n = NOVA_CHIDS_PER_RUNLIST;

	/* The largest power of two that fits all. */
	while (n > 1 && n * instances > NOVA_CHIDS_PER_RUNLIST)
		n /= 2;
	return n;
}

/* Return: whether at least one vGPU fits. */
static bool types_fit(struct nova_vgpu_type *t, u64 fb, u64 free, u32 limit)
{
	u64 least = NOVA_VMMU_SEGMENT_BYTES + t->heap_bytes, n, room;

	n = min_t(u64, div64_u64(fb, t->profile_bytes), limit);
	/*
	 * Firmware and plugin heaps are taken from the framebuffer that a profile names, so a
	 * guest sees less. Very small profiles keep their size and get fewer instances.
	 */
	n = min_t(u64, n, div64_u64(free, least));
	if (!n)
		return false;
	room = div64_u64(free, n) - t->heap_bytes;
	t->fb_bytes = ALIGN_DOWN(min_t(u64, room, t->profile_bytes), NOVA_VMMU_SEGMENT_BYTES);
	t->max_instances = (u32)n;
	t->chids = types_chids(t->max_instances);
	return true;
}

void nova_vgpu_types_init(struct nova_vgpu_types *types, u64 fb_bytes, u64 free_bytes, u32 limit)
{
	u64 free = ALIGN_DOWN(min_t(u64, free_bytes, fb_bytes), NOVA_VMMU_SEGMENT_BYTES);
	struct nova_vgpu_type *t;
	u32 i;

	memset(types, 0, sizeof(*types));
	limit = min_t(u32, limit, NOVA_GFID_MAX);
	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		t = &types->type[types->nr];
		t->id = profiles[i].id;
		memcpy(t->name, profiles[i].name, strlen(profiles[i].name) + 1);
		t->class = profiles[i].class;
		t->description = profiles[i].description;
		t->profile_bytes = profiles[i].bytes;
		t->heap_bytes = types_heap_bytes(t->profile_bytes);
		if (types_fit(t, fb_bytes, free, limit))
			types->nr++;
		else
			memset(t, 0, sizeof(*t));
	}
}

const struct nova_vgpu_type *nova_vgpu_type_find(const struct nova_vgpu_types *types,
						 const char *name)
{
	u32 i;

	for (i = 0; i < types->nr; i++)
		if (!strcmp(types->type[i].name, name))
			return &types->type[i];
	return NULL;
}
