// SPDX-License-Identifier: GPL-2.0-only
/* Two policies in one object. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

char LICENSE[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct nova_sched_ops first = {
	.name = "first",
};

SEC(".struct_ops.link")
struct nova_sched_ops second = {
	.name = "second",
};
