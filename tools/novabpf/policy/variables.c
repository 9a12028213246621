// SPDX-License-Identifier: GPL-2.0-only
/*
 * --set VAR=VALUE: global variables of a policy, changed before it is loaded.
 *
 * What may be set is what the object's BTF knows: integers, booleans and enums
 * of global linkage in .rodata, .data and .bss.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

struct variable {
	const char *name;
	const struct btf_type *type;	/* plain */
	void *at;
	uint32_t size;
};

struct variables {
	struct variable *v;
	size_t nr;
};

static void add_section(struct variables *vars, const struct btf *btf, const struct btf_type *sec,
			char *data, size_t bytes)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(sec);
	int i;

	for (i = 0; i < btf_vlen(sec); i++, info++) {
		const struct btf_type *var = btf__type_by_id(btf, info->type);
		struct variable *v;

		if (!var || !btf_is_var(var) || btf_var(var)->linkage != BTF_VAR_GLOBAL_ALLOCATED ||
		    (size_t)info->offset + info->size > bytes)
			continue;
		vars->v = xrealloc(vars->v, vars->nr + 1, sizeof(*vars->v));
		v = &vars->v[vars->nr++];
		v->name = btf__name_by_offset(btf, var->name_off);
		v->type = btf_plain_type(btf, var->type);
		v->at = data + info->offset;
		v->size = info->size;
	}
}

static void find_variables(const struct policy_obj *po, struct variables *vars)
{
	const struct btf *btf = bpf_object__btf(po->obj);
	struct bpf_map *map;

	memset(vars, 0, sizeof(*vars));
	bpf_object__for_each_map(map, po->obj) {
		const struct btf_type *sec;
		size_t bytes = 0;
		void *data;

		if (!bpf_map__is_internal(map))
			continue;
		sec = btf__type_by_id(btf, bpf_map__btf_value_type_id(map));
		data = bpf_map__initial_value(map, &bytes);
		/* ".kconfig" is filled in by libbpf. */
		if (sec && data && btf_is_datasec(sec) &&
		    strcmp(btf__name_by_offset(btf, sec->name_off), ".kconfig"))
			add_section(vars, btf, sec, data, bytes);
	}
}

static bool can_set(const struct variable *v)
{
	return v->type && (btf_is_int(v->type) || btf_is_any_enum(v->type)) &&
	       (v->size == 1 || v->size == 2 || v->size == 4 || v->size == 8);
}

static int unknown_variable(const struct policy_obj *po, const struct variables *vars,
			    const char *name)
{
	const char **known = xcalloc(vars->nr, sizeof(*known));
	struct text list = { 0 };
	const char *near;
	size_t i, nr = 0;

	for (i = 0; i < vars->nr; i++) {
		if (!can_set(&vars->v[i]))
			continue;
		known[nr++] = vars->v[i].name;
		text_add(&list, "%s%s", list.len ? ", " : "", vars->v[i].name);
	}
	near = nearest_word(name, known, nr);
	if (!nr)
		usage_error("--set: %s has no variable '%s', nor any that can be set", po->file,
			    name);
	else if (near)
		usage_error("--set: %s has no variable '%s'; did you mean '%s'? known: %s",
			    po->file, name, near, list.s);
	else
		usage_error("--set: %s has no variable '%s'; known: %s", po->file, name, list.s);
	free(list.s);
	free(known);
	return EXIT_USAGE;
}

/* Bits of @value for one of @names, or its number. */
static bool parse_enum(const struct btf *btf, const struct btf_type *t, const char *value,
		       struct text *names, uint64_t *bits)
{
	int i;

	for (i = 0; i < btf_vlen(t); i++) {
		const struct btf_enum64 *e64 = btf_is_enum64(t) ? btf_enum64(t) + i : NULL;
		const struct btf_enum *e = e64 ? NULL : btf_enum(t) + i;
		const char *name = btf__name_by_offset(btf, e64 ? e64->name_off : e->name_off);

		*bits = e64 ? btf_enum64_value(e64) : (uint64_t)(int64_t)e->val;
		if (!strcmp(name, value))
			return true;
		text_add(names, "%s%s", i ? ", " : "", name);
	}
	return false;
}

static bool parse_bool(const char *value, uint64_t *bits)
{
	static const char *const words[] = { "0", "1", "false", "true", "no", "yes", "off", "on" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(value, words[i]))
			break;
	*bits = i % 2;
	return i < ARRAY_LEN(words);
}

static bool parse_int(const char *value, uint32_t size, bool is_signed, uint64_t *bits)
{
	uint64_t most = UINT64_MAX >> (64 - 8 * size + is_signed);
	bool negative = *value == '-';

	if (!parse_u64(value + negative, bits))
		return false;
	if (negative && (!is_signed || *bits > most + 1))
		return false;
	if (!negative && *bits > most)
		return false;
	if (negative)
		*bits = -*bits;
	return true;
}

static char *range_text(const struct variable *v, bool is_signed)
{
	uint64_t most = UINT64_MAX >> (64 - 8 * v->size + is_signed);

	if (is_signed)
		return xasprintf("-%llu to %llu", (unsigned long long)most + 1,
				 (unsigned long long)most);
	return xasprintf("0 to %llu", (unsigned long long)most);
}

static int assign(const struct policy_obj *po, const struct variable *v, const char *value)
{
	const struct btf *btf = bpf_object__btf(po->obj);
	struct text names = { 0 };
	bool is_signed, good;
	uint64_t bits;
	char *range;

	if (!can_set(v))
		return usage_error("--set: '%s' of %s is no integer, boolean or enum", v->name,
				   po->file);
	if (btf_is_int(v->type) && btf_int_encoding(v->type) & BTF_INT_BOOL) {
		if (!parse_bool(value, &bits))
			return usage_error("--set: bad value '%s' of '%s'; use true or false",
					   value, v->name);
	} else {
		is_signed = btf_is_int(v->type) ? btf_int_encoding(v->type) & BTF_INT_SIGNED :
						  btf_kflag(v->type);
		good = btf_is_any_enum(v->type) &&
		       parse_enum(btf, v->type, value, &names, &bits);
		if (!good && !parse_int(value, v->size, is_signed, &bits)) {
			range = range_text(v, is_signed);
			usage_error("--set: bad value '%s' of '%s'; use %s%s%s", value, v->name,
				    names.s ? names.s : "", names.s ? ", or a number " : "", range);
			free(range);
			free(names.s);
			return EXIT_USAGE;
		}
	}
	free(names.s);
	/* Object and machine have the same byte order: libbpf refuses others. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	bits <<= 64 - 8 * v->size;
#endif
	memcpy(v->at, &bits, v->size);
	return 0;
}

int policy_set_var(struct policy_obj *po, const char *assignment)
{
	const char *eq = strchr(assignment, '=');
	struct variables vars;
	size_t i;
	char *name;
	int ret;

	if (!eq || eq == assignment)
		return usage_error("--set needs VAR=VALUE, not '%s'", assignment);
	name = xstrdup(assignment);
	name[eq - assignment] = '\0';
	find_variables(po, &vars);
	for (i = 0; i < vars.nr && strcmp(vars.v[i].name, name); i++)
		;
	ret = i < vars.nr ? assign(po, &vars.v[i], eq + 1) : unknown_variable(po, &vars, name);
	free(vars.v);
	free(name);
	return ret;
}
