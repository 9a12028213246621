// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the boot ROM checks before a ucode runs, and what FWSEC, Booter Load and
 * Booter Unload do as far as a driver can see it.
 */
#include "internal.h"

static const char * const gsim_ucode_names[NOVA_FW_KINDS] = {
	[NOVA_FW_GSP] = "GSP-RM",
	[NOVA_FW_BOOTLOADER] = "boot loader",
	[NOVA_FW_BOOTER_LOAD] = "Booter Load",
	[NOVA_FW_BOOTER_UNLOAD] = "Booter Unload",
	[NOVA_FW_FWSEC] = "FWSEC",
};

/* DMEM as in the image, apart from FWSEC's command, which the driver writes. */
static bool gsim_ucode_data_ok(struct gsim *sim, enum gsim_falcon_id id, enum nova_fw_kind kind)
{
	const struct nova_fw_ucode *u = sim->image[kind].ucode;
	const u8 *want = sim->image[kind].payload + u->data_offset;
	const u8 *dmem = sim->falcon_mem[id] + GSIM_FALCON_MEM_BYTES;
	u32 hole = kind == NOVA_FW_FWSEC ? (u32)sizeof(struct nova_fwsec_frts_cmd) : 0;
	u32 after = u->cmd_offset + hole;

	if (!hole)
		return !memcmp(dmem, want, u->data_size);
	return !memcmp(dmem, want, u->cmd_offset) &&
	       !memcmp(dmem + after, want + after, u->data_size - after);
}

static u32 gsim_brom_check(struct gsim *sim, const struct gsim_falcon_regs *r,
			   enum nova_fw_kind kind)
{
	const struct nova_fw_ucode *u = sim->image[kind].ucode;
	const char *name = gsim_ucode_names[kind];

	if (r->bootvec != u->boot_vector)
		return gsim_reject(sim, GSIM_BROM_BOOT_VECTOR,
				   "%s: BOOTVEC 0x%x, its image says 0x%x", name, r->bootvec,
				   u->boot_vector);
	if (!gsim_chip_has_bcr(sim->chip))
		return 0;
	if (r->riscv_selected)
		return gsim_reject(sim, GSIM_BROM_CORE_SELECT,
				   "%s: started with BCR_CTRL set to the RISC-V core", name);
	if (r->mod_sel != NV_PFALCON2_MOD_SEL_RSA3K || r->ucode_id != u->ucode_id ||
	    r->engine_id_mask != u->engine_id_mask || r->paraaddr0 != u->pkc_data_offset)
		return gsim_reject(sim, GSIM_BROM_PARAMETERS,
				   "%s: boot ROM got MOD_SEL %u, ucode id %u, engine mask 0x%x, PARAADDR0 0x%x; want %u, %u, 0x%x, 0x%x",
				   name, r->mod_sel, r->ucode_id, r->engine_id_mask, r->paraaddr0,
				   NV_PFALCON2_MOD_SEL_RSA3K, u->ucode_id, u->engine_id_mask,
				   u->pkc_data_offset);
	return 0;
}

u32 gsim_ucode_identify(struct gsim *sim, enum gsim_falcon_id id,
			const struct gsim_falcon_regs *r, enum nova_fw_kind *kind)
{
	enum gsim_falcon_id home;
	u32 k;

	for (k = NOVA_FW_BOOTER_LOAD; k < NOVA_FW_KINDS; k++) {
		const struct nova_fw_ucode *u = sim->image[k].ucode;

		if (!memcmp(sim->falcon_mem[id], sim->image[k].payload + u->code_offset,
			    u->code_size))
			break;
	}
	if (k == NOVA_FW_KINDS)
		return gsim_reject(sim, GSIM_BROM_UNKNOWN_CODE,
				   "%s falcon started, but its IMEM holds no image that was handed out",
				   id == GSIM_GSP ? "GSP" : "SEC2");
	*kind = (enum nova_fw_kind)k;
	home = k == NOVA_FW_FWSEC ? GSIM_GSP : GSIM_SEC2;
	if (home != id)
		return gsim_reject(sim, GSIM_BROM_WRONG_ENGINE, "%s started on the wrong falcon",
				   gsim_ucode_names[k]);
	if (!gsim_ucode_data_ok(sim, id, *kind))
		return gsim_reject(sim, GSIM_BROM_DATA, "%s: DMEM differs from its image",
				   gsim_ucode_names[k]);
	return gsim_brom_check(sim, r, *kind);
}

static u32 gsim_fwsec_check(struct gsim *sim, const u32 *w, bool wpr2_up)
{
	u64 start = (u64)w[5] * GSIM_PAGE, size = (u64)w[6] * GSIM_PAGE;

	if (w[0] != NOVA_FWSEC_CMD_FRTS || w[7] != NOVA_FWSEC_MEDIA_FB)
		return gsim_reject(sim, GSIM_FWSEC_COMMAND,
				   "FWSEC command 0x%x for media %u; only FRTS (0x%x) in FB (%u) exists",
				   w[0], w[7], NOVA_FWSEC_CMD_FRTS, NOVA_FWSEC_MEDIA_FB);
	if (w[1] != 1 || w[2] != 20 || w[3] != 1 || w[4] != 20)
		return gsim_reject(sim, GSIM_FWSEC_VERSION,
				   "FWSEC command version %u size %u, region version %u size %u; want 1, 20, 1, 20",
				   w[1], w[2], w[3], w[4]);
	if (!size || start % 0x20000 || start + size > sim->fb_bytes)
		return gsim_reject(sim, GSIM_FWSEC_REGION,
				   "FWSEC: FRTS at 0x%llx of 0x%llx bytes is empty, not 128 KiB aligned or beyond the framebuffer of 0x%llx",
				   (ull)start, (ull)size, (ull)sim->fb_bytes);
	if (wpr2_up)
		return gsim_reject(sim, GSIM_FWSEC_WPR2_UP, "FWSEC: WPR2 is up already");
	return 0;
}

static u32 gsim_fwsec(struct gsim *sim)
{
	const u8 *dmem = sim->falcon_mem[GSIM_GSP] + GSIM_FALCON_MEM_BYTES;
	u32 off = sim->image[NOVA_FW_FWSEC].ucode->cmd_offset;
	unsigned long flags;
	u32 w[8], i, code;
	bool up;

	for (i = 0; i < ARRAY_SIZE(w); i++)
		w[i] = get_unaligned_le32(dmem + off + 4 * i);
	flags = gsim_lock(sim);
	up = sim->regs.wpr2_hi != 0;
	gsim_unlock(sim, flags);
	code = gsim_fwsec_check(sim, w, up);

	flags = gsim_lock(sim);
	sim->regs.scratch_0e = (sim->regs.scratch_0e & 0xffff) | code << 16;
	if (!code) {
		sim->regs.wpr2_lo = NV_PFB_WPR2_VAL((u64)w[5] * GSIM_PAGE);
		sim->regs.wpr2_hi = NV_PFB_WPR2_VAL(((u64)w[5] + w[6]) * GSIM_PAGE);
	}
	gsim_unlock(sim, flags);
	/* FWSEC itself ended well; its verdict is in the scratch register. */
	return 0;
}

static u32 gsim_booter_load(struct gsim *sim, const struct gsim_falcon_regs *sec2)
{
	struct gsim_regs *r = &sim->regs;
	struct gsim_falcon_regs gsp;
	unsigned long flags;
	u64 start = 0, end = 0;
	bool active;
	u32 code;

	flags = gsim_lock(sim);
	gsp = r->falcon[GSIM_GSP];
	active = r->riscv_active;
	gsim_unlock(sim, flags);
	if (active)
		return gsim_reject(sim, GSIM_BOOTER_GSP_RUNNING,
				   "Booter Load: GSP is running already");
	code = gsim_wpr_check(sim, sec2->mailbox[0] | (u64)sec2->mailbox[1] << 32, &start, &end);
	if (code)
		return code;
	if (gsp.in_reset || gsp.scrub || !gsp.fresh ||
	    (gsim_chip_has_bcr(sim->chip) && !gsp.riscv_selected))
		return gsim_reject(sim, GSIM_BOOTER_GSP_NOT_RESET,
				   "Booter Load: GSP was not reset into its RISC-V core");
	flags = gsim_lock(sim);
	r->wpr2_lo = NV_PFB_WPR2_VAL(start);
	r->wpr2_hi = NV_PFB_WPR2_VAL(end);
	r->riscv_active = true;
	r->riscv_halted = false;
	sim->fw.epoch = r->gsp_epoch;
	gsim_unlock(sim, flags);
	gsim_boot_start(sim, gsp.mailbox[0] | (u64)gsp.mailbox[1] << 32);
	return 0;
}

static u32 gsim_booter_unload(struct gsim *sim)
{
	unsigned long flags = gsim_lock(sim);
	bool active = sim->regs.riscv_active;

	if (!active) {
		sim->regs.wpr2_lo = 0;
		sim->regs.wpr2_hi = 0;
	}
	gsim_unlock(sim, flags);
	if (active)
		return gsim_reject(sim, GSIM_BOOTER_GSP_RUNNING,
				   "Booter Unload: GSP is still running");
	return 0;
}

u32 gsim_ucode_execute(struct gsim *sim, enum nova_fw_kind kind, const struct gsim_falcon_regs *r)
{
	switch (kind) {
	case NOVA_FW_FWSEC:
		return gsim_fwsec(sim);
	case NOVA_FW_BOOTER_LOAD:
		return gsim_booter_load(sim, r);
	default:
		return gsim_booter_unload(sim);
	}
}
