/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space of a vGPU. Pure; the caller serialises.
 */
#ifndef NOVABPF_VFIO_CONFIG_H
#define NOVABPF_VFIO_CONFIG_H

#include <novabpf/driver/portable.h>

#define NOVA_CFG_BYTES		4096
#define NOVA_CFG_PART		256	/* behind it all is 0 */

/* Effects of a write */
#define NOVA_CFG_COMMAND	0x1	/* bus mastering, or INTx off */
#define NOVA_CFG_FLR		0x2	/* nothing yet: the guest wants a reset */

/**
 * struct nova_cfg - configuration space
 * @data: what a guest reads
 * @writable: bits that it may change
 * @initial: @data after a reset
 */
struct nova_cfg {
	u8 data[NOVA_CFG_PART];
	u8 writable[NOVA_CFG_PART];
	u8 initial[NOVA_CFG_PART];
};

/**
 * nova_cfg_init() - make one
 * @c: filled in
 * @type_id: vGPU type, the subsystem's device number
 * @regs_bytes: size of BAR0, a power of two from 16 on
 * @fb_bytes: size of BAR2, a power of two from 16 on
 */
void nova_cfg_init(struct nova_cfg *c, u32 type_id, u32 regs_bytes, u64 fb_bytes);
void nova_cfg_reset(struct nova_cfg *c);

/* Any @off and @len; bytes beyond the registers read as 0. */
void nova_cfg_read(const struct nova_cfg *c, u32 off, u8 *buf, u32 len);
/* Return: the effects, a set of NOVA_CFG_COMMAND and NOVA_CFG_FLR. */
u32 nova_cfg_write(struct nova_cfg *c, u32 off, const u8 *buf, u32 len);

/* Whether the guest enabled bus mastering. */
bool nova_cfg_bus_master(const struct nova_cfg *c);
/* Whether the guest disabled INTx. */
bool nova_cfg_intx_off(const struct nova_cfg *c);
/* Sets the INTx bit of STATUS. */
void nova_cfg_set_intx(struct nova_cfg *c, bool on);

#endif /* NOVABPF_VFIO_CONFIG_H */
