// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tenants: the time, channel group and length of arriving work. Lengths and gaps are drawn
 * by the writer of the load, so that the model adds no randomness.
 */
#include "load.h"

static bool gsim_load_runs(const struct gsim *sim)
{
	return sim->eng.load && !sim->eng.load->done;
}

/* Heap of sources by time of the next arrival, then by number. */

static bool gsim_source_before(const struct gsim_load *load, u32 a, u32 b)
{
	u64 x = load->source[a].at_ns, y = load->source[b].at_ns;

	return x < y || (x == y && a < b);
}

static void gsim_heap_push(struct gsim_load *load, u32 source)
{
	u32 i = load->heaped++, up;

	for (; i; i = up) {
		up = (i - 1) / 2;
		if (!gsim_source_before(load, source, load->heap[up]))
			break;
		load->heap[i] = load->heap[up];
	}
	load->heap[i] = source;
}

static u32 gsim_heap_pop(struct gsim_load *load)
{
	u32 top = load->heap[0], moved = load->heap[--load->heaped], i = 0, down;

	while ((down = 2 * i + 1) < load->heaped) {
		if (down + 1 < load->heaped &&
		    gsim_source_before(load, load->heap[down + 1], load->heap[down]))
			down++;
		if (!gsim_source_before(load, load->heap[down], moved))
			break;
		load->heap[i] = load->heap[down];
		i = down;
	}
	load->heap[i] = moved;
	return top;
}

/* The next arrival of a source, its gap counted from a time. */
static void gsim_source_next(struct gsim_load *load, u32 source, u64 from)
{
	struct gsim_source *s = &load->source[source];
	struct gsim_tenant *t = s->tenant;
	const struct nova_sim_draw *d = &t->draw[t->next_draw];
	u64 at = gsim_later(from, d->gap_ns), start = load->total.started_ns;

	t->next_draw = t->next_draw + 1 == t->def.draws ? 0 : t->next_draw + 1;
	if (at >= load->end_ns || at - start >= t->def.stop_ns)
		return;
	s->at_ns = at;
	s->length_ns = d->length_ns;
	gsim_heap_push(load, source);
}

static bool gsim_arrival_dropped(struct gsim *sim, const struct gsim_tenant *t)
{
	if (t->def.arrival == NOVA_SIM_CLOSED)
		return false;
	if (t->def.arrival == NOVA_SIM_FRAME && t->last != GSIM_NO_ITEM &&
	    gsim_item(sim, t->last)->pub.flags & NOVA_SIM_ITEM_UNFINISHED)
		return true;
	return t->def.queue_max && t->waiting >= t->def.queue_max;
}

static void gsim_arrive(struct gsim *sim, u32 source)
{
	struct gsim_load *load = sim->eng.load;
	struct gsim_source *s = &load->source[source];
	struct gsim_tenant *t = s->tenant;
	bool closed = t->def.arrival == NOVA_SIM_CLOSED;
	struct nova_sim_item *it;
	u64 at = s->at_ns;
	u32 item;

	if (t->gone)
		return;
	item = gsim_item_new(sim);
	if (item == GSIM_NO_ITEM) {
		gsim_refuse(sim, "load: ended after %llu items: no room for more",
			    (ull)load->total.items);
		load->end_ns = at;
		return;
	}
	it = &gsim_item(sim, item)->pub;
	it->tenant = (u32)(t - load->tenant);
	it->index = t->arrived++;
	it->arrival_ns = at - load->total.started_ns;
	it->length_ns = s->length_ns;
	it->tsg = closed ? s->loop : t->turn;
	it->flags = gsim_arrival_dropped(sim, t) ? NOVA_SIM_ITEM_DROPPED :
						   NOVA_SIM_ITEM_UNFINISHED;
	if (!closed)
		gsim_source_next(load, source, at);
	if (it->flags & NOVA_SIM_ITEM_DROPPED)
		return;
	t->turn = (t->turn + 1) % t->def.tsgs;
	t->waiting++;
	t->last = item;
	gsim_engine_work(sim, t->tsg[it->tsg], item, at);
}

void gsim_load_begin_item(struct gsim *sim, u32 item, u64 now)
{
	struct gsim_load *load = sim->eng.load;
	struct nova_sim_item *it = &gsim_item(sim, item)->pub;

	if (item & GSIM_CHANNEL_ITEM || gsim_item(sim, item)->begun)
		return;
	gsim_item(sim, item)->begun = true;
	it->start_ns = now - load->total.started_ns;
	load->tenant[it->tenant].waiting--;
}

void gsim_load_done_item(struct gsim *sim, u32 item, u64 now)
{
	struct gsim_load *load = sim->eng.load;
	struct nova_sim_item *it = &gsim_item(sim, item)->pub;
	struct gsim_tenant *t;

	if (item & GSIM_CHANNEL_ITEM) {
		gsim_channel_done_item(sim, item);
		return;
	}
	t = &load->tenant[it->tenant];
	it->done_ns = now - load->total.started_ns;
	it->flags &= ~NOVA_SIM_ITEM_UNFINISHED;
	if (t->def.arrival == NOVA_SIM_CLOSED)
		gsim_source_next(load, t->source + it->tsg, now);
}

u64 gsim_load_grain(struct gsim *sim, u32 item)
{
	if (item & GSIM_CHANNEL_ITEM)
		return 0;
	return sim->eng.load->tenant[gsim_item(sim, item)->pub.tenant].def.grain_ns;
}

/* The channel group is freed, and its waiting work never runs. */
void gsim_load_forget(struct gsim *sim, const struct gsim_tsg *tsg)
{
	struct gsim_load *load = sim->eng.load;
	u32 i, k;

	if (!gsim_load_runs(sim))
		return;
	for (i = 0; i < load->def.tenants; i++)
		for (k = 0; k < load->tenant[i].def.tsgs; k++)
			if (load->tenant[i].tsg[k] == tsg)
				load->tenant[i].gone = true;
}

static void gsim_load_end(struct gsim *sim, u64 now)
{
	struct gsim_load *load = sim->eng.load;
	u32 i;

	for (i = 0; i < sim->eng.count; i++)
		gsim_engine_empty(sim, sim->eng.e[i], now);
	load->total.ended_ns = now - load->total.started_ns;
	load->done = true;
	gsim_engines_defaults(sim);
}

static void gsim_load_tell_idle(struct gsim *sim)
{
	struct gsim_user *user;
	u32 i;

	for (i = 0; i < sim->eng.count; i++)
		for (user = sim->eng.e[i]->users; user; user = user->next)
			gsim_engine_idle(sim, sim->eng.e[i], user);
}

u64 gsim_load_next(const struct gsim *sim)
{
	const struct gsim_load *load = sim->eng.load;

	if (!gsim_load_runs(sim))
		return GSIM_NEVER;
	return load->heaped ? min_t(u64, load->end_ns, load->source[load->heap[0]].at_ns) :
			      load->end_ns;
}

/* Arrivals that are due, then the end. */
void gsim_load_run(struct gsim *sim, u64 now)
{
	struct gsim_load *load = sim->eng.load;

	if (!gsim_load_runs(sim))
		return;
	while (load->heaped && load->source[load->heap[0]].at_ns <= now && now < load->end_ns)
		gsim_arrive(sim, gsim_heap_pop(load));
	if (now < load->end_ns)
		return;
	gsim_load_end(sim, now);
	gsim_load_tell_idle(sim);
}

void gsim_load_abort(struct gsim *sim)
{
	if (gsim_load_runs(sim))
		gsim_load_end(sim, sim->eng.now_ns);
}

void gsim_load_stop(struct gsim *sim)
{
	gsim_engines_run(sim, gsim_now(sim));
	if (!gsim_load_runs(sim))
		return;
	gsim_load_abort(sim);
	gsim_load_tell_idle(sim);
	sim->port.kick(sim->ctx);
}

bool gsim_load_done(const struct gsim *sim)
{
	return sim->eng.load && sim->eng.load->done;
}

void gsim_load_free(struct gsim *sim)
{
	gsim_load_stop(sim);
	gsim_result_free(sim, sim->eng.load);
	sim->eng.load = NULL;
}

static struct gsim_load *gsim_load_copy(struct gsim *sim, const u8 *blob)
{
	struct gsim_load *load = gsim_alloc(sim, sizeof(*load));
	struct nova_sim_tenant def;
	u32 i, draws = 0;

	if (!load)
		return NULL;
	memcpy(&load->def, blob, sizeof(load->def));
	load->tenant = gsim_alloc(sim, load->def.tenants * sizeof(*load->tenant));
	blob += sizeof(load->def);
	for (i = 0; load->tenant && i < load->def.tenants; i++) {
		memcpy(&def, blob + i * sizeof(def), sizeof(def));
		load->tenant[i].def = def;
		load->tenant[i].last = GSIM_NO_ITEM;
		load->tenant[i].source = load->sources;
		load->sources += def.arrival == NOVA_SIM_CLOSED ? def.tsgs : 1;
		draws += def.draws;
	}
	load->draw = gsim_alloc(sim, (size_t)draws * sizeof(*load->draw));
	load->source = gsim_alloc(sim, load->sources * sizeof(*load->source));
	load->heap = gsim_alloc(sim, load->sources * sizeof(*load->heap));
	if (!load->tenant || !load->draw || !load->source || !load->heap) {
		gsim_result_free(sim, load);
		return NULL;
	}
	memcpy(load->draw, blob + load->def.tenants * sizeof(def), draws * sizeof(*load->draw));
	for (i = draws = 0; i < load->def.tenants; i++) {
		load->tenant[i].draw = load->draw + draws;
		draws += load->tenant[i].def.draws;
	}
	return load;
}

/* Return: 0, or -ENOENT with one line in @err. */
static int gsim_load_bind(struct gsim *sim, struct gsim_load *load, char *err, size_t err_size)
{
	char engine[16];
	u32 i, k, n;

	for (i = 0; i < load->def.tenants; i++) {
		struct gsim_tenant *t = &load->tenant[i];

		for (k = 0; k < t->def.tsgs; k++) {
			t->tsg[k] = gsim_tsg_find(sim, t->def.engine_id, t->def.gfid, k);
			if (t->tsg[k])
				continue;
			gsim_engine_name(t->def.engine_id, engine, sizeof(engine));
			gsim_error(err, err_size,
				   "tenant %u: vGPU %u has %u channel groups on %s, not %u", i,
				   t->def.gfid, k, engine, t->def.tsgs);
			return -ENOENT;
		}
		n = t->def.arrival == NOVA_SIM_CLOSED ? t->def.tsgs : 1;
		for (k = 0; k < n; k++) {
			load->source[t->source + k].tenant = t;
			load->source[t->source + k].loop = k;
		}
		/* Each engine counts once: with the first tenant that it has. */
		for (k = 0; k < i && load->tenant[k].def.engine_id != t->def.engine_id; k++)
			;
		if (k == i)
			load->total.engines++;
	}
	return 0;
}

int gsim_load_start(struct gsim *sim, const void *blob, size_t size, char *err, size_t err_size)
{
	struct gsim_load *load;
	u64 now;
	int ret;
	u32 i;

	if (gsim_load_runs(sim)) {
		gsim_error(err, err_size, "a load runs already");
		return -EBUSY;
	}
	ret = gsim_load_check(blob, size, err, err_size);
	if (ret)
		return ret;
	load = gsim_load_copy(sim, blob);
	if (!load) {
		gsim_error(err, err_size, "no memory for a load of %zu bytes", size);
		return -ENOMEM;
	}
	ret = gsim_load_bind(sim, load, err, err_size);
	if (ret) {
		gsim_result_free(sim, load);
		return ret;
	}
	gsim_load_free(sim);
	now = max_t(u64, gsim_now(sim), sim->eng.now_ns);
	gsim_engine_books(sim, now);
	sim->eng.load = load;
	sim->eng.ctxsw_ns = load->def.ctxsw_ns;
	sim->eng.preempt_ns = load->def.preempt_ns;
	if (load->def.tsg_slice_ns)
		sim->eng.slice_ns = load->def.tsg_slice_ns;
	gsim_streams_seed(sim, load->def.seed);
	load->total.magic = NOVA_SIM_RESULT_MAGIC;
	load->total.started_ns = now;
	load->end_ns = now + load->def.duration_ns;
	load->segments_max = min_t(u32, load->def.segments, GSIM_SEGMENTS_MAX);
	for (i = 0; i < load->sources; i++)
		gsim_source_next(load, i,
				 gsim_later(now, load->source[i].tenant->def.start_ns));
	sim->port.kick(sim->ctx);
	return 0;
}
