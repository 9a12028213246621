/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A runlist with an engine that needs no firmware: decisions are made, checked and
 * carried out at once, and time jumps to the next one.
 */
#ifndef NOVABPF_UNIT_SCHED_SIM_H
#define NOVABPF_UNIT_SCHED_SIM_H

#include "unit.h"
#include "sched/rq.h"
#include "sched/decide.h"

#define SIM_VGPUS	64
#define MS		1000000ULL

/**
 * struct sim_vgpu - a tenant
 * @rq: the vGPU
 * @on_ns: it has work this long,
 * @off_ns: then none for that long; 0: always
 * @overrun_ns: how long it goes on after a run was ended
 * @gap_max_ns: longest that it waited
 */
struct sim_vgpu {
	struct nova_rq_vgpu rq;
	u64 on_ns;
	u64 off_ns;
	u64 overrun_ns;
	u64 gap_max_ns;
	u64 ran_since_on_ns;
	u64 wakes_ns;
};

struct sim {
	struct nova_rq rq;
	struct sim_vgpu v[SIM_VGPUS];
	u32 n;
	u64 now_ns;
	u64 idle_ns;
	u64 decisions;
};

static inline void sim_init(struct sim *s, u32 builtin, bool arr, u32 slots, u32 slice_us)
{
	memset(s, 0, sizeof(*s));
	s->now_ns = 1000000007;
	nova_rq_init(&s->rq, 0, 0, 1);
	s->rq.pub.builtin = builtin;
	s->rq.pub.arr = arr;
	s->rq.pub.slots = slots;
	s->rq.pub.slice_us = slice_us;
}

static inline struct sim_vgpu *sim_add(struct sim *s, bool work)
{
	struct sim_vgpu *v = &s->v[s->n];

	v->rq.pub.gfid = s->n + 1;
	v->rq.pub.slot = s->n++;
	v->rq.pub.weight = NOVA_WEIGHT_DEFAULT;
	v->rq.pub.tsgs = 1;
	assert_int_equal(nova_rq_add(&s->rq, &v->rq), 0);
	v->rq.has_work = work;
	nova_rq_update(&s->rq, &v->rq, s->now_ns);
	return v;
}

/* Who has got work, and whose cap has ended, at now; returns when the next one will. */
static inline u64 sim_wake(struct sim *s)
{
	u64 next = U64_MAX;
	u32 i;

	for (i = 0; i < s->n; i++) {
		struct sim_vgpu *v = &s->v[i];

		if (v->off_ns && !v->rq.has_work) {
			if (v->wakes_ns <= s->now_ns) {
				v->rq.has_work = true;
				v->ran_since_on_ns = 0;
			} else {
				next = min(next, v->wakes_ns);
			}
		}
		if (v->rq.capped) {
			if (nova_rq_cap_end(&v->rq) <= s->now_ns)
				v->rq.capped = !nova_rq_cap_left(&v->rq, s->now_ns);
			if (v->rq.capped)
				next = min(next, nova_rq_cap_end(&v->rq));
		}
		nova_rq_update(&s->rq, &v->rq, s->now_ns);
	}
	return next;
}

static inline void sim_run(struct sim *s, struct sim_vgpu *v, u64 ns)
{
	u64 gap = s->now_ns - v->rq.pub.runnable_since_ns;
	bool dry;

	v->gap_max_ns = max(v->gap_max_ns, gap);
	dry = v->off_ns && v->ran_since_on_ns + ns >= v->on_ns;
	if (dry)
		ns = v->on_ns - v->ran_since_on_ns;
	nova_rq_start(&s->rq, &v->rq, s->now_ns);
	s->now_ns += ns;
	v->ran_since_on_ns += ns;
	if (dry) {
		v->rq.has_work = false;
		v->wakes_ns = s->now_ns + v->off_ns;
		nova_rq_update(&s->rq, &v->rq, s->now_ns);
	}
	nova_rq_stop(&s->rq, &v->rq, s->now_ns, ns);
	if (!dry && v->overrun_ns) {
		nova_rq_overran(&s->rq, &v->rq, v->overrun_ns);
		s->now_ns += v->overrun_ns;
	}
	if (!nova_rq_cap_left(&v->rq, s->now_ns)) {
		v->rq.capped = true;
		nova_rq_update(&s->rq, &v->rq, s->now_ns);
	}
}

/* Runs the built-in for @ns. Every decision is checked. */
static inline void sim_for(struct sim *s, u64 ns)
{
	u64 end = s->now_ns + ns;
	struct nova_decision d, applied;
	enum nova_decision_verdict how;
	u64 next, until;

	while (s->now_ns < end) {
		next = sim_wake(s);
		nova_builtin_pick(&s->rq, s->now_ns, &d);
		how = nova_decision_check(&s->rq, &d, s->now_ns, &applied);
		assert_true(how == NOVA_APPLY || how == NOVA_APPLY_CLIPPED);
		s->decisions++;
		if (applied.kind == NOVA_DECIDE_RUN) {
			sim_run(s, &s->v[applied.gfid - 1], applied.ns);
			continue;
		}
		until = applied.ns ? min(s->now_ns + applied.ns, next) : next;
		until = min(until, end);
		s->idle_ns += until - s->now_ns;
		s->now_ns = until;
	}
}

/* Share of the engine's time, in millionths of @of_ns. */
static inline u64 sim_ppm(const struct sim *s, u32 i, u64 of_ns)
{
	return s->v[i].rq.pub.run_total_ns * 1000000 / of_ns;
}

#endif /* NOVABPF_UNIT_SCHED_SIM_H */
