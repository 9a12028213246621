// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/novabpf_simN: takes a load in the format of uapi/novabpf_sim.h, which the model
 * checks and runs, and returns its results.
 *
 * An open file holds the module, and GPUs are removed only with the module, so that a file
 * never outlives its GPU. For the same reason module init adds the devices last, after all
 * that can fail.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/novabpf_sim.h>
#include "sim.h"

/* Layouts that user space relies on. */
static_assert(sizeof(struct nova_sim_load) == 40);
static_assert(sizeof(struct nova_sim_tenant) == 48);
static_assert(sizeof(struct nova_sim_draw) == 16);
static_assert(sizeof(struct nova_sim_result) == 80);
static_assert(sizeof(struct nova_sim_item) == 56);
static_assert(sizeof(struct nova_sim_segment) == 32);

#define NOVA_SIM_LOAD_BYTES_MIN	(sizeof(struct nova_sim_load) + \
				 sizeof(struct nova_sim_tenant) + sizeof(struct nova_sim_draw))
#define NOVA_SIM_LOAD_BYTES_MAX	(sizeof(struct nova_sim_load) + \
				 NOVA_SIM_TENANTS_MAX * sizeof(struct nova_sim_tenant) + \
				 (size_t)NOVA_SIM_DRAWS_MAX * sizeof(struct nova_sim_draw))
/* Results are copied in pieces of this size. */
#define NOVA_SIM_COPY_BYTES	16384u

static struct nova_sim *sim_dev_sim_of(struct file *file)
{
	return container_of(file->private_data, struct nova_sim, dev.misc);
}

static void sim_dev_forget_load(struct nova_sim *s)
{
	mutex_lock(&s->run_lock);
	gsim_load_free(s->sim);
	s->dev.state = NOVA_SIM_NO_LOAD;
	mutex_unlock(&s->run_lock);
}

static int dev_open(struct inode *inode, struct file *file)
{
	struct nova_sim *s = sim_dev_sim_of(file);

	if (test_and_set_bit(0, &s->dev.opened))
		return -EBUSY;
	return nonseekable_open(inode, file);
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct nova_sim *s = sim_dev_sim_of(file);

	sim_dev_forget_load(s);
	kvfree(s->dev.blob);
	s->dev.blob = NULL;
	clear_bit_unlock(0, &s->dev.opened);
	return 0;
}

static ssize_t dev_write(struct file *file, const char __user *user, size_t count, loff_t *pos)
{
	struct nova_sim *s = sim_dev_sim_of(file);
	ssize_t ret = count;
	void *blob;

	if (count < NOVA_SIM_LOAD_BYTES_MIN || count > NOVA_SIM_LOAD_BYTES_MAX) {
		dev_err(&s->pdev->dev, "load: %zu bytes; want %zu to %zu in one write\n", count,
			NOVA_SIM_LOAD_BYTES_MIN, NOVA_SIM_LOAD_BYTES_MAX);
		return -EINVAL;
	}
	blob = kvmalloc(count, GFP_KERNEL);
	if (!blob)
		return -ENOMEM;
	if (copy_from_user(blob, user, count)) {
		kvfree(blob);
		return -EFAULT;
	}
	mutex_lock(&s->dev.lock);
	if (READ_ONCE(s->dev.state) == NOVA_SIM_LOAD_RUNS) {
		ret = -EBUSY;
	} else {
		swap(blob, s->dev.blob);
		s->dev.blob_bytes = count;
		/* Drop the former result, so that a read cannot take it for this load's. */
		sim_dev_forget_load(s);
	}
	mutex_unlock(&s->dev.lock);
	kvfree(blob);
	return ret;
}

static int sim_dev_start_load(struct nova_sim *s)
{
	char why[200] = "";
	int err;

	if (!s->dev.blob) {
		dev_err(&s->pdev->dev, "load: nothing was written\n");
		return -EINVAL;
	}
	mutex_lock(&s->run_lock);
	err = gsim_load_start(s->sim, s->dev.blob, s->dev.blob_bytes, why, sizeof(why));
	if (!err)
		WRITE_ONCE(s->dev.state, NOVA_SIM_LOAD_RUNS);
	mutex_unlock(&s->run_lock);
	if (err)
		dev_err(&s->pdev->dev, "load: %s\n", why);
	return err;
}

static void sim_dev_stop_load(struct nova_sim *s)
{
	mutex_lock(&s->run_lock);
	gsim_load_stop(s->sim);
	nova_sim_dev_ran(s);
	mutex_unlock(&s->run_lock);
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct nova_sim *s = sim_dev_sim_of(file);
	int err = 0;

	mutex_lock(&s->dev.lock);
	switch (cmd) {
	case NOVA_SIM_LOAD_START:
		err = sim_dev_start_load(s);
		break;
	case NOVA_SIM_LOAD_STOP:
		sim_dev_stop_load(s);
		break;
	default:
		err = -ENOTTY;
	}
	mutex_unlock(&s->dev.lock);
	return err;
}

static bool sim_dev_load_ended(struct nova_sim *s)
{
	return READ_ONCE(s->dev.state) != NOVA_SIM_LOAD_RUNS;
}

static ssize_t sim_dev_copy_result(struct nova_sim *s, char __user *user, size_t count, loff_t *pos)
{
	void *buf = kmalloc(NOVA_SIM_COPY_BYTES, GFP_KERNEL);
	ssize_t done = 0;
	size_t n;

	if (!buf)
		return -ENOMEM;
	while (done < count) {
		mutex_lock(&s->run_lock);
		n = gsim_load_result(s->sim, *pos, buf,
				     min_t(size_t, count - done, NOVA_SIM_COPY_BYTES));
		mutex_unlock(&s->run_lock);
		if (!n)
			break;
		if (copy_to_user(user + done, buf, n)) {
			done = done ?: -EFAULT;
			break;
		}
		*pos += n;
		done += n;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	kfree(buf);
	return done;
}

static ssize_t dev_read(struct file *file, char __user *user, size_t count, loff_t *pos)
{
	struct nova_sim *s = sim_dev_sim_of(file);
	int err;

	if (READ_ONCE(s->dev.state) == NOVA_SIM_NO_LOAD)
		return -ENODATA;
	if (!sim_dev_load_ended(s) && file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	err = wait_event_interruptible(s->dev.wait, sim_dev_load_ended(s));
	if (err)
		return err;
	return sim_dev_copy_result(s, user, count, &s->dev.pos);
}

static __poll_t dev_poll(struct file *file, poll_table *wait)
{
	struct nova_sim *s = sim_dev_sim_of(file);

	poll_wait(file, &s->dev.wait, wait);
	return READ_ONCE(s->dev.state) == NOVA_SIM_LOAD_ENDED ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.write = dev_write,
	.read = dev_read,
	.poll = dev_poll,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Called after the model ran, with run_lock held: wakes waiters once the load has ended. */
void nova_sim_dev_ran(struct nova_sim *s)
{
	if (s->dev.state != NOVA_SIM_LOAD_RUNS || !gsim_load_done(s->sim))
		return;
	s->dev.pos = 0;
	/* Pairs with sim_dev_load_ended(): the position is set before it is used. */
	smp_store_release(&s->dev.state, NOVA_SIM_LOAD_ENDED);
	wake_up_all(&s->dev.wait);
}

void nova_sim_dev_init(struct nova_sim *s)
{
	mutex_init(&s->dev.lock);
	init_waitqueue_head(&s->dev.wait);
}

void nova_sim_dev_add(struct nova_sim *s)
{
	struct miscdevice *misc = &s->dev.misc;
	int err;

	snprintf(s->dev.name, sizeof(s->dev.name), "novabpf_sim%u", s->index);
	misc->minor = MISC_DYNAMIC_MINOR;
	misc->name = s->dev.name;
	misc->fops = &dev_fops;
	misc->parent = &s->pdev->dev;
	misc->mode = 0600;
	err = misc_register(misc);
	if (err)
		dev_warn(&s->pdev->dev, "no /dev/%s (error %d): loads cannot be run\n",
			 s->dev.name, err);
	s->dev.added = !err;
}

void nova_sim_dev_remove(struct nova_sim *s)
{
	if (s->dev.added)
		misc_deregister(&s->dev.misc);
	s->dev.added = false;
}
