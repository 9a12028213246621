// SPDX-License-Identifier: GPL-2.0-only
// Flags that this kernel does not know would not be honoured.
// expect-log: policy refused: unknown flags 0x8
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.flags = 8,
	.name = "test",
};
