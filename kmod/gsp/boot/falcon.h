/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The falcon microprocessors that a boot runs code on: GSP and SEC2.
 */
#ifndef NOVABPF_GSP_FALCON_H
#define NOVABPF_GSP_FALCON_H

#include <linux/types.h>
#include <novabpf/driver/fwimage.h>

struct nova_gpu;

/**
 * struct nova_falcon - one falcon
 * @gpu: whose
 * @base: NV_PGSP_BASE or NV_PSEC2_BASE
 * @name: for messages
 */
struct nova_falcon {
	struct nova_gpu *gpu;
	u32 base;
	const char *name;
};

u32 nova_falcon_rd(const struct nova_falcon *f, u32 reg);
void nova_falcon_wr(const struct nova_falcon *f, u32 reg, u32 val);
void nova_falcon_set_mailbox(const struct nova_falcon *f, u64 val);

int nova_falcon_reset(const struct nova_falcon *f);
int nova_falcon_reset_riscv(const struct nova_falcon *f);
int nova_falcon_load(const struct nova_falcon *f, const struct nova_fw_ucode *ucode, u64 addr);
void nova_falcon_start(const struct nova_falcon *f);
int nova_falcon_wait_halt(const struct nova_falcon *f);
bool nova_falcon_riscv_active(const struct nova_falcon *f);

#endif /* NOVABPF_GSP_FALCON_H */
