// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's state in words: counters, the last refusal, the registers that a
 * boot goes through.
 */
#include "internal.h"

static const char * const gsim_stat_names[GSIM_ST_COUNT] = {
	[GSIM_ST_REQUESTS] = "requests",
	[GSIM_ST_RECORDS_IN] = "records in",
	[GSIM_ST_RECORDS_OUT] = "records out",
	[GSIM_ST_REPLIES] = "replies",
	[GSIM_ST_EVENTS] = "events",
	[GSIM_ST_LARGE] = "large requests",
	[GSIM_ST_BAD_ELEMS] = "bad element count",
	[GSIM_ST_BAD_LENGTH] = "bad length",
	[GSIM_ST_BAD_CHECKSUM] = "bad checksum",
	[GSIM_ST_BAD_SEQ_OLD] = "old seqNum",
	[GSIM_ST_BAD_SEQ_GAP] = "seqNum gap",
	[GSIM_ST_BAD_SIGNATURE] = "bad signature",
	[GSIM_ST_BAD_VERSION] = "bad header version",
	[GSIM_ST_BAD_CONTINUATION] = "bad continuation",
	[GSIM_ST_BAD_PAYLOAD] = "malformed payload",
	[GSIM_ST_BAD_POINTER] = "bad ring pointer",
	[GSIM_ST_UNKNOWN_FUNCTION] = "unknown function",
	[GSIM_ST_FULL_WAITS] = "status queue full",
	[GSIM_ST_EVENTS_DROPPED] = "events dropped",
	[GSIM_ST_DMA_ERRORS] = "DMA errors",
	[GSIM_ST_MUTED] = "replies muted",
	[GSIM_ST_REFUSALS] = "refusals",
	[GSIM_ST_BOOTS] = "boots",
	[GSIM_ST_FATALS] = "fatal stops",
	[GSIM_ST_PLUGIN_RPCS] = "plugin requests",
};

static const char * const gsim_phase_names[] = {
	[GSIM_FW_OFF] = "off",
	[GSIM_FW_START] = "starting",
	[GSIM_FW_WAIT_INIT] = "waiting for the init messages",
	[GSIM_FW_LOCKDOWN] = "booting",
	[GSIM_FW_SEQUENCER] = "waiting for the CPU sequencer",
	[GSIM_FW_INIT_DONE] = "booting",
	[GSIM_FW_RUNNING] = "running",
	[GSIM_FW_FAILED] = "boot failed",
	[GSIM_FW_UNLOADING] = "unloading",
	[GSIM_FW_UNLOADED] = "unloaded",
	[GSIM_FW_HALTED] = "halted",
};

static void gsim_status_queues(struct gsim *sim, struct gsim_text *t)
{
	struct gsim_queue *q = sim->queue;

	if (!q)
		return;
	gsim_print(t, "command queue: slots %u read %u seqNum %u\n", q->cmd_count, q->cmd_read,
		   q->rx_seq);
	gsim_print(t, "status queue: slots %u write %u seqNum %u\n", q->stat_count, q->stat_write,
		   q->tx_seq);
	gsim_print(t, "in flight: %u of %u\n", sim->fw.pending, sim->inflight);
}

static void gsim_status_faults(struct gsim *sim, struct gsim_text *t)
{
	u32 i;

	for (i = GSIM_FX_NONE + 1; i < GSIM_FX_COUNT; i++)
		if (sim->faults.applied[i])
			gsim_print(t, "fault %s: %llu\n", gsim_fx_name((enum gsim_fx)i),
				   (ull)sim->faults.applied[i]);
}

static void gsim_status_engines(struct gsim *sim, struct gsim_text *t)
{
	static const char * const doing[] = { "idle", "switching to", "runs" };
	const struct nova_sim_result *total = gsim_load_total(sim);
	struct gsim_tsg *tsg;
	char name[16];
	u32 i, n;

	gsim_print(t, "context switch: %u ns\npreemption: up to %u ns\ntime slice: %llu ns\n",
		   sim->eng.ctxsw_ns, sim->eng.preempt_ns, (ull)sim->eng.slice_ns);
	for (i = 0; i < sim->eng.count; i++) {
		const struct gsim_engine *e = sim->eng.e[i];

		for (n = 0, tsg = e->tsgs; tsg; tsg = tsg->next)
			n++;
		gsim_engine_name(e->id, name, sizeof(name));
		gsim_print(t, "%s: channel groups %u, on the runlist %u, items %u, %s", name, n,
			   e->on, e->items, doing[e->state]);
		if (e->cur)
			gsim_print(t, " gfid %u channel group %u", e->cur->user->gfid,
				   e->cur->index);
		gsim_print(t, "\n");
	}
	if (total)
		gsim_print(t, "load: %s, items %llu, switches %llu\n",
			   gsim_load_done(sim) ? "ended" : "runs", (ull)total->items,
			   (ull)total->switches);
}

size_t gsim_status(struct gsim *sim, char *buf, size_t size)
{
	struct gsim_text t = { buf, size, 0 };
	struct gsim_regs *r = &sim->regs;
	u32 i;

	if (size)
		buf[0] = 0;
	gsim_print(&t, "chip: %s\nrelease: %s\nimage version: %s\nframebuffer: %llu MiB\n",
		   sim->chip->name, sim->abi->release, sim->fwversion, (ull)(sim->fb_bytes >> 20));
	gsim_print(&t, "firmware: %s\n", gsim_phase_names[sim->fw.phase]);
	gsim_print(&t, "last refusal: %s\n", sim->refusal[0] ? sim->refusal : "none");
	gsim_status_queues(sim, &t);
	gsim_print(&t, "objects: %u of %u\n", sim->objects->count, GSIM_OBJECTS);
	gsim_print(&t, "vGPU types: %u\nvGPUs: %u of %u\n", sim->vgpus->types,
		   sim->vgpus->count, gsim_vgpu_limit(sim));
	gsim_print(&t, "vm pid that was told last: %u\n", sim->vgpus->last_pid);
	gsim_print(&t, "doorbells: %llu\ninterrupts: %llu\ninterrupts withheld: %llu\n",
		   (ull)r->doorbells, (ull)r->irqs, (ull)r->irqs_lost);
	gsim_print(&t, "unknown registers read: %llu\nunknown registers written: %llu\n",
		   (ull)r->reads_unknown, (ull)r->writes_unknown);
	if (r->reads_unknown || r->writes_unknown)
		gsim_print(&t, "last unknown register: 0x%06x\n", r->last_unknown);
	gsim_print(&t, "writes lost (busy or in reset): %llu\n", (ull)r->writes_refused);
	for (i = 0; i < GSIM_ST_COUNT; i++)
		gsim_print(&t, "%s: %llu\n", gsim_stat_names[i], (ull)sim->stat[i]);
	if (sim->stat[GSIM_ST_DMA_ERRORS])
		gsim_print(&t, "last bad DMA address: 0x%llx\n", (ull)sim->dma_addr_bad);
	gsim_status_faults(sim, &t);
	gsim_status_engines(sim, &t);
	return t.len;
}

const char *gsim_refusal_text(struct gsim *sim)
{
	return sim->refusal;
}

size_t gsim_registers(struct gsim *sim, char *buf, size_t size)
{
	static const struct {
		const char *name;
		u32 off;
	} reg[] = {
		{ "PMC_BOOT_0", NV_PMC_BOOT_0 },
		{ "PMC_BOOT_42", NV_PMC_BOOT_42 },
		{ "PBUS_SW_SCRATCH_0E", NV_PBUS_SW_SCRATCH_0E },
		{ "PFB_LOCAL_MEMORY_RANGE", NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE },
		{ "PFB_WPR2_ADDR_LO", NV_PFB_PRI_MMU_WPR2_ADDR_LO },
		{ "PFB_WPR2_ADDR_HI", NV_PFB_PRI_MMU_WPR2_ADDR_HI },
		{ "PGC6_GFW_BOOT", NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_0_GFW_BOOT },
		{ "GSP_IRQSTAT", NV_PGSP_BASE + NV_PFALCON_IRQSTAT },
		{ "GSP_MAILBOX0", NV_PGSP_BASE + NV_PFALCON_MAILBOX0 },
		{ "GSP_MAILBOX1", NV_PGSP_BASE + NV_PFALCON_MAILBOX1 },
		{ "GSP_OS", NV_PGSP_BASE + NV_PFALCON_OS },
		{ "GSP_HWCFG2", NV_PGSP_BASE + NV_PFALCON_HWCFG2 },
		{ "GSP_CPUCTL", NV_PGSP_BASE + NV_PFALCON_CPUCTL },
		{ "PGSP_MAILBOX(0)", NV_PGSP_MAILBOX(0) },
		{ "PGSP_MAILBOX(1)", NV_PGSP_MAILBOX(1) },
		{ "PGSP_MAILBOX(2)", NV_PGSP_MAILBOX(2) },
		{ "PGSP_MAILBOX(3)", NV_PGSP_MAILBOX(3) },
		{ "SEC2_MAILBOX0", NV_PSEC2_BASE + NV_PFALCON_MAILBOX0 },
		{ "SEC2_MAILBOX1", NV_PSEC2_BASE + NV_PFALCON_MAILBOX1 },
		{ "SEC2_CPUCTL", NV_PSEC2_BASE + NV_PFALCON_CPUCTL },
	};
	struct gsim_text t = { buf, size, 0 };
	u32 i;

	if (size)
		buf[0] = 0;
	for (i = 0; i < ARRAY_SIZE(reg); i++)
		gsim_print(&t, "%06x %-24s %08x\n", reg[i].off, reg[i].name,
			   gsim_rd32(sim, reg[i].off));
	return t.len;
}
