// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/vfio/config.c

/*
 * PCI configuration space of a vGPU under a guest that writes anything anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "vfio/config.h"

#define REGS	0x10000
#define FB	(256ULL << 20)

static void make(struct nova_cfg *c)
{
	nova_cfg_init(c, 7, REGS, FB);
}

static void test_header(void **state)
{
	struct nova_cfg c;
	u8 all[NOVA_CFG_BYTES];
	u32 i;

	(void)state;
	make(&c);
	memset(all, 0xee, sizeof(all));
	nova_cfg_read(&c, 0, all, sizeof(all));
	assert_int_equal(get_unaligned_le16(all + 0x2e), 7);
	assert_int_equal(all[0x0b], 3);
	assert_int_equal(all[0x3d], 1);
	for (i = NOVA_CFG_PART; i < NOVA_CFG_BYTES; i++)
		assert_int_equal(all[i], 0);
}

/* Capabilities are aligned, end, do not overlap and lie behind the header. */
static void test_capabilities(void **state)
{
	static const struct { u8 id, bytes; } want[] = {
		{ 0x01, 8 }, { 0x05, 14 }, { 0x11, 12 }, { 0x10, 60 },
	};
	struct nova_cfg c;
	u32 at, i, end = 0x40;

	(void)state;
	make(&c);
	at = c.data[0x34];
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(at % 4, 0);
		assert_true(at >= end);
		assert_int_equal(c.data[at], want[i].id);
		end = at + want[i].bytes;
		assert_true(end <= NOVA_CFG_PART);
		at = c.data[at + 1];
	}
	assert_int_equal(at, 0);
}

static u32 read32(const struct nova_cfg *c, u32 off)
{
	u8 b[4];

	nova_cfg_read(c, off, b, sizeof(b));
	return get_unaligned_le32(b);
}

static void write32(struct nova_cfg *c, u32 off, u32 val)
{
	u8 b[4];

	put_unaligned_le32(val, b);
	nova_cfg_write(c, off, b, sizeof(b));
}

static void test_bars(void **state)
{
	struct nova_cfg c;
	u32 off;

	(void)state;
	make(&c);
	for (off = 0x10; off < 0x28; off += 4)
		write32(&c, off, 0xffffffff);
	assert_int_equal(read32(&c, 0x10), ~(REGS - 1u));
	assert_int_equal(read32(&c, 0x14), 0);
	assert_int_equal(read32(&c, 0x18), (u32)~(FB - 1) | 0xc);
	assert_int_equal(read32(&c, 0x1c), 0xffffffff);
	assert_int_equal(read32(&c, 0x20), 0);
	write32(&c, 0x18, 0x80000000);
	write32(&c, 0x1c, 0x12);
	assert_int_equal(read32(&c, 0x18), 0x8000000c);
	nova_cfg_reset(&c);
	assert_int_equal(read32(&c, 0x10) | read32(&c, 0x1c), 0);
	/* Larger than 4 GiB: the lower half has no address bits. */
	nova_cfg_init(&c, 7, REGS, 8ULL << 30);
	write32(&c, 0x18, 0xffffffff);
	write32(&c, 0x1c, 0xffffffff);
	assert_int_equal(read32(&c, 0x18), 0xc);
	assert_int_equal(read32(&c, 0x1c), 0xfffffffe);
}

static void test_command(void **state)
{
	struct nova_cfg c;
	u8 b[2] = { 0xff, 0xff };

	(void)state;
	make(&c);
	assert_false(nova_cfg_bus_master(&c));
	assert_int_equal(nova_cfg_write(&c, 4, b, 2), NOVA_CFG_COMMAND);
	assert_int_equal(nova_cfg_write(&c, 4, b, 2), 0);
	assert_true(nova_cfg_bus_master(&c) && nova_cfg_intx_off(&c));
	assert_int_equal(read32(&c, 4) & 0xffff, 0x0406);
	b[0] = 0;
	assert_int_equal(nova_cfg_write(&c, 4, b, 1), NOVA_CFG_COMMAND);
	assert_false(nova_cfg_bus_master(&c));
	/* STATUS is not the guest's to write. */
	nova_cfg_set_intx(&c, true);
	nova_cfg_write(&c, 6, b, 2);
	assert_int_equal(read32(&c, 4) >> 16, 0x18);
	nova_cfg_set_intx(&c, false);
	assert_int_equal(read32(&c, 4) >> 16, 0x10);
}

/* A function level reset is offered, told of, and leaves no trace. */
static void test_flr(void **state)
{
	struct nova_cfg c;
	u8 b[4] = { 0x00, 0x80, 0xff, 0xff };

	(void)state;
	make(&c);
	assert_true(read32(&c, 0x74) & 0x10000000);
	assert_int_equal(nova_cfg_write(&c, 0x78, b, 2), NOVA_CFG_FLR);
	assert_int_equal(nova_cfg_write(&c, 0x79, b + 1, 1), NOVA_CFG_FLR);
	assert_int_equal(nova_cfg_write(&c, 0x78, b, 1), 0);
	assert_int_equal(nova_cfg_write(&c, 0x7a, b + 2, 2), 0);
	assert_int_equal(read32(&c, 0x78) & 0x8000, 0);
}

/* Whatever is written wherever: only what may change does. */
static void test_any(void **state)
{
	struct nova_cfg c, before;
	u8 buf[32];
	u32 n, i, off, len;

	(void)state;
	make(&c);
	before = c;
	srand(1);
	for (n = 0; n < 200000; n++) {
		off = (u32)rand() % (NOVA_CFG_BYTES + 64);
		if (n & 1)
			off = (u32)rand() % (NOVA_CFG_PART + 16);
		len = (u32)rand() % sizeof(buf);
		for (i = 0; i < len; i++)
			buf[i] = (u8)rand();
		nova_cfg_write(&c, off, buf, len);
		nova_cfg_read(&c, off, buf, len);
	}
	for (i = 0; i < NOVA_CFG_PART; i++)
		assert_int_equal(c.data[i] & ~c.writable[i], before.data[i] & ~c.writable[i]);
	assert_memory_equal(c.initial, before.initial, sizeof(c.initial));
	nova_cfg_read(&c, 0xfffffff0, buf, sizeof(buf));
	assert_int_equal(buf[0] | buf[31], 0);
	nova_cfg_write(&c, 0xfffffff0, buf, sizeof(buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_flr),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
