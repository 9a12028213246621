// SPDX-License-Identifier: GPL-2.0-only
/*
 * A policy that works, for tests of the tool: first come, first served, with a
 * variable of each kind and with faults to order.
 */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/bpf.h>

#ifndef NAME
#define NAME "good"
#endif

char LICENSE[] SEC("license") = "GPL";

enum mood {
	CALM,
	BUSY,
};

struct pair {
	int a, b;
};

const volatile u32 slice_us = 2000;
const volatile s8 small = -1;
const volatile bool loud;
const volatile enum mood mood = CALM;
const volatile u64 big;
const volatile struct pair pair;
const volatile s32 init_ret;
const volatile u64 error_after;
u64 picks;
u64 seen = 1;

SEC("struct_ops.s/init")
s32 BPF_PROG(good_init, const struct nova_sched_gpu *gpu)
{
	seen += small + loud + mood + big + pair.a + pair.b;
	return init_ret;
}

SEC("struct_ops/runnable")
void BPF_PROG(good_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	nova_bpf_queue_insert(rl, 0, v->gfid, 0);
}

SEC("struct_ops/pick")
void BPF_PROG(good_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v;

	if (error_after && ++picks > error_after)
		nova_bpf_error(rl, 42, "as ordered");
	if (prev && prev->runnable)
		nova_bpf_queue_insert(rl, 0, prev->gfid, 0);
	v = nova_bpf_queue_first(rl, 0);
	if (v)
		nova_bpf_dispatch(rl, v->gfid, slice_us * 1000ULL);
}

SEC(".struct_ops.link")
struct nova_sched_ops good = {
	.init = (void *)good_init,
	.runnable = (void *)good_runnable,
	.pick = (void *)good_pick,
	.name = NAME,
};
