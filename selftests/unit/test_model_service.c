// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c

/* The device model's firmware takes time for calls, several of them at once. */
#include "unit.h"
#include "model_driver.h"

#define GET_TIMESLICE	0xa06c0104
#define CALLS		16
#define MEAN_NS		100000

static struct drv *booted(const char *release, u32 inflight)
{
	struct gsim_config cfg = {
		.abi = nova_abi_find(release),
		.chip = "ga102",
		.fb_mb = 24576,
		.inflight = inflight,
		.seed = 1,
	};
	struct drv *d = drv_new_cfg(&cfg);

	assert_int_equal(drv_boot(d), 0);
	drv_objects(d);
	return d;
}

/* Sends CALLS calls at once. Gives the order and time of each reply. */
static u64 burst(struct drv *d, u32 *order, u64 *at)
{
	u64 start = d->now_ns;
	u8 params[8] = {};
	u32 i;

	for (i = 0; i < CALLS; i++)
		drv_post_control(d, 0xf00 + i, GET_TIMESLICE, params, sizeof(params));
	for (i = 0; i < CALLS; i++) {
		assert_true(drv_reply(d, 100 * MEAN_NS));
		order[i] = (u32)drv_get(d, NOVA_CONTROL_OBJECT, d->rec.payload,
					d->rec.payload_len) - 0xf00;
		at[i] = d->now_ns - start;
	}
	return at[CALLS - 1];
}

static bool in_order(const u32 *order)
{
	u32 i;

	for (i = 0; i < CALLS; i++)
		if (order[i] != i)
			return false;
	return true;
}

static void serve(struct drv *d, u32 ns, u32 parallel)
{
	char err[128];

	assert_int_equal(gsim_service_set(d->sim, ns, parallel, err, sizeof(err)), 0);
}

static void one_at_a_time(void **state)
{
	struct drv *d = booted("595.45.04", 8);
	u32 order[CALLS], i;
	u64 at[CALLS];

	(void)state;
	serve(d, MEAN_NS, 1);
	burst(d, order, at);
	assert_true(in_order(order));
	/* Half the mean to one and a half, each, as the clock of the test steps. */
	for (i = 0; i < CALLS; i++)
		assert_in_range(at[i] - (i ? at[i - 1] : 0), MEAN_NS / 2 - 10000,
				MEAN_NS * 3 / 2 + 10000);
	assert_in_range(at[CALLS - 1], 12 * MEAN_NS, 20 * MEAN_NS);
	drv_free(d);
}

static void parallel_is_faster(void **state)
{
	struct drv *d = booted("595.45.04", 32);
	u64 at[CALLS], one, eight;
	u32 order[CALLS];

	(void)state;
	serve(d, MEAN_NS, 1);
	one = burst(d, order, at);
	serve(d, MEAN_NS, 8);
	eight = burst(d, order, at);
	assert_in_range(one / eight, 5, 9);
	serve(d, 0, 0);
	assert_in_range(burst(d, order, at), 0, 20000);
	drv_free(d);
}

static void only_echo_changes_the_order(void **state)
{
	struct drv *echo = booted("595.45.04", 8), *none = booted("570.144", 8);
	u32 order[CALLS], k, changed = 0;
	u64 at[CALLS];

	(void)state;
	serve(echo, MEAN_NS, 8);
	serve(none, MEAN_NS, 8);
	for (k = 0; k < 20; k++) {
		burst(echo, order, at);
		changed += !in_order(order);
		burst(none, order, at);
		assert_true(in_order(order));
	}
	assert_true(changed > 10);
	drv_free(echo);
	drv_free(none);
}

static void it_repeats(void **state)
{
	struct drv *a = booted("595.45.04", 8), *b = booted("595.45.04", 8);
	u32 order_a[CALLS], order_b[CALLS];
	u64 at_a[CALLS], at_b[CALLS];

	(void)state;
	serve(a, MEAN_NS, 4);
	serve(b, MEAN_NS, 4);
	burst(a, order_a, at_a);
	burst(b, order_b, at_b);
	assert_memory_equal(order_a, order_b, sizeof(order_a));
	assert_memory_equal(at_a, at_b, sizeof(at_a));
	drv_free(a);
	drv_free(b);
}

static void bounds(void **state)
{
	struct drv *d = booted("570.144", 8);
	char err[128], text[32];

	(void)state;
	assert_int_equal(gsim_service_set(d->sim, 1, GSIM_PARALLEL_MAX + 1, err, sizeof(err)),
			 -EINVAL);
	assert_non_null(strstr(err, "65 calls at once; want up to 1000000000 and 64"));
	assert_int_equal(gsim_service_set(d->sim, GSIM_SERVICE_NS_MAX + 1, 1, err, sizeof(err)),
			 -EINVAL);
	serve(d, 50, 0);
	gsim_service_show(d->sim, text, sizeof(text));
	assert_string_equal(text, "50 8\n");
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(parallel_is_faster),
		cmocka_unit_test(only_echo_changes_the_order),
		cmocka_unit_test(it_repeats),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
