// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM controls: which class of object takes a command, how long its parameters
 * are in this release, and what it does.
 */
#include "internal.h"

#define NSIM_CTRL_GSP_GET_FEATURES	0x20803601
#define NSIM_CTRL_OBJSCHED_GET_STATE	0x20801120
#define NSIM_CTRL_OBJSCHED_SET_STATE	0x20801121
#define NSIM_CTRL_OBJSCHED_GET_CAPS	0x20801122
#define NSIM_CTRL_BOOTLOAD		0x20804001
#define NSIM_CTRL_SHUTDOWN		0x20804002
#define NSIM_CTRL_ADD_VGPU_TYPE		0x20804003
#define NSIM_CTRL_CLEANUP		0x20804008
#define NSIM_CTRL_TSG_GET_TIMESLICE	0xa06c0104

/* Policies: best effort, equal share, fixed share */
#define NSIM_POLICY_FIRST		NSIM_POLICY_BEST_EFFORT
#define NSIM_POLICY_LAST		4
#define NSIM_ARR_DISABLE		1
#define NSIM_ARR_ENABLE			2
#define NSIM_TIMESLICE_NS_MIN		1000000
#define NSIM_TIMESLICE_NS_MAX		30000000
#define NSIM_ARR_FACTOR_MIN		1
#define NSIM_ARR_FACTOR_MAX		60
#define NSIM_ARR_FREQUENCY_MIN		63
#define NSIM_ARR_FREQUENCY_MAX		960
#define NSIM_PREEMPT_US_MAX		1000000
#define NSIM_TSG_TIMESLICE_US_MAX	4194303

struct nsim_call {
	struct nsim *sim;
	struct nsim_object *obj;
	u8 *params;
	u32 len;
	struct nsim_out *out;
};

static u32 nsim_c_features(struct nsim_call *c)
{
	memset(c->params, 0, c->len);
	nsim_put(c->sim, NOVA_GSP_FEATURES_FEATURES, c->params, c->len, 1);
	nsim_put(c->sim, NOVA_GSP_FEATURES_VALID, c->params, c->len, 1);
	nsim_put(c->sim, NOVA_GSP_FEATURES_DEFAULT_GSP_RM_GPU, c->params, c->len, 1);
	nsim_put_text(c->sim, NOVA_GSP_FEATURES_FIRMWARE_VERSION, c->params, c->len,
		      c->sim->fwversion);
	return NV_OK;
}

static u32 nsim_c_get_state(struct nsim_call *c)
{
	struct nsim_fw *fw = &c->sim->fw;

	nsim_put(c->sim, NOVA_OBJSCHED_GET_STATE_SCHED_POLICY, c->params, c->len,
		 fw->objsched_policy);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_STATE_ARR_ENABLED, c->params, c->len, fw->objsched_arr);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_STATE_TARGET_TIMESLICE_NS, c->params, c->len,
		 fw->objsched_timeslice_ns);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_STATE_ARR_AVG_FACTOR, c->params, c->len,
		 fw->objsched_arr_factor);
	return NV_OK;
}

static u32 nsim_c_set_state(struct nsim_call *c)
{
	u64 policy = nsim_get(c->sim, NOVA_OBJSCHED_SET_STATE_SCHED_POLICY, c->params, c->len);
	u64 arr = nsim_get(c->sim, NOVA_OBJSCHED_SET_STATE_ENABLE_ARR, c->params, c->len);
	u64 slice =
		nsim_get(c->sim, NOVA_OBJSCHED_SET_STATE_TIMESLICE_TARGET_NS, c->params, c->len);
	u64 freq = nsim_get(c->sim, NOVA_OBJSCHED_SET_STATE_FREQUENCY_FOR_ARR, c->params, c->len);
	u64 factor =
		nsim_get(c->sim, NOVA_OBJSCHED_SET_STATE_AVG_FACTOR_FOR_ARR, c->params, c->len);
	struct nsim_fw *fw = &c->sim->fw;

	if (policy < NSIM_POLICY_FIRST || policy > NSIM_POLICY_LAST || arr > NSIM_ARR_ENABLE)
		return NV_ERR_INVALID_ARGUMENT;
	if (slice && (slice < NSIM_TIMESLICE_NS_MIN || slice > NSIM_TIMESLICE_NS_MAX))
		return NV_ERR_INVALID_ARGUMENT;
	if (arr != NSIM_ARR_DISABLE &&
	    (factor > NSIM_ARR_FACTOR_MAX ||
	     (freq && (freq < NSIM_ARR_FREQUENCY_MIN || freq > NSIM_ARR_FREQUENCY_MAX))))
		return NV_ERR_INVALID_ARGUMENT;
	fw->objsched_policy = (u32)policy;
	fw->objsched_arr = arr == NSIM_ARR_DISABLE ? NSIM_ARR_DISABLE : NSIM_ARR_ENABLE;
	fw->objsched_arr_factor = arr == NSIM_ARR_DISABLE ? 0 : (u32)factor;
	if (slice)
		fw->objsched_timeslice_ns = (u32)slice;
	return NV_OK;
}

static u32 nsim_c_get_caps(struct nsim_call *c)
{
	size_t size;
	u8 *policies = nova_field_ptr(c->sim->abi, NOVA_OBJSCHED_GET_CAPS_SUPPORTED_SCHEDULERS,
				      c->params, c->len, &size);
	u32 i;

	for (i = 0; policies && NSIM_POLICY_FIRST + i <= NSIM_POLICY_LAST && 4 * i + 4 <= size; i++)
		put_unaligned_le32(NSIM_POLICY_FIRST + i, policies + 4 * i);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_IS_ARR_MODE_SUPPORTED, c->params, c->len, 1);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_MAX_TIMESLICE_NS, c->params, c->len,
		 NSIM_TIMESLICE_NS_MAX);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_MIN_TIMESLICE_NS, c->params, c->len,
		 NSIM_TIMESLICE_NS_MIN);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_MAX_FREQUENCY_FOR_ARR, c->params, c->len,
		 NSIM_ARR_FREQUENCY_MAX);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_MIN_FREQUENCY_FOR_ARR, c->params, c->len,
		 NSIM_ARR_FREQUENCY_MIN);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_MAX_AVG_FACTOR_FOR_ARR, c->params, c->len,
		 NSIM_ARR_FACTOR_MAX);
	nsim_put(c->sim, NOVA_OBJSCHED_GET_CAPS_MIN_AVG_FACTOR_FOR_ARR, c->params, c->len,
		 NSIM_ARR_FACTOR_MIN);
	return NV_OK;
}

static u32 nsim_c_add_vgpu_type(struct nsim_call *c)
{
	return nsim_vgpu_add_types(c->sim, c->params, c->len);
}

static u32 nsim_c_bootload(struct nsim_call *c)
{
	return nsim_vgpu_bootload(c->sim, c->params, c->len);
}

static u32 nsim_c_shutdown(struct nsim_call *c)
{
	return nsim_vgpu_shutdown(c->sim, (u32)nsim_get(c->sim, NOVA_VGPU_SHUTDOWN_GFID,
							c->params, c->len));
}

static u32 nsim_c_cleanup(struct nsim_call *c)
{
	return nsim_vgpu_cleanup(c->sim, (u32)nsim_get(c->sim, NOVA_VGPU_CLEANUP_GFID,
						       c->params, c->len));
}

/*
 * What the control will do once it is executed, with its reply. A vGPU's calls reach
 * only its own channel groups; the host's reach all.
 */
static u32 nsim_tsg_act(struct nsim_call *c, enum nsim_act_kind kind)
{
	if (!c->obj->tsg)
		return NV_ERR_INVALID_STATE;
	if (c->out->gfid && c->out->gfid != c->obj->gfid) {
		nsim_refuse(c->sim, "channel group of gfid %u: control of gfid %u", c->obj->gfid,
			    c->out->gfid);
		return NV_ERR_INSUFFICIENT_PERMISSIONS;
	}
	c->out->act = nsim_act_new(c->sim, kind, c->obj->tsg);
	return c->out->act ? NV_OK : NV_ERR_INSUFFICIENT_RESOURCES;
}

/* Only the plain form: the two flags that skip half of it are not modelled. */
static u32 nsim_c_schedule(struct nsim_call *c)
{
	u8 enable = c->params[NOVA_WIRE_TSG_SCHEDULE_ENABLE];
	u32 i;

	if (enable > 1)
		return NV_ERR_INVALID_ARGUMENT;
	for (i = 1; i < c->len; i++)
		if (c->params[i])
			return NV_ERR_NOT_SUPPORTED;
	return nsim_tsg_act(c, enable ? NSIM_ACT_ON : NSIM_ACT_OFF);
}

static u32 nsim_c_set_timeslice(struct nsim_call *c)
{
	u64 us = nsim_get(c->sim, NOVA_TSG_TIMESLICE_TIMESLICE_US, c->params, c->len);
	u32 status;

	if (!us || us > NSIM_TSG_TIMESLICE_US_MAX)
		return NV_ERR_INVALID_ARGUMENT;
	status = nsim_tsg_act(c, NSIM_ACT_SLICE);
	if (status)
		return status;
	c->out->act->value = us * 1000;
	c->obj->timeslice_us = us;
	return NV_OK;
}

static u32 nsim_c_get_timeslice(struct nsim_call *c)
{
	nsim_put(c->sim, NOVA_TSG_TIMESLICE_TIMESLICE_US, c->params, c->len, c->obj->timeslice_us);
	return NV_OK;
}

static u32 nsim_c_preempt(struct nsim_call *c)
{
	u64 us = NSIM_PREEMPT_US_MAX;
	u32 status;

	if (nsim_get(c->sim, NOVA_TSG_PREEMPT_MANUAL_TIMEOUT, c->params, c->len))
		us = nsim_get(c->sim, NOVA_TSG_PREEMPT_TIMEOUT_US, c->params, c->len);
	if (us > NSIM_PREEMPT_US_MAX)
		return NV_ERR_INVALID_ARGUMENT;
	status = nsim_tsg_act(c, NSIM_ACT_PREEMPT);
	if (status)
		return status;
	c->out->act->out = c->out;
	c->out->act->wait = nsim_get(c->sim, NOVA_TSG_PREEMPT_WAIT, c->params, c->len);
	c->out->act->value = us * 1000;
	return NV_OK;
}

static u32 nsim_c_token(struct nsim_call *c)
{
	if (!c->obj->channel)
		return NV_ERR_INVALID_STATE;
	put_unaligned_le32(nsim_channel_token(c->obj->channel), c->params);
	return NV_OK;
}

static const struct {
	u32 cmd;
	enum nova_msg params;
	u32 bytes;	/* where no table has them */
	u32 (*fn)(struct nsim_call *c);
} nsim_controls[] = {
	{ NSIM_CTRL_GSP_GET_FEATURES, NOVA_MSG_GSP_FEATURES, 0, nsim_c_features },
	{ NSIM_CTRL_OBJSCHED_GET_STATE, NOVA_MSG_OBJSCHED_GET_STATE, 0, nsim_c_get_state },
	{ NSIM_CTRL_OBJSCHED_SET_STATE, NOVA_MSG_OBJSCHED_SET_STATE, 0, nsim_c_set_state },
	{ NSIM_CTRL_OBJSCHED_GET_CAPS, NOVA_MSG_OBJSCHED_GET_CAPS, 0, nsim_c_get_caps },
	{ NSIM_CTRL_BOOTLOAD, NOVA_MSG_BOOTLOAD, 0, nsim_c_bootload },
	{ NSIM_CTRL_SHUTDOWN, NOVA_MSG_VGPU_SHUTDOWN, 0, nsim_c_shutdown },
	{ NSIM_CTRL_ADD_VGPU_TYPE, NOVA_MSG_ADD_VGPU_TYPE, 0, nsim_c_add_vgpu_type },
	{ NSIM_CTRL_CLEANUP, NOVA_MSG_VGPU_CLEANUP, 0, nsim_c_cleanup },
	{ NOVA_WIRE_TSG_SET_TIMESLICE, NOVA_MSG_TSG_TIMESLICE, 0, nsim_c_set_timeslice },
	{ NSIM_CTRL_TSG_GET_TIMESLICE, NOVA_MSG_TSG_TIMESLICE, 0, nsim_c_get_timeslice },
	{ NOVA_WIRE_TSG_PREEMPT, NOVA_MSG_TSG_PREEMPT, 0, nsim_c_preempt },
	{ NOVA_WIRE_TSG_SCHEDULE, 0, NOVA_WIRE_TSG_SCHEDULE_BYTES, nsim_c_schedule },
	{ NOVA_WIRE_CHANNEL_TOKEN, 0, NOVA_WIRE_CHANNEL_TOKEN_BYTES, nsim_c_token },
};

u32 nsim_control(struct nsim *sim, struct nsim_object *obj, u32 cmd, u8 *params, u32 len,
		 struct nsim_out *out)
{
	struct nsim_call c = { sim, obj, params, len, out };
	u32 i, size;

	for (i = 0; i < ARRAY_SIZE(nsim_controls); i++)
		if (nsim_controls[i].cmd == cmd)
			break;
	if (i == ARRAY_SIZE(nsim_controls))
		return nova_ctrl_name(cmd) ? NV_ERR_NOT_SUPPORTED : NV_ERR_INVALID_COMMAND;
	/*
	 * The upper half of a command is the class of the object that takes it. Channels
	 * take those of the class that they descend from, too.
	 */
	if (obj->class != cmd >> 16 &&
	    !(obj->channel && cmd >> 16 == NOVA_WIRE_CHANNEL_TOKEN >> 16))
		return NV_ERR_INVALID_COMMAND;
	size = nsim_controls[i].bytes;
	if (!size)
		size = nova_msg_size(sim->abi, nsim_controls[i].params);
	if (!size)
		return NV_ERR_NOT_SUPPORTED;
	if (len != size) {
		nsim_refuse(sim, "control 0x%08x: parameters of %u bytes, release %s has %u", cmd,
			    len, sim->abi->release, size);
		return NV_ERR_INVALID_PARAM_STRUCT;
	}
	return nsim_controls[i].fn(&c);
}
