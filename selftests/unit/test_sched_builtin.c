// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* The built-in policies: who gets which part of the engine. */
#include "sched_sim.h"

#define SECONDS(n)	((n) * 1000 * MS)

static struct sim s;

static void expect_ppm(u64 got, u64 want, u64 tolerance)
{
	if (got + tolerance < want || got > want + tolerance)
		fail_msg("share is %llu ppm, expected %llu +- %llu", (unsigned long long)got,
			 (unsigned long long)want, (unsigned long long)tolerance);
}

static void default_slices(void **state)
{
	(void)state;
	assert_int_equal(nova_builtin_slice_us(false, 8), 2000);
	assert_int_equal(nova_builtin_slice_us(false, 9), 1000);
	assert_int_equal(nova_builtin_slice_us(true, 8), 2083);
	assert_int_equal(nova_builtin_slice_us(true, 9), 1042);
}

static void best_effort_is_round_robin(void **state)
{
	u32 i;

	(void)state;
	sim_init(&s, NOVA_BUILTIN_BEST_EFFORT, true, 4, 2000);
	for (i = 0; i < 4; i++)
		sim_add(&s, i != 2);
	sim_for(&s, SECONDS(3));
	for (i = 0; i < 4; i++)
		expect_ppm(sim_ppm(&s, i, SECONDS(3)), i == 2 ? 0 : 333333, 1000);
	assert_int_equal(s.idle_ns, 0);
	assert_int_equal(s.v[0].gap_max_ns, 4 * MS);
}

static void best_effort_favours_many_tsgs(void **state)
{
	(void)state;
	sim_init(&s, NOVA_BUILTIN_BEST_EFFORT, true, 4, 2000);
	sim_add(&s, true);
	sim_add(&s, true)->rq.pub.tsgs = 4;
	sim_for(&s, SECONDS(3));
	expect_ppm(sim_ppm(&s, 1, SECONDS(3)), 800000, 2000);
	/* A slice never becomes longer than what is legal. */
	s.v[1].rq.pub.tsgs = 1000000;
	sim_for(&s, SECONDS(1));
}

static void equal_share_counts_who_exists(void **state)
{
	u32 i;

	(void)state;
	sim_init(&s, NOVA_BUILTIN_EQUAL_SHARE, true, 8, 2083);
	for (i = 0; i < 5; i++)
		sim_add(&s, i == 1 || i == 4);
	sim_for(&s, SECONDS(5));
	expect_ppm(sim_ppm(&s, 1, SECONDS(5)), 200000, 1000);
	expect_ppm(sim_ppm(&s, 4, SECONDS(5)), 200000, 1000);
	/* One goes: parts grow. */
	nova_rq_del(&s.rq, &s.v[2].rq);
	s.v[1].rq.pub.run_total_ns = 0;
	sim_for(&s, SECONDS(5));
	expect_ppm(sim_ppm(&s, 1, SECONDS(5)), 250000, 1000);
}

static void fixed_share_counts_what_fits(void **state)
{
	u32 arr, busy, i;

	(void)state;
	for (arr = 0; arr < 2; arr++) {
		for (busy = 1; busy <= 4; busy++) {
			sim_init(&s, NOVA_BUILTIN_FIXED_SHARE, arr, 4, 2083);
			for (i = 0; i < busy; i++)
				sim_add(&s, true);
			sim_for(&s, SECONDS(4));
			for (i = 0; i < busy; i++)
				expect_ppm(sim_ppm(&s, i, SECONDS(4)), 250000, 2500);
		}
	}
}

/* Short bursts bring no more than the part either; turns keep their rhythm meanwhile. */
static void fixed_share_of_short_bursts(void **state)
{
	u32 arr;

	(void)state;
	for (arr = 0; arr < 2; arr++) {
		sim_init(&s, NOVA_BUILTIN_FIXED_SHARE, arr, 4, 2000);
		sim_add(&s, true);
		s.v[0].on_ns = MS / 2;
		s.v[0].off_ns = 1000;
		sim_for(&s, SECONDS(4));
		assert_true(sim_ppm(&s, 0, SECONDS(4)) <= 250500);
		assert_true(sim_ppm(&s, 0, SECONDS(4)) >= 240000);
	}
}

/* Work that comes in the middle of its own turn gets the rest of it, else waits for it. */
static void turns_go_on_without_work(void **state)
{
	struct nova_decision d;
	u64 t0;

	(void)state;
	sim_init(&s, NOVA_BUILTIN_FIXED_SHARE, true, 4, 2000);
	sim_add(&s, true);
	sim_add(&s, false);
	sim_add(&s, false);
	t0 = s.now_ns;
	nova_builtin_pick(&s.rq, t0, &d);
	assert_int_equal(d.gfid, 1);
	assert_int_equal(d.ns, 2 * MS);
	s.v[0].rq.has_work = false;
	nova_rq_update(&s.rq, &s.v[0].rq, t0);
	nova_builtin_pick(&s.rq, t0 + MS, &d);
	assert_int_equal(d.kind, NOVA_DECIDE_IDLE);
	assert_int_equal(d.ns, 0);
	/* 1,000 rounds and 4.5 ms after the first turn began it is slot 2's, for 1.5 ms more. */
	s.v[2].rq.has_work = true;
	nova_rq_update(&s.rq, &s.v[2].rq, t0 + 8004 * MS + MS / 2);
	nova_builtin_pick(&s.rq, t0 + 8004 * MS + MS / 2, &d);
	assert_int_equal(d.gfid, 3);
	assert_int_equal(d.ns, 3 * MS / 2);
	/* 50 us before its end nothing is begun any more. */
	nova_builtin_pick(&s.rq, t0 + 8006 * MS - 50000, &d);
	assert_int_equal(d.kind, NOVA_DECIDE_IDLE);
	assert_int_equal(d.ns, 50000);
	/* Late by 3 ms: slot 3 has waited for nothing, and has a whole turn. */
	nova_builtin_pick(&s.rq, t0 + 8009 * MS, &d);
	assert_int_equal(d.kind, NOVA_DECIDE_IDLE);
	assert_int_equal(d.ns, 2 * MS);
}

static void arr_takes_back_what_was_overshot(void **state)
{
	u64 busy, part[2];
	u32 arr;

	(void)state;
	for (arr = 0; arr < 2; arr++) {
		sim_init(&s, NOVA_BUILTIN_EQUAL_SHARE, arr, 8, 2083);
		sim_add(&s, true);
		sim_add(&s, true);
		s.v[1].overrun_ns = 400000;
		sim_for(&s, SECONDS(10));
		busy = s.v[0].rq.pub.run_total_ns + s.v[1].rq.pub.run_total_ns;
		part[arr] = s.v[1].rq.pub.run_total_ns * 1000000 / busy;
	}
	/* Both ways of counting end at a half; without either it would be 54.4 %. */
	expect_ppm(part[0], 500000, 5000);
	expect_ppm(part[1], 500000, 5000);
}

/* However much it owes, a turn is half a turn at least, and old debts are forgiven. */
static void arr_leaves_half_a_turn(void **state)
{
	struct nova_decision d;
	u64 turns = 0;

	(void)state;
	sim_init(&s, NOVA_BUILTIN_EQUAL_SHARE, true, 8, 2000);
	sim_add(&s, true);
	s.v[0].rq.debt_ns = INT64_MAX;
	do {
		nova_builtin_pick(&s.rq, s.now_ns, &d);
		assert_int_equal(d.kind, NOVA_DECIDE_RUN);
		assert_true(d.ns >= MS);
		s.now_ns += d.ns;
		turns++;
	} while (d.ns < 2 * MS - 1000);
	assert_true(turns < 300);
}

/* Whoever slept, or came later, does not have the engine for itself until it is even. */
static void credit_is_bounded(void **state)
{
	u32 parts;

	(void)state;
	for (parts = 0; parts < 2; parts++) {
		sim_init(&s, parts ? NOVA_BUILTIN_FIXED_SHARE : NOVA_BUILTIN_EQUAL_SHARE, false, 2,
			 2000);
		sim_add(&s, true);
		sim_add(&s, false);
		sim_for(&s, SECONDS(50));
		s.v[1].rq.has_work = true;
		sim_for(&s, SECONDS(1));
		assert_true(s.v[0].gap_max_ns <= 102 * MS);
		sim_add(&s, true);
		s.v[0].gap_max_ns = 0;
		sim_for(&s, SECONDS(1));
		assert_true(s.v[0].gap_max_ns <= 102 * MS);
	}
}

/* A vGPU that a policy starved, or favoured, has no claim or debt afterwards. */
static void what_a_policy_did_is_forgotten(void **state)
{
	u32 parts, i;

	(void)state;
	for (parts = 0; parts < 2; parts++) {
		sim_init(&s, parts ? NOVA_BUILTIN_FIXED_SHARE : NOVA_BUILTIN_EQUAL_SHARE, false, 2,
			 2000);
		sim_add(&s, true);
		sim_add(&s, true);
		for (i = 0; i < 1000; i++)
			sim_run(&s, &s.v[0], 50 * MS);
		nova_rq_forget_policy(&s.rq);
		s.v[0].rq.pub.run_total_ns = 0;
		s.v[0].gap_max_ns = 0;
		s.v[1].rq.pub.run_total_ns = 0;
		sim_for(&s, SECONDS(4));
		expect_ppm(sim_ppm(&s, 0, SECONDS(4)), 500000, 30000);
		assert_true(s.v[0].gap_max_ns <= 160 * MS);
	}
}

static void caps_hold(void **state)
{
	static const u32 builtins[] = { NOVA_BUILTIN_BEST_EFFORT, NOVA_BUILTIN_EQUAL_SHARE,
					NOVA_BUILTIN_FIXED_SHARE };
	u32 i, arr;

	(void)state;
	for (i = 0; i < 6; i++) {
		arr = i / 3;
		sim_init(&s, builtins[i % 3], arr, 2, 2000);
		sim_add(&s, true)->rq.pub.cap_pct = 20;
		sim_add(&s, true);
		s.v[0].overrun_ns = 300000;
		sim_for(&s, SECONDS(10));
		expect_ppm(sim_ppm(&s, 0, SECONDS(10)), 200000, 4000);
		/* Best effort gives the rest to the other. */
		if (i % 3 == 0)
			expect_ppm(sim_ppm(&s, 1, SECONDS(10)), 800000, 8000);
	}
}

/* Eight vGPUs at 480 Hz: 60 turns a second for each. */
static void eight_at_480_hz(void **state)
{
	u32 i;

	(void)state;
	sim_init(&s, NOVA_BUILTIN_EQUAL_SHARE, true, 8, nova_builtin_slice_us(true, 8));
	for (i = 0; i < 8; i++)
		sim_add(&s, true);
	sim_for(&s, SECONDS(10));
	for (i = 0; i < 8; i++)
		assert_in_range(s.v[i].rq.pub.runs, 599, 601);
}

/* Every vGPU has its turn, wherever its slot is, also beyond what is said to fit. */
static void all_slots_have_turns(void **state)
{
	static const u32 slots[] = { 3, 63, 64, 130, 511 };
	static struct nova_rq_vgpu v[ARRAY_SIZE(slots)];
	struct nova_decision d;
	struct nova_rq rq;
	u32 parts, i, n, seen;
	u64 now;

	(void)state;
	for (parts = 0; parts < 2; parts++) {
		nova_rq_init(&rq, 0, 0, 1);
		memset(v, 0, sizeof(v));
		rq.pub.builtin = parts ? NOVA_BUILTIN_FIXED_SHARE : NOVA_BUILTIN_EQUAL_SHARE;
		rq.pub.slots = 2;
		for (i = 0; i < ARRAY_SIZE(slots); i++) {
			v[i].pub.gfid = 512 - i;
			v[i].pub.slot = slots[i];
			v[i].has_work = true;
			assert_int_equal(nova_rq_add(&rq, &v[i]), 0);
			nova_rq_update(&rq, &v[i], 1);
		}
		for (n = 0, seen = 0, now = 1; n < 512; n++, now += d.ns) {
			nova_builtin_pick(&rq, now, &d);
			if (d.kind != NOVA_DECIDE_RUN)
				continue;
			assert_int_equal(d.gfid, 512 - seen % ARRAY_SIZE(slots));
			seen++;
		}
		assert_int_equal(seen, parts ? ARRAY_SIZE(slots) : 512);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_slices),
		cmocka_unit_test(best_effort_is_round_robin),
		cmocka_unit_test(best_effort_favours_many_tsgs),
		cmocka_unit_test(equal_share_counts_who_exists),
		cmocka_unit_test(fixed_share_counts_what_fits),
		cmocka_unit_test(fixed_share_of_short_bursts),
		cmocka_unit_test(turns_go_on_without_work),
		cmocka_unit_test(arr_takes_back_what_was_overshot),
		cmocka_unit_test(arr_leaves_half_a_turn),
		cmocka_unit_test(credit_is_bounded),
		cmocka_unit_test(what_a_policy_did_is_forgotten),
		cmocka_unit_test(caps_hold),
		cmocka_unit_test(eight_at_480_hz),
		cmocka_unit_test(all_slots_have_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
