/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A firmware image in pages that need not be contiguous, under three levels of
 * page tables.
 */
#ifndef NOVABPF_GSP_RADIX3_H
#define NOVABPF_GSP_RADIX3_H

#include <linux/types.h>

struct device;

/* One 4 KiB page, seen by the CPU and by the GPU */
struct nova_radix3_page {
	void *cpu;
	dma_addr_t addr;
};

/**
 * struct nova_radix3 - page tables and pages of an image
 * @dev: device the pages belong to
 * @page: level 0 (one page), level 1, level 2, then the image
 * @count: pages in all
 */
struct nova_radix3 {
	struct device *dev;
	struct nova_radix3_page *page;
	u32 count;
};

int nova_radix3_alloc(struct nova_radix3 *r, struct device *dev, const void *data, u32 bytes);
void nova_radix3_free(struct nova_radix3 *r);

/* Where the walk starts */
static inline dma_addr_t nova_radix3_root(const struct nova_radix3 *r)
{
	return r->page[0].addr;
}

#endif /* NOVABPF_GSP_RADIX3_H */
