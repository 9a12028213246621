// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host information for the firmware, by release. Nearly every release moves these fields.
 * A field that a release lacks is skipped.
 */
#include <novabpf/driver/gsp_wire.h>
#include "../put.h"
#include "sysinfo.h"

/* Where GSP sees the PCI configuration space, Turing to Ada */
#define PCI_CONFIG_MIRROR_BASE	0x88000
#define PCI_CONFIG_MIRROR_BYTES	0x1000

#define HEADER_ALIGN_LOG2	4
#define ELEMENT_ALIGN_LOG2	12

#define GUEST_TITLE		"novabpf"

int nova_sysinfo_fill(const struct nova_abi *abi, const struct nova_host_info *h,
		      void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	nova_put(&p, NOVA_SYSINFO_GPU_PHYS_ADDR, h->bar0);
	nova_put(&p, NOVA_SYSINFO_GPU_PHYS_FB_ADDR, h->bar1);
	nova_put(&p, NOVA_SYSINFO_GPU_PHYS_INST_ADDR, h->bar2);
	nova_put(&p, NOVA_SYSINFO_DOMAIN_BUS_DEVICE_FUNC,
		 (u64)h->domain << 32 | (u32)h->bus << 8 | h->devfn);
	nova_put_if_any(&p, NOVA_SYSINFO_MAX_USER_VA, h->max_user_va);
	nova_put(&p, NOVA_SYSINFO_PCI_CONFIG_MIRROR_BASE, PCI_CONFIG_MIRROR_BASE);
	nova_put(&p, NOVA_SYSINFO_PCI_CONFIG_MIRROR_SIZE, PCI_CONFIG_MIRROR_BYTES);
	nova_put_if_any(&p, NOVA_SYSINFO_PCI_DEVICE_ID, h->vendor_device);
	nova_put_if_any(&p, NOVA_SYSINFO_PCI_SUB_DEVICE_ID, h->subsystem);
	nova_put_if_any(&p, NOVA_SYSINFO_PCI_REVISION_ID, h->revision);
	nova_put_if_any(&p, NOVA_SYSINFO_BAR0_64BIT_SUPPORTED, h->bar0_64bit);
	nova_put_if_any(&p, NOVA_SYSINFO_IS_PRIMARY, h->is_primary);
	nova_put_if_any(&p, NOVA_SYSINFO_HOST_PAGE_SIZE, h->page_bytes);
	return p.err;
}

/* Copies @text with its NUL and gives the bytes used, as firmware counts them. */
static u32 sysinfo_put_text(struct nova_put *p, enum nova_field f, const char *text)
{
	size_t room, bytes = strlen(text) + 1;
	void *dst;

	if (p->err)
		return 0;
	dst = nova_field_ptr(p->abi, f, p->buf, p->len, &room);
	if (!dst || room < bytes) {
		p->err = dst ? -EMSGSIZE : -ENOENT;
		return 0;
	}
	memcpy(dst, text, bytes);
	return (u32)ALIGN(bytes, 4);
}

int nova_guest_info_fill(const struct nova_abi *abi, u32 major, u32 minor, void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	nova_put(&p, NOVA_GUEST_INFO_VGX_MAJOR, major);
	nova_put(&p, NOVA_GUEST_INFO_VGX_MINOR, minor);
	nova_put(&p, NOVA_GUEST_INFO_DRIVER_VERSION_LENGTH,
		 sysinfo_put_text(&p, NOVA_GUEST_INFO_DRIVER_VERSION, abi->release));
	nova_put(&p, NOVA_GUEST_INFO_VERSION_LENGTH,
		 sysinfo_put_text(&p, NOVA_GUEST_INFO_VERSION, abi->release));
	nova_put(&p, NOVA_GUEST_INFO_TITLE_LENGTH,
		 sysinfo_put_text(&p, NOVA_GUEST_INFO_TITLE, GUEST_TITLE));
	return p.err;
}

int nova_guest_info_ext_fill(const struct nova_abi *abi, const struct nova_host_info *h,
			     void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	sysinfo_put_text(&p, NOVA_GUEST_INFO_EXT_BRANCH, abi->release);
	nova_put(&p, NOVA_GUEST_INFO_EXT_DOMAIN, h->domain);
	nova_put(&p, NOVA_GUEST_INFO_EXT_BUS, h->bus);
	nova_put(&p, NOVA_GUEST_INFO_EXT_DEVICE, h->devfn >> 3);
	return p.err;
}

int nova_gsp_args_fill(const struct nova_abi *abi, const struct nova_queue_place *q,
		       u32 gpu_id, void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	nova_put(&p, NOVA_GSP_ARGS_QUEUE_SHARED_MEM_PHYS_ADDR, q->table);
	nova_put(&p, NOVA_GSP_ARGS_QUEUE_PAGE_TABLE_ENTRY_COUNT, q->pages);
	nova_put(&p, NOVA_GSP_ARGS_QUEUE_CMD_QUEUE_OFFSET, q->cmdq_off);
	nova_put(&p, NOVA_GSP_ARGS_QUEUE_STAT_QUEUE_OFFSET, q->statq_off);
	/* Releases from 595 read the geometry from here; older ones assume it. */
	nova_put_if_any(&p, NOVA_GSP_ARGS_QUEUE_ELEMENT_HDR_SIZE,
			nova_msg_size(abi, NOVA_MSG_ELEM) - NOVA_RPC_HDR_BYTES);
	nova_put_if_any(&p, NOVA_GSP_ARGS_QUEUE_ELEMENT_SIZE_MIN, NOVA_MSGQ_SLOT_BYTES);
	nova_put_if_any(&p, NOVA_GSP_ARGS_QUEUE_ELEMENT_SIZE_MAX, NOVA_RECORD_BYTES_MAX);
	nova_put_if_any(&p, NOVA_GSP_ARGS_QUEUE_HEADER_ALIGN, HEADER_ALIGN_LOG2);
	nova_put_if_any(&p, NOVA_GSP_ARGS_QUEUE_ELEMENT_ALIGN, ELEMENT_ALIGN_LOG2);
	nova_put_if_any(&p, NOVA_GSP_ARGS_GPU_INSTANCE, gpu_id);
	return p.err;
}

u64 nova_libos_id8(const char *name)
{
	u64 id = 0;
	u32 i;

	for (i = 0; i < sizeof(id) && name[i]; i++)
		id = id << 8 | (u8)name[i];
	return id;
}

int nova_libos_region_fill(const struct nova_abi *abi, const char *name, u64 pa, u64 bytes,
			   void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	nova_put(&p, NOVA_LIBOS_REGION_ID8, nova_libos_id8(name));
	nova_put(&p, NOVA_LIBOS_REGION_PA, pa);
	nova_put(&p, NOVA_LIBOS_REGION_SIZE, bytes);
	nova_put(&p, NOVA_LIBOS_REGION_KIND, NOVA_LIBOS_KIND_CONTIGUOUS);
	nova_put(&p, NOVA_LIBOS_REGION_LOC, NOVA_LIBOS_LOC_SYSMEM);
	return p.err;
}
