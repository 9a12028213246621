// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the programs of RUN_CPU_SEQUENCER events on the real registers.
 */
#include "boot.h"
#include "sequencer.h"

static u64 seq_now_ns(void *ctx)
{
	struct nova_gsp *gsp = ctx;

	return nova_now_ns(gsp->gpu);
}

static u32 seq_rd(void *ctx, u32 off)
{
	struct nova_gsp *gsp = ctx;

	return nova_rd32(gsp->gpu, off);
}

static void seq_wr(void *ctx, u32 off, u32 val)
{
	struct nova_gsp *gsp = ctx;

	nova_wr32(gsp->gpu, off, val);
}

static void seq_sleep_us(void *ctx, u32 us)
{
	struct nova_gsp *gsp = ctx;

	nova_gpu_sleep_us(gsp->gpu, us);
}

static int seq_poll(void *ctx, u32 off, u32 mask, u32 want, u32 timeout_us)
{
	struct nova_gsp *gsp = ctx;

	return nova_poll_reg(gsp->gpu, off, mask, want, timeout_us);
}

/* GSP reloads itself: SEC2 does it and tells by its mailbox how it went. */
static int seq_core_resume(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	int ret;

	ret = nova_boot_start_riscv(gsp);
	if (ret)
		return ret;
	nova_falcon_start(&boot->sec2);
	ret = nova_falcon_wait_halt(&boot->sec2);
	if (ret)
		return ret;
	if (nova_falcon_rd(&boot->sec2, NV_PFALCON_MAILBOX0))
		return -EIO;
	return nova_boot_check_riscv(gsp);
}

static int seq_core(void *ctx, enum nova_seq_op op)
{
	struct nova_gsp *gsp = ctx;
	struct nova_boot *boot = gsp->boot;

	switch (op) {
	case NOVA_SEQ_CORE_RESET:
		return nova_falcon_reset(&boot->gsp);
	case NOVA_SEQ_CORE_START:
		nova_falcon_start(&boot->gsp);
		return 0;
	case NOVA_SEQ_CORE_WAIT_FOR_HALT:
		return nova_falcon_wait_halt(&boot->gsp);
	case NOVA_SEQ_CORE_RESUME:
		return seq_core_resume(gsp);
	default:
		return -EINVAL;
	}
}

static const struct nova_seq_ops seq_ops = {
	.now_ns = seq_now_ns,
	.rd = seq_rd,
	.wr = seq_wr,
	.sleep_us = seq_sleep_us,
	.poll = seq_poll,
	.core = seq_core,
};

/* The program inside an event. */
static int seq_find_program(struct nova_gsp *gsp, const void *payload, u32 len, const void **prog,
			    u32 *words)
{
	struct nova_field_pos pos;
	u64 used, room;

	if (nova_field_get(gsp->abi, NOVA_SEQUENCER_CMD_INDEX, payload, len, &used) ||
	    nova_field_get(gsp->abi, NOVA_SEQUENCER_BUFFER_SIZE_DWORD, payload, len, &room) ||
	    nova_field_pos(gsp->abi, NOVA_SEQUENCER_COMMAND_BUFFER, &pos))
		return -EBADMSG;
	if (pos.off > len || used > (len - pos.off) / sizeof(u32) || used > room ||
	    used > NOVA_SEQ_WORDS_MAX)
		return -EBADMSG;
	*prog = payload + pos.off;
	*words = used;
	return 0;
}

/* Only then may the firmware have the processors reset. */
static bool seq_booting(struct nova_gsp *gsp)
{
	enum nova_gsp_state state = READ_ONCE(gsp->state);

	return gsp->boot && (state == NOVA_GSP_START || state == NOVA_GSP_LINKED);
}

/**
 * nova_sequencer_run() - run the program of a RUN_CPU_SEQUENCER event
 * @gsp: firmware; it is booting
 * @payload: of the event, a private copy
 * @len: its bytes
 *
 * A program that cannot be run to its end leaves the processors in a state
 * nobody knows, so the boot fails. Context: the worker, may sleep.
 *
 * Return: 0; -EBADMSG where the event is malformed; -ENODEV outside of a boot;
 * else as nova_seq_exec().
 */
int nova_sequencer_run(struct nova_gsp *gsp, const void *payload, u32 len)
{
	struct nova_seq_error err;
	const void *prog;
	u32 words;
	int ret;

	if (!seq_booting(gsp) || !gsp->abi->rules->cpu_sequencer)
		return -ENODEV;
	ret = seq_find_program(gsp, payload, len, &prog, &words);
	if (ret)
		return ret;
	ret = nova_seq_exec(prog, words, gsp->regsave, &seq_ops, gsp, &err);
	if (ret)
		nova_gsp_fail(gsp, ret,
			      "CPU sequencer: word %u, operation %u, 0x%x: %s (code 0x%x, error %d)",
			      err.word, err.op, err.arg, err.why, err.code, ret);
	return ret;
}
