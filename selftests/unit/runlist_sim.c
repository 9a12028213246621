// SPDX-License-Identifier: GPL-2.0-only
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "runlist_sim.h"

#define LATENCY_NS	(20 * NSEC_PER_USEC)

/* Operations take no time here. */
u64 native_mono_ns, native_cycles, native_cycles_reads;

struct runlist_sim sim;

u32 sim_rnd(u32 n)
{
	sim.rnd_state = sim.rnd_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(sim.rnd_state >> 33) % n;
}

/* --- the hardware's clock */

static u64 hw_now(void *hw)
{
	void (*first)(u64 read_ns) = sim.others_first;
	u64 read_ns = sim.now_ns;

	if (first && !sim.gpu.sched->rl[0]->lock.held) {
		sim.others_first = NULL;
		first(read_ns);
	}
	return read_ns;
}

static void hw_timer_init(void *hw, struct nova_hw_timer *t)
{
	t->at_ns = U64_MAX;
	sim.timers[sim.nr_timers++] = t;
}

static void hw_timer_arm(void *hw, struct nova_hw_timer *t, u64 at_ns)
{
	t->at_ns = at_ns;
}

static void hw_timer_cancel(void *hw, struct nova_hw_timer *t)
{
	t->at_ns = U64_MAX;
}

static const struct nova_hw_ops hw_ops = {
	.now_ns = hw_now,
	.timer_init = hw_timer_init,
	.timer_arm = hw_timer_arm,
	.timer_cancel = hw_timer_cancel,
};

/* --- the firmware */

static int serving(void)
{
	return sim.gsp.state == NOVA_GSP_READY ? 0 : -EAGAIN;
}

static void execute(u32 gfid, u32 cmd, const u8 *params)
{
	if (cmd == NOVA_WIRE_TSG_SCHEDULE)
		sim.on[gfid] = params[NOVA_WIRE_TSG_SCHEDULE_ENABLE];
}

static void draw(struct sim_call *c, int *now_err)
{
	static const int errs[] = { -EIO, -EAGAIN, -ENOMEM, -EBADMSG, -ESHUTDOWN, -ENODEV };

	if (!sim.chaos_ppt || sim_rnd(1000) >= sim.chaos_ppt)
		return;
	switch (sim_rnd(4)) {
	case 0:
		*now_err = errs[sim_rnd(ARRAY_SIZE(errs))];
		break;
	case 1:
		c->err = errs[sim_rnd(ARRAY_SIZE(errs))];
		break;
	case 2:
		c->err = -ETIMEDOUT;
		break;
	default:
		c->err = -EREMOTEIO;
		c->status = sim_rnd(2) ? NV_ERR_BUSY_RETRY : NV_ERR_INVALID_ARGUMENT;
	}
}

int nova_rm_control_post_for(struct nova_gpu *g, u32 gfid, u32 client, u32 object, u32 cmd,
			     const void *params, u32 size, struct nova_rm_post *post)
{
	struct sim_call c = { .post = post };
	bool counting = sim.fate.nth;
	int now_err = 0;

	assert_ptr_equal(g, &sim.gpu);
	assert_true(client && object && size && post->urgent);
	if (serving())
		return serving();
	draw(&c, &now_err);
	if (sim.fate.cmd == cmd && (!sim.fate.gfid || sim.fate.gfid == gfid) &&
	    (!sim.fate.nth || sim.fate.nth-- == 1)) {
		now_err = sim.fate.now_err;
		c.err = sim.fate.err;
		c.status = sim.fate.status;
		if (counting)
			sim.fate.cmd = 0;
	}
	if (now_err)
		return now_err;
	assert_true(sim.nr_out < POSTS);
	if (!c.err || c.err == -ETIMEDOUT)
		execute(gfid, cmd, params);
	c.at_ns = sim.now_ns + (c.err == -ETIMEDOUT ? DEADLINE_NS : (u64)LATENCY_NS);
	sim.out[sim.nr_out++] = c;
	return 0;
}

int nova_rm_alloc_for(struct nova_gpu *g, u32 gfid, u32 client, u32 parent, u32 object,
		      u32 class, const void *params, u32 size, struct nova_rm_result *res)
{
	return serving();
}

int nova_rm_free_for(struct nova_gpu *g, u32 gfid, u32 client, u32 object,
		     struct nova_rm_result *res)
{
	u32 i;

	/* Its memory is freed next: no control may be in flight for it. */
	for (i = 0; i < sim.nr_out; i++)
		assert_int_not_equal(gfid, container_of(sim.out[i].post, struct nova_tsg_post,
							post)->e->gfid);
	sim.on[gfid] = false;
	return serving();
}

/* --- others */

void nova_policy_eject(struct nova_policy *p, enum nova_exit_kind kind, s64 code, u32 gfid,
		       const char *fmt, ...)
{
}

void nova_policy_reset(struct nova_sched *s, enum nova_exit_kind kind)
{
}

static void note_gave_up(struct nova_gpu *g, u32 gfid)
{
	assert_ptr_equal(g, &sim.gpu);
	sim.gave_up[gfid]++;
}

static const struct nova_sched_user user = { .gave_up = note_gave_up };

/* --- time goes on */

struct nova_runlist *sim_runlist(void)
{
	return sim.gpu.sched->rl[0];
}

static void sim_end_call(u32 i, int err)
{
	struct sim_call c = sim.out[i];

	sim.out[i] = sim.out[--sim.nr_out];
	c.post->err = err;
	c.post->result = (struct nova_rm_result) { .status = c.status };
	c.post->done(c.post);
}

bool sim_step(void)
{
	struct nova_hw_timer *t = NULL;
	u64 at = U64_MAX;
	u32 i, call = POSTS;

	for (i = 0; i < sim.nr_out; i++)
		if (sim.out[i].at_ns < at) {
			at = sim.out[i].at_ns;
			call = i;
		}
	for (i = 0; i < sim.nr_timers; i++)
		if (sim.timers[i]->at_ns < at) {
			at = sim.timers[i]->at_ns;
			t = sim.timers[i];
		}
	if (at == U64_MAX)
		return false;
	sim.now_ns = max(sim.now_ns, at);
	if (t) {
		t->at_ns = U64_MAX;
		t->fn(t);
	} else {
		sim_end_call(call, sim.out[call].err);
	}
	if (sim.gpu.sched->broken.queued) {
		sim.gpu.sched->broken.queued = false;
		sim.gpu.sched->broken.fn(&sim.gpu.sched->broken);
	}
	if (!serving())
		assert_int_not_equal(sim_runlist()->phase, NOVA_RL_DEAD);
	return true;
}

void sim_run_for(u64 ns)
{
	u64 end = sim.now_ns + ns;

	while (sim.now_ns < end && sim_step())
		;
	sim.now_ns = max(sim.now_ns, end);
}

void nova_gpu_sleep_us(struct nova_gpu *g, u32 us)
{
	sim_run_for((u64)us * NSEC_PER_USEC);
}

/* The system sleeps for @ns: no timer is armed and no control is in flight. */
static void sim_sleeps(u64 ns)
{
	u32 i;

	nova_sched_hold(&sim.gpu);
	for (i = 0; i < sim.nr_timers; i++)
		assert_int_equal(sim.timers[i]->at_ns, U64_MAX);
	sim.now_ns += ns;
	nova_sched_release(&sim.gpu);
}

void sim_works(u32 gfid, bool yes)
{
	enum nova_engine_event ev = yes ? NOVA_ENGINE_DOORBELL : NOVA_ENGINE_IDLE;

	nova_sched_engine_event(&sim.gpu, ev, GR0, gfid, 0);
}

void sim_create(u32 gfid)
{
	struct sim_vgpu *v = &sim.vgpu[gfid];

	memset(v, 0, sizeof(*v));
	v->tenant = (struct nova_sched_tenant) {
		.gpu = &sim.gpu,
		.gfid = gfid,
		.slot = gfid - 1,
		.client = 0xc0f00000 | gfid,
		.tsgs = 1,
		.config = &v->config,
		.lock = &v->lock,
	};
	mutex_lock(&v->lock);
	v->scheduled = !nova_sched_add(&v->tenant);
	mutex_unlock(&v->lock);
}

void sim_destroy(u32 gfid)
{
	u64 since = sim.wait_since_ns;

	if (!sim.vgpu[gfid].scheduled)
		return;
	/* Only one deletion of a vGPU at a time. */
	sim.vgpu[gfid].scheduled = false;
	sim.wait_since_ns = sim.now_ns;
	sim.depth++;
	mutex_lock(&sim.vgpu[gfid].lock);
	nova_sched_del(&sim.vgpu[gfid].tenant);
	mutex_unlock(&sim.vgpu[gfid].lock);
	sim.depth--;
	sim.longest_wait_ns = max(sim.longest_wait_ns, sim.now_ns - sim.wait_since_ns);
	sim.wait_since_ns = since;
}

/* As a recovery begins: see recover_begin() and recover_work(). */
void sim_reset_begin(void)
{
	sim.gsp.state = NOVA_GSP_RECOVERING;
	sim.gsp.recovery.epoch++;
	while (sim.nr_out)
		sim_end_call(sim_rnd(sim.nr_out), -ESHUTDOWN);
	nova_sched_pause(&sim.gpu);
}

void sim_reset_end(void)
{
	u32 gfid;

	for (gfid = 1; gfid <= VGPUS; gfid++)
		sim_destroy(gfid);
	assert_int_equal(sim_runlist()->rq.pub.nr_vgpus, 0);
	memset(sim.on, 0, sizeof(sim.on));
	sim.gsp.state = NOVA_GSP_READY;
	nova_sched_start(&sim.gpu);
}

void sim_something_happens(void)
{
	u32 gfid = 1 + sim_rnd(VGPUS);

	switch (sim_rnd(12)) {
	case 0:
		if (sim.depth < 3)
			sim_destroy(gfid);
		break;
	case 1:
		if (!sim_rnd(6) && sim.gsp.state == NOVA_GSP_READY)
			sim_reset_begin();
		break;
	case 2:
		if (!sim.depth && !sim.vgpu[gfid].scheduled)
			sim_create(gfid);
		break;
	case 3:
		if (!sim.depth && sim.gsp.state == NOVA_GSP_READY && !sim_rnd(6))
			sim_sleeps(sim_rnd(3) * NSEC_PER_SEC);
		break;
	default:
		sim_works(gfid, sim_rnd(3));
	}
}

/* A deletion waits for events, so time passes and others go on meanwhile. */
void wait_for_completion(struct completion *c)
{
	u32 steps = 0;

	while (!c->done) {
		if (sim.chaos_ppt && !sim_rnd(2))
			sim_something_happens();
		if (sim.chaos_ppt && !sim_rnd(8) && sim.gsp.state == NOVA_GSP_READY)
			sim_reset_begin();
		if (c->done)
			return;
		if (!sim_step())
			fail_msg("a deletion waits for what nobody will bring");
		if (++steps > 100000)
			fail_msg("a deletion does not end");
	}
}

int sim_begin(void **state)
{
	u32 gfid;

	memset(&sim, 0, sizeof(sim));
	sim.now_ns = NSEC_PER_SEC;
	sim.rnd_state = 1;
	sim.gpu.gsp = &sim.gsp;
	sim.gpu.ops = &hw_ops;
	sim.gsp.abi = nova_abi_find("570.144");
	sim.gsp.state = NOVA_GSP_READY;
	sim.gsp.recovery.epoch = 1;
	assert_int_equal(nova_sched_create(&sim.gpu, &user), 0);
	nova_sched_start(&sim.gpu);
	for (gfid = 1; gfid <= 2; gfid++) {
		sim_create(gfid);
		sim_works(gfid, true);
	}
	return 0;
}

int sim_end(void **state)
{
	u32 gfid;

	sim.chaos_ppt = 0;
	memset(&sim.fate, 0, sizeof(sim.fate));
	for (gfid = 1; gfid <= VGPUS; gfid++)
		sim_destroy(gfid);
	assert_int_equal(sim.nr_out, 0);
	nova_sched_stop(&sim.gpu);
	nova_sched_destroy(&sim.gpu);
	return 0;
}

u64 sim_runs(u32 gfid)
{
	struct nova_sched_stats st;

	mutex_lock(&sim.vgpu[gfid].lock);
	nova_sched_vgpu_stats(&sim.vgpu[gfid].tenant, &st);
	mutex_unlock(&sim.vgpu[gfid].lock);
	return st.runs;
}

void sim_configure(u32 gfid, u32 cap_pct)
{
	mutex_lock(&sim.vgpu[gfid].lock);
	sim.vgpu[gfid].config.cap_pct = cap_pct;
	nova_sched_config(&sim.vgpu[gfid].tenant);
	mutex_unlock(&sim.vgpu[gfid].lock);
}
