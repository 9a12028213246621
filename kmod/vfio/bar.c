// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions of a vGPU: configuration space, registers, framebuffer. Outside the framebuffer
 * an access of any offset and length is split into aligned pieces of 4 bytes at most.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "vfio.h"

#define OFFSET_MASK	((1ULL << NOVA_VFIO_INDEX_SHIFT) - 1)
#define PIECE_MAX	256
/* Result of an access that succeeded and asks for a reset, which is done without the lock. */
#define WANTS_RESET	1

u64 nova_vfio_region_bytes(const struct nova_vfio_dev *d, u32 index)
{
	switch (index) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return NOVA_CFG_BYTES;
	case NOVA_GUEST_BAR_REGS:
		return NOVA_GUEST_REGS_BYTES;
	case NOVA_GUEST_BAR_FB:
		return d->fb_bar_bytes;
	default:
		return 0;
	}
}

static u32 bar_read_time(struct nova_vfio_dev *d)
{
	u64 now = nova_vgpu_now_ns(d->vgpu);

	d->time_hi = now >> 32;
	return (u32)now;
}

static u32 bar_read_top(struct nova_vfio_dev *d, u32 off)
{
	switch (off) {
	case NOVA_GUEST_ID:
		return NOVA_GUEST_ID_VALUE;
	case NOVA_GUEST_VERSION:
		return NOVA_GUEST_VERSION_VALUE;
	case NOVA_GUEST_STATUS:
		return READ_ONCE(d->lost) ? NOVA_GUEST_STATUS_LOST : NOVA_GUEST_STATUS_READY;
	case NOVA_GUEST_CHANNELS:
		return d->info.channels;
	case NOVA_GUEST_FB_BYTES_LO:
		return (u32)d->info.fb_bytes;
	case NOVA_GUEST_FB_BYTES_HI:
		return d->info.fb_bytes >> 32;
	case NOVA_GUEST_TIME_LO:
		return bar_read_time(d);
	case NOVA_GUEST_TIME_HI:
		return d->time_hi;
	case NOVA_GUEST_INTR_STATUS:
	case NOVA_GUEST_INTR_ENABLE:
		return nova_vfio_irq_read(&d->irqs, off);
	case NOVA_GUEST_MSIX_PBA:
		return nova_vfio_irq_pending(&d->irqs);
	default:
		return 0;
	}
}

/* Finds the channel whose block of registers holds @off, and makes @off relative to the block. */
static bool bar_channel_of(const struct nova_vfio_dev *d, u32 *off, u32 *n)
{
	u32 size = NOVA_GUEST_CHANNEL(1) - NOVA_GUEST_CHANNEL(0);
	u32 from = *off - NOVA_GUEST_CHANNEL(0);

	if (*off < NOVA_GUEST_CHANNEL(0) || from / size >= d->info.channels)
		return false;
	*n = from / size;
	*off = from % size;
	return true;
}

static u32 bar_read_reg(struct nova_vfio_dev *d, u32 off)
{
	u32 n;

	return bar_channel_of(d, &off, &n) ? nova_vfio_channel_read(d, n, off) : bar_read_top(d,
											      off);
}

static void bar_write_reg(struct nova_vfio_dev *d, u32 off, u32 val)
{
	u32 n;

	if (off >= NOVA_GUEST_DOORBELL(0) && off < NOVA_GUEST_DOORBELL(d->info.channels))
		nova_vfio_doorbell(d, (off - NOVA_GUEST_DOORBELL(0)) / 4, val);
	else if (off == NOVA_GUEST_INTR_STATUS || off == NOVA_GUEST_INTR_ENABLE)
		nova_vfio_irq_write(&d->irqs, off, val);
	else if (bar_channel_of(d, &off, &n))
		nova_vfio_channel_write(d, n, off, val);
}

static int bar_access_regs(struct nova_vfio_dev *d, u32 off, u8 *buf, u32 len, bool write)
{
	u8 word[4];

	if (write) {
		if (len == 4)
			bar_write_reg(d, off, get_unaligned_le32(buf));
		return 0;
	}
	put_unaligned_le32(bar_read_reg(d, off & ~3u), word);
	memcpy(buf, word + (off & 3), len);
	return 0;
}

static int bar_access_config(struct nova_vfio_dev *d, u32 off, u8 *buf, u32 len, bool write)
{
	u32 what;

	if (!write) {
		nova_cfg_set_intx(&d->cfg, nova_vfio_intx_level(&d->irqs));
		nova_cfg_read(&d->cfg, off, buf, len);
		return 0;
	}
	what = nova_cfg_write(&d->cfg, off, buf, len);
	if (what & NOVA_CFG_COMMAND) {
		nova_vfio_intx_off(&d->irqs, nova_cfg_intx_off(&d->cfg));
		/* Starts the work that waits for bus mastering. */
		queue_work(nova_vfio_wq, &d->work);
	}
	return what & NOVA_CFG_FLR ? WANTS_RESET : 0;
}

/* Transfers one aligned piece. User memory is not accessed with the lock held. */
static int bar_access_piece(struct nova_vfio_dev *d, u32 index, u64 off, u8 *buf, u32 len,
			    bool write)
{
	int err;

	if (index == NOVA_GUEST_BAR_FB)
		return write ? nova_vgpu_fb_write(d->vgpu, off, buf, len) :
			       nova_vgpu_fb_read(d->vgpu, off, buf, len);
	mutex_lock(&d->lock);
	if (index == NOVA_GUEST_BAR_REGS)
		err = bar_access_regs(d, off, buf, len, write);
	else
		err = bar_access_config(d, off, buf, len, write);
	mutex_unlock(&d->lock);
	if (err != WANTS_RESET)
		return err;
	/* As on a real bus, the guest's write cannot fail; STATUS shows the result. */
	nova_vfio_reset(d);
	return 0;
}

static u32 bar_piece(u32 index, u64 off, size_t left)
{
	if (index == NOVA_GUEST_BAR_FB)
		return min_t(size_t, left, PIECE_MAX);
	if (!(off & 3) && left >= 4)
		return 4;
	return !(off & 1) && left >= 2 ? 2 : 1;
}

static ssize_t bar_access(struct vfio_device *vdev, char __user *in, const char __user *out,
			  size_t count, loff_t *ppos)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);
	u32 index = *ppos >> NOVA_VFIO_INDEX_SHIFT, n;
	u64 off = *ppos & OFFSET_MASK, size;
	u8 buf[PIECE_MAX];
	ssize_t done = 0;
	int err = 0;

	size = *ppos >= 0 ? nova_vfio_region_bytes(d, index) : 0;
	if (off >= size)
		return -EINVAL;
	count = min_t(u64, count, size - off);
	while (done < count) {
		n = bar_piece(index, off + done, count - done);
		if (out && copy_from_user(buf, out + done, n))
			err = -EFAULT;
		err = err ?: bar_access_piece(d, index, off + done, buf, n, out);
		if (!err && in && copy_to_user(in + done, buf, n))
			err = -EFAULT;
		if (err)
			break;
		done += n;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	*ppos += done;
	return done ?: err;
}

ssize_t nova_vfio_read(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *ppos)
{
	return bar_access(vdev, buf, NULL, count, ppos);
}

ssize_t nova_vfio_write(struct vfio_device *vdev, const char __user *buf, size_t count,
			loff_t *ppos)
{
	return bar_access(vdev, NULL, buf, count, ppos);
}

/* Takes no lock: see vfio.h. */
static vm_fault_t bar_fb_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct nova_vfio_dev *d = vma->vm_private_data;
	u64 off = ((u64)vmf->pgoff << PAGE_SHIFT) & OFFSET_MASK;
	unsigned long pfn;
	int err;

	if (off >= d->fb_bar_bytes)
		return VM_FAULT_SIGBUS;
	err = nova_vgpu_fb_pfn(d->vgpu, off, &pfn);
	if (err)
		return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vma, vmf->address, pfn);
}

static const struct vm_operations_struct fb_vm_ops = {
	.fault = bar_fb_fault,
};

int nova_vfio_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);
	u64 pos = (u64)vma->vm_pgoff << PAGE_SHIFT, off = pos & OFFSET_MASK;
	u64 bytes = vma->vm_end - vma->vm_start;

	if (pos >> NOVA_VFIO_INDEX_SHIFT != NOVA_GUEST_BAR_FB || !d->info.fb_mappable ||
	    !(vma->vm_flags & VM_SHARED) || off >= d->fb_bar_bytes ||
	    bytes > d->fb_bar_bytes - off)
		return -EINVAL;
	vma->vm_private_data = d;
	vma->vm_ops = &fb_vm_ops;
	nova_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return 0;
}
