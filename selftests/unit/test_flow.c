// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/rpc/flow.c
/* Whose call goes to the firmware next. */
#include "unit.h"
#include "gsp/rpc/flow.h"

#define CALLS	4096

struct call {
	struct nova_flow_call c;
	u32 gfid;
	u32 nr;
	bool urgent;
	bool held;
	bool passed;
};

static struct nova_flows fs;
static struct call calls[CALLS];
static u32 used;

static int setup(void **state)
{
	(void)state;
	memset(calls, 0, sizeof(calls));
	used = 0;
	nova_flows_init(&fs);
	return 0;
}

static enum nova_flow_ready ready(struct nova_flow_call *c, void *ctx)
{
	const struct call *k = (struct call *)c;

	if (ctx)
		++*(u32 *)ctx;
	if (k->passed)
		return NOVA_FLOW_PASS;
	return k->held ? NOVA_FLOW_WAIT : NOVA_FLOW_GO;
}

static struct call *queue_len(u32 gfid, bool urgent, u32 len)
{
	struct call *k = &calls[used];

	assert_in_range(used, 0, CALLS - 1);
	k->gfid = gfid;
	k->urgent = urgent;
	k->nr = used++;
	nova_flow_queue(&fs, &k->c, gfid, urgent, len);
	return k;
}

static struct call *queue(u32 gfid)
{
	return queue_len(gfid, false, 100);
}

static struct call *pick(void)
{
	return (struct call *)nova_flow_pick(&fs, ready, NULL);
}

static void end(struct call *k)
{
	nova_flow_end(&fs, &k->c);
}

static void one_flow_is_fifo(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 100; i++)
		queue(7);
	assert_int_equal(fs.queued, 100);
	for (i = 0; i < 100; i++)
		assert_ptr_equal(pick(), &calls[i]);
	assert_null(pick());
	assert_int_equal(fs.flow[7].out, 100);
	for (i = 0; i < 100; i++)
		end(&calls[i]);
	assert_int_equal(fs.out, 0);
	/* A second end has no effect. */
	end(&calls[0]);
	assert_int_equal(fs.out, 0);
}

static void held_calls_are_passed(void **state)
{
	struct call *a, *b, *c;

	(void)state;
	a = queue(1);
	b = queue(1);
	c = queue(1);
	a->held = true;
	assert_ptr_equal(pick(), b);
	a->held = false;
	assert_ptr_equal(pick(), a);
	assert_ptr_equal(pick(), c);
}

static void a_held_flow_holds_no_other(void **state)
{
	struct call *a, *b;
	u32 asked = 0;

	(void)state;
	a = queue(1);
	a->held = true;
	b = queue(2);
	assert_ptr_equal(pick(), b);
	assert_null(pick());
	/* Nothing is asked again until something may have changed. */
	assert_null(nova_flow_pick(&fs, ready, &asked));
	assert_int_equal(asked, 0);
	nova_flow_retry(&fs);
	assert_null(nova_flow_pick(&fs, ready, &asked));
	assert_int_equal(asked, 1);
	a->held = false;
	nova_flow_retry(&fs);
	assert_ptr_equal(pick(), a);
}

static void a_call_wakes_its_held_flow(void **state)
{
	struct call *a, *b;

	(void)state;
	a = queue(1);
	a->held = true;
	assert_null(pick());
	b = queue(1);
	assert_ptr_equal(pick(), b);
}

static void the_look_is_bounded(void **state)
{
	u32 asked = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++)
		queue(1)->held = true;
	assert_null(nova_flow_pick(&fs, ready, &asked));
	assert_int_equal(asked, NOVA_FLOW_LOOK);
	/* What a hook holds back does not hold up the rest of its flow. */
	for (i = 0; i < 1000; i++)
		calls[i].passed = true;
	queue(1);
	assert_ptr_equal(pick(), &calls[1000]);
}

static void windows(void **state)
{
	struct call *first;
	u32 i;

	(void)state;
	nova_flow_set_windows(&fs, 8, 6);
	for (i = 0; i < 20; i++)
		queue(1);
	first = pick();
	for (i = 1; i < 6; i++)
		assert_non_null(pick());
	assert_null(pick());
	assert_int_equal(fs.flow[1].out, 6);
	/* What is kept free is for others, at once. */
	queue(2);
	assert_int_equal(pick()->gfid, 2);
	queue(3);
	assert_int_equal(pick()->gfid, 3);
	queue(4);
	assert_null(pick());
	assert_int_equal(fs.out, 8);
	end(first);
	assert_int_equal(pick()->gfid, 4);
	assert_null(pick());
	/* No window: all at once. */
	nova_flow_set_windows(&fs, 0, 0);
	for (i = 0; i < 14; i++)
		assert_int_equal(pick()->gfid, 1);
	assert_null(pick());
}

static void a_full_flow_goes_on_when_one_ends(void **state)
{
	struct call *a, *b;

	(void)state;
	nova_flow_set_windows(&fs, 0, 1);
	a = queue(1);
	b = queue(1);
	assert_ptr_equal(pick(), a);
	assert_null(pick());
	end(a);
	assert_ptr_equal(pick(), b);
	end(b);
	assert_null(pick());
	assert_int_equal(fs.flow[1].where, NOVA_FLOW_IDLE);
}

/* Shares of a saturated window, served one at a time. */
static void shares(u32 flows, const u32 *gfid, u32 *got, u32 rounds)
{
	u32 i, k;

	for (i = 0; i < flows; i++)
		for (k = 0; k < 4; k++)
			queue(gfid[i]);
	for (i = 0; i < rounds; i++) {
		struct call *c = pick();

		assert_non_null(c);
		for (k = 0; k < flows; k++)
			got[k] += gfid[k] == c->gfid;
		end(c);
		nova_flow_queue(&fs, &c->c, c->gfid, false, 100);
	}
}

static void shares_follow_weights(void **state)
{
	static const u32 gfid[] = { 0, 1, 2, 3 };
	u32 got[4] = {};

	(void)state;
	assert_int_equal(nova_flow_set_weight(&fs, 2, 16), 0);
	assert_int_equal(nova_flow_set_weight(&fs, 3, 1), 0);
	nova_flow_set_windows(&fs, 1, 0);
	shares(4, gfid, got, 2900);
	/* 8 : 4 : 16 : 1 */
	assert_in_range(got[0], 790, 810);
	assert_in_range(got[1], 395, 405);
	assert_in_range(got[2], 1580, 1620);
	assert_in_range(got[3], 95, 105);
}

static void weights_are_checked(void **state)
{
	(void)state;
	assert_int_equal(nova_flow_set_weight(&fs, 1, 0), -EINVAL);
	assert_int_equal(nova_flow_set_weight(&fs, 1, NOVA_FLOW_WEIGHT_MAX + 1), -EINVAL);
	assert_int_equal(nova_flow_set_weight(&fs, NOVA_GFID_MAX + 1, 1), -EINVAL);
	assert_int_equal(nova_flow_set_weight(&fs, NOVA_GFID_MAX, NOVA_FLOW_WEIGHT_MAX), 0);
	nova_flow_reset(&fs, NOVA_GFID_MAX);
	assert_int_equal(fs.flow[NOVA_GFID_MAX].weight, NOVA_FLOW_WEIGHT_TENANT);
	assert_int_equal(fs.flow[0].weight, NOVA_FLOW_WEIGHT_HOST);
}

/* Large calls cost more: by bytes, not by calls, the shares are even. */
static void large_calls_pay(void **state)
{
	u32 got[3] = {}, i;

	(void)state;
	nova_flow_set_windows(&fs, 1, 0);
	for (i = 0; i < 4; i++) {
		queue_len(1, false, 100);
		queue_len(2, false, 64 * 4096);
	}
	for (i = 0; i < 1200; i++) {
		struct call *c = pick();

		got[c->gfid]++;
		end(c);
		nova_flow_queue(&fs, &c->c, c->gfid, false, c->gfid == 1 ? 100 : 64 * 4096);
	}
	/* 64 + 64 * 4 to 64: five small ones for each large one. */
	assert_in_range(got[1], 990, 1010);
	assert_in_range(got[2], 190, 210);
}

/* The one that comes now and then does not wait for the turns of all others. */
static void a_newcomer_is_served_first(void **state)
{
	struct call *c;
	u32 i, k;

	(void)state;
	nova_flow_set_windows(&fs, 1, 0);
	for (i = 1; i <= 40; i++)
		for (k = 0; k < 20; k++)
			queue(i);
	c = pick();
	for (i = 0; i < 100; i++) {
		end(c);
		c = pick();
	}
	c = queue(99);
	for (i = 0; i < used; i++)
		if (calls[i].c.out)
			end(&calls[i]);
	assert_ptr_equal(pick(), c);
	/* But it can't live on that: the next one of it waits in line. */
	end(c);
	queue(99);
	for (i = 0; i < 30; i++) {
		struct call *other = pick();

		assert_int_not_equal(other->gfid, 99);
		end(other);
	}
}

/* Leaving the queue empty for a moment does not pay a debt. */
static void debts_are_kept(void **state)
{
	struct call *c, *late = NULL;
	u32 got[3] = {}, i;

	(void)state;
	nova_flow_set_windows(&fs, 1, 0);
	queue(1);
	queue(1);
	queue_len(2, false, 128 * 4096);
	for (i = 0; i < 400; i++) {
		c = pick();
		got[c->gfid]++;
		end(c);
		if (late)
			nova_flow_queue(&fs, &late->c, 2, false, 128 * 4096);
		late = c->gfid == 2 ? c : NULL;
		if (!late)
			nova_flow_queue(&fs, &c->c, c->gfid, false, 100);
	}
	assert_in_range(got[2], 35, 50);
}

static void urgent_first_and_bounded(void **state)
{
	u32 i, n = 0, gap = 0;

	(void)state;
	nova_flow_set_windows(&fs, 4, 3);
	for (i = 0; i < 100; i++)
		queue(1);
	for (i = 0; i < 3; i++)
		assert_int_equal(pick()->gfid, 1);
	assert_null(pick());
	/* A full window does not stop urgent calls of the same gfid. */
	queue_len(1, true, 8);
	assert_true(pick()->urgent);
	/* Their own window does. */
	for (i = 0; i < 1000; i++)
		queue_len(1, true, 8);
	while (pick())
		n++;
	assert_int_equal(n, NOVA_FLOW_URGENT_WINDOW - 1);
	/* With both backlogged others get one place in so many. */
	for (i = 0; i < used; i++)
		if (calls[i].c.out)
			end(&calls[i]);
	for (i = 0; i < 500; i++) {
		struct call *c = pick();

		assert_non_null(c);
		gap = c->urgent ? gap + 1 : 0;
		assert_in_range(gap, 0, NOVA_FLOW_URGENT_RUN);
		end(c);
	}
}

static void urgent_calls_go_where_nothing_else_does(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 3 * NOVA_FLOW_URGENT_RUN; i++) {
		queue_len(3, true, 8);
		end(pick());
	}
	assert_int_equal(fs.urgent.out, 0);
	assert_int_equal(fs.queued, 0);
}

static void removal(void **state)
{
	struct call *a, *b, *c;

	(void)state;
	a = queue(1);
	b = queue(1);
	c = queue(1);
	end(b);
	assert_ptr_equal(pick(), a);
	assert_ptr_equal(pick(), c);
	assert_null(pick());
	end(a);
	end(c);
	a = queue(1);
	end(a);
	assert_null(pick());
	assert_int_equal(fs.queued, 0);
	assert_int_equal(fs.flow[1].where, NOVA_FLOW_IDLE);
	assert_null(fs.fresh.first);
	assert_null(fs.turns.first);
	/* A held one that ends. */
	a = queue(1);
	a->held = true;
	assert_null(pick());
	end(a);
	nova_flow_retry(&fs);
	assert_null(pick());
	assert_int_equal(fs.flow[1].where, NOVA_FLOW_IDLE);
}

/* Flows that were busy once are not looked at. */
static void empty_flows_cost_nothing(void **state)
{
	u32 i, asked = 0;

	(void)state;
	for (i = 0; i <= NOVA_GFID_MAX; i++)
		queue(i);
	for (i = 0; i <= NOVA_GFID_MAX; i++)
		end(pick());
	assert_null(pick());
	assert_null(fs.fresh.first);
	assert_null(fs.turns.first);
	queue(5);
	assert_non_null(nova_flow_pick(&fs, ready, &asked));
	assert_int_equal(asked, 1);
}

static void sums(void **state)
{
	struct call *a;

	(void)state;
	a = queue(4);
	pick();
	nova_flow_sent(&a->c, 500);
	end(a);
	a = queue(4);
	pick();
	nova_flow_sent(&a->c, 300);
	assert_int_equal(fs.flow[4].sent, 2);
	assert_int_equal(fs.flow[4].wait_ns, 800);
	assert_int_equal(fs.flow[4].max_wait_ns, 500);
	nova_flow_answered(&fs, 4, 70);
	nova_flow_answered(&fs, 4, 30);
	assert_int_equal(fs.flow[4].firmware_ns, 100);
	nova_flow_reset(&fs, 4);
	assert_int_equal(fs.flow[4].sent, 0);
	/* It is still out. */
	assert_int_equal(fs.flow[4].out, 1);
	end(a);
	nova_flow_sent(&a->c, 1);
	assert_int_equal(fs.flow[4].sent, 0);
}

static u32 rnd(u32 below)
{
	static u64 x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (u32)(x % below);
}

#define FLOWS	12
#define LIVE	256

/*
 * An oracle that knows no credit: what must hold of every pick, whatever the order
 * of flows. And no call that may go is left for long.
 */
static void random_against_oracle(void **state)
{
	static struct call pool[LIVE];
	static u32 age[LIVE];
	u64 order = 0, came[LIVE] = {};
	u32 step, i, queued, out, urgent_out, flow_out[FLOWS], flow_queued[FLOWS];

	(void)state;
	memset(pool, 0, sizeof(pool));
	for (step = 0; step < 200000; step++) {
		u32 what = rnd(100);
		struct call *c;

		i = rnd(LIVE);
		if (step % 1000 == 0) {
			nova_flow_set_windows(&fs, rnd(3) ? 1 + rnd(10) : 0,
					      rnd(3) ? 1 + rnd(6) : 0);
			assert_int_equal(nova_flow_set_weight(&fs, rnd(FLOWS), 1 + rnd(64)), 0);
		}
		if (what < 40 && !pool[i].c.flow) {
			pool[i].gfid = rnd(FLOWS);
			pool[i].urgent = !rnd(8);
			pool[i].held = !rnd(10);
			came[i] = ++order;
			age[i] = 0;
			nova_flow_queue(&fs, &pool[i].c, pool[i].gfid, pool[i].urgent,
					rnd(10) ? rnd(4000) : rnd(1000000));
		} else if (what < 60) {
			nova_flow_end(&fs, &pool[i].c);
		} else if (what < 65) {
			pool[i].held = false;
			nova_flow_retry(&fs);
		} else {
			c = pick();
			queued = 0;
			out = 0;
			urgent_out = 0;
			memset(flow_out, 0, sizeof(flow_out));
			memset(flow_queued, 0, sizeof(flow_queued));
			for (i = 0; i < LIVE; i++) {
				struct call *k = &pool[i];
				bool waits = nova_flow_waits(&k->c);

				queued += waits;
				out += k->c.out && !k->urgent;
				urgent_out += k->c.out && k->urgent;
				if (!k->urgent) {
					flow_out[k->gfid] += k->c.out;
					flow_queued[k->gfid] += waits;
				}
				/* Nobody of the same flow who may go came earlier. */
				if (c && waits && !k->held && k->urgent == c->urgent &&
				    (k->urgent || k->gfid == c->gfid))
					assert_true(came[i] > came[c - pool]);
			}
			assert_int_equal(queued, fs.queued);
			assert_int_equal(out, fs.out);
			assert_int_equal(urgent_out, fs.urgent.out);
			assert_in_range(urgent_out, 0, NOVA_FLOW_URGENT_WINDOW);
			for (i = 0; i < FLOWS; i++) {
				assert_int_equal(flow_out[i], fs.flow[i].out);
				assert_int_equal(flow_queued[i], fs.flow[i].queued);
			}
			if (c) {
				assert_true(c->c.out);
				assert_false(c->held);
				if (!c->urgent && fs.window)
					assert_in_range(out, 1, fs.window);
				if (!c->urgent && fs.flow_window)
					assert_in_range(flow_out[c->gfid], 1, fs.flow_window);
			}
			for (i = 0; i < LIVE; i++) {
				struct call *k = &pool[i];

				if (!nova_flow_waits(&k->c) || k->held || k->urgent)
					continue;
				/* It may go and room is there: then something went. */
				if ((!fs.window || out < fs.window) &&
				    (!fs.flow_window || flow_out[k->gfid] < fs.flow_window))
					assert_non_null(c);
				age[i]++;
				assert_in_range(age[i], 0, 20000);
			}
		}
	}
	for (i = 0; i < LIVE; i++)
		nova_flow_end(&fs, &pool[i].c);
	assert_null(pick());
	assert_int_equal(fs.queued, 0);
	assert_int_equal(fs.out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_flow_is_fifo, setup),
		cmocka_unit_test_setup(held_calls_are_passed, setup),
		cmocka_unit_test_setup(a_held_flow_holds_no_other, setup),
		cmocka_unit_test_setup(a_call_wakes_its_held_flow, setup),
		cmocka_unit_test_setup(the_look_is_bounded, setup),
		cmocka_unit_test_setup(windows, setup),
		cmocka_unit_test_setup(a_full_flow_goes_on_when_one_ends, setup),
		cmocka_unit_test_setup(shares_follow_weights, setup),
		cmocka_unit_test_setup(weights_are_checked, setup),
		cmocka_unit_test_setup(large_calls_pay, setup),
		cmocka_unit_test_setup(a_newcomer_is_served_first, setup),
		cmocka_unit_test_setup(debts_are_kept, setup),
		cmocka_unit_test_setup(urgent_first_and_bounded, setup),
		cmocka_unit_test_setup(urgent_calls_go_where_nothing_else_does, setup),
		cmocka_unit_test_setup(removal, setup),
		cmocka_unit_test_setup(empty_flows_cost_nothing, setup),
		cmocka_unit_test_setup(sums, setup),
		cmocka_unit_test_setup(random_against_oracle, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
