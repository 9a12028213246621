/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF side of the core: tables of operations and kfuncs. This room is empty on kernels
 * without struct_ops for modules.
 */
#ifndef NOVABPF_BPF_GLUE_H
#define NOVABPF_BPF_GLUE_H

#include <linux/types.h>
#include <uapi/novabpf.h>
#include "compat.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>

/* Called once, at module load. A failure is logged, and the driver works without BPF. */
void nova_bpf_init(void);

/* One per file, for nova_bpf_init(). Return: 0 or -errno. */
int nova_kfuncs_init(void);
int nova_sched_ops_init(void);
int nova_rpc_ops_init(void);

/* Tables of operations of this module. */
enum nova_ops {
	NOVA_OPS_NONE,
	NOVA_OPS_SCHED,
	NOVA_OPS_RPC,
};

/*
 * Called by check_member(), where the table of @prog is known by name. The BTF ids of the
 * module's other types follow from it.
 */
void nova_ops_learn(enum nova_ops ops, const struct bpf_prog *prog);

/*
 * nova_ops_of() - table of operations that @prog belongs to
 *
 * Valid after check_member() of the program, so at every kfunc call.
 */
enum nova_ops nova_ops_of(const struct bpf_prog *prog);

/*
 * nova_btf_id() - BTF id as the running kernel numbers it
 * @id: entry of a BTF_ID_LIST of this module
 *
 * The module may have been built against a base BTF shorter than the kernel's. Then all
 * its ids are off by the same distance. Valid as nova_ops_of().
 */
u32 nova_btf_id(u32 id);

/* Common parts of the tables of operations. */
int nova_ops_init_btf(struct btf *btf);
/* Return: whether @reg points to a type of this module; @id as for nova_btf_id(). */
bool nova_ops_reg_is(const struct bpf_reg_state *reg, u32 id);
/* @what: "policy" or "hook". For init_member(). Return: 1, or -EINVAL and a line in the log. */
int nova_ops_take_name(const char *what, char to[NOVA_NAME_LEN], const char name[NOVA_NAME_LEN]);
const struct bpf_func_proto *nova_ops_func_proto(enum bpf_func_id func_id,
						 const struct bpf_prog *prog);

#else

static inline void nova_bpf_init(void) {}

#endif

#endif /* NOVABPF_BPF_GLUE_H */
