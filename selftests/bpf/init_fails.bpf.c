// SPDX-License-Identifier: GPL-2.0-only
// A policy that cannot start says why by an errno.
#include "test.bpf.h"

SEC("struct_ops.s/init")
s32 BPF_PROG(no_memory, const struct nova_sched_gpu *gpu)
{
	return -12;
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.init = (void *)no_memory,
	.name = "init_fails",
};
