// SPDX-License-Identifier: GPL-2.0-only
// There is no such GPU.
// expect: No such device
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.gpu_id = 4711,
	.name = "test",
};
