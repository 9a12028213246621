// SPDX-License-Identifier: GPL-2.0-only
// What follows the name is zero.
// expect-log: policy refused: there are bytes behind the end of its name
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.name = {'a', 0, 'b'},
};
