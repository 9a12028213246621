/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the end of a control of a switch means, and whether a switch that failed is
 * tried again. Pure: no kernel service, no lock.
 *
 * Executing the controls of a switch twice does no harm. So what did not get through, or
 * was not answered, is asked again, a bounded number of times. Only the firmware's own
 * refusal is final at once. That the firmware is gone is known from its state, never from
 * the error of one call: hooks, memory and damaged replies make the same errors.
 */
#ifndef NOVABPF_SCHED_SWITCH_H
#define NOVABPF_SCHED_SWITCH_H

#include <novabpf/driver/portable.h>

/* Tries after the first one; the waits before them double, from the first one on. */
#define NOVA_SWITCH_RETRIES	10
#define NOVA_SWITCH_BACKOFF_NS	100000ULL
/* Of these, after controls whose answer did not come within the deadline. */
#define NOVA_SWITCH_LOST_MAX	1

/**
 * enum nova_control_end - what became of a control of a switch
 * @NOVA_CONTROL_TODO: it has not been sent, or did not get through, or the firmware wants
 *	to be asked again
 * @NOVA_CONTROL_DONE: the firmware has executed it
 * @NOVA_CONTROL_LOST: it was not answered in time; it may have been executed or not
 * @NOVA_CONTROL_REFUSED: the firmware does not execute it
 * @NOVA_CONTROL_GONE: the firmware is gone: no vGPU is at fault
 */
enum nova_control_end {
	NOVA_CONTROL_TODO,
	NOVA_CONTROL_DONE,
	NOVA_CONTROL_LOST,
	NOVA_CONTROL_REFUSED,
	NOVA_CONTROL_GONE,
};

/**
 * nova_control_end() - what an error means
 * @err: 0 or -errno: -EREMOTEIO where the firmware answered, and said no
 * @status: then what it said, as the errno of its NV_STATUS
 * @alive: the firmware that the switch began with serves calls
 *
 * Return: what to do next.
 */
enum nova_control_end nova_control_end(int err, int status, bool alive);

/**
 * struct nova_switch_tries - how often a switch was tried again
 * @nr: times
 * @lost: times because answers were lost
 */
struct nova_switch_tries {
	u32 nr;
	u32 lost;
};

/**
 * nova_switch_backoff_ns() - whether a switch is to be tried again
 * @t: zeroed when the switch began
 * @lost: answers are among what failed in the last try
 *
 * Return: in how many ns; 0: not any more.
 */
u64 nova_switch_backoff_ns(struct nova_switch_tries *t, bool lost);

#endif /* NOVABPF_SCHED_SWITCH_H */
