/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a scheduling policy in BPF includes: the interface, libbpf's macros, and what
 * lets one object run on modules of different age (compat.bpf.h). It defines nothing
 * but names that begin with nova or NOVA; the licence, constants of C and helpers are
 * the program's own. Types of the kernel, vmlinux.h, come before it: see policy.mk.
 */
#ifndef NOVABPF_POLICY_BPF_H
#define NOVABPF_POLICY_BPF_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <novabpf/bpf.h>
#include <novabpf/compat.bpf.h>

#endif /* NOVABPF_POLICY_BPF_H */
