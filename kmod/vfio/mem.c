// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the guest. It is copied through VFIO, which costs a look-up and a change of
 * address space each time, or its pages are pinned while a channel is on, and
 * are then read and written like any memory. What cannot be pinned, such as the window of a
 * framebuffer or more than the user may lock, is copied in any case.
 *
 * The kernel's type 1 IOMMU asks for pinned pages with a lock held that another of
 * its locks comes before, and which to give them back takes. So users who unmap in two
 * threads can block themselves for good. Unless asked to we pin through iommufd only.
 *
 * When the user takes memory away its pages are let go at once. The channel is not told: it
 * copies from then on, which fails where there is no memory any more.
 */
#include <linux/jiffies.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "compat.h"
#include "vfio.h"

/*
 * The kernel's type 1 IOMMU asks for the pages of a mapping ten times and is a BUG()
 * then. Who switches channels on all the time must not win that race.
 */
#define PAUSE	(HZ / 10 + 1)

static bool pin_rings;
module_param(pin_rings, bool, 0644);
MODULE_PARM_DESC(pin_rings,
		 "pin rings of guests also where that is not by iommufd (default N: users of the type 1 IOMMU could block themselves)");

static u32 mem_pages_of(u64 iova, u64 bytes)
{
	return (offset_in_page(iova) + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static void mem_pin(struct nova_vfio_dev *d, struct nova_vfio_mem *m, struct page **pages, u32 n,
		    int prot)
{
	u64 first = m->iova & PAGE_MASK;
	void *map = NULL;
	int got;

	got = vfio_pin_pages(&d->vdev, first, n, prot, pages);
	if (got == n)
		map = vmap(pages, n, VM_MAP, PAGE_KERNEL);
	if (map)
		m->map = map + offset_in_page(m->iova);
	else if (got > 0)
		vfio_unpin_pages(&d->vdev, first, got);
}

void nova_vfio_mem_get(struct nova_vfio_dev *d, struct nova_vfio_mem *m, u64 iova, u64 bytes,
		       bool write)
{
	u32 n = mem_pages_of(iova, bytes);
	struct page **pages;

	lockdep_assert_held(&d->lock);
	m->iova = iova;
	m->bytes = bytes;
	if (!READ_ONCE(pin_rings) && !nova_vfio_by_iommufd(&d->vdev))
		return;
	if (!bytes || n > VFIO_PIN_PAGES_MAX_ENTRIES ||
	    time_before64(get_jiffies_64(), d->pin_from))
		return;
	pages = kmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return;
	mem_pin(d, m, pages, n, write ? IOMMU_READ | IOMMU_WRITE : IOMMU_READ);
	kfree(pages);
}

static void mem_unpin(struct nova_vfio_dev *d, struct nova_vfio_mem *m)
{
	if (!m->map)
		return;
	vunmap((void *)((unsigned long)m->map & PAGE_MASK));
	vfio_unpin_pages(&d->vdev, m->iova & PAGE_MASK, mem_pages_of(m->iova, m->bytes));
	m->map = NULL;
}

void nova_vfio_mem_put(struct nova_vfio_dev *d, struct nova_vfio_mem *m)
{
	lockdep_assert_held(&d->lock);
	mem_unpin(d, m);
	*m = (struct nova_vfio_mem) {};
}

int nova_vfio_mem_read(struct nova_vfio_dev *d, const struct nova_vfio_mem *m, u64 off, void *buf,
		       u32 len)
{
	if (!m->map)
		return vfio_dma_rw(&d->vdev, m->iova + off, buf, len, false);
	memcpy(buf, m->map + off, len);
	/* The guest may write at any time, so nothing is read twice. */
	barrier();
	return 0;
}

int nova_vfio_mem_write64(struct nova_vfio_dev *d, const struct nova_vfio_mem *m, u64 val)
{
	__le64 le = cpu_to_le64(val);

	if (!m->map)
		return vfio_dma_rw(&d->vdev, m->iova, &le, sizeof(le), true);
	WRITE_ONCE(*(__le64 *)m->map, le);
	return 0;
}

/* Called with a lock of the IOMMU held, under which d->lock is taken nowhere else. */
void nova_vfio_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
	struct nova_vfio_dev *d = nova_vfio_dev_of(vdev);
	struct nova_vfio_mem *m;
	u32 i;

	mutex_lock(&d->lock);
	d->pin_from = get_jiffies_64() + PAUSE;
	for (i = 0; i < 2 * NOVA_GUEST_CHANNELS_MAX; i++) {
		m = i & 1 ? &d->ch[i / 2].fence : &d->ch[i / 2].ring;
		/* No end exceeds 2^64; a mapping may end exactly there. */
		if (m->map && m->iova <= iova + (length - 1) && iova <= m->iova + (m->bytes - 1))
			mem_unpin(d, m);
	}
	mutex_unlock(&d->lock);
}
