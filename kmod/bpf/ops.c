// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common parts of the tables of operations: names, BTF ids of the module's types in the
 * running kernel, and the helpers that programs may call.
 */
#define pr_fmt(fmt) "novabpf: " fmt

#include "bpf/glue.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/ctype.h>
#include <linux/filter.h>
#include <linux/string.h>
#include <novabpf/bpf.h>

BTF_ID_LIST(nova_ops_types)
BTF_ID_UNUSED
BTF_ID(struct, nova_sched_ops)
BTF_ID(struct, nova_rpc_ops)

/* BTF of this module; NULL if the kernel refused it. */
static struct btf *nova_btf;
/* Distance from BTF ids of the build to those of the running kernel. */
static u32 nova_btf_shift;
static bool nova_btf_known;

void nova_ops_learn(enum nova_ops ops, const struct bpf_prog *prog)
{
	WRITE_ONCE(nova_btf_shift, prog->aux->attach_btf_id - nova_ops_types[ops]);
	/* Idempotent. Release pairs with the acquire in nova_ops_of(). */
	smp_store_release(&nova_btf_known, true);
}

u32 nova_btf_id(u32 id)
{
	return id + READ_ONCE(nova_btf_shift);
}

enum nova_ops nova_ops_of(const struct bpf_prog *prog)
{
	enum nova_ops ops;

	/* Pairs with the release in nova_ops_learn(). */
	if (!smp_load_acquire(&nova_btf_known))
		return NOVA_OPS_NONE;
	if (prog->type != BPF_PROG_TYPE_STRUCT_OPS || prog->aux->attach_btf != nova_btf)
		return NOVA_OPS_NONE;
	for (ops = NOVA_OPS_SCHED; ops <= NOVA_OPS_RPC; ops++)
		if (prog->aux->attach_btf_id == nova_btf_id(nova_ops_types[ops]))
			return ops;
	return NOVA_OPS_NONE;
}

int nova_ops_init_btf(struct btf *btf)
{
	nova_btf = btf;
	return 0;
}

bool nova_ops_reg_is(const struct bpf_reg_state *reg, u32 id)
{
	return reg->btf == nova_btf && reg->btf_id == nova_btf_id(id);
}

int nova_ops_take_name(const char *what, char to[NOVA_NAME_LEN], const char name[NOVA_NAME_LEN])
{
	size_t len = strnlen(name, NOVA_NAME_LEN), i;

	if (!len) {
		pr_warn("%s refused: it has no name\n", what);
		return -EINVAL;
	}
	if (len == NOVA_NAME_LEN) {
		pr_warn("%s refused: its name has more than %d characters\n", what,
			NOVA_NAME_LEN - 1);
		return -EINVAL;
	}
	for (i = 0; i < len; i++) {
		if (isascii(name[i]) && isalnum(name[i]))
			continue;
		if (strchr("_.-", name[i]))
			continue;
		pr_warn("%s refused: its name may have letters, digits, '_', '.' and '-' only\n",
			what);
		return -EINVAL;
	}
	if (memchr_inv(name + len, 0, NOVA_NAME_LEN - len)) {
		pr_warn("%s refused: there are bytes behind the end of its name\n", what);
		return -EINVAL;
	}
	memcpy(to, name, NOVA_NAME_LEN);
	return 1;
}

/*
 * A tail call would enter a program that was verified for another operation, with other
 * kfuncs or with arguments that are never NULL.
 */
const struct bpf_func_proto *nova_ops_func_proto(enum bpf_func_id func_id,
						 const struct bpf_prog *prog)
{
	if (func_id == BPF_FUNC_tail_call)
		return NULL;
	return bpf_base_func_proto(func_id, prog);
}

void nova_bpf_init(void)
{
	int err;

	err = nova_kfuncs_init();
	err = err ?: nova_sched_ops_init();
	err = err ?: nova_rpc_ops_init();
	if (err)
		pr_warn("no BPF policies: registering them failed (%d)\n", err);
	else if (!nova_btf)
		pr_warn("no BPF policies: the kernel did not take the module's BTF; build it against this very kernel\n");
}

#endif /* NOVA_HAVE_STRUCT_OPS */
