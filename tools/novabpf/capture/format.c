// SPDX-License-Identifier: GPL-2.0-only
/*
 * The form of a captured record in a file: pseudo-header, RPC header, payload. Files
 * come from anywhere, so every length is checked.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>

#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>

#include "capture.h"

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

/* What of the pseudo-header is there; texts only where all of them is. */
static void tap_take_head(struct nova_capture *c, const void *data, uint32_t known)
{
	memset(c, 0, sizeof(*c));
	memcpy(c, data, known < sizeof(*c) ? known : sizeof(*c));
	if (known < offsetof(struct nova_capture, comm) + sizeof(c->comm))
		memset(c->comm, 0, sizeof(c->comm));
	if (known < offsetof(struct nova_capture, release) + sizeof(c->release))
		memset(c->release, 0, sizeof(c->release));
}

/* A packet that ends in front of its payload, or inside it. */
static enum tap_verdict tap_take_cut(struct tap_record *r, const uint8_t *data, uint32_t len)
{
	struct nova_capture *c = &r->c;
	uint32_t before = c->header_bytes + TAP_RPC_BYTES;

	if (len < offsetof(struct nova_capture, queued_ns))
		return TAP_SHORT;
	r->cut = true;
	r->head_cut = len < NOVA_CAPTURE_BYTES_MIN;
	r->payload = data + (len > before ? before : len);
	c->payload_bytes = len > before ? len - before : 0;
	return TAP_GOOD;
}

static const char *tap_check(const struct nova_capture *c, uint32_t len, bool cut)
{
	uint32_t before = c->header_bytes + TAP_RPC_BYTES;

	if (c->version != NOVA_CAPTURE_VERSION)
		return "the version of its pseudo-header is not known";
	if (c->header_bytes < NOVA_CAPTURE_BYTES_MIN || (!cut && before > len))
		return "its pseudo-header has a bad length";
	if (c->payload_bytes > NOVA_CAPTURE_PAYLOAD_MAX)
		return "its payload is longer than any";
	if (len > before + c->payload_bytes || (!cut && len < before + c->payload_bytes))
		return "its payload has another length than it says";
	if (!memchr(c->release, '\0', sizeof(c->release)) ||
	    !memchr(c->comm, '\0', sizeof(c->comm)))
		return "a text in its pseudo-header has no end";
	return NULL;
}

enum tap_verdict tap_take(const void *data, uint32_t len, uint32_t orig_len,
			  struct tap_record *r, const char **why)
{
	struct nova_capture *c = &r->c;
	bool cut = len < orig_len;

	_Static_assert(sizeof(*c) == NOVA_CAPTURE_BYTES, "the pseudo-header has no padding");
	memset(r, 0, sizeof(*r));
	if (len < offsetof(struct nova_capture, kind)) {
		*why = "it is shorter than the pseudo-header";
		return cut ? TAP_SHORT : TAP_FOREIGN;
	}
	memcpy(c, data, offsetof(struct nova_capture, kind));
	if (c->magic != NOVA_CAPTURE_MAGIC)
		return TAP_FOREIGN;
	tap_take_head(c, data, len < c->header_bytes ? len : c->header_bytes);
	*why = tap_check(c, len, cut);
	if (*why)
		return TAP_BAD;
	if (len < c->header_bytes + TAP_RPC_BYTES + c->payload_bytes)
		return tap_take_cut(r, data, len);
	r->payload = (const uint8_t *)data + c->header_bytes + TAP_RPC_BYTES;
	return TAP_GOOD;
}

const char *tap_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[NOVA_CAPTURE_REQUEST] = "request", [NOVA_CAPTURE_REPLY] = "reply",
		[NOVA_CAPTURE_EVENT] = "event", [NOVA_CAPTURE_BAD] = "bad-record",
		[NOVA_CAPTURE_END] = "end", [NOVA_CAPTURE_MORE] = "more",
	};

	return kind && kind < ARRAY_SIZE(names) ? names[kind] : "?";
}
