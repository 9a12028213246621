// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/runlist_sim.c
// uses: kmod/sched/runlist.c kmod/sched/tsg.c kmod/sched/watch.c kmod/sched/calls.c
// uses: kmod/sched/sched.c kmod/sched/switch.c kmod/sched/rq.c kmod/sched/check.c
// uses: kmod/sched/builtin.c kmod/abi/abi.c kmod/abi/tables.c
// include: selftests/unit/kernel
/*
 * Runlists whose GPU is reset and whose vGPUs are deleted, also with failures at random.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "runlist_sim.h"

/* Two busy tenants, a lost reply, both destroyed within its deadline, a reset behind it. */
static void reset_behind_deletions(void **state)
{
	u32 i;

	sim.fate = (struct fate) { .cmd = NOVA_WIRE_TSG_PREEMPT, .nth = 1, .err = -ETIMEDOUT };
	for (i = 0; i < 1000 && sim.fate.cmd; i++)
		sim_step();
	while (sim.nr_out > 1)
		sim_step();
	assert_int_equal(sim_runlist()->phase, NOVA_RL_SWITCH);
	assert_non_null(sim_runlist()->on);
	assert_non_null(sim_runlist()->next);
	/* As their threads do up to the wait. */
	nova_sched_engine_event(&sim.gpu, NOVA_ENGINE_IDLE, GR0, 1, 0);
	sim_runlist()->on->leaving = true;
	sim_runlist()->next->leaving = true;
	sim_reset_begin();
	assert_true(nova_entity_of(nova_rq_find(&sim_runlist()->rq, 1))->off.done);
	assert_true(nova_entity_of(nova_rq_find(&sim_runlist()->rq, 2))->off.done);
	sim_reset_end();
	assert_int_equal(sim_runlist()->phase, NOVA_RL_IDLE);
}

static void chaos(void **state)
{
	u32 seed, i;

	for (seed = 1; seed <= 200; seed++) {
		if (seed > 1)
			sim_begin(state);
		sim.rnd_state = seed;
		sim.chaos_ppt = 10 * (1 + seed % 6);
		for (i = 0; i < 3000; i++) {
			if (!sim_rnd(4))
				sim_something_happens();
			sim_step();
			if (sim.gsp.state != NOVA_GSP_READY)
				sim_reset_end();
		}
		/* Two lost answers, and the tries in between, for each of a few switches. */
		assert_true(sim.longest_wait_ns < 20 * DEADLINE_NS);
		if (sim.gsp.state != NOVA_GSP_READY)
			sim_reset_end();
		if (seed < 200)
			sim_end(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reset_behind_deletions, sim_begin, sim_end),
		cmocka_unit_test_setup_teardown(chaos, sim_begin, sim_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
