/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Tenants of a simulated GPU: /dev/novabpf_simN takes a load, runs it, and gives
 * back what became of every item of work.
 *
 *	write()	a struct nova_sim_load, its tenants, then the draws of each tenant
 *		in turn, in one call
 *	ioctl	NOVA_SIM_LOAD_START, _STOP
 *	read()	blocks until the load has ended (EAGAIN with O_NONBLOCK), then gives a
 *		struct nova_sim_result, its items and its segments; then end of file
 *
 * One opener at a time. All times are in ns of the GPU's clock, relative to the
 * start. Randomness is the writer's: lengths and gaps come drawn.
 */
#ifndef _UAPI_NOVABPF_SIM_H
#define _UAPI_NOVABPF_SIM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define NOVA_SIM_LOAD_MAGIC	0x4c4f4144
#define NOVA_SIM_RESULT_MAGIC	0x52534c54
#define NOVA_SIM_TENANTS_MAX	512
#define NOVA_SIM_DRAWS_MAX	(4u << 20)	/* of all tenants together */
#define NOVA_SIM_TSGS_MAX	8

#define NOVA_SIM_LOAD_START	_IO('N', 1)
#define NOVA_SIM_LOAD_STOP	_IO('N', 2)

/**
 * enum nova_sim_arrival - when the next item of a tenant arrives
 * @NOVA_SIM_OPEN: gap after the arrival of the one before, done or not
 * @NOVA_SIM_CLOSED: gap after the end of the one before; each TSG is a loop of its own
 * @NOVA_SIM_FRAME: gap after the arrival of the one before; where that is not done
 *	by then, the item is dropped and the one after it gets its chance
 */
enum nova_sim_arrival {
	NOVA_SIM_OPEN = 0,
	NOVA_SIM_CLOSED = 1,
	NOVA_SIM_FRAME = 2,
};

/**
 * struct nova_sim_load - a load
 * @magic: NOVA_SIM_LOAD_MAGIC
 * @tenants: number of struct nova_sim_tenant that follow
 * @seed: of the simulator's own streams (preemption latency, reply jitter)
 * @duration_ns: length of the run
 * @ctxsw_ns: cost of a context switch
 * @preempt_ns: longest time to a preemption point, uniform from 0
 * @tsg_slice_ns: hardware time slice between TSGs of the vGPU that is on
 * @segments: most segments to keep; 0 for none. Later ones are counted as lost
 */
struct nova_sim_load {
	__u32 magic;
	__u32 tenants;
	__u64 seed;
	__u64 duration_ns;
	__u32 ctxsw_ns;
	__u32 preempt_ns;
	__u32 tsg_slice_ns;
	__u32 segments;
};

/**
 * struct nova_sim_tenant - who works in a vGPU
 * @gfid: its vGPU, which must exist
 * @engine_id: NV2080_ENGINE_TYPE
 * @tsgs: channel groups it uses, 1 .. those of the vGPU
 * @arrival: enum nova_sim_arrival
 * @start_ns: first gap counts from here
 * @stop_ns: no item arrives at or after this
 * @grain_ns: its work can be preempted at multiples of this, from the start of an
 *	item; 0: anywhere
 * @draws: number of struct nova_sim_draw; used in order, again from the first
 *	when used up
 * @queue_max: items that may wait; more are dropped; 0: no limit
 */
struct nova_sim_tenant {
	__u32 gfid;
	__u32 engine_id;
	__u32 tsgs;
	__u32 arrival;
	__u64 start_ns;
	__u64 stop_ns;
	__u64 grain_ns;
	__u32 draws;
	__u32 queue_max;
};

/* One item: when it comes (see enum nova_sim_arrival), how long it runs. */
struct nova_sim_draw {
	__u64 gap_ns;
	__u64 length_ns;
};

/**
 * struct nova_sim_result - head of the results
 * @magic: NOVA_SIM_RESULT_MAGIC
 * @engines: 1 for each engine in the next arrays
 * @items: number of struct nova_sim_item that follow
 * @segments: number of struct nova_sim_segment that follow them
 * @segments_lost: did not fit
 * @started_ns: GPU clock at the start
 * @ended_ns: length of the run; less than asked where it was stopped
 * @busy_ns: time in which work was done, all engines
 * @switch_ns: time spent in context switches
 * @switches: context switches
 * @idle_runnable_ns: time an engine was idle while work waited
 */
struct nova_sim_result {
	__u32 magic;
	__u32 engines;
	__u64 items;
	__u64 segments;
	__u64 segments_lost;
	__u64 started_ns;
	__u64 ended_ns;
	__u64 busy_ns;
	__u64 switch_ns;
	__u64 switches;
	__u64 idle_runnable_ns;
};

#define NOVA_SIM_ITEM_DROPPED	0x1	/* never started: see @queue_max, FRAME */
#define NOVA_SIM_ITEM_UNFINISHED 0x2	/* the run ended before it did */

/**
 * struct nova_sim_item - one item of work, in order of arrival
 * @tenant: index
 * @index: of the item within its tenant, from 0
 * @flags: NOVA_SIM_ITEM_*
 * @tsg: channel group it ran in
 * @arrival_ns: when it arrived
 * @start_ns: when it first had the engine; 0 if never
 * @done_ns: when it was done; 0 if not
 * @ran_ns: engine time it had
 * @length_ns: engine time it needs
 */
struct nova_sim_item {
	__u32 tenant;
	__u32 index;
	__u32 flags;
	__u32 tsg;
	__u64 arrival_ns;
	__u64 start_ns;
	__u64 done_ns;
	__u64 ran_ns;
	__u64 length_ns;
};

/**
 * enum nova_sim_segment_kind - what an engine did
 * @NOVA_SIM_RUN: worked for a vGPU
 * @NOVA_SIM_SWITCH: loaded the context of a vGPU
 */
enum nova_sim_segment_kind {
	NOVA_SIM_RUN = 1,
	NOVA_SIM_SWITCH = 2,
};

struct nova_sim_segment {
	__u32 kind;
	__u32 engine_id;
	__u32 gfid;
	__u32 tsg;
	__u64 start_ns;
	__u64 end_ns;
};

#endif /* _UAPI_NOVABPF_SIM_H */
