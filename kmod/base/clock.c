// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits on the GPU's clock, and works that concern a GPU. A GPU in real time uses the
 * kernel's sleeps and workqueues; a GPU with a virtual clock uses vtime.c.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include "compat.h"
#include "gpu.h"

/* Longest single sleep of a poll. */
#define NOVA_POLL_SLEEP_US	20000

void nova_busy_begin(struct nova_gpu *gpu, struct nova_busy *b)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->begin(gpu, b);
}
EXPORT_SYMBOL_NOVA(nova_busy_begin);

void nova_busy_end(struct nova_gpu *gpu, struct nova_busy *b)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->end(gpu, b);
}
EXPORT_SYMBOL_NOVA(nova_busy_end);

bool nova_busy_pause(struct nova_gpu *gpu)
{
	bool here = nova_busy_here(gpu);

	if (here)
		nova_busy_dec(gpu);
	return here;
}

void nova_busy_resume(struct nova_gpu *gpu, bool paused)
{
	if (paused)
		nova_busy_inc(gpu);
}

static void clock_run_work(struct work_struct *work)
{
	struct nova_work *w = container_of(work, struct nova_work, work);
	const struct nova_vtime_ops *vtime = nova_vtime(w->gpu);
	void (*release)(struct nova_work *w) = w->release;

	if (vtime)
		vtime->run(w);
	else
		w->fn(w);
	if (release)
		release(w);
}

void nova_work_init_key(struct nova_work *w, struct nova_gpu *gpu,
			void (*fn)(struct nova_work *w), struct lock_class_key *key)
{
	memset(w, 0, sizeof(*w));
	INIT_WORK(&w->work, clock_run_work);
	lockdep_init_map(&w->work.lockdep_map, "nova_work", key, 0);
	w->gpu = gpu;
	w->fn = fn;
	INIT_LIST_HEAD(&w->vtime.node);
}

void nova_work_cancel_sync(struct nova_work *w)
{
	const struct nova_vtime_ops *vtime = nova_vtime(w->gpu);
	bool paused = nova_busy_pause(w->gpu);

	cancel_work_sync(&w->work);
	if (vtime)
		vtime->cancelled(w);
	nova_busy_resume(w->gpu, paused);
}

void nova_gpu_sleep_us(struct nova_gpu *gpu, u32 us)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->sleep_us(gpu, us);
	else
		usleep_range(us, us + us / 8ul);
}

void nova_gpu_sleep_poll(struct nova_gpu *gpu, u64 since_ns, u32 min_us)
{
	u64 us = div_u64(nova_now_ns(gpu) - since_ns, 8 * NSEC_PER_USEC);

	nova_gpu_sleep_us(gpu, clamp_t(u64, us, min_us, NOVA_POLL_SLEEP_US));
}

int nova_poll_reg(struct nova_gpu *gpu, u32 off, u32 mask, u32 want, u32 timeout_us)
{
	u64 start = nova_now_ns(gpu), end = start + (u64)timeout_us * NSEC_PER_USEC;
	bool last;
	u32 v;

	for (;;) {
		/* No time passes while the thread of a virtual clock works. */
		last = nova_now_ns(gpu) >= end || nova_vtime_is_clock(gpu);
		v = nova_rd32(gpu, off);
		if ((v & mask) == want)
			return 0;
		if (v == U32_MAX)
			return -ENODEV;
		if (last)
			return -ETIMEDOUT;
		nova_gpu_sleep_poll(gpu, start, 2);
	}
}
