// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space of a vGPU: a 3D controller on PCI Express with power management,
 * MSI and MSI-X. A mask keeps a guest's writes to the writable bits.
 */
#include "config.h"
#include <uapi/novabpf_guest.h>

/* Standard header and capabilities; numbers of the PCI specifications */
#define PCI_COMMAND_AT		0x04
#define COMMAND_MEMORY		0x0002
#define COMMAND_MASTER		0x0004
#define COMMAND_INTX_DISABLE	0x0400
#define PCI_STATUS_AT		0x06
#define STATUS_INTERRUPT	0x0008
#define STATUS_CAP_LIST		0x0010
#define CLASS_3D		0x030200
#define BAR_64			0x4
#define BAR_PREFETCH		0x8

#define CAP_PM			0x40
#define CAP_MSI			0x50
#define CAP_MSIX		0x60
#define CAP_EXP			0x70
#define DEVCAP_FLR		0x10000000
#define DEVCTL_AT		(CAP_EXP + 8)
#define DEVCTL_FLR		0x8000

static void config_set(struct nova_cfg *c, u32 off, u32 bytes, u32 val, u32 writable)
{
	u32 i;

	for (i = 0; i < bytes; i++) {
		c->initial[off + i] = (u8)(val >> (8 * i));
		c->writable[off + i] = (u8)(writable >> (8 * i));
	}
}

static void config_header(struct nova_cfg *c, u32 type_id, u32 regs_bytes, u64 fb_bytes)
{
	config_set(c, 0x00, 2, NOVA_GUEST_VENDOR_ID, 0);
	config_set(c, 0x02, 2, NOVA_GUEST_DEVICE_ID, 0);
	config_set(c, PCI_COMMAND_AT, 2, 0, COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INTX_DISABLE);
	config_set(c, PCI_STATUS_AT, 2, STATUS_CAP_LIST, 0);
	config_set(c, 0x08, 1, 0x01, 0);
	config_set(c, 0x09, 3, CLASS_3D, 0);
	config_set(c, 0x0c, 1, 0, 0xff);		/* cache line size */
	/* The low bits of a BAR are its type; the bits above its size are writable. */
	config_set(c, 0x10, 4, 0, ~(regs_bytes - 1));
	config_set(c, 0x18, 4, BAR_64 | BAR_PREFETCH, (u32)~(fb_bytes - 1));
	config_set(c, 0x1c, 4, 0, (u32)(~(fb_bytes - 1) >> 32));
	config_set(c, 0x2c, 2, NOVA_GUEST_VENDOR_ID, 0);
	config_set(c, 0x2e, 2, type_id, 0);
	config_set(c, 0x34, 1, CAP_PM, 0);
	config_set(c, 0x3c, 1, 0, 0xff);		/* interrupt line */
	config_set(c, 0x3d, 1, 1, 0);			/* interrupt pin A */
}

static void config_capabilities(struct nova_cfg *c)
{
	/* Power management 1.2: D0 and D3hot, state is kept. */
	config_set(c, CAP_PM, 2, 0x01 | CAP_MSI << 8, 0);
	config_set(c, CAP_PM + 2, 2, 0x0003, 0);
	config_set(c, CAP_PM + 4, 2, 0x0008, 0x0003);
	/* MSI: one vector, 64 bit address. */
	config_set(c, CAP_MSI, 2, 0x05 | CAP_MSIX << 8, 0);
	config_set(c, CAP_MSI + 2, 2, 0x0080, 0x0071);
	config_set(c, CAP_MSI + 4, 4, 0, 0xfffffffc);
	config_set(c, CAP_MSI + 8, 4, 0, 0xffffffff);
	config_set(c, CAP_MSI + 12, 2, 0, 0xffff);
	/* MSI-X: table and pending bits in the registers' BAR. */
	config_set(c, CAP_MSIX, 2, 0x11 | CAP_EXP << 8, 0);
	config_set(c, CAP_MSIX + 2, 2, NOVA_GUEST_VECTORS - 1, 0xc000);
	config_set(c, CAP_MSIX + 4, 4, NOVA_GUEST_MSIX_TABLE | NOVA_GUEST_BAR_REGS, 0);
	config_set(c, CAP_MSIX + 8, 4, NOVA_GUEST_MSIX_PBA | NOVA_GUEST_BAR_REGS, 0);
	/*
	 * PCI Express 2, endpoint: role based error reporting, function level reset, one
	 * lane of 2.5 GT/s.
	 */
	config_set(c, CAP_EXP, 2, 0x10, 0);
	config_set(c, CAP_EXP + 2, 2, 0x0002, 0);
	config_set(c, CAP_EXP + 4, 4, 0x00008000 | DEVCAP_FLR, 0);
	config_set(c, DEVCTL_AT, 2, 0, 0x78ff);
	config_set(c, CAP_EXP + 12, 4, 0x00000011, 0);
	config_set(c, CAP_EXP + 16, 2, 0, 0x00c0);
	config_set(c, CAP_EXP + 18, 2, 0x0011, 0);
}

void nova_cfg_init(struct nova_cfg *c, u32 type_id, u32 regs_bytes, u64 fb_bytes)
{
	memset(c, 0, sizeof(*c));
	config_header(c, type_id, regs_bytes, fb_bytes);
	config_capabilities(c);
	nova_cfg_reset(c);
}

void nova_cfg_reset(struct nova_cfg *c)
{
	memcpy(c->data, c->initial, sizeof(c->data));
}

void nova_cfg_read(const struct nova_cfg *c, u32 off, u8 *buf, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		buf[i] = off < NOVA_CFG_PART && i < NOVA_CFG_PART - off ? c->data[off + i] : 0;
}

u32 nova_cfg_write(struct nova_cfg *c, u32 off, const u8 *buf, u32 len)
{
	u16 before = get_unaligned_le16(c->data + PCI_COMMAND_AT);
	u32 i, what = 0;

	for (i = 0; i < len && off < NOVA_CFG_PART && i < NOVA_CFG_PART - off; i++) {
		u8 may = c->writable[off + i];

		c->data[off + i] = (u8)((c->data[off + i] & ~may) | (buf[i] & may));
		/* This register always reads as 0. */
		if (off + i == DEVCTL_AT + 1 && (buf[i] & (DEVCTL_FLR >> 8)))
			what |= NOVA_CFG_FLR;
	}
	if (get_unaligned_le16(c->data + PCI_COMMAND_AT) != before)
		what |= NOVA_CFG_COMMAND;
	return what;
}

bool nova_cfg_bus_master(const struct nova_cfg *c)
{
	return get_unaligned_le16(c->data + PCI_COMMAND_AT) & COMMAND_MASTER;
}

bool nova_cfg_intx_off(const struct nova_cfg *c)
{
	return get_unaligned_le16(c->data + PCI_COMMAND_AT) & COMMAND_INTX_DISABLE;
}

void nova_cfg_set_intx(struct nova_cfg *c, bool on)
{
	u16 status = get_unaligned_le16(c->data + PCI_STATUS_AT);

	status = (u16)(on ? status | STATUS_INTERRUPT : status & ~STATUS_INTERRUPT);
	put_unaligned_le16(status, c->data + PCI_STATUS_AT);
}
