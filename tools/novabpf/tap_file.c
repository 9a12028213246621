// SPDX-License-Identifier: GPL-2.0-only
/*
 * The form of a captured record in a file: pseudo-header, RPC header, payload. Files
 * come from anywhere, so every length is checked.
 */
#include <errno.h>
#include <string.h>
#include <linux/types.h>

#include <novabpf/abi.h>
#include <novabpf/gsp_wire.h>

#include "tap.h"

static int put(const struct nova_abi *abi, enum nova_field f, uint8_t *header, uint32_t value)
{
	return nova_field_put(abi, f, header, TAP_RPC_BYTES, value);
}

int tap_rpc_header(const struct nova_abi *abi, const struct nova_capture *c, uint8_t *header)
{
	int err;

	memset(header, 0, TAP_RPC_BYTES);
	err = put(abi, NOVA_RPC_HEADER_VERSION, header, NOVA_WIRE_HEADER_VERSION);
	err = err ?: put(abi, NOVA_RPC_SIGNATURE, header, NOVA_WIRE_SIGNATURE);
	err = err ?: put(abi, NOVA_RPC_LENGTH, header, TAP_RPC_BYTES + c->len_bytes);
	err = err ?: put(abi, NOVA_RPC_FUNCTION, header, c->function);
	err = err ?: put(abi, NOVA_RPC_RESULT, header, c->result);
	err = err ?: put(abi, NOVA_RPC_RESULT_PRIVATE, header, c->result_private);
	err = err ?: put(abi, NOVA_RPC_SEQUENCE, header, c->seq);
	return err ?: put(abi, NOVA_RPC_GFID, header, c->gfid);
}

const char *tap_take(const void *data, uint32_t len, struct tap_record *r)
{
	struct nova_capture *c = &r->c;

	_Static_assert(sizeof(*c) == NOVA_CAPTURE_BYTES, "the pseudo-header has no padding");
	if (len < sizeof(*c))
		return "it is shorter than the pseudo-header";
	memcpy(c, data, sizeof(*c));
	if (c->magic != NOVA_CAPTURE_MAGIC)
		return "it has no pseudo-header of novabpf";
	if (c->version != NOVA_CAPTURE_VERSION)
		return "the version of its pseudo-header is not known";
	if (c->header_bytes < sizeof(*c) || c->header_bytes > len ||
	    len - c->header_bytes < TAP_RPC_BYTES)
		return "its pseudo-header has a bad length";
	if (c->payload_bytes != len - c->header_bytes - TAP_RPC_BYTES)
		return "its payload has another length than it says";
	if (c->payload_bytes > NOVA_CAPTURE_PAYLOAD_MAX)
		return "its payload is longer than any";
	if (!memchr(c->release, '\0', sizeof(c->release)) ||
	    !memchr(c->comm, '\0', sizeof(c->comm)))
		return "a text in its pseudo-header has no end";
	r->payload = (const uint8_t *)data + c->header_bytes + TAP_RPC_BYTES;
	return NULL;
}

const char *tap_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[NOVA_CAPTURE_REQUEST] = "request", [NOVA_CAPTURE_REPLY] = "reply",
		[NOVA_CAPTURE_EVENT] = "event", [NOVA_CAPTURE_BAD] = "bad-record",
		[NOVA_CAPTURE_END] = "end",
	};

	return kind && kind < ARRAY_SIZE(names) ? names[kind] : "?";
}
