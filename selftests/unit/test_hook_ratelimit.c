// SPDX-License-Identifier: GPL-2.0-only
// uses:
/* ratelimit: the rate is held, bursts pass, waits are bounded, others are left alone. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "rpc.bpf.h"
/* Variables that user space sets are constant to the program only. */
#define const
#include "../../bpf/rpc/ratelimit.bpf.c"
#undef const

static u64 throttled_ns;

s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns)
{
	assert_int_equal(rule, RULE_LIMIT);
	assert_in_range(ns, 1, NOVA_RPC_THROTTLE_MAX_NS);
	throttled_ns = ns;
	return 0;
}

s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz)
{
	return -EINVAL;
}

/* A call now. Return: when it is sent. */
static u64 send_at(u32 gfid, u64 now_ns)
{
	struct nova_rpc_ctx rpc = { .gfid = gfid, .now_ns = now_ns };

	throttled_ns = 0;
	assert_int_equal(ratelimit.submit(&rpc), 0);
	return now_ns + throttled_ns;
}

static int reset(void **state)
{
	native_forget();
	rate = 1000;
	burst = 4;
	max_wait_ms = 500;
	refuse = false;
	limit_host = false;
	return 0;
}

/* One caller that waits for each of its calls: burst, then a call per ms. */
static void rate_is_held(void **state)
{
	u64 now = NSEC_PER_SEC, start = now;
	u32 i;

	for (i = 0; i < 1000; i++) {
		now = send_at(2, now);
		if (i < 4)
			assert_int_equal(now, start);
	}
	assert_int_equal(now - start, (1000 - 4) * NSEC_PER_MSEC);
}

/* Many at once: they are spread out, in order. */
static void crowd_is_spread(void **state)
{
	u64 now = NSEC_PER_SEC;
	u32 i;

	for (i = 0; i < 100; i++)
		assert_int_equal(send_at(2, now), now + (i < 4 ? 0 : (i - 3) * NSEC_PER_MSEC));
}

static void bucket_fills_up(void **state)
{
	u64 now = NSEC_PER_SEC;
	u32 i;

	for (i = 0; i < 4; i++)
		send_at(2, now);
	assert_true(send_at(2, now) > now);
	/* Not to more than its size, however long it was quiet. */
	now += 1000 * NSEC_PER_SEC;
	for (i = 0; i < 4; i++)
		assert_int_equal(send_at(2, now), now);
	assert_true(send_at(2, now) > now);
}

static void slower_than_the_rate(void **state)
{
	u64 now = NSEC_PER_SEC;
	u32 i;

	for (i = 0; i < 100; i++, now += NSEC_PER_MSEC)
		assert_int_equal(send_at(2, now), now);
}

static void wait_is_bounded(void **state)
{
	struct nova_rpc_ctx rpc = { .gfid = 2, .now_ns = NSEC_PER_SEC };
	struct tokens_of *b;
	u32 i, key = 2;

	max_wait_ms = 10;
	for (i = 0; i < 100; i++)
		assert_in_range(send_at(2, NSEC_PER_SEC), NSEC_PER_SEC,
				NSEC_PER_SEC + 10 * NSEC_PER_MSEC);
	b = bpf_map_lookup_elem(&ratelimit_now, &key);
	assert_int_equal(b->s.calls, 100);
	assert_int_equal(b->s.throttled, 10);
	assert_int_equal(b->s.clipped, 86);
	refuse = true;
	assert_int_equal(ratelimit.submit(&rpc), -EAGAIN);
	/* Never beyond what the core takes, whatever is asked for. */
	refuse = false;
	max_wait_ms = 4000000000U;
	rate = 1;
	for (i = 0; i < 10; i++)
		send_at(3, NSEC_PER_SEC);
}

static void others_are_left_alone(void **state)
{
	struct nova_limit none = { 0 }, slow = { 10, 1 };
	u64 now = NSEC_PER_SEC;
	u32 i, gfid;

	gfid = 5;
	bpf_map_update_elem(&ratelimit_of, &gfid, &none, BPF_ANY);
	gfid = 6;
	bpf_map_update_elem(&ratelimit_of, &gfid, &slow, BPF_ANY);
	for (i = 0; i < 50; i++) {
		send_at(2, now);
		assert_int_equal(send_at(0, now), now);
		assert_int_equal(send_at(5, now), now);
	}
	assert_true(send_at(2, now) > now);
	assert_int_equal(send_at(3, now), now);
	assert_int_equal(send_at(6, now), now);
	assert_int_equal(send_at(6, now), now + 100 * NSEC_PER_MSEC);
	limit_host = true;
	for (i = 0; i < 4; i++)
		assert_int_equal(send_at(0, now), now);
	assert_true(send_at(0, now) > now);
}

/* They neither wait, nor take what the tenant's own calls need, nor are counted. */
static void scheduler_is_left_alone(void **state)
{
	struct nova_rpc_ctx rpc = { .gfid = 2, .now_ns = NSEC_PER_SEC, .flags = NOVA_RPC_C_SCHED };
	struct tokens_of *b;
	u32 i, key = 2;

	refuse = true;
	max_wait_ms = 1;
	for (i = 0; i < 1000; i++) {
		throttled_ns = 0;
		assert_int_equal(ratelimit.submit(&rpc), 0);
		assert_int_equal(throttled_ns, 0);
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(send_at(2, NSEC_PER_SEC), NSEC_PER_SEC);
	assert_true(send_at(2, NSEC_PER_SEC) > NSEC_PER_SEC);
	b = bpf_map_lookup_elem(&ratelimit_now, &key);
	assert_int_equal(b->s.calls, 5);
	limit_host = true;
	rpc.gfid = 0;
	for (i = 0; i < 100; i++)
		assert_int_equal(ratelimit.submit(&rpc), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rate_is_held, reset),
		cmocka_unit_test_setup(crowd_is_spread, reset),
		cmocka_unit_test_setup(bucket_fills_up, reset),
		cmocka_unit_test_setup(slower_than_the_rate, reset),
		cmocka_unit_test_setup(wait_is_bounded, reset),
		cmocka_unit_test_setup(others_are_left_alone, reset),
		cmocka_unit_test_setup(scheduler_is_left_alone, reset),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	native_forget();
	return ret;
}
