/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware images as the core loads them and a backend may provide them.
 */
#ifndef NOVABPF_FWIMAGE_H
#define NOVABPF_FWIMAGE_H

#include <novabpf/driver/portable.h>

/**
 * enum nova_fw_kind - the images a boot needs
 * @NOVA_FW_GSP: GSP-RM: ELF64 (RISC-V) with sections .fwversion, .fwimage and
 *	.fwsignature_<chip family>
 * @NOVA_FW_BOOTLOADER: RISC-V boot loader of GSP; copied into WPR2 by Booter
 * @NOVA_FW_BOOTER_LOAD: SEC2 ucode which sets up WPR2 and starts GSP
 * @NOVA_FW_BOOTER_UNLOAD: SEC2 ucode which takes WPR2 down
 * @NOVA_FW_FWSEC: GSP falcon ucode (part of the VBIOS on a board): FRTS
 * @NOVA_FW_KINDS: number of kinds
 */
enum nova_fw_kind {
	NOVA_FW_GSP,
	NOVA_FW_BOOTLOADER,
	NOVA_FW_BOOTER_LOAD,
	NOVA_FW_BOOTER_UNLOAD,
	NOVA_FW_FWSEC,
	NOVA_FW_KINDS,
};

/*
 * Container of all kinds but NOVA_FW_GSP: this header at byte 0, little endian,
 * then at @header_offset a struct nova_fw_ucode, then at @data_offset code and
 * data back to back.
 */
#define NOVA_FW_BIN_MAGIC	0x10de

/**
 * struct nova_fw_bin_hdr - container header
 * @bin_magic: NOVA_FW_BIN_MAGIC
 * @bin_ver: 1
 * @bin_size: bytes of the whole file
 * @header_offset: where struct nova_fw_ucode lies
 * @data_offset: where the payload lies
 * @data_size: bytes of payload
 */
struct nova_fw_bin_hdr {
	u32 bin_magic;
	u32 bin_ver;
	u32 bin_size;
	u32 header_offset;
	u32 data_offset;
	u32 data_size;
};

/**
 * struct nova_fw_ucode - what to load where
 * @code_offset: code, from the start of the payload; multiple of 256
 * @code_size: bytes; multiple of 256
 * @data_offset: data, from the start of the payload; multiple of 256
 * @data_size: bytes; multiple of 256; 0 for the boot loader
 * @boot_vector: first instruction, offset in IMEM (boot loader: entry)
 * @engine_id_mask: for the boot ROM, GA102 and later
 * @ucode_id: for the boot ROM, GA102 and later
 * @pkc_data_offset: DMEM offset of the signature, for the boot ROM
 * @cmd_offset: FWSEC only: DMEM offset of struct nova_fwsec_frts_cmd
 * @app_version: boot loader only: goes into NV_PFALCON_OS
 */
struct nova_fw_ucode {
	u32 code_offset;
	u32 code_size;
	u32 data_offset;
	u32 data_size;
	u32 boot_vector;
	u32 engine_id_mask;
	u32 ucode_id;
	u32 pkc_data_offset;
	u32 cmd_offset;
	u32 app_version;
};

/**
 * struct nova_fwsec_frts_cmd - FWSEC's command, patched into its DMEM
 * @init_cmd: NOVA_FWSEC_CMD_FRTS
 * @version: 1
 * @size: bytes of the region descriptor (the last five words)
 * @region_version: 1
 * @region_size: 20
 * @offset_4k: start of FRTS in the framebuffer, in units of 4 KiB
 * @size_4k: length, in units of 4 KiB
 * @media_type: NOVA_FWSEC_MEDIA_FB
 */
struct nova_fwsec_frts_cmd {
	u32 init_cmd;
	u32 version;
	u32 size;
	u32 region_version;
	u32 region_size;
	u32 offset_4k;
	u32 size_4k;
	u32 media_type;
};

#define NOVA_FWSEC_CMD_FRTS	0x15
#define NOVA_FWSEC_MEDIA_FB	2

#endif /* NOVABPF_FWIMAGE_H */
