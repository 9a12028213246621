// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table of supported chips, Turing to Ada.
 */
#include <linux/kernel.h>
#include "gpu.h"

/* Framebuffer that power-on firmware scrubs; GA100 scrubs all of it. */
#define SCRUBBED_MB	256

#define TURING(chip, label, sig) {					\
	.id = (chip), .name = (label), .signature = (sig),		\
	.libos2 = true, .frts = true, .wpr_scrubbed_mb = SCRUBBED_MB,	\
}

#define GA102_OR_LATER(chip, label, sig) {				\
	.id = (chip), .name = (label), .signature = (sig),		\
	.brom = true, .frts = true, .usable_fb_reg = true,		\
	.wpr_scrubbed_mb = SCRUBBED_MB,					\
}

static const struct nova_chip nova_chips[] = {
	TURING(NOVA_CHIP_TU102, "tu102", "fwsignature_tu10x"),
	TURING(NOVA_CHIP_TU104, "tu104", "fwsignature_tu10x"),
	TURING(NOVA_CHIP_TU106, "tu106", "fwsignature_tu10x"),
	TURING(NOVA_CHIP_TU116, "tu116", "fwsignature_tu11x"),
	TURING(NOVA_CHIP_TU117, "tu117", "fwsignature_tu11x"),
	{
		.id = NOVA_CHIP_GA100,
		.name = "ga100",
		.signature = "fwsignature_ga100",
		.libos2 = true,
	},
	GA102_OR_LATER(NOVA_CHIP_GA102, "ga102", "fwsignature_ga10x"),
	GA102_OR_LATER(NOVA_CHIP_GA103, "ga103", "fwsignature_ga10x"),
	GA102_OR_LATER(NOVA_CHIP_GA104, "ga104", "fwsignature_ga10x"),
	GA102_OR_LATER(NOVA_CHIP_GA106, "ga106", "fwsignature_ga10x"),
	GA102_OR_LATER(NOVA_CHIP_GA107, "ga107", "fwsignature_ga10x"),
	GA102_OR_LATER(NOVA_CHIP_AD102, "ad102", "fwsignature_ad10x"),
	GA102_OR_LATER(NOVA_CHIP_AD103, "ad103", "fwsignature_ad10x"),
	GA102_OR_LATER(NOVA_CHIP_AD104, "ad104", "fwsignature_ad10x"),
	GA102_OR_LATER(NOVA_CHIP_AD106, "ad106", "fwsignature_ad10x"),
	GA102_OR_LATER(NOVA_CHIP_AD107, "ad107", "fwsignature_ad10x"),
};

/**
 * nova_chip_find() - look up a chip
 * @id: NV_PMC_BOOT_42_CHIP()
 *
 * Context: any.
 * Return: the chip, or NULL if the core does not support it.
 */
const struct nova_chip *nova_chip_find(u32 id)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nova_chips); i++)
		if (nova_chips[i].id == id)
			return &nova_chips[i];
	return NULL;
}
