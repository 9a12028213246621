// SPDX-License-Identifier: GPL-2.0-only
/*
 * Warns when loaded. Proves that the test machine's splat gate sees a warning
 * of the kernel although the command that caused it succeeds.
 */
#include <linux/bug.h>
#include <linux/module.h>

static int __init novabpf_splat_init(void)
{
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
