// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connects the device model and the kernel: a thread stands for the GPU's processors, high
 * resolution timers for its timers, irq_work for its interrupt line, physical memory for
 * DMA. With a virtual clock, thread and timers are those of vclock.c.
 */
#include <linux/dma-direct.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "sim.h"

#define NOVA_SIM_NICE		(-15)

u64 nova_sim_now_ns(void *hw)
{
	struct nova_sim *s = hw;

	if (s->virtual)
		return atomic64_read(&s->vclock.now_ns);
	return ktime_to_ns(ktime_sub(ktime_get(), s->start));
}

/*
 * Copies to or from one page of the driver's memory. Only memory of the system
 * is touched: a wrong address is an error to the model, never a fault here.
 */
static int nova_sim_dma_page(struct nova_sim *s, u64 addr, void *in, const void *out, u32 len)
{
	phys_addr_t phys;
	unsigned long pfn;
	void *page;

	if (addr > DMA_BIT_MASK(47))
		return -EFAULT;
	phys = dma_to_phys(&s->pdev->dev, addr);
	pfn = PHYS_PFN(phys);
	if (!pfn_valid(pfn) || !page_is_ram(pfn))
		return -EFAULT;
	page = kmap_local_page(pfn_to_page(pfn));
	if (in)
		memcpy(in, page + offset_in_page(phys), len);
	else
		memcpy(page + offset_in_page(phys), out, len);
	kunmap_local(page);
	return 0;
}

static int nova_sim_dma(struct nova_sim *s, u64 addr, void *in, const void *out, u32 len)
{
	u32 done = 0;

	while (done < len) {
		u32 chunk = min_t(u32, len - done, PAGE_SIZE - offset_in_page(addr + done));
		int err = nova_sim_dma_page(s, addr + done, in ? in + done : NULL,
					    out ? out + done : NULL, chunk);

		if (err)
			return err;
		done += chunk;
	}
	return 0;
}

static int nova_sim_dma_read(void *ctx, u64 addr, void *buf, u32 len)
{
	return nova_sim_dma(ctx, addr, buf, NULL, len);
}

static int nova_sim_dma_write(void *ctx, u64 addr, const void *buf, u32 len)
{
	return nova_sim_dma(ctx, addr, NULL, buf, len);
}

static int nova_sim_fb(void *ctx, u64 off, void *buf, u32 len, bool write)
{
	return nova_sim_fb_copy(ctx, off, buf, len, write);
}

static void nova_sim_raise(void *ctx)
{
	struct nova_sim *s = ctx;

	if (s->virtual)
		atomic_set(&s->vclock.irq, 1);
	else
		irq_work_queue(&s->irq);
}

/* Drop events of a GPU that is not registered yet, or no longer. */
static void nova_sim_engine(void *ctx, u32 event, u32 engine_id, u32 gfid, u64 arg)
{
	struct nova_sim *s = ctx;

	/* Model and core number events alike, so pass the number on. */
	BUILD_BUG_ON((int)GSIM_EVENT_DOORBELL - NOVA_ENGINE_DOORBELL);
	BUILD_BUG_ON((int)GSIM_EVENT_IDLE - NOVA_ENGINE_IDLE);
	BUILD_BUG_ON((int)GSIM_EVENT_COMPLETE - NOVA_ENGINE_COMPLETE);
	if (READ_ONCE(s->registered))
		nova_gpu_engine_event(s->gpu, event, engine_id, gfid, arg);
}

static void nova_sim_irq(struct irq_work *work)
{
	struct nova_sim *s = container_of(work, struct nova_sim, irq);

	nova_gpu_irq(s->gpu);
}

static void nova_sim_kick(void *ctx)
{
	struct nova_sim *s = ctx;
	struct task_struct *thread;

	/* Pairs with the thread: it sets its state, then looks at kicked. */
	atomic_set_release(&s->kicked, 1);
	if (nova_sim_virtual(s)) {
		nova_vclock_wake(s);
		return;
	}
	thread = READ_ONCE(s->thread);
	if (thread)
		wake_up_process(thread);
}

static void *nova_sim_alloc(void *ctx, size_t size)
{
	return kvzalloc(size, GFP_KERNEL);
}

static void nova_sim_free(void *ctx, void *p)
{
	kvfree(p);
}

static unsigned long nova_sim_lock(void *ctx)
	__acquires(&((struct nova_sim *)ctx)->regs_lock)
{
	struct nova_sim *s = ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&s->regs_lock, flags);
	return flags;
}

static void nova_sim_unlock(void *ctx, unsigned long flags)
	__releases(&((struct nova_sim *)ctx)->regs_lock)
{
	struct nova_sim *s = ctx;

	raw_spin_unlock_irqrestore(&s->regs_lock, flags);
}

const struct gsim_port nova_sim_port = {
	.now_ns = nova_sim_now_ns,
	.dma_read = nova_sim_dma_read,
	.dma_write = nova_sim_dma_write,
	.irq = nova_sim_raise,
	.kick = nova_sim_kick,
	.alloc = nova_sim_alloc,
	.free = nova_sim_free,
	.lock = nova_sim_lock,
	.unlock = nova_sim_unlock,
	.fb = nova_sim_fb,
	.engine = nova_sim_engine,
};

static void nova_sim_sleep(struct nova_sim *s, u64 next)
{
	ktime_t expires;

	set_current_state(TASK_IDLE);
	if (!atomic_xchg(&s->kicked, 0) && !nova_sim_wanted()) {
		if (next == GSIM_NEVER) {
			schedule();
		} else {
			expires = ktime_add_ns(s->start, next);
			schedule_hrtimeout(&expires, HRTIMER_MODE_ABS);
		}
	}
	__set_current_state(TASK_RUNNING);
	cond_resched();
}

static int nova_sim_thread(void *data)
{
	struct nova_sim *s = data;
	u64 next;

	/* Hardware runs ahead of its driver; a nice value stays fair to all other threads. */
	set_user_nice(current, NOVA_SIM_NICE);
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		mutex_lock(&s->run_lock);
		next = gsim_run(s->sim);
		nova_sim_dev_ran(s);
		mutex_unlock(&s->run_lock);
		nova_sim_sleep(s, next);
	}
	return 0;
}

/* The core's object must exist: from here on the interrupt may be raised. */
int nova_sim_start(struct nova_sim *s)
{
	struct task_struct *t;

	/*
	 * Not IRQ_WORK_INIT_HARD: like a device's handler this one may be
	 * threaded on a kernel with PREEMPT_RT; elsewhere it runs in hard
	 * interrupt context either way.
	 */
	init_irq_work(&s->irq, nova_sim_irq);
	t = kthread_run(nova_sim_virtual(s) ? nova_vclock_thread : nova_sim_thread, s,
			"novabpf_sim/%u", s->index);
	if (IS_ERR(t))
		return PTR_ERR(t);
	WRITE_ONCE(s->thread, t);
	nova_sim_kick(s);
	return 0;
}

/* On return no interrupt can come and no memory is accessed. */
void nova_sim_stop(struct nova_sim *s)
{
	struct task_struct *t = s->thread;

	if (!t)
		return;
	WRITE_ONCE(s->thread, NULL);
	kthread_stop(t);
	irq_work_sync(&s->irq);
}

int nova_sim_fault(struct nova_sim *s, const char *spec)
{
	char err[200];
	int ret;

	mutex_lock(&s->run_lock);
	ret = gsim_fault(s->sim, spec, err, sizeof(err));
	mutex_unlock(&s->run_lock);
	if (ret)
		dev_err(&s->pdev->dev, "%s\n", err);
	return ret;
}

u32 nova_sim_rd32(void *hw, u32 off)
{
	struct nova_sim *s = hw;

	return gsim_rd32(s->sim, off);
}

void nova_sim_wr32(void *hw, u32 off, u32 val)
{
	struct nova_sim *s = hw;

	gsim_wr32(s->sim, off, val);
}

static enum hrtimer_restart nova_sim_timer_fire(struct hrtimer *hrt)
{
	struct nova_hw_timer *t = container_of(hrt, struct nova_hw_timer, hrt);

	t->fn(t);
	return HRTIMER_NORESTART;
}

static void nova_sim_timer_init(void *hw, struct nova_hw_timer *t)
{
	t->hw = hw;
	nova_hrtimer_setup(&t->hrt, nova_sim_timer_fire, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
}

static void nova_sim_timer_arm(void *hw, struct nova_hw_timer *t, u64 at_ns)
{
	struct nova_sim *s = hw;

	t->at_ns = at_ns;
	if (at_ns == GSIM_NEVER)
		hrtimer_try_to_cancel(&t->hrt);
	else
		hrtimer_start(&t->hrt, ktime_add_ns(s->start, at_ns),
			      HRTIMER_MODE_ABS);
}

static void nova_sim_timer_cancel(void *hw, struct nova_hw_timer *t)
{
	hrtimer_cancel(&t->hrt);
}

int nova_sim_firmware(void *hw, enum nova_fw_kind kind, const void **data, size_t *size)
{
	struct nova_sim *s = hw;

	return gsim_firmware(s->sim, kind, data, size);
}

int nova_sim_reset(void *hw)
{
	struct nova_sim *s = hw;

	mutex_lock(&s->run_lock);
	gsim_reset(s->sim);
	mutex_unlock(&s->run_lock);
	return 0;
}

const struct nova_hw_ops nova_sim_ops = {
	.rd32 = nova_sim_rd32,
	.wr32 = nova_sim_wr32,
	.now_ns = nova_sim_now_ns,
	.timer_init = nova_sim_timer_init,
	.timer_arm = nova_sim_timer_arm,
	.timer_cancel = nova_sim_timer_cancel,
	.firmware = nova_sim_firmware,
	.reset = nova_sim_reset,
	.fb_pfn = nova_sim_fb_pfn,
	.fb_copy = nova_sim_fb_copy,
	.fb_scrub = nova_sim_fb_scrub,
};
