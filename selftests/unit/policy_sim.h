/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy of bpf/sched compiled natively, on a runlist whose engine needs no
 * firmware. A test includes unit.h, the policy's source, then this. Each decision
 * is checked; those of a policy that has a twin in C are compared with it.
 */
#ifndef NOVABPF_UNIT_POLICY_SIM_H
#define NOVABPF_UNIT_POLICY_SIM_H

#define MS		1000000ULL
#define SECONDS(n)	((n) * 1000 * MS)
#define P_VGPUS		64

/**
 * struct tenant - a vGPU and its work
 * @rq: the vGPU
 * @burst_ns: its work comes in pieces of this length, 0: it never ends
 * @every_ns: a piece comes so often; each a bit early or late
 * @overrun_ns: how long it goes on after a run was ended
 * @left_ns: of the work that has come
 * @next_ns: when the next piece comes
 * @late_max_ns: most that a piece took from coming to its end
 * @gap_max_ns: longest wait for the engine
 */
struct tenant {
	struct nova_rq_vgpu rq;
	u64 burst_ns;
	u64 every_ns;
	u64 overrun_ns;
	u64 left_ns;
	u64 came_ns;
	u64 next_ns;
	u64 late_max_ns;
	u64 gap_max_ns;
};

static struct {
	struct nova_rq rq;
	struct tenant v[P_VGPUS];
	const struct nova_sched_ops *ops;
	struct nova_decision asked;
	bool twin;
	u32 n;
	u64 now_ns;
	u64 random;
	u64 decisions;
	u64 preempts;
	struct tenant *curr;
	u64 began_ns;
	u64 slice_end_ns;
	u64 idle_until_ns;
	u64 carry_ns[P_VGPUS];
} p;

u64 nova_bpf_now(const struct nova_sched_rl *rl)
{
	(void)rl;
	return p.now_ns;
}

s32 nova_bpf_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns)
{
	(void)rl;
	p.asked = (struct nova_decision) { NOVA_DECIDE_RUN, gfid, slice_ns };
	return 0;
}

s32 nova_bpf_idle(struct nova_sched_rl *rl, u64 ns)
{
	(void)rl;
	p.asked = (struct nova_decision) { NOVA_DECIDE_IDLE, 0, ns };
	return 0;
}

s32 nova_bpf_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key)
{
	s32 ret = nova_rq_insert((struct nova_rq *)rl, queue, gfid, key);

	assert_int_equal(ret, 0);
	return ret;
}

s32 nova_bpf_queue_remove(struct nova_sched_rl *rl, u32 gfid)
{
	return nova_rq_remove((struct nova_rq *)rl, gfid);
}

struct nova_sched_vgpu *nova_bpf_queue_first(struct nova_sched_rl *rl, u32 queue)
{
	struct nova_rq_vgpu *v = nova_rq_first((struct nova_rq *)rl, queue);

	return v ? &v->pub : NULL;
}

u64 nova_bpf_queue_key(struct nova_sched_rl *rl, u32 queue)
{
	struct nova_rq_vgpu *v = nova_rq_first((struct nova_rq *)rl, queue);

	return v ? v->key : 0;
}

struct nova_sched_vgpu *nova_bpf_vgpu(struct nova_sched_rl *rl, u32 gfid)
{
	struct nova_rq_vgpu *v = nova_rq_find((struct nova_rq *)rl, gfid);

	return v ? &v->pub : NULL;
}

struct nova_sched_vgpu *nova_bpf_vgpu_at(struct nova_sched_rl *rl, u32 slot)
{
	struct nova_rq_vgpu *v = nova_rq_at((struct nova_rq *)rl, slot);

	return v ? &v->pub : NULL;
}

void nova_bpf_error(struct nova_sched_rl *rl, s64 code, const char *msg)
{
	(void)rl;
	(void)code;
	fail_msg("the policy gave up: %s", msg);
}

static u64 p_random(u64 below)
{
	p.random = p.random * 6364136223846793005ULL + 1442695040888963407ULL;
	return below ? (p.random >> 20) % below : 0;
}

static void p_init(const struct nova_sched_ops *ops, u32 builtin, u32 slots, u32 slice_us)
{
	memset(&p, 0, sizeof(p));
	p.ops = ops;
	p.twin = builtin;
	p.now_ns = 1000000007;
	p.random = 1;
	nova_rq_init(&p.rq, 0, 0, 1);
	p.rq.pub.builtin = builtin ? builtin : NOVA_BUILTIN_BEST_EFFORT;
	p.rq.pub.slots = slots;
	p.rq.pub.slice_us = slice_us;
}

static void p_update(struct tenant *v)
{
	if (!nova_rq_update(&p.rq, &v->rq, p.now_ns))
		return;
	if (v->rq.pub.runnable)
		p.ops->runnable(&p.rq.pub, &v->rq.pub);
	else if (p.ops->quiescent)
		p.ops->quiescent(&p.rq.pub, &v->rq.pub);
}

static struct tenant *p_add(u32 weight, u64 burst_ns, u64 every_ns)
{
	struct tenant *v = &p.v[p.n];

	v->rq.pub.gfid = p.n + 1;
	v->rq.pub.slot = p.n++;
	v->rq.pub.weight = weight;
	v->rq.pub.priority = 1;
	v->rq.pub.tsgs = 1;
	v->burst_ns = burst_ns;
	v->every_ns = every_ns;
	v->next_ns = p.now_ns + p_random(every_ns);
	assert_int_equal(nova_rq_add(&p.rq, &v->rq), 0);
	return v;
}

/* Once its settings are made. */
static void p_start(void)
{
	u32 i;

	for (i = 0; i < p.n; i++) {
		if (p.ops->vgpu_init)
			p.ops->vgpu_init(&p.v[i].rq.pub);
		p.v[i].rq.has_work = !p.v[i].burst_ns;
		p_update(&p.v[i]);
	}
}

static void p_end_run(bool dry)
{
	struct tenant *v = p.curr;
	u64 ran = p.now_ns - p.began_ns;
	u32 i = v - p.v;

	nova_rq_stop(&p.rq, &v->rq, p.now_ns, ran);
	p.ops->stopped(&p.rq.pub, &v->rq.pub, ran + p.carry_ns[i],
		       dry ? NOVA_STOP_DRY : NOVA_STOP_SLICE);
	p.carry_ns[i] = 0;
	p.curr = NULL;
	v->rq.has_work = !v->burst_ns || v->left_ns;
	p_update(v);
	if (dry || !v->overrun_ns)
		return;
	p.carry_ns[i] = v->overrun_ns;
	nova_rq_overran(&p.rq, &v->rq, v->overrun_ns);
}

/* A decision, and what it says begins. Overshoot delays it. */
static void p_decide(u64 delay_ns)
{
	struct nova_decision d, twin;
	enum nova_decision_verdict how;
	struct tenant *v;

	memset(&p.asked, 0, sizeof(p.asked));
	p.ops->pick(&p.rq.pub, NULL);
	how = nova_decision_check(&p.rq, &p.asked, p.now_ns, &d);
	if (how > NOVA_APPLY_CLIPPED)
		fail_msg("decision %llu is refused: %d", (unsigned long long)p.decisions, how);
	if (p.twin) {
		nova_builtin_pick(&p.rq, p.now_ns, &twin);
		assert_memory_equal(&twin, &p.asked, sizeof(twin));
	}
	p.decisions++;
	p.idle_until_ns = d.kind == NOVA_DECIDE_IDLE && d.ns ? p.now_ns + d.ns : U64_MAX;
	if (d.kind != NOVA_DECIDE_RUN)
		return;
	v = &p.v[d.gfid - 1];
	v->gap_max_ns = max(v->gap_max_ns, p.now_ns - v->rq.pub.runnable_since_ns);
	nova_rq_start(&p.rq, &v->rq, p.now_ns);
	p.curr = v;
	p.slice_end_ns = max(p.now_ns + d.ns, p.now_ns + delay_ns + d.ns / 2);
	p.now_ns += delay_ns;
	p.began_ns = p.now_ns;
}

/* Work that has come by now. Whether the policy wants it to end the run. */
static bool p_arrivals(void)
{
	bool preempt = false;
	u32 i;

	for (i = 0; i < p.n; i++) {
		struct tenant *v = &p.v[i];

		if (!v->burst_ns || v->next_ns > p.now_ns)
			continue;
		if (!v->left_ns)
			v->came_ns = v->next_ns;
		v->left_ns += v->burst_ns;
		v->next_ns += v->every_ns / 2 + p_random(v->every_ns);
		v->rq.has_work = true;
		if (v->rq.pub.runnable)
			continue;
		p_update(v);
		if (p.curr && p.curr != v && p.ops->preempt)
			preempt |= p.ops->preempt(&p.rq.pub, &p.curr->rq.pub, &v->rq.pub);
	}
	return preempt;
}

static u64 p_next(u64 end)
{
	u64 next = min(end, p.curr ? p.slice_end_ns : p.idle_until_ns);
	u32 i;

	for (i = 0; i < p.n; i++)
		if (p.v[i].burst_ns)
			next = min(next, p.v[i].next_ns);
	if (p.curr && p.curr->burst_ns)
		next = min(next, p.now_ns + p.curr->left_ns);
	return max(next, p.now_ns);
}

static void p_run(u64 ns)
{
	u64 end = p.now_ns + ns, next, delay;
	struct tenant *v;
	bool preempt, dry;

	while (p.now_ns < end) {
		next = p_next(end);
		v = p.curr;
		if (v && v->burst_ns)
			v->left_ns -= min(v->left_ns, next - p.now_ns);
		p.now_ns = next;
		dry = v && v->burst_ns && !v->left_ns;
		if (dry)
			v->late_max_ns = max(v->late_max_ns, p.now_ns - v->came_ns);
		preempt = p_arrivals();
		if (!v) {
			p_decide(0);
		} else if (dry || preempt || p.now_ns >= p.slice_end_ns) {
			p.preempts += preempt;
			delay = dry ? 0 : v->overrun_ns;
			p_end_run(dry);
			p_decide(delay);
		}
	}
}

static inline u64 p_ran(u32 i)
{
	return p.v[i].rq.pub.run_total_ns;
}

static inline void p_expect_share(u32 i, u64 of_ns, u64 want_ppm, u64 tolerance_ppm)
{
	u64 got = p_ran(i) * 1000000 / of_ns;

	if (got + tolerance_ppm < want_ppm || got > want_ppm + tolerance_ppm)
		fail_msg("vGPU %u has %llu ppm, expected %llu +- %llu", i + 1,
			 (unsigned long long)got, (unsigned long long)want_ppm,
			 (unsigned long long)tolerance_ppm);
}

#endif /* NOVABPF_UNIT_POLICY_SIM_H */
