// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* fair: shares follow weights, nobody starves. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "../../bpf/sched/fair.bpf.c"
#include "policy_sim.h"

static void setup_fair(void)
{
	p_init(&fair, 0, 8, 2000);
	memset(vclock, 0, sizeof(vclock));
	nr_credit_cut = 0;
}

static void shares_follow_weights(void **state)
{
	static const u32 weight[] = { 100, 200, 300, 400, 1, 10000, 37, 900 };
	u64 sum = 0;
	u32 i;

	setup_fair();
	for (i = 0; i < 8; i++) {
		p_add(weight[i], 0, 0)->overrun_ns = i == 3 ? 500000 : 0;
		sum += weight[i];
	}
	p_start();
	p_run(SECONDS(200));
	for (i = 0; i < 8; i++)
		p_expect_share(i, SECONDS(200), weight[i] * 1000000ULL / sum,
			       weight[i] * 20000ULL / sum + 200);
}

/* A neighbour that always wants all, in 20 ms that cannot be ended, does not starve others. */
static void runaway(void **state)
{
	u32 i;

	setup_fair();
	p_add(100, 0, 0)->overrun_ns = 20 * MS;
	for (i = 0; i < 3; i++)
		p_add(100, 0, 0);
	p_add(100, MS, 100 * MS);
	p_start();
	p_run(SECONDS(60));
	for (i = 0; i < 4; i++)
		p_expect_share(i, SECONDS(60), 247500, 5000);
	/* The runaway's 22 ms, and a slice of each other. */
	assert_true(p.v[4].gap_max_ns <= 32 * MS);
}

/* Whoever comes back after long is not owed what it did not want. */
static void credit_is_bounded(void **state)
{
	setup_fair();
	p_add(100, 0, 0);
	p_add(100, SECONDS(5), SECONDS(1000));
	p.v[1].next_ns = p.now_ns + SECONDS(30);
	p_start();
	p_run(SECONDS(34));
	assert_true(p.v[0].gap_max_ns <= 8 * MS);
	p_expect_share(1, SECONDS(4), 500000, 5000);
	assert_int_equal(nr_credit_cut, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_follow_weights),
		cmocka_unit_test(runaway),
		cmocka_unit_test(credit_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
