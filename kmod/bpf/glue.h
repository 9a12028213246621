/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF side of the core: tables of operations and kfuncs. All of this room is
 * absent where the kernel has no struct_ops for modules.
 */
#ifndef NOVABPF_BPF_GLUE_H
#define NOVABPF_BPF_GLUE_H

#include <linux/types.h>
#include <uapi/novabpf.h>
#include "compat.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>

/* Once, when the module is loaded. What fails is logged; the driver does without. */
void nova_bpf_init(void);

/* For nova_bpf_init(), one per file. Return: 0 or -errno. */
int nova_kfuncs_init(void);
int nova_sched_ops_init(void);
int nova_rpc_ops_init(void);

/* Tables of operations that programs of ours may belong to. */
enum nova_ops {
	NOVA_OPS_NONE,
	NOVA_OPS_SCHED,
	NOVA_OPS_RPC,
};

/*
 * For a check of a member: @prog is one of @ops. The caller found out, by name, what
 * it belongs to; what other types are numbered follows from it.
 */
void nova_ops_learn(enum nova_ops ops, const struct bpf_prog *prog);

/*
 * nova_ops_of() - which table @prog belongs to
 *
 * Valid from the check of the program's member on, so at every kfunc call.
 */
enum nova_ops nova_ops_of(const struct bpf_prog *prog);

/*
 * nova_btf_id() - BTF id as the running kernel numbers it
 * @id: entry of a BTF_ID_LIST of this module
 *
 * The module's types may have been built against a base that is shorter than the
 * kernel's; then they all moved by the same distance. Valid as nova_ops_of().
 */
u32 nova_btf_id(u32 id);

/* Common parts of the tables of operations. */
int nova_ops_init_btf(struct btf *btf);
/* Whether @reg points to a type of this module, as nova_btf_id() numbers it. */
bool nova_ops_reg_is(const struct bpf_reg_state *reg, u32 id);
/* Return: 0, or -EINVAL: @name of a "policy" or "hook" is no good, and the log says why. */
int nova_ops_check_name(const char *what, const char name[NOVA_NAME_LEN]);
const struct bpf_func_proto *nova_ops_func_proto(enum bpf_func_id func_id,
						 const struct bpf_prog *prog);
bool nova_ops_ctx_access(int off, int size, enum bpf_access_type type,
			 const struct bpf_prog *prog, struct bpf_insn_access_aux *info);

#else

static inline void nova_bpf_init(void) {}

#endif

#endif /* NOVABPF_BPF_GLUE_H */
