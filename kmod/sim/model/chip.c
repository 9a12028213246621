// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chips the model can be.
 */
#include "internal.h"

static const struct nsim_chip nsim_chips[] = {
	{ "tu102", NOVA_CHIP_TU102, NSIM_TU10X },
	{ "tu104", NOVA_CHIP_TU104, NSIM_TU10X },
	{ "tu106", NOVA_CHIP_TU106, NSIM_TU10X },
	{ "tu116", NOVA_CHIP_TU116, NSIM_TU11X },
	{ "tu117", NOVA_CHIP_TU117, NSIM_TU11X },
	{ "ga100", NOVA_CHIP_GA100, NSIM_GA100 },
	{ "ga102", NOVA_CHIP_GA102, NSIM_GA10X },
	{ "ga103", NOVA_CHIP_GA103, NSIM_GA10X },
	{ "ga104", NOVA_CHIP_GA104, NSIM_GA10X },
	{ "ga106", NOVA_CHIP_GA106, NSIM_GA10X },
	{ "ga107", NOVA_CHIP_GA107, NSIM_GA10X },
	{ "ad102", NOVA_CHIP_AD102, NSIM_AD10X },
	{ "ad103", NOVA_CHIP_AD103, NSIM_AD10X },
	{ "ad104", NOVA_CHIP_AD104, NSIM_AD10X },
	{ "ad106", NOVA_CHIP_AD106, NSIM_AD10X },
	{ "ad107", NOVA_CHIP_AD107, NSIM_AD10X },
};

const struct nsim_chip *nsim_chip_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nsim_chips); i++)
		if (!strcmp(nsim_chips[i].name, name))
			return &nsim_chips[i];
	return NULL;
}

void nsim_chip_names(struct nsim_text *t)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nsim_chips); i++)
		nsim_print(t, "%s%s", i ? " " : "", nsim_chips[i].name);
}

const char *nsim_chip_family_name(enum nsim_family family)
{
	static const char * const names[] = {
		[NSIM_TU10X] = "tu10x",
		[NSIM_TU11X] = "tu11x",
		[NSIM_GA100] = "ga100",
		[NSIM_GA10X] = "ga10x",
		[NSIM_AD10X] = "ad10x",
	};

	return names[family];
}

bool nsim_chip_is_libos3(const struct nsim_chip *chip)
{
	return chip->family == NSIM_GA10X || chip->family == NSIM_AD10X;
}

/* The boot ROM with parameters in registers and the core select came with GA102. */
bool nsim_chip_has_bcr(const struct nsim_chip *chip)
{
	return nsim_chip_is_libos3(chip);
}

/* Magnitude and scale that give exactly @fb_bytes, or 0. */
u32 nsim_chip_lmr(u64 fb_bytes)
{
	u32 scale;

	for (scale = 0; scale < 16; scale++) {
		u64 mag = fb_bytes >> (scale + 20);

		if (mag && mag < 64 && mag << (scale + 20) == fb_bytes)
			return (u32)mag << 4 | scale;
	}
	return 0;
}
