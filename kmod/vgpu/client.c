// SPDX-License-Identifier: GPL-2.0-only
/*
 * The client interface of vGPUs: the functions of novabpf/driver/vgpu.h, without those of
 * channels.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <novabpf/driver/vgpu.h>
#include "../gsp/gsp.h"
#include "vgpus.h"
#include "compat.h"

/* Channel groups per engine: a guest gets as many channels. */
#define CLIENT_TSGS	2

/* Guards all below; held while a client is notified of a GPU. */
static DEFINE_MUTEX(clients_lock);
static struct nova_vgpu_client *the_client;
static struct nova_gpu *gpus[NOVA_GPUS_MAX];

void nova_clients_add(struct nova_gpu *gpu)
{
	mutex_lock(&clients_lock);
	gpus[gpu->id] = gpu;
	if (the_client)
		the_client->gpu_add(gpu);
	mutex_unlock(&clients_lock);
}

void nova_clients_remove(struct nova_gpu *gpu)
{
	mutex_lock(&clients_lock);
	gpus[gpu->id] = NULL;
	if (the_client)
		the_client->gpu_remove(gpu);
	mutex_unlock(&clients_lock);
}

int nova_vgpu_client_register(struct nova_vgpu_client *client)
{
	int err = 0;
	u32 i;

	mutex_lock(&clients_lock);
	if (the_client)
		err = -EBUSY;
	else
		the_client = client;
	for (i = 0; !err && i < NOVA_GPUS_MAX; i++)
		if (gpus[i])
			client->gpu_add(gpus[i]);
	mutex_unlock(&clients_lock);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_client_register);

void nova_vgpu_client_unregister(struct nova_vgpu_client *client)
{
	u32 i;

	mutex_lock(&clients_lock);
	for (i = 0; i < NOVA_GPUS_MAX; i++)
		if (gpus[i])
			client->gpu_remove(gpus[i]);
	the_client = NULL;
	mutex_unlock(&clients_lock);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_client_unregister);

struct device *nova_vgpu_gpu_device(struct nova_gpu *gpu)
{
	return gpu->dma_dev;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_gpu_device);

bool nova_vgpu_is_available(struct nova_gpu *gpu)
{
	return gpu->vgpus->limit && !nova_vgpus_closed(gpu->vgpus);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_is_available);

int nova_vgpu_type_get(struct nova_gpu *gpu, u32 index, struct nova_vgpu_type_info *info)
{
	const struct nova_vgpu_types *types = &gpu->vgpus->types;
	const struct nova_vgpu_type *t;

	if (index >= types->nr)
		return -ENOENT;
	t = &types->type[index];
	*info = (struct nova_vgpu_type_info) {
		.id = t->id,
		.name = t->name,
		.class = t->class,
		.description = t->description,
		.fb_bytes = t->fb_bytes,
		.max_instances = t->max_instances,
	};
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_type_get);

static const struct nova_vgpu_type *client_type_by_id(struct nova_vgpus *vs, u32 id)
{
	u32 i;

	for (i = 0; i < vs->types.nr; i++)
		if (vs->types.type[i].id == id)
			return &vs->types.type[i];
	return NULL;
}

u32 nova_vgpu_type_available(struct nova_gpu *gpu, u32 type_id)
{
	struct nova_vgpus *vs = gpu->vgpus;
	const struct nova_vgpu_type *type = client_type_by_id(vs, type_id);
	u32 n;

	if (!type)
		return 0;
	mutex_lock(&vs->lock);
	n = nova_pool_left(&vs->pool, type);
	mutex_unlock(&vs->lock);
	return n;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_type_available);

static void client_set_holder(struct nova_vgpu *v, bool reserved, struct device *user)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	lockdep_assert_held(&v->lock);
	spin_lock_irq(&vs->notify);
	v->reserved = reserved;
	v->user = user;
	spin_unlock_irq(&vs->notify);
}

static int client_reserve(struct nova_vgpus *vs, const struct nova_vgpu_spec *spec,
			  struct device *user,
			  struct nova_vgpu **out)
{
	struct nova_vgpu *v;
	int err;

	err = nova_vgpu_place(vs, spec, &v);
	if (err)
		return err;
	mutex_lock(&v->lock);
	client_set_holder(v, true, user);
	mutex_unlock(&v->lock);
	if (user)
		err = sysfs_create_link(&v->dev.kobj, &user->kobj, "user");
	if (err) {
		nova_vgpu_remove(vs, v);
		return err;
	}
	*out = v;
	return 0;
}

struct nova_vgpu *nova_vgpu_reserve(struct nova_gpu *gpu, u32 type_id, struct device *user)
{
	const struct nova_vgpu_type *type = client_type_by_id(gpu->vgpus, type_id);
	struct nova_vgpu_spec spec = {
		.tsgs = CLIENT_TSGS,
		.config = { .weight = NOVA_WEIGHT_DEFAULT, .priority = 1 },
	};
	struct nova_vgpu *v;
	int err = -ENOENT;

	if (!type)
		return ERR_PTR(err);
	strscpy(spec.type, type->name, sizeof(spec.type));
	err = nova_vgpus_try_enter(gpu->vgpus);
	if (err)
		return ERR_PTR(err);
	err = client_reserve(gpu->vgpus, &spec, user, &v);
	nova_vgpus_leave(gpu->vgpus);
	return err ? ERR_PTR(err) : v;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_reserve);

void nova_vgpu_release(struct nova_vgpu *v)
{
	struct nova_vgpus *vs = v->gpu->vgpus;
	bool gone;

	down_read(&vs->life);
	/* An unreserved vGPU can be destroyed before its lock is released. */
	get_device(&v->dev);
	mutex_lock(&v->lock);
	if (v->user)
		sysfs_remove_link(&v->dev.kobj, "user");
	client_set_holder(v, false, NULL);
	gone = v->state == NOVA_VGPU_NEW;
	if (gone)
		nova_vgpu_set_state(v, NOVA_VGPU_GONE);
	else
		v->orphaned = true;
	mutex_unlock(&v->lock);
	if (gone)
		nova_vgpu_remove(vs, v);
	put_device(&v->dev);
	up_read(&vs->life);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_release);

static const size_t setting_offset[NOVA_VGPU_SETTINGS] = {
	[NOVA_VGPU_WEIGHT] = offsetof(struct nova_vgpu_config, weight),
	[NOVA_VGPU_CAP_PCT] = offsetof(struct nova_vgpu_config, cap_pct),
	[NOVA_VGPU_PRIORITY] = offsetof(struct nova_vgpu_config, priority),
	[NOVA_VGPU_PERIOD_US] = offsetof(struct nova_vgpu_config, period_us),
	[NOVA_VGPU_BUDGET_US] = offsetof(struct nova_vgpu_config, budget_us),
};

static u32 *client_setting_of(struct nova_vgpu_config *config, enum nova_vgpu_setting setting)
{
	return (void *)config + setting_offset[setting];
}

int nova_vgpu_setting_get(struct nova_vgpu *v, enum nova_vgpu_setting setting, u32 *val)
{
	if (setting >= NOVA_VGPU_SETTINGS)
		return -EINVAL;
	*val = READ_ONCE(*client_setting_of(&v->config, setting));
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_setting_get);

int nova_vgpu_setting_set(struct nova_vgpu *v, enum nova_vgpu_setting setting, u32 val)
{
	struct nova_vgpu_config config;
	const char *wrong;
	int err = 0;

	if (setting >= NOVA_VGPU_SETTINGS)
		return -EINVAL;
	if (mutex_lock_interruptible(&v->lock))
		return -EINTR;
	config = v->config;
	*client_setting_of(&config, setting) = val;
	wrong = nova_vgpu_config_check(&config);
	if (v->state != NOVA_VGPU_READY && !v->reserved) {
		err = -ENODEV;
	} else if (wrong) {
		dev_err(v->user ?: &v->dev, "%s\n", wrong);
		err = -EINVAL;
	} else {
		v->config = config;
		nova_sched_config(&v->tenant);
	}
	mutex_unlock(&v->lock);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_setting_set);

static void client_set_callbacks(struct nova_vgpu *v, const struct nova_vgpu_callbacks *cb,
				 void *priv)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	lockdep_assert_held(&v->lock);
	spin_lock_irq(&vs->notify);
	WRITE_ONCE(v->cb, cb);
	v->cb_priv = priv;
	if (!cb)
		v->vm_pid = 0;
	spin_unlock_irq(&vs->notify);
}

void nova_vgpu_notify_client(struct nova_vgpu *v, u32 event)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	spin_lock_irq(&vs->notify);
	if (v->cb)
		v->cb->event(v->cb_priv, event);
	spin_unlock_irq(&vs->notify);
}

void nova_vgpu_work_done(struct nova_gpu *gpu, u32 gfid)
{
	struct nova_vgpus *vs = READ_ONCE(gpu->vgpus);
	unsigned long flags;
	struct nova_vgpu *v;

	if (!vs || !gfid || gfid > NOVA_GFID_MAX)
		return;
	spin_lock_irqsave(&vs->notify, flags);
	v = vs->by_gfid[gfid];
	if (v && v->cb)
		v->cb->interrupt(v->cb_priv);
	spin_unlock_irqrestore(&vs->notify, flags);
}

/* With v->lock held, in state NEW. */
static int client_start(struct nova_vgpu *v, s32 vm_pid, const struct nova_vgpu_callbacks *cb,
			void *priv)
{
	struct nova_vgpus *vs = v->gpu->vgpus;
	bool unknown = false;
	int err;

	v->vm_pid = vm_pid;
	v->failure[0] = '\0';
	WRITE_ONCE(v->crashed, false);
	client_set_callbacks(v, cb, priv);
	err = nova_vgpu_start(v, false, &unknown);
	if (!err) {
		nova_vgpu_set_state(v, NOVA_VGPU_READY);
		/* A crash before this point found no READY state, so check for one now. */
		queue_work(vs->wq, &v->crash_work);
		return 0;
	}
	client_set_callbacks(v, NULL, NULL);
	if (unknown) {
		nova_vgpu_quarantine(v);
	} else {
		dev_err(&v->dev, "open: %s\n", v->failure);
		nova_vgpu_set_state(v, NOVA_VGPU_NEW);
	}
	return err;
}

static void client_fill_info(struct nova_vgpu *v, struct nova_vgpu_info *info)
{
	*info = (struct nova_vgpu_info) {
		.type_id = v->type->id,
		.gfid = v->gfid,
		.fb_bytes = v->type->fb_bytes,
		.fb_mappable = v->gpu->ops->fb_pfn,
	};
	nova_channels_info(v, info);
}

int nova_vgpu_open(struct nova_vgpu *v, s32 vm_pid, const struct nova_vgpu_callbacks *cb,
		   void *priv, struct nova_vgpu_info *info)
{
	struct nova_vgpus *vs = v->gpu->vgpus;
	int err;

	/* A reset of the GPU waits for this step while it waits for the lock as a writer. */
	err = nova_vgpus_try_enter(vs);
	if (err)
		return err;
	mutex_lock(&v->lock);
	if (v->state != NOVA_VGPU_NEW) {
		err = -EBUSY;
		dev_err_ratelimited(&v->dev, "open: %s: %s\n",
				    v->state == NOVA_VGPU_QUARANTINED ?
				    "in quarantine until the GPU is reset" : "it is open",
				    v->failure);
	}
	err = err ?: client_start(v, vm_pid, cb, priv);
	if (!err)
		client_fill_info(v, info);
	mutex_unlock(&v->lock);
	nova_vgpus_leave(vs);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_open);

void nova_vgpu_close(struct nova_vgpu *v)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	down_read(&vs->life);
	mutex_lock(&v->lock);
	client_set_callbacks(v, NULL, NULL);
	if (v->state == NOVA_VGPU_READY || v->state == NOVA_VGPU_ERROR) {
		nova_vgpu_set_state(v, NOVA_VGPU_CLOSING);
		if (nova_vgpu_stop(v, false))
			nova_vgpu_quarantine(v);
		else
			nova_vgpu_set_state(v, NOVA_VGPU_NEW);
	}
	mutex_unlock(&v->lock);
	up_read(&vs->life);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_close);

int nova_vgpu_reset(struct nova_vgpu *v)
{
	return READ_ONCE(v->cb) ? nova_vgpu_restart(v->gpu->vgpus, v) : -EBUSY;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_reset);

u64 nova_vgpu_now_ns(struct nova_vgpu *v)
{
	return nova_now_ns(v->gpu);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_now_ns);

int nova_vgpu_fb_pfn(struct nova_vgpu *v, u64 offset, unsigned long *pfn)
{
	const struct nova_hw_ops *ops = v->gpu->ops;
	struct nova_placement p;

	nova_placement_get(v->type, v->placement, &p);
	if (offset >= p.fb_bytes || !PAGE_ALIGNED(offset))
		return -EINVAL;
	if (!ops->fb_pfn)
		return -EOPNOTSUPP;
	return ops->fb_pfn(v->gpu->hw, p.fb_offset + offset, pfn);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_fb_pfn);

static int client_fb_copy(struct nova_vgpu *v, u64 offset, void *buf, size_t len, bool write)
{
	const struct nova_hw_ops *ops = v->gpu->ops;
	struct nova_placement p;
	size_t done, n;
	int err = 0;

	nova_placement_get(v->type, v->placement, &p);
	if (offset > p.fb_bytes || len > p.fb_bytes - offset)
		return -EINVAL;
	if (!ops->fb_copy)
		return -EOPNOTSUPP;
	for (done = 0; done < len && !err; done += n) {
		u64 at = p.fb_offset + offset + done;

		n = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(at));
		err = ops->fb_copy(v->gpu->hw, at, buf + done, n, write);
	}
	return err;
}

int nova_vgpu_fb_read(struct nova_vgpu *v, u64 offset, void *buf, size_t len)
{
	return client_fb_copy(v, offset, buf, len, false);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_fb_read);

int nova_vgpu_fb_write(struct nova_vgpu *v, u64 offset, const void *buf, size_t len)
{
	return client_fb_copy(v, offset, (void *)buf, len, true);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_fb_write);
