// SPDX-License-Identifier: GPL-2.0-only
/*
 * GET_GSP_STATIC_INFO: the firmware's description of its GPU, in the fields that the
 * release has.
 */
#include "internal.h"

#define GSIM_TOTAL_VFS		32
#define GSIM_ENGINE_CAPS	0x0000000f	/* graphics and copy engines 0..2 */

static void gsim_info_name(struct gsim *sim, u8 *buf, u32 len)
{
	char upper[16] = { 0 };
	char name[64];
	u32 i;

	for (i = 0; sim->chip->name[i] && i < sizeof(upper) - 1; i++) {
		char c = sim->chip->name[i];

		upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	gsim_error(name, sizeof(name), "NVIDIA Simulated %s", upper);
	gsim_put_text(sim, NOVA_STATIC_INFO_GPU_NAME, buf, len, name);
	gsim_put_text(sim, NOVA_STATIC_INFO_GPU_SHORT_NAME, buf, len, upper);
}

static void gsim_info_fb(struct gsim *sim, u8 *buf, u32 len)
{
	u64 reserved = NV_PFB_WPR2_ADDR(sim->regs.wpr2_lo);

	/* Everything below WPR2 and its unprotected heap is for the driver. */
	gsim_put(sim, NOVA_STATIC_INFO_FB_LENGTH, buf, len, sim->fb_bytes);
	gsim_put(sim, NOVA_STATIC_INFO_FB_REGION_COUNT, buf, len, 1);
	gsim_put(sim, NOVA_STATIC_INFO_FB_REGION0_BASE, buf, len, 0);
	gsim_put(sim, NOVA_STATIC_INFO_FB_REGION0_LIMIT, buf, len, reserved - GSIM_MIB - 1);
	gsim_put(sim, NOVA_STATIC_INFO_FB_REGION0_PERFORMANCE, buf, len, 20);
	gsim_put(sim, NOVA_STATIC_INFO_FB_BUS_WIDTH, buf, len, 384);
	gsim_put(sim, NOVA_STATIC_INFO_L2_CACHE_SIZE, buf, len, 6 * GSIM_MIB);
}

void gsim_info_static(struct gsim *sim, u8 *buf, u32 len)
{
	size_t size;
	u8 *caps;

	gsim_info_name(sim, buf, len);
	gsim_info_fb(sim, buf, len);
	caps = nova_field_ptr(sim->abi, NOVA_STATIC_INFO_ENGINE_CAPS, buf, len, &size);
	if (caps && size >= 4)
		put_unaligned_le32(GSIM_ENGINE_CAPS, caps);
	gsim_put(sim, NOVA_STATIC_INFO_SRIOV_TOTAL_VFS, buf, len, GSIM_TOTAL_VFS);
	gsim_put(sim, NOVA_STATIC_INFO_SRIOV_FIRST_VF_OFFSET, buf, len, 4);
	gsim_put(sim, NOVA_STATIC_INFO_SRIOV_ENABLED, buf, len, 1);
	gsim_put(sim, NOVA_STATIC_INFO_SRIOV_MAX_GFID, buf, len, GSIM_TOTAL_VFS + 1);
	gsim_put(sim, NOVA_STATIC_INFO_SKU_BOARD_ID, buf, len, 0x51a0);
	gsim_put_text(sim, NOVA_STATIC_INFO_SKU_CHIP_SKU, buf, len, "SIM-A1");
	gsim_put_text(sim, NOVA_STATIC_INFO_SKU_PROJECT, buf, len, "SIM0");
	gsim_put(sim, NOVA_STATIC_INFO_IS_VGX, buf, len, 1);
	gsim_put(sim, NOVA_STATIC_INFO_VBIOS_VALID, buf, len, 1);
	gsim_put(sim, NOVA_STATIC_INFO_INTERNAL_CLIENT, buf, len, GSIM_INTERNAL_CLIENT);
	gsim_put(sim, NOVA_STATIC_INFO_INTERNAL_DEVICE, buf, len, GSIM_INTERNAL_DEVICE);
	gsim_put(sim, NOVA_STATIC_INFO_INTERNAL_SUBDEVICE, buf, len, GSIM_INTERNAL_SUBDEVICE);
}
