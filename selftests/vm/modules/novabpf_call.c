// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: single controls, one after another, as a line in debugfs asks:
 *	echo "GFID CMD COUNT" >novabpf_call/call
 * makes COUNT controls CMD (FIFO_OBJSCHED_GET_STATE is 0x20801120) on behalf of
 * vGPU GFID; reading the file gives a line for each: error, rpc_result, status.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <novabpf/abi.h>
#include <novabpf/gsp_wire.h>
#include <novabpf/rm.h>
#include "compat.h"

#define CLIENT		0xca110000
#define DEVICE		0xca110080
#define SUBDEVICE	0xca112080
#define PARAM_BYTES	1024
#define CALLS_MAX	1000

static unsigned int gpu_id;
module_param_named(gpu, gpu_id, uint, 0444);
static char *release;
module_param(release, charp, 0444);
MODULE_PARM_DESC(release, "firmware release of the GPU");

struct outcome {
	int err;
	struct nova_rm_result res;
};

static struct nova_gpu *gpu;
static const struct nova_abi *abi;
static struct dentry *dir;
static DEFINE_MUTEX(lock);
static struct outcome outcomes[CALLS_MAX];
static u32 nr_outcomes;

static u32 params_bytes(u32 cmd)
{
	switch (cmd) {
	case 0x20801120:
		return nova_msg_size(abi, NOVA_MSG_OBJSCHED_GET_STATE);
	case 0x20801122:
		return nova_msg_size(abi, NOVA_MSG_OBJSCHED_GET_CAPS);
	case 0x20803601:
		return nova_msg_size(abi, NOVA_MSG_GSP_FEATURES);
	default:
		return 8;
	}
}

static ssize_t call_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	u32 gfid, cmd, nr, i;
	char line[64] = {};
	void *params;

	if (count >= sizeof(line) || copy_from_user(line, from, count))
		return -EINVAL;
	if (sscanf(line, "%u %x %u", &gfid, &cmd, &nr) != 3 || nr > CALLS_MAX)
		return -EINVAL;
	params = kzalloc(PARAM_BYTES, GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	mutex_lock(&lock);
	for (i = 0; i < nr; i++) {
		memset(params, 0, PARAM_BYTES);
		outcomes[i].err = nova_rm_control_for(gpu, gfid, CLIENT, SUBDEVICE, cmd, params,
						      min_t(u32, params_bytes(cmd), PARAM_BYTES),
						      0, &outcomes[i].res);
	}
	nr_outcomes = nr;
	mutex_unlock(&lock);
	kfree(params);
	return count;
}

static int call_show(struct seq_file *m, void *unused)
{
	u32 i;

	mutex_lock(&lock);
	for (i = 0; i < nr_outcomes; i++)
		seq_printf(m, "%d %x %x\n", outcomes[i].err, outcomes[i].res.rpc_result,
			   outcomes[i].res.status);
	mutex_unlock(&lock);
	return 0;
}

static int call_open(struct inode *inode, struct file *file)
{
	return single_open(file, call_show, NULL);
}

static const struct file_operations call_fops = {
	.owner = THIS_MODULE,
	.open = call_open,
	.read = seq_read,
	.write = call_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init call_init(void)
{
	int err;

	abi = release ? nova_abi_find(release) : NULL;
	gpu = nova_gpu_get(gpu_id);
	if (!abi || !gpu) {
		if (gpu)
			nova_gpu_release(gpu);
		return -ENODEV;
	}
	err = nova_rm_alloc(gpu, CLIENT, 0, CLIENT, NV01_ROOT_CLIENT, NULL, 0, NULL);
	err = err ?: nova_rm_alloc(gpu, CLIENT, CLIENT, DEVICE, NV01_DEVICE_0, NULL, 0, NULL);
	err = err ?: nova_rm_alloc(gpu, CLIENT, DEVICE, SUBDEVICE, NV20_SUBDEVICE_0, NULL, 0,
				   NULL);
	if (err) {
		nova_rm_free(gpu, CLIENT, CLIENT, NULL);
		nova_gpu_release(gpu);
		return err;
	}
	dir = debugfs_create_dir("novabpf_call", NULL);
	debugfs_create_file("call", 0600, dir, NULL, &call_fops);
	return 0;
}

static void __exit call_exit(void)
{
	debugfs_remove(dir);
	nova_rm_free(gpu, CLIENT, CLIENT, NULL);
	nova_gpu_release(gpu);
}

module_init(call_init);
module_exit(call_exit);

MODULE_DESCRIPTION("Test: single firmware calls");
MODULE_LICENSE("GPL");
NOVA_IMPORT_NS();
