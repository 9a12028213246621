// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of firmware images: the ELF file of GSP-RM and the containers of the
 * other processors' code. Images come from a file or a backend, so nothing in
 * them is believed.
 */
#include "fwimage.h"

#define ELF_EHDR_BYTES		64
#define ELF_SHDR_BYTES		64
#define ELF_SECTIONS_MAX	4096
#define ELF_MACHINE_RISCV	243
#define ELF_SHT_NOBITS		8

#define SECTION_NAME_MAX	64

struct elf {
	const u8 *image;
	size_t size;
	const u8 *headers;
	u32 count;
	const u8 *names;
	u64 names_bytes;
};

static bool fwimage_range_ok(u64 off, u64 len, u64 size)
{
	return off <= size && len <= size - off;
}

static int fwimage_elf_fail(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

static int fwimage_elf_open(struct elf *elf, const void *image, size_t size, const char **why)
{
	static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* LE */, 1 };
	const u8 *p = image, *strtab;
	u64 table;
	u32 names;

	if (size < ELF_EHDR_BYTES || memcmp(p, ident, sizeof(ident)))
		return fwimage_elf_fail(why, "it is no little-endian ELF64 file");
	if (get_unaligned_le16(p + 18) != ELF_MACHINE_RISCV)
		return fwimage_elf_fail(why, "its ELF machine is not RISC-V");

	table = get_unaligned_le64(p + 40);
	elf->count = get_unaligned_le16(p + 60);
	names = get_unaligned_le16(p + 62);
	if (get_unaligned_le16(p + 58) != ELF_SHDR_BYTES)
		return fwimage_elf_fail(why, "its section headers have an odd size");
	if (!elf->count || elf->count > ELF_SECTIONS_MAX || names >= elf->count)
		return fwimage_elf_fail(why, "its number of sections makes no sense");
	if (!fwimage_range_ok(table, (u64)elf->count * ELF_SHDR_BYTES, size))
		return fwimage_elf_fail(why, "its section headers lie outside the file");

	elf->image = p;
	elf->size = size;
	elf->headers = p + table;

	strtab = elf->headers + (size_t)names * ELF_SHDR_BYTES;
	elf->names_bytes = get_unaligned_le64(strtab + 32);
	if (!fwimage_range_ok(get_unaligned_le64(strtab + 24), elf->names_bytes, size))
		return fwimage_elf_fail(why, "its section names lie outside the file");
	elf->names = p + get_unaligned_le64(strtab + 24);
	return 0;
}

static bool fwimage_name_is(const struct elf *elf, u32 off, const char *name)
{
	size_t len = strlen(name) + 1;

	return fwimage_range_ok(off, len, elf->names_bytes) && !memcmp(elf->names + off, name, len);
}

static int fwimage_elf_find(const struct elf *elf, const char *name, const u8 **data, u32 *len,
			    const char **why)
{
	u32 i;

	for (i = 0; i < elf->count; i++) {
		const u8 *sh = elf->headers + (size_t)i * ELF_SHDR_BYTES;
		u64 off = get_unaligned_le64(sh + 24);
		u64 bytes = get_unaligned_le64(sh + 32);

		if (!fwimage_name_is(elf, get_unaligned_le32(sh), name))
			continue;
		if (get_unaligned_le32(sh + 4) == ELF_SHT_NOBITS ||
		    !fwimage_range_ok(off, bytes, elf->size) || bytes > NOVA_FW_GSP_BYTES_MAX)
			return fwimage_elf_fail(why, "a section lies outside the file");
		*data = elf->image + off;
		*len = (u32)bytes;
		return 0;
	}
	*why = "a section is missing";
	return -ENOENT;
}

int nova_fw_elf_section(const void *image, size_t size, const char *name,
			const u8 **data, u32 *len, const char **why)
{
	struct elf elf;
	int ret;

	ret = fwimage_elf_open(&elf, image, size, why);
	if (ret)
		return ret;
	return fwimage_elf_find(&elf, name, data, len, why);
}

static int fwimage_parse_release(const struct elf *elf, char *release, const char **why)
{
	const u8 *data;
	u32 len, i;
	int ret;

	ret = fwimage_elf_find(elf, ".fwversion", &data, &len, why);
	if (ret) {
		if (ret == -ENOENT)
			*why = "it has no section .fwversion";
		return ret;
	}
	for (i = 0; i < len && data[i]; i++) {
		/* The name goes to logs and messages: nothing but plain text. */
		if (data[i] <= ' ' || data[i] > '~')
			return fwimage_elf_fail(why, "its .fwversion is not plain text");
		if (i == NOVA_FW_RELEASE_BYTES - 1)
			return fwimage_elf_fail(why, "its .fwversion is too long");
		release[i] = (char)data[i];
	}
	if (!i)
		return fwimage_elf_fail(why, "its .fwversion is empty");
	release[i] = '\0';
	return 0;
}

int nova_fw_gsp_parse(const void *image, size_t size, const char *signature,
		      struct nova_fw_gsp_image *out, const char **why)
{
	char name[SECTION_NAME_MAX] = ".";
	struct elf elf;
	int ret;

	ret = fwimage_elf_open(&elf, image, size, why);
	if (ret)
		return ret;
	ret = fwimage_parse_release(&elf, out->release, why);
	if (ret)
		return ret;

	ret = fwimage_elf_find(&elf, ".fwimage", &out->fw, &out->fw_bytes, why);
	if (ret) {
		if (ret == -ENOENT)
			*why = "it has no section .fwimage";
		return ret;
	}
	if (!out->fw_bytes)
		return fwimage_elf_fail(why, "its section .fwimage is empty");

	if (strlen(signature) > sizeof(name) - 2)
		return fwimage_elf_fail(why, "the name of the signature section is too long");
	memcpy(name + 1, signature, strlen(signature) + 1);
	ret = fwimage_elf_find(&elf, name, &out->sig, &out->sig_bytes, why);
	if (ret) {
		if (ret == -ENOENT)
			*why = "it has no signature section for this chip";
		return ret;
	}
	if (!out->sig_bytes)
		return fwimage_elf_fail(why, "its signature section for this chip is empty");
	return 0;
}

static void fwimage_read_desc(struct nova_fw_ucode *d, const u8 *p)
{
	d->code_offset = get_unaligned_le32(p);
	d->code_size = get_unaligned_le32(p + 4);
	d->data_offset = get_unaligned_le32(p + 8);
	d->data_size = get_unaligned_le32(p + 12);
	d->boot_vector = get_unaligned_le32(p + 16);
	d->engine_id_mask = get_unaligned_le32(p + 20);
	d->ucode_id = get_unaligned_le32(p + 24);
	d->pkc_data_offset = get_unaligned_le32(p + 28);
	d->cmd_offset = get_unaligned_le32(p + 32);
	d->app_version = get_unaligned_le32(p + 36);
}

/* Falcon DMA moves blocks, and writes past the end of IMEM or DMEM are lost. */
static const char *fwimage_check_falcon(const struct nova_fw_ucode *d, enum nova_fw_kind kind)
{
	if ((d->code_offset | d->code_size | d->data_offset | d->data_size) %
	    NOVA_FW_BLOCK_BYTES)
		return "its code or data is no multiple of 256 bytes";
	if (d->code_size > NOVA_FW_FALCON_BYTES || d->data_size > NOVA_FW_FALCON_BYTES)
		return "its code or data does not fit the falcon";
	if (d->boot_vector >= d->code_size)
		return "its boot vector lies outside its code";
	if (d->data_size && d->pkc_data_offset >= d->data_size)
		return "its signature lies outside its data";
	if (kind != NOVA_FW_FWSEC)
		return NULL;
	if (d->cmd_offset % sizeof(u32) ||
	    !fwimage_range_ok(d->cmd_offset, sizeof(struct nova_fwsec_frts_cmd), d->data_size))
		return "its command lies outside its data";
	return NULL;
}

int nova_fw_ucode_parse(const void *image, size_t size, enum nova_fw_kind kind,
			struct nova_fw_ucode_image *out, const char **why)
{
	const u8 *p = image;
	u32 header, data, data_size;
	struct nova_fw_ucode *d = &out->desc;

	if (size < sizeof(struct nova_fw_bin_hdr) ||
	    get_unaligned_le32(p) != NOVA_FW_BIN_MAGIC)
		return fwimage_elf_fail(why, "it does not start with the magic of a container");
	if (get_unaligned_le32(p + 4) != 1)
		return fwimage_elf_fail(why, "its container version is not 1");
	if (get_unaligned_le32(p + 8) > size)
		return fwimage_elf_fail(why, "it is shorter than it says");

	header = get_unaligned_le32(p + 12);
	data = get_unaligned_le32(p + 16);
	data_size = get_unaligned_le32(p + 20);
	if (!fwimage_range_ok(header, sizeof(*d), size))
		return fwimage_elf_fail(why, "its descriptor lies outside the file");
	if (!fwimage_range_ok(data, data_size, size))
		return fwimage_elf_fail(why, "its payload lies outside the file");

	fwimage_read_desc(d, p + header);
	if (!d->code_size)
		return fwimage_elf_fail(why, "it has no code");
	if (!fwimage_range_ok(d->code_offset, d->code_size, data_size) ||
	    !fwimage_range_ok(d->data_offset, d->data_size, data_size))
		return fwimage_elf_fail(why, "its code or data lies outside its payload");
	if (kind != NOVA_FW_BOOTLOADER) {
		*why = fwimage_check_falcon(d, kind);
		if (*why)
			return -EINVAL;
	}
	out->payload = p + data;
	out->payload_bytes = data_size;
	return 0;
}

const char *nova_fw_kind_name(enum nova_fw_kind kind)
{
	switch (kind) {
	case NOVA_FW_GSP:
		return "gsp";
	case NOVA_FW_BOOTLOADER:
		return "bootloader";
	case NOVA_FW_BOOTER_LOAD:
		return "booter_load";
	case NOVA_FW_BOOTER_UNLOAD:
		return "booter_unload";
	case NOVA_FW_FWSEC:
		return "fwsec";
	default:
		return "unknown";
	}
}
