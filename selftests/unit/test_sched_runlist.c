// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/runlist.c kmod/sched/tsg.c kmod/sched/watch.c kmod/sched/calls.c
// uses: kmod/sched/sched.c kmod/sched/switch.c kmod/sched/rq.c kmod/sched/check.c
// uses: kmod/sched/builtin.c kmod/abi/abi.c kmod/abi/tables.c
// include: selftests/unit/kernel
/*
 * Runlists with a firmware that fails: single controls, all of one vGPU's, at random, and
 * whole. vGPUs are destroyed and the GPU is reset in the midst of it.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "unit.h"
#include "native_kernel.h"
#include <novabpf/driver/gsp_wire.h>
#include "gsp/gsp.h"
#include "sched/runlist.h"

#define VGPUS		4
#define POSTS		256
#define LATENCY_NS	(20 * NSEC_PER_USEC)
#define DEADLINE_NS	(6 * (u64)NSEC_PER_SEC)
#define GR0		1

/* How the control ends that is posted next, and fits. */
struct fate {
	u32 cmd;	/* 0: none */
	u32 gfid;	/* 0: any */
	u32 nth;	/* counts down; 0: all */
	int now_err;	/* nova_rm_control_post_for() says so */
	int err;	/* or the reply does */
	u32 status;
};

struct call {
	struct nova_rm_post *post;
	u64 at_ns;
	int err;
	u32 status;
};

/* Nothing takes long here. */
u64 native_mono_ns, native_cycles, native_cycles_reads;

static struct nova_gpu gpu;
static struct nova_gsp gsp;
/* What the owner of a vGPU keeps. */
static struct vgpu {
	struct mutex lock;	/* held for all that the scheduler is asked */
	struct nova_vgpu_config config;
	struct nova_sched_tenant tenant;
	bool scheduled;
} vgpu[VGPUS + 1];
static u64 now_ns;
static struct call out[POSTS];
static u32 nr_out;
static struct nova_hw_timer *timers[16];
static u32 nr_timers;
static struct fate fate;
static u32 gave_up[VGPUS + 1];
/* What the firmware has on the runlist, by gfid; each has one channel group. */
static bool on[VGPUS + 1];
/* At random: in this many of a thousand, and how deep deletions wait in each other. */
static u32 chaos_ppt, depth;
static u64 rnd_state, wait_since_ns, longest_wait_ns;
/* What other processors do once the clock was read without the lock of the runlist. */
static void (*others_first)(u64 read_ns);

static u32 rnd(u32 n)
{
	rnd_state = rnd_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(rnd_state >> 33) % n;
}

/* --- the hardware's clock */

static u64 hw_now(void *hw)
{
	void (*first)(u64 read_ns) = others_first;
	u64 read_ns = now_ns;

	if (first && !gpu.sched->rl[0]->lock.held) {
		others_first = NULL;
		first(read_ns);
	}
	return read_ns;
}

static void hw_timer_init(void *hw, struct nova_hw_timer *t)
{
	t->at_ns = U64_MAX;
	timers[nr_timers++] = t;
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
	return gsp.state == NOVA_GSP_READY ? 0 : -EAGAIN;
}

static void execute(u32 gfid, u32 cmd, const u8 *params)
{
	if (cmd == NOVA_WIRE_TSG_SCHEDULE)
		on[gfid] = params[NOVA_WIRE_TSG_SCHEDULE_ENABLE];
}

static void draw(struct call *c, int *now_err)
{
	static const int errs[] = { -EIO, -EAGAIN, -ENOMEM, -EBADMSG, -ESHUTDOWN, -ENODEV };

	if (!chaos_ppt || rnd(1000) >= chaos_ppt)
		return;
	switch (rnd(4)) {
	case 0:
		*now_err = errs[rnd(ARRAY_SIZE(errs))];
		break;
	case 1:
		c->err = errs[rnd(ARRAY_SIZE(errs))];
		break;
	case 2:
		c->err = -ETIMEDOUT;
		break;
	default:
		c->err = -EREMOTEIO;
		c->status = rnd(2) ? NV_ERR_BUSY_RETRY : NV_ERR_INVALID_ARGUMENT;
	}
}

int nova_rm_control_post_for(struct nova_gpu *g, u32 gfid, u32 client, u32 object, u32 cmd,
			     const void *params, u32 size, struct nova_rm_post *post)
{
	struct call c = { .post = post };
	bool counting = fate.nth;
	int now_err = 0;

	assert_ptr_equal(g, &gpu);
	assert_true(client && object && size && post->urgent);
	if (serving())
		return serving();
	draw(&c, &now_err);
	if (fate.cmd == cmd && (!fate.gfid || fate.gfid == gfid) &&
	    (!fate.nth || fate.nth-- == 1)) {
		now_err = fate.now_err;
		c.err = fate.err;
		c.status = fate.status;
		if (counting)
			fate.cmd = 0;
	}
	if (now_err)
		return now_err;
	assert_true(nr_out < POSTS);
	if (!c.err || c.err == -ETIMEDOUT)
		execute(gfid, cmd, params);
	c.at_ns = now_ns + (c.err == -ETIMEDOUT ? DEADLINE_NS : (u64)LATENCY_NS);
	out[nr_out++] = c;
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

	/* Its memory goes next: nothing may be under way for it. */
	for (i = 0; i < nr_out; i++)
		assert_int_not_equal(container_of(out[i].post, struct nova_tsg_post, post)->e->gfid,
				     gfid);
	on[gfid] = false;
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
	assert_ptr_equal(g, &gpu);
	gave_up[gfid]++;
}

static const struct nova_sched_user user = { .gave_up = note_gave_up };

/* --- time goes on */

static struct nova_runlist *runlist(void)
{
	return gpu.sched->rl[0];
}

static void end_call(u32 i, int err)
{
	struct call c = out[i];

	out[i] = out[--nr_out];
	c.post->err = err;
	c.post->result = (struct nova_rm_result) { .status = c.status };
	c.post->done(c.post);
}

/* The next thing that happens. Return: false where nothing will. */
static bool step(void)
{
	struct nova_hw_timer *t = NULL;
	u64 at = U64_MAX;
	u32 i, call = POSTS;

	for (i = 0; i < nr_out; i++)
		if (out[i].at_ns < at) {
			at = out[i].at_ns;
			call = i;
		}
	for (i = 0; i < nr_timers; i++)
		if (timers[i]->at_ns < at) {
			at = timers[i]->at_ns;
			t = timers[i];
		}
	if (at == U64_MAX)
		return false;
	now_ns = max(now_ns, at);
	if (t) {
		t->at_ns = U64_MAX;
		t->fn(t);
	} else {
		end_call(call, out[call].err);
	}
	if (gpu.sched->broken.queued) {
		gpu.sched->broken.queued = false;
		gpu.sched->broken.fn(&gpu.sched->broken);
	}
	if (!serving())
		assert_int_not_equal(runlist()->phase, NOVA_RL_DEAD);
	return true;
}

static void run_for(u64 ns)
{
	u64 end = now_ns + ns;

	while (now_ns < end && step())
		;
	now_ns = max(now_ns, end);
}

void nova_gpu_sleep_us(struct nova_gpu *g, u32 us)
{
	run_for((u64)us * NSEC_PER_USEC);
}

/* The system sleeps for @ns: no timer is left to fire and no control to be answered. */
static void sleeps(u64 ns)
{
	u32 i;

	nova_sched_hold(&gpu);
	for (i = 0; i < nr_timers; i++)
		assert_int_equal(timers[i]->at_ns, U64_MAX);
	now_ns += ns;
	nova_sched_release(&gpu);
}

static void works(u32 gfid, bool yes)
{
	nova_sched_engine_event(&gpu, yes ? NOVA_ENGINE_DOORBELL : NOVA_ENGINE_IDLE, GR0, gfid, 0);
}

static void create(u32 gfid)
{
	struct vgpu *v = &vgpu[gfid];

	memset(v, 0, sizeof(*v));
	v->tenant = (struct nova_sched_tenant) {
		.gpu = &gpu,
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

static void destroy(u32 gfid)
{
	u64 since = wait_since_ns;

	if (!vgpu[gfid].scheduled)
		return;
	/* Nobody else begins to while this is under way. */
	vgpu[gfid].scheduled = false;
	wait_since_ns = now_ns;
	depth++;
	mutex_lock(&vgpu[gfid].lock);
	nova_sched_del(&vgpu[gfid].tenant);
	mutex_unlock(&vgpu[gfid].lock);
	depth--;
	longest_wait_ns = max(longest_wait_ns, now_ns - wait_since_ns);
	wait_since_ns = since;
}

/* As a recovery begins: see recover_begin() and recover_work() in kmod/gsp/recover.c. */
static void reset_begin(void)
{
	gsp.state = NOVA_GSP_RECOVERING;
	gsp.recovery.epoch++;
	while (nr_out)
		end_call(rnd(nr_out), -ESHUTDOWN);
	nova_sched_pause(&gpu);
}

static void reset_end(void)
{
	u32 gfid;

	for (gfid = 1; gfid <= VGPUS; gfid++)
		destroy(gfid);
	assert_int_equal(runlist()->rq.pub.nr_vgpus, 0);
	memset(on, 0, sizeof(on));
	gsp.state = NOVA_GSP_READY;
	nova_sched_start(&gpu);
}

static void something_happens(void)
{
	u32 gfid = 1 + rnd(VGPUS);

	switch (rnd(12)) {
	case 0:
		if (depth < 3)
			destroy(gfid);
		break;
	case 1:
		if (!rnd(6) && gsp.state == NOVA_GSP_READY)
			reset_begin();
		break;
	case 2:
		if (!depth && !vgpu[gfid].scheduled)
			create(gfid);
		break;
	case 3:
		if (!depth && gsp.state == NOVA_GSP_READY && !rnd(6))
			sleeps(rnd(3) * NSEC_PER_SEC);
		break;
	default:
		works(gfid, rnd(3));
	}
}

/* Whoever destroys a vGPU waits for what only time brings, and others go on meanwhile. */
void wait_for_completion(struct completion *c)
{
	u32 steps = 0;

	while (!c->done) {
		if (chaos_ppt && !rnd(2))
			something_happens();
		if (chaos_ppt && !rnd(8) && gsp.state == NOVA_GSP_READY)
			reset_begin();
		if (c->done)
			return;
		if (!step())
			fail_msg("a deletion waits for what nobody will bring");
		if (++steps > 100000)
			fail_msg("a deletion does not end");
	}
}

static int begin(void **state)
{
	u32 gfid;

	memset(&gpu, 0, sizeof(gpu));
	memset(&gsp, 0, sizeof(gsp));
	memset(vgpu, 0, sizeof(vgpu));
	memset(gave_up, 0, sizeof(gave_up));
	memset(on, 0, sizeof(on));
	memset(&fate, 0, sizeof(fate));
	nr_out = 0;
	nr_timers = 0;
	depth = 0;
	chaos_ppt = 0;
	now_ns = NSEC_PER_SEC;
	longest_wait_ns = 0;
	others_first = NULL;
	rnd_state = 1;
	gpu.gsp = &gsp;
	gpu.ops = &hw_ops;
	gsp.abi = nova_abi_find("570.144");
	gsp.state = NOVA_GSP_READY;
	gsp.recovery.epoch = 1;
	assert_int_equal(nova_sched_create(&gpu, &user), 0);
	nova_sched_start(&gpu);
	for (gfid = 1; gfid <= 2; gfid++) {
		create(gfid);
		works(gfid, true);
	}
	return 0;
}

static int end(void **state)
{
	u32 gfid;

	chaos_ppt = 0;
	memset(&fate, 0, sizeof(fate));
	for (gfid = 1; gfid <= VGPUS; gfid++)
		destroy(gfid);
	assert_int_equal(nr_out, 0);
	nova_sched_stop(&gpu);
	nova_sched_destroy(&gpu);
	return 0;
}

static u64 runs(u32 gfid)
{
	struct nova_sched_stats st;

	mutex_lock(&vgpu[gfid].lock);
	nova_sched_vgpu_stats(&vgpu[gfid].tenant, &st);
	mutex_unlock(&vgpu[gfid].lock);
	return st.runs;
}

/* Both have turns, and the firmware has one of them at a time at most. */
static void both_go_on(void)
{
	u64 one = runs(1), two = runs(2);

	run_for(100 * NSEC_PER_MSEC);
	assert_true(runs(1) > one + 5 && runs(2) > two + 5);
	assert_int_equal(gave_up[1] + gave_up[2], 0);
}

static u64 retries(void)
{
	return gpu.sched->count[NOVA_SCHED_STAT_RETRIES].v;
}

static void one_control_fails(void **state)
{
	static const u32 cmds[] = { NOVA_WIRE_TSG_SCHEDULE, NOVA_WIRE_TSG_PREEMPT };
	static const int errs[] = {
		-EIO, -EAGAIN, -ENODEV, -ESHUTDOWN, -ENOMEM, -EACCES, -EBADMSG,
	};
	u32 c, e, late;

	for (c = 0; c < ARRAY_SIZE(cmds); c++) {
		for (e = 0; e < ARRAY_SIZE(errs); e++) {
			for (late = 0; late < 2; late++) {
				u64 before = retries();

				fate = (struct fate) {
					.cmd = cmds[c], .nth = 3,
					.now_err = late ? 0 : errs[e], .err = late ? errs[e] : 0,
				};
				both_go_on();
				assert_int_equal(retries(), before + 1);
			}
		}
	}
	fate = (struct fate) { .cmd = NOVA_WIRE_TSG_PREEMPT, .nth = 3, .err = -ETIMEDOUT };
	run_for(2 * DEADLINE_NS);
	both_go_on();
}

/* All of one vGPU's: it is taken out, once, and the other has the engine. */
static void one_vgpu_fails(void **state)
{
	char why[64];
	u64 two;

	fate = (struct fate) { .cmd = NOVA_WIRE_TSG_SCHEDULE, .gfid = 1, .now_err = -EACCES };
	run_for(400 * NSEC_PER_MSEC);
	assert_int_equal(gave_up[1], 1);
	assert_int_equal(gave_up[2], 0);
	mutex_lock(&vgpu[1].lock);
	assert_true(nova_sched_is_broken(&vgpu[1].tenant, why, sizeof(why)));
	assert_string_equal(why, "it could not be switched on gr0 (error -13)");
	mutex_unlock(&vgpu[1].lock);
	two = runs(2);
	works(2, false);
	works(2, true);
	run_for(100 * NSEC_PER_MSEC);
	assert_true(runs(2) > two);
	/* Its owner has it made anew once that is over. */
	fate = (struct fate) {};
	destroy(1);
	create(1);
	works(1, true);
	gave_up[1] = 0;
	both_go_on();
}

/* Nobody is put on while it is not sure that the one before can be taken off. */
static void in_order(void **state)
{
	u32 i;

	fate = (struct fate) { .cmd = NOVA_WIRE_TSG_SCHEDULE, .gfid = 1, .now_err = -EAGAIN };
	for (i = 0; i < 2000 && !gave_up[1] && step(); i++)
		assert_false(!gave_up[1] && on[1] && on[2]);
	assert_int_equal(gave_up[1], 1);
}

/* A refusal is final at once, whatever hooks do; it costs nobody a tenth of a second. */
static void a_refusal_is_final(void **state)
{
	u64 before = retries();

	fate = (struct fate) {
		.cmd = NOVA_WIRE_TSG_SCHEDULE, .gfid = 1, .err = -EREMOTEIO,
		.status = NV_ERR_INVALID_ARGUMENT,
	};
	run_for(20 * NSEC_PER_MSEC);
	assert_int_equal(gave_up[1], 1);
	assert_int_equal(retries(), before);
}

/* Two busy tenants, a lost reply, both destroyed within its deadline, a reset behind it. */
static void reset_behind_deletions(void **state)
{
	u32 i;

	fate = (struct fate) { .cmd = NOVA_WIRE_TSG_PREEMPT, .nth = 1, .err = -ETIMEDOUT };
	for (i = 0; i < 1000 && fate.cmd; i++)
		step();
	while (nr_out > 1)
		step();
	assert_int_equal(runlist()->phase, NOVA_RL_SWITCH);
	assert_non_null(runlist()->on);
	assert_non_null(runlist()->next);
	/* As their threads do up to the wait. */
	nova_sched_engine_event(&gpu, NOVA_ENGINE_IDLE, GR0, 1, 0);
	runlist()->on->leaving = true;
	runlist()->next->leaving = true;
	reset_begin();
	assert_true(nova_entity_of(nova_rq_find(&runlist()->rq, 1))->off.done);
	assert_true(nova_entity_of(nova_rq_find(&runlist()->rq, 2))->off.done);
	reset_end();
	assert_int_equal(runlist()->phase, NOVA_RL_IDLE);
}

static bool always(struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
		   struct nova_sched_vgpu *woken)
{
	return true;
}

/* vGPU 2 has begun to run after @since_ns, and vGPU 1 is at its cap. */
static void run_until_capped(u64 since_ns)
{
	struct nova_rq_vgpu *one = nova_rq_find(&runlist()->rq, 1);
	u32 i;

	for (i = 0; i < 1000; i++) {
		if (one->capped && runlist()->phase == NOVA_RL_ON && runlist()->on->gfid == 2 &&
		    runlist()->run_since_ns > since_ns)
			return;
		step();
	}
	fail_msg("vGPU 1 does not get to its cap");
}

static void configure(u32 gfid, u32 cap_pct)
{
	mutex_lock(&vgpu[gfid].lock);
	vgpu[gfid].config.cap_pct = cap_pct;
	nova_sched_config(&vgpu[gfid].tenant);
	mutex_unlock(&vgpu[gfid].lock);
}

/* A setting that waits for the runlist meets a run that began meanwhile, and ends it. */
static void config_waits_for_the_runlist(void **state)
{
	const struct nova_sched_ops ops = { .preempt = always };
	struct nova_policy policy = { .ops = &ops, .sched = gpu.sched, .gpu = &gpu };
	struct nova_rq_vgpu *two = nova_rq_find(&runlist()->rq, 2);
	u64 ran_ns;

	configure(1, 10);
	run_until_capped(0);
	runlist()->policy = &policy;
	ran_ns = two->pub.run_total_ns;
	others_first = run_until_capped;
	configure(1, 0);
	others_first = NULL;
	runlist()->policy = NULL;
	assert_int_equal(runlist()->phase, NOVA_RL_SWITCH);
	assert_true(two->pub.last_ran_ns < NSEC_PER_SEC);
	assert_true(two->pub.run_total_ns >= ran_ns);
}

/* A sleep takes every vGPU off. Work that comes meanwhile waits, and all go on afterwards. */
static void the_system_sleeps(void **state)
{
	struct nova_rq_vgpu *one = nova_rq_find(&runlist()->rq, 1);
	u64 ran_ns, busy_ns;

	configure(1, 20);
	run_for(50 * NSEC_PER_MSEC);
	nova_sched_hold(&gpu);
	assert_int_equal(runlist()->phase, NOVA_RL_IDLE);
	assert_false(on[1] || on[2]);
	ran_ns = one->pub.run_total_ns;
	works(1, true);
	run_for(3 * NSEC_PER_SEC);
	assert_int_equal(runlist()->phase, NOVA_RL_IDLE);
	assert_int_equal(one->pub.run_total_ns, ran_ns);
	nova_sched_release(&gpu);
	run_for(200 * NSEC_PER_MSEC);
	busy_ns = one->pub.run_total_ns - ran_ns;
	assert_in_range(busy_ns, 20 * NSEC_PER_MSEC, 70 * NSEC_PER_MSEC);
	assert_int_equal(gave_up[1] + gave_up[2], 0);
}

/* The machine stands still in the midst of a switch, and the watchdog was due meanwhile. */
static void a_stalled_switch_is_forgiven_once(void **state)
{
	const struct nova_sched_ops ops = {};
	struct nova_policy policy = { .ops = &ops, .sched = gpu.sched, .gpu = &gpu };
	struct nova_runlist *rl = runlist();
	u64 since_ns, slow_ns;
	u32 i;

	rl->policy = &policy;
	/* Its last control is under way. */
	for (i = 0; i < 1000 && (rl->phase != NOVA_RL_SWITCH || nr_out != 1); i++)
		step();
	assert_int_equal(rl->phase, NOVA_RL_SWITCH);
	spin_lock_irq(&rl->lock);
	rl->watchdog_at_ns = 0;
	nova_watch_arm(rl, now_ns);
	spin_unlock_irq(&rl->lock);
	since_ns = rl->switch_since_ns;
	slow_ns = rl->slow_ns;
	assert_true(rl->watchdog_at_ns > since_ns);
	now_ns += 4 * (u64)NSEC_PER_SEC;
	step();
	assert_int_equal(rl->phase, NOVA_RL_ON);
	assert_int_equal(rl->slow_ns - slow_ns, now_ns - since_ns);
	rl->policy = NULL;
}

static void chaos(void **state)
{
	u32 seed, i;

	for (seed = 1; seed <= 200; seed++) {
		if (seed > 1)
			begin(state);
		rnd_state = seed;
		chaos_ppt = 10 * (1 + seed % 6);
		for (i = 0; i < 3000; i++) {
			if (!rnd(4))
				something_happens();
			step();
			if (gsp.state != NOVA_GSP_READY)
				reset_end();
		}
		/* Two lost answers, and the tries in between, for each of a few switches. */
		assert_true(longest_wait_ns < 20 * DEADLINE_NS);
		if (gsp.state != NOVA_GSP_READY)
			reset_end();
		if (seed < 200)
			end(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_control_fails, begin, end),
		cmocka_unit_test_setup_teardown(one_vgpu_fails, begin, end),
		cmocka_unit_test_setup_teardown(in_order, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_is_final, begin, end),
		cmocka_unit_test_setup_teardown(reset_behind_deletions, begin, end),
		cmocka_unit_test_setup_teardown(config_waits_for_the_runlist, begin, end),
		cmocka_unit_test_setup_teardown(the_system_sleeps, begin, end),
		cmocka_unit_test_setup_teardown(a_stalled_switch_is_forgiven_once, begin, end),
		cmocka_unit_test_setup_teardown(chaos, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
