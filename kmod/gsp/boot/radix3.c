// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables over a firmware image. An image is tens of megabytes, so it is
 * copied into single pages: no large contiguous block is ever needed.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/portable.h>
#include "radix3.h"

#define ENTRIES_PER_PAGE	(NOVA_GSP_PAGE_BYTES / sizeof(u64))

/* Writes the addresses of @count pages from @first into the tables from @table. */
static void radix3_fill_level(struct nova_radix3 *r, u32 table, u32 first, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u8 *p = r->page[table + i / ENTRIES_PER_PAGE].cpu;

		put_unaligned_le64(r->page[first + i].addr,
				   p + (i % ENTRIES_PER_PAGE) * sizeof(u64));
	}
}

static int radix3_alloc_pages_of(struct nova_radix3 *r, u32 total)
{
	r->page = kvcalloc(total, sizeof(*r->page), GFP_KERNEL);
	if (!r->page)
		return -ENOMEM;

	for (r->count = 0; r->count < total; r->count++) {
		struct nova_radix3_page *p = &r->page[r->count];

		p->cpu = dma_alloc_coherent(r->dev, NOVA_GSP_PAGE_BYTES, &p->addr, GFP_KERNEL);
		if (!p->cpu)
			return -ENOMEM;
	}
	return 0;
}

/**
 * nova_radix3_alloc() - copy an image and build its tables
 * @r: to be filled in, zeroed
 * @dev: device for DMA
 * @data: the image
 * @bytes: its length, not 0
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -EFBIG where three levels do not suffice; nothing is left
 * behind on failure.
 */
int nova_radix3_alloc(struct nova_radix3 *r, struct device *dev, const void *data, u32 bytes)
{
	u32 pages = DIV_ROUND_UP(bytes, NOVA_GSP_PAGE_BYTES);
	u32 level2 = DIV_ROUND_UP(pages, ENTRIES_PER_PAGE);
	u32 level1 = DIV_ROUND_UP(level2, ENTRIES_PER_PAGE);
	u32 image = 1 + level1 + level2;
	u32 i;
	int ret;

	if (level1 > ENTRIES_PER_PAGE)
		return -EFBIG;

	r->dev = dev;
	ret = radix3_alloc_pages_of(r, image + pages);
	if (ret) {
		nova_radix3_free(r);
		return ret;
	}

	for (i = 0; i < pages; i++) {
		u32 off = i * NOVA_GSP_PAGE_BYTES;

		memcpy(r->page[image + i].cpu, data + off,
		       min_t(u32, bytes - off, NOVA_GSP_PAGE_BYTES));
	}
	radix3_fill_level(r, 0, 1, level1);
	radix3_fill_level(r, 1, 1 + level1, level2);
	radix3_fill_level(r, 1 + level1, image, pages);
	return 0;
}

/**
 * nova_radix3_free() - give the pages back
 * @r: from nova_radix3_alloc(), or zeroed
 *
 * Context: may sleep. The GPU must not read the tables any more.
 */
void nova_radix3_free(struct nova_radix3 *r)
{
	u32 i;

	for (i = 0; i < r->count; i++)
		dma_free_coherent(r->dev, NOVA_GSP_PAGE_BYTES, r->page[i].cpu, r->page[i].addr);
	kvfree(r->page);
	memset(r, 0, sizeof(*r));
}
