// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing N to hold_ms keeps all processors from everything, interrupts off, for N
 * milliseconds: what a virtual machine sees whose host stopped it.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/stop_machine.h>

#define HOLD_MAX_MS	8000

static int hold(void *ms)
{
	mdelay(*(unsigned int *)ms);
	return 0;
}

static int hold_set(const char *val, const struct kernel_param *kp)
{
	unsigned int ms;
	int err = kstrtouint(val, 0, &ms);

	if (err || ms > HOLD_MAX_MS)
		return err ?: -ERANGE;
	return stop_machine(hold, &ms, NULL);
}

static const struct kernel_param_ops hold_ops = { .set = hold_set };
module_param_cb(hold_ms, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold_ms, "Hold all processors for so long");

MODULE_DESCRIPTION("Stops the machine for a while, for the tests");
MODULE_AUTHOR("The novabpf authors");
MODULE_LICENSE("GPL");
