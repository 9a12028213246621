// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that GSP sends by itself, laid out as its release has them.
 */
#include "internal.h"

#define GSIM_SCRATCH_REG	NV_PGSP_MAILBOX(2)
#define GSIM_DONE_REG		NV_PGSP_MAILBOX(3)
#define GSIM_SCRATCH_SEED	0x5eed0001
#define GSIM_SCRATCH_MASK	0x000000ff
#define GSIM_SCRATCH_LOW	0x00000042
#define GSIM_SCRATCH_WANT	0x5eed0042
#define GSIM_DONE_WANT		0x0000900d

enum { GSIM_OP_WRITE, GSIM_OP_MODIFY, GSIM_OP_POLL, GSIM_OP_DELAY_US, GSIM_OP_STORE };

#define GSIM_XID_GR_EXCEPTION	13
#define GSIM_ENGINE_GR0		1
#define GSIM_MIXED_KINDS	4

/*
 * An event with room for a message of its release and @extra bytes behind it.
 * Return: NULL where the release does not have it.
 */
static struct gsim_out *gsim_event(struct gsim *sim, enum nova_op op, enum nova_msg msg, u32 extra)
{
	u32 number = nova_op_number(sim->abi, op), size = nova_msg_size(sim->abi, msg);
	struct gsim_out *o;

	if (!number || !size)
		return NULL;
	o = gsim_out_new(sim, size + extra);
	if (!o)
		return NULL;
	o->fn = number;
	o->len = size + extra;
	o->event = true;
	return o;
}

static void gsim_event_send(struct gsim *sim, struct gsim_out *o)
{
	if (sim->fw.events_queued < GSIM_EVENTS_QUEUED_MAX) {
		gsim_out_queue(sim, o);
		return;
	}
	sim->stat[GSIM_ST_EVENTS_DROPPED]++;
	gsim_free(sim, o);
}

static void gsim_event_os_error(struct gsim *sim, u32 n)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_OS_ERROR_LOG, NOVA_MSG_OS_ERROR_LOG, 0);
	char text[64];

	if (!o)
		return;
	gsim_error(text, sizeof(text), "simulated graphics exception %u", n);
	gsim_put(sim, NOVA_OS_ERROR_LOG_EXCEPT_TYPE, o->data, o->len, GSIM_XID_GR_EXCEPTION);
	gsim_put(sim, NOVA_OS_ERROR_LOG_RUNLIST_ID, o->data, o->len, 0);
	gsim_put(sim, NOVA_OS_ERROR_LOG_CHID, o->data, o->len, n & 0x7ff);
	gsim_put_text(sim, NOVA_OS_ERROR_LOG_ERR_STRING, o->data, o->len, text);
	gsim_event_send(sim, o);
}

static void gsim_event_rc(struct gsim *sim, u32 n)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_RC_TRIGGERED, NOVA_MSG_RC_TRIGGERED, 0);

	if (!o)
		return;
	gsim_put(sim, NOVA_RC_TRIGGERED_ENGINE_TYPE, o->data, o->len, GSIM_ENGINE_GR0);
	gsim_put(sim, NOVA_RC_TRIGGERED_CHID, o->data, o->len, n & 0x7ff);
	gsim_put(sim, NOVA_RC_TRIGGERED_GFID, o->data, o->len, n % 4);
	gsim_put(sim, NOVA_RC_TRIGGERED_EXCEPT_TYPE, o->data, o->len, GSIM_XID_GR_EXCEPTION);
	gsim_put(sim, NOVA_RC_TRIGGERED_SCOPE, o->data, o->len, 1);
	gsim_event_send(sim, o);
}

static void gsim_event_post(struct gsim *sim, u32 n)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_POST_EVENT, NOVA_MSG_POST_EVENT, 0);

	if (!o)
		return;
	gsim_put(sim, NOVA_POST_EVENT_CLIENT, o->data, o->len, GSIM_INTERNAL_CLIENT);
	gsim_put(sim, NOVA_POST_EVENT_EVENT, o->data, o->len, 0xe0000001);
	gsim_put(sim, NOVA_POST_EVENT_NOTIFY_INDEX, o->data, o->len, n % 32);
	gsim_put(sim, NOVA_POST_EVENT_DATA, o->data, o->len, n);
	gsim_event_send(sim, o);
}

void gsim_event_plugin(struct gsim *sim, u32 gfid, u32 notifier)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_VGPU_GSP_PLUGIN_TRIGGERED,
					NOVA_MSG_PLUGIN_TRIGGERED, 0);

	if (!o)
		return;
	gsim_put(sim, NOVA_PLUGIN_TRIGGERED_GFID, o->data, o->len, gfid);
	gsim_put(sim, NOVA_PLUGIN_TRIGGERED_NOTIFY_INDEX, o->data, o->len, notifier);
	gsim_event_send(sim, o);
}

/* The next of a storm: kinds take turns. */
void gsim_event_mixed(struct gsim *sim)
{
	u32 n = sim->faults.storm_kind++;

	switch (n % GSIM_MIXED_KINDS) {
	case 0:
		gsim_event_os_error(sim, n);
		break;
	case 1:
		gsim_event_rc(sim, n);
		break;
	case 2:
		gsim_event_post(sim, n);
		break;
	default:
		gsim_event_plugin(sim, 1 + n % 32, NOVA_PLUGIN_BOOTLOADED);
		break;
	}
}

void gsim_event_lockdown(struct gsim *sim, bool engaging)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE, NOVA_MSG_LOCKDOWN, 0);

	if (!o)
		return;
	gsim_put(sim, NOVA_LOCKDOWN_ENGAGING, o->data, o->len, engaging);
	gsim_event_send(sim, o);
}

/* These three return false where the release has no such event. */
bool gsim_event_pmu_halted(struct gsim *sim)
{
	u32 number = nova_op_number(sim->abi, NOVA_OP_EVT_PMU_HALTED);
	struct gsim_out *o = number ? gsim_out_new(sim, 0) : NULL;

	if (!o)
		return false;
	o->fn = number;
	o->event = true;
	gsim_event_send(sim, o);
	return true;
}

bool gsim_event_action(struct gsim *sim, u32 type)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_RECOVERY_ACTION,
					NOVA_MSG_RECOVERY_ACTION, 0);

	if (!o)
		return false;
	gsim_put(sim, NOVA_RECOVERY_ACTION_TYPE, o->data, o->len, type);
	gsim_put(sim, NOVA_RECOVERY_ACTION_VALUE, o->data, o->len, 1);
	gsim_event_send(sim, o);
	return true;
}

bool gsim_event_fecs(struct gsim *sim, u32 type)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_FECS_ERROR, NOVA_MSG_FECS_ERROR, 0);

	if (!o)
		return false;
	gsim_put(sim, NOVA_FECS_ERROR_ERROR_TYPE, o->data, o->len, type);
	gsim_event_send(sim, o);
	return true;
}

void gsim_event_print(struct gsim *sim, const char *text)
{
	u32 n = (u32)strlen(text) + 1;
	struct gsim_out *o =
		gsim_event(sim, NOVA_OP_EVT_UCODE_LIBOS_PRINT, NOVA_MSG_LIBOS_PRINT, n);

	if (!o)
		return;
	gsim_put(sim, NOVA_LIBOS_PRINT_SIZE, o->data, o->len, n);
	memcpy(o->data + gsim_off(sim, NOVA_LIBOS_PRINT_DATA), text, n);
	gsim_event_send(sim, o);
}

/*
 * A small program for the CPU. Each step needs the one before: what is left in
 * the two registers proves that all of it ran, in order.
 */
void gsim_event_sequencer(struct gsim *sim)
{
	const u32 program[] = {
		GSIM_OP_WRITE, GSIM_SCRATCH_REG, GSIM_SCRATCH_SEED,
		GSIM_OP_MODIFY, GSIM_SCRATCH_REG, GSIM_SCRATCH_MASK, GSIM_SCRATCH_LOW,
		GSIM_OP_POLL, GSIM_SCRATCH_REG, 0xffffffff, GSIM_SCRATCH_WANT, 1000, 1,
		GSIM_OP_DELAY_US, 2,
		GSIM_OP_STORE, GSIM_SCRATCH_REG, 0,
		GSIM_OP_WRITE, GSIM_DONE_REG, GSIM_DONE_WANT,
	};
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_GSP_RUN_CPU_SEQUENCER,
					NOVA_MSG_SEQUENCER, sizeof(program));
	unsigned long flags;
	u32 i, off = gsim_off(sim, NOVA_SEQUENCER_COMMAND_BUFFER);

	if (!o)
		return;
	flags = gsim_lock(sim);
	sim->regs.gsp_mailbox[2] = 0;
	sim->regs.gsp_mailbox[3] = 0;
	gsim_unlock(sim, flags);
	gsim_put(sim, NOVA_SEQUENCER_BUFFER_SIZE_DWORD, o->data, o->len, ARRAY_SIZE(program));
	gsim_put(sim, NOVA_SEQUENCER_CMD_INDEX, o->data, o->len, ARRAY_SIZE(program));
	for (i = 0; i < ARRAY_SIZE(program); i++)
		put_unaligned_le32(program[i], o->data + off + 4 * i);
	gsim_event_send(sim, o);
}

bool gsim_event_sequencer_done(struct gsim *sim)
{
	unsigned long flags = gsim_lock(sim);
	bool done = sim->regs.gsp_mailbox[2] == GSIM_SCRATCH_WANT &&
		    sim->regs.gsp_mailbox[3] == GSIM_DONE_WANT;

	gsim_unlock(sim, flags);
	return done;
}

void gsim_event_init_done(struct gsim *sim, u32 result)
{
	struct gsim_out *o = gsim_event(sim, NOVA_OP_EVT_GSP_INIT_DONE, NOVA_MSG_INIT_DONE, 0);

	if (!o)
		return;
	o->result = result;
	gsim_event_send(sim, o);
}
