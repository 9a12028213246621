// SPDX-License-Identifier: GPL-2.0-only
/*
 * GET_GSP_STATIC_INFO: what the firmware tells about its GPU, as far as the
 * release has a field for it.
 */
#include "internal.h"

#define NSIM_TOTAL_VFS		32
#define NSIM_ENGINE_CAPS	0x0000000f	/* graphics and copy engines 0..2 */

static void nsim_info_name(struct nsim *sim, u8 *buf, u32 len)
{
	char upper[16] = { 0 };
	char name[64];
	u32 i;

	for (i = 0; sim->chip->name[i] && i < sizeof(upper) - 1; i++) {
		char c = sim->chip->name[i];

		upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	nsim_error(name, sizeof(name), "NVIDIA Simulated %s", upper);
	nsim_put_text(sim, NOVA_STATIC_INFO_GPU_NAME, buf, len, name);
	nsim_put_text(sim, NOVA_STATIC_INFO_GPU_SHORT_NAME, buf, len, upper);
}

static void nsim_info_fb(struct nsim *sim, u8 *buf, u32 len)
{
	u64 reserved = NV_PFB_WPR2_ADDR(sim->regs.wpr2_lo);

	/* Everything below WPR2 and its unprotected heap is for the driver. */
	nsim_put(sim, NOVA_STATIC_INFO_FB_LENGTH, buf, len, sim->fb_bytes);
	nsim_put(sim, NOVA_STATIC_INFO_FB_REGION_COUNT, buf, len, 1);
	nsim_put(sim, NOVA_STATIC_INFO_FB_REGION0_BASE, buf, len, 0);
	nsim_put(sim, NOVA_STATIC_INFO_FB_REGION0_LIMIT, buf, len, reserved - NSIM_MIB - 1);
	nsim_put(sim, NOVA_STATIC_INFO_FB_REGION0_PERFORMANCE, buf, len, 20);
	nsim_put(sim, NOVA_STATIC_INFO_FB_BUS_WIDTH, buf, len, 384);
	nsim_put(sim, NOVA_STATIC_INFO_L2_CACHE_SIZE, buf, len, 6 * NSIM_MIB);
}

void nsim_info_static(struct nsim *sim, u8 *buf, u32 len)
{
	size_t size;
	u8 *caps;

	nsim_info_name(sim, buf, len);
	nsim_info_fb(sim, buf, len);
	caps = nova_field_ptr(sim->abi, NOVA_STATIC_INFO_ENGINE_CAPS, buf, len, &size);
	if (caps && size >= 4)
		put_unaligned_le32(NSIM_ENGINE_CAPS, caps);
	nsim_put(sim, NOVA_STATIC_INFO_SRIOV_TOTAL_VFS, buf, len, NSIM_TOTAL_VFS);
	nsim_put(sim, NOVA_STATIC_INFO_SRIOV_FIRST_VF_OFFSET, buf, len, 4);
	nsim_put(sim, NOVA_STATIC_INFO_SRIOV_ENABLED, buf, len, 1);
	nsim_put(sim, NOVA_STATIC_INFO_SRIOV_MAX_GFID, buf, len, NSIM_TOTAL_VFS + 1);
	nsim_put(sim, NOVA_STATIC_INFO_SKU_BOARD_ID, buf, len, 0x51a0);
	nsim_put_text(sim, NOVA_STATIC_INFO_SKU_CHIP_SKU, buf, len, "SIM-A1");
	nsim_put_text(sim, NOVA_STATIC_INFO_SKU_PROJECT, buf, len, "SIM0");
	nsim_put(sim, NOVA_STATIC_INFO_IS_VGX, buf, len, 1);
	nsim_put(sim, NOVA_STATIC_INFO_VBIOS_VALID, buf, len, 1);
	nsim_put(sim, NOVA_STATIC_INFO_INTERNAL_CLIENT, buf, len, NSIM_INTERNAL_CLIENT);
	nsim_put(sim, NOVA_STATIC_INFO_INTERNAL_DEVICE, buf, len, NSIM_INTERNAL_DEVICE);
	nsim_put(sim, NOVA_STATIC_INFO_INTERNAL_SUBDEVICE, buf, len, NSIM_INTERNAL_SUBDEVICE);
}
