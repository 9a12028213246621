// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: selftests/unit/engine_driver.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/vgpu/types.c kmod/vgpu/place.c kmod/vgpu/wire.c
// uses: kmod/sim/model/*.c

/*
 * Channels of the device model: rings in memory, doorbells, what is refused, and
 * what a driver that goes wrong can do.
 */
#include "unit.h"
#include <novabpf/driver/channel.h>
#include "engine_driver.h"
#include "vgpu/wire.h"

#define MIB		(1024ULL * 1024)
#define ENTRIES		64
#define RING(n)		(DRV_MEM_BASE + 4096ULL * (480 + 2 * (n)))
#define USERD(n)	(RING(n) + 4096)
#define CHANNEL(n)	(0xc6000000 | (n))
#define CHIDS		256	/* of a NOVA-4Q on 24 GiB: 2048 / 6, a power of two */

/* vGPUs 1 and 2 with two channel groups each on GR */
static struct drv *bench(void)
{
	struct drv *d = eng_boot(0);
	u32 size = nova_msg_size(d->abi, NOVA_MSG_ADD_VGPU_TYPE), g, i;
	struct nova_vgpu_types types;
	u8 *p = calloc(1, size);

	nova_vgpu_types_init(&types, 24576 * MIB, 24000 * MIB, 32);
	assert_int_equal(nova_vgpu_fill_types(d->abi, &types, p, size), 0);
	assert_int_equal(drv_control(d, DRV_SUBDEVICE, NOVA_CTRL_ADD_VGPU_TYPE, p, size), 0);
	free(p);
	size = nova_msg_size(d->abi, NOVA_MSG_BOOTLOAD);
	for (g = 1; g <= 2; g++) {
		struct nova_vgpu_boot v = {
			.gfid = g,
			.type = nova_vgpu_type_find(&types, "NOVA-4Q"),
			.placement = g - 1,
		};

		p = calloc(1, size);
		assert_int_equal(nova_vgpu_fill_boot(d->abi, &v, p, size), 0);
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, NOVA_CTRL_BOOTLOAD_VGPU, p, size),
				 0);
		free(p);
		eng_vgpu(d, g, GR0, 2);
	}
	for (i = 0; i < 16; i++)
		d->used[480 + i] = true;
	told_count = 0;
	return d;
}

struct params {
	u64 ring;
	u64 userd;
	u32 entries;
	u32 engine;
	u32 chid;
	u32 size;
};

static u32 alloc(struct drv *d, u32 gfid, u32 tsg, u32 handle, const struct params *q)
{
	u8 p[NOVA_WIRE_CHANNEL_BYTES] = { 0 };
	u32 status;

	put_unaligned_le64(q->ring, p + NOVA_WIRE_CHANNEL_GPFIFO);
	put_unaligned_le64(q->userd, p + NOVA_WIRE_CHANNEL_USERD);
	put_unaligned_le32(q->entries, p + NOVA_WIRE_CHANNEL_ENTRIES);
	put_unaligned_le32(q->engine, p + NOVA_WIRE_CHANNEL_ENGINE_TYPE);
	put_unaligned_le32(q->chid, p + NOVA_WIRE_CHANNEL_CID);
	d->gfid = gfid;
	status = drv_alloc_with(d, DRV_CLIENT, eng_handle(gfid, GR0, tsg), handle,
				AMPERE_CHANNEL_GPFIFO_A, p, q->size ? q->size : sizeof(p));
	d->gfid = 0;
	return status;
}

static u32 open_channel(struct drv *d, u32 n, u32 gfid, u32 tsg, u32 chid)
{
	const struct params q = { RING(n), USERD(n), ENTRIES, GR0, chid, 0 };
	u8 token[4] = { 0 };

	assert_int_equal(alloc(d, gfid, tsg, CHANNEL(n), &q), 0);
	assert_int_equal(drv_control(d, CHANNEL(n), NOVA_WIRE_CHANNEL_TOKEN, token, 4), 0);
	assert_int_equal(NV_DOORBELL_CHID(get_unaligned_le32(token)), chid);
	return get_unaligned_le32(token);
}

static void put(struct drv *d, u32 n, u32 from, u32 count, u64 length_ns)
{
	u32 i;

	for (i = from; i < from + count; i++)
		put_unaligned_le64(length_ns, drv_mem(d, RING(n)) + 8 * (i % ENTRIES));
	put_unaligned_le32((from + count) % ENTRIES, drv_mem(d, USERD(n)) + NOVA_USERD_GP_PUT);
}

static u64 done(struct drv *d, u32 n)
{
	return get_unaligned_le64(drv_mem(d, USERD(n)) + NOVA_USERD_DONE);
}

static u32 got(struct drv *d, u32 n)
{
	return get_unaligned_le32(drv_mem(d, USERD(n)) + NOVA_USERD_GP_GET);
}

static void test_work(void **state)
{
	struct drv *d = bench();
	u32 token = open_channel(d, 0, 1, 0, 0);

	(void)state;
	put(d, 0, 0, 40, MS);
	drv_run(d, MS);
	assert_int_equal(got(d, 0), 0);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, token);
	drv_run(d, MS);
	/* A few ahead of what is done; none of it while its channel group is off. */
	assert_int_equal(got(d, 0), 16);
	assert_int_equal(done(d, 0), 0);
	assert_int_equal(eng_told(GSIM_EVENT_DOORBELL, 1), 16);
	eng_schedule(d, eng_handle(1, GR0, 0), true);
	drv_run(d, 100 * MS);
	assert_int_equal(got(d, 0), 40);
	assert_int_equal(done(d, 0), 40);
	assert_int_equal(eng_told(GSIM_EVENT_COMPLETE, 1), 40);
	assert_int_equal(eng_told(GSIM_EVENT_IDLE, 1), 1);
	/* Round the end of the ring; and a doorbell with nothing new. */
	put(d, 0, 40, 60, 1000);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, token);
	drv_run(d, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, token);
	drv_run(d, MS);
	assert_int_equal(done(d, 0), 100);
	assert_int_equal(eng_told(GSIM_EVENT_IDLE, 1), 2);
	drv_free(d);
}

static void test_refused(void **state)
{
	static const struct params bad[] = {
		{ RING(0), USERD(0), 0, GR0, 0, 0 },
		{ RING(0), USERD(0), 48, GR0, 0, 0 },
		{ RING(0), USERD(0), 8192, GR0, 0, 0 },
		{ RING(0) + 4, USERD(0), ENTRIES, GR0, 0, 0 },
		{ RING(0), USERD(0) + 512, ENTRIES, GR0, 0, 0 },
		{ RING(0), 0, ENTRIES, GR0, 0, 0 },
		{ 0, USERD(0), ENTRIES, GR0, 0, 0 },
		{ RING(0), USERD(0), ENTRIES, NVENC0, 0, 0 },
		{ RING(0), USERD(0), ENTRIES, GR0, CHIDS, 0 },
		{ RING(0), USERD(0), ENTRIES, GR0, 0xffffffff, 0 },
		{ RING(0), USERD(0), ENTRIES, GR0, 0, 64 },
	};
	const struct params good = { RING(0), USERD(0), ENTRIES, GR0, 5, 0 };
	struct drv *d = bench();
	u8 token[4];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!alloc(d, 1, 0, CHANNEL(0), &bad[i]))
			fail_msg("parameters %u were taken", i);
	assert_int_equal(alloc(d, 2, 0, CHANNEL(9), &good), NV_ERR_INSUFFICIENT_RESOURCES);
	assert_int_equal(alloc(d, 1, 0, CHANNEL(0), &good), 0);
	assert_int_equal(alloc(d, 1, 1, CHANNEL(1), &good), NV_ERR_INSUFFICIENT_RESOURCES);
	/* A token is given for a channel only. */
	assert_true(drv_control(d, eng_handle(1, GR0, 0), NOVA_WIRE_CHANNEL_TOKEN, token, 4));
	/* Any doorbell may be rung. */
	for (i = 0; i < 100; i++)
		drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, i * 0x9e3779b1u);
	drv_run(d, MS);
	assert_int_equal(eng_told(GSIM_EVENT_DOORBELL, 1), 0);
	drv_free(d);
}

/* A ring that cannot be believed stops, and no other does. */
static void test_broken(void **state)
{
	struct drv *d = bench();
	u32 a = open_channel(d, 0, 1, 0, 0), b = open_channel(d, 1, 1, 1, 1), i;

	(void)state;
	for (i = 0; i < 2; i++)
		eng_schedule(d, eng_handle(1, GR0, i), true);
	put(d, 0, 0, 3, MS);
	put_unaligned_le64(0, drv_mem(d, RING(0)) + 8);
	put(d, 1, 0, 3, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, a);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, b);
	drv_run(d, 20 * MS);
	eng_drain(d);
	assert_int_equal(done(d, 0), 1);
	assert_int_equal(done(d, 1), 3);
	put_unaligned_le32(ENTRIES, drv_mem(d, USERD(1)) + NOVA_USERD_GP_PUT);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, b);
	drv_run(d, 20 * MS);
	assert_int_equal(done(d, 1), 3);
	/* Memory that is gone */
	b = open_channel(d, 2, 2, 0, CHIDS);
	d->used[480 + 4] = false;
	put(d, 2, 0, 1, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, b);
	drv_run(d, 20 * MS);
	assert_int_equal(got(d, 2), 0);
	drv_free(d);
}

/* Freed while it works: its work is gone, and the vGPU's other channel goes on. */
static void test_freed(void **state)
{
	struct drv *d = bench();
	u32 a = open_channel(d, 0, 1, 0, 0), b = open_channel(d, 1, 1, 0, 1);

	(void)state;
	eng_schedule(d, eng_handle(1, GR0, 0), true);
	put(d, 0, 0, 20, MS);
	put(d, 1, 0, 20, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, a);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, b);
	drv_run(d, 3 * MS);
	eng_drain(d);
	assert_int_equal(drv_free_object(d, DRV_CLIENT, CHANNEL(0)), 0);
	memset(drv_mem(d, USERD(0)), 0x77, 4096);
	drv_run(d, 100 * MS);
	assert_int_equal(done(d, 1), 20);
	assert_int_equal(done(d, 0), 0x7777777777777777ULL);
	/* With the channel group, its channels go. */
	put(d, 1, 20, 20, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, b);
	drv_run(d, 3 * MS);
	assert_int_equal(drv_free_object(d, DRV_CLIENT, eng_handle(1, GR0, 0)), 0);
	memset(drv_mem(d, USERD(1)), 0x77, 4096);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, b);
	drv_run(d, 100 * MS);
	assert_int_equal(done(d, 1), 0x7777777777777777ULL);
	/* Its number is free again; a reset takes all of them. */
	assert_int_equal(eng_alloc(d, 1, GR0, 0), 0);
	a = open_channel(d, 0, 1, 0, 0);
	put(d, 0, 0, 1, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, a);
	gsim_reset(d->sim);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, a);
	drv_run(d, MS);
	drv_free(d);
}

/* A load beside it: neither takes the other's work, nor is counted as it. */
static void test_load(void **state)
{
	struct drv *d = bench();
	u32 a = open_channel(d, 0, 1, 0, 0), i;
	struct work w;
	u64 ran = 0;

	(void)state;
	eng_schedule(d, eng_handle(1, GR0, 0), true);
	eng_schedule(d, eng_handle(2, GR0, 0), true);
	put(d, 0, 0, 50, MS);
	drv_wr(d, NV_VIRTUAL_FUNCTION_DOORBELL, a);
	drv_run(d, 5 * MS);
	work_init(&w, 40 * MS);
	work_tenant(&w, 2, NOVA_SIM_CLOSED, 0, MS);
	work_run(d, &w);
	drv_run(d, 100 * MS);
	assert_int_equal(done(d, 0), 50);
	assert_true(w.res.items > 10);
	assert_true(w.res.busy_ns <= 40 * MS && w.res.busy_ns > 30 * MS);
	for (i = 0; i < w.res.items; i++)
		ran += w.item[i].ran_ns;
	assert_true(ran <= w.res.busy_ns);
	assert_int_equal(work_ran(&w, NOVA_SIM_RUN, 1) + work_ran(&w, NOVA_SIM_RUN, 2) <=
			 40 * MS, 1);
	work_end(&w);
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
