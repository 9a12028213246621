/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files that make, run and end vGPUs. Private to them.
 *
 * Locks, outermost first: life, admit, struct nova_vgpu's lock, lock, notify.
 * RPCs are made with life and one vGPU's own lock held, never with another,
 * so a slow step of one vGPU does not delay another.
 */
#ifndef NOVABPF_VGPU_VGPUS_H
#define NOVABPF_VGPU_VGPUS_H

#include <linux/bitmap.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include "place.h"
#include "vgpu.h"

/**
 * struct nova_vgpus - the vGPUs of one GPU
 * @gpu: the GPU
 * @types: what it offers
 * @limit: vGPUs and gfids that it can have
 * @life: read by each step that makes, starts or ends a vGPU, see nova_vgpus_enter(); written
 *	once the GPU goes, and while it is being reset
 * @closing: only nova_vgpus_exit() takes @life for reading
 * @admit: serialises admissions, so that a policy sees its earlier ones
 * @lock: guards @pool, @gfids, @slots, @by_gfid, @nr, @nr_quarantined
 * @pool: placements
 * @gfids: taken
 * @slots: taken
 * @notify: guards @by_gfid, who holds a vGPU, and what nova_vgpu_notify() sets; irqs off
 * @by_gfid: vGPUs; changes under @lock and @notify
 * @nr: number of vGPUs, quarantined ones included
 * @nr_quarantined: how many are quarantined
 * @upload: guards @uploaded
 * @uploaded: the firmware has the types
 * @wq: crash works
 * @deferred_free: memory of channels that the GPU may still use; changes under @lock
 * @kobj: directory vgpu_types
 * @type_kobj: a directory in it for each type
 */
struct nova_vgpus {
	struct nova_gpu *gpu;
	struct nova_vgpu_types types;
	u32 limit;
	struct rw_semaphore life;
	bool closing;
	struct mutex admit;	/* see above */
	struct mutex lock;	/* see above */
	struct nova_pool pool;
	DECLARE_BITMAP(gfids, NOVA_GFID_MAX + 1);
	DECLARE_BITMAP(slots, NOVA_GFID_MAX);
	spinlock_t notify;	/* see above */
	struct nova_vgpu *by_gfid[NOVA_GFID_MAX + 1];
	u32 nr;
	u32 nr_quarantined;
	struct mutex upload;	/* see above */
	bool uploaded;
	struct workqueue_struct *wq;
	struct list_head deferred_free;
	struct kobject *kobj;
	struct kobject *type_kobj[NOVA_VGPU_TYPES_MAX];
};

static inline struct nova_vgpu *to_vgpu(struct device *dev)
{
	return container_of(dev, struct nova_vgpu, dev);
}

/*
 * life.c. The one way into @life. A vGPU that was looked up between enter and leave is not
 * removed by the GPU's own end meanwhile: one thread ends a vGPU.
 *
 * enter: waits for a reset of the GPU. Return: 0, or -ENODEV once the GPU goes.
 * try_enter: for callers that a reset may wait for. Return: 0, or as nova_vgpus_closed().
 *
 * nova_vgpu_close() and nova_vgpu_release() cannot be refused and take @life as it is: a
 * client makes no call after nova_clients_remove(), which comes before nova_vgpus_exit().
 */
int nova_vgpus_enter(struct nova_vgpus *vs);
int nova_vgpus_try_enter(struct nova_vgpus *vs);
void nova_vgpus_leave(struct nova_vgpus *vs);
/* Whether the GPU admits vGPUs: 0, or -EAGAIN or -ENODEV. */
int nova_vgpus_closed(struct nova_vgpus *vs);

/* vgpu.c; both return 0 or -errno with one line in the log */
int nova_vgpu_create(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec);
int nova_vgpu_destroy(struct nova_vgpus *vs, const char *name);
int nova_vgpu_restart(struct nova_vgpus *vs, struct nova_vgpu *v);
/* Up to admission, for a client. nova_vgpus.life is held by both. */
int nova_vgpu_place(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec,
		    struct nova_vgpu **out);
void nova_vgpu_remove(struct nova_vgpus *vs, struct nova_vgpu *v);
void nova_vgpu_set_state(struct nova_vgpu *v, enum nova_vgpu_state state);

#define NOVA_VGPU_HOLDER_LEN	96
/*
 * Who holds @v, as bus and name of a device; without @v->lock, which a step may hold for as
 * long as the firmware takes. log: an error of @what, which only the holder may do; with it.
 */
void nova_vgpu_holder(const struct nova_vgpu *v, char *buf, size_t size);
void nova_vgpu_log_holder(const struct nova_vgpu *v, const char *what);

/* lifecycle.c; but for prepare(), which comes first, @v->lock is held. */
void nova_vgpu_prepare(struct nova_vgpu *v);
/**
 * nova_vgpu_start() - have the firmware make a vGPU
 * @v: the firmware has nothing of it
 * @mapped: its framebuffer may be mapped
 * @unknown: set where the outcome in the firmware is unknown
 *
 * Return: 0, or -errno with the reason in @v->failure; then nothing is left of it
 * in the firmware unless @unknown.
 */
int nova_vgpu_start(struct nova_vgpu *v, bool mapped, bool *unknown);
/**
 * nova_vgpu_stop() - have the firmware end a vGPU
 * @v: started
 * @mapped: its framebuffer stays with its owner; otherwise it is zero afterwards
 *
 * Return: 0, or -errno where the firmware may still have something of @v, or the
 * framebuffer may not be used.
 */
int nova_vgpu_stop(struct nova_vgpu *v, bool mapped);
/**
 * nova_vgpu_renew() - a vGPU that runs is as after its start
 * @v: in state READY; its framebuffer may be mapped
 * @unknown: as in nova_vgpu_start()
 *
 * Return: 0; -EREMOTEIO where this cannot be done, but stop and start can; others as
 * nova_vgpu_start(), except that the firmware still has @v.
 */
int nova_vgpu_renew(struct nova_vgpu *v, bool *unknown);
__printf(2, 3) void nova_vgpu_fail(struct nova_vgpu *v, const char *fmt, ...);

/* The firmware has lost all state of @v. Any context. */
bool nova_vgpu_lost(const struct nova_vgpu *v);

/* client.c: @v->lock is held, and nova_vgpus.notify is not. */
void nova_vgpu_notify_client(struct nova_vgpu *v, u32 event);

/* scrub.c: 0, or -EIO with the reason in @v->failure where it may not be used. */
int nova_vgpu_scrub(struct nova_vgpu *v, bool mapped);

/*
 * plugin.c; @v->lock is held. scrub: the heap, which the firmware does not use.
 * attach: the task has begun to run; reset: it runs. Return: 0; -EREMOTEIO it refused or
 * crashed; -ENOMEM, -EOPNOTSUPP it was told nothing; others: unknown what it did. The
 * reason is in @v->failure.
 */
int nova_plugin_scrub(struct nova_vgpu *v);
int nova_plugin_attach(struct nova_vgpu *v);
int nova_plugin_reset(struct nova_vgpu *v);

/*
 * channel.c; @v->lock is held. start: in the firmware, once its channel groups are
 * there; 0 or -errno as nova_rm_alloc(). stop: no work is taken after it; channel groups
 * take the channels with them. free: the firmware has nothing of @v.
 */
int nova_channels_start(struct nova_vgpu *v);
void nova_channels_stop(struct nova_vgpu *v);
void nova_channels_free(struct nova_vgpu *v);
/*
 * The same where the firmware may still use it: kept until the GPU was reset or its
 * firmware unloaded.
 */
void nova_channels_bury(struct nova_vgpu *v);
/* It was. */
void nova_channels_reset(struct nova_vgpus *vs);
struct nova_vgpu_info;
void nova_channels_info(struct nova_vgpu *v, struct nova_vgpu_info *info);

/* quarantine.c */
bool nova_vgpu_outcome_unknown(int err);
void nova_vgpu_quarantine(struct nova_vgpu *v);

/* sysfs.c, types_sysfs.c */
extern const struct attribute_group *nova_vgpu_dev_groups[];
int nova_vgpu_types_publish(struct nova_vgpus *vs);
void nova_vgpu_types_hide(struct nova_vgpus *vs);

#endif /* NOVABPF_VGPU_VGPUS_H */
