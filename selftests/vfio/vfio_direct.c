// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VFIO device of a vGPU, driven without a virtual machine.
 *	vfio_direct CHECK UUID [UUID]
 * Exit status 0 where all is as it should be; else 1, with one line on stderr.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "vfio_user.h"

#define MS		1000000ULL
#define CFG		VFIO_PCI_CONFIG_REGION_INDEX
#define REGS		NOVA_GUEST_BAR_REGS
#define FB		NOVA_GUEST_BAR_FB
#define MASTER		0x0006
#define DEVCTL		0x78	/* of the PCI Express capability */
#define MSIX		VFIO_PCI_MSIX_IRQ_INDEX
#define TRIGGER_EVENTFD	(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define UNMASK_EVENTFD	(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK)
#define TRIGGER_NONE	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)
#define WAIT_MS		10000

static void check_info(struct user *u)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info region = { .argsz = sizeof(region), .index = 99 };
	struct vfio_irq_info irq = { .argsz = sizeof(irq) };
	__u32 i;

	EQUAL(ioctl(u->device, VFIO_DEVICE_GET_INFO, &info), 0);
	EQUAL(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	EQUAL(info.num_regions, VFIO_PCI_NUM_REGIONS);
	EQUAL(info.num_irqs, VFIO_PCI_NUM_IRQS);
	EQUAL(u->region[REGS].size, NOVA_GUEST_REGS_BYTES);
	EQUAL(u->region[CFG].size, 4096);
	CHECK(u->region[FB].size >= 1 << 20 && u->region[FB].flags & VFIO_REGION_INFO_FLAG_MMAP);
	EQUAL(u->region[REGS].flags & VFIO_REGION_INFO_FLAG_MMAP, 0);
	EQUAL(u->region[1].size + u->region[3].size + u->region[VFIO_PCI_ROM_REGION_INDEX].size, 0);
	CHECK(ioctl(u->device, VFIO_DEVICE_GET_REGION_INFO, &region) && errno == EINVAL);
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		irq.index = i;
		EQUAL(ioctl(u->device, VFIO_DEVICE_GET_IRQ_INFO, &irq), 0);
		EQUAL(irq.count, i == MSIX ? NOVA_GUEST_VECTORS : 1);
	}
	irq.index = VFIO_PCI_NUM_IRQS;
	CHECK(ioctl(u->device, VFIO_DEVICE_GET_IRQ_INFO, &irq) && errno == EINVAL);
	info.argsz = 4;
	CHECK(ioctl(u->device, VFIO_DEVICE_GET_INFO, &info) && errno == EINVAL);
	CHECK(ioctl(u->device, VFIO_DEVICE_PCI_HOT_RESET, &info) && errno == ENOTTY);
}

static void capabilities(const __u8 *cfg)
{
	static const __u8 ids[] = { 0x01, 0x05, 0x11, 0x10 };
	__u32 at = cfg[0x34], i;

	for (i = 0; i < sizeof(ids); i++, at = cfg[at + 1])
		EQUAL(cfg[at], ids[i]);
	EQUAL(at, 0);
}

/* Every offset and length against one read of all of it; then all ones everywhere. */
static void check_config(struct user *u)
{
	__u8 all[4096], part[8], ones[4096];
	__u16 flr = 0x8000;
	__u32 off, len, i;

	EQUAL(region_read(u, CFG, 0, all, sizeof(all)), sizeof(all));
	EQUAL(all[0] | all[1] << 8, NOVA_GUEST_VENDOR_ID);
	EQUAL(all[2] | all[3] << 8, NOVA_GUEST_DEVICE_ID);
	EQUAL(all[0x0b] << 8 | all[0x0a], 0x0302);
	capabilities(all);
	for (off = 0; off < 300; off++) {
		for (len = 1; len <= 8; len++) {
			EQUAL(region_read(u, CFG, off, part, len), len);
			for (i = 0; i < len; i++)
				EQUAL(part[i], all[off + i]);
		}
	}
	EQUAL(region_read(u, CFG, 4093, part, 8), 3);
	EQUAL(region_read(u, CFG, 4096, part, 1), -EINVAL);
	memset(ones, 0xff, sizeof(ones));
	/* All but a function level reset */
	ones[DEVCTL + 1] = 0x7f;
	for (off = 0; off < 300; off++)
		for (len = 1; len <= 8; len++)
			EQUAL(region_write(u, CFG, off, ones + off, len), len);
	EQUAL(region_write(u, CFG, 0, ones, sizeof(ones)), sizeof(ones));
	EQUAL(region_read(u, CFG, 0, ones, sizeof(ones)), sizeof(ones));
	EQUAL(memcmp(all, ones, 4), 0);
	EQUAL(ones[4] | ones[5] << 8, 0x0406);
	/* Sizes of the BARs, as a guest finds them */
	EQUAL(ones[0x10] | ones[0x11] << 8 | ones[0x12] << 16 | (__u32)ones[0x13] << 24,
	      ~(__u32)(NOVA_GUEST_REGS_BYTES - 1));
	EQUAL((ones[0x18] | ones[0x19] << 8 | ones[0x1a] << 16 | (__u32)ones[0x1b] << 24) & ~15u,
	      (__u32)~(u->region[FB].size - 1));
	capabilities(ones);
	EQUAL(ones[0x100], 0);
	EQUAL(region_write(u, CFG, DEVCTL, &flr, 2), 2);
	EQUAL(region_read(u, CFG, 0, ones, sizeof(ones)), sizeof(ones));
	EQUAL(memcmp(all, ones, sizeof(all)), 0);
	command(u, MASTER);
	EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
	EQUAL(region_read(u, CFG, 0, ones, sizeof(ones)), sizeof(ones));
	EQUAL(memcmp(all, ones, sizeof(all)), 0);
}

static void check_regs(struct user *u)
{
	__u8 bytes[64];
	__u64 time[2];
	__u32 off, i, val;

	EQUAL(reg_read(u, NOVA_GUEST_ID), NOVA_GUEST_ID_VALUE);
	EQUAL(reg_read(u, NOVA_GUEST_VERSION), NOVA_GUEST_VERSION_VALUE);
	EQUAL(reg_read(u, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
	CHECK(reg_read(u, NOVA_GUEST_CHANNELS) >= 1);
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_ENGINE), 1);
	for (i = 0; i < 2; i++)
		EQUAL(region_read(u, REGS, NOVA_GUEST_TIME_LO, &time[i], 8), 8);
	CHECK(time[1] > time[0]);
	/* Bytes of a register, at any offset */
	EQUAL(region_read(u, REGS, 1, bytes, 2), 2);
	EQUAL(bytes[0] | bytes[1] << 8, NOVA_GUEST_ID_VALUE >> 8 & 0xffff);
	EQUAL(region_read(u, REGS, 3, bytes, 3), 3);
	EQUAL(bytes[1], NOVA_GUEST_VERSION_VALUE);
	/* Narrow writes are dropped, and so are those to what is not there. */
	off = NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_RING_LO;
	reg_write(u, off, 0x12345678);
	memset(bytes, 0xff, sizeof(bytes));
	for (i = 0; i < 4; i++)
		EQUAL(region_write(u, REGS, off + i, bytes, 1), 1);
	EQUAL(region_write(u, REGS, off + 1, bytes, 3), 3);
	EQUAL(region_write(u, REGS, off + 2, bytes, 2), 2);
	EQUAL(reg_read(u, off), 0x12345678);
	reg_write(u, NOVA_GUEST_ID, 0);
	EQUAL(reg_read(u, NOVA_GUEST_ID), NOVA_GUEST_ID_VALUE);
	/* All of it, then beyond it */
	for (off = 0; off < NOVA_GUEST_REGS_BYTES; off += 4)
		reg_write(u, off, 0xffffffff);
	for (off = 0; off < NOVA_GUEST_REGS_BYTES; off += 4)
		reg_read(u, off);
	EQUAL(region_read(u, REGS, NOVA_GUEST_REGS_BYTES - 2, &val, 4), 2);
	EQUAL(region_write(u, REGS, NOVA_GUEST_REGS_BYTES, &val, 4), -EINVAL);
	EQUAL(region_read(u, 1, 0, &val, 4), -EINVAL);
	CHECK(pread(u->device, &val, 4, 99LL << 40) < 0 && errno == EINVAL);
	EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_RING_LO), 0);
}

static __u8 *map_fb(struct user *u, __u64 off, size_t bytes, int flags)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, u->device,
		    (off_t)(u->region[FB].offset + off));
}

static void check_fb(struct user *u)
{
	__u64 size = u->region[FB].size;
	__u8 *fb = map_fb(u, 0, 1 << 20, MAP_SHARED), *last, buf[3000];
	pid_t child;
	int status;

	CHECK(fb != MAP_FAILED);
	EQUAL(fb[0] | fb[4096], 0);
	memset(fb, 0x5a, 8192);
	memset(buf, 0, sizeof(buf));
	EQUAL(region_read(u, FB, 3000, buf, sizeof(buf)), sizeof(buf));
	EQUAL(buf[0] & buf[2999], 0x5a);
	memset(buf, 0xa5, sizeof(buf));
	EQUAL(region_write(u, FB, 3333, buf, 1111), 1111);
	EQUAL(fb[3332] << 16 | fb[3333] << 8 | fb[4444], 0x5aa55a);
	last = map_fb(u, size - 4096, 4096, MAP_SHARED);
	CHECK(last != MAP_FAILED);
	last[4095] = 1;
	EQUAL(region_read(u, FB, size - 2, buf, 9), 2);
	EQUAL(buf[1], 1);
	CHECK(map_fb(u, size, 4096, MAP_SHARED) == MAP_FAILED && errno == EINVAL);
	CHECK(map_fb(u, size - 4096, 8192, MAP_SHARED) == MAP_FAILED && errno == EINVAL);
	CHECK(map_fb(u, 0, 4096, MAP_PRIVATE) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, u->device, (off_t)u->region[REGS].offset) ==
	      MAP_FAILED && errno == EINVAL);
	/* A child shares the mapping. */
	child = fork();
	if (!child) {
		fb[100000] = 7;
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
	EQUAL(fb[100000], 7);
	/* A reset zeroes it, and the mapping is still there. */
	EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
	EQUAL(fb[0] | fb[3333] | fb[100000] | last[4095], 0);
	fb[0] = 1;
}

/* Doorbell, work, fence, interrupt */
static void check_work(struct user *u)
{
	__u32 n = reg_read(u, NOVA_GUEST_CHANNELS), i, c;
	int fd[NOVA_GUEST_CHANNELS_MAX];

	user_map(u);
	command(u, MASTER);
	for (c = 0; c < n; c++) {
		fd[c] = hear(u, MSIX, c);
		channel_on(u, c, 64);
	}
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 0xff);
	for (c = 0; c < n; c++)
		for (i = 0; i < 5; i++)
			channel_work(u, c, i, MS / 2);
	for (c = 0; c < n; c++)
		reg_write(u, NOVA_GUEST_DOORBELL(c), 5);
	for (c = 0; c < n; c++) {
		CHECK(wait_fence(u, c, 5, WAIT_MS));
		CHECK(heard(fd[c], WAIT_MS));
		EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(c) + NOVA_GUEST_CHANNEL_DONE), 5);
		EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(c) + NOVA_GUEST_CHANNEL_GET), 5);
	}
	EQUAL(reg_read(u, NOVA_GUEST_INTR_STATUS) & 0xff, (1u << n) - 1);
	reg_write(u, NOVA_GUEST_INTR_STATUS, 0xff);
	EQUAL(reg_read(u, NOVA_GUEST_INTR_STATUS), 0);
	/* More than the GPU's ring takes at once, several times round the guest's. */
	for (i = 0; i < 64; i++)
		channel_work(u, 0, i, 1000);
	for (i = 5; i < 1000; i += 64) {
		reg_write(u, NOVA_GUEST_DOORBELL(0), i + 64);
		CHECK(wait_fence(u, 0, i + 64, WAIT_MS));
	}
}

/* What a guest does wrong stops its channel and nothing else. */
static void check_errors(struct user *u)
{
	__u32 at = NOVA_GUEST_CHANNEL(0);
	int fd = hear(u, MSIX, 0);

	user_map(u);
	command(u, MASTER);
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	/* More than the ring has */
	channel_on(u, 0, 16);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 17);
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_DOORBELL);
	CHECK(heard(fd, WAIT_MS));
	/* An entry of no length, one of too much, one with reserved bits */
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 0);
	channel_on(u, 0, 16);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(heard(fd, WAIT_MS));
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_WORK);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 0);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, ~0ULL);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(heard(fd, WAIT_MS));
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_WORK);
	/* A ring where there is no memory */
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 0);
	reg_write(u, at + NOVA_GUEST_RING_HI, 0x77);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 1);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(heard(fd, WAIT_MS));
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_DMA);
	/* Addresses and sizes that cannot be */
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 0);
	reg_write(u, at + NOVA_GUEST_RING_ENTRIES, 3);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 1);
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_RING);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 0);
	reg_write(u, at + NOVA_GUEST_RING_HI, 0xffffffff);
	reg_write(u, at + NOVA_GUEST_RING_LO, 0xfffffff0);
	reg_write(u, at + NOVA_GUEST_RING_ENTRIES, 16);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 1);
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_RING);
	/* And it goes on after all that. */
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 0);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
}

/* Without bus mastering nothing is read or written; with it, all goes on. */
static void check_master(struct user *u)
{
	user_map(u);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(!wait_fence(u, 0, 1, 100));
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_GET), 0);
	command(u, MASTER);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
}

static void check_msix(struct user *u)
{
	__u32 flags = TRIGGER_EVENTFD, i;
	__s32 fds[NOVA_GUEST_VECTORS], bad = -2;
	int fd;

	user_map(u);
	command(u, MASTER);
	channel_on(u, 0, 16);
	for (i = 0; i < 16; i++)
		channel_work(u, 0, i, 1000);
	/* Nobody hears it yet; it comes as soon as somebody does. */
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
	usleep(10000);
	fd = hear(u, MSIX, 0);
	EQUAL(heard(fd, WAIT_MS), 1);
	EQUAL(heard(fd, 50), 0);
	/* An eventfd taken away, and another given */
	bad = -1;
	EQUAL(set_irqs(u, MSIX, flags, 0, 1, &bad, 4), 0);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 2);
	CHECK(wait_fence(u, 0, 2, WAIT_MS));
	EQUAL(heard(fd, 50), 0);
	close(fd);
	fd = hear(u, MSIX, 0);
	EQUAL(heard(fd, WAIT_MS), 1);
	/* All at once, raised by hand */
	for (i = 0; i < NOVA_GUEST_VECTORS; i++)
		fds[i] = fd;
	EQUAL(set_irqs(u, MSIX, flags, 0, NOVA_GUEST_VECTORS, fds, sizeof(fds)), 0);
	EQUAL(set_irqs(u, MSIX, TRIGGER_NONE, 2, 3, NULL, 0), 0);
	EQUAL(heard(fd, WAIT_MS), 3);
	/* What is not allowed */
	EQUAL(set_irqs(u, MSIX, flags, NOVA_GUEST_VECTORS, 1, fds, 4), -EINVAL);
	EQUAL(set_irqs(u, MSIX, flags, 1, NOVA_GUEST_VECTORS, fds, sizeof(fds)), -EINVAL);
	EQUAL(set_irqs(u, MSIX, flags, 0, 0xffffffff, fds, 4), -EINVAL);
	EQUAL(set_irqs(u, MSIX, flags, 0, 1, NULL, 0), -EINVAL);
	bad = -2;
	EQUAL(set_irqs(u, MSIX, flags, 0, 1, &bad, 4), -EINVAL);
	bad = 9999;
	EQUAL(set_irqs(u, MSIX, flags, 0, 1, &bad, 4), -EBADF);
	bad = u->device;
	EQUAL(set_irqs(u, MSIX, flags, 0, 1, &bad, 4), -EINVAL);
	EQUAL(set_irqs(u, MSIX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK, 0, 1, NULL, 0),
	      -ENOTTY);
	EQUAL(set_irqs(u, VFIO_PCI_MSI_IRQ_INDEX, flags, 0, 1, fds, 4), -EINVAL);
	EQUAL(set_irqs(u, VFIO_PCI_NUM_IRQS, flags, 0, 1, fds, 4), -EINVAL);
	EQUAL(set_irqs(u, MSIX, TRIGGER_NONE, 0, 0, NULL, 0), 0);
	/* MSI: one for all */
	close(fd);
	fd = hear(u, VFIO_PCI_MSI_IRQ_INDEX, 0);
	heard(fd, 50);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 3);
	EQUAL(heard(fd, WAIT_MS), 1);
}

/* Level: it masks itself, and comes again once unmasked unless the cause was cleared. */
static void check_intx(struct user *u)
{
	__u32 unmask = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK;
	__u32 mask = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK;
	__u16 status;
	int fd;

	user_map(u);
	command(u, MASTER);
	fd = hear(u, VFIO_PCI_INTX_IRQ_INDEX, 0);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	channel_work(u, 0, 1, 1000);
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	EQUAL(heard(fd, WAIT_MS), 1);
	EQUAL(region_read(u, CFG, 6, &status, 2), 2);
	CHECK(status & 8);
	EQUAL(set_irqs(u, VFIO_PCI_INTX_IRQ_INDEX, unmask, 0, 1, NULL, 0), 0);
	EQUAL(heard(fd, WAIT_MS), 1);
	reg_write(u, NOVA_GUEST_INTR_STATUS, 1);
	EQUAL(set_irqs(u, VFIO_PCI_INTX_IRQ_INDEX, unmask, 0, 1, NULL, 0), 0);
	EQUAL(heard(fd, 50), 0);
	EQUAL(region_read(u, CFG, 6, &status, 2), 2);
	CHECK(!(status & 8));
	/* Masked by the user, then off by the guest */
	EQUAL(set_irqs(u, VFIO_PCI_INTX_IRQ_INDEX, mask, 0, 1, NULL, 0), 0);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 2);
	CHECK(wait_fence(u, 0, 2, WAIT_MS));
	EQUAL(heard(fd, 50), 0);
	command(u, MASTER | 0x400);
	EQUAL(set_irqs(u, VFIO_PCI_INTX_IRQ_INDEX, unmask, 0, 1, NULL, 0), 0);
	EQUAL(heard(fd, 50), 0);
	command(u, MASTER);
	EQUAL(heard(fd, WAIT_MS), 1);
}

/* A reset under load, and while others reset too. */
static void check_reset(struct user *u)
{
	__u32 i, round;
	pid_t child;
	int status;

	user_map(u);
	for (round = 0; round < 3; round++) {
		command(u, MASTER);
		channel_on(u, 0, 1024);
		for (i = 0; i < 1000; i++)
			channel_work(u, 0, i, MS);
		reg_write(u, NOVA_GUEST_DOORBELL(0), 1000);
		usleep(20000);
		EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
		EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_STATE), 0);
		EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_DONE), 0);
	}
	child = fork();
	for (i = 0; i < 5; i++)
		EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
	if (!child)
		_exit(0);
	CHECK(waitpid(child, &status, 0) == child && !status);
	command(u, MASTER);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
}

/* Memory unmapped under work: the channel stops, the device goes on. */
static void check_unmap(struct user *u)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = MEM_IOVA, .size = MEM_BYTES,
	};
	__u32 i;

	user_map(u);
	command(u, MASTER);
	channel_on(u, 0, 64);
	for (i = 0; i < 64; i++)
		channel_work(u, 0, i, MS);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 64);
	CHECK(wait_fence(u, 0, 1, WAIT_MS) || *channel_fence(u, 0));
	EQUAL(ioctl(u->container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	EQUAL(unmap.size, MEM_BYTES);
	/* If all of it was taken, and even done, by now: one more */
	reg_write(u, NOVA_GUEST_DOORBELL(0), 65);
	for (i = 0; i < WAIT_MS; i++) {
		if (reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_STATE) !=
		    NOVA_GUEST_ON)
			break;
		usleep(1000);
	}
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_DMA);
	EQUAL(reg_read(u, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
}

static void check_open_close(struct user *u)
{
	(void)u;
}

/* Two devices in one container: each its own state and framebuffer. */
static void check_two(struct user *a, const char *uuid)
{
	__u8 *fa, *fb;
	struct user b;

	EQUAL(user_try(&b, uuid, a->container), 0);
	user_map(a);
	b.mem = a->mem;
	command(a, MASTER);
	command(&b, MASTER);
	channel_on(a, 0, 16);
	channel_on(&b, 1, 16);
	EQUAL(reg_read(a, NOVA_GUEST_CHANNEL(1) + NOVA_GUEST_CHANNEL_STATE), NOVA_GUEST_OFF);
	channel_work(a, 0, 0, MS);
	channel_work(&b, 1, 0, MS);
	reg_write(a, NOVA_GUEST_DOORBELL(0), 1);
	reg_write(&b, NOVA_GUEST_DOORBELL(1), 1);
	CHECK(wait_fence(a, 0, 1, WAIT_MS));
	CHECK(wait_fence(&b, 1, 1, WAIT_MS));
	fa = map_fb(a, 0, 4096, MAP_SHARED);
	fb = map_fb(&b, 0, 4096, MAP_SHARED);
	CHECK(fa != MAP_FAILED && fb != MAP_FAILED);
	memset(fa, 1, 4096);
	EQUAL(fb[0] | fb[4095], 0);
	b.mem = NULL;
	user_close(&b);
}

static void raise_intx(struct user *u, int fd)
{
	command(u, MASTER);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	EQUAL(heard(fd, WAIT_MS), 1);
}

/* What is written to one of them unmasks the other. */
static void cross(struct user *a, int ea, struct user *b, int eb)
{
	__u32 i;

	EQUAL(set_irqs(a, VFIO_PCI_INTX_IRQ_INDEX, UNMASK_EVENTFD, 0, 1, &eb, 4), 0);
	EQUAL(set_irqs(b, VFIO_PCI_INTX_IRQ_INDEX, UNMASK_EVENTFD, 0, 1, &ea, 4), 0);
	EQUAL(write(ea, &(__u64){ 1 }, 8), 8);
	for (i = 0; i < 200; i++) {
		EQUAL(reg_read(a, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
		EQUAL(reg_read(b, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
		usleep(1000);
	}
}

/*
 * The interrupt of each device unmasks the other one, both are raised and nobody clears
 * them: they raise each other for as long as that lasts, and all else works.
 */
static void check_crossed(struct user *a, const char *uuid)
{
	__u32 index = VFIO_PCI_INTX_IRQ_INDEX;
	struct user b;
	int ea, eb;

	EQUAL(user_try(&b, uuid, a->container), 0);
	user_map(a);
	b.mem = a->mem;
	ea = hear(a, index, 0);
	eb = hear(&b, index, 0);
	raise_intx(a, ea);
	raise_intx(&b, eb);
	cross(a, ea, &b, eb);
	/* One of them ends it in the middle of that, and begins again; then the other goes. */
	EQUAL(set_irqs(a, index, TRIGGER_NONE, 0, 0, NULL, 0), 0);
	ea = hear(a, index, 0);
	cross(a, ea, &b, eb);
	b.mem = NULL;
	user_close(&b);
	/* With no cause it is quiet. */
	reg_write(a, NOVA_GUEST_INTR_STATUS, 1);
	heard(ea, 0);
	EQUAL(write(eb, &(__u64){ 1 }, 8), 8);
	EQUAL(heard(ea, 100), 0);
}

/* Until it is killed, or until it is asked to give the device back. */
static void check_hold(struct user *u)
{
	int req = hear(u, VFIO_PCI_REQ_IRQ_INDEX, 0);
	__u32 i;

	user_map(u);
	command(u, MASTER);
	channel_on(u, 0, 1024);
	for (i = 0; i < 1024; i++)
		channel_work(u, 0, i, MS);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1024);
	printf("open\n");
	fflush(stdout);
	CHECK(heard(req, 60000));
	printf("asked\n");
}

/* Until the GPU loses the vGPU; then a reset brings it back. */
static void check_lost(struct user *u)
{
	int event = hear(u, MSIX, NOVA_GUEST_VECTOR_EVENT);
	int err = hear(u, VFIO_PCI_ERR_IRQ_INDEX, 0);
	__u32 i;

	user_map(u);
	command(u, MASTER);
	reg_write(u, NOVA_GUEST_INTR_ENABLE, NOVA_GUEST_INTR_EVENT);
	channel_on(u, 0, 16);
	printf("open\n");
	fflush(stdout);
	CHECK(heard(err, 60000));
	CHECK(heard(event, WAIT_MS));
	EQUAL(reg_read(u, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_LOST);
	CHECK(reg_read(u, NOVA_GUEST_INTR_STATUS) & NOVA_GUEST_INTR_EVENT);
	for (i = 0; i < 1000 && ioctl(u->device, VFIO_DEVICE_RESET); i++) {
		CHECK(errno == EAGAIN);
		usleep(10000);
	}
	EQUAL(reg_read(u, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
	command(u, MASTER);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
	printf("back\n");
}

/* Resets the device for each line of stdin, and says what became of it. */
static void check_obey(struct user *u)
{
	char line[16];

	printf("open\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		printf("%s\n", ioctl(u->device, VFIO_DEVICE_RESET) ? strerror(errno) : "ok");
		fflush(stdout);
	}
}

static const struct {
	const char *name;
	void (*run)(struct user *u);
} checks[] = {
	{ "info", check_info },
	{ "config", check_config },
	{ "regs", check_regs },
	{ "fb", check_fb },
	{ "work", check_work },
	{ "errors", check_errors },
	{ "master", check_master },
	{ "msix", check_msix },
	{ "intx", check_intx },
	{ "reset", check_reset },
	{ "unmap", check_unmap },
	{ "open", check_open_close },
	{ "hold", check_hold },
	{ "lost", check_lost },
	{ "obey", check_obey },
	{ }
};

static const struct {
	const char *name;
	void (*run)(struct user *u, const char *uuid);
} pairs[] = {
	{ "two", check_two },
	{ "crossed", check_crossed },
	{ }
};

int main(int argc, char **argv)
{
	struct user u;
	size_t i;

	if (argc < 3) {
		fprintf(stderr, "usage: vfio_direct CHECK UUID [UUID]\n");
		return 2;
	}
	user_open(&u, argv[2]);
	for (i = 0; argc == 4 && pairs[i].name; i++) {
		if (strcmp(pairs[i].name, argv[1]))
			continue;
		pairs[i].run(&u, argv[3]);
		user_close(&u);
		return 0;
	}
	for (i = 0; checks[i].name; i++) {
		if (strcmp(checks[i].name, argv[1]))
			continue;
		checks[i].run(&u);
		user_close(&u);
		return 0;
	}
	fprintf(stderr, "vfio_direct: no check '%s'\n", argv[1]);
	return 2;
}
