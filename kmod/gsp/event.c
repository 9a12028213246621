// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers of firmware events. They run in the worker, in order of arrival, beside
 * replies. A handler that needs an RPC must defer to gsp->handlers.
 */
#include <linux/ratelimit.h>
#include "gsp.h"

/* Return: 0, or -EBADMSG where the payload makes no sense. */
typedef int (*event_fn)(struct nova_gsp *gsp, struct nova_gsp_event *ev);

static int event_init_done(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	gsp->init_result = ev->result;
	complete_all(&gsp->init_done);
	return 0;
}

static int event_run_cpu_sequencer(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	return nova_sequencer_run(gsp, ev->payload, ev->len);
}

static int event_lockdown_notice(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	u64 on;

	if (nova_field_get(gsp->abi, NOVA_LOCKDOWN_ENGAGING, ev->payload, ev->len, &on))
		return -EBADMSG;
	nova_rx_lockdown(gsp, on);
	return 0;
}

/* Firmware text is for humans; keep what is printable, bound what is long. */
static int event_libos_print(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	size_t size;
	const char *text;

	text = nova_field_ptr(gsp->abi, NOVA_LIBOS_PRINT_DATA, (void *)ev->payload, ev->len,
			      &size);
	if (!text)
		return -EBADMSG;
	size = strnlen(text, min_t(size_t, size, 200));
	dev_dbg(&gsp->gpu->dev, "libos: %*pE\n", (int)size, text);
	return 0;
}

/* The text that the field knows as an Xid line. */
static int event_os_error_log(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	const struct nova_abi *abi = gsp->abi;
	const char *text;
	size_t size;
	u64 xid;

	text = nova_field_ptr(abi, NOVA_OS_ERROR_LOG_ERR_STRING, (void *)ev->payload, ev->len,
			      &size);
	if (!text || nova_field_get(abi, NOVA_OS_ERROR_LOG_EXCEPT_TYPE, ev->payload, ev->len, &xid))
		return -EBADMSG;
	size = strnlen(text, size);
	dev_warn_ratelimited(&gsp->gpu->dev, "Xid %llu: %*pE\n", xid, (int)size, text);
	return 0;
}

/* Sizes were checked; what they mean to a vGPU is decided where vGPUs are. */
static int event_note(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	return 0;
}

static int event_gfid_of(struct nova_gsp *gsp, struct nova_gsp_event *ev, enum nova_field f)
{
	u64 gfid;
	int err = nova_field_get(gsp->abi, f, ev->payload, ev->len, &gfid);

	/* Releases before 535.161.07 do not say whose channel it was. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return -EBADMSG;
	ev->gfid = gfid;
	return 0;
}

static int event_rc_triggered(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	return event_gfid_of(gsp, ev, NOVA_RC_TRIGGERED_GFID);
}

static int event_plugin_triggered(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	u64 index;

	lockdep_assert_held(&gsp->rx_mutex);
	if (event_gfid_of(gsp, ev, NOVA_PLUGIN_TRIGGERED_GFID) ||
	    nova_field_get(gsp->abi, NOVA_PLUGIN_TRIGGERED_NOTIFY_INDEX, ev->payload, ev->len,
			   &index))
		return -EBADMSG;
	gsp->users->plugin_event(gsp->gpu, ev->gfid, index);
	return 0;
}

static int event_pmu_halted(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	nova_recover(gsp, NOVA_INCIDENT_PMU, NOVA_FATE_HALTED, "the PMU halted");
	return 0;
}

/* Of context switching; 1: nothing but a reset helps, 2: its log is full. */
static int event_fecs_error(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	u64 type;

	if (nova_field_get(gsp->abi, NOVA_FECS_ERROR_ERROR_TYPE, ev->payload, ev->len, &type))
		return -EBADMSG;
	if (type == 1)
		nova_recover(gsp, NOVA_INCIDENT_ACTION, NOVA_FATE_ABORTED,
			     "context switching (FECS) failed");
	return 0;
}

/* The firmware requests an action. A reset of the GPU is the strongest that the core can take. */
static int event_recovery_action(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	static const char * const action[] = { "refresh", "drain P2P", "system reboot",
					       "GPU reboot" };
	u64 type, on;

	if (nova_field_get(gsp->abi, NOVA_RECOVERY_ACTION_TYPE, ev->payload, ev->len, &type) ||
	    nova_field_get(gsp->abi, NOVA_RECOVERY_ACTION_VALUE, ev->payload, ev->len, &on) ||
	    type >= ARRAY_SIZE(action))
		return -EBADMSG;
	if (on && type >= 2)
		nova_recover(gsp, NOVA_INCIDENT_ACTION, NOVA_FATE_ABORTED,
			     "the firmware asks for: %s", action[type]);
	else
		nova_incident(gsp, NOVA_INCIDENT_ACTION, "%s: %llu", action[type], on);
	return 0;
}

/*
 * A payload must reach to the end of the field @least in the running release's layout. A
 * payload that ends in an array of bytes may lack the structure's padding, so its size is
 * no measure.
 */
static const struct {
	enum nova_op op;
	event_fn fn;
	enum nova_field least;
} handlers[] = {
	{ NOVA_OP_EVT_GSP_INIT_DONE, event_init_done },
	{ NOVA_OP_EVT_GSP_RUN_CPU_SEQUENCER, event_run_cpu_sequencer, NOVA_SEQUENCER_CMD_INDEX },
	{ NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE, event_lockdown_notice, NOVA_LOCKDOWN_ENGAGING },
	{ NOVA_OP_EVT_UCODE_LIBOS_PRINT, event_libos_print, NOVA_LIBOS_PRINT_SIZE },
	{ NOVA_OP_EVT_OS_ERROR_LOG, event_os_error_log, NOVA_OS_ERROR_LOG_ERR_STRING },
	{ NOVA_OP_EVT_POST_EVENT, event_note, NOVA_POST_EVENT_EVENT_DATA_SIZE },
	{ NOVA_OP_EVT_RC_TRIGGERED, event_rc_triggered, NOVA_RC_TRIGGERED_SCOPE },
	{ NOVA_OP_EVT_PMU_HALTED, event_pmu_halted },
	{ NOVA_OP_EVT_FECS_ERROR, event_fecs_error, NOVA_FECS_ERROR_ERROR_TYPE },
	{ NOVA_OP_EVT_RECOVERY_ACTION, event_recovery_action, NOVA_RECOVERY_ACTION_VALUE },
	{ NOVA_OP_EVT_VGPU_GSP_PLUGIN_TRIGGERED, event_plugin_triggered,
	  NOVA_PLUGIN_TRIGGERED_NOTIFY_INDEX },
};

static int event_check_len(struct nova_gsp *gsp, const struct nova_gsp_event *ev,
			   enum nova_field least)
{
	struct nova_field_pos pos;

	if (!least || nova_field_pos(gsp->abi, least, &pos))
		return 0;
	return ev->len >= pos.off + pos.size ? 0 : -EBADMSG;
}

bool nova_event_run(struct nova_gsp *gsp, struct nova_gsp_event *ev, int *err)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		if (handlers[i].op != ev->op)
			continue;
		*err = event_check_len(gsp, ev, handlers[i].least);
		if (!*err)
			*err = handlers[i].fn(gsp, ev);
		return true;
	}
	return false;
}
