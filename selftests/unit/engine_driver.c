// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "engine_driver.h"

struct told told[EVENTS_MAX];
u32 told_count;

static void on_event(struct drv *d, u32 event, u32 engine_id, u32 gfid, u64 arg)
{
	if (told_count < EVENTS_MAX)
		told[told_count++] = (struct told) { event, engine_id, gfid, arg, d->now_ns };
}

struct drv *eng_boot(u32 jitter_us)
{
	struct gsim_config cfg = {
		.abi = nova_abi_find("570.144"),
		.chip = "ga102",
		.fb_mb = 24576,
		.latency_us = LATENCY_US,
		.jitter_us = jitter_us,
		.inflight = 32,
		.seed = 1,
		.ctxsw_us = 7,
		.preempt_us = 7,
	};
	struct drv *d = drv_new_cfg(&cfg);

	d->engine = on_event;
	told_count = 0;
	if (drv_boot(d)) {
		fprintf(stderr, "# does not boot: %s\n", drv_status(d));
		abort();
	}
	drv_objects(d);
	return d;
}

u32 eng_handle(u32 gfid, u32 engine_id, u32 i)
{
	return 0xa6000000 | gfid << 12 | (engine_id & 15) << 8 | i;
}

u32 eng_alloc(struct drv *d, u32 gfid, u32 engine_id, u32 i)
{
	u8 params[NOVA_WIRE_TSG_ALLOC_BYTES] = { 0 };
	u32 status;

	put_unaligned_le32(engine_id, params + NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE);
	d->gfid = gfid;
	status = drv_alloc_with(d, DRV_CLIENT, DRV_DEVICE, eng_handle(gfid, engine_id, i),
				KEPLER_CHANNEL_GROUP_A, params, sizeof(params));
	d->gfid = 0;
	return status;
}

void eng_vgpu(struct drv *d, u32 gfid, u32 engine_id, u32 tsgs)
{
	u32 i;

	for (i = 0; i < tsgs; i++)
		if (eng_alloc(d, gfid, engine_id, i))
			abort();
}

void eng_schedule(struct drv *d, u32 handle, bool on)
{
	u8 params[NOVA_WIRE_TSG_SCHEDULE_BYTES] = { on };

	drv_post_control(d, handle, NOVA_WIRE_TSG_SCHEDULE, params, sizeof(params));
}

void eng_preempt(struct drv *d, u32 handle, bool wait, u32 timeout_us)
{
	u32 n = nova_msg_size(d->abi, NOVA_MSG_TSG_PREEMPT);
	u8 params[16] = { 0 };

	drv_put(d, NOVA_TSG_PREEMPT_WAIT, params, n, wait);
	drv_put(d, NOVA_TSG_PREEMPT_MANUAL_TIMEOUT, params, n, !!timeout_us);
	drv_put(d, NOVA_TSG_PREEMPT_TIMEOUT_US, params, n, timeout_us);
	drv_post_control(d, handle, NOVA_WIRE_TSG_PREEMPT, params, n);
}

void eng_slice(struct drv *d, u32 handle, u64 us)
{
	u8 params[8];

	put_unaligned_le64(us, params);
	drv_post_control(d, handle, NOVA_WIRE_TSG_SET_TIMESLICE, params, 8);
}

u32 eng_drain(struct drv *d)
{
	u32 n = 0;

	while (drv_recv(d, 0))
		if (d->rec.fn < NOVA_RPC_EVENT_FIRST)
			n++;
	return n;
}

void eng_switch(struct drv *d, u32 from, u32 to)
{
	if (from) {
		eng_schedule(d, from, false);
		eng_preempt(d, from, true, 0);
	}
	if (to)
		eng_schedule(d, to, true);
}

u32 eng_told(u32 event, u32 gfid)
{
	u32 i, n = 0;

	for (i = 0; i < told_count; i++)
		if (told[i].event == event && told[i].gfid == gfid)
			n++;
	return n;
}

void work_init(struct work *w, u64 duration_ns)
{
	memset(w, 0, sizeof(*w));
	w->load = (struct nova_sim_load) {
		.magic = NOVA_SIM_LOAD_MAGIC,
		.seed = 42,
		.duration_ns = duration_ns,
		.ctxsw_ns = CTXSW_NS,
		.tsg_slice_ns = 2 * MS,
		.segments = 100000,
	};
}

struct nova_sim_tenant *work_tenant(struct work *w, u32 gfid, u32 arrival, u64 gap_ns,
				    u64 length_ns)
{
	struct nova_sim_tenant *t = &w->tenant[w->load.tenants];

	w->draw[w->load.tenants++][0] = (struct nova_sim_draw) { gap_ns, length_ns };
	*t = (struct nova_sim_tenant) {
		.gfid = gfid,
		.engine_id = GR0,
		.tsgs = 1,
		.arrival = arrival,
		.stop_ns = w->load.duration_ns,
		.draws = 1,
	};
	return t;
}

void work_blob(struct work *w)
{
	u8 *p;
	u32 i;

	w->size = sizeof(w->load) + w->load.tenants * sizeof(w->tenant[0]);
	for (i = 0; i < w->load.tenants; i++)
		w->size += w->tenant[i].draws * sizeof(struct nova_sim_draw);
	free(w->blob);
	w->blob = malloc(w->size);
	p = w->blob;
	memcpy(p, &w->load, sizeof(w->load));
	p += sizeof(w->load);
	memcpy(p, w->tenant, w->load.tenants * sizeof(w->tenant[0]));
	p += w->load.tenants * sizeof(w->tenant[0]);
	for (i = 0; i < w->load.tenants; i++) {
		memcpy(p, w->draw[i], w->tenant[i].draws * sizeof(struct nova_sim_draw));
		p += w->tenant[i].draws * sizeof(struct nova_sim_draw);
	}
}

int work_start(struct drv *d, struct work *w)
{
	work_blob(w);
	told_count = 0;
	return gsim_load_start(d->sim, w->blob, w->size, w->err, sizeof(w->err));
}

/* In odd pieces, so that every seam of the answer is crossed somewhere. */
void work_result(struct drv *d, struct work *w)
{
	size_t have = 0, room, n;
	u8 *buf;

	if (gsim_load_result(d->sim, 0, &w->res, sizeof(w->res)) != sizeof(w->res))
		abort();
	room = sizeof(w->res) + w->res.items * sizeof(*w->item) +
	       w->res.segments * sizeof(*w->seg);
	buf = malloc(room + 61);
	while ((n = gsim_load_result(d->sim, have, buf + have, 61))) {
		have += n;
		if (have > room)
			abort();
	}
	if (have != room)
		abort();
	w->item = malloc(w->res.items * sizeof(*w->item) + 1);
	w->seg = malloc(w->res.segments * sizeof(*w->seg) + 1);
	memcpy(w->item, buf + sizeof(w->res), w->res.items * sizeof(*w->item));
	memcpy(w->seg, buf + sizeof(w->res) + w->res.items * sizeof(*w->item),
	       w->res.segments * sizeof(*w->seg));
	free(buf);
}

void work_run(struct drv *d, struct work *w)
{
	if (work_start(d, w)) {
		fprintf(stderr, "# load refused: %s\n", w->err);
		abort();
	}
	drv_run(d, w->load.duration_ns);
	if (!gsim_load_done(d->sim))
		abort();
	work_result(d, w);
}

void work_end(struct work *w)
{
	free(w->blob);
	free(w->item);
	free(w->seg);
	w->blob = NULL;
	w->item = NULL;
	w->seg = NULL;
}

u64 work_ran(const struct work *w, u32 kind, u32 gfid)
{
	u64 sum = 0, i;

	for (i = 0; i < w->res.segments; i++)
		if (w->seg[i].kind == kind && (!gfid || w->seg[i].gfid == gfid))
			sum += w->seg[i].end_ns - w->seg[i].start_ns;
	return sum;
}
