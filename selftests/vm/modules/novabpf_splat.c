// SPDX-License-Identifier: GPL-2.0-only
/*
 * Warns when loaded, or with "fatal" takes the kernel down. Proves that the test
 * machine's splat gate sees a warning of the kernel although the command that caused
 * it succeeds, and that a fault of a module of ours is told from the machine's.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>

static bool fatal;
module_param(fatal, bool, 0444);
MODULE_PARM_DESC(fatal, "panic instead of a warning");

static int __init novabpf_splat_init(void)
{
	if (fatal)
		panic("novabpf_splat: planted\n");
	WARN(1, "novabpf_splat: planted\n");
	return 0;
}

static void __exit novabpf_splat_exit(void)
{
}

module_init(novabpf_splat_init);
module_exit(novabpf_splat_exit);

MODULE_DESCRIPTION("Plants a kernel warning for the tests");
MODULE_AUTHOR("The novabpf authors");
MODULE_LICENSE("GPL");
