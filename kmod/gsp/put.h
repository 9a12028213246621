/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A series of writes into one message of a release.
 */
#ifndef NOVABPF_GSP_PUT_H
#define NOVABPF_GSP_PUT_H

#include <novabpf/driver/abi.h>

/**
 * struct nova_put - a message being filled in
 * @abi: release
 * @buf: the message, zeroed
 * @len: its bytes
 * @err: first failure; nothing is written after it
 */
struct nova_put {
	const struct nova_abi *abi;
	void *buf;
	size_t len;
	int err;
};

/* The field has to exist in every release that has the message. */
static inline void nova_put(struct nova_put *p, enum nova_field f, u64 val)
{
	if (!p->err)
		p->err = nova_field_put(p->abi, f, p->buf, p->len, val);
}

/* Releases without the field have no use for the value. */
static inline void nova_put_if_any(struct nova_put *p, enum nova_field f, u64 val)
{
	int ret;

	if (p->err)
		return;
	ret = nova_field_put(p->abi, f, p->buf, p->len, val);
	if (ret != -ENOENT)
		p->err = ret;
}

#endif /* NOVABPF_GSP_PUT_H */
