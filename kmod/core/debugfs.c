// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/novabpf/gpuN: the last RPCs as text, the raw queue memory, and RPCs
 * from user space (rawcall.c).
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "../gsp/gsp.h"
#include "../sched/sched.h"
#include "../gsp/rpc/history.h"
#include "core.h"

static struct dentry *root;

static struct nova_gsp *core_gsp_of(const struct seq_file *m)
{
	struct nova_gpu *gpu = m->private;

	return gpu->gsp;
}

static int history_show(struct seq_file *m, void *unused)
{
	return nova_history_show(core_gsp_of(m)->history, m);
}
DEFINE_SHOW_ATTRIBUTE(history);

struct snapshot {
	size_t bytes;
	u8 data[];
};

static int core_queues_open(struct inode *inode, struct file *file)
{
	struct nova_gpu *gpu = inode->i_private;
	size_t bytes = (size_t)gpu->gsp->block.npages * NOVA_GSP_PAGE_BYTES;
	struct snapshot *s;
	int err;

	s = kvmalloc(sizeof(*s) + bytes, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->bytes = bytes;
	err = nova_queues_snapshot(gpu->gsp, s->data, bytes);
	if (err) {
		kvfree(s);
		return err;
	}
	file->private_data = s;
	return 0;
}

static ssize_t core_queues_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct snapshot *s = file->private_data;

	return simple_read_from_buffer(buf, count, pos, s->data, s->bytes);
}

static int core_queues_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

static const struct file_operations queues_fops = {
	.owner = THIS_MODULE,
	.open = core_queues_open,
	.read = core_queues_read,
	.llseek = default_llseek,
	.release = core_queues_release,
};

static int report_show(struct seq_file *m, void *unused)
{
	return nova_report_show(core_gsp_of(m), m);
}

static int core_report_open(struct inode *inode, struct file *file)
{
	/* A report has some 80 KiB; a smaller first buffer would make seq_file build it twice. */
	return single_open_size(file, report_show, inode->i_private, SZ_128K);
}

/* Any write clears the report, so that the next incident makes a new one. */
static ssize_t core_report_write(struct file *file, const char __user *buf, size_t count,
				 loff_t *pos)
{
	struct nova_gpu *gpu = file_inode(file)->i_private;

	nova_report_clear(gpu->gsp);
	return count;
}

static const struct file_operations report_fops = {
	.owner = THIS_MODULE,
	.open = core_report_open,
	.read = seq_read,
	.write = core_report_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static void *core_reports_start(struct seq_file *m, loff_t *pos)
{
	return nova_report_start(core_gsp_of(m), pos);
}

static void *core_reports_next(struct seq_file *m, void *v, loff_t *pos)
{
	return nova_report_next(core_gsp_of(m), v, pos);
}

static void core_reports_stop(struct seq_file *m, void *v)
{
	nova_report_stop(core_gsp_of(m));
}

static int reports_show(struct seq_file *m, void *v)
{
	return nova_report_show_one(core_gsp_of(m), m, v);
}

static const struct seq_operations reports_sops = {
	.start = core_reports_start,
	.next = core_reports_next,
	.stop = core_reports_stop,
	.show = reports_show,
};
DEFINE_SEQ_ATTRIBUTE(reports);

DEFINE_SHOW_ATTRIBUTE(nova_sched);
DEFINE_SHOW_ATTRIBUTE(nova_sched_dump);

void nova_debugfs_init(void)
{
	root = debugfs_create_dir("novabpf", NULL);
}

void nova_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}

void nova_debugfs_add(struct nova_gpu *gpu)
{
	gpu->debugfs = debugfs_create_dir(dev_name(&gpu->dev), root);
	debugfs_create_file("history", 0400, gpu->debugfs, gpu, &history_fops);
	debugfs_create_file("queues", 0400, gpu->debugfs, gpu, &queues_fops);
	debugfs_create_file("call", 0600, gpu->debugfs, gpu, &nova_rawcall_fops);
	debugfs_create_file("report", 0600, gpu->debugfs, gpu, &report_fops);
	debugfs_create_file("reports", 0400, gpu->debugfs, gpu, &reports_fops);
	debugfs_create_file("sched", 0400, gpu->debugfs, gpu, &nova_sched_fops);
	debugfs_create_file("sched_dump", 0400, gpu->debugfs, gpu, &nova_sched_dump_fops);
}

void nova_debugfs_remove(struct nova_gpu *gpu)
{
	debugfs_remove_recursive(gpu->debugfs);
	gpu->debugfs = NULL;
}
