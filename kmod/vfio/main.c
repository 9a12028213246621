// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module novabpf_vfio: vGPUs as mediated devices. Each GPU is a parent with one type
 * for each of its vGPU types.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "compat.h"
#include "vfio.h"

#define TYPES_MAX	64

/**
 * struct parent - a GPU
 * @node: in the list of all
 * @gpu: GPU
 * @mdev: the mdev core's
 * @nr: number of types
 * @types: the types
 * @ptrs: to each of them
 */
struct parent {
	struct list_head node;
	struct nova_gpu *gpu;
	struct mdev_parent mdev;
	u32 nr;
	struct nova_vfio_type types[TYPES_MAX];
	struct mdev_type *ptrs[TYPES_MAX];
};

struct workqueue_struct *nova_vfio_wq;
/* Changed only by callbacks of the provider, which are serialized. */
static LIST_HEAD(parents);

static const struct nova_vfio_type *nova_vfio_type_of(struct mdev_type *type)
{
	return container_of(type, struct nova_vfio_type, mdev);
}

static unsigned int nova_vfio_get_available(struct mdev_type *type)
{
	const struct nova_vfio_type *t = nova_vfio_type_of(type);

	return nova_vgpu_type_available(t->gpu, t->info.id);
}

static ssize_t nova_vfio_show_description(struct mdev_type *type, char *buf)
{
	const struct nova_vgpu_type_info *info = &nova_vfio_type_of(type)->info;

	return sysfs_emit(buf, "framebuffer=%lluM, max_instance=%u, class=%s, %s\n",
			  info->fb_bytes >> 20, info->max_instances, info->class,
			  info->description);
}

static struct mdev_driver driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.probe = nova_vfio_probe,
	.remove = nova_vfio_remove,
	.get_available = nova_vfio_get_available,
	.show_description = nova_vfio_show_description,
	.driver = {
		.name = "novabpf_vfio",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = nova_vfio_dev_groups,
	},
};

static void nova_vfio_gpu_add(struct nova_gpu *gpu)
{
	struct device *dev = nova_vgpu_gpu_device(gpu);
	struct parent *p = kvzalloc(sizeof(*p), GFP_KERNEL);
	int err = -ENOMEM;

	if (!p)
		goto fail;
	p->gpu = gpu;
	while (p->nr < TYPES_MAX && !nova_vgpu_type_get(gpu, p->nr, &p->types[p->nr].info)) {
		struct nova_vfio_type *t = &p->types[p->nr];

		t->gpu = gpu;
		t->mdev.sysfs_name = t->info.name;
		t->mdev.pretty_name = t->info.name;
		p->ptrs[p->nr++] = &t->mdev;
	}
	/* The firmware hosts no vGPUs. */
	if (!p->nr) {
		kvfree(p);
		return;
	}
	err = mdev_register_parent(&p->mdev, dev, &driver, p->ptrs, p->nr);
	if (!err) {
		list_add(&p->node, &parents);
		return;
	}
fail:
	kvfree(p);
	dev_err(dev, "novabpf_vfio: cannot offer vGPUs of it (error %d)\n", err);
}

/* Waits until users have closed their devices. */
static void nova_vfio_gpu_remove(struct nova_gpu *gpu)
{
	struct parent *p;

	list_for_each_entry(p, &parents, node) {
		if (p->gpu != gpu)
			continue;
		mdev_unregister_parent(&p->mdev);
		list_del(&p->node);
		kvfree(p);
		return;
	}
}

static struct nova_vgpu_client client = {
	.gpu_add = nova_vfio_gpu_add,
	.gpu_remove = nova_vfio_gpu_remove,
};

static int __init nova_vfio_init(void)
{
	int err;

	nova_vfio_wq = alloc_workqueue("novabpf_vfio", WQ_UNBOUND, 0);
	if (!nova_vfio_wq)
		return -ENOMEM;
	err = mdev_register_driver(&driver);
	if (err)
		goto no_driver;
	err = nova_vgpu_client_register(&client);
	if (err)
		goto no_client;
	return 0;
no_client:
	mdev_unregister_driver(&driver);
no_driver:
	destroy_workqueue(nova_vfio_wq);
	return err;
}
module_init(nova_vfio_init);

static void __exit nova_vfio_exit(void)
{
	nova_vgpu_client_unregister(&client);
	mdev_unregister_driver(&driver);
	destroy_workqueue(nova_vfio_wq);
}
module_exit(nova_vfio_exit);

NOVA_IMPORT_NS();
MODULE_AUTHOR("The novabpf authors");
MODULE_DESCRIPTION("vGPUs as mediated VFIO devices");
#ifdef NOVABPF_VERSION
MODULE_VERSION(NOVABPF_VERSION);
#endif
MODULE_LICENSE("GPL");
/* Devices of mediated groups need an IOMMU backend, which no symbol pulls in. */
MODULE_SOFTDEP("pre: vfio_iommu_type1");
