// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c

/*
 * The device model boots a right driver of every release family on every chip
 * family, and refuses a wrong one for the reason that is really wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "model_driver.h"

static void boots(const char *release, const char *chip, u32 fb_mb)
{
	struct drv *d = drv_new(release, chip, fb_mb);

	assert_non_null(d);
	if (!d->sim)
		fail_msg("%s", d->status);
	if (drv_boot(d))
		fail_msg("%s on %s does not boot:\n%s", release, chip, drv_status(d));
	assert_true(drv_status_has(d, "firmware: running"));
	assert_true(drv_status_has(d, "last refusal: none"));
	assert_true(drv_counter(d, "unknown registers read") == 0);
	drv_free(d);
}

static void test_releases(void **state)
{
	static const char * const rel[] = {
		"515.43.04", "525.60.13", "535.54.03", "535.113.01", "535.161.07", "550.163.01",
		"565.57.01", "570.144", "570.190", "575.57.08", "580.65.06", "580.95.05",
		"595.45.04",
	};
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rel); i++)
		boots(rel[i], "ga102", 24576);
}

static void test_chips(void **state)
{
	(void)state;
	boots("535.113.01", "tu102", 11264);
	boots("570.144", "tu116", 6144);
	boots("570.144", "ga100", 40960);
	boots("580.95.05", "ad102", 49152);
	boots("595.45.04", "tu117", 4096);
}

static void test_every_release(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++)
		boots(nova_abi_at(i)->release, i & 1 ? "ad104" : "tu102", 12288);
}

static void bad_config(const char *chip, u32 fb_mb, u32 inflight, const char *why)
{
	struct gsim_config cfg = {
		.abi = nova_abi_find("570.144"), .chip = chip, .fb_mb = fb_mb, .latency_us = 1,
		.inflight = inflight,
	};
	struct drv *d = drv_new_cfg(&cfg);

	assert_null(d->sim);
	if (!strstr(d->status, why))
		fail_msg("\"%s\" does not say \"%s\"", d->status, why);
	drv_free(d);
}

static void test_config(void **state)
{
	(void)state;
	bad_config("gx999", 8192, 8, "known are tu102");
	bad_config("ga102", 512, 8, "512 MiB");
	bad_config("tu102", 8193, 8, "8193 MiB");
	bad_config("ga102", 8192, 0, "0 requests");
}

/* Wrong meta data, one thing at a time */

static const struct meta_case {
	enum nova_field f;
	s64 add;
	u32 code;
} meta_cases[] = {
	{ NOVA_WPR_META_MAGIC, 1, GSIM_BOOTER_META_MAGIC },
	{ NOVA_WPR_META_REVISION, 1, GSIM_BOOTER_META_REVISION },
	{ NOVA_WPR_META_FB_SIZE, -0x100000, GSIM_BOOTER_FB_SIZE },
	{ NOVA_WPR_META_GSP_FW_WPR_START, 0x1000, GSIM_BOOTER_ALIGNMENT },
	{ NOVA_WPR_META_GSP_FW_OFFSET, 0x1000, GSIM_BOOTER_ALIGNMENT },
	{ NOVA_WPR_META_BOOT_BIN_OFFSET, 0x10, GSIM_BOOTER_ALIGNMENT },
	{ NOVA_WPR_META_BOOT_BIN_OFFSET, 0x100000, GSIM_BOOTER_REGION_ORDER },
	{ NOVA_WPR_META_GSP_FW_HEAP_OFFSET, 0x400000, GSIM_BOOTER_REGION_ORDER },
	{ NOVA_WPR_META_GSP_FW_WPR_END, 0x100000, GSIM_BOOTER_REGION_ORDER },
	{ NOVA_WPR_META_NON_WPR_HEAP_SIZE, 0x200000, GSIM_BOOTER_REGION_ORDER },
	{ NOVA_WPR_META_VGA_WORKSPACE_SIZE, 0x100000, GSIM_BOOTER_REGION_ORDER },
	{ NOVA_WPR_META_GSP_FW_HEAP_SIZE, -60LL * 1024 * 1024, GSIM_BOOTER_HEAP_SIZE },
	{ NOVA_WPR_META_FRTS_OFFSET, -0x20000, GSIM_BOOTER_REGION_ORDER },
	{ NOVA_WPR_META_FRTS_SIZE, -0x20000, GSIM_BOOTER_FRTS },
	{ NOVA_WPR_META_SIZE_OF_RADIX3_ELF, -8, GSIM_BOOTER_ELF_CONTENT },
	{ NOVA_WPR_META_SYSMEM_ADDR_OF_RADIX3_ELF, 8, GSIM_BOOTER_RADIX3 },
	{ NOVA_WPR_META_SIZE_OF_BOOTLOADER, -256, GSIM_BOOTER_BOOTLOADER },
	{ NOVA_WPR_META_SYSMEM_ADDR_OF_BOOTLOADER, 4096, GSIM_BOOTER_BOOTLOADER },
	{ NOVA_WPR_META_SIZE_OF_SIGNATURE, -1, GSIM_BOOTER_SIGNATURE },
	{ NOVA_WPR_META_SYSMEM_ADDR_OF_SIGNATURE, 1, GSIM_BOOTER_SIGNATURE },
	{ NOVA_WPR_META_GSP_FW_HEAP_VF_PARTITION_COUNT, 200, GSIM_BOOTER_PARTITIONS },
	{ NOVA_WPR_META_GSP_FW_HEAP_VF_PARTITION_COUNT, 32, GSIM_BOOTER_HEAP_SIZE },
};

static const struct meta_case *meta_case;

static void spoil_meta(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	if (at == DRV_HOOK_META)
		drv_put(d, meta_case->f, data, len,
			drv_get(d, meta_case->f, data, len) + (u64)meta_case->add);
}

static struct drv *spoiled(const char *release, drv_hook_fn hook)
{
	struct drv *d = drv_new(release, "ga102", 24576);

	d->hook = hook;
	drv_run(d, 100000);
	drv_prepare(d);
	assert_int_equal(drv_fwsec(d), 0);
	drv_reset_gsp(d);
	return d;
}

static void test_meta(void **state)
{
	u32 i, code;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(meta_cases); i++) {
		struct drv *d;

		meta_case = &meta_cases[i];
		d = spoiled("570.144", spoil_meta);
		code = drv_booter_load(d);
		if (code != meta_case->code)
			fail_msg("case %u (%s): code 0x%x, want 0x%x\n%s", i,
				 nova_field_name(meta_case->f), code, meta_case->code,
				 drv_status(d));
		assert_true(drv_rd(d, NV_PSEC2_BASE + NV_PFALCON_CPUCTL) &
			    NV_PFALCON_CPUCTL_HALTED);
		assert_false(drv_rd(d, NV_PGSP_BASE + NV_PRISCV_CPUCTL) & NV_PRISCV_CPUCTL_ACTIVE);
		assert_true(drv_status_has(d, "firmware: off"));
		drv_free(d);
	}
}

/* What the tables point at */

static u32 spoil_what;

static void spoil_tables(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	(void)data;
	(void)len;
	if (at != DRV_HOOK_TABLES)
		return;
	switch (spoil_what) {
	case 0:
		drv_mem(d, d->image_pa[0])[0] ^= 1;
		break;
	case 1:
		drv_mem(d, d->image_pa[515])[4095] ^= 0x80;
		break;
	case 2:
		put_unaligned_le64(0x1000, drv_mem(d, d->radix_pa[3]) + 8);
		break;
	case 3:
		put_unaligned_le64(0, drv_mem(d, d->radix_pa[1]) + 8);
		break;
	case 4:
		drv_mem(d, d->boot_pa)[5] ^= 4;
		break;
	case 5:
		drv_mem(d, d->sig_pa)[4095] ^= 1;
		break;
	}
}

static void test_content(void **state)
{
	static const u32 want[] = {
		GSIM_BOOTER_ELF_CONTENT, GSIM_BOOTER_ELF_CONTENT, GSIM_BOOTER_ELF_CONTENT,
		GSIM_BOOTER_RADIX3, GSIM_BOOTER_BOOTLOADER, GSIM_BOOTER_SIGNATURE,
	};

	(void)state;
	for (spoil_what = 0; spoil_what < ARRAY_SIZE(want); spoil_what++) {
		struct drv *d = spoiled("570.144", spoil_tables);

		assert_int_equal(drv_booter_load(d), want[spoil_what]);
		drv_free(d);
	}
}

static void test_wpr2(void **state)
{
	struct drv *d = drv_new("570.144", "ga102", 24576);

	(void)state;
	assert_int_equal(drv_boot(d), 0);
	assert_int_not_equal(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI), 0);
	/* GSP runs: no second start, and no unload of its memory. */
	assert_int_equal(drv_booter_load(d), GSIM_BOOTER_GSP_RUNNING);
	assert_int_equal(drv_booter_unload(d), GSIM_BOOTER_GSP_RUNNING);
	/* Reset, but WPR2 is still up. */
	assert_int_equal(drv_fwsec(d), GSIM_FWSEC_WPR2_UP);
	drv_prepare(d);
	drv_reset_gsp(d);
	assert_int_equal(drv_booter_load(d), GSIM_BOOTER_WPR2_UP);
	assert_int_equal(drv_booter_unload(d), 0);
	assert_int_equal(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI), 0);
	assert_int_equal(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_LO), 0);
	assert_int_equal(drv_boot(d), 0);
	gsim_reset(d->sim);
	assert_int_equal(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI), 0);
	assert_int_equal(drv_boot(d), 0);
	drv_free(d);
}

static void test_not_reset(void **state)
{
	struct drv *d = drv_new("570.144", "ga102", 24576);

	(void)state;
	drv_run(d, 100000);
	drv_prepare(d);
	assert_int_equal(drv_fwsec(d), 0);
	assert_int_equal(drv_booter_load(d), GSIM_BOOTER_GSP_NOT_RESET);
	d->no_riscv_select = true;
	drv_reset_gsp(d);
	assert_int_equal(drv_booter_load(d), GSIM_BOOTER_GSP_NOT_RESET);
	d->no_riscv_select = false;
	drv_reset_gsp(d);
	assert_int_equal(drv_booter_load(d), 0);
	drv_free(d);
}

/* FWSEC */

static u32 fwsec_word;

static void spoil_fwsec(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	(void)d;
	(void)len;
	if (at == DRV_HOOK_FWSEC)
		put_unaligned_le32(get_unaligned_le32(data + 4 * fwsec_word) + 1,
				   data + 4 * fwsec_word);
}

static void test_fwsec(void **state)
{
	static const u32 want[8] = {
		GSIM_FWSEC_COMMAND, GSIM_FWSEC_VERSION, GSIM_FWSEC_VERSION, GSIM_FWSEC_VERSION,
		GSIM_FWSEC_VERSION, GSIM_FWSEC_REGION, 0, GSIM_FWSEC_COMMAND,
	};

	(void)state;
	for (fwsec_word = 0; fwsec_word < 8; fwsec_word++) {
		struct drv *d = drv_new("570.144", "ga102", 24576);

		d->hook = spoil_fwsec;
		assert_int_equal(drv_fwsec(d), want[fwsec_word]);
		if (want[fwsec_word])
			assert_int_equal(drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI), 0);
		drv_free(d);
	}
}

/* Falcon and boot ROM */

static void spoil_load(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	u32 base = NV_PGSP_BASE;

	(void)data;
	if (at != DRV_HOOK_LOAD || len != NOVA_FW_FWSEC)
		return;
	switch (spoil_what) {
	case 0:
		drv_wr(d, base + NV_PFALCON_BOOTVEC, 0x300);
		break;
	case 1:
		drv_wr(d, base + NV_PFALCON2_BROM_CURR_UCODE_ID, 1);
		break;
	case 2:
		drv_wr(d, base + NV_PFALCON2_MOD_SEL, 0);
		break;
	case 3:
		drv_wr(d, base + NV_PFALCON2_BROM_PARAADDR0, 0);
		break;
	case 4:
		drv_wr(d, base + NV_PRISCV_BCR_CTRL, NV_PRISCV_BCR_CTRL_CORE_SELECT_RISCV);
		break;
	case 5: /* one more block of code over the start of the old one */
	case 6:
		drv_wr(d, base + NV_PFALCON_DMATRFMOFFS, 0);
		drv_wr(d, base + NV_PFALCON_DMATRFFBOFFS, 256);
		drv_wr(d, base + NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_SIZE_256B |
		       (spoil_what == 5 ? NV_PFALCON_DMATRFCMD_IMEM : 0));
		drv_run(d, 1000);
		break;
	}
}

static void test_brom(void **state)
{
	static const u32 want[] = {
		GSIM_BROM_BOOT_VECTOR, GSIM_BROM_PARAMETERS, GSIM_BROM_PARAMETERS,
		GSIM_BROM_PARAMETERS, GSIM_BROM_CORE_SELECT, GSIM_BROM_UNKNOWN_CODE, GSIM_BROM_DATA,
	};

	(void)state;
	for (spoil_what = 0; spoil_what < ARRAY_SIZE(want); spoil_what++) {
		struct drv *d = drv_new("570.144", "ad102", 24576);

		d->hook = spoil_load;
		assert_int_equal(drv_fwsec(d), want[spoil_what]);
		drv_free(d);
	}
}

static void test_falcon(void **state)
{
	u32 base = NV_PGSP_BASE;
	struct drv *d = drv_new("570.144", "ga102", 24576);

	(void)state;
	drv_prepare(d);
	drv_run(d, 100000);
	/* Without an aperture nothing is transferred. */
	drv_wr(d, base + NV_PFALCON_DMATRFBASE, (u32)(d->sig_pa >> 8));
	drv_wr(d, base + NV_PFALCON_DMATRFBASE1, (u32)(d->sig_pa >> 40));
	drv_wr(d, base + NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_SIZE_256B);
	assert_false(drv_rd(d, base + NV_PFALCON_DMATRFCMD) & NV_PFALCON_DMATRFCMD_IDLE);
	/* Busy: lost. */
	drv_wr(d, base + NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_SIZE_256B);
	drv_run(d, 1000);
	assert_true(drv_rd(d, base + NV_PFALCON_DMATRFCMD) & NV_PFALCON_DMATRFCMD_IDLE);
	assert_true(drv_status_has(d, "no aperture"));
	assert_true(drv_counter(d, "writes lost (busy or in reset)") == 1);
	drv_wr(d, base + NV_PFALCON_FBIF_TRANSCFG(0), NV_PFALCON_FBIF_TRANSCFG_COHERENT_SYSMEM);
	drv_wr(d, base + NV_PFALCON_FBIF_CTL, NV_PFALCON_FBIF_CTL_ALLOW_PHYS_NO_CTX);
	drv_wr(d, base + NV_PFALCON_DMATRFMOFFS, 0x10000);
	drv_wr(d, base + NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_SIZE_256B);
	drv_run(d, 1000);
	assert_true(drv_status_has(d, "or outside"));
	/* Reset: scrubbing for 10 us, all else gone. */
	drv_wr(d, base + NV_PFALCON_ENGINE, 1);
	drv_wr(d, base + NV_PFALCON_ENGINE, 0);
	assert_true(drv_rd(d, base + NV_PFALCON_HWCFG2) & NV_PFALCON_HWCFG2_MEM_SCRUBBING);
	drv_run(d, 5000);
	assert_true(drv_rd(d, base + NV_PFALCON_HWCFG2) & NV_PFALCON_HWCFG2_MEM_SCRUBBING);
	drv_run(d, 6000);
	assert_false(drv_rd(d, base + NV_PFALCON_HWCFG2) & NV_PFALCON_HWCFG2_MEM_SCRUBBING);
	assert_int_equal(drv_rd(d, base + NV_PFALCON_FBIF_CTL), 0);
	/* A register that does not exist. */
	assert_int_equal(drv_rd(d, 0x00777000), NOVA_PRI_ERROR);
	assert_int_equal(drv_rd(d, base + 0xf00), NOVA_PRI_ERROR);
	assert_int_equal(drv_rd(d, 2), NOVA_PRI_ERROR);
	assert_true(drv_counter(d, "unknown registers read") == 3);
	drv_free(d);
}

/* GSP's own refusals: it halts, says why, and raises HALT. */

static void halts(const char *release, drv_hook_fn hook, const char *why)
{
	struct drv *d = spoiled(release, hook);
	u32 irq;

	assert_int_equal(drv_booter_load(d), 0);
	drv_run(d, 10000000);
	if (!drv_status_has(d, "firmware: halted") || !drv_status_has(d, why))
		fail_msg("%s: not halted because of %s", release, why);
	irq = drv_rd(d, NV_PGSP_BASE + NV_PFALCON_IRQSTAT);
	assert_true(irq & NV_PFALCON_IRQ_HALT);
	assert_int_equal(d->irqs, 1);
	assert_true(drv_rd(d, NV_PGSP_BASE + NV_PRISCV_CPUCTL) & NV_PRISCV_CPUCTL_HALTED);
	if (release[0] == '5' && release[1] == '3')
		assert_int_equal(drv_rd(d, NV_PGSP_MAILBOX(0)) >> 28, 0xe);
	drv_wr(d, NV_PGSP_BASE + NV_PFALCON_IRQSCLR, irq);
	assert_int_equal(drv_rd(d, NV_PGSP_BASE + NV_PFALCON_IRQSTAT), 0);
	drv_free(d);
}

static enum nova_field spoil_field;
static u64 spoil_value;

static void spoil_args(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	if (at == DRV_HOOK_ARGS)
		drv_put(d, spoil_field, data, len, spoil_value);
}

static void spoil_queue(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	if (at == DRV_HOOK_QUEUE)
		drv_put(d, spoil_field, data, len, spoil_value);
}

static void spoil_libos(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	(void)len;
	if (at == DRV_HOOK_LIBOS && spoil_what == 0)
		data[32] ^= 0x20;			/* LOGINTR by another name */
	if (at == DRV_HOOK_LIBOS && spoil_what == 1)
		data[64 + 24] = 2;			/* kind of the third region */
	if (at == DRV_HOOK_LIBOS && spoil_what == 2)
		put_unaligned_le64(0, drv_mem(d, d->log_pa[0]) + 16);
	if (at == DRV_HOOK_LIBOS && spoil_what == 3)
		put_unaligned_le64(0x2000, data + 16);
	if (at == DRV_HOOK_TABLES && spoil_what == 4)
		put_unaligned_le64(d->block[7], drv_mem(d, d->block[0]) + 8 * 90);
	if (at == DRV_HOOK_TABLES && spoil_what == 5)
		put_unaligned_le64(0x77, drv_mem(d, d->block[0]) + 8 * 128);
	if (at == DRV_HOOK_TABLES && spoil_what == 6)
		put_unaligned_le64(d->sig_pa, drv_mem(d, d->block[0]));
	if (at == DRV_HOOK_TABLES && spoil_what == 7)
		d->libos_pa += 8;
}

static void test_gsp_refuses(void **state)
{
	static const char * const libos[] = {
		"LOGINTR is missing", "LOGRM at", "LOGINIT: page address 1", "LOGINIT at",
		"entries 7 and 90", "entry 128 is 0x77", "entry 0 is", "MAILBOX0/1",
	};
	static const struct {
		drv_hook_fn hook;
		enum nova_field f;
		u64 value;
		const char *release;
		const char *why;
	} args[] = {
		{ spoil_args, NOVA_GSP_ARGS_QUEUE_PAGE_TABLE_ENTRY_COUNT, 5, "570.144", "5 pages" },
		{ spoil_args, NOVA_GSP_ARGS_QUEUE_CMD_QUEUE_OFFSET, 0x2000, "570.144",
		  "do not fit together" },
		{ spoil_args, NOVA_GSP_ARGS_QUEUE_STAT_QUEUE_OFFSET, 0x41800, "570.144",
		  "do not fit together" },
		{ spoil_args, NOVA_GSP_ARGS_QUEUE_SHARED_MEM_PHYS_ADDR, 0, "570.144",
		  "block at 0x0" },
		{ spoil_args, NOVA_GSP_ARGS_QUEUE_ELEMENT_HDR_SIZE, 8, "595.45.04",
		  "queueElementHdrSize 8, want 48" },
		{ spoil_args, NOVA_GSP_ARGS_QUEUE_HEADER_ALIGN, 5, "595.45.04",
		  "queueHeaderAlign 5" },
		{ spoil_args, NOVA_GSP_ARGS_SR_OLD_LEVEL, 3, "535.113.01", "suspend arguments" },
		{ spoil_queue, NOVA_MSGQ_TX_VERSION, 1, "570.144", "version 1, want 0" },
		{ spoil_queue, NOVA_MSGQ_TX_SIZE, 0x1000, "570.144", "size 4096" },
		{ spoil_queue, NOVA_MSGQ_TX_MSG_SIZE, 0, "570.144", "msgSize 0" },
		{ spoil_queue, NOVA_MSGQ_TX_MSG_COUNT, 64, "570.144", "msgCount 64, want 63" },
		{ spoil_queue, NOVA_MSGQ_TX_FLAGS, 0, "570.144", "flags 0, want 1" },
		{ spoil_queue, NOVA_MSGQ_TX_RX_HDR_OFF, 64, "570.144", "rxHdrOff 64, want 32" },
		{ spoil_queue, NOVA_MSGQ_TX_ENTRY_OFF, 0, "570.144", "entryOff 0, want 4096" },
	};
	u32 i;

	(void)state;
	for (spoil_what = 0; spoil_what < ARRAY_SIZE(libos); spoil_what++)
		halts("535.113.01", spoil_libos, libos[spoil_what]);
	for (i = 0; i < ARRAY_SIZE(args); i++) {
		spoil_field = args[i].f;
		spoil_value = args[i].value;
		halts(args[i].release, args[i].hook, args[i].why);
	}
}

/* Init messages */

static void init_fails(struct drv *d, const char *why)
{
	assert_int_equal(drv_boot(d), -1);
	assert_int_equal(nova_op_of(d->abi, d->rec.fn), NOVA_OP_EVT_GSP_INIT_DONE);
	assert_int_not_equal(d->rec.result, 0);
	assert_true(drv_status_has(d, why));
	drv_free(d);
}

static void spoil_init(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	(void)d;
	if (at != DRV_HOOK_INIT_RPC || len != 30)
		return;
	switch (spoil_what) {
	case 0:
		data[12] = 9;				/* type */
		break;
	case 1:
		data[29] = 'x';				/* no NUL */
		break;
	case 2:
		put_unaligned_le32(31, data);		/* size */
		break;
	case 3:
		put_unaligned_le32(2, data + 4);	/* entries */
		break;
	case 4:
		put_unaligned_le32(30, data + 8);	/* nameOffset */
		break;
	case 5:
		put_unaligned_le32(8, data + 20);	/* length of a DWORD */
		break;
	}
}

static void test_init_messages(void **state)
{
	static const char * const rel[] = { "570.144", "595.45.04" };
	struct drv *d;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rel); i++) {
		d = drv_new(rel[i], "ga102", 24576);
		d->skip_init_rpc = true;
		init_fails(d, i ? "did not come in time" : "were not queued");
		d = drv_new(rel[i], "ga102", 24576);
		d->swap_init_rpc = true;
		init_fails(d, "SET_REGISTRY came before");
		for (spoil_what = 0; spoil_what < 6; spoil_what++) {
			d = drv_new(rel[i], "ga102", 24576);
			d->hook = spoil_init;
			init_fails(d, "SET_REGISTRY is malformed");
		}
	}
}

static void test_sequencer(void **state)
{
	struct drv *d = drv_new("570.144", "ga102", 24576);

	(void)state;
	d->ignore_sequencer = true;
	assert_int_equal(drv_boot(d), -1);
	assert_true(drv_status_has(d, "sequencer program was not run"));
	drv_free(d);
}

/* The log lines are where the put index says. */
static void test_logs(void **state)
{
	struct drv *d = drv_new("570.144", "ga102", 24576);
	u8 *log;

	(void)state;
	assert_int_equal(drv_boot(d), 0);
	log = drv_mem(d, d->log_pa[0]);
	assert_int_not_equal(get_unaligned_le64(log), 0);
	assert_string_equal((char *)log + 8 * 17, "libos: tasks started");
	drv_free(d);
}

static void test_unload(void **state)
{
	struct drv *d = drv_new("580.95.05", "ga102", 24576);
	u8 buf[8] = { 0 };

	(void)state;
	assert_int_equal(drv_boot(d), 0);
	assert_int_equal(drv_call(d, NOVA_OP_RPC_UNLOADING_GUEST_DRIVER, buf, 8, 8, NULL), 0);
	drv_run(d, 1000000);
	assert_int_equal(drv_rd(d, NV_PGSP_BASE + NV_PFALCON_MAILBOX0), NOVA_GSP_UNLOADED);
	assert_true(drv_status_has(d, "firmware: unloaded"));
	assert_int_equal(drv_booter_unload(d), 0);
	assert_int_equal(drv_boot(d), 0);
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_chips),
		cmocka_unit_test(test_every_release),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_wpr2),
		cmocka_unit_test(test_not_reset),
		cmocka_unit_test(test_fwsec),
		cmocka_unit_test(test_brom),
		cmocka_unit_test(test_falcon),
		cmocka_unit_test(test_gsp_refuses),
		cmocka_unit_test(test_init_messages),
		cmocka_unit_test(test_sequencer),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_unload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
