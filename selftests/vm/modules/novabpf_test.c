// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: threads that call the firmware through the core's API and know
 * what each answer must be.
 *
 * Every thread owns time slice groups of its own and gives each a time slice
 * that names thread, group and moment. Reading it back proves whose answer it
 * is. After a call without an answer the old and the new value are both right
 * until the next answer tells.
 *
 * With resets=1 the GPU may be reset meanwhile. Calls that this ended are counted
 * apart; the thread makes its objects anew, which a reset asks of it once.
 *
 * Runs while the module is loaded; the outcome is in debugfs, novabpf_test/result.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/rm.h>
#include "compat.h"

#define CMD_OBJSCHED_GET_STATE	0x20801120
#define CMD_ADD_VGPU_TYPE	0x20804003
#define ENGINE_GR0		1
#define CMD_TSG_SET_TIMESLICE	0xa06c0103
#define CMD_TSG_GET_TIMESLICE	0xa06c0104
#define CMD_TSG_PREEMPT		0xa06c0105

#define THREADS_MAX	31
#define TSGS		4
#define POSTS		4
#define TRIES		50
/* So many timeouts in a row are a firmware that does not answer at all. */
#define DEAD_TRIES	8
/* How long a thread waits for a GPU that is being reset. */
#define ANEW_TRIES	6000
#define ANEW_SLEEP_MS	20

static unsigned int gpu_id;
module_param_named(gpu, gpu_id, uint, 0444);
static unsigned int threads = 4;
module_param(threads, uint, 0444);
static unsigned int calls = 1000;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "calls of all threads together");
static unsigned int seed = 1;
module_param(seed, uint, 0444);
static unsigned int gfid;
module_param(gfid, uint, 0444);
MODULE_PARM_DESC(gfid, "vGPU on whose behalf (0: the host)");
static unsigned int large;
module_param(large, uint, 0444);
MODULE_PARM_DESC(large, "one call in so many is a large one (0: none)");
static bool posts = true;
module_param(posts, bool, 0444);
MODULE_PARM_DESC(posts, "also calls that nobody waits for, several at once");
static bool resets;
module_param(resets, bool, 0444);
MODULE_PARM_DESC(resets, "the GPU may be reset meanwhile");
static char *release;
module_param(release, charp, 0444);
MODULE_PARM_DESC(release, "firmware release of the GPU");

struct tsg {
	u32 handle;
	u32 known;	/* how many of @value may be right; 0: not to be used */
	u32 value[TSGS];
};

struct counts {
	u64 calls;
	u64 ok;
	u64 rm_errors;
	u64 timeouts;
	u64 failures;
	u64 reset;	/* calls that a reset ended, or that came too late for it */
	u64 anew;	/* times that the objects were made anew */
	u64 wrong;
	u64 posted;
	u64 large;
};

struct posted {
	struct nova_rm_post post;
	struct completion done;
};

struct worker {
	u32 nr;
	u32 client;
	u32 device;
	u32 subdevice;
	u32 moment;
	bool lost;	/* its objects went with a reset */
	struct tsg tsg[TSGS];
	struct nova_rm_result res;
	struct rnd_state rnd;
	struct counts n;
	struct task_struct *task;
	struct completion done;
};

static struct nova_gpu *gpu;
static const struct nova_abi *abi;
static struct worker *workers;
static struct dentry *dir;
static u64 elapsed_ns;

static u32 random(struct worker *w, u32 below)
{
	return prandom_u32_state(&w->rnd) % below;
}

static int control(struct worker *w, u32 object, u32 cmd, void *params, u32 size, u32 flags)
{
	return nova_rm_control_for(gpu, gfid, w->client, object, cmd, params, size, flags,
				   &w->res);
}

/* The client itself is unknown only where the firmware is another one. */
static bool is_reset(int err, const struct nova_rm_result *res)
{
	if (!resets)
		return false;
	if (err == -EREMOTEIO)
		return res->status == NV_ERR_INVALID_CLIENT;
	return err == -ESHUTDOWN || err == -EAGAIN || err == -EIO;
}

/* Counts how a call ended. Return: whether the firmware said yes. */
static bool ended_as(struct worker *w, int err, const struct nova_rm_result *res)
{
	w->n.calls++;
	if (!err) {
		w->n.ok++;
	} else if (is_reset(err, res)) {
		w->n.reset++;
		w->lost = true;
	} else if (err == -EREMOTEIO) {
		w->n.rm_errors++;
	} else if (err == -ETIMEDOUT) {
		w->n.timeouts++;
	} else {
		w->n.failures++;
	}
	return !err;
}

static bool ended(struct worker *w, int err)
{
	return ended_as(w, err, &w->res);
}

/* Whether to try again after a call that ended so. */
static bool again(int err, u32 *timeouts)
{
	*timeouts = err == -ETIMEDOUT ? *timeouts + 1 : 0;
	return err && err != -ENODEV && err != -ESHUTDOWN && err != -EIO && err != -EAGAIN &&
	       *timeouts < DEAD_TRIES;
}

/* An object must exist before the test means anything: insist. */
static int insist(struct worker *w, u32 parent, u32 object, u32 class)
{
	u8 params[NOVA_WIRE_TSG_ALLOC_BYTES] = { [NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE] = ENGINE_GR0 };
	u32 size = class == KEPLER_CHANNEL_GROUP_A ? sizeof(params) : 0;
	struct nova_rm_result res;
	u32 tries = 0, timeouts = 0;
	int err;

	do {
		err = nova_rm_alloc_for(gpu, gfid, w->client, parent, object, class, params, size,
					&res);
		/* An earlier try whose answer got lost may have done it. */
		if (err == -EREMOTEIO && tries && res.status == NV_ERR_INSERT_DUPLICATE_NAME)
			err = 0;
	} while (again(err, &timeouts) && ++tries < TRIES);
	return err;
}

/* Freeing the client frees all below it. */
static void clean_up(struct worker *w)
{
	struct nova_rm_result res;
	u32 tries = 0, timeouts = 0;
	int err;

	do {
		err = nova_rm_free_for(gpu, gfid, w->client, w->client, &res);
	} while (again(err, &timeouts) && !res.answered && ++tries < TRIES);
}

static int set_up(struct worker *w)
{
	int err;
	u32 i;

	w->lost = false;
	w->client = 0xc1d00000 + w->nr;
	w->device = 0xde000000 + w->nr;
	w->subdevice = 0x5b000000 + w->nr;
	err = insist(w, 0, w->client, NV01_ROOT_CLIENT);
	err = err ?: insist(w, w->client, w->device, NV01_DEVICE_0);
	err = err ?: insist(w, w->device, w->subdevice, NV20_SUBDEVICE_0);
	for (i = 0; !err && i < TSGS; i++) {
		w->tsg[i].handle = 0x75600000 + w->nr * TSGS + i;
		w->tsg[i].known = 0;
		err = insist(w, w->device, w->tsg[i].handle, KEPLER_CHANNEL_GROUP_A);
	}
	return err;
}

/* After a reset, which may still go on, or be followed by the next. */
static int set_up_anew(struct worker *w)
{
	u32 tries = 0;
	int err;

	do {
		if (tries)
			msleep(ANEW_SLEEP_MS);
		/* Half of it may have been made before the next reset. */
		clean_up(w);
		err = set_up(w);
	} while (err && err != -ENODEV && ++tries < ANEW_TRIES);
	w->n.anew++;
	return err;
}

static u64 slice_of(const void *params)
{
	u64 v = 0;

	nova_field_get(abi, NOVA_TSG_TIMESLICE_TIMESLICE_US, params, 8, &v);
	return v;
}

static void set_slice(struct worker *w, struct tsg *tsg, u32 which)
{
	u32 value = w->nr << 17 | which << 14 | (++w->moment & 0x3fff);
	u8 params[8] = {};
	int err;

	value = value ?: 1;
	nova_field_put(abi, NOVA_TSG_TIMESLICE_TIMESLICE_US, params, 8, value);
	err = control(w, tsg->handle, CMD_TSG_SET_TIMESLICE, params, 8, 0);
	if (ended(w, err)) {
		if (slice_of(params) != value)
			w->n.wrong++;
		tsg->value[0] = value;
		tsg->known = 1;
	} else if (tsg->known && tsg->known < TSGS) {
		tsg->value[tsg->known++] = value;
	} else {
		tsg->known = 0;
	}
}

static void get_slice(struct worker *w, struct tsg *tsg)
{
	u8 params[8] = {};
	u64 got;
	u32 i;

	if (!ended(w, control(w, tsg->handle, CMD_TSG_GET_TIMESLICE, params, 8, 0)))
		return;
	got = slice_of(params);
	for (i = 0; i < tsg->known; i++) {
		if (tsg->value[i] == got) {
			tsg->value[0] = got;
			tsg->known = 1;
			return;
		}
	}
	if (tsg->known) {
		pr_err("novabpf_test: thread %u: time slice %llu, want %u (or %u others)\n",
		       w->nr, got, tsg->value[0], tsg->known - 1);
		w->n.wrong++;
	}
}

/* The engine asked for must be the engine answered. */
static void get_state(struct worker *w)
{
	u32 size = nova_msg_size(abi, NOVA_MSG_OBJSCHED_GET_STATE);
	u8 params[64] = {};
	u64 engine = 0;

	if (!size || size > sizeof(params))
		return;
	nova_field_put(abi, NOVA_OBJSCHED_GET_STATE_ENGINE_ID, params, size, 1);
	if (!ended(w, control(w, w->subdevice, CMD_OBJSCHED_GET_STATE, params, size, 0)))
		return;
	nova_field_get(abi, NOVA_OBJSCHED_GET_STATE_ENGINE_ID, params, size, &engine);
	if (engine != 1)
		w->n.wrong++;
}

/* A control on an object that does not exist must be refused, not answered. */
static void no_such_object(struct worker *w)
{
	u8 params[8] = {};

	if (ended(w, control(w, 0xdead0000 + w->nr, CMD_TSG_GET_TIMESLICE, params, 8, 0)))
		w->n.wrong++;
}

static void post_done(struct nova_rm_post *post)
{
	complete(&container_of(post, struct posted, post)->done);
}

/* With interrupts off, several at once. */
static void post_preempts(struct worker *w)
{
	u32 size = nova_msg_size(abi, NOVA_MSG_TSG_PREEMPT);
	struct posted *p = kcalloc(POSTS, sizeof(*p), GFP_KERNEL);
	unsigned long flags;
	u8 params[32] = {};
	int err[POSTS];
	u32 i;

	if (!p || size > sizeof(params))
		goto out;
	local_irq_save(flags);
	for (i = 0; i < POSTS; i++) {
		init_completion(&p[i].done);
		p[i].post.done = post_done;
		err[i] = nova_rm_control_post_for(gpu, gfid, w->client, w->tsg[i % TSGS].handle,
						  CMD_TSG_PREEMPT, params, size, &p[i].post);
	}
	local_irq_restore(flags);
	for (i = 0; i < POSTS; i++) {
		if (!err[i])
			wait_for_completion(&p[i].done);
		w->n.posted++;
		ended_as(w, err[i] ?: p[i].post.err, &p[i].post.result);
	}
out:
	kfree(p);
}

/* Several records there and several back; every byte must come back. */
static void large_control(struct worker *w)
{
	u32 size = nova_msg_size(abi, NOVA_MSG_ADD_VGPU_TYPE), i;
	u8 *params, *want;

	if (!size)
		return;
	params = kvmalloc(size, GFP_KERNEL);
	want = kvmalloc(size, GFP_KERNEL);
	if (params && want) {
		for (i = 0; i < size; i++)
			params[i] = (i * 31 + w->moment) >> 3;
		w->moment++;
		nova_field_put(abi, NOVA_ADD_VGPU_TYPE_DISCARD, params, size, 0);
		nova_field_put(abi, NOVA_ADD_VGPU_TYPE_INFO_COUNT, params, size, 1);
		memcpy(want, params, size);
		w->n.large++;
		if (ended(w, control(w, w->subdevice, CMD_ADD_VGPU_TYPE, params, size,
				     NOVA_RM_SLOW)) &&
		    memcmp(params, want, size))
			w->n.wrong++;
	}
	kvfree(params);
	kvfree(want);
}

static void some_call(struct worker *w)
{
	u32 which = random(w, TSGS);

	if (large && !random(w, large)) {
		large_control(w);
		return;
	}
	switch (random(w, 16)) {
	case 0:
		no_such_object(w);
		break;
	case 1:
		get_state(w);
		break;
	case 2:
		if (posts)
			post_preempts(w);
		else
			get_slice(w, &w->tsg[which]);
		break;
	case 3 ... 8:
		set_slice(w, &w->tsg[which], which);
		break;
	default:
		get_slice(w, &w->tsg[which]);
		break;
	}
}

static int work(void *data)
{
	struct worker *w = data;
	u64 quota = calls / threads;
	int err;

	err = resets ? set_up_anew(w) : set_up(w);
	w->n.anew = 0;
	while (!err && w->n.calls < quota) {
		some_call(w);
		if (w->lost)
			err = set_up_anew(w);
		cond_resched();
	}
	if (err) {
		pr_err("novabpf_test: thread %u: its objects could not be made: %d\n", w->nr, err);
		w->n.wrong++;
	}
	clean_up(w);
	complete(&w->done);
	/* Stay until kthread_stop(), so that the task may be waited for. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 100);
	return 0;
}

static int result_show(struct seq_file *m, void *unused)
{
	struct counts sum = {};
	u32 i;

	for (i = 0; i < threads; i++) {
		sum.calls += workers[i].n.calls;
		sum.ok += workers[i].n.ok;
		sum.rm_errors += workers[i].n.rm_errors;
		sum.timeouts += workers[i].n.timeouts;
		sum.failures += workers[i].n.failures;
		sum.reset += workers[i].n.reset;
		sum.anew += workers[i].n.anew;
		sum.wrong += workers[i].n.wrong;
		sum.posted += workers[i].n.posted;
		sum.large += workers[i].n.large;
	}
	seq_printf(m, "calls %llu\nok %llu\nrm_errors %llu\ntimeouts %llu\nfailures %llu\n",
		   sum.calls, sum.ok, sum.rm_errors, sum.timeouts, sum.failures);
	seq_printf(m, "reset %llu\nanew %llu\n", sum.reset, sum.anew);
	seq_printf(m, "wrong %llu\nposted %llu\nlarge %llu\nelapsed_ms %llu\n",
		   sum.wrong, sum.posted, sum.large, elapsed_ns / NSEC_PER_MSEC);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int run(void)
{
	u64 start = ktime_get_ns();
	u32 i, n;
	int err = 0;

	for (n = 0; n < threads; n++) {
		struct worker *w = &workers[n];

		w->nr = n + 1;
		init_completion(&w->done);
		prandom_seed_state(&w->rnd, (u64)seed << 32 | w->nr);
		w->task = kthread_run(work, w, "novabpf_test/%u", n);
		if (IS_ERR(w->task)) {
			err = PTR_ERR(w->task);
			break;
		}
	}
	for (i = 0; i < n; i++) {
		/* The system may go to sleep meanwhile, with calls under way. */
		wait_for_completion_state(&workers[i].done, TASK_UNINTERRUPTIBLE | TASK_FREEZABLE);
		kthread_stop(workers[i].task);
	}
	elapsed_ns = ktime_get_ns() - start;
	return err;
}

static int __init test_init(void)
{
	int err;

	if (!threads || threads > THREADS_MAX || calls < threads || !release) {
		pr_err("novabpf_test: give release=, threads=1..%u, calls=threads or more\n",
		       THREADS_MAX);
		return -EINVAL;
	}
	abi = nova_abi_find(release);
	gpu = nova_gpu_get(gpu_id);
	workers = kcalloc(threads, sizeof(*workers), GFP_KERNEL);
	if (!abi || !gpu || !workers) {
		err = !abi ? -ENOPKG : !gpu ? -ENODEV : -ENOMEM;
		goto out;
	}
	err = run();
	if (err)
		goto out;
	dir = debugfs_create_dir("novabpf_test", NULL);
	debugfs_create_file("result", 0400, dir, NULL, &result_fops);
	return 0;
out:
	kfree(workers);
	if (gpu)
		nova_gpu_put(gpu);
	return err;
}

static void __exit test_exit(void)
{
	debugfs_remove_recursive(dir);
	kfree(workers);
	nova_gpu_put(gpu);
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("novabpf test load");
MODULE_LICENSE("GPL");
NOVA_IMPORT_NS();
