// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct_ops "nova_sched_ops": lets user space load a scheduling policy written
 * in BPF. What a policy may do is checked here, when it is loaded; what it does is
 * checked in sched/.
 */
#define pr_fmt(fmt) "novabpf: " fmt

#include "bpf/glue.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/ctype.h>
#include <linux/filter.h>
#include <linux/module.h>
#include "sched/sched.h"

#define SLICE_MIN_US	((u32)(NOVA_SLICE_MIN_NS / NSEC_PER_USEC))
#define SLICE_MAX_US	((u32)(NOVA_SLICE_MAX_NS / NSEC_PER_USEC))

BTF_ID_LIST(nova_type_ids)
BTF_ID(struct, nova_sched_ops)
BTF_ID(struct, nova_sched_vgpu)

enum {
	TYPE_SCHED_OPS,
	TYPE_SCHED_VGPU,
};

/* BTF of this module; NULL when the kernel did not take it. */
static struct btf *nova_btf;
/* Id of struct nova_sched_ops in the running kernel; 0 while it is not known. */
static u32 nova_ops_id;

u32 nova_btf_id(u32 id)
{
	return id + READ_ONCE(nova_ops_id) - nova_type_ids[TYPE_SCHED_OPS];
}

bool nova_ops_prog(const struct bpf_prog *prog)
{
	u32 id = READ_ONCE(nova_ops_id);

	return prog->type == BPF_PROG_TYPE_STRUCT_OPS && id &&
	       prog->aux->attach_btf == nova_btf && prog->aux->attach_btf_id == id;
}

static int nova_ops_init(struct btf *btf)
{
	nova_btf = btf;
	return 0;
}

static int nova_ops_check_member(const struct btf_type *t, const struct btf_member *member,
				 const struct bpf_prog *prog)
{
	/* The caller found out that this is struct nova_sched_ops: the same each time. */
	WRITE_ONCE(nova_ops_id, prog->aux->attach_btf_id);

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct nova_sched_ops, init):
	case offsetof(struct nova_sched_ops, exit):
	case offsetof(struct nova_sched_ops, admit):
		return 0;
	}
	/* The others run with a lock held and interrupts off. */
	return prog->sleepable ? -EINVAL : 0;
}

static int nova_ops_init_name(struct nova_sched_ops *to, const struct nova_sched_ops *from)
{
	size_t len = strnlen(from->name, sizeof(from->name)), i;

	if (!len) {
		pr_warn("policy refused: it has no name\n");
		return -EINVAL;
	}
	if (len == sizeof(from->name)) {
		pr_warn("policy refused: its name has more than %zu characters\n",
			sizeof(from->name) - 1);
		return -EINVAL;
	}
	for (i = 0; i < len; i++) {
		if (isascii(from->name[i]) && isalnum(from->name[i]))
			continue;
		if (strchr("_.-", from->name[i]))
			continue;
		pr_warn("policy refused: its name may have letters, digits, '_', '.' and '-' only\n");
		return -EINVAL;
	}
	if (memchr_inv(from->name + len, 0, sizeof(from->name) - len)) {
		pr_warn("policy refused: there are bytes behind the end of its name\n");
		return -EINVAL;
	}
	memcpy(to->name, from->name, sizeof(to->name));
	return 1;
}

/* Return: 1 for a member that was taken, 0 for one the caller is to handle, or -errno. */
static int nova_ops_init_member(const struct btf_type *t, const struct btf_member *member,
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
		return nova_ops_init_name(to, from);
	}
	return 0;
}

static int nova_ops_reg(void *kdata NOVA_LINK_PARAM)
{
	const struct nova_sched_ops *ops = kdata;

	/* Without one nobody could take the policy off by closing it. */
	if (NOVA_LINK_KNOWN && !NOVA_LINK) {
		pr_warn("policy %s refused: it needs a link (section \".struct_ops.link\")\n",
			ops->name);
		return -EOPNOTSUPP;
	}
	return nova_policy_attach(ops, NOVA_LINK);
}

static void nova_ops_unreg(void *kdata NOVA_LINK_PARAM)
{
	nova_policy_detach(kdata);
}

static int nova_ops_update(void *kdata, void *old_kdata NOVA_LINK_PARAM)
{
	return nova_policy_replace(kdata, old_kdata, NOVA_LINK);
}

/*
 * A tail call would enter a program that was checked as another operation: one
 * with other kfuncs, or one that never sees NULL.
 */
static const struct bpf_func_proto *nova_ops_func_proto(enum bpf_func_id func_id,
							const struct bpf_prog *prog)
{
	if (func_id == BPF_FUNC_tail_call)
		return NULL;
	return bpf_base_func_proto(func_id, prog);
}

static bool nova_ops_ctx_access(int off, int size, enum bpf_access_type type,
				const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(off, size, type, prog, info);
}

/* Asked for writes only. */
static int nova_ops_struct_access(struct bpf_verifier_log *log, const struct bpf_reg_state *reg,
				  int off, int size)
{
	if (reg->btf != nova_btf || reg->btf_id != nova_btf_id(nova_type_ids[TYPE_SCHED_VGPU])) {
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

static const struct bpf_verifier_ops nova_ops_verifier = {
	.get_func_proto = nova_ops_func_proto,
	.is_valid_access = nova_ops_ctx_access,
	.btf_struct_access = nova_ops_struct_access,
};

/*
 * Stubs are never called. The kernel takes from them the hash of an indirect call
 * and, by the names of their parameters, which may be NULL.
 */
static s32 nova_stub_init(const struct nova_sched_gpu *gpu)
{
	return 0;
}

static void nova_stub_exit(const struct nova_exit_info *ei)
{
}

static s32 nova_stub_admit(struct nova_vgpu_request *req)
{
	return 0;
}

static void nova_stub_vgpu_init(struct nova_sched_vgpu *v)
{
}

static void nova_stub_vgpu_exit(struct nova_sched_vgpu *v)
{
}

static void nova_stub_vgpu_config(struct nova_sched_vgpu *v)
{
}

static void nova_stub_runnable(struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
}

static void nova_stub_quiescent(struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
}

static void nova_stub_pick(struct nova_sched_rl *rl, struct nova_sched_vgpu *prev__nullable)
{
}

static bool nova_stub_preempt(struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
			      struct nova_sched_vgpu *woken)
{
	return false;
}

static void nova_stub_stopped(struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
			      u32 reason)
{
}

static struct nova_sched_ops nova_stubs = {
	.init = nova_stub_init,
	.exit = nova_stub_exit,
	.admit = nova_stub_admit,
	.vgpu_init = nova_stub_vgpu_init,
	.vgpu_exit = nova_stub_vgpu_exit,
	.vgpu_config = nova_stub_vgpu_config,
	.runnable = nova_stub_runnable,
	.quiescent = nova_stub_quiescent,
	.pick = nova_stub_pick,
	.preempt = nova_stub_preempt,
	.stopped = nova_stub_stopped,
};

static struct bpf_struct_ops nova_struct_ops = {
	.verifier_ops = &nova_ops_verifier,
	.init = nova_ops_init,
	.check_member = nova_ops_check_member,
	.init_member = nova_ops_init_member,
	.reg = nova_ops_reg,
	.unreg = nova_ops_unreg,
	.update = nova_ops_update,
	.cfi_stubs = &nova_stubs,
	.owner = THIS_MODULE,
	.name = "nova_sched_ops",
};

void nova_bpf_init(void)
{
	int err;

	/* User space reads these by BTF. */
	BTF_TYPE_EMIT(struct nova_exit_info);
	BTF_TYPE_EMIT(enum nova_stop_reason);

	err = nova_kfuncs_init();
	if (!err)
		err = register_bpf_struct_ops(&nova_struct_ops, nova_sched_ops);
	if (err)
		pr_warn("no BPF policies: registering them failed (%d)\n", err);
	else if (!nova_btf)
		pr_warn("no BPF policies: the kernel did not take the module's BTF; build it against this very kernel\n");
}

#endif /* NOVA_HAVE_STRUCT_OPS */
