/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for the tracepoints, which nobody reads in a unit test. */
#define trace_sched_runnable(...)	((void)0)
#define trace_sched_quiescent(...)	((void)0)
#define trace_sched_pick(rl, p, ...)	((void)(p))
#define trace_sched_stall(rl, gfid, now_ns, ...)	((void)(now_ns))
#define trace_sched_switch(...)		((void)0)
#define trace_sched_complete(rl, gfid, now_ns, arg)	((void)(arg))
