// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects and modules of different age: what an object wants and the loaded module lacks.
 *
 * An operation whose program is in a section that begins with "?" is optional: libbpf
 * does not load such a program by itself. It is loaded where the module has the
 * operation, and left out of the table where not.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define FIT_KFUNC_MARK	"' is referenced but wasn't resolved"
#define FIT_NEWER	"load a newer one, or "

/* The module's types, and the table of operations among them. */
struct fit_module {
	struct btf *vmlinux;
	struct btf *btf;
	const struct btf_type *ops;
};

static void fit_close(struct fit_module *m)
{
	btf__free(m->btf);
	btf__free(m->vmlinux);
}

static bool fit_open(const struct policy_obj *po, struct fit_module *m)
{
	char *path = root_path("/sys/kernel/btf/novabpf");
	int id = -1;

	memset(m, 0, sizeof(*m));
	m->vmlinux = btf__load_vmlinux_btf();
	if (m->vmlinux)
		m->btf = btf__parse_split(path, m->vmlinux);
	if (m->btf)
		id = btf__find_by_name_kind(m->btf, po->kind == OPS_RPC ? RPC_OPS : SCHED_OPS,
					    BTF_KIND_STRUCT);
	free(path);
	if (id < 0) {
		fit_close(m);
		return false;
	}
	m->ops = btf__type_by_id(m->btf, id);
	return true;
}

/* The table of operations as the object has it: its members and their values. */
struct fit_table {
	const struct btf *btf;
	const struct btf_type *type;
	char *data;
	size_t bytes;
};

static bool fit_table(const struct policy_obj *po, struct fit_table *t)
{
	t->btf = bpf_object__btf(po->obj);
	t->type = btf_plain_type(t->btf, bpf_map__btf_value_type_id(po->map));
	t->data = bpf_map__initial_value(po->map, &t->bytes);
	return t->type && t->data;
}

static const char *fit_member_name(const struct fit_table *t, int i)
{
	return btf__name_by_offset(t->btf, btf_members(t->type)[i].name_off);
}

/* Where member @i keeps its program, NULL where it is no operation or out of bounds. */
static struct bpf_program **fit_program(const struct fit_table *t, int i)
{
	const struct btf_member *m = &btf_members(t->type)[i];
	const struct btf_type *type = btf_plain_type(t->btf, m->type);

	if (!type || !btf_is_ptr(type) || m->offset / 8 + sizeof(void *) > t->bytes)
		return NULL;
	return (struct bpf_program **)(t->data + m->offset / 8);
}

static bool fit_is_set(const struct fit_table *t, int i)
{
	const struct btf_member *m = &btf_members(t->type)[i];
	long size = btf__resolve_size(t->btf, m->type);
	size_t at = m->offset / 8, end = at + (size > 0 ? size : 0);

	for (; at < end && at < t->bytes; at++)
		if (t->data[at])
			return true;
	return false;
}

static bool fit_has_optional(const struct fit_table *t)
{
	struct bpf_program **prog;
	int i;

	for (i = 0; i < btf_vlen(t->type); i++) {
		prog = fit_program(t, i);
		if (prog && *prog && !bpf_program__autoload(*prog))
			return true;
	}
	return false;
}

/* Before the object is loaded: optional operations are in where the module has them. */
void policy_fit(struct policy_obj *po)
{
	struct bpf_program **prog;
	struct fit_module module;
	struct fit_table t;
	int i;

	if (!fit_table(po, &t) || !fit_has_optional(&t) || !fit_open(po, &module))
		return;
	for (i = 0; i < btf_vlen(t.type); i++) {
		prog = fit_program(&t, i);
		if (!prog || !*prog || bpf_program__autoload(*prog))
			continue;
		if (btf_member_find(module.btf, module.ops, fit_member_name(&t, i)))
			bpf_program__set_autoload(*prog, true);
		else
			*prog = NULL;
	}
	fit_close(&module);
}

static int fit_lacks_member(const struct policy_obj *po, const struct fit_table *t, int i)
{
	const char *ops = po->kind == OPS_RPC ? RPC_OPS : SCHED_OPS;
	struct bpf_program **prog = fit_program(t, i);

	if (prog)
		return fail("%s: the loaded module has no operation '%s' in struct %s; "
			    FIT_NEWER "make it optional: SEC(\"?%s\")", po->file,
			    fit_member_name(t, i), ops, bpf_program__section_name(*prog));
	return fail("%s: the loaded module has no member '%s' in struct %s; "
		    FIT_NEWER "leave it 0", po->file, fit_member_name(t, i), ops);
}

/*
 * After libbpf has refused the object: a member of the table that is set and that the
 * module lacks. Return: the exit status, or 0 where there is none.
 */
int policy_misfit(const struct policy_obj *po)
{
	struct fit_module module;
	struct fit_table t;
	int i, ret = 0;

	if (!fit_table(po, &t) || !fit_open(po, &module))
		return 0;
	for (i = 0; i < btf_vlen(t.type) && !ret; i++)
		if (fit_is_set(&t, i) &&
		    !btf_member_find(module.btf, module.ops, fit_member_name(&t, i)))
			ret = fit_lacks_member(po, &t, i);
	fit_close(&module);
	return ret;
}

/*
 * After the verifier has refused program @prog with @log: a kfunc that it calls and that
 * the module lacks. Return: the exit status, or 0 where that was not the reason.
 */
int policy_misfit_kfunc(const struct policy_obj *po, const char *prog, const char *log)
{
	const char *end = strstr(log, FIT_KFUNC_MARK), *name = end;
	const char *prefix = "nova_bpf_";
	int len;

	while (name && name > log && name[-1] != '\'' && name[-1] != '\n')
		name--;
	if (!name || name == log || name[-1] != '\'')
		return 0;
	len = end - name;
	if (strncmp(name, prefix, strlen(prefix)))
		return fail("%s: the kernel has no kfunc '%.*s', which '%s' calls; "
			    "ask first: bpf_ksym_exists(%.*s)", po->file, len, name, prog, len,
			    name);
	return fail("%s: the loaded module has no kfunc '%.*s', which '%s' calls; "
		    FIT_NEWER "ask first: NOVA_HAS_KFUNC(%.*s)", po->file, len, name, prog,
		    len - (int)strlen(prefix), name + strlen(prefix));
}
