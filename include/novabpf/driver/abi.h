/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware ABI as data.
 *
 * The interface of GSP-RM changes with every release. Code asks here for a
 * field of a message by stable id, and for the behaviour of a release by name;
 * no structure of any one release appears in C. The tables behind this are
 * generated (tools/abi) from tools/abi/data.
 */
#ifndef NOVABPF_ABI_H
#define NOVABPF_ABI_H

#include <novabpf/driver/portable.h>
#include <novabpf/abi_ids.h>	/* generated: enum nova_msg, nova_field, nova_op */

/**
 * struct nova_abi_rules - behaviour of a release that no layout shows
 * @seq_echo: requests carry a counter in the RPC header which the reply echoes
 * @checksum_whole: the transmit checksum covers whole elements, not the message
 * @init_after_start: SET_SYSTEM_INFO and SET_REGISTRY are sent once GSP runs
 * @guest_info_ext: SET_GUEST_SYSTEM_INFO_EXT follows the version handshake
 * @cpu_sequencer: firmware may send RUN_CPU_SEQUENCER during boot
 * @heartbeat: firmware keeps heartbeats in NV_PGSP_MAILBOX(0) and (1)
 * @log_regions: bit mask of NOVA_LIBOS_LOG_*, the libos log buffers to provide
 * @vgx_major: major number of the RPC version handshake
 * @vgx_minor: minor number of the RPC version handshake
 * @link_timeout_ms: how long the status queue may take to appear
 * @heap_os_mb: GSP heap, share of the operating system, libos3 chips (MiB)
 * @heap_min_libos2_mb: lower limit of the heap, TU10x and GA100 (MiB)
 * @heap_max_libos2_mb: upper limit of the heap, TU10x and GA100 (MiB)
 * @heap_min_mb: lower limit of the heap, libos3 chips (MiB)
 * @heap_max_mb: upper limit of the heap, libos3 chips (MiB)
 * @heap_fixed_libos2_mb: releases before 535: fixed heap size, else 0 (MiB)
 * @heap_fixed_mb: the same on libos3 chips (MiB)
 * @heap_vgpu_mb: heap of a vGPU host (MiB), 0 where the release has none
 * @vf_partitions: VF partitions of a vGPU host
 */
struct nova_abi_rules {
	u8 seq_echo;
	u8 checksum_whole;
	u8 init_after_start;
	u8 guest_info_ext;
	u8 cpu_sequencer;
	u8 heartbeat;
	u8 log_regions;
	u8 vgx_major;
	u8 vgx_minor;
	u8 vf_partitions;
	u16 link_timeout_ms;
	u16 heap_os_mb;
	u16 heap_min_libos2_mb;
	u16 heap_max_libos2_mb;
	u16 heap_min_mb;
	u16 heap_max_mb;
	u16 heap_fixed_libos2_mb;
	u16 heap_fixed_mb;
	u16 heap_vgpu_mb;
};

#define NOVA_LIBOS_LOG_INIT	0x01
#define NOVA_LIBOS_LOG_INTR	0x02
#define NOVA_LIBOS_LOG_RM	0x04
#define NOVA_LIBOS_LOG_MNOC	0x08
#define NOVA_LIBOS_LOG_ROOT	0x10
#define NOVA_LIBOS_LOG_RMON	0x20

/**
 * struct nova_abi - one firmware release
 * @release: name, as in the section .fwversion of its image
 * @rules: behaviour
 * @layout: by message: index of its layout plus one, 0 where the release has
 *	none
 * @names: which table of function and event numbers the release uses
 */
struct nova_abi {
	const char *release;
	const struct nova_abi_rules *rules;
	u8 layout[NOVA_MSG_COUNT];
	u8 names;
};

/**
 * nova_abi_find() - look up a release by its exact name
 * @release: NUL-terminated name, such as "570.144"
 *
 * Context: any.
 * Return: the release, or NULL where the tables do not have it.
 */
const struct nova_abi *nova_abi_find(const char *release);

/**
 * nova_abi_nearest() - name the known releases around an unknown one
 * @release: any string; compared component by component as numbers
 * @below: set to the newest known release before it, or NULL
 * @above: set to the oldest known release after it, or NULL
 *
 * Context: any.
 * Return: 0, or -EINVAL where @release is no dotted number at all (both set
 * to the ends of the table then).
 */
int nova_abi_nearest(const char *release, const struct nova_abi **below,
		     const struct nova_abi **above);

/**
 * nova_abi_count() - number of releases in the tables
 *
 * Return: that number.
 */
u32 nova_abi_count(void);

/**
 * nova_abi_at() - the release at a position, in version order
 * @i: 0 .. nova_abi_count() - 1
 *
 * Return: the release, or NULL where @i is out of range.
 */
const struct nova_abi *nova_abi_at(u32 i);

/**
 * nova_abi_table_bytes() - size of the generated tables in memory
 *
 * Return: bytes.
 */
u32 nova_abi_table_bytes(void);

/**
 * nova_msg_size() - size of a message in a release
 * @abi: release
 * @msg: message
 *
 * Return: sizeof in bytes, 0 where the release does not have the message.
 */
u32 nova_msg_size(const struct nova_abi *abi, enum nova_msg msg);

/**
 * nova_msg_layout() - layout of a message in a release
 * @abi: release
 * @msg: message
 *
 * Two releases with the same number have the same size and the same place for
 * every field that has an id.
 *
 * Return: 1-based layout number, 0 where the release has no such message.
 */
u32 nova_msg_layout(const struct nova_abi *abi, enum nova_msg msg);

/**
 * struct nova_field_pos - where a field lies
 * @off: byte offset in its message
 * @size: bytes; 0 for a flexible array at the end, or one of 64 KiB and more
 */
struct nova_field_pos {
	u16 off;
	u16 size;
};

/**
 * nova_field_pos() - position of a field
 * @abi: release
 * @f: field; its id names the message as well
 * @pos: filled in on success
 *
 * Return: 0, or -ENOENT where the release has no such field.
 */
int nova_field_pos(const struct nova_abi *abi, enum nova_field f,
		   struct nova_field_pos *pos);

/**
 * nova_field_get() - read an integer field of a message
 * @abi: release
 * @f: field of 1, 2, 4 or 8 bytes
 * @buf: the message (its first byte is the message's first byte)
 * @len: bytes of @buf that may be read
 * @val: the value on success; untouched on failure
 *
 * Return: 0; -ENOENT where the release has no such field; -EMSGSIZE where it
 * lies outside @len; -EINVAL where it is not an integer.
 */
int nova_field_get(const struct nova_abi *abi, enum nova_field f,
		   const void *buf, size_t len, u64 *val);

/**
 * nova_field_put() - write an integer field of a message
 * @abi: release
 * @f: field of 1, 2, 4 or 8 bytes
 * @buf: the message
 * @len: bytes of @buf that may be written
 * @val: the value; bits that do not fit make it -ERANGE and nothing is written
 *
 * Return: 0, -ENOENT, -EMSGSIZE, -EINVAL as nova_field_get(), or -ERANGE.
 */
int nova_field_put(const struct nova_abi *abi, enum nova_field f,
		   void *buf, size_t len, u64 val);

/**
 * nova_field_ptr() - address of a field of any size inside a message
 * @abi: release
 * @f: field
 * @buf: the message
 * @len: bytes of @buf
 * @size: set to the field's size (a flexible array: what is left of @len)
 *
 * Return: its address, or NULL where the release has none or @len is short.
 */
void *nova_field_ptr(const struct nova_abi *abi, enum nova_field f,
		     void *buf, size_t len, size_t *size);

/**
 * nova_field_name() - name of a field as in the firmware's headers
 * @f: field
 *
 * Return: for example "paramsSize"; never NULL.
 */
const char *nova_field_name(enum nova_field f);

/**
 * nova_field_msg() - message of a field
 * @f: field
 *
 * Return: the message, NOVA_MSG_COUNT where @f is no field.
 */
enum nova_msg nova_field_msg(enum nova_field f);

/**
 * nova_msg_name() - name of a message as in the firmware's headers
 * @msg: message
 *
 * Return: for example "rpc_gsp_rm_control_v"; never NULL.
 */
const char *nova_msg_name(enum nova_msg msg);

/**
 * nova_op_number() - wire number of an operation in a release
 * @abi: release
 * @op: stable id of a function or an event
 *
 * Return: the number, or 0 if the release has no such operation (no function has the
 * number 0).
 */
u32 nova_op_number(const struct nova_abi *abi, enum nova_op op);

/**
 * nova_op_of() - stable id of a wire number in a release
 * @abi: release
 * @number: function number, or event number (>= 0x1000)
 *
 * Return: the id, or NOVA_OP_UNKNOWN.
 */
enum nova_op nova_op_of(const struct nova_abi *abi, u32 number);

/**
 * nova_status_field() - field of RM's status in a reply
 * @op: operation
 *
 * Return: the field of the payload, 0 if a reply of @op has none. Context: any.
 */
enum nova_field nova_status_field(enum nova_op op);

/**
 * nova_op_is_life() - whether an RPC belongs to the firmware's life cycle
 * @op: stable id
 *
 * Return: whether only the core makes it, to boot or unload the firmware, or to continue
 * an RPC of several records.
 */
bool nova_op_is_life(enum nova_op op);

/**
 * nova_op_name() - name of an operation
 * @op: stable id
 *
 * Return: for example "GSP_RM_CONTROL"; "UNKNOWN" for what is not in the
 * table; never NULL.
 */
const char *nova_op_name(enum nova_op op);

/**
 * nova_ctrl_name() - name of an RM control number
 * @cmd: for example 0x20801120
 *
 * Return: for example "FIFO_OBJSCHED_GET_STATE", or NULL where it has none.
 */
const char *nova_ctrl_name(u32 cmd);

/**
 * nova_ctrl_at() - the RM controls that have a name, one after another
 * @i: 0 and up
 * @cmd: set to the number
 * @name: set to the name
 *
 * Return: false where there is none at @i.
 */
bool nova_ctrl_at(u32 i, u32 *cmd, const char **name);

/**
 * nova_status_name() - name of an rpc_result or NV_STATUS
 * @status: any value
 *
 * Return: for example "NV_ERR_BUSY_RETRY"; "?" where it has no name.
 */
const char *nova_status_name(u32 status);

/**
 * nova_status_errno() - errno of an NV_STATUS or rpc_result
 * @status: any value
 *
 * Return: 0 for NV_OK and warnings, else a negative errno; -EREMOTEIO where
 * nothing closer fits.
 */
int nova_status_errno(u32 status);

#endif /* NOVABPF_ABI_H */
