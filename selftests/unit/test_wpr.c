// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/boot/wpr.c kmod/abi/abi.c kmod/abi/tables.c
/*
 * Heap sizes, framebuffer layout and metadata.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <novabpf/driver/gsp_wire.h>
#include "gsp/boot/wpr.h"

#define MIB	(1024ULL * 1024)
#define GIB	(1024 * MIB)

static const struct nova_abi_rules *rules_of(const char *release)
{
	const struct nova_abi *abi = nova_abi_find(release);

	assert_non_null(abi);
	return abi->rules;
}

static void heap_of_known_boards(void **state)
{
	static const struct {
		const char *release;
		bool libos2;
		u64 fb_gib;
		u32 mb;
	} t[] = {
		{ "570.144", false, 8, 127 },
		{ "570.144", false, 24, 129 },
		{ "570.144", false, 48, 131 },
		{ "595.45.04", false, 24, 129 },
		{ "550.54.14", false, 8, 127 },
		{ "535.113.01", false, 8, 125 },
		{ "535.113.01", false, 48, 129 },
		{ "570.144", true, 11, 106 },
		{ "570.144", true, 40, 108 },
		{ "535.113.01", true, 11, 106 },
		{ "525.60.11", false, 24, 64 },
		{ "515.43.04", true, 11, 64 },
	};
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(nova_wpr_heap_mb(rules_of(t[i].release), t[i].libos2,
						  t[i].fb_gib * GIB), t[i].mb);
	/* A started gigabyte counts as one. */
	assert_int_equal(nova_wpr_heap_mb(rules_of("570.144"), false, 32 * GIB),
			 22 + 8 + 3 + 96);
	assert_int_equal(nova_wpr_heap_mb(rules_of("570.144"), false, 32 * GIB + MIB),
			 22 + 8 + 4 + 96);
}

static void heap_is_never_below_the_least(void **state)
{
	struct nova_abi_rules r = *rules_of("570.144");

	(void)state;
	r.heap_min_mb = 200;
	assert_int_equal(nova_wpr_heap_mb(&r, false, 8 * GIB), 200);
	r.heap_min_libos2_mb = 150;
	assert_int_equal(nova_wpr_heap_mb(&r, true, 8 * GIB), 150);
}

static struct nova_wpr_request request(void)
{
	return (struct nova_wpr_request){
		.fb_bytes = 24 * GIB,
		.fw_bytes = 50 * MIB + 12345,
		.bootloader_bytes = 0x5e00,
		.scrubbed_mb = 256,
		.frts = true,
	};
}

static void layout_by_hand(void **state)
{
	struct nova_wpr_request rq = request();
	struct nova_wpr_layout l;
	u64 fb = rq.fb_bytes;

	(void)state;
	assert_int_equal(nova_wpr_layout(rules_of("570.144"), &rq, &l), 0);
	assert_int_equal(l.fb, fb);
	assert_int_equal(l.vga, fb - MIB);
	assert_int_equal(l.wpr_end, fb - MIB);
	assert_int_equal(l.frts, fb - 2 * MIB);
	assert_int_equal(l.frts_bytes, MIB);
	assert_int_equal(l.bootloader, fb - 2 * MIB - 0x6000);
	/* 50 MiB, 12345 and 0x6000 bytes below that, down to a multiple of 64 KiB */
	assert_int_equal(l.fw, fb - 52 * MIB - 0x10000);
	assert_int_equal(l.heap, fb - 182 * MIB);
	assert_int_equal(l.heap_bytes, 129 * MIB);
	assert_int_equal(l.wpr_start, fb - 183 * MIB);
	assert_int_equal(l.nonwpr_heap, fb - 184 * MIB);
	assert_int_equal(l.nonwpr_heap_bytes, MIB);
}

static void check_order(const struct nova_wpr_layout *l)
{
	assert_true(l->nonwpr_heap + l->nonwpr_heap_bytes <= l->wpr_start);
	assert_true(l->wpr_start + NOVA_WPR_META_BYTES <= l->heap);
	assert_true(l->heap + l->heap_bytes <= l->fw);
	assert_true(l->fw + l->fw_bytes <= l->bootloader);
	assert_true(l->bootloader + l->bootloader_bytes <= l->frts);
	assert_true(l->frts + l->frts_bytes <= l->wpr_end);
	assert_true(l->wpr_end <= l->vga && l->vga < l->fb);
	assert_int_equal(l->nonwpr_heap % MIB, 0);
	assert_int_equal(l->wpr_start % MIB, 0);
	assert_int_equal(l->heap % MIB, 0);
	assert_int_equal(l->heap_bytes % MIB, 0);
	assert_int_equal(l->fw % 0x10000, 0);
	assert_int_equal(l->bootloader % 0x1000, 0);
	assert_int_equal(l->frts % 0x20000, 0);
	assert_int_equal(l->wpr_end % 0x20000, 0);
}

static void order_and_alignment_for_every_release(void **state)
{
	static const u64 fb[] = { GIB, 4 * GIB, 11 * GIB, 24 * GIB, 81559 * MIB };
	static const u64 fw[] = { 1, 0x10000, 30 * MIB + 1, 64 * MIB };
	u32 i, a, b, chip;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++)
		for (a = 0; a < ARRAY_SIZE(fb); a++)
			for (b = 0; b < ARRAY_SIZE(fw); b++)
				for (chip = 0; chip < 3; chip++) {
					struct nova_wpr_request rq = {
						.fb_bytes = fb[a],
						.fw_bytes = fw[b],
						.bootloader_bytes = 0x1234,
						.libos2 = chip > 0,
						.frts = chip < 2,
						.scrubbed_mb = chip < 2 ? 256 : 0,
					};
					struct nova_wpr_layout l;

					assert_int_equal(nova_wpr_layout(nova_abi_at(i)->rules,
									 &rq, &l), 0);
					check_order(&l);
					assert_int_equal(l.frts_bytes, rq.frts ? MIB : 0);
				}
}

static void scrubbed_part_limits_the_heap(void **state)
{
	struct nova_wpr_request rq = request();
	struct nova_wpr_layout l;

	(void)state;
	/* 256 - (1 VGA + 1 FRTS + 1 boot loader and padding + 130 image + 2 below) = 121 */
	rq.fw_bytes = 130 * MIB;
	assert_int_equal(nova_wpr_layout(rules_of("570.144"), &rq, &l), 0);
	check_order(&l);
	assert_int_equal(l.heap_bytes, 121 * MIB);
	assert_true(rq.fb_bytes - l.nonwpr_heap <= 256 * MIB);

	/* Less than the least heap is left. */
	rq.fw_bytes = 170 * MIB;
	assert_int_equal(nova_wpr_layout(rules_of("570.144"), &rq, &l), -ENOSPC);
	rq.fw_bytes = 255 * MIB;
	assert_int_equal(nova_wpr_layout(rules_of("570.144"), &rq, &l), -ENOSPC);
	/* Everything is scrubbed: no limit. */
	rq.scrubbed_mb = 0;
	assert_int_equal(nova_wpr_layout(rules_of("570.144"), &rq, &l), 0);
	assert_int_equal(l.heap_bytes, 129 * MIB);
}

static void sizes_that_make_no_sense(void **state)
{
	const struct nova_abi_rules *rules = rules_of("570.144");
	struct nova_wpr_layout l;
	struct nova_wpr_request rq;

	(void)state;
	rq = request();
	rq.fb_bytes = 0;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
	rq.fb_bytes = 24 * GIB + 1;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
	rq.fb_bytes = ~0ULL;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
	rq = request();
	rq.fw_bytes = 0;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
	rq.fw_bytes = ~0ULL;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
	rq = request();
	rq.bootloader_bytes = 0;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
	rq.bootloader_bytes = ~0ULL;
	assert_int_equal(nova_wpr_layout(rules, &rq, &l), -EINVAL);
}

static void too_little_framebuffer(void **state)
{
	const struct nova_abi_rules *rules = rules_of("570.144");
	struct nova_wpr_request rq = request();
	struct nova_wpr_layout l;
	u64 mb, first_ok = 0;

	(void)state;
	rq.scrubbed_mb = 0;
	for (mb = 1; mb < 400; mb++) {
		int ret;

		rq.fb_bytes = mb * MIB;
		ret = nova_wpr_layout(rules, &rq, &l);
		assert_true(ret == 0 || ret == -ENOSPC);
		if (ret == 0) {
			check_order(&l);
			if (!first_ok)
				first_ok = mb;
		} else {
			assert_int_equal(first_ok, 0);
		}
	}
	assert_in_range(first_ok, 100, 300);
}

static u64 meta_get(const struct nova_abi *abi, enum nova_field f, const void *buf)
{
	u64 v = ~0ULL;

	assert_int_equal(nova_field_get(abi, f, buf, NOVA_WPR_META_BYTES, &v), 0);
	return v;
}

static void metadata_of_every_release(void **state)
{
	static const struct nova_wpr_images im = {
		.radix3 = 0x111000,
		.bootloader = 0x222000,
		.bootloader_code = 0x40,
		.bootloader_data = 0x80,
		.bootloader_manifest = 0xc0,
		.signature = 0x333000,
		.signature_bytes = 0x1000,
	};
	struct nova_wpr_request rq = request();
	u32 i;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);
		u8 buf[NOVA_WPR_META_BYTES] = { 0 };
		struct nova_wpr_layout l;

		assert_int_equal(nova_msg_size(abi, NOVA_MSG_WPR_META), NOVA_WPR_META_BYTES);
		assert_int_equal(nova_wpr_layout(abi->rules, &rq, &l), 0);
		assert_int_equal(nova_wpr_meta_fill(abi, &l, &im, buf, sizeof(buf)), 0);
		assert_int_equal(get_unaligned_le64(buf), NOVA_WIRE_WPR_MAGIC);
		assert_int_equal(get_unaligned_le64(buf + 8), 1);
		assert_int_equal(get_unaligned_le64(buf + 16), 0x111000);
		assert_int_equal(get_unaligned_le64(buf + 24), rq.fw_bytes);
		assert_int_equal(meta_get(abi, NOVA_WPR_META_BOOTLOADER_MANIFEST_OFFSET, buf),
				 0xc0);
		assert_int_equal(get_unaligned_le64(buf + 88), l.nonwpr_heap);
		assert_int_equal(get_unaligned_le64(buf + 112), l.wpr_start);
		assert_int_equal(meta_get(abi, NOVA_WPR_META_GSP_FW_HEAP_SIZE, buf),
				 l.heap_bytes);
		assert_int_equal(get_unaligned_le64(buf + 168), l.wpr_end);
		assert_int_equal(get_unaligned_le64(buf + 176), l.fb);
		assert_int_equal(get_unaligned_le64(buf + 192), MIB);
		/* Booter writes this one. */
		assert_int_equal(get_unaligned_le64(buf + 248), 0);
		assert_int_equal(nova_wpr_meta_fill(abi, &l, &im, buf, sizeof(buf) - 128),
				 -EMSGSIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heap_of_known_boards),
		cmocka_unit_test(heap_is_never_below_the_least),
		cmocka_unit_test(layout_by_hand),
		cmocka_unit_test(order_and_alignment_for_every_release),
		cmocka_unit_test(scrubbed_part_limits_the_heap),
		cmocka_unit_test(sizes_that_make_no_sense),
		cmocka_unit_test(too_little_framebuffer),
		cmocka_unit_test(metadata_of_every_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
