/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel side of one simulated GPU.
 */
#ifndef NOVABPF_SIM_SIM_H
#define NOVABPF_SIM_SIM_H

#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <novabpf/hw.h>
#include "model/model.h"

/**
 * struct nova_sim - a simulated GPU
 * @index: number of the GPU
 * @pdev: its device, for DMA
 * @sim: the model
 * @gpu: the core's object
 * @registered: nova_gpu_register() succeeded
 * @start: CLOCK_MONOTONIC at GPU time 0
 * @thread: stands for all processors of the GPU
 * @kicked: @thread has to look again before it sleeps
 * @run_lock: one at a time in nsim_run() and its like; taken before @regs_lock
 * @regs_lock: the register file; raw, as registers are read in any context
 * @irq: delivers the interrupt in hard interrupt context
 * @dir: debugfs
 */
struct nova_sim {
	u32 index;
	struct platform_device *pdev;
	struct nsim *sim;
	struct nova_gpu *gpu;
	bool registered;
	ktime_t start;
	struct task_struct *thread;
	atomic_t kicked;
	struct mutex run_lock;	/* nsim_run() and its like */
	raw_spinlock_t regs_lock;
	struct irq_work irq;
	struct dentry *dir;
};

#define NOVA_SIM_GPUS_MAX	16

extern const struct nsim_port nova_sim_port;
extern const struct nova_hw_ops nova_sim_ops;

int nova_sim_start(struct nova_sim *s);
void nova_sim_stop(struct nova_sim *s);
int nova_sim_fault(struct nova_sim *s, const char *spec);

void nova_sim_debugfs_init(void);
void nova_sim_debugfs_exit(void);
void nova_sim_debugfs_add(struct nova_sim *s);
void nova_sim_debugfs_remove(struct nova_sim *s);

#endif /* NOVABPF_SIM_SIM_H */
