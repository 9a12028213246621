// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct_ops "nova_rpc_ops": hooks in BPF around firmware RPCs and events.
 * gsp/hook/verdict.c checks the requests of a hook.
 */
#define pr_fmt(fmt) "novabpf: " fmt

#include "bpf/glue.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include "gsp/hook/hook.h"

#define FLAGS_KNOWN	(NOVA_RPC_F_INJECT | NOVA_RPC_F_GFID)

static int rpc_check_member(const struct btf_type *t, const struct btf_member *member,
			    const struct bpf_prog *prog)
{
	nova_ops_learn(NOVA_OPS_RPC, prog);
	/* Hooks run in the context of the RPC's caller, also with interrupts off. */
	return prog->sleepable ? -EINVAL : 0;
}

static int rpc_take_gfid(struct nova_rpc_ops *to, const struct nova_rpc_ops *from)
{
	if (from->gfid > NOVA_GFID_MAX) {
		pr_warn("hook refused: gfid is %u, want %u at most\n", from->gfid, NOVA_GFID_MAX);
		return -ERANGE;
	}
	if (from->gfid && !(from->flags & NOVA_RPC_F_GFID)) {
		pr_warn("hook refused: it has a gfid without the flag NOVA_RPC_F_GFID\n");
		return -EINVAL;
	}
	to->gfid = from->gfid;
	return 1;
}

/* Return: 1: member copied; 0: left to the caller; or -errno. */
static int rpc_init_member(const struct btf_type *t, const struct btf_member *member,
			   void *kdata, const void *udata)
{
	const struct nova_rpc_ops *from = udata;
	struct nova_rpc_ops *to = kdata;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct nova_rpc_ops, gpu_id):
		to->gpu_id = from->gpu_id;
		return 1;
	case offsetof(struct nova_rpc_ops, gfid):
		return rpc_take_gfid(to, from);
	case offsetof(struct nova_rpc_ops, flags):
		if (from->flags & ~FLAGS_KNOWN) {
			pr_warn("hook refused: unknown flags %#x\n", from->flags & ~FLAGS_KNOWN);
			return -EINVAL;
		}
		to->flags = from->flags;
		return 1;
	case offsetof(struct nova_rpc_ops, priority):
		to->priority = from->priority;
		return 1;
	case offsetof(struct nova_rpc_ops, budget):
		to->budget = from->budget;
		return 1;
	case offsetof(struct nova_rpc_ops, expire_ms):
		to->expire_ms = from->expire_ms;
		return 1;
	case offsetof(struct nova_rpc_ops, name):
		return nova_ops_take_name("hook", to->name, from->name);
	}
	return 0;
}

static int rpc_reg(void *kdata NOVA_LINK_PARAM)
{
	const struct nova_rpc_ops *ops = kdata;

	/* Closing the link is the way to detach the hook. */
	if (NOVA_LINK_KNOWN && !NOVA_LINK) {
		pr_warn("hook %s refused: it needs a link (section \".struct_ops.link\")\n",
			ops->name);
		return -EOPNOTSUPP;
	}
	return nova_hook_attach(ops, NOVA_LINK);
}

static void rpc_unreg(void *kdata NOVA_LINK_PARAM)
{
	nova_hook_detach(kdata);
}

static int rpc_update(void *kdata, void *old_kdata NOVA_LINK_PARAM)
{
	return nova_hook_replace(kdata, old_kdata, NOVA_LINK);
}

/* Called for writes only. */
static int rpc_struct_access(struct bpf_verifier_log *log, const struct bpf_reg_state *reg,
			     int off, int size)
{
	bpf_log(log,
		"struct nova_rpc_ctx is read only; ask with nova_bpf_rpc_act(), nova_bpf_rpc_put_field() or nova_bpf_rpc_write()\n");
	return -EACCES;
}

static const struct bpf_verifier_ops rpc_verifier = {
	.get_func_proto = nova_ops_func_proto,
	.is_valid_access = bpf_tracing_btf_ctx_access,
	.btf_struct_access = rpc_struct_access,
};

/* Stubs are never called. They provide the CFI hash of an indirect call. */
static s32 rpc_stub(struct nova_rpc_ctx *rpc)
{
	return 0;
}

static struct nova_rpc_ops stubs = { .submit = rpc_stub, .reply = rpc_stub, .event = rpc_stub };

static struct bpf_struct_ops rpc_ops = {
	.verifier_ops = &rpc_verifier,
	.init = nova_ops_init_btf,
	.check_member = rpc_check_member,
	.init_member = rpc_init_member,
	.reg = rpc_reg,
	.unreg = rpc_unreg,
	.update = rpc_update,
	.cfi_stubs = &stubs,
	.owner = THIS_MODULE,
	.name = "nova_rpc_ops",
};

int nova_rpc_ops_init(void)
{
	/* User space reads these by BTF. */
	BTF_TYPE_EMIT(enum nova_rpc_phase);
	BTF_TYPE_EMIT(enum nova_rpc_action);
	BTF_TYPE_EMIT(enum nova_rpc_applied);
	return register_bpf_struct_ops(&rpc_ops, nova_rpc_ops);
}

#endif /* NOVA_HAVE_STRUCT_OPS */
