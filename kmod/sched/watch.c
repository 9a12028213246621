// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watchdog of a policy: it ejects the policy when a runnable vGPU waits for
 * timeout_ms. Every decision checks that the watchdog itself is not overdue.
 *
 * It checks the longest waiting vGPU only. It is armed while a policy decides and a vGPU
 * is runnable, so that an idle GPU has no timer at all.
 *
 * A wait counts chances to run, not time: slow switches of the firmware are not charged,
 * nor is the time in which the machine stood still and timers fired late.
 */
#include "../base/stall.h"
#include "runlist.h"
#include <trace/events/novabpf_sched.h>

/* The time left does not shrink during a slow switch: look again no sooner than this. */
#define NOVA_WATCH_AGAIN_PART	8

static u64 watch_timeout_ns(const struct nova_policy *p)
{
	return (u64)nova_policy_timeout_ms(p->ops) * NSEC_PER_MSEC;
}

static void watch_arm(struct nova_runlist *rl, u64 at_ns)
{
	rl->watchdog_at_ns = at_ns;
	rl->watchdog_slow_ns = rl->slow_ns;
	nova_rl_arm(rl, &rl->watchdog, at_ns);
}

void nova_watch_arm(struct nova_runlist *rl, u64 now_ns)
{
	struct nova_policy *p = nova_policy_of(rl);

	lockdep_assert_held(&rl->lock);
	if (p && !rl->held && !rl->watchdog_at_ns && rl->rq.pub.nr_runnable &&
	    rl->phase != NOVA_RL_DEAD)
		watch_arm(rl, now_ns + watch_timeout_ns(p));
}

static u64 watch_slow_part(const struct nova_runlist *rl, u64 now_ns)
{
	u64 took = now_ns - rl->switch_since_ns;

	return rl->phase == NOVA_RL_SWITCH && took > NOVA_SWITCH_SLOW_NS ? took : 0;
}

u64 nova_watch_slow_ns(const struct nova_runlist *rl, u64 now_ns)
{
	return rl->slow_ns + watch_slow_part(rl, now_ns);
}

/* When the next timer of this runlist was due. */
static u64 watch_due_ns(const struct nova_runlist *rl)
{
	u64 at_ns = U64_MAX;

	if (rl->phase == NOVA_RL_ON)
		at_ns = rl->slice_end_ns;
	else if (rl->phase == NOVA_RL_IDLE && rl->idle_until_ns)
		at_ns = rl->idle_until_ns;
	/* If the runlist has worked since then, only the watchdog is late. */
	if (rl->watchdog_at_ns > rl->seen_ns)
		at_ns = min(at_ns, rl->watchdog_at_ns);
	return at_ns;
}

void nova_watch_seen(struct nova_runlist *rl, u64 now_ns)
{
	lockdep_assert_held(&rl->lock);
	/* The time of a switch, or of a sleeping system, is accounted for at its end. */
	if (!rl->held && (rl->phase == NOVA_RL_ON || rl->phase == NOVA_RL_IDLE))
		rl->slow_ns += nova_stall_ns(watch_due_ns(rl), rl->seen_ns, now_ns);
	rl->seen_ns = max(rl->seen_ns, now_ns);
}

void nova_watch_switched(struct nova_runlist *rl, u64 now_ns)
{
	lockdep_assert_held(&rl->lock);
	rl->slow_ns = nova_watch_slow_ns(rl, now_ns);
	/* The switch delays the watchdog as well; do not count the same time twice. */
	rl->seen_ns = max(rl->seen_ns, now_ns);
}

void nova_watch_done(struct nova_runlist *rl)
{
	lockdep_assert_held(&rl->lock);
	/* Time spent in operations of the policy is no stall of the machine. */
	if (rl->policy)
		rl->seen_ns = nova_now_ns(rl->sched->gpu);
}

u64 nova_rl_now(struct nova_runlist *rl)
{
	u64 now_ns = nova_now_ns(rl->sched->gpu);

	nova_watch_seen(rl, now_ns);
	return now_ns;
}

static u64 watch_charged_ns(const struct nova_runlist *rl, const struct nova_policy *p,
			    const struct nova_entity *e, u64 now_ns)
{
	/* Do not charge waits that began under the previous policy. */
	u64 since_ns = max(e->rq.pub.runnable_since_ns, p->attached_ns);

	return nova_stall_charged_ns(since_ns, now_ns, nova_watch_slow_ns(rl, now_ns) - e->slow_ns);
}

void nova_watch_served(struct nova_runlist *rl, const struct nova_entity *e, u64 now_ns)
{
	struct nova_policy *p = nova_policy_of(rl);
	u64 waited_ns;

	lockdep_assert_held(&rl->lock);
	if (!p)
		return;
	waited_ns = watch_charged_ns(rl, p, e, now_ns);
	if (waited_ns > READ_ONCE(p->wait_max_ns))
		WRITE_ONCE(p->wait_max_ns, waited_ns);
}

/* Eject the policy if its watchdog is overdue by a whole timeout. */
void nova_watch_check(struct nova_runlist *rl, u64 now_ns)
{
	struct nova_policy *p = nova_policy_of(rl);
	u64 lost_ns = rl->slow_ns - rl->watchdog_slow_ns;

	lockdep_assert_held(&rl->lock);
	if (!p || !rl->watchdog_at_ns ||
	    nova_stall_charged_ns(rl->watchdog_at_ns, now_ns, lost_ns) < watch_timeout_ns(p))
		return;
	nova_policy_eject(p, NOVA_EXIT_ERROR_WATCHDOG, 0, 0,
			  "%s: the watchdog was due %llu ms ago and has not run", rl->name,
			  div_u64(now_ns - rl->watchdog_at_ns, NSEC_PER_MSEC));
}

static void watch_look(struct nova_runlist *rl, u64 now_ns)
{
	struct nova_policy *p = nova_policy_of(rl);
	struct nova_rq_vgpu *v = rl->rq.first;
	u64 limit, since, waited;

	rl->watchdog_at_ns = 0;
	if (!p || rl->held || rl->phase == NOVA_RL_DEAD)
		return;
	limit = watch_timeout_ns(p);
	if (!v) {
		if (rl->rq.pub.nr_runnable)
			watch_arm(rl, now_ns + limit);
		return;
	}
	since = max(v->pub.runnable_since_ns, p->attached_ns);
	if (now_ns < since + limit) {
		watch_arm(rl, since + limit);
		return;
	}
	nova_sched_count(rl->sched, NOVA_SCHED_STAT_STALLS);
	trace_sched_stall(&rl->rq.pub, v->pub.gfid, now_ns, now_ns - since, 0);
	waited = watch_charged_ns(rl, p, nova_entity_of(v), now_ns);
	if (waited < limit) {
		watch_arm(rl, now_ns + max(limit - waited, limit / NOVA_WATCH_AGAIN_PART));
		return;
	}
	WRITE_ONCE(p->wait_max_ns, max(p->wait_max_ns, waited));
	nova_policy_eject(p, NOVA_EXIT_ERROR_STALL, 0, v->pub.gfid,
			  "vgpu%u on %s was runnable for %llu ms and did not run", v->pub.gfid,
			  rl->name, div_u64(waited, NSEC_PER_MSEC));
	rl->again = true;
}

void nova_watch_timer(struct nova_hw_timer *t)
{
	nova_rl_handle(container_of(t, struct nova_runlist, watchdog), watch_look);
}
