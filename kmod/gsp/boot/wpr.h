/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How large the firmware's heap is and where its parts lie in the framebuffer
 * (Turing to Ada, where the CPU computes the layout).
 */
#ifndef NOVABPF_GSP_WPR_H
#define NOVABPF_GSP_WPR_H

#include <novabpf/driver/abi.h>

/**
 * struct nova_wpr_request - what the layout depends on
 * @fb_bytes: usable framebuffer
 * @fw_bytes: GSP-RM (.fwimage)
 * @bootloader_bytes: RISC-V boot loader
 * @scrubbed_mb: framebuffer at the top that is scrubbed at power-on (MiB), 0
 *	for all of it; the firmware may not use more
 * @libos2: TU10x and GA100
 * @frts: the chip has an FRTS region
 */
struct nova_wpr_request {
	u64 fb_bytes;
	u64 fw_bytes;
	u64 bootloader_bytes;
	u32 scrubbed_mb;
	bool libos2;
	bool frts;
};

/**
 * struct nova_wpr_layout - parts of the reserved framebuffer, in bytes
 * @fb: usable framebuffer
 * @vga: VGA workspace, up to @fb
 * @wpr_end: end of WPR2
 * @frts: FRTS, up to @wpr_end
 * @frts_bytes: its length, 0 where there is none
 * @bootloader: boot loader
 * @bootloader_bytes: its length
 * @fw: GSP-RM
 * @fw_bytes: its length
 * @heap: heap of GSP-RM
 * @heap_bytes: its length
 * @wpr_start: start of WPR2; the metadata lies here
 * @nonwpr_heap: unprotected heap
 * @nonwpr_heap_bytes: its length
 */
struct nova_wpr_layout {
	u64 fb;
	u64 vga;
	u64 wpr_end;
	u64 frts;
	u64 frts_bytes;
	u64 bootloader;
	u64 bootloader_bytes;
	u64 fw;
	u64 fw_bytes;
	u64 heap;
	u64 heap_bytes;
	u64 wpr_start;
	u64 nonwpr_heap;
	u64 nonwpr_heap_bytes;
};

/**
 * struct nova_wpr_images - where Booter finds what it copies (DMA addresses)
 * @radix3: first level of the page tables of GSP-RM
 * @bootloader: boot loader
 * @bootloader_code: offset of its code
 * @bootloader_data: offset of its data
 * @bootloader_manifest: offset of its manifest
 * @signature: signature of GSP-RM
 * @signature_bytes: its length
 * @crash: crash report queue, 0 for none
 * @crash_bytes: its length
 */
struct nova_wpr_images {
	u64 radix3;
	u64 bootloader;
	u64 bootloader_code;
	u64 bootloader_data;
	u64 bootloader_manifest;
	u64 signature;
	u64 signature_bytes;
	u64 crash;
	u64 crash_bytes;
};

/**
 * nova_wpr_heap_mb() - heap that the firmware wants without vGPUs
 * @rules: release
 * @libos2: TU10x and GA100
 * @fb_bytes: usable framebuffer
 *
 * Return: MiB, before the limit of the scrubbed framebuffer.
 */
u32 nova_wpr_heap_mb(const struct nova_abi_rules *rules, bool libos2, u64 fb_bytes);

/**
 * nova_wpr_layout() - lay out the reserved framebuffer, from its end downwards
 * @rules: release
 * @rq: sizes
 * @out: filled in on success
 *
 * Return: 0, -EINVAL where a size makes no sense, -ENOSPC where the framebuffer
 * or its scrubbed part is too small for the least heap.
 */
int nova_wpr_layout(const struct nova_abi_rules *rules, const struct nova_wpr_request *rq,
		    struct nova_wpr_layout *out);

/**
 * nova_wpr_meta_fill() - write the metadata that Booter reads
 * @abi: release
 * @l: layout
 * @im: images
 * @buf: NOVA_WPR_META_BYTES bytes, zeroed
 * @len: bytes of @buf
 *
 * No VF partitions: the firmware hosts no vGPU.
 *
 * Return: 0, or what nova_field_put() refused.
 */
int nova_wpr_meta_fill(const struct nova_abi *abi, const struct nova_wpr_layout *l,
		       const struct nova_wpr_images *im, void *buf, size_t len);

#endif /* NOVABPF_GSP_WPR_H */
