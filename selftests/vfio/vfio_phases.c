// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VFIO device of a vGPU: accesses of every size and offset, every kind of
 * interrupt, and users who go at any moment.
 *	vfio_phases CHECK UUID
 * Exit status 0 where all is as it should be; else 1, with one line on stderr.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "vfio_user.h"

#define MS		1000000ULL
#define CFG		VFIO_PCI_CONFIG_REGION_INDEX
#define REGS		NOVA_GUEST_BAR_REGS
#define FB		NOVA_GUEST_BAR_FB
#define INTX		VFIO_PCI_INTX_IRQ_INDEX
#define MASTER		0x0006
#define TRIGGER		VFIO_IRQ_SET_ACTION_TRIGGER
#define UNMASK		VFIO_IRQ_SET_ACTION_UNMASK
#define EVENTFD		VFIO_IRQ_SET_DATA_EVENTFD
#define NONE		VFIO_IRQ_SET_DATA_NONE
#define BOOL		VFIO_IRQ_SET_DATA_BOOL
#define WAIT_MS		20000
/* Nothing is expected; what comes wrongly comes at once. */
#define QUIET_MS	50

static const char *the_uuid;

static void back(struct user *u);

/* ---- sizes and offsets */

/* One region: each offset of a range in each size, against all of it as bytes. */
static void each_size(struct user *u, __u32 index, __u64 from, __u64 to, const __u8 *want)
{
	__u64 size = u->region[index].size, off;
	__u8 got[8];
	long n, i;

	for (off = from; off < to; off++) {
		for (n = 1; n <= 8; n++) {
			long there = off >= size ? -EINVAL :
				     off + n > size ? (long)(size - off) : n;

			memset(got, 0xee, sizeof(got));
			if (region_read(u, index, off, got, n) != there)
				WRONG("region %u offset 0x%llx size %ld", index,
				      (unsigned long long)off, n);
			for (i = 0; want && i < there; i++)
				if (got[i] != want[off - from + i])
					WRONG("region %u offset 0x%llx size %ld: byte %ld", index,
					      (unsigned long long)off, n, i);
			for (i = there < 0 ? 0 : there; i < 8; i++)
				EQUAL(got[i], 0xee);
		}
	}
}

/* Offsets that wrap, or belong to no region */
static void nowhere(struct user *u)
{
	static const __u64 off[] = {
		0xffffffffffULL, 0xfffffffff8ULL, 1ULL << 39, 1ULL << 63, ~0ULL, ~0ULL - 7,
	};
	__u8 buf[8] = {};
	__u64 index;
	__u32 i;

	for (i = 0; i < ARRAY_SIZE(off); i++) {
		for (index = 0; index < 16; index++) {
			off_t at = (off_t)(off[i] | index << 40);

			CHECK(pread(u->device, buf, 8, at) < 0 && errno == EINVAL);
			CHECK(pwrite(u->device, buf, 8, at) < 0 && errno == EINVAL);
		}
	}
	for (index = 0; index < 256; index++) {
		if (index < VFIO_PCI_NUM_REGIONS && u->region[index].size)
			continue;
		CHECK(pread(u->device, buf, 1, (off_t)(index << 40)) < 0 && errno == EINVAL);
		CHECK(pwrite(u->device, buf, 1, (off_t)(index << 40)) < 0 && errno == EINVAL);
	}
}

static void check_sizes(struct user *u)
{
	__u64 end = u->region[FB].size;
	__u8 all[0x2108], *map;
	__u32 i;

	/* Times change, and are told apart from the rest: 0x18 .. 0x1f. */
	EQUAL(region_read(u, REGS, 0, all, 0x18), 0x18);
	each_size(u, REGS, 0, 0x10, all);
	EQUAL(region_read(u, REGS, 0x20, all, 0x20e8), 0x20e8);
	each_size(u, REGS, 0x20, 0x2100, all);
	each_size(u, REGS, NOVA_GUEST_REGS_BYTES - 16, NOVA_GUEST_REGS_BYTES + 16, NULL);
	EQUAL(region_read(u, CFG, 0, all, 4096), 4096);
	each_size(u, CFG, 0, 4096 + 16, all);
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, u->device,
		   (off_t)u->region[FB].offset);
	CHECK(map != MAP_FAILED);
	for (i = 0; i < 8192; i++)
		map[i] = i * 7 + i / 256;
	memcpy(all, map, 8192);
	each_size(u, FB, 0, 64, all);
	each_size(u, FB, 4096 - 64, 4096 + 64, all + 4096 - 64);
	each_size(u, FB, end - 16, end + 16, NULL);
	EQUAL(region_write(u, FB, end - 3, all, 8), 3);
	EQUAL(region_write(u, FB, end, all, 8), -EINVAL);
	EQUAL(region_write(u, CFG, 4095, all, 8), 1);
	EQUAL(region_write(u, CFG, 4096, all, 8), -EINVAL);
	nowhere(u);
	munmap(map, 8192);
}

/* ---- interrupts */

/* Given, taken, given again; raised by hand in each way; ended, and begun again. */
static void one_kind(struct user *u, __u32 index, __u32 count)
{
	__u32 trigger = EVENTFD | TRIGGER, i, round;
	__s32 fd[NOVA_GUEST_VECTORS], none = -1;
	__u8 yes = 1, no = 0;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < count; i++) {
			fd[i] = hear(u, index, i);
			EQUAL(heard(fd[i], 0), 0);
			EQUAL(set_irqs(u, index, NONE | TRIGGER, i, 1, NULL, 0), 0);
			EQUAL(heard(fd[i], WAIT_MS), 1);
			EQUAL(set_irqs(u, index, BOOL | TRIGGER, i, 1, &yes, 1), 0);
			EQUAL(heard(fd[i], WAIT_MS), 1);
			EQUAL(set_irqs(u, index, BOOL | TRIGGER, i, 1, &no, 1), 0);
			EQUAL(heard(fd[i], 0), 0);
		}
		/* Taken away: nobody hears it. */
		EQUAL(set_irqs(u, index, trigger, count - 1, 1, &none, 4), 0);
		EQUAL(set_irqs(u, index, NONE | TRIGGER, count - 1, 1, NULL, 0), 0);
		EQUAL(heard(fd[count - 1], 0), 0);
		EQUAL(set_irqs(u, index, trigger, count - 1, 1, &fd[count - 1], 4), 0);
		EQUAL(set_irqs(u, index, NONE | TRIGGER, count - 1, 1, NULL, 0), 0);
		EQUAL(heard(fd[count - 1], WAIT_MS), 1);
		/* An eventfd that its owner closes stays until another comes. */
		close(fd[0]);
		EQUAL(set_irqs(u, index, NONE | TRIGGER, 0, 1, NULL, 0), 0);
		EQUAL(set_irqs(u, index, NONE | TRIGGER, 0, 0, NULL, 0), 0);
		for (i = 1; i < count; i++)
			close(fd[i]);
	}
}

static void check_kinds(struct user *u)
{
	static const __u32 kinds[] = {
		INTX, VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_ERR_IRQ_INDEX,
		VFIO_PCI_REQ_IRQ_INDEX,
	};
	__u32 i, other;
	int fd;

	for (i = 0; i < 5; i++)
		one_kind(u, kinds[i], kinds[i] == VFIO_PCI_MSIX_IRQ_INDEX ? NOVA_GUEST_VECTORS : 1);
	/* One kind of vectors at a time, the others beside it. */
	for (i = 0; i < 3; i++) {
		fd = hear(u, kinds[i], 0);
		for (other = 0; other < 5; other++)
			EQUAL(set_irqs(u, kinds[other], EVENTFD | TRIGGER, 0, 1, &fd, 4),
			      other < 3 && other != i ? -EINVAL : 0);
		EQUAL(set_irqs(u, kinds[i], NONE | TRIGGER, 0, 0, NULL, 0), 0);
		close(fd);
	}
}

static int unmask_by(struct user *u, int fd)
{
	return set_irqs(u, INTX, EVENTFD | UNMASK, 0, 1, &fd, 4);
}

static void poke(int fd)
{
	__u64 one = 1;

	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
}

/* As QEMU does it: INTx is raised, and unmasked by an eventfd each time. */
static void check_unmask(struct user *u)
{
	int fd = eventfd(0, EFD_NONBLOCK), other = eventfd(0, EFD_NONBLOCK), raised, i;

	EQUAL(unmask_by(u, fd), -EINVAL);
	raised = hear(u, INTX, 0);
	EQUAL(unmask_by(u, raised), -EINVAL);
	EQUAL(unmask_by(u, u->device), -EINVAL);
	EQUAL(unmask_by(u, 9999), -EBADF);
	EQUAL(unmask_by(u, -2), -EINVAL);
	EQUAL(unmask_by(u, fd), 0);
	EQUAL(set_irqs(u, INTX, EVENTFD | TRIGGER, 0, 1, &fd, 4), -EINVAL);
	EQUAL(set_irqs(u, INTX, EVENTFD | VFIO_IRQ_SET_ACTION_MASK, 0, 1, &other, 4), -ENOTTY);
	user_map(u);
	command(u, MASTER);
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	channel_work(u, 0, 1, 1000);
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	for (i = 0; i < 5; i++) {
		EQUAL(heard(raised, WAIT_MS), 1);
		EQUAL(heard(raised, QUIET_MS), 0);
		poke(fd);
	}
	EQUAL(heard(raised, WAIT_MS), 1);
	/* The cause is gone: unmasked, and quiet until the next. */
	reg_write(u, NOVA_GUEST_INTR_STATUS, 1);
	poke(fd);
	EQUAL(heard(raised, QUIET_MS), 0);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 2);
	EQUAL(heard(raised, WAIT_MS), 1);
	/* Another one takes its place; then none does; then one that was written to before. */
	EQUAL(unmask_by(u, other), 0);
	poke(fd);
	EQUAL(heard(raised, QUIET_MS), 0);
	poke(other);
	EQUAL(heard(raised, WAIT_MS), 1);
	EQUAL(unmask_by(u, -1), 0);
	poke(other);
	EQUAL(heard(raised, QUIET_MS), 0);
	EQUAL(unmask_by(u, other), 0);
	EQUAL(heard(raised, WAIT_MS), 1);
	/* Closed by its owner, and another given */
	close(other);
	EQUAL(unmask_by(u, fd), 0);
	EQUAL(heard(raised, WAIT_MS), 1);
	EQUAL(set_irqs(u, INTX, NONE | TRIGGER, 0, 0, NULL, 0), 0);
	EQUAL(unmask_by(u, fd), -EINVAL);
}

/* ---- memory */

/* Pages that are pinned, in KiB: the kernel counts them as locked. */
static __u64 locked_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	__u64 kb = ~0ULL;

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmLck: %llu", (unsigned long long *)&kb) == 1)
			break;
	fclose(f);
	return kb;
}

static void unmap(struct user *u)
{
	struct vfio_iommu_type1_dma_unmap arg = {
		.argsz = sizeof(arg), .iova = MEM_IOVA, .size = MEM_BYTES,
	};

	EQUAL(ioctl(u->container, VFIO_IOMMU_UNMAP_DMA, &arg), 0);
	EQUAL(arg.size, MEM_BYTES);
}

static void map_again(struct user *u)
{
	struct vfio_iommu_type1_dma_map arg = {
		.argsz = sizeof(arg), .iova = MEM_IOVA, .size = MEM_BYTES,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)u->mem,
	};

	EQUAL(ioctl(u->container, VFIO_IOMMU_MAP_DMA, &arg), 0);
}

static void work_once(struct user *u)
{
	channel_on(u, 0, 16);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
}

static void off(struct user *u, __u32 n)
{
	reg_write(u, NOVA_GUEST_CHANNEL(n) + NOVA_GUEST_CHANNEL_CTRL, 0);
}

/* Pages are pinned while a channel is on, and by no end of it are they forgotten. */
static void check_pins(struct user *u)
{
	__u32 at = NOVA_GUEST_CHANNEL(0);

	user_map(u);
	command(u, MASTER);
	EQUAL(locked_kb(), 0);
	channel_on(u, 0, 1024);
	/* 4 of the ring, 1 of the fence */
	EQUAL(locked_kb(), 20);
	channel_on(u, 1, 16);
	EQUAL(locked_kb(), 24);
	off(u, 1);
	EQUAL(locked_kb(), 20);
	off(u, 0);
	EQUAL(locked_kb(), 0);
	/* Stopped by an error */
	channel_on(u, 0, 16);
	EQUAL(locked_kb(), 8);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 17);
	EQUAL(reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR), NOVA_GUEST_ERR_DOORBELL);
	EQUAL(locked_kb(), 0);
	/* Half of the ring has no memory: nothing is kept of the other half. */
	off(u, 0);
	reg_write(u, at + NOVA_GUEST_RING_LO, MEM_IOVA + MEM_BYTES - 4096);
	reg_write(u, at + NOVA_GUEST_RING_ENTRIES, 512);
	reg_write(u, at + NOVA_GUEST_CHANNEL_CTRL, 1);
	EQUAL(locked_kb(), 4);
	EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
	EQUAL(locked_kb(), 0);
	/* The user takes the memory away, gives it again, and the channel goes on. */
	command(u, MASTER);
	channel_on(u, 0, 16);
	EQUAL(locked_kb(), 8);
	unmap(u);
	EQUAL(locked_kb(), 0);
	map_again(u);
	channel_work(u, 0, 0, 1000);
	reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
	CHECK(wait_fence(u, 0, 1, WAIT_MS));
	off(u, 0);
	/* Long after that it is pinned again. */
	usleep(300000);
	work_once(u);
	EQUAL(locked_kb(), 8);
}

/* Ring and fence in the window of the framebuffer: it is not pinned, and works. */
static void check_own_memory(struct user *u)
{
	struct vfio_iommu_type1_dma_map arg = {
		.argsz = sizeof(arg), .iova = MEM_IOVA, .size = MEM_BYTES,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
	};

	u->mem = mmap(NULL, MEM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, u->device,
		      (off_t)u->region[FB].offset);
	CHECK(u->mem != MAP_FAILED);
	arg.vaddr = (uintptr_t)u->mem;
	EQUAL(ioctl(u->container, VFIO_IOMMU_MAP_DMA, &arg), 0);
	command(u, MASTER);
	work_once(u);
	EQUAL(locked_kb(), 0);
}

struct load {
	struct user *u;
	volatile bool stop;
	__u32 rounds;
};

static void *unmap_all_the_time(void *arg)
{
	struct load *l = arg;

	while (!l->stop) {
		unmap(l->u);
		map_again(l->u);
		l->rounds++;
	}
	return NULL;
}

/* Memory comes and goes under work: it is done, or the channel says that it could not. */
static void check_unmap_load(struct user *u)
{
	struct load l = { .u = u };
	__u32 at = NOVA_GUEST_CHANNEL(0), i, error, round;
	pthread_t thread;

	user_map(u);
	command(u, MASTER);
	CHECK(!pthread_create(&thread, NULL, unmap_all_the_time, &l));
	for (round = 0; round < 50; round++) {
		off(u, 0);
		channel_on(u, 0, 64);
		for (i = 0; i < 64; i++)
			channel_work(u, 0, i, 1000);
		for (i = 1; i <= 64; i++)
			reg_write(u, NOVA_GUEST_DOORBELL(0), i);
		for (i = 0; i < WAIT_MS; i++) {
			if (reg_read(u, at + NOVA_GUEST_CHANNEL_DONE) ==
			    reg_read(u, at + NOVA_GUEST_CHANNEL_GET) &&
			    (reg_read(u, at + NOVA_GUEST_CHANNEL_DONE) == 64 ||
			     reg_read(u, at + NOVA_GUEST_CHANNEL_STATE) != NOVA_GUEST_ON))
				break;
			usleep(1000);
		}
		CHECK(i < WAIT_MS);
		error = reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR);
		CHECK(error == NOVA_GUEST_ERR_NONE || error == NOVA_GUEST_ERR_DMA);
		EQUAL(reg_read(u, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
	}
	l.stop = true;
	pthread_join(thread, NULL);
	CHECK(l.rounds > 10);
	off(u, 0);
	work_once(u);
}

/* ---- reset under load, and who uses the device */

static void *reset_all_the_time(void *arg)
{
	struct load *l = arg;

	while (!l->stop) {
		EQUAL(ioctl(l->u->device, VFIO_DEVICE_RESET), 0);
		l->rounds++;
	}
	return NULL;
}

static void *read_all_the_time(void *arg)
{
	struct load *l = arg;
	__u8 all[256];

	while (!l->stop) {
		EQUAL(reg_read(l->u, NOVA_GUEST_ID), NOVA_GUEST_ID_VALUE);
		EQUAL(region_read(l->u, CFG, 0, all, sizeof(all)), sizeof(all));
		EQUAL(region_read(l->u, FB, 4000, all, sizeof(all)), sizeof(all));
		l->rounds++;
	}
	return NULL;
}

/* Two who reset it and one who reads, while channels are switched on and work is put. */
static void check_reset_load(struct user *u)
{
	struct load l[3] = { { .u = u }, { .u = u }, { .u = u } };
	__u32 i, round, val = 1, n = reg_read(u, NOVA_GUEST_CHANNELS);
	pthread_t thread[3];

	user_map(u);
	for (i = 0; i < 64; i++)
		channel_work(u, 0, i, MS / 4);
	for (i = 0; i < 3; i++)
		CHECK(!pthread_create(&thread[i], NULL,
				      i < 2 ? reset_all_the_time : read_all_the_time, &l[i]));
	for (round = 0; round < 1000 && (round < 200 || l[0].rounds < 5); round++) {
		command(u, MASTER);
		reg_write(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_RING_LO, MEM_IOVA + 0x10000);
		reg_write(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_RING_ENTRIES, 64);
		reg_write(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_CTRL, val);
		for (i = 0; i < n; i++)
			reg_write(u, NOVA_GUEST_DOORBELL(i), round % 64);
		reg_write(u, NOVA_GUEST_INTR_ENABLE, round);
	}
	for (i = 0; i < 3; i++)
		l[i].stop = true;
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	EQUAL(ioctl(u->device, VFIO_DEVICE_RESET), 0);
	EQUAL(locked_kb(), 0);
	command(u, MASTER);
	work_once(u);
}

/* One process has two files of it; nobody else gets one; one closed leaves the other. */
static void check_users(struct user *u)
{
	struct user other;
	int second;
	__u32 id;

	second = ioctl(u->group, VFIO_GROUP_GET_DEVICE_FD, the_uuid);
	CHECK(second >= 0);
	EQUAL(user_try(&other, the_uuid, -1), -EBUSY);
	CHECK(pread(second, &id, 4, NOVA_GUEST_ID) == 4 && id == NOVA_GUEST_ID_VALUE);
	user_map(u);
	command(u, MASTER);
	work_once(u);
	close(u->device);
	/* What the other one did is there, and goes on. */
	u->device = second;
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_DONE), 1);
	off(u, 0);
	work_once(u);
}

static bool rings_are_pinned(void)
{
	FILE *f = fopen("/sys/module/novabpf_vfio/parameters/pin_rings", "r");
	int c;

	CHECK(f);
	c = fgetc(f);
	fclose(f);
	return c == 'Y';
}

/* What becomes of a channel: 'y' its work was done, 'd' there was no memory. */
static char outcome(struct user *u)
{
	__u32 at = NOVA_GUEST_CHANNEL(0), i;

	for (i = 0; i < WAIT_MS; i++) {
		if (wait_fence(u, 0, 1, 1))
			return 'y';
		if (reg_read(u, at + NOVA_GUEST_CHANNEL_STATE) == NOVA_GUEST_FAILED)
			return reg_read(u, at + NOVA_GUEST_CHANNEL_ERROR) == NOVA_GUEST_ERR_DMA ?
				'd' : '?';
	}
	return 'n';
}

/*
 * A child keeps the device when its parent, whose memory is mapped, goes. Pages that are
 * pinned outlive the address space that they came from.
 */
static void check_fork(struct user *u)
{
	int pipes[2], status;
	pid_t parent, before;
	struct user next;
	char c = 0;

	user_close(u);
	CHECK(!pipe(pipes));
	parent = fork();
	if (!parent) {
		user_open(u, the_uuid);
		user_map(u);
		command(u, MASTER);
		channel_on(u, 0, 16);
		channel_work(u, 0, 0, 1000);
		before = getpid();
		if (fork())
			_exit(0);
		while (getppid() == before)
			usleep(1000);
		close(pipes[0]);
		reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
		c = outcome(u);
		CHECK(write(pipes[1], &c, 1) == 1);
		reg_read(u, NOVA_GUEST_STATUS);
		off(u, 0);
		/* Now it would be the memory of nobody. */
		reg_write(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_CTRL, 1);
		reg_write(u, NOVA_GUEST_DOORBELL(0), 1);
		usleep(100000);
		_exit(0);
	}
	close(pipes[1]);
	CHECK(waitpid(parent, &status, 0) == parent && !status);
	EQUAL(user_try(&next, the_uuid, -1), -EBUSY);
	CHECK(read(pipes[0], &c, 1) == 1);
	EQUAL(c, rings_are_pinned() ? 'y' : 'd');
	back(u);
}

/* ---- users who go, at every phase */

enum phase {
	OPENED, CONFIGURED, RING_ON, QUEUED, RUNNING, PENDING, MASKED, RESETTING, PHASES
};

static struct load going;

static void reach(struct user *u, enum phase phase)
{
	pthread_t thread;
	__u32 i;

	user_open(u, the_uuid);
	if (phase >= CONFIGURED)
		user_map(u);
	if (phase >= CONFIGURED && phase != QUEUED)
		command(u, MASTER);
	if (phase >= RING_ON)
		channel_on(u, 0, 64);
	for (i = 0; phase >= QUEUED && i < 64; i++)
		channel_work(u, 0, i, i && phase == RUNNING ? 1000 * MS : 1000);
	if (phase == MASKED)
		hear(u, INTX, 0);
	if (phase == PENDING || phase == MASKED)
		reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	if (phase >= QUEUED)
		reg_write(u, NOVA_GUEST_DOORBELL(0), 64);
	if (phase == RUNNING || phase == PENDING || phase == MASKED)
		CHECK(wait_fence(u, 0, phase == RUNNING ? 1 : 64, WAIT_MS));
	going.u = u;
	if (phase == RESETTING) {
		CHECK(!pthread_create(&thread, NULL, reset_all_the_time, &going));
		while (!going.rounds)
			usleep(1000);
	}
}

/* Opened again it is as new, whatever became of its last user. */
static void back(struct user *u)
{
	__u8 page[4096];
	__u32 i;
	int err;

	for (i = 0; i < WAIT_MS; i++) {
		err = user_try(u, the_uuid, -1);
		if (err != -EBUSY)
			break;
		usleep(1000);
	}
	EQUAL(err, 0);
	EQUAL(reg_read(u, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
	EQUAL(reg_read(u, NOVA_GUEST_INTR_ENABLE) | reg_read(u, NOVA_GUEST_INTR_STATUS), 0);
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_STATE), NOVA_GUEST_OFF);
	EQUAL(reg_read(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_RING_LO), 0);
	EQUAL(region_read(u, FB, 0, page, sizeof(page)), sizeof(page));
	for (i = 0; i < sizeof(page); i++)
		EQUAL(page[i], 0);
	user_map(u);
	command(u, MASTER);
	work_once(u);
	user_close(u);
	u->device = -1;
	u->group = -1;
	u->container = -1;
}

/* HOW: 0 closes it, 1 exits, 2 is killed. */
static void leave(enum phase phase, int how)
{
	int pipes[2], status;
	struct user u;
	pid_t pid;
	char c;

	CHECK(!pipe(pipes));
	pid = fork();
	if (!pid) {
		reach(&u, phase);
		c = 0xaa;
		region_write(&u, FB, 100, &c, 1);
		CHECK(write(pipes[1], &c, 1) == 1);
		if (how == 2)
			pause();
		if (!how && phase == RESETTING) {
			going.stop = true;
			usleep(1000);
		}
		if (!how)
			user_close(&u);
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], &c, 1) != 1)
		WRONG("phase %d was not reached", phase);
	close(pipes[0]);
	if (how == 2)
		kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(how == 2 || !status);
}

static void check_leave(struct user *u)
{
	int phase, how;

	user_close(u);
	for (phase = 0; phase < PHASES; phase++) {
		for (how = 0; how < 3; how++) {
			leave(phase, how);
			back(u);
		}
	}
}

static const struct {
	const char *name;
	void (*run)(struct user *u);
} checks[] = {
	{ "sizes", check_sizes },
	{ "kinds", check_kinds },
	{ "unmask", check_unmask },
	{ "pins", check_pins },
	{ "own-memory", check_own_memory },
	{ "unmap-load", check_unmap_load },
	{ "reset-load", check_reset_load },
	{ "users", check_users },
	{ "fork", check_fork },
	{ "leave", check_leave },
	{ }
};

int main(int argc, char **argv)
{
	struct user u;
	size_t i;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: vfio_phases CHECK UUID\n");
		return 2;
	}
	the_uuid = argv[2];
	err = user_try(&u, the_uuid, -1);
	if (err) {
		fprintf(stderr, "vfio_phases: cannot open %s: %s\n", the_uuid, strerror(-err));
		return err == -EAGAIN ? 3 : 1;
	}
	for (i = 0; checks[i].name; i++) {
		if (strcmp(checks[i].name, argv[1]))
			continue;
		checks[i].run(&u);
		user_close(&u);
		return 0;
	}
	fprintf(stderr, "vfio_phases: no check '%s'\n", argv[1]);
	return 2;
}
