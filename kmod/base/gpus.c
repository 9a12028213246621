// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPUs by number: the class, and references. The roof (core/gpu.c) frees a GPU with its
 * last reference.
 */
#include <linux/device.h>
#include <linux/init.h>
#include <novabpf/driver/rm.h>
#include "compat.h"
#include "gpu.h"

struct class *nova_class;

int __init nova_gpus_init(void)
{
	nova_class = nova_class_create("novabpf");
	return PTR_ERR_OR_ZERO(nova_class);
}

void nova_gpus_exit(void)
{
	class_destroy(nova_class);
}

struct nova_gpu *nova_gpu_get(u32 id)
{
	struct device *dev;
	char name[16];

	snprintf(name, sizeof(name), "gpu%u", id);
	dev = class_find_device_by_name(nova_class, name);
	return dev ? container_of(dev, struct nova_gpu, dev) : NULL;
}
EXPORT_SYMBOL_NOVA(nova_gpu_get);

void nova_gpu_put(struct nova_gpu *gpu)
{
	put_device(&gpu->dev);
}
EXPORT_SYMBOL_NOVA(nova_gpu_put);
