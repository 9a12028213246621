// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/vgpu/types.c kmod/vgpu/place.c kmod/vgpu/spec.c kmod/vgpu/wire.c
// uses: kmod/sim/model/*.c

/*
 * vGPU types, placements, the line of vgpu_create, and the messages of the core
 * against the checks of the device model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model_driver.h"
#include "vgpu/spec.h"
#include "vgpu/wire.h"

#define MIB	(1024ULL * 1024)
#define FREE	(24000 * MIB)

static void test_types(void **state)
{
	static const u32 fb_gib[] = { 1, 8, 24, 48, 256 }, limits[] = { 0, 1, 32, 48, 512 };
	struct nova_vgpu_types types;
	struct nova_placement p;
	u32 i, k, t;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(fb_gib); i++) {
		for (k = 0; k < ARRAY_SIZE(limits); k++) {
			u64 fb = fb_gib[i] * 1024 * MIB, free = fb - 300 * MIB;

			nova_vgpu_types_init(&types, fb, free, limits[k]);
			assert_true(limits[k] ? types.nr : !types.nr);
			for (t = 0; t < types.nr; t++) {
				const struct nova_vgpu_type *y = &types.type[t];

				assert_in_range(y->max_instances, 1, limits[k]);
				assert_true(y->fb_bytes && y->fb_bytes <= y->profile_bytes);
				assert_int_equal(y->fb_bytes % NOVA_VMMU_SEGMENT_BYTES, 0);
				assert_true(y->chids * y->max_instances <= NOVA_CHIDS_PER_RUNLIST);
				assert_true(y->chids >= 2);
				nova_placement_get(y, y->max_instances - 1, &p);
				assert_true(p.heap_offset + p.heap_bytes <= free);
				assert_true(p.fb_offset + p.fb_bytes <= p.heap_offset);
			}
		}
	}
}

static void test_pool(void **state)
{
	struct nova_vgpu_types types;
	struct nova_pool pool = { 0 };
	const struct nova_vgpu_type *a, *b;
	u32 at, i;

	(void)state;
	nova_vgpu_types_init(&types, 24576 * MIB, FREE, 32);
	a = nova_vgpu_type_find(&types, "NOVA-4Q");
	b = nova_vgpu_type_find(&types, "NOVA-2Q");
	assert_non_null(a);
	assert_non_null(b);
	assert_null(nova_vgpu_type_find(&types, "NOVA-5Q"));
	for (i = 0; i < a->max_instances; i++) {
		assert_int_equal(nova_pool_left(&pool, a), a->max_instances - i);
		assert_int_equal(nova_pool_find(&pool, a, &at), 0);
		assert_int_equal(at, i);
		assert_int_equal(nova_pool_take(&pool, a, at), 0);
	}
	assert_int_equal(nova_pool_find(&pool, a, &at), -ENOSPC);
	assert_int_equal(nova_pool_find(&pool, b, &at), -EBUSY);
	assert_int_equal(nova_pool_left(&pool, b), 0);
	assert_int_equal(nova_pool_take(&pool, b, 0), -EBUSY);
	assert_int_equal(nova_pool_take(&pool, a, 3), -ENOSPC);
	assert_int_equal(nova_pool_take(&pool, a, a->max_instances), -ERANGE);
	nova_pool_give(&pool, 3);
	nova_pool_give(&pool, 3);
	assert_int_equal(nova_pool_find(&pool, a, &at), 0);
	assert_int_equal(at, 3);
	for (i = 0; i < a->max_instances; i++)
		nova_pool_give(&pool, i);
	assert_int_equal(nova_pool_take(&pool, b, 1), 0);
}

static void test_spec(void **state)
{
	static const char * const bad[] = {
		"", "weight=1", "type", "type=", "type=x weight=0", "type=x weight=10001",
		"type=x cap_pct=101", "type=x priority=3", "type=x gfid=0", "type=x gfid=513",
		"type=x budget_us=5", "type=x period_us=5 budget_us=6", "type=x tsgs=9",
		"type=x name=12", "type=x name=vgpu3", "type=x name=a/b", "type=x size=3",
		"type=x weight=99999999999", "type=x weight=-1", "type=x name=.",
		"type=x name=12345678901234567890123456789012", "type=1234567890123456",
	};
	static const char all[] =
		"name=a.b-1 gfid=512 period_us=10 budget_us=10 type=x cap_pct=100 tsgs=8 vm_pid=7";
	struct nova_vgpu_spec s;
	char err[200];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		err[0] = 0;
		assert_int_equal(nova_vgpu_parse(bad[i], &s, err, sizeof(err)), -EINVAL);
		assert_true(strlen(err) > 10);
	}
	assert_int_equal(nova_vgpu_parse(" type=NOVA-4Q\n", &s, err, sizeof(err)), 0);
	assert_string_equal(s.type, "NOVA-4Q");
	assert_int_equal(s.config.weight, 100);
	assert_int_equal(s.config.priority, 1);
	assert_int_equal(s.tsgs, 1);
	assert_int_equal(nova_vgpu_parse(all, &s, err, sizeof(err)), 0);
	assert_string_equal(s.name, "a.b-1");
	assert_true(s.gfid == 512 && s.tsgs == 8 && s.vm_pid == 7 && s.config.budget_us == 10);
}

struct bench {
	struct drv *d;
	struct nova_vgpu_types types;
	u8 *buf;
	u32 size;
	u64 heap_1;	/* plugin heap of gfid 1 */
};

static void bench_open(struct bench *b, const char *release)
{
	u32 size;
	u8 *p;

	b->d = drv_new(release, "ga102", 24576);
	assert_non_null(b->d);
	assert_int_equal(drv_boot(b->d), 0);
	drv_objects(b->d);
	nova_vgpu_types_init(&b->types, 24576 * MIB, FREE, b->d->abi->rules->vf_partitions);
	size = nova_msg_size(b->d->abi, NOVA_MSG_ADD_VGPU_TYPE);
	p = calloc(1, size);
	assert_int_equal(nova_vgpu_fill_types(b->d->abi, &b->types, p, size), 0);
	assert_int_equal(drv_control(b->d, DRV_SUBDEVICE, NOVA_CTRL_ADD_VGPU_TYPE, p, size), 0);
	free(p);
	assert_int_equal(drv_counter(b->d, "vGPU types"), b->types.nr);
	b->size = nova_msg_size(b->d->abi, NOVA_MSG_BOOTLOAD);
	b->buf = calloc(1, b->size);
}

static void bench_close(struct bench *b)
{
	free(b->buf);
	drv_free(b->d);
}

static u32 boot(struct bench *b, const char *type, u32 gfid, u32 placement,
		void (*spoil)(struct bench *b))
{
	struct nova_vgpu_boot v = {
		.gfid = gfid,
		.type = nova_vgpu_type_find(&b->types, type),
		.placement = placement,
	};

	memset(b->buf, 0, b->size);
	assert_int_equal(nova_vgpu_fill_boot(b->d->abi, &v, b->buf, b->size), 0);
	if (gfid == 1)
		b->heap_1 = drv_get(b->d, NOVA_BOOTLOAD_PLUGIN_HEAP_PHYS_ADDR, b->buf, b->size);
	if (spoil)
		spoil(b);
	return drv_control(b->d, DRV_SUBDEVICE, NOVA_CTRL_BOOTLOAD_VGPU, b->buf, b->size);
}

static u32 end(struct bench *b, u32 cmd, u32 gfid)
{
	u8 p[4];

	put_unaligned_le32(gfid, p);
	return drv_control(b->d, DRV_SUBDEVICE, cmd, p, sizeof(p));
}

static void spoil_put(struct bench *b, enum nova_field f, u64 val)
{
	drv_put(b->d, f, b->buf, b->size, val);
}

static void first_fb(struct bench *b, u64 pa, u64 bytes)
{
	struct nova_field_pos pos;

	nova_field_pos(b->d->abi, NOVA_BOOTLOAD_GUEST_FB_PHYS_ADDR_LIST, &pos);
	put_unaligned_le64(pa, b->buf + pos.off);
	nova_field_pos(b->d->abi, NOVA_BOOTLOAD_GUEST_FB_LENGTH_LIST, &pos);
	put_unaligned_le64(bytes, b->buf + pos.off);
}

static void no_parts(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_NUM_GUEST_FB_SEGMENTS, 0); }
static void parts_385(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_NUM_GUEST_FB_SEGMENTS, 385); }
static void fb_odd(struct bench *b) { first_fb(b, 32 * MIB + 4096, 32 * MIB); }
static void fb_wpr2(struct bench *b) { first_fb(b, 24352 * MIB, 224 * MIB); }
static void fb_beyond(struct bench *b) { first_fb(b, ~0ULL << 25, 64 * MIB); }
static void fb_other(struct bench *b) { first_fb(b, 0, 32 * MIB); }
static void heap_none(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_PLUGIN_HEAP_LENGTH, 0); }
static void heap_in_fb(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_PLUGIN_HEAP_PHYS_ADDR, 0); }
static void log_out(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_VGPU_TASK_LOG_SIZE, 1ULL << 31); }
static void chids_many(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_NUM_CHANNELS, 4000); }
static void no_type(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_VGPU_TYPE, 99); }
static void other_type(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_VGPU_TYPE, 7); }
static void comm_out(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_CTRL_BUFF_OFFSET, 1 << 30); }
static void comm_odd(struct bench *b) { spoil_put(b, NOVA_BOOTLOAD_CTRL_BUFF_OFFSET, 64); }

static void heap_other(struct bench *b)
{
	spoil_put(b, NOVA_BOOTLOAD_PLUGIN_HEAP_PHYS_ADDR, b->heap_1 + 4096);
}

static void fb_heap_other(struct bench *b)
{
	first_fb(b, ALIGN_DOWN(b->heap_1, 32 * MIB), 32 * MIB);
}

static void fb_heap_own(struct bench *b)
{
	u64 heap = drv_get(b->d, NOVA_BOOTLOAD_PLUGIN_HEAP_PHYS_ADDR, b->buf, b->size);

	first_fb(b, ALIGN_DOWN(heap, 32 * MIB), 32 * MIB);
}

static void channels_6(struct bench *b)
{
	spoil_put(b, NOVA_BOOTLOAD_NUM_PLUGIN_CHANNELS, 6);
}

static void chids_other(struct bench *b)
{
	struct nova_field_pos pos;

	nova_field_pos(b->d->abi, NOVA_BOOTLOAD_CHID_OFFSET, &pos);
	put_unaligned_le32(0, b->buf + pos.off + 4);
}

static void test_bootload(void **state)
{
	static const char * const releases[] = {
		"535.113.01", "550.163.01", "570.144", "575.51.02", "580.65.06", "595.45.04",
	};
	static void (* const bad[])(struct bench *b) = {
		no_parts, parts_385, fb_odd, fb_wpr2, fb_beyond, fb_other, heap_none, heap_in_fb,
		log_out, chids_many, chids_other, no_type, other_type, comm_out, comm_odd,
		channels_6, heap_other, fb_heap_other, fb_heap_own,
	};
	struct bench b;
	u32 i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		bench_open(&b, releases[i]);
		assert_int_equal(boot(&b, "NOVA-4Q", 1, 0, NULL), 0);
		for (k = 0; k < ARRAY_SIZE(bad); k++)
			if (!boot(&b, "NOVA-4Q", 2, 1, bad[k]))
				fail_msg("%s: fault %u was not seen", releases[i], k);
		assert_int_equal(boot(&b, "NOVA-4Q", 0, 1, NULL), NV_ERR_INVALID_ARGUMENT);
		assert_int_equal(boot(&b, "NOVA-4Q", 600, 1, NULL), NV_ERR_INVALID_ARGUMENT);
		assert_int_equal(boot(&b, "NOVA-4Q", 1, 1, NULL), NV_ERR_INSUFFICIENT_RESOURCES);
		/* Nothing of what was refused is kept. */
		for (k = 1; k < 6; k++)
			assert_int_equal(boot(&b, "NOVA-4Q", k + 1, k, NULL), 0);
		assert_int_equal(boot(&b, "NOVA-4Q", 9, 0, NULL), NV_ERR_INSUFFICIENT_RESOURCES);
		assert_int_equal(end(&b, NOVA_CTRL_CLEANUP_VGPU, 2), NV_ERR_INVALID_STATE);
		assert_int_equal(end(&b, NOVA_CTRL_SHUTDOWN_VGPU, 2), 0);
		assert_int_equal(end(&b, NOVA_CTRL_SHUTDOWN_VGPU, 2), NV_ERR_INVALID_STATE);
		drv_run(b.d, 1000 * 1000);
		assert_int_equal(end(&b, NOVA_CTRL_CLEANUP_VGPU, 2), 0);
		assert_int_equal(end(&b, NOVA_CTRL_CLEANUP_VGPU, 2), NV_ERR_INVALID_ARGUMENT);
		assert_int_equal(boot(&b, "NOVA-4Q", 12, 1, NULL), 0);
		assert_int_equal(drv_counter(b.d, "vGPUs"), 6);
		bench_close(&b);
	}
}

/* The table takes several records; a release that lost one of them has no types. */
static void test_type_records(void **state)
{
	static const char * const releases[] = {
		"535.113.01", "550.163.01", "570.144", "580.65.06", "595.45.04",
	};
	static const u32 least[] = { 5, 5, 5, 11, 11 };
	struct bench b;
	u32 i, size, records;
	u64 before;
	u8 *p;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		b.d = drv_new(releases[i], "ga102", 24576);
		assert_int_equal(drv_boot(b.d), 0);
		drv_objects(b.d);
		nova_vgpu_types_init(&b.types, 24576 * MIB, FREE, 32);
		size = nova_msg_size(b.d->abi, NOVA_MSG_ADD_VGPU_TYPE);
		p = calloc(1, size);
		assert_int_equal(nova_vgpu_fill_types(b.d->abi, &b.types, p, size), 0);
		assert_int_equal(drv_fault(b.d, "record lose 3"), 0);
		before = drv_counter(b.d, "records in");
		assert_int_equal(drv_control(b.d, DRV_SUBDEVICE, NOVA_CTRL_ADD_VGPU_TYPE, p,
					     size), ~0U);
		assert_int_equal(drv_counter(b.d, "vGPU types"), 0);
		/* With the next request the firmware gives up on what came of the first. */
		drv_post_control(b.d, DRV_SUBDEVICE, NOVA_CTRL_SHUTDOWN_VGPU, "\1\0\0", 4);
		while (drv_reply(b.d, 10 * 1000 * 1000))
			;
		records = (u32)(drv_counter(b.d, "records in") - before);
		assert_in_range(records, least[i], 12);
		/* The next one is taken, and nothing of the first is left in it. */
		memset(p, 0, size);
		assert_int_equal(nova_vgpu_fill_types(b.d->abi, &b.types, p, size), 0);
		assert_int_equal(drv_control(b.d, DRV_SUBDEVICE, NOVA_CTRL_ADD_VGPU_TYPE, p,
					     size), 0);
		assert_int_equal(drv_counter(b.d, "vGPU types"), b.types.nr);
		free(p);
		drv_free(b.d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_bootload),
		cmocka_unit_test(test_type_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
