// SPDX-License-Identifier: GPL-2.0-only
/* RPCs to the resource manager: alloc, control, free, in the layout of the running release. */
#include <linux/err.h>
#include <novabpf/driver/rm.h>
#include "../gsp.h"

/* Fields that every release has: a miss is a mistake in the tables. */
static int rm_put(struct nova_gsp *gsp, struct nova_rpc *rpc, enum nova_field f, u32 v)
{
	return nova_field_put(gsp->abi, f, rpc->req, rpc->len, v);
}

static int rm_answer(struct nova_rpc *rpc, int err, struct nova_rm_result *res)
{
	struct nova_rm_result r = {
		.answered = !err || err == -EREMOTEIO,
		.rpc_result = rpc->result,
		.status = rpc->status,
	};

	if (res)
		*res = r;
	if (err)
		return err;
	return r.status ? -EREMOTEIO : 0;
}

static struct nova_rpc *rm_new_rpc(struct nova_gpu *gpu, enum nova_op op, enum nova_msg msg,
				   u32 params, gfp_t gfp)
{
	struct nova_gsp *gsp = gpu->gsp;
	u32 head;

	if (!gsp->abi)
		return ERR_PTR(-ENODEV);
	head = nova_msg_size(gsp->abi, msg);
	/* The sum must not wrap; nova_rpc_alloc() bounds it properly. */
	if (params > NOVA_GSP_QUEUE_BYTES_MAX)
		return ERR_PTR(-E2BIG);
	return nova_rpc_alloc(gsp, op, head + params, head + params, gfp);
}

int nova_rm_alloc_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 parent, u32 object,
		      u32 class, const void *params, u32 size, struct nova_rm_result *res)
{
	struct nova_gsp *gsp = gpu->gsp;
	struct nova_rpc *rpc;
	int err;

	if (res)
		*res = (struct nova_rm_result) {};
	rpc = rm_new_rpc(gpu, NOVA_OP_RPC_GSP_RM_ALLOC, NOVA_MSG_ALLOC, size, GFP_KERNEL);
	if (IS_ERR(rpc))
		return PTR_ERR(rpc);
	rpc->gfid = gfid;
	rpc->cmd = class;
	err = rm_put(gsp, rpc, NOVA_ALLOC_CLIENT, client);
	err = err ?: rm_put(gsp, rpc, NOVA_ALLOC_PARENT, parent);
	err = err ?: rm_put(gsp, rpc, NOVA_ALLOC_OBJECT, object);
	err = err ?: rm_put(gsp, rpc, NOVA_ALLOC_CLASS, class);
	err = err ?: rm_put(gsp, rpc, NOVA_ALLOC_PARAMS_SIZE, size);
	if (!err) {
		if (size)
			memcpy(rpc->req + rpc->len - size, params, size);
		err = rm_answer(rpc, nova_rpc_call(gsp, rpc), res);
	}
	nova_rpc_put(rpc);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_rm_alloc_for);

int nova_rm_alloc(struct nova_gpu *gpu, u32 client, u32 parent, u32 object, u32 class,
		  const void *params, u32 size, struct nova_rm_result *res)
{
	return nova_rm_alloc_for(gpu, 0, client, parent, object, class, params, size, res);
}
EXPORT_SYMBOL_NOVA(nova_rm_alloc);

static struct nova_rpc *rm_new_control(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object,
				       u32 cmd, const void *params, u32 size, gfp_t gfp)
{
	struct nova_gsp *gsp = gpu->gsp;
	struct nova_rpc *rpc;
	int err;

	rpc = rm_new_rpc(gpu, NOVA_OP_RPC_GSP_RM_CONTROL, NOVA_MSG_CONTROL, size, gfp);
	if (IS_ERR(rpc))
		return rpc;
	rpc->gfid = gfid;
	rpc->cmd = cmd;
	err = rm_put(gsp, rpc, NOVA_CONTROL_CLIENT, client);
	err = err ?: rm_put(gsp, rpc, NOVA_CONTROL_OBJECT, object);
	err = err ?: rm_put(gsp, rpc, NOVA_CONTROL_CMD, cmd);
	err = err ?: rm_put(gsp, rpc, NOVA_CONTROL_PARAMS_SIZE, size);
	if (err) {
		nova_rpc_put(rpc);
		return ERR_PTR(err);
	}
	if (size)
		memcpy(rpc->req + rpc->len - size, params, size);
	return rpc;
}

int nova_rm_control_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object, u32 cmd,
			void *params, u32 size, u32 flags, struct nova_rm_result *res)
{
	struct nova_rpc *rpc;
	int err;

	if (res)
		*res = (struct nova_rm_result) {};
	if (flags & ~NOVA_RM_SLOW)
		return -EINVAL;
	rpc = rm_new_control(gpu, gfid, client, object, cmd, params, size, GFP_KERNEL);
	if (IS_ERR(rpc))
		return PTR_ERR(rpc);
	if (flags & NOVA_RM_SLOW)
		rpc->flags |= NOVA_RPC_SLOW;
	err = rm_answer(rpc, nova_rpc_call(gpu->gsp, rpc), res);
	/* A success that does not bring all parameters back is none. */
	if (!err && rpc->reply_len != rpc->len)
		err = -EBADMSG;
	if (!err && size)
		memcpy(params, rpc->reply + rpc->len - size, size);
	nova_rpc_put(rpc);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_rm_control_for);

int nova_rm_control(struct nova_gpu *gpu, u32 client, u32 object, u32 cmd, void *params,
		    u32 size, u32 flags, struct nova_rm_result *res)
{
	return nova_rm_control_for(gpu, 0, client, object, cmd, params, size, flags, res);
}
EXPORT_SYMBOL_NOVA(nova_rm_control);

static void rm_post_done(struct nova_rpc *rpc)
{
	struct nova_rm_post *post = rpc->priv;
	int err = rpc->err ?: (rpc->result ? -EREMOTEIO : 0);

	post->err = rm_answer(rpc, err, &post->result);
	post->done(post);
}

int nova_rm_control_post_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object, u32 cmd,
			     const void *params, u32 size, struct nova_rm_post *post)
{
	struct nova_rpc *rpc;
	int err;

	rpc = rm_new_control(gpu, gfid, client, object, cmd, params, size, GFP_ATOMIC);
	if (IS_ERR(rpc))
		return PTR_ERR(rpc);
	rpc->cb = rm_post_done;
	rpc->priv = post;
	if (post->urgent)
		rpc->flags |= NOVA_RPC_URGENT;
	err = nova_rpc_post(gpu->gsp, rpc);
	nova_rpc_put(rpc);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_rm_control_post_for);

int nova_rm_control_post(struct nova_gpu *gpu, u32 client, u32 object, u32 cmd,
			 const void *params, u32 size, struct nova_rm_post *post)
{
	return nova_rm_control_post_for(gpu, 0, client, object, cmd, params, size, post);
}
EXPORT_SYMBOL_NOVA(nova_rm_control_post);

int nova_rm_free_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object,
		     struct nova_rm_result *res)
{
	struct nova_gsp *gsp = gpu->gsp;
	struct nova_rpc *rpc;
	int err;

	if (res)
		*res = (struct nova_rm_result) {};
	rpc = rm_new_rpc(gpu, NOVA_OP_RPC_FREE, NOVA_MSG_FREE, 0, GFP_KERNEL);
	if (IS_ERR(rpc))
		return PTR_ERR(rpc);
	rpc->gfid = gfid;
	rpc->cmd = object;
	err = rm_put(gsp, rpc, NOVA_FREE_ROOT, client);
	err = err ?: rm_put(gsp, rpc, NOVA_FREE_OBJECT_OLD, object);
	if (!err)
		err = rm_answer(rpc, nova_rpc_call(gsp, rpc), res);
	nova_rpc_put(rpc);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_rm_free_for);

int nova_rm_free(struct nova_gpu *gpu, u32 client, u32 object, struct nova_rm_result *res)
{
	return nova_rm_free_for(gpu, 0, client, object, res);
}
EXPORT_SYMBOL_NOVA(nova_rm_free);
