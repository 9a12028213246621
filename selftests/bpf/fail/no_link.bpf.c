// SPDX-License-Identifier: GPL-2.0-only
// A policy that nobody holds could not be taken off.
// expect-log: policy test refused: it needs a link
#include "../test.bpf.h"

SEC(".struct_ops")
struct nova_sched_ops policy = {
	.name = "test",
};
