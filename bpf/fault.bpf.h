/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults on demand for every policy of this folder, to show how the core handles a faulty
 * policy:
 *   novabpf attach fair.bpf.o --set fault_stall_gfid=2
 * 0, the default, turns each of them off.
 */
#ifndef NOVA_FAULT_BPF_H
#define NOVA_FAULT_BPF_H

/* This vGPU never runs. */
const volatile u32 fault_stall_gfid;
/* One in this many decisions names a vGPU that does not exist. */
const volatile u32 fault_bad_gfid_every;
/* One in this many decisions names a slice of 0. */
const volatile u32 fault_bad_slice_every;
/* The policy gives up after this many decisions. */
const volatile u32 fault_error_after;

/* Decisions that named a vGPU. */
u64 nr_dispatched;

static __always_inline bool nova_fault_stalls(u32 gfid)
{
	return fault_stall_gfid && gfid == fault_stall_gfid;
}

static __always_inline void nova_fault_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns)
{
	u64 n = ++nr_dispatched;

	if (fault_error_after && n > fault_error_after)
		nova_bpf_error(rl, fault_error_after, "fault_error_after decisions were made");
	if (nova_fault_stalls(gfid)) {
		nova_bpf_idle(rl, slice_ns);
		return;
	}
	if (fault_bad_gfid_every && n % fault_bad_gfid_every == 0)
		gfid = NOVA_GFID_MAX + 1;
	if (fault_bad_slice_every && n % fault_bad_slice_every == 0)
		slice_ns = 0;
	nova_bpf_dispatch(rl, gfid, slice_ns);
}

#endif /* NOVA_FAULT_BPF_H */
