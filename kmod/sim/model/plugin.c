// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plugin task of a vGPU: its side of the buffer in its heap. It validates the host's
 * requests as the host validates its answers.
 */
#include <novabpf/driver/plugin.h>
#include "internal.h"

#define GSIM_COMM_VERSION	1
#define GSIM_RPC_VERSION	1
#define GSIM_PLUGIN_RPC_NS	40000

static const char * const gsim_rpc_fault_names[] = {
	[GSIM_RPC_MUTE] = "mute",
	[GSIM_RPC_LATE] = "late",
	[GSIM_RPC_REFUSE] = "refuse",
	[GSIM_RPC_WRONGSEQ] = "wrongseq",
	[GSIM_RPC_BADVERSION] = "badversion",
	[GSIM_RPC_CRASH] = "crash",
};

const char *gsim_rpc_fault_name(enum gsim_rpc_fault_kind kind)
{
	return kind < ARRAY_SIZE(gsim_rpc_fault_names) ? gsim_rpc_fault_names[kind] : NULL;
}

/* A write to the doorbell register of plugin tasks, under the register lock. */
void gsim_plugin_ring(struct gsim *sim, u32 val)
{
	u32 gfid = NV_PLUGIN_DOORBELL_GFID(val);

	if (!NV_PLUGIN_DOORBELL_VALID(val) || !gfid || gfid > GSIM_VGPUS_MAX)
		return;
	sim->regs.plugin_rung[gfid / 64] |= 1ULL << (gfid % 64);
	sim->regs.any_plugin_rung = true;
}

static void gsim_plugin_collect(struct gsim *sim)
{
	unsigned long flags;
	u32 i;

	if (!READ_ONCE(sim->regs.any_plugin_rung))
		return;
	flags = gsim_lock(sim);
	for (i = 0; i < GSIM_GFID_WORDS; i++) {
		sim->vgpus->rung[i] |= sim->regs.plugin_rung[i];
		sim->regs.plugin_rung[i] = 0;
	}
	sim->regs.any_plugin_rung = false;
	gsim_unlock(sim, flags);
}

static bool gsim_comm(struct gsim *sim, struct gsim_vgpu *v, u32 off, void *buf, u32 len,
		      bool write)
{
	u64 at = v->comm_off + off;

	if (!sim->port.fb || at > v->heap_bytes || len > v->heap_bytes - at)
		return false;
	return !sim->port.fb(sim->ctx, v->heap_pa + at, buf, len, write);
}

static bool gsim_comm_put32(struct gsim *sim, struct gsim_vgpu *v, u32 off, u32 val)
{
	u8 word[4];

	put_unaligned_le32(val, word);
	return gsim_comm(sim, v, off, word, sizeof(word), true);
}

static u32 gsim_rpc_version(struct gsim *sim, struct gsim_vgpu *v, u32 chosen)
{
	u8 p[NOVA_COMM_VER_BYTES];

	if (!gsim_comm(sim, v, NOVA_COMM_MESSAGE, p, sizeof(p), false))
		return NV_ERR_INVALID_STATE;
	if (get_unaligned_le32(p + NOVA_COMM_VER_MIN) > GSIM_RPC_VERSION ||
	    get_unaligned_le32(p + NOVA_COMM_VER_MAX) < GSIM_RPC_VERSION)
		return NV_ERR_NOT_SUPPORTED;
	v->talk = GSIM_TALK_VERSION;
	return gsim_comm_put32(sim, v, NOVA_COMM_MESSAGE + NOVA_COMM_VER_CHOSEN, chosen) ?
	       NV_OK : NV_ERR_INVALID_STATE;
}

/* The value of a key that holds 32 bits. Return: false where it is not there. */
static bool gsim_setup_key(const u8 *words, u32 n, u32 key, u32 *val)
{
	u32 i = 0;

	while (i < n) {
		u64 w = get_unaligned_le64(words + 8 * i);

		i++;
		if (NOVA_NVKV_INDEX(w))
			return false;
		if (NOVA_NVKV_OPCODE(w) == NOVA_NVKV_ARRAY8) {
			i += DIV_ROUND_UP(min_t(u32, NOVA_NVKV_VALUE(w), 8 * n), 8);
		} else if (NOVA_NVKV_OPCODE(w) != NOVA_NVKV_IMM32) {
			return false;
		} else if (NOVA_NVKV_KEY(w) == key) {
			*val = NOVA_NVKV_VALUE(w);
			return i <= n;
		}
	}
	return false;
}

/* The value must equal BOOTLOAD's, where that had one. */
static u32 gsim_rpc_setup(struct gsim *sim, struct gsim_vgpu *v, u32 gfid)
{
	u32 type, channels, pid, room = (NOVA_COMM_AREA_BYTES - 8) / 8;
	u8 *p = sim->page;
	u64 n;

	if (v->talk == GSIM_TALK_NONE)
		return NV_ERR_INVALID_STATE;
	if (!gsim_comm(sim, v, NOVA_COMM_MESSAGE, p, NOVA_COMM_AREA_BYTES, false))
		return NV_ERR_INVALID_STATE;
	n = get_unaligned_le64(p);
	if (!n || n > room || !gsim_setup_key(p + 8, (u32)n, NOVA_SETUP_TYPE, &type) ||
	    !gsim_setup_key(p + 8, (u32)n, NOVA_SETUP_NUM_CHANNELS, &channels) ||
	    !gsim_setup_key(p + 8, (u32)n, NOVA_SETUP_VM_PID, &pid))
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "SETUP of gfid %u: %llu words: malformed, or a key is missing",
				   gfid, (ull)n);
	if ((v->type && type != v->type) || (v->vm_pid && pid != v->vm_pid) ||
	    (v->told_chids && channels != v->chids))
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "SETUP of gfid %u: type %u, %u channels, vm pid %u; BOOTLOAD said %u, %u, %u",
				   gfid, type, channels, pid, v->type, v->chids, v->vm_pid);
	v->vm_pid = pid;
	sim->vgpus->last_pid = pid;
	v->talk = GSIM_TALK_SETUP;
	return NV_OK;
}

static u32 gsim_rpc_execute(struct gsim *sim, struct gsim_vgpu *v, u32 gfid, u32 type, bool wrong)
{
	switch (type) {
	case NOVA_PLUGIN_RPC_VERSION:
		return gsim_rpc_version(sim, v, wrong ? GSIM_RPC_VERSION + 98 : GSIM_RPC_VERSION);
	case NOVA_PLUGIN_RPC_SETUP:
		return gsim_rpc_setup(sim, v, gfid);
	case NOVA_PLUGIN_RPC_RESET:
		return v->talk == GSIM_TALK_SETUP ? NV_OK : NV_ERR_INVALID_STATE;
	}
	return NV_ERR_NOT_SUPPORTED;
}

/* Takes the fault that waits for a request of this type, if there is one. */
static struct gsim_rpc_fault gsim_rpc_fault_take(struct gsim *sim, u32 type)
{
	struct gsim_rpc_fault f = sim->vgpus->rpc_fault;

	if (f.kind == GSIM_RPC_GOOD || f.type != type)
		return (struct gsim_rpc_fault) { .kind = GSIM_RPC_GOOD };
	memset(&sim->vgpus->rpc_fault, 0, sizeof(f));
	return f;
}

/* Return: time of the next look, 0 once the request is finished. */
static u64 gsim_plugin_serve(struct gsim *sim, struct gsim_vgpu *v, u32 gfid, u64 now)
{
	u8 ctl[NOVA_COMM_CTL_BYTES];
	struct gsim_rpc_fault f;
	u32 type, seq, result;

	if (!gsim_comm(sim, v, NOVA_COMM_CONTROL, ctl, sizeof(ctl), false))
		return 0;
	type = get_unaligned_le32(ctl + NOVA_COMM_CTL_TYPE);
	seq = get_unaligned_le32(ctl + NOVA_COMM_CTL_SEQ);
	if (get_unaligned_le32(ctl + NOVA_COMM_CTL_VERSION) != GSIM_COMM_VERSION ||
	    get_unaligned_le64(ctl + NOVA_COMM_CTL_RESPONSE) != NOVA_COMM_RESPONSE ||
	    get_unaligned_le64(ctl + NOVA_COMM_CTL_MESSAGE) != NOVA_COMM_MESSAGE) {
		gsim_refuse(sim, "gfid %u: the control area of its plugin task is not valid", gfid);
		return 0;
	}
	/* The doorbell rang without a new request. */
	if (!seq || seq == v->seq)
		return 0;
	f = gsim_rpc_fault_take(sim, type);
	if (f.kind == GSIM_RPC_LATE)
		return now + f.arg * 1000ULL;
	v->seq = seq;
	sim->stat[GSIM_ST_PLUGIN_RPCS]++;
	gsim_comm_put32(sim, v, NOVA_COMM_RESPONSE + NOVA_COMM_RSP_RECEIVED, seq);
	if (f.kind == GSIM_RPC_MUTE)
		return 0;
	if (f.kind == GSIM_RPC_CRASH) {
		gsim_vgpu_crash(sim, gfid);
		return 0;
	}
	if (f.kind == GSIM_RPC_REFUSE)
		result = f.arg;
	else
		result = gsim_rpc_execute(sim, v, gfid, type, f.kind == GSIM_RPC_BADVERSION);
	gsim_comm_put32(sim, v, NOVA_COMM_RESPONSE + NOVA_COMM_RSP_RESULT, result);
	/* Written last, so that a reader that sees it sees the rest. */
	smp_wmb();
	gsim_comm_put32(sim, v, NOVA_COMM_RESPONSE + NOVA_COMM_RSP_PROCESSED,
			f.kind == GSIM_RPC_WRONGSEQ ? seq + 1000 : seq);
	return 0;
}

static u64 gsim_plugin_one(struct gsim *sim, u32 gfid, u64 now)
{
	struct gsim_vgpus *vs = sim->vgpus;
	struct gsim_vgpu *v = &vs->v[gfid];
	u64 again = 0;

	/* A task that is about to run reads its buffer by itself. */
	if (v->state == GSIM_VGPU_BOOTING)
		return GSIM_NEVER;
	if (v->state == GSIM_VGPU_RUNNING) {
		if (!v->rpc_due_ns)
			v->rpc_due_ns = now + GSIM_PLUGIN_RPC_NS;
		if (now < v->rpc_due_ns)
			return v->rpc_due_ns;
		again = gsim_plugin_serve(sim, v, gfid, now);
	}
	v->rpc_due_ns = again;
	if (again)
		return again;
	vs->rung[gfid / 64] &= ~(1ULL << (gfid % 64));
	return GSIM_NEVER;
}

/* Serves the pending requests of plugin tasks. Return: when the next one is due. */
u64 gsim_plugin_run(struct gsim *sim, u64 now)
{
	u64 next = GSIM_NEVER, left;
	u32 i;

	gsim_plugin_collect(sim);
	for (i = 0; i < GSIM_GFID_WORDS; i++)
		for (left = sim->vgpus->rung[i]; left; left &= left - 1)
			next = min_t(u64, next, gsim_plugin_one(sim, 64 * i + (u32)__ffs64(left),
								now));
	return next;
}
