// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: single controls, one after another, as a line in debugfs asks:
 *	echo "GFID CMD COUNT" >novabpf_call/call
 * makes COUNT controls CMD (FIFO_OBJSCHED_GET_STATE is 0x20801120) on behalf of
 * vGPU GFID; reading the file gives a line for each: error, rpc_result, status. With
 * "alloc" for CMD a call is the allocation of a client and the next one frees it.
 *
 * "GFID CMD COUNT OTHER CALLS" has a bystander beside them: with each call begin CALLS
 * controls on behalf of vGPU OTHER, one when the one before has ended, and the next
 * call waits for the last of them. Reading novabpf_call/other gives of all of them: how
 * many were made, how many failed, the first error, the longest time on the GPU's clock.
 *
 * "flood GFID COUNT" makes COUNT controls at once, and waits for all of them.
 *
 * "again" makes the objects anew that calls need: after a reset of the GPU they are gone.
 *
 * Reading novabpf_call/outage gives the nanoseconds on the GPU's clock from the start of
 * the first call that failed to the first answer after the last one that did, since
 * "outage" was written: 0 where none failed, -1 where there was no answer yet.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/rm.h>
#include "base/gpu.h"
#include "compat.h"

#define CLIENT		0xca110000
#define DEVICE		0xca110080
#define SUBDEVICE	0xca112080
/* Of the bystander; calls of one identity would wait for each other. */
#define OTHER_CLIENT	0xca120000
#define OTHER_DEVICE	0xca120080
#define OTHER_SUBDEVICE	0xca122080
/* What "alloc" allocates. */
#define NEW_CLIENT	0xca130000
#define GET_STATE	0x20801120
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

/* Touched by the worker while its calls are made, and by the writer otherwise. */
static struct {
	struct nova_rm_post post;
	struct completion done;
	u32 gfid;
	u32 calls;
	u32 left;
	u32 made;
	u32 failed;
	int err;
	u64 since_ns;
	u64 longest_ns;
} other;
static u8 other_params[PARAM_BYTES];

struct flood_call {
	struct nova_rm_post post;
	atomic_t *left;
	struct completion *done;
};

/* The bystander's calls end in the worker. */
static DEFINE_SPINLOCK(outage_lock);
static u64 outage_began_ns;
static u64 outage_ended_ns;

static u32 params_bytes(u32 cmd)
{
	switch (cmd) {
	case GET_STATE:
		return nova_msg_size(abi, NOVA_MSG_OBJSCHED_GET_STATE);
	case 0x20801122:
		return nova_msg_size(abi, NOVA_MSG_OBJSCHED_GET_CAPS);
	case 0x20803601:
		return nova_msg_size(abi, NOVA_MSG_GSP_FEATURES);
	default:
		return 8;
	}
}

static void note_outage(u64 start_ns, int err)
{
	spin_lock_bh(&outage_lock);
	if (err) {
		outage_began_ns = outage_began_ns ?: start_ns;
		outage_ended_ns = 0;
	} else if (!outage_ended_ns) {
		outage_ended_ns = nova_now_ns(gpu);
	}
	spin_unlock_bh(&outage_lock);
}

static void other_ended(int err)
{
	note_outage(other.since_ns, err);
	other.made++;
	if (err) {
		other.failed++;
		other.err = other.err ?: err;
	}
	other.longest_ns = max(other.longest_ns, nova_now_ns(gpu) - other.since_ns);
}

/* Until a call is under way, or all are made. */
static void other_next(void)
{
	int err = -EAGAIN;

	while (other.left && err) {
		other.left--;
		other.since_ns = nova_now_ns(gpu);
		err = nova_rm_control_post_for(gpu, other.gfid, OTHER_CLIENT, OTHER_SUBDEVICE,
					       GET_STATE, other_params,
					       min_t(u32, params_bytes(GET_STATE), PARAM_BYTES),
					       &other.post);
		if (err)
			other_ended(err);
	}
	if (err)
		complete(&other.done);
}

static void other_done(struct nova_rm_post *post)
{
	other_ended(post->err);
	other_next();
}

static int make_call(u32 gfid, u32 cmd, u32 i, void *params, struct nova_rm_result *res)
{
	if (!cmd && i % 2)
		return nova_rm_free_for(gpu, gfid, NEW_CLIENT, NEW_CLIENT, res);
	if (!cmd)
		return nova_rm_alloc_for(gpu, gfid, NEW_CLIENT, 0, NEW_CLIENT, NV01_ROOT_CLIENT,
					 NULL, 0, res);
	memset(params, 0, PARAM_BYTES);
	return nova_rm_control_for(gpu, gfid, CLIENT, SUBDEVICE, cmd, params,
				   min_t(u32, params_bytes(cmd), PARAM_BYTES), 0, res);
}

static int one_call(u32 gfid, u32 cmd, u32 i, void *params, struct nova_rm_result *res)
{
	u64 start_ns = nova_now_ns(gpu);
	int err = make_call(gfid, cmd, i, params, res);

	note_outage(start_ns, err);
	return err;
}

static int make_objects(u32 client, u32 device, u32 subdevice)
{
	int err = nova_rm_alloc(gpu, client, 0, client, NV01_ROOT_CLIENT, NULL, 0, NULL);

	err = err ?: nova_rm_alloc(gpu, client, client, device, NV01_DEVICE_0, NULL, 0, NULL);
	return err ?: nova_rm_alloc(gpu, client, device, subdevice, NV20_SUBDEVICE_0, NULL, 0,
				    NULL);
}

static void free_objects(void)
{
	nova_rm_free(gpu, CLIENT, CLIENT, NULL);
	nova_rm_free(gpu, OTHER_CLIENT, OTHER_CLIENT, NULL);
}

static void flood_done(struct nova_rm_post *post)
{
	struct flood_call *c = container_of(post, struct flood_call, post);

	if (atomic_dec_and_test(c->left))
		complete(c->done);
}

static int flood(u32 gfid, u32 nr)
{
	struct flood_call *c = kvcalloc(nr, sizeof(*c), GFP_KERNEL);
	u64 start_ns = nova_now_ns(gpu);
	DECLARE_COMPLETION_ONSTACK(done);
	atomic_t left = ATOMIC_INIT(nr);
	u32 i;

	if (!c)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		c[i].left = &left;
		c[i].done = &done;
		c[i].post.done = flood_done;
		c[i].post.err = nova_rm_control_post_for(gpu, gfid, CLIENT, SUBDEVICE, GET_STATE,
							 other_params, params_bytes(GET_STATE),
							 &c[i].post);
		if (c[i].post.err)
			flood_done(&c[i].post);
	}
	wait_for_completion(&done);
	for (i = 0; i < nr; i++) {
		outcomes[i].err = c[i].post.err;
		outcomes[i].res = c[i].post.result;
		note_outage(start_ns, outcomes[i].err);
	}
	nr_outcomes = nr;
	kvfree(c);
	return 0;
}

static ssize_t call_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	u32 gfid, cmd = 0, nr, gfid2 = 0, calls = 0, i;
	struct nova_busy busy;
	char line[64] = {}, word[16];
	void *params;
	int err;

	if (count >= sizeof(line) || copy_from_user(line, from, count))
		return -EINVAL;
	if (sysfs_streq(line, "outage")) {
		outage_began_ns = 0;
		outage_ended_ns = 0;
		return count;
	}
	if (sysfs_streq(line, "again")) {
		mutex_lock(&lock);
		free_objects();
		err = make_objects(CLIENT, DEVICE, SUBDEVICE);
		err = err ?: make_objects(OTHER_CLIENT, OTHER_DEVICE, OTHER_SUBDEVICE);
		mutex_unlock(&lock);
		return err ?: count;
	}
	if (sscanf(line, "flood %u %u", &gfid, &nr) == 2) {
		if (!nr || nr > CALLS_MAX)
			return -EINVAL;
		mutex_lock(&lock);
		err = flood(gfid, nr);
		mutex_unlock(&lock);
		return err ?: count;
	}
	if (sscanf(line, "%u %15s %u %u %u", &gfid, word, &nr, &gfid2, &calls) < 3 ||
	    nr > CALLS_MAX || calls > CALLS_MAX ||
	    (strcmp(word, "alloc") && kstrtou32(word, 16, &cmd)))
		return -EINVAL;
	params = kzalloc(PARAM_BYTES, GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	mutex_lock(&lock);
	memset(&other, 0, sizeof(other));
	other.gfid = gfid2;
	other.post.done = other_done;
	init_completion(&other.done);
	/* A clock that jumps waits for the next call. */
	nova_busy_begin(gpu, &busy);
	for (i = 0; i < nr; i++) {
		other.left = calls;
		other_next();
		outcomes[i].err = one_call(gfid, cmd, i, params, &outcomes[i].res);
		if (try_wait_for_completion(&other.done))
			continue;
		nova_busy_end(gpu, &busy);
		wait_for_completion(&other.done);
		nova_busy_begin(gpu, &busy);
	}
	nova_busy_end(gpu, &busy);
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

static int other_show(struct seq_file *m, void *unused)
{
	mutex_lock(&lock);
	seq_printf(m, "%u %u %d %llu\n", other.made, other.failed, other.err, other.longest_ns);
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(other);

static int outage_show(struct seq_file *m, void *unused)
{
	s64 ns = 0;

	if (outage_began_ns)
		ns = outage_ended_ns ? outage_ended_ns - outage_began_ns : -1;
	seq_printf(m, "%lld\n", ns);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(outage);

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
			nova_gpu_put(gpu);
		return -ENODEV;
	}
	err = make_objects(CLIENT, DEVICE, SUBDEVICE);
	err = err ?: make_objects(OTHER_CLIENT, OTHER_DEVICE, OTHER_SUBDEVICE);
	if (err) {
		free_objects();
		nova_gpu_put(gpu);
		return err;
	}
	dir = debugfs_create_dir("novabpf_call", NULL);
	debugfs_create_file("call", 0600, dir, NULL, &call_fops);
	debugfs_create_file("other", 0400, dir, NULL, &other_fops);
	debugfs_create_file("outage", 0400, dir, NULL, &outage_fops);
	return 0;
}

static void __exit call_exit(void)
{
	debugfs_remove(dir);
	free_objects();
	nova_gpu_put(gpu);
}

module_init(call_init);
module_exit(call_exit);

MODULE_DESCRIPTION("Test: single firmware calls");
MODULE_LICENSE("GPL");
NOVA_IMPORT_NS();
