// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to the plugin task of a vGPU, through the buffer at the start of its heap. The
 * vGPU's lock is held throughout, so there is one request at a time.
 *
 * The task is firmware and not trusted: after a timeout, or an answer to another request, the
 * outcome is unknown. A result other than 0 is a refusal.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include "../gsp/gsp.h"
#include "plugin_wire.h"
#include "vgpus.h"
#include "wire.h"
#include <trace/events/novabpf_vgpu.h>

/* Shortest time between two reads of the response. */
#define POLL_US		20

static unsigned int vgpu_rpc_timeout_ms = 120000;

static int plugin_set_rpc_timeout(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 10, 600000);
}

static const struct kernel_param_ops rpc_timeout_ops = {
	.set = plugin_set_rpc_timeout,
	.get = param_get_uint,
};
module_param_cb(vgpu_rpc_timeout_ms, &rpc_timeout_ops, &vgpu_rpc_timeout_ms, 0644);
MODULE_PARM_DESC(vgpu_rpc_timeout_ms,
		 "Time for the plugin task of a vGPU to answer in ms, 10..600000 (default 120000)");

/* Areas begin at a page boundary, and no copy is longer than a page. */
static int plugin_comm_copy(struct nova_vgpu *v, u32 off, void *buf, size_t len, bool write)
{
	const struct nova_hw_ops *ops = v->gpu->ops;
	struct nova_placement p;

	nova_placement_get(v->type, v->placement, &p);
	return ops->fb_copy(v->gpu->hw, p.heap_offset + NOVA_PLUGIN_CTRL_OFFSET + off, buf, len,
			    write);
}

static int plugin_comm_put32(struct nova_vgpu *v, u32 off, u32 val)
{
	__le32 le = cpu_to_le32(val);

	return plugin_comm_copy(v, off, &le, sizeof(le), true);
}

static int plugin_comm_get32(struct nova_vgpu *v, u32 off, u32 *val)
{
	__le32 le;
	int err = plugin_comm_copy(v, off, &le, sizeof(le), false);

	*val = le32_to_cpu(le);
	return err;
}

int nova_plugin_scrub(struct nova_vgpu *v)
{
	const struct nova_hw_ops *ops = v->gpu->ops;
	struct nova_placement p;
	u32 version;
	int err;

	nova_placement_get(v->type, v->placement, &p);
	err = ops->fb_scrub(v->gpu->hw, p.heap_offset, p.heap_bytes, true);
	err = err ?: plugin_comm_get32(v, NOVA_COMM_CONTROL + NOVA_COMM_CTL_VERSION, &version);
	if (!err && !version)
		return 0;
	nova_vgpu_fail(v, "the heap of its plugin task could not be zeroed (error %d)", err);
	return -EIO;
}

static int plugin_gone(struct nova_vgpu *v, u32 type)
{
	if (READ_ONCE(v->crashed)) {
		nova_vgpu_fail(v, "the plugin task crashed over %s", nova_plugin_rpc_name(type));
		return -EREMOTEIO;
	}
	if (nova_vgpu_lost(v)) {
		nova_vgpu_fail(v, "the GPU was reset over %s", nova_plugin_rpc_name(type));
		return -ESHUTDOWN;
	}
	return 0;
}

/* The request is out, so its outcome is unknown. */
static int plugin_unreadable(struct nova_vgpu *v, u32 type)
{
	nova_vgpu_fail(v, "the answer to %s cannot be read", nova_plugin_rpc_name(type));
	return -EIO;
}

/* Waits until the processed number differs from @before. */
static int plugin_poll_processed(struct nova_vgpu *v, u32 type, u32 before)
{
	u32 ms = READ_ONCE(vgpu_rpc_timeout_ms), now;
	u64 start = nova_now_ns(v->gpu);
	bool last;
	int err;

	for (;;) {
		last = nova_now_ns(v->gpu) - start >= ms * (u64)NSEC_PER_MSEC;
		if (plugin_comm_get32(v, NOVA_COMM_RESPONSE + NOVA_COMM_RSP_PROCESSED, &now))
			return plugin_unreadable(v, type);
		if (now != before)
			return 0;
		err = plugin_gone(v, type);
		if (err)
			return err;
		if (last) {
			nova_vgpu_fail(v, "the plugin task did not answer %s within %u ms",
				       nova_plugin_rpc_name(type), ms);
			return -ETIMEDOUT;
		}
		nova_gpu_sleep_poll(v->gpu, start, POLL_US);
	}
}

static int plugin_take_answer(struct nova_vgpu *v, u32 type, u32 seq, struct nova_plugin_answer *a)
{
	u8 rsp[NOVA_COMM_RSP_BYTES];
	int err;

	/* The task writes the number that it processed last. */
	smp_rmb();
	if (plugin_comm_copy(v, NOVA_COMM_RESPONSE, rsp, sizeof(rsp), false))
		return plugin_unreadable(v, type);
	err = nova_plugin_check(rsp, sizeof(rsp), seq, a);
	if (err == -EBADMSG) {
		nova_vgpu_fail(v, "the plugin task answered %s with request %u, wanted %u",
			       nova_plugin_rpc_name(type), a->processed, seq);
	} else if (!err) {
		v->plugin_result = a->result;
		if (a->result) {
			nova_vgpu_fail(v, "the plugin task refused %s: %s (0x%x)",
				       nova_plugin_rpc_name(type), nova_status_name(a->result),
				       a->result);
			err = -EREMOTEIO;
		}
	}
	return err;
}

/* After a failed write no doorbell rings, so the task sees no request. */
static int plugin_send(struct nova_vgpu *v, u32 type, u32 seq, void *payload, u32 len)
{
	int err = 0;

	if (len)
		err = plugin_comm_copy(v, NOVA_COMM_MESSAGE, payload, len, true);
	err = err ?: plugin_comm_put32(v, NOVA_COMM_CONTROL + NOVA_COMM_CTL_TYPE, type);
	err = err ?: plugin_comm_put32(v, NOVA_COMM_CONTROL + NOVA_COMM_CTL_SEQ, seq);
	if (err) {
		nova_vgpu_fail(v, "cannot write %s for the plugin task (error %d)",
			       nova_plugin_rpc_name(type), err);
		return -ENOMEM;
	}
	wmb();	/* the request is in memory before the doorbell */
	nova_wr32(v->gpu, NV_PLUGIN_DOORBELL, NV_PLUGIN_DOORBELL_VAL(v->gfid));
	nova_rd32(v->gpu, NV_PLUGIN_DOORBELL);
	return 0;
}

/* Count as busy, so that a virtual clock does not skip the deadline. */
static int plugin_wait_answer(struct nova_vgpu *v, u32 type, u32 before, u32 seq,
			      struct nova_plugin_answer *a)
{
	bool counted = nova_busy_here(v->gpu);
	struct nova_busy busy;
	int err;

	if (!counted)
		nova_busy_begin(v->gpu, &busy);
	err = plugin_poll_processed(v, type, before);
	if (!counted)
		nova_busy_end(v->gpu, &busy);
	return err ?: plugin_take_answer(v, type, seq, a);
}

static int plugin_rpc(struct nova_vgpu *v, u32 type, void *payload, u32 len)
{
	u32 before = v->plugin_seq, seq = nova_plugin_next_seq(before);
	struct nova_plugin_answer a = {};
	u64 start = nova_now_ns(v->gpu);
	int err;

	lockdep_assert_held(&v->lock);
	err = plugin_gone(v, type);
	if (err)
		return err;
	err = plugin_send(v, type, seq, payload, len);
	if (!err) {
		v->plugin_seq = seq;
		err = plugin_wait_answer(v, type, before, seq, &a);
	}
	trace_vgpu_plugin_rpc(v->gpu->id, v->gfid, type, seq, a.received, a.processed, a.result,
			      err, nova_now_ns(v->gpu) - start);
	return err;
}

static int plugin_negotiate(struct nova_vgpu *v, const struct nova_plugin_family *f)
{
	u8 payload[NOVA_COMM_VER_BYTES];
	int err;

	nova_plugin_fill_version(f, payload, sizeof(payload));
	err = plugin_rpc(v, NOVA_PLUGIN_RPC_VERSION, payload, sizeof(payload));
	if (err)
		return err;
	if (plugin_comm_copy(v, NOVA_COMM_MESSAGE, payload, sizeof(payload), false))
		return plugin_unreadable(v, NOVA_PLUGIN_RPC_VERSION);
	if (!nova_plugin_chosen(f, payload, sizeof(payload), &v->plugin_version))
		return 0;
	nova_vgpu_fail(v, "the plugin task chose version %u of its requests, wanted %u to %u",
		       v->plugin_version, f->rpc_min, f->rpc_max);
	/* The task reported the failure itself, so it can still be stopped. */
	return -EREMOTEIO;
}

static int plugin_set_up(struct nova_vgpu *v, const struct nova_plugin_family *f)
{
	struct nova_plugin_setup s = {
		.type = v->type->id,
		.vm_pid = v->vm_pid,
		.cpu_arch = IS_ENABLED(CONFIG_ARM64) ? NOVA_SETUP_CPU_ARM64 : NOVA_SETUP_CPU_X86,
		.page_bytes = PAGE_SIZE,
	};
	struct nova_placement p;
	u8 payload[256];
	int len;

	nova_placement_get(v->type, v->placement, &p);
	s.channels = p.chid_count;
	s.plugin_channels = nova_vgpu_plugin_channels(&p);
	len = f->fill_setup(&s, payload, sizeof(payload));
	if (len < 0) {
		nova_vgpu_fail(v, "cannot make SETUP for the plugin task (error %d)", len);
		return -EOPNOTSUPP;
	}
	return plugin_rpc(v, NOVA_PLUGIN_RPC_SETUP, payload, len);
}

int nova_plugin_attach(struct nova_vgpu *v)
{
	const struct nova_plugin_family *f = nova_plugin_family(v->gpu->gsp->abi);
	u8 control[NOVA_COMM_CTL_BYTES];
	int err;

	v->plugin_seq = 0;
	v->plugin_version = 0;
	v->plugin_result = 0;
	nova_plugin_fill_control(control);
	err = plugin_comm_copy(v, NOVA_COMM_CONTROL, control, sizeof(control), true);
	wmb();	/* the version says that the rest is valid */
	err = err ?: plugin_comm_put32(v, NOVA_COMM_CONTROL + NOVA_COMM_CTL_VERSION,
				       f->comm_version);
	if (err) {
		nova_vgpu_fail(v, "cannot write the buffer of the plugin task (error %d)", err);
		return -ENOMEM;
	}
	return plugin_negotiate(v, f) ?: plugin_set_up(v, f);
}

int nova_plugin_reset(struct nova_vgpu *v)
{
	return plugin_rpc(v, NOVA_PLUGIN_RPC_RESET, NULL, 0);
}
