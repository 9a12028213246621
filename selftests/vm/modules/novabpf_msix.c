// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X for a program in a guest: stock kernels have no driver that hands it to user
 * space where there is no IOMMU. For each vGPU that is bound to it (driver_override)
 * there is a file /dev/novabpf_msix-ADDRESS. A read gives a u64 for each vector, how
 * often it came since the file was opened, and waits until there is something new.
 */
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/novabpf_guest.h>

struct msix;

struct vector {
	struct msix *m;
	atomic64_t count;
};

/**
 * struct msix - a bound device
 * @misc: its file
 * @ref: held by the device and each open file
 * @wait: readers
 * @gone: the device is unbound
 * @vector: how often each came
 * @name: of @misc
 */
struct msix {
	struct miscdevice misc;
	struct kref ref;
	wait_queue_head_t wait;
	bool gone;
	struct vector vector[NOVA_GUEST_VECTORS];
	char name[48];
};

/**
 * struct reader - an open file
 * @m: whose
 * @base: counts when it was opened
 * @seen: counts at the last read
 */
struct reader {
	struct msix *m;
	u64 base[NOVA_GUEST_VECTORS];
	u64 seen[NOVA_GUEST_VECTORS];
};

static void msix_free(struct kref *ref)
{
	kfree(container_of(ref, struct msix, ref));
}

static irqreturn_t msix_handler(int irq, void *arg)
{
	struct vector *v = arg;

	atomic64_inc(&v->count);
	wake_up_interruptible(&v->m->wait);
	return IRQ_HANDLED;
}

static void get_counts(struct msix *m, u64 *count)
{
	u32 i;

	for (i = 0; i < NOVA_GUEST_VECTORS; i++)
		count[i] = atomic64_read(&m->vector[i].count);
}

static bool is_new(struct reader *r)
{
	u64 now[NOVA_GUEST_VECTORS];

	get_counts(r->m, now);
	return READ_ONCE(r->m->gone) || memcmp(now, r->seen, sizeof(now));
}

/* The misc device's own lock keeps it from going meanwhile. */
static int msix_open(struct inode *inode, struct file *file)
{
	struct msix *m = container_of(file->private_data, struct msix, misc);
	struct reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	kref_get(&m->ref);
	r->m = m;
	get_counts(m, r->base);
	memcpy(r->seen, r->base, sizeof(r->seen));
	file->private_data = r;
	return nonseekable_open(inode, file);
}

static int msix_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	kref_put(&r->m->ref, msix_free);
	kfree(r);
	return 0;
}

static ssize_t msix_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct reader *r = file->private_data;
	u64 count[NOVA_GUEST_VECTORS];
	int err;
	u32 i;

	if (len < sizeof(count))
		return -EINVAL;
	if (!is_new(r) && file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	err = wait_event_interruptible(r->m->wait, is_new(r));
	if (err)
		return err;
	if (READ_ONCE(r->m->gone))
		return -ENODEV;
	get_counts(r->m, count);
	memcpy(r->seen, count, sizeof(count));
	for (i = 0; i < NOVA_GUEST_VECTORS; i++)
		count[i] -= r->base[i];
	return copy_to_user(buf, count, sizeof(count)) ? -EFAULT : sizeof(count);
}

static __poll_t msix_poll(struct file *file, poll_table *table)
{
	struct reader *r = file->private_data;

	poll_wait(file, &r->m->wait, table);
	if (READ_ONCE(r->m->gone))
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	return is_new(r) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations msix_fops = {
	.owner = THIS_MODULE,
	.open = msix_open,
	.release = msix_release,
	.read = msix_read,
	.poll = msix_poll,
};

static void free_vectors(struct pci_dev *pdev, struct msix *m, u32 n)
{
	while (n--)
		free_irq(pci_irq_vector(pdev, n), &m->vector[n]);
	pci_free_irq_vectors(pdev);
}

static int get_vectors(struct pci_dev *pdev, struct msix *m)
{
	int err;
	u32 i;

	err = pci_alloc_irq_vectors(pdev, NOVA_GUEST_VECTORS, NOVA_GUEST_VECTORS, PCI_IRQ_MSIX);
	if (err < 0)
		return err;
	for (i = 0; i < NOVA_GUEST_VECTORS; i++) {
		m->vector[i].m = m;
		err = request_irq(pci_irq_vector(pdev, i), msix_handler, 0, m->name,
				  &m->vector[i]);
		if (err) {
			free_vectors(pdev, m, i);
			return err;
		}
	}
	return 0;
}

static int msix_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct msix *m = kzalloc(sizeof(*m), GFP_KERNEL);
	int err;

	if (!m)
		return -ENOMEM;
	kref_init(&m->ref);
	init_waitqueue_head(&m->wait);
	snprintf(m->name, sizeof(m->name), "novabpf_msix-%s", pci_name(pdev));
	m->misc.minor = MISC_DYNAMIC_MINOR;
	m->misc.name = m->name;
	m->misc.fops = &msix_fops;
	m->misc.parent = &pdev->dev;
	err = pci_enable_device(pdev);
	if (err)
		goto put;
	pci_set_master(pdev);
	err = get_vectors(pdev, m);
	if (err)
		goto disable;
	err = misc_register(&m->misc);
	if (err)
		goto free;
	pci_set_drvdata(pdev, m);
	return 0;
free:
	free_vectors(pdev, m, NOVA_GUEST_VECTORS);
disable:
	pci_disable_device(pdev);
put:
	kref_put(&m->ref, msix_free);
	return err;
}

static void msix_remove(struct pci_dev *pdev)
{
	struct msix *m = pci_get_drvdata(pdev);

	misc_deregister(&m->misc);
	free_vectors(pdev, m, NOVA_GUEST_VECTORS);
	WRITE_ONCE(m->gone, true);
	wake_up_interruptible(&m->wait);
	pci_disable_device(pdev);
	kref_put(&m->ref, msix_free);
}

/* Devices come by driver_override only. */
static const struct pci_device_id msix_ids[] = {
	{ PCI_DEVICE_DRIVER_OVERRIDE(NOVA_GUEST_VENDOR_ID, NOVA_GUEST_DEVICE_ID, 1) },
	{ }
};

static struct pci_driver msix_driver = {
	.name = "novabpf_msix",
	.id_table = msix_ids,
	.probe = msix_probe,
	.remove = msix_remove,
};
module_pci_driver(msix_driver);

MODULE_DESCRIPTION("Test of novabpf: MSI-X of a vGPU for a program in a guest");
MODULE_LICENSE("GPL");
