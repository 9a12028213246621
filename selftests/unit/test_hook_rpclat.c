// SPDX-License-Identifier: GPL-2.0-only
// uses: tools/novabpf/base/hist.c
/* rpclat: what is counted where; and buckets and percentiles of its histograms. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "rpc.bpf.h"
#include "../../bpf/rpc/rpclat.bpf.c"
#include "base/hist.h"

s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns)
{
	return -EINVAL;
}

s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz)
{
	return -EINVAL;
}

static void buckets(void **state)
{
	u64 v;
	u32 b, bit;

	for (v = 0; v < 4096; v++) {
		b = nova_hist_bucket(v);
		assert_in_range(v, nova_hist_floor(b), nova_hist_floor(b + 1) - 1);
	}
	for (bit = 12; bit < 64; bit++) {
		for (v = (1ULL << bit) - 1; v <= (1ULL << bit) + 1; v++) {
			b = nova_hist_bucket(v);
			assert_in_range(b, 1, NOVA_HIST_BUCKETS - 1);
			assert_true(v >= nova_hist_floor(b));
			if (b < NOVA_HIST_BUCKETS - 1)
				assert_true(v < nova_hist_floor(b + 1));
		}
	}
	assert_int_equal(nova_hist_bucket(~0ULL), NOVA_HIST_BUCKETS - 1);
}

static void percentiles(void **state)
{
	__u64 hist[NOVA_HIST_BUCKETS] = { 0 }, twice[NOVA_HIST_BUCKETS] = { 0 };
	double p50, p99;
	u32 i;

	assert_true(hist_percentile(hist, 50) < 0);
	for (i = 1; i <= 10000; i++)
		hist[nova_hist_bucket(i * 100)]++;
	p50 = hist_percentile(hist, 50);
	p99 = hist_percentile(hist, 99);
	assert_true(p50 > 490000 && p50 < 510000);
	assert_true(p99 > 980000 && p99 < 1050000);
	assert_true(hist_percentile(hist, 100) >= 1000000);
	hist_add(twice, hist);
	hist_add(twice, hist);
	assert_int_equal(hist_count(twice), 20000);
	hist_sub(twice, hist);
	assert_memory_equal(twice, hist, sizeof(hist));
	/* A map that was emptied meanwhile. */
	twice[3] = 0;
	hist[3] = 5;
	hist_sub(twice, hist);
	assert_int_equal(twice[3], 0);
}

static void end(u32 gfid, u32 cmd, u64 sent_ns, u64 reply_ns, s32 err, u32 status)
{
	struct nova_rpc_ctx rpc = {
		.gfid = gfid, .op = NOVA_OP_RPC_GSP_RM_CONTROL, .cmd = cmd, .submit_ns = 1000,
		.sent_ns = sent_ns, .reply_ns = reply_ns, .now_ns = 10000, .err = err,
		.status = status,
	};

	assert_int_equal(rpclat.reply(&rpc), 0);
}

static struct nova_lat *lat(u32 gfid, u32 cmd)
{
	struct nova_call_key key = { gfid, NOVA_OP_RPC_GSP_RM_CONTROL, cmd };

	return bpf_map_lookup_elem(&rpclat_hist, &key);
}

static void counts(void **state)
{
	end(2, 5, 1100, 9000, 0, 0);
	end(2, 5, 1100, 9000, 0, 0x1f);
	end(2, 6, 1100, 0, -110, 0);
	end(3, 5, 0, 0, -5, 0);
	assert_int_equal(lat(2, 5)->calls, 2);
	assert_int_equal(lat(2, 5)->failed, 1);
	assert_int_equal(lat(2, 5)->queue_ns, 200);
	assert_int_equal(lat(2, 5)->firmware_ns, 2 * 7900);
	assert_int_equal(lat(2, 5)->total_ns, 2 * 9000);
	assert_int_equal(lat(2, 5)->max_ns, 9000);
	assert_int_equal(lat(2, 5)->queue[nova_hist_bucket(100)], 2);
	assert_int_equal(lat(2, 5)->firmware[nova_hist_bucket(7900)], 2);
	assert_int_equal(hist_count(lat(2, 6)->queue), 1);
	assert_int_equal(hist_count(lat(2, 6)->firmware), 0);
	assert_int_equal(lat(3, 5)->calls, 1);
	assert_int_equal(hist_count(lat(3, 5)->queue), 0);
	assert_null(lat(3, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(counts),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	native_forget();
	return ret;
}
