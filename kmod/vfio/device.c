// SPDX-License-Identifier: GPL-2.0-only
/* A mediated device: it reserves a vGPU while it exists, and runs the vGPU while it is open. */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "vfio.h"

static void vdev_on_interrupt(void *priv)
{
	struct nova_vfio_dev *d = priv;

	queue_work(nova_vfio_wq, &d->work);
}

static void vdev_on_event(void *priv, enum nova_vgpu_event event)
{
	struct nova_vfio_dev *d = priv;

	WRITE_ONCE(d->lost, true);
	nova_vfio_raise_err(&d->irqs);
	nova_vfio_raise(&d->irqs, NOVA_GUEST_INTR_EVENT);
	queue_work(nova_vfio_wq, &d->work);
}

static const struct nova_vgpu_callbacks callbacks = {
	.interrupt = vdev_on_interrupt,
	.event = vdev_on_event,
};

/* Resets all guest-visible state, without the framebuffer. */
static void vdev_reset_state(struct nova_vfio_dev *d)
{
	nova_cfg_reset(&d->cfg);
	nova_vfio_rings_reset(d);
	nova_vfio_irq_reset(&d->irqs);
	d->time_hi = 0;
	WRITE_ONCE(d->lost, false);
}

static int vdev_open(struct vfio_device *vdev)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);
	int err;

	mutex_lock(&d->lock);
	vdev_reset_state(d);
	err = nova_vgpu_open(d->vgpu, current->tgid, &callbacks, d, &d->info);
	d->open = !err;
	mutex_unlock(&d->lock);
	return err;
}

/* Runs in the task that drops the last reference, whose address space may be gone. */
static void vdev_close(struct vfio_device *vdev)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);

	mutex_lock(&d->lock);
	d->open = false;
	mutex_unlock(&d->lock);
	nova_vgpu_close(d->vgpu);
	/* No callback queues the work after this. */
	cancel_work_sync(&d->work);
	mutex_lock(&d->lock);
	nova_vfio_rings_reset(d);
	mutex_unlock(&d->lock);
	nova_vfio_irq_close(&d->irqs);
}

int nova_vfio_reset(struct nova_vfio_dev *d)
{
	int err;

	mutex_lock(&d->lock);
	vdev_reset_state(d);
	err = nova_vgpu_reset(d->vgpu);
	if (err)
		WRITE_ONCE(d->lost, true);
	mutex_unlock(&d->lock);
	return err;
}

static int vdev_get_info(void __user *arg)
{
	unsigned long minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/* Signature of the operation in newer kernels. No region has capabilities. */
static int vdev_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
			    struct vfio_info_cap *caps)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);

	if (info->index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	info->offset = (u64)info->index << NOVA_VFIO_INDEX_SHIFT;
	info->size = nova_vfio_region_bytes(d, info->index);
	info->flags = 0;
	if (info->size)
		info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	if (info->index == NOVA_GUEST_BAR_FB && d->info.fb_mappable)
		info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	return 0;
}

static int vdev_get_region_info(struct vfio_device *vdev, void __user *arg)
{
	unsigned long minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info;
	int err;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.cap_offset = 0;
	err = vdev_region_info(vdev, &info, NULL);
	return err ?: copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static int vdev_get_irq_info(void __user *arg)
{
	unsigned long minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;
	int err;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	err = nova_vfio_irq_info(&info);
	return err ?: copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static int vdev_set_irqs(struct nova_vfio_dev *d, void __user *arg)
{
	unsigned long minsz = offsetofend(struct vfio_irq_set, count);
	struct vfio_irq_info info = {};
	struct vfio_irq_set hdr;
	void *data = NULL;
	size_t bytes;
	int err;

	if (copy_from_user(&hdr, arg, minsz))
		return -EFAULT;
	info.index = hdr.index;
	err = nova_vfio_irq_info(&info);
	if (!err)
		err = vfio_set_irqs_validate_and_prepare(&hdr, info.count, VFIO_PCI_NUM_IRQS,
							 &bytes);
	if (err)
		return err;
	if (bytes) {
		data = memdup_user(arg + minsz, bytes);
		if (IS_ERR(data))
			return PTR_ERR(data);
	}
	mutex_lock(&d->lock);
	err = nova_vfio_set_irqs(&d->irqs, &hdr, data);
	mutex_unlock(&d->lock);
	kfree(data);
	return err;
}

static long device_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return vdev_get_info((void __user *)arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return vdev_get_region_info(vdev, (void __user *)arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return vdev_get_irq_info((void __user *)arg);
	case VFIO_DEVICE_SET_IRQS:
		return vdev_set_irqs(d, (void __user *)arg);
	case VFIO_DEVICE_RESET:
		return nova_vfio_reset(d);
	default:
		return -ENOTTY;
	}
}

/* Called at once and every few seconds while a removal waits for the device to be closed. */
static void vdev_request(struct vfio_device *vdev, unsigned int count)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);

	if (!nova_vfio_raise_req(&d->irqs) && !count)
		dev_notice(vdev->dev, "is to be removed; waiting for its user to close it\n");
}

static int vdev_init(struct vfio_device *vdev)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);

	mutex_init(&d->lock);
	INIT_WORK(&d->work, nova_vfio_work);
	nova_vfio_irq_init(&d->irqs);
	return 0;
}

static void vdev_release(struct vfio_device *vdev)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);

	mutex_destroy(&d->lock);
	nova_vfio_free_device(vdev);
}

static const struct vfio_device_ops ops = {
	.name = "novabpf_vfio",
	.init = vdev_init,
	.release = vdev_release,
	.open_device = vdev_open,
	.close_device = vdev_close,
	.read = nova_vfio_read,
	.write = nova_vfio_write,
	.mmap = nova_vfio_mmap,
	.ioctl = device_ioctl,
	.request = vdev_request,
	.dma_unmap = nova_vfio_dma_unmap,
	NOVA_VFIO_REGION_OPS(vdev_region_info)
	NOVA_VFIO_IOMMUFD_OPS
};

/* The largest power of two that fits the framebuffer. */
static u64 vdev_fb_bar_bytes(u64 fb_bytes)
{
	return min_t(u64, rounddown_pow_of_two(fb_bytes), NOVA_VFIO_FB_BAR_MAX);
}

int nova_vfio_probe(struct mdev_device *mdev)
{
	const struct nova_vfio_type *type = container_of(mdev->type, struct nova_vfio_type, mdev);
	struct nova_vfio_dev *d;
	int err;

	d = vfio_alloc_device(nova_vfio_dev, vdev, mdev_dev(mdev), &ops);
	if (IS_ERR(d))
		return PTR_ERR(d);
	d->type = type;
	d->fb_bar_bytes = vdev_fb_bar_bytes(type->info.fb_bytes);
	nova_cfg_init(&d->cfg, type->info.id, NOVA_GUEST_REGS_BYTES, d->fb_bar_bytes);
	d->vgpu = nova_vgpu_reserve(type->gpu, type->info.id, mdev_dev(mdev));
	if (IS_ERR(d->vgpu)) {
		err = PTR_ERR(d->vgpu);
		goto put;
	}
	dev_set_drvdata(mdev_dev(mdev), d);
	err = vfio_register_emulated_iommu_dev(&d->vdev);
	if (!err)
		return 0;
	nova_vgpu_release(d->vgpu);
put:
	vfio_put_device(&d->vdev);
	return err;
}

void nova_vfio_remove(struct mdev_device *mdev)
{
	struct nova_vfio_dev *d = dev_get_drvdata(mdev_dev(mdev));

	vfio_unregister_group_dev(&d->vdev);
	nova_vgpu_release(d->vgpu);
	vfio_put_device(&d->vdev);
}
