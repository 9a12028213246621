// SPDX-License-Identifier: GPL-2.0-only
// include: selftests/unit/kernel
/* In which order events go that hooks hold back, and what lets them go early. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "unit.h"
#include "native_kernel.h"
#include "native_list.h"

#define kmalloc(n, gfp)		((void)(gfp), malloc(n))
#define struct_size(p, m, n)	(offsetof(typeof(*(p)), m) + (n))

#include "gsp/hook/held.c"

#define MS	1000000ULL

static struct nova_gpu gpu;
static struct nova_gsp gsp;
static u64 now_ns;
static u32 order[8];
static u32 nr_handled;

static u64 hw_now(void *hw)
{
	return now_ns;
}

static const struct nova_hw_ops hw_ops = { .now_ns = hw_now };

bool nova_hook_injection_allowed(void)
{
	return true;
}

bool nova_hook_attached(struct nova_gsp *g, u32 id)
{
	return true;
}

void nova_gsp_timer_by(struct nova_gsp *g, u64 at_ns)
{
}

/* As the worker does. */
static void handle_due(void)
{
	struct nova_gsp_event *ev;

	while ((ev = nova_hook_event_due(&gsp))) {
		order[nr_handled++] = ev->record_seq;
		nova_hook_event_free(ev);
	}
}

static int begin(void **state)
{
	memset(&gsp, 0, sizeof(gsp));
	gpu.ops = &hw_ops;
	gsp.gpu = &gpu;
	INIT_LIST_HEAD(&gsp.pending);
	INIT_LIST_HEAD(&gsp.hooks.held);
	INIT_LIST_HEAD(&gsp.hooks.events);
	now_ns = 100 * MS;
	nr_handled = 0;
	return 0;
}

static void hold(u32 seq, u64 throttle_ns, u64 hold_ns)
{
	struct nova_gsp_event ev = { .record_seq = seq, .payload = "" };
	struct nova_hook_requests ask = {
		.throttle_ns = throttle_ns, .hold_ns = hold_ns, .held = { .hook = 1 },
	};

	assert_int_equal(nova_held_event(&gsp, &ev, &ask, now_ns), 0);
}

/* Those with a throttle of 1 s and of 50 ms are let go, a third one is due after 20 ms. */
static void a_throttle_holds_nobody_else(void **state)
{
	hold(3, 20 * MS, 0);
	hold(1, 1000 * MS, 1000 * MS);
	hold(2, 50 * MS, 1000 * MS);
	assert_int_equal(nova_held_release(&gsp, 1, true, 0), 2);
	handle_due();
	assert_int_equal(nr_handled, 0);
	now_ns += 20 * MS;
	handle_due();
	assert_int_equal(nr_handled, 1);
	now_ns += 30 * MS;
	handle_due();
	assert_int_equal(nr_handled, 2);
	now_ns += 950 * MS;
	handle_due();
	assert_int_equal(nr_handled, 3);
	assert_memory_equal(order, ((u32[]){ 3, 2, 1 }), 3 * sizeof(*order));
}

/* What is let go without a throttle keeps its order and goes at once. */
static void let_go_at_once(void **state)
{
	hold(1, 0, 500 * MS);
	hold(2, 0, 600 * MS);
	hold(3, 10 * MS, 0);
	assert_int_equal(nova_held_release_injected(&gsp), 2);
	handle_due();
	assert_int_equal(nr_handled, 2);
	assert_memory_equal(order, ((u32[]){ 1, 2 }), 2 * sizeof(*order));
	now_ns += 10 * MS;
	handle_due();
	assert_int_equal(order[2], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_throttle_holds_nobody_else, begin),
		cmocka_unit_test_setup(let_go_at_once, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
