// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/runlist_sim.c
// uses: kmod/sched/runlist.c kmod/sched/tsg.c kmod/sched/watch.c kmod/sched/calls.c
// uses: kmod/sched/sched.c kmod/sched/switch.c kmod/sched/rq.c kmod/sched/check.c
// uses: kmod/sched/builtin.c kmod/abi/abi.c kmod/abi/tables.c
// include: selftests/unit/kernel
/*
 * Runlists while time passes elsewhere: caps and settings, sleep and stalls.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "runlist_sim.h"

static bool always(struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
		   struct nova_sched_vgpu *woken)
{
	return true;
}

/* vGPU 2 has begun to run after @since_ns, and vGPU 1 is at its cap. */
static void run_until_capped(u64 since_ns)
{
	struct nova_runlist *rl = sim_runlist();
	struct nova_rq_vgpu *one = nova_rq_find(&rl->rq, 1);
	u32 i;

	for (i = 0; i < 1000; i++) {
		if (one->capped && rl->phase == NOVA_RL_ON && rl->on->gfid == 2 &&
		    rl->run_since_ns > since_ns)
			return;
		sim_step();
	}
	fail_msg("vGPU 1 does not get to its cap");
}

/* A setting that waits for the runlist meets a run that began meanwhile, and ends it. */
static void config_waits_for_the_runlist(void **state)
{
	const struct nova_sched_ops ops = { .preempt = always };
	struct nova_policy policy = { .ops = &ops, .sched = sim.gpu.sched, .gpu = &sim.gpu };
	struct nova_rq_vgpu *two = nova_rq_find(&sim_runlist()->rq, 2);
	u64 ran_ns;

	sim_configure(1, 10);
	run_until_capped(0);
	sim_runlist()->policy = &policy;
	ran_ns = two->pub.run_total_ns;
	sim.others_first = run_until_capped;
	sim_configure(1, 0);
	sim.others_first = NULL;
	sim_runlist()->policy = NULL;
	assert_int_equal(sim_runlist()->phase, NOVA_RL_SWITCH);
	assert_true(two->pub.last_ran_ns < NSEC_PER_SEC);
	assert_true(two->pub.run_total_ns >= ran_ns);
}

/* A sleep takes every vGPU off. Work that comes meanwhile waits, and all go on afterwards. */
static void the_system_sleeps(void **state)
{
	struct nova_rq_vgpu *one = nova_rq_find(&sim_runlist()->rq, 1);
	u64 ran_ns, busy_ns;

	sim_configure(1, 20);
	sim_run_for(50 * NSEC_PER_MSEC);
	nova_sched_hold(&sim.gpu);
	assert_int_equal(sim_runlist()->phase, NOVA_RL_IDLE);
	assert_false(sim.on[1] || sim.on[2]);
	ran_ns = one->pub.run_total_ns;
	sim_works(1, true);
	sim_run_for(3 * NSEC_PER_SEC);
	assert_int_equal(sim_runlist()->phase, NOVA_RL_IDLE);
	assert_int_equal(one->pub.run_total_ns, ran_ns);
	nova_sched_release(&sim.gpu);
	sim_run_for(200 * NSEC_PER_MSEC);
	busy_ns = one->pub.run_total_ns - ran_ns;
	assert_in_range(busy_ns, 20 * NSEC_PER_MSEC, 70 * NSEC_PER_MSEC);
	assert_int_equal(sim.gave_up[1] + sim.gave_up[2], 0);
}

/* The machine stands still in the midst of a switch, and the watchdog was due meanwhile. */
static void a_stalled_switch_is_forgiven(void **state)
{
	const struct nova_sched_ops ops = {};
	struct nova_policy policy = { .ops = &ops, .sched = sim.gpu.sched, .gpu = &sim.gpu };
	struct nova_runlist *rl = sim_runlist();
	u64 since_ns, slow_ns;
	u32 i;

	rl->policy = &policy;
	/* Its last control is under way. */
	for (i = 0; i < 1000 && (rl->phase != NOVA_RL_SWITCH || sim.nr_out != 1); i++)
		sim_step();
	assert_int_equal(rl->phase, NOVA_RL_SWITCH);
	spin_lock_irq(&rl->lock);
	rl->watchdog_at_ns = 0;
	nova_watch_arm(rl, sim.now_ns);
	spin_unlock_irq(&rl->lock);
	since_ns = rl->switch_since_ns;
	slow_ns = rl->slow_ns;
	assert_true(rl->watchdog_at_ns > since_ns);
	sim.now_ns += 4 * (u64)NSEC_PER_SEC;
	sim_step();
	assert_int_equal(rl->phase, NOVA_RL_ON);
	assert_int_equal(rl->slow_ns - slow_ns, sim.now_ns - since_ns);
	rl->policy = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(config_waits_for_the_runlist, sim_begin, sim_end),
		cmocka_unit_test_setup_teardown(the_system_sleeps, sim_begin, sim_end),
		cmocka_unit_test_setup_teardown(a_stalled_switch_is_forgiven, sim_begin, sim_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
