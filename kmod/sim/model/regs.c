// SPDX-License-Identifier: GPL-2.0-only
/*
 * BAR0: every register that a driver can reach, and the interrupt line.
 */
#include <novabpf/driver/plugin.h>
#include "internal.h"

#define GSIM_GFW_BOOT_NS	20000
#define GSIM_MASK_READABLE	0xff

void gsim_regs_reset(struct gsim *sim)
{
	struct gsim_regs *r = &sim->regs;
	u32 i, epoch = r->gsp_epoch;

	/* Counters, and an interrupt line that a fault cut, survive a reset. */
	memset(r->falcon, 0, sizeof(r->falcon));
	memset(r->gsp_mailbox, 0, sizeof(r->gsp_mailbox));
	memset(r->rung, 0, sizeof(r->rung));
	r->channel_rung = false;
	memset(r->plugin_rung, 0, sizeof(r->plugin_rung));
	r->any_plugin_rung = false;
	if (!sim->faults.wpr2_stuck) {
		r->wpr2_lo = 0;
		r->wpr2_hi = 0;
	}
	r->scratch_0e = 0;
	r->riscv_active = false;
	r->riscv_halted = false;
	r->doorbell = false;
	r->heartbeat = false;
	r->irq_lost = false;
	r->gsp_epoch = epoch + 1;
	r->gfw_done_ns = gsim_now(sim) + GSIM_GFW_BOOT_NS;
	for (i = 0; i < GSIM_FALCONS; i++) {
		r->falcon[i].halted = true;
		r->falcon[i].fresh = true;
		r->falcon[i].scrub = true;
	}
}

/*
 * Sets interrupt bits of GSP. Calls the port without the lock, because delivery
 * may come back with a register access.
 */
void gsim_raise(struct gsim *sim, u32 bits)
{
	struct gsim_regs *r = &sim->regs;
	u32 *stat = &r->falcon[GSIM_GSP].irqstat;
	unsigned long flags = gsim_lock(sim);
	bool fire = (bits & ~*stat) || r->irq_lost;

	*stat |= bits;
	if (fire && r->irq_off) {
		r->irq_lost = true;
		r->irqs_lost++;
		fire = false;
	} else if (fire) {
		r->irq_lost = false;
		r->irqs++;
	}
	gsim_unlock(sim, flags);
	if (fire)
		sim->port.irq(sim->ctx);
}

static u32 gsim_rd_unknown(struct gsim *sim, u32 off)
{
	sim->regs.reads_unknown++;
	sim->regs.last_unknown = off;
	return NOVA_PRI_ERROR;
}

/* Heartbeats of GSP-RM (0) and libos (1) where the release has them. */
static u32 gsim_rd_gsp_mailbox(struct gsim *sim, u32 i)
{
	enum gsim_beat beat = READ_ONCE(sim->faults.beat);
	bool stopped = beat == GSIM_BEAT_CORE || (i == 0 && beat == GSIM_BEAT_RM) ||
		       (i == 0 && READ_ONCE(sim->faults.stall));

	if (i < 2 && sim->regs.heartbeat && sim->regs.riscv_active && !stopped)
		sim->regs.gsp_mailbox[i] = (u32)div_u64(gsim_now(sim), 1000000);
	if (i < 2 && sim->regs.heartbeat && beat == GSIM_BEAT_ZERO)
		sim->regs.gsp_mailbox[i] = 0;
	return sim->regs.gsp_mailbox[i];
}

static u32 gsim_rd_top(struct gsim *sim, u32 off)
{
	struct gsim_regs *r = &sim->regs;
	bool libos3 = gsim_chip_is_libos3(sim->chip);

	switch (off) {
	case NV_PMC_BOOT_0:
		return sim->chip->id << 20 | 0xa1;
	case NV_PMC_BOOT_42:
		return sim->chip->id << 20 | 0xa1000;
	case NV_PTIMER_TIME_0:
		return (u32)gsim_now(sim) & ~31u;
	case NV_PTIMER_TIME_1:
		return (u32)(gsim_now(sim) >> 32);
	case NV_PBUS_SW_SCRATCH_0E:
		return r->scratch_0e;
	case NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE:
		return sim->lmr;
	case NV_PFB_PRI_MMU_WPR2_ADDR_LO:
		return r->wpr2_lo;
	case NV_PFB_PRI_MMU_WPR2_ADDR_HI:
		return r->wpr2_hi;
	case NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_PRIV_LEVEL_MASK:
		return GSIM_MASK_READABLE;
	case NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_0_GFW_BOOT:
		return gsim_now(sim) >= r->gfw_done_ns && !sim->faults.gfw_stuck ?
		       NV_PGC6_GFW_BOOT_PROGRESS_DONE : 0x10;
	case NV_USABLE_FB_SIZE_IN_MB:
		return libos3 ? (u32)(sim->fb_bytes >> 20) : gsim_rd_unknown(sim, off);
	default:
		return gsim_rd_unknown(sim, off);
	}
}

static bool gsim_in(u32 off, u32 base, u32 size)
{
	return off >= base && off - base < size;
}

u32 gsim_rd32(struct gsim *sim, u32 off)
{
	unsigned long flags = gsim_lock(sim);
	u32 v;

	if (sim->faults.bus_lost) {
		v = 0xffffffff;
	} else if (off & 3) {
		v = gsim_rd_unknown(sim, off);
	} else if (gsim_in(off, NV_PGSP_QUEUE_HEAD(0), 8 * NV_PGSP_QUEUE_HEADS) ||
		   off == NV_PLUGIN_DOORBELL) {
		v = 0;
	} else if (gsim_in(off, NV_PGSP_MAILBOX(0), 16)) {
		v = gsim_rd_gsp_mailbox(sim, (off - NV_PGSP_MAILBOX(0)) / 4);
	} else if (gsim_in(off, NV_PGSP_BASE, 0x2000)) {
		v = gsim_falcon_rd32(sim, GSIM_GSP, off - NV_PGSP_BASE);
		if (v == NOVA_PRI_ERROR)
			gsim_rd_unknown(sim, off);
	} else if (gsim_in(off, NV_PSEC2_BASE, 0x2000)) {
		v = gsim_falcon_rd32(sim, GSIM_SEC2, off - NV_PSEC2_BASE);
		if (v == NOVA_PRI_ERROR)
			gsim_rd_unknown(sim, off);
	} else {
		v = gsim_rd_top(sim, off);
	}
	gsim_unlock(sim, flags);
	return v;
}

static void gsim_wr_unknown(struct gsim *sim, u32 off)
{
	sim->regs.writes_unknown++;
	sim->regs.last_unknown = off;
}

/* Return: whether gsim_run() has work now. */
static bool gsim_wr_gsp(struct gsim *sim, u32 off, u32 val)
{
	struct gsim_regs *r = &sim->regs;

	if (off == NV_PGSP_QUEUE_HEAD(0)) {
		r->doorbell = true;
		r->doorbells++;
		return true;
	}
	if (gsim_in(off, NV_PGSP_QUEUE_HEAD(0), 8 * NV_PGSP_QUEUE_HEADS))
		return false;
	r->gsp_mailbox[(off - NV_PGSP_MAILBOX(0)) / 4] = val;
	return true;
}

void gsim_wr32(struct gsim *sim, u32 off, u32 val)
{
	unsigned long flags = gsim_lock(sim);
	bool work = false;

	if (sim->faults.bus_lost)
		sim->regs.writes_refused++;
	else if (off & 3)
		gsim_wr_unknown(sim, off);
	else if (gsim_in(off, NV_PGSP_QUEUE_HEAD(0), 8 * NV_PGSP_QUEUE_HEADS) ||
		 gsim_in(off, NV_PGSP_MAILBOX(0), 16))
		work = gsim_wr_gsp(sim, off, val);
	else if (gsim_in(off, NV_PGSP_BASE, 0x2000))
		work = gsim_falcon_wr32(sim, GSIM_GSP, off - NV_PGSP_BASE, val);
	else if (gsim_in(off, NV_PSEC2_BASE, 0x2000))
		work = gsim_falcon_wr32(sim, GSIM_SEC2, off - NV_PSEC2_BASE, val);
	else if (off == NV_PBUS_SW_SCRATCH_0E)
		sim->regs.scratch_0e = val;
	else if (off == NV_VIRTUAL_FUNCTION_DOORBELL)
		gsim_channel_ring(sim, val);
	else if (off == NV_PLUGIN_DOORBELL)
		gsim_plugin_ring(sim, val);
	else
		gsim_wr_unknown(sim, off);
	work |= sim->regs.channel_rung || sim->regs.any_plugin_rung;
	gsim_unlock(sim, flags);
	if (work)
		sim->port.kick(sim->ctx);
}
