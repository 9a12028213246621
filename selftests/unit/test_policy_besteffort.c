// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* Best effort in BPF decides as the one in C. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "../../bpf/sched/besteffort.bpf.c"
#include "policy_sim.h"

static void as_the_builtin(void **state)
{
	u64 seed;
	u32 i;

	for (seed = 0; seed < 20; seed++) {
		p_init(&besteffort, NOVA_BUILTIN_BEST_EFFORT, 8, 2000);
		p.random = seed;
		for (i = 0; i < 12; i++)
			p_add(100, i % 3 ? p_random(8 * MS) + 1 : 0, p_random(200 * MS) + MS)
				->rq.pub.tsgs = p_random(5);
		p.v[3].overrun_ns = 123456;
		p_start();
		p_run(SECONDS(5));
		assert_true(p.decisions > 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_the_builtin) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
