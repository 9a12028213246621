// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings of a vGPU as attributes of its mediated device, so that mdevctl can keep them
 * in a definition (--addattr). A setting that the provider lacks has no file.
 */
#include <linux/device.h>
#include <linux/sysfs.h>
#include "vfio.h"

/**
 * struct nova_vfio_attr - a setting
 * @attr: its file
 * @id: what it sets
 */
struct nova_vfio_attr {
	struct device_attribute attr;
	enum nova_vgpu_setting id;
};

static enum nova_vgpu_setting nova_vfio_setting(struct device_attribute *attr)
{
	return container_of(attr, struct nova_vfio_attr, attr)->id;
}

static struct nova_vgpu *nova_vfio_vgpu_of(struct device *dev)
{
	struct nova_vfio_dev *d = dev_get_drvdata(dev);

	return d->vgpu;
}

static ssize_t nova_vfio_setting_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	int err;
	u32 val;

	err = nova_vgpu_setting_get(nova_vfio_vgpu_of(dev), nova_vfio_setting(attr), &val);
	return err ?: sysfs_emit(buf, "%u\n", val);
}

static ssize_t nova_vfio_setting_store(struct device *dev, struct device_attribute *attr,
				       const char *buf, size_t count)
{
	int err;
	u32 val;

	err = kstrtou32(buf, 10, &val);
	err = err ?: nova_vgpu_setting_set(nova_vfio_vgpu_of(dev), nova_vfio_setting(attr), val);
	return err ?: count;
}

#define NOVA_VFIO_SETTING(_name, _id)							\
static struct nova_vfio_attr nova_vfio_##_name = {					\
	.attr = __ATTR(_name, 0644, nova_vfio_setting_show, nova_vfio_setting_store),	\
	.id = _id,									\
}

NOVA_VFIO_SETTING(weight, NOVA_VGPU_WEIGHT);
NOVA_VFIO_SETTING(cap_pct, NOVA_VGPU_CAP_PCT);
NOVA_VFIO_SETTING(priority, NOVA_VGPU_PRIORITY);
NOVA_VFIO_SETTING(period_us, NOVA_VGPU_PERIOD_US);
NOVA_VFIO_SETTING(budget_us, NOVA_VGPU_BUDGET_US);

static struct attribute *nova_vfio_attrs[] = {
	&nova_vfio_weight.attr.attr,
	&nova_vfio_cap_pct.attr.attr,
	&nova_vfio_priority.attr.attr,
	&nova_vfio_period_us.attr.attr,
	&nova_vfio_budget_us.attr.attr,
	NULL
};

static umode_t nova_vfio_attr_mode(struct kobject *kobj, struct attribute *a, int n)
{
	struct device_attribute *attr = container_of(a, struct device_attribute, attr);
	struct nova_vgpu *vgpu = nova_vfio_vgpu_of(kobj_to_dev(kobj));
	u32 val;

	return nova_vgpu_setting_get(vgpu, nova_vfio_setting(attr), &val) ? 0 : a->mode;
}

static const struct attribute_group nova_vfio_group = {
	.attrs = nova_vfio_attrs,
	.is_visible = nova_vfio_attr_mode,
};

const struct attribute_group *nova_vfio_dev_groups[] = {
	&nova_vfio_group,
	NULL
};
