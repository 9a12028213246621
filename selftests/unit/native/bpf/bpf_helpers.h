/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for libbpf's header where a policy is compiled natively, for a unit test. */
#ifndef NOVABPF_UNIT_BPF_HELPERS_H
#define NOVABPF_UNIT_BPF_HELPERS_H

#include "sched/rq.h"
#include "sched/decide.h"
#include "native_maps.h"

#undef min
#undef max
#undef NULL
#undef EINVAL
#undef ENOSPC

#define SEC(...)

u64 nova_bpf_now(const struct nova_sched_rl *rl);
s32 nova_bpf_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns);
s32 nova_bpf_idle(struct nova_sched_rl *rl, u64 ns);
s32 nova_bpf_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key);
s32 nova_bpf_queue_remove(struct nova_sched_rl *rl, u32 gfid);
struct nova_sched_vgpu *nova_bpf_queue_first(struct nova_sched_rl *rl, u32 queue);
u64 nova_bpf_queue_key(struct nova_sched_rl *rl, u32 queue);
struct nova_sched_vgpu *nova_bpf_vgpu(struct nova_sched_rl *rl, u32 gfid);
struct nova_sched_vgpu *nova_bpf_vgpu_at(struct nova_sched_rl *rl, u32 slot);
void nova_bpf_error(struct nova_sched_rl *rl, s64 code, const char *msg);

struct nova_rpc_ctx;

s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns);
s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz);

#endif /* NOVABPF_UNIT_BPF_HELPERS_H */
