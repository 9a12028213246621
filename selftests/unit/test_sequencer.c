// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/boot/sequencer.c
/*
 * The firmware's CPU programs: each operation, each refusal, and the bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gsp/boot/sequencer.h"

#define SCRATCH		0x1438
#define GSP_MAILBOX	0x110040

/* A GPU of four registers and a clock */
struct fake {
	u64 now_ns;
	u32 off[4];
	u32 val[4];
	u32 writes;
	u32 polls;
	u32 poll_limit_us;
	int poll_ret;
	u32 cores;
	enum nova_seq_op core[8];
	int core_ret;
};

static u32 *reg(struct fake *f, u32 off)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(f->off); i++) {
		if (!f->off[i])
			f->off[i] = off;
		if (f->off[i] == off)
			return &f->val[i];
	}
	fail_msg("register 0x%x is one too many", off);
	return NULL;
}

static u64 fake_now(void *ctx)
{
	return ((struct fake *)ctx)->now_ns;
}

static u32 fake_rd(void *ctx, u32 off)
{
	return *reg(ctx, off);
}

static void fake_wr(void *ctx, u32 off, u32 val)
{
	struct fake *f = ctx;

	f->writes++;
	*reg(f, off) = val;
}

static void fake_sleep(void *ctx, u32 us)
{
	((struct fake *)ctx)->now_ns += us * 1000ULL;
}

static int fake_poll(void *ctx, u32 off, u32 mask, u32 want, u32 timeout_us)
{
	struct fake *f = ctx;

	f->polls++;
	f->poll_limit_us = timeout_us;
	if ((*reg(f, off) & mask) == want)
		return 0;
	f->now_ns += timeout_us * 1000ULL;
	return f->poll_ret;
}

static int fake_core(void *ctx, enum nova_seq_op op)
{
	struct fake *f = ctx;

	assert_in_range(f->cores, 0, ARRAY_SIZE(f->core) - 1);
	f->core[f->cores++] = op;
	return f->core_ret;
}

static const struct nova_seq_ops fake_ops = {
	.now_ns = fake_now,
	.rd = fake_rd,
	.wr = fake_wr,
	.sleep_us = fake_sleep,
	.poll = fake_poll,
	.core = fake_core,
};

static u32 save[NOVA_SEQ_SAVE_WORDS];
static struct nova_seq_error error;

/* Words copied to memory of the exact size: a read past the end is seen. */
static int run(struct fake *f, const u32 *words, u32 count)
{
	u8 *prog = malloc(count ? count * 4 : 1);
	u32 i;
	int ret;

	for (i = 0; i < count; i++)
		put_unaligned_le32(words[i], prog + 4 * i);
	memset(save, 0xee, sizeof(save));
	ret = nova_seq_exec(prog, count, save, &fake_ops, f, &error);
	free(prog);
	if (ret)
		assert_non_null(error.why);
	return ret;
}

#define RUN(f, ...) run((f), (const u32[]){ __VA_ARGS__ },			\
			(u32)ARRAY_SIZE(((const u32[]){ __VA_ARGS__ })))

static void registers(void **state)
{
	struct fake f = { .now_ns = 12345 };

	(void)state;
	assert_int_equal(RUN(&f, 0, SCRATCH, 0xf0f0f0f0,
			     1, SCRATCH, 0x000000ff, 0x00000012,
			     4, SCRATCH, 7,
			     2, SCRATCH, 0xff, 0x12, 1000, 0x77,
			     3, 50), 0);
	assert_int_equal(*reg(&f, SCRATCH), 0xf0f0f012);
	assert_int_equal(save[7], 0xf0f0f012);
	assert_int_equal(save[0], 0xeeeeeeee);
	assert_int_equal(f.writes, 2);
	assert_int_equal(f.polls, 1);
	assert_int_equal(f.poll_limit_us, 1000);
	assert_int_equal(f.now_ns, 12345 + 50000);
}

/* A bit that is in the value but not in the mask is set all the same. */
static void modify_clears_mask_sets_value(void **state)
{
	struct fake f = { 0 };

	(void)state;
	*reg(&f, GSP_MAILBOX) = 0xffff0000;
	assert_int_equal(RUN(&f, 1, GSP_MAILBOX, 0x0ff00000, 0x00100001), 0);
	assert_int_equal(*reg(&f, GSP_MAILBOX), 0xf01f0001);
}

static void cores(void **state)
{
	struct fake f = { 0 };

	(void)state;
	assert_int_equal(RUN(&f, 5, 6, 7, 8), 0);
	assert_int_equal(f.cores, 4);
	assert_int_equal(f.core[0], NOVA_SEQ_CORE_RESET);
	assert_int_equal(f.core[1], NOVA_SEQ_CORE_START);
	assert_int_equal(f.core[2], NOVA_SEQ_CORE_WAIT_FOR_HALT);
	assert_int_equal(f.core[3], NOVA_SEQ_CORE_RESUME);

	f.cores = 0;
	f.core_ret = -ETIMEDOUT;
	assert_int_equal(RUN(&f, 3, 1, 7, 5), -ETIMEDOUT);
	assert_int_equal(f.cores, 1);
	assert_int_equal(error.word, 2);
	assert_int_equal(error.op, NOVA_SEQ_CORE_WAIT_FOR_HALT);
}

static void empty_program(void **state)
{
	struct fake f = { 0 };

	(void)state;
	assert_int_equal(run(&f, NULL, 0), 0);
}

static void poll_fails(void **state)
{
	struct fake f = { .poll_ret = -ETIMEDOUT };

	(void)state;
	assert_int_equal(RUN(&f, 2, SCRATCH, 1, 1, 500, 0xabc, 0, SCRATCH, 1), -ETIMEDOUT);
	assert_int_equal(error.code, 0xabc);
	assert_int_equal(error.arg, SCRATCH);
	assert_int_equal(f.writes, 0);
}

static void poll_without_limit(void **state)
{
	struct fake f = { 0 };

	(void)state;
	assert_int_equal(RUN(&f, 2, SCRATCH, 1, 0, 0, 0), 0);
	assert_int_equal(f.poll_limit_us, NOVA_SEQ_POLL_US);
	assert_int_equal(RUN(&f, 2, SCRATCH, 1, 0, 0xffffffff, 0), 0);
	assert_int_equal(f.poll_limit_us, NOVA_SEQ_BUDGET_US);
}

static void which_registers(void **state)
{
	static const u32 allowed[] = {
		0x1400, 0x1438, 0x14fc, 0x110000, 0x110040, 0x111ffc, 0x840000, 0x841ffc,
	};
	static const u32 refused[] = {
		0, 0x13fc, 0x1500, 0x10fffc, 0x112000, 0x83fffc, 0x842000, 0x110001, 0x1402,
		0x1fa824, 0x9400, 0xfffffffc, 0x110003,
	};
	struct fake f = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		assert_true(nova_seq_reg_allowed(allowed[i]));
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		assert_false(nova_seq_reg_allowed(refused[i]));
		assert_int_equal(RUN(&f, 0, refused[i], 1), -EPERM);
		assert_int_equal(RUN(&f, 1, refused[i], 1, 1), -EPERM);
		assert_int_equal(RUN(&f, 2, refused[i], 1, 1, 1, 1), -EPERM);
		assert_int_equal(RUN(&f, 4, refused[i], 0), -EPERM);
		assert_int_equal(error.arg, refused[i]);
	}
	assert_int_equal(f.writes + f.polls, 0);
}

/* A program with a mistake at its end has no effect at all. */
static void checked_before_it_runs(void **state)
{
	struct fake f = { 0 };

	(void)state;
	assert_int_equal(RUN(&f, 0, SCRATCH, 1, 0, 0x9400, 1), -EPERM);
	assert_int_equal(error.word, 3);
	assert_int_equal(RUN(&f, 0, SCRATCH, 1, 5, 9), -EINVAL);
	assert_int_equal(error.word, 4);
	assert_int_equal(RUN(&f, 0, SCRATCH, 1, 0xffffffff), -EINVAL);
	assert_int_equal(RUN(&f, 5, 4, SCRATCH, 8), -EINVAL);
	assert_int_equal(RUN(&f, 5, 4, SCRATCH, 0xffffffff), -EINVAL);
	assert_int_equal(f.writes + f.cores, 0);
}

static void ends_inside_an_operation(void **state)
{
	static const u8 args[] = { 2, 3, 5, 1, 2 };
	struct fake f = { 0 };
	u32 words[6], op, n;

	(void)state;
	for (op = 0; op < ARRAY_SIZE(args); op++)
		for (n = 0; n < args[op]; n++) {
			memset(words, 0, sizeof(words));
			words[0] = op;
			words[1] = SCRATCH;
			assert_int_equal(run(&f, words, 1 + n), -EINVAL);
		}
	assert_int_equal(f.writes + f.polls, 0);
}

static void length_is_bounded(void **state)
{
	u32 *words = calloc(NOVA_SEQ_WORDS_MAX + 2, sizeof(*words));
	struct fake f = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < NOVA_SEQ_WORDS_MAX; i += 2)
		words[i] = NOVA_SEQ_DELAY_US;
	assert_int_equal(run(&f, words, NOVA_SEQ_WORDS_MAX), 0);
	assert_int_equal(run(&f, words, NOVA_SEQ_WORDS_MAX + 1), -EINVAL);
	free(words);
}

static void time_is_bounded(void **state)
{
	struct fake f = { .now_ns = 5 };

	(void)state;
	assert_int_equal(RUN(&f, 3, NOVA_SEQ_BUDGET_US + 1), -ETIME);
	assert_int_equal(f.now_ns, 5);
	assert_int_equal(RUN(&f, 3, 0xffffffff), -ETIME);
	assert_int_equal(f.now_ns, 5);

	/* Together they are too long: the second one is not begun. */
	assert_int_equal(RUN(&f, 3, NOVA_SEQ_BUDGET_US - 10, 3, 11), -ETIME);
	assert_int_equal(f.now_ns, 5 + (NOVA_SEQ_BUDGET_US - 10) * 1000ULL);

	/* The budget is used up: not even a write is done any more. */
	f.writes = 0;
	assert_int_equal(RUN(&f, 3, NOVA_SEQ_BUDGET_US, 0, SCRATCH, 1), -ETIME);
	assert_int_equal(f.writes, 0);

	/* A poll gets what is left. */
	f.poll_ret = -ETIMEDOUT;
	assert_int_equal(RUN(&f, 3, NOVA_SEQ_BUDGET_US - 100, 2, GSP_MAILBOX, 1, 1, 5000, 0),
			 -ETIMEDOUT);
	assert_int_equal(f.poll_limit_us, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers),
		cmocka_unit_test(modify_clears_mask_sets_value),
		cmocka_unit_test(cores),
		cmocka_unit_test(empty_program),
		cmocka_unit_test(poll_fails),
		cmocka_unit_test(poll_without_limit),
		cmocka_unit_test(which_registers),
		cmocka_unit_test(checked_before_it_runs),
		cmocka_unit_test(ends_inside_an_operation),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(time_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
