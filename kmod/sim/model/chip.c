// SPDX-License-Identifier: GPL-2.0-only
/* Chips that the model can simulate. */
#include "internal.h"

static const struct gsim_chip gsim_chips[] = {
	{ "tu102", NOVA_CHIP_TU102, GSIM_TU10X },
	{ "tu104", NOVA_CHIP_TU104, GSIM_TU10X },
	{ "tu106", NOVA_CHIP_TU106, GSIM_TU10X },
	{ "tu116", NOVA_CHIP_TU116, GSIM_TU11X },
	{ "tu117", NOVA_CHIP_TU117, GSIM_TU11X },
	{ "ga100", NOVA_CHIP_GA100, GSIM_GA100 },
	{ "ga102", NOVA_CHIP_GA102, GSIM_GA10X },
	{ "ga103", NOVA_CHIP_GA103, GSIM_GA10X },
	{ "ga104", NOVA_CHIP_GA104, GSIM_GA10X },
	{ "ga106", NOVA_CHIP_GA106, GSIM_GA10X },
	{ "ga107", NOVA_CHIP_GA107, GSIM_GA10X },
	{ "ad102", NOVA_CHIP_AD102, GSIM_AD10X },
	{ "ad103", NOVA_CHIP_AD103, GSIM_AD10X },
	{ "ad104", NOVA_CHIP_AD104, GSIM_AD10X },
	{ "ad106", NOVA_CHIP_AD106, GSIM_AD10X },
	{ "ad107", NOVA_CHIP_AD107, GSIM_AD10X },
};

const struct gsim_chip *gsim_chip_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gsim_chips); i++)
		if (!strcmp(gsim_chips[i].name, name))
			return &gsim_chips[i];
	return NULL;
}

void gsim_chip_names(struct gsim_text *t)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gsim_chips); i++)
		gsim_print(t, "%s%s", i ? " " : "", gsim_chips[i].name);
}

const char *gsim_chip_family_name(enum gsim_family family)
{
	static const char * const names[] = {
		[GSIM_TU10X] = "tu10x",
		[GSIM_TU11X] = "tu11x",
		[GSIM_GA100] = "ga100",
		[GSIM_GA10X] = "ga10x",
		[GSIM_AD10X] = "ad10x",
	};

	return names[family];
}

bool gsim_chip_is_libos3(const struct gsim_chip *chip)
{
	return chip->family == GSIM_GA10X || chip->family == GSIM_AD10X;
}

/* The boot ROM with parameters in registers and the core select came with GA102. */
bool gsim_chip_has_bcr(const struct gsim_chip *chip)
{
	return gsim_chip_is_libos3(chip);
}

/* Magnitude and scale that give exactly @fb_bytes, or 0. */
u32 gsim_chip_lmr(u64 fb_bytes)
{
	u32 scale;

	for (scale = 0; scale < 16; scale++) {
		u64 mag = fb_bytes >> (scale + 20);

		if (mag && mag < 64 && mag << (scale + 20) == fb_bytes)
			return (u32)mag << 4 | scale;
	}
	return 0;
}
