/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the library.
 */
#ifndef NOVAGUEST_INTERNAL_H
#define NOVAGUEST_INTERNAL_H

#include <stddef.h>

#include "novaguest.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * struct ng_dev - an open device
 * @bdf: its address
 * @config: file of its configuration space
 * @regs: BAR0
 * @fb: BAR2, or NULL
 * @fb_bytes: size of it
 * @irq: how interrupts come
 * @irq_fd: from where
 * @irq_seen: what @irq_fd last said: in all for INTx, of each vector for MSI-X
 * @irq_count: interrupts since ng_irq_open()
 * @channel: those that are open
 */
struct ng_dev {
	char bdf[32];
	int config;
	volatile uint32_t *regs;
	void *fb;
	uint64_t fb_bytes;
	enum ng_irq irq;
	int irq_fd;
	uint64_t irq_seen[NOVA_GUEST_VECTORS];
	uint64_t irq_count;
	struct ng_channel *channel[NOVA_GUEST_CHANNELS_MAX];
};

/* Keeps the reason for ng_error(). Return: -1. */
int ng_fail(const char *fmt, ...);

/* device.c */
void ng_path(const struct ng_dev *g, char *path, size_t size, const char *name);
int ng_attr_write(const char *path, const char *value);
void ng_driver(const struct ng_dev *g, char *name, size_t size);
int ng_command(struct ng_dev *g, uint16_t set, uint16_t clear);
int ng_intx(struct ng_dev *g, bool on);
int ng_master(struct ng_dev *g);

/* irq.c: as the device has to have it, after open and reset */
int ng_irq_enable(struct ng_dev *g);

#endif /* NOVAGUEST_INTERNAL_H */
