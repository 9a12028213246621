// SPDX-License-Identifier: GPL-2.0-only
// runs: 6000
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: selftests/unit/engine_driver.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c
/*
 * Loads of any content: refused with a reason, or run to an end at which the books
 * balance. The first bytes choose what happens meanwhile.
 */
#include <stdlib.h>
#include "../unit/engine_driver.h"

#define STEPS	200

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fuzz_load: %s\n", what);
		abort();
	}
}

/* Vouches for what no random bytes would hit. */
static u8 *repaired(const u8 *data, size_t size)
{
	struct nova_sim_load l;
	u8 *blob = malloc(size);

	memcpy(blob, data, size);
	if (size < sizeof(l))
		return blob;
	memcpy(&l, blob, sizeof(l));
	l.magic = NOVA_SIM_LOAD_MAGIC;
	l.tenants %= 5;
	l.duration_ns %= 1ULL << 32;
	l.ctxsw_ns %= 1u << 24;
	l.preempt_ns %= 1u << 24;
	memcpy(blob, &l, sizeof(l));
	return blob;
}

static void meanwhile(struct drv *d, u8 what)
{
	u32 handle = eng_handle(1 + (what >> 3 & 1), GR0, what >> 4 & 1);

	switch (what & 7) {
	case 0:
		eng_schedule(d, handle, true);
		break;
	case 1:
		eng_schedule(d, handle, false);
		break;
	case 2:
		eng_preempt(d, handle, what >> 5 & 1, what >> 6);
		break;
	case 3:
		eng_slice(d, handle, 1 + (what >> 4) * 100);
		break;
	case 4:
		if (what > 240)
			drv_free_object(d, DRV_CLIENT, handle);
		break;
	case 5:
		if (what > 240)
			gsim_load_stop(d->sim);
		break;
	default:
		break;
	}
}

static void run(struct drv *d, const u8 *script, u64 duration_ns)
{
	u64 end = d->now_ns + duration_ns, next;
	u32 i;

	for (i = 0; i < STEPS && !gsim_load_done(d->sim); i++) {
		if (i < 16)
			meanwhile(d, script[i]);
		next = gsim_run(d->sim);
		eng_drain(d);
		d->now_ns = next > end || i + 1 == STEPS ? end :
			    next > d->now_ns ? next : d->now_ns + 1;
		gsim_run(d->sim);
	}
	gsim_load_stop(d->sim);
	must(gsim_load_done(d->sim), "does not end");
}

static void check(struct drv *d)
{
	struct work w = { 0 };
	u64 i, ran = 0;

	work_result(d, &w);
	for (i = 0; i < w.res.items; i++) {
		ran += w.item[i].ran_ns;
		must(w.item[i].ran_ns <= w.item[i].length_ns, "ran longer than it is");
		must(w.item[i].done_ns <= w.res.ended_ns, "done after the end");
	}
	must(ran == w.res.busy_ns, "work and busy time differ");
	if (!w.res.segments_lost)
		must(work_ran(&w, NOVA_SIM_RUN, 0) == w.res.busy_ns, "segments and busy time");
	work_end(&w);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct drv *d;
	char err[200] = "";
	u64 duration;
	u8 *blob;
	u32 i;

	if (size < 16)
		return 0;
	if (!d)
		d = eng_boot(0);
	for (i = 0; i < 4; i++)
		eng_alloc(d, 1 + i / 2, GR0, i % 2);
	eng_alloc(d, 1, NVENC0, 0);
	blob = repaired(data + 16, size - 16);
	if (gsim_load_start(d->sim, blob, size - 16, err, sizeof(err))) {
		must(err[0], "refused without a reason");
	} else {
		duration = ((const struct nova_sim_load *)blob)->duration_ns;
		run(d, data, duration);
		check(d);
	}
	gsim_load_free(d->sim);
	drv_run(d, 2000 * MS);
	eng_drain(d);
	for (i = 0; i < 4; i++)
		drv_free_object(d, DRV_CLIENT, eng_handle(1 + i / 2, GR0, i % 2));
	drv_free_object(d, DRV_CLIENT, eng_handle(1, NVENC0, 0));
	free(blob);
	return 0;
}
