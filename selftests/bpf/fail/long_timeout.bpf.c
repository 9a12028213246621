// SPDX-License-Identifier: GPL-2.0-only
// A policy cannot switch the watchdog off.
// expect-log: policy refused: timeout_ms is 30001, want 30000 at most
#include "../test.bpf.h"

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.timeout_ms = NOVA_SCHED_TIMEOUT_MAX_MS + 1,
	.name = "test",
};
