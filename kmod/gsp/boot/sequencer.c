// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interpreter of the firmware's CPU programs. There are no jumps, so a program
 * ends; its length, its registers and its time are bounded here.
 */
#include <novabpf/driver/regs.h>
#include "sequencer.h"

#define FALCON_BYTES		0x2000	/* falcon and, above it, RISC-V registers */
#define SCRATCH_BASE		0x1400
#define SCRATCH_BYTES		0x100

static const u8 seq_args[NOVA_SEQ_OPS] = {
	[NOVA_SEQ_REG_WRITE] = 2,
	[NOVA_SEQ_REG_MODIFY] = 3,
	[NOVA_SEQ_REG_POLL] = 5,
	[NOVA_SEQ_DELAY_US] = 1,
	[NOVA_SEQ_REG_STORE] = 2,
};

/* Operation and its arguments */
struct seq_cmd {
	u32 op;
	u32 arg[5];
};

struct seq_run {
	const struct nova_seq_ops *ops;
	void *ctx;
	u32 *save;
	u64 end_ns;
};

static bool seq_in(u32 off, u32 base, u32 bytes)
{
	return off >= base && off - base < bytes;
}

bool nova_seq_reg_allowed(u32 off)
{
	return !(off & 3) && (seq_in(off, NV_PGSP_BASE, FALCON_BYTES) ||
			      seq_in(off, NV_PSEC2_BASE, FALCON_BYTES) ||
			      seq_in(off, SCRATCH_BASE, SCRATCH_BYTES));
}

static int seq_fail(struct nova_seq_error *err, u32 arg, int ret, const char *why)
{
	err->arg = arg;
	err->why = why;
	return ret;
}

/* Reads the operation at @pos; *@next is where the one after it starts. */
static int seq_decode(const u8 *prog, u32 words, u32 pos, struct seq_cmd *cmd, u32 *next,
		      struct nova_seq_error *err)
{
	u32 i;

	cmd->op = get_unaligned_le32(prog + 4 * pos);
	err->word = pos;
	err->op = cmd->op;
	if (cmd->op >= NOVA_SEQ_OPS)
		return seq_fail(err, cmd->op, -EINVAL, "there is no such operation");
	if (seq_args[cmd->op] > words - pos - 1)
		return seq_fail(err, words, -EINVAL, "the program ends inside an operation");
	for (i = 0; i < seq_args[cmd->op]; i++)
		cmd->arg[i] = get_unaligned_le32(prog + 4 * (pos + 1 + i));
	*next = pos + 1 + i;
	return 0;
}

static int seq_check(const struct seq_cmd *cmd, struct nova_seq_error *err)
{
	switch (cmd->op) {
	case NOVA_SEQ_REG_STORE:
		if (cmd->arg[1] >= NOVA_SEQ_SAVE_WORDS)
			return seq_fail(err, cmd->arg[1], -EINVAL,
					"there is no such place to save a register");
		fallthrough;
	case NOVA_SEQ_REG_WRITE:
	case NOVA_SEQ_REG_MODIFY:
	case NOVA_SEQ_REG_POLL:
		if (!nova_seq_reg_allowed(cmd->arg[0]))
			return seq_fail(err, cmd->arg[0], -EPERM,
					"a program must not touch this register");
		return 0;
	case NOVA_SEQ_DELAY_US:
		if (cmd->arg[0] > NOVA_SEQ_BUDGET_US)
			return seq_fail(err, cmd->arg[0], -ETIME, "the delay is too long");
		return 0;
	default:
		return 0;
	}
}

static int seq_step(const struct seq_run *r, const struct seq_cmd *cmd, struct nova_seq_error *err)
{
	const struct nova_seq_ops *ops = r->ops;
	const u32 *a = cmd->arg;
	u64 now = ops->now_ns(r->ctx);
	u32 left_us, limit_us;
	int ret;

	if (now >= r->end_ns)
		return seq_fail(err, NOVA_SEQ_BUDGET_US, -ETIME, "the program takes too long");
	left_us = (u32)div_u64(r->end_ns - now, 1000);

	switch (cmd->op) {
	case NOVA_SEQ_REG_WRITE:
		ops->wr(r->ctx, a[0], a[1]);
		return 0;
	case NOVA_SEQ_REG_MODIFY:
		ops->wr(r->ctx, a[0], (ops->rd(r->ctx, a[0]) & ~a[1]) | a[2]);
		return 0;
	case NOVA_SEQ_REG_POLL:
		limit_us = a[3] ? a[3] : NOVA_SEQ_POLL_US;
		ret = ops->poll(r->ctx, a[0], a[1], a[2], min(limit_us, left_us));
		if (ret) {
			err->code = a[4];
			return seq_fail(err, a[0], ret, "the register never got its value");
		}
		return 0;
	case NOVA_SEQ_DELAY_US:
		if (a[0] > left_us)
			return seq_fail(err, a[0], -ETIME, "the program takes too long");
		ops->sleep_us(r->ctx, a[0]);
		return 0;
	case NOVA_SEQ_REG_STORE:
		r->save[a[1]] = ops->rd(r->ctx, a[0]);
		return 0;
	default:
		ret = ops->core(r->ctx, (enum nova_seq_op)cmd->op);
		return ret ? seq_fail(err, cmd->op, ret, "the processor did not follow") : 0;
	}
}

int nova_seq_exec(const void *prog, u32 words, u32 save[NOVA_SEQ_SAVE_WORDS],
		  const struct nova_seq_ops *ops, void *ctx, struct nova_seq_error *err)
{
	struct seq_run run = { .ops = ops, .ctx = ctx, .save = save };
	struct seq_cmd cmd = { 0 };
	u32 pos, next;
	int ret;

	memset(err, 0, sizeof(*err));
	if (words > NOVA_SEQ_WORDS_MAX)
		return seq_fail(err, words, -EINVAL, "the program is too long");
	for (pos = 0; pos < words; pos = next) {
		ret = seq_decode(prog, words, pos, &cmd, &next, err);
		if (!ret)
			ret = seq_check(&cmd, err);
		if (ret)
			return ret;
	}

	run.end_ns = ops->now_ns(ctx) + NOVA_SEQ_BUDGET_US * 1000ULL;
	for (pos = 0; pos < words; pos = next) {
		ret = seq_decode(prog, words, pos, &cmd, &next, err);
		if (!ret)
			ret = seq_step(&run, &cmd, err);
		if (ret)
			return ret;
	}
	return 0;
}
