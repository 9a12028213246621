/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vGPUs of a GPU: types, instances, their life. Private to the core.
 */
#ifndef NOVABPF_VGPU_VGPU_H
#define NOVABPF_VGPU_VGPU_H

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <novabpf/bpf.h>
#include "../base/gpu.h"
#include "../sched/sched.h"
#include "spec.h"

struct nova_channels;
struct nova_vgpu_callbacks;

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
 * @config: see struct nova_vgpu_config; under @lock
 * @tsgs: channel groups per engine, 1 .. NOVA_VGPU_TSGS_MAX
 * @client: RM client that owns what is allocated for it
 * @device: RM device below @client
 * @tenant: what the scheduler knows of it
 * @placement: where it lies, see place.h
 * @subdevice: RM subdevice below @device
 * @scheduled: between nova_sched_add() and nova_sched_del(); under @lock
 * @step: its plugin task reported, or @timer ran, or the GPU goes
 * @timer: deadline of what @step waits for
 * @booted: the plugin task reported that it runs
 * @unloaded: the plugin task reported that it ended
 * @crashed: the plugin task reported that it crashed
 * @late: @timer ran
 * @epoch: run of the firmware that knows of it, see nova_vgpu_lost(); 0 for none
 * @plugin_seq: last request to the plugin task; this and the next two under @lock
 * @plugin_version: version of its requests, 0 before it was agreed upon
 * @plugin_result: what the task said of the last request that it answered
 * @crash_work: takes a vGPU off its runlists that crashed or cannot be switched
 * @reserved: only the client that reserved it ends it, see novabpf/driver/vgpu.h; changes under
 *	@lock and nova_vgpus.notify
 * @user: device that it was reserved for, or NULL; as @reserved
 * @orphaned: in quarantine, and its owner was told that it has none: it goes with the next
 *	reset of the GPU
 * @cb: of its client while it is open; changes under @lock and nova_vgpus.notify
 * @cb_priv: goes with @cb
 * @channels: of its client, from its first open on
 */
struct nova_vgpu {
	struct device dev;
	struct nova_gpu *gpu;
	u32 gfid;
	u32 slot;
	const struct nova_vgpu_type *type;
	char name[NOVA_VGPU_NAME_LEN];
	s32 vm_pid;
	struct mutex lock;	/* see above */
	enum nova_vgpu_state state;
	char failure[96];
	struct nova_vgpu_config config;
	u32 tsgs;
	u32 client;
	u32 device;
	struct nova_sched_tenant tenant;
	u32 placement;
	u32 subdevice;
	bool scheduled;
	struct completion step;
	struct nova_hw_timer timer;
	bool booted;
	bool unloaded;
	bool crashed;
	bool late;
	u32 epoch;
	u32 plugin_seq;
	u32 plugin_version;
	u32 plugin_result;
	struct work_struct crash_work;
	bool reserved;
	struct device *user;
	bool orphaned;
	const struct nova_vgpu_callbacks *cb;
	void *cb_priv;
	struct nova_channels *channels;
};

/* Part of struct nova_gpu; made and freed with it. Defined in vgpu/vgpus.h. */
struct nova_vgpus;

/*
 * vgpu/vgpu.c; all may sleep. init: once the firmware runs, before the GPU is
 * visible; publish: once it is. exit: destroys every vGPU, while the GPU is still
 * visible and its firmware and scheduler still run.
 */
int nova_vgpus_init(struct nova_gpu *gpu);
int nova_vgpus_publish(struct nova_gpu *gpu);
void nova_vgpus_exit(struct nova_gpu *gpu);
/* After nova_vgpus_exit(), once the firmware is unloaded and touches no memory. */
void nova_vgpus_unloaded(struct nova_gpu *gpu);
void nova_vgpus_free(struct nova_gpu *gpu);

/*
 * Around a reset of the GPU, see struct nova_gsp_users. prepare: no step is under way when
 * it returns, and none begins; every vGPU that somebody uses is in error, nothing is
 * quarantined. Both may sleep.
 */
void nova_vgpus_reset_prepare(struct nova_gpu *gpu, const char *cause);
void nova_vgpus_reset_done(struct nova_gpu *gpu);

/* vgpu/client.c: clients are notified of a visible GPU, and release one that goes. */
void nova_clients_add(struct nova_gpu *gpu);
void nova_clients_remove(struct nova_gpu *gpu);

/* Completes an item of work of a vGPU. Any context. */
void nova_vgpu_work_done(struct nova_gpu *gpu, u32 gfid);

/* The scheduler has given up @gfid, see sched.h. May sleep. */
void nova_vgpu_gave_up(struct nova_gpu *gpu, u32 gfid);

/* vgpu/sysfs.c */
extern const struct attribute_group nova_vgpus_group;
const char *nova_vgpu_state_name(u32 state);

/* For the event VGPU_GSP_PLUGIN_TRIGGERED; from the worker, must not sleep. */
void nova_vgpu_notify(struct nova_gpu *gpu, u32 gfid, u32 notify_index);

#endif /* NOVABPF_VGPU_VGPU_H */
