// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validates a hook's request before it is applied. Checks first whether the action makes
 * sense and then whether it is allowed, so that a wrong rule is reported as wrong even
 * while injection is off.
 */
#include "verdict.h"

/* Bits by enum nova_rpc_phase. */
#define ON_SUBMIT	0x1
#define ON_REPLY	0x2
#define ON_EVENT	0x4
#define ON_ALL		(ON_SUBMIT | ON_REPLY | ON_EVENT)
#define ERRNO_MAX	4095

static const u8 phases[NOVA_RPC_ACTIONS] = {
	[NOVA_RPC_DENY]		= ON_SUBMIT,
	[NOVA_RPC_THROTTLE]	= ON_SUBMIT,
	[NOVA_RPC_FAIL]		= ON_SUBMIT | ON_REPLY,
	[NOVA_RPC_ERROR]	= ON_SUBMIT | ON_REPLY,
	[NOVA_RPC_DROP]		= ON_ALL,
	[NOVA_RPC_DELAY]	= ON_ALL,
	[NOVA_RPC_HOLD]		= ON_ALL,
	[NOVA_RPC_DUPLICATE]	= ON_SUBMIT | ON_EVENT,
	[NOVA_RPC_REORDER]	= ON_SUBMIT,
	[NOVA_RPC_TRUNCATE]	= ON_ALL,
	[NOVA_RPC_REWRITE]	= ON_ALL,
	[NOVA_RPC_SEND_EVENT]	= ON_ALL,
};

bool nova_verdict_injects(u32 action)
{
	return action != NOVA_RPC_DENY && action != NOVA_RPC_THROTTLE;
}

/* Errors that an RPC may end with; see nova_rpc_call(). */
static bool verdict_transport_error(u64 err)
{
	switch (err) {
	case EIO:
	case ENODEV:
	case EBADMSG:
	case ESHUTDOWN:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

static bool verdict_status_known(u64 status)
{
	return status && status <= U32_MAX && strcmp(nova_status_name((u32)status), "?");
}

static bool verdict_bounded(struct nova_verdict *v, u64 most)
{
	v->done = min(v->arg, most);
	return v->arg;
}

/* Checks the argument and clips it to its limit. */
static bool verdict_good_arg(struct nova_verdict *v, const struct nova_verdict_env *env)
{
	v->done = v->arg;
	switch (v->asked) {
	case NOVA_RPC_DENY:
		return v->arg && v->arg <= ERRNO_MAX;
	case NOVA_RPC_THROTTLE:
		return verdict_bounded(v, NOVA_RPC_THROTTLE_MAX_NS -
				       min(env->throttled_ns, NOVA_RPC_THROTTLE_MAX_NS));
	case NOVA_RPC_FAIL:
		return verdict_status_known(v->arg);
	case NOVA_RPC_ERROR:
		return verdict_transport_error(v->arg);
	case NOVA_RPC_DELAY:
		return verdict_bounded(v, NOVA_RPC_DELAY_MAX_NS);
	case NOVA_RPC_HOLD:
		v->done = v->arg ? min(v->arg, NOVA_RPC_DELAY_MAX_NS) : NOVA_RPC_DELAY_MAX_NS;
		return true;
	case NOVA_RPC_REORDER:
		return verdict_bounded(v, NOVA_RPC_REORDER_MAX);
	case NOVA_RPC_TRUNCATE:
		return v->arg < env->len;
	default:
		return true;
	}
}

static u32 verdict_check(struct nova_verdict *v, const struct nova_verdict_env *env)
{
	if (v->asked >= NOVA_RPC_ACTIONS || env->phase >= NOVA_RPC_PHASES ||
	    !(phases[v->asked] >> env->phase & 1))
		return NOVA_RPC_REFUSED_PHASE;
	if (env->phase == NOVA_RPC_REPLY && !env->answered && v->asked != NOVA_RPC_SEND_EVENT)
		return NOVA_RPC_REFUSED_PHASE;
	if (!verdict_good_arg(v, env))
		return NOVA_RPC_REFUSED_ARG;
	if (nova_verdict_injects(v->asked)) {
		if (!env->may_inject)
			return NOVA_RPC_REFUSED_FLAG;
		if (!env->allowed)
			return NOVA_RPC_SUPPRESSED_OFF;
		if (env->expired)
			return NOVA_RPC_SUPPRESSED_EXPIRED;
		if (!env->budget)
			return NOVA_RPC_SUPPRESSED_BUDGET;
	}
	if (env->ended)
		return NOVA_RPC_SUPPRESSED_ENDED;
	/* A hold without a limit gets the longest one as asked. */
	if (v->done != v->arg && !(v->asked == NOVA_RPC_HOLD && !v->arg))
		return NOVA_RPC_CLIPPED;
	return NOVA_RPC_APPLIED;
}

bool nova_verdict_check(struct nova_verdict *v, const struct nova_verdict_env *env)
{
	bool go;

	v->applied = verdict_check(v, env);
	go = v->applied == NOVA_RPC_APPLIED || v->applied == NOVA_RPC_CLIPPED;
	if (!go)
		v->done = 0;
	return go;
}
