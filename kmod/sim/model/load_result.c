// SPDX-License-Identifier: GPL-2.0-only
/* Result of a load: items and segments, in chunks because their number is unknown beforehand. */
#include "load.h"

struct gsim_item *gsim_item(struct gsim *sim, u32 i)
{
	if (i & GSIM_CHANNEL_ITEM)
		return &gsim_channel_of(sim, i)->item[i & (GSIM_CHANNEL_DEPTH - 1)];
	return &sim->eng.load->items[i >> GSIM_CHUNK_SHIFT][i & (GSIM_CHUNK - 1)];
}

/* Return: number of a zeroed item, GSIM_NO_ITEM where there is no room. */
u32 gsim_item_new(struct gsim *sim)
{
	struct gsim_load *load = sim->eng.load;
	u32 i = (u32)load->total.items, chunk = i >> GSIM_CHUNK_SHIFT;

	if (i == GSIM_ITEMS_MAX)
		return GSIM_NO_ITEM;
	if (!load->items[chunk])
		load->items[chunk] = gsim_alloc(sim, GSIM_CHUNK * sizeof(struct gsim_item));
	if (!load->items[chunk])
		return GSIM_NO_ITEM;
	load->total.items++;
	return i;
}

/* State of the load, NULL without one. */
const struct nova_sim_result *gsim_load_total(const struct gsim *sim)
{
	return sim->eng.load ? &sim->eng.load->total : NULL;
}

struct nova_sim_result *gsim_totals(struct gsim *sim)
{
	return sim->eng.load && !sim->eng.load->done ? &sim->eng.load->total : &sim->eng.spare;
}

void gsim_segment(struct gsim *sim, u32 kind, const struct gsim_tsg *tsg, u64 start, u64 end)
{
	struct gsim_load *load = sim->eng.load;
	struct nova_sim_segment *s;
	u32 i, chunk;

	if (start == end || !load || load->done)
		return;
	i = (u32)load->total.segments;
	chunk = i >> GSIM_CHUNK_SHIFT;
	if (i < load->segments_max && !load->segments[chunk])
		load->segments[chunk] = gsim_alloc(sim, GSIM_CHUNK * sizeof(*s));
	if (i >= load->segments_max || !load->segments[chunk]) {
		load->total.segments_lost++;
		return;
	}
	s = &load->segments[chunk][i & (GSIM_CHUNK - 1)];
	s->kind = kind;
	s->engine_id = tsg->engine->id;
	s->gfid = tsg->user->gfid;
	s->tsg = tsg->index;
	/* A guest may have worked before the load began. */
	s->start_ns = start - min_t(u64, start, load->total.started_ns);
	s->end_ns = end - load->total.started_ns;
	load->total.segments++;
}

void gsim_result_free(struct gsim *sim, struct gsim_load *load)
{
	u32 i;

	if (!load)
		return;
	for (i = 0; i < GSIM_CHUNKS; i++) {
		gsim_free(sim, load->items[i]);
		gsim_free(sim, load->segments[i]);
	}
	gsim_free(sim, load->tenant);
	gsim_free(sim, load->draw);
	gsim_free(sim, load->source);
	gsim_free(sim, load->heap);
	gsim_free(sim, load);
}

/* Finds the part of the result that holds a byte. Return: the rest of that part. */
static size_t gsim_result_piece(struct gsim_load *load, u64 off, const void **from)
{
	const struct nova_sim_item *item;
	const struct nova_sim_segment *s;
	u64 n;

	if (off < sizeof(load->total)) {
		*from = (const u8 *)&load->total + off;
		return sizeof(load->total) - off;
	}
	off -= sizeof(load->total);
	n = div_u64(off, sizeof(*item));
	if (n < load->total.items) {
		off -= n * sizeof(*item);
		item = &load->items[n >> GSIM_CHUNK_SHIFT][n & (GSIM_CHUNK - 1)].pub;
		*from = (const u8 *)item + off;
		return sizeof(*item) - off;
	}
	off -= load->total.items * sizeof(*item);
	n = div_u64(off, sizeof(*s));
	if (n < load->total.segments) {
		off -= n * sizeof(*s);
		s = &load->segments[n >> GSIM_CHUNK_SHIFT][n & (GSIM_CHUNK - 1)];
		*from = (const u8 *)s + off;
		return sizeof(*s) - off;
	}
	return 0;
}

size_t gsim_load_result(struct gsim *sim, size_t off, void *buf, size_t size)
{
	size_t done = 0, n;
	const void *from;

	if (!gsim_load_done(sim))
		return 0;
	while (done < size) {
		n = gsim_result_piece(sim->eng.load, (u64)off + done, &from);
		if (!n)
			break;
		n = min_t(size_t, n, size - done);
		memcpy((u8 *)buf + done, from, n);
		done += n;
	}
	return done;
}
