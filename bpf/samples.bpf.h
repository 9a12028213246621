/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the samples of this folder: the licence, and common C macros. This is not part
 * of the interface: your own program includes novabpf/policy.bpf.h or novabpf/hook.bpf.h,
 * and defines its own.
 */
#ifndef NOVA_SAMPLES_BPF_H
#define NOVA_SAMPLES_BPF_H

#include <novabpf/policy.bpf.h>

#define NULL		((void *)0)
#define EAGAIN		11
#define EACCES		13
#define EBUSY		16
#define EINVAL		22
#define ENOSPC		28

#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

/* Read each side once, because the verifier refuses a choice between two addresses. */
#define min(a, b)	({ __auto_type __a = (a); __auto_type __b = (b); __a < __b ? __a : __b; })
#define max(a, b)	({ __auto_type __a = (a); __auto_type __b = (b); __a > __b ? __a : __b; })

char LICENSE[] SEC("license") = "GPL";

#endif /* NOVA_SAMPLES_BPF_H */
