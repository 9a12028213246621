// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/boot/fwimage.c
/*
 * Readers of firmware images: good ones, and each way in which one can be bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gsp/boot/fwimage.h"

#define SECTIONS	5
#define SHDRS		64
#define NAMES		(SHDRS + SECTIONS * 64)
#define BODY		(NAMES + 128)
#define VERSION		BODY
#define IMAGE		(BODY + 32)
#define IMAGE_BYTES	100
#define SIG		(IMAGE + IMAGE_BYTES)
#define SIG_BYTES	40
#define ELF_BYTES	(SIG + SIG_BYTES)

static const char names[] = "\0.fwversion\0.fwimage\0.fwsignature_ga10x\0.shstrtab";

static void section(u8 *elf, u32 i, u32 name, u32 type, u64 off, u64 bytes)
{
	u8 *sh = elf + SHDRS + i * 64;

	put_unaligned_le32(name, sh);
	put_unaligned_le32(type, sh + 4);
	put_unaligned_le64(off, sh + 24);
	put_unaligned_le64(bytes, sh + 32);
}

/* On the heap and of the exact size, so that every read past the end is seen. */
static u8 *make_elf(void)
{
	u8 *elf = calloc(1, ELF_BYTES);

	assert_non_null(elf);
	memcpy(elf, "\177ELF\2\1\1", 7);
	put_unaligned_le16(243, elf + 18);
	put_unaligned_le64(SHDRS, elf + 40);
	put_unaligned_le16(64, elf + 58);
	put_unaligned_le16(SECTIONS, elf + 60);
	put_unaligned_le16(4, elf + 62);
	memcpy(elf + NAMES, names, sizeof(names));
	section(elf, 1, 1, 1, VERSION, 8);
	section(elf, 2, 12, 1, IMAGE, IMAGE_BYTES);
	section(elf, 3, 21, 1, SIG, SIG_BYTES);
	section(elf, 4, 40, 3, NAMES, sizeof(names));
	memcpy(elf + VERSION, "570.144", 8);
	memset(elf + IMAGE, 0x11, IMAGE_BYTES);
	memset(elf + SIG, 0x22, SIG_BYTES);
	return elf;
}

static void gsp_good(void **state)
{
	struct nova_fw_gsp_image out;
	const char *why = "";
	u8 *elf = make_elf();
	const u8 *data;
	u32 len;

	(void)state;
	assert_int_equal(nova_fw_gsp_parse(elf, ELF_BYTES, "fwsignature_ga10x", &out, &why), 0);
	assert_string_equal(out.release, "570.144");
	assert_ptr_equal(out.fw, elf + IMAGE);
	assert_int_equal(out.fw_bytes, IMAGE_BYTES);
	assert_ptr_equal(out.sig, elf + SIG);
	assert_int_equal(out.sig_bytes, SIG_BYTES);

	/* Part of a name is not the name. */
	assert_int_equal(nova_fw_elf_section(elf, ELF_BYTES, ".fwimag", &data, &len, &why),
			 -ENOENT);
	assert_int_equal(nova_fw_elf_section(elf, ELF_BYTES, "fwimage", &data, &len, &why),
			 -ENOENT);
	assert_int_equal(nova_fw_elf_section(elf, ELF_BYTES, ".fwimage", &data, &len, &why), 0);
	assert_int_equal(len, IMAGE_BYTES);
	free(elf);
}

static void gsp_other_chip(void **state)
{
	struct nova_fw_gsp_image out;
	const char *why = "";
	u8 *elf = make_elf();
	char name[128];

	(void)state;
	assert_int_equal(nova_fw_gsp_parse(elf, ELF_BYTES, "fwsignature_tu10x", &out, &why),
			 -ENOENT);
	assert_non_null(strstr(why, "signature"));
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(nova_fw_gsp_parse(elf, ELF_BYTES, name, &out, &why), -EINVAL);
	free(elf);
}

/* One value of a good image is replaced; which error must come of it. */
static const struct {
	const char *what;
	u32 off;
	u32 bytes;
	u64 val;
	int ret;
} elf_faults[] = {
	{ "magic", 0, 1, 0x7e, -EINVAL },
	{ "32 bit class", 4, 1, 1, -EINVAL },
	{ "big endian", 5, 1, 2, -EINVAL },
	{ "machine", 18, 2, 62, -EINVAL },
	{ "header size", 58, 2, 40, -EINVAL },
	{ "no sections", 60, 2, 0, -EINVAL },
	{ "too many sections", 60, 2, 0xffff, -EINVAL },
	{ "more sections than there are", 60, 2, 100, -EINVAL },
	{ "name table index", 62, 2, SECTIONS, -EINVAL },
	{ "headers past the end", 40, 8, ELF_BYTES, -EINVAL },
	{ "headers wrap", 40, 8, ~0ULL - 63, -EINVAL },
	{ "names past the end", SHDRS + 4 * 64 + 24, 8, ELF_BYTES, -EINVAL },
	{ "names too long", SHDRS + 4 * 64 + 32, 8, ELF_BYTES, -EINVAL },
	{ "names wrap", SHDRS + 4 * 64 + 24, 8, ~0ULL, -EINVAL },
	{ "empty name table", SHDRS + 4 * 64 + 32, 8, 0, -ENOENT },
	{ "name offset past the end", SHDRS + 64, 4, 0xffffffff, -ENOENT },
	{ "version past the end", SHDRS + 64 + 24, 8, ELF_BYTES - 4, -EINVAL },
	{ "version wraps", SHDRS + 64 + 24, 8, ~0ULL, -EINVAL },
	{ "version empty", SHDRS + 64 + 32, 8, 0, -EINVAL },
	{ "version not text", VERSION + 2, 1, 0x1b, -EINVAL },
	{ "version with a space", VERSION + 2, 1, ' ', -EINVAL },
	{ "version empty string", VERSION, 1, 0, -EINVAL },
	{ "version without bytes", SHDRS + 64 + 4, 4, 8, -EINVAL },
	{ "image past the end", SHDRS + 2 * 64 + 32, 8, ELF_BYTES, -EINVAL },
	{ "image huge", SHDRS + 2 * 64 + 32, 8, ~0ULL, -EINVAL },
	{ "image empty", SHDRS + 2 * 64 + 32, 8, 0, -EINVAL },
	{ "image has another name", NAMES + 13, 1, 'x', -ENOENT },
	{ "signature past the end", SHDRS + 3 * 64 + 24, 8, ELF_BYTES - SIG_BYTES + 1, -EINVAL },
	{ "signature empty", SHDRS + 3 * 64 + 32, 8, 0, -EINVAL },
};

static void put(u8 *p, u32 bytes, u64 val)
{
	u32 i;

	for (i = 0; i < bytes; i++)
		p[i] = (u8)(val >> 8 * i);
}

static void gsp_faults(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(elf_faults); i++) {
		struct nova_fw_gsp_image out;
		const char *why = NULL;
		u8 *elf = make_elf();
		int ret;

		put(elf + elf_faults[i].off, elf_faults[i].bytes, elf_faults[i].val);
		ret = nova_fw_gsp_parse(elf, ELF_BYTES, "fwsignature_ga10x", &out, &why);
		if (ret != elf_faults[i].ret || !why)
			fail_msg("%s: %d, %s", elf_faults[i].what, ret, why ? why : "no reason");
		free(elf);
	}
}

static void gsp_long_version(void **state)
{
	struct nova_fw_gsp_image out;
	const char *why = NULL;
	u8 *elf = make_elf();

	(void)state;
	/* The section runs on into the image: longer than a release's name is. */
	memset(elf + VERSION, '7', 64);
	put(elf + SHDRS + 64 + 32, 8, 64);
	assert_int_equal(nova_fw_gsp_parse(elf, ELF_BYTES, "fwsignature_ga10x", &out, &why),
			 -EINVAL);
	assert_non_null(strstr(why, "long"));
	/* One byte less than the room, without a NUL in the section */
	put(elf + SHDRS + 64 + 32, 8, NOVA_FW_RELEASE_BYTES - 1);
	assert_int_equal(nova_fw_gsp_parse(elf, ELF_BYTES, "fwsignature_ga10x", &out, &why), 0);
	assert_int_equal(strlen(out.release), NOVA_FW_RELEASE_BYTES - 1);
	put(elf + SHDRS + 64 + 32, 8, NOVA_FW_RELEASE_BYTES);
	assert_int_equal(nova_fw_gsp_parse(elf, ELF_BYTES, "fwsignature_ga10x", &out, &why),
			 -EINVAL);
	free(elf);
}

static void gsp_every_truncation(void **state)
{
	u8 *whole = make_elf();
	size_t n;

	(void)state;
	for (n = 0; n < ELF_BYTES; n++) {
		struct nova_fw_gsp_image out;
		const char *why = NULL;
		u8 *part = malloc(n ? n : 1);

		memcpy(part, whole, n);
		assert_int_not_equal(nova_fw_gsp_parse(part, n, "fwsignature_ga10x", &out, &why),
				     0);
		assert_non_null(why);
		free(part);
	}
	free(whole);
}

#define BIN_DESC	24
#define BIN_DATA	256
#define CODE_BYTES	512
#define DATA_BYTES	256
#define BIN_BYTES	(BIN_DATA + CODE_BYTES + DATA_BYTES)
#define DESC(i)		(BIN_DESC + 4 * (i))

static u8 *make_bin(void)
{
	static const u32 words[] = {
		NOVA_FW_BIN_MAGIC, 1, BIN_BYTES, BIN_DESC, BIN_DATA, CODE_BYTES + DATA_BYTES,
		0, CODE_BYTES, CODE_BYTES, DATA_BYTES, 0x100, 0x400, 9, 0x20, 0x40, 0x10002,
	};
	u8 *bin = calloc(1, BIN_BYTES);
	u32 i;

	assert_non_null(bin);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		put_unaligned_le32(words[i], bin + 4 * i);
	return bin;
}

static void ucode_good(void **state)
{
	struct nova_fw_ucode_image out;
	const char *why = NULL;
	u8 *bin = make_bin();

	(void)state;
	assert_int_equal(nova_fw_ucode_parse(bin, BIN_BYTES, NOVA_FW_FWSEC, &out, &why), 0);
	assert_ptr_equal(out.payload, bin + BIN_DATA);
	assert_int_equal(out.payload_bytes, CODE_BYTES + DATA_BYTES);
	assert_int_equal(out.desc.code_size, CODE_BYTES);
	assert_int_equal(out.desc.data_offset, CODE_BYTES);
	assert_int_equal(out.desc.boot_vector, 0x100);
	assert_int_equal(out.desc.engine_id_mask, 0x400);
	assert_int_equal(out.desc.ucode_id, 9);
	assert_int_equal(out.desc.pkc_data_offset, 0x20);
	assert_int_equal(out.desc.cmd_offset, 0x40);
	assert_int_equal(out.desc.app_version, 0x10002);

	/* The boot loader has no data and is not bound to blocks. */
	put_unaligned_le32(100, bin + DESC(1));
	put_unaligned_le32(0, bin + DESC(3));
	assert_int_equal(nova_fw_ucode_parse(bin, BIN_BYTES, NOVA_FW_BOOTLOADER, &out, &why), 0);
	assert_int_equal(nova_fw_ucode_parse(bin, BIN_BYTES, NOVA_FW_BOOTER_LOAD, &out, &why),
			 -EINVAL);
	free(bin);
}

static void ucode_faults(void **state)
{
	static const struct {
		const char *what;
		u32 off;
		u32 val;
	} t[] = {
		{ "magic", 0, 0x10df },
		{ "version", 4, 2 },
		{ "longer than the file", 8, BIN_BYTES + 1 },
		{ "descriptor past the end", 12, BIN_BYTES - 39 },
		{ "descriptor far off", 12, 0xffffffff },
		{ "payload past the end", 16, BIN_DATA + 1 },
		{ "payload far off", 16, 0xffffffff },
		{ "payload too long", 20, 0xffffffff },
		{ "payload shorter than its parts", 20, CODE_BYTES },
		{ "code offset", DESC(0), 256 * 3 },
		{ "code offset far off", DESC(0), 0xffffff00 },
		{ "code offset odd", DESC(0), 4 },
		{ "no code", DESC(1), 0 },
		{ "code size odd", DESC(1), CODE_BYTES - 4 },
		{ "code too long", DESC(1), 0xffffff00 },
		{ "data offset", DESC(2), CODE_BYTES + 256 },
		{ "data too long", DESC(3), DATA_BYTES + 256 },
		{ "boot vector", DESC(4), CODE_BYTES },
		{ "signature", DESC(7), DATA_BYTES },
		{ "command", DESC(8), DATA_BYTES - 28 },
		{ "command odd", DESC(8), 0x42 },
		{ "command far off", DESC(8), 0xfffffffc },
	};
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct nova_fw_ucode_image out;
		const char *why = NULL;
		u8 *bin = make_bin();
		int ret;

		put_unaligned_le32(t[i].val, bin + t[i].off);
		ret = nova_fw_ucode_parse(bin, BIN_BYTES, NOVA_FW_FWSEC, &out, &why);
		if (ret != -EINVAL || !why)
			fail_msg("%s: %d, %s", t[i].what, ret, why ? why : "no reason");
		free(bin);
	}
}

/* Code and data that a container can hold, but a falcon cannot. */
static void ucode_larger_than_a_falcon(void **state)
{
	u32 bytes = NOVA_FW_FALCON_BYTES + 256;
	struct nova_fw_ucode_image out;
	const char *why = NULL;
	u8 *bin = calloc(1, BIN_DATA + bytes), *small = make_bin();

	(void)state;
	memcpy(bin, small, BIN_DATA);
	put_unaligned_le32(BIN_DATA + bytes, bin + 8);
	put_unaligned_le32(bytes, bin + 20);
	put_unaligned_le32(bytes, bin + DESC(1));
	assert_int_equal(nova_fw_ucode_parse(bin, BIN_DATA + bytes, NOVA_FW_BOOTER_LOAD, &out,
					     &why), -EINVAL);
	assert_non_null(strstr(why, "fit"));
	assert_int_equal(nova_fw_ucode_parse(bin, BIN_DATA + bytes, NOVA_FW_BOOTLOADER, &out,
					     &why), 0);
	free(small);
	free(bin);
}

static void names_of_kinds(void **state)
{
	u32 k;

	(void)state;
	for (k = 0; k < NOVA_FW_KINDS; k++)
		assert_string_not_equal(nova_fw_kind_name((enum nova_fw_kind)k), "unknown");
	assert_string_equal(nova_fw_kind_name(NOVA_FW_KINDS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gsp_good),
		cmocka_unit_test(gsp_other_chip),
		cmocka_unit_test(gsp_faults),
		cmocka_unit_test(gsp_long_version),
		cmocka_unit_test(gsp_every_truncation),
		cmocka_unit_test(ucode_good),
		cmocka_unit_test(ucode_faults),
		cmocka_unit_test(ucode_larger_than_a_falcon),
		cmocka_unit_test(names_of_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
