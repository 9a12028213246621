// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quarantine: resources whose state in the firmware is unknown are not given out again. A
 * vGPU in quarantine keeps its gfid, framebuffer, channel ids and handles until the GPU is
 * reset or removed.
 */
#include <linux/errno.h>
#include <trace/events/novabpf_vgpu.h>
#include "vgpus.h"

/*
 * The outcome is known after a refusal, or where nothing was sent. After any other error
 * the firmware may have done the step, or may still do it.
 */
bool nova_vgpu_outcome_unknown(int err)
{
	return err && err != -EREMOTEIO && err != -ENOMEM && err != -E2BIG && err != -EOPNOTSUPP;
}

void nova_vgpu_quarantine(struct nova_vgpu *v)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	nova_vgpu_set_state(v, NOVA_VGPU_QUARANTINED);
	trace_vgpu_quarantine(v->gpu->id, v->gfid, v->type->id, v->name);
	mutex_lock(&vs->lock);
	vs->nr_quarantined++;
	mutex_unlock(&vs->lock);
	dev_warn(v->dev.parent, "%s: %s: not used again until the GPU is reset or removed\n",
		 dev_name(&v->dev), v->failure);
}
