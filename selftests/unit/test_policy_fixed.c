// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* Fixed share with adaptive round robin in BPF decides as the one in C. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "../../bpf/sched/fixed.bpf.c"
#include "policy_sim.h"

static void as_the_builtin(void **state)
{
	u64 seed;
	u32 i, n;

	for (seed = 0; seed < 40; seed++) {
		p_init(&fixed, NOVA_BUILTIN_FIXED_SHARE, 1 + seed % 9, 1042 + seed % 2 * 1041);
		p.random = seed;
		memset(turn_slot, 0, sizeof(turn_slot));
		memset(turn_end_ns, 0, sizeof(turn_end_ns));
		slots_used = 0;
		p.rq.pub.arr_avg_factor = seed % 61;
		n = 1 + p_random(12);
		for (i = 0; i < n; i++)
			p_add(100, p_random(3) ? p_random(8 * MS) + 1 : 0,
			      p_random(seed % 4 ? 200 * MS : 4 * MS) + MS)
				->overrun_ns = p_random(3) ? 0 : p_random(seed % 5 * MS);
		p_start();
		p_run(SECONDS(3));
		assert_true(p.decisions > 100);
	}
}

static void one_of_four_has_a_quarter(void **state)
{
	p_init(&fixed, NOVA_BUILTIN_FIXED_SHARE, 4, 2083);
	memset(turn_end_ns, 0, sizeof(turn_end_ns));
	slots_used = 0;
	p_add(100, 0, 0);
	p_start();
	p_run(SECONDS(5));
	p_expect_share(0, SECONDS(5), 250000, 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_builtin),
		cmocka_unit_test(one_of_four_has_a_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
