/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of engines share: vGPUs with channel groups, controls posted over
 * the real queue, loads and their results, on a clock that jumps.
 */
#ifndef NOVABPF_TEST_ENGINE_DRIVER_H
#define NOVABPF_TEST_ENGINE_DRIVER_H

#include <uapi/novabpf_sim.h>
#include "model_driver.h"

#define GR0		1
#define NVENC0		0x1b
#define US		1000ULL
#define MS		1000000ULL
#define LATENCY_US	20
#define CTXSW_NS	(100 * US)
#define EVENTS_MAX	4096

struct told {
	u32 event;
	u32 engine_id;
	u32 gfid;
	u64 arg;
	u64 at_ns;
};

extern struct told told[EVENTS_MAX];
extern u32 told_count;

/* A load while a test puts it together, and what came of it. */
struct work {
	struct nova_sim_load load;
	struct nova_sim_tenant tenant[64];
	struct nova_sim_draw draw[64][8];
	u8 *blob;
	size_t size;
	char err[200];
	struct nova_sim_result res;
	struct nova_sim_item *item;
	struct nova_sim_segment *seg;
};

struct drv *eng_boot(u32 jitter_us);
u32 eng_handle(u32 gfid, u32 engine_id, u32 i);
u32 eng_alloc(struct drv *d, u32 gfid, u32 engine_id, u32 i);
void eng_vgpu(struct drv *d, u32 gfid, u32 engine_id, u32 tsgs);
void eng_schedule(struct drv *d, u32 handle, bool on);
void eng_preempt(struct drv *d, u32 handle, bool wait, u32 timeout_us);
void eng_slice(struct drv *d, u32 handle, u64 us);
/* Takes all replies that are there. Returns how many. */
u32 eng_drain(struct drv *d);
/* [off, preempt and wait] for one channel group, on for another, at once. */
void eng_switch(struct drv *d, u32 from, u32 to);
u32 eng_told(u32 event, u32 gfid);

void work_init(struct work *w, u64 duration_ns);
struct nova_sim_tenant *work_tenant(struct work *w, u32 gfid, u32 arrival, u64 gap_ns,
				    u64 length_ns);
void work_blob(struct work *w);
int work_start(struct drv *d, struct work *w);
void work_result(struct drv *d, struct work *w);
/* Start, run to the end, take the results. */
void work_run(struct drv *d, struct work *w);
void work_end(struct work *w);
u64 work_ran(const struct work *w, u32 kind, u32 gfid);

#endif /* NOVABPF_TEST_ENGINE_DRIVER_H */
