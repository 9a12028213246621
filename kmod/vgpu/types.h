/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vGPU types of a GPU: what each takes and how many of them fit. Pure.
 */
#ifndef NOVABPF_VGPU_TYPES_H
#define NOVABPF_VGPU_TYPES_H

#include <novabpf/driver/portable.h>
#include <uapi/novabpf.h>

#define NOVA_VGPU_TYPES_MAX		16
#define NOVA_VGPU_TYPE_NAME_LEN		16
/* Channels of one runlist, split among the vGPUs. */
#define NOVA_CHIDS_PER_RUNLIST		2048
/* Guest framebuffer begins and ends at multiples of it. */
#define NOVA_VMMU_SEGMENT_BYTES		(32ULL << 20)

/**
 * struct nova_vgpu_type - one type
 * @id: its number, the same on every GPU; never 0
 * @name: such as "NOVA-4Q"
 * @class: "Quadro" for graphics and compute, "Test"
 * @description: one line
 * @profile_bytes: framebuffer by which the type is named
 * @fb_bytes: framebuffer that the guest sees
 * @heap_bytes: framebuffer for the plugin task that serves one vGPU
 * @max_instances: how many fit this GPU
 * @chids: channels of each runlist that one vGPU gets
 */
struct nova_vgpu_type {
	u32 id;
	char name[NOVA_VGPU_TYPE_NAME_LEN];
	const char *class;
	const char *description;
	u64 profile_bytes;
	u64 fb_bytes;
	u64 heap_bytes;
	u32 max_instances;
	u32 chids;
};

struct nova_vgpu_types {
	struct nova_vgpu_type type[NOVA_VGPU_TYPES_MAX];
	u32 nr;
};

/**
 * nova_vgpu_types_init() - make the table of a GPU
 * @types: filled in; empty where no type fits
 * @fb_bytes: framebuffer, by which types are named and counted
 * @free_bytes: part of it, from its start, that the firmware does not need itself
 * @limit: vGPUs that firmware and GPU can have at all, up to NOVA_GFID_MAX
 */
void nova_vgpu_types_init(struct nova_vgpu_types *types, u64 fb_bytes, u64 free_bytes, u32 limit);

/* NULL where there is none of that name. */
const struct nova_vgpu_type *nova_vgpu_type_find(const struct nova_vgpu_types *types,
						 const char *name);

#endif /* NOVABPF_VGPU_TYPES_H */
