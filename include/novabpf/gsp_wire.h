/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Constants of the GSP message queues and boot that are the same in every
 * release from 515 to 595. What differs is in the ABI tables.
 */
#ifndef NOVABPF_GSP_WIRE_H
#define NOVABPF_GSP_WIRE_H

#define NOVA_GSP_PAGE_BYTES		4096
#define NOVA_GSP_PAGE_SHIFT		12

/* Queue block: page table, command queue (CPU writes), status queue (GSP writes) */
#define NOVA_GSP_QUEUE_BYTES		0x40000
#define NOVA_GSP_QUEUE_BYTES_MIN	0x10000
#define NOVA_GSP_QUEUE_BYTES_MAX	0x100000

/* msgq headers */
#define NOVA_MSGQ_VERSION		0
#define NOVA_MSGQ_FLAGS_SWAP_RX		0x1
#define NOVA_MSGQ_SLOT_BYTES		4096
#define NOVA_MSGQ_RX_HDR_OFF		32
#define NOVA_MSGQ_ENTRY_OFF		4096

/* Records */
#define NOVA_RECORD_ELEMS_MAX		16
#define NOVA_RECORD_BYTES_MAX		(NOVA_RECORD_ELEMS_MAX * NOVA_MSGQ_SLOT_BYTES)

/* RPC header: 32 bytes in every release */
#define NOVA_RPC_HDR_BYTES		32
#define NOVA_WIRE_HEADER_VERSION	0x03000000
#define NOVA_WIRE_SIGNATURE		0x43505256	/* "VRPC" */
#define NOVA_RPC_RESULT_PENDING		0xffffffff
#define NOVA_RPC_EVENT_FIRST		0x1000

/* rpc_result */
#define NOVA_RPC_RESULT_TRANSPORT	0xff000000	/* and above: not an NV_STATUS */
#define NOVA_RPC_UNKNOWN_FUNCTION	0xff100001
#define NOVA_RPC_INVALID_MESSAGE_FORMAT	0xff100002

/* flags of GSP_RM_CONTROL */
#define NOVA_WIRE_CONTROL_COPYOUT_ON_ERROR	0x1

/* SET_REGISTRY entry types */
#define NOVA_REGISTRY_DWORD		1
#define NOVA_REGISTRY_BINARY		2
#define NOVA_REGISTRY_STRING		3

/* libos init arguments: array of regions in one page */
#define NOVA_LIBOS_KIND_CONTIGUOUS	1
#define NOVA_LIBOS_KIND_RADIX3		2
#define NOVA_LIBOS_LOC_SYSMEM		1
#define NOVA_LIBOS_LOC_FB		2
#define NOVA_LIBOS_LOG_BYTES		0x10000
#define NOVA_LIBOS_LOG_ROOT_BYTES	0x1000
#define NOVA_LIBOS_LOG_RMON_BYTES	0x1000

/* GspFwWprMeta */
#define NOVA_WIRE_WPR_MAGIC		0xdc3aae21371a60b3ULL
#define NOVA_WIRE_WPR_REVISION		1
#define NOVA_WIRE_WPR_VERIFIED		0xa0a0a0a0a0a0a0a0ULL
#define NOVA_WPR_META_BYTES		256

/* Plugin notifiers of VGPU_GSP_PLUGIN_TRIGGERED */
#define NOVA_PLUGIN_BOOTLOADED		0
#define NOVA_PLUGIN_UNLOADED		1
#define NOVA_PLUGIN_CRASHED		2

/* RM classes */
#define NV01_ROOT			0x00000000
#define NV01_ROOT_CLIENT		0x00000041
#define NV01_DEVICE_0			0x00000080
#define NV20_SUBDEVICE_0		0x00002080
#define KEPLER_CHANNEL_GROUP_A		0x0000a06c

/* NV_STATUS values that code of ours tests or returns */
#define NV_OK				0x00000000
#define NV_ERR_BUSY_RETRY		0x00000003
#define NV_ERR_INSERT_DUPLICATE_NAME	0x00000019
#define NV_ERR_INSUFFICIENT_RESOURCES	0x0000001a
#define NV_ERR_INVALID_ARGUMENT		0x0000001f
#define NV_ERR_INVALID_CLASS		0x00000022
#define NV_ERR_INVALID_CLIENT		0x00000023
#define NV_ERR_INVALID_COMMAND		0x00000024
#define NV_ERR_INVALID_OBJECT_HANDLE	0x00000033
#define NV_ERR_INVALID_OBJECT_PARENT	0x00000036
#define NV_ERR_INVALID_PARAM_STRUCT	0x0000003a
#define NV_ERR_INVALID_STATE		0x00000040
#define NV_ERR_NOT_SUPPORTED		0x00000056
#define NV_ERR_OBJECT_NOT_FOUND		0x00000057

/*
 * Channel groups: parameters that the tables of the releases do not hold. They
 * have not changed since Turing in any public release.
 */
#define NOVA_WIRE_TSG_ALLOC_BYTES		20
#define NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE		12	/* u32, NV2080_ENGINE_TYPE */
#define NOVA_WIRE_TSG_ALLOC_VGPU_PLUGIN		16	/* u8 */
#define NOVA_WIRE_TSG_SCHEDULE			0xa06c0101
#define NOVA_WIRE_TSG_SCHEDULE_BYTES		3
#define NOVA_WIRE_TSG_SCHEDULE_ENABLE		0	/* u8 */
#define NOVA_WIRE_TSG_SET_TIMESLICE		0xa06c0103
#define NOVA_WIRE_TSG_PREEMPT			0xa06c0105

#endif /* NOVABPF_GSP_WIRE_H */
