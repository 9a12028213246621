/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine that stood still: a virtual machine that was stopped, a processor that
 * was held, a system that slept. Clocks go on meanwhile and nothing else does, so
 * what was due then came late. Time by which it was late counts against nobody who
 * is judged by a clock: a deadline is a number of chances to act, not of seconds.
 *
 * Pure: no kernel service.
 */
#ifndef NOVABPF_BASE_STALL_H
#define NOVABPF_BASE_STALL_H

#include <novabpf/driver/portable.h>

/* Lateness up to this is how machines are. */
#define NOVA_STALL_NS	5000000ULL

/**
 * nova_stall_ns() - how long the machine stood still
 * @due_ns: when something was to be done, U64_MAX where nothing was
 * @seen_ns: when it was last seen to work; what it was at until then it did itself
 * @now_ns: it works
 *
 * The time before @due_ns is not known to be lost: nothing had to be done then.
 * Return: ns, 0 where it is no more than NOVA_STALL_NS.
 */
static inline u64 nova_stall_ns(u64 due_ns, u64 seen_ns, u64 now_ns)
{
	u64 from_ns = due_ns > seen_ns ? due_ns : seen_ns;

	return now_ns > from_ns && now_ns - from_ns > NOVA_STALL_NS ? now_ns - from_ns : 0;
}

/**
 * nova_stall_charged_ns() - how much of a wait counts against the policy
 * @since_ns: when it began
 * @now_ns: it goes on, or ends
 * @lost_ns: time since then in which nobody could have ended it
 *
 * Return: ns.
 */
static inline u64 nova_stall_charged_ns(u64 since_ns, u64 now_ns, u64 lost_ns)
{
	u64 waited_ns = now_ns > since_ns ? now_ns - since_ns : 0;

	return waited_ns > lost_ns ? waited_ns - lost_ns : 0;
}

#endif /* NOVABPF_BASE_STALL_H */
