// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPUs: registration, lifetime, suspend, and callbacks of the rooms below.
 */
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "compat.h"
#include "../gsp/gsp.h"
#include "../sched/sched.h"
#include "../vgpu/vgpu.h"
#include "core.h"

static DEFINE_IDA(gpu_ids);

static const struct nova_sched_user sched_user = {
	.gave_up = nova_vgpu_gave_up,
};

static void gpu_reset_prepare(struct nova_gpu *gpu, const char *cause)
{
	nova_sched_pause(gpu);
	nova_vgpus_reset_prepare(gpu, cause);
}

static void gpu_reset_done(struct nova_gpu *gpu, int err)
{
	if (!err)
		nova_sched_start(gpu);
	nova_vgpus_reset_done(gpu);
}

static const struct nova_gsp_users gsp_users = {
	.reset_prepare = gpu_reset_prepare,
	.reset_done = gpu_reset_done,
	.plugin_event = nova_vgpu_notify,
};

static void gpu_release(struct device *dev)
{
	struct nova_gpu *gpu = container_of(dev, struct nova_gpu, dev);

	nova_vgpus_free(gpu);
	nova_sched_destroy(gpu);
	if (gpu->gsp)
		nova_gsp_destroy(gpu->gsp);
	if (gpu->vtime_ops)
		gpu->vtime_ops->destroy(gpu);
	ida_free(&gpu_ids, gpu->id);
	kfree(gpu);
}

struct nova_gpu *nova_gpu_alloc(struct device *dev, const struct nova_hw_ops *ops,
				void *hw, const struct nova_hw_caps *caps)
{
	struct nova_gpu *gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);
	int id, err;

	if (!gpu)
		return ERR_PTR(-ENOMEM);
	id = ida_alloc_max(&gpu_ids, NOVA_GPUS_MAX - 1, GFP_KERNEL);
	if (id < 0) {
		kfree(gpu);
		return ERR_PTR(id);
	}
	gpu->id = id;
	gpu->dma_dev = dev;
	gpu->ops = ops;
	gpu->hw = hw;
	gpu->simulated = caps->simulated;
	gpu->vgpus_max = caps->vgpus_max;
	strscpy(gpu->name, caps->name, sizeof(gpu->name));

	device_initialize(&gpu->dev);
	gpu->dev.class = nova_class;
	gpu->dev.parent = dev;
	gpu->dev.groups = nova_gpu_groups;
	gpu->dev.release = gpu_release;
	dev_set_drvdata(&gpu->dev, gpu);
	gpu->gsp = nova_gsp_create(gpu, &gsp_users);
	err = gpu->gsp ? dev_set_name(&gpu->dev, "gpu%u", gpu->id) : -ENOMEM;
	err = err ?: nova_sched_create(gpu, &sched_user);
	if (!err && caps->vtime)
		err = caps->vtime->create(gpu);
	if (err) {
		put_device(&gpu->dev);
		return ERR_PTR(err);
	}
	return gpu;
}
EXPORT_SYMBOL_NOVA(nova_gpu_alloc);

static u64 gpu_read_fb_bytes(struct nova_gpu *gpu)
{
	u64 bytes;
	u32 v;

	if (gpu->chip->usable_fb_reg)
		return (u64)nova_rd32(gpu, NV_USABLE_FB_SIZE_IN_MB) << 20;
	v = nova_rd32(gpu, NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE);
	bytes = (u64)NV_PFB_LMR_LOWER_MAG(v) << (NV_PFB_LMR_LOWER_SCALE(v) + 20);
	/* ECC takes one sixteenth. */
	return v & NV_PFB_LMR_ECC ? div_u64(bytes, 16) * 15 : bytes;
}

static int gpu_identify(struct nova_gpu *gpu)
{
	u32 boot0 = nova_rd32(gpu, NV_PMC_BOOT_0);
	u32 boot42 = nova_rd32(gpu, NV_PMC_BOOT_42);

	if (boot0 == U32_MAX || boot42 == U32_MAX) {
		dev_err(gpu->dma_dev, "gpu%u: does not answer on its registers\n", gpu->id);
		return -ENODEV;
	}
	gpu->chip = nova_chip_find(NV_PMC_BOOT_42_CHIP(boot42));
	if (!gpu->chip) {
		dev_err(gpu->dma_dev, "gpu%u: chip 0x%03x is not supported (Turing to Ada are)\n",
			gpu->id, NV_PMC_BOOT_42_CHIP(boot42));
		return -EOPNOTSUPP;
	}
	gpu->fb_bytes = gpu_read_fb_bytes(gpu);
	return 0;
}

static int gpu_boot(struct nova_gpu *gpu)
{
	struct nova_busy b;
	int err;

	nova_busy_begin(gpu, &b);
	err = nova_gsp_boot(gpu->gsp);
	nova_busy_end(gpu, &b);
	if (err)
		nova_vtime_stop(gpu);
	else
		nova_vtime_allow_direct(gpu, true);
	return err;
}

static void gpu_unload(struct nova_gpu *gpu)
{
	struct nova_busy b;

	nova_vtime_allow_direct(gpu, false);
	nova_busy_begin(gpu, &b);
	nova_gsp_unload(gpu->gsp);
	nova_busy_end(gpu, &b);
	nova_vtime_stop(gpu);
}

int nova_gpu_register(struct nova_gpu *gpu)
{
	int err;

	err = gpu_identify(gpu);
	if (err)
		return err;
	err = gpu_boot(gpu);
	if (err)
		return err;
	nova_sched_start(gpu);
	err = nova_vgpus_init(gpu);
	if (!err)
		err = device_add(&gpu->dev);
	if (err)
		goto stop;
	err = nova_vgpus_publish(gpu);
	if (err)
		goto hide;
	nova_debugfs_add(gpu);
	nova_recovery_start(gpu->gsp);
	nova_clients_add(gpu);
	dev_info(&gpu->dev, "%s (%s), %llu MiB, firmware %s\n", gpu->name, gpu->chip->name,
		 gpu->fb_bytes >> 20, gpu->gsp->abi->release);
	return 0;
hide:
	nova_vgpus_exit(gpu);
	device_del(&gpu->dev);
stop:
	nova_sched_stop(gpu);
	gpu_unload(gpu);
	nova_hooks_gone(gpu->gsp);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_gpu_register);

void nova_gpu_unregister(struct nova_gpu *gpu)
{
	nova_clients_remove(gpu);
	nova_recovery_stop(gpu->gsp);
	nova_debugfs_remove(gpu);
	nova_vgpus_exit(gpu);
	device_del(&gpu->dev);
	nova_sched_stop(gpu);
	gpu_unload(gpu);
	nova_vgpus_unloaded(gpu);
	/* Hooks stay until here, so that they see the last RPC too. */
	nova_hooks_gone(gpu->gsp);
}
EXPORT_SYMBOL_NOVA(nova_gpu_unregister);

void nova_gpu_engine_event(struct nova_gpu *gpu, enum nova_engine_event ev, u32 engine_id,
			   u32 gfid, u64 arg)
{
	if (nova_sched_engine_event(gpu, ev, engine_id, gfid, arg) && ev == NOVA_ENGINE_COMPLETE)
		nova_vgpu_work_done(gpu, gfid);
}
EXPORT_SYMBOL_NOVA(nova_gpu_engine_event);

int nova_gpu_suspend(struct nova_gpu *gpu)
{
	struct nova_busy b;
	int err;

	nova_busy_begin(gpu, &b);
	nova_sched_hold(gpu);
	err = nova_gsp_suspend(gpu->gsp);
	/* Freeze before the count drops, so that a virtual clock does not jump. */
	nova_vtime_freeze(gpu, !err);
	nova_busy_end(gpu, &b);
	if (!err)
		return 0;
	dev_warn(&gpu->dev, "is being reset: the system cannot sleep now\n");
	nova_gpu_resume(gpu, true);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_gpu_suspend);

void nova_gpu_resume(struct nova_gpu *gpu, bool kept)
{
	struct nova_busy b;

	nova_busy_begin(gpu, &b);
	/* Recover first, so that nothing is sent to a firmware that is gone. */
	if (!kept)
		nova_recover_request(gpu->gsp, "the GPU lost its state while the system slept");
	nova_gsp_resume(gpu->gsp);
	nova_sched_release(gpu);
	nova_vtime_freeze(gpu, false);
	nova_busy_end(gpu, &b);
}
EXPORT_SYMBOL_NOVA(nova_gpu_resume);
