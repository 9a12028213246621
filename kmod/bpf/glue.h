/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF side of the core: tables of operations and kfuncs. All of this room is
 * absent where the kernel has no struct_ops for modules.
 */
#ifndef NOVABPF_BPF_GLUE_H
#define NOVABPF_BPF_GLUE_H

#include <linux/types.h>
#include "compat.h"

struct bpf_prog;

#ifdef NOVA_HAVE_STRUCT_OPS

/* Once, when the module is loaded. What fails is logged; the driver does without. */
void nova_bpf_init(void);

/* For nova_bpf_init(): registers the kfuncs. Return: 0 or -errno. */
int nova_kfuncs_init(void);

/*
 * nova_ops_prog() - whether @prog belongs to a struct nova_sched_ops
 *
 * Valid from the check of the program's member on, so at every kfunc call.
 */
bool nova_ops_prog(const struct bpf_prog *prog);

/*
 * nova_btf_id() - BTF id as the running kernel numbers it
 * @id: entry of a BTF_ID_LIST of this module
 *
 * The module's types may have been built against a base that is shorter than the
 * kernel's; then they all moved by the same distance. Valid as nova_ops_prog().
 */
u32 nova_btf_id(u32 id);

#else

static inline void nova_bpf_init(void) {}

#endif

#endif /* NOVABPF_BPF_GLUE_H */
