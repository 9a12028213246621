// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entry points of the scheduler, without one yet.
 */
#include <linux/errno.h>
#include "../vgpu/vgpu.h"
#include "sched.h"
#include "compat.h"

int nova_sched_create(struct nova_gpu *gpu) { return 0; }
void nova_sched_destroy(struct nova_gpu *gpu) {}
void nova_sched_start(struct nova_gpu *gpu) {}
void nova_sched_stop(struct nova_gpu *gpu) {}
int nova_sched_admit(struct nova_gpu *gpu, struct nova_vgpu_request *req) { return 0; }
int nova_sched_add(struct nova_vgpu *vgpu) { return 0; }
int nova_sched_del(struct nova_vgpu *vgpu) { return 0; }
void nova_sched_config(struct nova_vgpu *vgpu) {}
void nova_sched_set_slots(struct nova_gpu *gpu, u32 slots) {}
void nova_sched_vgpu_stats(struct nova_vgpu *vgpu, struct nova_sched_stats *st) {}
int nova_policy_attach(const struct nova_sched_ops *ops, struct bpf_link *link) { return -ENODEV; }
int nova_policy_replace(const struct nova_sched_ops *ops, const struct nova_sched_ops *old,
			struct bpf_link *link) { return -ENODEV; }
void nova_policy_detach(const struct nova_sched_ops *ops) {}
int nova_policy_validate(const struct nova_sched_ops *ops) { return 0; }
u64 nova_call_now(const struct nova_sched_rl *rl) { return 0; }
s32 nova_call_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns) { return 0; }
s32 nova_call_idle(struct nova_sched_rl *rl, u64 ns) { return 0; }
void nova_call_kick(struct nova_sched_rl *rl) {}
s32 nova_call_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key) { return 0; }
s32 nova_call_queue_remove(struct nova_sched_rl *rl, u32 gfid) { return 0; }
struct nova_sched_vgpu *nova_call_queue_first(struct nova_sched_rl *rl, u32 queue) { return NULL; }
u64 nova_call_queue_key(struct nova_sched_rl *rl, u32 queue) { return 0; }
struct nova_sched_vgpu *nova_call_vgpu(struct nova_sched_rl *rl, u32 gfid) { return NULL; }
struct nova_sched_vgpu *nova_call_vgpu_at(struct nova_sched_rl *rl, u32 slot) { return NULL; }
void nova_call_error(struct nova_sched_rl *rl, s64 code, const char *msg) {}

void nova_gpu_engine_event(struct nova_gpu *gpu, enum nova_engine_event ev, u32 engine_id,
			   u32 gfid, u64 arg)
{
}
EXPORT_SYMBOL_NOVA(nova_gpu_engine_event);
