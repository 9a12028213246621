// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct_ops "nova_sched_ops": scheduling policies in BPF. A policy is checked here when
 * it is loaded; sched/ checks each request that it makes.
 */
#define pr_fmt(fmt) "novabpf: " fmt

#include "bpf/glue.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include "sched/sched.h"

#define SLICE_MIN_US	((u32)(NOVA_SLICE_MIN_NS / NSEC_PER_USEC))
#define SLICE_MAX_US	((u32)(NOVA_SLICE_MAX_NS / NSEC_PER_USEC))

BTF_ID_LIST(nova_vgpu_type)
BTF_ID(struct, nova_sched_vgpu)

static int sched_check_member(const struct btf_type *t, const struct btf_member *member,
			      const struct bpf_prog *prog)
{
	nova_ops_learn(NOVA_OPS_SCHED, prog);
	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct nova_sched_ops, init):
	case offsetof(struct nova_sched_ops, exit):
	case offsetof(struct nova_sched_ops, admit):
		return 0;
	}
	/* The others run under the runlist's lock, with interrupts off. */
	return prog->sleepable ? -EINVAL : 0;
}

/* Return: 1: member copied; 0: left to the caller; or -errno. */
static int sched_init_member(const struct btf_type *t, const struct btf_member *member,
			     void *kdata, const void *udata)
{
	const struct nova_sched_ops *from = udata;
	struct nova_sched_ops *to = kdata;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct nova_sched_ops, gpu_id):
		to->gpu_id = from->gpu_id;
		return 1;
	case offsetof(struct nova_sched_ops, flags):
		if (from->flags) {
			pr_warn("policy refused: unknown flags %#x\n", from->flags);
			return -EINVAL;
		}
		return 1;
	case offsetof(struct nova_sched_ops, timeout_ms):
		if (from->timeout_ms > NOVA_SCHED_TIMEOUT_MAX_MS) {
			pr_warn("policy refused: timeout_ms is %u, want %u at most\n",
				from->timeout_ms, NOVA_SCHED_TIMEOUT_MAX_MS);
			return -E2BIG;
		}
		to->timeout_ms = from->timeout_ms;
		return 1;
	case offsetof(struct nova_sched_ops, slice_us):
		if (from->slice_us &&
		    (from->slice_us < SLICE_MIN_US || from->slice_us > SLICE_MAX_US)) {
			pr_warn("policy refused: slice_us is %u, want 0 or %u to %u\n",
				from->slice_us, SLICE_MIN_US, SLICE_MAX_US);
			return -ERANGE;
		}
		to->slice_us = from->slice_us;
		return 1;
	case offsetof(struct nova_sched_ops, name):
		return nova_ops_take_name("policy", to->name, from->name);
	}
	return 0;
}

static int sched_reg(void *kdata NOVA_LINK_PARAM)
{
	const struct nova_sched_ops *ops = kdata;

	/* Closing the link is the way to detach the policy. */
	if (NOVA_LINK_KNOWN && !NOVA_LINK) {
		pr_warn("policy %s refused: it needs a link (section \".struct_ops.link\")\n",
			ops->name);
		return -EOPNOTSUPP;
	}
	return nova_policy_attach(ops, NOVA_LINK);
}

static void sched_unreg(void *kdata NOVA_LINK_PARAM)
{
	nova_policy_detach(kdata);
}

static int sched_update(void *kdata, void *old_kdata NOVA_LINK_PARAM)
{
	return nova_policy_replace(kdata, old_kdata, NOVA_LINK);
}

/* Called for writes only. */
static int sched_struct_access(struct bpf_verifier_log *log, const struct bpf_reg_state *reg,
			       int off, int size)
{
	/* A pointer kept from an earlier operation is stale, and not all verifiers refuse it. */
	if (reg->type & PTR_UNTRUSTED) {
		bpf_log(log,
			"write through an untrusted pointer: get the vGPU in this operation\n");
		return -EACCES;
	}
	if (!nova_ops_reg_is(reg, nova_vgpu_type[0])) {
		bpf_log(log, "only vtime and priv of struct nova_sched_vgpu may be written\n");
		return -EACCES;
	}
	if (size == sizeof(u64) && (off == offsetof(struct nova_sched_vgpu, vtime) ||
				    off == offsetof(struct nova_sched_vgpu, priv)))
		return SCALAR_VALUE;
	bpf_log(log,
		"write of %d bytes at offset %d of struct nova_sched_vgpu: only vtime and priv may be written, as 8 bytes\n",
		size, off);
	return -EACCES;
}

static const struct bpf_verifier_ops sched_verifier = {
	.get_func_proto = nova_ops_func_proto,
	.is_valid_access = bpf_tracing_btf_ctx_access,
	.btf_struct_access = sched_struct_access,
};

/*
 * Stubs are never called. They provide the CFI hash of an indirect call, and the names of
 * their parameters tell which may be NULL.
 */
static s32 sched_stub_init(const struct nova_sched_gpu *gpu)
{
	return 0;
}

static void sched_stub_exit(const struct nova_exit_info *ei)
{
}

static s32 sched_stub_admit(struct nova_vgpu_request *req)
{
	return 0;
}

static void sched_stub_vgpu(struct nova_sched_vgpu *v)
{
}

static void sched_stub_work(struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
}

static void sched_stub_pick(struct nova_sched_rl *rl, struct nova_sched_vgpu *prev__nullable)
{
}

static bool sched_stub_preempt(struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
			       struct nova_sched_vgpu *woken)
{
	return false;
}

static void sched_stub_stopped(struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
			       u32 reason)
{
}

static struct nova_sched_ops stubs = {
	.init = sched_stub_init,
	.exit = sched_stub_exit,
	.admit = sched_stub_admit,
	.vgpu_init = sched_stub_vgpu,
	.vgpu_exit = sched_stub_vgpu,
	.vgpu_config = sched_stub_vgpu,
	.runnable = sched_stub_work,
	.quiescent = sched_stub_work,
	.pick = sched_stub_pick,
	.preempt = sched_stub_preempt,
	.stopped = sched_stub_stopped,
};

static struct bpf_struct_ops sched_ops = {
	.verifier_ops = &sched_verifier,
	.init = nova_ops_init_btf,
	.check_member = sched_check_member,
	.init_member = sched_init_member,
	.reg = sched_reg,
	.unreg = sched_unreg,
	.update = sched_update,
	.cfi_stubs = &stubs,
	.owner = THIS_MODULE,
	.name = "nova_sched_ops",
};

int nova_sched_ops_init(void)
{
	/* User space reads these by BTF. */
	BTF_TYPE_EMIT(struct nova_exit_info);
	BTF_TYPE_EMIT(enum nova_stop_reason);
	return register_bpf_struct_ops(&sched_ops, nova_sched_ops);
}

#endif /* NOVA_HAVE_STRUCT_OPS */
