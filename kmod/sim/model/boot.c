// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of GSP-RM: from the moment Booter starts it, over the messages of a boot
 * up to INIT_DONE, to unloading or a crash.
 */
#include "internal.h"

#define GSIM_START_NS		200000
#define GSIM_STEP_NS		50000
#define GSIM_INIT_WAIT_NS	4000000000ULL
#define GSIM_SEQUENCER_WAIT_NS	4000000000ULL
#define GSIM_UNLOAD_POLL_NS	100000

/* Releases before CrashCat leave a code in NV_PGSP_MAILBOX(0). */
#define GSIM_MAILBOX_CODE_UNTIL	((560ULL << 32) | (28ULL << 16) | 3)
#define GSIM_MAILBOX_CODE_TAG	0xe0000000

#define GSIM_INIT_SYSINFO	1
#define GSIM_INIT_REGISTRY	2
#define GSIM_INIT_BOTH		3

static void gsim_phase(struct gsim *sim, enum gsim_phase phase, u64 delay_ns)
{
	sim->fw.phase = phase;
	sim->fw.due_ns = gsim_now(sim) + delay_ns;
	sim->progress = true;
}

void gsim_boot_start(struct gsim *sim, u64 libos_pa)
{
	u32 epoch = sim->fw.epoch;

	gsim_boot_stop(sim, GSIM_FW_OFF);
	sim->fw.epoch = epoch;
	sim->fw.libos_pa = libos_pa;
	sim->stat[GSIM_ST_BOOTS]++;
	gsim_rm_reset(sim);
	gsim_phase(sim, GSIM_FW_START, GSIM_START_NS);
}

/* Clears the firmware's state, and the faults of the firmware with it. */
void gsim_boot_stop(struct gsim *sim, enum gsim_phase phase)
{
	struct gsim_fw *fw = &sim->fw;
	u32 epoch = fw->epoch;

	gsim_out_drop_all(sim);
	gsim_tsg_clear(sim);
	gsim_queue_close(sim);
	memset(fw, 0, sizeof(*fw));
	fw->epoch = epoch;
	fw->phase = phase;
	fw->objsched_policy = GSIM_POLICY_BEST_EFFORT;
	fw->objsched_timeslice_ns = 2000000;
	sim->faults.mute = false;
	sim->faults.stall = false;
	sim->faults.beat = GSIM_BEAT_ON;
	sim->faults.storm_left = 0;
	sim->faults.storm_period_us = 0;
}

/* GSP stops until it is reset. Return: false, for checks to hand on. */
bool gsim_die(struct gsim *sim, enum gsim_fatal reason, const char *fmt, ...)
{
	struct gsim_regs *r = &sim->regs;
	unsigned long flags;
	bool mine;
	va_list ap;

	va_start(ap, fmt);
	gsim_vrefuse(sim, fmt, ap);
	va_end(ap);
	sim->stat[GSIM_ST_FATALS]++;
	gsim_boot_stop(sim, GSIM_FW_HALTED);

	flags = gsim_lock(sim);
	mine = r->gsp_epoch == sim->fw.epoch;
	if (mine) {
		r->riscv_active = false;
		r->riscv_halted = true;
		if (sim->version < GSIM_MAILBOX_CODE_UNTIL) {
			r->gsp_mailbox[0] = GSIM_MAILBOX_CODE_TAG | (u32)reason << 8 | 0x01;
			r->gsp_mailbox[1] = 0;
		}
	}
	gsim_unlock(sim, flags);
	if (mine)
		gsim_raise(sim, NV_PFALCON_IRQ_HALT);
	return false;
}

/*
 * GSP stops and leaves a report. What it says is a line of text: the packets of a
 * real one are not modelled. Return: false where there is no room for a report.
 */
bool gsim_boot_crash(struct gsim *sim, const char *cause)
{
	u64 pa = sim->crash_pa;
	char report[64] = { 0 };
	unsigned long flags;

	gsim_error(report, sizeof(report), "CrashCat: %s, task 3, gfid 0", cause);
	if (!pa || sim->crash_bytes < sizeof(report) ||
	    gsim_fw_write(sim, pa, report, sizeof(report)))
		return false;
	flags = gsim_lock(sim);
	sim->regs.gsp_mailbox[2] = NV_CRASHCAT_VAL(1);
	gsim_unlock(sim, flags);
	gsim_die(sim, GSIM_FATAL_INJECTED, "crashed on request: %s", cause);
	return true;
}

static void gsim_boot_fail(struct gsim *sim, u32 result, const char *why)
{
	gsim_refuse(sim, "boot: %s", why);
	gsim_event_init_done(sim, result);
	gsim_phase(sim, GSIM_FW_FAILED, 0);
}

bool gsim_boot_wants_init(struct gsim *sim)
{
	return sim->fw.phase == GSIM_FW_WAIT_INIT && sim->fw.init_seen != GSIM_INIT_BOTH;
}

/* One of the two messages that every boot needs, in order, has been handled. */
void gsim_boot_init_rpc(struct gsim *sim, enum nova_op op, u32 status)
{
	struct gsim_fw *fw = &sim->fw;

	if (fw->phase != GSIM_FW_WAIT_INIT)
		return;
	if (op != NOVA_OP_RPC_GSP_SET_SYSTEM_INFO && op != NOVA_OP_RPC_SET_REGISTRY)
		gsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "another request came before SET_SYSTEM_INFO and SET_REGISTRY");
	else if (status)
		gsim_boot_fail(sim, status, op == NOVA_OP_RPC_SET_REGISTRY ?
			       "SET_REGISTRY is malformed" :
			       "GSP_SET_SYSTEM_INFO has not the size of this release");
	else if (op == NOVA_OP_RPC_GSP_SET_SYSTEM_INFO)
		fw->init_seen |= GSIM_INIT_SYSINFO;
	else if (!(fw->init_seen & GSIM_INIT_SYSINFO))
		gsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "SET_REGISTRY came before SET_SYSTEM_INFO");
	else
		fw->init_seen |= GSIM_INIT_REGISTRY;
}

static void gsim_boot_begin(struct gsim *sim)
{
	unsigned long flags;

	if (!gsim_args_read(sim)) {
		if (sim->fw.phase == GSIM_FW_START)
			gsim_die(sim, GSIM_FATAL_DMA, "queue block: memory went away during boot");
		return;
	}
	gsim_args_log(sim, 0, "libos: tasks started");
	gsim_args_log(sim, 2, "gsp-rm: queues mapped");
	flags = gsim_lock(sim);
	sim->regs.heartbeat = sim->abi->rules->heartbeat;
	gsim_unlock(sim, flags);
	sim->fw.cmd_scan = true;
	gsim_phase(sim, GSIM_FW_WAIT_INIT, 0);
	sim->fw.deadline_ns = gsim_now(sim) + GSIM_INIT_WAIT_NS;
}

static void gsim_boot_wait_init(struct gsim *sim, u64 now)
{
	struct gsim_fw *fw = &sim->fw;

	gsim_recv_run(sim, now);
	if (fw->phase != GSIM_FW_WAIT_INIT)
		return;
	if (fw->init_seen == GSIM_INIT_BOTH)
		gsim_phase(sim, GSIM_FW_LOCKDOWN, GSIM_STEP_NS);
	else if (!sim->abi->rules->init_after_start)
		gsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "SET_SYSTEM_INFO and SET_REGISTRY were not queued when GSP started");
	else if (now >= fw->deadline_ns)
		gsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "SET_SYSTEM_INFO and SET_REGISTRY did not come in time");
}

static void gsim_boot_lockdown(struct gsim *sim)
{
	gsim_event_lockdown(sim, true);
	gsim_event_lockdown(sim, false);
	gsim_event_print(sim, "gsp-rm: core initialised\n");
	if (!sim->abi->rules->cpu_sequencer) {
		gsim_phase(sim, GSIM_FW_INIT_DONE, GSIM_STEP_NS);
		return;
	}
	gsim_event_sequencer(sim);
	gsim_phase(sim, GSIM_FW_SEQUENCER, GSIM_STEP_NS);
	sim->fw.deadline_ns = gsim_now(sim) + GSIM_SEQUENCER_WAIT_NS;
}

static void gsim_boot_sequencer(struct gsim *sim, u64 now)
{
	if (gsim_event_sequencer_done(sim))
		gsim_phase(sim, GSIM_FW_INIT_DONE, GSIM_STEP_NS);
	else if (now >= sim->fw.deadline_ns)
		gsim_die(sim, GSIM_FATAL_SEQUENCER,
			 "the CPU sequencer program was not run, or not as it says");
}

static void gsim_boot_unloading(struct gsim *sim, u64 now)
{
	struct gsim_fw *fw = &sim->fw;
	unsigned long flags;

	if (fw->out || fw->sending || (now < fw->deadline_ns && !gsim_queue_drained(sim))) {
		fw->due_ns = now + GSIM_UNLOAD_POLL_NS;
		return;
	}
	gsim_args_log(sim, 2, "gsp-rm: unloaded");
	gsim_boot_stop(sim, GSIM_FW_UNLOADED);
	flags = gsim_lock(sim);
	if (sim->regs.gsp_epoch == fw->epoch) {
		sim->regs.riscv_active = false;
		sim->regs.riscv_halted = true;
		sim->regs.falcon[GSIM_GSP].mailbox[0] = NOVA_GSP_UNLOADED;
	}
	gsim_unlock(sim, flags);
	sim->progress = true;
}

static void gsim_boot_done(struct gsim *sim)
{
	struct gsim_faults *f = &sim->faults;

	if (f->init_fail) {
		f->init_fail--;
		gsim_boot_fail(sim, NV_ERR_INVALID_STATE, "INIT_DONE with an error on request");
		return;
	}
	if (f->init_mute)
		f->init_mute--;
	else
		gsim_event_init_done(sim, 0);
	gsim_phase(sim, GSIM_FW_RUNNING, 0);
	sim->fw.cmd_scan = true;
}

static void gsim_boot_step(struct gsim *sim, u64 now)
{
	switch (sim->fw.phase) {
	case GSIM_FW_START:
		gsim_boot_begin(sim);
		break;
	case GSIM_FW_WAIT_INIT:
		gsim_boot_wait_init(sim, now);
		break;
	case GSIM_FW_LOCKDOWN:
		gsim_boot_lockdown(sim);
		break;
	case GSIM_FW_SEQUENCER:
		gsim_boot_sequencer(sim, now);
		break;
	case GSIM_FW_INIT_DONE:
		gsim_boot_done(sim);
		break;
	case GSIM_FW_RUNNING:
		gsim_recv_run(sim, now);
		break;
	case GSIM_FW_UNLOADING:
		gsim_boot_unloading(sim, now);
		break;
	default:
		break;
	}
}

/* Time at which the current phase continues without a register write. */
static u64 gsim_boot_next(struct gsim *sim)
{
	switch (sim->fw.phase) {
	case GSIM_FW_START:
	case GSIM_FW_LOCKDOWN:
	case GSIM_FW_INIT_DONE:
	case GSIM_FW_UNLOADING:
		return sim->fw.due_ns;
	case GSIM_FW_WAIT_INIT:
	case GSIM_FW_SEQUENCER:
		return sim->fw.deadline_ns;
	default:
		return GSIM_NEVER;
	}
}

u64 gsim_boot_run(struct gsim *sim, u64 now)
{
	struct gsim_fw *fw = &sim->fw;
	bool live = fw->phase >= GSIM_FW_WAIT_INIT && fw->phase <= GSIM_FW_UNLOADING;
	unsigned long flags;
	u64 next;

	if (fw->phase == GSIM_FW_OFF || fw->phase == GSIM_FW_UNLOADED ||
	    fw->phase == GSIM_FW_HALTED)
		return GSIM_NEVER;
	flags = gsim_lock(sim);
	if (sim->regs.gsp_epoch != fw->epoch) {
		gsim_unlock(sim, flags);
		gsim_boot_stop(sim, GSIM_FW_OFF);
		return GSIM_NEVER;
	}
	if (sim->regs.doorbell) {
		sim->regs.doorbell = false;
		fw->cmd_scan = true;
	}
	gsim_unlock(sim, flags);

	if (fw->phase == GSIM_FW_WAIT_INIT || fw->phase == GSIM_FW_SEQUENCER ||
	    fw->phase == GSIM_FW_RUNNING || now >= fw->due_ns)
		gsim_boot_step(sim, now);
	next = gsim_boot_next(sim);
	if (live && sim->queue)
		next = min_t(u64, next, gsim_fault_run(sim, now));
	if (live && sim->queue)
		next = min_t(u64, next, gsim_vgpu_run(sim, now));
	if (live && sim->queue)
		next = min_t(u64, next, gsim_plugin_run(sim, now));
	if (live && sim->queue)
		next = min_t(u64, next, gsim_send_run(sim, now));
	return next;
}
