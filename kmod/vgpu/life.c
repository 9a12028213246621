// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guards the making, starting and ending of a GPU's vGPUs, and resets or ends all of them
 * with the GPU.
 */
#include <novabpf/driver/vgpu.h>
#include "../gsp/gsp.h"
#include "vgpus.h"

int nova_vgpus_enter(struct nova_vgpus *vs)
{
	/* Fail at once, rather than wait for the GPU's end. */
	if (READ_ONCE(vs->closing))
		return -ENODEV;
	down_read(&vs->life);
	/* Set before nova_vgpus_exit() waits for those inside. */
	if (!READ_ONCE(vs->closing))
		return 0;
	up_read(&vs->life);
	return -ENODEV;
}

int nova_vgpus_try_enter(struct nova_vgpus *vs)
{
	int err;

	if (!down_read_trylock(&vs->life))
		return READ_ONCE(vs->closing) ? -ENODEV : -EAGAIN;
	err = nova_vgpus_closed(vs);
	if (err)
		up_read(&vs->life);
	return err;
}

void nova_vgpus_leave(struct nova_vgpus *vs)
{
	up_read(&vs->life);
}

int nova_vgpus_closed(struct nova_vgpus *vs)
{
	u32 state = READ_ONCE(vs->gpu->gsp->state);

	if (!READ_ONCE(vs->closing) && state == NOVA_GSP_READY)
		return 0;
	return state == NOVA_GSP_RECOVERING ? -EAGAIN : -ENODEV;
}

/* Return: the vGPU with a reference, or NULL. */
static struct nova_vgpu *vgpu_get(struct nova_vgpus *vs, u32 gfid)
{
	struct nova_vgpu *v;

	mutex_lock(&vs->lock);
	v = vs->by_gfid[gfid];
	if (v)
		get_device(&v->dev);
	mutex_unlock(&vs->lock);
	return v;
}

/* Aborts the waits of booting vGPUs. */
static void life_abort_waits(struct nova_vgpus *vs, bool closing)
{
	u32 g;

	spin_lock_irq(&vs->notify);
	if (closing)
		WRITE_ONCE(vs->closing, true);
	for (g = 1; g <= NOVA_GFID_MAX; g++)
		if (vs->by_gfid[g])
			complete(&vs->by_gfid[g]->step);
	spin_unlock_irq(&vs->notify);
}

/*
 * The firmware has lost @v. A user that has it open, or made it by hand, must reset or
 * destroy it. A holder that has not opened it can still open it. Return: whether it has
 * neither user nor holder, and is to be freed.
 */
static bool life_reset_one(struct nova_vgpu *v, const char *why)
{
	enum nova_vgpu_state state = NOVA_VGPU_ERROR;

	mutex_lock(&v->lock);
	/* Reserved, but not started: nothing is lost. */
	if (v->state == NOVA_VGPU_NEW) {
		mutex_unlock(&v->lock);
		return false;
	}
	nova_channels_stop(v);
	/* Its RPCs fail at once, and the objects that they would free are gone already. */
	if (v->scheduled)
		nova_sched_del(&v->tenant);
	v->scheduled = false;
	nova_vgpu_fail(v, "the GPU was reset: %s", why);
	if (v->orphaned)
		state = NOVA_VGPU_GONE;
	else if (v->reserved && !v->cb)
		state = NOVA_VGPU_NEW;
	if (v->state != state)
		nova_vgpu_set_state(v, state);
	nova_vgpu_notify_client(v, NOVA_VGPU_GPU_RESET);
	mutex_unlock(&v->lock);
	return state == NOVA_VGPU_GONE;
}

void nova_vgpus_reset_prepare(struct nova_gpu *gpu, const char *cause)
{
	struct nova_vgpus *vs = gpu->vgpus;
	struct nova_vgpu *v;
	bool paused;
	u32 g;

	life_abort_waits(vs, false);
	paused = nova_busy_pause(gpu);
	down_write(&vs->life);
	nova_busy_resume(gpu, paused);
	for (g = 1; g <= NOVA_GFID_MAX; g++) {
		v = vgpu_get(vs, g);
		if (!v)
			continue;
		if (life_reset_one(v, cause))
			nova_vgpu_remove(vs, v);
		put_device(&v->dev);
	}
	mutex_lock(&vs->lock);
	vs->nr_quarantined = 0;
	mutex_unlock(&vs->lock);
	vs->uploaded = false;
}

void nova_vgpus_reset_done(struct nova_gpu *gpu)
{
	lockdep_assert_held_write(&gpu->vgpus->life);
	if (READ_ONCE(gpu->gsp->state) == NOVA_GSP_READY)
		nova_channels_reset(gpu->vgpus);
	up_write(&gpu->vgpus->life);
}

/*
 * The GPU goes. After the first failed stop the firmware is asked no more: it is unloaded
 * or reset next.
 */
static void life_remove(struct nova_vgpus *vs, struct nova_vgpu *v, bool *ask)
{
	lockdep_assert_held_write(&vs->life);
	mutex_lock(&v->lock);
	if (READ_ONCE(vs->gpu->gsp->state) != NOVA_GSP_READY)
		*ask = false;
	if (*ask && v->state != NOVA_VGPU_QUARANTINED && v->state != NOVA_VGPU_NEW) {
		nova_vgpu_set_state(v, NOVA_VGPU_CLOSING);
		*ask = !nova_vgpu_stop(v, false);
	}
	if (v->scheduled)
		nova_sched_del(&v->tenant);
	v->scheduled = false;
	nova_vgpu_set_state(v, NOVA_VGPU_GONE);
	nova_channels_bury(v);
	mutex_unlock(&v->lock);
	nova_vgpu_remove(vs, v);
}

void nova_vgpus_exit(struct nova_gpu *gpu)
{
	struct nova_vgpus *vs = gpu->vgpus;
	struct nova_vgpu *v;
	bool ask = true;
	u32 g;

	life_abort_waits(vs, true);
	/* Wait for the steps under way; nova_vgpus_enter() admits no new one. */
	down_write(&vs->life);
	for (g = 1; g <= NOVA_GFID_MAX; g++) {
		v = vgpu_get(vs, g);
		if (!v)
			continue;
		life_remove(vs, v, &ask);
		put_device(&v->dev);
	}
	up_write(&vs->life);
	nova_vgpu_types_hide(vs);
}
