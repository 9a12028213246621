/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One GPU as the core sees it. Private to the core.
 */
#ifndef NOVABPF_CORE_GPU_H
#define NOVABPF_CORE_GPU_H

#include <linux/device.h>
#include <linux/types.h>
#include <novabpf/hw.h>
#include <novabpf/regs.h>

struct nova_gsp;
struct nova_sched;
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
 * @debugfs: its directory
 * @irq_on: nova_gpu_irq() has an effect
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
	struct dentry *debugfs;
	bool irq_on;
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

/* core/sysfs.c, core/debugfs.c */
extern const struct attribute_group *nova_gpu_groups[];
void nova_sysfs_init(void);
void nova_debugfs_init(void);
void nova_debugfs_exit(void);
void nova_debugfs_add(struct nova_gpu *gpu);
void nova_debugfs_remove(struct nova_gpu *gpu);

/* core/main.c */
extern struct class *nova_class;

#endif /* NOVABPF_CORE_GPU_H */
