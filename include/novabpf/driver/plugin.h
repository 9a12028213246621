/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The communication buffer of a host and the plugin task of a vGPU. It lies at the start
 * of the task's heap, in the GPU's framebuffer: the host writes a control area and a
 * message area, the task writes a response area. One request at a time.
 *
 * Bare constants, for both sides.
 */
#ifndef NOVABPF_PLUGIN_H
#define NOVABPF_PLUGIN_H

/* Areas of the buffer */
#define NOVA_COMM_CONTROL		0x0
#define NOVA_COMM_RESPONSE		0x1000
#define NOVA_COMM_MESSAGE		0x2000
#define NOVA_COMM_MIGRATION		0x3000
#define NOVA_COMM_ERROR			0x203000
#define NOVA_COMM_TRACE			0x274000
#define NOVA_COMM_END			0x284000
#define NOVA_COMM_AREA_BYTES		4096

/* Control area; offsets of areas count from the start of the buffer */
#define NOVA_COMM_CTL_VERSION		0	/* u32, written last */
#define NOVA_COMM_CTL_TYPE		4	/* u32, enum nova_plugin_rpc */
#define NOVA_COMM_CTL_SEQ		8	/* u32, never 0 */
#define NOVA_COMM_CTL_RESPONSE		16	/* u64 */
#define NOVA_COMM_CTL_MESSAGE		24	/* u64 */
#define NOVA_COMM_CTL_MIGRATION		32	/* u64 */
#define NOVA_COMM_CTL_ERROR		40	/* u64 */
#define NOVA_COMM_CTL_TRACE		48	/* u64 */
#define NOVA_COMM_CTL_ATTACHED		72	/* u32, vGPUs that the task serves */
#define NOVA_COMM_CTL_BYTES		96

/* Response area */
#define NOVA_COMM_RSP_RECEIVED		0	/* u32, request that the task has seen */
#define NOVA_COMM_RSP_PROCESSED		4	/* u32, request that it is done with */
#define NOVA_COMM_RSP_RESULT		8	/* u32, 0 for success */
#define NOVA_COMM_RSP_BYTES		16

/* Requests that are made */
enum nova_plugin_rpc {
	NOVA_PLUGIN_RPC_VERSION		= 1,
	NOVA_PLUGIN_RPC_SETUP		= 2,
	NOVA_PLUGIN_RPC_RESET		= 3,
};

/* The payload of VERSION as the device model has it; no public text describes it. */
#define NOVA_COMM_VER_MIN		0	/* u32, oldest that the host speaks */
#define NOVA_COMM_VER_MAX		4	/* u32, newest */
#define NOVA_COMM_VER_CHOSEN		8	/* u32, answer of the task */
#define NOVA_COMM_VER_BYTES		12

/* Key and value pairs of SETUP: words of 64 bits, their number before them */
#define NOVA_NVKV_KEY(w)		((u32)((w) & 0xffff))
#define NOVA_NVKV_INDEX(w)		((u32)((w) >> 16 & 0xfff))
#define NOVA_NVKV_OPCODE(w)		((u32)((w) >> 28 & 0xf))
#define NOVA_NVKV_VALUE(w)		((u32)((w) >> 32))
#define NOVA_NVKV_IMM32			0
#define NOVA_NVKV_ARRAY8		3

enum nova_setup_key {
	NOVA_SETUP_UUID			= 0x01,
	NOVA_SETUP_DBDF			= 0x02,
	NOVA_SETUP_TYPE			= 0x05,
	NOVA_SETUP_VM_PID		= 0x06,
	NOVA_SETUP_SWIZZ_ID		= 0x10,
	NOVA_SETUP_NUM_CHANNELS		= 0x11,
	NOVA_SETUP_PLUGIN_CHANNELS	= 0x12,
	NOVA_SETUP_HYPERVISOR		= 0x22,
	NOVA_SETUP_CPU_ARCH		= 0x23,
	NOVA_SETUP_PAGE_SIZE		= 0x24,
	NOVA_SETUP_FEATURE_FLAGS	= 0x30,
};

#define NOVA_SETUP_UUID_BYTES		16
#define NOVA_SETUP_HYPERVISOR_UNKNOWN	4
#define NOVA_SETUP_CPU_ARM64		1
#define NOVA_SETUP_CPU_X86		2

/* Tells the task of a vGPU that there is a request */
#define NV_PLUGIN_DOORBELL		0x00b82200
#define NV_PLUGIN_DOORBELL_VAL(gfid)	((gfid) * 32 + 17)
#define NV_PLUGIN_DOORBELL_VALID(v)	((v) % 32 == 17)
#define NV_PLUGIN_DOORBELL_GFID(v)	((v) / 32)

#endif /* NOVABPF_PLUGIN_H */
