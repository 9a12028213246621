// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches and detaches hooks, and shows them in sysfs. Attaching is rare, so one mutex
 * serves all GPUs.
 */
#define pr_fmt(fmt) "novabpf: " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <novabpf/driver/rm.h>
#include "../../base/link.h"
#include "../gsp.h"
#include "list.h"

static DEFINE_MUTEX(hooks_lock);
/* All hooks from attach to detach, also those whose GPU is gone. */
static LIST_HEAD(all_hooks);
/* struct nova_hooks of all GPUs that are not gone. */
static LIST_HEAD(all_gpus);
static u32 last_id;

static bool allow_injection;

bool nova_hook_injection_allowed(void)
{
	return READ_ONCE(allow_injection);
}

/*
 * The kill switch: releases at once what injection holds back. The parameter can be
 * written at any moment, also before the module's init and after its exit, when there is
 * no device class. So it walks a list of its own.
 */
static int hook_set_allow(const char *val, const struct kernel_param *kp)
{
	struct nova_hooks *hooks;
	int err;

	err = param_set_bool(val, kp);
	if (err || allow_injection)
		return err;
	mutex_lock(&hooks_lock);
	list_for_each_entry(hooks, &all_gpus, node)
		nova_held_release_injected(container_of(hooks, struct nova_gsp, hooks));
	mutex_unlock(&hooks_lock);
	return 0;
}

static const struct kernel_param_ops allow_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = hook_set_allow,
	.get = param_get_bool,
};
module_param_cb(allow_injection, &allow_ops, &allow_injection, 0644);
MODULE_PARM_DESC(allow_injection,
		 "Whether RPC hooks may break things on purpose; 0 stops them at once (default 0)");

void nova_hooks_init(struct nova_hooks *hooks)
{
	INIT_LIST_HEAD(&hooks->list);
	INIT_LIST_HEAD(&hooks->held);
	INIT_LIST_HEAD(&hooks->events);
	mutex_lock(&hooks_lock);
	list_add_tail(&hooks->node, &all_gpus);
	mutex_unlock(&hooks_lock);
}

void nova_hooks_gone(struct nova_gsp *gsp)
{
	struct bpf_link *link[NOVA_RPC_HOOKS_MAX];
	struct nova_hook *hook, *next;
	u32 nr = 0;

	mutex_lock(&hooks_lock);
	gsp->hooks.gone = true;
	list_del_init(&gsp->hooks.node);
	list_for_each_entry_safe(hook, next, &gsp->hooks.list, node) {
		list_del_rcu(&hook->node);
		/* On the list of all hooks it is alive, and so is its link. */
		link[nr++] = nova_link_take(hook->link);
		hook->gsp = NULL;
	}
	gsp->hooks.nr = 0;
	mutex_unlock(&hooks_lock);
	if (!nr)
		return;
	synchronize_rcu();
	/* Each ends in nova_hook_detach(), which takes the lock. */
	while (nr)
		nova_link_drop(link[--nr]);
}

bool nova_hook_attached(struct nova_gsp *gsp, u32 id)
{
	struct nova_hook *hook;
	bool found = false;

	lockdep_assert_held(&gsp->lock);
	rcu_read_lock();
	list_for_each_entry_rcu(hook, &gsp->hooks.list, node)
		found = found || hook->id == id;
	rcu_read_unlock();
	return found;
}

static struct nova_hook *hook_find(const struct nova_rpc_ops *ops)
{
	struct nova_hook *hook;

	lockdep_assert_held(&hooks_lock);
	list_for_each_entry(hook, &all_hooks, all)
		if (hook->ops == ops)
			return hook;
	return NULL;
}

static struct nova_hook *hook_new(struct nova_gsp *gsp, const struct nova_rpc_ops *ops,
				  struct bpf_link *link)
{
	struct nova_hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL);
	u64 ms = ops->expire_ms ?: NOVA_RPC_EXPIRE_MS_DEFAULT;

	if (!hook)
		return NULL;
	hook->ops = ops;
	hook->link = link;
	hook->gsp = gsp;
	hook->id = ++last_id ?: ++last_id;
	atomic_set(&hook->budget, min_t(u32, ops->budget ?: NOVA_RPC_BUDGET_DEFAULT, INT_MAX));
	hook->expires_ns = nova_now_ns(gsp->gpu) + ms * NSEC_PER_MSEC;
	return hook;
}

/* Is there a place for @ops on this GPU, @old not counted? */
static int hook_check_place(struct nova_gsp *gsp, const struct nova_rpc_ops *ops,
			    const struct nova_rpc_ops *old)
{
	struct nova_hook *hook;

	if (gsp->hooks.gone)
		return -ENODEV;
	if ((ops->flags & NOVA_RPC_F_INJECT) && !nova_hook_injection_allowed()) {
		pr_warn("hook %s refused: NOVA_RPC_F_INJECT needs the module parameter allow_injection=1\n",
			ops->name);
		return -EPERM;
	}
	list_for_each_entry(hook, &gsp->hooks.list, node)
		if (hook->ops != old && !strcmp(hook->ops->name, ops->name))
			return -EEXIST;
	return !old && gsp->hooks.nr >= NOVA_RPC_HOOKS_MAX ? -E2BIG : 0;
}

static void hook_insert(struct nova_gsp *gsp, struct nova_hook *hook)
{
	struct list_head *at;

	/* Behind those of the same priority. */
	list_for_each_prev(at, &gsp->hooks.list)
		if (list_entry(at, struct nova_hook, node)->ops->priority <= hook->ops->priority)
			break;
	list_add_rcu(&hook->node, at);
	gsp->hooks.nr++;
}

int nova_hook_attach(const struct nova_rpc_ops *ops, struct bpf_link *link)
{
	struct nova_gpu *gpu = nova_gpu_get(ops->gpu_id);
	struct nova_hook *hook;
	int err;

	if (!gpu)
		return -ENODEV;
	mutex_lock(&hooks_lock);
	err = hook_check_place(gpu->gsp, ops, NULL);
	if (!err) {
		hook = hook_new(gpu->gsp, ops, link);
		err = hook ? 0 : -ENOMEM;
	}
	if (!err) {
		list_add_tail(&hook->all, &all_hooks);
		hook_insert(gpu->gsp, hook);
		dev_info(&gpu->dev, "hook \"%s\" attached\n", ops->name);
	}
	mutex_unlock(&hooks_lock);
	nova_gpu_put(gpu);
	return err;
}

/*
 * With the lock held. Releases what the hook holds back. A hook that runs at this moment
 * may still request a hold: nova_held_of() finds it off the list and drops the request.
 */
static void hook_take_off(struct nova_hook *hook)
{
	if (!hook->gsp)
		return;
	list_del_rcu(&hook->node);
	hook->gsp->hooks.nr--;
	nova_held_release(hook->gsp, hook->id, true, 0);
	dev_info(&hook->gsp->gpu->dev, "hook \"%s\" detached\n", hook->ops->name);
}

void nova_hook_detach(const struct nova_rpc_ops *ops)
{
	struct nova_hook *hook;

	mutex_lock(&hooks_lock);
	hook = hook_find(ops);
	if (hook) {
		list_del(&hook->all);
		hook_take_off(hook);
	}
	mutex_unlock(&hooks_lock);
	/* The operations are gone when this returns. */
	synchronize_rcu();
	kfree(hook);
}

int nova_hook_replace(const struct nova_rpc_ops *ops, const struct nova_rpc_ops *old,
		      struct bpf_link *link)
{
	struct nova_hook *was, *hook = NULL;
	int err;

	mutex_lock(&hooks_lock);
	was = hook_find(old);
	if (!was || !was->gsp)
		err = -ENODEV;
	else if (ops->gpu_id != old->gpu_id || ops->priority != old->priority)
		err = -EINVAL;
	else
		err = hook_check_place(was->gsp, ops, old);
	if (!err) {
		hook = hook_new(was->gsp, ops, link);
		err = hook ? 0 : -ENOMEM;
	}
	if (!err) {
		/* Each RPC sees exactly one of the two. */
		list_replace_rcu(&was->node, &hook->node);
		list_replace(&was->all, &hook->all);
		nova_held_release(was->gsp, was->id, true, 0);
	}
	mutex_unlock(&hooks_lock);
	if (err)
		return err;
	synchronize_rcu();
	kfree(was);
	return 0;
}

static struct nova_gsp *hook_gsp_of(struct device *dev)
{
	struct nova_gpu *gpu = dev_get_drvdata(dev);

	return gpu->gsp;
}

/* Return: where the line ends. */
static int hook_line(char *buf, int at, const struct nova_hook *hook, u32 order, u64 now_ns)
{
	const struct nova_rpc_ops *ops = hook->ops;
	char gfid[12] = "-";

	if (ops->flags & NOVA_RPC_F_GFID)
		snprintf(gfid, sizeof(gfid), "%u", ops->gfid);
	at += sysfs_emit_at(buf, at, "%u\t%s\t%d\t%s\t%#x\t", order, ops->name,
			    ops->priority, gfid, ops->flags);
	at += sysfs_emit_at(buf, at, "%lld\t%lld\t%lld\t%lld\t%lld\t%d\t%llu\n",
			    atomic64_read(&hook->calls), atomic64_read(&hook->applied),
			    atomic64_read(&hook->clipped), atomic64_read(&hook->refused),
			    atomic64_read(&hook->suppressed), atomic_read(&hook->budget),
			    hook->expires_ns > now_ns ?
			    div_u64(hook->expires_ns - now_ns, NSEC_PER_MSEC) : 0);
	return at;
}

static ssize_t hooks_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct nova_gsp *gsp = hook_gsp_of(dev);
	u64 now = nova_now_ns(gsp->gpu);
	struct nova_hook *hook;
	u32 order = 0;
	int at;

	at = sysfs_emit(buf, "# order\tname\tpriority\tgfid\tflags\tcalls\tapplied\tclipped\t");
	at += sysfs_emit_at(buf, at, "refused\tsuppressed\tbudget_left\texpires_in_ms\n");
	mutex_lock(&hooks_lock);
	list_for_each_entry(hook, &gsp->hooks.list, node)
		at = hook_line(buf, at, hook, order++, now);
	mutex_unlock(&hooks_lock);
	return at;
}

struct device_attribute nova_hook_attr_hooks = __ATTR_RO(hooks);

static ssize_t held_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct nova_gsp *gsp = hook_gsp_of(dev);
	struct nova_rpc *rpc;
	u64 now = nova_now_ns(gsp->gpu);
	u32 n;

	spin_lock_irq(&gsp->lock);
	n = gsp->hooks.nr_held + gsp->hooks.nr_events;
	list_for_each_entry(rpc, &gsp->pending, node)
		n += rpc->held_back.until_ns > now;
	spin_unlock_irq(&gsp->lock);
	return sysfs_emit(buf, "%u\n", n);
}

struct device_attribute nova_hook_attr_held = __ATTR_RO(held);

static ssize_t release_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	bool all = sysfs_streq(buf, "all");
	u32 rule = 0;
	int err;

	err = all ? 0 : kstrtou32(buf, 0, &rule);
	if (err)
		return err;
	nova_held_release(hook_gsp_of(dev), 0, all, rule);
	return count;
}

struct device_attribute nova_hook_attr_release = __ATTR_WO(release);
