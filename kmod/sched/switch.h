/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classifies the end of a switch's control, and decides whether a failed switch is
 * retried. Pure: no kernel service, no lock.
 *
 * Executing the controls of a switch twice is harmless. So a control that did not get
 * through, or got no reply, is sent again, a bounded number of times. Only the firmware's
 * own refusal is final at once. The state of the firmware tells whether it is gone, never
 * the error of one RPC: hooks, memory and damaged replies cause the same errors.
 */
#ifndef NOVABPF_SCHED_SWITCH_H
#define NOVABPF_SCHED_SWITCH_H

#include <novabpf/driver/portable.h>

/* Retries; the wait before each is twice the one before, from the backoff on. */
#define NOVA_SWITCH_RETRIES	10
#define NOVA_SWITCH_BACKOFF_NS	100000ULL
/* Retries after controls without a reply within the deadline. */
#define NOVA_SWITCH_LOST_MAX	1

/**
 * enum nova_control_end - how a control of a switch ended
 * @NOVA_CONTROL_TODO: not sent, did not get through, or the firmware asks for a retry
 * @NOVA_CONTROL_DONE: the firmware executed it
 * @NOVA_CONTROL_LOST: no reply in time; the firmware may have executed it
 * @NOVA_CONTROL_REFUSED: the firmware refused it
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
 * nova_control_end() - classify the end of a control
 * @err: 0 or -errno; -EREMOTEIO: the firmware replied with an error
 * @status: with -EREMOTEIO: the errno of its NV_STATUS
 * @alive: the firmware of the start of the switch serves RPCs
 *
 * Return: how it ended.
 */
enum nova_control_end nova_control_end(int err, int status, bool alive);

/**
 * struct nova_switch_tries - retries of a switch
 * @nr: all retries
 * @lost: retries because of lost replies
 */
struct nova_switch_tries {
	u32 nr;
	u32 lost;
};

/**
 * nova_switch_backoff_ns() - whether and when to retry a switch
 * @t: zeroed at the start of the switch
 * @lost: replies were lost in the last try
 *
 * Return: ns until the retry; 0: no retry.
 */
u64 nova_switch_backoff_ns(struct nova_switch_tries *t, bool lost);

#endif /* NOVABPF_SCHED_SWITCH_H */
