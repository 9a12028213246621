// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payloads with the types of their release. The types come from a file that was
 * made from the ABI tables; the payload comes from anywhere, so no read passes its
 * end, and depth and number of what is printed have bounds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>

#include "base/common.h"
#include "typed.h"

#define DEPTH_MAX	16
#define ELEMENTS_MAX	1024
#define BYTES_SHOWN	256

struct bytes {
	const uint8_t *p;
	size_t len;
};

int typed_open(struct typed *t, const char *release, const char *file)
{
	memset(t, 0, sizeof(*t));
	t->abi = nova_abi_find(release);
	if (!t->abi)
		return -ENOEXEC;
	t->btf = btf__parse_raw(file);
	if (!t->btf)
		return -errno;
	return 0;
}

void typed_close(struct typed *t)
{
	btf__free(t->btf);
	memset(t, 0, sizeof(*t));
}

static struct json_object *hex_number(uint64_t v, unsigned int bytes)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%0*llx", 2 * bytes, (unsigned long long)v);
	return json_object_new_string(buf);
}

static struct json_object *hex_bytes(const uint8_t *p, size_t len)
{
	size_t shown = len < BYTES_SHOWN ? len : BYTES_SHOWN, i;
	char buf[2 * BYTES_SHOWN + 4];

	for (i = 0; i < shown; i++)
		snprintf(buf + 2 * i, 3, "%02x", p[i]);
	buf[2 * shown] = '\0';
	if (shown < len)
		strcat(buf, "...");
	return json_object_new_string(buf);
}

static struct json_object *text(const uint8_t *p, size_t len)
{
	char *s = xasprintf("%.*s", (int)strnlen((const char *)p, len), (const char *)p);
	struct json_object *obj = json_text(s);

	free(s);
	return obj;
}

static uint64_t number_at(const uint8_t *p, unsigned int size)
{
	uint64_t v = 0;

	while (size--)
		v = v << 8 | p[size];
	return v;
}

static struct json_object *integer(const struct btf_type *t, const char *alias, const char *field,
				   struct bytes in)
{
	uint64_t v = number_at(in.p, t->size);
	const char *name;

	if (btf_int_encoding(t) & BTF_INT_BOOL)
		return v < 2 ? json_object_new_boolean(v) : json_object_new_uint64(v);
	if (btf_int_encoding(t) & BTF_INT_SIGNED) {
		unsigned int shift = 64 - 8 * t->size;

		return json_object_new_int64((int64_t)(v << shift) >> shift);
	}
	if (t->size == 4 && (!strcmp(alias, "NV_STATUS") || !strcmp(field, "status"))) {
		name = nova_status_name(v);
		return strcmp(name, "?") ? json_object_new_string(name) : hex_number(v, 4);
	}
	if (t->size == 4 && !strcmp(field, "cmd")) {
		name = nova_ctrl_name(v);
		return name ? json_object_new_string(name) : hex_number(v, 4);
	}
	if (!strcmp(alias, "NvHandle") || !strcmp(field, "hClass") || strstr(alias, "Addr") ||
	    !strcmp(alias, "NvP64"))
		return hex_number(v, t->size);
	return json_object_new_uint64(v);
}

static struct json_object *value(const struct typed *ty, uint32_t id, const char *field,
				 struct bytes in, int depth);

static bool all_zero(const uint8_t *p, size_t len)
{
	while (len && !p[len - 1])
		len--;
	return !len;
}

static struct json_object *array(const struct typed *ty, const struct btf_type *t,
				 const char *field, struct bytes in, int depth)
{
	const struct btf_array *a = btf_array(t);
	const struct btf_type *e = btf__type_by_id(ty->btf, a->type);
	int64_t size = btf__resolve_size(ty->btf, a->type);
	struct json_object *list;
	size_t nr, i;

	while (e && btf_is_typedef(e))
		e = btf__type_by_id(ty->btf, e->type);
	if (!e || size <= 0)
		return NULL;
	nr = a->nelems ? a->nelems : in.len / size;
	if (nr > in.len / size)
		nr = in.len / size;
	if (btf_is_int(e) && size == 1)
		return btf_int_encoding(e) & BTF_INT_CHAR ? text(in.p, nr) : hex_bytes(in.p, nr);
	while (nr && all_zero(in.p + (nr - 1) * size, size))
		nr--;
	list = json_object_new_array();
	for (i = 0; i < nr && i < ELEMENTS_MAX; i++)
		json_object_array_add(list, value(ty, a->type, field, (struct bytes){
			in.p + i * size, size }, depth + 1));
	return list;
}

static struct json_object *aggregate(const struct typed *ty, const struct btf_type *t,
				     struct bytes in, int depth)
{
	struct json_object *obj = json_object_new_object();
	const struct btf_member *m = btf_members(t);
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++) {
		uint32_t bit = btf_member_bit_offset(t, i), width = btf_member_bitfield_size(t, i);
		const char *name = btf__name_by_offset(ty->btf, m[i].name_off);
		int64_t size = btf__resolve_size(ty->btf, m[i].type);
		size_t off = bit / 8;

		if (width) {
			off = bit / 32 * 4;
			if (off + 4 > in.len)
				continue;
			json_object_object_add(obj, name, json_object_new_uint64(
				number_at(in.p + off, 4) >> (bit % 32) & ((1ull << width) - 1)));
			continue;
		}
		/* A flexible array has what is left; what is cut off is not shown. */
		if (size < 0 || off > in.len || (size_t)size > in.len - off)
			continue;
		json_object_object_add(obj, name, value(ty, m[i].type, name, (struct bytes){
			in.p + off, size ? (size_t)size : in.len - off }, depth + 1));
	}
	return obj;
}

static struct json_object *value(const struct typed *ty, uint32_t id, const char *field,
				 struct bytes in, int depth)
{
	const struct btf_type *t = btf__type_by_id(ty->btf, id);
	const char *alias = "";

	while (t && btf_is_typedef(t)) {
		alias = btf__name_by_offset(ty->btf, t->name_off);
		t = btf__type_by_id(ty->btf, t->type);
	}
	if (!t || depth > DEPTH_MAX)
		return NULL;
	if (btf_is_int(t) && t->size <= 8 && t->size <= in.len)
		return integer(t, alias, field, in);
	if (btf_is_array(t))
		return array(ty, t, field, in, depth);
	if (btf_is_composite(t))
		return aggregate(ty, t, in, depth);
	return NULL;
}

/* Type of a payload, by the typedef that names it. Return: its size, 0 for none. */
static size_t add_part(const struct typed *t, struct json_object *obj, const char *name,
		       struct bytes in)
{
	int32_t id = btf__find_by_name_kind(t->btf, name, BTF_KIND_TYPEDEF);
	const struct btf_type *type = id > 0 ? btf__type_by_id(t->btf, id) : NULL;
	const struct btf_type *part = type ? btf__type_by_id(t->btf, type->type) : NULL;

	if (!part || !btf_is_composite(part))
		return 0;
	json_object_object_add(obj, btf__name_by_offset(t->btf, part->name_off),
			       value(t, type->type, "", in, 0));
	return part->size;
}

struct json_object *typed_payload(const struct typed *t, uint32_t function, uint32_t cmd,
				  const void *payload, size_t len)
{
	struct json_object *obj = json_object_new_object(), *head, *dup;
	enum nova_op op = nova_op_of(t->abi, function);
	struct bytes in = { payload, len };
	char name[32];
	size_t used;

	snprintf(name, sizeof(name), "function_%u", function);
	used = add_part(t, obj, name, in);
	if (used < len && (!used || op == NOVA_OP_RPC_GSP_RM_CONTROL)) {
		struct bytes rest = { in.p + used, len - used };
		size_t more = 0;

		if (used) {
			snprintf(name, sizeof(name), "control_%08x", cmd);
			more = add_part(t, obj, name, rest);
		}
		/* What has a type is not shown as bytes a second time. */
		if (more && json_object_object_get_ex(obj, "rpc_gsp_rm_control_v", &head) &&
		    json_object_object_get_ex(head, "params", &dup))
			json_object_object_del(head, "params");
		if (!used)
			json_object_object_add(obj, "rest", hex_bytes(rest.p, rest.len));
	}
	return obj;
}

static bool is_plain(struct json_object *v)
{
	size_t i;

	if (json_object_is_type(v, json_type_object))
		return false;
	if (!json_object_is_type(v, json_type_array))
		return true;
	for (i = 0; i < json_object_array_length(v); i++)
		if (!is_plain(json_object_array_get_idx(v, i)))
			return false;
	return true;
}

static void print_plain(FILE *to, struct json_object *v)
{
	size_t i;

	if (!json_object_is_type(v, json_type_array)) {
		fputs(v ? json_object_get_string(v) : "-", to);
		return;
	}
	for (i = 0; i < json_object_array_length(v); i++) {
		fputs(i ? " " : "", to);
		print_plain(to, json_object_array_get_idx(v, i));
	}
}

static void print_value(FILE *to, const char *name, struct json_object *v, int indent)
{
	char element[80];
	size_t i;

	if (is_plain(v)) {
		fprintf(to, "%*s%s ", indent, "", name);
		print_plain(to, v);
		fputc('\n', to);
	} else if (json_object_is_type(v, json_type_array)) {
		for (i = 0; i < json_object_array_length(v); i++) {
			snprintf(element, sizeof(element), "%s[%zu]", name, i);
			print_value(to, element, json_object_array_get_idx(v, i), indent);
		}
	} else {
		fprintf(to, "%*s%s\n", indent, "", name);
		typed_print(to, v, indent + 2);
	}
}

void typed_print(FILE *to, struct json_object *payload, int indent)
{
	json_object_object_foreach(payload, name, v)
		print_value(to, name, v, indent);
}
