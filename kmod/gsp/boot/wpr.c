// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heap size and framebuffer layout of the firmware, Turing to Ada. All parts
 * but the VGA workspace lie in or below WPR2, and are placed from the end of
 * the framebuffer downwards.
 */
#include <novabpf/driver/gsp_wire.h>
#include "../put.h"
#include "wpr.h"

#define KIB			1024ULL
#define MIB			(1024 * KIB)
#define GIB			(1024 * MIB)

#define FB_BYTES_MAX		(1024 * GIB)
#define FW_BYTES_MAX		(256 * MIB)

/* Terms of the heap, in bytes, from 535 on */
#define HEAP_BASE_RM		(8 * MIB)
#define HEAP_PER_GIB_FB		(96 * KIB)
#define HEAP_CLIENTS		(48 * KIB * 2048)

#define VGA_BYTES		MIB
#define FRTS_BYTES		MIB
#define META_BYTES		MIB	/* room below the heap; the metadata is at its start */
#define NONWPR_HEAP_BYTES	MIB
#define WPR_END_ALIGN		(128 * KIB)
#define FW_ALIGN		(64 * KIB)
#define BOOTLOADER_ALIGN	(4 * KIB)

u32 nova_wpr_heap_mb(const struct nova_abi_rules *rules, bool libos2, u64 fb_bytes)
{
	u32 fixed = libos2 ? rules->heap_fixed_libos2_mb : rules->heap_fixed_mb;
	u32 least = libos2 ? rules->heap_min_libos2_mb : rules->heap_min_mb;
	u64 fb_gib = (fb_bytes + GIB - 1) / GIB;
	u64 heap;

	if (fixed)
		return fixed;

	heap = libos2 ? 0 : rules->heap_os_mb * MIB;
	heap += HEAP_BASE_RM;
	heap += ALIGN(HEAP_PER_GIB_FB * fb_gib, MIB);
	heap += HEAP_CLIENTS;
	return max((u32)(heap / MIB), least);
}

/* Takes @bytes off the end of what is free below *@pos. */
static bool wpr_take(u64 *pos, u64 bytes, u64 align)
{
	if (*pos < bytes)
		return false;
	*pos = ALIGN_DOWN(*pos - bytes, align);
	return true;
}

/*
 * Memory that was not scrubbed at power-on must not be used, so the heap gets
 * what is left of the scrubbed part: above it are firmware, boot loader, FRTS
 * and VGA workspace, below it the metadata and the unprotected heap.
 */
static u64 wpr_heap_limit(const struct nova_wpr_request *rq, u64 heap_end)
{
	u64 scrubbed = rq->scrubbed_mb * MIB;
	u64 other = rq->fb_bytes - heap_end + META_BYTES + NONWPR_HEAP_BYTES;

	if (!scrubbed)
		return rq->fb_bytes;
	return scrubbed > other ? ALIGN_DOWN(scrubbed - other, MIB) : 0;
}

static u64 wpr_least_heap(const struct nova_abi_rules *rules, bool libos2)
{
	u32 fixed = libos2 ? rules->heap_fixed_libos2_mb : rules->heap_fixed_mb;
	u32 least = libos2 ? rules->heap_min_libos2_mb : rules->heap_min_mb;

	return max(fixed, least) * MIB;
}

int nova_wpr_layout(const struct nova_abi_rules *rules, const struct nova_wpr_request *rq,
		    struct nova_wpr_layout *out)
{
	u64 heap = nova_wpr_heap_mb(rules, rq->libos2, rq->fb_bytes) * MIB;
	u64 pos = rq->fb_bytes;

	if (!rq->fb_bytes || rq->fb_bytes > FB_BYTES_MAX || rq->fb_bytes % MIB ||
	    !rq->fw_bytes || rq->fw_bytes > FW_BYTES_MAX ||
	    !rq->bootloader_bytes || rq->bootloader_bytes > FW_BYTES_MAX)
		return -EINVAL;

	memset(out, 0, sizeof(*out));
	out->fb = rq->fb_bytes;
	if (!wpr_take(&pos, VGA_BYTES, WPR_END_ALIGN))
		return -ENOSPC;
	out->vga = pos;
	out->wpr_end = pos;

	out->frts_bytes = rq->frts ? FRTS_BYTES : 0;
	if (!wpr_take(&pos, out->frts_bytes, WPR_END_ALIGN))
		return -ENOSPC;
	out->frts = pos;

	out->bootloader_bytes = rq->bootloader_bytes;
	if (!wpr_take(&pos, out->bootloader_bytes, BOOTLOADER_ALIGN))
		return -ENOSPC;
	out->bootloader = pos;

	out->fw_bytes = rq->fw_bytes;
	if (!wpr_take(&pos, out->fw_bytes, FW_ALIGN))
		return -ENOSPC;
	out->fw = pos;

	heap = min(heap, wpr_heap_limit(rq, out->fw));
	if (heap < wpr_least_heap(rules, rq->libos2) || !wpr_take(&pos, heap, MIB))
		return -ENOSPC;
	out->heap = pos;
	out->heap_bytes = ALIGN_DOWN(out->fw - out->heap, MIB);

	if (!wpr_take(&pos, META_BYTES, MIB))
		return -ENOSPC;
	out->wpr_start = pos;

	out->nonwpr_heap_bytes = NONWPR_HEAP_BYTES;
	if (!wpr_take(&pos, NONWPR_HEAP_BYTES, MIB))
		return -ENOSPC;
	out->nonwpr_heap = pos;
	return 0;
}

static void wpr_put_layout(struct nova_put *p, const struct nova_wpr_layout *l)
{
	nova_put(p, NOVA_WPR_META_GSP_FW_RSVD_START, l->nonwpr_heap);
	nova_put(p, NOVA_WPR_META_NON_WPR_HEAP_OFFSET, l->nonwpr_heap);
	nova_put(p, NOVA_WPR_META_NON_WPR_HEAP_SIZE, l->nonwpr_heap_bytes);
	nova_put(p, NOVA_WPR_META_GSP_FW_WPR_START, l->wpr_start);
	nova_put(p, NOVA_WPR_META_GSP_FW_HEAP_OFFSET, l->heap);
	nova_put(p, NOVA_WPR_META_GSP_FW_HEAP_SIZE, l->heap_bytes);
	nova_put(p, NOVA_WPR_META_GSP_FW_OFFSET, l->fw);
	nova_put(p, NOVA_WPR_META_BOOT_BIN_OFFSET, l->bootloader);
	nova_put(p, NOVA_WPR_META_FRTS_OFFSET, l->frts);
	nova_put(p, NOVA_WPR_META_FRTS_SIZE, l->frts_bytes);
	nova_put(p, NOVA_WPR_META_GSP_FW_WPR_END, l->wpr_end);
	nova_put(p, NOVA_WPR_META_FB_SIZE, l->fb);
	nova_put(p, NOVA_WPR_META_VGA_WORKSPACE_OFFSET, l->vga);
	nova_put(p, NOVA_WPR_META_VGA_WORKSPACE_SIZE, l->fb - l->vga);
}

int nova_wpr_meta_fill(const struct nova_abi *abi, const struct nova_wpr_layout *l,
		       const struct nova_wpr_images *im, void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	nova_put(&p, NOVA_WPR_META_MAGIC, NOVA_WIRE_WPR_MAGIC);
	nova_put(&p, NOVA_WPR_META_REVISION, NOVA_WIRE_WPR_REVISION);
	nova_put(&p, NOVA_WPR_META_SYSMEM_ADDR_OF_RADIX3_ELF, im->radix3);
	nova_put(&p, NOVA_WPR_META_SIZE_OF_RADIX3_ELF, l->fw_bytes);
	nova_put(&p, NOVA_WPR_META_SYSMEM_ADDR_OF_BOOTLOADER, im->bootloader);
	nova_put(&p, NOVA_WPR_META_SIZE_OF_BOOTLOADER, l->bootloader_bytes);
	nova_put(&p, NOVA_WPR_META_BOOTLOADER_CODE_OFFSET, im->bootloader_code);
	nova_put(&p, NOVA_WPR_META_BOOTLOADER_DATA_OFFSET, im->bootloader_data);
	nova_put(&p, NOVA_WPR_META_BOOTLOADER_MANIFEST_OFFSET, im->bootloader_manifest);
	nova_put(&p, NOVA_WPR_META_SYSMEM_ADDR_OF_SIGNATURE, im->signature);
	nova_put(&p, NOVA_WPR_META_SIZE_OF_SIGNATURE, im->signature_bytes);
	wpr_put_layout(&p, l);
	nova_put_if_any(&p, NOVA_WPR_META_SYSMEM_ADDR_OF_CRASH_REPORT_QUEUE, im->crash);
	nova_put_if_any(&p, NOVA_WPR_META_SIZE_OF_CRASH_REPORT_QUEUE, im->crash_bytes);
	nova_put_if_any(&p, NOVA_WPR_META_GSP_FW_HEAP_VF_PARTITION_COUNT, 0);
	return p.err;
}
