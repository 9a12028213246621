// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/runlist_sim.c
// uses: kmod/sched/runlist.c kmod/sched/tsg.c kmod/sched/watch.c kmod/sched/calls.c
// uses: kmod/sched/sched.c kmod/sched/switch.c kmod/sched/rq.c kmod/sched/check.c
// uses: kmod/sched/builtin.c kmod/abi/abi.c kmod/abi/tables.c
// include: selftests/unit/kernel
/*
 * Runlists with a firmware that fails controls: single ones, and all of one vGPU.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "runlist_sim.h"

/* Both have turns, and the firmware has one of them at a time at most. */
static void both_go_on(void)
{
	u64 one = sim_runs(1), two = sim_runs(2);

	sim_run_for(100 * NSEC_PER_MSEC);
	assert_true(sim_runs(1) > one + 5 && sim_runs(2) > two + 5);
	assert_int_equal(sim.gave_up[1] + sim.gave_up[2], 0);
}

static u64 retries(void)
{
	return sim.gpu.sched->count[NOVA_SCHED_STAT_RETRIES].v;
}

static void one_control_fails(void **state)
{
	static const u32 cmds[] = { NOVA_WIRE_TSG_SCHEDULE, NOVA_WIRE_TSG_PREEMPT };
	static const int errs[] = {
		-EIO, -EAGAIN, -ENODEV, -ESHUTDOWN, -ENOMEM, -EACCES, -EBADMSG,
	};
	u32 c, e, late;

	for (c = 0; c < ARRAY_SIZE(cmds); c++) {
		for (e = 0; e < ARRAY_SIZE(errs); e++) {
			for (late = 0; late < 2; late++) {
				u64 before = retries();

				sim.fate = (struct fate) {
					.cmd = cmds[c], .nth = 3,
					.now_err = late ? 0 : errs[e], .err = late ? errs[e] : 0,
				};
				both_go_on();
				assert_int_equal(retries(), before + 1);
			}
		}
	}
	sim.fate = (struct fate) { .cmd = NOVA_WIRE_TSG_PREEMPT, .nth = 3, .err = -ETIMEDOUT };
	sim_run_for(2 * DEADLINE_NS);
	both_go_on();
}

/* All of one vGPU's: it is taken out, once, and the other has the engine. */
static void one_vgpu_fails(void **state)
{
	char why[64];
	u64 two;

	sim.fate = (struct fate) { .cmd = NOVA_WIRE_TSG_SCHEDULE, .gfid = 1, .now_err = -EACCES };
	sim_run_for(400 * NSEC_PER_MSEC);
	assert_int_equal(sim.gave_up[1], 1);
	assert_int_equal(sim.gave_up[2], 0);
	mutex_lock(&sim.vgpu[1].lock);
	assert_true(nova_sched_is_broken(&sim.vgpu[1].tenant, why, sizeof(why)));
	assert_string_equal(why, "it could not be switched on gr0 (error -13)");
	mutex_unlock(&sim.vgpu[1].lock);
	two = sim_runs(2);
	sim_works(2, false);
	sim_works(2, true);
	sim_run_for(100 * NSEC_PER_MSEC);
	assert_true(sim_runs(2) > two);
	/* Its owner has it made anew once that is over. */
	sim.fate = (struct fate) {};
	sim_destroy(1);
	sim_create(1);
	sim_works(1, true);
	sim.gave_up[1] = 0;
	both_go_on();
}

/* Nobody is put on while it is not sure that the one before can be taken off. */
static void in_order(void **state)
{
	u32 i;

	sim.fate = (struct fate) { .cmd = NOVA_WIRE_TSG_SCHEDULE, .gfid = 1, .now_err = -EAGAIN };
	for (i = 0; i < 2000 && !sim.gave_up[1] && sim_step(); i++)
		assert_false(!sim.gave_up[1] && sim.on[1] && sim.on[2]);
	assert_int_equal(sim.gave_up[1], 1);
}

/* A refusal is final at once, whatever hooks do; it costs nobody a tenth of a second. */
static void a_refusal_is_final(void **state)
{
	u64 before = retries();

	sim.fate = (struct fate) {
		.cmd = NOVA_WIRE_TSG_SCHEDULE, .gfid = 1, .err = -EREMOTEIO,
		.status = NV_ERR_INVALID_ARGUMENT,
	};
	sim_run_for(20 * NSEC_PER_MSEC);
	assert_int_equal(sim.gave_up[1], 1);
	assert_int_equal(retries(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_control_fails, sim_begin, sim_end),
		cmocka_unit_test_setup_teardown(one_vgpu_fails, sim_begin, sim_end),
		cmocka_unit_test_setup_teardown(in_order, sim_begin, sim_end),
		cmocka_unit_test_setup_teardown(a_refusal_is_final, sim_begin, sim_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
