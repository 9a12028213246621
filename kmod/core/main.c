// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module novabpf: the core. It drives no device by itself; backends register
 * GPUs with it (novabpf/driver/hw.h).
 */
#include <linux/device.h>
#include <linux/module.h>
#include "bpf/glue.h"
#include "compat.h"
#include "gpu.h"

struct class *nova_class;

static int __init nova_init(void)
{
	nova_class = nova_class_create("novabpf");
	if (IS_ERR(nova_class))
		return PTR_ERR(nova_class);
	nova_sysfs_init();
	nova_debugfs_init();
	nova_bpf_init();
	return 0;
}

static void __exit nova_exit(void)
{
	nova_debugfs_exit();
	class_destroy(nova_class);
}

module_init(nova_init);
module_exit(nova_exit);

MODULE_DESCRIPTION("GPU firmware core: GSP boot, message queues, RPC");
MODULE_LICENSE("GPL");
