/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One GPU as all rooms of the core see it, and its clock. Private to the core.
 */
#ifndef NOVABPF_BASE_GPU_H
#define NOVABPF_BASE_GPU_H

#include <linux/device.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <novabpf/driver/hw.h>
#include <novabpf/driver/regs.h>

struct nova_gsp;
struct nova_sched;
struct nova_vgpus;
struct dentry;

#define NOVA_GPUS_MAX	16

/**
 * struct nova_chip - what differs between chips outside the firmware ABI
 * @id: NV_PMC_BOOT_42_CHIP()
 * @name: "ga102"
 * @signature: name of its signature section, without the leading dot
 * @libos2: TU10x and GA100: older libos, other heap sizes
 * @brom: boot ROM and core select of GA102 and later
 * @frts: has an FRTS region (all but GA100)
 * @usable_fb_reg: NV_USABLE_FB_SIZE_IN_MB exists
 * @wpr_scrubbed_mb: framebuffer at the top that is scrubbed at power-on (MiB),
 *	0 for all of it
 */
struct nova_chip {
	u16 id;
	const char *name;
	const char *signature;
	bool libos2;
	bool brom;
	bool frts;
	bool usable_fb_reg;
	u16 wpr_scrubbed_mb;
};

const struct nova_chip *nova_chip_find(u32 id);

/**
 * struct nova_quiet - what the core has under way, and who sleeps; see quiet.c
 * @lock: guards the lists; taken in any context, irqs off
 * @active: struct nova_active of threads that are at work
 * @sleepers: threads in nova_gpu_sleep_us()
 * @timer: wakes the next of them
 * @busy: threads at work that do not wait for the GPU, and work that is queued
 * @wait: nova_gpu_settle() waits here until @busy is 0
 * @settler: thread that calls nova_gpu_settle(), NULL before its first call
 * @light_ok: light work is done by @settler
 * @todo: light work for it
 * @light: what it is doing of that
 * @still: between nova_gpu_suspend() and nova_gpu_resume()
 * @poke: makes a backend that sleeps call nova_gpu_settle()
 */
struct nova_quiet {
	spinlock_t lock;		/* see above */
	struct list_head active;
	struct list_head sleepers;
	struct nova_hw_timer timer;
	atomic_t busy;
	wait_queue_head_t wait;
	struct task_struct *settler;
	bool light_ok;
	struct list_head todo;
	struct nova_work *light;
	bool still;
	struct nova_hw_timer poke;
};

/**
 * struct nova_gpu - a GPU
 * @dev: class device, /sys/class/novabpf/gpuN
 * @id: N
 * @name: from the backend
 * @simulated: from the backend
 * @dma_dev: device for DMA mappings
 * @ops: backend
 * @hw: backend's cookie
 * @chip: what it is, read from NV_PMC_BOOT_42
 * @fb_bytes: usable framebuffer, read from registers
 * @gsp: firmware, queues, calls
 * @sched: scheduler of its vGPUs
 * @vgpus: its vGPUs; set once the firmware runs
 * @vgpus_max: from the backend, see struct nova_hw_caps
 * @debugfs: its directory
 * @irq_on: nova_gpu_irq() has an effect
 * @quiet: what is under way
 */
struct nova_gpu {
	struct device dev;
	u32 id;
	char name[32];
	bool simulated;
	struct device *dma_dev;
	const struct nova_hw_ops *ops;
	void *hw;
	const struct nova_chip *chip;
	u64 fb_bytes;
	struct nova_gsp *gsp;
	struct nova_sched *sched;
	struct nova_vgpus *vgpus;
	u32 vgpus_max;
	struct dentry *debugfs;
	bool irq_on;
	struct nova_quiet quiet;
};

static inline u32 nova_rd32(struct nova_gpu *gpu, u32 off)
{
	return gpu->ops->rd32(gpu->hw, off);
}

static inline void nova_wr32(struct nova_gpu *gpu, u32 off, u32 val)
{
	gpu->ops->wr32(gpu->hw, off, val);
}

static inline u64 nova_now_ns(struct nova_gpu *gpu)
{
	return gpu->ops->now_ns(gpu->hw);
}

/**
 * nova_poll_reg() - wait until a register has a value
 * @gpu: the GPU
 * @off: BAR0 offset
 * @mask: bits to look at
 * @want: value of these bits
 * @timeout_us: limit by the GPU's clock
 *
 * Looks once more after the limit, so that a slow scheduler is no failure.
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, or -ENODEV where the GPU is gone.
 */
int nova_poll_reg(struct nova_gpu *gpu, u32 off, u32 mask, u32 want, u32 timeout_us);

/**
 * nova_gpu_sleep_us() - sleep on the GPU's clock
 * @gpu: the GPU
 * @us: microseconds, at least
 *
 * Context: may sleep.
 */
void nova_gpu_sleep_us(struct nova_gpu *gpu, u32 us);

/**
 * nova_gpu_sleep_poll() - sleep between two looks at something
 * @gpu: the GPU
 * @since_ns: when the first look was, by nova_now_ns()
 * @min_us: the shortest sleep
 *
 * Longer the longer it takes already, so that what is slow is not looked at ten
 * thousands of times, and what is fast is seen an eighth late at most.
 * Context: may sleep.
 */
void nova_gpu_sleep_poll(struct nova_gpu *gpu, u64 since_ns, u32 min_us);

/* base/quiet.c; stop: nobody sleeps any more */
void nova_quiet_init(struct nova_gpu *gpu);
void nova_quiet_stop(struct nova_gpu *gpu);
/*
 * Whether light work may be done by the thread that settles, where there is one:
 * between boot and unload. Off: waits until none is under way. May sleep.
 */
void nova_quiet_light(struct nova_gpu *gpu, bool ok);

/* A thread at work in the core; on its stack. Private to quiet.c. */
struct nova_active {
	struct task_struct *task;
	struct list_head node;
};

/**
 * nova_active_begin() - the clock has to wait for this thread
 * @gpu: the GPU
 * @a: on the stack; until nova_active_end()
 *
 * In between the thread must wait for nothing that needs the GPU's clock to go
 * on, but through nova_gpu_sleep_us(), nova_poll_reg(), nova_rpc_call(),
 * nova_work_cancel_sync(), or between nova_active_pause() and _resume(). Context:
 * may sleep; not nested.
 */
void nova_active_begin(struct nova_gpu *gpu, struct nova_active *a);
void nova_active_end(struct nova_gpu *gpu, struct nova_active *a);
/* Whether this thread is counted. Any context. */
bool nova_active_here(struct nova_gpu *gpu);
/* Around a wait for something that may need the clock; no effect on others. */
bool nova_active_pause(struct nova_gpu *gpu);
void nova_active_resume(struct nova_gpu *gpu, bool paused);
/* One more, one less. A waker counts on behalf of whom it wakes. Any context. */
void nova_active_inc(struct nova_gpu *gpu);
void nova_active_dec(struct nova_gpu *gpu);

/**
 * struct nova_work - work that the GPU's clock waits for
 * @work: private
 * @gpu: private
 * @fn: may sleep; see nova_active_begin() for what it may wait for
 * @release: called after each run of @fn, may free the work; NULL after init
 * @light: does not wait for the GPU and may run in the thread that settles, which
 *	saves two switches of threads; false after init
 * @queued: private
 * @counted: private
 * @node: private
 *
 * Everything of the core that runs in a workqueue and has to do with a GPU is one
 * of these, or a virtual clock runs ahead of it. One that may wait for the GPU has
 * an ordered queue to itself: what is queued behind it counts as work, too.
 */
struct nova_work {
	struct work_struct work;
	struct nova_gpu *gpu;
	void (*fn)(struct nova_work *w);
	void (*release)(struct nova_work *w);
	bool light;
	bool queued;
	bool counted;
	struct list_head node;
};

void nova_work_init_key(struct nova_work *w, struct nova_gpu *gpu,
			void (*fn)(struct nova_work *w), struct lock_class_key *key);

/*
 * Each caller has a lockdep class of its own. With one for all, a work that flushes the
 * queue of another one would look to lockdep like one that waits for itself.
 */
#define nova_work_init(w, gpu, fn)				\
	do {							\
		static struct lock_class_key __key;		\
								\
		nova_work_init_key(w, gpu, fn, &__key);		\
	} while (0)

/* Any context. Return: false where it was queued already. */
bool nova_work_queue(struct workqueue_struct *wq, struct nova_work *w);
/* May sleep. As cancel_work_sync(). */
void nova_work_cancel_sync(struct nova_work *w);

/* base/gpus.c; see also nova_gpu_get(). init: once, before the first GPU. */
extern struct class *nova_class;
int nova_gpus_init(void);
void nova_gpus_exit(void);

#endif /* NOVABPF_BASE_GPU_H */
