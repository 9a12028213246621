// SPDX-License-Identifier: GPL-2.0-only
/*
 * What uses of a vGPU's VFIO device cost, in ticks of the CPU's counter: instructions
 * where the machine counts them ("make bench").
 *	vfio_bench UUID
 * Prints "cost NAME TICKS", medians; and "doorbell ENTRIES BEGIN" for each write of a
 * doorbell, for whoever has the trace of it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <x86intrin.h>
#include "vfio_user.h"

#define TIMES		101
#define PAGES		256
#define TOUCHES		100000
#define MASTER		0x0006
#define WAIT_MS		60000

static int by_value(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static void tell(const char *name, __u64 *ticks, __u32 n)
{
	qsort(ticks, n, sizeof(*ticks), by_value);
	printf("cost %s %llu\n", name, (unsigned long long)ticks[n / 2]);
}

static void registers(struct user *u)
{
	off_t id = (off_t)u->region[NOVA_GUEST_BAR_REGS].offset + NOVA_GUEST_ID;
	off_t lo = id - NOVA_GUEST_ID + NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_RING_LO;
	__u64 none[TIMES], get[TIMES], put[TIMES];
	__u32 i, val;

	for (i = 0; i < TIMES; i++) {
		none[i] = __rdtsc();
		getppid();
		get[i] = __rdtsc();
		(void)!pread(u->device, &val, sizeof(val), id);
		put[i] = __rdtsc();
		(void)!pwrite(u->device, &val, sizeof(val), lo);
		put[i] = __rdtsc() - put[i];
		none[i] = get[i] - none[i];
	}
	for (i = 0; i < TIMES; i++) {
		get[i] = __rdtsc();
		(void)!pread(u->device, &val, sizeof(val), id);
		get[i] = __rdtsc() - get[i];
	}
	tell("syscall", none, TIMES);
	tell("register-read", get, TIMES);
	tell("register-write", put, TIMES);
}

static long faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_minflt + r.ru_majflt;
}

/* Each page for the first time, then one that is there, and that there were no faults. */
static void framebuffer(struct user *u)
{
	volatile __u8 *fb = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, u->device,
				 (off_t)u->region[NOVA_GUEST_BAR_FB].offset);
	__u64 first[PAGES], begin, end;
	long before, after;
	__u32 i;

	CHECK(fb != MAP_FAILED);
	/* The stack of the loop is there before. */
	memset(first, 0, sizeof(first));
	before = faults();
	for (i = 0; i < PAGES; i++) {
		first[i] = __rdtsc();
		fb[i * 4096] = 1;
		first[i] = __rdtsc() - first[i];
	}
	after = faults();
	tell("fb-first", first, PAGES);
	printf("cost fb-first-faults %ld\n", after - before);
	before = faults();
	begin = __rdtsc();
	for (i = 0; i < TOUCHES; i++)
		fb[i % PAGES * 4096] = i;
	end = __rdtsc();
	after = faults();
	printf("cost fb-later-per-1000 %llu\n",
	       (unsigned long long)((end - begin) * 1000 / TOUCHES));
	printf("cost fb-later-faults %ld\n", after - before);
}

/* Each time the vGPU is idle before, and all is done after. @entries divides 1024. */
static void doorbells(struct user *u, __u32 entries)
{
	off_t bell = (off_t)u->region[NOVA_GUEST_BAR_REGS].offset + NOVA_GUEST_DOORBELL(0);
	__u64 begin[TIMES];
	__u32 i, k, put = 0;
	int fd;

	reg_write(u, NOVA_GUEST_CHANNEL(0) + NOVA_GUEST_CHANNEL_CTRL, 0);
	channel_on(u, 0, 1024);
	fd = hear(u, VFIO_PCI_MSIX_IRQ_INDEX, 0);
	reg_write(u, NOVA_GUEST_INTR_ENABLE, 1);
	for (i = 0; i < TIMES; i++) {
		for (k = 0; k < entries; k++)
			channel_work(u, 0, (put + k) % 1024, 1000);
		put += entries;
		begin[i] = __rdtsc();
		(void)!pwrite(u->device, &put, sizeof(put), bell);
		if (!wait_fence(u, 0, put, WAIT_MS))
			WRONG("%llu of %u done", (unsigned long long)*channel_fence(u, 0), put);
		heard(fd, WAIT_MS);
		usleep(5000);
	}
	for (i = 0; i < TIMES; i++)
		printf("doorbell %u %llu\n", entries, (unsigned long long)begin[i]);
	close(fd);
}

int main(int argc, char **argv)
{
	static const __u32 batch[] = { 1, 8, 32 };
	struct user u;
	__u32 i;

	if (argc != 2) {
		fprintf(stderr, "usage: vfio_bench UUID\n");
		return 2;
	}
	user_open(&u, argv[1]);
	user_map(&u);
	command(&u, MASTER);
	registers(&u);
	framebuffer(&u);
	for (i = 0; i < ARRAY_SIZE(batch); i++)
		doorbells(&u, batch[i]);
	user_close(&u);
	return 0;
}
