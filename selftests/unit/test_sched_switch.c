// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/switch.c
/* What the end of a control of a switch means, and how often a switch is tried again. */
#include "unit.h"
#include "sched/switch.h"

/* Errors that a call may end with while the firmware is as well as ever. */
static const int passing[] = {
	-EIO, -EAGAIN, -ENODEV, -ESHUTDOWN, -ENOMEM, -EBUSY, -EACCES, -EPERM, -EBADMSG, -EINVAL,
	-E2BIG, -EINTR,
};

/* That the firmware is gone, its state says, whatever the error; and no error says so. */
static void gone_by_state_only(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(passing); i++) {
		assert_int_equal(nova_control_end(passing[i], 0, true), NOVA_CONTROL_TODO);
		assert_int_equal(nova_control_end(passing[i], 0, false), NOVA_CONTROL_GONE);
	}
	assert_int_equal(nova_control_end(-ETIMEDOUT, 0, true), NOVA_CONTROL_LOST);
	assert_int_equal(nova_control_end(-ETIMEDOUT, 0, false), NOVA_CONTROL_GONE);
	assert_int_equal(nova_control_end(0, 0, true), NOVA_CONTROL_DONE);
	/* It was executed, and the firmware went afterwards. */
	assert_int_equal(nova_control_end(0, 0, false), NOVA_CONTROL_DONE);
}

static void refusals_are_final(void **state)
{
	(void)state;
	assert_int_equal(nova_control_end(-EREMOTEIO, -EINVAL, true), NOVA_CONTROL_REFUSED);
	assert_int_equal(nova_control_end(-EREMOTEIO, 0, true), NOVA_CONTROL_REFUSED);
	assert_int_equal(nova_control_end(-EREMOTEIO, -ETIMEDOUT, true), NOVA_CONTROL_REFUSED);
	assert_int_equal(nova_control_end(-EREMOTEIO, -EBUSY, true), NOVA_CONTROL_TODO);
	assert_int_equal(nova_control_end(-EREMOTEIO, -EAGAIN, true), NOVA_CONTROL_TODO);
	assert_int_equal(nova_control_end(-EREMOTEIO, -ENOMEM, true), NOVA_CONTROL_TODO);
	assert_int_equal(nova_control_end(-EREMOTEIO, -EINVAL, false), NOVA_CONTROL_GONE);
}

/* The engine stands still for the others meanwhile: 102.3 ms in all, and then no more. */
static void retries_are_bounded(void **state)
{
	struct nova_switch_tries t = { 0 };
	u64 ns, sum = 0, last = 0;
	u32 n = 0;

	(void)state;
	while ((ns = nova_switch_backoff_ns(&t, false))) {
		assert_int_equal(ns, last ? 2 * last : NOVA_SWITCH_BACKOFF_NS);
		last = ns;
		sum += ns;
		n++;
	}
	assert_int_equal(n, NOVA_SWITCH_RETRIES);
	assert_int_equal(sum, 102300000);
	assert_int_equal(nova_switch_backoff_ns(&t, false), 0);
}

/* Each lost answer is waited for until the deadline of a call: once more, not ten times. */
static void lost_answers_are_bounded(void **state)
{
	struct nova_switch_tries t = { 0 };

	(void)state;
	assert_int_equal(nova_switch_backoff_ns(&t, false), NOVA_SWITCH_BACKOFF_NS);
	assert_true(nova_switch_backoff_ns(&t, true) > 0);
	assert_true(nova_switch_backoff_ns(&t, false) > 0);
	assert_int_equal(nova_switch_backoff_ns(&t, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gone_by_state_only),
		cmocka_unit_test(refusals_are_final),
		cmocka_unit_test(retries_are_bounded),
		cmocka_unit_test(lost_answers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
