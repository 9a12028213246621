// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of a runlist. An event (work, no work, timer, reply of the firmware,
 * request) records itself and sets rl->again. nova_rl_advance() then ends the run if it
 * has to end, decides, and applies the decision. Nothing is decided during a switch:
 * events meanwhile are handled once the firmware has confirmed it.
 */
#include "runlist.h"
#include <trace/events/novabpf_sched.h>

/* Least part of its slice that a vGPU gets, however long the switch took. */
#define NOVA_SLICE_KEPT		2

/* All caps share one timer, which is due when the first cap window ends. */
static void rl_cap_arm(struct nova_runlist *rl)
{
	u64 at_ns = nova_rq_cap_next(&rl->rq);

	if (rl->phase != NOVA_RL_DEAD && at_ns != U64_MAX)
		nova_rl_arm(rl, &rl->cap_timer, at_ns);
}

static void rl_set_woken(struct nova_runlist *rl, struct nova_entity *e, bool woken)
{
	if (e->woken == woken)
		return;
	e->woken = woken;
	rl->nr_woken += woken ? 1 : -1;
}

/* Recompute whether @e may run, and tell the policy of a change. */
void nova_rl_update(struct nova_runlist *rl, struct nova_entity *e, u64 now_ns)
{
	lockdep_assert_held(&rl->lock);
	rl->now_ns = now_ns;
	if (!nova_rq_update(&rl->rq, &e->rq, now_ns))
		return;
	rl->again = true;
	if (e->rq.pub.runnable) {
		trace_sched_runnable(&rl->rq.pub, e->gfid, now_ns);
		e->slow_ns = nova_watch_slow_ns(rl, now_ns);
		nova_op_runnable(rl, e);
		rl_set_woken(rl, e, rl->on != e);
		nova_watch_arm(rl, now_ns);
	} else {
		rl_set_woken(rl, e, false);
		trace_sched_quiescent(&rl->rq.pub, e->gfid, now_ns);
		nova_op_quiescent(rl, e);
	}
}

/* A vGPU at its cap stays off until its window ends. */
static void rl_check_cap(struct nova_runlist *rl, struct nova_entity *e, u64 now_ns)
{
	if (e->rq.capped || nova_rq_cap_left(&e->rq, now_ns))
		return;
	e->rq.capped = true;
	nova_sched_count(rl->sched, NOVA_SCHED_STAT_CAPPED);
	rl_cap_arm(rl);
}

void nova_rl_uncap(struct nova_runlist *rl, u64 now_ns)
{
	u32 gfid;

	lockdep_assert_held(&rl->lock);

	for (gfid = 1; gfid <= NOVA_GFID_MAX; gfid++) {
		struct nova_entity *e = nova_entity_of(rl->rq.by_gfid[gfid]);

		if (!e || !e->rq.capped || !nova_rq_cap_left(&e->rq, now_ns))
			continue;
		e->rq.capped = false;
		nova_rl_update(rl, e, now_ns);
	}
	rl_cap_arm(rl);
}

void nova_rl_handle(struct nova_runlist *rl, void (*fn)(struct nova_runlist *rl, u64 now_ns))
{
	unsigned long flags;
	u64 now;

	spin_lock_irqsave(&rl->lock, flags);
	now = nova_rl_now(rl);
	fn(rl, now);
	nova_rl_advance(rl, now);
	spin_unlock_irqrestore(&rl->lock, flags);
}

void nova_rl_cap_timer(struct nova_hw_timer *t)
{
	nova_rl_handle(container_of(t, struct nova_runlist, cap_timer), nova_rl_uncap);
}

void nova_rl_work(struct nova_runlist *rl, struct nova_entity *e, bool has_work)
{
	u64 now = nova_rl_now(rl);

	if (e->rq.has_work == has_work || e->leaving)
		return;
	e->rq.has_work = has_work;
	/* The end of its run comes first, so that the policy sees stopped, then quiescent. */
	if (!has_work && rl->phase == NOVA_RL_ON && rl->on == e)
		rl->again = true;
	else
		nova_rl_update(rl, e, now);
	nova_rl_advance(rl, now);
}

/* Ask preempt() for each vGPU that woke during this run, newest first. */
static bool rl_woken_preempts(struct nova_runlist *rl)
{
	struct nova_rq_vgpu *v = rl->rq.last;
	bool yes = false;

	for (; v && rl->nr_woken; v = v->prev) {
		struct nova_entity *e = nova_entity_of(v);

		if (!e->woken)
			continue;
		rl_set_woken(rl, e, false);
		if (!yes)
			yes = nova_op_preempt(rl, rl->on, e);
	}
	return yes;
}

/* Return: why the run has to end now, or NOVA_STOP_NONE. */
static enum nova_stop_reason rl_why_end(struct nova_runlist *rl, u64 now_ns)
{
	struct nova_entity *e = rl->on;

	if (e->leaving || e->rq.broken)
		return NOVA_STOP_GONE;
	if (!e->rq.has_work)
		return NOVA_STOP_DRY;
	if (now_ns >= rl->slice_end_ns)
		return NOVA_STOP_SLICE;
	if (rl->kick || rl->held)
		return NOVA_STOP_KICK;
	if (rl->nr_woken && rl_woken_preempts(rl)) {
		nova_sched_count(rl->sched, NOVA_SCHED_STAT_PREEMPTS);
		return NOVA_STOP_PREEMPT;
	}
	return NOVA_STOP_NONE;
}

static void rl_end_run(struct nova_runlist *rl, enum nova_stop_reason reason, u64 now_ns)
{
	struct nova_entity *e = rl->on;
	u64 ran = now_ns - rl->run_since_ns;

	nova_rq_stop(&rl->rq, &e->rq, now_ns, ran);
	e->slow_ns = rl->slow_ns;
	rl_check_cap(rl, e, now_ns);
	if (reason == NOVA_STOP_SLICE && e->rq.capped)
		reason = NOVA_STOP_CAP;
	nova_op_stopped(rl, e, ran + e->carry_ns, reason);
	e->carry_ns = 0;
	nova_rl_update(rl, e, now_ns);
	rl->switch_reason = reason;
	rl->switch_ran_ns = ran;
}

static void rl_start_run(struct nova_runlist *rl, u64 decided_ns, u64 now_ns)
{
	rl->phase = NOVA_RL_ON;
	rl->run_since_ns = now_ns;
	/* The decision came before the switch, but the vGPU has the engine only now. */
	rl->rq.pub.curr_since_ns = now_ns;
	/* A slice counts from the decision: turns keep their rhythm. */
	rl->slice_end_ns = max(decided_ns + rl->slice_ns, now_ns + rl->slice_ns / NOVA_SLICE_KEPT);
	nova_rl_arm(rl, &rl->timer, rl->slice_end_ns);
}

static void rl_count_verdict(struct nova_runlist *rl, struct nova_policy *p,
			     enum nova_decision_verdict v)
{
	struct nova_sched *s = rl->sched;
	bool bad = v >= NOVA_REJECT_NONE;

	rl->rq.pub.nr_decisions++;
	nova_sched_count(s, NOVA_SCHED_STAT_DECISIONS);
	atomic64_inc(&s->verdicts[v]);
	if (!p)
		return;
	if (++p->stretch > NOVA_REJECT_STRETCH) {
		p->stretch = 1;
		p->bad = 0;
	}
	p->bad += bad;
	p->bad_row = bad ? p->bad_row + 1 : 0;
	if (!bad)
		return;
	nova_sched_count(s, NOVA_SCHED_STAT_REJECTED);
	if (p->bad > NOVA_REJECT_BUDGET || p->bad_row > NOVA_REJECT_ROW)
		nova_policy_eject(p, NOVA_EXIT_ERROR_REJECTS, v, rl->asked.gfid,
				  "%u of %u decisions refused, the last one: %s (gfid %u, %llu ns)",
				  p->bad, p->stretch, nova_verdict_name[v], rl->asked.gfid,
				  rl->asked.ns);
}

/* Asks the policy and checks its request. The built-in policy replaces an illegal one. */
static void rl_make_decision(struct nova_runlist *rl, struct nova_entity *prev, u64 now_ns,
			     struct nova_decision *d)
{
	struct nova_policy *p = nova_policy_of(rl);
	enum nova_decision_verdict v = NOVA_NOOP_BUILTIN;

	rl->now_ns = now_ns;
	if (nova_op_pick(rl, prev))
		v = nova_decision_check(&rl->rq, &rl->asked, now_ns, d);
	else
		p = NULL;
	if (v == NOVA_NOOP_BUILTIN || v >= NOVA_REJECT_NONE)
		nova_builtin_pick(&rl->rq, now_ns, d);
	rl_count_verdict(rl, p, v);
	trace_sched_pick(rl, p, prev ? prev->gfid : 0, now_ns, v, d);
}

static void rl_decide(struct nova_runlist *rl, struct nova_entity *prev, u64 now_ns)
{
	struct nova_entity *next = NULL;
	struct nova_decision d = {};

	rl->kick = false;
	if (!rl->held)
		rl_make_decision(rl, prev, now_ns, &d);
	rl->idle_until_ns = 0;
	rl->slice_ns = d.ns;
	if (d.kind == NOVA_DECIDE_RUN) {
		next = nova_entity_of(nova_rq_find(&rl->rq, d.gfid));
		next->wait_max_ns = max(next->wait_max_ns,
					now_ns - next->rq.pub.runnable_since_ns);
		nova_watch_served(rl, next, now_ns);
		nova_rq_start(&rl->rq, &next->rq, now_ns);
		rl_set_woken(rl, next, false);
	} else if (d.ns) {
		rl->idle_until_ns = now_ns + d.ns;
	}
	if (next && next == rl->on) {
		nova_sched_count(rl->sched, NOVA_SCHED_STAT_EXTENDS);
		rl_start_run(rl, now_ns, now_ns);
	} else if (next || rl->on) {
		rl->next = next;
		rl->switch_since_ns = now_ns;
		rl->phase = NOVA_RL_SWITCH;
		nova_tsg_switch(rl, rl->switch_reason != NOVA_STOP_DRY);
		nova_rl_posted(rl, now_ns);
	} else {
		rl->phase = NOVA_RL_IDLE;
		if (rl->idle_until_ns)
			nova_rl_arm(rl, &rl->timer, rl->idle_until_ns);
	}
}

static void rl_advance(struct nova_runlist *rl, u64 now_ns)
{
	/* A switch whose controls fail at once ends here, and is decided anew. */
	u32 guard = 2 * NOVA_GFID_MAX;
	enum nova_stop_reason reason;
	struct nova_entity *prev;

	rl->now_ns = now_ns;
	while (rl->again && guard--) {
		if (rl->phase != NOVA_RL_ON && rl->phase != NOVA_RL_IDLE)
			return;
		nova_watch_check(rl, now_ns);
		prev = NULL;
		rl->again = false;
		rl->switch_reason = NOVA_STOP_NONE;
		if (rl->phase == NOVA_RL_ON) {
			reason = rl_why_end(rl, now_ns);
			if (reason == NOVA_STOP_NONE)
				continue;
			prev = rl->on;
			rl_end_run(rl, reason, now_ns);
		}
		rl->again = false;
		rl_decide(rl, prev, now_ns);
	}
}

void nova_rl_advance(struct nova_runlist *rl, u64 now_ns)
{
	nova_watch_seen(rl, now_ns);
	rl_advance(rl, now_ns);
	nova_watch_done(rl);
}

bool nova_rl_is_off(const struct nova_runlist *rl, const struct nova_entity *e)
{
	lockdep_assert_held(&rl->lock);
	return rl->on != e && rl->next != e;
}

static void rl_went_off(struct nova_runlist *rl, struct nova_entity *e, u64 now_ns)
{
	if (!e || !nova_rl_is_off(rl, e))
		return;
	nova_rl_update(rl, e, now_ns);
	if (e->leaving)
		complete_all(&e->off);
}

/*
 * Sets which vGPU has the engine and which one is about to get it. Every way out of either
 * place comes here, so that nova_sched_del() learns when a vGPU is in neither.
 */
static void rl_set_engine(struct nova_runlist *rl, struct nova_entity *on,
			  struct nova_entity *next, u64 now_ns)
{
	struct nova_entity *was_on = rl->on, *was_next = rl->next;

	rl->on = on;
	rl->next = next;
	rl_went_off(rl, was_on, now_ns);
	rl_went_off(rl, was_next, now_ns);
}

/* Charge @e for the time until the firmware took it off. */
static void rl_count_overrun(struct nova_runlist *rl, struct nova_entity *e, u64 now_ns)
{
	u64 more = rl->off_at_ns - rl->switch_since_ns;

	if (rl->switch_reason == NOVA_STOP_DRY)
		return;
	nova_rq_overran(&rl->rq, &e->rq, more);
	e->carry_ns += more;
	rl_check_cap(rl, e, now_ns);
}

/* Take a vGPU that cannot be switched out of scheduling, and tell its owner. */
static void rl_set_broken(struct nova_runlist *rl, struct nova_entity *e, int err, u64 now_ns)
{
	e->rq.broken = true;
	e->err = err;
	nova_sched_count(rl->sched, NOVA_SCHED_STAT_FW_ERRORS);
	trace_sched_stall(&rl->rq.pub, e->gfid, now_ns, now_ns - rl->switch_since_ns, err);
	dev_warn_ratelimited(&rl->sched->gpu->dev,
			     "%s: vgpu%u was not switched (%d); it is not scheduled any more\n",
			     rl->name, e->gfid, err);
	schedule_work(&rl->sched->broken);
}

static void rl_set_dead(struct nova_runlist *rl)
{
	if (rl->phase != NOVA_RL_DEAD)
		dev_warn(&rl->sched->gpu->dev,
			 "%s: the firmware takes no calls; nothing is scheduled until the GPU is reset\n",
			 rl->name);
	rl->phase = NOVA_RL_DEAD;
}

static void rl_now_idle(struct nova_runlist *rl, u64 now_ns)
{
	rl->phase = NOVA_RL_IDLE;
	if (rl->kick || rl->nr_woken)
		return;
	if (rl->idle_until_ns > now_ns) {
		/* Nothing happened during the switch: continue the deliberate idle. */
		rl->again = false;
		nova_rl_arm(rl, &rl->timer, rl->idle_until_ns);
	} else if (!rl->idle_until_ns && !rl->rq.pub.nr_runnable) {
		rl->again = false;
	}
}

/* All controls of the switch have ended, and none is tried again. */
static void rl_switched(struct nova_runlist *rl, const struct nova_switch_outcome *o, u64 now_ns)
{
	struct nova_entity *prev = rl->on, *next = rl->next;

	rl->switches++;
	/* Before the phase changes. */
	nova_watch_switched(rl, now_ns);
	nova_sched_count(rl->sched, NOVA_SCHED_STAT_SWITCHES);
	trace_sched_switch(rl, prev ? prev->gfid : 0, next ? next->gfid : 0, now_ns,
			   o->off_err ?: o->on_err);
	rl->again = true;
	if (o->gone)
		rl_set_dead(rl);
	/* Blame no vGPU if the runlist was stopped during the switch. */
	if (rl->phase != NOVA_RL_DEAD && o->off_err)
		rl_set_broken(rl, prev, o->off_err, now_ns);
	if (rl->phase != NOVA_RL_DEAD && o->on_err)
		rl_set_broken(rl, next, o->on_err, now_ns);
	if (prev)
		rl_count_overrun(rl, prev, now_ns);
	if (next && (!o->on || rl->phase == NOVA_RL_DEAD)) {
		nova_rq_stop(&rl->rq, &next->rq, now_ns, 0);
		next = NULL;
	}
	rl_set_engine(rl, next, NULL, now_ns);
	if (rl->phase == NOVA_RL_DEAD)
		return;
	if (next)
		rl_start_run(rl, rl->switch_since_ns, now_ns);
	else
		rl_now_idle(rl, now_ns);
}

void nova_rl_posted(struct nova_runlist *rl, u64 now_ns)
{
	struct nova_switch_outcome o;
	u64 wait_ns = 0;

	lockdep_assert_held(&rl->lock);
	if (rl->posts)
		return;
	nova_tsg_outcome(rl, &o);
	if (rl->phase == NOVA_RL_SWITCH && !o.gone && (o.todo || o.lost))
		wait_ns = nova_switch_backoff_ns(&rl->tries, o.lost);
	if (!wait_ns) {
		rl_switched(rl, &o, now_ns);
		return;
	}
	nova_sched_count(rl->sched, NOVA_SCHED_STAT_RETRIES);
	rl->retry_at_ns = now_ns + wait_ns;
	nova_rl_arm(rl, &rl->retry_timer, rl->retry_at_ns);
}

static void rl_retry(struct nova_runlist *rl, u64 now_ns)
{
	/* A reset may have voided this timer. */
	if (!rl->retry_at_ns || now_ns < rl->retry_at_ns)
		return;
	rl->retry_at_ns = 0;
	nova_tsg_retry(rl);
	nova_rl_posted(rl, now_ns);
}

void nova_rl_retry_timer(struct nova_hw_timer *t)
{
	nova_rl_handle(container_of(t, struct nova_runlist, retry_timer), rl_retry);
}

void nova_rl_halt(struct nova_runlist *rl)
{
	u64 now;

	spin_lock_irq(&rl->lock);
	now = nova_now_ns(rl->sched->gpu);
	if (rl->phase == NOVA_RL_ON)
		rl_end_run(rl, NOVA_STOP_GONE, now);
	rl->phase = NOVA_RL_DEAD;
	rl->retry_at_ns = 0;
	rl->idle_until_ns = 0;
	rl->kick = false;
	/* Else the end of the last post does it: until then the posts own their RPCs. */
	if (!rl->posts) {
		if (rl->next)
			nova_rq_stop(&rl->rq, &rl->next->rq, now, 0);
		rl_set_engine(rl, NULL, NULL, now);
	}
	spin_unlock_irq(&rl->lock);
}

bool nova_rl_hold(struct nova_runlist *rl)
{
	bool off;
	u64 now;

	spin_lock_irq(&rl->lock);
	now = nova_rl_now(rl);
	rl->held = true;
	rl->held_ns = now;
	rl->again = true;
	nova_rl_advance(rl, now);
	off = rl->phase == NOVA_RL_IDLE || rl->phase == NOVA_RL_DEAD;
	if (off)
		rl->watchdog_at_ns = 0;
	spin_unlock_irq(&rl->lock);
	return off;
}

void nova_rl_release(struct nova_runlist *rl)
{
	u64 now;

	spin_lock_irq(&rl->lock);
	now = nova_rl_now(rl);
	rl->held = false;
	rl->watchdog_at_ns = 0;
	/* A switch that has not ended accounts for the time itself. */
	if (rl->phase == NOVA_RL_IDLE)
		rl->slow_ns += now - rl->held_ns;
	rl->again = true;
	if (rl->retry_at_ns)
		nova_rl_arm(rl, &rl->retry_timer, rl->retry_at_ns);
	nova_rl_uncap(rl, now);
	nova_watch_arm(rl, now);
	nova_rl_advance(rl, now);
	spin_unlock_irq(&rl->lock);
}

static void rl_time_over(struct nova_runlist *rl, u64 now_ns)
{
	/* A later decision may have voided this timer. */
	if (rl->phase == NOVA_RL_ON && now_ns >= rl->slice_end_ns)
		rl->again = true;
	if (rl->phase == NOVA_RL_IDLE && rl->idle_until_ns && now_ns >= rl->idle_until_ns)
		rl->again = true;
}

void nova_rl_timer(struct nova_hw_timer *t)
{
	nova_rl_handle(container_of(t, struct nova_runlist, timer), rl_time_over);
}

u64 nova_rl_decide_idly(struct nova_runlist *rl, u32 n)
{
	struct nova_sched_rl *pub = &rl->rq.pub;
	u64 now, since = pub->curr_since_ns, ns = 0;
	struct nova_entity *prev = NULL;
	struct nova_decision d = {};
	u32 curr = pub->curr_gfid;
	ktime_t start;

	lockdep_assert_held(&rl->lock);
	while (n--) {
		now = nova_now_ns(rl->sched->gpu);
		start = ktime_get();
		rl_make_decision(rl, prev, now, &d);
		ns += ktime_to_ns(ktime_sub(ktime_get(), start));
		prev = NULL;
		if (d.kind == NOVA_DECIDE_RUN)
			prev = nova_entity_of(nova_rq_find(&rl->rq, d.gfid));
		if (!prev || prev == rl->on || prev == rl->next) {
			prev = NULL;
			continue;
		}
		/* Its turn is over at once, so that the next decision is another one. */
		nova_rq_start(&rl->rq, &prev->rq, now);
		nova_rq_stop(&rl->rq, &prev->rq, now, d.ns);
		nova_op_stopped(rl, prev, d.ns, NOVA_STOP_SLICE);
	}
	pub->curr_gfid = curr;
	pub->curr_since_ns = since;
	return ns;
}

bool nova_sched_engine_event(struct nova_gpu *gpu, enum nova_engine_event ev, u32 engine_id,
			     u32 gfid, u64 arg)
{
	struct nova_sched *s = gpu->sched;
	struct nova_runlist *rl = NULL;
	struct nova_entity *e;
	unsigned long flags;
	u32 i;

	for (i = 0; s && i < s->nr_rl; i++)
		if (s->rl[i]->rq.pub.engine_id == engine_id)
			rl = s->rl[i];
	if (!rl)
		return false;
	spin_lock_irqsave(&rl->lock, flags);
	e = nova_entity_of(nova_rq_find(&rl->rq, gfid));
	if (!e || rl->phase == NOVA_RL_DEAD) {
		nova_sched_count(s, NOVA_SCHED_STAT_IGNORED);
	} else if (ev == NOVA_ENGINE_COMPLETE) {
		trace_sched_complete(&rl->rq.pub, gfid, nova_now_ns(gpu), arg);
	} else {
		if (ev == NOVA_ENGINE_DOORBELL)
			nova_sched_count(s, NOVA_SCHED_STAT_DOORBELLS);
		nova_rl_work(rl, e, ev == NOVA_ENGINE_DOORBELL);
	}
	spin_unlock_irqrestore(&rl->lock, flags);
	return true;
}
