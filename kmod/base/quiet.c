// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting on the GPU's clock, and knowing when nobody in the core is at work.
 *
 * A backend with a clock of its own lets it jump once the core has done all it
 * can do without time passing. So the core counts what it has under way: work
 * that is queued or runs, and threads between nova_active_begin() and _end().
 * Whoever of them goes to wait for the GPU is not counted until that ends; the
 * one that wakes it counts it again first, so that no moment in between looks
 * quiet. Threads that only call in from outside are not counted: what they do
 * next is their own affair.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include "compat.h"
#include "gpu.h"

/* Longer than this without quiet is a mistake of ours: go on, and say so. */
#define NOVA_SETTLE_MAX		(20 * HZ)
/* Longest single sleep of who looks again and again. */
#define NOVA_POLL_SLEEP_US	20000

void nova_active_inc(struct nova_gpu *gpu)
{
	atomic_inc(&gpu->quiet.busy);
}

void nova_active_dec(struct nova_gpu *gpu)
{
	if (atomic_dec_and_test(&gpu->quiet.busy) && wq_has_sleeper(&gpu->quiet.wait))
		wake_up(&gpu->quiet.wait);
}

void nova_active_begin(struct nova_gpu *gpu, struct nova_active *a)
{
	unsigned long flags;

	a->task = current;
	nova_active_inc(gpu);
	spin_lock_irqsave(&gpu->quiet.lock, flags);
	list_add(&a->node, &gpu->quiet.active);
	spin_unlock_irqrestore(&gpu->quiet.lock, flags);
}
EXPORT_SYMBOL_NOVA(nova_active_begin);

void nova_active_end(struct nova_gpu *gpu, struct nova_active *a)
{
	unsigned long flags;

	spin_lock_irqsave(&gpu->quiet.lock, flags);
	list_del(&a->node);
	spin_unlock_irqrestore(&gpu->quiet.lock, flags);
	nova_active_dec(gpu);
}
EXPORT_SYMBOL_NOVA(nova_active_end);

bool nova_active_here(struct nova_gpu *gpu)
{
	struct nova_active *a;
	unsigned long flags;
	bool here = false;

	spin_lock_irqsave(&gpu->quiet.lock, flags);
	list_for_each_entry(a, &gpu->quiet.active, node)
		here |= a->task == current;
	spin_unlock_irqrestore(&gpu->quiet.lock, flags);
	return here;
}

bool nova_active_pause(struct nova_gpu *gpu)
{
	bool here = nova_active_here(gpu);

	if (here)
		nova_active_dec(gpu);
	return here;
}

void nova_active_resume(struct nova_gpu *gpu, bool paused)
{
	if (paused)
		nova_active_inc(gpu);
}

/*
 * A work has one token from being queued to the end of its last run. Queued once
 * more while it runs, it does not get another: where the run waits for the GPU,
 * the next one cannot start, and must not hold up what it waits for.
 */
static void work_run(struct work_struct *work)
{
	struct nova_work *w = container_of(work, struct nova_work, work);
	void (*release)(struct nova_work *w) = w->release;
	struct nova_active a = { .task = current };
	struct nova_gpu *gpu = w->gpu;
	bool done;

	spin_lock_irq(&gpu->quiet.lock);
	w->queued = false;
	list_add(&a.node, &gpu->quiet.active);
	spin_unlock_irq(&gpu->quiet.lock);
	w->fn(w);
	spin_lock_irq(&gpu->quiet.lock);
	list_del(&a.node);
	done = !w->queued && w->counted;
	if (done)
		w->counted = false;
	spin_unlock_irq(&gpu->quiet.lock);
	if (done)
		nova_active_dec(gpu);
	if (release)
		release(w);
}

void nova_work_init_key(struct nova_work *w, struct nova_gpu *gpu,
			void (*fn)(struct nova_work *w), struct lock_class_key *key)
{
	INIT_WORK(&w->work, work_run);
	lockdep_init_map(&w->work.lockdep_map, "nova_work", key, 0);
	w->gpu = gpu;
	w->fn = fn;
	w->release = NULL;
	w->light = false;
	w->queued = false;
	w->counted = false;
	INIT_LIST_HEAD(&w->node);
}

/* With quiet.lock held. Return: as nova_work_queue(). */
static bool queue_light(struct nova_gpu *gpu, struct nova_work *w)
{
	struct nova_quiet *q = &gpu->quiet;

	if (w->queued)
		return false;
	w->queued = true;
	list_add_tail(&w->node, &q->todo);
	/* The settler comes to it by itself; from elsewhere it may have to be woken. */
	if (current != q->settler) {
		gpu->ops->timer_arm(gpu->hw, &q->poke, nova_now_ns(gpu));
		if (wq_has_sleeper(&q->wait))
			wake_up(&q->wait);
	}
	return true;
}

/* Done right here: the clock stands still meanwhile, as for any other work. */
static void run_light(struct nova_gpu *gpu)
{
	struct nova_quiet *q = &gpu->quiet;
	struct nova_work *w;

	for (;;) {
		spin_lock_irq(&q->lock);
		w = list_first_entry_or_null(&q->todo, struct nova_work, node);
		if (w) {
			list_del_init(&w->node);
			w->queued = false;
		}
		q->light = w;
		spin_unlock_irq(&q->lock);
		if (!w)
			break;
		/* From before the boot had ended. */
		if (work_busy(&w->work))
			flush_work(&w->work);
		w->fn(w);
	}
	if (wq_has_sleeper(&q->wait))
		wake_up(&q->wait);
}

static bool light_idle(struct nova_gpu *gpu)
{
	struct nova_quiet *q = &gpu->quiet;
	bool idle;

	spin_lock_irq(&q->lock);
	idle = list_empty(&q->todo) && !q->light;
	spin_unlock_irq(&q->lock);
	return idle;
}

void nova_quiet_light(struct nova_gpu *gpu, bool ok)
{
	struct nova_quiet *q = &gpu->quiet;

	spin_lock_irq(&q->lock);
	q->light_ok = ok && q->settler;
	spin_unlock_irq(&q->lock);
	if (!ok)
		wait_event_idle(q->wait, light_idle(gpu));
}

bool nova_work_queue(struct workqueue_struct *wq, struct nova_work *w)
{
	struct nova_gpu *gpu = w->gpu;
	unsigned long flags;
	bool queued;

	/* With the lock held, so that it does not begin before it is counted. */
	spin_lock_irqsave(&gpu->quiet.lock, flags);
	if (w->light && gpu->quiet.light_ok) {
		queued = queue_light(gpu, w);
		spin_unlock_irqrestore(&gpu->quiet.lock, flags);
		return queued;
	}
	queued = queue_work(wq, &w->work);
	if (queued) {
		w->queued = true;
		if (!w->counted)
			nova_active_inc(gpu);
		w->counted = true;
	}
	spin_unlock_irqrestore(&gpu->quiet.lock, flags);
	return queued;
}

void nova_work_cancel_sync(struct nova_work *w)
{
	struct nova_gpu *gpu = w->gpu;
	bool paused = nova_active_pause(gpu), counted;

	cancel_work_sync(&w->work);
	spin_lock_irq(&gpu->quiet.lock);
	counted = w->counted;
	w->counted = false;
	spin_unlock_irq(&gpu->quiet.lock);
	if (counted)
		nova_active_dec(gpu);
	nova_active_resume(gpu, paused);
}

bool nova_gpu_settle(struct nova_gpu *gpu)
{
	struct nova_quiet *q = &gpu->quiet;

	if (q->settler != current)
		WRITE_ONCE(q->settler, current);
	do {
		if (!list_empty_careful(&q->todo))
			run_light(gpu);
		if (!atomic_read(&q->busy))
			continue;
		if (!wait_event_idle_timeout(q->wait, !atomic_read(&q->busy) ||
					     !list_empty_careful(&q->todo), NOVA_SETTLE_MAX)) {
			dev_warn_once(gpu->dma_dev,
				      "gpu%u: work of the core does not end; going on\n",
				      gpu->id);
			break;
		}
	} while (atomic_read(&q->busy) || !list_empty_careful(&q->todo));
	return !READ_ONCE(q->still);
}
EXPORT_SYMBOL_NOVA(nova_gpu_settle);

struct sleeper {
	struct list_head node;
	struct completion done;
	u64 end_ns;
	bool counted;
};

/* With quiet.lock held: ends sleeps that are over. Return: when the next one is. */
static u64 wake_sleepers(struct nova_gpu *gpu)
{
	u64 now = nova_now_ns(gpu), next = U64_MAX;
	struct sleeper *s, *tmp;

	list_for_each_entry_safe(s, tmp, &gpu->quiet.sleepers, node) {
		if (s->end_ns > now) {
			next = min(next, s->end_ns);
			continue;
		}
		list_del(&s->node);
		if (s->counted)
			nova_active_inc(gpu);
		/* @s is on the stack of the one that is woken. */
		complete(&s->done);
	}
	return next;
}

/* That it fires is all: the backend settles after a timer. */
static void poke_fn(struct nova_hw_timer *t)
{
}

static void sleep_timer_fn(struct nova_hw_timer *t)
{
	struct nova_gpu *gpu = container_of(t, struct nova_gpu, quiet.timer);
	unsigned long flags;
	u64 next;

	spin_lock_irqsave(&gpu->quiet.lock, flags);
	next = wake_sleepers(gpu);
	if (next != U64_MAX)
		gpu->ops->timer_arm(gpu->hw, t, next);
	spin_unlock_irqrestore(&gpu->quiet.lock, flags);
}

void nova_gpu_sleep_us(struct nova_gpu *gpu, u32 us)
{
	struct sleeper s = {
		.end_ns = nova_now_ns(gpu) + (u64)us * NSEC_PER_USEC,
		.counted = nova_active_here(gpu),
	}, *other;
	unsigned long flags;
	u64 first = s.end_ns;

	/* No time passes while the one who settles is at work. */
	if (current == READ_ONCE(gpu->quiet.settler))
		return;
	init_completion(&s.done);
	spin_lock_irqsave(&gpu->quiet.lock, flags);
	list_for_each_entry(other, &gpu->quiet.sleepers, node)
		first = min(first, other->end_ns);
	list_add_tail(&s.node, &gpu->quiet.sleepers);
	gpu->ops->timer_arm(gpu->hw, &gpu->quiet.timer, first);
	spin_unlock_irqrestore(&gpu->quiet.lock, flags);
	if (s.counted)
		nova_active_dec(gpu);
	wait_for_completion(&s.done);
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
		last = nova_now_ns(gpu) >= end || current == READ_ONCE(gpu->quiet.settler);
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

void nova_quiet_init(struct nova_gpu *gpu)
{
	struct nova_quiet *q = &gpu->quiet;

	spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->active);
	INIT_LIST_HEAD(&q->sleepers);
	atomic_set(&q->busy, 0);
	init_waitqueue_head(&q->wait);
	q->timer.fn = sleep_timer_fn;
	q->poke.fn = poke_fn;
	INIT_LIST_HEAD(&q->todo);
	gpu->ops->timer_init(gpu->hw, &q->timer);
	gpu->ops->timer_init(gpu->hw, &q->poke);
}

void nova_quiet_stop(struct nova_gpu *gpu)
{
	gpu->ops->timer_cancel(gpu->hw, &gpu->quiet.timer);
	gpu->ops->timer_cancel(gpu->hw, &gpu->quiet.poke);
}
