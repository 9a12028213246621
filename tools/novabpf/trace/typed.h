/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payloads with the types of their release: BTF made from the ABI tables.
 */
#ifndef NOVABPF_TOOL_TYPED_H
#define NOVABPF_TOOL_TYPED_H

#include <stdint.h>
#include <stdio.h>

#include <json-c/json.h>

struct btf;
struct nova_abi;

struct typed {
	const struct nova_abi *abi;
	struct btf *btf;
};

/*
 * @file: BTF of @release. Return: 0, or -errno; -ENOEXEC where the release is
 * not known.
 */
int typed_open(struct typed *t, const char *release, const char *file);
void typed_close(struct typed *t);

/*
 * A payload as an object: a member per structure in it, by its name, and "rest" for
 * what has no type. Zeros at the end of an array are left out. @cmd counts for
 * controls only.
 */
struct json_object *typed_payload(const struct typed *t, uint32_t function, uint32_t cmd,
				  const void *payload, size_t len);

/* The same for people: a line per field, in from @indent. */
void typed_print(FILE *to, struct json_object *payload, int indent);

#endif /* NOVABPF_TOOL_TYPED_H */
