/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of novabpf_vfio.
 *
 * Locks, outermost first:
 *
 *	dev->lock	mutex: registers, configuration space, channels
 *	(VFIO's)	those of the IOMMU, for pages of the guest, and its mmap lock
 *	irqs->lock	spinlock, irqs off: who hears of interrupts
 *
 * Guest memory is read and written by dev->work only, which has no address space of
 * its own. A fault on the framebuffer takes none of these locks: the work's access may
 * cause one. VFIO calls dma_unmap(), which takes dev->lock, without the lock that pinning
 * takes.
 */
#ifndef NOVABPF_VFIO_VFIO_H
#define NOVABPF_VFIO_VFIO_H

#include <linux/eventfd.h>
#include <linux/mdev.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>
#include <novabpf/driver/vgpu.h>
#include <uapi/novabpf_guest.h>
#include "config.h"

#define NOVA_VFIO_INDEX_SHIFT	40
/* Largest window of the framebuffer. */
#define NOVA_VFIO_FB_BAR_MAX	(256ULL << 20)

/**
 * struct nova_vfio_type - a type of a parent
 * @mdev: the mdev core's; first
 * @gpu: GPU
 * @info: what it is
 */
struct nova_vfio_type {
	struct mdev_type mdev;
	struct nova_gpu *gpu;
	struct nova_vgpu_type_info info;
};

enum nova_vfio_mode {
	NOVA_VFIO_NO_IRQ,
	NOVA_VFIO_INTX,
	NOVA_VFIO_MSI,
	NOVA_VFIO_MSIX,
};

/**
 * struct nova_vfio_irqs - interrupts of a device
 * @lock: guards all of it; any context
 * @mode: of which kind the user wants them
 * @vector: who hears of each; INTx and MSI have the first only
 * @err: hears when the GPU lost the vGPU
 * @req: hears when the device is to be given back
 * @unmask: VFIO's, of the eventfd that unmasks INTx, or NULL
 * @unmask_by: that eventfd, so that it is never one of @vector; under the device's lock
 * @pending: vectors raised without an eventfd
 * @status: NOVA_GUEST_INTR_STATUS
 * @enable: NOVA_GUEST_INTR_ENABLE
 * @intx_masked: INTx is masked, by its own or by the user
 * @intx_off: the guest switched INTx off in COMMAND
 */
struct nova_vfio_irqs {
	spinlock_t lock;	/* see above */
	enum nova_vfio_mode mode;
	struct eventfd_ctx *vector[NOVA_GUEST_VECTORS];
	struct eventfd_ctx *err;
	struct eventfd_ctx *req;
	struct virqfd *unmask;
	struct eventfd_ctx *unmask_by;
	u32 pending;
	u32 status;
	u32 enable;
	bool intx_masked;
	bool intx_off;
};

/**
 * struct nova_vfio_mem - memory of the guest
 * @iova: its address
 * @bytes: 0: none
 * @map: where the kernel has it, pinned; NULL: it is not
 */
struct nova_vfio_mem {
	u64 iova;
	u64 bytes;
	void *map;
};

/**
 * struct nova_vfio_channel - a ring of the guest
 * @reg: what the guest wrote to RING_LO .. FENCE_HI
 * @state: enum nova_guest_state
 * @error: enum nova_guest_error
 * @ring: the ring, while ON
 * @fence: the same
 * @entries: the same
 * @put: as the doorbell said
 * @get: entries taken
 * @sent: entries that the GPU was given since open or reset
 * @done: of these, done
 * @base: @done when the guest switched it on
 * @fenced: @done as written to the fence
 */
struct nova_vfio_channel {
	u32 reg[5];
	u32 state;
	u32 error;
	struct nova_vfio_mem ring;
	struct nova_vfio_mem fence;
	u32 entries;
	u32 put;
	u32 get;
	u64 sent;
	u64 done;
	u64 base;
	u64 fenced;
};

/**
 * struct nova_vfio_dev - a mediated device
 * @vdev: VFIO's; first
 * @vgpu: reserved while the device is there, open while it is
 * @type: its type
 * @info: of the open vGPU
 * @lock: see above
 * @open: it is
 * @lost: the GPU lost the vGPU; any context
 * @cfg: configuration space
 * @fb_bar_bytes: window of the framebuffer
 * @time_hi: for NOVA_GUEST_TIME_HI
 * @pin_from: jiffies; nothing is pinned before
 * @ch: channels
 * @irqs: interrupts
 * @work: takes entries, says what was done
 */
struct nova_vfio_dev {
	struct vfio_device vdev;
	struct nova_vgpu *vgpu;
	const struct nova_vfio_type *type;
	struct nova_vgpu_info info;
	struct mutex lock;	/* see above */
	bool open;
	bool lost;
	struct nova_cfg cfg;
	u64 fb_bar_bytes;
	u32 time_hi;
	u64 pin_from;
	struct nova_vfio_channel ch[NOVA_GUEST_CHANNELS_MAX];
	struct nova_vfio_irqs irqs;
	struct work_struct work;
};

static inline struct nova_vfio_dev *nova_vfio_dev_of(struct vfio_device *vdev)
{
	return container_of(vdev, struct nova_vfio_dev, vdev);
}

/* main.c */
extern struct workqueue_struct *nova_vfio_wq;

/* attrs.c; from after probe until before remove */
extern const struct attribute_group *nova_vfio_dev_groups[];

/* device.c */
int nova_vfio_probe(struct mdev_device *mdev);
void nova_vfio_remove(struct mdev_device *mdev);
/* Resets to the state after open. Return: 0, or -errno and the vGPU is lost. */
int nova_vfio_reset(struct nova_vfio_dev *d);

/* bar.c */
ssize_t nova_vfio_read(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *ppos);
ssize_t nova_vfio_write(struct vfio_device *vdev, const char __user *buf, size_t count,
			loff_t *ppos);
int nova_vfio_mmap(struct vfio_device *vdev, struct vm_area_struct *vma);
u64 nova_vfio_region_bytes(const struct nova_vfio_dev *d, u32 index);

/* ring.c; all but the work with d->lock held */
void nova_vfio_work(struct work_struct *work);
void nova_vfio_rings_reset(struct nova_vfio_dev *d);
u32 nova_vfio_channel_read(struct nova_vfio_dev *d, u32 n, u32 off);
void nova_vfio_channel_write(struct nova_vfio_dev *d, u32 n, u32 off, u32 val);
void nova_vfio_doorbell(struct nova_vfio_dev *d, u32 n, u32 put);

/* mem.c; all but dma_unmap() with d->lock held */
/* Never fails: a bad address shows at the first read or write. */
void nova_vfio_mem_get(struct nova_vfio_dev *d, struct nova_vfio_mem *m, u64 iova, u64 bytes,
		       bool write);
/* Also of none. */
void nova_vfio_mem_put(struct nova_vfio_dev *d, struct nova_vfio_mem *m);
/* Return: 0 or -errno. */
int nova_vfio_mem_read(struct nova_vfio_dev *d, const struct nova_vfio_mem *m, u64 off, void *buf,
		       u32 len);
/* At its start. */
int nova_vfio_mem_write64(struct nova_vfio_dev *d, const struct nova_vfio_mem *m, u64 val);
void nova_vfio_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length);

/* irq.c; any context but set_irqs(), close() and info() */
void nova_vfio_irq_init(struct nova_vfio_irqs *irqs);
int nova_vfio_irq_info(struct vfio_irq_info *info);
int nova_vfio_set_irqs(struct nova_vfio_irqs *irqs, const struct vfio_irq_set *hdr, void *data);
/* Drops all eventfds. */
void nova_vfio_irq_close(struct nova_vfio_irqs *irqs);
/* Resets the state; eventfds stay. */
void nova_vfio_irq_reset(struct nova_vfio_irqs *irqs);
/* @bits: NOVA_GUEST_INTR_* */
void nova_vfio_raise(struct nova_vfio_irqs *irqs, u32 bits);
void nova_vfio_raise_err(struct nova_vfio_irqs *irqs);
/* Return: whether an eventfd was signalled. */
bool nova_vfio_raise_req(struct nova_vfio_irqs *irqs);
u32 nova_vfio_irq_read(struct nova_vfio_irqs *irqs, u32 reg);
void nova_vfio_irq_write(struct nova_vfio_irqs *irqs, u32 reg, u32 val);
void nova_vfio_intx_off(struct nova_vfio_irqs *irqs, bool off);
bool nova_vfio_intx_level(struct nova_vfio_irqs *irqs);
u32 nova_vfio_irq_pending(struct nova_vfio_irqs *irqs);

#endif /* NOVABPF_VFIO_VFIO_H */
