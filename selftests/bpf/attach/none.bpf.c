// SPDX-License-Identifier: GPL-2.0-only
/* A BPF object without a policy. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sys_enter")
int nothing(void *ctx)
{
	return 0;
}
