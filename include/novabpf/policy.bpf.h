/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header for scheduling policies in BPF: the interface, libbpf's macros, and macros
 * for objects that run on modules of different versions (compat.bpf.h). All its names
 * begin with nova or NOVA; a program defines its own licence, C constants and helpers.
 * The kernel's types, vmlinux.h, come before it: see policy.mk.
 */
#ifndef NOVABPF_POLICY_BPF_H
#define NOVABPF_POLICY_BPF_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <novabpf/bpf.h>
#include <novabpf/compat.bpf.h>

#endif /* NOVABPF_POLICY_BPF_H */
