/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling of vGPUs on engines: the interface for other rooms of the core. The files
 * of the scheduler share runlist.h.
 */
#ifndef NOVABPF_SCHED_SCHED_H
#define NOVABPF_SCHED_SCHED_H

#include <novabpf/bpf.h>
#include <novabpf/driver/hw.h>
#include "config.h"

struct mutex;
struct nova_entity;
struct nova_gpu;
struct nova_sched;
struct bpf_link;

/**
 * struct nova_sched_user - callbacks of the owner of vGPUs
 * @gave_up: vGPU @gfid is not scheduled any more, because its switch failed; see
 *	nova_sched_is_broken(). Called from a worker, once for each of its runlists; may
 *	sleep, and must not wait for nova_sched_del()
 */
struct nova_sched_user {
	void (*gave_up)(struct nova_gpu *gpu, u32 gfid);
};

/* Once per GPU object. create reads the module parameter sched_engines. @user outlives it. */
int nova_sched_create(struct nova_gpu *gpu, const struct nova_sched_user *user);
void nova_sched_destroy(struct nova_gpu *gpu);
/* stop, before the firmware is unloaded: ejects the policy (NOVA_EXIT_GPU_GONE), stops timers. */
void nova_sched_start(struct nova_gpu *gpu);
void nova_sched_stop(struct nova_gpu *gpu);

/*
 * The firmware is gone: takes every vGPU off. The policy stays, and nova_sched_start()
 * continues after the next boot. May sleep.
 */
void nova_sched_pause(struct nova_gpu *gpu);

/*
 * The system is about to sleep: takes every vGPU off. Nothing is decided, and no wait is
 * charged, until nova_sched_release(). May sleep.
 */
void nova_sched_hold(struct nova_gpu *gpu);
void nova_sched_release(struct nova_gpu *gpu);

/**
 * nova_sched_admit() - ask the policy whether a vGPU may be created
 * @gpu: the GPU
 * @req: filled in; the policy may change @req->placement
 *
 * Context: may sleep.
 * Return: 0 or the policy's -errno.
 */
int nova_sched_admit(struct nova_gpu *gpu, struct nova_vgpu_request *req);

/**
 * struct nova_sched_tenant - a vGPU as the scheduler sees it
 * @gpu: its GPU
 * @gfid: its number on @gpu
 * @slot: lowest free one at its creation
 * @tsgs: channel groups per engine, 1 .. NOVA_VGPU_TSGS_MAX
 * @client: RM client that owns them
 * @device: RM device below @client
 * @config: weight and the like; its owner changes them under @lock
 * @lock: the owner's; held during every call with a tenant
 * @ent: private: its entities by runlist, between nova_sched_add() and nova_sched_del()
 *
 * The owner of the vGPU sets all but @ent before the first use.
 */
struct nova_sched_tenant {
	struct nova_gpu *gpu;
	u32 gfid;
	u32 slot;
	u32 tsgs;
	u32 client;
	u32 device;
	const struct nova_vgpu_config *config;
	struct mutex *lock;	/* see above */
	struct nova_entity *ent[NOVA_RUNLISTS_MAX];
};

/**
 * nova_sched_add() - put a vGPU on every runlist
 * @t: its RM client and device exist
 *
 * Allocates its TSGs in the firmware, not scheduled. Context: may sleep.
 * Return: 0 or -errno. A failure leaves nothing behind.
 */
int nova_sched_add(struct nova_sched_tenant *t);

/**
 * nova_sched_del() - take a vGPU off every runlist
 * @t: added before
 *
 * Waits until no switch concerns its TSGs, then frees them. Context: may sleep.
 * Return: 0, or -ETIMEDOUT and the like if the firmware did not confirm that they are
 * free: the caller quarantines the vGPU.
 */
int nova_sched_del(struct nova_sched_tenant *t);

/**
 * struct nova_sched_tsg - a channel group
 * @handle: RM object
 * @engine_id: NV2080_ENGINE_TYPE of its engine
 */
struct nova_sched_tsg {
	u32 handle;
	u32 engine_id;
};

/**
 * nova_sched_get_tsg() - a channel group of a vGPU
 * @t: added before
 * @index: runlist
 * @i: index of the group on it
 * @tsg: filled in
 *
 * Context: may sleep.
 * Return: whether there is one.
 */
bool nova_sched_get_tsg(const struct nova_sched_tenant *t, u32 index, u32 i,
			struct nova_sched_tsg *tsg);

/**
 * nova_sched_is_broken() - whether the switch of a vGPU failed
 * @t: added before
 * @why: set to a few words for a broken vGPU
 * @size: bytes of @why
 *
 * A broken vGPU is not scheduled again; only nova_sched_del() makes sense for it.
 *
 * Return: whether @why was filled in.
 */
bool nova_sched_is_broken(const struct nova_sched_tenant *t, char *why, size_t size);

/* Applies a changed @t->config. @t may not be added yet. May sleep. */
void nova_sched_config(const struct nova_sched_tenant *t);

/**
 * nova_sched_engine_event() - something happened on an engine
 * @gpu: the GPU
 * @ev: event
 * @engine_id: NV2080_ENGINE_TYPE
 * @gfid: vGPU concerned; a guest may have written any number to a doorbell
 * @arg: see enum nova_engine_event
 *
 * Context: any, also hard interrupt.
 * Return: whether the engine is scheduled by software.
 */
bool nova_sched_engine_event(struct nova_gpu *gpu, enum nova_engine_event ev, u32 engine_id,
			     u32 gfid, u64 arg);

/* vGPUs that fit the GPU by the types in use; fixed share divides by it. */
void nova_sched_set_slots(struct nova_gpu *gpu, u32 slots);

/* Statistics of a vGPU for sysfs, summed over its runlists. */
struct nova_sched_stats {
	u64 run_ns;
	u64 wait_ns;
	u64 runs;
	u64 wait_max_ns;
	bool runnable;
	bool running;
};

void nova_sched_vgpu_stats(const struct nova_sched_tenant *t, struct nova_sched_stats *st);

/* For kmod/bpf. ops stay valid until nova_policy_detach() returns. */
int nova_policy_attach(const struct nova_sched_ops *ops, struct bpf_link *link);
int nova_policy_replace(const struct nova_sched_ops *ops, const struct nova_sched_ops *old,
			struct bpf_link *link);
void nova_policy_detach(const struct nova_sched_ops *ops);

/* sysfs: the directory sched/ of a GPU. */
extern const struct attribute_group nova_sched_group;

/* debugfs: the scheduler's state now, and at the last ejection. @m->private is the GPU. */
struct seq_file;
int nova_sched_show(struct seq_file *m, void *unused);
int nova_sched_dump_show(struct seq_file *m, void *unused);

u64 nova_sched_bench(struct nova_gpu *gpu, u32 n, u64 *decide_ns);

/*
 * Back ends of kfuncs (kmod/bpf/kfuncs.c), in sched/calls.c. Safe with any arguments. The
 * caller of the operation holds the runlist's lock.
 */
u64 nova_policy_req_now(const struct nova_sched_rl *rl);
s32 nova_policy_req_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns);
s32 nova_policy_req_idle(struct nova_sched_rl *rl, u64 ns);
void nova_policy_req_kick(struct nova_sched_rl *rl);
s32 nova_policy_req_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key);
s32 nova_policy_req_queue_remove(struct nova_sched_rl *rl, u32 gfid);
struct nova_sched_vgpu *nova_policy_req_queue_first(struct nova_sched_rl *rl, u32 queue);
u64 nova_policy_req_queue_key(struct nova_sched_rl *rl, u32 queue);
struct nova_sched_vgpu *nova_policy_req_vgpu(struct nova_sched_rl *rl, u32 gfid);
struct nova_sched_vgpu *nova_policy_req_vgpu_at(struct nova_sched_rl *rl, u32 slot);
void nova_policy_req_error(struct nova_sched_rl *rl, s64 code, const char *msg);

#endif /* NOVABPF_SCHED_SCHED_H */
