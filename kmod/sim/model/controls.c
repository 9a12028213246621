// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM controls: the class that takes a command, the length of its parameters in this
 * release, and its effect.
 */
#include "internal.h"

#define GSIM_CTRL_GSP_GET_FEATURES	0x20803601
#define GSIM_CTRL_OBJSCHED_GET_STATE	0x20801120
#define GSIM_CTRL_OBJSCHED_SET_STATE	0x20801121
#define GSIM_CTRL_OBJSCHED_GET_CAPS	0x20801122
#define GSIM_CTRL_BOOTLOAD		0x20804001
#define GSIM_CTRL_SHUTDOWN		0x20804002
#define GSIM_CTRL_ADD_VGPU_TYPE		0x20804003
#define GSIM_CTRL_CLEANUP		0x20804008
#define GSIM_CTRL_TSG_GET_TIMESLICE	0xa06c0104

/* Policies: best effort, equal share, fixed share */
#define GSIM_POLICY_FIRST		GSIM_POLICY_BEST_EFFORT
#define GSIM_POLICY_LAST		4
#define GSIM_ARR_DISABLE		1
#define GSIM_ARR_ENABLE			2
#define GSIM_TIMESLICE_NS_MIN		1000000
#define GSIM_TIMESLICE_NS_MAX		30000000
#define GSIM_ARR_FACTOR_MIN		1
#define GSIM_ARR_FACTOR_MAX		60
#define GSIM_ARR_FREQUENCY_MIN		63
#define GSIM_ARR_FREQUENCY_MAX		960
#define GSIM_PREEMPT_US_MAX		1000000
#define GSIM_TSG_TIMESLICE_US_MAX	4194303

struct gsim_call {
	struct gsim *sim;
	struct gsim_object *obj;
	u8 *params;
	u32 len;
	struct gsim_out *out;
};

static u64 gsim_c_get(const struct gsim_call *c, enum nova_field f)
{
	return gsim_get(c->sim, f, c->params, c->len);
}

static void gsim_c_put(struct gsim_call *c, enum nova_field f, u64 val)
{
	gsim_put(c->sim, f, c->params, c->len, val);
}

static u32 gsim_c_features(struct gsim_call *c)
{
	memset(c->params, 0, c->len);
	gsim_c_put(c, NOVA_GSP_FEATURES_FEATURES, 1);
	gsim_c_put(c, NOVA_GSP_FEATURES_VALID, 1);
	gsim_c_put(c, NOVA_GSP_FEATURES_DEFAULT_GSP_RM_GPU, 1);
	gsim_put_text(c->sim, NOVA_GSP_FEATURES_FIRMWARE_VERSION, c->params, c->len,
		      c->sim->fwversion);
	return NV_OK;
}

static u32 gsim_c_get_state(struct gsim_call *c)
{
	struct gsim_fw *fw = &c->sim->fw;

	gsim_c_put(c, NOVA_OBJSCHED_GET_STATE_SCHED_POLICY, fw->objsched_policy);
	gsim_c_put(c, NOVA_OBJSCHED_GET_STATE_ARR_ENABLED, fw->objsched_arr);
	gsim_c_put(c, NOVA_OBJSCHED_GET_STATE_TARGET_TIMESLICE_NS, fw->objsched_timeslice_ns);
	gsim_c_put(c, NOVA_OBJSCHED_GET_STATE_ARR_AVG_FACTOR, fw->objsched_arr_factor);
	return NV_OK;
}

static u32 gsim_c_set_state(struct gsim_call *c)
{
	u64 policy = gsim_c_get(c, NOVA_OBJSCHED_SET_STATE_SCHED_POLICY);
	u64 arr = gsim_c_get(c, NOVA_OBJSCHED_SET_STATE_ENABLE_ARR);
	u64 slice = gsim_c_get(c, NOVA_OBJSCHED_SET_STATE_TIMESLICE_TARGET_NS);
	u64 freq = gsim_c_get(c, NOVA_OBJSCHED_SET_STATE_FREQUENCY_FOR_ARR);
	u64 factor = gsim_c_get(c, NOVA_OBJSCHED_SET_STATE_AVG_FACTOR_FOR_ARR);
	struct gsim_fw *fw = &c->sim->fw;

	if (policy < GSIM_POLICY_FIRST || policy > GSIM_POLICY_LAST || arr > GSIM_ARR_ENABLE)
		return NV_ERR_INVALID_ARGUMENT;
	if (slice && (slice < GSIM_TIMESLICE_NS_MIN || slice > GSIM_TIMESLICE_NS_MAX))
		return NV_ERR_INVALID_ARGUMENT;
	if (arr != GSIM_ARR_DISABLE &&
	    (factor > GSIM_ARR_FACTOR_MAX ||
	     (freq && (freq < GSIM_ARR_FREQUENCY_MIN || freq > GSIM_ARR_FREQUENCY_MAX))))
		return NV_ERR_INVALID_ARGUMENT;
	fw->objsched_policy = (u32)policy;
	fw->objsched_arr = arr == GSIM_ARR_DISABLE ? GSIM_ARR_DISABLE : GSIM_ARR_ENABLE;
	fw->objsched_arr_factor = arr == GSIM_ARR_DISABLE ? 0 : (u32)factor;
	if (slice)
		fw->objsched_timeslice_ns = (u32)slice;
	return NV_OK;
}

static u32 gsim_c_get_caps(struct gsim_call *c)
{
	size_t size;
	u8 *policies = nova_field_ptr(c->sim->abi, NOVA_OBJSCHED_GET_CAPS_SUPPORTED_SCHEDULERS,
				      c->params, c->len, &size);
	u32 i;

	for (i = 0; policies && GSIM_POLICY_FIRST + i <= GSIM_POLICY_LAST && 4 * i + 4 <= size; i++)
		put_unaligned_le32(GSIM_POLICY_FIRST + i, policies + 4 * i);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_IS_ARR_MODE_SUPPORTED, 1);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_MAX_TIMESLICE_NS, GSIM_TIMESLICE_NS_MAX);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_MIN_TIMESLICE_NS, GSIM_TIMESLICE_NS_MIN);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_MAX_FREQUENCY_FOR_ARR, GSIM_ARR_FREQUENCY_MAX);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_MIN_FREQUENCY_FOR_ARR, GSIM_ARR_FREQUENCY_MIN);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_MAX_AVG_FACTOR_FOR_ARR, GSIM_ARR_FACTOR_MAX);
	gsim_c_put(c, NOVA_OBJSCHED_GET_CAPS_MIN_AVG_FACTOR_FOR_ARR, GSIM_ARR_FACTOR_MIN);
	return NV_OK;
}

static u32 gsim_c_add_vgpu_type(struct gsim_call *c)
{
	return gsim_vgpu_add_types(c->sim, c->params, c->len);
}

static u32 gsim_c_bootload(struct gsim_call *c)
{
	return gsim_vgpu_bootload(c->sim, c->params, c->len);
}

static u32 gsim_c_shutdown(struct gsim_call *c)
{
	return gsim_vgpu_shutdown(c->sim, (u32)gsim_c_get(c, NOVA_VGPU_SHUTDOWN_GFID));
}

static u32 gsim_c_cleanup(struct gsim_call *c)
{
	return gsim_vgpu_cleanup(c->sim, (u32)gsim_c_get(c, NOVA_VGPU_CLEANUP_GFID));
}

/*
 * Records the control's effect, to be executed before its reply. A vGPU's RPCs reach only
 * its own channel groups; the host's reach all.
 */
static u32 gsim_tsg_act(struct gsim_call *c, enum gsim_act_kind kind)
{
	if (!c->obj->tsg)
		return NV_ERR_INVALID_STATE;
	if (c->out->gfid && c->out->gfid != c->obj->gfid)
		return gsim_reject(c->sim, NV_ERR_INSUFFICIENT_PERMISSIONS,
				   "channel group of gfid %u: control of gfid %u", c->obj->gfid,
				   c->out->gfid);
	c->out->act = gsim_act_new(c->sim, kind, c->obj->tsg);
	return c->out->act ? NV_OK : NV_ERR_INSUFFICIENT_RESOURCES;
}

/* Only the plain form: the two flags that skip half of it are not modelled. */
static u32 gsim_c_schedule(struct gsim_call *c)
{
	u8 enable = c->params[NOVA_WIRE_TSG_SCHEDULE_ENABLE];
	u32 i;

	if (enable > 1)
		return NV_ERR_INVALID_ARGUMENT;
	for (i = 1; i < c->len; i++)
		if (c->params[i])
			return NV_ERR_NOT_SUPPORTED;
	return gsim_tsg_act(c, enable ? GSIM_ACT_ON : GSIM_ACT_OFF);
}

static u32 gsim_c_set_timeslice(struct gsim_call *c)
{
	u64 us = gsim_c_get(c, NOVA_TSG_TIMESLICE_TIMESLICE_US);
	u32 status;

	if (!us || us > GSIM_TSG_TIMESLICE_US_MAX)
		return NV_ERR_INVALID_ARGUMENT;
	status = gsim_tsg_act(c, GSIM_ACT_SLICE);
	if (status)
		return status;
	c->out->act->value = us * 1000;
	c->obj->timeslice_us = us;
	return NV_OK;
}

static u32 gsim_c_get_timeslice(struct gsim_call *c)
{
	gsim_c_put(c, NOVA_TSG_TIMESLICE_TIMESLICE_US, c->obj->timeslice_us);
	return NV_OK;
}

static u32 gsim_c_preempt(struct gsim_call *c)
{
	u64 us = GSIM_PREEMPT_US_MAX;
	u32 status;

	if (gsim_c_get(c, NOVA_TSG_PREEMPT_MANUAL_TIMEOUT))
		us = gsim_c_get(c, NOVA_TSG_PREEMPT_TIMEOUT_US);
	if (us > GSIM_PREEMPT_US_MAX)
		return NV_ERR_INVALID_ARGUMENT;
	status = gsim_tsg_act(c, GSIM_ACT_PREEMPT);
	if (status)
		return status;
	c->out->act->out = c->out;
	c->out->act->wait = gsim_c_get(c, NOVA_TSG_PREEMPT_WAIT);
	c->out->act->value = us * 1000;
	return NV_OK;
}

static u32 gsim_c_token(struct gsim_call *c)
{
	if (!c->obj->channel)
		return NV_ERR_INVALID_STATE;
	put_unaligned_le32(gsim_channel_token(c->obj->channel), c->params);
	return NV_OK;
}

static const struct {
	u32 cmd;
	enum nova_msg params;
	u32 bytes;	/* where no table has them */
	u32 (*fn)(struct gsim_call *c);
} gsim_controls[] = {
	{ GSIM_CTRL_GSP_GET_FEATURES, NOVA_MSG_GSP_FEATURES, 0, gsim_c_features },
	{ GSIM_CTRL_OBJSCHED_GET_STATE, NOVA_MSG_OBJSCHED_GET_STATE, 0, gsim_c_get_state },
	{ GSIM_CTRL_OBJSCHED_SET_STATE, NOVA_MSG_OBJSCHED_SET_STATE, 0, gsim_c_set_state },
	{ GSIM_CTRL_OBJSCHED_GET_CAPS, NOVA_MSG_OBJSCHED_GET_CAPS, 0, gsim_c_get_caps },
	{ GSIM_CTRL_BOOTLOAD, NOVA_MSG_BOOTLOAD, 0, gsim_c_bootload },
	{ GSIM_CTRL_SHUTDOWN, NOVA_MSG_VGPU_SHUTDOWN, 0, gsim_c_shutdown },
	{ GSIM_CTRL_ADD_VGPU_TYPE, NOVA_MSG_ADD_VGPU_TYPE, 0, gsim_c_add_vgpu_type },
	{ GSIM_CTRL_CLEANUP, NOVA_MSG_VGPU_CLEANUP, 0, gsim_c_cleanup },
	{ NOVA_WIRE_TSG_SET_TIMESLICE, NOVA_MSG_TSG_TIMESLICE, 0, gsim_c_set_timeslice },
	{ GSIM_CTRL_TSG_GET_TIMESLICE, NOVA_MSG_TSG_TIMESLICE, 0, gsim_c_get_timeslice },
	{ NOVA_WIRE_TSG_PREEMPT, NOVA_MSG_TSG_PREEMPT, 0, gsim_c_preempt },
	{ NOVA_WIRE_TSG_SCHEDULE, 0, NOVA_WIRE_TSG_SCHEDULE_BYTES, gsim_c_schedule },
	{ NOVA_WIRE_CHANNEL_TOKEN, 0, NOVA_WIRE_CHANNEL_TOKEN_BYTES, gsim_c_token },
};

u32 gsim_control(struct gsim *sim, struct gsim_object *obj, u32 cmd, u8 *params, u32 len,
		 struct gsim_out *out)
{
	struct gsim_call c = { sim, obj, params, len, out };
	u32 i, size;

	for (i = 0; i < ARRAY_SIZE(gsim_controls); i++)
		if (gsim_controls[i].cmd == cmd)
			break;
	if (i == ARRAY_SIZE(gsim_controls))
		return nova_ctrl_name(cmd) ? NV_ERR_NOT_SUPPORTED : NV_ERR_INVALID_COMMAND;
	/*
	 * The upper half of a command is the class that takes it. Channels also take commands of
	 * the class that they derive from.
	 */
	if (obj->class != cmd >> 16 &&
	    !(obj->channel && cmd >> 16 == NOVA_WIRE_CHANNEL_TOKEN >> 16))
		return NV_ERR_INVALID_COMMAND;
	size = gsim_controls[i].bytes;
	if (!size)
		size = nova_msg_size(sim->abi, gsim_controls[i].params);
	if (!size)
		return NV_ERR_NOT_SUPPORTED;
	if (len != size)
		return gsim_reject(sim, NV_ERR_INVALID_PARAM_STRUCT,
				   "control 0x%08x: parameters of %u bytes, release %s has %u", cmd,
				   len, sim->abi->release, size);
	return gsim_controls[i].fn(&c);
}
