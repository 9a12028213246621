// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: novabpf_sim/gpuN/{fault,service,status,registers}
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "sim.h"

#define NOVA_SIM_TEXT_BYTES	8192
#define NOVA_SIM_SPEC_BYTES	256

static struct dentry *nova_sim_dir;

static int nova_sim_show(struct seq_file *m,
			 size_t (*text)(struct gsim *sim, char *buf, size_t size))
{
	struct nova_sim *s = m->private;
	char *buf = kvzalloc(NOVA_SIM_TEXT_BYTES, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	mutex_lock(&s->run_lock);
	text(s->sim, buf, NOVA_SIM_TEXT_BYTES);
	mutex_unlock(&s->run_lock);
	seq_puts(m, buf);
	kvfree(buf);
	return 0;
}

static ssize_t sim_fault_write(struct file *file, const char __user *user, size_t count,
			       loff_t *pos)
{
	struct nova_sim *s = file_inode(file)->i_private;
	char spec[NOVA_SIM_SPEC_BYTES];
	int err;

	if (count >= sizeof(spec)) {
		dev_err(&s->pdev->dev, "fault: longer than %zu characters\n", sizeof(spec) - 1);
		return -EINVAL;
	}
	if (copy_from_user(spec, user, count))
		return -EFAULT;
	spec[count] = 0;
	err = nova_sim_fault(s, spec);
	return err ? err : count;
}

static ssize_t sim_service_write(struct file *file, const char __user *user, size_t count,
				 loff_t *pos)
{
	struct nova_sim *s = file_inode(file)->i_private;
	char text[32] = {}, why[128], end;
	u32 ns, parallel;
	int err;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, count))
		return -EFAULT;
	if (sscanf(text, "%u %u %c", &ns, &parallel, &end) != 2) {
		dev_err(&s->pdev->dev, "service: want NS PARALLEL\n");
		return -EINVAL;
	}
	mutex_lock(&s->run_lock);
	err = gsim_service_set(s->sim, ns, parallel, why, sizeof(why));
	mutex_unlock(&s->run_lock);
	if (err)
		dev_err(&s->pdev->dev, "%s\n", why);
	return err ? err : count;
}

/* A file NAME that shows TEXT; WRITE may be NULL. */
#define SIM_TEXT_FILE(name, text, write_fn)						\
static int name##_show(struct seq_file *m, void *unused)				\
{											\
	return nova_sim_show(m, text);							\
}											\
											\
static int name##_open(struct inode *inode, struct file *file)				\
{											\
	return single_open(file, name##_show, inode->i_private);			\
}											\
											\
static const struct file_operations name##_fops = {					\
	.owner = THIS_MODULE,								\
	.open = name##_open,								\
	.read = seq_read,								\
	.write = write_fn,								\
	.llseek = seq_lseek,								\
	.release = single_release,							\
}

SIM_TEXT_FILE(status, gsim_status, NULL);
SIM_TEXT_FILE(registers, gsim_registers, NULL);
SIM_TEXT_FILE(fault, gsim_fault_show, sim_fault_write);
SIM_TEXT_FILE(service, gsim_service_show, sim_service_write);

void nova_sim_debugfs_init(void)
{
	nova_sim_dir = debugfs_create_dir("novabpf_sim", NULL);
}

void nova_sim_debugfs_exit(void)
{
	debugfs_remove_recursive(nova_sim_dir);
	nova_sim_dir = NULL;
}

void nova_sim_debugfs_add(struct nova_sim *s)
{
	char name[16];

	snprintf(name, sizeof(name), "gpu%u", s->index);
	s->dir = debugfs_create_dir(name, nova_sim_dir);
	debugfs_create_file("status", 0400, s->dir, s, &status_fops);
	debugfs_create_file("registers", 0400, s->dir, s, &registers_fops);
	debugfs_create_file("service", 0600, s->dir, s, &service_fops);
	debugfs_create_file("fault", 0600, s->dir, s, &fault_fops);
}

/* Removing a file waits for its readers and writers. */
void nova_sim_debugfs_remove(struct nova_sim *s)
{
	debugfs_remove_recursive(s->dir);
	s->dir = NULL;
}
