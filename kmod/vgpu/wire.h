/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vGPUs in the messages of a firmware release. Pure.
 */
#ifndef NOVABPF_VGPU_WIRE_H
#define NOVABPF_VGPU_WIRE_H

#include <novabpf/driver/abi.h>
#include "place.h"

#define NOVA_CTRL_BOOTLOAD_VGPU		0x20804001
#define NOVA_CTRL_SHUTDOWN_VGPU		0x20804002
#define NOVA_CTRL_ADD_VGPU_TYPE		0x20804003
#define NOVA_CTRL_CLEANUP_VGPU		0x20804008

/* The vGPU does not belong to a MIG instance. */
#define NOVA_SWIZZ_NONE			0xffffffff
#define NOVA_PLUGIN_CHANNELS		3

/* Where the parts of a plugin's heap lie. The control buffers come first. */
#define NOVA_PLUGIN_CTRL_OFFSET		0
#define NOVA_PLUGIN_INIT_LOG_OFFSET	0x204000
#define NOVA_PLUGIN_INIT_LOG_BYTES	0x20000
#define NOVA_PLUGIN_VGPU_LOG_OFFSET	0x224000
#define NOVA_PLUGIN_VGPU_LOG_BYTES	0x40000
#define NOVA_PLUGIN_KERNEL_LOG_OFFSET	0x264000
#define NOVA_PLUGIN_KERNEL_LOG_BYTES	0x10000

/**
 * struct nova_vgpu_boot - a vGPU as the firmware gets it
 * @gfid: number of its virtual function
 * @dbdf: PCI address of that function, 0 where there is none
 * @vm_pid: process of the virtual machine
 * @type: its type
 * @placement: index
 */
struct nova_vgpu_boot {
	u32 gfid;
	u32 dbdf;
	u32 vm_pid;
	const struct nova_vgpu_type *type;
	u32 placement;
};

/* Of the channels of a vGPU, those of its plugin task. */
static inline u32 nova_vgpu_plugin_channels(const struct nova_placement *p)
{
	return min_t(u32, NOVA_PLUGIN_CHANNELS, p->chid_count - 1);
}

/* Whether a release hosts vGPUs at all. */
bool nova_vgpu_supported(const struct nova_abi *abi);

/* BOOTLOAD; @buf is zeroed and has the size of the message. 0 or -errno. */
int nova_vgpu_fill_boot(const struct nova_abi *abi, const struct nova_vgpu_boot *b, void *buf,
			size_t len);

/* PGPU_ADD_VGPU_TYPE with the whole table, in place of what the firmware has. */
int nova_vgpu_fill_types(const struct nova_abi *abi, const struct nova_vgpu_types *types,
			 void *buf, size_t len);

#endif /* NOVABPF_VGPU_WIRE_H */
