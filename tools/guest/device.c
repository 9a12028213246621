// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: found in sysfs, enabled, mapped, reset.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>

#include "internal.h"

#define SYS_PCI		"/sys/bus/pci/devices"
#define COMMAND_AT	4
#define COMMAND_MEMORY	0x0002
#define COMMAND_MASTER	0x0004
#define COMMAND_NO_INTX	0x0400

static char error[256];

const char *ng_error(void)
{
	return error;
}

int ng_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(error, sizeof(error), fmt, args);
	va_end(args);
	return -1;
}

uint64_t ng_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

int ng_attr_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int attr_read(const char *bdf, const char *name, char *buf, size_t size)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), SYS_PCI "/%s/%s", bdf, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, size - 1);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	buf[n] = 0;
	return 0;
}

static unsigned long attr_number(const char *bdf, const char *name)
{
	char buf[32];

	return attr_read(bdf, name, buf, sizeof(buf)) ? 0 : strtoul(buf, NULL, 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

int ng_find(struct ng_address *bdf, int max)
{
	DIR *d = opendir(SYS_PCI);
	struct dirent *de;
	int n = 0;

	if (!d)
		return ng_fail("%s: %s: is /sys mounted?", SYS_PCI, strerror(errno));
	while ((de = readdir(d))) {
		if (de->d_name[0] == '.' || strlen(de->d_name) >= sizeof(bdf->name) ||
		    attr_number(de->d_name, "vendor") != NOVA_GUEST_VENDOR_ID ||
		    attr_number(de->d_name, "device") != NOVA_GUEST_DEVICE_ID)
			continue;
		if (n < max)
			memcpy(bdf[n].name, de->d_name, strlen(de->d_name) + 1);
		n++;
	}
	closedir(d);
	qsort(bdf, n < max ? n : max, sizeof(*bdf), by_name);
	return n;
}

static uint64_t resource_bytes(const char *bdf, int index)
{
	unsigned long long start, end;
	char buf[1024], *line = buf;

	if (attr_read(bdf, "resource", buf, sizeof(buf)))
		return 0;
	while (index-- && line)
		line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
	if (!line || sscanf(line, "%llx %llx", &start, &end) != 2 || !end)
		return 0;
	return end - start + 1;
}

static void *map_bar(struct ng_dev *g, int index, uint64_t bytes)
{
	char path[128];
	void *p;
	int fd;

	snprintf(path, sizeof(path), SYS_PCI "/%s/resource%d", g->bdf, index);
	fd = open(path, O_RDWR | O_CLOEXEC | O_SYNC);
	if (fd < 0) {
		ng_fail("%s: %s", path, strerror(errno));
		return NULL;
	}
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED) {
		ng_fail("%s cannot be mapped: %s", path, strerror(errno));
		return NULL;
	}
	return p;
}

/* Bits of COMMAND that are to be 1, and those that are to be 0 */
int ng_command(struct ng_dev *g, uint16_t set, uint16_t clear)
{
	uint16_t val;

	if (pread(g->config, &val, sizeof(val), COMMAND_AT) != sizeof(val))
		return ng_fail("%s: its configuration cannot be read: %s", g->bdf, strerror(errno));
	if (val == 0xffff)
		return ng_fail("%s is gone", g->bdf);
	val = (val | set) & ~clear;
	if (pwrite(g->config, &val, sizeof(val), COMMAND_AT) != sizeof(val))
		return ng_fail("%s: its configuration cannot be written: %s", g->bdf,
			       strerror(errno));
	return 0;
}

int ng_intx(struct ng_dev *g, bool on)
{
	return ng_command(g, on ? 0 : COMMAND_NO_INTX, on ? COMMAND_NO_INTX : 0);
}

int ng_master(struct ng_dev *g)
{
	return ng_command(g, COMMAND_MEMORY | COMMAND_MASTER, 0);
}

void ng_path(const struct ng_dev *g, char *path, size_t size, const char *name)
{
	snprintf(path, size, SYS_PCI "/%s/%s", g->bdf, name);
}

void ng_driver(const struct ng_dev *g, char *name, size_t size)
{
	char path[128], link[256];
	ssize_t n;

	ng_path(g, path, sizeof(path), "driver");
	n = readlink(path, link, sizeof(link) - 1);
	link[n < 0 ? 0 : n] = 0;
	snprintf(name, size, "%s", n < 0 ? "" : strrchr(link, '/') + 1);
}

/* A driver has enabled it already, and the kernel lets nobody else do so then. */
static int enable(struct ng_dev *g)
{
	char path[128], driver[64];
	int err;

	ng_path(g, path, sizeof(path), "config");
	g->config = open(path, O_RDWR | O_CLOEXEC | O_SYNC);
	if (g->config < 0)
		return ng_fail("%s: %s", path, strerror(errno));
	ng_driver(g, driver, sizeof(driver));
	ng_path(g, path, sizeof(path), "enable");
	err = driver[0] ? 0 : ng_attr_write(path, "1");
	if (err)
		return ng_fail("%s cannot be enabled: %s", g->bdf, strerror(-err));
	return ng_master(g);
}

static int pick(struct ng_dev *g, const char *bdf)
{
	struct ng_address found[16];
	int n = ng_find(found, 16), i;

	if (n < 0)
		return -1;
	if (!n)
		return ng_fail("no vGPU here (no PCI device %04x:%04x)", NOVA_GUEST_VENDOR_ID,
			       NOVA_GUEST_DEVICE_ID);
	for (i = 0; bdf && i < n && i < 16; i++)
		if (!strcmp(found[i].name, bdf))
			break;
	if (bdf && (i == n || i == 16))
		return ng_fail("%s is no vGPU; the first that there is: %s", bdf, found[0].name);
	snprintf(g->bdf, sizeof(g->bdf), "%s", bdf ? bdf : found[0].name);
	return 0;
}

static int look(struct ng_dev *g)
{
	uint32_t id = ng_read(g, NOVA_GUEST_ID), version = ng_read(g, NOVA_GUEST_VERSION);

	if (id != NOVA_GUEST_ID_VALUE)
		return ng_fail("%s: its registers are not those of a vGPU (ID is 0x%08x)", g->bdf,
			       id);
	if (version != NOVA_GUEST_VERSION_VALUE)
		return ng_fail("%s: version %u of the registers is not known, only %u", g->bdf,
			       version, NOVA_GUEST_VERSION_VALUE);
	return 0;
}

struct ng_dev *ng_open(const char *bdf)
{
	struct ng_dev *g = calloc(1, sizeof(*g));

	if (!g) {
		ng_fail("out of memory");
		return NULL;
	}
	g->config = -1;
	g->irq_fd = -1;
	if (!pick(g, bdf) && !enable(g))
		g->regs = map_bar(g, NOVA_GUEST_BAR_REGS, NOVA_GUEST_REGS_BYTES);
	if (g->regs && !look(g))
		return g;
	ng_close(g);
	return NULL;
}

void ng_close(struct ng_dev *g)
{
	uint32_t i;

	if (!g)
		return;
	for (i = 0; i < NOVA_GUEST_CHANNELS_MAX; i++)
		ng_channel_close(g->channel[i]);
	if (g->regs) {
		ng_write(g, NOVA_GUEST_INTR_ENABLE, 0);
		munmap((void *)g->regs, NOVA_GUEST_REGS_BYTES);
	}
	if (g->fb)
		munmap(g->fb, g->fb_bytes);
	if (g->irq_fd >= 0)
		close(g->irq_fd);
	if (g->config >= 0)
		close(g->config);
	free(g);
}

int ng_get_info(struct ng_dev *g, struct ng_info *info)
{
	uint32_t i;

	memset(info, 0, sizeof(*info));
	snprintf(info->bdf, sizeof(info->bdf), "%s", g->bdf);
	ng_driver(g, info->driver, sizeof(info->driver));
	info->type_id = attr_number(g->bdf, "subsystem_device");
	info->regs_bytes = resource_bytes(g->bdf, NOVA_GUEST_BAR_REGS);
	info->fb_bar_bytes = resource_bytes(g->bdf, NOVA_GUEST_BAR_FB);
	info->fb_bytes = ng_read(g, NOVA_GUEST_FB_BYTES_LO) |
			 (uint64_t)ng_read(g, NOVA_GUEST_FB_BYTES_HI) << 32;
	info->status = ng_read(g, NOVA_GUEST_STATUS);
	info->version = ng_read(g, NOVA_GUEST_VERSION);
	info->channels = ng_read(g, NOVA_GUEST_CHANNELS);
	if (info->channels > NOVA_GUEST_CHANNELS_MAX)
		return ng_fail("%s: it says that it has %u channels", g->bdf, info->channels);
	for (i = 0; i < info->channels; i++)
		info->engine[i] = ng_read(g, NOVA_GUEST_CHANNEL(i) + NOVA_GUEST_CHANNEL_ENGINE);
	return 0;
}

uint32_t ng_read(struct ng_dev *g, uint32_t reg)
{
	return g->regs[reg / 4];
}

void ng_write(struct ng_dev *g, uint32_t reg, uint32_t val)
{
	g->regs[reg / 4] = val;
}

uint64_t ng_gpu_ns(struct ng_dev *g)
{
	uint32_t low = ng_read(g, NOVA_GUEST_TIME_LO);

	return low | (uint64_t)ng_read(g, NOVA_GUEST_TIME_HI) << 32;
}

void *ng_fb(struct ng_dev *g, uint64_t *bytes)
{
	if (!g->fb) {
		g->fb_bytes = resource_bytes(g->bdf, NOVA_GUEST_BAR_FB);
		if (!g->fb_bytes) {
			ng_fail("%s has no window of the framebuffer", g->bdf);
			return NULL;
		}
		g->fb = map_bar(g, NOVA_GUEST_BAR_FB, g->fb_bytes);
	}
	*bytes = g->fb_bytes;
	return g->fb;
}

int ng_reset(struct ng_dev *g)
{
	char path[128];
	uint32_t i;
	int err;

	for (i = 0; i < NOVA_GUEST_CHANNELS_MAX; i++)
		ng_channel_close(g->channel[i]);
	ng_path(g, path, sizeof(path), "reset");
	err = ng_attr_write(path, "1");
	if (err)
		return ng_fail("%s cannot be reset: %s", g->bdf, strerror(-err));
	if (ng_read(g, NOVA_GUEST_STATUS) != NOVA_GUEST_STATUS_READY)
		return ng_fail("%s is not ready after a reset (STATUS is 0x%x)", g->bdf,
			       ng_read(g, NOVA_GUEST_STATUS));
	/* The kernel has put the configuration back; the registers are ours. */
	return ng_irq_enable(g);
}
