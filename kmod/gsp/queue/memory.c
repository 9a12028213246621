// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue memory: one block of 4 KiB pages, not necessarily contiguous, that
 * holds the table of its own pages, the command queue and the status queue.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include "../gsp.h"

static u32 queue_table_pages(u32 queue_pages)
{
	u32 table = 1;

	/* The table lists its own pages too. */
	while (DIV_ROUND_UP((queue_pages + table) * sizeof(u64), NOVA_GSP_PAGE_BYTES) > table)
		table++;
	return table;
}

static void **queue_cmdq_page(struct nova_block *b)
{
	return b->page + b->table_pages;
}

static void **queue_statq_page(struct nova_block *b)
{
	return b->page + b->table_pages + b->cmdq_pages;
}

static void queue_fill_table(struct nova_block *b)
{
	const u32 per_page = NOVA_GSP_PAGE_BYTES / sizeof(u64);
	u32 i;

	for (i = 0; i < b->npages; i++)
		put_unaligned_le64(b->addr[i], b->page[i / per_page] + i % per_page * sizeof(u64));
}

static int queue_alloc_pages_of(struct nova_gsp *gsp, struct nova_block *b)
{
	u32 i;

	b->pool = dma_pool_create("novabpf-queues", gsp->gpu->dma_dev, NOVA_GSP_PAGE_BYTES,
				  NOVA_GSP_PAGE_BYTES, 0);
	b->page = kcalloc(b->npages, sizeof(*b->page), GFP_KERNEL);
	b->addr = kcalloc(b->npages, sizeof(*b->addr), GFP_KERNEL);
	if (!b->pool || !b->page || !b->addr)
		return -ENOMEM;
	for (i = 0; i < b->npages; i++) {
		b->page[i] = dma_pool_zalloc(b->pool, GFP_KERNEL, &b->addr[i]);
		if (!b->page[i])
			return -ENOMEM;
	}
	return 0;
}

int nova_queues_alloc(struct nova_gsp *gsp)
{
	struct nova_block *b = &gsp->block;
	int err;

	b->cmdq_pages = NOVA_GSP_QUEUE_BYTES / NOVA_GSP_PAGE_BYTES;
	b->statq_pages = NOVA_GSP_QUEUE_BYTES / NOVA_GSP_PAGE_BYTES;
	b->table_pages = queue_table_pages(b->cmdq_pages + b->statq_pages);
	b->npages = b->table_pages + b->cmdq_pages + b->statq_pages;
	err = queue_alloc_pages_of(gsp, b);
	if (!err)
		err = nova_txq_init(&gsp->txq, gsp->abi, queue_cmdq_page(b)[0],
				    queue_statq_page(b)[0],
				    queue_cmdq_page(b) + 1, NOVA_GSP_QUEUE_BYTES);
	if (err) {
		nova_queues_free(gsp);
		return err;
	}
	queue_fill_table(b);
	return 0;
}

void nova_queues_forget(struct nova_gsp *gsp, struct nova_block *b)
{
	mutex_lock(&gsp->rx_mutex);
	/*
	 * The worker and a snapshot look with the mutex. A report, the end of a call and a
	 * call that is about to be sent look at the pointers with the lock only.
	 */
	spin_lock_irq(&gsp->lock);
	gsp->rxq.linked = false;
	memset(&gsp->txq, 0, sizeof(gsp->txq));
	spin_unlock_irq(&gsp->lock);
	*b = gsp->block;
	memset(&gsp->block, 0, sizeof(gsp->block));
	mutex_unlock(&gsp->rx_mutex);
}

void nova_queues_free(struct nova_gsp *gsp)
{
	struct nova_block b;
	u32 i;

	nova_queues_forget(gsp, &b);
	for (i = 0; b.page && b.addr && i < b.npages; i++)
		if (b.page[i])
			dma_pool_free(b.pool, b.page[i], b.addr[i]);
	dma_pool_destroy(b.pool);
	kfree(b.page);
	kfree(b.addr);
}

int nova_queues_link(struct nova_gsp *gsp)
{
	struct nova_block *b = &gsp->block;
	enum nova_link link;
	u32 count, size = b->statq_pages * NOVA_GSP_PAGE_BYTES;
	u8 *copy;
	int err = -EAGAIN;

	copy = kmemdup(queue_statq_page(b)[0], NOVA_GSP_PAGE_BYTES, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	link = nova_msgq_header_check(gsp->abi, copy, size, &count);
	kfree(copy);
	if (link == NOVA_LINK_OK) {
		mutex_lock(&gsp->rx_mutex);
		/* As in nova_queues_forget(). */
		spin_lock_irq(&gsp->lock);
		err = nova_rxq_init(&gsp->rxq, gsp->abi, queue_cmdq_page(b)[0],
				    queue_statq_page(b)[0],
				    queue_statq_page(b) + 1, count);
		spin_unlock_irq(&gsp->lock);
		mutex_unlock(&gsp->rx_mutex);
		/* Messages may have come before we could see them. */
		nova_work_queue(gsp->wq, &gsp->work);
	} else if (link != NOVA_LINK_EMPTY) {
		dev_dbg(gsp->gpu->dma_dev, "status queue: %s\n", nova_link_text(link));
	}
	return err;
}

/*
 * Our side is still while we hold the locks. GSP is not: where its write
 * position moved, it may have written into slots that were copied already.
 */
int nova_queues_snapshot(struct nova_gsp *gsp, void *buf, size_t bytes)
{
	struct nova_block *b = &gsp->block;
	int err = -ENODATA;
	u32 i, before, tries;

	mutex_lock(&gsp->rx_mutex);
	if (!b->page || !gsp->rxq.linked)
		goto out;
	/* Made anew since the caller looked. */
	if (bytes != (size_t)b->npages * NOVA_GSP_PAGE_BYTES)
		goto out;
	err = -EAGAIN;
	for (tries = 0; err && tries < 100; tries++) {
		before = READ_ONCE(*gsp->rxq.write_ptr);
		/* Read the position before the records that it publishes. */
		smp_rmb();
		spin_lock_irq(&gsp->lock);
		for (i = 0; i < b->npages; i++)
			memcpy(buf + i * NOVA_GSP_PAGE_BYTES, b->page[i], NOVA_GSP_PAGE_BYTES);
		spin_unlock_irq(&gsp->lock);
		/* Read the position again after the copy: it is unchanged if the copy is whole. */
		smp_rmb();
		if (before == READ_ONCE(*gsp->rxq.write_ptr))
			err = 0;
	}
out:
	mutex_unlock(&gsp->rx_mutex);
	return err;
}
