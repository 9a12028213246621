// SPDX-License-Identifier: GPL-2.0-only
// Tracing programs have no runlist.
// expect: calling kernel function nova_bpf_kick is not allowed
#include "../test.bpf.h"

SEC("fentry/nova_rm_alloc")
int BPF_PROG(outside)
{
	nova_bpf_kick((void *)ctx);
	return 0;
}
