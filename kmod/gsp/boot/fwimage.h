/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers of firmware images. Every offset and size in an image is checked
 * against the image before it is used; results point into it.
 */
#ifndef NOVABPF_GSP_FWIMAGE_H
#define NOVABPF_GSP_FWIMAGE_H

#include <novabpf/driver/fwimage.h>

#define NOVA_FW_RELEASE_BYTES	32

/* A falcon has 64 KiB of IMEM and of DMEM. */
#define NOVA_FW_FALCON_BYTES	0x10000
#define NOVA_FW_BLOCK_BYTES	256

/* Three levels of 512 entries would address 512 GiB; no image comes near this. */
#define NOVA_FW_GSP_BYTES_MAX	0x10000000

/**
 * struct nova_fw_gsp_image - what a boot takes from the GSP-RM image
 * @release: contents of .fwversion
 * @fw: section .fwimage
 * @fw_bytes: its length
 * @sig: signature section of the chip
 * @sig_bytes: its length
 */
struct nova_fw_gsp_image {
	char release[NOVA_FW_RELEASE_BYTES];
	const u8 *fw;
	u32 fw_bytes;
	const u8 *sig;
	u32 sig_bytes;
};

/**
 * struct nova_fw_ucode_image - a container, taken apart
 * @desc: what to load where
 * @payload: code and data
 * @payload_bytes: length of both
 */
struct nova_fw_ucode_image {
	struct nova_fw_ucode desc;
	const u8 *payload;
	u32 payload_bytes;
};

/**
 * nova_fw_elf_section() - find a section of an ELF64 RISC-V image by name
 * @image: the image
 * @size: its bytes
 * @name: section name, such as ".fwimage"
 * @data: set to the contents
 * @len: set to their length
 * @why: set to what is wrong, in words, on failure
 *
 * Return: 0; -ENOENT where there is no such section; -EINVAL where the image is
 * malformed.
 */
int nova_fw_elf_section(const void *image, size_t size, const char *name,
			const u8 **data, u32 *len, const char **why);

/**
 * nova_fw_gsp_parse() - find the sections a boot needs
 * @image: GSP-RM image
 * @size: its bytes
 * @signature: section of the chip's signature, without the leading dot
 * @out: filled in on success
 * @why: set to what is wrong, in words, on failure
 *
 * Return: 0, -ENOENT where a section is missing, -EINVAL where it is malformed.
 */
int nova_fw_gsp_parse(const void *image, size_t size, const char *signature,
		      struct nova_fw_gsp_image *out, const char **why);

/**
 * nova_fw_ucode_parse() - take a container apart
 * @image: the container
 * @size: its bytes
 * @kind: content to check for; the boot loader has no limit of falcon memory
 * @out: filled in on success
 * @why: set to what is wrong, in words, on failure
 *
 * Return: 0 or -EINVAL.
 */
int nova_fw_ucode_parse(const void *image, size_t size, enum nova_fw_kind kind,
			struct nova_fw_ucode_image *out, const char **why);

/**
 * nova_fw_kind_name() - name of an image for messages
 * @kind: which
 *
 * Return: for example "booter_load"; never NULL.
 */
const char *nova_fw_kind_name(enum nova_fw_kind kind);

#endif /* NOVABPF_GSP_FWIMAGE_H */
