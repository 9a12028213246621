/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A user of one VFIO device, for tests.
 */
#ifndef VFIO_USER_H
#define VFIO_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/vfio.h>
#include <uapi/novabpf_guest.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MEM_BYTES	0x100000u
#define MEM_IOVA	0x10000000ULL

/**
 * struct user - an open device
 * @container: fd, of an iommufd where there is no group
 * @group: fd, or -1
 * @device: fd
 * @region: of the device
 * @mem: memory of the test, which the device finds at MEM_IOVA
 */
struct user {
	int container;
	int group;
	int device;
	struct vfio_region_info region[VFIO_PCI_NUM_REGIONS];
	__u8 *mem;
};

/* Says where and ends the test. */
void wrong(const char *file, int line, const char *fmt, ...);
#define WRONG(...)	wrong(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(cond)	do { if (!(cond)) WRONG("%s", #cond); } while (0)
#define EQUAL(got, want)							\
	do {									\
		__u64 _got = (got), _want = (want);				\
										\
		if (_got != _want)						\
			WRONG("%s is 0x%llx, not 0x%llx", #got,			\
			      (unsigned long long)_got, (unsigned long long)_want); \
	} while (0)

/* Return: 0 or -errno of the step that failed. @container: to be shared, or -1. */
int user_try(struct user *u, const char *uuid, int container);
void user_open(struct user *u, const char *uuid);
void user_close(struct user *u);
void user_map(struct user *u);

/* Return: bytes, or -errno. */
long region_read(struct user *u, unsigned int index, __u64 off, void *buf, size_t len);
long region_write(struct user *u, unsigned int index, __u64 off, const void *buf, size_t len);
__u32 reg_read(struct user *u, __u32 off);
void reg_write(struct user *u, __u32 off, __u32 val);
void command(struct user *u, __u16 bits);

/* Return: 0 or -errno. */
int set_irqs(struct user *u, __u32 index, __u32 flags, __u32 start, __u32 count,
	     const void *data, size_t bytes);
/* An eventfd that hears of a vector. */
int hear(struct user *u, __u32 index, __u32 vector);
/* Return: how often it was raised, 0 where that took longer than so many ms. */
__u64 heard(int fd, int ms);

/* Switches a channel on: ring of so many entries and a fence in the test's memory. */
void channel_on(struct user *u, __u32 n, __u32 entries);
void channel_work(struct user *u, __u32 n, __u32 at, __u64 length_ns);
__u64 *channel_fence(struct user *u, __u32 n);
bool wait_fence(struct user *u, __u32 n, __u64 want, int ms);

#endif /* VFIO_USER_H */
