// SPDX-License-Identifier: GPL-2.0-only
// The name is the only member that must be there.
// expect-log: policy refused: it has no name
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.timeout_ms = 100,
};
