// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the hooks around every RPC and event, in order of priority. A request is checked
 * (verdict.c), traced and recorded when the hook makes it, and applied when the core
 * handles the RPC next. Hooks run under RCU, without a lock of the core.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rculist.h>
#include "../gsp.h"
#include "hook.h"
#include "list.h"
#include "payload.h"
#include <trace/events/novabpf_gsp.h>

/*
 * One pass over the hooks. Kfuncs get its first member from the operation that
 * runs, and only from there.
 */
struct hook_run {
	struct nova_rpc_ctx ctx;
	struct nova_gsp *gsp;
	struct nova_hook *hook;
	struct nova_hook_requests *reqs;
	void *payload;
	bool answered;
};

static struct hook_run *hook_run_of(struct nova_rpc_ctx *ctx)
{
	return container_of(ctx, struct hook_run, ctx);
}

static u32 hook_release_index(const struct nova_gsp *gsp)
{
	return gsp->abi - nova_abi_at(0);
}

static void hook_count(struct nova_hook *hook, const struct nova_verdict *v)
{
	switch (v->applied) {
	case NOVA_RPC_APPLIED:
		atomic64_inc(&hook->applied);
		break;
	case NOVA_RPC_CLIPPED:
		atomic64_inc(&hook->clipped);
		break;
	case NOVA_RPC_REFUSED_PHASE:
	case NOVA_RPC_REFUSED_ARG:
	case NOVA_RPC_REFUSED_FLAG:
		atomic64_inc(&hook->refused);
		break;
	default:
		atomic64_inc(&hook->suppressed);
	}
}

static int hook_verdict_errno(u32 applied)
{
	switch (applied) {
	case NOVA_RPC_APPLIED:
	case NOVA_RPC_CLIPPED:
		return 0;
	case NOVA_RPC_REFUSED_FLAG:
	case NOVA_RPC_SUPPRESSED_OFF:
		return -EPERM;
	case NOVA_RPC_SUPPRESSED_BUDGET:
		return -EDQUOT;
	case NOVA_RPC_SUPPRESSED_EXPIRED:
		return -ETIME;
	case NOVA_RPC_SUPPRESSED_ENDED:
		return -EALREADY;
	default:
		return -EINVAL;
	}
}

/*
 * Checks a request. The budget is taken at once: two hooks of one struct may run
 * on two CPUs. Return: as nova_verdict_check().
 */
static bool hook_check(struct hook_run *r, struct nova_verdict *v)
{
	struct nova_hook *hook = r->hook;
	const struct nova_rpc_ops *ops = hook->ops;
	bool injects = nova_verdict_injects(v->asked);
	struct nova_verdict_env env = {
		.phase = r->ctx.phase,
		.may_inject = ops->flags & NOVA_RPC_F_INJECT,
		.allowed = nova_hook_injection_allowed(),
		.expired = r->ctx.now_ns >= hook->expires_ns,
		.ended = r->reqs->ended,
		.answered = r->answered,
		.budget = 1,
		.len = r->ctx.len,
		.throttled_ns = r->reqs->throttle_ns,
	};
	bool taken = injects && atomic_add_unless(&hook->budget, -1, 0);
	bool go;

	if (injects && !taken)
		env.budget = 0;
	go = nova_verdict_check(v, &env);
	if (taken && !go)
		atomic_inc(&hook->budget);
	return go;
}

static void hook_report(struct hook_run *r, const struct nova_verdict *v)
{
	hook_count(r->hook, v);
	trace_gsp_rpc_verdict(&r->ctx, r->hook->ops->name, v);
}

static void hook_record(struct hook_run *r, const struct nova_verdict *v)
{
	struct nova_hook_requests *reqs = r->reqs;

	switch (v->asked) {
	case NOVA_RPC_DENY:
	case NOVA_RPC_FAIL:
	case NOVA_RPC_ERROR:
	case NOVA_RPC_DROP:
		reqs->ended = v->asked;
		reqs->code = v->done;
		break;
	case NOVA_RPC_THROTTLE:
		reqs->throttle_ns += v->done;
		break;
	case NOVA_RPC_DELAY:
		reqs->delay_ns += v->done;
		break;
	case NOVA_RPC_HOLD:
		reqs->held.hook = r->hook->id;
		reqs->held.rule = v->rule;
		reqs->hold_ns = max(reqs->hold_ns, v->done);
		break;
	case NOVA_RPC_DUPLICATE:
		reqs->duplicate = true;
		break;
	case NOVA_RPC_REORDER:
		reqs->reorder = v->done;
		break;
	case NOVA_RPC_TRUNCATE:
		r->ctx.len = v->done;
		break;
	}
}

s32 nova_hook_act(struct nova_rpc_ctx *ctx, u32 rule, u32 action, u64 arg)
{
	struct hook_run *r = hook_run_of(ctx);
	struct nova_verdict v = { .rule = rule, .asked = action, .arg = arg };

	/* These have kfuncs and a return value of their own. */
	if (action == NOVA_RPC_DENY || action == NOVA_RPC_REWRITE ||
	    action == NOVA_RPC_SEND_EVENT || action == NOVA_RPC_PASS)
		return -EINVAL;
	if (hook_check(r, &v))
		hook_record(r, &v);
	hook_report(r, &v);
	return hook_verdict_errno(v.applied);
}

s32 nova_hook_field(struct nova_rpc_ctx *ctx, u32 field, u64 *val)
{
	struct hook_run *r = hook_run_of(ctx);

	return nova_payload_get(r->gsp->abi, ctx->op, ctx->cmd, field, r->payload, ctx->len, val);
}

s32 nova_hook_put_field(struct nova_rpc_ctx *ctx, u32 rule, u32 field, u64 val)
{
	struct hook_run *r = hook_run_of(ctx);
	struct nova_verdict v = { .rule = rule, .asked = NOVA_RPC_REWRITE, .arg = field };
	int err = 0;

	if (hook_check(r, &v))
		err = nova_payload_put(r->gsp->abi, ctx->op, ctx->cmd, field, r->payload,
				       ctx->len, val);
	if (err) {
		v.applied = NOVA_RPC_REFUSED_ARG;
		atomic_inc(&r->hook->budget);
	}
	hook_report(r, &v);
	return err ?: hook_verdict_errno(v.applied);
}

static bool hook_in_payload(const struct nova_rpc_ctx *ctx, u32 off, u32 size)
{
	return size <= NOVA_RPC_CHUNK_MAX && off <= ctx->len && size <= ctx->len - off;
}

s32 nova_hook_read(struct nova_rpc_ctx *ctx, u32 off, void *buf, u32 size)
{
	if (!hook_in_payload(ctx, off, size))
		return -EMSGSIZE;
	memcpy(buf, hook_run_of(ctx)->payload + off, size);
	return 0;
}

s32 nova_hook_write(struct nova_rpc_ctx *ctx, u32 rule, u32 off, const void *buf, u32 size)
{
	struct hook_run *r = hook_run_of(ctx);
	struct nova_verdict v = { .rule = rule, .asked = NOVA_RPC_REWRITE, .arg = off };

	if (!hook_in_payload(ctx, off, size))
		return -EMSGSIZE;
	if (hook_check(r, &v))
		memcpy(r->payload + off, buf, size);
	hook_report(r, &v);
	return hook_verdict_errno(v.applied);
}

s32 nova_hook_send_event(struct nova_rpc_ctx *ctx, u32 rule, u32 op, const void *buf, u32 size)
{
	struct hook_run *r = hook_run_of(ctx);
	struct nova_verdict v = { .rule = rule, .asked = NOVA_RPC_SEND_EVENT, .arg = op };
	u32 function = nova_op_number(r->gsp->abi, op);
	struct nova_gsp_event ev = {
		.release = r->gsp->abi->release,
		.gpu_id = ctx->gpu_id,
		.gfid = ctx->gfid,
		.op = op,
		.function = function,
		.len = size,
		.payload = buf,
	};
	int err = 0;

	if (function < NOVA_RPC_EVENT_FIRST || size > NOVA_RPC_CHUNK_MAX)
		return -EINVAL;
	if (hook_check(r, &v)) {
		err = nova_held_event(r->gsp, &ev, NULL, 0);
		if (err)
			v.applied = NOVA_RPC_SUPPRESSED_BUDGET;
	}
	hook_report(r, &v);
	return err ?: hook_verdict_errno(v.applied);
}

s32 nova_hook_release(struct nova_rpc_ctx *ctx, u32 rule)
{
	struct hook_run *r = hook_run_of(ctx);

	return nova_held_release(r->gsp, r->hook->id, false, rule);
}

static s32 hook_call_op(const struct nova_rpc_ops *ops, struct nova_rpc_ctx *ctx)
{
	s32 (*fn)(struct nova_rpc_ctx *ctx) = NULL;

	switch (ctx->phase) {
	case NOVA_RPC_SUBMIT:
		fn = ops->submit;
		break;
	case NOVA_RPC_REPLY:
		fn = ops->reply;
		break;
	case NOVA_RPC_EVENT:
		fn = ops->event;
		break;
	}
	return fn ? fn(ctx) : 0;
}

static void hook_run_all(struct hook_run *r)
{
	struct nova_hook *hook;
	s32 ret;

	rcu_read_lock();
	list_for_each_entry_rcu(hook, &r->gsp->hooks.list, node) {
		struct nova_verdict v = { .asked = NOVA_RPC_DENY };

		if ((hook->ops->flags & NOVA_RPC_F_GFID) && hook->ops->gfid != r->ctx.gfid)
			continue;
		r->hook = hook;
		atomic64_inc(&hook->calls);
		ret = hook_call_op(hook->ops, &r->ctx);
		if (!ret)
			continue;
		/* Anything but an errno is no legal argument. */
		v.arg = ret < 0 ? -(s64)ret : U64_MAX;
		if (hook_check(r, &v))
			hook_record(r, &v);
		hook_report(r, &v);
	}
	rcu_read_unlock();
	r->reqs->len = r->ctx.len;
}

static void hook_fill_rpc(struct hook_run *r, const struct nova_rpc *rpc)
{
	struct nova_rpc_ctx *ctx = &r->ctx;

	ctx->gpu_id = rpc->gpu_id;
	ctx->gfid = rpc->gfid;
	ctx->id = rpc->id;
	ctx->op = rpc->op;
	ctx->function = rpc->function;
	ctx->cmd = rpc->cmd;
	ctx->pid = rpc->pid;
	ctx->flags = rpc->flags & NOVA_RPC_URGENT ? NOVA_RPC_C_SCHED : 0;
	ctx->calls_out = READ_ONCE(r->gsp->inflight.live);
	ctx->release = hook_release_index(r->gsp);
	ctx->now_ns = nova_now_ns(r->gsp->gpu);
	strscpy(ctx->comm, rpc->comm, sizeof(ctx->comm));
}

int nova_hook_submit(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	struct hook_run r = {
		.ctx.phase = NOVA_RPC_SUBMIT,
		.ctx.len = rpc->len,
		.gsp = gsp,
		.reqs = &rpc->hook_reqs,
		.payload = rpc->req,
	};

	hook_fill_rpc(&r, rpc);
	r.ctx.submit_ns = r.ctx.now_ns;
	hook_run_all(&r);
	rpc->len = rpc->hook_reqs.len;
	return rpc->hook_reqs.ended == NOVA_RPC_DENY ? -(int)rpc->hook_reqs.code : 0;
}

/* The caller sees it as if RM had said so. */
static void hook_set_status(struct nova_gsp *gsp, struct nova_rpc *rpc, u32 status)
{
	enum nova_field f = nova_status_field(rpc->op);

	if (!f) {
		rpc->result = status;
		return;
	}
	rpc->status = status;
	nova_field_put(gsp->abi, f, rpc->reply, min(rpc->reply_len, rpc->reply_cap), status);
}

bool nova_hook_apply(struct nova_gsp *gsp, struct nova_rpc *rpc, int *err)
{
	struct nova_hook_requests *reqs = &rpc->hook_reqs;
	u64 now = rpc->submit_ns;

	lockdep_assert_held(&gsp->lock);
	rpc->deadline_ns += reqs->throttle_ns;
	if (reqs->throttle_ns || reqs->delay_ns || reqs->hold_ns || reqs->ended == NOVA_RPC_DROP)
		rpc->held_back = nova_held_of(gsp, reqs, now);
	if (reqs->reorder && nova_hook_injection_allowed()) {
		rpc->send_after = atomic64_read(&gsp->counters[NOVA_COUNT_RPC_SENT]) +
				  reqs->reorder;
		rpc->send_by_ns = now + NOVA_RPC_REORDER_MAX_NS;
	}
	switch (reqs->ended) {
	case NOVA_RPC_FAIL:
		hook_set_status(gsp, rpc, reqs->code);
		*err = 0;
		return true;
	case NOVA_RPC_ERROR:
		*err = -(int)reqs->code;
		return true;
	}
	return false;
}

bool nova_hook_may_send(struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	u64 now;

	if (!rpc->held_back.until_ns && !rpc->send_after)
		return true;
	now = nova_now_ns(gsp->gpu);
	if (now < rpc->held_back.until_ns)
		return false;
	return !rpc->send_after || now >= rpc->send_by_ns ||
	       atomic64_read(&gsp->counters[NOVA_COUNT_RPC_SENT]) >= rpc->send_after;
}

u64 nova_hook_send_at(const struct nova_rpc *rpc)
{
	return max(rpc->held_back.until_ns, rpc->send_after ? rpc->send_by_ns : 0);
}

bool nova_hook_reply(struct nova_gsp *gsp, struct nova_rpc *rpc)
{
	struct nova_hook_requests reqs = {};
	struct hook_run r = {
		.ctx.phase = NOVA_RPC_REPLY,
		.ctx.len = rpc->err ? 0 : min(rpc->reply_len, rpc->reply_cap),
		.ctx.seq = rpc->seq,
		.ctx.result = rpc->result,
		.ctx.status = rpc->status,
		.ctx.err = rpc->err,
		.ctx.submit_ns = rpc->submit_ns,
		.ctx.sent_ns = rpc->sent_ns,
		.ctx.reply_ns = rpc->reply_ns,
		.gsp = gsp,
		.reqs = &reqs,
		.payload = rpc->reply,
		.answered = rpc->fate == NOVA_FATE_ANSWERED,
	};
	u32 len = r.ctx.len;

	hook_fill_rpc(&r, rpc);
	hook_run_all(&r);
	if (reqs.len != len)
		rpc->reply_len = reqs.len;
	/* What was rewritten may have been the status. */
	if (r.answered && nova_rpc_read_status(gsp->abi, rpc)) {
		rpc->err = -EBADMSG;
		rpc->fate = NOVA_FATE_BAD_REPLY;
	}
	switch (reqs.ended) {
	case NOVA_RPC_FAIL:
		hook_set_status(gsp, rpc, reqs.code);
		break;
	case NOVA_RPC_ERROR:
		rpc->err = -(int)reqs.code;
		break;
	}
	if (!reqs.delay_ns && !reqs.hold_ns && reqs.ended != NOVA_RPC_DROP)
		return false;
	return nova_held_reply(gsp, rpc, &reqs, r.ctx.now_ns);
}

u32 nova_hook_event(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	struct nova_hook_requests reqs = {};
	struct hook_run r = {
		.ctx = {
			.gpu_id = ev->gpu_id,
			.gfid = ev->gfid,
			.phase = NOVA_RPC_EVENT,
			.op = ev->op,
			.function = ev->function,
			.len = ev->len,
			.result = ev->result,
			.calls_out = READ_ONCE(gsp->inflight.live),
			.release = hook_release_index(gsp),
			.now_ns = nova_now_ns(gsp->gpu),
		},
		.gsp = gsp,
		.reqs = &reqs,
		/* The worker's private copy of the record. */
		.payload = (void *)ev->payload,
	};

	hook_run_all(&r);
	ev->len = reqs.len;
	if (reqs.ended == NOVA_RPC_DROP)
		return 0;
	if ((reqs.delay_ns || reqs.hold_ns) && !nova_held_event(gsp, ev, &reqs, r.ctx.now_ns))
		return 0;
	return reqs.duplicate ? 2 : 1;
}
