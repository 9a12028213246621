// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* deadline: budgets arrive within their periods, whatever others do. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "../../bpf/sched/deadline.bpf.c"
#include "policy_sim.h"

static void setup_deadline(void)
{
	p_init(&deadline, 0, 8, 2000);
	memset(vclock, 0, sizeof(vclock));
	memset(granted_ppm, 0, sizeof(granted_ppm));
	granted_sum_ppm = 0;
}

static struct tenant *add_reserved(u32 period_us, u32 budget_us, u64 burst_ns, u64 every_ns)
{
	struct tenant *v = p_add(100, burst_ns, every_ns);

	v->rq.pub.period_us = period_us;
	v->rq.pub.budget_us = budget_us;
	return v;
}

static void admission(void **state)
{
	struct nova_vgpu_request req = { .period_us = 0, .reserved_ppm = 2000000 };

	setup_deadline();
	assert_int_equal(deadline_admit(&req), 0);
	req = (struct nova_vgpu_request) { .period_us = 16667, .budget_us = 5000 };
	assert_int_equal(deadline_admit(&req), 0);
	req.reserved_ppm = 700000;
	assert_int_equal(deadline_admit(&req), -28);
	req.reserved_ppm = 0;
	req.budget_us = 16668;
	assert_int_equal(deadline_admit(&req), -28);
	req.budget_us = UINT32_MAX;
	req.period_us = UINT32_MAX;
	assert_int_equal(deadline_admit(&req), -28);
}

/* 85 % are reserved, two take all they get, two have no reservation. */
static void deadlines_are_met(void **state)
{
	setup_deadline();
	add_reserved(16667, 5000, 4900000, 20000000);
	add_reserved(33333, 8000, 7900000, 40000000);
	add_reserved(10000, 2000, 0, 0);
	add_reserved(50000, 5000, 0, 0);
	p_add(100, 0, 0);
	p_add(300, 0, 0);
	p_start();
	/* Pieces come half a period apart at least, so one may wait for the one before. */
	p.v[0].every_ns = 2 * 16667000;
	p.v[1].every_ns = 2 * 33333000;
	p_run(SECONDS(60));
	assert_true(p.v[0].late_max_ns <= 16667000);
	assert_true(p.v[1].late_max_ns <= 33333000);
	p_expect_share(2, SECONDS(60), 200000, 4000);
	p_expect_share(3, SECONDS(60), 100000, 2000);
	/* The rest by weight. */
	assert_in_range(p_ran(5), p_ran(4) * 29 / 10, p_ran(4) * 31 / 10);
}

/* With nobody else there the engine does not stay idle while a throttled one has work. */
static void reclaims(void **state)
{
	setup_deadline();
	add_reserved(10000, 1000, 0, 0);
	p_start();
	p_run(SECONDS(5));
	p_expect_share(0, SECONDS(5), 1000000, 1000);
}

/* What is reserved before the policy comes may be too much; it is kept while it fits. */
static void too_much_at_attach(void **state)
{
	setup_deadline();
	add_reserved(10000, 6000, 0, 0);
	add_reserved(10000, 6000, 0, 0);
	p_start();
	assert_int_equal(granted_ppm[1], 600000);
	assert_int_equal(granted_ppm[2], 0);
	p_run(SECONDS(5));
	p_expect_share(0, SECONDS(5), 600000, 12000);
	deadline_vgpu_exit(&p.v[0].rq.pub);
	deadline_vgpu_config(&p.v[1].rq.pub);
	assert_int_equal(granted_sum_ppm, 600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(admission),
		cmocka_unit_test(deadlines_are_met),
		cmocka_unit_test(reclaims),
		cmocka_unit_test(too_much_at_attach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
