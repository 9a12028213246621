/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * A vGPU as its guest sees it: a PCI device with registers and a window of the
 * framebuffer. All registers are 32 bits wide, little endian, and are accessed as a
 * whole: a narrower write is dropped. What is not listed reads as 0 and ignores writes.
 *
 * To have work done, a guest puts struct nova_guest_work into a ring in its memory,
 * tells the device where the ring is, and writes to a doorbell how many entries it has
 * put there so far. The device writes how many are done to a fence in guest memory and
 * raises an interrupt. It needs bus mastering for that; without, it waits.
 */
#ifndef _UAPI_NOVABPF_GUEST_H
#define _UAPI_NOVABPF_GUEST_H

#include <linux/types.h>

/* The vendor number belongs to nobody; the subsystem's device number is the vGPU type. */
#define NOVA_GUEST_VENDOR_ID		0x1234
#define NOVA_GUEST_DEVICE_ID		0x4e56

#define NOVA_GUEST_BAR_REGS		0
#define NOVA_GUEST_BAR_FB		2	/* and 3: 64 bits, prefetchable */
#define NOVA_GUEST_REGS_BYTES		0x10000

#define NOVA_GUEST_ID			0x0000
#define NOVA_GUEST_ID_VALUE		0x41564f4e
#define NOVA_GUEST_VERSION		0x0004
#define NOVA_GUEST_VERSION_VALUE	1
#define NOVA_GUEST_STATUS		0x0008
#define NOVA_GUEST_STATUS_READY		0x1	/* takes work */
#define NOVA_GUEST_STATUS_LOST		0x2	/* the GPU lost it: wants a reset */
#define NOVA_GUEST_CHANNELS		0x000c	/* how many */
#define NOVA_GUEST_FB_BYTES_LO		0x0010	/* framebuffer; the window may show less */
#define NOVA_GUEST_FB_BYTES_HI		0x0014
#define NOVA_GUEST_TIME_LO		0x0018	/* ns of the GPU's clock; read first */
#define NOVA_GUEST_TIME_HI		0x001c	/* as of the last read of TIME_LO */

/* Interrupts: a bit for each channel, and one for what happens to the vGPU */
#define NOVA_GUEST_INTR_STATUS		0x0040	/* 1 clears */
#define NOVA_GUEST_INTR_ENABLE		0x0044
#define NOVA_GUEST_INTR_CHANNEL(n)	(1u << (n))
#define NOVA_GUEST_INTR_EVENT		0x80000000
/* MSI-X: vector n for channel n, and one for events. MSI: one for all. */
#define NOVA_GUEST_VECTORS		9
#define NOVA_GUEST_VECTOR_EVENT		8

/* Registers of channel n, 0 .. CHANNELS - 1 */
#define NOVA_GUEST_CHANNELS_MAX		8
#define NOVA_GUEST_CHANNEL(n)		(0x1000 + 0x40 * (n))
#define NOVA_GUEST_RING_LO		0x00	/* address of the ring, 16 byte aligned */
#define NOVA_GUEST_RING_HI		0x04
#define NOVA_GUEST_RING_ENTRIES		0x08	/* a power of two, up to ENTRIES_MAX */
#define NOVA_GUEST_RING_ENTRIES_MAX	65536
#define NOVA_GUEST_FENCE_LO		0x0c	/* address of a u64, 8 byte aligned; 0: none */
#define NOVA_GUEST_FENCE_HI		0x10
/*
 * 1: takes over the addresses above, counters are 0. Needs a channel that has no work
 * under way. 0: takes no more entries; what it has taken is still done.
 */
#define NOVA_GUEST_CHANNEL_CTRL		0x14
#define NOVA_GUEST_CHANNEL_STATE	0x18	/* enum nova_guest_state */
#define NOVA_GUEST_CHANNEL_ERROR	0x1c	/* enum nova_guest_error */
#define NOVA_GUEST_CHANNEL_ENGINE	0x20	/* NV2080_ENGINE_TYPE */
#define NOVA_GUEST_CHANNEL_GET		0x24	/* entries taken */
#define NOVA_GUEST_CHANNEL_DONE		0x28	/* entries done */

/* Doorbell of channel n: entries put so far, as a counter that wraps at 2^32 */
#define NOVA_GUEST_DOORBELL(n)		(0x2000 + 4 * (n))

/* Of the MSI-X capability; reads as 0 where no VMM stands in front */
#define NOVA_GUEST_MSIX_TABLE		0x8000
#define NOVA_GUEST_MSIX_PBA		0xc000

/**
 * enum nova_guest_state - what a channel does
 * @NOVA_GUEST_OFF: nothing
 * @NOVA_GUEST_ON: takes entries
 * @NOVA_GUEST_FAILED: an error stopped it; CTRL 0, then 1, starts it again
 */
enum nova_guest_state {
	NOVA_GUEST_OFF = 0,
	NOVA_GUEST_ON = 1,
	NOVA_GUEST_FAILED = 2,
};

/**
 * enum nova_guest_error - why a channel stopped
 * @NOVA_GUEST_ERR_NONE: it did not
 * @NOVA_GUEST_ERR_RING: address or size of the ring, or address of the fence
 * @NOVA_GUEST_ERR_BUSY: CTRL 1 with work under way
 * @NOVA_GUEST_ERR_DOORBELL: more entries put than the ring has
 * @NOVA_GUEST_ERR_DMA: guest memory could not be read or written
 * @NOVA_GUEST_ERR_WORK: an entry is malformed
 * @NOVA_GUEST_ERR_LOST: the GPU lost the vGPU, see NOVA_GUEST_STATUS_LOST
 */
enum nova_guest_error {
	NOVA_GUEST_ERR_NONE = 0,
	NOVA_GUEST_ERR_RING = 1,
	NOVA_GUEST_ERR_BUSY = 2,
	NOVA_GUEST_ERR_DOORBELL = 3,
	NOVA_GUEST_ERR_DMA = 4,
	NOVA_GUEST_ERR_WORK = 5,
	NOVA_GUEST_ERR_LOST = 6,
};

/**
 * struct nova_guest_work - an entry of a ring, little endian
 * @length_ns: engine time that it takes, 1 .. 10^10
 * @reserved: 0
 */
struct nova_guest_work {
	__le64 length_ns;
	__le64 reserved;
};

#endif /* _UAPI_NOVABPF_GUEST_H */
