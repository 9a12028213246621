// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c

/*
 * Faults of the device model: each does what it says, to as many replies as it
 * says, and then the stream is clean again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model_driver.h"

static struct drv *booted(const char *release)
{
	struct drv *d = drv_new(release, "ga102", 24576);

	assert_non_null(d);
	if (drv_boot(d))
		fail_msg("%s does not boot:\n%s", release, drv_status(d));
	drv_objects(d);
	return d;
}

static u32 op_number(struct drv *d, enum nova_op op)
{
	return nova_op_number(d->abi, op);
}

static const char * const releases[] = {
	"515.43.04", "535.54.03", "535.113.01", "550.163.01", "570.144", "570.190", "580.65.06",
	"595.45.04",
};

static void send_free(struct drv *d)
{
	u8 p[16] = { 0 };

	drv_put(d, NOVA_FREE_ROOT, p, 16, DRV_CLIENT);
	drv_put(d, NOVA_FREE_OBJECT_OLD, p, 16, 0x777);
	drv_send_record(d, op_number(d, NOVA_OP_RPC_FREE), p, 16, 48, NULL, d->rpc_seq++);
}

static bool clean(struct drv *d)
{
	struct drv_record *r = &d->rec;

	return r->checksum_ok && r->version == 0x03000000 && r->signature == 0x43505256 &&
	       r->length == 48 && r->fn == op_number(d, NOVA_OP_RPC_FREE) && !r->result &&
	       r->seq == d->rx_seq - 1 && (d->hdr_bytes == 8 || r->elems == 1);
}

static void expect_clean(struct drv *d)
{
	send_free(d);
	assert_true(drv_reply(d, 1000000));
	if (!clean(d))
		fail_msg("reply is not clean: fn %u seq %u\n%s",
			 d->rec.fn, d->rec.seq, drv_status(d));
}

/* One fault on one reply; the record is left in d->rec. */
static void one(struct drv *d, const char *spec)
{
	if (drv_fault(d, spec))
		fail_msg("%s: %s", spec, d->status);
	send_free(d);
	assert_true(drv_reply(d, 1000000));
	assert_false(clean(d));
}

static void test_next(void **state)
{
	struct drv *d;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		d = booted(releases[i]);
		one(d, "next badsum");
		assert_false(d->rec.checksum_ok);
		expect_clean(d);
		one(d, "next badlen");
		assert_true(d->rec.length > 65536);
		expect_clean(d);
		if (d->hdr_bytes != 8) {
			one(d, "next elem0");
			assert_int_equal(d->rec.elems, 0);
			expect_clean(d);
			one(d, "next elem17");
			assert_int_equal(d->rec.elems, 17);
			expect_clean(d);
		} else {
			assert_int_equal(drv_fault(d, "next elem0"), -EINVAL);
		}
		one(d, "next badsig");
		assert_int_not_equal(d->rec.signature, 0x43505256);
		one(d, "next badver");
		assert_int_not_equal(d->rec.version, 0x03000000);
		one(d, "next badfn");
		assert_int_equal(nova_op_of(d->abi, d->rec.fn), NOVA_OP_UNKNOWN);
		one(d, "next wrongfn");
		assert_int_equal(d->rec.fn, op_number(d, NOVA_OP_RPC_DUP_OBJECT));
		one(d, "next short");
		assert_int_equal(d->rec.length, 40);
		assert_true(d->rec.checksum_ok);
		expect_clean(d);
		one(d, "next lost");
		assert_int_equal(d->rec.seq, d->rx_seq);
		d->rx_seq++;
		expect_clean(d);
		/* The stale copy comes first, with an old number. */
		one(d, "next stale");
		assert_int_equal(d->rec.seq, d->rx_seq - 2);
		d->rx_seq--;
		assert_true(drv_reply(d, 100000));
		assert_true(clean(d));
		assert_int_equal(drv_fault(d, "next wrongseq"), 0);
		send_free(d);
		assert_true(drv_reply(d, 1000000));
		assert_int_equal(d->rec.rpc_seq, d->rpc_seq - 1 + 1);
		expect_clean(d);
		drv_free(d);
	}
}

static void test_drop_dup_late(void **state)
{
	struct drv *d = booted("570.190");
	u32 seq;

	(void)state;
	assert_int_equal(drv_fault(d, "next drop 2"), 0);
	send_free(d);
	assert_false(drv_reply(d, 1000000));
	send_free(d);
	assert_false(drv_reply(d, 1000000));
	expect_clean(d);
	assert_int_equal(drv_fault(d, "next dup"), 0);
	expect_clean(d);
	assert_true(drv_reply(d, 1000000));
	assert_true(clean(d));
	assert_false(drv_reply(d, 1000000));
	/* A late reply holds up no other. */
	assert_int_equal(drv_fault(d, "next late 5000"), 0);
	seq = d->rpc_seq;
	send_free(d);
	expect_clean(d);
	assert_int_equal(d->rec.rpc_seq, seq + 1);
	assert_true(drv_reply(d, 10000000));
	assert_int_equal(d->rec.rpc_seq, seq);
	drv_free(d);
}

static void test_firmware_faults(void **state)
{
	struct drv *d = booted("570.144");
	u32 irqs, read;

	(void)state;
	assert_int_equal(drv_fault(d, "mute on"), 0);
	send_free(d);
	assert_false(drv_reply(d, 10000000));
	assert_int_equal(get_unaligned_le32(drv_block_at(d, 0x41020)), d->cmd_write);
	assert_int_equal(drv_fault(d, "mute off"), 0);
	expect_clean(d);
	assert_int_equal(drv_fault(d, "stall on"), 0);
	read = d->cmd_write;
	send_free(d);
	assert_false(drv_reply(d, 10000000));
	assert_int_equal(get_unaligned_le32(drv_block_at(d, 0x41020)), read);
	assert_int_equal(drv_fault(d, "stall off"), 0);
	assert_true(drv_reply(d, 1000000));
	/* Lost interrupts: the record is there, the line is silent; then one comes. */
	assert_int_equal(drv_fault(d, "irq off"), 0);
	irqs = d->irqs;
	expect_clean(d);
	assert_int_equal(d->irqs, irqs);
	assert_int_equal(drv_fault(d, "irq on"), 0);
	expect_clean(d);
	assert_int_equal(d->irqs, irqs + 1);
	/* A wrong write pointer, then the right one. */
	assert_int_equal(drv_fault(d, "wptr 63"), 0);
	assert_int_equal(get_unaligned_le32(drv_block_at(d, 0x41010)), 63);
	assert_int_equal(d->irqs, irqs + 2);
	expect_clean(d);
	assert_int_equal(drv_fault(d, "halt"), 0);
	assert_true(drv_status_has(d, "halted on request"));
	assert_true(drv_rd(d, NV_PGSP_BASE + NV_PFALCON_IRQSTAT) & NV_PFALCON_IRQ_HALT);
	send_free(d);
	assert_false(drv_reply(d, 10000000));
	assert_int_equal(drv_fault(d, "halt"), -EINVAL);
	gsim_reset(d->sim);
	assert_int_equal(drv_boot(d), 0);
	drv_free(d);
}

static void test_random(void **state)
{
	u32 run, i, bad[2] = { 0 }, none[2] = { 0 };
	struct drv *d;

	(void)state;
	for (run = 0; run < 2; run++) {
		d = booted("570.144");
		assert_int_equal(drv_fault(d, "random corrupt=200000 drop=200000"), 0);
		for (i = 0; i < 200; i++) {
			send_free(d);
			if (!drv_reply(d, 1000000))
				none[run]++;
			else if (!d->rec.checksum_ok)
				bad[run]++;
			/* A flipped length or count loses our place in the ring. */
			d->stat_read = get_unaligned_le32(drv_block_at(d, 0x41010));
			put_unaligned_le32(d->stat_read, drv_block_at(d, 0x1020));
		}
		assert_int_equal(drv_fault(d, "random off"), 0);
		send_free(d);
		assert_true(drv_reply(d, 1000000));
		assert_true(d->rec.checksum_ok);
		drv_free(d);
	}
	assert_in_range(bad[0], 20, 60);
	assert_in_range(none[0], 15, 60);
	/* The same seed, the same faults. */
	assert_int_equal(bad[0], bad[1]);
	assert_int_equal(none[0], none[1]);
}

static void test_reorder(void **state)
{
	struct drv *d = booted("570.190");
	u32 i, seq = d->rpc_seq, swapped = 0;

	(void)state;
	assert_int_equal(drv_fault(d, "random reorder=500000"), 0);
	for (i = 0; i < 8; i++)
		send_free(d);
	for (i = 0; i < 8; i++) {
		assert_true(drv_reply(d, 1000000));
		swapped += d->rec.rpc_seq != seq + i;
	}
	assert_true(swapped > 0);
	drv_free(d);
}

static bool next_event(struct drv *d, enum nova_op op)
{
	return drv_recv(d, 1000000) && d->rec.fn == op_number(d, op);
}

static u32 heart(struct drv *d, u32 i)
{
	drv_run(d, 2000000);
	return drv_rd(d, NV_PGSP_MAILBOX(i));
}

static void test_heartbeats(void **state)
{
	struct drv *d = booted("595.45.04");
	u32 rm = heart(d, 0), core = heart(d, 1);

	(void)state;
	assert_true(heart(d, 0) > rm && heart(d, 1) > core);
	assert_int_equal(drv_fault(d, "heartbeat rm"), 0);
	rm = heart(d, 0);
	core = heart(d, 1);
	assert_true(heart(d, 0) == rm && heart(d, 1) > core);
	assert_int_equal(drv_fault(d, "heartbeat core"), 0);
	core = heart(d, 1);
	assert_true(heart(d, 0) == rm && heart(d, 1) == core);
	assert_int_equal(drv_fault(d, "heartbeat zero"), 0);
	assert_true(!heart(d, 0) && !heart(d, 1));
	assert_int_equal(drv_fault(d, "heartbeat on"), 0);
	assert_true(heart(d, 0) > rm);
	drv_free(d);
	d = booted("580.65.06");
	assert_int_equal(drv_fault(d, "heartbeat rm"), -EINVAL);
	assert_non_null(strstr(d->status, "580.65.06 has no heartbeats"));
	drv_free(d);
}

static void test_fatal_events(void **state)
{
	struct drv *d = booted("595.45.04");

	(void)state;
	assert_int_equal(drv_fault(d, "event pmu"), 0);
	assert_true(next_event(d, NOVA_OP_EVT_PMU_HALTED));
	assert_int_equal(drv_fault(d, "event action 3"), 0);
	assert_true(next_event(d, NOVA_OP_EVT_RECOVERY_ACTION));
	assert_int_equal(drv_fault(d, "lockdown"), 0);
	assert_true(next_event(d, NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE));
	/* This driver gave no room for a report. */
	assert_int_equal(drv_fault(d, "crash panic"), -EINVAL);
	expect_clean(d);
	drv_free(d);
	d = booted("535.54.03");
	assert_int_equal(drv_fault(d, "event pmu"), -EINVAL);
	drv_free(d);
}

static void test_boots_that_fail(void **state)
{
	struct drv *d = booted("570.144");

	(void)state;
	assert_int_equal(drv_fault(d, "wpr2 stuck"), 0);
	gsim_reset(d->sim);
	assert_true(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI));
	assert_int_equal(drv_fault(d, "wpr2 ok"), 0);
	gsim_reset(d->sim);
	assert_false(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI));
	assert_int_equal(drv_fault(d, "gfw stuck"), 0);
	gsim_reset(d->sim);
	assert_int_equal(drv_boot(d), -1);
	assert_int_equal(drv_fault(d, "gfw ok"), 0);
	gsim_reset(d->sim);
	assert_int_equal(drv_boot(d), 0);
	/* Gone with all that ran on it; found again by a reset. */
	assert_int_equal(drv_fault(d, "bus lost"), 0);
	assert_int_equal(drv_rd(d, NV_PMC_BOOT_0), 0xffffffff);
	assert_int_equal(drv_rd(d, NV_PGSP_BASE + NV_PFALCON_IRQSTAT), 0xffffffff);
	gsim_reset(d->sim);
	assert_int_equal(drv_rd(d, NV_PMC_BOOT_0), 0xffffffff);
	assert_int_equal(drv_fault(d, "bus ok"), 0);
	assert_int_not_equal(drv_rd(d, NV_PMC_BOOT_0), 0xffffffff);
	gsim_reset(d->sim);
	assert_int_equal(drv_fault(d, "init mute"), 0);
	assert_int_equal(drv_boot(d), -1);
	gsim_reset(d->sim);
	assert_int_equal(drv_fault(d, "init fail"), 0);
	assert_int_equal(drv_boot(d), -1);
	gsim_reset(d->sim);
	assert_int_equal(drv_boot(d), 0);
	drv_free(d);
}

static void test_storm(void **state)
{
	struct drv *d = booted("595.45.04");
	u32 i, kinds = 0;

	(void)state;
	assert_int_equal(drv_fault(d, "storm rate 1000"), 0);
	for (i = 0; i < 8; i++) {
		assert_true(drv_recv(d, 2000000));
		assert_true(d->rec.fn > 0x1000);
		kinds |= 1u << (d->rec.fn & 31);
	}
	assert_int_equal(__builtin_popcount(kinds), 4);
	assert_int_equal(drv_fault(d, "storm off"), 0);
	while (drv_recv(d, 1000000))
		;
	assert_false(drv_recv(d, 10000000));
	drv_free(d);
}

/* Events never come between the records of one reply. */
static void test_storm_and_large(void **state)
{
	struct drv *d = booted("570.144");
	u32 size = nova_msg_size(d->abi, NOVA_MSG_ADD_VGPU_TYPE), i;
	u8 *p = calloc(1, size);

	(void)state;
	assert_int_equal(drv_fault(d, "storm rate 30"), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, 0x20804003, p, size), 0);
	free(p);
	drv_free(d);
}

static void test_bad_specs(void **state)
{
	static const struct {
		const char *spec;
		const char *why;
	} bad[] = {
		{ "", "random, next, wptr" },
		{ "bogus", "\"bogus\"" },
		{ "next", "badsum badlen" },
		{ "next bogus", "\"bogus\"" },
		{ "next badsum x", "\"x\"" },
		{ "next badsum 1 2", "\"2\"" },
		{ "next late", "missing at the end" },
		{ "next corrupt", "\"corrupt\"" },
		{ "random", "corrupt=" },
		{ "random corrupt=1000001", "\"corrupt=1000001\"" },
		{ "random corrupt=", "\"corrupt=\"" },
		{ "random off 1", "\"1\"" },
		{ "wptr", "missing" },
		{ "wptr -1", "\"-1\"" },
		{ "storm", "missing" },
		{ "storm 99999999999", "\"99999999999\"" },
		{ "storm rate", "missing" },
		{ "mute", "on or off" },
		{ "mute yes", "\"yes\"" },
		{ "halt now", "\"now\"" },
		{ "crash", "exception, timeout" },
		{ "wpr2 up", "stuck or ok" },
		{ "gfw", "stuck or ok" },
		{ "bus lost now", "\"now\"" },
		{ "image", "missing" },
		{ "image 570.144.01", "no longer than the image's" },
		{ "image 999.99 now", "\"now\"" },
		{ "next off 1", "\"1\"" },
		{ "init", "mute or fail" },
		{ "event xid", "pmu, fecs or action" },
		{ "event action 4", "from 0 to 3" },
		{ "heartbeat off", "on, rm, core or zero" },
		{ "a b c d e f g h i", "more than 8 words" },
	};
	struct drv *d = booted("570.144");
	char text[400];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(drv_fault(d, bad[i].spec), -EINVAL);
		if (!strstr(d->status, bad[i].why))
			fail_msg("\"%s\": \"%s\" does not say \"%s\"",
				 bad[i].spec, d->status, bad[i].why);
	}
	gsim_fault_show(d->sim, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(drv_fault(d, "next drop"), 0);
	assert_int_equal(drv_fault(d, "next off"), 0);
	assert_int_equal(drv_fault(d, "next late 70 2\n"), 0);
	assert_int_equal(drv_fault(d, "irq off"), 0);
	gsim_fault_show(d->sim, text, sizeof(text));
	assert_string_equal(text, "next late 70 2\nirq off\n");
	drv_free(d);
	d = drv_new("570.144", "ga102", 24576);
	assert_int_equal(drv_fault(d, "mute on"), -EINVAL);
	assert_non_null(strstr(d->status, "GSP does not run"));
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_drop_dup_late),
		cmocka_unit_test(test_firmware_faults),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_heartbeats),
		cmocka_unit_test(test_fatal_events),
		cmocka_unit_test(test_boots_that_fail),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_storm_and_large),
		cmocka_unit_test(test_bad_specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
