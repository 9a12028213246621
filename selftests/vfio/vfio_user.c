// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of one VFIO device, for tests: through the group interface, or with VFIO_CDEV
 * in the environment through the file of the device and iommufd.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "vfio_user.h"

/* Headers of 6.1 lack these. */
#define BIND_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 18)
#define ATTACH_PT	_IO(VFIO_TYPE, VFIO_BASE + 19)
#define IOAS_ALLOC	_IO(';', 0x81)
#define VFIO_IOAS	_IO(';', 0x88)
#define VFIO_IOAS_SET	1

struct bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 devid;
};

struct attach_pt {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
};

struct ioas_alloc {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
};

struct vfio_ioas {
	__u32 size;
	__u32 ioas_id;
	__u16 op;
	__u16 reserved;
};

#define ENTRY_BYTES	16
#define RING_AT(n)	(0x10000u * ((n) + 1))
#define FENCE_AT(n)	(64u * (n))

void wrong(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

static int open_group(const char *uuid)
{
	char path[128], link[256];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(link, '/') + 1);
	n = open(path, O_RDWR | O_CLOEXEC);
	return n < 0 ? -errno : n;
}

static int get_device(struct user *u, const char *uuid, bool shared)
{
	u->group = open_group(uuid);
	if (u->group < 0)
		return u->group;
	if (ioctl(u->group, VFIO_GROUP_SET_CONTAINER, &u->container))
		return -errno;
	if (!shared && ioctl(u->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	u->device = ioctl(u->group, VFIO_GROUP_GET_DEVICE_FD, uuid);
	return u->device < 0 ? -errno : 0;
}

/* /sys/bus/mdev/devices/UUID/vfio-dev/vfioN is /dev/vfio/devices/vfioN. */
static int open_cdev(const char *uuid)
{
	char path[300];
	struct dirent *e;
	int fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/vfio-dev", uuid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	errno = ENOENT;
	while (fd < 0 && (e = readdir(dir))) {
		if (strncmp(e->d_name, "vfio", 4))
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s", e->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	fd = fd < 0 ? -errno : fd;
	closedir(dir);
	return fd;
}

/* An address space of the iommufd, for which VFIO's own ioctls work too. */
static int get_cdev(struct user *u, const char *uuid, bool shared)
{
	struct ioas_alloc alloc = { .size = sizeof(alloc) };
	struct vfio_ioas ioas = { .size = sizeof(ioas) };
	struct bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = u->container };
	struct attach_pt attach = { .argsz = sizeof(attach) };

	u->device = open_cdev(uuid);
	if (u->device < 0)
		return u->device;
	if (ioctl(u->device, BIND_IOMMUFD, &bind))
		return -errno;
	if (!shared) {
		if (ioctl(u->container, IOAS_ALLOC, &alloc))
			return -errno;
		ioas.ioas_id = alloc.ioas_id;
		ioas.op = VFIO_IOAS_SET;
	}
	if (ioctl(u->container, VFIO_IOAS, &ioas))
		return -errno;
	attach.pt_id = ioas.ioas_id;
	return ioctl(u->device, ATTACH_PT, &attach) ? -errno : 0;
}

int user_try(struct user *u, const char *uuid, int container)
{
	bool cdev = getenv("VFIO_CDEV");
	__u32 i;
	int err;

	memset(u, 0, sizeof(*u));
	u->group = -1;
	u->device = -1;
	u->container = container >= 0 ? dup(container) :
		open(cdev ? "/dev/iommu" : "/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (u->container < 0)
		return -errno;
	err = cdev ? get_cdev(u, uuid, container >= 0) : get_device(u, uuid, container >= 0);
	if (err) {
		user_close(u);
		return err;
	}
	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		u->region[i].argsz = sizeof(u->region[i]);
		u->region[i].index = i;
		if (ioctl(u->device, VFIO_DEVICE_GET_REGION_INFO, &u->region[i]))
			WRONG("region %u: %s", i, strerror(errno));
	}
	return 0;
}

void user_open(struct user *u, const char *uuid)
{
	int err = user_try(u, uuid, -1);

	if (err)
		WRONG("cannot open %s: %s", uuid, strerror(-err));
}

void user_close(struct user *u)
{
	if (u->device >= 0)
		close(u->device);
	if (u->group >= 0)
		close(u->group);
	if (u->container >= 0)
		close(u->container);
	if (u->mem)
		munmap(u->mem, MEM_BYTES);
	u->mem = NULL;
}

void user_map(struct user *u)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = MEM_IOVA,
		.size = MEM_BYTES,
	};

	u->mem = mmap(NULL, MEM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(u->mem != MAP_FAILED);
	map.vaddr = (uintptr_t)u->mem;
	if (ioctl(u->container, VFIO_IOMMU_MAP_DMA, &map))
		WRONG("MAP_DMA: %s", strerror(errno));
}

long region_read(struct user *u, unsigned int index, __u64 off, void *buf, size_t len)
{
	ssize_t n = pread(u->device, buf, len, u->region[index].offset + off);

	return n < 0 ? -errno : n;
}

long region_write(struct user *u, unsigned int index, __u64 off, const void *buf, size_t len)
{
	ssize_t n = pwrite(u->device, buf, len, u->region[index].offset + off);

	return n < 0 ? -errno : n;
}

__u32 reg_read(struct user *u, __u32 off)
{
	__u32 val;

	EQUAL(region_read(u, NOVA_GUEST_BAR_REGS, off, &val, sizeof(val)), sizeof(val));
	return val;
}

void reg_write(struct user *u, __u32 off, __u32 val)
{
	EQUAL(region_write(u, NOVA_GUEST_BAR_REGS, off, &val, sizeof(val)), sizeof(val));
}

void command(struct user *u, __u16 bits)
{
	EQUAL(region_write(u, VFIO_PCI_CONFIG_REGION_INDEX, 4, &bits, sizeof(bits)), sizeof(bits));
}

int set_irqs(struct user *u, __u32 index, __u32 flags, __u32 start, __u32 count,
	     const void *data, size_t bytes)
{
	__u8 buf[256] = {};
	struct vfio_irq_set *set = (void *)buf;

	CHECK(sizeof(*set) + bytes <= sizeof(buf));
	set->argsz = sizeof(*set) + bytes;
	set->index = index;
	set->flags = flags;
	set->start = start;
	set->count = count;
	if (bytes)
		memcpy(set->data, data, bytes);
	return ioctl(u->device, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

int hear(struct user *u, __u32 index, __u32 vector)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), err;

	CHECK(fd >= 0);
	err = set_irqs(u, index, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, vector,
		       1, &fd, sizeof(int));
	if (err)
		WRONG("eventfd of interrupt %u.%u: %s", index, vector, strerror(-err));
	return fd;
}

__u64 heard(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	__u64 n;

	if (poll(&p, 1, ms) != 1 || read(fd, &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}

void channel_on(struct user *u, __u32 n, __u32 entries)
{
	__u32 at = NOVA_GUEST_CHANNEL(n);

	memset(u->mem + RING_AT(n), 0, entries * ENTRY_BYTES);
	*channel_fence(u, n) = 0;
	reg_write(u, at + NOVA_GUEST_RING_LO, MEM_IOVA + RING_AT(n));
	reg_write(u, at + NOVA_GUEST_RING_HI, 0);
	reg_write(u, at + NOVA_GUEST_RING_ENTRIES, entries);
	reg_write(u, at + NOVA_GUEST_FENCE_LO, MEM_IOVA + FENCE_AT(n));
	reg_write(u, at + NOVA_GUEST_FENCE_HI, 0);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 1);
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_STATE), NOVA_GUEST_ON);
}

void channel_work(struct user *u, __u32 n, __u32 at, __u64 length_ns)
{
	struct nova_guest_work *w = (void *)(u->mem + RING_AT(n));

	w[at] = (struct nova_guest_work) { .length_ns = length_ns };
}

__u64 *channel_fence(struct user *u, __u32 n)
{
	return (void *)(u->mem + FENCE_AT(n));
}

bool wait_fence(struct user *u, __u32 n, __u64 want, int ms)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	for (; ms > 0; ms--) {
		if (__atomic_load_n(channel_fence(u, n), __ATOMIC_ACQUIRE) == want)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}
