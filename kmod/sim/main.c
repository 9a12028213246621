// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf_sim: simulated GPUs as a backend of novabpf.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "sim.h"

static struct gsim_config sim_config = {
	.fb_mb = 24576,
	.latency_us = 20,
	.jitter_us = 5,
	.inflight = 8,
	.ctxsw_us = 100,
	.preempt_us = 100,
	.tsg_slice_us = 2000,
	.seed = 1,
};

static unsigned int gpus = 1;
module_param(gpus, uint, 0444);
MODULE_PARM_DESC(gpus, "Number of GPUs, 1 to 16 (default 1)");

static char *fw = "570.144";
module_param(fw, charp, 0444);
MODULE_PARM_DESC(fw, "Firmware release that the GPUs play (default 570.144)");

static char *fwversion;
module_param(fwversion, charp, 0444);
MODULE_PARM_DESC(fwversion, "Release that the firmware image claims to be (default: that of fw)");

static char *chip = "ga102";
module_param(chip, charp, 0444);
MODULE_PARM_DESC(chip, "Chip: tu102 .. ad107 (default ga102)");

module_param_named(fb_mb, sim_config.fb_mb, uint, 0444);
MODULE_PARM_DESC(fb_mb, "Framebuffer in MiB (default 24576)");

module_param_named(latency_us, sim_config.latency_us, uint, 0444);
MODULE_PARM_DESC(latency_us, "Time from request to reply in microseconds (default 20)");

module_param_named(jitter_us, sim_config.jitter_us, uint, 0444);
MODULE_PARM_DESC(jitter_us, "Random extra time per reply in microseconds (default 5)");

module_param_named(inflight, sim_config.inflight, uint, 0444);
MODULE_PARM_DESC(inflight, "Requests that a GPU processes in parallel (default 8)");

module_param_named(rpc_ns, sim_config.rpc_ns, uint, 0444);
MODULE_PARM_DESC(rpc_ns,
		 "Mean time that the firmware needs for an RPC in ns, beside the latency (default 0)");

module_param_named(rpc_parallel, sim_config.rpc_parallel, uint, 0444);
MODULE_PARM_DESC(rpc_parallel,
		 "RPCs that the firmware works on at once, 1 to 64, 0: inflight (default 0)");

module_param_named(ctxsw_us, sim_config.ctxsw_us, uint, 0444);
MODULE_PARM_DESC(ctxsw_us, "Cost of a context switch in microseconds (default 100)");

module_param_named(preempt_us, sim_config.preempt_us, uint, 0444);
MODULE_PARM_DESC(preempt_us, "Longest time to a preemption point in microseconds (default 100)");

module_param_named(tsg_slice_us, sim_config.tsg_slice_us, uint, 0444);
MODULE_PARM_DESC(tsg_slice_us,
		 "Time slice of a channel group that was given none, in microseconds (default 2000)");

module_param_named(vgpus_max, sim_config.vgpus_max, uint, 0444);
MODULE_PARM_DESC(vgpus_max, "vGPUs that the firmware takes, 0: as its release (default 0)");

module_param_named(seed, sim_config.seed, ullong, 0444);
MODULE_PARM_DESC(seed, "Seed of the random stream; GPU n takes seed + n (default 1)");

static char *clock = "real";
module_param(clock, charp, 0444);
MODULE_PARM_DESC(clock, "real, or virtual: jumps from event to event (default real)");

static char *fault;
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "Faults, separated by ';', as the debugfs file takes them");

static bool pm_lose;
module_param(pm_lose, bool, 0644);
MODULE_PARM_DESC(pm_lose, "GPUs lose their state while the system sleeps (default N)");

static struct nova_sim *sims[NOVA_SIM_GPUS_MAX];

static const struct nova_abi *sim_find_release(void)
{
	const struct nova_abi *abi = nova_abi_find(fw), *below, *above;

	if (abi)
		return abi;
	if (nova_abi_nearest(fw, &below, &above))
		pr_err("novabpf_sim: fw=%s is no release number; known are %s to %s\n", fw,
		       below ? below->release : "none", above ? above->release : "none");
	else
		pr_err("novabpf_sim: fw=%s is not known; nearest known releases: %s%s%s\n", fw,
		       below ? below->release : "", below && above ? " and " : "",
		       above ? above->release : "");
	return NULL;
}

/* Faults of the wire are set before the boot; the others need a running GSP. */
static bool sim_fault_before_boot(const char *spec)
{
	spec = skip_spaces(spec);
	return !strncmp(spec, "random", 6) || !strncmp(spec, "next", 4) || !strncmp(spec, "irq", 3);
}

static int sim_apply_faults(struct nova_sim *s, bool booted)
{
	char *copy, *rest, *spec;
	int err = 0;

	if (!fault || !*fault)
		return 0;
	copy = kstrdup(fault, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!err && (spec = strsep(&rest, ";")))
		if (*skip_spaces(spec) && sim_fault_before_boot(spec) == !booted)
			err = nova_sim_fault(s, spec);
	kfree(copy);
	return err;
}

/* A suspended GPU does nothing, so no register is accessed. */
static int nova_sim_suspend(struct device *dev)
{
	struct nova_sim *s = dev_get_drvdata(dev);
	int err;

	if (!s || !s->registered)
		return 0;
	err = nova_gpu_suspend(s->gpu);
	if (err)
		return err;
	err = kthread_park(s->thread);
	if (err)
		nova_gpu_resume(s->gpu, true);
	return err;
}

static int nova_sim_resume(struct device *dev)
{
	struct nova_sim *s = dev_get_drvdata(dev);
	bool kept = !READ_ONCE(pm_lose);

	if (!s || !s->registered)
		return 0;
	if (!kept)
		nova_sim_reset(s);
	kthread_unpark(s->thread);
	nova_gpu_resume(s->gpu, kept);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(nova_sim_pm, nova_sim_suspend, nova_sim_resume);

/* Nothing to probe. The driver's name is the first part of the names of mediated types. */
static int nova_sim_probe(struct platform_device *pdev)
{
	return 0;
}

static struct platform_driver nova_sim_driver = {
	.probe = nova_sim_probe,
	.driver = {
		.name = "novabpf_sim",
		.pm = pm_sleep_ptr(&nova_sim_pm),
		.suppress_bind_attrs = true,
	},
};

static int sim_make_device(struct nova_sim *s)
{
	const struct platform_device_info info = {
		.name = "novabpf_sim",
		.id = s->index,
		.dma_mask = DMA_BIT_MASK(47),
	};
	struct platform_device *pdev = platform_device_register_full(&info);

	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	s->pdev = pdev;
	platform_set_drvdata(pdev, s);
	return 0;
}

static void sim_destroy_gpu(struct nova_sim *s)
{
	nova_sim_dev_remove(s);
	nova_sim_debugfs_remove(s);
	if (s->registered)
		nova_gpu_unregister(s->gpu);
	WRITE_ONCE(s->registered, false);
	nova_sim_stop(s);
	if (s->gpu)
		nova_gpu_put(s->gpu);
	if (s->sim)
		gsim_destroy(s->sim);
	if (s->pdev)
		platform_device_unregister(s->pdev);
	nova_sim_fb_free(s);
	mutex_destroy(&s->run_lock);
	kfree(s);
}

/* Log the model's reason: it is lost with the model. */
static void sim_say_why(struct nova_sim *s)
{
	mutex_lock(&s->run_lock);
	if (*gsim_refusal_text(s->sim))
		dev_err(&s->pdev->dev, "the GPU refused: %s\n", gsim_refusal_text(s->sim));
	mutex_unlock(&s->run_lock);
}

static int sim_boot_gpu(struct nova_sim *s)
{
	struct nova_hw_caps caps = { .simulated = true, .vgpus_max = sim_config.vgpus_max };
	struct nova_gpu *gpu;
	int err;

	err = sim_make_device(s);
	if (err)
		return err;
	caps.name = dev_name(&s->pdev->dev);
	if (nova_sim_virtual(s))
		caps.vtime = &nova_vtime_ops;
	gpu = nova_gpu_alloc(&s->pdev->dev,
			     nova_sim_virtual(s) ? &nova_sim_virtual_ops : &nova_sim_ops, s, &caps);
	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	s->gpu = gpu;
	err = nova_sim_start(s);
	if (err)
		return err;
	nova_sim_debugfs_add(s);
	err = sim_apply_faults(s, false);
	if (err)
		return err;
	err = nova_gpu_register(s->gpu);
	if (err) {
		sim_say_why(s);
		return err;
	}
	WRITE_ONCE(s->registered, true);
	return sim_apply_faults(s, true);
}

static int sim_create_gpu(u32 index, const struct nova_abi *abi)
{
	struct gsim_config cfg = sim_config;
	struct nova_sim *s = kzalloc(sizeof(*s), GFP_KERNEL);
	char why[256];
	int err;

	if (!s)
		return -ENOMEM;
	cfg.abi = abi;
	cfg.fwversion = fwversion;
	cfg.chip = chip;
	cfg.seed += index;
	s->index = index;
	s->start = ktime_get();
	s->virtual = !strcmp(clock, "virtual");
	if (nova_sim_virtual(s))
		nova_vclock_init(&s->vclock);
	mutex_init(&s->run_lock);
	xa_init(&s->fb);
	nova_sim_dev_init(s);
	raw_spin_lock_init(&s->regs_lock);
	err = gsim_create(&nova_sim_port, s, &cfg, &s->sim, why, sizeof(why));
	if (err)
		pr_err("novabpf_sim: %s\n", why);
	else
		err = sim_boot_gpu(s);
	if (err) {
		sim_destroy_gpu(s);
		return err;
	}
	sims[index] = s;
	return 0;
}

static void sim_destroy_all(void)
{
	u32 i = NOVA_SIM_GPUS_MAX;

	while (i--) {
		if (sims[i])
			sim_destroy_gpu(sims[i]);
		sims[i] = NULL;
	}
	nova_sim_debugfs_exit();
	platform_driver_unregister(&nova_sim_driver);
}

static int __init nova_sim_init(void)
{
	const struct nova_abi *abi = sim_find_release();
	int err = 0;
	u32 i;

	if (!abi)
		return -EINVAL;
	if (!gpus || gpus > NOVA_SIM_GPUS_MAX) {
		pr_err("novabpf_sim: gpus=%u; want 1 to %u\n", gpus, NOVA_SIM_GPUS_MAX);
		return -EINVAL;
	}
	if (strcmp(clock, "real") && strcmp(clock, "virtual")) {
		pr_err("novabpf_sim: clock=%s; want real or virtual\n", clock);
		return -EINVAL;
	}
	if (!NOVA_SIM_VTIME && !strcmp(clock, "virtual")) {
		pr_err("novabpf_sim: clock=virtual needs a build with NOVABPF_VTIME=y; want real\n");
		return -EOPNOTSUPP;
	}
	err = platform_driver_register(&nova_sim_driver);
	if (err)
		return err;
	nova_sim_debugfs_init();
	for (i = 0; !err && i < gpus; i++)
		err = sim_create_gpu(i, abi);
	if (err) {
		sim_destroy_all();
		return err;
	}
	for (i = 0; i < gpus; i++)
		nova_sim_dev_add(sims[i]);
	return 0;
}
module_init(nova_sim_init);

static void __exit nova_sim_exit(void)
{
	sim_destroy_all();
}
module_exit(nova_sim_exit);

NOVA_IMPORT_NS();
MODULE_AUTHOR("The novabpf authors");
MODULE_DESCRIPTION("Simulated GPUs for novabpf");
#ifdef NOVABPF_VERSION
MODULE_VERSION(NOVABPF_VERSION);
#endif
MODULE_LICENSE("GPL");
