// SPDX-License-Identifier: GPL-2.0-only
/* A policy with a time-out beyond the limit. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct nova_sched_ops slow = {
	.timeout_ms = NOVA_SCHED_TIMEOUT_MAX_MS + 1,
	.name = "slow",
};
