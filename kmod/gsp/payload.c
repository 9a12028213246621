// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payloads by message: what a function or event carries, and what a control
 * carries behind its head.
 */
#include "payload.h"

static const struct {
	enum nova_op op;
	enum nova_msg msg;
} heads[] = {
	{ NOVA_OP_RPC_GSP_RM_CONTROL, NOVA_MSG_CONTROL },
	{ NOVA_OP_RPC_GSP_RM_ALLOC, NOVA_MSG_ALLOC },
	{ NOVA_OP_RPC_FREE, NOVA_MSG_FREE },
	{ NOVA_OP_RPC_DUP_OBJECT, NOVA_MSG_DUP_OBJECT },
	{ NOVA_OP_RPC_UNLOADING_GUEST_DRIVER, NOVA_MSG_UNLOADING },
	{ NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO, NOVA_MSG_GUEST_INFO },
	{ NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO_EXT, NOVA_MSG_GUEST_INFO_EXT },
	{ NOVA_OP_RPC_GSP_SET_SYSTEM_INFO, NOVA_MSG_SYSINFO },
	{ NOVA_OP_RPC_GET_GSP_STATIC_INFO, NOVA_MSG_STATIC_INFO },
	{ NOVA_OP_RPC_SET_REGISTRY, NOVA_MSG_REGISTRY },
	{ NOVA_OP_EVT_POST_EVENT, NOVA_MSG_POST_EVENT },
	{ NOVA_OP_EVT_RC_TRIGGERED, NOVA_MSG_RC_TRIGGERED },
	{ NOVA_OP_EVT_OS_ERROR_LOG, NOVA_MSG_OS_ERROR_LOG },
	{ NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE, NOVA_MSG_LOCKDOWN },
	{ NOVA_OP_EVT_GSP_INIT_DONE, NOVA_MSG_INIT_DONE },
	{ NOVA_OP_EVT_VGPU_GSP_PLUGIN_TRIGGERED, NOVA_MSG_PLUGIN_TRIGGERED },
	{ NOVA_OP_EVT_GSP_RUN_CPU_SEQUENCER, NOVA_MSG_SEQUENCER },
	{ NOVA_OP_EVT_UCODE_LIBOS_PRINT, NOVA_MSG_LIBOS_PRINT },
	{ NOVA_OP_EVT_RECOVERY_ACTION, NOVA_MSG_RECOVERY_ACTION },
	{ NOVA_OP_EVT_FECS_ERROR, NOVA_MSG_FECS_ERROR },
	{ NOVA_OP_EVT_GSP_POST_NOCAT_RECORD, NOVA_MSG_NOCAT_RECORD },
	{ NOVA_OP_EVT_TIMED_SEMAPHORE_RELEASE, NOVA_MSG_TIMED_SEMAPHORE },
};

static const struct {
	u32 cmd;
	enum nova_msg msg;
} controls[] = {
	{ 0x20801120, NOVA_MSG_OBJSCHED_GET_STATE },
	{ 0x20801121, NOVA_MSG_OBJSCHED_SET_STATE },
	{ 0x20801122, NOVA_MSG_OBJSCHED_GET_CAPS },
	{ 0x20803601, NOVA_MSG_GSP_FEATURES },
	{ 0x20803602, NOVA_MSG_HEAP_STATS },
	{ 0x20804001, NOVA_MSG_BOOTLOAD },
	{ 0x20804002, NOVA_MSG_VGPU_SHUTDOWN },
	{ 0x20804003, NOVA_MSG_ADD_VGPU_TYPE },
	{ 0x20804006, NOVA_MSG_VGPU_FB_USAGE },
	{ 0x20804008, NOVA_MSG_VGPU_CLEANUP },
	{ 0xa06c0103, NOVA_MSG_TSG_TIMESLICE },
	{ 0xa06c0104, NOVA_MSG_TSG_TIMESLICE },
	{ 0xa06c0105, NOVA_MSG_TSG_PREEMPT },
	{ 0xa06c0107, NOVA_MSG_TSG_INTERLEAVE },
	{ 0xa06c0108, NOVA_MSG_TSG_INTERLEAVE },
};

enum nova_msg nova_payload_msg(enum nova_op op)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(heads); i++)
		if (heads[i].op == op)
			return heads[i].msg;
	return NOVA_MSG_COUNT;
}

enum nova_msg nova_payload_params(enum nova_op op, u32 cmd)
{
	u32 i;

	if (op != NOVA_OP_RPC_GSP_RM_CONTROL)
		return NOVA_MSG_COUNT;
	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i].cmd == cmd)
			return controls[i].msg;
	return NOVA_MSG_COUNT;
}

int nova_payload_at(const struct nova_abi *abi, enum nova_op op, u32 cmd, enum nova_msg msg,
		    u32 *off)
{
	if ((u32)msg >= NOVA_MSG_COUNT)
		return -ENOENT;
	if (nova_payload_msg(op) == msg) {
		*off = 0;
		return 0;
	}
	if (nova_payload_params(op, cmd) == msg) {
		*off = nova_msg_size(abi, nova_payload_msg(op));
		return 0;
	}
	return -ENOENT;
}

int nova_payload_get(const struct nova_abi *abi, enum nova_op op, u32 cmd, enum nova_field f,
		     const void *payload, size_t len, u64 *val)
{
	u32 off;

	if (nova_payload_at(abi, op, cmd, nova_field_msg(f), &off))
		return -ENOENT;
	if (off > len)
		return -EMSGSIZE;
	return nova_field_get(abi, f, (const u8 *)payload + off, len - off, val);
}

int nova_payload_put(const struct nova_abi *abi, enum nova_op op, u32 cmd, enum nova_field f,
		     void *payload, size_t len, u64 val)
{
	u32 off;

	if (nova_payload_at(abi, op, cmd, nova_field_msg(f), &off))
		return -ENOENT;
	if (off > len)
		return -EMSGSIZE;
	return nova_field_put(abi, f, (u8 *)payload + off, len - off, val);
}
