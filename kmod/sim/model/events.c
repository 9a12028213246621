// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that GSP sends by itself, laid out as its release has them.
 */
#include "internal.h"

#define NSIM_SCRATCH_REG	NV_PGSP_MAILBOX(2)
#define NSIM_DONE_REG		NV_PGSP_MAILBOX(3)
#define NSIM_SCRATCH_SEED	0x5eed0001
#define NSIM_SCRATCH_MASK	0x000000ff
#define NSIM_SCRATCH_LOW	0x00000042
#define NSIM_SCRATCH_WANT	0x5eed0042
#define NSIM_DONE_WANT		0x0000900d

enum { NSIM_OP_WRITE, NSIM_OP_MODIFY, NSIM_OP_POLL, NSIM_OP_DELAY_US, NSIM_OP_STORE };

#define NSIM_XID_GR_EXCEPTION	13
#define NSIM_ENGINE_GR0		1
#define NSIM_MIXED_KINDS	4

/*
 * An event with room for a message of its release and @extra bytes behind it.
 * Return: NULL where the release does not have it.
 */
static struct nsim_out *nsim_event(struct nsim *sim, enum nova_op op, enum nova_msg msg, u32 extra)
{
	u32 number = nova_op_number(sim->abi, op), size = nova_msg_size(sim->abi, msg);
	struct nsim_out *o;

	if (!number || !size)
		return NULL;
	o = nsim_out_new(sim, size + extra);
	if (!o)
		return NULL;
	o->fn = number;
	o->len = size + extra;
	o->event = true;
	return o;
}

static void nsim_event_send(struct nsim *sim, struct nsim_out *o)
{
	if (sim->fw.events_queued < NSIM_EVENTS_QUEUED_MAX) {
		nsim_out_queue(sim, o);
		return;
	}
	sim->stat[NSIM_ST_EVENTS_DROPPED]++;
	nsim_free(sim, o);
}

static void nsim_event_os_error(struct nsim *sim, u32 n)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_OS_ERROR_LOG, NOVA_MSG_OS_ERROR_LOG, 0);
	char text[64];

	if (!o)
		return;
	nsim_error(text, sizeof(text), "simulated graphics exception %u", n);
	nsim_put(sim, NOVA_OS_ERROR_LOG_EXCEPT_TYPE, o->data, o->len, NSIM_XID_GR_EXCEPTION);
	nsim_put(sim, NOVA_OS_ERROR_LOG_RUNLIST_ID, o->data, o->len, 0);
	nsim_put(sim, NOVA_OS_ERROR_LOG_CHID, o->data, o->len, n & 0x7ff);
	nsim_put_text(sim, NOVA_OS_ERROR_LOG_ERR_STRING, o->data, o->len, text);
	nsim_event_send(sim, o);
}

static void nsim_event_rc(struct nsim *sim, u32 n)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_RC_TRIGGERED, NOVA_MSG_RC_TRIGGERED, 0);

	if (!o)
		return;
	nsim_put(sim, NOVA_RC_TRIGGERED_ENGINE_TYPE, o->data, o->len, NSIM_ENGINE_GR0);
	nsim_put(sim, NOVA_RC_TRIGGERED_CHID, o->data, o->len, n & 0x7ff);
	nsim_put(sim, NOVA_RC_TRIGGERED_GFID, o->data, o->len, n % 4);
	nsim_put(sim, NOVA_RC_TRIGGERED_EXCEPT_TYPE, o->data, o->len, NSIM_XID_GR_EXCEPTION);
	nsim_put(sim, NOVA_RC_TRIGGERED_SCOPE, o->data, o->len, 1);
	nsim_event_send(sim, o);
}

static void nsim_event_post(struct nsim *sim, u32 n)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_POST_EVENT, NOVA_MSG_POST_EVENT, 0);

	if (!o)
		return;
	nsim_put(sim, NOVA_POST_EVENT_CLIENT, o->data, o->len, NSIM_INTERNAL_CLIENT);
	nsim_put(sim, NOVA_POST_EVENT_EVENT, o->data, o->len, 0xe0000001);
	nsim_put(sim, NOVA_POST_EVENT_NOTIFY_INDEX, o->data, o->len, n % 32);
	nsim_put(sim, NOVA_POST_EVENT_DATA, o->data, o->len, n);
	nsim_event_send(sim, o);
}

void nsim_event_plugin(struct nsim *sim, u32 gfid, u32 notifier)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_VGPU_GSP_PLUGIN_TRIGGERED,
					NOVA_MSG_PLUGIN_TRIGGERED, 0);

	if (!o)
		return;
	nsim_put(sim, NOVA_PLUGIN_TRIGGERED_GFID, o->data, o->len, gfid);
	nsim_put(sim, NOVA_PLUGIN_TRIGGERED_NOTIFY_INDEX, o->data, o->len, notifier);
	nsim_event_send(sim, o);
}

/* The next of a storm: kinds take turns. */
void nsim_event_mixed(struct nsim *sim)
{
	u32 n = sim->faults.storm_kind++;

	switch (n % NSIM_MIXED_KINDS) {
	case 0:
		nsim_event_os_error(sim, n);
		break;
	case 1:
		nsim_event_rc(sim, n);
		break;
	case 2:
		nsim_event_post(sim, n);
		break;
	default:
		nsim_event_plugin(sim, 1 + n % 32, NOVA_PLUGIN_BOOTLOADED);
		break;
	}
}

void nsim_event_lockdown(struct nsim *sim, bool engaging)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE, NOVA_MSG_LOCKDOWN, 0);

	if (!o)
		return;
	nsim_put(sim, NOVA_LOCKDOWN_ENGAGING, o->data, o->len, engaging);
	nsim_event_send(sim, o);
}

/* These three return false where the release has no such event. */
bool nsim_event_pmu_halted(struct nsim *sim)
{
	u32 number = nova_op_number(sim->abi, NOVA_OP_EVT_PMU_HALTED);
	struct nsim_out *o = number ? nsim_out_new(sim, 0) : NULL;

	if (!o)
		return false;
	o->fn = number;
	o->event = true;
	nsim_event_send(sim, o);
	return true;
}

bool nsim_event_action(struct nsim *sim, u32 type)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_RECOVERY_ACTION,
					NOVA_MSG_RECOVERY_ACTION, 0);

	if (!o)
		return false;
	nsim_put(sim, NOVA_RECOVERY_ACTION_TYPE, o->data, o->len, type);
	nsim_put(sim, NOVA_RECOVERY_ACTION_VALUE, o->data, o->len, 1);
	nsim_event_send(sim, o);
	return true;
}

bool nsim_event_fecs(struct nsim *sim, u32 type)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_FECS_ERROR, NOVA_MSG_FECS_ERROR, 0);

	if (!o)
		return false;
	nsim_put(sim, NOVA_FECS_ERROR_ERROR_TYPE, o->data, o->len, type);
	nsim_event_send(sim, o);
	return true;
}

void nsim_event_print(struct nsim *sim, const char *text)
{
	u32 n = (u32)strlen(text) + 1;
	struct nsim_out *o =
		nsim_event(sim, NOVA_OP_EVT_UCODE_LIBOS_PRINT, NOVA_MSG_LIBOS_PRINT, n);

	if (!o)
		return;
	nsim_put(sim, NOVA_LIBOS_PRINT_SIZE, o->data, o->len, n);
	memcpy(o->data + nsim_off(sim, NOVA_LIBOS_PRINT_DATA), text, n);
	nsim_event_send(sim, o);
}

/*
 * A small program for the CPU. Each step needs the one before: what is left in
 * the two registers proves that all of it ran, in order.
 */
void nsim_event_sequencer(struct nsim *sim)
{
	const u32 program[] = {
		NSIM_OP_WRITE, NSIM_SCRATCH_REG, NSIM_SCRATCH_SEED,
		NSIM_OP_MODIFY, NSIM_SCRATCH_REG, NSIM_SCRATCH_MASK, NSIM_SCRATCH_LOW,
		NSIM_OP_POLL, NSIM_SCRATCH_REG, 0xffffffff, NSIM_SCRATCH_WANT, 1000, 1,
		NSIM_OP_DELAY_US, 2,
		NSIM_OP_STORE, NSIM_SCRATCH_REG, 0,
		NSIM_OP_WRITE, NSIM_DONE_REG, NSIM_DONE_WANT,
	};
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_GSP_RUN_CPU_SEQUENCER,
					NOVA_MSG_SEQUENCER, sizeof(program));
	unsigned long flags;
	u32 i, off = nsim_off(sim, NOVA_SEQUENCER_COMMAND_BUFFER);

	if (!o)
		return;
	flags = nsim_lock(sim);
	sim->regs.gsp_mailbox[2] = 0;
	sim->regs.gsp_mailbox[3] = 0;
	nsim_unlock(sim, flags);
	nsim_put(sim, NOVA_SEQUENCER_BUFFER_SIZE_DWORD, o->data, o->len, ARRAY_SIZE(program));
	nsim_put(sim, NOVA_SEQUENCER_CMD_INDEX, o->data, o->len, ARRAY_SIZE(program));
	for (i = 0; i < ARRAY_SIZE(program); i++)
		put_unaligned_le32(program[i], o->data + off + 4 * i);
	nsim_event_send(sim, o);
}

bool nsim_event_sequencer_done(struct nsim *sim)
{
	unsigned long flags = nsim_lock(sim);
	bool done = sim->regs.gsp_mailbox[2] == NSIM_SCRATCH_WANT &&
		    sim->regs.gsp_mailbox[3] == NSIM_DONE_WANT;

	nsim_unlock(sim, flags);
	return done;
}

void nsim_event_init_done(struct nsim *sim, u32 result)
{
	struct nsim_out *o = nsim_event(sim, NOVA_OP_EVT_GSP_INIT_DONE, NOVA_MSG_INIT_DONE, 0);

	if (!o)
		return;
	o->result = result;
	nsim_event_send(sim, o);
}
