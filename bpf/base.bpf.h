/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What policies (nova.bpf.h) and RPC hooks (rpc.bpf.h) have in common: libbpf's
 * macros, the interface (novabpf/bpf.h), and what C programs take for granted.
 * Kernel types come from the running kernel's BTF, which the Makefile includes
 * ahead of this.
 */
#ifndef NOVA_BASE_BPF_H
#define NOVA_BASE_BPF_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

#define NULL		((void *)0)
#define EAGAIN		11
#define EACCES		13
#define EBUSY		16
#define EINVAL		22
#define ENOSPC		28

#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

/* Each side is read once: a choice between two addresses the verifier refuses. */
#define min(a, b)	({ __auto_type __a = (a); __auto_type __b = (b); __a < __b ? __a : __b; })
#define max(a, b)	({ __auto_type __a = (a); __auto_type __b = (b); __a > __b ? __a : __b; })

char LICENSE[] SEC("license") = "GPL";

#endif /* NOVA_BASE_BPF_H */
