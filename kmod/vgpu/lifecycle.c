// SPDX-License-Identifier: GPL-2.0-only
/* The firmware's side of a vGPU: its types, RM objects and plugin task. */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <novabpf/driver/rm.h>
#include "../gsp/gsp.h"
#include "vgpus.h"
#include "wire.h"

static unsigned int vgpu_boot_timeout_ms = 10000;

static int vgpu_set_boot_timeout(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 10, 600000);
}

static const struct kernel_param_ops boot_timeout_ops = {
	.set = vgpu_set_boot_timeout,
	.get = param_get_uint,
};
module_param_cb(vgpu_boot_timeout_ms, &boot_timeout_ops, &vgpu_boot_timeout_ms, 0644);
MODULE_PARM_DESC(vgpu_boot_timeout_ms,
		 "Time for the plugin task of a vGPU to start or end in ms, 10..600000 (default 10000)");

void nova_vgpu_fail(struct nova_vgpu *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->failure, sizeof(v->failure), fmt, ap);
	va_end(ap);
}

static int vgpu_step_failed(struct nova_vgpu *v, const char *step, int err,
			    const struct nova_rm_result *res)
{
	if (err == -EREMOTEIO) {
		u32 status = res->rpc_result ? res->rpc_result : res->status;

		nova_vgpu_fail(v, "firmware refused %s: %s (0x%x)", step,
			       nova_status_name(status), status);
	} else if (err) {
		nova_vgpu_fail(v, "%s failed (error %d)", step, err);
	}
	return err;
}

static int vgpu_rm_control(struct nova_vgpu *v, const char *step, u32 cmd, void *params, u32 size,
			   u32 flags)
{
	struct nova_rm_result res;
	int err;

	err = nova_rm_control_for(v->gpu, v->gfid, v->client, v->subdevice, cmd, params, size,
				  flags, &res);
	return vgpu_step_failed(v, step, err, &res);
}

static int vgpu_rm_alloc(struct nova_vgpu *v, u32 parent, u32 object, u32 class)
{
	struct nova_rm_result res;
	int err;

	err = nova_rm_alloc_for(v->gpu, v->gfid, v->client, parent, object, class, NULL, 0, &res);
	return vgpu_step_failed(v, "allocation of an RM object", err, &res);
}

bool nova_vgpu_lost(const struct nova_vgpu *v)
{
	return v->epoch != READ_ONCE(v->gpu->gsp->recovery.epoch);
}

static int vgpu_free_client(struct nova_vgpu *v)
{
	struct nova_rm_result res;
	int err;

	err = nova_rm_free_for(v->gpu, v->gfid, v->client, v->client, &res);
	return err ? vgpu_step_failed(v, "release of the RM client", err, &res) : 0;
}

/* Many kilobytes, so done once, before the first vGPU. */
static int vgpu_upload_types(struct nova_vgpu *v)
{
	struct nova_vgpus *vs = v->gpu->vgpus;
	const struct nova_abi *abi = v->gpu->gsp->abi;
	u32 size = nova_msg_size(abi, NOVA_MSG_ADD_VGPU_TYPE);
	void *params;
	int err = 0;

	mutex_lock(&vs->upload);
	if (vs->uploaded)
		goto out;
	err = -ENOMEM;
	params = kvzalloc(size, GFP_KERNEL);
	if (params)
		err = nova_vgpu_fill_types(abi, &vs->types, params, size);
	if (err)
		nova_vgpu_fail(v, "cannot make the table of types (error %d)", err);
	else
		err = vgpu_rm_control(v, "PGPU_ADD_VGPU_TYPE", NOVA_CTRL_ADD_VGPU_TYPE, params,
				      size,
				      NOVA_RM_SLOW);
	kvfree(params);
	vs->uploaded = !err;
out:
	mutex_unlock(&vs->upload);
	return err;
}

static void vgpu_step_late(struct nova_hw_timer *t)
{
	struct nova_vgpu *v = container_of(t, struct nova_vgpu, timer);

	WRITE_ONCE(v->late, true);
	complete(&v->step);
}

void nova_vgpu_prepare(struct nova_vgpu *v)
{
	v->timer.fn = vgpu_step_late;
	v->gpu->ops->timer_init(v->gpu->hw, &v->timer);
}

/* Called before the request that the task reports on. */
static void vgpu_expect_report(struct nova_vgpu *v, bool *report)
{
	WRITE_ONCE(*report, false);
	WRITE_ONCE(v->late, false);
	reinit_completion(&v->step);
}

/*
 * Waits until the plugin task has reported or crashed, or can no longer report; with
 * @abort_wait also until the GPU goes. Events of other vGPUs are served meanwhile.
 */
static void vgpu_wait_report(struct nova_vgpu *v, const bool *report, bool abort_wait, u32 ms)
{
	const struct nova_hw_ops *ops = v->gpu->ops;
	struct nova_vgpus *vs = v->gpu->vgpus;

	ops->timer_arm(v->gpu->hw, &v->timer, nova_now_ns(v->gpu) + ms * (u64)NSEC_PER_MSEC);
	/* The GPU may have begun to go, or to be reset, before @step was reinitialized. */
	while (!READ_ONCE(*report) && !READ_ONCE(v->crashed) && !READ_ONCE(v->late) &&
	       !nova_vgpu_lost(v) && !(abort_wait && READ_ONCE(vs->closing)))
		wait_for_completion(&v->step);
	ops->timer_cancel(v->gpu->hw, &v->timer);
}

static int vgpu_wait_booted(struct nova_vgpu *v)
{
	u32 ms = READ_ONCE(vgpu_boot_timeout_ms);

	vgpu_wait_report(v, &v->booted, true, ms);
	if (READ_ONCE(v->crashed)) {
		nova_vgpu_fail(v, "the plugin task crashed while it started");
		return -EREMOTEIO;
	}
	if (READ_ONCE(v->booted))
		return 0;
	if (nova_vgpu_lost(v)) {
		nova_vgpu_fail(v, "the GPU was reset while the plugin task started");
		return -ESHUTDOWN;
	}
	if (!READ_ONCE(v->late)) {
		nova_vgpu_fail(v, "the GPU was removed while the plugin task started");
		return -ENODEV;
	}
	nova_vgpu_fail(v, "the plugin task did not report within %u ms", ms);
	return -ETIMEDOUT;
}

/* A crashed task has ended as well. */
static int vgpu_wait_unloaded(struct nova_vgpu *v)
{
	u32 ms = READ_ONCE(vgpu_boot_timeout_ms);

	vgpu_wait_report(v, &v->unloaded, false, ms);
	if (READ_ONCE(v->unloaded) || READ_ONCE(v->crashed))
		return 0;
	if (nova_vgpu_lost(v))
		return -ESHUTDOWN;
	nova_vgpu_fail(v, "the plugin task did not report its end within %u ms", ms);
	return -ETIMEDOUT;
}

static int vgpu_bootload(struct nova_vgpu *v)
{
	const struct nova_abi *abi = v->gpu->gsp->abi;
	const struct nova_vgpu_boot b = {
		.gfid = v->gfid,
		.vm_pid = v->vm_pid,
		.type = v->type,
		.placement = v->placement,
	};
	u32 size = nova_msg_size(abi, NOVA_MSG_BOOTLOAD);
	void *params = kzalloc(size, GFP_KERNEL);
	int err = -ENOMEM;

	if (params)
		err = nova_vgpu_fill_boot(abi, &b, params, size);
	if (err) {
		/* Nothing was sent, so the outcome is known. */
		nova_vgpu_fail(v, "cannot make the BOOTLOAD message (error %d)", err);
		if (err != -ENOMEM)
			err = -EOPNOTSUPP;
	} else {
		err = vgpu_rm_control(v, "BOOTLOAD_GSP_VGPU_PLUGIN_TASK", NOVA_CTRL_BOOTLOAD_VGPU,
				      params,
				      size, 0);
	}
	kfree(params);
	return err;
}

static int vgpu_gfid_control(struct nova_vgpu *v, const char *step, u32 cmd, enum nova_msg msg,
			     enum nova_field field)
{
	const struct nova_abi *abi = v->gpu->gsp->abi;
	u32 size = nova_msg_size(abi, msg);
	u8 params[16] = {};
	int err;

	if (size > sizeof(params))
		return -E2BIG;
	err = nova_field_put(abi, field, params, size, v->gfid);
	return err ? err : vgpu_rm_control(v, step, cmd, params, size, NOVA_RM_SLOW);
}

/* Ends a plugin task that has not crashed. */
static int vgpu_end_plugin(struct nova_vgpu *v)
{
	int err;

	if (READ_ONCE(v->crashed))
		return 0;
	vgpu_expect_report(v, &v->unloaded);
	err = vgpu_gfid_control(v, "SHUTDOWN_GSP_VGPU_PLUGIN_TASK", NOVA_CTRL_SHUTDOWN_VGPU,
				NOVA_MSG_VGPU_SHUTDOWN, NOVA_VGPU_SHUTDOWN_GFID);
	if (!err)
		return vgpu_wait_unloaded(v);
	/* The task may have crashed meanwhile. */
	return err == -EREMOTEIO && READ_ONCE(v->crashed) ? 0 : err;
}

/* The task's memory belongs to its owner again: it was lent for the task's lifetime. */
static int vgpu_stop_plugin(struct nova_vgpu *v, bool mapped)
{
	int err = vgpu_end_plugin(v);

	if (!err && !mapped)
		err = nova_vgpu_scrub(v, false);
	if (!err)
		err = vgpu_gfid_control(v, "VGPU_PLUGIN_CLEANUP", NOVA_CTRL_CLEANUP_VGPU,
					NOVA_MSG_VGPU_CLEANUP, NOVA_VGPU_CLEANUP_GFID);
	return err ?: nova_plugin_scrub(v);
}

/* Whether the firmware has an object: no, yes, or unknown. */
enum own { NOT_OWNED, OWNED, MAY_OWN };

struct made {
	enum own client;
	enum own task;
};

static enum own vgpu_owned_after(int err)
{
	if (!err)
		return OWNED;
	return nova_vgpu_outcome_unknown(err) ? MAY_OWN : NOT_OWNED;
}

static bool vgpu_is_unknown(const struct made *m)
{
	return m->client == MAY_OWN || m->task == MAY_OWN;
}

/* Freeing a client frees its objects. An RPC of unknown outcome may still add one later. */
static int vgpu_make_objects(struct nova_vgpu *v, struct made *m)
{
	int err;

	err = vgpu_rm_alloc(v, 0, v->client, NV01_ROOT);
	m->client = vgpu_owned_after(err);
	err = err ?: vgpu_rm_alloc(v, v->client, v->device, NV01_DEVICE_0);
	err = err ?: vgpu_rm_alloc(v, v->device, v->subdevice, NV20_SUBDEVICE_0);
	if (nova_vgpu_outcome_unknown(err))
		m->client = MAY_OWN;
	return err;
}

static int vgpu_make_task(struct nova_vgpu *v, struct made *m)
{
	int err = nova_plugin_scrub(v);

	if (!err) {
		vgpu_expect_report(v, &v->booted);
		err = vgpu_bootload(v);
	}
	m->task = vgpu_owned_after(err);
	err = err ?: vgpu_wait_booted(v);
	err = err ?: nova_plugin_attach(v);
	if (nova_vgpu_outcome_unknown(err))
		m->task = MAY_OWN;
	return err;
}

/* The guest's work queues: channel groups and, for a client, channels. */
static int vgpu_make_work(struct nova_vgpu *v, bool *unknown)
{
	int err = nova_sched_add(&v->tenant);

	if (err)
		nova_vgpu_fail(v, "no channel groups for it (error %d)", err);
	v->scheduled = !err;
	if (err || !v->reserved)
		return err;
	err = nova_channels_start(v);
	if (!err)
		return 0;
	nova_vgpu_fail(v, "no channels for it (error %d)", err);
	*unknown = nova_vgpu_outcome_unknown(err);
	if (nova_sched_del(&v->tenant))
		*unknown = true;
	v->scheduled = false;
	return err;
}

static int vgpu_end_work(struct nova_vgpu *v)
{
	int err = 0;

	nova_channels_stop(v);
	if (v->scheduled) {
		err = nova_sched_del(&v->tenant);
		v->scheduled = false;
		if (err)
			nova_vgpu_fail(v, "its channel groups did not stop (error %d)", err);
	}
	return err;
}

static int vgpu_make_all(struct nova_vgpu *v, struct made *m)
{
	bool unknown = false;
	int err;

	err = vgpu_make_objects(v, m);
	/* An unknown outcome does no harm here: the table of types can be sent again. */
	if (!err)
		err = vgpu_upload_types(v);
	if (!err)
		err = vgpu_make_task(v, m);
	if (!err)
		err = vgpu_make_work(v, &unknown);
	if (unknown)
		m->client = MAY_OWN;
	return err;
}

int nova_vgpu_start(struct nova_vgpu *v, bool mapped, bool *unknown)
{
	char reason[sizeof(v->failure)];
	struct made m = {};
	int err, undo = 0;

	v->epoch = READ_ONCE(v->gpu->gsp->recovery.epoch);
	nova_vgpu_set_state(v, NOVA_VGPU_BOOTING);
	err = nova_vgpu_scrub(v, mapped);
	if (err) {
		/* The cause is unknown, so the vGPU is not handed out. */
		*unknown = true;
		return err;
	}
	err = vgpu_make_all(v, &m);
	if (err && nova_vgpu_lost(v)) {
		nova_vgpu_fail(v, "the GPU was reset meanwhile");
		m = (struct made) {};
	} else if (err && !vgpu_is_unknown(&m)) {
		/* Keep the first reason, unless the vGPU goes into quarantine. */
		strscpy(reason, v->failure, sizeof(reason));
		if (m.task == OWNED)
			undo = vgpu_stop_plugin(v, mapped);
		if (!undo && m.client == OWNED)
			undo = vgpu_free_client(v);
		if (!undo)
			strscpy(v->failure, reason, sizeof(v->failure));
	}
	*unknown = err && (vgpu_is_unknown(&m) || undo) && !nova_vgpu_lost(v);
	if (err && !*unknown)
		v->epoch = 0;
	return err;
}

int nova_vgpu_renew(struct nova_vgpu *v, bool *unknown)
{
	int err = vgpu_end_work(v);

	if (err) {
		*unknown = !nova_vgpu_lost(v);
		return err;
	}
	err = nova_plugin_reset(v);
	if (!err)
		err = nova_vgpu_scrub(v, true);
	if (!err) {
		err = vgpu_make_work(v, unknown);
		/* The outcome is known, so the task can be stopped and started again. */
		if (err && !*unknown)
			return -EREMOTEIO;
	}
	*unknown = !nova_vgpu_lost(v) && (*unknown || nova_vgpu_outcome_unknown(err));
	return err;
}

int nova_vgpu_stop(struct nova_vgpu *v, bool mapped)
{
	int err = vgpu_end_work(v);

	if (!err && !nova_vgpu_lost(v))
		err = vgpu_stop_plugin(v, mapped);
	if (!err && !nova_vgpu_lost(v))
		err = vgpu_free_client(v);
	if (!nova_vgpu_lost(v))
		return err;
	/* The reply no longer matters. */
	return mapped ? 0 : nova_vgpu_scrub(v, false);
}
