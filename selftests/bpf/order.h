/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What maximal.bpf.c notes and order.c reads.
 */
#ifndef SELFTESTS_BPF_ORDER_H
#define SELFTESTS_BPF_ORDER_H

#define ORDER_NOTES	65536	/* a power of two */

enum order_op {
	OP_NONE,
	OP_INIT,
	OP_EXIT,
	OP_ADMIT,
	OP_VGPU_INIT,
	OP_VGPU_EXIT,
	OP_VGPU_CONFIG,
	OP_RUNNABLE,
	OP_QUIESCENT,
	OP_PICK,
	OP_PREEMPT,
	OP_STOPPED,
	OPS
};

/**
 * struct order_note - one call of an operation
 * @op: enum order_op
 * @gfid: its vGPU, or 0; of pick the one before
 * @arg: of pick whom it chose, of preempt who woke up, of stopped the reason, of
 *	vgpu_init vtime and priv, which are to be 0, of exit the kind
 */
struct order_note {
	unsigned int op;
	unsigned int gfid;
	unsigned int arg;
};

/* All of .bss. broken: kfuncs that did not do what they promise. */
struct order_log {
	unsigned long long nr;
	unsigned long long broken;
	struct order_note notes[ORDER_NOTES];
};

#endif /* SELFTESTS_BPF_ORDER_H */
