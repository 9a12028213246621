// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* latency: interactive vGPUs do not wait, others do not starve. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "../../bpf/sched/latency.bpf.c"
#include "policy_sim.h"

static void setup_latency(void)
{
	p_init(&latency, 0, 8, 2000);
	memset(vclock, 0, sizeof(vclock));
	memset(boost_ns, 0, sizeof(boost_ns));
	memset(boost_at_ns, 0, sizeof(boost_at_ns));
}

static void interactive_first(void **state)
{
	u32 i;

	setup_latency();
	p_add(100, 3 * MS, 40 * MS)->rq.pub.priority = 2;
	for (i = 0; i < 7; i++)
		p_add(100, 0, 0)->rq.pub.priority = 0;
	p_start();
	p_run(SECONDS(60));
	assert_true(p.v[0].late_max_ns <= 4 * MS);
	assert_true(p.preempts > 1000);
	for (i = 2; i < 8; i++)
		assert_in_range(p_ran(i), p_ran(1) * 98 / 100, p_ran(1) * 102 / 100);
}

/* One that claims to be interactive and always wants all. */
static void boost_is_bounded(void **state)
{
	u32 i;

	setup_latency();
	p_add(100, 0, 0)->rq.pub.priority = 2;
	for (i = 0; i < 3; i++)
		p_add(100, 0, 0);
	p_start();
	p_run(SECONDS(60));
	p_expect_share(0, SECONDS(60), 800000, 20000);
	for (i = 1; i < 4; i++) {
		p_expect_share(i, SECONDS(60), 66667, 10000);
		assert_true(p.v[i].gap_max_ns <= 250 * MS);
	}
}

/* Short work comes between the turns of long work, also where both are interactive. */
static void short_before_long(void **state)
{
	u32 i;

	setup_latency();
	p_add(100, MS, 50 * MS)->rq.pub.priority = 2;
	for (i = 0; i < 2; i++)
		p_add(100, 20 * MS, 60 * MS)->rq.pub.priority = 2;
	p_add(100, 0, 0)->rq.pub.priority = 0;
	p_start();
	p_run(SECONDS(60));
	assert_true(p.v[0].late_max_ns <= 8 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interactive_first),
		cmocka_unit_test(boost_is_bounded),
		cmocka_unit_test(short_before_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
