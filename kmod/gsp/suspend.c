// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system goes to sleep with the firmware's state kept, and wakes up; or the whole
 * machine stood still. Calls under way keep what is left of their time.
 */
#include "gsp.h"

/* GSP has this long to answer RPCs in flight; the system sleeps after it in any case. */
#define NOVA_SUSPEND_WAIT_MS	2000

static bool suspend_answered(struct nova_gsp *gsp)
{
	bool yes;

	spin_lock_irq(&gsp->lock);
	yes = !gsp->inflight.live && !gsp->assembling;
	spin_unlock_irq(&gsp->lock);
	return yes;
}

static void suspend_set(struct nova_gsp *gsp, bool suspended, bool asleep)
{
	spin_lock_irq(&gsp->lock);
	gsp->suspended = suspended;
	gsp->asleep = asleep;
	spin_unlock_irq(&gsp->lock);
}

int nova_gsp_suspend(struct nova_gsp *gsp)
{
	struct nova_gpu *gpu = gsp->gpu;
	bool paused;
	u32 ms;

	might_sleep();
	paused = nova_busy_pause(gpu);
	/* A reset that is under way comes to its end first. */
	flush_work(&gsp->recovery.work.work);
	/* What handles an event may need an answer, too. */
	flush_workqueue(gsp->handlers);
	nova_busy_resume(gpu, paused);
	suspend_set(gsp, true, false);
	for (ms = 0; ms < NOVA_SUSPEND_WAIT_MS && !suspend_answered(gsp); ms++)
		nova_gpu_sleep_us(gpu, 1000);
	if (!suspend_answered(gsp))
		dev_warn(&gpu->dev, "GSP has not answered all calls; they go on after the sleep\n");

	suspend_set(gsp, true, true);
	gsp->suspend_ns = nova_now_ns(gpu);
	/* The timer queues the worker and the worker arms the timer. */
	gpu->ops->timer_cancel(gpu->hw, &gsp->timer);
	nova_work_cancel_sync(&gsp->work);
	gpu->ops->timer_cancel(gpu->hw, &gsp->timer);
	nova_rpc_deliver_left(gsp);
	/*
	 * A reset that began meanwhile needs the GPU. A later reset waits
	 * for the wake-up, see nova_recovery_resume().
	 */
	if (READ_ONCE(gsp->state) == NOVA_GSP_RECOVERING || work_busy(&gsp->recovery.work.work))
		return -EBUSY;
	nova_vtime_allow_direct(gpu, false);
	return 0;
}

void nova_gsp_resume(struct nova_gsp *gsp)
{
	struct nova_gpu *gpu = gsp->gpu;

	spin_lock_irq(&gsp->lock);
	nova_rpc_postpone(gsp, nova_now_ns(gpu) - gsp->suspend_ns);
	gsp->suspended = false;
	gsp->asleep = false;
	gsp->timer_at_ns = U64_MAX;
	spin_unlock_irq(&gsp->lock);
	if (READ_ONCE(gsp->state) == NOVA_GSP_READY)
		nova_vtime_allow_direct(gpu, true);
	nova_recovery_resume(gsp);
	/* Clears an interrupt that came meanwhile, so that the next one is seen. */
	nova_gpu_irq(gpu);
	/* It looks for what came meanwhile, sends what waits and sets the timer. */
	nova_work_queue(gsp->wq, &gsp->work);
}
