// SPDX-License-Identifier: GPL-2.0-only
/*
 * The falcons of GSP and SEC2: reset, the DMA engine that loads IMEM and DMEM,
 * and starting what was loaded. Register handlers only note what is wanted;
 * gsim_falcon_run() does it once its time has come.
 */
#include "internal.h"

#define GSIM_SCRUB_NS		10000
#define GSIM_UCODE_NS		20000
#define GSIM_DMA_KNOWN_BITS	(NV_PFALCON_DMATRFCMD_IMEM | NV_PFALCON_DMATRFCMD_SIZE_256B)

static u32 gsim_falcon_hwcfg2(struct gsim *sim, const struct gsim_falcon_regs *f)
{
	u32 v = NV_PFALCON_HWCFG2_RISCV | NV_PFALCON_HWCFG2_RESET_READY;

	if (f->in_reset || f->scrub || gsim_now(sim) < f->scrub_ns)
		v |= NV_PFALCON_HWCFG2_MEM_SCRUBBING;
	return v;
}

static u32 gsim_riscv_rd32(struct gsim *sim, enum gsim_falcon_id id, u32 off)
{
	struct gsim_falcon_regs *f = &sim->regs.falcon[id];
	bool active = id == GSIM_GSP && sim->regs.riscv_active;
	bool halted = id == GSIM_GSP && sim->regs.riscv_halted;

	if (off == NV_PRISCV_CORE_SWITCH_STATUS && !gsim_chip_has_bcr(sim->chip))
		return active ? NV_PRISCV_CORE_SWITCH_STATUS_ACTIVE : 0;
	if (!gsim_chip_has_bcr(sim->chip))
		return NOVA_PRI_ERROR;
	switch (off) {
	case NV_PRISCV_CPUCTL:
		return (active ? NV_PRISCV_CPUCTL_ACTIVE : 0) |
		       (halted ? NV_PRISCV_CPUCTL_HALTED : 0);
	case NV_PRISCV_BCR_CTRL:
		return NV_PRISCV_BCR_CTRL_VALID |
		       (f->riscv_selected ? NV_PRISCV_BCR_CTRL_CORE_SELECT_RISCV : 0);
	default:
		return NOVA_PRI_ERROR;
	}
}

/* A register that reads as it was written; NULL for all others. */
static u32 *gsim_falcon_plain(struct gsim *sim, struct gsim_falcon_regs *f, u32 off)
{
	bool bcr = gsim_chip_has_bcr(sim->chip);

	switch (off) {
	case NV_PFALCON_MAILBOX0:
		return &f->mailbox[0];
	case NV_PFALCON_MAILBOX1:
		return &f->mailbox[1];
	case NV_PFALCON_OS:
		return &f->os;
	case NV_PFALCON_BOOTVEC:
		return &f->bootvec;
	case NV_PFALCON_DMACTL:
		return &f->dmactl;
	case NV_PFALCON_DMATRFBASE:
		return &f->dma_base;
	case NV_PFALCON_DMATRFMOFFS:
		return &f->dma_moffs;
	case NV_PFALCON_DMATRFFBOFFS:
		return &f->dma_fboffs;
	case NV_PFALCON_FBIF_CTL:
		return &f->fbif_ctl;
	case NV_PFALCON2_MOD_SEL:
		return bcr ? &f->mod_sel : NULL;
	case NV_PFALCON2_BROM_CURR_UCODE_ID:
		return bcr ? &f->ucode_id : NULL;
	case NV_PFALCON2_BROM_ENGIDMASK:
		return bcr ? &f->engine_id_mask : NULL;
	case NV_PFALCON2_BROM_PARAADDR0:
		return bcr ? &f->paraaddr0 : NULL;
	}
	if (off >= NV_PFALCON_FBIF_TRANSCFG(0) && off <= NV_PFALCON_FBIF_TRANSCFG(7))
		return &f->transcfg[(off - NV_PFALCON_FBIF_TRANSCFG(0)) / 4];
	return NULL;
}

u32 gsim_falcon_rd32(struct gsim *sim, enum gsim_falcon_id id, u32 off)
{
	struct gsim_falcon_regs *f = &sim->regs.falcon[id];
	const u32 *plain = gsim_falcon_plain(sim, f, off);

	if (plain)
		return *plain;
	switch (off) {
	case NV_PFALCON_IRQSCLR:
		return 0;
	case NV_PFALCON_IRQSTAT:
		return f->irqstat;
	case NV_PFALCON_HWCFG2:
		return gsim_falcon_hwcfg2(sim, f);
	case NV_PFALCON_CPUCTL:
		return f->halted ? NV_PFALCON_CPUCTL_HALTED : 0;
	case NV_PFALCON_DMATRFBASE1:
		return f->dma_base1;
	case NV_PFALCON_DMATRFCMD:
		return (f->dma_cmd & GSIM_DMA_KNOWN_BITS) |
		       (f->dma.pending ? 0 : NV_PFALCON_DMATRFCMD_IDLE);
	case NV_PFALCON_ENGINE:
		return f->in_reset ? NV_PFALCON_ENGINE_RESET : 0;
	default:
		return gsim_riscv_rd32(sim, id, off);
	}
}

/* The falcon of GSP and its RISC-V core are reset together. */
static bool gsim_falcon_engine(struct gsim *sim, enum gsim_falcon_id id, u32 val)
{
	struct gsim_falcon_regs *f = &sim->regs.falcon[id];

	if (val & NV_PFALCON_ENGINE_RESET) {
		memset(f, 0, sizeof(*f));
		f->in_reset = true;
		f->halted = true;
		f->fresh = true;
		f->scrub = true;
		if (id == GSIM_GSP) {
			sim->regs.riscv_active = false;
			sim->regs.riscv_halted = false;
			sim->regs.gsp_epoch++;
		}
		return true;
	}
	if (!f->in_reset)
		return false;
	f->in_reset = false;
	f->scrub_ns = gsim_now(sim) + GSIM_SCRUB_NS;
	return true;
}

static bool gsim_falcon_refuse(struct gsim *sim)
{
	sim->regs.writes_refused++;
	return false;
}

static bool gsim_falcon_dma(struct gsim *sim, struct gsim_falcon_regs *f, u32 val)
{
	f->dma_cmd = val;
	/* A command is lost while another one runs, or during a reset. */
	if (f->dma.pending || f->in_reset)
		return gsim_falcon_refuse(sim);
	f->dma = (struct gsim_dma) {
		.cmd = val,
		.base = f->dma_base,
		.base1 = f->dma_base1,
		.moffs = f->dma_moffs,
		.fboffs = f->dma_fboffs,
		.transcfg = f->transcfg[0],
		.fbif_ctl = f->fbif_ctl,
		.pending = true,
	};
	return true;
}

static bool gsim_falcon_start(struct gsim *sim, struct gsim_falcon_regs *f, u32 val)
{
	if (!(val & NV_PFALCON_CPUCTL_STARTCPU))
		return false;
	if (f->in_reset || f->start || !f->halted)
		return gsim_falcon_refuse(sim);
	f->halted = false;
	f->start = true;
	f->start_ns = gsim_now(sim) + GSIM_UCODE_NS;
	return true;
}

bool gsim_falcon_wr32(struct gsim *sim, enum gsim_falcon_id id, u32 off, u32 val)
{
	struct gsim_falcon_regs *f = &sim->regs.falcon[id];
	u32 *plain = gsim_falcon_plain(sim, f, off);

	if (plain) {
		*plain = val;
		return false;
	}
	switch (off) {
	case NV_PFALCON_IRQSCLR:
		f->irqstat &= ~val;
		return false;
	case NV_PFALCON_DMATRFBASE1:
		f->dma_base1 = val & 0x1ff;
		return false;
	case NV_PFALCON_DMATRFCMD:
		return gsim_falcon_dma(sim, f, val);
	case NV_PFALCON_CPUCTL:
		return gsim_falcon_start(sim, f, val);
	case NV_PFALCON_ENGINE:
		return gsim_falcon_engine(sim, id, val);
	}
	if (off == NV_PRISCV_BCR_CTRL && gsim_chip_has_bcr(sim->chip))
		f->riscv_selected = val & NV_PRISCV_BCR_CTRL_CORE_SELECT_RISCV;
	else
		sim->regs.writes_unknown++;
	return false;
}

/* Without an aperture the engine transfers nothing, as on hardware. */
static void gsim_falcon_copy(struct gsim *sim, enum gsim_falcon_id id, const struct gsim_dma *d)
{
	const char *name = id == GSIM_GSP ? "GSP" : "SEC2";
	u64 addr = ((u64)d->base1 << 40 | (u64)d->base << 8) + d->fboffs;
	u8 *mem = sim->falcon_mem[id];
	u8 buf[NV_PFALCON_DMA_BYTES];

	if (d->cmd != (d->cmd & GSIM_DMA_KNOWN_BITS) ||
	    (d->cmd & NV_PFALCON_DMATRFCMD_SIZE_256B) != NV_PFALCON_DMATRFCMD_SIZE_256B) {
		gsim_refuse(sim, "%s DMA command 0x%x: only 256 byte loads are modelled", name,
			    d->cmd);
		return;
	}
	if ((d->transcfg & 7) != NV_PFALCON_FBIF_TRANSCFG_COHERENT_SYSMEM ||
	    !(d->fbif_ctl & NV_PFALCON_FBIF_CTL_ALLOW_PHYS_NO_CTX)) {
		gsim_refuse(sim, "%s DMA with FBIF_TRANSCFG(0) 0x%x, FBIF_CTL 0x%x: no aperture",
			    name, d->transcfg, d->fbif_ctl);
		return;
	}
	if (d->moffs % NV_PFALCON_DMA_BYTES || addr % NV_PFALCON_DMA_BYTES ||
	    d->moffs > GSIM_FALCON_MEM_BYTES - NV_PFALCON_DMA_BYTES) {
		gsim_refuse(sim,
			    "%s DMA from 0x%llx to offset 0x%x: not in steps of 256, or outside",
			    name, (ull)addr, d->moffs);
		return;
	}
	if (gsim_dma_read(sim, addr, buf, sizeof(buf))) {
		gsim_refuse(sim, "%s DMA from 0x%llx: no such memory", name, (ull)addr);
		return;
	}
	if (!(d->cmd & NV_PFALCON_DMATRFCMD_IMEM))
		mem += GSIM_FALCON_MEM_BYTES;
	memcpy(mem + d->moffs, buf, sizeof(buf));
}

static void gsim_falcon_boot(struct gsim *sim, enum gsim_falcon_id id,
			     const struct gsim_falcon_regs *snap)
{
	struct gsim_falcon_regs *f = &sim->regs.falcon[id];
	enum nova_fw_kind kind = NOVA_FW_KINDS;
	unsigned long flags;
	u32 code;

	code = gsim_ucode_identify(sim, id, snap, &kind);
	if (!code)
		code = gsim_ucode_execute(sim, kind, snap);
	flags = gsim_lock(sim);
	/* A reset since then takes precedence. */
	if (f->start) {
		f->start = false;
		f->halted = true;
		f->fresh = false;
		f->mailbox[0] = code;
	}
	gsim_unlock(sim, flags);
}

u64 gsim_falcon_run(struct gsim *sim, enum gsim_falcon_id id, u64 now)
{
	struct gsim_falcon_regs *f = &sim->regs.falcon[id];
	struct gsim_falcon_regs snap;
	unsigned long flags;
	u64 next = GSIM_NEVER;

	flags = gsim_lock(sim);
	snap = *f;
	gsim_unlock(sim, flags);

	if (snap.scrub && !snap.in_reset) {
		memset(sim->falcon_mem[id], 0, 2 * GSIM_FALCON_MEM_BYTES);
		flags = gsim_lock(sim);
		f->scrub = f->in_reset;
		gsim_unlock(sim, flags);
		sim->progress = true;
	}
	if (snap.dma.pending) {
		gsim_falcon_copy(sim, id, &snap.dma);
		flags = gsim_lock(sim);
		f->dma.pending = false;
		gsim_unlock(sim, flags);
		sim->progress = true;
	}
	if (snap.start && now >= snap.start_ns) {
		gsim_falcon_boot(sim, id, &snap);
		sim->progress = true;
	} else if (snap.start) {
		next = snap.start_ns;
	}
	return next;
}
