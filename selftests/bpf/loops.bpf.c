// SPDX-License-Identifier: GPL-2.0-only
/*
 * A policy whose decisions take long: nested loops, each within its bounds, until so many
 * ms have passed.
 */
#include "test.bpf.h"

/* How long, and only in each so manieth decision; 0: in all. */
const volatile u32 hold_ms = 20;
const volatile u32 every;

u64 picks;

static long inner(u32 i, u64 *until_ns)
{
	return bpf_ktime_get_ns() >= *until_ns;
}

static long outer(u32 i, u64 *until_ns)
{
	bpf_loop(1 << 10, inner, until_ns, 0);
	return bpf_ktime_get_ns() >= *until_ns;
}

SEC("struct_ops/pick")
void BPF_PROG(loops_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	u64 until_ns = bpf_ktime_get_ns() + hold_ms * 1000000ULL;
	struct nova_sched_vgpu *v;
	u32 slot;

	picks++;
	if (!every || picks % every == 0)
		bpf_loop(1 << 23, outer, &until_ns, 0);
	for (slot = 0; slot < 2; slot++) {
		v = nova_bpf_vgpu_at(rl, (slot + picks) % 2);
		if (v && v->runnable && !nova_bpf_dispatch(rl, v->gfid, 2000000))
			return;
	}
	nova_bpf_idle(rl, 0);
}

SEC(".struct_ops.link")
struct nova_sched_ops loops = {
	.pick = (void *)loops_pick,
	.name = "loops",
};
