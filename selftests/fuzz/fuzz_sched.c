// SPDX-License-Identifier: GPL-2.0-only
// runs: 160000
// uses: kmod/sched/rq.c kmod/sched/check.c kmod/sched/builtin.c
/*
 * Any operations on a runlist in any order, with any arguments: its books agree
 * with a plain count, no decision is applied that is not legal, and those of the
 * built-in policies always are.
 */
#include <stdio.h>
#include <stdlib.h>
#include "sched/rq.h"
#include "sched/decide.h"

#define N	96

static struct nova_rq rq;
static struct nova_rq_vgpu v[N];
static bool member[N];
static u64 now;

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fuzz_sched: %s\n", what);
		abort();
	}
}

static void check_queues(void)
{
	u32 q, i;

	for (q = 0; q < NOVA_SCHED_QUEUES; q++) {
		const struct nova_rq_queue *h = &rq.queue[q];

		must(h->len <= N, "queue too long");
		for (i = 0; i < h->len; i++) {
			struct nova_rq_vgpu *x = h->heap[i], *up = h->heap[i ? (i - 1) / 2 : 0];

			must(x->heap_pos == i && x->pub.queue == q + 1, "place in queue");
			must(x->pub.runnable, "queued and not runnable");
			must(!i || up->key < x->key || (up->key == x->key && up->seq < x->seq),
			     "order of queue");
		}
	}
}

static void check_books(void)
{
	u32 runnable = 0, waiting = 0, members = 0, queued = 0, len = 0, q, i;
	struct nova_rq_vgpu *x, *prev = NULL;

	for (i = 0; i < N; i++) {
		must((nova_rq_find(&rq, v[i].pub.gfid) == &v[i]) == member[i], "find");
		must((nova_rq_at(&rq, v[i].pub.slot) == &v[i]) == member[i], "at");
		if (!member[i])
			continue;
		members++;
		runnable += v[i].pub.runnable;
		waiting += v[i].waiting;
		queued += !!v[i].pub.queue;
		must(v[i].pub.runnable == (v[i].has_work && !v[i].capped && !v[i].broken),
		     "runnable");
		must(v[i].waiting == (v[i].pub.runnable && v[i].pub.gfid != rq.pub.curr_gfid),
		     "waiting");
	}
	must(members == rq.pub.nr_vgpus, "nr_vgpus");
	must(runnable == rq.pub.nr_runnable, "nr_runnable");
	for (x = rq.first; x; prev = x, x = x->next, waiting--) {
		must(waiting && x->waiting && x->prev == prev, "FIFO");
		must(!prev || prev->pub.runnable_since_ns <= x->pub.runnable_since_ns,
		     "order of FIFO");
	}
	must(!waiting && rq.last == prev, "FIFO is short");
	for (q = 0; q < NOVA_SCHED_QUEUES; q++)
		len += rq.queue[q].len;
	must(len == queued, "queues");
	check_queues();
}

static void stop_curr(u64 overran)
{
	struct nova_rq_vgpu *x = nova_rq_find(&rq, rq.pub.curr_gfid);

	if (!x)
		return;
	nova_rq_stop(&rq, x, now, now - rq.pub.curr_since_ns);
	nova_rq_overran(&rq, x, overran);
	x->capped = !nova_rq_cap_left(x, now);
	nova_rq_update(&rq, x, now);
}

static void check_applied(enum nova_decision_verdict how, const struct nova_decision *a)
{
	struct nova_rq_vgpu *x = nova_rq_find(&rq, a->gfid);

	if (how > NOVA_APPLY_CLIPPED && how != NOVA_NOOP_EMPTY)
		return;
	if (a->kind == NOVA_DECIDE_RUN) {
		must(x && x->pub.runnable, "runs who cannot");
		must(a->ns && a->ns <= NOVA_SLICE_MAX_NS, "slice");
		must(a->ns <= nova_rq_cap_left(x, now), "more than the cap leaves");
		must(how == NOVA_APPLY_CLIPPED || a->ns >= NOVA_SLICE_MIN_NS, "short slice");
	} else {
		must(a->kind == NOVA_DECIDE_IDLE, "kind");
		must(!rq.pub.nr_runnable || (a->ns && a->ns <= NOVA_SCHED_IDLE_MAX_NS),
		     "idle for long");
	}
}

static void decide(u8 how, u8 a, u8 b)
{
	struct nova_decision asked = { .kind = a % 4, .gfid = b, .ns = ((u64)a << b % 64) ^ how };
	struct nova_decision applied = { 0 };
	enum nova_decision_verdict verdict;

	stop_curr((u64)a << how % 16);
	if (how % 2) {
		check_applied(nova_decision_check(&rq, &asked, now, &applied), &applied);
		return;
	}
	nova_builtin_pick(&rq, now, &asked);
	verdict = nova_decision_check(&rq, &asked, now, &applied);
	must(verdict == NOVA_APPLY || verdict == NOVA_APPLY_CLIPPED, "built-in is refused");
	check_applied(verdict, &applied);
	must(applied.kind == asked.kind && applied.gfid == asked.gfid, "built-in is changed");
	if (applied.kind == NOVA_DECIDE_RUN)
		nova_rq_start(&rq, nova_rq_find(&rq, applied.gfid), now);
}

static void member_op(u32 i, u8 b)
{
	if (member[i]) {
		nova_rq_del(&rq, &v[i]);
		member[i] = false;
		return;
	}
	v[i].pub.cap_pct = b % 4 ? 0 : b;
	v[i].pub.tsgs = b;
	v[i].has_work = false;
	v[i].capped = false;
	v[i].broken = false;
	must(!nova_rq_add(&rq, &v[i]), "add");
	member[i] = true;
}

static void settings(u8 a, u8 b)
{
	rq.pub.builtin = a % 6;
	rq.pub.arr = a / 6 % 2;
	rq.pub.arr_avg_factor = b;
	rq.pub.slots = b % 3 ? b : b * 9999;
	rq.pub.slice_us = a * 130 * (b % 2);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 i;

	nova_rq_init(&rq, 0, 0, 1);
	memset(v, 0, sizeof(v));
	memset(member, 0, sizeof(member));
	for (i = 0; i < N; i++) {
		v[i].pub.gfid = i * 5 + 1;
		v[i].pub.slot = i < 70 ? i : NOVA_SLOTS_MAX - 1 - (i - 70) * 13;
	}
	now = 1;
	for (; size >= 4; data += 4, size -= 4) {
		u8 a = data[1], b = data[2], c = data[3];

		i = a % N;
		now += (u64)b << c % 24;
		switch (data[0] % 12) {
		case 0:
		case 1:
			member_op(i, c);
			break;
		case 2:
		case 3:
		case 4:
			v[i].has_work = b % 2;
			break;
		case 5:
			v[i].broken = !(c % 16);
			break;
		case 6:
			nova_rq_insert(&rq, b % 5, b % 7 ? v[i].pub.gfid : b * 9, c % 8);
			break;
		case 7:
			nova_rq_remove(&rq, b % 7 ? v[i].pub.gfid : b * 9);
			break;
		case 8:
			if (c % 8)
				settings(b, c);
			else
				nova_rq_forget_policy(&rq);
			break;
		default:
			decide(b, a, c);
			break;
		}
		v[i].capped = member[i] && !nova_rq_cap_left(&v[i], now);
		if (member[i])
			nova_rq_update(&rq, &v[i], now);
		check_books();
	}
	return 0;
}
