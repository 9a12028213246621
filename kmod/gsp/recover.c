// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recovery of a GPU whose firmware halted, said that it cannot go on, or let too
 * many calls in a row time out: the GPU is reset and its firmware booted again.
 *
 * A reset takes all that the firmware held with it. So the calls under way end, the
 * scheduler takes everybody off, every vGPU is in error until it is made anew, and
 * nothing is quarantined any more. The policy stays attached.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include "gsp.h"

static unsigned int rpc_timeouts_reset = 3;
module_param(rpc_timeouts_reset, uint, 0644);
MODULE_PARM_DESC(rpc_timeouts_reset,
		 "Calls in a row that time out until the GPU is reset, 0 for never (default 3)");

static unsigned int recoveries_max = 3;

static int recover_set_max(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, NOVA_RECOVERIES_MAX);
}

static const struct kernel_param_ops max_ops = {
	.set = recover_set_max,
	.get = param_get_uint,
};
module_param_cb(recoveries_max, &max_ops, &recoveries_max, 0644);
MODULE_PARM_DESC(recoveries_max,
		 "Times that a GPU is reset by itself within 10 minutes, 0..16 (default 3)");

/* With the lock held: takes one automatic reset from the budget, if there is one. */
static bool recover_take_budget(struct nova_recovery *r, u64 now_ns, u32 max)
{
	u32 i, n = 0;

	for (i = 0; i < min_t(u32, r->autos, NOVA_RECOVERIES_MAX); i++)
		n += now_ns - r->auto_ns[i] < NOVA_RECOVERY_WINDOW_NS;
	if (n >= max)
		return false;
	r->auto_ns[r->autos++ % NOVA_RECOVERIES_MAX] = now_ns;
	return true;
}

/* With the lock held, from READY or FAILED. */
static void recover_begin(struct nova_gsp *gsp, enum nova_rpc_fate fate, const char *cause)
{
	struct nova_recovery *r = &gsp->recovery;

	lockdep_assert_held(&gsp->lock);
	gsp->state = NOVA_GSP_RECOVERING;
	strscpy(r->cause, cause, sizeof(r->cause));
	r->since_ns = nova_now_ns(gsp->gpu);
	/* Bump the epoch before any caller can observe the end of its RPC. */
	WRITE_ONCE(r->epoch, r->epoch + 1);
	nova_rpc_end_all(gsp, -ESHUTDOWN, fate, &gsp->ended);
	nova_rpc_leave_ended(gsp);
}

static void recover_announce(struct nova_gsp *gsp, enum nova_incident kind, enum nova_gsp_state old)
{
	struct nova_recovery *r = &gsp->recovery;

	nova_gsp_state_changed(gsp, old, NOVA_GSP_RECOVERING);
	nova_incident(gsp, kind, "%s; the GPU is reset", r->cause);
	nova_work_queue(r->wq, &r->work);
}

void nova_recover(struct nova_gsp *gsp, enum nova_incident kind, enum nova_rpc_fate fate,
		  const char *fmt, ...)
{
	u32 max = READ_ONCE(recoveries_max);
	struct nova_recovery *r = &gsp->recovery;
	bool served, go = false, done;
	char why[sizeof(r->cause)];
	va_list args;

	va_start(args, fmt);
	vscnprintf(why, sizeof(why), fmt, args);
	va_end(args);

	spin_lock_irq(&gsp->lock);
	done = gsp->state == NOVA_GSP_RECOVERING || gsp->state == NOVA_GSP_FAILED;
	served = r->on && gsp->state == NOVA_GSP_READY;
	if (served)
		go = recover_take_budget(r, nova_now_ns(gsp->gpu), max);
	if (go)
		recover_begin(gsp, fate, why);
	spin_unlock_irq(&gsp->lock);

	if (go)
		recover_announce(gsp, kind, NOVA_GSP_READY);
	else if (served && max)
		nova_gsp_fail(gsp, -EIO, "%s; was reset %u times within 10 minutes, not again",
			      why, max);
	else if (!done)
		nova_gsp_fail(gsp, -EIO, "%s", why);
}

void nova_recover_request(struct nova_gsp *gsp, const char *why)
{
	struct nova_recovery *r = &gsp->recovery;
	enum nova_gsp_state old;
	bool go;

	spin_lock_irq(&gsp->lock);
	old = gsp->state;
	go = r->on && (old == NOVA_GSP_READY || old == NOVA_GSP_FAILED);
	if (go) {
		/* A requested reset refills the budget: the operator has dealt with the cause. */
		r->autos = 0;
		recover_begin(gsp, NOVA_FATE_ABORTED, why);
	}
	spin_unlock_irq(&gsp->lock);
	if (go)
		recover_announce(gsp, NOVA_INCIDENT_REQUEST, old);
}

void nova_recovery_resume(struct nova_gsp *gsp)
{
	if (READ_ONCE(gsp->state) == NOVA_GSP_RECOVERING)
		nova_work_queue(gsp->recovery.wq, &gsp->recovery.work);
}

int nova_recover_now(struct nova_gsp *gsp)
{
	nova_recover_request(gsp, "asked for");
	flush_work(&gsp->recovery.work.work);
	return READ_ONCE(gsp->state) == NOVA_GSP_READY ? 0 : -EIO;
}

static void recover_work(struct nova_work *work)
{
	struct nova_gsp *gsp = container_of(work, struct nova_gsp, recovery.work);
	struct nova_recovery *r = &gsp->recovery;
	struct nova_gpu *gpu = gsp->gpu;
	u64 us;
	int err;

	/* Asked for twice, and done; or the GPU sleeps. */
	if (READ_ONCE(gsp->state) != NOVA_GSP_RECOVERING || READ_ONCE(gsp->asleep))
		return;
	nova_vtime_allow_direct(gpu, false);
	WRITE_ONCE(gpu->irq_on, false);
	nova_rpc_stop(gsp, -ESHUTDOWN, NOVA_FATE_ABORTED);
	gsp->users->reset_prepare(gpu, r->cause);
	err = nova_gsp_reboot(gsp);
	if (!err)
		nova_vtime_allow_direct(gpu, true);
	nova_count(gsp, NOVA_COUNT_RECOVERIES);
	gsp->users->reset_done(gpu, err);
	us = div_u64(nova_now_ns(gpu) - r->since_ns, NSEC_PER_USEC);
	if (!err)
		dev_info(&gpu->dev, "in service again after %llu us\n", us);
}

u32 nova_recovery_timed_out(struct nova_gsp *gsp, const struct nova_rpc *rpc, u64 now_ns)
{
	struct nova_recovery *r = &gsp->recovery;

	lockdep_assert_held(&gsp->lock);
	if (rpc->submit_ns >= r->counted_ns) {
		r->counted_ns = now_ns;
		r->timeouts++;
	}
	return r->timeouts;
}

void nova_recovery_answered(struct nova_gsp *gsp)
{
	unsigned long flags;

	if (!READ_ONCE(gsp->recovery.timeouts))
		return;
	spin_lock_irqsave(&gsp->lock, flags);
	gsp->recovery.timeouts = 0;
	spin_unlock_irqrestore(&gsp->lock, flags);
}

void nova_recovery_check(struct nova_gsp *gsp)
{
	u32 n = READ_ONCE(gsp->recovery.timeouts), limit = READ_ONCE(rpc_timeouts_reset);

	if (!n || READ_ONCE(gsp->state) != NOVA_GSP_READY)
		return;
	if (nova_gsp_off_bus(gsp))
		nova_recover(gsp, NOVA_INCIDENT_BUS, NOVA_FATE_HALTED, "no register answers");
	else if (limit && n >= limit)
		nova_recover(gsp, NOVA_INCIDENT_ACTION, NOVA_FATE_ABORTED,
			     "%u calls in a row timed out", n);
}

void nova_recovery_start(struct nova_gsp *gsp)
{
	spin_lock_irq(&gsp->lock);
	gsp->recovery.on = true;
	spin_unlock_irq(&gsp->lock);
}

void nova_recovery_stop(struct nova_gsp *gsp)
{
	spin_lock_irq(&gsp->lock);
	gsp->recovery.on = false;
	spin_unlock_irq(&gsp->lock);
	/* A started recovery must finish: unload cannot handle a half-booted GPU. */
	flush_work(&gsp->recovery.work.work);
}

int nova_recovery_create(struct nova_gsp *gsp)
{
	struct nova_recovery *r = &gsp->recovery;

	r->epoch = 1;
	nova_work_init(&r->work, gsp->gpu, recover_work);
	r->wq = alloc_ordered_workqueue("novabpf-rec%u", 0, gsp->gpu->id);
	return r->wq ? 0 : -ENOMEM;
}

void nova_recovery_destroy(struct nova_gsp *gsp)
{
	if (gsp->recovery.wq)
		destroy_workqueue(gsp->recovery.wq);
}
