/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the tests of runlists: a GPU with one runlist and a clock that jumps, and a
 * firmware whose controls fail on demand or at random.
 */
#ifndef NOVABPF_TEST_RUNLIST_SIM_H
#define NOVABPF_TEST_RUNLIST_SIM_H

#include "unit.h"
#include "native_kernel.h"
#include <novabpf/driver/gsp_wire.h>
#include "gsp/gsp.h"
#include "sched/runlist.h"

#define VGPUS		4
#define POSTS		256
#define DEADLINE_NS	(6 * (u64)NSEC_PER_SEC)
#define GR0		1

/* How the next control that matches ends. */
struct fate {
	u32 cmd;	/* 0: none */
	u32 gfid;	/* 0: any */
	u32 nth;	/* counts down; 0: all */
	int now_err;	/* error of nova_rm_control_post_for() */
	int err;	/* error of the reply */
	u32 status;
};

/* A control in flight. */
struct sim_call {
	struct nova_rm_post *post;
	u64 at_ns;
	int err;
	u32 status;
};

/* State of a vGPU's owner. */
struct sim_vgpu {
	struct mutex lock;	/* held for every call of the scheduler */
	struct nova_vgpu_config config;
	struct nova_sched_tenant tenant;
	bool scheduled;
};

/**
 * struct runlist_sim - state of the simulation
 * @gpu: the GPU
 * @gsp: its firmware
 * @vgpu: owners of vGPUs, by gfid
 * @now_ns: GPU clock
 * @out: controls in flight
 * @nr_out: number of @out
 * @timers: all timers
 * @nr_timers: number of @timers
 * @fate: see struct fate
 * @gave_up: how often the owner of a vGPU was told that it is broken, by gfid
 * @on: vGPUs on the firmware's runlist, by gfid; each has one channel group
 * @chaos_ppt: this many controls of a thousand fail at random
 * @depth: deletions that wait inside of each other
 * @rnd_state: of sim_rnd()
 * @wait_since_ns: start of the deletion under way
 * @longest_wait_ns: longest deletion
 * @others_first: runs as if on another processor after a read of the clock without the
 *	lock of the runlist
 */
struct runlist_sim {
	struct nova_gpu gpu;
	struct nova_gsp gsp;
	struct sim_vgpu vgpu[VGPUS + 1];
	u64 now_ns;
	struct sim_call out[POSTS];
	u32 nr_out;
	struct nova_hw_timer *timers[16];
	u32 nr_timers;
	struct fate fate;
	u32 gave_up[VGPUS + 1];
	bool on[VGPUS + 1];
	u32 chaos_ppt;
	u32 depth;
	u64 rnd_state;
	u64 wait_since_ns;
	u64 longest_wait_ns;
	void (*others_first)(u64 read_ns);
};

extern struct runlist_sim sim;

/* Two vGPUs with work; setup and teardown of a test. */
int sim_begin(void **state);
int sim_end(void **state);
u32 sim_rnd(u32 n);
struct nova_runlist *sim_runlist(void);
/* Handles the next event. Return: false if there is none. */
bool sim_step(void);
void sim_run_for(u64 ns);
void sim_works(u32 gfid, bool yes);
void sim_create(u32 gfid);
void sim_destroy(u32 gfid);
void sim_configure(u32 gfid, u32 cap_pct);
void sim_reset_begin(void);
void sim_reset_end(void);
/* A random action of an owner or of the system. */
void sim_something_happens(void);
/* Number of runs of a vGPU. */
u64 sim_runs(u32 gfid);

#endif /* NOVABPF_TEST_RUNLIST_SIM_H */
