// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual clock: one thread per GPU runs all events. The model runs until it is idle at
 * this instant, its interrupt is delivered, and the core reacts, until both are idle. Then
 * the clock jumps to the next event of the model or timer of the core. Events of one
 * instant have a fixed order: the model first, then timers in order of arming.
 *
 * So a run depends on the core's actions and never on their duration. Without a future
 * event the clock stops and the thread sleeps.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include "sim.h"

/* Not 0, which is "never" in some stamps. */
#define NOVA_VCLOCK_START_NS	NSEC_PER_MSEC

/* Simulates the context of an interrupt handler, which is a thread on PREEMPT_RT. */
static unsigned long vclock_enter_irq(void)
{
	unsigned long flags = 0;

	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		local_irq_save(flags);
	return flags;
}

static void vclock_leave_irq(unsigned long flags)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		local_irq_restore(flags);
}

void nova_vclock_init(struct nova_vclock *vc)
{
	raw_spin_lock_init(&vc->lock);
	INIT_LIST_HEAD(&vc->timers);
	atomic64_set(&vc->now_ns, NOVA_VCLOCK_START_NS);
}

/* The flag is set before the thread looks for work: see vclock_nap(). */
void nova_vclock_wake(struct nova_sim *s)
{
	struct task_struct *thread = READ_ONCE(s->thread);

	/* Publish the work before reading the flag. */
	smp_mb();
	if (thread && READ_ONCE(s->vclock.asleep))
		wake_up_process(thread);
}

static void vclock_timer_init(void *hw, struct nova_hw_timer *t)
{
	t->hw = hw;
	INIT_LIST_HEAD(&t->node);
}

static void vclock_timer_arm(void *hw, struct nova_hw_timer *t, u64 at_ns)
{
	struct nova_sim *s = hw;
	struct nova_vclock *vc = &s->vclock;
	struct nova_hw_timer *other;
	unsigned long flags;

	raw_spin_lock_irqsave(&vc->lock, flags);
	list_del_init(&t->node);
	t->at_ns = at_ns;
	if (at_ns != GSIM_NEVER) {
		/*
		 * Insert behind timers of the same time. Search from the end: most are armed
		 * later than the others.
		 */
		list_for_each_entry_reverse(other, &vc->timers, node)
			if (other->at_ns <= at_ns)
				break;
		list_add(&t->node, &other->node);
	}
	raw_spin_unlock_irqrestore(&vc->lock, flags);
	if (at_ns != GSIM_NEVER)
		nova_vclock_wake(s);
}

static void vclock_timer_cancel(void *hw, struct nova_hw_timer *t)
{
	struct nova_sim *s = hw;
	struct nova_vclock *vc = &s->vclock;
	unsigned long flags;
	bool running;

	for (;;) {
		raw_spin_lock_irqsave(&vc->lock, flags);
		list_del_init(&t->node);
		running = vc->firing == t;
		raw_spin_unlock_irqrestore(&vc->lock, flags);
		if (!running)
			return;
		/* The function is short, and may arm its timer again. */
		usleep_range(5, 20);
	}
}

static u64 vclock_first_timer(struct nova_vclock *vc)
{
	struct nova_hw_timer *t;
	unsigned long flags;
	u64 at = GSIM_NEVER;

	raw_spin_lock_irqsave(&vc->lock, flags);
	t = list_first_entry_or_null(&vc->timers, struct nova_hw_timer, node);
	if (t)
		at = t->at_ns;
	raw_spin_unlock_irqrestore(&vc->lock, flags);
	return at;
}

/* Return: whether a timer was due. */
static bool vclock_fire_timer(struct nova_vclock *vc)
{
	struct nova_hw_timer *t;
	unsigned long flags;

	raw_spin_lock_irqsave(&vc->lock, flags);
	t = list_first_entry_or_null(&vc->timers, struct nova_hw_timer, node);
	if (t && t->at_ns <= atomic64_read(&vc->now_ns)) {
		list_del_init(&t->node);
		vc->firing = t;
	} else {
		t = NULL;
	}
	raw_spin_unlock_irqrestore(&vc->lock, flags);
	if (!t)
		return false;
	flags = vclock_enter_irq();
	t->fn(t);
	vclock_leave_irq(flags);
	/* A cancelling thread may free the timer from here on. */
	raw_spin_lock_irqsave(&vc->lock, flags);
	vc->firing = NULL;
	raw_spin_unlock_irqrestore(&vc->lock, flags);
	return true;
}

static void vclock_run_model(struct nova_sim *s)
{
	struct nova_vclock *vc = &s->vclock;
	unsigned long flags;

	mutex_lock(&s->run_lock);
	vc->model_ns = gsim_run(s->sim);
	nova_sim_dev_ran(s);
	mutex_unlock(&s->run_lock);
	/*
	 * Not from within the model: the core's worker would then start at a
	 * point of the model's run that depends on the scheduler.
	 */
	if (atomic_xchg(&vc->irq, 0)) {
		flags = vclock_enter_irq();
		nova_gpu_irq(s->gpu);
		vclock_leave_irq(flags);
	}
}

static void vclock_nap(struct nova_sim *s)
{
	struct nova_vclock *vc = &s->vclock;

	WRITE_ONCE(vc->asleep, true);
	/*
	 * A full barrier: the thread sees either the flag or the work that was published before
	 * it.
	 */
	set_current_state(TASK_IDLE);
	if (!atomic_read(&s->kicked) && vclock_first_timer(vc) == GSIM_NEVER && !nova_sim_wanted())
		schedule();
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(vc->asleep, false);
}

/* Advances the clock: the core and the model are idle at this instant. */
static void vclock_jump(struct nova_sim *s)
{
	struct nova_vclock *vc = &s->vclock;
	u64 at = min(vc->model_ns, vclock_first_timer(vc));

	/*
	 * A caller from outside may have come since the core was idle. It rings its doorbell
	 * before it arms a timer, so this thread sees the kick wherever it sees the timer.
	 */
	if (atomic_read(&s->kicked))
		return;
	if (at == GSIM_NEVER)
		vclock_nap(s);
	else if (at > atomic64_read(&vc->now_ns))
		atomic64_set(&vc->now_ns, at);
}

int nova_vclock_thread(void *data)
{
	struct nova_sim *s = data;
	struct nova_vclock *vc = &s->vclock;

	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		if (atomic_xchg(&s->kicked, 0) || vc->model_ns <= atomic64_read(&vc->now_ns))
			vclock_run_model(s);
		if (!nova_gpu_wait_idle(s->gpu)) {
			schedule_timeout_idle(1);
			continue;
		}
		/* Check the kick first: work that has just ended may have rung a doorbell. */
		if (!atomic_read(&s->kicked) && !vclock_fire_timer(vc))
			vclock_jump(s);
		cond_resched();
	}
	return 0;
}

const struct nova_hw_ops nova_sim_virtual_ops = {
	.rd32 = nova_sim_rd32,
	.wr32 = nova_sim_wr32,
	.now_ns = nova_sim_now_ns,
	.timer_init = vclock_timer_init,
	.timer_arm = vclock_timer_arm,
	.timer_cancel = vclock_timer_cancel,
	.firmware = nova_sim_firmware,
	.reset = nova_sim_reset,
	.fb_pfn = nova_sim_fb_pfn,
	.fb_copy = nova_sim_fb_copy,
	.fb_scrub = nova_sim_fb_scrub,
};
