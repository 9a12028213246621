// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware images that the model hands out. Their content is a random
 * stream seeded by release and kind: nothing in them runs, but loading a part
 * of one wrongly, or the image of another release, shows in a comparison.
 */
#include "internal.h"

/* More than 512 pages, so that the radix3 tree has more than one leaf table. */
#define GSIM_GSP_IMAGE_BYTES	(2 * 1024 * 1024 + 5 * 4096 + 512)
#define GSIM_SIG_BYTES		4096
#define GSIM_BOOTLOADER_BYTES	0x1400

#define ELF_SECTIONS		7
#define ELF_EHDR_BYTES		64
#define ELF_SHDR_BYTES		64
#define ELF_MACHINE_RISCV	243
#define ELF_SHT_PROGBITS	1
#define ELF_SHT_STRTAB		3

static void gsim_fill(struct gsim *sim, u8 *p, size_t size, u32 salt)
{
	const char *s = sim->abi->release;
	struct gsim_rng r;
	u64 seed = salt;
	size_t i;

	while (*s)
		seed = seed * 131 + (u8)*s++;
	gsim_rng_seed(&r, seed);
	for (i = 0; i + 8 <= size; i += 8)
		put_unaligned_le64(gsim_rng_next(&r), p + i);
}

static void gsim_elf_section(u8 *sh, u32 name, u32 type, u32 off, u32 size)
{
	put_unaligned_le32(name, sh);
	put_unaligned_le32(type, sh + 4);
	put_unaligned_le64(off, sh + 24);
	put_unaligned_le64(size, sh + 32);
	put_unaligned_le64(1, sh + 48);
}

static void gsim_elf_header(u8 *e, u32 shoff)
{
	static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	memcpy(e, ident, sizeof(ident));
	put_unaligned_le16(1, e + 16);			/* relocatable */
	put_unaligned_le16(ELF_MACHINE_RISCV, e + 18);
	put_unaligned_le32(1, e + 20);
	put_unaligned_le64(shoff, e + 40);
	put_unaligned_le16(ELF_EHDR_BYTES, e + 52);
	put_unaligned_le16(ELF_SHDR_BYTES, e + 58);
	put_unaligned_le16(ELF_SECTIONS, e + 60);
	put_unaligned_le16(ELF_SECTIONS - 1, e + 62);	/* names */
}

/* The signature sections of the image: libos2 and libos3 chips have an image each. */
static u32 gsim_elf_families(struct gsim *sim, enum gsim_family *f)
{
	if (gsim_chip_is_libos3(sim->chip)) {
		f[0] = GSIM_GA10X;
		f[1] = GSIM_AD10X;
		return 2;
	}
	f[0] = GSIM_TU10X;
	f[1] = GSIM_TU11X;
	f[2] = GSIM_GA100;
	return 3;
}

/* Content of .fwversion, no longer than the image's own version. */
void gsim_image_name(struct gsim *sim, const char *name, size_t len)
{
	u8 *at = sim->image[NOVA_FW_GSP].data + ELF_EHDR_BYTES;

	memset(at, 0, strlen(sim->fwversion));
	memcpy(at, name, len);
}

static int gsim_build_elf(struct gsim *sim)
{
	struct gsim_image *img = &sim->image[NOVA_FW_GSP];
	u32 version_len = (u32)strlen(sim->fwversion) + 1;
	u32 off, shoff, i, n, section = 1;
	enum gsim_family family[3];
	char names[160];
	struct gsim_text t = { names, sizeof(names), 1 };
	u8 *sh;

	n = gsim_elf_families(sim, family);
	off = ELF_EHDR_BYTES + (u32)ALIGN(version_len, 64u);
	sim->elf.image_off = off;
	sim->elf.image_size = GSIM_GSP_IMAGE_BYTES;
	shoff = (u32)ALIGN(off + GSIM_GSP_IMAGE_BYTES + n * GSIM_SIG_BYTES + sizeof(names), 64u);
	img->size = shoff + ELF_SECTIONS * ELF_SHDR_BYTES;
	img->data = gsim_alloc(sim, img->size);
	if (!img->data)
		return -ENOMEM;
	gsim_elf_header(img->data, shoff);
	sh = img->data + shoff;
	memset(names, 0, sizeof(names));

	memcpy(img->data + ELF_EHDR_BYTES, sim->fwversion, version_len);
	gsim_elf_section(sh + section++ * ELF_SHDR_BYTES, (u32)t.len, ELF_SHT_PROGBITS,
			 ELF_EHDR_BYTES, version_len);
	gsim_print(&t, ".fwversion");
	t.len++;
	gsim_fill(sim, img->data + off, GSIM_GSP_IMAGE_BYTES, 1);
	gsim_elf_section(sh + section++ * ELF_SHDR_BYTES, (u32)t.len, ELF_SHT_PROGBITS, off,
			 GSIM_GSP_IMAGE_BYTES);
	gsim_print(&t, ".fwimage");
	t.len++;
	off += GSIM_GSP_IMAGE_BYTES;
	for (i = 0; i < n; i++, off += GSIM_SIG_BYTES) {
		gsim_fill(sim, img->data + off, GSIM_SIG_BYTES, 100 + family[i]);
		gsim_elf_section(sh + section++ * ELF_SHDR_BYTES, (u32)t.len, ELF_SHT_PROGBITS,
				 off, GSIM_SIG_BYTES);
		gsim_print(&t, ".fwsignature_%s", gsim_chip_family_name(family[i]));
		t.len++;
		if (family[i] == sim->chip->family) {
			sim->elf.sig_off = off;
			sim->elf.sig_size = GSIM_SIG_BYTES;
		}
	}
	/* An image with fewer families keeps the unused sections empty, of type 0. */
	gsim_elf_section(sh + (ELF_SECTIONS - 1) * ELF_SHDR_BYTES, (u32)t.len, ELF_SHT_STRTAB, off,
			 sizeof(names));
	gsim_print(&t, ".shstrtab");
	memcpy(img->data + off, names, sizeof(names));
	return 0;
}

static const struct nova_fw_ucode gsim_ucodes[NOVA_FW_KINDS] = {
	[NOVA_FW_BOOTLOADER] = {
		.code_size = GSIM_BOOTLOADER_BYTES,
		.data_offset = GSIM_BOOTLOADER_BYTES,
		.app_version = 0x00010002,
	},
	[NOVA_FW_BOOTER_LOAD] = {
		.code_size = 0x1200,
		.data_offset = 0x1200,
		.data_size = 0x500,
		.boot_vector = 0x100,
		.engine_id_mask = 0x1,
		.ucode_id = 3,
		.pkc_data_offset = 0x20,
	},
	[NOVA_FW_BOOTER_UNLOAD] = {
		.code_size = 0x900,
		.data_offset = 0x900,
		.data_size = 0x300,
		.boot_vector = 0,
		.engine_id_mask = 0x1,
		.ucode_id = 4,
		.pkc_data_offset = 0x40,
	},
	[NOVA_FW_FWSEC] = {
		.code_size = 0x1500,
		.data_offset = 0x1500,
		.data_size = 0x700,
		.boot_vector = 0x200,
		.engine_id_mask = 0x400,
		.ucode_id = 9,
		.pkc_data_offset = 0x80,
		.cmd_offset = 0x340,
	},
};

static int gsim_build_bin(struct gsim *sim, enum nova_fw_kind kind)
{
	const struct nova_fw_ucode *u = &gsim_ucodes[kind];
	u32 words[6 + sizeof(*u) / sizeof(u32)];
	struct gsim_image *img = &sim->image[kind];
	u32 payload = u->code_size + u->data_size, i;

	img->size = 256 + payload;
	img->data = gsim_alloc(sim, img->size);
	if (!img->data)
		return -ENOMEM;
	words[0] = NOVA_FW_BIN_MAGIC;
	words[1] = 1;
	words[2] = (u32)img->size;
	words[3] = sizeof(struct nova_fw_bin_hdr);
	words[4] = 256;
	words[5] = payload;
	memcpy(words + 6, u, sizeof(*u));
	for (i = 0; i < ARRAY_SIZE(words); i++)
		put_unaligned_le32(words[i], img->data + 4 * i);
	img->ucode = u;
	img->payload = img->data + 256;
	gsim_fill(sim, img->data + 256, payload, 10 + kind);
	if (kind == NOVA_FW_FWSEC)
		memset(img->data + 256 + u->data_offset + u->cmd_offset, 0,
		       sizeof(struct nova_fwsec_frts_cmd));
	return 0;
}

int gsim_images_build(struct gsim *sim)
{
	u32 kind;
	int err;

	err = gsim_build_elf(sim);
	for (kind = NOVA_FW_BOOTLOADER; !err && kind < NOVA_FW_KINDS; kind++)
		err = gsim_build_bin(sim, kind);
	return err;
}

void gsim_images_free(struct gsim *sim)
{
	u32 kind;

	for (kind = 0; kind < NOVA_FW_KINDS; kind++)
		gsim_free(sim, sim->image[kind].data);
}

int gsim_firmware(struct gsim *sim, enum nova_fw_kind kind, const void **data, size_t *size)
{
	if ((u32)kind >= NOVA_FW_KINDS || !sim->image[kind].data)
		return -ENOENT;
	*data = sim->image[kind].data;
	*size = sim->image[kind].size;
	return 0;
}
