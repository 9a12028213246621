// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line between the scheduler and a policy: every call of an operation, and
 * everything that a policy may ask for while one runs.
 */
#include "runlist.h"

const char * const nova_sop_name[NOVA_SOPS] = {
	[NOVA_SOP_NONE] = "none",
	[NOVA_SOP_INIT] = "init",
	[NOVA_SOP_EXIT] = "exit",
	[NOVA_SOP_ADMIT] = "admit",
	[NOVA_SOP_VGPU_INIT] = "vgpu_init",
	[NOVA_SOP_VGPU_EXIT] = "vgpu_exit",
	[NOVA_SOP_VGPU_CONFIG] = "vgpu_config",
	[NOVA_SOP_RUNNABLE] = "runnable",
	[NOVA_SOP_QUIESCENT] = "quiescent",
	[NOVA_SOP_PICK] = "pick",
	[NOVA_SOP_PREEMPT] = "preempt",
	[NOVA_SOP_STOPPED] = "stopped",
};

/* Runs one operation. An operation does not run inside another one. */
#define call_op(rl, id, member, ...)						\
do {										\
	struct nova_policy *__p = nova_policy_of(rl);				\
										\
	lockdep_assert_held(&(rl)->lock);					\
	if (__p && __p->ops->member) {						\
		atomic64_inc(&__p->calls[id]);					\
		(rl)->op = (id);						\
		__p->ops->member(__VA_ARGS__);					\
		(rl)->op = NOVA_SOP_NONE;					\
	}									\
} while (0)

void nova_op_vgpu_init(struct nova_runlist *rl, struct nova_entity *e)
{
	call_op(rl, NOVA_SOP_VGPU_INIT, vgpu_init, &e->rq.pub);
}

void nova_op_vgpu_exit(struct nova_runlist *rl, struct nova_entity *e)
{
	call_op(rl, NOVA_SOP_VGPU_EXIT, vgpu_exit, &e->rq.pub);
}

void nova_op_vgpu_config(struct nova_runlist *rl, struct nova_entity *e)
{
	call_op(rl, NOVA_SOP_VGPU_CONFIG, vgpu_config, &e->rq.pub);
}

void nova_op_runnable(struct nova_runlist *rl, struct nova_entity *e)
{
	call_op(rl, NOVA_SOP_RUNNABLE, runnable, &rl->rq.pub, &e->rq.pub);
}

void nova_op_quiescent(struct nova_runlist *rl, struct nova_entity *e)
{
	call_op(rl, NOVA_SOP_QUIESCENT, quiescent, &rl->rq.pub, &e->rq.pub);
}

void nova_op_stopped(struct nova_runlist *rl, struct nova_entity *e, u64 ran_ns, u32 reason)
{
	call_op(rl, NOVA_SOP_STOPPED, stopped, &rl->rq.pub, &e->rq.pub, ran_ns, reason);
}

bool nova_op_preempt(struct nova_runlist *rl, struct nova_entity *curr,
		     struct nova_entity *woken)
{
	struct nova_policy *p = nova_policy_of(rl);
	bool yes;

	if (!p || !p->ops->preempt)
		return false;
	atomic64_inc(&p->calls[NOVA_SOP_PREEMPT]);
	rl->op = NOVA_SOP_PREEMPT;
	yes = p->ops->preempt(&rl->rq.pub, &curr->rq.pub, &woken->rq.pub);
	rl->op = NOVA_SOP_NONE;
	return yes;
}

bool nova_op_pick(struct nova_runlist *rl, struct nova_entity *prev)
{
	struct nova_policy *p = nova_policy_of(rl);

	rl->asked = (struct nova_decision) {};
	if (!p || !p->ops->pick)
		return false;
	call_op(rl, NOVA_SOP_PICK, pick, &rl->rq.pub, prev ? &prev->rq.pub : NULL);
	/* It may have ended itself just now. */
	return !atomic_read(&p->claimed);
}

u64 nova_call_now(const struct nova_sched_rl *rl)
{
	return nova_now_ns(nova_runlist_of(rl)->sched->gpu);
}

s32 nova_call_dispatch(struct nova_sched_rl *pub, u32 gfid, u64 slice_ns)
{
	struct nova_runlist *rl = nova_runlist_of(pub);
	struct nova_rq_vgpu *v = nova_rq_find(&rl->rq, gfid);

	if (rl->op != NOVA_SOP_PICK)
		return -EINVAL;
	/* Recorded as asked, whatever it is: the check and the trace are to see it. */
	rl->asked = (struct nova_decision) {
		.kind = NOVA_DECIDE_RUN,
		.gfid = gfid,
		.ns = slice_ns,
	};
	if (!v)
		return -ENOENT;
	if (!v->pub.runnable)
		return -EAGAIN;
	return slice_ns < pub->slice_min_ns || slice_ns > pub->slice_max_ns ? -ERANGE : 0;
}

s32 nova_call_idle(struct nova_sched_rl *pub, u64 ns)
{
	struct nova_runlist *rl = nova_runlist_of(pub);

	if (rl->op != NOVA_SOP_PICK)
		return -EINVAL;
	rl->asked = (struct nova_decision) { .kind = NOVA_DECIDE_IDLE, .ns = ns };
	return 0;
}

void nova_call_kick(struct nova_sched_rl *pub)
{
	struct nova_runlist *rl = nova_runlist_of(pub);

	if (rl->op == NOVA_SOP_NONE)
		return;
	nova_scount(rl->sched, NOVA_SCOUNT_KICKS);
	rl->kick = true;
	rl->again = true;
}

s32 nova_call_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key)
{
	return nova_rq_insert(&nova_runlist_of(rl)->rq, queue, gfid, key);
}

s32 nova_call_queue_remove(struct nova_sched_rl *rl, u32 gfid)
{
	return nova_rq_remove(&nova_runlist_of(rl)->rq, gfid);
}

static struct nova_sched_vgpu *pub_of(struct nova_rq_vgpu *v)
{
	return v ? &v->pub : NULL;
}

struct nova_sched_vgpu *nova_call_queue_first(struct nova_sched_rl *rl, u32 queue)
{
	return pub_of(nova_rq_first(&nova_runlist_of(rl)->rq, queue));
}

u64 nova_call_queue_key(struct nova_sched_rl *rl, u32 queue)
{
	struct nova_rq_vgpu *v = nova_rq_first(&nova_runlist_of(rl)->rq, queue);

	return v ? v->key : 0;
}

struct nova_sched_vgpu *nova_call_vgpu(struct nova_sched_rl *rl, u32 gfid)
{
	return pub_of(nova_rq_find(&nova_runlist_of(rl)->rq, gfid));
}

struct nova_sched_vgpu *nova_call_vgpu_at(struct nova_sched_rl *rl, u32 slot)
{
	return pub_of(nova_rq_at(&nova_runlist_of(rl)->rq, slot));
}

void nova_call_error(struct nova_sched_rl *pub, s64 code, const char *msg)
{
	struct nova_runlist *rl = nova_runlist_of(pub);

	if (rl->policy && rl->op != NOVA_SOP_NONE)
		nova_policy_eject(rl->policy, NOVA_EXIT_ERROR_BPF, code, 0, "%s: %s",
				  nova_sop_name[rl->op], msg);
}
