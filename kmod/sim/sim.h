/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel side of one simulated GPU.
 */
#ifndef NOVABPF_SIM_SIM_H
#define NOVABPF_SIM_SIM_H

#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <novabpf/driver/hw.h>
#include "model/model.h"

/**
 * struct nova_vclock - virtual clock of a GPU
 * @lock: guards @timers and @firing; raw, as timers are armed in any context
 * @now_ns: GPU time; only the thread changes it
 * @timers: armed struct nova_hw_timer by time, then in order of arming
 * @firing: timer whose function runs
 * @model_ns: next event of the model; accessed by the thread only
 * @irq: the model raised its interrupt
 * @asleep: the thread sleeps, so that new work must wake it
 */
struct nova_vclock {
	raw_spinlock_t lock;	/* see above */
	atomic64_t now_ns;
	struct list_head timers;
	struct nova_hw_timer *firing;
	u64 model_ns;
	atomic_t irq;
	bool asleep;
};

enum nova_sim_load_state {
	NOVA_SIM_NO_LOAD,
	NOVA_SIM_LOAD_RUNS,
	NOVA_SIM_LOAD_ENDED,
};

/**
 * struct nova_sim_dev - the device that takes loads
 * @misc: /dev/novabpf_simN
 * @name: its name
 * @added: @misc is registered
 * @opened: bit 0: a file is open
 * @lock: serialises writes and ioctls of that file; taken before run_lock
 * @blob: load that was written last
 * @blob_bytes: size of @blob
 * @state: enum nova_sim_load_state; written under run_lock
 * @pos: bytes of the result that were read
 * @wait: waiters for the end of the load
 */
struct nova_sim_dev {
	struct miscdevice misc;
	char name[24];
	bool added;
	unsigned long opened;
	struct mutex lock;	/* see above */
	void *blob;
	size_t blob_bytes;
	u32 state;
	loff_t pos;
	wait_queue_head_t wait;
};

/**
 * struct nova_sim - a simulated GPU
 * @index: number of the GPU
 * @pdev: its device, for DMA
 * @sim: the model
 * @gpu: the core's object
 * @registered: nova_gpu_register() succeeded
 * @start: CLOCK_MONOTONIC at GPU time 0 (real clock)
 * @virtual: has a virtual clock; see also nova_sim_virtual()
 * @vclock: that clock
 * @thread: runs the model, as all processors of the GPU
 * @kicked: @thread must run the model again before it sleeps
 * @run_lock: serialises gsim_run() and all else that is not a register access; taken before
 *	@regs_lock
 * @regs_lock: the register file; raw, as registers are read in any context
 * @irq: delivers the interrupt in hard interrupt context (real clock)
 * @fb: pages of the framebuffer that were accessed, by number
 * @dir: folder in debugfs
 * @dev: device that takes loads
 */
struct nova_sim {
	u32 index;
	struct platform_device *pdev;
	struct gsim *sim;
	struct nova_gpu *gpu;
	bool registered;
	ktime_t start;
	bool virtual;
	struct nova_vclock vclock;
	struct task_struct *thread;
	atomic_t kicked;
	struct mutex run_lock;	/* gsim_run() and its like */
	raw_spinlock_t regs_lock;
	struct irq_work irq;
	struct xarray fb;
	struct dentry *dir;
	struct nova_sim_dev dev;
};

#define NOVA_SIM_GPUS_MAX	16

#ifdef NOVABPF_VTIME
#define NOVA_SIM_VTIME	true
#else
#define NOVA_SIM_VTIME	false
#endif

/* Whether vclock.c drives this GPU; constant in a build without it. */
static inline bool nova_sim_virtual(const struct nova_sim *s)
{
	return NOVA_SIM_VTIME && s->virtual;
}

extern const struct gsim_port nova_sim_port;
extern const struct nova_hw_ops nova_sim_ops;
extern const struct nova_hw_ops nova_sim_virtual_ops;

int nova_sim_start(struct nova_sim *s);
void nova_sim_stop(struct nova_sim *s);
int nova_sim_fault(struct nova_sim *s, const char *spec);

/* The thread must not sleep now, because it shall end or park. */
static inline bool nova_sim_wanted(void)
{
	return kthread_should_stop() || kthread_should_park();
}

/* Operations that both clocks share */
u64 nova_sim_now_ns(void *hw);
u32 nova_sim_rd32(void *hw, u32 off);
void nova_sim_wr32(void *hw, u32 off, u32 val);
int nova_sim_firmware(void *hw, enum nova_fw_kind kind, const void **data, size_t *size);
int nova_sim_reset(void *hw);

/* fb.c */
int nova_sim_fb_pfn(void *hw, u64 off, unsigned long *pfn);
int nova_sim_fb_copy(void *hw, u64 off, void *buf, size_t len, bool write);
int nova_sim_fb_scrub(void *hw, u64 off, u64 bytes, bool unmapped);
void nova_sim_fb_free(struct nova_sim *s);

/* vclock.c; nova_vclock_wake() is called after the work is published. */
void nova_vclock_init(struct nova_vclock *vc);
int nova_vclock_thread(void *data);
void nova_vclock_wake(struct nova_sim *s);

/* dev.c */
void nova_sim_dev_init(struct nova_sim *s);
void nova_sim_dev_add(struct nova_sim *s);
void nova_sim_dev_remove(struct nova_sim *s);
void nova_sim_dev_ran(struct nova_sim *s);

void nova_sim_debugfs_init(void);
void nova_sim_debugfs_exit(void);
void nova_sim_debugfs_add(struct nova_sim *s);
void nova_sim_debugfs_remove(struct nova_sim *s);

#endif /* NOVABPF_SIM_SIM_H */
