// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/novabpf/gpuN/vgpu_types/NAME: what a GPU offers.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "vgpus.h"

struct type_kobj {
	struct kobject kobj;
	struct nova_vgpus *vs;
	const struct nova_vgpu_type *type;
};

struct type_attr {
	struct attribute attr;
	ssize_t (*show)(const struct type_kobj *t, char *buf);
};

static ssize_t type_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct type_attr *a = container_of(attr, struct type_attr, attr);

	return a->show(container_of(kobj, struct type_kobj, kobj), buf);
}

static const struct sysfs_ops type_sysfs_ops = { .show = type_show };

#define TYPE_ATTR(_name, _fmt, _value)						\
static ssize_t _name##_show(const struct type_kobj *t, char *buf)		\
{										\
	return sysfs_emit(buf, _fmt "\n", _value);				\
}										\
static struct type_attr _name##_attr = {					\
	.attr = { .name = #_name, .mode = 0444 },				\
	.show = _name##_show,							\
}

static u32 types_available(const struct type_kobj *t)
{
	u32 n;

	mutex_lock(&t->vs->lock);
	n = nova_pool_left(&t->vs->pool, t->type);
	mutex_unlock(&t->vs->lock);
	return n;
}

TYPE_ATTR(type_id, "%u", t->type->id);
TYPE_ATTR(class, "%s", t->type->class);
TYPE_ATTR(description, "%s", t->type->description);
TYPE_ATTR(fb_bytes, "%llu", t->type->fb_bytes);
TYPE_ATTR(profile_bytes, "%llu", t->type->profile_bytes);
TYPE_ATTR(heap_bytes, "%llu", t->type->heap_bytes);
TYPE_ATTR(max_instances, "%u", t->type->max_instances);
TYPE_ATTR(available_instances, "%u", types_available(t));

static struct attribute *type_attrs[] = {
	&type_id_attr.attr,
	&class_attr.attr,
	&description_attr.attr,
	&fb_bytes_attr.attr,
	&profile_bytes_attr.attr,
	&heap_bytes_attr.attr,
	&max_instances_attr.attr,
	&available_instances_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(type);

static void types_type_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct type_kobj, kobj));
}

static const struct kobj_type type_ktype = {
	.release = types_type_release,
	.sysfs_ops = &type_sysfs_ops,
	.default_groups = type_groups,
};

static int types_publish_one(struct nova_vgpus *vs, u32 i)
{
	struct type_kobj *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	t->vs = vs;
	t->type = &vs->types.type[i];
	err = kobject_init_and_add(&t->kobj, &type_ktype, vs->kobj, "%s", t->type->name);
	if (err)
		kobject_put(&t->kobj);
	else
		vs->type_kobj[i] = &t->kobj;
	return err;
}

int nova_vgpu_types_publish(struct nova_vgpus *vs)
{
	int err = 0;
	u32 i;

	vs->kobj = kobject_create_and_add("vgpu_types", &vs->gpu->dev.kobj);
	if (!vs->kobj)
		return -ENOMEM;
	for (i = 0; !err && i < vs->types.nr; i++)
		err = types_publish_one(vs, i);
	return err;
}

/* Removes the files; no reader uses @vs through them afterwards. */
void nova_vgpu_types_hide(struct nova_vgpus *vs)
{
	u32 i;

	for (i = 0; i < vs->types.nr; i++) {
		if (!vs->type_kobj[i])
			continue;
		kobject_del(vs->type_kobj[i]);
		kobject_put(vs->type_kobj[i]);
		vs->type_kobj[i] = NULL;
	}
	kobject_put(vs->kobj);
	vs->kobj = NULL;
}
