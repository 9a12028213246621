// SPDX-License-Identifier: GPL-2.0-only
/* The headers for authors take no name that a program may want for itself. */
#include <novabpf/hook.bpf.h>

static inline int min(int a, int b)
{
	return a < b ? a : b;
}

static inline int max(int a, int b)
{
	return a < b ? b : a;
}

enum own_values { EINVAL, EAGAIN, EACCES, EBUSY, ENOSPC };
enum own_times { NSEC_PER_USEC, NSEC_PER_MSEC, NSEC_PER_SEC };
u32 slice_us, fault_stall_gfid, fault_bad_gfid_every, fault_bad_slice_every, nr_dispatched;

char LICENSE[] SEC("license") = "GPL";

SEC("struct_ops/own_pick")
void BPF_PROG(own_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	nova_bpf_idle(rl, min(EINVAL, max(EAGAIN, ENOSPC)));
}

SEC(".struct_ops.link")
struct nova_sched_ops own_names = {
	.pick = (void *)own_pick,
	.name = "own_names",
};
