// SPDX-License-Identifier: GPL-2.0-only
/* A policy in the section of those that have no link. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops")
struct nova_sched_ops nolink = {
	.name = "nolink",
};
