// SPDX-License-Identifier: GPL-2.0-only
/*
 * deadline: a vGPU with period_us and budget_us gets its budget in every period.
 *
 * It shows admission control, and two queues that exchange vGPUs. Reserved vGPUs with
 * budget left run first, earliest deadline first (EDF). A reserved vGPU without budget is
 * throttled: it waits on a second queue, ordered by the start of its next period (constant
 * bandwidth server). So a tenant that exceeds its reservation delays no other deadline.
 * Each reservation is kept as long as all of them fit, which admit() ensures. vGPUs
 * without reservation share the rest, by weighted virtual time. With reclaim, throttled
 * vGPUs get the time that is left.
 *
 * Do not use it for tenants with unknown needs, or for work that cannot be preempted in
 * time for the deadlines.
 */
#include "sched.bpf.h"

/* Length of a turn of a vGPU without reservation in us; 0 for the runlist's default. */
const volatile u32 slice_us;
/* Part of the engine that may be reserved, in millionths. Switches need the rest. */
const volatile u32 max_reserved_ppm = 900000;
/* Longest period: a longer throttled wait would look like starvation to the watchdog. */
const volatile u32 max_period_us = 500000;
/* Throttled vGPUs may use time that no other vGPU wants. */
const volatile bool reclaim = true;

#define READY		0	/* reserved, budget left; key: deadline */
#define THROTTLED	1	/* reserved, budget used up; key: deadline, start of the next */
#define REST		2	/* not reserved; key: virtual time */

/* Least budget to run with. */
#define LEAST_NS	((s64)NOVA_SLICE_MIN_NS)

/* Reservations as granted, by gfid, and their sum. */
u32 granted_ppm[NOVA_GFID_MAX + 1];
u32 granted_sum_ppm;
u64 vclock[NOVA_RUNLISTS];

u64 nr_refused;
u64 nr_throttled;

static __always_inline u64 period_ns(const struct nova_sched_vgpu *v)
{
	return v->period_us * NSEC_PER_USEC;
}

static __always_inline s64 budget_ns(const struct nova_sched_vgpu *v)
{
	return v->budget_us * NSEC_PER_USEC;
}

static __always_inline u32 ppm(u32 period_us, u32 budget_us)
{
	return period_us ? budget_us * 1000000ULL / period_us : 0;
}

static __always_inline bool fits(u32 period_us, u32 budget_us, u32 sum_ppm)
{
	if (period_us > max_period_us || budget_us > period_us)
		return false;
	return sum_ppm + (u64)ppm(period_us, budget_us) <= max_reserved_ppm;
}

static __always_inline bool reserved(const struct nova_sched_vgpu *v)
{
	u32 gfid = v->gfid;

	return gfid <= NOVA_GFID_MAX && granted_ppm[gfid];
}

static __always_inline void throttle(struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nr_throttled++;
	nova_enqueue(rl, THROTTLED, v, v->vtime);
}

/* vtime of a reserved vGPU is its deadline, priv the budget that is left. */
static __always_inline void line_up(struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	if (!reserved(v))
		nova_enqueue(rl, REST, v, v->vtime);
	else if ((s64)v->priv >= LEAST_NS)
		nova_enqueue(rl, READY, v, v->vtime);
	else
		throttle(rl, v);
}

/* Reset variables: they outlive an attachment, and the same map may be attached again. */
SEC("struct_ops/deadline_init")
s32 BPF_PROG(deadline_init, const struct nova_sched_gpu *gpu)
{
	int i;

	nova_reset_clocks(vclock);
	/* Volatile, so that the compiler does not turn the loop into a call of memset(). */
	for (i = 0; i <= NOVA_GFID_MAX; i++)
		*(volatile u32 *)&granted_ppm[i] = 0;
	granted_sum_ppm = 0;
	return 0;
}

/* Sleepable, called before the vGPU exists. */
SEC("struct_ops.s/deadline_admit")
s32 BPF_PROG(deadline_admit, struct nova_vgpu_request *req)
{
	if (!req->period_us || fits(req->period_us, req->budget_us, req->reserved_ppm))
		return 0;
	nr_refused++;
	return -ENOSPC;
}

static __always_inline void grant(struct nova_sched_vgpu *v, bool want)
{
	u32 gfid = v->gfid;

	if (gfid > NOVA_GFID_MAX)
		return;
	granted_sum_ppm -= granted_ppm[gfid];
	granted_ppm[gfid] = 0;
	/* Reservations older than this policy were not admitted by it, and may not fit. */
	if (want && v->period_us && fits(v->period_us, v->budget_us, granted_sum_ppm))
		granted_ppm[gfid] = ppm(v->period_us, v->budget_us);
	granted_sum_ppm += granted_ppm[gfid];
}

SEC("struct_ops/deadline_vgpu_init")
void BPF_PROG(deadline_vgpu_init, struct nova_sched_vgpu *v)
{
	grant(v, true);
}

SEC("struct_ops/deadline_vgpu_exit")
void BPF_PROG(deadline_vgpu_exit, struct nova_sched_vgpu *v)
{
	grant(v, false);
}

SEC("struct_ops/deadline_vgpu_config")
void BPF_PROG(deadline_vgpu_config, struct nova_sched_vgpu *v)
{
	bool was = reserved(v);

	grant(v, true);
	if (was == reserved(v))
		return;
	/* vtime changes between deadline and virtual time: reset it. */
	v->vtime = 0;
	v->priv = 0;
}

SEC("struct_ops/deadline_runnable")
void BPF_PROG(deadline_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	u64 now = nova_bpf_now(rl);
	u64 left_us;

	if (!reserved(v)) {
		v->vtime = max(v->vtime, vclock[NOVA_RL(rl)]);
	} else {
		/* Start a new period if its budget, used until the deadline, exceeds its rate. */
		left_us = v->vtime > now ? (v->vtime - now) / NSEC_PER_USEC : 0;
		if (!left_us || ((s64)v->priv > 0 &&
				 v->priv / NSEC_PER_USEC * v->period_us > left_us * v->budget_us)) {
			v->vtime = now + period_ns(v);
			v->priv = budget_ns(v);
		}
	}
	line_up(rl, v);
}

SEC("struct_ops/deadline_stopped")
void BPF_PROG(deadline_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	if (!reserved(v))
		v->vtime += nova_weighted(v, ran_ns);
	else if ((s64)v->priv >= LEAST_NS)
		v->priv -= ran_ns;
	if (v->runnable)
		line_up(rl, v);
}

/* vGPUs whose next period has begun get its budget, less their excess. */
static __always_inline void replenish(struct nova_sched_rl *rl, u64 now)
{
	struct nova_sched_vgpu *v;
	s64 left;
	int i;

	for (i = 0; i < 64; i++) {
		v = nova_bpf_queue_first(rl, THROTTLED);
		if (!v || v->vtime > now)
			break;
		left = (s64)v->priv;
		v->priv = min(left, 0) + budget_ns(v);
		v->vtime = max(v->vtime, now - min(now, period_ns(v))) + period_ns(v);
		line_up(rl, v);
	}
}

SEC("struct_ops/deadline_pick")
void BPF_PROG(deadline_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v, *throttled;
	u64 now = nova_bpf_now(rl);
	u64 slice, next = NOVA_SCHED_IDLE_MAX_NS;

	replenish(rl, now);
	throttled = nova_bpf_queue_first(rl, THROTTLED);
	/* A replenished vGPU may have an earlier deadline: end the slice by then. */
	if (throttled)
		next = max(throttled->vtime - min(now, throttled->vtime), rl->slice_min_ns);
	v = nova_bpf_queue_first(rl, READY);
	if (v) {
		slice = min(v->priv, next);
		nova_run(rl, v, min(slice, rl->slice_max_ns));
		return;
	}
	v = nova_bpf_queue_first(rl, REST);
	if (v)
		vclock[NOVA_RL(rl)] = max(vclock[NOVA_RL(rl)], v->vtime);
	else if (reclaim)
		v = throttled;
	if (v)
		nova_run(rl, v, min(nova_slice_ns(rl, slice_us), next));
	else if (throttled)
		nova_bpf_idle(rl, min(next, NOVA_SCHED_IDLE_MAX_NS));
	else
		nova_run_nobody(rl);
}

SEC("struct_ops/deadline_preempt")
bool BPF_PROG(deadline_preempt, struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
	      struct nova_sched_vgpu *woken)
{
	if (!reserved(woken) || (s64)woken->priv < LEAST_NS)
		return false;
	return !reserved(curr) || (s64)curr->priv < LEAST_NS || woken->vtime < curr->vtime;
}

SEC(".struct_ops.link")
struct nova_sched_ops deadline = {
	.init = (void *)deadline_init,
	.admit = (void *)deadline_admit,
	.vgpu_init = (void *)deadline_vgpu_init,
	.vgpu_exit = (void *)deadline_vgpu_exit,
	.vgpu_config = (void *)deadline_vgpu_config,
	.runnable = (void *)deadline_runnable,
	.stopped = (void *)deadline_stopped,
	.pick = (void *)deadline_pick,
	.preempt = (void *)deadline_preempt,
	.name = "deadline",
};
