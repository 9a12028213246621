// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of GSP-RM: from the moment Booter starts it, over the messages of a boot
 * up to INIT_DONE, to unloading or a crash.
 */
#include "internal.h"

#define NSIM_START_NS		200000
#define NSIM_STEP_NS		50000
#define NSIM_INIT_WAIT_NS	4000000000ULL
#define NSIM_SEQUENCER_WAIT_NS	4000000000ULL
#define NSIM_UNLOAD_WAIT_NS	100000000ULL
#define NSIM_UNLOAD_POLL_NS	100000

/* Releases before CrashCat leave a code in NV_PGSP_MAILBOX(0). */
#define NSIM_MAILBOX_CODE_UNTIL	((560ULL << 32) | (28ULL << 16) | 3)
#define NSIM_MAILBOX_CODE_TAG	0xe0000000

#define NSIM_INIT_SYSINFO	1
#define NSIM_INIT_REGISTRY	2
#define NSIM_INIT_BOTH		3

static void nsim_phase(struct nsim *sim, enum nsim_phase phase, u64 delay_ns)
{
	sim->fw.phase = phase;
	sim->fw.due_ns = nsim_now(sim) + delay_ns;
	sim->progress = true;
}

void nsim_boot_start(struct nsim *sim, u64 libos_pa)
{
	u32 epoch = sim->fw.epoch;

	nsim_boot_stop(sim, NSIM_FW_OFF);
	sim->fw.epoch = epoch;
	sim->fw.libos_pa = libos_pa;
	sim->stat[NSIM_ST_BOOTS]++;
	nsim_rm_reset(sim);
	nsim_phase(sim, NSIM_FW_START, NSIM_START_NS);
}

/* Forgets all that the firmware held. Faults of the firmware itself go with it. */
void nsim_boot_stop(struct nsim *sim, enum nsim_phase phase)
{
	struct nsim_fw *fw = &sim->fw;
	u32 epoch = fw->epoch;

	nsim_out_drop_all(sim);
	nsim_tsg_clear(sim);
	nsim_queue_close(sim);
	memset(fw, 0, sizeof(*fw));
	fw->epoch = epoch;
	fw->phase = phase;
	fw->objsched_policy = NSIM_POLICY_BEST_EFFORT;
	fw->objsched_timeslice_ns = 2000000;
	sim->faults.mute = false;
	sim->faults.stall = false;
	sim->faults.beat = NSIM_BEAT_ON;
	sim->faults.storm_left = 0;
	sim->faults.storm_period_us = 0;
}

/* GSP stops for good; only a reset helps. */
void nsim_die(struct nsim *sim, enum nsim_fatal reason, const char *fmt, ...)
{
	struct nsim_regs *r = &sim->regs;
	unsigned long flags;
	bool mine;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sim->refusal, sizeof(sim->refusal), fmt, ap);
	va_end(ap);
	sim->stat[NSIM_ST_REFUSALS]++;
	sim->stat[NSIM_ST_FATALS]++;
	nsim_boot_stop(sim, NSIM_FW_HALTED);

	flags = nsim_lock(sim);
	mine = r->gsp_epoch == sim->fw.epoch;
	if (mine) {
		r->riscv_active = false;
		r->riscv_halted = true;
		if (sim->version < NSIM_MAILBOX_CODE_UNTIL) {
			r->gsp_mailbox[0] = NSIM_MAILBOX_CODE_TAG | (u32)reason << 8 | 0x01;
			r->gsp_mailbox[1] = 0;
		}
	}
	nsim_unlock(sim, flags);
	if (mine)
		nsim_raise(sim, NV_PFALCON_IRQ_HALT);
}

/*
 * GSP stops and leaves a report. What it says is a line of text: the packets of a
 * real one are not modelled. Return: false where there is no room for a report.
 */
bool nsim_boot_crash(struct nsim *sim, const char *cause)
{
	u64 pa = sim->crash_pa;
	char report[64] = { 0 };
	unsigned long flags;

	nsim_error(report, sizeof(report), "CrashCat: %s, task 3, gfid 0", cause);
	if (!pa || sim->crash_bytes < sizeof(report) ||
	    nsim_fw_write(sim, pa, report, sizeof(report)))
		return false;
	flags = nsim_lock(sim);
	sim->regs.gsp_mailbox[2] = NV_CRASHCAT_VAL(1);
	nsim_unlock(sim, flags);
	nsim_die(sim, NSIM_FATAL_INJECTED, "crashed on request: %s", cause);
	return true;
}

static void nsim_boot_fail(struct nsim *sim, u32 result, const char *why)
{
	nsim_refuse(sim, "boot: %s", why);
	nsim_event_init_done(sim, result);
	nsim_phase(sim, NSIM_FW_FAILED, 0);
}

bool nsim_boot_wants_init(struct nsim *sim)
{
	return sim->fw.phase == NSIM_FW_WAIT_INIT && sim->fw.init_seen != NSIM_INIT_BOTH;
}

/* One of the two messages that every boot needs, in order, has been handled. */
void nsim_boot_init_rpc(struct nsim *sim, enum nova_op op, u32 status)
{
	struct nsim_fw *fw = &sim->fw;

	if (fw->phase != NSIM_FW_WAIT_INIT)
		return;
	if (op != NOVA_OP_RPC_GSP_SET_SYSTEM_INFO && op != NOVA_OP_RPC_SET_REGISTRY)
		nsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "another request came before SET_SYSTEM_INFO and SET_REGISTRY");
	else if (status)
		nsim_boot_fail(sim, status, op == NOVA_OP_RPC_SET_REGISTRY ?
			       "SET_REGISTRY is malformed" :
			       "GSP_SET_SYSTEM_INFO has not the size of this release");
	else if (op == NOVA_OP_RPC_GSP_SET_SYSTEM_INFO)
		fw->init_seen |= NSIM_INIT_SYSINFO;
	else if (!(fw->init_seen & NSIM_INIT_SYSINFO))
		nsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "SET_REGISTRY came before SET_SYSTEM_INFO");
	else
		fw->init_seen |= NSIM_INIT_REGISTRY;
}

static void nsim_boot_begin(struct nsim *sim)
{
	unsigned long flags;

	if (!nsim_args_read(sim)) {
		if (sim->fw.phase == NSIM_FW_START)
			nsim_die(sim, NSIM_FATAL_DMA, "queue block: memory went away during boot");
		return;
	}
	nsim_args_log(sim, 0, "libos: tasks started");
	nsim_args_log(sim, 2, "gsp-rm: queues mapped");
	flags = nsim_lock(sim);
	sim->regs.heartbeat = sim->abi->rules->heartbeat;
	nsim_unlock(sim, flags);
	sim->fw.cmd_scan = true;
	nsim_phase(sim, NSIM_FW_WAIT_INIT, 0);
	sim->fw.deadline_ns = nsim_now(sim) + NSIM_INIT_WAIT_NS;
}

static void nsim_boot_wait_init(struct nsim *sim, u64 now)
{
	struct nsim_fw *fw = &sim->fw;

	nsim_recv_run(sim, now);
	if (fw->phase != NSIM_FW_WAIT_INIT)
		return;
	if (fw->init_seen == NSIM_INIT_BOTH)
		nsim_phase(sim, NSIM_FW_LOCKDOWN, NSIM_STEP_NS);
	else if (!sim->abi->rules->init_after_start)
		nsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "SET_SYSTEM_INFO and SET_REGISTRY were not queued when GSP started");
	else if (now >= fw->deadline_ns)
		nsim_boot_fail(sim, NV_ERR_INVALID_STATE,
			       "SET_SYSTEM_INFO and SET_REGISTRY did not come in time");
}

static void nsim_boot_lockdown(struct nsim *sim)
{
	nsim_event_lockdown(sim, true);
	nsim_event_lockdown(sim, false);
	nsim_event_print(sim, "gsp-rm: core initialised\n");
	if (!sim->abi->rules->cpu_sequencer) {
		nsim_phase(sim, NSIM_FW_INIT_DONE, NSIM_STEP_NS);
		return;
	}
	nsim_event_sequencer(sim);
	nsim_phase(sim, NSIM_FW_SEQUENCER, NSIM_STEP_NS);
	sim->fw.deadline_ns = nsim_now(sim) + NSIM_SEQUENCER_WAIT_NS;
}

static void nsim_boot_sequencer(struct nsim *sim, u64 now)
{
	if (nsim_event_sequencer_done(sim))
		nsim_phase(sim, NSIM_FW_INIT_DONE, NSIM_STEP_NS);
	else if (now >= sim->fw.deadline_ns)
		nsim_die(sim, NSIM_FATAL_SEQUENCER,
			 "the CPU sequencer program was not run, or not as it says");
}

static void nsim_boot_unloading(struct nsim *sim, u64 now)
{
	struct nsim_fw *fw = &sim->fw;
	unsigned long flags;

	if (fw->out || fw->sending || (now < fw->deadline_ns && !nsim_queue_drained(sim))) {
		fw->due_ns = now + NSIM_UNLOAD_POLL_NS;
		return;
	}
	nsim_args_log(sim, 2, "gsp-rm: unloaded");
	nsim_boot_stop(sim, NSIM_FW_UNLOADED);
	flags = nsim_lock(sim);
	if (sim->regs.gsp_epoch == fw->epoch) {
		sim->regs.riscv_active = false;
		sim->regs.riscv_halted = true;
		sim->regs.falcon[NSIM_GSP].mailbox[0] = NOVA_GSP_UNLOADED;
	}
	nsim_unlock(sim, flags);
	sim->progress = true;
}

static void nsim_boot_done(struct nsim *sim)
{
	struct nsim_faults *f = &sim->faults;

	if (f->init_fail) {
		f->init_fail--;
		nsim_boot_fail(sim, NV_ERR_INVALID_STATE, "INIT_DONE with an error on request");
		return;
	}
	if (f->init_mute)
		f->init_mute--;
	else
		nsim_event_init_done(sim, 0);
	nsim_phase(sim, NSIM_FW_RUNNING, 0);
	sim->fw.cmd_scan = true;
}

static void nsim_boot_step(struct nsim *sim, u64 now)
{
	switch (sim->fw.phase) {
	case NSIM_FW_START:
		nsim_boot_begin(sim);
		break;
	case NSIM_FW_WAIT_INIT:
		nsim_boot_wait_init(sim, now);
		break;
	case NSIM_FW_LOCKDOWN:
		nsim_boot_lockdown(sim);
		break;
	case NSIM_FW_SEQUENCER:
		nsim_boot_sequencer(sim, now);
		break;
	case NSIM_FW_INIT_DONE:
		nsim_boot_done(sim);
		break;
	case NSIM_FW_RUNNING:
		nsim_recv_run(sim, now);
		break;
	case NSIM_FW_UNLOADING:
		nsim_boot_unloading(sim, now);
		break;
	default:
		break;
	}
}

/* When the current phase wants to be looked at again without a register write. */
static u64 nsim_boot_next(struct nsim *sim)
{
	switch (sim->fw.phase) {
	case NSIM_FW_START:
	case NSIM_FW_LOCKDOWN:
	case NSIM_FW_INIT_DONE:
	case NSIM_FW_UNLOADING:
		return sim->fw.due_ns;
	case NSIM_FW_WAIT_INIT:
	case NSIM_FW_SEQUENCER:
		return sim->fw.deadline_ns;
	default:
		return NSIM_NEVER;
	}
}

u64 nsim_boot_run(struct nsim *sim, u64 now)
{
	struct nsim_fw *fw = &sim->fw;
	bool live = fw->phase >= NSIM_FW_WAIT_INIT && fw->phase <= NSIM_FW_UNLOADING;
	unsigned long flags;
	u64 next;

	if (fw->phase == NSIM_FW_OFF || fw->phase == NSIM_FW_UNLOADED ||
	    fw->phase == NSIM_FW_HALTED)
		return NSIM_NEVER;
	flags = nsim_lock(sim);
	if (sim->regs.gsp_epoch != fw->epoch) {
		nsim_unlock(sim, flags);
		nsim_boot_stop(sim, NSIM_FW_OFF);
		return NSIM_NEVER;
	}
	if (sim->regs.doorbell) {
		sim->regs.doorbell = false;
		fw->cmd_scan = true;
	}
	nsim_unlock(sim, flags);

	if (fw->phase == NSIM_FW_WAIT_INIT || fw->phase == NSIM_FW_SEQUENCER ||
	    fw->phase == NSIM_FW_RUNNING || now >= fw->due_ns)
		nsim_boot_step(sim, now);
	next = nsim_boot_next(sim);
	if (live && sim->queue)
		next = min_t(u64, next, nsim_fault_run(sim, now));
	if (live && sim->queue)
		next = min_t(u64, next, nsim_vgpu_run(sim, now));
	if (live && sim->queue)
		next = min_t(u64, next, nsim_plugin_run(sim, now));
	if (live && sim->queue)
		next = min_t(u64, next, nsim_send_run(sim, now));
	return next;
}
