// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation and end of one GPU's firmware, and what its RPC machinery reports to the
 * rooms above it.
 */
#include <linux/slab.h>
#include "gsp.h"
#include "rpc/history.h"

static void gsp_timer_fn(struct nova_hw_timer *t)
{
	struct nova_gsp *gsp = container_of(t, struct nova_gsp, timer);

	nova_work_queue(gsp->wq, &gsp->work);
}

static void gsp_started(struct nova_gsp *gsp)
{
	lockdep_assert_held(&gsp->lock);
	gsp->recovery.timeouts = 0;
	nova_incidents_start(gsp);
}

static void gsp_rpc_done(struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	/* Skip if a hook dropped the reply: the firmware's answer did not reach the caller. */
	if (rpc->reply_ns && rpc->err != -ETIMEDOUT)
		nova_recovery_answered(gsp);
	if (rpc->err == -ETIMEDOUT)
		nova_incident_timeout(gsp, rpc);
}

static void gsp_halted(struct nova_gsp *gsp)
{
	char why[NOVA_INCIDENT_TEXT];
	enum nova_incident kind = nova_halt_cause(gsp, why, sizeof(why));

	nova_recover(gsp, kind, NOVA_FATE_HALTED, "%s", why);
}

static const struct nova_rpc_observer gsp_observer = {
	.started = gsp_started,
	.waiting = nova_incident_look,
	.timed_out = nova_recovery_timed_out,
	.done = gsp_rpc_done,
	.checked = nova_recovery_check,
	.halted = gsp_halted,
	.event = nova_event_run,
};

struct nova_gsp *nova_gsp_create(struct nova_gpu *gpu, const struct nova_gsp_users *users)
{
	struct nova_gsp *gsp = kzalloc(sizeof(*gsp), GFP_KERNEL);

	if (!gsp)
		return NULL;
	gsp->gpu = gpu;
	gsp->users = users;
	gsp->observer = &gsp_observer;
	spin_lock_init(&gsp->lock);
	mutex_init(&gsp->rx_mutex);
	mutex_init(&gsp->boot_lock);
	INIT_LIST_HEAD(&gsp->pending);
	INIT_LIST_HEAD(&gsp->ended);
	nova_incidents_init(gsp);
	nova_hooks_init(&gsp->hooks);
	nova_work_init(&gsp->work, gpu, nova_rx_work);
	gsp->work.direct = true;
	init_completion(&gsp->init_done);
	gsp->stopped = true;
	gsp->timer_at_ns = U64_MAX;
	gsp->timer.fn = gsp_timer_fn;
	gpu->ops->timer_init(gpu->hw, &gsp->timer);
	gsp->history = nova_history_create();
	gsp->rxq.staging = kvmalloc(NOVA_RECORD_BYTES_MAX, GFP_KERNEL);
	gsp->wq = alloc_ordered_workqueue("novabpf-gsp%u", WQ_HIGHPRI | WQ_MEM_RECLAIM, gpu->id);
	gsp->handlers = alloc_ordered_workqueue("novabpf-ev%u", WQ_MEM_RECLAIM, gpu->id);
	gsp->flows = kvzalloc(sizeof(*gsp->flows), GFP_KERNEL);
	if (gsp->history && gsp->rxq.staging && gsp->wq && gsp->handlers && gsp->flows &&
	    !nova_recovery_create(gsp)) {
		nova_flows_init(gsp->flows);
		return gsp;
	}
	nova_gsp_destroy(gsp);
	return NULL;
}

void nova_gsp_destroy(struct nova_gsp *gsp)
{
	nova_hooks_gone(gsp);
	nova_recovery_destroy(gsp);
	nova_report_clear(gsp);
	if (gsp->wq)
		destroy_workqueue(gsp->wq);
	if (gsp->handlers)
		destroy_workqueue(gsp->handlers);
	kvfree(gsp->flows);
	kvfree(gsp->rxq.staging);
	nova_history_destroy(gsp->history);
	kfree(gsp);
}
