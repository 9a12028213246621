// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: what a decision costs.
 *
 * debugfs novabpf_bench/decide: write how many vGPUs are to wait for the engine, read
 * the cost of decisions of whoever decides on the GPU now, from the moment at which one
 * is wanted until it has been checked. novabpf_bench/turn: the same with the
 * book-keeping of the turn that begins and ends by it. Doorbells make the vGPUs
 * 1 to N + 1 runnable, as the one that comes first gets the engine; their work is
 * taken back before anything of theirs has to run.
 *
 * debugfs novabpf_bench/daemon: the same for decisions of a process that reads
 * /dev/novabpf_bench: from the question until its answer has been checked.
 *
 * Lines are "median_ns least_ns most_ns", per decision.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <novabpf/driver/hw.h>
#include <novabpf/driver/rm.h>
#include <uapi/novabpf.h>
#include "sched/sched.h"
#include "novabpf_bench.h"
#include "compat.h"

#define ENGINE_GR0	1
#define REPEATS		21
#define ANSWER_MS	2000

static unsigned int gpu_id;
module_param_named(gpu, gpu_id, uint, 0444);
static unsigned int decisions = 100;
module_param(decisions, uint, 0444);
MODULE_PARM_DESC(decisions, "decisions of each of 21 repetitions");

static struct nova_gpu *gpu;
static struct dentry *dir;
static DEFINE_MUTEX(bench_lock);	/* one measurement at a time */
static u32 nr_waiting = 1;

/* The question under way. Written by the asker while @asked is false. */
static struct nova_bench_question question;
static bool asked;
static u64 answered_at_ns;
static int answer_err;
static DECLARE_WAIT_QUEUE_HEAD(askers);
static DECLARE_COMPLETION(answered);
static DEFINE_MUTEX(question_lock);	/* question, asked, answer_err */

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static ssize_t tell(u64 *took, char __user *buf, size_t len, loff_t *pos)
{
	char line[80];
	int n;

	sort(took, REPEATS, sizeof(*took), by_value, NULL);
	n = scnprintf(line, sizeof(line), "%llu %llu %llu\n", took[REPEATS / 2], took[0],
		      took[REPEATS - 1]);
	return simple_read_from_buffer(buf, len, pos, line, n);
}

static void doorbells(enum nova_engine_event ev)
{
	u32 gfid;

	for (gfid = 1; gfid <= nr_waiting + 1; gfid++)
		nova_gpu_engine_event(gpu, ev, ENGINE_GR0, gfid, 0);
}

static ssize_t measure(bool whole, char __user *buf, size_t len, loff_t *pos)
{
	u64 took[REPEATS], all, part;
	u32 i;

	if (*pos)
		return 0;
	mutex_lock(&bench_lock);
	doorbells(NOVA_ENGINE_DOORBELL);
	for (i = 0; i < REPEATS; i++) {
		all = nova_sched_bench(gpu, decisions, &part);
		took[i] = div_u64(whole ? all : part, decisions);
	}
	doorbells(NOVA_ENGINE_IDLE);
	mutex_unlock(&bench_lock);
	return tell(took, buf, len, pos);
}

static ssize_t decide_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return measure(false, buf, len, pos);
}

static ssize_t turn_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return measure(true, buf, len, pos);
}

static ssize_t count_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	u32 n;
	int err = kstrtou32_from_user(buf, len, 0, &n);

	if (err)
		return err;
	if (!n || n >= NOVA_BENCH_VGPUS)
		return -ERANGE;
	mutex_lock(&bench_lock);
	nr_waiting = n;
	mutex_unlock(&bench_lock);
	return len;
}

static const struct file_operations decide_fops = {
	.owner = THIS_MODULE,
	.read = decide_read,
	.write = count_write,
};

static const struct file_operations turn_fops = {
	.owner = THIS_MODULE,
	.read = turn_read,
	.write = count_write,
};

/* Return: ns from the question to the checked answer, or -errno. */
static s64 ask(u64 seq, u32 curr)
{
	u64 start;
	u32 i;

	mutex_lock(&question_lock);
	memset(&question, 0, sizeof(question));
	for (i = 0; i < nr_waiting; i++)
		question.runnable[i / 64] |= BIT_ULL(i % 64);
	question.seq = seq;
	question.curr_gfid = curr;
	question.nr_runnable = nr_waiting;
	reinit_completion(&answered);
	start = ktime_get_ns();
	question.now_ns = start;
	asked = true;
	mutex_unlock(&question_lock);
	wake_up_interruptible(&askers);
	if (!wait_for_completion_timeout(&answered, msecs_to_jiffies(ANSWER_MS)))
		return -ETIMEDOUT;
	return answer_err ?: (s64)(answered_at_ns - start);
}

static ssize_t daemon_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	static u64 seq;
	u64 took[REPEATS];
	s64 ns = 0;
	u32 i, n;

	if (*pos)
		return 0;
	mutex_lock(&bench_lock);
	for (i = 0; i < REPEATS && ns >= 0; i++) {
		u64 sum = 0;

		for (n = 0; n < decisions && ns >= 0; n++) {
			ns = ask(++seq, n % nr_waiting + 1);
			sum += ns;
		}
		took[i] = div_u64(sum, decisions);
	}
	mutex_unlock(&bench_lock);
	return ns < 0 ? ns : tell(took, buf, len, pos);
}

static const struct file_operations daemon_fops = {
	.owner = THIS_MODULE,
	.read = daemon_read,
	.write = count_write,
};

static ssize_t device_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct nova_bench_question q;
	int err;

	if (len < sizeof(q))
		return -EINVAL;
	err = wait_event_interruptible(askers, READ_ONCE(asked));
	if (err)
		return err;
	mutex_lock(&question_lock);
	q = question;
	asked = false;
	mutex_unlock(&question_lock);
	return copy_to_user(buf, &q, sizeof(q)) ? -EFAULT : sizeof(q);
}

/* The same checks as of a policy's decision: a vGPU that waits, a legal slice. */
static int check(const struct nova_bench_answer *a)
{
	u32 bit = a->gfid - 1;

	if (a->seq != question.seq)
		return -ESTALE;
	if (!a->gfid || a->gfid > NOVA_BENCH_VGPUS)
		return -ENOENT;
	if (!(question.runnable[bit / 64] & BIT_ULL(bit % 64)))
		return -EAGAIN;
	if (a->slice_ns < NOVA_SLICE_MIN_NS || a->slice_ns > NOVA_SLICE_MAX_NS)
		return -ERANGE;
	return 0;
}

static ssize_t device_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct nova_bench_answer a;

	if (len != sizeof(a))
		return -EINVAL;
	if (copy_from_user(&a, buf, sizeof(a)))
		return -EFAULT;
	mutex_lock(&question_lock);
	answer_err = check(&a);
	answered_at_ns = ktime_get_ns();
	complete(&answered);
	mutex_unlock(&question_lock);
	return len;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.read = device_read,
	.write = device_write,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "novabpf_bench",
	.mode = 0600,
	.fops = &device_fops,
};

static int __init bench_init(void)
{
	int err;

	if (!decisions || decisions > 10000) {
		pr_err("novabpf_bench: decisions is %u, must be 1 to 10000\n", decisions);
		return -EINVAL;
	}
	gpu = nova_gpu_get(gpu_id);
	if (!gpu)
		return -ENODEV;
	err = misc_register(&device);
	if (err) {
		nova_gpu_put(gpu);
		return err;
	}
	dir = debugfs_create_dir("novabpf_bench", NULL);
	debugfs_create_file("decide", 0600, dir, NULL, &decide_fops);
	debugfs_create_file("turn", 0600, dir, NULL, &turn_fops);
	debugfs_create_file("daemon", 0600, dir, NULL, &daemon_fops);
	return 0;
}

static void __exit bench_exit(void)
{
	debugfs_remove_recursive(dir);
	misc_deregister(&device);
	nova_gpu_put(gpu);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("novabpf measurements");
MODULE_LICENSE("GPL");
NOVA_IMPORT_NS();
