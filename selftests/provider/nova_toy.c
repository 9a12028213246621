// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another provider of include/novabpf/driver/vgpu.h: one GPU of one type, without firmware,
 * scheduler or simulator. Work takes its time by the kernel's clock. It shows that
 * novabpf_vfio knows nothing beyond that header, and is a start for a provider
 * of one's own.
 */
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <novabpf/driver/vgpu.h>
#include "compat.h"

#define TYPE_ID		7
#define INSTANCES	2
#define CHANNELS	2
#define RING_ENTRIES	64
#define FB_BYTES	(4u << 20)
#define ENGINE_GR0	1

/**
 * struct toy_channel - a ring of work
 * @vgpu: whose
 * @timer: ends the item that is being done
 * @work: items
 * @put: items taken so far
 * @done: of these, done
 */
struct toy_channel {
	struct nova_vgpu *vgpu;
	struct hrtimer timer;
	struct nova_vgpu_work work[RING_ENTRIES];
	u64 put;
	u64 done;
};

/**
 * struct nova_vgpu - a vGPU
 * @busy: open, close and reset, one at a time
 * @lock: guards all of the rest; any context
 * @reserved: it has a user
 * @open: it runs
 * @lost: an event was told and no reset came since
 * @cb: of its user
 * @priv: for @cb
 * @fb: its framebuffer
 * @ch: its channels
 */
struct nova_vgpu {
	struct mutex busy;	/* see above */
	spinlock_t lock;	/* see above */
	bool reserved;
	bool open;
	bool lost;
	const struct nova_vgpu_callbacks *cb;
	void *priv;
	void *fb;
	struct toy_channel ch[CHANNELS];
};

struct nova_gpu {
	struct platform_device *pdev;
	struct nova_vgpu vgpu[INSTANCES];
};

static struct nova_gpu toy;
static struct nova_vgpu_client *client;
/* Guards @client and who has which vGPU. */
static DEFINE_MUTEX(toy_lock);

int nova_vgpu_client_register(struct nova_vgpu_client *c)
{
	mutex_lock(&toy_lock);
	if (client) {
		mutex_unlock(&toy_lock);
		return -EBUSY;
	}
	client = c;
	mutex_unlock(&toy_lock);
	c->gpu_add(&toy);
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_client_register);

void nova_vgpu_client_unregister(struct nova_vgpu_client *c)
{
	c->gpu_remove(&toy);
	mutex_lock(&toy_lock);
	client = NULL;
	mutex_unlock(&toy_lock);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_client_unregister);

struct device *nova_vgpu_gpu_device(struct nova_gpu *gpu)
{
	return &gpu->pdev->dev;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_gpu_device);

bool nova_vgpu_is_available(struct nova_gpu *gpu)
{
	return true;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_is_available);

int nova_vgpu_type_get(struct nova_gpu *gpu, u32 index, struct nova_vgpu_type_info *info)
{
	if (index)
		return -ENOENT;
	*info = (struct nova_vgpu_type_info) {
		.id = TYPE_ID,
		.name = "TOY-4M",
		.class = "Toy",
		.description = "no firmware at all",
		.fb_bytes = FB_BYTES,
		.max_instances = INSTANCES,
	};
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_type_get);

u32 nova_vgpu_type_available(struct nova_gpu *gpu, u32 type_id)
{
	u32 i, n = 0;

	mutex_lock(&toy_lock);
	for (i = 0; i < INSTANCES && type_id == TYPE_ID; i++)
		n += !gpu->vgpu[i].reserved;
	mutex_unlock(&toy_lock);
	return n;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_type_available);

struct nova_vgpu *nova_vgpu_reserve(struct nova_gpu *gpu, u32 type_id, struct device *user)
{
	struct nova_vgpu *v = ERR_PTR(type_id == TYPE_ID ? -ENOSPC : -ENOENT);
	u32 i;

	mutex_lock(&toy_lock);
	for (i = 0; i < INSTANCES && type_id == TYPE_ID; i++) {
		if (gpu->vgpu[i].reserved)
			continue;
		v = &gpu->vgpu[i];
		v->reserved = true;
		break;
	}
	mutex_unlock(&toy_lock);
	return v;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_reserve);

void nova_vgpu_release(struct nova_vgpu *v)
{
	mutex_lock(&toy_lock);
	v->reserved = false;
	mutex_unlock(&toy_lock);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_release);

/* Without a scheduler there is nothing to set. */
int nova_vgpu_setting_get(struct nova_vgpu *v, enum nova_vgpu_setting setting, u32 *val)
{
	return setting < NOVA_VGPU_SETTINGS ? -EOPNOTSUPP : -EINVAL;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_setting_get);

int nova_vgpu_setting_set(struct nova_vgpu *v, enum nova_vgpu_setting setting, u32 val)
{
	return setting < NOVA_VGPU_SETTINGS ? -EOPNOTSUPP : -EINVAL;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_setting_set);

/* The GPU forgets all work; nothing ends any more when this returns. */
static void forget_work(struct nova_vgpu *v)
{
	unsigned long flags;
	u32 i;

	for (i = 0; i < CHANNELS; i++) {
		hrtimer_cancel(&v->ch[i].timer);
		spin_lock_irqsave(&v->lock, flags);
		v->ch[i].put = 0;
		v->ch[i].done = 0;
		spin_unlock_irqrestore(&v->lock, flags);
	}
}

static void set_state(struct nova_vgpu *v, bool open, bool lost)
{
	unsigned long flags;

	spin_lock_irqsave(&v->lock, flags);
	v->open = open;
	v->lost = lost;
	spin_unlock_irqrestore(&v->lock, flags);
}

int nova_vgpu_open(struct nova_vgpu *v, s32 vm_pid, const struct nova_vgpu_callbacks *cb,
		   void *priv, struct nova_vgpu_info *info)
{
	int err = -EBUSY;

	mutex_lock(&v->busy);
	if (v->open)
		goto out;
	err = -ENOMEM;
	v->fb = vzalloc(FB_BYTES);
	if (!v->fb)
		goto out;
	v->cb = cb;
	v->priv = priv;
	*info = (struct nova_vgpu_info) {
		.type_id = TYPE_ID,
		.gfid = 1 + (v - toy.vgpu),
		.channels = CHANNELS,
		.ring_entries = RING_ENTRIES,
		.engine_id = { ENGINE_GR0, ENGINE_GR0 },
		.fb_bytes = FB_BYTES,
		.fb_mappable = true,
	};
	set_state(v, true, false);
	err = 0;
out:
	mutex_unlock(&v->busy);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_open);

void nova_vgpu_close(struct nova_vgpu *v)
{
	mutex_lock(&v->busy);
	set_state(v, false, false);
	forget_work(v);
	vfree(v->fb);
	v->fb = NULL;
	mutex_unlock(&v->busy);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_close);

int nova_vgpu_reset(struct nova_vgpu *v)
{
	mutex_lock(&v->busy);
	/* No new work meanwhile. */
	set_state(v, true, true);
	forget_work(v);
	memset(v->fb, 0, FB_BYTES);
	set_state(v, true, false);
	mutex_unlock(&v->busy);
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_reset);

/* With the lock held: the next item, where there is one and none is being done. */
static void begin(struct toy_channel *ch)
{
	if (ch->done < ch->put && !hrtimer_is_queued(&ch->timer))
		hrtimer_start(&ch->timer,
			      ns_to_ktime(ch->work[ch->done % RING_ENTRIES].length_ns),
			      HRTIMER_MODE_REL);
}

static enum hrtimer_restart item_done(struct hrtimer *t)
{
	struct toy_channel *ch = container_of(t, struct toy_channel, timer);
	struct nova_vgpu *v = ch->vgpu;
	unsigned long flags;

	spin_lock_irqsave(&v->lock, flags);
	if (v->open && !v->lost && ch->done < ch->put) {
		ch->done++;
		begin(ch);
		v->cb->interrupt(v->priv);
	}
	spin_unlock_irqrestore(&v->lock, flags);
	return HRTIMER_NORESTART;
}

/* With the lock held. */
static int takes_work(struct nova_vgpu *v, u32 channel)
{
	if (!v->open)
		return -ENODEV;
	if (channel >= CHANNELS)
		return -EINVAL;
	return v->lost ? -EIO : 0;
}

int nova_vgpu_submit(struct nova_vgpu *v, u32 channel, const struct nova_vgpu_work *work, u32 n)
{
	struct toy_channel *ch;
	unsigned long flags;
	int err;
	u32 i;

	for (i = 0; i < n; i++)
		if (!work[i].length_ns || work[i].length_ns > NOVA_VGPU_WORK_NS_MAX)
			return -EINVAL;
	spin_lock_irqsave(&v->lock, flags);
	err = takes_work(v, channel);
	if (!err) {
		ch = &v->ch[channel];
		for (i = 0; i < n && ch->put - ch->done < RING_ENTRIES; i++)
			ch->work[ch->put++ % RING_ENTRIES] = work[i];
		err = i;
	}
	spin_unlock_irqrestore(&v->lock, flags);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_submit);

int nova_vgpu_doorbell(struct nova_vgpu *v, u32 channel)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&v->lock, flags);
	err = takes_work(v, channel);
	if (!err)
		begin(&v->ch[channel]);
	spin_unlock_irqrestore(&v->lock, flags);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_doorbell);

u64 nova_vgpu_completed(struct nova_vgpu *v, u32 channel)
{
	return channel < CHANNELS ? READ_ONCE(v->ch[channel].done) : 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_completed);

u64 nova_vgpu_now_ns(struct nova_vgpu *v)
{
	return ktime_get_ns();
}
EXPORT_SYMBOL_NOVA(nova_vgpu_now_ns);

int nova_vgpu_fb_pfn(struct nova_vgpu *v, u64 offset, unsigned long *pfn)
{
	if (offset >= FB_BYTES)
		return -EINVAL;
	*pfn = vmalloc_to_pfn(v->fb + offset);
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_fb_pfn);

static bool in_fb(u64 offset, size_t len)
{
	return len <= FB_BYTES && offset <= FB_BYTES - len;
}

int nova_vgpu_fb_read(struct nova_vgpu *v, u64 offset, void *buf, size_t len)
{
	if (!in_fb(offset, len))
		return -EINVAL;
	memcpy(buf, v->fb + offset, len);
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_fb_read);

int nova_vgpu_fb_write(struct nova_vgpu *v, u64 offset, const void *buf, size_t len)
{
	if (!in_fb(offset, len))
		return -EINVAL;
	memcpy(v->fb + offset, buf, len);
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_fb_write);

/* echo 1 >/sys/module/nova_toy/parameters/crash: all that is open is lost. */
static int crash(const char *val, const struct kernel_param *kp)
{
	unsigned long flags;
	u32 i;

	for (i = 0; i < INSTANCES; i++) {
		struct nova_vgpu *v = &toy.vgpu[i];

		spin_lock_irqsave(&v->lock, flags);
		if (v->open) {
			v->lost = true;
			v->cb->event(v->priv, NOVA_VGPU_CRASHED);
		}
		spin_unlock_irqrestore(&v->lock, flags);
	}
	return 0;
}

static const struct kernel_param_ops crash_ops = {
	.set = crash,
};
module_param_cb(crash, &crash_ops, NULL, 0200);
MODULE_PARM_DESC(crash, "written: every open vGPU is lost");

static struct platform_driver toy_driver = {
	.driver.name = "toy",
};

static int __init toy_init(void)
{
	u32 i, c;
	int err;

	for (i = 0; i < INSTANCES; i++) {
		struct nova_vgpu *v = &toy.vgpu[i];

		mutex_init(&v->busy);
		spin_lock_init(&v->lock);
		for (c = 0; c < CHANNELS; c++) {
			v->ch[c].vgpu = v;
			nova_hrtimer_setup(&v->ch[c].timer, item_done, CLOCK_MONOTONIC,
					   HRTIMER_MODE_REL);
		}
	}
	err = platform_driver_register(&toy_driver);
	if (err)
		return err;
	toy.pdev = platform_device_register_simple("toy", PLATFORM_DEVID_NONE, NULL, 0);
	if (!IS_ERR(toy.pdev))
		return 0;
	platform_driver_unregister(&toy_driver);
	return PTR_ERR(toy.pdev);
}
module_init(toy_init);

static void __exit toy_exit(void)
{
	platform_device_unregister(toy.pdev);
	platform_driver_unregister(&toy_driver);
}
module_exit(toy_exit);

MODULE_DESCRIPTION("Another provider of vGPUs, for tests");
MODULE_LICENSE("GPL");
