/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vGPUs of a GPU: types, instances, their life. Private to the core.
 */
#ifndef NOVABPF_VGPU_VGPU_H
#define NOVABPF_VGPU_VGPU_H

#include <linux/device.h>
#include <linux/mutex.h>
#include <novabpf/bpf.h>
#include "../core/gpu.h"

struct nova_entity;
struct nova_vgpu_type;

/* Engines per GPU that software may schedule. */
#define NOVA_RUNLISTS_MAX	4
#define NOVA_VGPU_TSGS_MAX	8

/**
 * struct nova_vgpu_config - what the administrator may change at any time
 * @weight: see struct nova_sched_vgpu
 * @cap_pct: the same
 * @priority: the same
 * @period_us: the same
 * @budget_us: the same
 */
struct nova_vgpu_config {
	u32 weight;
	u32 cap_pct;
	u32 priority;
	u32 period_us;
	u32 budget_us;
};

/**
 * struct nova_vgpu - one vGPU
 * @dev: /sys/class/novabpf/gpuN/vgpuG
 * @gpu: its GPU; a vGPU never outlives it
 * @gfid: G
 * @slot: lowest free one at creation; index of its placement
 * @type: its type
 * @name: given by the creator, or "vgpuG"
 * @vm_pid: 0 for none
 * @lock: serialises steps of its life and changes of @config
 * @state: enum nova_vgpu_state; written under @lock
 * @failure: why @state is an error
 * @config: see above; under @lock
 * @tsgs: channel groups per engine, 1 .. NOVA_VGPU_TSGS_MAX
 * @client: RM client that owns what is allocated for it
 * @device: RM device below @client
 * @ent: its entities by runlist; set between nova_sched_add() and nova_sched_del()
 */
struct nova_vgpu {
	struct device dev;
	struct nova_gpu *gpu;
	u32 gfid;
	u32 slot;
	const struct nova_vgpu_type *type;
	char name[32];
	s32 vm_pid;
	struct mutex lock;	/* see above */
	enum nova_vgpu_state state;
	char failure[96];
	struct nova_vgpu_config config;
	u32 tsgs;
	u32 client;
	u32 device;
	struct nova_entity *ent[NOVA_RUNLISTS_MAX];
};

/* Part of struct nova_gpu; made and freed with it. Defined in vgpu/vgpu.c. */
struct nova_vgpus;

/* vgpu/vgpu.c; both may sleep. exit: destroys every vGPU, before the firmware is unloaded. */
int nova_vgpus_init(struct nova_gpu *gpu);
void nova_vgpus_exit(struct nova_gpu *gpu);
void nova_vgpus_free(struct nova_gpu *gpu);

/* For the event VGPU_GSP_PLUGIN_TRIGGERED; from the worker, must not sleep. */
void nova_vgpu_notify(struct nova_gpu *gpu, u32 gfid, u32 notify_index);

#endif /* NOVABPF_VGPU_VGPU_H */
