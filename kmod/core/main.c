// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module novabpf: the core. It drives no device by itself: backends register GPUs
 * (novabpf/driver/hw.h).
 */
#include <linux/device.h>
#include <linux/module.h>
#include "../base/gpu.h"
#include "bpf/glue.h"
#include "compat.h"
#include "core.h"

static int __init nova_init(void)
{
	int err = nova_gpus_init();

	if (err)
		return err;
	nova_sysfs_init();
	nova_debugfs_init();
	nova_bpf_init();
	return 0;
}

static void __exit nova_exit(void)
{
	nova_debugfs_exit();
	nova_gpus_exit();
}

module_init(nova_init);
module_exit(nova_exit);

MODULE_AUTHOR("The novabpf authors");
MODULE_DESCRIPTION("GPU firmware core: GSP boot, message queues, RPC");
#ifdef NOVABPF_VERSION
MODULE_VERSION(NOVABPF_VERSION);
#endif
MODULE_LICENSE("GPL");
