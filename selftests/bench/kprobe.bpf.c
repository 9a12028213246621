// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sees each call by a kprobe on the function that takes it.
 */
#include "probe.bpf.h"

SEC("kprobe/nova_rpc_post")
int BPF_KPROBE(kprobe_post, void *gsp, struct nova_rpc *rpc)
{
	return look(BPF_CORE_READ(rpc, op), BPF_CORE_READ(rpc, cmd), BPF_CORE_READ(rpc, gfid));
}
