/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the objects of this folder: each is compiled against an interface that is newer or
 * older than the module's. What follows "___" in the name of a type is no part of it for
 * libbpf, so that the altered type stands beside the real one.
 *
 * "// expect: TEXT", over several lines where need be: what novabpf attach
 * says. Without it the object has to be attached, and to go on deciding.
 */
#ifndef SELFTESTS_BPF_COMPAT_BPF_H
#define SELFTESTS_BPF_COMPAT_BPF_H

#include <novabpf/hook.bpf.h>

char _license[] SEC("license") = "GPL";

/* As a module of a later version might have it. */
struct nova_sched_ops___new {
	void (*pick)(struct nova_sched_rl *rl, struct nova_sched_vgpu *prev);
	void (*vgpu_migrate)(struct nova_sched_rl *rl, struct nova_sched_vgpu *v);
	u32 grace_us;
	char name[NOVA_NAME_LEN];
} __attribute__((preserve_access_index));

#define NOVA_NEW_HAS_OP(op)	bpf_core_field_exists(struct nova_sched_ops___new, op)

/* A decision for the first vGPU that has work. */
static __always_inline void compat_decide(struct nova_sched_rl *rl)
{
	struct nova_sched_vgpu *v;
	u32 slot;

	for (slot = 0; slot < 8; slot++) {
		v = nova_bpf_vgpu_at(rl, slot);
		if (v && v->runnable) {
			nova_bpf_dispatch(rl, v->gfid, rl->slice_min_ns * 20);
			return;
		}
	}
	nova_bpf_idle(rl, 0);
}

#endif /* SELFTESTS_BPF_COMPAT_BPF_H */
