// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler of a GPU: its runlists and settings, and adding and deleting vGPUs.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "../gsp/gsp.h"
#include "runlist.h"
#include "compat.h"
#include <trace/events/novabpf_sched.h>

static char *sched_engines = "gr0";
module_param(sched_engines, charp, 0444);
MODULE_PARM_DESC(sched_engines,
		 "Engines scheduled by software, such as gr0,nvenc0; 1 to 4 (default gr0)");

/* NV2080_ENGINE_TYPE */
static const struct {
	const char *name;
	u32 id;
} engines[] = {
	{ "gr0", 0x01 }, { "gr1", 0x02 }, { "gr2", 0x03 }, { "gr3", 0x04 },
	{ "gr4", 0x05 }, { "gr5", 0x06 }, { "gr6", 0x07 }, { "gr7", 0x08 },
	{ "copy0", 0x09 }, { "copy1", 0x0a }, { "copy2", 0x0b }, { "copy3", 0x0c },
	{ "nvdec0", 0x13 }, { "nvdec1", 0x14 },
	{ "nvenc0", 0x1b }, { "nvenc1", 0x1c }, { "nvenc2", 0x1d },
};

const char * const nova_sched_stat_name[NOVA_SCHED_STATS] = {
	[NOVA_SCHED_STAT_DECISIONS] = "decisions",
	[NOVA_SCHED_STAT_REJECTED] = "rejected",
	[NOVA_SCHED_STAT_SWITCHES] = "switches",
	[NOVA_SCHED_STAT_EXTENDS] = "extends",
	[NOVA_SCHED_STAT_PREEMPTS] = "preempts",
	[NOVA_SCHED_STAT_KICKS] = "kicks",
	[NOVA_SCHED_STAT_CAPPED] = "capped",
	[NOVA_SCHED_STAT_STALLS] = "stalls",
	[NOVA_SCHED_STAT_FW_ERRORS] = "firmware_errors",
	[NOVA_SCHED_STAT_RETRIES] = "switch_retries",
	[NOVA_SCHED_STAT_SLOW_OPS] = "slow_operations",
	[NOVA_SCHED_STAT_DOORBELLS] = "doorbells",
	[NOVA_SCHED_STAT_IGNORED] = "events_ignored",
	[NOVA_SCHED_STAT_EJECTIONS] = "ejections",
};

const char * const nova_verdict_name[NOVA_DECISION_VERDICTS] = {
	[NOVA_APPLY] = "apply",
	[NOVA_APPLY_CLIPPED] = "clipped",
	[NOVA_NOOP_BUILTIN] = "builtin",
	[NOVA_NOOP_EMPTY] = "empty",
	[NOVA_REJECT_NONE] = "reject-none",
	[NOVA_REJECT_GFID] = "reject-gfid",
	[NOVA_REJECT_NOT_RUNNABLE] = "reject-not-runnable",
	[NOVA_REJECT_SLICE] = "reject-slice",
	[NOVA_REJECT_IDLE] = "reject-idle",
};

static u32 sched_engine_id(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (!strcmp(engines[i].name, name))
			return engines[i].id;
	return 0;
}

static int sched_add_runlist(struct nova_sched *s, const char *name)
{
	struct nova_gpu *gpu = s->gpu;
	struct nova_runlist *rl;
	u32 id = sched_engine_id(name), i;

	for (i = 0; i < s->nr_rl; i++)
		if (s->rl[i]->rq.pub.engine_id == id)
			id = 0;
	if (!id || s->nr_rl == NOVA_RUNLISTS_MAX) {
		dev_err(gpu->dma_dev,
			"sched_engines: \"%.20s\" is not known, named twice or one too many; want up to %u of gr0-7, copy0-3, nvdec0-1, nvenc0-2\n",
			name, NOVA_RUNLISTS_MAX);
		return -EINVAL;
	}
	rl = kvzalloc(sizeof(*rl), GFP_KERNEL);
	if (!rl)
		return -ENOMEM;
	rl->sched = s;
	strscpy(rl->name, name, sizeof(rl->name));
	spin_lock_init(&rl->lock);
	nova_rq_init(&rl->rq, gpu->id, s->nr_rl, id);
	rl->retry_timer.fn = nova_rl_retry_timer;
	rl->timer.fn = nova_rl_timer;
	rl->cap_timer.fn = nova_rl_cap_timer;
	rl->watchdog.fn = nova_watch_timer;
	gpu->ops->timer_init(gpu->hw, &rl->retry_timer);
	gpu->ops->timer_init(gpu->hw, &rl->timer);
	gpu->ops->timer_init(gpu->hw, &rl->cap_timer);
	gpu->ops->timer_init(gpu->hw, &rl->watchdog);
	s->rl[s->nr_rl++] = rl;
	return 0;
}

/* Runs without runlist locks, because the owner takes locks outside of them. */
static void sched_notify_broken(struct work_struct *work)
{
	struct nova_sched *s = container_of(work, struct nova_sched, broken);
	struct nova_entity *e;
	u32 i, gfid;
	bool tell;

	for (i = 0; i < s->nr_rl; i++) {
		for (gfid = 1; gfid <= NOVA_GFID_MAX; gfid++) {
			spin_lock_irq(&s->rl[i]->lock);
			e = nova_entity_of(nova_rq_find(&s->rl[i]->rq, gfid));
			tell = e && e->rq.broken && !e->told;
			if (tell)
				e->told = true;
			spin_unlock_irq(&s->rl[i]->lock);
			if (tell)
				s->user->gave_up(s->gpu, gfid);
		}
	}
}

int nova_sched_create(struct nova_gpu *gpu, const struct nova_sched_user *user)
{
	struct nova_sched *s = kzalloc(sizeof(*s), GFP_KERNEL);
	char *names, *rest, *name;
	int err = 0;

	names = kstrdup(sched_engines, GFP_KERNEL);
	if (!s || !names) {
		kfree(names);
		kfree(s);
		return -ENOMEM;
	}
	gpu->sched = s;
	s->gpu = gpu;
	s->user = user;
	INIT_WORK(&s->broken, sched_notify_broken);
	mutex_init(&s->lock);
	s->builtin = NOVA_BUILTIN_BEST_EFFORT;
	s->arr = 1;
	s->arr_avg_factor = NOVA_ARR_FACTOR_DEFAULT;
	s->slots = 1;
	rest = names;
	while (!err && (name = strsep(&rest, ",")))
		err = sched_add_runlist(s, name);
	kfree(names);
	if (err)
		nova_sched_destroy(gpu);
	return err;
}

void nova_sched_destroy(struct nova_gpu *gpu)
{
	struct nova_sched *s = gpu->sched;

	if (!s)
		return;
	gpu->sched = NULL;
	while (s->nr_rl)
		kvfree(s->rl[--s->nr_rl]);
	kvfree(s->dump);
	mutex_destroy(&s->lock);
	kfree(s);
}

static u32 sched_slice_us(const struct nova_sched *s)
{
	/* Best effort models the hardware's own order, which has no ARR. */
	bool arr = s->arr && s->builtin != NOVA_BUILTIN_BEST_EFFORT;

	if (s->policy && s->policy->ops->slice_us)
		return s->policy->ops->slice_us;
	if (arr && s->arr_frequency_hz)
		return USEC_PER_SEC / s->arr_frequency_hz;
	if (!arr && s->slice_us)
		return s->slice_us;
	return nova_builtin_slice_us(arr, s->slots);
}

void nova_sched_apply(struct nova_sched *s)
{
	u32 us = sched_slice_us(s), i;

	lockdep_assert_held(&s->lock);
	for (i = 0; i < s->nr_rl; i++) {
		struct nova_runlist *rl = s->rl[i];
		struct nova_sched_rl *pub = &rl->rq.pub;

		spin_lock_irq(&rl->lock);
		pub->slots = s->slots;
		pub->builtin = s->builtin;
		pub->arr = s->arr;
		pub->arr_avg_factor = s->arr_avg_factor;
		pub->slice_us = us;
		spin_unlock_irq(&rl->lock);
	}
}

void nova_sched_start(struct nova_gpu *gpu)
{
	struct nova_sched *s = gpu->sched;
	u32 i;

	mutex_lock(&s->lock);
	if (nova_tsg_prepare(s)) {
		dev_warn(&gpu->dev, "firmware %s has no controls to schedule vGPUs with\n",
			 gpu->gsp->abi->release);
		mutex_unlock(&s->lock);
		return;
	}
	nova_sched_apply(s);
	s->epoch = READ_ONCE(gpu->gsp->recovery.epoch);
	for (i = 0; i < s->nr_rl; i++) {
		spin_lock_irq(&s->rl[i]->lock);
		s->rl[i]->phase = NOVA_RL_IDLE;
		spin_unlock_irq(&s->rl[i]->lock);
	}
	s->started = true;
	mutex_unlock(&s->lock);
}

void nova_sched_pause(struct nova_gpu *gpu)
{
	struct nova_sched *s = gpu->sched;
	u32 i;

	mutex_lock(&s->lock);
	s->started = false;
	mutex_unlock(&s->lock);
	for (i = 0; i < s->nr_rl; i++)
		nova_rl_halt(s->rl[i]);
}

/* On return no timer of @rl runs or is armed. The lock is not held. */
static void sched_cancel_timers(struct nova_gpu *gpu, struct nova_runlist *rl)
{
	const struct nova_hw_ops *ops = gpu->ops;

	ops->timer_cancel(gpu->hw, &rl->retry_timer);
	ops->timer_cancel(gpu->hw, &rl->timer);
	ops->timer_cancel(gpu->hw, &rl->cap_timer);
	ops->timer_cancel(gpu->hw, &rl->watchdog);
}

/* The system sleeps after this wait even if the firmware did not take every vGPU off. */
#define NOVA_HOLD_WAIT_MS	2000

void nova_sched_hold(struct nova_gpu *gpu)
{
	struct nova_sched *s = gpu->sched;
	u32 i, ms;

	for (i = 0; i < s->nr_rl; i++) {
		struct nova_runlist *rl = s->rl[i];

		for (ms = 0; !nova_rl_hold(rl) && ms < NOVA_HOLD_WAIT_MS; ms++)
			nova_gpu_sleep_us(gpu, 1000);
		sched_cancel_timers(gpu, rl);
	}
}

void nova_sched_release(struct nova_gpu *gpu)
{
	struct nova_sched *s = gpu->sched;
	u32 i;

	for (i = 0; i < s->nr_rl; i++)
		nova_rl_release(s->rl[i]);
}

void nova_sched_stop(struct nova_gpu *gpu)
{
	struct nova_sched *s = gpu->sched;
	u32 i;

	mutex_lock(&s->lock);
	s->started = false;
	mutex_unlock(&s->lock);
	nova_policy_reset(s, NOVA_EXIT_GPU_GONE);
	for (i = 0; i < s->nr_rl; i++) {
		struct nova_runlist *rl = s->rl[i];

		/* Later events, such as a late reply, find the runlist dead. */
		nova_rl_halt(rl);
		sched_cancel_timers(gpu, rl);
	}
	cancel_work_sync(&s->broken);
	drain_workqueue(gpu->gsp->handlers);
}

void nova_sched_set_slots(struct nova_gpu *gpu, u32 slots)
{
	struct nova_sched *s = gpu->sched;

	mutex_lock(&s->lock);
	s->slots = clamp_t(u32, slots, 1, NOVA_SLOTS_MAX);
	nova_sched_apply(s);
	mutex_unlock(&s->lock);
}

int nova_sched_admit(struct nova_gpu *gpu, struct nova_vgpu_request *req)
{
	struct nova_sched *s = gpu->sched;
	struct nova_policy *p;
	int err = 0;

	mutex_lock(&s->lock);
	p = s->policy;
	if (!s->started) {
		err = -ENODEV;
	} else if (p && !atomic_read(&p->claimed) && p->ops->admit) {
		atomic64_inc(&p->calls[NOVA_SCHED_OP_ADMIT]);
		err = p->ops->admit(req);
		if (err > 0 || err < -MAX_ERRNO)
			err = -EACCES;
	}
	mutex_unlock(&s->lock);
	return err;
}

static void sched_fill_config(struct nova_entity *e, const struct nova_vgpu_config *c)
{
	struct nova_sched_vgpu *pub = &e->rq.pub;

	pub->weight = c->weight ?: NOVA_WEIGHT_DEFAULT;
	pub->cap_pct = c->cap_pct;
	pub->priority = c->priority;
	pub->period_us = c->period_us;
	pub->budget_us = c->budget_us;
}

static int sched_add_entity(struct nova_runlist *rl, struct nova_sched_tenant *t)
{
	struct nova_entity *e = kvzalloc(sizeof(*e), GFP_KERNEL);
	int err;

	if (!e)
		return -ENOMEM;
	e->rl = rl;
	e->gfid = t->gfid;
	e->client = t->client;
	init_completion(&e->off);
	e->rq.pub.gfid = t->gfid;
	e->rq.pub.slot = t->slot;
	sched_fill_config(e, t->config);
	err = nova_tsg_alloc(e, t);
	if (err)
		goto free;
	e->rq.pub.tsgs = e->tsgs;
	spin_lock_irq(&rl->lock);
	err = rl->phase == NOVA_RL_DEAD ? -ENODEV : nova_rq_add(&rl->rq, &e->rq);
	if (!err)
		nova_op_vgpu_init(rl, e);
	spin_unlock_irq(&rl->lock);
	if (!err) {
		t->ent[rl->rq.pub.index] = e;
		return 0;
	}
	nova_tsg_free(e);
free:
	kvfree(e);
	return err;
}

static int sched_del_entity(struct nova_entity *e)
{
	struct nova_runlist *rl = e->rl;
	u64 now;
	int err;

	spin_lock_irq(&rl->lock);
	now = nova_rl_now(rl);
	e->leaving = true;
	e->rq.has_work = false;
	if (nova_rl_is_off(rl, e)) {
		nova_rl_update(rl, e, now);
		complete_all(&e->off);
	}
	rl->again = true;
	nova_rl_advance(rl, now);
	spin_unlock_irq(&rl->lock);
	/* Bounded by the deadlines of a switch's RPCs and by the number of tries. */
	wait_for_completion(&e->off);

	spin_lock_irq(&rl->lock);
	nova_op_vgpu_exit(rl, e);
	nova_rq_del(&rl->rq, &e->rq);
	spin_unlock_irq(&rl->lock);
	/* A freed TSG is off the engine, even if its switch failed. */
	err = nova_tsg_free(e);
	kvfree(e);
	return err;
}

int nova_sched_del(struct nova_sched_tenant *t)
{
	int err = 0, ret;
	u32 i;

	lockdep_assert_held(t->lock);
	for (i = 0; i < NOVA_RUNLISTS_MAX; i++) {
		if (!t->ent[i])
			continue;
		ret = sched_del_entity(t->ent[i]);
		err = err ?: ret;
		t->ent[i] = NULL;
	}
	return err;
}

bool nova_sched_get_tsg(const struct nova_sched_tenant *t, u32 index, u32 i,
			struct nova_sched_tsg *tsg)
{
	struct nova_entity *e = t->ent[index];

	lockdep_assert_held(t->lock);
	if (!e || i >= e->tsgs)
		return false;
	tsg->handle = e->tsg[i].handle;
	tsg->engine_id = e->rl->rq.pub.engine_id;
	return true;
}

bool nova_sched_is_broken(const struct nova_sched_tenant *t, char *why, size_t size)
{
	bool broken = false;
	u32 i;

	lockdep_assert_held(t->lock);
	for (i = 0; i < NOVA_RUNLISTS_MAX && !broken; i++) {
		struct nova_entity *e = t->ent[i];

		if (!e)
			continue;
		spin_lock_irq(&e->rl->lock);
		broken = e->rq.broken;
		if (broken)
			snprintf(why, size, "it could not be switched on %s (error %d)",
				 e->rl->name, e->err);
		spin_unlock_irq(&e->rl->lock);
	}
	return broken;
}

int nova_sched_add(struct nova_sched_tenant *t)
{
	struct nova_sched *s = t->gpu->sched;
	int err = 0;
	u32 i;

	lockdep_assert_held(t->lock);
	for (i = 0; !err && i < s->nr_rl; i++)
		err = sched_add_entity(s->rl[i], t);
	if (err)
		nova_sched_del(t);
	return err;
}

void nova_sched_config(const struct nova_sched_tenant *t)
{
	unsigned long flags;
	u64 now;
	u32 i;

	lockdep_assert_held(t->lock);
	for (i = 0; i < NOVA_RUNLISTS_MAX; i++) {
		struct nova_entity *e = t->ent[i];

		if (!e)
			continue;
		spin_lock_irqsave(&e->rl->lock, flags);
		/* Read the time under the lock, so that no known run began later. */
		now = nova_rl_now(e->rl);
		/* Account for ended windows by the old cap. */
		nova_rq_cap_left(&e->rq, now);
		sched_fill_config(e, t->config);
		nova_rl_uncap(e->rl, now);
		nova_op_vgpu_config(e->rl, e);
		nova_rl_advance(e->rl, now);
		spin_unlock_irqrestore(&e->rl->lock, flags);
	}
}

void nova_sched_vgpu_stats(const struct nova_sched_tenant *t, struct nova_sched_stats *st)
{
	unsigned long flags;
	u32 i;

	lockdep_assert_held(t->lock);
	memset(st, 0, sizeof(*st));
	for (i = 0; i < NOVA_RUNLISTS_MAX; i++) {
		struct nova_entity *e = t->ent[i];

		if (!e)
			continue;
		spin_lock_irqsave(&e->rl->lock, flags);
		st->run_ns += e->rq.pub.run_total_ns;
		st->wait_ns += e->rq.pub.wait_total_ns;
		st->runs += e->rq.pub.runs;
		st->wait_max_ns = max(st->wait_max_ns, e->wait_max_ns);
		st->runnable |= e->rq.pub.runnable;
		st->running |= e->rl->rq.pub.curr_gfid == e->gfid;
		spin_unlock_irqrestore(&e->rl->lock, flags);
	}
}

/**
 * nova_sched_bench() - time decisions without applying them
 * @gpu: the GPU
 * @n: number of decisions
 * @decide_ns: set to the time of the decisions and their checks
 *
 * For measurements: the current policy decides for the first runlist, under its lock.
 * Each chosen vGPU is charged with a slice, so its times are wrong afterwards.
 *
 * Context: may sleep.
 * Return: ns of CLOCK_MONOTONIC for all, without taking the lock.
 */
u64 nova_sched_bench(struct nova_gpu *gpu, u32 n, u64 *decide_ns)
{
	struct nova_runlist *rl = gpu->sched->rl[0];
	ktime_t start;
	u64 ns;

	spin_lock_irq(&rl->lock);
	start = ktime_get();
	*decide_ns = nova_rl_decide_idly(rl, n);
	ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	spin_unlock_irq(&rl->lock);
	return ns;
}
EXPORT_SYMBOL_NOVA(nova_sched_bench);
