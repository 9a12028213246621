// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registry of GSP-RM. The text comes from the administrator, so a mistake is
 * answered with its place and what would be right.
 */
#include <novabpf/driver/gsp_wire.h>
#include "../put.h"
#include "registry.h"

static bool registry_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool registry_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool registry_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static const char *registry_skip_space(const char *p)
{
	while (registry_is_space(*p))
		p++;
	return p;
}

/* A failure at @p */
struct fault {
	const char *p;
	const char *why;
	int err;
};

static const char *registry_refuse(struct fault *f, const char *p, int err, const char *why)
{
	f->p = p;
	f->why = why;
	f->err = err;
	return NULL;
}

static const char *registry_parse_name(const char *p, struct nova_registry_entry *e,
				       struct fault *f)
{
	const char *start = p;

	if (!registry_is_letter(*p))
		return registry_refuse(f, p, -EINVAL, "a name has to start with a letter");
	while (registry_is_letter(*p) || registry_is_digit(*p))
		p++;
	e->name = start;
	e->name_len = (u32)(p - start);
	if (e->name_len > NOVA_REGISTRY_NAME_MAX)
		return registry_refuse(f, start, -EINVAL, "the name is longer than 63 characters");
	p = registry_skip_space(p);
	if (*p != '=')
		return registry_refuse(f, p, -EINVAL, "expected '=' after the name");
	return registry_skip_space(p + 1);
}

static int registry_digit_value(char c, u32 base)
{
	if (registry_is_digit(c))
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *registry_parse_number(const char *p, struct nova_registry_entry *e,
					 struct fault *f)
{
	const char *start = p;
	u32 base = 10;
	u64 v = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
		if (registry_digit_value(*p, base) < 0)
			return registry_refuse(f, p, -EINVAL, "expected a hex digit after 0x");
	}
	for (; registry_digit_value(*p, base) >= 0; p++) {
		v = v * base + (u32)registry_digit_value(*p, base);
		if (v > 0xffffffff)
			return registry_refuse(f, start, -ERANGE,
					       "the number does not fit 32 bits");
	}
	e->value = (u32)v;
	return p;
}

static const char *registry_parse_string(const char *p, struct nova_registry_entry *e,
					 struct fault *f)
{
	bool quoted = *p == '"';
	const char *start, *end;

	start = quoted ? ++p : p;
	while (*p && (quoted ? *p != '"' : *p != ';' && *p != '"')) {
		if ((unsigned char)*p < ' ' && !registry_is_space(*p))
			return registry_refuse(f, p, -EINVAL, "control characters are not allowed");
		p++;
	}
	end = p;
	if (quoted) {
		if (*p != '"')
			return registry_refuse(f, start - 1, -EINVAL,
					       "the closing quote is missing");
		p++;
	} else {
		while (end > start && registry_is_space(end[-1]))
			end--;
		if (end == start)
			return registry_refuse(f, start, -EINVAL, "expected a value after '='");
	}
	if (end - start > NOVA_REGISTRY_STRING_MAX)
		return registry_refuse(f, start, -EINVAL,
				       "the value is longer than 255 characters");
	e->text = start;
	e->text_len = (u32)(end - start);
	return p;
}

static bool registry_name_taken(const struct nova_registry *reg,
				const struct nova_registry_entry *e)
{
	u32 i;

	for (i = 0; i < reg->count; i++) {
		const struct nova_registry_entry *o = &reg->entry[i];

		if (o->name_len == e->name_len && !memcmp(o->name, e->name, e->name_len))
			return true;
	}
	return false;
}

/* One setting and the ';' after it. Returns what follows, NULL on failure. */
static const char *registry_parse_entry(const char *p, struct nova_registry *reg, struct fault *f)
{
	struct nova_registry_entry e = { 0 };
	const char *start = p;

	p = registry_parse_name(p, &e, f);
	if (!p)
		return NULL;
	p = registry_is_digit(*p) ? registry_parse_number(p, &e, f) : registry_parse_string(p, &e,
											    f);
	if (!p)
		return NULL;
	p = registry_skip_space(p);
	if (*p && *p != ';')
		return registry_refuse(f, p, -EINVAL, "expected ';' after the value");
	if (registry_name_taken(reg, &e))
		return registry_refuse(f, start, -EEXIST, "the name was given before");
	if (reg->count == NOVA_REGISTRY_ENTRIES_MAX)
		return registry_refuse(f, start, -E2BIG, "there are more than 64 settings");
	reg->entry[reg->count++] = e;
	return p;
}

int nova_registry_parse(const char *text, struct nova_registry *reg,
			struct nova_registry_error *err)
{
	struct fault f = { 0 };
	const char *p = text;

	reg->count = 0;
	for (;;) {
		p = registry_skip_space(p);
		if (*p == ';') {
			p++;
			continue;
		}
		if (!*p)
			return 0;
		p = registry_parse_entry(p, reg, &f);
		if (!p)
			break;
	}
	err->pos = (u32)(f.p - text);
	err->why = f.why;
	reg->count = 0;
	return f.err;
}

u32 nova_registry_bytes(const struct nova_abi *abi, const struct nova_registry *reg)
{
	struct nova_field_pos entries;
	u32 entry_bytes = nova_msg_size(abi, NOVA_MSG_REGISTRY_ENTRY);
	u32 bytes, i;

	if (!entry_bytes || nova_field_pos(abi, NOVA_REGISTRY_ENTRIES, &entries))
		return 0;
	bytes = entries.off + reg->count * entry_bytes;
	for (i = 0; i < reg->count; i++) {
		bytes += reg->entry[i].name_len + 1;
		if (reg->entry[i].text)
			bytes += reg->entry[i].text_len + 1;
	}
	return bytes;
}

/* Appends a NUL-terminated string; @buf is zeroed and large enough. */
static u32 registry_put_string(void *buf, u32 *pos, const char *s, u32 len)
{
	u32 off = *pos;

	memcpy((u8 *)buf + off, s, len);
	*pos += len + 1;
	return off;
}

int nova_registry_pack(const struct nova_abi *abi, const struct nova_registry *reg,
		       void *buf, u32 len)
{
	struct nova_put table = { .abi = abi, .buf = buf, .len = len };
	u32 entry_bytes = nova_msg_size(abi, NOVA_MSG_REGISTRY_ENTRY);
	struct nova_field_pos entries;
	u32 i, pos;

	if (!entry_bytes || nova_field_pos(abi, NOVA_REGISTRY_ENTRIES, &entries))
		return -ENOENT;
	if (len < nova_registry_bytes(abi, reg))
		return -EMSGSIZE;

	nova_put(&table, NOVA_REGISTRY_SIZE, nova_registry_bytes(abi, reg));
	nova_put(&table, NOVA_REGISTRY_NUM_ENTRIES, reg->count);
	pos = entries.off + reg->count * entry_bytes;
	for (i = 0; i < reg->count && !table.err; i++) {
		const struct nova_registry_entry *e = &reg->entry[i];
		struct nova_put p = {
			.abi = abi,
			.buf = (u8 *)buf + entries.off + i * entry_bytes,
			.len = entry_bytes,
		};

		nova_put(&p, NOVA_REGISTRY_ENTRY_NAME_OFFSET,
			 registry_put_string(buf, &pos, e->name, e->name_len));
		if (e->text) {
			nova_put(&p, NOVA_REGISTRY_ENTRY_TYPE, NOVA_REGISTRY_STRING);
			nova_put(&p, NOVA_REGISTRY_ENTRY_DATA,
				 registry_put_string(buf, &pos, e->text, e->text_len));
			nova_put(&p, NOVA_REGISTRY_ENTRY_LENGTH, e->text_len + 1);
		} else {
			nova_put(&p, NOVA_REGISTRY_ENTRY_TYPE, NOVA_REGISTRY_DWORD);
			nova_put(&p, NOVA_REGISTRY_ENTRY_DATA, e->value);
			nova_put(&p, NOVA_REGISTRY_ENTRY_LENGTH, sizeof(u32));
		}
		table.err = p.err;
	}
	return table.err;
}
