// SPDX-License-Identifier: GPL-2.0-only
/* What counts as a wait where the machine stands still now and then. */
#include "unit.h"
#include "base/stall.h"

#define MS	1000000ULL

/* A watchdog of 1 s over a runlist whose turns of 2 ms end by a timer. */
struct machine {
	u64 now_ns;
	u64 seen_ns;
	u64 due_ns;
	u64 lost_ns;
};

/* The turn's timer fires @late_ns after it was due, and the policy takes @busy_ns. */
static void turn(struct machine *m, u64 late_ns, u64 busy_ns)
{
	m->now_ns = m->due_ns + late_ns;
	m->lost_ns += nova_stall_ns(m->due_ns, m->seen_ns, m->now_ns);
	m->now_ns += busy_ns;
	m->seen_ns = m->now_ns;
	m->due_ns = m->now_ns + 2 * MS;
}

static struct machine begun(void)
{
	return (struct machine) { .now_ns = 7, .seen_ns = 7, .due_ns = 2 * MS };
}

static void lateness(void **state)
{
	(void)state;
	assert_int_equal(nova_stall_ns(10, 5, 9), 0);
	assert_int_equal(nova_stall_ns(10, 5, 10 + NOVA_STALL_NS), 0);
	assert_int_equal(nova_stall_ns(10, 5, 11 + NOVA_STALL_NS), NOVA_STALL_NS + 1);
	/* Nothing was due: a machine without work does not stand still. */
	assert_int_equal(nova_stall_ns(U64_MAX, 5, 4000 * MS), 0);
	/* What was seen after that was at work until then. */
	assert_int_equal(nova_stall_ns(10, 3000 * MS, 4000 * MS), 1000 * MS);
	/* A clock that goes back. */
	assert_int_equal(nova_stall_ns(10, 4000 * MS, 20), 0);
	assert_int_equal(nova_stall_charged_ns(5, 1005, 0), 1000);
	assert_int_equal(nova_stall_charged_ns(5, 1005, 300), 700);
	assert_int_equal(nova_stall_charged_ns(5, 1005, 2000), 0);
	assert_int_equal(nova_stall_charged_ns(5, 4, 0), 0);
}

/* Stopped for 4 s in the middle of a turn: the policy is charged with that turn. */
static void a_stop_of_the_machine(void **state)
{
	struct machine m = begun();
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		turn(&m, 1000, 0);
	turn(&m, 4000 * MS - MS, 0);
	turn(&m, 1000, 0);
	assert_true(nova_stall_charged_ns(7, m.now_ns, m.lost_ns) < 210 * MS);
}

/* Every timer 20 ms late: a starved vGPU still uses up its second of chances. */
static void a_slow_machine(void **state)
{
	struct machine m = begun();
	int turns = 0;

	(void)state;
	while (nova_stall_charged_ns(7, m.now_ns, m.lost_ns) < 1000 * MS && turns < 10000) {
		turn(&m, 20 * MS, 0);
		turns++;
	}
	assert_in_range(turns, 450, 510);
	assert_true(m.now_ns > 10000 * MS);
}

/* A policy that holds the processor makes its own timers late, and is charged with it. */
static void a_slow_policy(void **state)
{
	struct machine m = begun();
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		turn(&m, 1000, 100 * MS);
	assert_int_equal(m.lost_ns, 0);
	/* Its next timer was due while it was at it. */
	m.due_ns = m.now_ns - 90 * MS;
	turn(&m, 91 * MS, 0);
	assert_int_equal(m.lost_ns, 0);
	assert_true(nova_stall_charged_ns(7, m.now_ns, m.lost_ns) > 1000 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lateness),
		cmocka_unit_test(a_stop_of_the_machine),
		cmocka_unit_test(a_slow_machine),
		cmocka_unit_test(a_slow_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
