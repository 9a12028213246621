// SPDX-License-Identifier: GPL-2.0-only
// Every operation and every kfunc. Notes each call in the order in which they come.
#include "test.bpf.h"
#include "order.h"

#define SLICE_NS	1000000

struct order_log order;

static void note(u32 op, u32 gfid, u32 arg)
{
	u64 at = __sync_fetch_and_add(&order.nr, 1);
	struct order_note *n = &order.notes[at & (ORDER_NOTES - 1)];

	n->op = op;
	n->gfid = gfid;
	n->arg = arg;
}

static void must(bool good)
{
	if (!good)
		__sync_fetch_and_add(&order.broken, 1);
}

SEC("struct_ops.s/init")
s32 BPF_PROG(max_init, const struct nova_sched_gpu *gpu)
{
	note(OP_INIT, 0, gpu->nr_vgpus);
	return 0;
}

SEC("struct_ops.s/exit")
void BPF_PROG(max_exit, const struct nova_exit_info *ei)
{
	note(OP_EXIT, 0, ei->kind);
}

SEC("struct_ops.s/admit")
s32 BPF_PROG(max_admit, struct nova_vgpu_request *req)
{
	must(nova_bpf_place(req, req->placements) == -34);
	must(nova_bpf_place(req, req->placement) == 0);
	note(OP_ADMIT, req->gfid, req->placement);
	return 0;
}

SEC("struct_ops/vgpu_init")
void BPF_PROG(max_vgpu_init, struct nova_sched_vgpu *v)
{
	note(OP_VGPU_INIT, v->gfid, v->vtime | v->priv);
	v->vtime = v->gfid;
	v->priv = v->slot;
}

SEC("struct_ops/vgpu_exit")
void BPF_PROG(max_vgpu_exit, struct nova_sched_vgpu *v)
{
	must(v->vtime == v->gfid && v->priv == v->slot);
	note(OP_VGPU_EXIT, v->gfid, 0);
}

SEC("struct_ops/vgpu_config")
void BPF_PROG(max_vgpu_config, struct nova_sched_vgpu *v)
{
	note(OP_VGPU_CONFIG, v->gfid, v->weight);
}

SEC("struct_ops/runnable")
void BPF_PROG(max_runnable, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	note(OP_RUNNABLE, v->gfid, 0);
	must(v->runnable);
	must(nova_bpf_queue_insert(rl, NOVA_SCHED_QUEUES, v->gfid, 0) == -22);
	must(nova_bpf_queue_insert(rl, 0, 0, 0) == -2);
	must(nova_bpf_queue_insert(rl, 0, v->gfid, nova_bpf_now(rl)) == 0);
}

SEC("struct_ops/quiescent")
void BPF_PROG(max_quiescent, struct nova_sched_rl *rl, struct nova_sched_vgpu *v)
{
	note(OP_QUIESCENT, v->gfid, 0);
	must(!v->runnable && !v->queue);
	must(nova_bpf_queue_remove(rl, v->gfid) == -2);
}

SEC("struct_ops/pick")
void BPF_PROG(max_pick, struct nova_sched_rl *rl, struct nova_sched_vgpu *prev)
{
	struct nova_sched_vgpu *v = nova_bpf_queue_first(rl, 0), *same;
	u32 chosen = 0;

	if (v) {
		chosen = v->gfid;
		must(v->queue == 1 && nova_bpf_queue_key(rl, 0));
		same = nova_bpf_vgpu(rl, chosen);
		must(same && same->gfid == chosen);
		same = nova_bpf_vgpu_at(rl, v->slot);
		must(same && same->gfid == chosen);
		must(nova_bpf_dispatch(rl, chosen, 1) == -34);
		must(nova_bpf_dispatch(rl, 0, SLICE_NS) == -2);
		must(nova_bpf_dispatch(rl, chosen, SLICE_NS) == 0);
		must(nova_bpf_queue_remove(rl, chosen) == 0);
	} else {
		must(nova_bpf_idle(rl, 0) == 0);
	}
	note(OP_PICK, prev ? prev->gfid : 0, chosen);
}

SEC("struct_ops/preempt")
bool BPF_PROG(max_preempt, struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
	      struct nova_sched_vgpu *woken)
{
	note(OP_PREEMPT, curr->gfid, woken->gfid);
	return woken->priority > curr->priority;
}

SEC("struct_ops/stopped")
void BPF_PROG(max_stopped, struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
	      u32 reason)
{
	note(OP_STOPPED, v->gfid, reason);
	if (v->runnable && reason != NOVA_STOP_DRY && reason != NOVA_STOP_GONE)
		nova_bpf_queue_insert(rl, 0, v->gfid, nova_bpf_now(rl));
	if (v->runs % 16 == 0)
		nova_bpf_kick(rl);
}

SEC(".struct_ops.link")
struct nova_sched_ops policy = {
	.init = (void *)max_init,
	.exit = (void *)max_exit,
	.admit = (void *)max_admit,
	.vgpu_init = (void *)max_vgpu_init,
	.vgpu_exit = (void *)max_vgpu_exit,
	.vgpu_config = (void *)max_vgpu_config,
	.runnable = (void *)max_runnable,
	.quiescent = (void *)max_quiescent,
	.pick = (void *)max_pick,
	.preempt = (void *)max_preempt,
	.stopped = (void *)max_stopped,
	.timeout_ms = 5000,
	.slice_us = 1000,
	.name = "maximal",
};
