// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of a VFIO device whose every access may fail, because the device is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/vfio.h>
#include <uapi/novabpf_guest.h>
#include "vfio.h"

#define MEM_IOVA	0x10000000ULL
#define COMMAND_AT	4
#define COMMAND		0x0006	/* memory, bus master */

static int open_group(const char *uuid)
{
	char path[128], link[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(link, '/') + 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int region(struct vfio *v, __u32 index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info) { .argsz = sizeof(*info), .index = index };
	return ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

static int look_at_regions(struct vfio *v)
{
	struct vfio_region_info info;
	__u16 command = COMMAND;
	int err;

	err = region(v, NOVA_GUEST_BAR_REGS, &info);
	v->regs = info.offset;
	if (!err)
		err = region(v, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	v->config = info.offset;
	if (!err)
		err = region(v, NOVA_GUEST_BAR_FB, &info);
	if (err)
		return err;
	if (pwrite(v->device, &command, sizeof(command), v->config + COMMAND_AT) !=
	    sizeof(command))
		return -errno;
	if (info.flags & VFIO_REGION_INFO_FLAG_MMAP)
		v->fb = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, v->device,
			     info.offset);
	if (v->fb == MAP_FAILED)
		v->fb = NULL;
	return 0;
}

static int try_open(struct vfio *v, const char *uuid)
{
	v->group = open_group(uuid);
	if (v->group < 0)
		return v->group;
	v->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (v->container < 0 || ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container) ||
	    ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, uuid);
	if (v->device < 0)
		return -errno;
	v->mem = mmap(NULL, VFIO_MEM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (v->mem == MAP_FAILED) {
		v->mem = NULL;
		return -errno;
	}
	return vfio_map(v) ?: look_at_regions(v);
}

int vfio_open(struct vfio *v, const char *uuid)
{
	int err;

	memset(v, 0, sizeof(*v));
	v->container = -1;
	v->device = -1;
	err = try_open(v, uuid);
	if (err)
		vfio_close(v);
	return err;
}

void vfio_close(struct vfio *v)
{
	if (v->fb)
		munmap(v->fb, 4096);
	if (v->device >= 0)
		close(v->device);
	if (v->group >= 0)
		close(v->group);
	if (v->container >= 0)
		close(v->container);
	if (v->mem)
		munmap(v->mem, VFIO_MEM_BYTES);
}

int vfio_map(struct vfio *v)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)v->mem,
		.iova = MEM_IOVA,
		.size = VFIO_MEM_BYTES,
	};

	return ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int vfio_unmap(struct vfio *v)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = MEM_IOVA,
		.size = VFIO_MEM_BYTES,
	};

	return ioctl(v->container, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : 0;
}

/* It switches memory and bus master off, too. */
int vfio_reset(struct vfio *v)
{
	__u16 command = COMMAND;

	if (ioctl(v->device, VFIO_DEVICE_RESET))
		return -errno;
	if (pwrite(v->device, &command, sizeof(command), v->config + COMMAND_AT) !=
	    sizeof(command))
		return -errno;
	return 0;
}

static int poke(struct vfio *v, __u32 at, __u32 val)
{
	return pwrite(v->device, &val, sizeof(val), v->regs + at) == sizeof(val) ? 0 : -EIO;
}

int vfio_channel_on(struct vfio *v, __u32 entries, __u32 fence)
{
	__u32 at = NOVA_GUEST_CHANNEL(0);

	return poke(v, at + NOVA_GUEST_RING_LO, MEM_IOVA) ?:
	       poke(v, at + NOVA_GUEST_RING_HI, 0) ?:
	       poke(v, at + NOVA_GUEST_RING_ENTRIES, entries) ?:
	       poke(v, at + NOVA_GUEST_FENCE_LO, MEM_IOVA + fence) ?:
	       poke(v, at + NOVA_GUEST_FENCE_HI, 0) ?:
	       poke(v, at + NOVA_GUEST_CHANNEL_CTRL, 1);
}

int vfio_channel_off(struct vfio *v)
{
	return poke(v, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_CTRL, 0);
}

int vfio_doorbell(struct vfio *v, __u32 put)
{
	return poke(v, NOVA_GUEST_DOORBELL(0), put);
}
