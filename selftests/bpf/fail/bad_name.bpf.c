// SPDX-License-Identifier: GPL-2.0-only
// Names appear in sysfs, traces and logs.
// expect-log: policy refused: its name may have letters, digits
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.name = "a name\n",
};
