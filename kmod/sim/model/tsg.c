// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channel groups and the engines they are made on.
 */
#include "internal.h"

/* Engines of the simulated chip by NV2080_ENGINE_TYPE. No MIG: one GR. */
static const struct {
	const char *name;
	u32 first;
	u32 count;
} gsim_engine_ids[] = {
	{ "GR", 0x01, 1 },
	{ "COPY", 0x09, 10 },
	{ "NVDEC", 0x13, 4 },
	{ "NVENC", 0x1b, 3 },
	{ "NVJPEG", 0x2b, 1 },
	{ "OFA", 0x33, 1 },
};

bool gsim_engine_known(u32 id)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gsim_engine_ids); i++)
		if (id - gsim_engine_ids[i].first < gsim_engine_ids[i].count)
			return true;
	return false;
}

void gsim_engine_name(u32 id, char *buf, size_t size)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gsim_engine_ids); i++)
		if (id - gsim_engine_ids[i].first < gsim_engine_ids[i].count)
			gsim_error(buf, size, "%s%u", gsim_engine_ids[i].name,
				   id - gsim_engine_ids[i].first);
}

static struct gsim_engine *gsim_engine_find(struct gsim *sim, u32 id)
{
	u32 i;

	for (i = 0; i < sim->eng.count; i++)
		if (sim->eng.e[i]->id == id)
			return sim->eng.e[i];
	return NULL;
}

static struct gsim_engine *gsim_engine_get(struct gsim *sim, u32 id)
{
	struct gsim_engine *e = gsim_engine_find(sim, id);

	if (e || sim->eng.count == GSIM_ENGINES)
		return e;
	e = gsim_alloc(sim, sizeof(*e));
	if (!e)
		return NULL;
	e->id = id;
	e->next_ns = GSIM_NEVER;
	e->stop_ns = GSIM_NEVER;
	e->slice_end_ns = GSIM_NEVER;
	sim->eng.e[sim->eng.count++] = e;
	return e;
}

static struct gsim_user *gsim_user_get(struct gsim *sim, struct gsim_engine *e, u32 gfid)
{
	struct gsim_user **p = &e->users;

	while (*p && (*p)->gfid != gfid)
		p = &(*p)->next;
	if (!*p) {
		*p = gsim_alloc(sim, sizeof(**p));
		if (*p)
			(*p)->gfid = gfid;
	}
	return *p;
}

static void gsim_user_put(struct gsim *sim, struct gsim_engine *e, struct gsim_user *user)
{
	struct gsim_user **p = &e->users;

	if (--user->tsgs)
		return;
	while (*p != user)
		p = &(*p)->next;
	*p = user->next;
	if (e->done == user)
		e->done = NULL;
	gsim_free(sim, user);
}

static struct gsim_tsg *gsim_tsg_of(const struct gsim_engine *e, u32 gfid, u32 index)
{
	struct gsim_tsg *tsg;

	for (tsg = e->tsgs; tsg; tsg = tsg->next)
		if (tsg->user->gfid == gfid && tsg->index == index)
			return tsg;
	return NULL;
}

struct gsim_tsg *gsim_tsg_find(struct gsim *sim, u32 engine_id, u32 gfid, u32 index)
{
	struct gsim_engine *e = gsim_engine_find(sim, engine_id);

	return e ? gsim_tsg_of(e, gfid, index) : NULL;
}

static u32 gsim_tsg_make(struct gsim *sim, struct gsim_object *obj, u32 engine_id)
{
	struct gsim_engine *e = gsim_engine_get(sim, engine_id);
	struct gsim_user *user = e ? gsim_user_get(sim, e, obj->gfid) : NULL;
	struct gsim_tsg *tsg, **p;

	if (!user)
		return NV_ERR_INSUFFICIENT_RESOURCES;
	user->tsgs++;
	/* The host's channel groups are not limited and have no tenant. */
	tsg = obj->gfid && user->tsgs > NOVA_SIM_TSGS_MAX ? NULL : gsim_alloc(sim, sizeof(*tsg));
	if (!tsg) {
		gsim_user_put(sim, e, user);
		return NV_ERR_INSUFFICIENT_RESOURCES;
	}
	tsg->engine = e;
	tsg->user = user;
	tsg->first = GSIM_NO_ITEM;
	while (obj->gfid && gsim_tsg_of(e, obj->gfid, tsg->index))
		tsg->index++;
	for (p = &e->tsgs; *p; p = &(*p)->next)
		;
	*p = tsg;
	obj->tsg = tsg;
	return NV_OK;
}

/* Parameters of an allocation of class KEPLER_CHANNEL_GROUP_A. Return: RM's status. */
u32 gsim_tsg_alloc(struct gsim *sim, struct gsim_object *obj, const u8 *params, u32 size)
{
	u32 engine_id, status;

	if (size < NOVA_WIRE_TSG_ALLOC_BYTES)
		return gsim_reject(sim, NV_ERR_INVALID_PARAM_STRUCT,
				   "channel group: parameters of %u bytes, want %u", size,
				   NOVA_WIRE_TSG_ALLOC_BYTES);
	engine_id = get_unaligned_le32(params + NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE);
	if (!gsim_engine_known(engine_id) || obj->gfid > GSIM_GFID_MAX)
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "channel group: engine type 0x%x, gfid %u", engine_id,
				   obj->gfid);
	status = gsim_tsg_make(sim, obj, engine_id);
	if (status)
		gsim_refuse(sim, "channel group: no more for gfid %u on engine 0x%x", obj->gfid,
			    engine_id);
	return status;
}

/* Joins the end of the runlist. */
void gsim_tsg_on(struct gsim_tsg *tsg)
{
	struct gsim_engine *e = tsg->engine;

	if (tsg->rl_next)
		return;
	if (e->turn) {
		tsg->rl_next = e->turn;
		tsg->rl_prev = e->turn->rl_prev;
		tsg->rl_prev->rl_next = tsg;
		tsg->rl_next->rl_prev = tsg;
	} else {
		tsg->rl_next = tsg;
		tsg->rl_prev = tsg;
		e->turn = tsg;
	}
	e->on++;
	if (tsg->items)
		e->ready++;
	e->look = true;
}

/* Leaves the runlist. A channel group on the engine stays there. */
void gsim_tsg_off(struct gsim_tsg *tsg)
{
	struct gsim_engine *e = tsg->engine;

	if (!tsg->rl_next)
		return;
	if (e->turn == tsg)
		e->turn = tsg->rl_next == tsg ? NULL : tsg->rl_next;
	tsg->rl_prev->rl_next = tsg->rl_next;
	tsg->rl_next->rl_prev = tsg->rl_prev;
	tsg->rl_next = NULL;
	tsg->rl_prev = NULL;
	e->on--;
	if (tsg->items)
		e->ready--;
	e->look = true;
}

void gsim_tsg_free(struct gsim *sim, struct gsim_tsg *tsg)
{
	struct gsim_engine *e = tsg->engine;
	struct gsim_tsg **p = &e->tsgs;
	u64 now = sim->eng.now_ns;

	gsim_engine_account(sim, e, now);
	gsim_tsg_off(tsg);
	if (e->cur == tsg)
		gsim_engine_leave(sim, e, now);
	if (e->loaded == tsg)
		e->loaded = NULL;
	gsim_act_forget(sim, tsg);
	gsim_load_forget(sim, tsg);
	gsim_channel_forget(sim, tsg);
	e->items -= tsg->items;
	tsg->user->items -= tsg->items;
	gsim_engine_idle(sim, e, tsg->user);
	gsim_user_put(sim, e, tsg->user);
	while (*p != tsg)
		p = &(*p)->next;
	*p = tsg->next;
	gsim_free(sim, tsg);
}

/* The firmware has stopped: drop all channel groups. */
void gsim_tsg_clear(struct gsim *sim)
{
	struct gsim_engines *eng = &sim->eng;
	u32 i;

	gsim_load_abort(sim);
	gsim_channel_clear(sim);
	gsim_act_drop_all(sim);
	for (i = 0; sim->objects && i < GSIM_OBJECTS; i++)
		sim->objects->o[i].tsg = NULL;
	for (i = 0; i < eng->count; i++) {
		while (eng->e[i]->tsgs) {
			struct gsim_tsg *tsg = eng->e[i]->tsgs;

			eng->e[i]->tsgs = tsg->next;
			gsim_free(sim, tsg);
		}
		while (eng->e[i]->users) {
			struct gsim_user *user = eng->e[i]->users;

			eng->e[i]->users = user->next;
			gsim_free(sim, user);
		}
		gsim_free(sim, eng->e[i]);
		eng->e[i] = NULL;
	}
	eng->count = 0;
}
