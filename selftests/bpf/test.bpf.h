/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the policies of this folder. Types of the kernel come before it, by -include.
 */
#ifndef SELFTESTS_BPF_TEST_BPF_H
#define SELFTESTS_BPF_TEST_BPF_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char _license[] SEC("license") = "GPL";

#endif /* SELFTESTS_BPF_TEST_BPF_H */
