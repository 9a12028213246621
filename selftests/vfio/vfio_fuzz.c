// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile user of a vGPU's VFIO device, and a neighbour who does honest work.
 *	vfio_fuzz hostile SEED SECONDS UUID
 *	vfio_fuzz neighbour SEED SECONDS UUID
 * The hostile one lives many short lives, each a process that opens the device and does
 * what comes out of the random numbers; most are killed in the middle of it. The
 * seed decides what each life does, not when it is killed.
 * Exit status 0 where nothing was wrong; else 1, with a line on stderr.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "vfio_user.h"

#define CFG		VFIO_PCI_CONFIG_REGION_INDEX
#define REGS		NOVA_GUEST_BAR_REGS
#define FB		NOVA_GUEST_BAR_FB
#define MASTER		0x0006
#define MSIX		VFIO_PCI_MSIX_IRQ_INDEX
#define STUCK_S		120	/* no call takes that long, on any machine */
#define LIFE_MS		4000
#define EXTRA_IOVA	0x40000000ULL	/* where memory comes and goes */
#define EXTRA_SLOTS	8
#define EXTRA_BYTES	0x10000u
#define FB_IOVA		0x80000000ULL	/* the device's own framebuffer, as memory */
#define FB_MAPPED	0x10000u
#define FDS		12

static __u64 rng_state;

static __u64 rnd(void)
{
	__u64 z = rng_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static __u32 below(__u32 n)
{
	return n ? rnd() % n : 0;
}

/* Values that are at the edge of something, more often than others. */
static __u64 edge(void)
{
	static const __u64 edges[] = {
		0, 1, 2, 3, 16, 0xff, 4095, 4096, 65535, 65536, 65537, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000ULL, 0x7fffffffffffffffULL, ~0ULL, ~0ULL - 7,
		~0ULL - 15, MEM_IOVA, MEM_IOVA + MEM_BYTES - 16, MEM_IOVA + MEM_BYTES, FB_IOVA,
		EXTRA_IOVA, EXTRA_IOVA + EXTRA_BYTES - 32,
	};

	return below(3) ? edges[below(ARRAY_SIZE(edges))] : rnd() >> below(64);
}

/* Of one life; the process that started it reads it. */
struct seen {
	volatile __u64 calls;
	const char *volatile doing;
	volatile __u64 by_op[16];
	volatile __u64 on;
	volatile __u64 done;
	volatile bool open;
};

static struct seen *seen;
static struct user me;
static const char *my_uuid;
static __u8 *fb;
static bool extra[EXTRA_SLOTS];
static int fds[FDS];
static bool scribbling;

/* ---- registers, configuration space, framebuffer */

static void some_register(void)
{
	static const __u32 known[] = {
		NOVA_GUEST_ID, NOVA_GUEST_STATUS, NOVA_GUEST_TIME_LO, NOVA_GUEST_TIME_HI,
		NOVA_GUEST_INTR_STATUS, NOVA_GUEST_INTR_ENABLE, NOVA_GUEST_MSIX_TABLE,
		NOVA_GUEST_MSIX_PBA, NOVA_GUEST_REGS_BYTES - 4,
	};
	__u32 off, val = edge(), n = below(9);
	__u8 buf[64];

	if (n < 3)
		off = known[below(ARRAY_SIZE(known))];
	else if (n < 5)
		off = NOVA_GUEST_CHANNEL(below(9)) + 4 * below(12);
	else if (n < 8)
		off = NOVA_GUEST_DOORBELL(below(9));
	else
		off = below(NOVA_GUEST_REGS_BYTES);
	if (below(8)) {
		if (below(3))
			region_write(&me, REGS, off, &val, 4);
		else
			region_read(&me, REGS, off, &val, 4);
		return;
	}
	memset(buf, val, sizeof(buf));
	if (below(2))
		region_write(&me, REGS, off + below(4), buf, 1 + below(sizeof(buf)));
	else
		region_read(&me, REGS, off + below(4), buf, 1 + below(sizeof(buf)));
}

static void some_config(void)
{
	__u8 buf[64];
	__u64 val = edge();
	__u32 i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = val >> 8 * (i % 8);
	if (below(2))
		region_write(&me, CFG, below(4) ? below(256) : below(5000), buf,
			     1 + below(below(4) ? 8 : 64));
	else
		region_read(&me, CFG, below(4) ? below(256) : below(5000), buf,
			    1 + below(below(4) ? 8 : 64));
}

/* Any region, any offset, also such as wrap, and addresses that are none. */
static void some_region(void)
{
	__u64 off = (__u64)below(12) << 40 | (edge() & 0xffffffffffULL);
	size_t len = below(4) ? below(300) : edge() & 0xfffff;
	void *buf = below(8) ? me.mem + below(4096) : (void *)(uintptr_t)edge();

	if (buf >= (void *)me.mem && buf < (void *)(me.mem + MEM_BYTES) && len > MEM_BYTES / 2)
		len = MEM_BYTES / 2;
	if (!below(16))
		off = edge();
	if (below(2))
		(void)!pread(me.device, buf, len, (off_t)off);
	else
		(void)!pwrite(me.device, buf, len, (off_t)off);
}

static void some_mapping(void)
{
	size_t bytes = 4096 * (1 + below(below(4) ? 16 : 4096));
	__u64 off = below(2) ? me.region[FB].offset + 4096ULL * below(1 << 16) : edge() & ~4095ULL;
	int prot = below(4) ? PROT_READ | PROT_WRITE : (int)below(8);
	volatile __u8 *p;
	__u32 i;

	p = mmap(NULL, bytes, prot, below(8) ? MAP_SHARED : MAP_PRIVATE, me.device, (off_t)off);
	if (p == MAP_FAILED)
		return;
	if (prot & PROT_WRITE)
		for (i = 0; i < 8; i++)
			p[below(bytes)] = i;
	if (!below(4)) {
		/* In two pieces */
		munmap((void *)(p + bytes - 4096), 4096);
		bytes -= 4096;
	}
	if (bytes)
		munmap((void *)p, bytes);
}

/* ---- memory that the device reaches */

static void unmap_extra(__u32 i, bool whole)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = EXTRA_IOVA + i * EXTRA_BYTES,
		.size = whole ? EXTRA_BYTES : 4096ULL * below(32),
	};

	if (!ioctl(me.container, VFIO_IOMMU_UNMAP_DMA, &unmap) && unmap.size)
		extra[i] = false;
}

static void some_memory(void)
{
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof(map) };
	__u32 i = below(EXTRA_SLOTS);

	if (extra[i]) {
		unmap_extra(i, below(8));
		return;
	}
	map.flags = below(4) ? VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE : below(5);
	map.vaddr = (uintptr_t)me.mem + MEM_BYTES / 2 + i * EXTRA_BYTES;
	map.iova = EXTRA_IOVA + i * EXTRA_BYTES;
	map.size = EXTRA_BYTES;
	if (!below(8)) {
		map.vaddr = below(2) ? edge() : (uintptr_t)fb;
		map.size = below(2) ? EXTRA_BYTES : edge();
		map.iova = below(2) ? map.iova : edge();
	}
	if (!ioctl(me.container, VFIO_IOMMU_MAP_DMA, &map) && map.size == EXTRA_BYTES)
		extra[i] = true;
}

/* In memory, half in memory, nowhere, in memory that comes and goes, in the device. */
static __u64 some_address(void)
{
	switch (below(6)) {
	case 0:
	case 1:
		return MEM_IOVA + 16 * below(MEM_BYTES / 16);
	case 2:
		return MEM_IOVA + MEM_BYTES - 16 * below(64);
	case 3:
		return EXTRA_IOVA + 16 * below(EXTRA_SLOTS * EXTRA_BYTES / 16);
	case 4:
		return FB_IOVA + 8 * below(FB_MAPPED / 8);
	default:
		return edge();
	}
}

/* ---- channels */

static void fill(__u64 ring, __u32 entries)
{
	struct nova_guest_work *w;
	__u32 i;

	if (ring < MEM_IOVA || ring >= MEM_IOVA + MEM_BYTES)
		return;
	w = (void *)(me.mem + (ring - MEM_IOVA));
	for (i = 0; i < entries && (__u8 *)(w + i + 1) <= me.mem + MEM_BYTES; i++) {
		w[i].length_ns = below(64) ? 1000 + below(2000000) : edge();
		w[i].reserved = below(128) ? 0 : edge();
	}
}

static void some_channel(void)
{
	__u32 n = below(8) ? below(2) : below(9), at = NOVA_GUEST_CHANNEL(n);
	__u32 entries = below(8) ? 1u << below(8) : edge();
	__u64 ring = some_address() & (below(8) ? ~15ULL : ~0ULL);
	__u64 fence = below(4) ? some_address() & (below(8) ? ~7ULL : ~0ULL) : 0;
	__u32 val, i;

	if (below(16))
		fill(ring, entries < 256 ? entries : 256);
	val = 0;
	region_write(&me, REGS, at + NOVA_GUEST_CHANNEL_CTRL, &val, 4);
	region_write(&me, REGS, at + NOVA_GUEST_RING_LO, &ring, 8);
	region_write(&me, REGS, at + NOVA_GUEST_RING_ENTRIES, &entries, 4);
	region_write(&me, REGS, at + NOVA_GUEST_FENCE_LO, &fence, 8);
	val = 1;
	region_write(&me, REGS, at + NOVA_GUEST_CHANNEL_CTRL, &val, 4);
	if (region_read(&me, REGS, at + NOVA_GUEST_CHANNEL_STATE, &val, 4) == 4 &&
	    val == NOVA_GUEST_ON)
		seen->on++;
	val = below(8) ? below(entries) + 1 : edge();
	for (i = 0; i < 1 + below(4); i++, val += 1 + below(8))
		region_write(&me, REGS, NOVA_GUEST_DOORBELL(n), &val, 4);
}

static void some_doorbells(void)
{
	__u32 n = below(2), i, val;

	if (region_read(&me, REGS, NOVA_GUEST_CHANNEL(n) + NOVA_GUEST_CHANNEL_DONE, &val, 4) == 4)
		seen->done += val;
	if (region_read(&me, REGS, NOVA_GUEST_CHANNEL(n) + NOVA_GUEST_CHANNEL_GET, &val, 4) != 4)
		return;
	for (i = 0; i < 20; i++, val += below(3))
		region_write(&me, REGS, NOVA_GUEST_DOORBELL(n), &val, 4);
}

static void some_command(void)
{
	__u16 bits = below(4) ? MASTER : rnd();

	region_write(&me, CFG, 4, &bits, 2);
}

/* ---- interrupts */

static int some_fd(void)
{
	switch (below(6)) {
	case 0:
		return -1;
	case 1:
		return (int)edge();
	case 2:
		return below(2) ? me.device : me.container;
	default:
		return fds[below(FDS)];
	}
}

static void some_irqs(void)
{
	struct {
		struct vfio_irq_set set;
		__s32 fd[32];
	} arg;
	__u32 i, n = below(8) ? 1 : below(33), which;

	memset(&arg, 0, sizeof(arg));
	arg.set.argsz = below(16) ? sizeof(arg.set) + 4 * n : edge();
	arg.set.index = below(16) ? below(6) : edge();
	arg.set.flags = below(8) ? 1u << below(3) | 8u << below(3) : edge();
	arg.set.start = below(4) ? 0 : below(10);
	arg.set.count = below(8) ? n : edge();
	for (i = 0; i < 32; i++)
		arg.fd[i] = some_fd();
	ioctl(me.device, VFIO_DEVICE_SET_IRQS, &arg);
	if (below(3))
		return;
	which = below(FDS);
	if (below(2)) {
		/* As a VMM unmasks INTx */
		__u64 one = 1;

		(void)!write(fds[which], &one, sizeof(one));
		return;
	}
	close(fds[which]);
	fds[which] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* ---- everything else */

static void some_reset(void)
{
	if (ioctl(me.device, VFIO_DEVICE_RESET))
		WRONG("reset: %s", strerror(errno));
}

static void some_ioctl(void)
{
	static const __u32 device[] = {
		VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_REGION_INFO, VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_SET_IRQS, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, VFIO_DEVICE_PCI_HOT_RESET,
		VFIO_DEVICE_QUERY_GFX_PLANE, VFIO_DEVICE_GET_GFX_DMABUF, VFIO_DEVICE_IOEVENTFD,
		VFIO_DEVICE_FEATURE,
	};
	static const __u32 group[] = {
		VFIO_GROUP_GET_STATUS, VFIO_GROUP_SET_CONTAINER, VFIO_GROUP_UNSET_CONTAINER,
		VFIO_GROUP_GET_DEVICE_FD, VFIO_CHECK_EXTENSION, VFIO_GET_API_VERSION,
		VFIO_SET_IOMMU, VFIO_IOMMU_GET_INFO, VFIO_IOMMU_DIRTY_PAGES,
		VFIO_IOMMU_UNMAP_DMA,
	};
	__u32 words[64], i;
	void *arg = words;
	int got;

	for (i = 0; i < 64; i++)
		words[i] = edge();
	if (below(4))
		words[0] = below(2) ? 4 * below(64) : sizeof(words);
	if (!below(8))
		arg = (void *)(uintptr_t)edge();
	switch (below(5)) {
	case 0:
		ioctl(me.device, device[below(10)], arg);
		break;
	case 1:
		/* Some of them write to it. */
		if (below(2))
			arg = memcpy(words, my_uuid, strlen(my_uuid) + 1);
		got = ioctl(below(2) ? me.group : me.container, group[below(10)], arg);
		if (got > 2 && got != me.device && got < 1024)
			close(got);
		break;
	case 2:
		/* What VFIO numbers, and what nobody does */
		ioctl(me.device, _IO(VFIO_TYPE, VFIO_BASE + below(40)), arg);
		break;
	case 3:
		ioctl(me.device, (__u32)edge(), arg);
		break;
	default:
		words[1] = (edge() & 0xf) | 1u << (16 + below(3));
		ioctl(me.device, VFIO_DEVICE_FEATURE, arg);
	}
}

static void close_all(void)
{
	if (fb)
		munmap(fb, FB_MAPPED);
	fb = NULL;
	user_close(&me);
	memset(extra, 0, sizeof(extra));
}

static void open_all(void)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map), .iova = FB_IOVA, .size = FB_MAPPED,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
	};
	struct timespec pause = { .tv_nsec = 5000000 };
	int err;

	/* What it was before may be closing still. */
	while ((err = user_try(&me, my_uuid, -1)) == -EBUSY)
		nanosleep(&pause, NULL);
	if (err)
		WRONG("cannot open %s: %s", my_uuid, strerror(-err));
	user_map(&me);
	fb = mmap(NULL, FB_MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, me.device,
		  (off_t)me.region[FB].offset);
	CHECK(fb != MAP_FAILED);
	map.vaddr = (uintptr_t)fb;
	CHECK(!ioctl(me.container, VFIO_IOMMU_MAP_DMA, &map));
	command(&me, MASTER);
}

static void some_reopening(void)
{
	/* Its thread uses the device all the time. */
	if (scribbling)
		return;
	close_all();
	open_all();
}

/* A child that holds the device a little longer than its parent may. */
static void some_child(void)
{
	struct timespec pause = { .tv_nsec = 1000000 * (1 + below(20)) };
	pid_t child = fork();

	if (child)
		return;
	nanosleep(&pause, NULL);
	region_read(&me, REGS, 0, me.mem, 64);
	_exit(0);
}

static void some_look(void)
{
	__u32 status;

	EQUAL(reg_read(&me, NOVA_GUEST_ID), NOVA_GUEST_ID_VALUE);
	/* Whatever a guest does, it loses its vGPU by a failure of the GPU only. */
	status = reg_read(&me, NOVA_GUEST_STATUS);
	EQUAL(status, NOVA_GUEST_STATUS_READY);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static const struct {
	const char *name;
	__u32 weight;
	void (*run)(void);
} ops[] = {
	{ "register", 40, some_register },
	{ "config", 8, some_config },
	{ "region", 8, some_region },
	{ "mapping", 4, some_mapping },
	{ "memory", 10, some_memory },
	{ "channel", 20, some_channel },
	{ "doorbell", 15, some_doorbells },
	{ "command", 6, some_command },
	{ "irqs", 12, some_irqs },
	{ "reset", 1, some_reset },
	{ "ioctl", 8, some_ioctl },
	{ "fork", 1, some_child },
	{ "reopen", 1, some_reopening },
	{ "look", 6, some_look },
};

#define OPS	ARRAY_SIZE(ops)

/* Rewrites rings while the device reads them. It has random numbers of its own. */
static void *scribble(void *arg)
{
	__u64 x = (uintptr_t)arg | 1;
	struct timespec pause = { .tv_nsec = 100000 };
	volatile __u8 *mem = me.mem;
	__u32 val;

	for (;;) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		*(volatile __u64 *)(mem + (x >> 20) % (MEM_BYTES / 8) * 8) =
			x & 3 ? 1000 + (x >> 8) % 2000000 : x;
		if (x >> 32 & 0xff)
			continue;
		val = x;
		(void)!pwrite(me.device, &val, 4, (off_t)(NOVA_GUEST_DOORBELL(x >> 50 & 1)));
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void one_life(__u64 seed)
{
	__u32 sum = 0, pick, i;
	pthread_t thread;

	rng_state = seed;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < OPS; i++)
		sum += ops[i].weight;
	for (i = 0; i < FDS; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	seen->doing = "open";
	open_all();
	seen->open = true;
	scribbling = below(4);
	if (scribbling)
		CHECK(!pthread_create(&thread, NULL, scribble, (void *)(uintptr_t)seed));
	for (;;) {
		pick = below(sum);
		for (i = 0; pick >= ops[i].weight; i++)
			pick -= ops[i].weight;
		seen->doing = ops[i].name;
		ops[i].run();
		seen->by_op[i]++;
		seen->calls++;
	}
}

static __u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

/* Return: whether it ended, within STUCK_S of having been killed. */
static bool reap(pid_t pid, int *status)
{
	__u64 end = now_ms() + STUCK_S * 1000;
	struct timespec pause = { .tv_nsec = 2000000 };

	while (now_ms() < end) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/*
 * Runs until its time is over, most often from when it has opened the device; fails
 * where a call of it does not end.
 */
static void watch_life(pid_t pid, __u32 life_ms, bool from_open)
{
	__u64 start = now_ms(), moved = start, calls = seen->calls;
	struct timespec pause = { .tv_nsec = 2000000 };
	int status;

	while (now_ms() < start + life_ms || (from_open && !seen->open)) {
		if (from_open && !seen->open)
			start = now_ms();
		if (waitpid(pid, &status, WNOHANG) == pid)
			WRONG("a life ended by itself in '%s', status 0x%x", seen->doing, status);
		nanosleep(&pause, NULL);
		if (seen->calls != calls) {
			calls = seen->calls;
			moved = now_ms();
		} else if (now_ms() > moved + STUCK_S * 1000) {
			WRONG("'%s' does not end", seen->doing);
		}
	}
	kill(pid, SIGKILL);
	if (!reap(pid, &status))
		WRONG("killed in '%s', and still there", seen->doing);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		WRONG("a life ended by itself in '%s', status 0x%x", seen->doing, status);
}

static void hostile(__u64 seed, __u32 seconds)
{
	__u64 end = now_ms() + seconds * 1000ULL;
	__u32 lives = 0, i;
	pid_t pid;

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(seen != MAP_FAILED);
	rng_state = seed;
	while (now_ms() < end) {
		__u64 life = rnd();
		__u32 life_ms = below(3) ? below(LIFE_MS) : below(50);

		seen->open = false;
		pid = fork();
		if (!pid)
			one_life(life);
		watch_life(pid, life_ms, below(4));
		lives++;
	}
	printf("lives %u calls %llu on %llu done %llu", lives, (unsigned long long)seen->calls,
	       (unsigned long long)seen->on, (unsigned long long)seen->done);
	for (i = 0; i < OPS; i++)
		printf(" %s %llu", ops[i].name, (unsigned long long)seen->by_op[i]);
	printf("\n");
}

/* ---- the neighbour */

#define CHANNELS	2
#define ENTRIES		256
#define GUARD		0x80000u	/* memory that nothing is told of */

static void put_work(__u32 n, __u32 *put, __u32 done)
{
	while (*put - done < ENTRIES) {
		channel_work(&me, n, *put % ENTRIES, 100000 + below(900000));
		(*put)++;
	}
	__sync_synchronize();
	reg_write(&me, NOVA_GUEST_DOORBELL(n), *put);
}

static void check_channel(__u32 n)
{
	__u32 at = NOVA_GUEST_CHANNEL(n);

	EQUAL(reg_read(&me, at + NOVA_GUEST_CHANNEL_STATE), NOVA_GUEST_ON);
	EQUAL(reg_read(&me, NOVA_GUEST_STATUS), NOVA_GUEST_STATUS_READY);
}

/* What nobody should have written to */
static void check_untouched(const __u8 *map, __u32 bytes)
{
	__u32 i;

	for (i = 0; i < bytes; i++)
		if (map[i] != (__u8)(i * 31 + 7))
			WRONG("the framebuffer has changed at 0x%x", i);
	for (i = GUARD; i < MEM_BYTES; i++)
		if (me.mem[i] != 0xa5)
			WRONG("memory has changed at 0x%x", i);
}

static void neighbour(__u64 seed, __u32 seconds)
{
	__u32 put[CHANNELS] = {}, n, i, bytes = 1 << 20;
	__u64 end = now_ms() + seconds * 1000ULL, last[CHANNELS] = {}, done, moved = now_ms();
	struct timespec pause = { .tv_nsec = 1000000 };
	int fd[CHANNELS];
	__u8 *map;

	rng_state = seed;
	user_open(&me, my_uuid);
	user_map(&me);
	memset(me.mem + GUARD, 0xa5, MEM_BYTES - GUARD);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, me.device,
		   (off_t)me.region[FB].offset);
	CHECK(map != MAP_FAILED);
	for (i = 0; i < bytes; i++)
		map[i] = i * 31 + 7;
	command(&me, MASTER);
	reg_write(&me, NOVA_GUEST_INTR_ENABLE, (1u << CHANNELS) - 1);
	for (n = 0; n < CHANNELS; n++) {
		fd[n] = hear(&me, MSIX, n);
		channel_on(&me, n, ENTRIES);
	}
	printf("open\n");
	fflush(stdout);
	while (now_ms() < end) {
		for (n = 0; n < CHANNELS; n++) {
			done = __atomic_load_n(channel_fence(&me, n), __ATOMIC_ACQUIRE);
			CHECK(done >= last[n] && done <= put[n]);
			if (done != last[n])
				moved = now_ms();
			last[n] = done;
			put_work(n, &put[n], done);
		}
		if (now_ms() > moved + STUCK_S * 1000)
			WRONG("nothing has been done for %u s", STUCK_S);
		nanosleep(&pause, NULL);
	}
	for (n = 0; n < CHANNELS; n++) {
		if (!wait_fence(&me, n, put[n], STUCK_S * 1000))
			WRONG("channel %u: %llu of %u done", n,
			      (unsigned long long)*channel_fence(&me, n), put[n]);
		CHECK(heard(fd[n], STUCK_S * 1000));
		check_channel(n);
	}
	check_untouched(map, bytes);
	printf("items %llu\n", (unsigned long long)put[0] + put[1]);
	user_close(&me);
}

int main(int argc, char **argv)
{
	__u64 seed;
	__u32 seconds;

	if (argc != 5) {
		fprintf(stderr, "usage: vfio_fuzz hostile|neighbour SEED SECONDS UUID\n");
		return 2;
	}
	seed = strtoull(argv[2], NULL, 0);
	seconds = strtoul(argv[3], NULL, 0);
	my_uuid = argv[4];
	CHECK(strlen(my_uuid) < 64);
	if (!strcmp(argv[1], "hostile")) {
		hostile(seed, seconds);
	} else if (!strcmp(argv[1], "neighbour")) {
		neighbour(seed, seconds);
	} else {
		fprintf(stderr, "vfio_fuzz: hostile or neighbour, not '%s'\n", argv[1]);
		return 2;
	}
	return 0;
}
