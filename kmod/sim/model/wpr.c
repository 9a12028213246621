// SPDX-License-Identifier: GPL-2.0-only
/*
 * Booter's checks before it copies GSP-RM into WPR2: GspFwWprMeta, its regions, and the
 * content of all that it points at.
 */
#include "internal.h"

struct gsim_meta {
	const u8 *raw;
	u64 fb_size;
	u64 rsvd_start;
	u64 non_wpr_off;
	u64 non_wpr_size;
	u64 wpr_start;
	u64 heap_off;
	u64 heap_size;
	u64 fw_off;
	u64 fw_size;
	u64 boot_off;
	u64 boot_size;
	u64 frts_off;
	u64 frts_size;
	u64 wpr_end;
	u64 vga_off;
	u64 vga_size;
};

static u64 gsim_meta_get(struct gsim *sim, const struct gsim_meta *m, enum nova_field f)
{
	return gsim_get(sim, f, m->raw, NOVA_WPR_META_BYTES);
}

static void gsim_meta_read(struct gsim *sim, struct gsim_meta *m)
{
	m->fb_size = gsim_meta_get(sim, m, NOVA_WPR_META_FB_SIZE);
	m->rsvd_start = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_RSVD_START);
	m->non_wpr_off = gsim_meta_get(sim, m, NOVA_WPR_META_NON_WPR_HEAP_OFFSET);
	m->non_wpr_size = gsim_meta_get(sim, m, NOVA_WPR_META_NON_WPR_HEAP_SIZE);
	m->wpr_start = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_WPR_START);
	m->heap_off = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_HEAP_OFFSET);
	m->heap_size = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_HEAP_SIZE);
	m->fw_off = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_OFFSET);
	m->fw_size = gsim_meta_get(sim, m, NOVA_WPR_META_SIZE_OF_RADIX3_ELF);
	m->boot_off = gsim_meta_get(sim, m, NOVA_WPR_META_BOOT_BIN_OFFSET);
	m->boot_size = gsim_meta_get(sim, m, NOVA_WPR_META_SIZE_OF_BOOTLOADER);
	m->frts_off = gsim_meta_get(sim, m, NOVA_WPR_META_FRTS_OFFSET);
	m->frts_size = gsim_meta_get(sim, m, NOVA_WPR_META_FRTS_SIZE);
	m->wpr_end = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_WPR_END);
	m->vga_off = gsim_meta_get(sim, m, NOVA_WPR_META_VGA_WORKSPACE_OFFSET);
	m->vga_size = gsim_meta_get(sim, m, NOVA_WPR_META_VGA_WORKSPACE_SIZE);
}

static u32 gsim_check_header(struct gsim *sim, const struct gsim_meta *m)
{
	u64 magic = gsim_meta_get(sim, m, NOVA_WPR_META_MAGIC);
	u64 revision = gsim_meta_get(sim, m, NOVA_WPR_META_REVISION);

	if (magic != NOVA_WIRE_WPR_MAGIC)
		return gsim_reject(sim, GSIM_BOOTER_META_MAGIC,
				   "WPR meta: magic 0x%llx, want 0x%llx", (ull)magic,
				   (ull)NOVA_WIRE_WPR_MAGIC);
	if (revision != NOVA_WIRE_WPR_REVISION)
		return gsim_reject(sim, GSIM_BOOTER_META_REVISION,
				   "WPR meta: revision %llu, want %u", (ull)revision,
				   NOVA_WIRE_WPR_REVISION);
	if (m->fb_size != sim->fb_bytes)
		return gsim_reject(sim, GSIM_BOOTER_FB_SIZE,
				   "WPR meta: fbSize 0x%llx, the framebuffer has 0x%llx",
				   (ull)m->fb_size, (ull)sim->fb_bytes);
	return 0;
}

static u32 gsim_check_alignment(struct gsim *sim, const struct gsim_meta *m)
{
	const struct {
		const char *name;
		u64 val;
		u32 align;
	} rule[] = {
		{ "nonWprHeapOffset", m->non_wpr_off, 0x100000 },
		{ "nonWprHeapSize", m->non_wpr_size, 0x10000 },
		{ "gspFwWprStart", m->wpr_start, 0x100000 },
		{ "gspFwHeapOffset", m->heap_off, 0x100000 },
		{ "gspFwHeapSize", m->heap_size, 0x100000 },
		{ "gspFwOffset", m->fw_off, 0x10000 },
		{ "bootBinOffset", m->boot_off, 0x1000 },
		{ "frtsOffset", m->frts_off, 0x20000 },
		{ "gspFwWprEnd", m->wpr_end, 0x20000 },
		{ "vgaWorkspaceOffset", m->vga_off, 0x20000 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rule); i++) {
		if (!(rule[i].val & (rule[i].align - 1)))
			continue;
		return gsim_reject(sim, GSIM_BOOTER_ALIGNMENT,
				   "WPR meta: %s 0x%llx is not a multiple of 0x%x", rule[i].name,
				   (ull)rule[i].val, rule[i].align);
	}
	return 0;
}

/* From low to high addresses; each region must end where or before the next starts. */
static u32 gsim_check_order(struct gsim *sim, const struct gsim_meta *m)
{
	const struct {
		const char *name;
		u64 off;
		u64 size;
	} region[] = {
		{ "reserved", m->rsvd_start, 0 },
		{ "non-WPR heap", m->non_wpr_off, m->non_wpr_size },
		{ "WPR2 start with the meta data", m->wpr_start, NOVA_WPR_META_BYTES },
		{ "heap", m->heap_off, m->heap_size },
		{ "GSP-RM image", m->fw_off, m->fw_size },
		{ "boot loader", m->boot_off, m->boot_size },
		{ "FRTS", m->frts_off, m->frts_size },
		{ "WPR2 end", m->wpr_end, 0 },
		{ "VGA workspace", m->vga_off, m->vga_size },
	};
	u64 end = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(region); i++) {
		if (region[i].off < end || region[i].off > sim->fb_bytes ||
		    region[i].size > sim->fb_bytes - region[i].off)
			return gsim_reject(sim, GSIM_BOOTER_REGION_ORDER,
					   "WPR meta: %s at 0x%llx of 0x%llx bytes overlaps what lies below it (up to 0x%llx) or leaves the framebuffer",
					   region[i].name, (ull)region[i].off, (ull)region[i].size,
					   (ull)end);
		end = region[i].off + region[i].size;
	}
	return 0;
}

static u32 gsim_wpr_check_heap(struct gsim *sim, const struct gsim_meta *m)
{
	const struct nova_abi_rules *rules = sim->abi->rules;
	u64 parts = gsim_meta_get(sim, m, NOVA_WPR_META_GSP_FW_HEAP_VF_PARTITION_COUNT);
	bool libos3 = gsim_chip_is_libos3(sim->chip);
	u64 min_mb;

	min_mb = libos3 ? rules->heap_fixed_mb : rules->heap_fixed_libos2_mb;
	if (!min_mb)
		min_mb = libos3 ? rules->heap_min_mb : rules->heap_min_libos2_mb;
	if (parts > rules->vf_partitions)
		return gsim_reject(sim, GSIM_BOOTER_PARTITIONS,
				   "WPR meta: %llu VF partitions, the release has %u", (ull)parts,
				   rules->vf_partitions);
	if (parts)
		min_mb = max_t(u64, min_mb, rules->heap_vgpu_mb);
	if (m->heap_size < min_mb * GSIM_MIB)
		return gsim_reject(sim, GSIM_BOOTER_HEAP_SIZE,
				   "WPR meta: heap of %llu MiB, the release needs %llu",
				   (ull)(m->heap_size >> 20), (ull)min_mb);
	return 0;
}

static u32 gsim_check_frts(struct gsim *sim, const struct gsim_meta *m)
{
	unsigned long flags = gsim_lock(sim);
	u64 lo = NV_PFB_WPR2_ADDR(sim->regs.wpr2_lo);
	u64 hi = NV_PFB_WPR2_ADDR(sim->regs.wpr2_hi);

	gsim_unlock(sim, flags);
	if (sim->chip->family == GSIM_GA100) {
		if (!m->frts_size && !hi)
			return 0;
		return gsim_reject(sim, hi ? GSIM_BOOTER_WPR2_UP : GSIM_BOOTER_FRTS,
				   "WPR meta: this chip has no FRTS; frtsSize 0x%llx, WPR2 up to 0x%llx",
				   (ull)m->frts_size, (ull)hi);
	}
	if (m->frts_size && lo == m->frts_off && hi == m->frts_off + m->frts_size)
		return 0;
	gsim_refuse(sim, "WPR meta: FRTS at 0x%llx of 0x%llx bytes, WPR2 covers 0x%llx to 0x%llx",
		    (ull)m->frts_off, (ull)m->frts_size, (ull)lo, (ull)hi);
	/* Larger than any FRTS: a GSP was booted and its WPR2 never taken down. */
	return hi - lo > GSIM_MIB ? GSIM_BOOTER_WPR2_UP : GSIM_BOOTER_FRTS;
}

/* Compares contiguous memory of the driver with @want. */
static bool gsim_memory_equals(struct gsim *sim, u64 addr, const u8 *want, u64 size)
{
	u64 done = 0;

	while (done < size) {
		u32 chunk = (u32)min_t(u64, size - done, GSIM_PAGE);

		if (gsim_dma_read(sim, addr + done, sim->page, chunk) ||
		    memcmp(sim->page, want + done, chunk))
			return false;
		done += chunk;
	}
	return true;
}

static bool gsim_table_entry(const u8 *table, u32 i, u64 *addr)
{
	*addr = get_unaligned_le64(table + 8 * i);
	return *addr && !(*addr % GSIM_PAGE);
}

/* One leaf table: up to 512 pages of the image from page @first on. */
static u32 gsim_check_leaf(struct gsim *sim, u64 table, u32 first, u32 pages)
{
	const u8 *want = sim->image[NOVA_FW_GSP].data + sim->elf.image_off;
	u32 i, n = min_t(u32, pages - first, GSIM_PAGE / 8);
	u64 addr;

	if (gsim_dma_read(sim, table, sim->page2, GSIM_PAGE))
		goto bad_table;
	for (i = 0; i < n; i++) {
		u32 off = (first + i) * GSIM_PAGE;
		u32 len = min_t(u32, GSIM_PAGE, sim->elf.image_size - off);

		if (!gsim_table_entry(sim->page2, i, &addr))
			goto bad_table;
		if (!gsim_memory_equals(sim, addr, want + off, len))
			return gsim_reject(sim, GSIM_BOOTER_ELF_CONTENT,
					   "radix3: page %u of the GSP-RM image (at 0x%llx) differs from the image handed out",
					   first + i, (ull)addr);
	}
	return 0;
bad_table:
	return gsim_reject(sim, GSIM_BOOTER_RADIX3,
			   "radix3: table at 0x%llx, for image page %u: unreadable or a bad address",
			   (ull)table, first);
}

/*
 * Level 0 is one page that points at level 1, level 1 points at level 2, and
 * level 2 at the image's pages. Only entry 0 of level 0 is needed below 1 GiB.
 */
static u32 gsim_check_radix3(struct gsim *sim, const struct gsim_meta *m)
{
	u64 root = gsim_meta_get(sim, m, NOVA_WPR_META_SYSMEM_ADDR_OF_RADIX3_ELF);
	u32 pages = DIV_ROUND_UP(sim->elf.image_size, GSIM_PAGE);
	u32 leaf, leaves = DIV_ROUND_UP(pages, GSIM_PAGE / 8);
	u8 level1[64];
	u64 addr, table;
	u32 code;

	if (m->fw_size != sim->elf.image_size)
		return gsim_reject(sim, GSIM_BOOTER_ELF_CONTENT,
				   "WPR meta: sizeOfRadix3Elf %llu, section .fwimage has %u",
				   (ull)m->fw_size, sim->elf.image_size);
	if (!root || root % GSIM_PAGE || gsim_dma_read(sim, root, level1, 8) ||
	    !gsim_table_entry(level1, 0, &table) || leaves * 8 > sizeof(level1) ||
	    gsim_dma_read(sim, table, level1, leaves * 8))
		return gsim_reject(sim, GSIM_BOOTER_RADIX3,
				   "radix3: root at 0x%llx: unreadable or a bad address",
				   (ull)root);
	for (leaf = 0; leaf < leaves; leaf++) {
		if (!gsim_table_entry(level1, leaf, &addr))
			return gsim_reject(sim, GSIM_BOOTER_RADIX3,
					   "radix3: level 1 entry %u is 0x%llx", leaf, (ull)addr);
		code = gsim_check_leaf(sim, addr, leaf * (GSIM_PAGE / 8), pages);
		if (code)
			return code;
	}
	return 0;
}

static u32 gsim_check_bootloader(struct gsim *sim, const struct gsim_meta *m)
{
	u64 addr = gsim_meta_get(sim, m, NOVA_WPR_META_SYSMEM_ADDR_OF_BOOTLOADER);
	u64 code = gsim_meta_get(sim, m, NOVA_WPR_META_BOOTLOADER_CODE_OFFSET);
	u64 data = gsim_meta_get(sim, m, NOVA_WPR_META_BOOTLOADER_DATA_OFFSET);
	u64 manifest = gsim_meta_get(sim, m, NOVA_WPR_META_BOOTLOADER_MANIFEST_OFFSET);
	const struct gsim_image *img = &sim->image[NOVA_FW_BOOTLOADER];
	u32 size = img->ucode->code_size + img->ucode->data_size;

	if (m->boot_size != size || code != img->ucode->code_offset || data > size ||
	    manifest > size)
		return gsim_reject(sim, GSIM_BOOTER_BOOTLOADER,
				   "WPR meta: boot loader of %llu bytes (code %llu, data %llu, manifest %llu), its image has %u (code %u)",
				   (ull)m->boot_size, (ull)code, (ull)data, (ull)manifest, size,
				   img->ucode->code_offset);
	if (!addr || addr % GSIM_PAGE || !gsim_memory_equals(sim, addr, img->payload, size))
		return gsim_reject(sim, GSIM_BOOTER_BOOTLOADER,
				   "boot loader at 0x%llx differs from the image handed out",
				   (ull)addr);
	return 0;
}

static u32 gsim_check_signature(struct gsim *sim, const struct gsim_meta *m)
{
	u64 addr = gsim_meta_get(sim, m, NOVA_WPR_META_SYSMEM_ADDR_OF_SIGNATURE);
	u64 size = gsim_meta_get(sim, m, NOVA_WPR_META_SIZE_OF_SIGNATURE);
	const u8 *want = sim->image[NOVA_FW_GSP].data + sim->elf.sig_off;

	if (size == sim->elf.sig_size && addr && gsim_memory_equals(sim, addr, want, size))
		return 0;
	return gsim_reject(sim, GSIM_BOOTER_SIGNATURE,
			   "signature at 0x%llx of %llu bytes is not section .fwsignature_%s (%u bytes)",
			   (ull)addr, (ull)size, gsim_chip_family_name(sim->chip->family),
			   sim->elf.sig_size);
}

u32 gsim_wpr_check(struct gsim *sim, u64 meta_pa, u64 *start, u64 *end)
{
	static u32 (* const check[])(struct gsim *sim, const struct gsim_meta *m) = {
		gsim_check_header, gsim_check_alignment, gsim_check_order, gsim_wpr_check_heap,
		gsim_check_frts, gsim_check_bootloader, gsim_check_signature, gsim_check_radix3,
	};
	u8 raw[NOVA_WPR_META_BYTES];
	struct gsim_meta m = { .raw = raw };
	u32 i, code;

	if (!meta_pa || meta_pa % 256 || gsim_dma_read(sim, meta_pa, raw, sizeof(raw)))
		return gsim_reject(sim, GSIM_BOOTER_META_ADDRESS,
				   "Booter Load: WPR meta at 0x%llx: unreadable or not 256 byte aligned",
				   (ull)meta_pa);
	gsim_meta_read(sim, &m);
	for (i = 0; i < ARRAY_SIZE(check); i++) {
		code = check[i](sim, &m);
		if (code)
			return code;
	}
	sim->crash_pa = 0;
	if (gsim_has(sim, NOVA_WPR_META_SYSMEM_ADDR_OF_CRASH_REPORT_QUEUE)) {
		sim->crash_pa = gsim_meta_get(sim, &m,
					      NOVA_WPR_META_SYSMEM_ADDR_OF_CRASH_REPORT_QUEUE);
		sim->crash_bytes = (u32)gsim_meta_get(sim, &m,
						      NOVA_WPR_META_SIZE_OF_CRASH_REPORT_QUEUE);
	}
	*start = m.wpr_start;
	*end = m.wpr_end;
	return 0;
}
