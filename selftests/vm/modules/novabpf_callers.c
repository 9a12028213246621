// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: groups of callers on behalf of vGPUs, each with one call after
 * another, and how long their calls took on the GPU's clock.
 *
 * A caller makes its next call when the one before is answered, in the worker that
 * tells it. So a virtual clock waits for it, and a run repeats to the digit.
 *
 * groups=GFID[u]:CALLERS,...: u: with the priority of the core's scheduler. The run
 * ends when the last group has made its calls.
 *
 * one_at_a_time=1 is the baseline: the way of drivers that hold a lock from sending a
 * request to having polled its reply. Callers queue for the lock in the order in
 * which they come; getting it, polling and letting it go take no time at all.
 *
 * Runs while the module is loaded; the outcome is in debugfs, novabpf_callers/result.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/rm.h>
#include "base/gpu.h"
#include "compat.h"

#define CMD_OBJSCHED_GET_STATE	0x20801120
#define GROUPS_MAX	64
#define CALLERS_MAX	256
#define PARAMS_MAX	64

static unsigned int gpu_id;
module_param_named(gpu, gpu_id, uint, 0444);
static unsigned int calls = 1000;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "calls of the last group");
static char *groups = "0:1";
module_param(groups, charp, 0444);
MODULE_PARM_DESC(groups, "GFID[u]:CALLERS, separated by commas");
static bool one_at_a_time;
module_param(one_at_a_time, bool, 0444);
MODULE_PARM_DESC(one_at_a_time, "one call at a time, as under one lock");
static char *release;
module_param(release, charp, 0444);
MODULE_PARM_DESC(release, "firmware release of the GPU");

struct group {
	u32 gfid;
	bool urgent;
	u32 callers;
	u64 done;
	u64 failed;
	u64 first_ns;
	u64 last_ns;
	u32 samples;
	u64 *took_ns;
};

struct caller {
	struct group *g;
	struct nova_rm_post post;
	struct list_head wants;
	u64 start_ns;
	u32 client;
	u32 subdevice;
};

static struct nova_gpu *gpu;
static const struct nova_abi *abi;
static struct group group[GROUPS_MAX];
static u32 nr_groups;
static struct caller *caller;
static u32 nr_callers;
static u8 params[PARAMS_MAX];
static u32 params_bytes;
static struct dentry *dir;
static u64 elapsed_ns;

/* Only the worker that tells the ends of calls touches these while calls are made. */
static LIST_HEAD(wanting);
static bool locked;
static bool stop;
static u32 running;
static struct nova_rm_post starter;
static DECLARE_COMPLETION(all_done);

static void ended(struct caller *c, int err);

static void post(struct caller *c)
{
	int err = nova_rm_control_post_for(gpu, c->g->gfid, c->client, c->subdevice,
					   CMD_OBJSCHED_GET_STATE, params, params_bytes, &c->post);

	if (err)
		ended(c, err);
}

static void next_holder(void)
{
	struct caller *c = list_first_entry_or_null(&wanting, struct caller, wants);

	if (!c || locked)
		return;
	list_del_init(&c->wants);
	locked = true;
	post(c);
}

static void want(struct caller *c)
{
	c->start_ns = nova_now_ns(gpu);
	if (one_at_a_time) {
		list_add_tail(&c->wants, &wanting);
		next_holder();
	} else {
		post(c);
	}
}

/* An error ends the caller: it would come back at once, for ever. */
static void ended(struct caller *c, int err)
{
	struct group *g = c->g;
	u64 now = nova_now_ns(gpu);

	locked = false;
	g->last_ns = now;
	g->done++;
	if (err)
		g->failed++;
	else if (g->samples < calls)
		g->took_ns[g->samples++] = now - c->start_ns;
	if (g == &group[nr_groups - 1] && g->done >= calls)
		stop = true;
	if (stop || err) {
		if (!--running)
			complete(&all_done);
	} else {
		want(c);
	}
	if (one_at_a_time)
		next_holder();
}

static void post_done(struct nova_rm_post *p)
{
	ended(container_of(p, struct caller, post), p->err);
}

/* All begin at one moment of the GPU's clock. */
static void start(struct nova_rm_post *p)
{
	u32 i;

	running = nr_callers;
	for (i = 0; i < nr_callers; i++) {
		if (!caller[i].g->first_ns)
			caller[i].g->first_ns = nova_now_ns(gpu);
		want(&caller[i]);
	}
}

static int parse(void)
{
	const char *s = groups;
	struct group *g;
	int n, more;

	do {
		char urgent = 0;

		if (nr_groups == GROUPS_MAX)
			return -E2BIG;
		g = &group[nr_groups++];
		n = 0;
		if (sscanf(s, "%u:%u%n", &g->gfid, &g->callers, &n) < 2 &&
		    sscanf(s, "%u%c:%u%n", &g->gfid, &urgent, &g->callers, &n) < 3)
			return -EINVAL;
		if (!n || (urgent && urgent != 'u') || !g->callers ||
		    g->callers > CALLERS_MAX - nr_callers)
			return -EINVAL;
		g->urgent = urgent;
		nr_callers += g->callers;
		s += n;
		more = *s == ',';
		s += more;
	} while (more);
	return *s && *s != '\n' ? -EINVAL : 0;
}

/* A client of its own each: of one identity only one call may be out at a time. */
static int set_up(void)
{
	struct group *g = group;
	u32 i, k = 0;
	int err = 0;

	for (i = 0; i < nr_groups; i++) {
		group[i].took_ns = vcalloc(calls, sizeof(u64));
		if (!group[i].took_ns)
			return -ENOMEM;
	}
	for (i = 0; !err && i < nr_callers; i++) {
		struct caller *c = &caller[i];

		for (; k == g->callers; k = 0)
			g++;
		k++;
		c->g = g;
		c->post.done = post_done;
		c->post.urgent = g->urgent;
		INIT_LIST_HEAD(&c->wants);
		c->client = 0xc1c00000 + i;
		c->subdevice = 0x5c000000 + i;
		err = nova_rm_alloc(gpu, c->client, 0, c->client, NV01_ROOT_CLIENT, NULL, 0, NULL);
		err = err ?: nova_rm_alloc(gpu, c->client, c->client, 0xdc000000 + i,
					   NV01_DEVICE_0, NULL, 0, NULL);
		err = err ?: nova_rm_alloc(gpu, c->client, 0xdc000000 + i, c->subdevice,
					   NV20_SUBDEVICE_0, NULL, 0, NULL);
	}
	return err;
}

static void clean_up(void)
{
	u32 i;

	for (i = 0; i < nr_callers && caller && caller[i].client; i++)
		nova_rm_free(gpu, caller[i].client, caller[i].client, NULL);
}

static void free_all(void)
{
	u32 i;

	for (i = 0; i < nr_groups; i++)
		vfree(group[i].took_ns);
	kvfree(caller);
	if (gpu)
		nova_gpu_put(gpu);
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* The smallest value that so many of 100 do not exceed. */
static u64 percentile(const struct group *g, u32 pct)
{
	return g->samples ? g->took_ns[DIV_ROUND_UP(g->samples * pct, 100) - 1] : 0;
}

static int result_show(struct seq_file *m, void *unused)
{
	u64 sum = 0;
	u32 i;

	seq_puts(m, "# group\tgfid\tcallers\tcalls\tfailed\tper_s\tp50_ns\tp99_ns\tmax_ns\n");
	for (i = 0; i < nr_groups; i++) {
		const struct group *g = &group[i];
		u64 ns = g->last_ns - g->first_ns;

		sum += g->done;
		seq_printf(m, "%u\t%u%s\t%u\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n", i, g->gfid,
			   g->urgent ? "u" : "", g->callers, g->done, g->failed,
			   ns ? div64_u64(g->done * NSEC_PER_SEC, ns) : 0, percentile(g, 50),
			   percentile(g, 99), percentile(g, 100));
	}
	/* Of all work, the simulator's included: instructions where those are counted. */
	seq_printf(m, "# cpu_ns_per_call %llu\n", sum ? div64_u64(elapsed_ns, sum) : 0);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int run(void)
{
	u64 began;
	int err;
	u32 i;

	starter.done = start;
	began = ktime_get_ns();
	err = nova_rm_control_post_for(gpu, 0, caller[0].client, caller[0].subdevice,
				       CMD_OBJSCHED_GET_STATE, params, params_bytes, &starter);
	if (err)
		return err;
	wait_for_completion(&all_done);
	elapsed_ns = ktime_get_ns() - began;
	for (i = 0; i < nr_groups; i++)
		sort(group[i].took_ns, group[i].samples, sizeof(u64), by_value, NULL);
	return 0;
}

static int __init callers_init(void)
{
	int err;

	if (parse() || !calls || calls > 1000000 || !release) {
		pr_err("novabpf_callers: give release=, groups=GFID[u]:CALLERS,.. of up to %u callers, calls=1..1000000\n",
		       CALLERS_MAX);
		return -EINVAL;
	}
	abi = nova_abi_find(release);
	gpu = nova_gpu_get(gpu_id);
	caller = kvcalloc(nr_callers, sizeof(*caller), GFP_KERNEL);
	err = !abi ? -ENOPKG : !gpu ? -ENODEV : !caller ? -ENOMEM : 0;
	if (!err) {
		params_bytes = nova_msg_size(abi, NOVA_MSG_OBJSCHED_GET_STATE);
		err = !params_bytes || params_bytes > PARAMS_MAX ? -EOPNOTSUPP : 0;
	}
	if (!err) {
		nova_field_put(abi, NOVA_OBJSCHED_GET_STATE_ENGINE_ID, params, params_bytes, 1);
		err = set_up();
		err = err ?: run();
		clean_up();
	}
	if (err) {
		free_all();
		return err;
	}
	dir = debugfs_create_dir("novabpf_callers", NULL);
	debugfs_create_file("result", 0400, dir, NULL, &result_fops);
	return 0;
}

static void __exit callers_exit(void)
{
	debugfs_remove_recursive(dir);
	free_all();
}

module_init(callers_init);
module_exit(callers_exit);

MODULE_DESCRIPTION("novabpf test callers");
MODULE_LICENSE("GPL");
NOVA_IMPORT_NS();
