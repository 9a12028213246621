// SPDX-License-Identifier: GPL-2.0-only
// runs: 8000000
// uses: kmod/gsp/boot/fwimage.c
/*
 * Firmware images of any content: what a reader returns must lie in the image.
 */
#include <stdlib.h>
#include "gsp/boot/fwimage.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Keeps the reads below from being optimised away. */
u8 fuzz_sink;

static void inside(const u8 *p, size_t len, const u8 *data, size_t size)
{
	size_t i;

	if (p < data || len > size || (size_t)(p - data) > size - len)
		abort();
	for (i = 0; i < len; i++)
		fuzz_sink ^= p[i];
}

static void ucode(const u8 *data, size_t size, enum nova_fw_kind kind)
{
	struct nova_fw_ucode_image im;
	const char *why = NULL;

	if (nova_fw_ucode_parse(data, size, kind, &im, &why)) {
		if (!why)
			abort();
		return;
	}
	inside(im.payload, im.payload_bytes, data, size);
	inside(im.payload + im.desc.code_offset, im.desc.code_size, data, size);
	inside(im.payload + im.desc.data_offset, im.desc.data_size, data, size);
	if (kind == NOVA_FW_FWSEC)
		inside(im.payload + im.desc.data_offset + im.desc.cmd_offset,
		       sizeof(struct nova_fwsec_frts_cmd), data, size);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct nova_fw_gsp_image gsp;
	const char *why = NULL;

	if (nova_fw_gsp_parse(data, size, "fwsignature_ga10x", &gsp, &why)) {
		if (!why)
			abort();
	} else {
		inside(gsp.fw, gsp.fw_bytes, data, size);
		inside(gsp.sig, gsp.sig_bytes, data, size);
		if (!gsp.release[0] || strlen(gsp.release) >= sizeof(gsp.release))
			abort();
	}
	ucode(data, size, NOVA_FW_BOOTLOADER);
	ucode(data, size, NOVA_FW_BOOTER_LOAD);
	ucode(data, size, NOVA_FW_FWSEC);
	return 0;
}
