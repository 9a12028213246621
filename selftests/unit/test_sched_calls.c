// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/calls.c kmod/sched/rq.c kmod/sched/builtin.c
// include: selftests/unit/kernel
/* How long the operations of a policy take: which are measured, and which end it. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "unit.h"
#include "native_kernel.h"
#include "sched/runlist.h"

#define MS	1000000ULL
#define OPS	20000

u64 native_mono_ns, native_cycles, native_cycles_reads;

static struct nova_sched sched;
static struct nova_policy policy;
static struct nova_runlist rl;
static struct nova_entity entity;
static u64 takes_ns;
static enum nova_exit_kind ejected;

/* The counter has 3 GHz. */
static void pass(u64 ns)
{
	native_mono_ns += ns;
	native_cycles += 3 * ns;
}

static void op_pick(struct nova_sched_rl *pub, struct nova_sched_vgpu *prev)
{
	pass(takes_ns);
}

static void op_stopped(struct nova_sched_rl *pub, struct nova_sched_vgpu *v, u64 ran_ns,
		       u32 reason)
{
	pass(takes_ns);
}

static const struct nova_sched_ops ops = { .pick = op_pick, .stopped = op_stopped };

void nova_policy_eject(struct nova_policy *p, enum nova_exit_kind kind, s64 code, u32 gfid,
		       const char *fmt, ...)
{
	assert_ptr_equal(p, &policy);
	ejected = kind;
}

static int begin(void **state)
{
	memset(&rl, 0, sizeof(rl));
	memset(&policy, 0, sizeof(policy));
	memset(&sched, 0, sizeof(sched));
	rl.sched = &sched;
	rl.policy = &policy;
	policy.ops = &ops;
	ejected = NOVA_EXIT_NONE;
	native_mono_ns = 5000 * MS;
	native_cycles = 77;
	native_cycles_reads = 0;
	spin_lock_irq(&rl.lock);
	nova_op_time_start(&rl);
	pass(MS);
	return 0;
}

/* Operation @n of a turn takes so long. Return: whether that ended the policy. */
static bool op(u32 n, u64 ns)
{
	takes_ns = ns;
	if (n)
		nova_op_stopped(&rl, &entity, 0, 0);
	else
		nova_op_pick(&rl, NULL);
	pass(2 * MS);
	return ejected == NOVA_EXIT_ERROR_SLOW;
}

static u64 slow_ops(void)
{
	return (u64)atomic64_read(&sched.count[NOVA_SCHED_STAT_SLOW_OPS]);
}

/* Whatever it was doing before, and whichever is measured next. */
static void all_are_slow(void **state)
{
	u32 quick, slow;

	for (quick = 0; quick <= 2 * NOVA_OP_MEASURE_EVERY; quick++) {
		begin(state);
		for (slow = 0; slow < quick; slow++)
			assert_false(op(0, 1000));
		for (slow = 1; !op(0, 20 * MS); slow++)
			assert_in_range(slow, 0, NOVA_OP_MEASURE_EVERY + 3);
		assert_int_equal(slow_ops(), 4);
	}
}

/* A slow pick() among operations that are quick, however many these are in a turn. */
static void one_kind_is_slow(void **state)
{
	u32 others, turn, i;

	for (others = 0; others <= 8; others++) {
		begin(state);
		for (turn = 0; ejected == NOVA_EXIT_NONE; turn++) {
			assert_in_range(turn, 0, NOVA_OP_MEASURE_EVERY + 8);
			op(0, 20 * MS);
			for (i = 0; i < others; i++)
				op(1, 1000);
		}
		assert_int_equal(ejected, NOVA_EXIT_ERROR_SLOW);
	}
}

/* Now and then: it is counted where it is seen, and forgiven. */
static void now_and_then(void **state)
{
	u32 i;

	for (i = 0; i < OPS; i++)
		assert_false(op(0, i % 40 ? 1000 : 20 * MS));
	assert_in_range(slow_ops(), OPS / 40 / NOVA_OP_MEASURE_EVERY / 2, OPS / 40);
	/* Up to the limit it is not slow, whatever the counter says. */
	begin(state);
	for (i = 0; i < OPS; i++)
		assert_false(op(0, 99 * MS / 10));
	assert_int_equal(slow_ops(), 0);
}

/* A decision costs nothing that can be measured: the counter is read twice in so many. */
static void quick_ones_are_cheap(void **state)
{
	u32 i;

	native_cycles_reads = 0;
	for (i = 0; i < OPS; i++)
		assert_false(op(i % 2, 1000));
	assert_in_range(native_cycles_reads, 2, 2 * (OPS / NOVA_OP_MEASURE_EVERY + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_are_slow, begin),
		cmocka_unit_test_setup(one_kind_is_slow, begin),
		cmocka_unit_test_setup(now_and_then, begin),
		cmocka_unit_test_setup(quick_ones_are_cheap, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
