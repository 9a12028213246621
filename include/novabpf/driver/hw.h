/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hardware interface: what the core asks of any GPU. A
 * backend (the simulated GPU, a real BAR0) registers one struct nova_hw_ops per
 * GPU and includes nothing else of the core but the ABI tables.
 *
 * Time comes from the GPU: the core reads its clock and sets timers only
 * through this interface. A clock that does not go on in step with real time is a
 * virtual one, see struct nova_hw_caps.
 */
#ifndef NOVABPF_HW_H
#define NOVABPF_HW_H

#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <novabpf/driver/fwimage.h>

struct nova_gpu;
struct nova_vtime_ops;

/**
 * struct nova_hw_timer - one-shot timer on the GPU's clock
 * @fn: called when due, in hard interrupt or softer context; must not sleep;
 *	may arm the timer again
 * @at_ns: when it is due (GPU clock); the backend's while armed
 * @hrt: for the backend's use
 * @node: for the backend's use
 * @hw: for the backend's use
 *
 * The core sets @fn, then calls ops->timer_init() once before any other use.
 */
struct nova_hw_timer {
	void (*fn)(struct nova_hw_timer *t);
	u64 at_ns;
	struct hrtimer hrt;
	struct list_head node;
	void *hw;
};

/**
 * struct nova_hw_ops - operations of a backend
 *
 * Every operation gets the @hw pointer given to nova_gpu_register().
 */
struct nova_hw_ops {
	/**
	 * @rd32: Read the BAR0 register at byte offset @off. Any context.
	 * A register that does not exist reads as NOVA_PRI_ERROR; all ones
	 * mean that the GPU is gone.
	 */
	u32 (*rd32)(void *hw, u32 off);

	/**
	 * @wr32: Write a BAR0 register. Any context. Must not call back into
	 * the core: effects that end in an interrupt arrive later, through
	 * nova_gpu_irq().
	 */
	void (*wr32)(void *hw, u32 off, u32 val);

	/** @now_ns: The GPU's clock, monotonic, in nanoseconds. Any context. */
	u64 (*now_ns)(void *hw);

	/** @timer_init: Prepare @t, whose fn is set. May sleep. */
	void (*timer_init)(void *hw, struct nova_hw_timer *t);

	/**
	 * @timer_arm: Run @t->fn once the clock reaches @at_ns (at once where
	 * that is past). Arming an armed timer moves it; U64_MAX disarms it
	 * without waiting for @t->fn. Any context.
	 */
	void (*timer_arm)(void *hw, struct nova_hw_timer *t, u64 at_ns);

	/**
	 * @timer_cancel: Disarm @t and wait until @t->fn is not running. May
	 * sleep; not from @t->fn.
	 */
	void (*timer_cancel)(void *hw, struct nova_hw_timer *t);

	/**
	 * @firmware: The image of a kind that the backend brings along, or
	 * -ENOENT where it has to come from a file. *@data stays valid while
	 * the GPU is registered. May sleep.
	 */
	int (*firmware)(void *hw, enum nova_fw_kind kind, const void **data, size_t *size);

	/**
	 * @reset: Reset the whole function as a bus reset would: processors
	 * stopped, WPR2 down, registers at their power-on values. May sleep.
	 * Return: 0 or -errno.
	 */
	int (*reset)(void *hw);

	/**
	 * @fb_pfn: The mappable page behind the framebuffer at @off, a multiple of
	 * PAGE_SIZE. Stays the same until fb_scrub() with @unmapped. May sleep; called
	 * from fault handlers, so it takes no lock but that of the allocator. NULL, as are
	 * the next two, if the framebuffer cannot be accessed.
	 */
	int (*fb_pfn)(void *hw, u64 off, unsigned long *pfn);

	/** @fb_copy: Copy between @buf and the framebuffer, within a page. May sleep. */
	int (*fb_copy)(void *hw, u64 off, void *buf, size_t len, bool write);

	/**
	 * @fb_scrub: Zero a part of the framebuffer. @unmapped: no page of it is mapped,
	 * and nothing accesses it. May sleep.
	 * Return: 0, or -errno if some of it may not be zero.
	 */
	int (*fb_scrub)(void *hw, u64 off, u64 bytes, bool unmapped);
};

/**
 * struct nova_hw_caps - properties of a GPU that registers do not show
 * @name: name on its bus, such as "novabpf_sim.0"; copied
 * @simulated: no hardware behind it
 * @vgpus_max: limit of vGPUs; 0 for the limit of its firmware release
 * @vtime: NULL in real time; &nova_vtime_ops for a backend with a virtual clock, which
 *	calls nova_gpu_wait_idle() before each jump
 */
struct nova_hw_caps {
	const char *name;
	bool simulated;
	u32 vgpus_max;
	const struct nova_vtime_ops *vtime;
};

/**
 * nova_gpu_alloc() - make a GPU object
 * @dev: device used for DMA; its masks are set up by the backend
 * @ops: the backend's operations; must outlive the object
 * @hw: handed back to every operation
 * @caps: see struct nova_hw_caps; not referenced after the call
 *
 * From here on nova_gpu_irq() may be called. Nothing is visible yet and the
 * hardware is not touched.
 *
 * Context: may sleep.
 * Return: the GPU, or ERR_PTR(-ENOMEM or -ENOSPC: too many GPUs).
 */
struct nova_gpu *nova_gpu_alloc(struct device *dev, const struct nova_hw_ops *ops,
				void *hw, const struct nova_hw_caps *caps);

/**
 * nova_gpu_register() - boot the firmware and make the GPU visible
 * @gpu: from nova_gpu_alloc()
 *
 * Boots GSP to the end (INIT_DONE, handshake, static information) before it
 * returns, so a GPU that is visible works. On failure the hardware is reset and
 * the caller still owns @gpu and gives it to nova_gpu_put().
 *
 * Context: may sleep, for the seconds a boot may take.
 * Return: 0; -ENOPKG unknown firmware release; -EOPNOTSUPP chip or combination
 * not supported; -EBUSY WPR2 still up; -ETIMEDOUT a step did not end; -EIO GSP
 * or Booter reported failure; -ENOMEM; -EINVAL.
 */
int nova_gpu_register(struct nova_gpu *gpu);

/**
 * nova_gpu_unregister() - unload the firmware and hide the GPU
 * @gpu: registered before
 *
 * RPCs in flight end with -ENODEV. On return the core uses neither the
 * operations nor DMA memory of the backend's device, and nova_gpu_irq() has no
 * effect any more.
 *
 * Context: may sleep.
 */
void nova_gpu_unregister(struct nova_gpu *gpu);

/**
 * nova_gpu_suspend() - the system is about to sleep
 * @gpu: registered
 *
 * For the backend's dev_pm_ops: suspend, freeze and poweroff. The backend keeps working
 * during the call, because the firmware takes every vGPU off its engines. Then nothing is
 * sent to the firmware; deadlines, caps and the watchdog stop. RPCs without a reply
 * within 2 s stay in flight. On return the core touches no register and arms no timer
 * until nova_gpu_resume().
 *
 * Context: may sleep; tasks are frozen.
 * Return: 0, or -EBUSY during a reset of the GPU: the reset continues, and the system
 * must not sleep.
 */
int nova_gpu_suspend(struct nova_gpu *gpu);

/**
 * nova_gpu_resume() - the system is awake
 * @gpu: suspended before
 * @kept: the GPU has kept all of its state: processors, registers, framebuffer. False:
 *	it lost power, so it is reset and its firmware booted again, as after a crash;
 *	its vGPUs are notified and end in error
 *
 * For the backend's dev_pm_ops: resume, thaw and restore. Continues from
 * nova_gpu_suspend(): RPCs in flight have as much time as they had left.
 * Context: may sleep.
 */
void nova_gpu_resume(struct nova_gpu *gpu, bool kept);

/**
 * nova_gpu_put() - give up a reference
 * @gpu: from nova_gpu_alloc(), not registered (any more); or from nova_gpu_get()
 *
 * A backend must have stopped calling nova_gpu_irq().
 *
 * Context: may sleep.
 */
void nova_gpu_put(struct nova_gpu *gpu);

/**
 * nova_gpu_irq() - tell the core that the GPU raised its interrupt
 * @gpu: from nova_gpu_alloc()
 *
 * The core reads and clears IRQSTAT itself. Context: any, also hard interrupt.
 */
void nova_gpu_irq(struct nova_gpu *gpu);

/**
 * enum nova_engine_event - events of engines that software schedules
 * @NOVA_ENGINE_DOORBELL: a doorbell of a vGPU was trapped: it has work
 * @NOVA_ENGINE_IDLE: the runlist has run dry: the vGPU that is on it has no work
 * @NOVA_ENGINE_COMPLETE: an item of work is done; the argument is its engine time in
 *	ns. Its channel shows the completion already
 */
enum nova_engine_event {
	NOVA_ENGINE_DOORBELL,
	NOVA_ENGINE_IDLE,
	NOVA_ENGINE_COMPLETE,
};

/**
 * nova_gpu_engine_event() - report an event of an engine
 * @gpu: a registered GPU
 * @ev: event
 * @engine_id: NV2080_ENGINE_TYPE
 * @gfid: vGPU concerned
 * @arg: see enum nova_engine_event
 *
 * Events of one engine come in the order in which they happened. An engine that
 * is not scheduled by software, and a vGPU that does not exist, are ignored: a
 * guest may ring any doorbell at any time. Context: any, also hard interrupt.
 */
void nova_gpu_engine_event(struct nova_gpu *gpu, enum nova_engine_event ev, u32 engine_id,
			   u32 gfid, u64 arg);

/*
 * Idle accounting, for a backend with a virtual clock. Both are there only if the core
 * was built with NOVABPF_VTIME.
 */
extern const struct nova_vtime_ops nova_vtime_ops;

/**
 * nova_gpu_wait_idle() - wait until the core is idle
 * @gpu: from nova_gpu_alloc(), with nova_vtime_ops in its capabilities
 *
 * Returns when the core has no work left that needs no time to pass. Runs works of the
 * core meanwhile, so it is always called by the same thread.
 * Context: may sleep; not from a callback of the core.
 * Return: whether the clock may advance. It must not between nova_gpu_suspend() and
 * nova_gpu_resume(), when no armed timer would end a jump.
 */
bool nova_gpu_wait_idle(struct nova_gpu *gpu);

#endif /* NOVABPF_HW_H */
