/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A user of a VFIO device whose every access may fail, because the device is gone.
 */
#ifndef STRESS_VFIO_H
#define STRESS_VFIO_H

#include <linux/types.h>

#define VFIO_MEM_BYTES	0x10000u

/**
 * struct vfio - an open device
 * @container: fd
 * @group: fd
 * @device: fd
 * @regs: offset of the registers
 * @config: offset of the configuration space
 * @mem: memory that the device may use, from address 0 on
 * @fb: start of its framebuffer, or NULL
 */
struct vfio {
	int container;
	int group;
	int device;
	__u64 regs;
	__u64 config;
	__u8 *mem;
	__u32 *fb;
};

/* Each returns 0 or -errno. */
int vfio_open(struct vfio *v, const char *uuid);
void vfio_close(struct vfio *v);
int vfio_map(struct vfio *v);
int vfio_unmap(struct vfio *v);
int vfio_reset(struct vfio *v);
/* The ring is at the start of the memory, the fence where it is said. */
int vfio_channel_on(struct vfio *v, __u32 entries, __u32 fence);
int vfio_channel_off(struct vfio *v);
int vfio_doorbell(struct vfio *v, __u32 put);

#endif /* STRESS_VFIO_H */
