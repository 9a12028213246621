// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: selftests/unit/engine_driver.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c

/*
 * Loads of the device model: what is refused, what is repeated to the digit, and
 * what a minute of eight tenants costs.
 */
#include <time.h>
#include "unit.h"
#include "engine_driver.h"

#define TENANTS	8

/* A small scheduler: one vGPU at a time, in turn, for a slice. */
struct turns {
	bool runnable[TENANTS + 1];
	u32 on;
	bool busy;	/* something changed */
	u64 slice_end_ns;
	u64 switches;
	u64 runs;	/* calls of gsim_run() */
} turns;

static void turns_event(struct drv *d, u32 event, u32 engine_id, u32 gfid, u64 arg)
{
	(void)d;
	(void)engine_id;
	(void)arg;
	if (event == GSIM_EVENT_COMPLETE)
		return;
	turns.busy |= event == GSIM_EVENT_IDLE ? gfid == turns.on : !turns.on;
	turns.runnable[gfid] = event == GSIM_EVENT_DOORBELL;
}

static void turns_decide(struct drv *d, u64 slice_ns)
{
	u32 i, next = 0;

	for (i = 1; i <= TENANTS && !next; i++)
		if (turns.runnable[(turns.on + i - 1) % TENANTS + 1])
			next = (turns.on + i - 1) % TENANTS + 1;
	turns.slice_end_ns = next ? d->now_ns + slice_ns : GSIM_NEVER;
	turns.busy = false;
	if (next == turns.on)
		return;
	eng_switch(d, turns.on ? eng_handle(turns.on, GR0, 0) : 0,
		   next ? eng_handle(next, GR0, 0) : 0);
	turns.on = next;
	turns.switches++;
}

static void turns_run(struct drv *d, u64 duration_ns, u64 slice_ns)
{
	u64 end = d->now_ns + duration_ns, next;

	for (;;) {
		next = gsim_run(d->sim);
		turns.runs++;
		eng_drain(d);
		if (turns.busy || d->now_ns >= turns.slice_end_ns) {
			turns_decide(d, slice_ns);
			continue;
		}
		if (d->now_ns >= end)
			break;
		next = next < turns.slice_end_ns ? next : turns.slice_end_ns;
		next = next < end ? next : end;
		d->now_ns = next > d->now_ns ? next : d->now_ns + 1;
	}
}

static void mixed(struct work *w, u64 duration_ns, u64 seed)
{
	u64 s = seed;
	u32 i, k;

	work_init(w, duration_ns);
	w->load.seed = seed;
	w->load.preempt_ns = 30 * US;
	for (i = 0; i < TENANTS; i++) {
		struct nova_sim_tenant *t = work_tenant(w, i + 1, i % 3, 0, 0);

		t->draws = 8;
		t->start_ns = i * MS;
		for (k = 0; k < 8; k++) {
			s = s * 6364136223846793005ULL + 1442695040888963407ULL;
			w->draw[i][k].gap_ns = MS + (s >> 33) % (20 * MS);
			w->draw[i][k].length_ns = 100 * US + (s >> 40) % (4 * MS);
		}
	}
	w->tenant[1].grain_ns = 700 * US;
	w->tenant[7].start_ns = 0;
}

static void mixed_run(struct work *w, u64 seed, u64 idle_before_ns)
{
	struct drv *d = eng_boot(5);
	u32 i;

	memset(&turns, 0, sizeof(turns));
	turns.slice_end_ns = GSIM_NEVER;
	for (i = 1; i <= TENANTS; i++)
		eng_vgpu(d, i, GR0, 1);
	drv_run(d, idle_before_ns);
	d->engine = turns_event;
	mixed(w, 2000 * MS, seed);
	assert_int_equal(work_start(d, w), 0);
	turns_run(d, w->load.duration_ns, 2083333);
	assert_true(gsim_load_done(d->sim));
	work_result(d, w);
	drv_free(d);
}

static bool same(const struct work *x, const struct work *y)
{
	struct nova_sim_result p = x->res, q = y->res;

	p.started_ns = 0;
	q.started_ns = 0;
	return !memcmp(&p, &q, sizeof(p)) &&
	       !memcmp(x->item, y->item, p.items * sizeof(*x->item)) &&
	       !memcmp(x->seg, y->seg, p.segments * sizeof(*x->seg));
}

static void test_repeats(void **state)
{
	struct work x, y, z;

	(void)state;
	mixed_run(&x, 7, 1);
	mixed_run(&y, 7, 12345678);
	mixed_run(&z, 8, 1);
	assert_true(x.res.items > 500);
	assert_true(same(&x, &y));
	assert_false(same(&x, &z));
	work_end(&x);
	work_end(&y);
	work_end(&z);
}

/* The books balance: every nanosecond is one of work, switch or idle. */
static void test_books(void **state)
{
	u64 i, ran = 0, idle = 0, last = 0;
	struct work w;

	(void)state;
	mixed_run(&w, 3, 1);
	assert_int_equal(work_ran(&w, NOVA_SIM_RUN, 0), w.res.busy_ns);
	assert_int_equal(work_ran(&w, NOVA_SIM_SWITCH, 0), w.res.switch_ns);
	assert_int_equal(w.res.segments_lost, 0);
	for (i = 0; i < w.res.segments; i++) {
		assert_true(w.seg[i].start_ns >= last);
		assert_true(w.seg[i].end_ns > w.seg[i].start_ns);
		idle += w.seg[i].start_ns - last;
		last = w.seg[i].end_ns;
	}
	idle += w.res.ended_ns - last;
	assert_int_equal(idle + w.res.busy_ns + w.res.switch_ns, w.load.duration_ns);
	assert_in_range(w.res.idle_runnable_ns, 1, idle);
	for (i = 0; i < w.res.items; i++) {
		const struct nova_sim_item *it = &w.item[i];

		ran += it->ran_ns;
		assert_true(!i || it->arrival_ns >= w.item[i - 1].arrival_ns);
		if (it->flags)
			assert_int_equal(it->done_ns, 0);
		else
			assert_int_equal(it->ran_ns, it->length_ns);
		if (it->flags & NOVA_SIM_ITEM_DROPPED)
			assert_int_equal(it->ran_ns, 0);
		if (it->done_ns)
			assert_true(it->done_ns - it->start_ns >= it->length_ns);
	}
	assert_int_equal(ran, w.res.busy_ns);
	work_end(&w);
}

static void test_segments(void **state)
{
	struct drv *d = eng_boot(0);
	struct work w;

	(void)state;
	eng_vgpu(d, 1, GR0, 2);
	eng_schedule(d, eng_handle(1, GR0, 0), true);
	eng_schedule(d, eng_handle(1, GR0, 1), true);
	work_init(&w, 1000 * MS);
	w.load.segments = 5;
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, MS)->tsgs = 2;
	work_run(d, &w);
	assert_int_equal(w.res.segments, 5);
	assert_true(w.res.segments_lost > 100);
	work_end(&w);
	drv_free(d);
}

static void refused(struct drv *d, const void *blob, size_t size, int want, const char *why)
{
	char err[200] = "";
	int ret = gsim_load_start(d->sim, blob, size, err, sizeof(err));

	if (ret != want || !strstr(err, why))
		fail_msg("%d \"%s\", want %d \"%s\"", ret, err, want, why);
}

#define WRONG(member, value, code, why) do {		\
	struct work bad = good;				\
							\
	bad.blob = NULL;				\
	bad.member = value;				\
	work_blob(&bad);				\
	refused(d, bad.blob, bad.size, code, why);	\
	free(bad.blob);					\
} while (0)

static void test_refusals(void **state)
{
	struct drv *d = eng_boot(0);
	struct work good;
	size_t i;

	(void)state;
	eng_vgpu(d, 1, GR0, 2);
	work_init(&good, 10 * MS);
	work_tenant(&good, 1, NOVA_SIM_OPEN, MS, MS);
	work_tenant(&good, 1, NOVA_SIM_CLOSED, 0, MS);
	work_blob(&good);
	for (i = 0; i < good.size; i++) {
		u8 *part = malloc(i ? i : 1);

		memcpy(part, good.blob, i);
		refused(d, part, i, -EINVAL, i < sizeof(good.load) ? "bytes" : "");
		free(part);
	}
	WRONG(load.magic, 1, -EINVAL, "magic");
	WRONG(load.tenants, 0, -EINVAL, "tenants");
	WRONG(load.duration_ns, 0, -EINVAL, "duration");
	WRONG(load.duration_ns, ~0ULL, -EINVAL, "duration");
	WRONG(load.ctxsw_ns, ~0u, -EINVAL, "context switch");
	WRONG(load.preempt_ns, ~0u, -EINVAL, "preemption");
	WRONG(load.tsg_slice_ns, 999, -EINVAL, "slice");
	WRONG(tenant[1].gfid, 0, -EINVAL, "tenant 1: gfid");
	WRONG(tenant[1].gfid, 9999, -EINVAL, "tenant 1: gfid");
	WRONG(tenant[1].gfid, 2, -ENOENT, "vGPU 2 has 0");
	WRONG(tenant[1].engine_id, 2, -EINVAL, "engine");
	WRONG(tenant[1].engine_id, NVENC0, -ENOENT, "NVENC0");
	WRONG(tenant[1].tsgs, 0, -EINVAL, "channel groups");
	WRONG(tenant[1].tsgs, 9, -EINVAL, "channel groups");
	WRONG(tenant[1].tsgs, 3, -ENOENT, "has 2 channel groups on GR0, not 3");
	WRONG(tenant[1].arrival, 3, -EINVAL, "arrival");
	WRONG(tenant[0].stop_ns, 0, -EINVAL, "stops before");
	WRONG(draw[0][0].gap_ns, 0, -EINVAL, "no gap");
	WRONG(draw[1][0].length_ns, 0, -EINVAL, "no length");
	/* Counts that the size does not bear out, also absurd ones. */
	put_unaligned_le32(3, good.blob + 4);
	refused(d, good.blob, good.size, -EINVAL, "");
	put_unaligned_le32(2, good.blob + 4);
	for (i = 0; i < 2; i++) {
		u8 *draws = good.blob + 40 + 48 * i + 40;

		put_unaligned_le32(0, draws);
		refused(d, good.blob, good.size, -EINVAL, "draws");
		put_unaligned_le32(~0u, draws);
		refused(d, good.blob, good.size, -EINVAL, "draws");
		put_unaligned_le32(2, draws);
		refused(d, good.blob, good.size, -EINVAL, "counts");
		put_unaligned_le32(1, draws);
	}
	/* None of them left anything behind. */
	assert_false(gsim_load_done(d->sim));
	assert_int_equal(gsim_load_result(d->sim, 0, good.err, 1), 0);
	assert_int_equal(gsim_load_start(d->sim, good.blob, good.size, good.err, 200), 0);
	free(good.blob);
	drv_free(d);
}

/* Times at the end of the scale wrap nowhere. */
static void test_extremes(void **state)
{
	struct drv *d = eng_boot(0);
	struct work w;

	(void)state;
	eng_vgpu(d, 1, GR0, 1);
	eng_schedule(d, eng_handle(1, GR0, 0), true);
	drv_run(d, MS);
	eng_drain(d);
	work_init(&w, 10 * MS);
	work_tenant(&w, 1, NOVA_SIM_OPEN, ~0ULL, ~0ULL)->stop_ns = ~0ULL;
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, ~0ULL)->grain_ns = ~0ULL;
	work_tenant(&w, 1, NOVA_SIM_FRAME, MS, MS)->start_ns = ~0ULL - 1;
	w.tenant[2].stop_ns = ~0ULL;
	assert_int_equal(work_start(d, &w), 0);
	drv_run(d, MS);
	eng_preempt(d, eng_handle(1, GR0, 0), false, 0);
	drv_run(d, 10 * MS);
	work_result(d, &w);
	assert_int_equal(w.res.items, 1);
	assert_int_equal(w.item[0].ran_ns, 10 * MS - CTXSW_NS);
	work_end(&w);

	/* More items than there is room for end the load, and it says so. */
	work_init(&w, 1000 * MS);
	w.load.ctxsw_ns = 0;
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, 1);
	assert_int_equal(work_start(d, &w), 0);
	drv_run(d, 50 * MS);
	assert_true(gsim_load_done(d->sim));
	assert_true(drv_status_has(d, "no room for more"));
	gsim_load_result(d->sim, 0, &w.res, sizeof(w.res));
	assert_int_equal(w.res.items, 4 << 20);
	assert_int_equal(w.res.ended_ns, 4 << 20);
	work_end(&w);
	drv_free(d);
}

static void test_speed(void **state)
{
	struct drv *d = eng_boot(5);
	struct timespec t0, t1;
	struct work w;
	u32 i;

	(void)state;
	memset(&turns, 0, sizeof(turns));
	turns.slice_end_ns = GSIM_NEVER;
	for (i = 1; i <= TENANTS; i++)
		eng_vgpu(d, i, GR0, 1);
	d->engine = turns_event;
	mixed(&w, 60000 * MS, 1);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	assert_int_equal(work_start(d, &w), 0);
	turns_run(d, w.load.duration_ns, 2083333);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	work_result(d, &w);
	print_message("# 60 s: %llu items, %llu switches, %llu calls, %ld ms of CPU\n",
		      (unsigned long long)w.res.items, (unsigned long long)turns.switches,
		      (unsigned long long)turns.runs,
		      (t1.tv_sec - t0.tv_sec) * 1000 + (t1.tv_nsec - t0.tv_nsec) / 1000000);
	/* Work per event, not per tick. */
	assert_true(turns.runs < 20 * (w.res.items + turns.switches));
	work_end(&w);
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_books),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
