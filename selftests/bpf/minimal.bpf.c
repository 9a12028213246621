// SPDX-License-Identifier: GPL-2.0-only
// A name is enough: the built-in policy decides.
#include "test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.name = "minimal",
};
