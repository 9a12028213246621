// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: selftests/unit/engine_driver.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c

/*
 * Engines of the device model: what runs, when, at what cost, and what is told.
 */
#include "unit.h"
#include "engine_driver.h"

static const u32 a = 0xa6001100, b = 0xa6002100;

static struct drv *two(u32 tsgs_a, u32 tsgs_b)
{
	struct drv *d = eng_boot(0);

	eng_vgpu(d, 1, GR0, tsgs_a);
	eng_vgpu(d, 2, GR0, tsgs_b);
	assert_int_equal(eng_handle(1, GR0, 0), a);
	assert_int_equal(eng_handle(2, GR0, 0), b);
	return d;
}

static void on_now(struct drv *d, u32 handle)
{
	eng_schedule(d, handle, true);
	drv_run(d, 50 * US);
	assert_int_equal(eng_drain(d), 1);
}

static void test_alloc(void **state)
{
	u8 params[NOVA_WIRE_TSG_ALLOC_BYTES] = { 0 }, on[4] = { 1 };
	struct drv *d = two(1, 1);
	u32 i;

	(void)state;
	assert_int_equal(drv_alloc_with(d, DRV_CLIENT, DRV_DEVICE, 5, KEPLER_CHANNEL_GROUP_A,
					params, sizeof(params)), NV_ERR_INVALID_ARGUMENT);
	params[NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE] = 2;
	assert_int_equal(drv_alloc_with(d, DRV_CLIENT, DRV_DEVICE, 5, KEPLER_CHANNEL_GROUP_A,
					params, sizeof(params)), NV_ERR_INVALID_ARGUMENT);
	params[NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE] = 1;
	assert_int_equal(drv_alloc_with(d, DRV_CLIENT, DRV_DEVICE, 5, KEPLER_CHANNEL_GROUP_A,
					params, sizeof(params) - 1), NV_ERR_INVALID_PARAM_STRUCT);
	/* Nothing of these is left behind. */
	assert_int_equal(drv_free_object(d, DRV_CLIENT, 5), NV_ERR_OBJECT_NOT_FOUND);
	for (i = 0; i < 8; i++) {
		assert_int_equal(eng_alloc(d, 3, GR0, i), 0);
		assert_int_equal(eng_alloc(d, 3, NVENC0, i), 0);
	}
	assert_int_equal(eng_alloc(d, 3, GR0, 8), NV_ERR_INSUFFICIENT_RESOURCES);
	assert_int_equal(drv_free_object(d, DRV_CLIENT, eng_handle(3, GR0, 4)), 0);
	assert_int_equal(eng_alloc(d, 3, GR0, 8), 0);
	assert_int_equal(eng_alloc(d, 2000, GR0, 0), NV_ERR_INVALID_ARGUMENT);

	assert_int_equal(drv_control(d, a, NOVA_WIRE_TSG_SCHEDULE, on, 3), 0);
	assert_int_equal(drv_control(d, a, NOVA_WIRE_TSG_SCHEDULE, on, 4),
			 NV_ERR_INVALID_PARAM_STRUCT);
	on[1] = 1;
	assert_int_equal(drv_control(d, a, NOVA_WIRE_TSG_SCHEDULE, on, 3), NV_ERR_NOT_SUPPORTED);
	on[0] = 2;
	assert_int_equal(drv_control(d, a, NOVA_WIRE_TSG_SCHEDULE, on, 3),
			 NV_ERR_INVALID_ARGUMENT);
	/* A vGPU cannot touch another's, the host can. */
	on[0] = 1;
	on[1] = 0;
	d->gfid = 2;
	assert_int_equal(drv_control(d, a, NOVA_WIRE_TSG_SCHEDULE, on, 3),
			 NV_ERR_INSUFFICIENT_PERMISSIONS);
	assert_int_equal(drv_control(d, b, NOVA_WIRE_TSG_SCHEDULE, on, 3), 0);
	assert_int_equal(drv_control(d, DRV_TSG, NOVA_WIRE_TSG_SCHEDULE, on, 3),
			 NV_ERR_INSUFFICIENT_PERMISSIONS);
	drv_free(d);
}

static void test_only_scheduled(void **state)
{
	struct drv *d = two(1, 1);
	struct work w;

	(void)state;
	work_init(&w, 100 * MS);
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, MS);
	work_tenant(&w, 2, NOVA_SIM_CLOSED, 0, MS);
	work_run(d, &w);
	assert_int_equal(w.res.items, 2);
	assert_int_equal(w.res.segments, 0);
	assert_int_equal(w.res.busy_ns, 0);
	assert_int_equal(w.res.idle_runnable_ns, 100 * MS);
	assert_int_equal(w.res.engines, 1);
	assert_int_equal(w.item[0].flags, NOVA_SIM_ITEM_UNFINISHED);
	work_end(&w);

	on_now(d, b);
	work_run(d, &w);
	assert_int_equal(work_ran(&w, NOVA_SIM_RUN, 1), 0);
	assert_int_equal(work_ran(&w, NOVA_SIM_RUN, 2), 100 * MS - CTXSW_NS);
	assert_int_equal(w.res.idle_runnable_ns, 0);
	work_end(&w);
	drv_free(d);
}

/* One item on an idle engine: to the nanosecond. */
static void test_costs(void **state)
{
	struct drv *d = two(1, 1);
	struct work w;

	(void)state;
	work_init(&w, 20 * MS);
	work_tenant(&w, 1, NOVA_SIM_OPEN, 5 * MS, MS);
	on_now(d, a);
	work_run(d, &w);
	assert_int_equal(w.res.items, 3);
	assert_int_equal(w.item[0].arrival_ns, 5 * MS);
	assert_int_equal(w.item[0].start_ns, 5 * MS + CTXSW_NS);
	assert_int_equal(w.item[0].done_ns, 6 * MS + CTXSW_NS);
	/* Its context is still loaded. */
	assert_int_equal(w.item[1].start_ns, 10 * MS);
	assert_int_equal(w.item[2].done_ns, 16 * MS);
	assert_int_equal(w.item[2].ran_ns, MS);
	assert_int_equal(w.res.switches, 1);
	assert_int_equal(w.res.switch_ns, CTXSW_NS);
	assert_int_equal(w.res.busy_ns, 3 * MS);
	assert_int_equal(w.res.segments, 4);
	assert_int_equal(w.seg[0].kind, NOVA_SIM_SWITCH);
	assert_int_equal(w.seg[0].start_ns, 5 * MS);
	assert_int_equal(w.seg[1].start_ns, 5 * MS + CTXSW_NS);
	assert_int_equal(eng_told(GSIM_EVENT_DOORBELL, 1), 3);
	assert_int_equal(eng_told(GSIM_EVENT_COMPLETE, 1), 3);
	assert_int_equal(eng_told(GSIM_EVENT_IDLE, 1), 3);
	assert_int_equal(told[1].event, GSIM_EVENT_COMPLETE);
	assert_int_equal(told[1].arg, MS);
	assert_int_equal(told[2].event, GSIM_EVENT_IDLE);
	assert_int_equal(told[2].at_ns - told[0].at_ns, MS + CTXSW_NS);
	work_end(&w);
	drv_free(d);
}

/* A switch posted at once: executed in order, each when it is due. */
static void test_order(void **state)
{
	struct drv *d = two(1, 1);
	u64 t0, end = 0, begin = 0, i;
	struct work w;

	(void)state;
	work_init(&w, 20 * MS);
	w.load.preempt_ns = 500 * US;
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, MS * 100);
	work_tenant(&w, 2, NOVA_SIM_CLOSED, 0, MS * 100);
	on_now(d, a);
	assert_int_equal(work_start(d, &w), 0);
	t0 = d->now_ns;
	drv_run(d, 10 * MS);
	eng_switch(d, a, b);
	drv_run(d, LATENCY_US * US - 1);
	assert_int_equal(eng_drain(d), 0);
	drv_run(d, 1);
	/* Off the runlist; the preemption and all behind it wait. */
	assert_int_equal(eng_drain(d), 1);
	drv_run(d, 600 * US);
	assert_int_equal(eng_drain(d), 2);
	drv_run(d, 10 * MS);
	assert_true(gsim_load_done(d->sim));
	work_result(d, &w);
	assert_int_equal(w.res.started_ns, t0);
	for (i = 0; i < w.res.segments; i++) {
		if (w.seg[i].gfid == 1)
			end = w.seg[i].end_ns;
		else if (w.seg[i].kind == NOVA_SIM_SWITCH)
			begin = w.seg[i].start_ns;
	}
	assert_in_range(end, 10 * MS + LATENCY_US * US, 10 * MS + LATENCY_US * US + 500 * US);
	assert_int_equal(begin, end);
	assert_int_equal(w.res.switches, 2);
	assert_int_equal(w.res.busy_ns + w.res.switch_ns, 20 * MS);
	assert_int_equal(w.item[0].flags, NOVA_SIM_ITEM_UNFINISHED);
	assert_int_equal(w.item[0].ran_ns, end - CTXSW_NS);
	work_end(&w);
	drv_free(d);
}

static void test_preempt_alone(void **state)
{
	struct drv *d = two(1, 1);
	struct work w;

	(void)state;
	work_init(&w, 20 * MS);
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, MS * 100);
	on_now(d, a);
	assert_int_equal(work_start(d, &w), 0);
	drv_run(d, 5 * MS);
	/* Still on the runlist, and nobody else is: it comes back at no cost. */
	eng_preempt(d, a, true, 0);
	drv_run(d, 100 * US);
	assert_int_equal(eng_drain(d), 1);
	/* Off the runlist it goes on to the end of its hardware slice. */
	eng_schedule(d, a, false);
	drv_run(d, 20 * MS);
	work_result(d, &w);
	assert_int_equal(w.res.switches, 1);
	assert_int_equal(w.res.segments, 3);
	assert_int_equal(w.seg[1].end_ns, 5 * MS + LATENCY_US * US);
	assert_int_equal(w.seg[2].start_ns, w.seg[1].end_ns);
	assert_int_equal(w.seg[2].end_ns, w.seg[2].start_ns + 2 * MS);
	/* What does not run need not be waited for. */
	eng_preempt(d, b, true, 0);
	drv_run(d, LATENCY_US * US);
	assert_int_equal(eng_drain(d), 2);
	work_end(&w);
	drv_free(d);
}

static void test_grain(void **state)
{
	struct drv *d = two(1, 1);
	struct work w;
	u32 n;

	(void)state;
	work_init(&w, 3000 * MS);
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, 30 * MS)->grain_ns = 5 * MS;
	on_now(d, a);
	assert_int_equal(work_start(d, &w), 0);
	drv_run(d, 37 * MS);
	/* 6.9 ms into the second item. */
	eng_preempt(d, a, true, 0);
	drv_run(d, 3 * MS);
	assert_int_equal(eng_drain(d), 0);
	drv_run(d, MS);
	assert_int_equal(eng_drain(d), 1);
	gsim_load_stop(d->sim);
	assert_true(gsim_load_done(d->sim));
	work_result(d, &w);
	assert_int_equal(w.seg[1].end_ns, 40 * MS + CTXSW_NS);
	assert_int_equal(w.res.ended_ns, 41 * MS);
	work_end(&w);

	/* Longer than anyone waits: the firmware says so, and the work goes on. */
	w.tenant[0].grain_ns = 2000 * MS;
	w.draw[0][0].length_ns = 2000 * MS;
	assert_int_equal(work_start(d, &w), 0);
	drv_run(d, MS);
	eng_preempt(d, a, true, 300);
	drv_run(d, MS);
	assert_true(drv_recv(d, 0));
	assert_int_equal(drv_get(d, NOVA_CONTROL_STATUS, d->rec.payload, d->rec.payload_len),
			 NV_ERR_TIMEOUT);
	eng_preempt(d, a, true, 0);
	drv_run(d, 990 * MS);
	n = eng_drain(d);
	assert_int_equal(n, 0);
	drv_run(d, 2100 * MS);
	assert_int_equal(eng_drain(d), 1);
	work_result(d, &w);
	assert_int_equal(w.item[0].done_ns, 2000 * MS);
	work_end(&w);
	drv_free(d);
}

static void test_closed(void **state)
{
	struct drv *d = two(2, 1);
	struct nova_sim_tenant *t;
	struct work w;

	(void)state;
	work_init(&w, 10 * MS);
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, MS);
	on_now(d, a);
	work_run(d, &w);
	/* Back to back: never idle, and one segment. */
	assert_int_equal(w.res.items, 10);
	assert_int_equal(w.res.segments, 2);
	assert_int_equal(w.item[9].start_ns, 9 * MS + CTXSW_NS);
	assert_int_equal(w.item[9].flags, NOVA_SIM_ITEM_UNFINISHED);
	assert_int_equal(eng_told(GSIM_EVENT_COMPLETE, 1), 9);
	/* At the end of the load what was left is gone, which is told. */
	assert_int_equal(eng_told(GSIM_EVENT_IDLE, 1), 1);
	assert_int_equal(told[told_count - 1].event, GSIM_EVENT_IDLE);
	work_end(&w);

	/* Two loops, of which one channel group is on the runlist. */
	work_init(&w, 10 * MS);
	t = work_tenant(&w, 1, NOVA_SIM_CLOSED, MS, MS);
	t->tsgs = 2;
	t->start_ns = 2 * MS;
	t->stop_ns = 8 * MS;
	work_run(d, &w);
	assert_int_equal(w.item[0].arrival_ns, 3 * MS);
	assert_int_equal(w.item[1].arrival_ns, 3 * MS);
	assert_int_equal(w.item[1].flags, NOVA_SIM_ITEM_UNFINISHED);
	assert_int_equal(w.item[1].start_ns, 0);
	assert_int_equal(w.item[2].arrival_ns, 5 * MS);
	assert_int_equal(w.item[2].tsg, 0);
	assert_int_equal(w.res.items, 4);
	assert_int_equal(w.item[3].done_ns, 8 * MS);
	work_end(&w);
	drv_free(d);
}

static void test_drops(void **state)
{
	struct drv *d = two(1, 1);
	u32 i, done = 0, dropped = 0;
	struct work w;

	(void)state;
	work_init(&w, 100 * MS);
	w.load.ctxsw_ns = 0;
	work_tenant(&w, 1, NOVA_SIM_FRAME, 10 * MS, 15 * MS);
	on_now(d, a);
	work_run(d, &w);
	assert_int_equal(w.res.items, 9);
	for (i = 0; i < w.res.items; i++) {
		assert_int_equal(w.item[i].index, i);
		assert_int_equal(w.item[i].arrival_ns, (i + 1) * 10 * MS);
		dropped += w.item[i].flags == NOVA_SIM_ITEM_DROPPED;
		done += !w.item[i].flags;
	}
	assert_int_equal(done, 4);
	assert_int_equal(dropped, 4);
	assert_int_equal(eng_told(GSIM_EVENT_DOORBELL, 1), 5);
	work_end(&w);

	/* One runs, two wait. */
	work_init(&w, 20 * MS);
	w.load.ctxsw_ns = 0;
	work_tenant(&w, 1, NOVA_SIM_OPEN, MS, 10 * MS)->queue_max = 2;
	work_run(d, &w);
	assert_int_equal(w.res.items, 19);
	for (i = 0, dropped = 0; i < w.res.items; i++)
		dropped += w.item[i].flags == NOVA_SIM_ITEM_DROPPED;
	assert_int_equal(dropped, 15);
	work_end(&w);
	drv_free(d);
}

/* On one runlist the hardware goes round the channel groups, not the vGPUs. */
static void test_slices(void **state)
{
	struct drv *d = two(4, 1);
	struct work w;
	u64 i;

	(void)state;
	for (i = 0; i < 4; i++)
		eng_schedule(d, a + (u32)i, true);
	eng_schedule(d, b, true);
	drv_run(d, 100 * US);
	assert_int_equal(eng_drain(d), 5);
	work_init(&w, 1000 * MS);
	w.load.ctxsw_ns = 0;
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, 50 * MS)->tsgs = 4;
	work_tenant(&w, 2, NOVA_SIM_CLOSED, 0, 50 * MS);
	work_run(d, &w);
	assert_int_equal(work_ran(&w, NOVA_SIM_RUN, 1), 800 * MS);
	assert_int_equal(work_ran(&w, NOVA_SIM_RUN, 2), 200 * MS);
	assert_int_equal(w.res.switches, 500);
	for (i = 0; i < w.res.segments; i++)
		assert_int_equal(w.seg[i].end_ns - w.seg[i].start_ns, 2 * MS);
	work_end(&w);

	/* A slice of its own. */
	eng_slice(d, b, 8000);
	drv_run(d, 100 * US);
	assert_int_equal(eng_drain(d), 1);
	work_run(d, &w);
	assert_in_range(work_ran(&w, NOVA_SIM_RUN, 2), 490 * MS, 510 * MS);
	work_end(&w);
	drv_free(d);
}

static void test_engines_apart(void **state)
{
	struct drv *d = two(1, 1);
	struct work w;

	(void)state;
	eng_vgpu(d, 1, NVENC0, 1);
	on_now(d, a);
	on_now(d, eng_handle(1, NVENC0, 0));
	work_init(&w, 10 * MS);
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, 3 * MS);
	work_tenant(&w, 1, NOVA_SIM_CLOSED, 0, 4 * MS)->engine_id = NVENC0;
	work_run(d, &w);
	assert_int_equal(w.res.engines, 2);
	assert_int_equal(w.res.busy_ns, 20 * MS - 2 * CTXSW_NS);
	assert_int_equal(told[0].engine_id, GR0);
	assert_int_equal(told[1].engine_id, NVENC0);
	work_end(&w);
	drv_free(d);
}

/* What a vGPU leaves behind when it goes, or all when the GPU is reset. */
static void test_gone(void **state)
{
	struct drv *d = two(1, 1);
	struct work w;

	(void)state;
	work_init(&w, 50 * MS);
	work_tenant(&w, 1, NOVA_SIM_OPEN, MS, 5 * MS);
	work_tenant(&w, 2, NOVA_SIM_CLOSED, 0, MS);
	on_now(d, a);
	assert_int_equal(work_start(d, &w), 0);
	assert_int_equal(gsim_load_start(d->sim, w.blob, w.size, w.err, sizeof(w.err)), -EBUSY);
	drv_run(d, 10 * MS);
	/* A preemption waits for it, then it is freed, and another gets the engine. */
	eng_preempt(d, a, true, 0);
	assert_int_equal(drv_free_object(d, DRV_CLIENT, a), ~0u);
	eng_schedule(d, b, true);
	drv_run(d, 50 * MS);
	eng_drain(d);
	assert_true(gsim_load_done(d->sim));
	work_result(d, &w);
	assert_in_range(work_ran(&w, NOVA_SIM_RUN, 1), 8 * MS, 10 * MS);
	assert_true(work_ran(&w, NOVA_SIM_RUN, 2) > 39 * MS);
	work_end(&w);
	assert_int_equal(work_start(d, &w), -ENOENT);
	assert_non_null(strstr(w.err, "tenant 0: vGPU 1 has 0 channel groups on GR0, not 1"));
	work_end(&w);

	w.tenant[0].gfid = 2;
	assert_int_equal(work_start(d, &w), 0);
	drv_run(d, 10 * MS);
	told_count = 0;
	gsim_reset(d->sim);
	assert_true(gsim_load_done(d->sim));
	drv_run(d, 10 * MS);
	assert_int_equal(told_count, 0);
	work_result(d, &w);
	assert_in_range(w.res.ended_ns, 9 * MS, 10 * MS);
	work_end(&w);
	assert_int_equal(work_start(d, &w), -ENOENT);
	work_end(&w);
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_only_scheduled),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_preempt_alone),
		cmocka_unit_test(test_grain),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_engines_apart),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
