/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the boot procedure. Private to them.
 */
#ifndef NOVABPF_GSP_BOOT_H
#define NOVABPF_GSP_BOOT_H

#include <novabpf/driver/fwimage.h>
#include "falcon.h"
#include "fwimage.h"
#include "../gsp.h"
#include "radix3.h"
#include "registry.h"
#include "wpr.h"

#define NOVA_BOOT_LOGS_MAX	6

/* Contiguous memory that the CPU and the GPU see */
struct nova_dma {
	void *cpu;
	dma_addr_t addr;
	size_t bytes;
};

/**
 * struct nova_boot - what a boot makes; lives as long as the firmware runs
 * @dev: device for DMA
 * @gsp: falcon of GSP
 * @sec2: falcon of SEC2
 * @fw: sections of the GSP-RM image
 * @ucode: the other images
 * @payload: copies of their code and data
 * @radix3: copy of .fwimage under its page tables
 * @layout: parts of the reserved framebuffer
 * @signature: copy of the chip's signature
 * @meta: GspFwWprMeta
 * @libos: libos argument page
 * @rmargs: GSP_ARGUMENTS_CACHED
 * @log: log buffers of the firmware
 * @crash: crash report queue, where the release has one
 * @dirty: processors were started: nothing may be freed before they are
 *	stopped or the GPU is reset
 */
struct nova_boot {
	struct device *dev;
	struct nova_falcon gsp;
	struct nova_falcon sec2;
	struct nova_fw_gsp_image fw;
	struct nova_fw_ucode_image ucode[NOVA_FW_KINDS];
	struct nova_dma payload[NOVA_FW_KINDS];
	struct nova_radix3 radix3;
	struct nova_wpr_layout layout;
	struct nova_dma signature;
	struct nova_dma meta;
	struct nova_dma libos;
	struct nova_dma rmargs;
	struct nova_dma log[NOVA_BOOT_LOGS_MAX];
	struct nova_dma crash;
	bool dirty;
};

/* The failure of a step: kept and logged as text, handed on as a number. */
#define nova_boot_fail(gsp, err, ...)				\
({								\
	int __err = (err);					\
								\
	nova_gsp_fail(gsp, __err, __VA_ARGS__);			\
	__err;							\
})

/* boot.c */
int nova_boot_start_riscv(struct nova_gsp *gsp);
int nova_boot_check_riscv(struct nova_gsp *gsp);

/* prepare.c */
int nova_boot_load_images(struct nova_gsp *gsp);
int nova_boot_alloc(struct nova_gsp *gsp);
int nova_boot_fill(struct nova_gsp *gsp);
void nova_boot_free(struct nova_boot *boot);

/* rpcs.c */
int nova_boot_send_init(struct nova_gsp *gsp);
int nova_boot_handshake(struct nova_gsp *gsp);
int nova_boot_send_unload(struct nova_gsp *gsp);

/* params.c */
const struct nova_abi *nova_boot_abi_as(void);
u32 nova_boot_timeout_ms(void);
const struct nova_registry *nova_boot_registry(void);

#endif /* NOVABPF_GSP_BOOT_H */
