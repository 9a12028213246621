// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of policies: attach, replace, detach, eject.
 *
 * A policy ends once: the first claim wins. From that moment the built-in decides,
 * because nova_policy_of() no longer returns it; that takes no lock and works in any
 * context. The rest (off the runlists, exit(), detaching the link) is done under
 * sched->lock by the worker of an ejection or by the thread that detaches.
 */
#include <linux/err.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include "../base/link.h"
#include "../gsp/gsp.h"
#include "runlist.h"
#include "compat.h"
#include <trace/events/novabpf_sched.h>

static const struct {
	enum nova_exit_kind kind;
	const char *text;
} policy_reasons[] = {
	{ NOVA_EXIT_DETACH, "detached" },
	{ NOVA_EXIT_REPLACE, "replaced by another policy" },
	{ NOVA_EXIT_RESET, "reset by the administrator" },
	{ NOVA_EXIT_GPU_GONE, "the GPU was removed" },
	{ NOVA_EXIT_ERROR_INIT, "init failed" },
	{ NOVA_EXIT_ERROR_BPF, "the policy reported an error" },
	{ NOVA_EXIT_ERROR_STALL, "a runnable vGPU did not run" },
	{ NOVA_EXIT_ERROR_REJECTS, "too many decisions were refused" },
	{ NOVA_EXIT_ERROR_WATCHDOG, "the watchdog did not run" },
	{ NOVA_EXIT_ERROR_SLOW, "its operations took too long" },
};

static const char *policy_exit_reason(enum nova_exit_kind kind)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(policy_reasons); i++)
		if (policy_reasons[i].kind == kind)
			return policy_reasons[i].text;
	return "unknown";
}

static void policy_free(struct kref *ref)
{
	struct nova_policy *p = container_of(ref, struct nova_policy, ref);

	nova_gpu_put(p->gpu);
	kfree(p);
}

/* Return: whether this claim was the first. */
static __printf(5, 0) bool policy_claim(struct nova_policy *p, enum nova_exit_kind kind, s64 code,
					u32 gfid, const char *fmt, va_list args)
{
	struct nova_exit_info *ei = &p->ei;

	if (atomic_cmpxchg(&p->claimed, 0, 1))
		return false;
	ei->gpu_id = p->gpu->id;
	ei->code = ei->code ?: code;
	ei->at_ns = nova_now_ns(p->gpu);
	ei->gfid = gfid;
	strscpy(ei->reason, policy_exit_reason(kind), sizeof(ei->reason));
	vscnprintf(ei->msg, sizeof(ei->msg), fmt, args);
	/* Release pairs with the acquire in policy_end(). */
	smp_store_release(&ei->kind, kind);
	return true;
}

static __printf(3, 4) bool policy_claim_clean(struct nova_policy *p, enum nova_exit_kind kind,
					      const char *fmt, ...)
{
	va_list args;
	bool won;

	va_start(args, fmt);
	won = policy_claim(p, kind, 0, 0, fmt, args);
	va_end(args);
	return won;
}

void nova_policy_eject(struct nova_policy *p, enum nova_exit_kind kind, s64 code, u32 gfid,
		       const char *fmt, ...)
{
	va_list args;
	bool won;

	va_start(args, fmt);
	won = policy_claim(p, kind, code, gfid, fmt, args);
	va_end(args);
	if (!won)
		return;
	nova_sched_count(p->sched, NOVA_SCHED_STAT_EJECTIONS);
	kref_get(&p->ref);
	nova_work_queue(p->gpu->gsp->handlers, &p->work);
}

/* Removes the policy's queues from the runlist; the built-in policy takes over. */
static void policy_leave_runlist(struct nova_runlist *rl, struct nova_policy *p)
{
	unsigned long flags;

	spin_lock_irqsave(&rl->lock, flags);
	if (rl->policy == p) {
		rl->policy = NULL;
		nova_rq_forget_policy(&rl->rq);
		rl->again = true;
		nova_rl_advance(rl, nova_now_ns(rl->sched->gpu));
	}
	spin_unlock_irqrestore(&rl->lock, flags);
}

static void policy_enter_runlist(struct nova_runlist *rl, struct nova_policy *p)
{
	struct nova_rq_vgpu *v;
	unsigned long flags;
	u64 now;
	u32 slot;

	spin_lock_irqsave(&rl->lock, flags);
	now = nova_rl_now(rl);
	rl->now_ns = now;
	rl->policy = p;
	nova_op_time_start(rl);
	nova_rq_forget_policy(&rl->rq);
	for (slot = 0; slot < NOVA_SLOTS_MAX; slot++) {
		v = nova_rq_at(&rl->rq, slot);
		if (v)
			nova_op_vgpu_init(rl, nova_entity_of(v));
	}
	for (v = rl->rq.first; v; v = v->next) {
		nova_entity_of(v)->slow_ns = nova_watch_slow_ns(rl, now);
		nova_op_runnable(rl, nova_entity_of(v));
	}
	nova_watch_arm(rl, now);
	/* The vGPU that has the engine keeps it until the end of its slice. */
	if (rl->phase == NOVA_RL_IDLE && rl->rq.pub.nr_runnable)
		rl->again = true;
	nova_rl_advance(rl, now);
	spin_unlock_irqrestore(&rl->lock, flags);
}

static void policy_take_dump(struct nova_sched *s)
{
	struct seq_buf out;

	if (!s->dump)
		s->dump = kvmalloc(NOVA_DUMP_BYTES, GFP_KERNEL);
	if (!s->dump)
		return;
	seq_buf_init(&out, s->dump, NOVA_DUMP_BYTES - 1);
	nova_sched_dump(s, &out);
	s->dump[min_t(size_t, out.len, NOVA_DUMP_BYTES - 1)] = 0;
}

/* Called after a claim. Only the first call for a policy has an effect. */
static void policy_end(struct nova_sched *s, struct nova_policy *p)
{
	/* The claimer may still be writing its message. */
	u32 i, kind = smp_cond_load_acquire(&p->ei.kind, VAL);
	bool failed = kind >= NOVA_EXIT_ERROR;

	lockdep_assert_held(&s->lock);
	if (p->ended)
		return;
	p->ended = true;
	if (s->policy == p)
		s->state = NOVA_SCHED_DISABLING;
	if (failed)
		policy_take_dump(s);
	for (i = 0; i < s->nr_rl; i++)
		policy_leave_runlist(s->rl[i], p);
	if (p->ops->exit) {
		atomic64_inc(&p->calls[NOVA_SCHED_OP_EXIT]);
		p->ops->exit(&p->ei);
	}
	s->last = p->ei;
	strscpy(s->last_name, p->ops->name, sizeof(s->last_name));
	if (failed)
		trace_policy_eject(p);
	else
		trace_policy_detach(p);
	if (s->policy != p)
		return;
	s->policy = NULL;
	s->state = failed ? NOVA_SCHED_FAULTED : NOVA_SCHED_BUILTIN;
	nova_sched_apply(s);
	if (failed)
		dev_err(&s->gpu->dev, "policy \"%s\" ejected (%s): %s\n", s->last_name,
			p->ei.reason, p->ei.msg);
	else
		dev_info(&s->gpu->dev, "policy \"%s\" ended: %s\n", s->last_name, p->ei.reason);
	sysfs_notify(&s->gpu->dev.kobj, "sched", "state");
	kobject_uevent(&s->gpu->dev.kobj, KOBJ_CHANGE);
}

static void policy_eject_work(struct nova_work *work);
static void policy_eject_work_done(struct nova_work *work);

static struct nova_policy *policy_new(const struct nova_sched_ops *ops, struct bpf_link *link)
{
	struct nova_gpu *gpu = nova_gpu_get(ops->gpu_id);
	struct nova_policy *p;

	if (!gpu)
		return ERR_PTR(-ENODEV);
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p) {
		nova_gpu_put(gpu);
		return ERR_PTR(-ENOMEM);
	}
	kref_init(&p->ref);
	p->ops = ops;
	p->link = link;
	p->gpu = gpu;
	p->sched = gpu->sched;
	nova_work_init(&p->work, gpu, policy_eject_work);
	p->work.release = policy_eject_work_done;
	return p;
}

static int policy_call_init(struct nova_sched *s, struct nova_policy *p)
{
	struct nova_sched_gpu info = {
		.gpu_id = s->gpu->id,
		.nr_runlists = s->nr_rl,
		.slots = s->slots,
		.slice_us = p->ops->slice_us,
		.timeout_ms = nova_policy_timeout_ms(p->ops),
		.now_ns = nova_now_ns(s->gpu),
	};
	int err = 0;

	if (s->nr_rl) {
		info.nr_vgpus = s->rl[0]->rq.pub.nr_vgpus;
		info.slice_us = info.slice_us ?: s->rl[0]->rq.pub.slice_us;
	}
	if (p->ops->init) {
		atomic64_inc(&p->calls[NOVA_SCHED_OP_INIT]);
		err = p->ops->init(&info);
	}
	/* A policy may return any number. The caller needs an errno. */
	return err > 0 || err < -MAX_ERRNO ? -EINVAL : err;
}

/* @p takes over from @old, or from the built-in policy. sched->lock is held. */
static int policy_enable(struct nova_sched *s, struct nova_policy *p, struct nova_policy *old)
{
	u32 i;
	int err;

	if (!old)
		s->state = NOVA_SCHED_ENABLING;
	err = policy_call_init(s, p);
	if (err) {
		p->ei.code = err;
		policy_claim_clean(p, NOVA_EXIT_ERROR_INIT, "init returned %d", err);
		policy_end(s, p);
		if (!old)
			s->state = NOVA_SCHED_FAULTED;
		dev_err(&s->gpu->dev, "policy \"%s\" not attached: %s\n", p->ops->name,
			p->ei.msg);
		return err;
	}
	if (old)
		policy_claim_clean(old, NOVA_EXIT_REPLACE, "by \"%s\"", p->ops->name);
	p->seq = ++s->enable_seq;
	p->attached_ns = nova_now_ns(s->gpu);
	s->policy = p;
	nova_sched_apply(s);
	for (i = 0; i < s->nr_rl; i++)
		policy_enter_runlist(s->rl[i], p);
	s->state = NOVA_SCHED_ENABLED;
	trace_policy_attach(p);
	dev_info(&s->gpu->dev, "policy \"%s\" attached\n", p->ops->name);
	sysfs_notify(&s->gpu->dev.kobj, "sched", "state");
	if (old)
		policy_end(s, old);
	return 0;
}

/*
 * All attachments until their detachment, also of removed GPUs. The caller serialises
 * attach, replace and detach.
 */
static LIST_HEAD(attached);
static DEFINE_MUTEX(attached_lock);

static struct nova_policy *policy_find(const struct nova_sched_ops *ops, bool take)
{
	struct nova_policy *p, *found = NULL;

	mutex_lock(&attached_lock);
	list_for_each_entry(p, &attached, node)
		if (p->ops == ops)
			found = p;
	if (found && take)
		list_del(&found->node);
	mutex_unlock(&attached_lock);
	return found;
}

static void policy_set_listed(struct nova_policy *p, bool listed)
{
	mutex_lock(&attached_lock);
	if (listed)
		list_add(&p->node, &attached);
	else
		list_del(&p->node);
	mutex_unlock(&attached_lock);
}

int nova_policy_attach(const struct nova_sched_ops *ops, struct bpf_link *link)
{
	struct nova_policy *p = policy_new(ops, link);
	struct nova_sched *s;
	int err = -EBUSY;

	if (IS_ERR(p))
		return PTR_ERR(p);
	s = p->sched;
	mutex_lock(&s->lock);
	if (!s->started)
		err = -ENODEV;
	else if (!s->policy)
		err = policy_enable(s, p, NULL);
	mutex_unlock(&s->lock);
	if (err)
		kref_put(&p->ref, policy_free);
	else
		policy_set_listed(p, true);
	return err;
}

int nova_policy_replace(const struct nova_sched_ops *ops, const struct nova_sched_ops *old_ops,
			struct bpf_link *link)
{
	struct nova_policy *old = policy_find(old_ops, false), *p;
	struct nova_sched *s;
	int err = -ENOLINK;

	if (!old || ops->gpu_id != old_ops->gpu_id)
		return -EINVAL;
	p = policy_new(ops, link);
	if (IS_ERR(p))
		return PTR_ERR(p);
	s = p->sched;
	mutex_lock(&s->lock);
	if (!old->ended && s == old->sched)
		err = policy_enable(s, p, old);
	old->detached = !err;
	mutex_unlock(&s->lock);
	if (err) {
		kref_put(&p->ref, policy_free);
		return err;
	}
	policy_set_listed(p, true);
	policy_set_listed(old, false);
	kref_put(&old->ref, policy_free);
	return 0;
}

void nova_policy_detach(const struct nova_sched_ops *ops)
{
	/*
	 * Unlist the policy first: the same ops may be attached again as soon as the GPU
	 * is free, before the old link is gone.
	 */
	struct nova_policy *p = policy_find(ops, true);
	struct nova_sched *s;

	if (!p)
		return;
	s = p->sched;
	mutex_lock(&s->lock);
	policy_claim_clean(p, NOVA_EXIT_DETACH, "%s", "");
	policy_end(s, p);
	p->detached = true;
	mutex_unlock(&s->lock);
	kref_put(&p->ref, policy_free);
}

/* The link of an ended policy becomes inert. It is valid until its detachment. */
static struct bpf_link *policy_take_link(struct nova_policy *p)
{
	return p->detached ? NULL : nova_link_take(p->link);
}

static void policy_eject_work(struct nova_work *work)
{
	struct nova_policy *p = container_of(work, struct nova_policy, work);
	struct nova_sched *s = p->sched;
	struct bpf_link *link;

	mutex_lock(&s->lock);
	policy_end(s, p);
	link = policy_take_link(p);
	mutex_unlock(&s->lock);
	/* Calls nova_policy_detach(), which takes sched->lock. */
	nova_link_drop(link);
}

static void policy_eject_work_done(struct nova_work *work)
{
	kref_put(&container_of(work, struct nova_policy, work)->ref, policy_free);
}

void nova_policy_reset(struct nova_sched *s, enum nova_exit_kind kind)
{
	struct bpf_link *link = NULL;

	mutex_lock(&s->lock);
	if (s->policy) {
		struct nova_policy *p = s->policy;

		policy_claim_clean(p, kind, "%s", "");
		policy_end(s, p);
		link = policy_take_link(p);
	} else if (s->state == NOVA_SCHED_FAULTED) {
		s->state = NOVA_SCHED_BUILTIN;
		s->last = (struct nova_exit_info) {};
		s->last_name[0] = 0;
	}
	mutex_unlock(&s->lock);
	/* Calls nova_policy_detach(), which takes sched->lock. */
	nova_link_drop(link);
}
