// SPDX-License-Identifier: GPL-2.0-only
// Flags that are not known yet are refused.
// expect-log: hook refused: unknown flags 0x100
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_rpc_ops hook = {
	.flags = 0x100,
	.name = "test",
};
