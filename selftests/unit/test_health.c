// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/fault/health.c

/*
 * Heartbeats: who is to blame, and no alarm where nothing is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../kmod/gsp/fault/health.h"

#define S	1000000000ULL

static void expect(const struct nova_health *h, u64 now, enum nova_health_verdict v)
{
	assert_int_equal(nova_health_verdict(h, now), v);
}

static void never_seen_to_move(void **state)
{
	struct nova_health h = { 0 };

	(void)state;
	expect(&h, 100 * S, NOVA_HEALTH_UNKNOWN);
	nova_health_look(&h, 7, 7, S);
	expect(&h, 100 * S, NOVA_HEALTH_UNKNOWN);
	nova_health_look(&h, 7, 7, 50 * S);
	expect(&h, 100 * S, NOVA_HEALTH_UNKNOWN);
}

static void stuck_at_zero(void **state)
{
	struct nova_health h = { 0 };

	(void)state;
	nova_health_look(&h, 1000, 1000, 1 * S);
	nova_health_look(&h, 2000, 2000, 2 * S);
	expect(&h, 3 * S, NOVA_HEALTH_SLOW);
	/* After a suspend: at 0, for ever. */
	nova_health_look(&h, 0, 0, 3 * S);
	nova_health_look(&h, 0, 0, 60 * S);
	expect(&h, 100 * S, NOVA_HEALTH_UNKNOWN);
	/* Until they beat again, and stop. */
	nova_health_look(&h, 1, 1, 101 * S);
	expect(&h, 120 * S, NOVA_HEALTH_UNKNOWN);
	nova_health_look(&h, 2, 2, 121 * S);
	expect(&h, 126 * S, NOVA_HEALTH_SLOW);
	expect(&h, 127 * S, NOVA_HEALTH_CORE_DEAD);
}

static void who_is_to_blame(void **state)
{
	struct nova_health h = { 0 };

	(void)state;
	nova_health_look(&h, 1, 1, 1 * S);
	nova_health_look(&h, 2, 2, 2 * S);
	nova_health_look(&h, 2, 3, 7 * S);
	expect(&h, 7 * S + 200000000ULL, NOVA_HEALTH_SLOW);
	expect(&h, 7 * S + 200000001ULL, NOVA_HEALTH_RM_DEAD);
	nova_health_look(&h, 2, 4, 8 * S);
	expect(&h, 8 * S, NOVA_HEALTH_RM_DEAD);
	expect(&h, 14 * S, NOVA_HEALTH_CORE_DEAD);
}

static void wraps(void **state)
{
	struct nova_health h = { 0 };

	(void)state;
	nova_health_look(&h, 0xfffffff0u, 0xfffffff0u, 1 * S);
	nova_health_look(&h, 0xffffffffu, 0xffffffffu, 2 * S);
	nova_health_look(&h, 5, 5, 3 * S);
	expect(&h, 8 * S, NOVA_HEALTH_SLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_seen_to_move),
		cmocka_unit_test(stuck_at_zero),
		cmocka_unit_test(who_is_to_blame),
		cmocka_unit_test(wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
