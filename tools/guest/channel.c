// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: a ring and a fence in memory of this process.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>

#include "internal.h"

#define PAGE		4096u
#define HUGE_PAGE	(2u << 20)
#define PFN_MASK	((1ULL << 55) - 1)
#define PRESENT		0x8000000000000000ULL
/* With interrupts, the fence is looked at this often all the same. */
#define LOOK_MS		1000

/**
 * struct ng_channel - an open channel
 * @g: its device
 * @n: its number
 * @entries: of its ring
 * @put: entries put since it was opened
 * @get: entries that the device has surely taken
 * @ring: the ring, locked
 * @ring_bytes: size of that memory
 * @ring_at: its physical address
 * @fence: a page, locked
 * @fence_at: its physical address
 */
struct ng_channel {
	struct ng_dev *g;
	uint32_t n;
	uint32_t entries;
	uint64_t put;
	uint64_t get;
	struct nova_guest_work *ring;
	size_t ring_bytes;
	uint64_t ring_at;
	uint64_t *fence;
	uint64_t fence_at;
};

/* Physical address of a page that is there, or 0 */
static uint64_t address_of(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry), (uintptr_t)p / PAGE * sizeof(entry)) != sizeof(entry))
		entry = 0;
	close(fd);
	/* Those who may not know it see a number of 0. */
	return entry & PRESENT ? (entry & PFN_MASK) * PAGE : 0;
}

/* Memory in one piece, zeroed and locked */
static void *get_memory(size_t *bytes, uint64_t *at)
{
	int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED;
	void *p;

	if (*bytes > PAGE) {
		flags |= MAP_HUGETLB;
		*bytes = HUGE_PAGE;
	} else {
		*bytes = PAGE;
	}
	p = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (p == MAP_FAILED && *bytes == HUGE_PAGE) {
		ng_fail("no huge page for a ring of more than %u entries: write 1 to %s",
			NG_PAGE_ENTRIES, "/proc/sys/vm/nr_hugepages");
		return NULL;
	}
	if (p == MAP_FAILED) {
		ng_fail("no locked memory: %s", strerror(errno));
		return NULL;
	}
	memset(p, 0, *bytes);
	*at = address_of(p);
	if (*at)
		return p;
	ng_fail("the physical address of memory cannot be had: /proc/self/pagemap wants root");
	munmap(p, *bytes);
	return NULL;
}

static void set(struct ng_channel *c, uint32_t reg, uint32_t val)
{
	ng_write(c->g, NOVA_GUEST_CHANNEL(c->n) + reg, val);
}

static uint32_t get(struct ng_channel *c, uint32_t reg)
{
	return ng_read(c->g, NOVA_GUEST_CHANNEL(c->n) + reg);
}

static int switch_on(struct ng_channel *c)
{
	set(c, NOVA_GUEST_CHANNEL_CTRL, 0);
	set(c, NOVA_GUEST_RING_LO, (uint32_t)c->ring_at);
	set(c, NOVA_GUEST_RING_HI, c->ring_at >> 32);
	set(c, NOVA_GUEST_RING_ENTRIES, c->entries);
	set(c, NOVA_GUEST_FENCE_LO, (uint32_t)c->fence_at);
	set(c, NOVA_GUEST_FENCE_HI, c->fence_at >> 32);
	set(c, NOVA_GUEST_CHANNEL_CTRL, 1);
	return ng_check(c);
}

struct ng_channel *ng_channel_open(struct ng_dev *g, uint32_t n, uint32_t entries)
{
	uint32_t channels = ng_read(g, NOVA_GUEST_CHANNELS);
	size_t fence_bytes = sizeof(uint64_t);
	struct ng_channel *c;

	if (n >= channels || n >= NOVA_GUEST_CHANNELS_MAX) {
		ng_fail("no channel %u: %s has %u", n, g->bdf, channels);
		return NULL;
	}
	if (!entries || entries & (entries - 1) || entries > NOVA_GUEST_RING_ENTRIES_MAX) {
		ng_fail("a ring has 1, 2, 4 .. %u entries, not %u", NOVA_GUEST_RING_ENTRIES_MAX,
			entries);
		return NULL;
	}
	if (g->channel[n]) {
		ng_fail("channel %u is open", n);
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		ng_fail("out of memory");
		return NULL;
	}
	c->g = g;
	c->n = n;
	c->entries = entries;
	c->ring_bytes = entries * sizeof(*c->ring);
	g->channel[n] = c;
	c->ring = get_memory(&c->ring_bytes, &c->ring_at);
	if (c->ring)
		c->fence = get_memory(&fence_bytes, &c->fence_at);
	if (c->fence && !switch_on(c))
		return c;
	ng_channel_close(c);
	return NULL;
}

/* The device writes no fence of a channel that is off. */
void ng_channel_close(struct ng_channel *c)
{
	if (!c)
		return;
	set(c, NOVA_GUEST_CHANNEL_CTRL, 0);
	if (c->ring)
		munmap(c->ring, c->ring_bytes);
	if (c->fence)
		munmap(c->fence, PAGE);
	c->g->channel[c->n] = NULL;
	free(c);
}

uint64_t ng_put_count(const struct ng_channel *c)
{
	return c->put;
}

uint64_t ng_done(const struct ng_channel *c)
{
	return le64toh(__atomic_load_n(c->fence, __ATOMIC_ACQUIRE));
}

/* The fence costs nothing to read; the register costs an exit. */
uint32_t ng_room(struct ng_channel *c)
{
	uint64_t done = ng_done(c);
	uint32_t taken;

	if (c->get < done)
		c->get = done;
	if (c->put - c->get >= c->entries) {
		taken = get(c, NOVA_GUEST_CHANNEL_GET) - (uint32_t)c->get;
		/* A device that is gone reads as all ones. */
		if (taken <= c->put - c->get)
			c->get += taken;
	}
	return c->entries - (c->put - c->get);
}

int ng_put(struct ng_channel *c, uint64_t length_ns)
{
	if (!ng_room(c))
		return 0;
	c->ring[c->put & (c->entries - 1)] = (struct nova_guest_work) {
		.length_ns = htole64(length_ns),
	};
	c->put++;
	return 1;
}

void ng_ring(struct ng_channel *c)
{
	/* Entries are in memory before the device is told to read them. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ng_write(c->g, NOVA_GUEST_DOORBELL(c->n), (uint32_t)c->put);
}

bool ng_moved(const struct ng_channel *c)
{
	return address_of(c->ring) != c->ring_at || address_of(c->fence) != c->fence_at;
}

int ng_check(struct ng_channel *c)
{
	static const char * const why[] = {
		[NOVA_GUEST_ERR_NONE] = "no reason given",
		[NOVA_GUEST_ERR_RING] = "address or size of the ring",
		[NOVA_GUEST_ERR_BUSY] = "work from before is still under way; reset the device",
		[NOVA_GUEST_ERR_DOORBELL] = "more entries than the ring has",
		[NOVA_GUEST_ERR_DMA] = "memory could not be reached",
		[NOVA_GUEST_ERR_WORK] = "an entry is malformed",
		[NOVA_GUEST_ERR_LOST] = "the GPU lost the vGPU; reset the device",
	};
	uint32_t state = get(c, NOVA_GUEST_CHANNEL_STATE), error;

	if (state == NOVA_GUEST_ON)
		return 0;
	if (ng_read(c->g, NOVA_GUEST_ID) != NOVA_GUEST_ID_VALUE)
		return ng_fail("%s is gone", c->g->bdf);
	if (state == NOVA_GUEST_OFF)
		return ng_fail("channel %u is off: the device was reset", c->n);
	error = get(c, NOVA_GUEST_CHANNEL_ERROR);
	return ng_fail("channel %u failed: %s (error %u)", c->n,
		       error < ARRAY_SIZE(why) ? why[error] : "unknown", error);
}

/* One wait of at most so many ms. Return: 0 or -1. */
static int pause_for(struct ng_dev *g, int ms)
{
	struct timespec t = { .tv_nsec = 200000 };
	uint32_t bits;

	if (g->irq != NG_IRQ_NONE)
		return ng_irq_wait(g, &bits, ms) < 0 ? -1 : 0;
	nanosleep(&t, NULL);
	return 0;
}

int ng_wait(struct ng_channel *c, uint64_t done, int ms)
{
	uint64_t last = ng_done(c), since = ng_now_ns(), now;

	while (ng_done(c) < done) {
		if (pause_for(c->g, ms < LOOK_MS ? ms : LOOK_MS))
			return -1;
		if (ng_done(c) != last) {
			last = ng_done(c);
			since = ng_now_ns();
			continue;
		}
		now = ng_now_ns();
		if (now - since < ms * 1000000ULL)
			continue;
		if (ng_check(c))
			return -1;
		if (ng_moved(c))
			return ng_fail("channel %u: the kernel moved its memory", c->n);
		return ng_fail("channel %u: nothing was done for %d ms, %llu of %llu entries are",
			       c->n, ms, (unsigned long long)last, (unsigned long long)c->put);
	}
	return 0;
}
