/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware's description of its host: payloads of GSP_SET_SYSTEM_INFO,
 * SET_GUEST_SYSTEM_INFO and SET_GUEST_SYSTEM_INFO_EXT, and the boot arguments.
 */
#ifndef NOVABPF_GSP_SYSINFO_H
#define NOVABPF_GSP_SYSINFO_H

#include <novabpf/driver/abi.h>

/**
 * struct nova_host_info - the GPU's place in its host
 * @bar0: CPU address of the registers
 * @bar1: CPU address of the framebuffer window
 * @bar2: CPU address of the instance memory window
 * @bar0_64bit: BAR0 is a 64 bit BAR
 * @max_user_va: end of a process' address space
 * @page_bytes: page size of the host
 * @domain: PCI domain
 * @bus: PCI bus
 * @devfn: PCI device and function
 * @vendor_device: PCI device << 16 | vendor
 * @subsystem: PCI subsystem << 16 | subsystem vendor
 * @revision: PCI revision
 * @is_primary: drives the console
 */
struct nova_host_info {
	u64 bar0;
	u64 bar1;
	u64 bar2;
	bool bar0_64bit;
	u64 max_user_va;
	u32 page_bytes;
	u32 domain;
	u8 bus;
	u8 devfn;
	u32 vendor_device;
	u32 subsystem;
	u8 revision;
	bool is_primary;
};

/**
 * struct nova_queue_place - where GSP finds its queues
 * @table: DMA address of the page table, which is the first page of the block
 * @pages: entries of the table
 * @cmdq_off: command queue in the block, bytes
 * @statq_off: status queue in the block, bytes
 */
struct nova_queue_place {
	u64 table;
	u32 pages;
	u64 cmdq_off;
	u64 statq_off;
};

/**
 * nova_sysinfo_fill() - payload of GSP_SET_SYSTEM_INFO
 * @abi: release
 * @h: host
 * @buf: nova_msg_size(abi, NOVA_MSG_SYSINFO) bytes, zeroed
 * @len: bytes of @buf
 *
 * Return: 0 or what nova_field_put() refused. Fields that the release does not
 * have are left out.
 */
int nova_sysinfo_fill(const struct nova_abi *abi, const struct nova_host_info *h,
		      void *buf, size_t len);

/**
 * nova_guest_info_fill() - payload of SET_GUEST_SYSTEM_INFO
 * @abi: release
 * @major: version of the RPC interface to offer
 * @minor: version of the RPC interface to offer
 * @buf: nova_msg_size(abi, NOVA_MSG_GUEST_INFO) bytes, zeroed
 * @len: bytes of @buf
 *
 * Return: 0 or -errno.
 */
int nova_guest_info_fill(const struct nova_abi *abi, u32 major, u32 minor, void *buf,
			 size_t len);

/**
 * nova_guest_info_ext_fill() - payload of SET_GUEST_SYSTEM_INFO_EXT
 * @abi: release
 * @h: host
 * @buf: nova_msg_size(abi, NOVA_MSG_GUEST_INFO_EXT) bytes, zeroed
 * @len: bytes of @buf
 *
 * Return: 0 or -errno.
 */
int nova_guest_info_ext_fill(const struct nova_abi *abi, const struct nova_host_info *h,
			     void *buf, size_t len);

/**
 * nova_gsp_args_fill() - the page RMARGS
 * @abi: release
 * @q: queues
 * @gpu_id: number of the GPU
 * @buf: nova_msg_size(abi, NOVA_MSG_GSP_ARGS) bytes, zeroed
 * @len: bytes of @buf
 *
 * Return: 0 or -errno.
 */
int nova_gsp_args_fill(const struct nova_abi *abi, const struct nova_queue_place *q,
		       u32 gpu_id, void *buf, size_t len);

/**
 * nova_libos_id8() - name of a libos region as its id
 * @name: up to eight characters
 *
 * Return: the characters in one word, the first in the most significant byte
 * that is used.
 */
u64 nova_libos_id8(const char *name);

/**
 * nova_libos_region_fill() - one entry of the libos argument page
 * @abi: release
 * @name: up to eight characters
 * @pa: DMA address of the region, contiguous system memory
 * @bytes: its length
 * @buf: nova_msg_size(abi, NOVA_MSG_LIBOS_REGION) bytes, zeroed
 * @len: bytes of @buf
 *
 * Return: 0 or -errno.
 */
int nova_libos_region_fill(const struct nova_abi *abi, const char *name, u64 pa, u64 bytes,
			   void *buf, size_t len);

#endif /* NOVABPF_GSP_SYSINFO_H */
