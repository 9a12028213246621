// SPDX-License-Identifier: GPL-2.0-only
/*
 * Framebuffer of a simulated GPU. A page is allocated at its first access; untouched
 * memory reads as zero.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include "sim.h"

/*
 * Takes no lock: two threads that touch the same page at once allocate one each, and the
 * loser frees its own. The page is charged to the thread that touches it first.
 */
static struct page *sim_fb_get_page_at(struct nova_sim *s, u64 off)
{
	unsigned long index = off >> PAGE_SHIFT;
	struct page *page = xa_load(&s->fb, index), *old;

	if (page)
		return page;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return NULL;
	old = xa_cmpxchg(&s->fb, index, NULL, page, GFP_KERNEL);
	if (!old)
		return page;
	__free_page(page);
	return xa_is_err(old) ? NULL : old;
}

int nova_sim_fb_pfn(void *hw, u64 off, unsigned long *pfn)
{
	struct page *page = sim_fb_get_page_at(hw, off);

	if (!page)
		return -ENOMEM;
	*pfn = page_to_pfn(page);
	return 0;
}

int nova_sim_fb_copy(void *hw, u64 off, void *buf, size_t len, bool write)
{
	struct nova_sim *s = hw;
	struct page *page = write ? sim_fb_get_page_at(s, off) : xa_load(&s->fb, off >> PAGE_SHIFT);

	if (write && !page)
		return -ENOMEM;
	if (write)
		memcpy_to_page(page, offset_in_page(off), buf, len);
	else if (page)
		memcpy_from_page(buf, page, offset_in_page(off), len);
	else
		memset(buf, 0, len);
	return 0;
}

static void sim_fb_clear(struct nova_sim *s, u64 off, u64 bytes, bool unmapped)
{
	unsigned long index, last = (off + bytes - 1) >> PAGE_SHIFT;
	struct page *page;

	xa_for_each_range(&s->fb, index, page, off >> PAGE_SHIFT, last) {
		if (unmapped) {
			xa_erase(&s->fb, index);
			__free_page(page);
		} else {
			clear_highpage(page);
		}
		cond_resched();
	}
}

/* The fault "scrub dirty" reports success without scrubbing. */
int nova_sim_fb_scrub(void *hw, u64 off, u64 bytes, bool unmapped)
{
	struct nova_sim *s = hw;
	bool fails;

	mutex_lock(&s->run_lock);
	fails = gsim_scrub_fails(s->sim);
	mutex_unlock(&s->run_lock);
	if (!fails)
		sim_fb_clear(s, off, bytes, unmapped);
	return 0;
}

void nova_sim_fb_free(struct nova_sim *s)
{
	sim_fb_clear(s, 0, U64_MAX, true);
	xa_destroy(&s->fb);
}
