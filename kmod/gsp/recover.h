/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recovery: a firmware that does not answer any more is reset and booted again.
 */
#ifndef NOVABPF_GSP_RECOVER_H
#define NOVABPF_GSP_RECOVER_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uapi/novabpf.h>
#include "../base/gpu.h"
#include "fault/incident.h"

struct nova_gsp;
struct nova_rpc;

/* Automatic resets are limited within this time; see recoveries_max. */
#define NOVA_RECOVERY_WINDOW_NS	(600 * (u64)NSEC_PER_SEC)
#define NOVA_RECOVERIES_MAX	16

/**
 * struct nova_recovery - what a firmware's recovery needs to know
 * @wq: ordered; @work has it to itself
 * @work: resets the GPU and boots it
 * @on: the GPU is registered; under gsp->lock
 * @epoch: counts the runs of the firmware, from 1; changes under gsp->lock, before
 *	calls that are under way end
 * @run: the last run in service; events until the next one is in service belong
 *	to it; under gsp->lock
 * @timeouts: calls in a row that timed out; under gsp->lock
 * @counted_ns: when the last of them did
 * @auto_ns: when the GPU was reset by itself, the last times; under gsp->lock
 * @autos: how often
 * @since_ns: when the recovery that is under way was asked for
 * @cause: why
 */
struct nova_recovery {
	struct workqueue_struct *wq;
	struct nova_work work;
	bool on;
	u32 epoch;
	u32 run;
	u32 timeouts;
	u64 counted_ns;
	u64 auto_ns[NOVA_RECOVERIES_MAX];
	u32 autos;
	u64 since_ns;
	char cause[160];
};

/* Part of nova_gsp_create() and _destroy(). */
int nova_recovery_create(struct nova_gsp *gsp);
void nova_recovery_destroy(struct nova_gsp *gsp);

/* start: the GPU is registered. stop: it goes; none is under way any more. May sleep. */
void nova_recovery_start(struct nova_gsp *gsp);
void nova_recovery_stop(struct nova_gsp *gsp);

/**
 * nova_recover() - the firmware does not work any more
 * @gsp: firmware
 * @kind: its name in the log
 * @fate: what calls under way end with
 * @fmt: why, in words an operator understands
 *
 * Has it reset and booted again where it was in service and was not reset too often;
 * otherwise it has failed for good, see nova_gsp_fail(). Context: may sleep.
 */
__printf(4, 5) void nova_recover(struct nova_gsp *gsp, enum nova_incident kind,
				 enum nova_rpc_fate fate, const char *fmt, ...);

/* The same for a cause that is known, without waiting for the end. May sleep. */
void nova_recover_request(struct nova_gsp *gsp, const char *why);

/* The GPU is awake: runs a reset that began while it slept. */
void nova_recovery_resume(struct nova_gsp *gsp);

/**
 * nova_recover_now() - on request, also of a failed GPU
 * @gsp: firmware
 *
 * Context: may sleep for seconds.
 * Return: 0 once it is in service again, or -errno.
 */
int nova_recover_now(struct nova_gsp *gsp);

/*
 * Counts an RPC that timed out; RPCs that were in flight together count once. Return: how
 * many in a row. With gsp->lock held.
 */
u32 nova_recovery_timed_out(struct nova_gsp *gsp, const struct nova_rpc *rpc, u64 now_ns);
/* A caller gets its reply: clears the count of timeouts. */
void nova_recovery_answered(struct nova_gsp *gsp);
/* Whether those are too many. From the worker, without locks. */
void nova_recovery_check(struct nova_gsp *gsp);

#endif /* NOVABPF_GSP_RECOVER_H */
