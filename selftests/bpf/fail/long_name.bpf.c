// SPDX-License-Identifier: GPL-2.0-only
// A name ends with NUL.
// expect-log: policy refused: its name has more than 15 characters
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.name = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
		 'p'},
};
