// SPDX-License-Identifier: GPL-2.0-only
/*
 * Idle accounting for GPUs with a virtual clock. Built with the simulator only.
 *
 * A thread that blocks on the GPU drops its count. The waker takes the count on its
 * behalf before waking it, so the total never transiently reads zero. Threads that call
 * in from outside are not counted, because their next step is unknown.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "compat.h"
#include "gpu.h"

/* A longer busy time is a bug of the core: report it and let the clock advance. */
#define VTIME_IDLE_MAX		(20 * HZ)

/**
 * struct nova_vtime - idle accounting of one GPU
 * @gpu: the GPU
 * @lock: guards the lists; taken in any context, irqs off
 * @threads: struct nova_busy of threads that are busy
 * @sleepers: threads in nova_gpu_sleep_us()
 * @sleep_timer: wakes the next sleeper
 * @busy: threads that are busy and not blocked on the GPU, and works under way
 * @wait: nova_gpu_wait_idle() waits here until @busy is 0
 * @clock: the clock's thread, which calls nova_gpu_wait_idle(); NULL before its first call
 * @direct_ok: @clock runs direct works
 * @direct: direct works that are queued
 * @running: direct work that runs
 * @frozen: between nova_gpu_suspend() and nova_gpu_resume()
 * @wake_timer: makes a backend that sleeps call nova_gpu_wait_idle()
 */
struct nova_vtime {
	struct nova_gpu *gpu;
	spinlock_t lock;		/* see above */
	struct list_head threads;
	struct list_head sleepers;
	struct nova_hw_timer sleep_timer;
	atomic_t busy;
	wait_queue_head_t wait;
	struct task_struct *clock;
	bool direct_ok;
	struct list_head direct;
	struct nova_work *running;
	bool frozen;
	struct nova_hw_timer wake_timer;
};

struct vtime_sleeper {
	struct list_head node;
	struct completion done;
	u64 end_ns;
	bool counted;
};

DEFINE_STATIC_KEY_FALSE(nova_vtime_key);

static void vtime_count(struct nova_gpu *gpu, int n)
{
	struct nova_vtime *vt = gpu->vtime;

	if (!atomic_add_return(n, &vt->busy) && wq_has_sleeper(&vt->wait))
		wake_up(&vt->wait);
}

static void vtime_begin(struct nova_gpu *gpu, struct nova_busy *b)
{
	struct nova_vtime *vt = gpu->vtime;
	unsigned long flags;

	b->task = current;
	vtime_count(gpu, 1);
	spin_lock_irqsave(&vt->lock, flags);
	list_add(&b->node, &vt->threads);
	spin_unlock_irqrestore(&vt->lock, flags);
}

static void vtime_end(struct nova_gpu *gpu, struct nova_busy *b)
{
	struct nova_vtime *vt = gpu->vtime;
	unsigned long flags;

	spin_lock_irqsave(&vt->lock, flags);
	list_del(&b->node);
	spin_unlock_irqrestore(&vt->lock, flags);
	vtime_count(gpu, -1);
}

static bool vtime_here(struct nova_gpu *gpu)
{
	struct nova_vtime *vt = gpu->vtime;
	struct nova_busy *b;
	unsigned long flags;
	bool here = false;

	spin_lock_irqsave(&vt->lock, flags);
	list_for_each_entry(b, &vt->threads, node)
		here |= b->task == current;
	spin_unlock_irqrestore(&vt->lock, flags);
	return here;
}

static bool vtime_is_clock(struct nova_gpu *gpu)
{
	return current == READ_ONCE(gpu->vtime->clock);
}

/*
 * A work is counted once from being queued to the end of its last run. Queued again
 * while it runs, it is not counted twice: if that run blocks on the GPU, the next one
 * cannot start, and must not hold up the clock that the run waits for.
 */
static void vtime_run(struct nova_work *w)
{
	struct nova_busy b = { .task = current };
	struct nova_gpu *gpu = w->gpu;
	struct nova_vtime *vt = gpu->vtime;
	bool done;

	spin_lock_irq(&vt->lock);
	w->vtime.queued = false;
	list_add(&b.node, &vt->threads);
	spin_unlock_irq(&vt->lock);
	w->fn(w);
	spin_lock_irq(&vt->lock);
	list_del(&b.node);
	done = !w->vtime.queued && w->vtime.counted;
	if (done)
		w->vtime.counted = false;
	spin_unlock_irq(&vt->lock);
	if (done)
		vtime_count(gpu, -1);
}

static bool vtime_queue_direct(struct nova_vtime *vt, struct nova_work *w)
{
	struct nova_gpu *gpu = vt->gpu;

	lockdep_assert_held(&vt->lock);
	if (w->vtime.queued)
		return false;
	w->vtime.queued = true;
	list_add_tail(&w->vtime.node, &vt->direct);
	/* The clock's thread looks at the list by itself, but may be asleep. */
	if (current != vt->clock) {
		gpu->ops->timer_arm(gpu->hw, &vt->wake_timer, nova_now_ns(gpu));
		if (wq_has_sleeper(&vt->wait))
			wake_up(&vt->wait);
	}
	return true;
}

static bool vtime_queue(struct workqueue_struct *wq, struct nova_work *w)
{
	struct nova_gpu *gpu = w->gpu;
	struct nova_vtime *vt = gpu->vtime;
	unsigned long flags;
	bool queued;

	/* Under the lock, so that the work does not run before it is counted. */
	spin_lock_irqsave(&vt->lock, flags);
	if (w->direct && vt->direct_ok) {
		queued = vtime_queue_direct(vt, w);
		spin_unlock_irqrestore(&vt->lock, flags);
		return queued;
	}
	queued = queue_work(wq, &w->work);
	if (queued) {
		w->vtime.queued = true;
		if (!w->vtime.counted)
			vtime_count(gpu, 1);
		w->vtime.counted = true;
	}
	spin_unlock_irqrestore(&vt->lock, flags);
	return queued;
}

static void vtime_cancelled(struct nova_work *w)
{
	struct nova_vtime *vt = w->gpu->vtime;
	bool counted;

	spin_lock_irq(&vt->lock);
	counted = w->vtime.counted;
	w->vtime.counted = false;
	spin_unlock_irq(&vt->lock);
	if (counted)
		vtime_count(w->gpu, -1);
}

static struct nova_work *vtime_next_direct(struct nova_vtime *vt)
{
	struct nova_work *w;

	spin_lock_irq(&vt->lock);
	w = list_first_entry_or_null(&vt->direct, struct nova_work, vtime.node);
	if (w) {
		list_del_init(&w->vtime.node);
		w->vtime.queued = false;
	}
	vt->running = w;
	spin_unlock_irq(&vt->lock);
	return w;
}

/* Runs in the clock's thread, so the clock stands still as for any other work. */
static void vtime_run_direct(struct nova_vtime *vt)
{
	struct nova_work *w;

	while ((w = vtime_next_direct(vt))) {
		/* Its workqueue may still run it, from before direct works were allowed. */
		if (work_busy(&w->work))
			flush_work(&w->work);
		w->fn(w);
	}
	if (wq_has_sleeper(&vt->wait))
		wake_up(&vt->wait);
}

static bool vtime_direct_idle(struct nova_vtime *vt)
{
	bool idle;

	spin_lock_irq(&vt->lock);
	idle = list_empty(&vt->direct) && !vt->running;
	spin_unlock_irq(&vt->lock);
	return idle;
}

static void vtime_allow_direct(struct nova_gpu *gpu, bool ok)
{
	struct nova_vtime *vt = gpu->vtime;

	spin_lock_irq(&vt->lock);
	vt->direct_ok = ok && vt->clock;
	spin_unlock_irq(&vt->lock);
	if (!ok)
		wait_event_idle(vt->wait, vtime_direct_idle(vt));
}

static void vtime_freeze(struct nova_gpu *gpu, bool frozen)
{
	WRITE_ONCE(gpu->vtime->frozen, frozen);
}

bool nova_gpu_wait_idle(struct nova_gpu *gpu)
{
	struct nova_vtime *vt = gpu->vtime;

	if (vt->clock != current)
		WRITE_ONCE(vt->clock, current);
	do {
		if (!list_empty_careful(&vt->direct))
			vtime_run_direct(vt);
		if (!atomic_read(&vt->busy))
			continue;
		if (!wait_event_idle_timeout(vt->wait, !atomic_read(&vt->busy) ||
					     !list_empty_careful(&vt->direct), VTIME_IDLE_MAX)) {
			dev_warn_once(gpu->dma_dev,
				      "gpu%u: work of the core does not end; going on\n",
				      gpu->id);
			break;
		}
	} while (atomic_read(&vt->busy) || !list_empty_careful(&vt->direct));
	return !READ_ONCE(vt->frozen);
}
EXPORT_SYMBOL_NOVA(nova_gpu_wait_idle);

/* Return: end of the next sleep, U64_MAX if there is none. */
static u64 vtime_wake_sleepers(struct nova_vtime *vt)
{
	u64 now = nova_now_ns(vt->gpu), next = U64_MAX;
	struct vtime_sleeper *s, *tmp;

	lockdep_assert_held(&vt->lock);
	list_for_each_entry_safe(s, tmp, &vt->sleepers, node) {
		if (s->end_ns > now) {
			next = min(next, s->end_ns);
			continue;
		}
		list_del(&s->node);
		if (s->counted)
			vtime_count(vt->gpu, 1);
		/* @s is on the sleeper's stack and is gone after this. */
		complete(&s->done);
	}
	return next;
}

static void vtime_sleep_timer_fn(struct nova_hw_timer *t)
{
	struct nova_vtime *vt = container_of(t, struct nova_vtime, sleep_timer);
	unsigned long flags;
	u64 next;

	spin_lock_irqsave(&vt->lock, flags);
	next = vtime_wake_sleepers(vt);
	if (next != U64_MAX)
		vt->gpu->ops->timer_arm(vt->gpu->hw, t, next);
	spin_unlock_irqrestore(&vt->lock, flags);
}

/* No work of its own: the backend waits for an idle core after each timer. */
static void vtime_wake_timer_fn(struct nova_hw_timer *t)
{
}

static void vtime_sleep_us(struct nova_gpu *gpu, u32 us)
{
	struct nova_vtime *vt = gpu->vtime;
	struct vtime_sleeper s = {
		.end_ns = nova_now_ns(gpu) + (u64)us * NSEC_PER_USEC,
		.counted = vtime_here(gpu),
	}, *other;
	unsigned long flags;
	u64 first = s.end_ns;

	/* No time passes while the clock's thread works. */
	if (vtime_is_clock(gpu))
		return;
	init_completion(&s.done);
	spin_lock_irqsave(&vt->lock, flags);
	list_for_each_entry(other, &vt->sleepers, node)
		first = min(first, other->end_ns);
	list_add_tail(&s.node, &vt->sleepers);
	gpu->ops->timer_arm(gpu->hw, &vt->sleep_timer, first);
	spin_unlock_irqrestore(&vt->lock, flags);
	if (s.counted)
		vtime_count(gpu, -1);
	wait_for_completion(&s.done);
}

static void vtime_stop(struct nova_gpu *gpu)
{
	gpu->ops->timer_cancel(gpu->hw, &gpu->vtime->sleep_timer);
	gpu->ops->timer_cancel(gpu->hw, &gpu->vtime->wake_timer);
}

static int vtime_create(struct nova_gpu *gpu)
{
	struct nova_vtime *vt = kzalloc(sizeof(*vt), GFP_KERNEL);

	if (!vt)
		return -ENOMEM;
	vt->gpu = gpu;
	spin_lock_init(&vt->lock);
	INIT_LIST_HEAD(&vt->threads);
	INIT_LIST_HEAD(&vt->sleepers);
	INIT_LIST_HEAD(&vt->direct);
	init_waitqueue_head(&vt->wait);
	vt->sleep_timer.fn = vtime_sleep_timer_fn;
	vt->wake_timer.fn = vtime_wake_timer_fn;
	gpu->ops->timer_init(gpu->hw, &vt->sleep_timer);
	gpu->ops->timer_init(gpu->hw, &vt->wake_timer);
	gpu->vtime = vt;
	gpu->vtime_ops = &nova_vtime_ops;
	static_branch_inc(&nova_vtime_key);
	return 0;
}

static void vtime_destroy(struct nova_gpu *gpu)
{
	static_branch_dec(&nova_vtime_key);
	kfree(gpu->vtime);
}

const struct nova_vtime_ops nova_vtime_ops = {
	.create = vtime_create,
	.destroy = vtime_destroy,
	.stop = vtime_stop,
	.count = vtime_count,
	.begin = vtime_begin,
	.end = vtime_end,
	.here = vtime_here,
	.queue = vtime_queue,
	.run = vtime_run,
	.cancelled = vtime_cancelled,
	.sleep_us = vtime_sleep_us,
	.is_clock = vtime_is_clock,
	.allow_direct = vtime_allow_direct,
	.freeze = vtime_freeze,
};
EXPORT_SYMBOL_NOVA(nova_vtime_ops);
