/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registry of GSP-RM: settings by name, from a module parameter to the payload
 * of SET_REGISTRY.
 */
#ifndef NOVABPF_GSP_REGISTRY_H
#define NOVABPF_GSP_REGISTRY_H

#include <novabpf/driver/abi.h>

#define NOVA_REGISTRY_ENTRIES_MAX	64
#define NOVA_REGISTRY_NAME_MAX		63
#define NOVA_REGISTRY_STRING_MAX	255

/**
 * struct nova_registry_entry - one setting; pointers into the parsed text
 * @name: not NUL-terminated
 * @name_len: its length
 * @text: value of a string setting, not NUL-terminated; NULL for a number
 * @text_len: its length
 * @value: value of a number setting
 */
struct nova_registry_entry {
	const char *name;
	u32 name_len;
	const char *text;
	u32 text_len;
	u32 value;
};

/**
 * struct nova_registry - parsed settings
 * @count: how many
 * @entry: in the order given
 */
struct nova_registry {
	u32 count;
	struct nova_registry_entry entry[NOVA_REGISTRY_ENTRIES_MAX];
};

/**
 * struct nova_registry_error - why a text was refused
 * @pos: character, counted from 0
 * @why: in words
 */
struct nova_registry_error {
	u32 pos;
	const char *why;
};

/**
 * nova_registry_parse() - read "Name=0x11;Other=text;Third=\"1\""
 * @text: NUL-terminated; must outlive @reg
 * @reg: filled in on success
 * @err: filled in on failure
 *
 * A value that starts with a digit is a number (decimal or 0x hex, 32 bits), all
 * others are strings; quotes make a string of anything without a quote in it.
 * Spaces around names and values are ignored, so is an empty setting.
 *
 * Return: 0; -EINVAL, -ERANGE where a number does not fit, -E2BIG where there
 * are too many settings, -EEXIST where a name is given twice.
 */
int nova_registry_parse(const char *text, struct nova_registry *reg,
			struct nova_registry_error *err);

/**
 * nova_registry_bytes() - size of the packed settings
 * @abi: release
 * @reg: settings
 *
 * Return: bytes, 0 where the release has no such message.
 */
u32 nova_registry_bytes(const struct nova_abi *abi, const struct nova_registry *reg);

/**
 * nova_registry_pack() - make the payload of SET_REGISTRY
 * @abi: release
 * @reg: settings
 * @buf: nova_registry_bytes() bytes, zeroed
 * @len: bytes of @buf
 *
 * Return: 0, -EMSGSIZE where @len is short, or what nova_field_put() refused.
 */
int nova_registry_pack(const struct nova_abi *abi, const struct nova_registry *reg,
		       void *buf, u32 len);

#endif /* NOVABPF_GSP_REGISTRY_H */
