// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "model_driver.h"

/* Memory: scattered pages behind one made-up bus address range. */

static u64 drv_page(struct drv *d)
{
	u32 i;

	/* 911 is coprime to the number of pages: neighbours are far apart. */
	for (i = 0; i < DRV_PAGES - DRV_CONTIGUOUS; i++) {
		u32 page;

		d->scatter = (d->scatter + 911) % (DRV_PAGES - DRV_CONTIGUOUS);
		page = DRV_CONTIGUOUS + d->scatter;
		if (!d->used[page]) {
			d->used[page] = true;
			return DRV_MEM_BASE + (u64)page * 4096;
		}
	}
	abort();
}

static u64 drv_pages(struct drv *d, u32 n)
{
	u32 i, k;

	for (i = 0; i + n <= DRV_CONTIGUOUS; i++) {
		for (k = 0; k < n && !d->used[i + k]; k++)
			;
		if (k < n)
			continue;
		for (k = 0; k < n; k++)
			d->used[i + k] = true;
		return DRV_MEM_BASE + (u64)i * 4096;
	}
	abort();
}

u8 *drv_mem(struct drv *d, u64 pa)
{
	return d->mem + (pa - DRV_MEM_BASE);
}

static int drv_dma_ok(struct drv *d, u64 addr, u32 len)
{
	u64 off = addr - DRV_MEM_BASE;

	if (addr < DRV_MEM_BASE || off + len > DRV_PAGES * 4096ULL || !len)
		return 0;
	return d->used[off / 4096] && d->used[(off + len - 1) / 4096];
}

static int drv_dma_read(void *ctx, u64 addr, void *buf, u32 len)
{
	struct drv *d = ctx;

	if (d->locked)
		abort();
	if (!drv_dma_ok(d, addr, len))
		return -EFAULT;
	memcpy(buf, drv_mem(d, addr), len);
	return 0;
}

static int drv_dma_write(void *ctx, u64 addr, const void *buf, u32 len)
{
	struct drv *d = ctx;

	if (d->locked)
		abort();
	if (!drv_dma_ok(d, addr, len))
		return -EFAULT;
	memcpy(drv_mem(d, addr), buf, len);
	return 0;
}

/* Framebuffer: a list of the pages that were touched, there are few. */
struct drv_fb_page {
	struct drv_fb_page *next;
	u64 index;
	u8 data[4096];
};

u8 *drv_fb(struct drv *d, u64 off)
{
	struct drv_fb_page *p;

	for (p = d->fb; p; p = p->next)
		if (p->index == off / 4096)
			return p->data + off % 4096;
	p = calloc(1, sizeof(*p));
	p->index = off / 4096;
	p->next = d->fb;
	d->fb = p;
	return p->data + off % 4096;
}

static void drv_fb_free(struct drv *d)
{
	struct drv_fb_page *p = d->fb, *next;

	for (; p; p = next) {
		next = p->next;
		free(p);
	}
}

static int drv_fb_copy(void *ctx, u64 off, void *buf, u32 len, bool write)
{
	struct drv *d = ctx;

	if (d->locked || off % 4096 + len > 4096)
		abort();
	if (write)
		memcpy(drv_fb(d, off), buf, len);
	else
		memcpy(buf, drv_fb(d, off), len);
	return 0;
}

static u64 drv_now(void *ctx)
{
	return ((struct drv *)ctx)->now_ns;
}

static void drv_irq(void *ctx)
{
	struct drv *d = ctx;

	if (d->locked)
		abort();
	d->irqs++;
}

static void drv_kick(void *ctx)
{
	((struct drv *)ctx)->kicks++;
}

static void drv_engine(void *ctx, u32 event, u32 engine_id, u32 gfid, u64 arg)
{
	struct drv *d = ctx;

	if (d->locked)
		abort();
	if (d->engine)
		d->engine(d, event, engine_id, gfid, arg);
}

static void *drv_alloc_mem(void *ctx, size_t size)
{
	if (((struct drv *)ctx)->locked)
		abort();
	return calloc(1, size);
}

static void drv_free_mem(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static unsigned long drv_lock(void *ctx)
{
	struct drv *d = ctx;

	if (d->locked)
		abort();
	d->locked = true;
	return 0;
}

static void drv_unlock(void *ctx, unsigned long flags)
{
	(void)flags;
	((struct drv *)ctx)->locked = false;
}

static const struct gsim_port drv_port = {
	.now_ns = drv_now,
	.dma_read = drv_dma_read,
	.dma_write = drv_dma_write,
	.irq = drv_irq,
	.kick = drv_kick,
	.alloc = drv_alloc_mem,
	.free = drv_free_mem,
	.lock = drv_lock,
	.unlock = drv_unlock,
	.fb = drv_fb_copy,
	.engine = drv_engine,
};

struct drv *drv_new_cfg(const struct gsim_config *cfg)
{
	struct drv *d = calloc(1, sizeof(*d));
	struct nova_field_pos pos;

	d->abi = cfg->abi;
	d->mem = calloc(DRV_PAGES, 4096);
	if (gsim_create(&drv_port, d, cfg, &d->sim, d->status, sizeof(d->status)))
		return d;
	nova_field_pos(d->abi, NOVA_ELEM_RPC, &pos);
	d->hdr_bytes = pos.off;
	d->rpc_max = 65536 - pos.off;
	return d;
}

struct drv *drv_new(const char *release, const char *chip, u32 fb_mb)
{
	struct gsim_config cfg = {
		.abi = nova_abi_find(release),
		.chip = chip,
		.fb_mb = fb_mb,
		.latency_us = 20,
		.jitter_us = 5,
		.inflight = 8,
		.seed = 1,
	};

	return cfg.abi ? drv_new_cfg(&cfg) : NULL;
}

void drv_free(struct drv *d)
{
	if (d->sim)
		gsim_destroy(d->sim);
	drv_fb_free(d);
	free(d->mem);
	free(d);
}

u32 drv_rd(struct drv *d, u32 off)
{
	return gsim_rd32(d->sim, off);
}

void drv_wr(struct drv *d, u32 off, u32 val)
{
	gsim_wr32(d->sim, off, val);
}

/* Lets the GPU live for some time, jumping from event to event. */
void drv_run(struct drv *d, u64 ns)
{
	u64 end = d->now_ns + ns;

	for (;;) {
		u64 next = gsim_run(d->sim);

		if (next >= end)
			break;
		if (next > d->now_ns)
			d->now_ns = next;
		else
			d->now_ns++;
	}
	d->now_ns = end;
	gsim_run(d->sim);
}

const char *drv_status(struct drv *d)
{
	gsim_status(d->sim, d->status, sizeof(d->status));
	return d->status;
}

bool drv_status_has(struct drv *d, const char *text)
{
	bool has = strstr(drv_status(d), text);

	if (!has)
		fprintf(stderr, "# not in the status: %s\n%s", text, d->status);
	return has;
}

u64 drv_counter(struct drv *d, const char *name)
{
	char want[64];
	const char *p;

	snprintf(want, sizeof(want), "\n%s: ", name);
	p = strstr(drv_status(d), want);
	return p ? strtoull(p + strlen(want), NULL, 10) : ~0ULL;
}

int drv_fault(struct drv *d, const char *spec)
{
	char err[200];
	int ret = gsim_fault(d->sim, spec, err, sizeof(err));

	if (ret)
		snprintf(d->status, sizeof(d->status), "%s", err);
	return ret;
}

void drv_put(struct drv *d, enum nova_field f, void *buf, u32 len, u64 val)
{
	int err = nova_field_put(d->abi, f, buf, len, val);

	if (err && err != -ENOENT)
		abort();
}

u64 drv_get(struct drv *d, enum nova_field f, const void *buf, u32 len)
{
	u64 v = 0;

	nova_field_get(d->abi, f, buf, len, &v);
	return v;
}

void drv_hook_run(struct drv *d, enum drv_hook at, void *data, u32 len)
{
	if (d->hook)
		d->hook(d, at, data, len);
}

/* Falcons */

static bool drv_is_ga102_up(struct drv *d)
{
	return NV_PMC_BOOT_42_CHIP(drv_rd(d, NV_PMC_BOOT_42)) >= NOVA_CHIP_GA102;
}

static void drv_falcon_reset(struct drv *d, u32 base)
{
	u32 i;

	drv_wr(d, base + NV_PFALCON_ENGINE, 1);
	drv_run(d, 10000);
	drv_wr(d, base + NV_PFALCON_ENGINE, 0);
	for (i = 0; i < 100; i++) {
		if (!(drv_rd(d, base + NV_PFALCON_HWCFG2) & NV_PFALCON_HWCFG2_MEM_SCRUBBING))
			return;
		drv_run(d, 1000);
	}
	abort();
}

static void drv_falcon_load(struct drv *d, u32 base, u64 pa, u32 src, u32 bytes, bool imem)
{
	u32 off, i;

	drv_wr(d, base + NV_PFALCON_DMATRFBASE, (u32)(pa >> 8));
	drv_wr(d, base + NV_PFALCON_DMATRFBASE1, (u32)(pa >> 40));
	for (off = 0; off < bytes; off += 256) {
		drv_wr(d, base + NV_PFALCON_DMATRFMOFFS, off);
		drv_wr(d, base + NV_PFALCON_DMATRFFBOFFS, src + off);
		drv_wr(d, base + NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_SIZE_256B |
		       (imem ? NV_PFALCON_DMATRFCMD_IMEM : 0));
		for (i = 0; i < 10; i++) {
			if (drv_rd(d, base + NV_PFALCON_DMATRFCMD) & NV_PFALCON_DMATRFCMD_IDLE)
				break;
			drv_run(d, 1000);
		}
	}
}

static void drv_falcon_brom(struct drv *d, u32 base, const u32 *u)
{
	if (!drv_is_ga102_up(d))
		return;
	drv_wr(d, base + NV_PFALCON2_MOD_SEL, NV_PFALCON2_MOD_SEL_RSA3K);
	drv_wr(d, base + NV_PFALCON2_BROM_ENGIDMASK, u[5]);
	drv_wr(d, base + NV_PFALCON2_BROM_CURR_UCODE_ID, u[6]);
	drv_wr(d, base + NV_PFALCON2_BROM_PARAADDR0, u[7]);
}

static void drv_patch_fwsec(struct drv *d, u8 *data, const u32 *u)
{
	u32 fb_mb = drv_is_ga102_up(d) ? drv_rd(d, NV_USABLE_FB_SIZE_IN_MB) : 0;
	u32 lmr = drv_rd(d, NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE), i;
	u64 fb = fb_mb ? (u64)fb_mb << 20 :
			 (u64)NV_PFB_LMR_LOWER_MAG(lmr) << (NV_PFB_LMR_LOWER_SCALE(lmr) + 20);
	u32 cmd[8] = { 0x15, 1, 20, 1, 20, (u32)((fb - 0x200000) >> 12), 256, 2 };

	drv_hook_run(d, DRV_HOOK_FWSEC, (u8 *)cmd, sizeof(cmd));
	for (i = 0; i < 8; i++)
		put_unaligned_le32(cmd[i], data + u[2] + u[8] + 4 * i);
}

static u32 drv_falcon_run_image(struct drv *d, u32 base, enum nova_fw_kind kind, u32 mbox0,
				u32 mbox1)
{
	const void *img;
	u32 u[10], off, size, i;
	size_t bytes;
	u64 pa;

	gsim_firmware(d->sim, kind, &img, &bytes);
	for (i = 0; i < 10; i++)
		u[i] = get_unaligned_le32((const u8 *)img +
					  get_unaligned_le32((const u8 *)img + 12) + 4 * i);
	off = get_unaligned_le32((const u8 *)img + 16);
	size = get_unaligned_le32((const u8 *)img + 20);
	pa = drv_pages(d, (size + 4095) / 4096);
	memcpy(drv_mem(d, pa), (const u8 *)img + off, size);
	if (kind == NOVA_FW_FWSEC)
		drv_patch_fwsec(d, drv_mem(d, pa), u);

	drv_falcon_reset(d, base);
	drv_wr(d, base + NV_PFALCON_FBIF_TRANSCFG(0), NV_PFALCON_FBIF_TRANSCFG_COHERENT_SYSMEM);
	drv_wr(d, base + NV_PFALCON_FBIF_CTL, NV_PFALCON_FBIF_CTL_ALLOW_PHYS_NO_CTX);
	drv_falcon_load(d, base, pa, u[0], u[1], true);
	drv_falcon_load(d, base, pa, u[2], u[3], false);
	drv_falcon_brom(d, base, u);
	drv_wr(d, base + NV_PFALCON_BOOTVEC, u[4]);
	drv_wr(d, base + NV_PFALCON_MAILBOX0, mbox0);
	drv_wr(d, base + NV_PFALCON_MAILBOX1, mbox1);
	drv_hook_run(d, DRV_HOOK_LOAD, NULL, kind);
	drv_wr(d, base + NV_PFALCON_CPUCTL, NV_PFALCON_CPUCTL_STARTCPU);
	for (i = 0; i < 100; i++) {
		if (drv_rd(d, base + NV_PFALCON_CPUCTL) & NV_PFALCON_CPUCTL_HALTED)
			break;
		drv_run(d, 1000);
	}
	for (i = 0; i < (size + 4095) / 4096; i++)
		d->used[(pa - DRV_MEM_BASE) / 4096 + i] = false;
	return drv_rd(d, base + NV_PFALCON_MAILBOX0);
}

u32 drv_fwsec(struct drv *d)
{
	u32 code = drv_falcon_run_image(d, NV_PGSP_BASE, NOVA_FW_FWSEC, 0, 0);

	return code ? code : NV_PBUS_SW_SCRATCH_0E_FRTS_ERR(drv_rd(d, NV_PBUS_SW_SCRATCH_0E));
}

void drv_reset_gsp(struct drv *d)
{
	if (d->skip_gsp_reset)
		return;
	drv_falcon_reset(d, NV_PGSP_BASE);
	if (drv_is_ga102_up(d) && !d->no_riscv_select)
		drv_wr(d, NV_PGSP_BASE + NV_PRISCV_BCR_CTRL,
		       NV_PRISCV_BCR_CTRL_VALID | NV_PRISCV_BCR_CTRL_CORE_SELECT_RISCV);
}

u32 drv_booter_load(struct drv *d)
{
	drv_wr(d, NV_PGSP_BASE + NV_PFALCON_MAILBOX0, (u32)d->libos_pa);
	drv_wr(d, NV_PGSP_BASE + NV_PFALCON_MAILBOX1, (u32)(d->libos_pa >> 32));
	return drv_falcon_run_image(d, NV_PSEC2_BASE, NOVA_FW_BOOTER_LOAD, (u32)d->meta_pa,
				    (u32)(d->meta_pa >> 32));
}

u32 drv_booter_unload(struct drv *d)
{
	return drv_falcon_run_image(d, NV_PSEC2_BASE, NOVA_FW_BOOTER_UNLOAD, 0, 0);
}

/* Memory objects of a boot */

static const u8 *drv_section(struct drv *d, const char *name, u32 *size)
{
	const void *img;
	const u8 *e, *sh, *names;
	size_t bytes;
	u32 i;

	gsim_firmware(d->sim, NOVA_FW_GSP, &img, &bytes);
	e = img;
	sh = e + get_unaligned_le64(e + 40);
	names = e + get_unaligned_le64(sh + 64 * get_unaligned_le16(e + 62) + 24);
	for (i = 1; i < get_unaligned_le16(e + 60); i++) {
		const u8 *s = sh + 64 * i;

		if (strcmp((const char *)names + get_unaligned_le32(s), name))
			continue;
		*size = (u32)get_unaligned_le64(s + 32);
		return e + get_unaligned_le64(s + 24);
	}
	return NULL;
}

static void drv_radix3(struct drv *d, const u8 *image, u32 size)
{
	u32 pages = (size + 4095) / 4096, i;

	for (i = 0; i < 4; i++)
		d->radix_pa[i] = drv_page(d);
	put_unaligned_le64(d->radix_pa[1], drv_mem(d, d->radix_pa[0]));
	put_unaligned_le64(d->radix_pa[2], drv_mem(d, d->radix_pa[1]));
	put_unaligned_le64(d->radix_pa[3], drv_mem(d, d->radix_pa[1]) + 8);
	for (i = 0; i < pages; i++) {
		d->image_pa[i] = drv_page(d);
		memcpy(drv_mem(d, d->image_pa[i]), image + i * 4096,
		       size - i * 4096 < 4096 ? size - i * 4096 : 4096);
		put_unaligned_le64(d->image_pa[i],
				   drv_mem(d, d->radix_pa[2 + i / 512]) + 8 * (i % 512));
	}
}

static void drv_meta(struct drv *d, u32 image_size, u32 boot_size, u32 sig_size)
{
	u32 lmr = drv_rd(d, NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE), n = 256;
	u32 chip = NV_PMC_BOOT_42_CHIP(drv_rd(d, NV_PMC_BOOT_42));
	u64 fb = drv_is_ga102_up(d) ? (u64)drv_rd(d, NV_USABLE_FB_SIZE_IN_MB) << 20 :
		 (u64)NV_PFB_LMR_LOWER_MAG(lmr) << (NV_PFB_LMR_LOWER_SCALE(lmr) + 20);
	u64 vga = fb - 0x100000, frts_size = chip == NOVA_CHIP_GA100 ? 0 : 0x100000;
	u64 frts = vga - frts_size, boot = (frts - boot_size) & ~0xfffULL;
	u64 fw = (boot - image_size) & ~0xffffULL, heap = (fw - (130ULL << 20)) & ~0xfffffULL;
	u8 *m = drv_mem(d, d->meta_pa);

	drv_put(d, NOVA_WPR_META_MAGIC, m, n, 0xdc3aae21371a60b3ULL);
	drv_put(d, NOVA_WPR_META_REVISION, m, n, 1);
	drv_put(d, NOVA_WPR_META_SYSMEM_ADDR_OF_RADIX3_ELF, m, n, d->radix_pa[0]);
	drv_put(d, NOVA_WPR_META_SIZE_OF_RADIX3_ELF, m, n, image_size);
	drv_put(d, NOVA_WPR_META_SYSMEM_ADDR_OF_BOOTLOADER, m, n, d->boot_pa);
	drv_put(d, NOVA_WPR_META_SIZE_OF_BOOTLOADER, m, n, boot_size);
	drv_put(d, NOVA_WPR_META_SYSMEM_ADDR_OF_SIGNATURE, m, n, d->sig_pa);
	drv_put(d, NOVA_WPR_META_SIZE_OF_SIGNATURE, m, n, sig_size);
	drv_put(d, NOVA_WPR_META_GSP_FW_RSVD_START, m, n, heap - 0x200000);
	drv_put(d, NOVA_WPR_META_NON_WPR_HEAP_OFFSET, m, n, heap - 0x200000);
	drv_put(d, NOVA_WPR_META_NON_WPR_HEAP_SIZE, m, n, 0x100000);
	drv_put(d, NOVA_WPR_META_GSP_FW_WPR_START, m, n, heap - 0x100000);
	drv_put(d, NOVA_WPR_META_GSP_FW_HEAP_OFFSET, m, n, heap);
	drv_put(d, NOVA_WPR_META_GSP_FW_HEAP_SIZE, m, n, (fw - heap) & ~0xfffffULL);
	drv_put(d, NOVA_WPR_META_GSP_FW_OFFSET, m, n, fw);
	drv_put(d, NOVA_WPR_META_BOOT_BIN_OFFSET, m, n, boot);
	drv_put(d, NOVA_WPR_META_FRTS_OFFSET, m, n, frts);
	drv_put(d, NOVA_WPR_META_FRTS_SIZE, m, n, frts_size);
	drv_put(d, NOVA_WPR_META_GSP_FW_WPR_END, m, n, vga);
	drv_put(d, NOVA_WPR_META_FB_SIZE, m, n, fb);
	drv_put(d, NOVA_WPR_META_VGA_WORKSPACE_OFFSET, m, n, vga);
	drv_put(d, NOVA_WPR_META_VGA_WORKSPACE_SIZE, m, n, fb - vga);
	drv_hook_run(d, DRV_HOOK_META, m, n);
}

static void drv_region(struct drv *d, u32 i, const char *id, u64 pa, u32 size)
{
	u8 *r = drv_mem(d, d->libos_pa) + 32 * i;
	u64 id8 = 0;

	while (*id)
		id8 = id8 << 8 | (u8)*id++;
	put_unaligned_le64(id8, r);
	put_unaligned_le64(pa, r + 8);
	put_unaligned_le64(size, r + 16);
	r[24] = 1;
	r[25] = 1;
}

static void drv_libos(struct drv *d)
{
	static const char * const id[] = { "LOGINIT", "LOGINTR", "LOGRM", "LOGMNOC", "LOGROOT",
					   "LOGRMON" };
	u32 i, k, n = 0;

	d->libos_pa = drv_page(d);
	for (i = 0; i < 6; i++) {
		u32 size = i < 4 ? 0x10000 : 0x1000;

		if (!(d->abi->rules->log_regions & (1 << i)))
			continue;
		d->log_pa[i] = drv_pages(d, size / 4096);
		for (k = 0; k < size / 4096; k++)
			put_unaligned_le64(d->log_pa[i] + 4096ULL * k,
					   drv_mem(d, d->log_pa[i]) + 8 + 8 * k);
		drv_region(d, n++, id[i], d->log_pa[i], size);
	}
	d->args_pa = drv_page(d);
	drv_region(d, n, "RMARGS", d->args_pa, 4096);
	drv_hook_run(d, DRV_HOOK_LIBOS, drv_mem(d, d->libos_pa), 4096);
}

void *drv_block_at(struct drv *d, u32 off)
{
	return drv_mem(d, d->block[off / 4096]) + off % 4096;
}

static void drv_queues(struct drv *d)
{
	u8 *a = drv_mem(d, d->args_pa), *h;
	u32 i, n = nova_msg_size(d->abi, NOVA_MSG_GSP_ARGS);

	for (i = 0; i < DRV_BLOCK_PAGES; i++)
		d->block[i] = drv_page(d);
	for (i = 0; i < DRV_BLOCK_PAGES; i++)
		put_unaligned_le64(d->block[i], drv_mem(d, d->block[0]) + 8 * i);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_SHARED_MEM_PHYS_ADDR, a, n, d->block[0]);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_PAGE_TABLE_ENTRY_COUNT, a, n, DRV_BLOCK_PAGES);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_CMD_QUEUE_OFFSET, a, n, 0x1000);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_STAT_QUEUE_OFFSET, a, n, 0x41000);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_ELEMENT_HDR_SIZE, a, n, d->hdr_bytes);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_ELEMENT_SIZE_MIN, a, n, 4096);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_ELEMENT_SIZE_MAX, a, n, 65536);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_HEADER_ALIGN, a, n, 4);
	drv_put(d, NOVA_GSP_ARGS_QUEUE_ELEMENT_ALIGN, a, n, 12);
	drv_hook_run(d, DRV_HOOK_ARGS, a, n);
	h = drv_block_at(d, 0x1000);
	put_unaligned_le32(0x40000, h + 4);
	put_unaligned_le32(4096, h + 8);
	put_unaligned_le32(63, h + 12);
	put_unaligned_le32(1, h + 20);
	put_unaligned_le32(32, h + 24);
	put_unaligned_le32(4096, h + 28);
	drv_hook_run(d, DRV_HOOK_QUEUE, h, 32);
}

static const char *drv_family(struct drv *d)
{
	switch (NV_PMC_BOOT_42_CHIP(drv_rd(d, NV_PMC_BOOT_42))) {
	case NOVA_CHIP_TU102: case NOVA_CHIP_TU104: case NOVA_CHIP_TU106:
		return ".fwsignature_tu10x";
	case NOVA_CHIP_TU116: case NOVA_CHIP_TU117:
		return ".fwsignature_tu11x";
	case NOVA_CHIP_GA100:
		return ".fwsignature_ga100";
	default:
		return NV_PMC_BOOT_42_CHIP(drv_rd(d, NV_PMC_BOOT_42)) >= NOVA_CHIP_AD102 ?
		       ".fwsignature_ad10x" : ".fwsignature_ga10x";
	}
}

void drv_prepare(struct drv *d)
{
	u32 image_size, sig_size, boot_size;
	const u8 *image, *sig;
	const void *boot;
	size_t bytes;

	memset(d->used, 0, sizeof(d->used));
	memset(d->mem, 0, DRV_PAGES * 4096ULL);
	d->tx_seq = 0;
	d->rx_seq = 0;
	d->cmd_write = 0;
	d->stat_read = 0;
	d->rpc_seq = 0;
	d->event_count = 0;
	image = drv_section(d, ".fwimage", &image_size);
	sig = drv_section(d, drv_family(d), &sig_size);
	drv_radix3(d, image, image_size);
	gsim_firmware(d->sim, NOVA_FW_BOOTLOADER, &boot, &bytes);
	boot_size = get_unaligned_le32((const u8 *)boot + 20);
	d->boot_pa = drv_pages(d, (boot_size + 4095) / 4096);
	memcpy(drv_mem(d, d->boot_pa), (const u8 *)boot + get_unaligned_le32((const u8 *)boot + 16),
	       boot_size);
	d->sig_pa = drv_pages(d, (sig_size + 4095) / 4096);
	memcpy(drv_mem(d, d->sig_pa), sig, sig_size);
	d->meta_pa = drv_page(d);
	drv_meta(d, image_size, boot_size, sig_size);
	drv_libos(d);
	drv_queues(d);
	drv_hook_run(d, DRV_HOOK_TABLES, NULL, 0);
}
