// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's state in words: counters, the last refusal, the registers that a
 * boot goes through.
 */
#include "internal.h"

static const char * const nsim_stat_names[NSIM_ST_COUNT] = {
	[NSIM_ST_REQUESTS] = "requests",
	[NSIM_ST_RECORDS_IN] = "records in",
	[NSIM_ST_RECORDS_OUT] = "records out",
	[NSIM_ST_REPLIES] = "replies",
	[NSIM_ST_EVENTS] = "events",
	[NSIM_ST_LARGE] = "large requests",
	[NSIM_ST_BAD_ELEMS] = "bad element count",
	[NSIM_ST_BAD_LENGTH] = "bad length",
	[NSIM_ST_BAD_CHECKSUM] = "bad checksum",
	[NSIM_ST_BAD_SEQ_OLD] = "old seqNum",
	[NSIM_ST_BAD_SEQ_GAP] = "seqNum gap",
	[NSIM_ST_BAD_SIGNATURE] = "bad signature",
	[NSIM_ST_BAD_VERSION] = "bad header version",
	[NSIM_ST_BAD_CONTINUATION] = "bad continuation",
	[NSIM_ST_BAD_PAYLOAD] = "malformed payload",
	[NSIM_ST_BAD_POINTER] = "bad ring pointer",
	[NSIM_ST_UNKNOWN_FUNCTION] = "unknown function",
	[NSIM_ST_FULL_WAITS] = "status queue full",
	[NSIM_ST_EVENTS_DROPPED] = "events dropped",
	[NSIM_ST_DMA_ERRORS] = "DMA errors",
	[NSIM_ST_MUTED] = "replies muted",
	[NSIM_ST_REFUSALS] = "refusals",
	[NSIM_ST_BOOTS] = "boots",
	[NSIM_ST_FATALS] = "fatal stops",
	[NSIM_ST_PLUGIN_RPCS] = "plugin requests",
};

static const char * const nsim_phase_names[] = {
	[NSIM_FW_OFF] = "off",
	[NSIM_FW_START] = "starting",
	[NSIM_FW_WAIT_INIT] = "waiting for the init messages",
	[NSIM_FW_LOCKDOWN] = "booting",
	[NSIM_FW_SEQUENCER] = "waiting for the CPU sequencer",
	[NSIM_FW_INIT_DONE] = "booting",
	[NSIM_FW_RUNNING] = "running",
	[NSIM_FW_FAILED] = "boot failed",
	[NSIM_FW_UNLOADING] = "unloading",
	[NSIM_FW_UNLOADED] = "unloaded",
	[NSIM_FW_HALTED] = "halted",
};

static void nsim_status_queues(struct nsim *sim, struct nsim_text *t)
{
	struct nsim_queue *q = sim->queue;

	if (!q)
		return;
	nsim_print(t, "command queue: slots %u read %u seqNum %u\n", q->cmd_count, q->cmd_read,
		   q->rx_seq);
	nsim_print(t, "status queue: slots %u write %u seqNum %u\n", q->stat_count, q->stat_write,
		   q->tx_seq);
	nsim_print(t, "in flight: %u of %u\n", sim->fw.pending, sim->inflight);
}

static void nsim_status_faults(struct nsim *sim, struct nsim_text *t)
{
	u32 i;

	for (i = NSIM_FX_NONE + 1; i < NSIM_FX_COUNT; i++)
		if (sim->faults.applied[i])
			nsim_print(t, "fault %s: %llu\n", nsim_fx_name((enum nsim_fx)i),
				   (ull)sim->faults.applied[i]);
}

static void nsim_status_engines(struct nsim *sim, struct nsim_text *t)
{
	static const char * const doing[] = { "idle", "switching to", "runs" };
	const struct nova_sim_result *total = nsim_load_total(sim);
	struct nsim_tsg *tsg;
	char name[16];
	u32 i, n;

	nsim_print(t, "context switch: %u ns\npreemption: up to %u ns\ntime slice: %llu ns\n",
		   sim->eng.ctxsw_ns, sim->eng.preempt_ns, (ull)sim->eng.slice_ns);
	for (i = 0; i < sim->eng.count; i++) {
		const struct nsim_engine *e = sim->eng.e[i];

		for (n = 0, tsg = e->tsgs; tsg; tsg = tsg->next)
			n++;
		nsim_engine_name(e->id, name, sizeof(name));
		nsim_print(t, "%s: channel groups %u, on the runlist %u, items %u, %s", name, n,
			   e->on, e->items, doing[e->state]);
		if (e->cur)
			nsim_print(t, " gfid %u channel group %u", e->cur->user->gfid,
				   e->cur->index);
		nsim_print(t, "\n");
	}
	if (total)
		nsim_print(t, "load: %s, items %llu, switches %llu\n",
			   nsim_load_done(sim) ? "ended" : "runs", (ull)total->items,
			   (ull)total->switches);
}

size_t nsim_status(struct nsim *sim, char *buf, size_t size)
{
	struct nsim_text t = { buf, size, 0 };
	struct nsim_regs *r = &sim->regs;
	u32 i;

	if (size)
		buf[0] = 0;
	nsim_print(&t, "chip: %s\nrelease: %s\nimage version: %s\nframebuffer: %llu MiB\n",
		   sim->chip->name, sim->abi->release, sim->fwversion, (ull)(sim->fb_bytes >> 20));
	nsim_print(&t, "firmware: %s\n", nsim_phase_names[sim->fw.phase]);
	nsim_print(&t, "last refusal: %s\n", sim->refusal[0] ? sim->refusal : "none");
	nsim_status_queues(sim, &t);
	nsim_print(&t, "objects: %u of %u\n", sim->objects->count, NSIM_OBJECTS);
	nsim_print(&t, "vGPU types: %u\nvGPUs: %u of %u\n", sim->vgpus->types,
		   sim->vgpus->count, nsim_vgpu_limit(sim));
	nsim_print(&t, "vm pid that was told last: %u\n", sim->vgpus->last_pid);
	nsim_print(&t, "doorbells: %llu\ninterrupts: %llu\ninterrupts withheld: %llu\n",
		   (ull)r->doorbells, (ull)r->irqs, (ull)r->irqs_lost);
	nsim_print(&t, "unknown registers read: %llu\nunknown registers written: %llu\n",
		   (ull)r->reads_unknown, (ull)r->writes_unknown);
	if (r->reads_unknown || r->writes_unknown)
		nsim_print(&t, "last unknown register: 0x%06x\n", r->last_unknown);
	nsim_print(&t, "writes lost (busy or in reset): %llu\n", (ull)r->writes_refused);
	for (i = 0; i < NSIM_ST_COUNT; i++)
		nsim_print(&t, "%s: %llu\n", nsim_stat_names[i], (ull)sim->stat[i]);
	if (sim->stat[NSIM_ST_DMA_ERRORS])
		nsim_print(&t, "last bad DMA address: 0x%llx\n", (ull)sim->dma_addr_bad);
	nsim_status_faults(sim, &t);
	nsim_status_engines(sim, &t);
	return t.len;
}

const char *nsim_refusal_text(struct nsim *sim)
{
	return sim->refusal;
}

size_t nsim_registers(struct nsim *sim, char *buf, size_t size)
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
	struct nsim_text t = { buf, size, 0 };
	u32 i;

	if (size)
		buf[0] = 0;
	for (i = 0; i < ARRAY_SIZE(reg); i++)
		nsim_print(&t, "%06x %-24s %08x\n", reg[i].off, reg[i].name,
			   nsim_rd32(sim, reg[i].off));
	return t.len;
}
