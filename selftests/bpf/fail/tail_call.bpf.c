// SPDX-License-Identifier: GPL-2.0-only
// A tail call would enter an operation that was checked as another one.
// expect: cannot use helper bpf_tail_call
#include "../test.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} programs SEC(".maps");

SEC("struct_ops/runnable")
void BPF_PROG(jump, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	bpf_tail_call(ctx, &programs, 0);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.runnable = (void *)jump,
	.name = "test",
};
