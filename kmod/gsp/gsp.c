// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of one GPU's firmware as the rest of the core sees it: creation, state,
 * timer, interrupt, failure. The boot procedure itself is in boot.c.
 */
#include <linux/slab.h>
#include "gsp.h"
#include "rpc/history.h"
#include <trace/events/novabpf_gsp.h>

static const char * const state_name[] = {
	[NOVA_GSP_OFF]	     = "off",
	[NOVA_GSP_PREPARE]   = "prepare",
	[NOVA_GSP_START]     = "start",
	[NOVA_GSP_LINKED]    = "linked",
	[NOVA_GSP_HANDSHAKE] = "handshake",
	[NOVA_GSP_READY]     = "ready",
	[NOVA_GSP_UNLOADING] = "unloading",
	[NOVA_GSP_FAILED]    = "failed",
	[NOVA_GSP_RECOVERING] = "recovering",
};

const char * const nova_counter_name[NOVA_GSP_COUNTER_COUNT] = {
	[NOVA_COUNT_RPC_SUBMITTED] = "rpc_submitted",
	[NOVA_COUNT_RPC_SENT] = "rpc_sent",
	[NOVA_COUNT_RPC_ANSWERED] = "rpc_answered",
	[NOVA_COUNT_RPC_FAILED] = "rpc_failed",
	[NOVA_COUNT_RPC_RM_ERRORS] = "rpc_rm_errors",
	[NOVA_COUNT_RPC_TIMEOUTS] = "rpc_timeouts",
	[NOVA_COUNT_RPC_LATE] = "rpc_late",
	[NOVA_COUNT_RPC_UNMATCHED] = "rpc_unmatched",
	[NOVA_COUNT_RPC_HELD] = "rpc_held",
	[NOVA_COUNT_RING_FULL] = "ring_full",
	[NOVA_COUNT_DOORBELLS] = "doorbells",
	[NOVA_COUNT_RECORDS_SENT] = "records_sent",
	[NOVA_COUNT_RECORDS_RECEIVED] = "records_received",
	[NOVA_COUNT_RECORDS_BAD] = "records_bad",
	[NOVA_COUNT_BAD_POINTER] = "bad_pointer",
	[NOVA_COUNT_BAD_ELEMCOUNT] = "bad_elemcount",
	[NOVA_COUNT_BAD_LENGTH] = "bad_length",
	[NOVA_COUNT_BAD_CHECKSUM] = "bad_checksum",
	[NOVA_COUNT_BAD_HEADER] = "bad_header",
	[NOVA_COUNT_BAD_SEQUENCE] = "bad_sequence",
	[NOVA_COUNT_BAD_FUNCTION] = "bad_function",
	[NOVA_COUNT_BAD_PAYLOAD] = "bad_payload",
	[NOVA_COUNT_ORPHANS] = "orphans",
	[NOVA_COUNT_RECORDS_LOST] = "records_lost",
	[NOVA_COUNT_EVENTS] = "events",
	[NOVA_COUNT_EVENTS_UNHANDLED] = "events_unhandled",
	[NOVA_COUNT_INTERRUPTS] = "interrupts",
	[NOVA_COUNT_INTERRUPTS_MISSED] = "interrupts_missed",
	[NOVA_COUNT_LOCKDOWNS] = "lockdowns",
	[NOVA_COUNT_RECOVERIES] = "recoveries",
};

const char *nova_gsp_state_name(enum nova_gsp_state state)
{
	return state < ARRAY_SIZE(state_name) ? state_name[state] : "?";
}

static void timer_fn(struct nova_hw_timer *t)
{
	struct nova_gsp *gsp = container_of(t, struct nova_gsp, timer);

	nova_work_queue(gsp->wq, &gsp->work);
}

void nova_gsp_timer_set(struct nova_gsp *gsp, u64 at_ns)
{
	lockdep_assert_held(&gsp->lock);
	gsp->timer_at_ns = at_ns;
	gsp->gpu->ops->timer_arm(gsp->gpu->hw, &gsp->timer, at_ns);
}

void nova_gsp_timer_by(struct nova_gsp *gsp, u64 at_ns)
{
	lockdep_assert_held(&gsp->lock);
	if (!gsp->stopped && !gsp->asleep && at_ns < gsp->timer_at_ns)
		nova_gsp_timer_set(gsp, at_ns);
}

struct nova_gsp *nova_gsp_create(struct nova_gpu *gpu, const struct nova_gsp_users *users)
{
	struct nova_gsp *gsp = kzalloc(sizeof(*gsp), GFP_KERNEL);

	if (!gsp)
		return NULL;
	gsp->gpu = gpu;
	gsp->users = users;
	spin_lock_init(&gsp->lock);
	mutex_init(&gsp->rx_mutex);
	mutex_init(&gsp->boot_lock);
	INIT_LIST_HEAD(&gsp->pending);
	INIT_LIST_HEAD(&gsp->ended);
	nova_incidents_init(gsp);
	nova_hooks_init(&gsp->hooks);
	nova_work_init(&gsp->work, gpu, nova_rx_work);
	gsp->work.light = true;
	init_completion(&gsp->init_done);
	gsp->stopped = true;
	gsp->timer_at_ns = U64_MAX;
	gsp->timer.fn = timer_fn;
	gpu->ops->timer_init(gpu->hw, &gsp->timer);
	gsp->history = nova_history_create();
	gsp->rxq.staging = kvmalloc(NOVA_RECORD_BYTES_MAX, GFP_KERNEL);
	gsp->wq = alloc_ordered_workqueue("novabpf-gsp%u", WQ_HIGHPRI | WQ_MEM_RECLAIM, gpu->id);
	gsp->handlers = alloc_ordered_workqueue("novabpf-ev%u", WQ_MEM_RECLAIM, gpu->id);
	gsp->flows = kvzalloc(sizeof(*gsp->flows), GFP_KERNEL);
	if (gsp->history && gsp->rxq.staging && gsp->wq && gsp->handlers && gsp->flows &&
	    !nova_recovery_create(gsp)) {
		nova_flows_init(gsp->flows);
		return gsp;
	}
	nova_gsp_destroy(gsp);
	return NULL;
}

void nova_gsp_destroy(struct nova_gsp *gsp)
{
	nova_hooks_gone(gsp);
	nova_recovery_destroy(gsp);
	nova_report_clear(gsp);
	if (gsp->wq)
		destroy_workqueue(gsp->wq);
	if (gsp->handlers)
		destroy_workqueue(gsp->handlers);
	kvfree(gsp->flows);
	kvfree(gsp->rxq.staging);
	nova_history_destroy(gsp->history);
	kfree(gsp);
}

void nova_gsp_set_state(struct nova_gsp *gsp, enum nova_gsp_state state)
{
	enum nova_gsp_state old;
	unsigned long flags;

	spin_lock_irqsave(&gsp->lock, flags);
	old = gsp->state;
	gsp->state = state;
	spin_unlock_irqrestore(&gsp->lock, flags);
	if (old != state)
		nova_gsp_state_changed(gsp, old, state);
}

void nova_gsp_state_changed(struct nova_gsp *gsp, enum nova_gsp_state old,
			    enum nova_gsp_state state)
{
	trace_gsp_state(gsp->gpu->id, old, state, gsp->abi ? gsp->abi->release : "");
	sysfs_notify(&gsp->gpu->dev.kobj, NULL, "state");
}

void nova_gsp_fail(struct nova_gsp *gsp, int err, const char *fmt, ...)
{
	char text[sizeof(gsp->failure)];
	va_list args;
	enum nova_incident kind;
	bool first;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	spin_lock_irq(&gsp->lock);
	first = !gsp->failure[0];
	kind = gsp->state == NOVA_GSP_READY ? NOVA_INCIDENT_ERROR : NOVA_INCIDENT_INIT;
	if (first)
		strscpy(gsp->failure, text, sizeof(gsp->failure));
	spin_unlock_irq(&gsp->lock);
	nova_gsp_set_state(gsp, NOVA_GSP_FAILED);
	if (first)
		nova_incident(gsp, kind, "%s%s", gsp->recovery.on && kind == NOVA_INCIDENT_INIT ?
			      "recovery failed: " : "", text);

	spin_lock_irq(&gsp->lock);
	nova_rpc_end_all(gsp, err, NOVA_FATE_HALTED, &gsp->ended);
	nova_rpc_leave_ended(gsp);
	spin_unlock_irq(&gsp->lock);
	/* Whoever waits for the end of the boot need not wait any longer. */
	complete_all(&gsp->init_done);
}

/*
 * Where a report waits. Which scratch register has it differs; a signature tells.
 * The report itself lies in memory, in a form that is not decoded here.
 */
static u32 wayfinder(struct nova_gsp *gsp)
{
	u32 i, v;

	/* The first two are heartbeats where there are such: any value may be there. */
	for (i = gsp->abi->rules->heartbeat ? 2 : 0; i < NV_PGSP_MAILBOXES; i++) {
		v = nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(i));
		if (NV_CRASHCAT_SIGNATURE(v) == NV_CRASHCAT_SIGNATURE_VALID)
			return v;
	}
	return 0;
}

bool nova_gsp_off_bus(struct nova_gsp *gsp)
{
	return nova_rd32(gsp->gpu, NV_PMC_BOOT_0) == 0xffffffff;
}

/*
 * The old format of a fatal error: code 7:0, reason 15:8, task 23:16, tag 31:28
 * = 0xE. Later releases write a report instead.
 */
void nova_gsp_halted(struct nova_gsp *gsp)
{
	u32 v = nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(0)), way = wayfinder(gsp);

	if (nova_gsp_off_bus(gsp))
		nova_recover(gsp, NOVA_INCIDENT_BUS, NOVA_FATE_HALTED, "no register answers");
	else if (way)
		nova_recover(gsp, NOVA_INCIDENT_ERROR, NOVA_FATE_HALTED,
			     "GSP crashed: CrashCat report (wayfinder 0x%08x, version %u)", way,
			     NV_CRASHCAT_VERSION(way));
	else if (v >> 28 == 0xe)
		nova_recover(gsp, NOVA_INCIDENT_ERROR, NOVA_FATE_HALTED,
			     "GSP halted: code 0x%02x, reason 0x%02x, task %u", v & 0xff,
			     v >> 8 & 0xff, v >> 16 & 0xff);
	else
		nova_recover(gsp, NOVA_INCIDENT_ERROR, NOVA_FATE_HALTED,
			     "GSP halted (mailbox 0x%08x)", v);
}

void nova_gpu_irq(struct nova_gpu *gpu)
{
	struct nova_gsp *gsp = gpu->gsp;
	u32 stat = 0;

	if (!READ_ONCE(gpu->irq_on) || READ_ONCE(gpu->gsp->asleep))
		return;
	/* During a lockdown GSP's registers are left alone; the worker polls. */
	if (!READ_ONCE(gsp->lockdown)) {
		stat = nova_rd32(gpu, NV_PGSP_BASE + NV_PFALCON_IRQSTAT);
		/* Cleared before the queue is read: what comes later raises it again. */
		nova_wr32(gpu, NV_PGSP_BASE + NV_PFALCON_IRQSCLR, stat);
	}
	nova_count(gsp, NOVA_COUNT_INTERRUPTS);
	atomic_or(stat, &gsp->irq_pending);
	nova_work_queue(gsp->wq, &gsp->work);
}
EXPORT_SYMBOL_NOVA(nova_gpu_irq);
