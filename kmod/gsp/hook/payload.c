// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payloads by message: what a function or event carries, and what a control
 * carries behind its head. Which that is comes from abi/data/payloads.csv.
 */
#include "../../abi/tables.h"
#include "payload.h"

enum nova_msg nova_payload_msg(enum nova_op op)
{
	u32 i;

	for (i = 0; i < nova_abi_tbl_counts.heads; i++)
		if (nova_abi_tbl_heads[i].op == (u32)op)
			return (enum nova_msg)nova_abi_tbl_heads[i].msg;
	return NOVA_MSG_COUNT;
}

enum nova_msg nova_payload_params(enum nova_op op, u32 cmd)
{
	u32 i;

	if (op != NOVA_OP_RPC_GSP_RM_CONTROL)
		return NOVA_MSG_COUNT;
	for (i = 0; i < nova_abi_tbl_counts.params; i++)
		if (nova_abi_tbl_params[i].number == cmd)
			return (enum nova_msg)nova_abi_tbl_params[i].msg;
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
