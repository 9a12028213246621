// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfuncs for policies and RPC hooks (documented in novabpf/bpf.h), and the filter that
 * allows each in some operations only. Back ends are in sched/calls.c and
 * gsp/hook/hook.c.
 */
#include "bpf/glue.h"

#ifdef NOVA_HAVE_STRUCT_OPS

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include "gsp/hook/hook.h"
#include "sched/sched.h"

__bpf_kfunc_start_defs();

__bpf_kfunc u64 nova_bpf_now(const struct nova_sched_rl *rl)
{
	return nova_policy_req_now(rl);
}

__bpf_kfunc s32 nova_bpf_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns)
{
	return nova_policy_req_dispatch(rl, gfid, slice_ns);
}

__bpf_kfunc s32 nova_bpf_idle(struct nova_sched_rl *rl, u64 ns)
{
	return nova_policy_req_idle(rl, ns);
}

__bpf_kfunc void nova_bpf_kick(struct nova_sched_rl *rl)
{
	nova_policy_req_kick(rl);
}

__bpf_kfunc s32 nova_bpf_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key)
{
	return nova_policy_req_queue_insert(rl, queue, gfid, key);
}

__bpf_kfunc s32 nova_bpf_queue_remove(struct nova_sched_rl *rl, u32 gfid)
{
	return nova_policy_req_queue_remove(rl, gfid);
}

__bpf_kfunc struct nova_sched_vgpu *nova_bpf_queue_first(struct nova_sched_rl *rl, u32 queue)
{
	return nova_policy_req_queue_first(rl, queue);
}

__bpf_kfunc u64 nova_bpf_queue_key(struct nova_sched_rl *rl, u32 queue)
{
	return nova_policy_req_queue_key(rl, queue);
}

__bpf_kfunc struct nova_sched_vgpu *nova_bpf_vgpu(struct nova_sched_rl *rl, u32 gfid)
{
	return nova_policy_req_vgpu(rl, gfid);
}

__bpf_kfunc struct nova_sched_vgpu *nova_bpf_vgpu_at(struct nova_sched_rl *rl, u32 slot)
{
	return nova_policy_req_vgpu_at(rl, slot);
}

__bpf_kfunc void nova_bpf_error(struct nova_sched_rl *rl, s64 code, const char *msg__str)
{
	nova_policy_req_error(rl, code, msg__str);
}

__bpf_kfunc s32 nova_bpf_place(struct nova_vgpu_request *req, u32 placement)
{
	if (placement >= req->placements)
		return -ERANGE;
	req->placement = placement;
	return 0;
}

__bpf_kfunc s32 nova_bpf_rpc_act(struct nova_rpc_ctx *rpc, u32 rule, u32 action, u64 arg)
{
	return nova_hook_act(rpc, rule, action, arg);
}

__bpf_kfunc s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns)
{
	return nova_hook_act(rpc, rule, NOVA_RPC_THROTTLE, ns);
}

__bpf_kfunc s32 nova_bpf_rpc_field(struct nova_rpc_ctx *rpc, u32 field, u64 *val)
{
	return nova_hook_field(rpc, field, val);
}

__bpf_kfunc s32 nova_bpf_rpc_put_field(struct nova_rpc_ctx *rpc, u32 rule, u32 field, u64 val)
{
	return nova_hook_put_field(rpc, rule, field, val);
}

__bpf_kfunc s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz)
{
	return nova_hook_read(rpc, off, buf, buf__sz);
}

__bpf_kfunc s32 nova_bpf_rpc_write(struct nova_rpc_ctx *rpc, u32 rule, u32 off, const void *buf,
				   u32 buf__sz)
{
	return nova_hook_write(rpc, rule, off, buf, buf__sz);
}

__bpf_kfunc s32 nova_bpf_rpc_send_event(struct nova_rpc_ctx *rpc, u32 rule, u32 op,
					const void *buf, u32 buf__sz)
{
	return nova_hook_send_event(rpc, rule, op, buf, buf__sz);
}

__bpf_kfunc s32 nova_bpf_rpc_release(struct nova_rpc_ctx *rpc, u32 rule)
{
	return nova_hook_release(rpc, rule);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(nova_kfuncs)
BTF_ID_FLAGS(func, nova_bpf_now, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_dispatch, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_idle, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_kick, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_queue_insert, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_queue_remove, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_queue_first, NOVA_KF_TRUSTED_ARGS | KF_RET_NULL)
BTF_ID_FLAGS(func, nova_bpf_queue_key, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_vgpu, NOVA_KF_TRUSTED_ARGS | KF_RET_NULL)
BTF_ID_FLAGS(func, nova_bpf_vgpu_at, NOVA_KF_TRUSTED_ARGS | KF_RET_NULL)
BTF_ID_FLAGS(func, nova_bpf_error, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_place, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_act, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_throttle, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_field, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_put_field, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_read, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_write, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_send_event, NOVA_KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, nova_bpf_rpc_release, NOVA_KF_TRUSTED_ARGS)
BTF_KFUNCS_END(nova_kfuncs)

/* An operation's index in the struct; the verifier counts members the same way. */
#define OP(member)	(offsetof(struct nova_sched_ops, member) / sizeof(void *))
#define OPS_RUNLIST	(BIT(OP(runnable)) | BIT(OP(quiescent)) | BIT(OP(pick)) | \
			 BIT(OP(preempt)) | BIT(OP(stopped)))

/* The same for hooks; their operations are numbered behind those of policies. */
#define RPC_OP(member)	(16 + offsetof(struct nova_rpc_ops, member) / sizeof(void *))
#define OPS_RPC		(BIT(RPC_OP(submit)) | BIT(RPC_OP(reply)) | BIT(RPC_OP(event)))

/* Ids by themselves: the set above is sorted by the linker. Same order as below. */
BTF_ID_LIST(nova_kfunc_ids)
BTF_ID(func, nova_bpf_now)
BTF_ID(func, nova_bpf_dispatch)
BTF_ID(func, nova_bpf_idle)
BTF_ID(func, nova_bpf_kick)
BTF_ID(func, nova_bpf_queue_insert)
BTF_ID(func, nova_bpf_queue_remove)
BTF_ID(func, nova_bpf_queue_first)
BTF_ID(func, nova_bpf_queue_key)
BTF_ID(func, nova_bpf_vgpu)
BTF_ID(func, nova_bpf_vgpu_at)
BTF_ID(func, nova_bpf_error)
BTF_ID(func, nova_bpf_place)
BTF_ID(func, nova_bpf_rpc_act)
BTF_ID(func, nova_bpf_rpc_throttle)
BTF_ID(func, nova_bpf_rpc_field)
BTF_ID(func, nova_bpf_rpc_put_field)
BTF_ID(func, nova_bpf_rpc_read)
BTF_ID(func, nova_bpf_rpc_write)
BTF_ID(func, nova_bpf_rpc_send_event)
BTF_ID(func, nova_bpf_rpc_release)

static const u32 nova_kfunc_ops[] = {
	OPS_RUNLIST,				/* now */
	BIT(OP(pick)),				/* dispatch */
	BIT(OP(pick)),				/* idle */
	BIT(OP(runnable)) | BIT(OP(quiescent)) | BIT(OP(stopped)),	/* kick */
	OPS_RUNLIST,				/* queue_insert */
	OPS_RUNLIST,				/* queue_remove */
	OPS_RUNLIST,				/* queue_first */
	OPS_RUNLIST,				/* queue_key */
	OPS_RUNLIST,				/* vgpu */
	OPS_RUNLIST,				/* vgpu_at */
	OPS_RUNLIST,				/* error */
	BIT(OP(admit)),				/* place */
	OPS_RPC,				/* rpc_act */
	BIT(RPC_OP(submit)),			/* rpc_throttle */
	OPS_RPC,				/* rpc_field */
	OPS_RPC,				/* rpc_put_field */
	OPS_RPC,				/* rpc_read */
	OPS_RPC,				/* rpc_write */
	OPS_RPC,				/* rpc_send_event */
	OPS_RPC,				/* rpc_release */
};

/*
 * Called with ids of this module's kfuncs only. Programs of other types are refused,
 * because they could call a kfunc without the runlist's lock.
 */
static int nova_kfunc_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	/* For struct_ops this is the index of the member. */
	u32 op = prog->expected_attach_type;
	u32 i;

	switch (nova_ops_of(prog)) {
	case NOVA_OPS_SCHED:
		if (op > OP(stopped))
			return -EACCES;
		break;
	case NOVA_OPS_RPC:
		op += RPC_OP(submit);
		if (op > RPC_OP(event))
			return -EACCES;
		break;
	default:
		return -EACCES;
	}
	for (i = 0; i < ARRAY_SIZE(nova_kfunc_ops); i++)
		if (kfunc_id == nova_btf_id(nova_kfunc_ids[i]))
			return nova_kfunc_ops[i] & BIT(op) ? 0 : -EACCES;
	return -EACCES;
}

static const struct btf_kfunc_id_set nova_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &nova_kfuncs,
	.filter = nova_kfunc_filter,
};

int nova_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &nova_kfunc_set);
}

#endif /* NOVA_HAVE_STRUCT_OPS */
