// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: fault injection the way a module without hooks has to do it. A kprobe
 * on the function that takes a call, whose handler has it return an error at once,
 * for the call number @nth of control @cmd.
 *
 * What is left out makes it cheaper than the hook, and unsafe: nobody allows it, it
 * is not traced, and it ends with the module only.
 */
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include "gsp/gsp.h"

static unsigned int cmd;
module_param(cmd, uint, 0444);
static unsigned int nth;
module_param(nth, uint, 0444);
MODULE_PARM_DESC(nth, "which one fails; 0: none");
static atomic_t seen;

/* Runs in place of the function: its caller is still to be returned to. */
static noinline int fails(void)
{
	return -EIO;
}

static int look(struct kprobe *p, struct pt_regs *regs)
{
	const struct nova_rpc *rpc = (void *)regs_get_kernel_argument(regs, 1);

	if (rpc->op != NOVA_OP_RPC_GSP_RM_CONTROL || rpc->cmd != cmd)
		return 0;
	if (atomic_inc_return(&seen) != nth)
		return 0;
	instruction_pointer_set(regs, (unsigned long)fails);
	return 1;
}

static struct kprobe probe = {
	.symbol_name = "nova_rpc_post",
	.pre_handler = look,
};

static int __init kprobe_init(void)
{
	return register_kprobe(&probe);
}

static void __exit kprobe_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(kprobe_init);
module_exit(kprobe_exit);

MODULE_DESCRIPTION("novabpf test of a kprobe that fails calls");
MODULE_LICENSE("GPL");
