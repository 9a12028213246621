/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interpreter of the programs that the firmware has the CPU run during boot
 * (RUN_CPU_SEQUENCER, releases up to 590).
 */
#ifndef NOVABPF_GSP_SEQUENCER_H
#define NOVABPF_GSP_SEQUENCER_H

#include <novabpf/driver/portable.h>

#define NOVA_SEQ_WORDS_MAX	16384
#define NOVA_SEQ_SAVE_WORDS	8
/* What one program may take in all, on the GPU's clock */
#define NOVA_SEQ_BUDGET_US	10000000
/* Limit of a poll that names none */
#define NOVA_SEQ_POLL_US	4000000

enum nova_seq_op {
	NOVA_SEQ_REG_WRITE		= 0,
	NOVA_SEQ_REG_MODIFY		= 1,
	NOVA_SEQ_REG_POLL		= 2,
	NOVA_SEQ_DELAY_US		= 3,
	NOVA_SEQ_REG_STORE		= 4,
	NOVA_SEQ_CORE_RESET		= 5,
	NOVA_SEQ_CORE_START		= 6,
	NOVA_SEQ_CORE_WAIT_FOR_HALT	= 7,
	NOVA_SEQ_CORE_RESUME		= 8,
	NOVA_SEQ_OPS
};

/**
 * struct nova_seq_ops - the interpreter's hands
 * @now_ns: the GPU's clock
 * @rd: read a register
 * @wr: write a register
 * @sleep_us: sleep on the GPU's clock
 * @poll: wait until (register & mask) == want; 0 or -errno
 * @core: one of the operations NOVA_SEQ_CORE_*; 0 or -errno
 *
 * Every operation gets the @ctx of nova_seq_exec() and may sleep.
 */
struct nova_seq_ops {
	u64 (*now_ns)(void *ctx);
	u32 (*rd)(void *ctx, u32 off);
	void (*wr)(void *ctx, u32 off, u32 val);
	void (*sleep_us)(void *ctx, u32 us);
	int (*poll)(void *ctx, u32 off, u32 mask, u32 want, u32 timeout_us);
	int (*core)(void *ctx, enum nova_seq_op op);
};

/**
 * struct nova_seq_error - where and why a program ended early
 * @word: position of the operation
 * @op: its number
 * @arg: the register or number it was about
 * @code: error code that a failed poll carries
 * @why: in words
 */
struct nova_seq_error {
	u32 word;
	u32 op;
	u32 arg;
	u32 code;
	const char *why;
};

/**
 * nova_seq_reg_allowed() - may a program touch this register?
 * @off: BAR0 offset
 *
 * Only the processors that a boot deals with, and scratch registers.
 *
 * Return: whether it may.
 */
bool nova_seq_reg_allowed(u32 off);

/**
 * nova_seq_exec() - check a program, then run it
 * @prog: little-endian words
 * @words: how many
 * @save: registers saved by the program
 * @ops: how to reach the GPU
 * @ctx: for @ops
 * @err: filled in on failure
 *
 * The whole program is checked before its first operation has an effect.
 *
 * Return: 0; -EINVAL where the program is malformed, -EPERM where it names a
 * register it must not touch, -ETIME where it takes more than its budget, or
 * what an operation returned.
 */
int nova_seq_exec(const void *prog, u32 words, u32 save[NOVA_SEQ_SAVE_WORDS],
		  const struct nova_seq_ops *ops, void *ctx, struct nova_seq_error *err);

#endif /* NOVABPF_GSP_SEQUENCER_H */
