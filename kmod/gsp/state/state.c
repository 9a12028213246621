// SPDX-License-Identifier: GPL-2.0-only
/*
 * State of a firmware, its counters' names and the timer of its worker: what all
 * rooms of gsp stand on.
 */
#include "../gsp.h"
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

bool nova_gsp_off_bus(struct nova_gsp *gsp)
{
	return nova_rd32(gsp->gpu, NV_PMC_BOOT_0) == 0xffffffff;
}

const char *nova_rpc_what(enum nova_op op, u32 cmd)
{
	const char *name = NULL;

	if (op == NOVA_OP_RPC_GSP_RM_CONTROL)
		name = nova_ctrl_name(cmd);
	return name ?: "";
}

const char *nova_rpc_status_name(enum nova_rpc_fate fate, u32 result, u32 status)
{
	if (fate == NOVA_FATE_NONE)
		return "";
	/* A hook may have given it a status, or an error of the transport. */
	if (fate == NOVA_FATE_ANSWERED || (fate == NOVA_FATE_HOOK && (result || status)))
		return nova_status_name(result ?: status);
	return "-";
}
