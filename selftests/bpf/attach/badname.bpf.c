// SPDX-License-Identifier: GPL-2.0-only
/* A policy whose name holds a blank. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct nova_sched_ops badname = {
	.name = "two words",
};
