// SPDX-License-Identifier: GPL-2.0-only
/*
 * vgpu_create and vgpu_destroy of a GPU, and what /sys/class/novabpf/gpuN/vgpuG
 * shows of a vGPU.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <novabpf/driver/vgpu.h>
#include "vgpus.h"

static const char * const state_names[] = {
	[NOVA_VGPU_NEW] = "new",
	[NOVA_VGPU_BOOTING] = "booting",
	[NOVA_VGPU_READY] = "ready",
	[NOVA_VGPU_CLOSING] = "closing",
	[NOVA_VGPU_GONE] = "gone",
	[NOVA_VGPU_ERROR] = "error",
	[NOVA_VGPU_QUARANTINED] = "quarantined",
};

const char *nova_vgpu_state_name(u32 state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : "?";
}

static struct nova_vgpus *vgpu_vgpus_of(struct device *dev)
{
	return container_of(dev, struct nova_gpu, dev)->vgpus;
}

static ssize_t vgpu_create_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct nova_vgpu_spec spec;
	char why[200];
	int err;

	err = nova_vgpu_parse(buf, &spec, why, sizeof(why));
	if (err)
		dev_err(dev, "vgpu_create: %s\n", why);
	else
		err = nova_vgpu_create(vgpu_vgpus_of(dev), &spec);
	return err ? err : count;
}
static DEVICE_ATTR_WO(vgpu_create);

static ssize_t vgpu_destroy_store(struct device *dev, struct device_attribute *attr,
				  const char *buf, size_t count)
{
	char name[NOVA_VGPU_NAME_LEN];
	size_t len = strcspn(buf, "\n");
	int err;

	if (!len || len >= sizeof(name)) {
		dev_err(dev, "vgpu_destroy: want a gfid or the name of a vGPU\n");
		return -EINVAL;
	}
	memcpy(name, buf, len);
	name[len] = '\0';
	err = nova_vgpu_destroy(vgpu_vgpus_of(dev), name);
	return err ? err : count;
}
static DEVICE_ATTR_WO(vgpu_destroy);

#define COUNT_ATTR(_name, _value)							\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct nova_vgpus *vs = vgpu_vgpus_of(dev);						\
											\
	return sysfs_emit(buf, "%u\n", _value);						\
}											\
static DEVICE_ATTR_RO(_name)

COUNT_ATTR(vgpu_count, READ_ONCE(vs->nr));
COUNT_ATTR(vgpu_quarantined, READ_ONCE(vs->nr_quarantined));
COUNT_ATTR(vgpu_limit, READ_ONCE(vs->limit));

static struct attribute *vgpus_attrs[] = {
	&dev_attr_vgpu_create.attr,
	&dev_attr_vgpu_destroy.attr,
	&dev_attr_vgpu_count.attr,
	&dev_attr_vgpu_quarantined.attr,
	&dev_attr_vgpu_limit.attr,
	NULL
};

const struct attribute_group nova_vgpus_group = { .attrs = vgpus_attrs };

#define VGPU_ATTR(_name, _fmt, _value)							\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct nova_vgpu *v = to_vgpu(dev);						\
											\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

VGPU_ATTR(gfid, "%u", v->gfid);
VGPU_ATTR(slot, "%u", v->slot);
VGPU_ATTR(name, "%s", v->name);
VGPU_ATTR(type, "%s", v->type->name);
VGPU_ATTR(state, "%s", nova_vgpu_state_name(READ_ONCE(v->state)));
VGPU_ATTR(failure, "%s", v->failure);
VGPU_ATTR(vm_pid, "%d", v->vm_pid);
VGPU_ATTR(tsgs, "%u", v->tsgs);
VGPU_ATTR(plugin_version, "%u", v->plugin_version);
VGPU_ATTR(plugin_result, "0x%x", v->plugin_result);
VGPU_ATTR(placement, "%u", v->placement);

static ssize_t holder_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	char holder[NOVA_VGPU_HOLDER_LEN];

	nova_vgpu_holder(to_vgpu(dev), holder, sizeof(holder));
	return sysfs_emit(buf, "%s\n", holder);
}
static DEVICE_ATTR_RO(holder);

#define PLACE_ATTR(_name, _fmt, _value)							\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct nova_vgpu *v = to_vgpu(dev);						\
	struct nova_placement p;							\
											\
	nova_placement_get(v->type, v->placement, &p);					\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

PLACE_ATTR(fb_offset, "%llu", p.fb_offset);
PLACE_ATTR(fb_bytes, "%llu", p.fb_bytes);
PLACE_ATTR(heap_offset, "%llu", p.heap_offset);
PLACE_ATTR(heap_bytes, "%llu", p.heap_bytes);
PLACE_ATTR(chid_base, "%u", p.chid_base);
PLACE_ATTR(chid_count, "%u", p.chid_count);

struct setting {
	struct device_attribute attr;
	enum nova_vgpu_setting id;
};

static enum nova_vgpu_setting vgpu_setting_id(struct device_attribute *attr)
{
	return container_of(attr, struct setting, attr)->id;
}

static ssize_t setting_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	int err;
	u32 val;

	err = nova_vgpu_setting_get(to_vgpu(dev), vgpu_setting_id(attr), &val);
	return err ?: sysfs_emit(buf, "%u\n", val);
}

static ssize_t setting_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	int err;
	u32 val;

	err = kstrtou32(buf, 10, &val);
	err = err ?: nova_vgpu_setting_set(to_vgpu(dev), vgpu_setting_id(attr), val);
	return err ?: count;
}

#define SETTING(_name, _id)								\
	{ .attr = __ATTR(_name, 0644, setting_show, setting_store), .id = (_id) }

static struct setting weight = SETTING(weight, NOVA_VGPU_WEIGHT);
static struct setting cap_pct = SETTING(cap_pct, NOVA_VGPU_CAP_PCT);
static struct setting priority = SETTING(priority, NOVA_VGPU_PRIORITY);
static struct setting period_us = SETTING(period_us, NOVA_VGPU_PERIOD_US);
static struct setting budget_us = SETTING(budget_us, NOVA_VGPU_BUDGET_US);

static ssize_t reset_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	struct nova_vgpu *v = to_vgpu(dev);
	bool on;
	int err;

	err = kstrtobool(buf, &on);
	if (!err && !on)
		err = -EINVAL;
	if (err)
		return err;
	if (mutex_lock_interruptible(&v->lock))
		return -EINTR;
	if (v->reserved) {
		nova_vgpu_log_holder(v, "reset");
		err = -EBUSY;
	}
	mutex_unlock(&v->lock);
	err = err ?: nova_vgpu_restart(v->gpu->vgpus, v);
	return err ?: count;
}
static DEVICE_ATTR_WO(reset);

static struct attribute *vgpu_attrs[] = {
	&dev_attr_gfid.attr,
	&dev_attr_slot.attr,
	&dev_attr_name.attr,
	&dev_attr_type.attr,
	&dev_attr_state.attr,
	&dev_attr_failure.attr,
	&dev_attr_reset.attr,
	&dev_attr_holder.attr,
	&dev_attr_vm_pid.attr,
	&dev_attr_tsgs.attr,
	&dev_attr_plugin_version.attr,
	&dev_attr_plugin_result.attr,
	&dev_attr_placement.attr,
	&dev_attr_fb_offset.attr,
	&dev_attr_fb_bytes.attr,
	&dev_attr_heap_offset.attr,
	&dev_attr_heap_bytes.attr,
	&dev_attr_chid_base.attr,
	&dev_attr_chid_count.attr,
	&weight.attr.attr,
	&cap_pct.attr.attr,
	&priority.attr.attr,
	&period_us.attr.attr,
	&budget_us.attr.attr,
	NULL
};

static const struct attribute_group vgpu_group = { .attrs = vgpu_attrs };

#define STAT_ATTR(_name, _fmt, _value)							\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct nova_sched_stats st = {};						\
	struct nova_vgpu *v = to_vgpu(dev);						\
											\
	/* Entities are added and removed under the lock. */					\
	if (mutex_lock_interruptible(&v->lock))						\
		return -EINTR;								\
	nova_sched_vgpu_stats(&v->tenant, &st);							\
	mutex_unlock(&v->lock);								\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

STAT_ATTR(run_ns, "%llu", st.run_ns);
STAT_ATTR(wait_ns, "%llu", st.wait_ns);
STAT_ATTR(wait_max_ns, "%llu", st.wait_max_ns);
STAT_ATTR(runs, "%llu", st.runs);
STAT_ATTR(runnable, "%d", st.runnable);
STAT_ATTR(running, "%d", st.running);

static struct attribute *stats_attrs[] = {
	&dev_attr_run_ns.attr,
	&dev_attr_wait_ns.attr,
	&dev_attr_wait_max_ns.attr,
	&dev_attr_runs.attr,
	&dev_attr_runnable.attr,
	&dev_attr_running.attr,
	NULL
};

static const struct attribute_group stats_group = { .name = "stats", .attrs = stats_attrs };

const struct attribute_group *nova_vgpu_dev_groups[] = {
	&vgpu_group,
	&stats_group,
	NULL
};
