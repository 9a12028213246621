// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts. A program can have INTx from the kernel's own uio_pci_generic: its
 * file counts them, and after each the line is off until we switch it on again. MSI-X
 * takes a driver of the guest's kernel: the test module novabpf_msix has a file that
 * counts each vector.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define SYS_PCI_BUS	"/sys/bus/pci"

static const char *driver_of(enum ng_irq kind)
{
	return kind == NG_IRQ_INTX ? "uio_pci_generic" : "novabpf_msix";
}

/* Makes the driver that is meant the one that is bound. */
static int bind(struct ng_dev *g, const char *driver)
{
	char path[128], bound[64];
	int err = 0;

	ng_driver(g, bound, sizeof(bound));
	if (!strcmp(bound, driver))
		return 0;
	snprintf(path, sizeof(path), SYS_PCI_BUS "/drivers/%s", driver);
	if (access(path, F_OK))
		return ng_fail("no driver %s: load that module (modprobe %s)", driver, driver);
	if (bound[0]) {
		ng_path(g, path, sizeof(path), "driver/unbind");
		err = ng_attr_write(path, g->bdf);
	}
	ng_path(g, path, sizeof(path), "driver_override");
	err = err ?: ng_attr_write(path, driver);
	err = err ?: ng_attr_write(SYS_PCI_BUS "/drivers_probe", g->bdf);
	if (err)
		return ng_fail("%s cannot be bound to %s: %s", g->bdf, driver, strerror(-err));
	ng_driver(g, bound, sizeof(bound));
	if (strcmp(bound, driver))
		return ng_fail("%s does not take %s: see the kernel's log", driver, g->bdf);
	return 0;
}

static int open_uio(struct ng_dev *g)
{
	char path[128], name[300] = "";
	unsigned int count = 0;
	struct dirent *de;
	FILE *f;
	DIR *d;

	ng_path(g, path, sizeof(path), "uio");
	d = opendir(path);
	while (d && (de = readdir(d)))
		if (!strncmp(de->d_name, "uio", 3))
			snprintf(name, sizeof(name), "/dev/%s", de->d_name);
	if (d)
		closedir(d);
	if (!name[0])
		return ng_fail("%s: nothing in %s", g->bdf, path);
	g->irq_fd = open(name, O_RDWR | O_CLOEXEC);
	if (g->irq_fd < 0)
		return ng_fail("%s: %s", name, strerror(errno));
	/* It counts since the driver was bound. */
	snprintf(path, sizeof(path), "/sys/class/uio/%.16s/event", name + strlen("/dev/"));
	f = fopen(path, "re");
	if (!f || fscanf(f, "%u", &count) != 1)
		count = 0;
	if (f)
		fclose(f);
	g->irq_seen[0] = count;
	return 0;
}

static int open_msix(struct ng_dev *g)
{
	char path[128];

	snprintf(path, sizeof(path), "/dev/novabpf_msix-%s", g->bdf);
	g->irq_fd = open(path, O_RDONLY | O_CLOEXEC);
	return g->irq_fd < 0 ? ng_fail("%s: %s", path, strerror(errno)) : 0;
}

int ng_irq_enable(struct ng_dev *g)
{
	if (g->irq == NG_IRQ_NONE)
		return 0;
	ng_write(g, NOVA_GUEST_INTR_STATUS, 0xffffffff);
	ng_write(g, NOVA_GUEST_INTR_ENABLE, 0xffffffff);
	return g->irq == NG_IRQ_INTX ? ng_intx(g, true) : 0;
}

/* How often since the last time, by vector. Return: in all, or -1. */
static int64_t take(struct ng_dev *g, uint64_t *news)
{
	uint64_t now[NOVA_GUEST_VECTORS] = { 0 };
	int64_t sum = 0;
	uint32_t i, uio;
	ssize_t n;

	if (g->irq == NG_IRQ_INTX) {
		n = read(g->irq_fd, &uio, sizeof(uio));
		now[0] = g->irq_seen[0] + (uint32_t)(uio - (uint32_t)g->irq_seen[0]);
		n = n == sizeof(uio) ? 0 : -1;
	} else {
		n = read(g->irq_fd, now, sizeof(now)) == sizeof(now) ? 0 : -1;
	}
	if (n)
		return ng_fail("%s: no more interrupts: %s", g->bdf, strerror(errno));
	for (i = 0; i < NOVA_GUEST_VECTORS; i++) {
		news[i] = now[i] - g->irq_seen[i];
		g->irq_seen[i] = now[i];
		sum += news[i];
	}
	return sum;
}

int ng_irq_open(struct ng_dev *g, enum ng_irq kind)
{
	if (kind == NG_IRQ_NONE)
		return 0;
	if (bind(g, driver_of(kind)) || (kind == NG_IRQ_INTX ? open_uio(g) : open_msix(g)))
		return -1;
	g->irq = kind;
	/* The driver that went has taken that away. */
	return ng_master(g) || ng_irq_enable(g) ? -1 : 0;
}

uint64_t ng_irq_count(struct ng_dev *g)
{
	return g->irq_count;
}

int ng_irq_wait(struct ng_dev *g, uint32_t *bits, int ms)
{
	struct pollfd p = { .fd = g->irq_fd, .events = POLLIN };
	uint64_t news[NOVA_GUEST_VECTORS];
	int64_t sum;
	uint32_t i;
	int n;

	*bits = 0;
	n = poll(&p, 1, ms);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0)
		return ng_fail("poll: %s", strerror(errno));
	if (!n)
		return 0;
	sum = take(g, news);
	if (sum < 0)
		return -1;
	g->irq_count += sum;
	if (g->irq == NG_IRQ_INTX) {
		*bits = ng_read(g, NOVA_GUEST_INTR_STATUS);
	} else {
		for (i = 0; i < NOVA_GUEST_VECTOR_EVENT; i++)
			if (news[i])
				*bits |= NOVA_GUEST_INTR_CHANNEL(i);
		if (news[NOVA_GUEST_VECTOR_EVENT])
			*bits |= NOVA_GUEST_INTR_EVENT;
	}
	ng_write(g, NOVA_GUEST_INTR_STATUS, *bits);
	if (g->irq == NG_IRQ_INTX && ng_intx(g, true))
		return -1;
	return 1;
}
