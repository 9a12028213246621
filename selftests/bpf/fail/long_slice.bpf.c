// SPDX-License-Identifier: GPL-2.0-only
// Slices have an end.
// expect-log: policy refused: slice_us is 100001, want 0 or 100 to 100000
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.slice_us = 100001,
	.name = "test",
};
