// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that have work done.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"

/* More items than this are never under way: ring of the guest and ring behind it. */
#define STAMPS	(2 * NOVA_GUEST_RING_ENTRIES_MAX)

static const char * const wait_name[] = {
	[NG_IRQ_NONE] = "poll",
	[NG_IRQ_INTX] = "intx",
	[NG_IRQ_MSIX] = "msix",
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

void times_add(struct times *t, uint64_t ns)
{
	t->ns[t->n++ % TIMES_MAX] = ns;
	t->sum_ns += ns;
}

static int by_time(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void times_print(struct times *t, const char *name)
{
	size_t n = t->n < TIMES_MAX ? t->n : TIMES_MAX;

	if (!n) {
		printf("\"%s\":null", name);
		return;
	}
	qsort(t->ns, n, sizeof(t->ns[0]), by_time);
	printf("\"%s\":{\"min\":%.1f,\"avg\":%.1f,\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}", name,
	       t->ns[0] / 1e3, t->sum_ns / 1e3 / t->n, t->ns[n / 2] / 1e3,
	       t->ns[n * 99 / 100] / 1e3, t->ns[n - 1] / 1e3);
}

/**
 * struct run - work under way
 * @a: what was asked for
 * @g: device
 * @c: channel
 * @taken: entries done, as last looked
 * @low: fewest that were under way when looked at, once the first were put
 * @dry: how often there were none, though more were to come
 * @begun_ns: when it began
 * @told_ns: when it was last told how it goes
 * @moved_ns: when something was last done
 * @put_ns: when each was put
 * @t: from then until it was seen to be done
 */
struct run {
	const struct args *a;
	struct ng_dev *g;
	struct ng_channel *c;
	uint64_t taken;
	uint64_t low;
	uint64_t dry;
	uint64_t begun_ns;
	uint64_t told_ns;
	uint64_t moved_ns;
	uint64_t put_ns[STAMPS];
	struct times t;
};

static bool wants_more(const struct run *r)
{
	if (stop)
		return false;
	if (r->a->seconds)
		return ng_now_ns() - r->begun_ns < r->a->seconds * 1000000000ULL;
	return ng_put_count(r->c) < r->a->items;
}

/* What was done since the last look */
static void take_done(struct run *r)
{
	uint64_t done = ng_done(r->c), now = ng_now_ns(), way;

	if (done != r->taken)
		r->moved_ns = now;
	for (; r->taken < done; r->taken++)
		times_add(&r->t, now - r->put_ns[r->taken % STAMPS]);
	way = ng_put_count(r->c) - done;
	if (!ng_put_count(r->c) || !wants_more(r))
		return;
	if (way < r->low)
		r->low = way;
	r->dry += !way;
}

static void put_more(struct run *r)
{
	uint64_t put = ng_put_count(r->c), before = put, now = ng_now_ns();

	while (wants_more(r) && put - r->taken < STAMPS &&
	       (!r->a->window || put - r->taken < r->a->window) &&
	       ng_put(r->c, r->a->length_us * 1000)) {
		r->put_ns[put % STAMPS] = now;
		put = ng_put_count(r->c);
	}
	if (put != before)
		ng_ring(r->c);
}

/* Between two looks: a quarter of what there is to do, within limits */
static int rest(struct run *r)
{
	uint64_t way = ng_put_count(r->c) - r->taken;
	uint64_t us = r->a->length_us * way / 4;
	struct timespec t;
	uint32_t bits;

	if (r->g && r->a->wait != NG_IRQ_NONE)
		return ng_irq_wait(r->g, &bits, 1000) < 0 ? -1 : 0;
	us = us < 100 ? 100 : us > 100000 ? 100000 : us;
	t = (struct timespec) { .tv_nsec = us * 1000 };
	nanosleep(&t, NULL);
	return 0;
}

static void tell(struct run *r)
{
	uint64_t now = ng_now_ns();

	if (!r->a->every_ms || now - r->told_ns < r->a->every_ms * 1000000)
		return;
	r->told_ns = now;
	printf("{\"put\":%" PRIu64 ",\"done\":%" PRIu64 ",\"under_way_min\":%" PRIu64
	       ",\"dry\":%" PRIu64 "}\n", ng_put_count(r->c), r->taken, r->low, r->dry);
	fflush(stdout);
}

static int look_after(struct run *r)
{
	if (ng_now_ns() - r->moved_ns < r->a->timeout_ms * 1000000)
		return 0;
	/* Says what is wrong with the channel, or that nothing was done. */
	return ng_wait(r->c, r->taken + 1, 1);
}

static int work(struct run *r)
{
	r->low = UINT64_MAX;
	r->begun_ns = ng_now_ns();
	r->told_ns = r->begun_ns;
	r->moved_ns = r->begun_ns;
	put_more(r);
	while (!stop && (wants_more(r) || r->taken < ng_put_count(r->c))) {
		if (rest(r) || look_after(r))
			return -1;
		take_done(r);
		put_more(r);
		tell(r);
	}
	return ng_check(r->c);
}

static void report(struct run *r, uint64_t took_ns, uint64_t gpu_ns, const char *bdf)
{
	bool seen = r->low != UINT64_MAX;

	printf("{\"command\":\"run\",\"device\":\"%s\",\"channel\":%" PRIu64
	       ",\"wait\":\"%s\",\"length_us\":%" PRIu64 ",\"put\":%" PRIu64 ",\"done\":%" PRIu64
	       ",\"seconds\":%.3f,\"gpu_seconds\":%.3f,\"under_way_min\":%" PRIu64
	       ",\"dry\":%" PRIu64 ",\"interrupts\":%" PRIu64 ",",
	       bdf, r->a->channel, wait_name[r->a->wait], r->a->length_us, ng_put_count(r->c),
	       r->taken, took_ns / 1e9, gpu_ns / 1e9, seen ? r->low : 0, r->dry,
	       ng_irq_count(r->g));
	times_print(&r->t, "latency_us");
	printf("}\n");
}

int cmd_run(struct args *a)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct run *r = calloc(1, sizeof(*r));
	uint64_t from, gpu_from;
	struct ng_info info;
	int err = -1;

	if (!r) {
		fprintf(stderr, "novaguest: out of memory\n");
		return 1;
	}
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	r->a = a;
	r->g = ng_open(a->device);
	if (r->g && !ng_irq_open(r->g, a->wait))
		r->c = ng_channel_open(r->g, a->channel, a->entries);
	if (r->c && !ng_get_info(r->g, &info)) {
		gpu_from = ng_gpu_ns(r->g);
		from = ng_now_ns();
		err = work(r);
	}
	if (!err)
		report(r, ng_now_ns() - from, ng_gpu_ns(r->g) - gpu_from, info.bdf);
	else
		failed();
	ng_close(r->g);
	free(r);
	return err ? 1 : 0;
}

/* One item and its interrupt; others of before may come too. */
static int one(struct ng_dev *g, struct ng_channel *c, uint32_t n, const struct args *a,
	       struct times *t)
{
	uint64_t from = ng_now_ns(), want = ng_put_count(c) + 1;
	uint32_t bits = 0, more;
	int got = 1;

	ng_put(c, a->length_us * 1000);
	ng_ring(c);
	while (got == 1 && (!(bits & NOVA_GUEST_INTR_CHANNEL(n)) || ng_done(c) < want)) {
		got = ng_irq_wait(g, &more, (int)a->timeout_ms);
		bits |= more;
	}
	if (got < 0)
		return -1;
	if (got) {
		times_add(t, ng_now_ns() - from);
		return 0;
	}
	if (ng_check(c))
		return -1;
	fprintf(stderr, "novaguest: channel %u: no interrupt for %" PRIu64 " ms, %s\n", n,
		a->timeout_ms, ng_done(c) < want ? "and the work is not done" :
		"though the work is done");
	return 1;
}

static int irq_channel(struct ng_dev *g, uint32_t n, const struct args *a, struct times *t)
{
	struct ng_channel *c = ng_channel_open(g, n, a->entries);
	uint64_t i;
	int err = c ? 0 : -1;

	for (i = 0; i < a->items && !err; i++)
		err = one(g, c, n, a, t);
	ng_channel_close(c);
	return err;
}

int cmd_irq(struct args *a)
{
	uint64_t items = a->has_items ? a->items : 20;
	struct times t = { 0 };
	struct ng_info info;
	struct ng_dev *g;
	uint32_t n;
	int err;

	a->items = items;
	if (!a->has_wait)
		a->wait = NG_IRQ_INTX;
	if (a->wait == NG_IRQ_NONE)
		return bad_usage("%s", "irq waits for interrupts: --wait intx or --wait msix");
	g = ng_open(a->device);
	err = g && !ng_irq_open(g, a->wait) && !ng_get_info(g, &info) ? 0 : -1;
	for (n = 0; !err && n < info.channels; n++)
		if (!a->has_channel || n == a->channel)
			err = irq_channel(g, n, a, &t);
	if (!err && !t.n) {
		fprintf(stderr, "novaguest: no channel %" PRIu64 ": there are %u\n", a->channel,
			info.channels);
		err = 1;
	}
	if (!err) {
		printf("{\"command\":\"irq\",\"device\":\"%s\",\"wait\":\"%s\",\"items\":%" PRIu64
		       ",\"interrupts\":%" PRIu64 ",", info.bdf, wait_name[a->wait], t.n,
		       ng_irq_count(g));
		times_print(&t, "latency_us");
		printf("}\n");
	} else if (err < 0) {
		failed();
	}
	ng_close(g);
	return err ? 1 : 0;
}
