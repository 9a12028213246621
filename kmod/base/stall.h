/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stalls of the machine: a stopped virtual machine, a held processor, a sleeping system.
 * Clocks advance during a stall and nothing else does, so due events come late. This
 * no lateness is charged: a deadline is a number of chances to act, not of seconds.
 *
 * Pure: no kernel service.
 */
#ifndef NOVABPF_BASE_STALL_H
#define NOVABPF_BASE_STALL_H

#include <novabpf/driver/portable.h>

/* Lateness up to this is normal. */
#define NOVA_STALL_NS	5000000ULL

/**
 * nova_stall_ns() - length of a stall of the machine
 * @due_ns: when the next event was due, U64_MAX for none
 * @seen_ns: when the machine was last seen to work
 * @now_ns: now, when the machine works
 *
 * Time before @due_ns does not count: no event could have shown that the machine worked.
 * Return: ns, 0 for no more than NOVA_STALL_NS.
 */
static inline u64 nova_stall_ns(u64 due_ns, u64 seen_ns, u64 now_ns)
{
	u64 from_ns = due_ns > seen_ns ? due_ns : seen_ns;

	return now_ns > from_ns && now_ns - from_ns > NOVA_STALL_NS ? now_ns - from_ns : 0;
}

/**
 * nova_stall_charged_ns() - part of a wait that is charged to the policy
 * @since_ns: start of the wait
 * @now_ns: now, or the end of the wait
 * @lost_ns: part of the wait in which no decision was possible
 *
 * Return: ns.
 */
static inline u64 nova_stall_charged_ns(u64 since_ns, u64 now_ns, u64 lost_ns)
{
	u64 waited_ns = now_ns > since_ns ? now_ns - since_ns : 0;

	return waited_ns > lost_ns ? waited_ns - lost_ns : 0;
}

#endif /* NOVABPF_BASE_STALL_H */
