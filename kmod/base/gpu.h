/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GPU, shared by all rooms of the core, and its clock. Private to the core.
 */
#ifndef NOVABPF_BASE_GPU_H
#define NOVABPF_BASE_GPU_H

#include <linux/device.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <novabpf/driver/hw.h>
#include <novabpf/driver/regs.h>
#include "vtime.h"

struct nova_gsp;
struct nova_sched;
struct nova_vgpus;
struct dentry;

#define NOVA_GPUS_MAX	16

/**
 * struct nova_chip - differences between chips outside the firmware ABI
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
 * struct nova_gpu - a GPU
 * @dev: class device, /sys/class/novabpf/gpuN
 * @id: N
 * @name: from the backend
 * @simulated: from the backend
 * @dma_dev: device for DMA mappings
 * @ops: backend
 * @hw: backend's cookie
 * @chip: its chip, read from NV_PMC_BOOT_42
 * @fb_bytes: usable framebuffer, read from registers
 * @gsp: firmware, queues, RPCs
 * @sched: scheduler of its vGPUs
 * @vgpus: its vGPUs; set once the firmware runs
 * @vgpus_max: from the backend, see struct nova_hw_caps
 * @debugfs: its directory
 * @irq_on: nova_gpu_irq() has an effect
 * @vtime_ops: idle accounting, NULL in real time; does not change
 * @vtime: its state
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
	const struct nova_vtime_ops *vtime_ops;
	struct nova_vtime *vtime;
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
 * Reads once more after the limit, so that a slow scheduler causes no timeout.
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, or -ENODEV if the GPU is gone.
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
 * nova_gpu_sleep_poll() - sleep between two polls
 * @gpu: the GPU
 * @since_ns: time of the first poll, by nova_now_ns()
 * @min_us: the shortest sleep
 *
 * The sleep grows with the time that has passed: a slow event is not polled thousands of
 * times, and a fast event is seen an eighth late at most.
 * Context: may sleep.
 */
void nova_gpu_sleep_poll(struct nova_gpu *gpu, u64 since_ns, u32 min_us);

/* Return: the table of a GPU with a virtual clock, or NULL. For files of novabpf.ko only. */
static inline const struct nova_vtime_ops *nova_vtime(const struct nova_gpu *gpu)
{
	return nova_vtime_on() ? gpu->vtime_ops : NULL;
}

/**
 * nova_busy_begin() - make a virtual clock wait for this thread
 * @gpu: the GPU
 * @b: on the stack; until nova_busy_end()
 *
 * A counted thread waits for events that need the GPU's clock only through
 * nova_gpu_sleep_us(), nova_poll_reg(), nova_rpc_call() or nova_work_cancel_sync(), or
 * between nova_busy_pause() and nova_busy_resume(). No effect in real time, as all of
 * idle accounting. Context: may sleep; not nested.
 */
void nova_busy_begin(struct nova_gpu *gpu, struct nova_busy *b);
void nova_busy_end(struct nova_gpu *gpu, struct nova_busy *b);
/* Around a wait that may need the clock. No effect on a thread that is not counted. */
bool nova_busy_pause(struct nova_gpu *gpu);
void nova_busy_resume(struct nova_gpu *gpu, bool paused);

/* Return: whether this thread is in the busy count. Any context. */
static inline bool nova_busy_here(struct nova_gpu *gpu)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	return vtime && vtime->here(gpu);
}

/* Before waking a thread that dropped its count to wait. Any context. */
static inline void nova_busy_inc(struct nova_gpu *gpu)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->count(gpu, 1);
}

static inline void nova_busy_dec(struct nova_gpu *gpu)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->count(gpu, -1);
}

/* Return: whether this is the thread of a virtual clock; no time passes while it runs. */
static inline bool nova_vtime_is_clock(struct nova_gpu *gpu)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	return vtime && vtime->is_clock(gpu);
}

/*
 * Lets the clock's thread run direct works, from boot to unload. Off: waits until none is
 * under way. May sleep.
 */
static inline void nova_vtime_allow_direct(struct nova_gpu *gpu, bool ok)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->allow_direct(gpu, ok);
}

/* While frozen, a virtual clock does not advance although the core is idle. */
static inline void nova_vtime_freeze(struct nova_gpu *gpu, bool frozen)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->freeze(gpu, frozen);
}

/* After unload, when no thread sleeps on the clock. May sleep. */
static inline void nova_vtime_stop(struct nova_gpu *gpu)
{
	const struct nova_vtime_ops *vtime = nova_vtime(gpu);

	if (vtime)
		vtime->stop(gpu);
}

/**
 * struct nova_work - work that a virtual clock waits for
 * @work: private
 * @gpu: private
 * @fn: may sleep; may wait as by nova_busy_begin()
 * @release: called after each run of @fn, may free the work; NULL after init
 * @direct: does not wait for the GPU, so the thread of a virtual clock may run it, which
 *	saves two switches of threads; false after init
 * @vtime: private
 *
 * Every work of the core that concerns a GPU is a nova_work; a virtual clock would run
 * ahead of any other. A work that may wait for the GPU needs an ordered queue of its own,
 * because works queued behind it count as busy.
 */
struct nova_work {
	struct work_struct work;
	struct nova_gpu *gpu;
	void (*fn)(struct nova_work *w);
	void (*release)(struct nova_work *w);
	bool direct;
	struct nova_vtime_work vtime;
};

void nova_work_init_key(struct nova_work *w, struct nova_gpu *gpu,
			void (*fn)(struct nova_work *w), struct lock_class_key *key);

/*
 * Each caller has a lockdep class of its own. With a common class, lockdep would take a
 * work that flushes the queue of another for one that waits for itself.
 */
#define nova_work_init(w, gpu, fn)				\
	do {							\
		static struct lock_class_key __key;		\
								\
		nova_work_init_key(w, gpu, fn, &__key);		\
	} while (0)

/* Any context. Return: false if it was queued already. */
static inline bool nova_work_queue(struct workqueue_struct *wq, struct nova_work *w)
{
	const struct nova_vtime_ops *vtime = nova_vtime(w->gpu);

	return vtime ? vtime->queue(wq, w) : queue_work(wq, &w->work);
}

/* May sleep. As cancel_work_sync(). */
void nova_work_cancel_sync(struct nova_work *w);

/* base/gpus.c; see also nova_gpu_get(). init: called once, before the first GPU. */
extern struct class *nova_class;
int nova_gpus_init(void);
void nova_gpus_exit(void);

#endif /* NOVABPF_BASE_GPU_H */
