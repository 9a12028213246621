// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/* A runlist's book-keeping, and the check of decisions. */
#include "unit.h"
#include "sched/rq.h"
#include "sched/decide.h"

#define N	8

static struct nova_rq rq;
static struct nova_rq_vgpu v[N + 1];

static int setup(void **state)
{
	u32 i;

	(void)state;
	memset(v, 0, sizeof(v));
	nova_rq_init(&rq, 3, 1, 27);
	for (i = 1; i <= N; i++) {
		v[i].pub.gfid = i;
		v[i].pub.slot = i - 1;
		assert_int_equal(nova_rq_add(&rq, &v[i]), 0);
	}
	return 0;
}

static void work(u32 i, bool has, u64 now)
{
	v[i].has_work = has;
	nova_rq_update(&rq, &v[i], now);
}

static void members(void **state)
{
	struct nova_rq_vgpu x = { .pub = { .gfid = 0, .slot = 100 } };

	(void)state;
	assert_int_equal(rq.pub.gpu_id, 3);
	assert_int_equal(rq.pub.index, 1);
	assert_int_equal(rq.pub.engine_id, 27);
	assert_int_equal(rq.pub.nr_vgpus, N);
	assert_int_equal(nova_rq_add(&rq, &x), -EINVAL);
	x.pub.gfid = NOVA_GFID_MAX + 1;
	assert_int_equal(nova_rq_add(&rq, &x), -EINVAL);
	x.pub.gfid = 5;
	assert_int_equal(nova_rq_add(&rq, &x), -EEXIST);
	x.pub.gfid = 50;
	x.pub.slot = 5;
	assert_int_equal(nova_rq_add(&rq, &x), -EEXIST);
	x.pub.slot = NOVA_SLOTS_MAX;
	assert_int_equal(nova_rq_add(&rq, &x), -EINVAL);
	assert_null(nova_rq_find(&rq, 0));
	assert_null(nova_rq_find(&rq, U32_MAX));
	assert_null(nova_rq_at(&rq, U32_MAX));
	assert_ptr_equal(nova_rq_find(&rq, 3), &v[3]);
	assert_ptr_equal(nova_rq_at(&rq, 2), &v[3]);
	nova_rq_del(&rq, &x); /* never added: nothing happens */
	nova_rq_del(&rq, &v[3]);
	assert_null(nova_rq_find(&rq, 3));
	assert_null(nova_rq_at(&rq, 2));
	assert_int_equal(rq.pub.nr_vgpus, N - 1);
}

static void waiting(void **state)
{
	(void)state;
	work(1, true, 10);
	work(2, true, 20);
	work(3, true, 30);
	assert_int_equal(rq.pub.nr_runnable, 3);
	assert_ptr_equal(rq.first, &v[1]);
	assert_false(nova_rq_update(&rq, &v[1], 35));
	nova_rq_start(&rq, &v[1], 40);
	assert_int_equal(rq.pub.curr_gfid, 1);
	assert_int_equal(v[1].pub.wait_total_ns, 30);
	assert_ptr_equal(rq.first, &v[2]);
	nova_rq_stop(&rq, &v[1], 100, 60);
	assert_int_equal(rq.pub.curr_gfid, 0);
	assert_ptr_equal(rq.last, &v[1]);
	assert_int_equal(v[1].pub.runnable_since_ns, 100);
	assert_int_equal(v[1].pub.run_total_ns, 60);
	nova_rq_overran(&rq, &v[1], 5);
	assert_int_equal(v[1].pub.last_ran_ns, 65);
	assert_int_equal(v[1].pub.overrun_ns, 5);
	assert_int_equal(v[1].pub.runs, 1);
	/* From the middle, by its cap and by a failure. */
	v[3].capped = true;
	assert_true(nova_rq_update(&rq, &v[3], 130));
	assert_int_equal(v[3].pub.wait_total_ns, 100);
	v[2].broken = true;
	nova_rq_update(&rq, &v[2], 130);
	assert_int_equal(rq.pub.nr_runnable, 1);
	assert_ptr_equal(rq.first, &v[1]);
	assert_ptr_equal(rq.last, &v[1]);
}

/* Its work ends and comes back while it has the engine: it does not wait meanwhile. */
static void dry_and_back(void **state)
{
	(void)state;
	work(1, true, 10);
	nova_rq_start(&rq, &v[1], 10);
	work(1, false, 20);
	assert_int_equal(rq.pub.nr_runnable, 0);
	work(1, true, 21);
	assert_int_equal(rq.pub.nr_runnable, 1);
	assert_null(rq.first);
	nova_rq_stop(&rq, &v[1], 30, 20);
	assert_ptr_equal(rq.first, &v[1]);
	assert_int_equal(v[1].pub.wait_total_ns, 0);
}

static void queues(void **state)
{
	u32 i;

	(void)state;
	for (i = 1; i <= N; i++)
		work(i, i != 8, i);
	assert_int_equal(nova_rq_insert(&rq, NOVA_SCHED_QUEUES, 1, 0), -EINVAL);
	assert_int_equal(nova_rq_insert(&rq, 0, 99, 0), -ENOENT);
	assert_int_equal(nova_rq_insert(&rq, 0, 0, 0), -ENOENT);
	assert_int_equal(nova_rq_insert(&rq, 0, 8, 0), -EAGAIN);
	assert_null(nova_rq_first(&rq, 0));
	assert_null(nova_rq_first(&rq, NOVA_SCHED_QUEUES));
	assert_int_equal(nova_rq_remove(&rq, 1), -ENOENT);
	assert_int_equal(nova_rq_remove(&rq, 1000), -ENOENT);
	for (i = 1; i < N; i++)
		assert_int_equal(nova_rq_insert(&rq, 1, i, i < 4 ? 5 : 9 - i), 0);
	/* keys: 5 5 5 5 4 3 2 */
	assert_ptr_equal(nova_rq_first(&rq, 1), &v[7]);
	assert_int_equal(nova_rq_insert(&rq, 2, 7, 1), 0);
	assert_ptr_equal(nova_rq_first(&rq, 2), &v[7]);
	assert_int_equal(v[7].pub.queue, 3);
	assert_int_equal(nova_rq_remove(&rq, 6), 0);
	work(5, false, 50); /* leaves its queue */
	assert_int_equal(v[5].pub.queue, 0);
	assert_ptr_equal(nova_rq_first(&rq, 1), &v[1]); /* equal keys: in order */
	nova_rq_start(&rq, &v[1], 60);
	assert_ptr_equal(nova_rq_first(&rq, 1), &v[2]);
	v[2].pub.vtime = 1;
	v[2].pub.priv = 1;
	nova_rq_forget_policy(&rq);
	assert_null(nova_rq_first(&rq, 1));
	assert_null(nova_rq_first(&rq, 2));
	assert_int_equal(v[2].pub.queue | v[2].pub.vtime | v[2].pub.priv, 0);
	assert_int_equal(nova_rq_insert(&rq, 0, 2, U64_MAX), 0);
}

static enum nova_decision_verdict check(u32 kind, u32 gfid, u64 ns, struct nova_decision *applied)
{
	struct nova_decision d = { .kind = kind, .gfid = gfid, .ns = ns };

	memset(applied, 0xff, sizeof(*applied));
	return nova_decision_check(&rq, &d, 1000, applied);
}

static void decisions(void **state)
{
	struct nova_decision a;

	(void)state;
	/* Nobody is runnable. */
	assert_int_equal(check(NOVA_DECIDE_NONE, 0, 0, &a), NOVA_NOOP_EMPTY);
	assert_int_equal(a.kind, NOVA_DECIDE_IDLE);
	assert_int_equal(a.ns, 0);
	assert_int_equal(check(NOVA_DECIDE_IDLE, 7, 0, &a), NOVA_APPLY);
	assert_int_equal(a.gfid, 0);
	assert_int_equal(check(NOVA_DECIDE_IDLE, 0, 5000 * NOVA_SCHED_IDLE_MAX_NS, &a), NOVA_APPLY);
	assert_int_equal(check(NOVA_DECIDE_IDLE, 0, U64_MAX, &a), NOVA_APPLY);
	assert_int_equal(a.ns, 0);
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, 1000000, &a), NOVA_REJECT_NOT_RUNNABLE);

	work(1, true, 10);
	assert_int_equal(check(NOVA_DECIDE_NONE, 0, 0, &a), NOVA_REJECT_NONE);
	assert_int_equal(check(77, 1, 1000000, &a), NOVA_REJECT_NONE);
	assert_int_equal(check(NOVA_DECIDE_IDLE, 0, 0, &a), NOVA_REJECT_IDLE);
	assert_int_equal(check(NOVA_DECIDE_IDLE, 0, NOVA_SCHED_IDLE_MAX_NS, &a), NOVA_APPLY);
	assert_int_equal(check(NOVA_DECIDE_IDLE, 0, NOVA_SCHED_IDLE_MAX_NS + 1, &a),
			 NOVA_REJECT_IDLE);
	assert_int_equal(check(NOVA_DECIDE_RUN, 0, 1000000, &a), NOVA_REJECT_GFID);
	assert_int_equal(check(NOVA_DECIDE_RUN, 9, 1000000, &a), NOVA_REJECT_GFID);
	assert_int_equal(check(NOVA_DECIDE_RUN, U32_MAX, 1000000, &a), NOVA_REJECT_GFID);
	assert_int_equal(check(NOVA_DECIDE_RUN, 2, 1000000, &a), NOVA_REJECT_NOT_RUNNABLE);
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, NOVA_SLICE_MIN_NS - 1, &a), NOVA_REJECT_SLICE);
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, NOVA_SLICE_MAX_NS + 1, &a), NOVA_REJECT_SLICE);
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, NOVA_SLICE_MIN_NS, &a), NOVA_APPLY);
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, NOVA_SLICE_MAX_NS, &a), NOVA_APPLY);
	assert_int_equal(a.gfid, 1);
	assert_int_equal(a.ns, NOVA_SLICE_MAX_NS);

	v[1].pub.cap_pct = 30;
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, NOVA_SLICE_MAX_NS, &a), NOVA_APPLY_CLIPPED);
	assert_int_equal(a.ns, 30000000);
	v[1].cap_used_ns = 30000000;
	assert_int_equal(check(NOVA_DECIDE_RUN, 1, 1000000, &a), NOVA_REJECT_NOT_RUNNABLE);
}

static void caps(void **state)
{
	struct nova_rq_vgpu *x = &v[1];

	(void)state;
	assert_true(nova_rq_cap_left(x, 5) == U64_MAX);
	x->pub.cap_pct = 10;
	assert_int_equal(nova_rq_cap_left(x, 5), 10000000);
	x->cap_used_ns = 4000000;
	assert_int_equal(nova_rq_cap_left(x, 6), 6000000);
	/* 35 ms in one go, which was not to be stopped: 3 windows pay for it. */
	x->cap_used_ns = 35000000;
	assert_int_equal(nova_rq_cap_left(x, 6), 0);
	assert_int_equal(nova_rq_cap_end(x), 5 + 3 * NOVA_CAP_WINDOW_NS);
	assert_int_equal(nova_rq_cap_left(x, nova_rq_cap_end(x) - 1), 0);
	assert_int_equal(nova_rq_cap_left(x, nova_rq_cap_end(x)), 5000000);
	/* A clock that goes back, and one that jumps. */
	assert_int_equal(nova_rq_cap_left(x, 0), 5000000);
	assert_int_equal(nova_rq_cap_left(x, U64_MAX), 10000000);
}

/* Whoever is capped next does not put off the end of another cap. */
static void first_cap_to_end(void **state)
{
	(void)state;
	assert_true(nova_rq_cap_next(&rq) == U64_MAX);
	v[2].pub.cap_pct = 20;
	v[2].cap_used_ns = 20000000;
	v[2].cap_window_ns = 7;
	/* Only those that are marked count. */
	assert_true(nova_rq_cap_next(&rq) == U64_MAX);
	v[2].capped = true;
	assert_int_equal(nova_rq_cap_next(&rq), 7 + NOVA_CAP_WINDOW_NS);
	v[5].pub.cap_pct = 1;
	v[5].cap_used_ns = 35000000;
	v[5].cap_window_ns = 5;
	v[5].capped = true;
	assert_int_equal(nova_rq_cap_end(&v[5]), 5 + 35 * NOVA_CAP_WINDOW_NS);
	assert_int_equal(nova_rq_cap_next(&rq), 7 + NOVA_CAP_WINDOW_NS);
	v[2].capped = false;
	assert_int_equal(nova_rq_cap_next(&rq), 5 + 35 * NOVA_CAP_WINDOW_NS);
	nova_rq_del(&rq, &v[5]);
	assert_true(nova_rq_cap_next(&rq) == U64_MAX);
}

/* Four slow operations at short intervals are too many, one in twenty never is. */
static void slow_operations(void **state)
{
	u32 score = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_false(nova_op_score(&score, i % 20 == 0));
	for (score = 0, i = 0; i < 3; i++)
		assert_false(nova_op_score(&score, true));
	assert_true(nova_op_score(&score, true));
	/* Quick ones in between do not hide them. */
	for (score = 0, i = 1; !nova_op_score(&score, i % 4 == 0); i++)
		assert_true(i < 25);
	/* And it is forgotten in time. */
	for (score = NOVA_OP_SLOW_LIMIT - 1, i = 0; i < NOVA_OP_SLOW_LIMIT; i++)
		assert_false(nova_op_score(&score, false));
	assert_int_equal(score, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(members, setup),
		cmocka_unit_test_setup(waiting, setup),
		cmocka_unit_test_setup(dry_and_back, setup),
		cmocka_unit_test_setup(queues, setup),
		cmocka_unit_test_setup(decisions, setup),
		cmocka_unit_test_setup(caps, setup),
		cmocka_unit_test_setup(first_cap_to_end, setup),
		cmocka_unit_test(slow_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
