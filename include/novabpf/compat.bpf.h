/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One object for modules of different versions.
 *
 * The headers describe the newest module. Each macro tests in the program whether the
 * loaded module has a feature. The result is a constant at load time, and the verifier
 * skips the branch that is not taken:
 *
 *	if (NOVA_HAS_KFUNC(kick))
 *		nova_bpf_kick(rl);
 *
 * Loading an object fails if the module lacks one of its operations. A question mark in
 * front of the section, SEC("?struct_ops/mine_preempt"), makes the operation optional:
 * "novabpf attach" leaves it out, and NOVA_HAS_OP() tells the other operations.
 *
 * Documentation/bpf-changes.rst lists the additions of each version.
 */
#ifndef NOVABPF_COMPAT_BPF_H
#define NOVABPF_COMPAT_BPF_H

/* Whether there is a table of operations: sched, rpc. */
#define NOVA_HAS_OPS(table)	bpf_core_type_exists(struct nova_##table##_ops)

/* Whether a table has an operation or data member: NOVA_HAS_OP(sched, preempt). */
#define NOVA_HAS_OP(table, op)	NOVA_HAS_MEMBER(nova_##table##_ops, op)

/* Whether a structure has a member: NOVA_HAS_MEMBER(nova_rpc_ctx, flags). */
#define NOVA_HAS_MEMBER(type, member)	bpf_core_field_exists(struct type, member)

/* Whether an enum has a value: NOVA_HAS_VALUE(nova_stop_reason, NOVA_STOP_CAP). */
#define NOVA_HAS_VALUE(type, value)	bpf_core_enum_value_exists(enum type, value)

/* Whether there is a kfunc, by its name without nova_bpf_: NOVA_HAS_KFUNC(rpc_act). */
#define NOVA_HAS_KFUNC(name)	bpf_ksym_exists(nova_bpf_##name)

#endif /* NOVABPF_COMPAT_BPF_H */
