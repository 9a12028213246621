/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One object for modules of different age.
 *
 * The headers say what the newest module has. Each macro here says, in the program,
 * whether the module that is loaded has it too. The answer is a constant once the
 * object is loaded, and the verifier does not look at the branch that is not taken:
 *
 *	if (NOVA_HAS_KFUNC(kick))
 *		nova_bpf_kick(rl);
 *
 * An operation that the module lacks is refused when the object is loaded, unless its
 * program is marked as one that the object can do without: with a question mark in
 * front of the section, SEC("?struct_ops/mine_preempt"). "novabpf attach" then leaves
 * it out, and NOVA_HAS_OP() tells the other operations.
 *
 * Documentation/bpf-changes.rst lists what came with which version.
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
