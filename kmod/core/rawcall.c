// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/novabpf/gpuN/call: an RPC with any payload, to replay a capture
 * (uapi/novabpf_call.h). The payload goes to the firmware unchecked, so this is for root
 * and off by default. RPCs that would end the firmware's run are refused.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/novabpf_call.h>
#include "../gsp/gsp.h"
#include "core.h"

static bool allow_raw_calls;
module_param(allow_raw_calls, bool, 0644);
MODULE_PARM_DESC(allow_raw_calls, "Let root make any firmware call through debugfs (default 0)");

/**
 * struct raw_file - one open file
 * @lock: guards the rest: one RPC at a time
 * @bytes: of @result and @payload, 0 before the first RPC
 * @result: how the last RPC ended
 * @payload: of its reply
 */
struct raw_file {
	struct mutex lock;	/* see above */
	size_t bytes;
	struct nova_raw_result result;
	u8 payload[NOVA_RAW_PAYLOAD_MAX];
};

static int rawcall_check(const struct nova_abi *abi, const struct nova_raw_call *call,
			 size_t payload)
{
	u32 number;

	if (call->reserved || call->len != payload || call->len > NOVA_RAW_PAYLOAD_MAX)
		return -EINVAL;
	if (!abi)
		return -ENODEV;
	number = nova_op_number(abi, call->op);
	if (!number)
		return -EOPNOTSUPP;
	if (number >= NOVA_RPC_EVENT_FIRST)
		return -EINVAL;
	return nova_op_is_life(call->op) ? -EPERM : 0;
}

/* The control number or class, which tracing shows beside the function. */
static u32 rawcall_cmd(const struct nova_abi *abi, const struct nova_rpc *rpc)
{
	u64 v = 0;

	if (rpc->op == NOVA_OP_RPC_GSP_RM_CONTROL)
		nova_field_get(abi, NOVA_CONTROL_CMD, rpc->req, rpc->len, &v);
	else if (rpc->op == NOVA_OP_RPC_GSP_RM_ALLOC)
		nova_field_get(abi, NOVA_ALLOC_CLASS, rpc->req, rpc->len, &v);
	return v;
}

static int rawcall_make(struct nova_gsp *gsp, struct raw_file *raw,
			const struct nova_raw_call *call,
			const char __user *payload)
{
	struct nova_rpc *rpc;
	int err;

	rpc = nova_rpc_alloc(gsp, call->op, call->len, NOVA_RAW_PAYLOAD_MAX, GFP_KERNEL);
	if (IS_ERR(rpc))
		return PTR_ERR(rpc);
	if (copy_from_user(rpc->req, payload, call->len)) {
		err = -EFAULT;
		goto out;
	}
	rpc->gfid = call->gfid;
	rpc->cmd = rawcall_cmd(gsp->abi, rpc);
	err = nova_rpc_call(gsp, rpc);
	/* The RPC was not submitted, so it has no result. */
	if (err && !rpc->fate)
		goto out;
	raw->result = (struct nova_raw_result) {
		.err = rpc->err,
		.fate = rpc->fate,
		.result = rpc->result,
		.status = rpc->status,
		.len_bytes = rpc->reply_len,
		.payload_bytes = min(rpc->reply_len, rpc->reply_cap),
	};
	memcpy(raw->payload, rpc->reply, raw->result.payload_bytes);
	raw->bytes = offsetof(struct raw_file, payload) - offsetof(struct raw_file, result) +
		     raw->result.payload_bytes;
	err = 0;
out:
	nova_rpc_put(rpc);
	return err;
}

static ssize_t rawcall_write(struct file *file, const char __user *user, size_t count, loff_t *pos)
{
	struct nova_gpu *gpu = file_inode(file)->i_private;
	struct raw_file *raw = file->private_data;
	struct nova_raw_call call;
	int err;

	if (!READ_ONCE(allow_raw_calls))
		return -EPERM;
	if (count < sizeof(call))
		return -EINVAL;
	if (copy_from_user(&call, user, sizeof(call)))
		return -EFAULT;
	err = rawcall_check(gpu->gsp->abi, &call, count - sizeof(call));
	if (err)
		return err;
	mutex_lock(&raw->lock);
	raw->bytes = 0;
	err = rawcall_make(gpu->gsp, raw, &call, user + sizeof(call));
	mutex_unlock(&raw->lock);
	return err ? err : count;
}

static ssize_t rawcall_read(struct file *file, char __user *user, size_t count, loff_t *pos)
{
	struct raw_file *raw = file->private_data;
	ssize_t n;

	mutex_lock(&raw->lock);
	n = simple_read_from_buffer(user, count, pos, &raw->result, raw->bytes);
	mutex_unlock(&raw->lock);
	return n;
}

static int rawcall_open(struct inode *inode, struct file *file)
{
	struct raw_file *raw;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	raw = kvzalloc(sizeof(*raw), GFP_KERNEL);
	if (!raw)
		return -ENOMEM;
	mutex_init(&raw->lock);
	file->private_data = raw;
	return 0;
}

static int rawcall_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

const struct file_operations nova_rawcall_fops = {
	.owner = THIS_MODULE,
	.open = rawcall_open,
	.read = rawcall_read,
	.write = rawcall_write,
	.llseek = default_llseek,
	.release = rawcall_release,
};
