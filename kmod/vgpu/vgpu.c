// SPDX-License-Identifier: GPL-2.0-only
/*
 * vGPUs of a GPU: admission, numbers, and the states of an instance.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <novabpf/driver/vgpu.h>
#include "../gsp/gsp.h"
#include "vgpus.h"
#include "wire.h"
#include <trace/events/novabpf_vgpu.h>

/* NVIDIA's firmware supports 32 vGPUs, from 580 on 48. The simulator can be set to more. */
static unsigned int vgpus_max;
module_param(vgpus_max, uint, 0444);
MODULE_PARM_DESC(vgpus_max,
		 "vGPUs per GPU, up to 512 (default 0: what the GPU and its firmware allow)");

/* RM handles of a vGPU, its gfid in the low bits. */
#define CLIENT_BASE	0xc0f00000
#define DEVICE_BASE	0xde000000
#define SUBDEVICE_BASE	0x5d000000

void nova_vgpu_set_state(struct nova_vgpu *v, enum nova_vgpu_state state)
{
	trace_vgpu_phase(v->gpu->id, v->gfid, v->type->id, v->state, state, v->name);
	WRITE_ONCE(v->state, state);
}

/* Finds the vGPU of an event's gfid, and notifies it. */
void nova_vgpu_notify(struct nova_gpu *gpu, u32 gfid, u32 notify_index)
{
	struct nova_vgpus *vs = READ_ONCE(gpu->vgpus);
	unsigned long flags;
	struct nova_vgpu *v;

	if (!vs || !gfid || gfid > NOVA_GFID_MAX)
		return;
	spin_lock_irqsave(&vs->notify, flags);
	v = vs->by_gfid[gfid];
	if (v && notify_index == NOVA_PLUGIN_BOOTLOADED) {
		WRITE_ONCE(v->booted, true);
		complete(&v->step);
	} else if (v && notify_index == NOVA_PLUGIN_UNLOADED) {
		WRITE_ONCE(v->unloaded, true);
		complete(&v->step);
	} else if (v && notify_index == NOVA_PLUGIN_CRASHED && !v->crashed) {
		WRITE_ONCE(v->crashed, true);
		complete(&v->step);
		queue_work(vs->wq, &v->crash_work);
	}
	spin_unlock_irqrestore(&vs->notify, flags);
}

void nova_vgpu_gave_up(struct nova_gpu *gpu, u32 gfid)
{
	struct nova_vgpus *vs = READ_ONCE(gpu->vgpus);
	struct nova_vgpu *v;

	if (!vs)
		return;
	spin_lock_irq(&vs->notify);
	v = vs->by_gfid[gfid];
	if (v)
		queue_work(vs->wq, &v->crash_work);
	spin_unlock_irq(&vs->notify);
}

/* Whether a READY @v has to fail. Its lock is held. */
static bool vgpu_has_failed(struct nova_vgpu *v, char *why, size_t size)
{
	if (READ_ONCE(v->crashed)) {
		strscpy(why, "the plugin task crashed", size);
		return true;
	}
	return nova_sched_is_broken(&v->tenant, why, size);
}

/* Starting and stopping handle a crash themselves. */
static void vgpu_crash_work(struct work_struct *work)
{
	struct nova_vgpu *v = container_of(work, struct nova_vgpu, crash_work);
	char why[64];

	mutex_lock(&v->lock);
	/* The vGPU may have been restarted since the event. */
	if (v->state == NOVA_VGPU_READY && vgpu_has_failed(v, why, sizeof(why))) {
		nova_channels_stop(v);
		nova_vgpu_fail(v, "%s", why);
		dev_err(v->dev.parent, "%s: %s: %s\n", dev_name(&v->dev), v->name,
			v->failure);
		nova_vgpu_set_state(v, NOVA_VGPU_ERROR);
		if (nova_sched_del(&v->tenant)) {
			nova_vgpu_fail(v, "%s, its work did not stop", why);
			nova_vgpu_quarantine(v);
		}
		v->scheduled = false;
		nova_vgpu_notify_client(v, NOVA_VGPU_CRASHED);
	}
	mutex_unlock(&v->lock);
}

static void vgpu_release(struct device *dev)
{
	struct nova_vgpu *v = to_vgpu(dev);

	mutex_destroy(&v->lock);
	kfree(v);
}

static struct nova_vgpu *vgpu_new(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec)
{
	struct nova_vgpu *v = kzalloc(sizeof(*v), GFP_KERNEL);

	if (!v)
		return NULL;
	v->gpu = vs->gpu;
	v->config = spec->config;
	v->tsgs = spec->tsgs;
	v->vm_pid = spec->vm_pid;
	v->state = NOVA_VGPU_NEW;
	mutex_init(&v->lock);
	init_completion(&v->step);
	INIT_WORK(&v->crash_work, vgpu_crash_work);
	device_initialize(&v->dev);
	v->dev.parent = &vs->gpu->dev;
	v->dev.groups = nova_vgpu_dev_groups;
	v->dev.release = vgpu_release;
	return v;
}

static bool vgpu_name_taken(struct nova_vgpus *vs, const char *name)
{
	u32 g;

	for (g = 1; g <= NOVA_GFID_MAX; g++)
		if (vs->by_gfid[g] && !strcmp(vs->by_gfid[g]->name, name))
			return true;
	return false;
}

static int vgpu_refuse(struct nova_vgpus *vs, int err, const char *fmt, ...) __printf(3, 4);
static int vgpu_refuse(struct nova_vgpus *vs, int err, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list ap;

	va_start(ap, fmt);
	vaf.va = &ap;
	dev_err(&vs->gpu->dev, "vgpu_create: %pV\n", &vaf);
	va_end(ap);
	return err;
}

static int vgpu_no_room(struct nova_vgpus *vs, const struct nova_vgpu_type *type, int err)
{
	if (err == -EBUSY)
		return vgpu_refuse(vs, -ENOSPC,
				   "type %s: there are vGPUs of type %s, only such can be added",
				   type->name, vs->pool.type->name);
	return vgpu_refuse(vs, -ENOSPC, "type %s: all %u places are taken", type->name,
			   type->max_instances);
}

/* Chooses free numbers and a name, without taking them. Under lock. */
static int vgpu_choose(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec,
		       struct nova_vgpu *v)
{
	int err;

	err = nova_pool_find(&vs->pool, v->type, &v->placement);
	if (err)
		return vgpu_no_room(vs, v->type, err);
	v->gfid = spec->gfid ?: find_next_zero_bit(vs->gfids, NOVA_GFID_MAX + 1, 1);
	if (v->gfid > vs->limit)
		return vgpu_refuse(vs, spec->gfid ? -EINVAL : -ENOSPC,
				   "gfid %u: this GPU has 1 to %u", v->gfid, vs->limit);
	if (test_bit(v->gfid, vs->gfids))
		return vgpu_refuse(vs, -EEXIST, "gfid %u is taken", v->gfid);
	if (spec->name[0])
		strscpy(v->name, spec->name, sizeof(v->name));
	else
		snprintf(v->name, sizeof(v->name), "vgpu%u", v->gfid);
	if (vgpu_name_taken(vs, v->name))
		return vgpu_refuse(vs, -EEXIST, "name %s is taken", v->name);
	v->slot = find_first_zero_bit(vs->slots, NOVA_GFID_MAX);
	return 0;
}

static u32 vgpu_reserved_ppm(struct nova_vgpus *vs)
{
	const struct nova_vgpu_config *c;
	u64 sum = 0;
	u32 g;

	for (g = 1; g <= NOVA_GFID_MAX; g++) {
		if (!vs->by_gfid[g])
			continue;
		c = &vs->by_gfid[g]->config;
		if (READ_ONCE(c->period_us))
			sum += div_u64(READ_ONCE(c->budget_us) * 1000000ULL,
				       READ_ONCE(c->period_us));
	}
	return min_t(u64, sum, U32_MAX);
}

static void vgpu_fill_request(struct nova_vgpus *vs, const struct nova_vgpu *v,
			      struct nova_vgpu_request *req)
{
	*req = (struct nova_vgpu_request) {
		.gpu_id = vs->gpu->id,
		.gfid = v->gfid,
		.type_id = v->type->id,
		.max_instances = v->type->max_instances,
		.nr_vgpus = vs->nr,
		.weight = v->config.weight,
		.cap_pct = v->config.cap_pct,
		.priority = v->config.priority,
		.period_us = v->config.period_us,
		.budget_us = v->config.budget_us,
		.reserved_ppm = vgpu_reserved_ppm(vs),
		.placement = v->placement,
		.placements = v->type->max_instances,
		.vm_pid = v->vm_pid,
		.fb_bytes = v->type->fb_bytes,
	};
}

/* Takes the chosen numbers. Under lock. */
static int vgpu_take(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	int err;

	err = nova_pool_take(&vs->pool, v->type, v->placement);
	if (err)
		return vgpu_refuse(vs, -ENOSPC, "placement %u, which the policy chose, is not free",
				   v->placement);
	set_bit(v->gfid, vs->gfids);
	set_bit(v->slot, vs->slots);
	v->client = CLIENT_BASE | v->gfid;
	v->device = DEVICE_BASE | v->gfid;
	v->subdevice = SUBDEVICE_BASE | v->gfid;
	v->tenant = (struct nova_sched_tenant) {
		.gpu = v->gpu,
		.gfid = v->gfid,
		.slot = v->slot,
		.tsgs = v->tsgs,
		.client = v->client,
		.device = v->device,
		.config = &v->config,
		.lock = &v->lock,
	};
	spin_lock_irq(&vs->notify);
	vs->by_gfid[v->gfid] = v;
	spin_unlock_irq(&vs->notify);
	vs->nr++;
	nova_flow_new_tenant(vs->gpu->gsp, v->gfid);
	if (vs->pool.nr_taken == 1)
		nova_sched_set_slots(vs->gpu, v->type->max_instances);
	return 0;
}

/*
 * Serialize admission: a policy that sums up its admissions must not be called for two at
 * once. The policy may sleep, so @lock is not held. Other vGPUs can only free numbers
 * meanwhile, so the choice stays valid.
 */
static int vgpu_admit(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec, struct nova_vgpu *v)
{
	struct nova_vgpu_request req;
	int err;

	mutex_lock(&vs->admit);
	mutex_lock(&vs->lock);
	err = vgpu_choose(vs, spec, v);
	vgpu_fill_request(vs, v, &req);
	mutex_unlock(&vs->lock);
	if (!err) {
		err = nova_sched_admit(vs->gpu, &req);
		if (err)
			vgpu_refuse(vs, err, "%s: the policy refused it (error %d)", v->name, err);
	}
	if (!err) {
		v->placement = req.placement;
		mutex_lock(&vs->lock);
		err = vgpu_take(vs, v);
		mutex_unlock(&vs->lock);
	}
	trace_vgpu_admit(vs->gpu->id, v->gfid, v->type->id, v->placement, err, v->name);
	mutex_unlock(&vs->admit);
	return err;
}

/*
 * The vGPU is not found any more, but its numbers stay taken. The firmware may have said
 * of any gfid that its task crashed. Its lock is not held.
 */
static void vgpu_hide(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	mutex_lock(&vs->lock);
	spin_lock_irq(&vs->notify);
	vs->by_gfid[v->gfid] = NULL;
	spin_unlock_irq(&vs->notify);
	vs->nr--;
	mutex_unlock(&vs->lock);
	cancel_work_sync(&v->crash_work);
}

static void vgpu_free_numbers(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	mutex_lock(&vs->lock);
	nova_pool_give(&vs->pool, v->placement);
	clear_bit(v->gfid, vs->gfids);
	clear_bit(v->slot, vs->slots);
	mutex_unlock(&vs->lock);
}

/* Last steps of a vGPU that the firmware no longer has. Its lock is not held. */
void nova_vgpu_remove(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	lockdep_assert_held(&vs->life);
	vgpu_hide(vs, v);
	nova_channels_free(v);
	device_del(&v->dev);
	/* The old device must be gone before a new vGPU can take its number. */
	vgpu_free_numbers(vs, v);
	put_device(&v->dev);
}

static int vgpu_show_device(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	int err;

	err = dev_set_name(&v->dev, "vgpu%u", v->gfid);
	if (!err)
		err = device_add(&v->dev);
	if (!err)
		return 0;
	vgpu_refuse(vs, err, "%s: no device for it (error %d)", v->name, err);
	vgpu_hide(vs, v);
	vgpu_free_numbers(vs, v);
	return err;
}

/* From admission to ready. Consumes @v. */
static int vgpu_bring_up(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	bool unknown = false;
	int err;

	mutex_lock(&v->lock);
	err = nova_vgpu_start(v, false, &unknown);
	if (!err) {
		nova_vgpu_set_state(v, NOVA_VGPU_READY);
		/* A failure before this point found no READY state, so check for one now. */
		queue_work(vs->wq, &v->crash_work);
	} else if (unknown) {
		/* The creator gets an error, so drop the vGPU. */
		v->orphaned = true;
		nova_vgpu_quarantine(v);
	} else {
		vgpu_refuse(vs, err, "%s: %s", v->name, v->failure);
		nova_vgpu_set_state(v, NOVA_VGPU_GONE);
	}
	mutex_unlock(&v->lock);
	if (err && !unknown)
		nova_vgpu_remove(vs, v);
	return err;
}

int nova_vgpu_place(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec,
		    struct nova_vgpu **out)
{
	const struct nova_vgpu_type *type = nova_vgpu_type_find(&vs->types, spec->type);
	struct nova_vgpu *v;
	int err;

	lockdep_assert_held(&vs->life);
	if (!vs->limit)
		return vgpu_refuse(vs, -EOPNOTSUPP, "firmware %s hosts no vGPUs",
				   vs->gpu->gsp->abi->release);
	if (!type)
		return vgpu_refuse(vs, -ENOENT,
				   "type %s is not known; types are listed in vgpu_types",
				   spec->type);
	v = vgpu_new(vs, spec);
	if (!v)
		return -ENOMEM;
	v->type = type;
	err = nova_vgpus_closed(vs);
	if (err)
		vgpu_refuse(vs, err, "the GPU is not ready");
	else
		err = vgpu_admit(vs, spec, v);
	if (!err)
		err = vgpu_show_device(vs, v);
	if (err) {
		put_device(&v->dev);
		return err;
	}
	nova_vgpu_prepare(v);
	*out = v;
	return 0;
}

int nova_vgpu_create(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec)
{
	struct nova_vgpu *v;
	int err;

	err = nova_vgpus_enter(vs);
	if (err)
		return vgpu_refuse(vs, err, "the GPU goes");
	err = nova_vgpu_place(vs, spec, &v);
	if (!err)
		err = vgpu_bring_up(vs, v);
	nova_vgpus_leave(vs);
	return err;
}

/* Return: the vGPU with a reference, or NULL. */
static struct nova_vgpu *vgpu_find(struct nova_vgpus *vs, const char *name)
{
	struct nova_vgpu *v = NULL;
	u32 g;

	mutex_lock(&vs->lock);
	if (!kstrtou32(name, 10, &g)) {
		if (g <= NOVA_GFID_MAX)
			v = vs->by_gfid[g];
	} else {
		for (g = 1; g <= NOVA_GFID_MAX && !v; g++)
			if (vs->by_gfid[g] && !strcmp(vs->by_gfid[g]->name, name))
				v = vs->by_gfid[g];
	}
	if (v)
		get_device(&v->dev);
	mutex_unlock(&vs->lock);
	return v;
}

void nova_vgpu_holder(const struct nova_vgpu *v, char *buf, size_t size)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	spin_lock_irq(&vs->notify);
	if (v->user)
		snprintf(buf, size, "%s %s", dev_bus_name(v->user), dev_name(v->user));
	else
		strscpy(buf, v->reserved ? "another driver" : "none", size);
	spin_unlock_irq(&vs->notify);
}

void nova_vgpu_log_holder(const struct nova_vgpu *v, const char *what)
{
	char holder[NOVA_VGPU_HOLDER_LEN];

	nova_vgpu_holder(v, holder, sizeof(holder));
	if (READ_ONCE(v->cb))
		dev_err(&v->dev, "%s: held by %s, opened by process %d: remove that first\n",
			what, holder, v->vm_pid);
	else
		dev_err(&v->dev, "%s: held by %s: remove that first\n", what, holder);
}

/* Return: 0, or -errno where @v stays. */
static int vgpu_take_down(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	int err = 0;

	mutex_lock(&v->lock);
	if (v->reserved) {
		nova_vgpu_log_holder(v, "destroy");
		mutex_unlock(&v->lock);
		return -EBUSY;
	}
	switch (v->state) {
	case NOVA_VGPU_READY:
	case NOVA_VGPU_ERROR:
		nova_vgpu_set_state(v, NOVA_VGPU_CLOSING);
		err = nova_vgpu_stop(v, false);
		if (err) {
			v->orphaned = true;
			nova_vgpu_quarantine(v);
		} else {
			nova_vgpu_set_state(v, NOVA_VGPU_GONE);
		}
		break;
	case NOVA_VGPU_QUARANTINED:
		dev_err(v->dev.parent, "%s: in quarantine: until the GPU is reset or removed\n",
			dev_name(&v->dev));
		err = -EBUSY;
		break;
	default:
		/* Another thread has destroyed it already. */
		err = -ENOENT;
	}
	mutex_unlock(&v->lock);
	if (!err)
		nova_vgpu_remove(vs, v);
	return err;
}

int nova_vgpu_destroy(struct nova_vgpus *vs, const char *name)
{
	struct nova_vgpu *v;
	int err = nova_vgpus_enter(vs);

	if (err) {
		dev_err(&vs->gpu->dev, "vgpu_destroy: the GPU goes, and all its vGPUs with it\n");
		return err;
	}
	v = vgpu_find(vs, name);
	err = v ? vgpu_take_down(vs, v) : -ENOENT;
	if (v)
		put_device(&v->dev);
	nova_vgpus_leave(vs);
	if (err == -ENOENT)
		dev_err(&vs->gpu->dev, "vgpu_destroy: no vGPU \"%s\"\n", name);
	return err;
}

/* Stops and starts @v, whatever its state. Return: 0 or -errno; @unknown: quarantine it. */
static int vgpu_start_over(struct nova_vgpu *v, bool *unknown)
{
	int err = nova_vgpu_stop(v, true);

	if (err) {
		*unknown = true;
		return err;
	}
	WRITE_ONCE(v->crashed, false);
	v->failure[0] = '\0';
	return nova_vgpu_start(v, true, unknown);
}

static int vgpu_restart(struct nova_vgpu *v)
{
	bool unknown = false;
	int err = -EREMOTEIO;

	/* Ask a running task first; replace one that is not running or refuses. */
	if (v->state == NOVA_VGPU_READY && !READ_ONCE(v->crashed) && !nova_vgpu_lost(v))
		err = nova_vgpu_renew(v, &unknown);
	if (err == -EREMOTEIO && !unknown)
		err = vgpu_start_over(v, &unknown);
	if (!err) {
		if (v->state != NOVA_VGPU_READY)
			nova_vgpu_set_state(v, NOVA_VGPU_READY);
		queue_work(v->gpu->vgpus->wq, &v->crash_work);
	} else if (unknown) {
		nova_vgpu_quarantine(v);
	} else {
		dev_err(v->dev.parent, "%s: reset: %s\n", dev_name(&v->dev), v->failure);
		nova_vgpu_set_state(v, NOVA_VGPU_ERROR);
	}
	return err;
}

int nova_vgpu_restart(struct nova_vgpus *vs, struct nova_vgpu *v)
{
	/* A destroyer of @v waits for this step while it waits for the lock as a writer. */
	int err = nova_vgpus_try_enter(vs);

	if (err)
		return err;
	mutex_lock(&v->lock);
	if (v->state != NOVA_VGPU_READY && v->state != NOVA_VGPU_ERROR)
		err = -EBUSY;
	if (v->state == NOVA_VGPU_QUARANTINED)
		dev_err_ratelimited(&v->dev, "reset: in quarantine until the GPU is reset: %s\n",
				    v->failure);
	err = err ?: vgpu_restart(v);
	mutex_unlock(&v->lock);
	nova_vgpus_leave(vs);
	return err;
}

static u32 vgpu_gpu_limit(struct nova_gpu *gpu)
{
	u32 limit = vgpus_max ?: gpu->vgpus_max ?: gpu->gsp->abi->rules->vf_partitions;

	return nova_vgpu_supported(gpu->gsp->abi) ? min_t(u32, limit, NOVA_GFID_MAX) : 0;
}

int nova_vgpus_init(struct nova_gpu *gpu)
{
	struct nova_vgpus *vs = kvzalloc(sizeof(*vs), GFP_KERNEL);

	if (!vs)
		return -ENOMEM;
	vs->wq = alloc_workqueue("novabpf_vgpu%u", WQ_UNBOUND, 0, gpu->id);
	if (!vs->wq) {
		kvfree(vs);
		return -ENOMEM;
	}
	vs->gpu = gpu;
	init_rwsem(&vs->life);
	mutex_init(&vs->admit);
	mutex_init(&vs->lock);
	mutex_init(&vs->upload);
	spin_lock_init(&vs->notify);
	INIT_LIST_HEAD(&vs->deferred_free);
	/* gfid 0 is the host. */
	set_bit(0, vs->gfids);
	vs->limit = vgpu_gpu_limit(gpu);
	nova_vgpu_types_init(&vs->types, gpu->fb_bytes, nova_gsp_fb_free_bytes(gpu->gsp),
			     vs->limit);
	/* Events may arrive already. */
	smp_store_release(&gpu->vgpus, vs);
	return 0;
}

int nova_vgpus_publish(struct nova_gpu *gpu)
{
	return nova_vgpu_types_publish(gpu->vgpus);
}

void nova_vgpus_unloaded(struct nova_gpu *gpu)
{
	nova_channels_reset(gpu->vgpus);
}

void nova_vgpus_free(struct nova_gpu *gpu)
{
	struct nova_vgpus *vs = gpu->vgpus;

	if (!vs)
		return;
	destroy_workqueue(vs->wq);
	kvfree(vs);
}
