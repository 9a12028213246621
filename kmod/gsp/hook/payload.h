/* SPDX-License-Identifier: GPL-2.0-only */
/* Where each message lies in the payload of an RPC or event. Pure. */
#ifndef NOVABPF_GSP_PAYLOAD_H
#define NOVABPF_GSP_PAYLOAD_H

#include <novabpf/driver/abi.h>

/**
 * nova_payload_msg() - message at the head of a payload
 * @op: function or event
 *
 * Return: the message, NOVA_MSG_COUNT where the tables have none.
 */
enum nova_msg nova_payload_msg(enum nova_op op);

/**
 * nova_payload_params() - message behind the head
 * @op: function
 * @cmd: control number of a control; else not looked at
 *
 * Return: the message of the control's parameters, NOVA_MSG_COUNT where the
 * tables have none.
 */
enum nova_msg nova_payload_params(enum nova_op op, u32 cmd);

/**
 * nova_payload_at() - find a message in a payload
 * @abi: release
 * @op: function or event
 * @cmd: see nova_payload_params()
 * @msg: message, such as that of a field, nova_field_msg()
 * @off: set to where it begins
 *
 * Return: 0, or -ENOENT where the payload has no such message.
 */
int nova_payload_at(const struct nova_abi *abi, enum nova_op op, u32 cmd, enum nova_msg msg,
		    u32 *off);

/**
 * nova_payload_get() - read a field of a payload
 * @abi: release
 * @op: function or event
 * @cmd: see nova_payload_params()
 * @f: field of its head or of its parameters
 * @payload: the payload
 * @len: bytes of it
 * @val: the value on success
 *
 * Return: 0, -ENOENT where the payload has no such field, or as nova_field_get().
 */
int nova_payload_get(const struct nova_abi *abi, enum nova_op op, u32 cmd, enum nova_field f,
		     const void *payload, size_t len, u64 *val);

/**
 * nova_payload_put() - write a field of a payload
 * @abi: release
 * @op: function or event
 * @cmd: see nova_payload_params()
 * @f: field
 * @payload: the payload
 * @len: bytes of it
 * @val: the value
 *
 * Return: as nova_payload_get(), or -ERANGE.
 */
int nova_payload_put(const struct nova_abi *abi, enum nova_op op, u32 cmd, enum nova_field f,
		     void *payload, size_t len, u64 val);

#endif /* NOVABPF_GSP_PAYLOAD_H */
