/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vGPU of novabpf, driven from user space of the guest that has it. It needs root and
 * what PCI offers in sysfs; no driver has to be there but for interrupts.
 *
 *	struct ng_dev *g = ng_open(NULL);
 *	struct ng_channel *c = ng_channel_open(g, 0, 256);
 *
 *	ng_put(c, 1000000);
 *	ng_ring(c);
 *	ng_wait(c, 1, 1000);
 *
 * Rings and fences lie in locked memory whose physical address is taken from
 * /proc/self/pagemap, which the device uses as it is: there must be no IOMMU between.
 * The kernel may move locked memory all the same; ng_moved() tells.
 *
 * A function that fails returns -1 or NULL, and ng_error() says why in one line. Nothing
 * here may be called by two threads at once.
 */
#ifndef NOVAGUEST_H
#define NOVAGUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <uapi/novabpf_guest.h>

struct ng_dev;
struct ng_channel;

/* Entries of a ring that fits a page; a larger one wants a huge page. */
#define NG_PAGE_ENTRIES	256

enum ng_irq {
	NG_IRQ_NONE,
	NG_IRQ_INTX,	/* one line; driver uio_pci_generic of the kernel */
	NG_IRQ_MSIX,	/* a vector for each channel; test driver novabpf_msix */
};

/* Address on the bus, such as 0000:00:03.0 */
struct ng_address {
	char name[32];
};

/**
 * struct ng_info - what a device is
 * @bdf: address on the bus
 * @driver: kernel driver bound to it, "" for none
 * @type_id: vGPU type
 * @regs_bytes: size of BAR0
 * @fb_bar_bytes: size of BAR2
 * @fb_bytes: framebuffer
 * @status: NOVA_GUEST_STATUS_*
 * @version: of the registers
 * @channels: how many
 * @engine: of each, as NV2080_ENGINE_TYPE numbers them
 */
struct ng_info {
	char bdf[32];
	char driver[32];
	uint32_t type_id;
	uint64_t regs_bytes;
	uint64_t fb_bar_bytes;
	uint64_t fb_bytes;
	uint32_t status;
	uint32_t version;
	uint32_t channels;
	uint32_t engine[NOVA_GUEST_CHANNELS_MAX];
};

const char *ng_error(void);

/**
 * ng_find() - vGPUs of this machine
 * @bdf: filled in with the addresses of up to @max
 * Return: how many there are, or -1.
 */
int ng_find(struct ng_address *bdf, int max);

/* Enables the device, lets it reach memory, maps its registers. @bdf: NULL for the first. */
struct ng_dev *ng_open(const char *bdf);
/* Switches its channels and interrupts off; NULL is fine. */
void ng_close(struct ng_dev *g);

int ng_get_info(struct ng_dev *g, struct ng_info *info);
uint32_t ng_read(struct ng_dev *g, uint32_t reg);
void ng_write(struct ng_dev *g, uint32_t reg, uint32_t val);
/* ns of the GPU's clock */
uint64_t ng_gpu_ns(struct ng_dev *g);
/* ns of this machine's monotonic clock */
uint64_t ng_now_ns(void);

/* The window of the framebuffer, mapped at the first call. */
void *ng_fb(struct ng_dev *g, uint64_t *bytes);

/**
 * ng_irq_open() - take interrupts
 * @g: device, without channels
 * @kind: binds the driver for it, which must be loaded
 */
int ng_irq_open(struct ng_dev *g, enum ng_irq kind);
/* How often the kernel was interrupted for this device since. */
uint64_t ng_irq_count(struct ng_dev *g);
/**
 * ng_irq_wait() - wait for an interrupt and have the next one come
 * @g: device
 * @bits: filled in with NOVA_GUEST_INTR_* that were raised
 * @ms: at most so long
 * Return: 1, 0 where there was none, or -1.
 */
int ng_irq_wait(struct ng_dev *g, uint32_t *bits, int ms);

/* Resets the device as sysfs does. Channels are to be opened, interrupts enabled, anew. */
int ng_reset(struct ng_dev *g);

/* @entries: a power of two. Its fence begins at 0. */
struct ng_channel *ng_channel_open(struct ng_dev *g, uint32_t n, uint32_t entries);
void ng_channel_close(struct ng_channel *c);
/* Puts an entry where there is room; the device hears of it by ng_ring(). Return: 1 or 0. */
int ng_put(struct ng_channel *c, uint64_t length_ns);
void ng_ring(struct ng_channel *c);
/* Entries put, and those done as the fence says, since the channel was opened. */
uint64_t ng_put_count(const struct ng_channel *c);
uint64_t ng_done(const struct ng_channel *c);
/* Room for so many more */
uint32_t ng_room(struct ng_channel *c);

/**
 * ng_wait() - until so much was done
 * @c: channel
 * @done: entries since the channel was opened
 * @ms: at most so long since the last of them was done
 *
 * Waits for interrupts where they were opened, else looks at the fence now and then.
 * Return: 0, or -1: ng_error() has the channel's own error, or that nothing was done.
 */
int ng_wait(struct ng_channel *c, uint64_t done, int ms);
/* 0, or -1 where the device says that the channel failed */
int ng_check(struct ng_channel *c);
/* Whether the kernel has moved the memory: what was done since cannot be trusted. */
bool ng_moved(const struct ng_channel *c);

#endif /* NOVAGUEST_H */
