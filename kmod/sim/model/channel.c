// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: rings that a driver fills with work for a channel group. A doorbell
 * makes the model fetch what is new, a few entries ahead of what is done; the rest
 * waits in the ring. Whatever a ring holds is checked.
 */
#include "internal.h"

#define GSIM_WORK_NS_MAX	10000000000ULL

static u32 gsim_channel_item(const struct gsim_channel *ch, u32 slot)
{
	return GSIM_CHANNEL_ITEM | ch->index << GSIM_CHANNEL_SHIFT | slot;
}

struct gsim_channel *gsim_channel_of(struct gsim *sim, u32 item)
{
	return sim->eng.channel[(item & ~GSIM_CHANNEL_ITEM) >> GSIM_CHANNEL_SHIFT];
}

static bool gsim_chid_taken(struct gsim *sim, u32 engine_id, u32 chid)
{
	const struct gsim_channel *ch;
	u32 i;

	for (i = 0; i < sim->eng.channels; i++) {
		ch = sim->eng.channel[i];
		if (ch && ch->chid == chid && ch->tsg->engine->id == engine_id)
			return true;
	}
	return false;
}

/* A vGPU may use only the channels that BOOTLOAD gave it. */
static bool gsim_chid_fits(struct gsim *sim, u32 gfid, u32 engine_id, u32 chid)
{
	const struct gsim_vgpu *v = &sim->vgpus->v[gfid];

	return gsim_vgpu_exists(sim, gfid) && engine_id < GSIM_CHID_ENGINES &&
	       chid >= v->chid[engine_id] && chid - v->chid[engine_id] < v->chids;
}

static u32 gsim_channel_check(struct gsim *sim, const struct gsim_object *obj,
			      const struct gsim_channel *ch, u32 engine_id)
{
	if (!ch->entries || ch->entries > NOVA_CHANNEL_ENTRIES_MAX ||
	    (ch->entries & (ch->entries - 1)) || ch->ring_pa % NOVA_CHANNEL_ENTRY_BYTES ||
	    ch->userd_pa % NOVA_USERD_BYTES || !ch->ring_pa || !ch->userd_pa)
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "channel: ring of %u entries at 0x%llx, indices at 0x%llx",
				   ch->entries, (ull)ch->ring_pa, (ull)ch->userd_pa);
	if (engine_id != ch->tsg->engine->id)
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "channel: engine type 0x%x in a channel group of 0x%x",
				   engine_id, ch->tsg->engine->id);
	if (!gsim_chid_fits(sim, obj->gfid, engine_id, ch->chid) ||
	    gsim_chid_taken(sim, engine_id, ch->chid))
		return gsim_reject(sim, NV_ERR_INSUFFICIENT_RESOURCES,
				   "channel: number %u is not one that gfid %u may take", ch->chid,
				   obj->gfid);
	return NV_OK;
}

u32 gsim_channel_alloc(struct gsim *sim, struct gsim_object *obj, struct gsim_tsg *tsg,
		       const u8 *params, u32 size)
{
	struct gsim_channel *ch;
	u32 i, status;

	if (size < NOVA_WIRE_CHANNEL_BYTES)
		return gsim_reject(sim, NV_ERR_INVALID_PARAM_STRUCT,
				   "channel: parameters of %u bytes, want %u", size,
				   NOVA_WIRE_CHANNEL_BYTES);
	for (i = 0; i < sim->eng.channels; i++)
		if (!sim->eng.channel[i])
			break;
	ch = i < GSIM_CHANNELS ? gsim_alloc(sim, sizeof(*ch)) : NULL;
	if (!ch)
		return NV_ERR_INSUFFICIENT_RESOURCES;
	ch->index = i;
	ch->tsg = tsg;
	ch->ring_pa = get_unaligned_le64(params + NOVA_WIRE_CHANNEL_GPFIFO);
	ch->userd_pa = get_unaligned_le64(params + NOVA_WIRE_CHANNEL_USERD);
	ch->entries = get_unaligned_le32(params + NOVA_WIRE_CHANNEL_ENTRIES);
	ch->chid = get_unaligned_le32(params + NOVA_WIRE_CHANNEL_CID);
	status = gsim_channel_check(sim, obj, ch,
				    get_unaligned_le32(params + NOVA_WIRE_CHANNEL_ENGINE_TYPE));
	if (status) {
		gsim_free(sim, ch);
		return status;
	}
	sim->eng.channel[i] = ch;
	sim->eng.channels = max_t(u32, sim->eng.channels, i + 1);
	obj->channel = ch;
	return NV_OK;
}

u32 gsim_channel_token(const struct gsim_channel *ch)
{
	return ch->tsg->engine->id << 16 | ch->chid;
}

void gsim_channel_free(struct gsim *sim, struct gsim_channel *ch)
{
	u32 i;

	gsim_engine_remove(sim, ch->tsg, ch);
	sim->eng.channel[ch->index] = NULL;
	for (i = 0; i < GSIM_OBJECTS; i++)
		if (sim->objects->o[i].channel == ch)
			sim->objects->o[i].channel = NULL;
	gsim_free(sim, ch);
}

/* A channel group is freed, and its channels with it. */
void gsim_channel_forget(struct gsim *sim, const struct gsim_tsg *tsg)
{
	u32 i;

	for (i = 0; i < sim->eng.channels; i++)
		if (sim->eng.channel[i] && sim->eng.channel[i]->tsg == tsg)
			gsim_channel_free(sim, sim->eng.channel[i]);
}

/* The firmware has stopped, and channel groups are dropped without being freed one by one. */
void gsim_channel_clear(struct gsim *sim)
{
	u32 i;

	for (i = 0; sim->objects && i < GSIM_OBJECTS; i++)
		sim->objects->o[i].channel = NULL;
	for (i = 0; i < sim->eng.channels; i++) {
		gsim_free(sim, sim->eng.channel[i]);
		sim->eng.channel[i] = NULL;
	}
	sim->eng.channels = 0;
	sim->eng.rung = false;
}

/* A write to the doorbell register, under the register lock. */
void gsim_channel_ring(struct gsim *sim, u32 token)
{
	u32 chid = NV_DOORBELL_CHID(token);

	if (chid >= GSIM_CHIDS)
		return;
	sim->regs.rung[chid / 64] |= 1ULL << (chid % 64);
	sim->regs.channel_rung = true;
}

/* Doorbells that were rung since the last call; the rings tell the runlist. */
void gsim_channel_collect(struct gsim *sim)
{
	u64 rung[GSIM_CHIDS / 64];
	struct gsim_channel *ch;
	unsigned long flags;
	u32 i;

	if (!READ_ONCE(sim->regs.channel_rung))
		return;
	flags = gsim_lock(sim);
	memcpy(rung, sim->regs.rung, sizeof(rung));
	memset(sim->regs.rung, 0, sizeof(sim->regs.rung));
	sim->regs.channel_rung = false;
	gsim_unlock(sim, flags);
	for (i = 0; i < sim->eng.channels; i++) {
		ch = sim->eng.channel[i];
		if (!ch || !(rung[ch->chid / 64] >> (ch->chid % 64) & 1))
			continue;
		ch->rung = true;
		sim->eng.rung = true;
	}
}

/* The ring is bad: drop all of its work. */
static void gsim_channel_break(struct gsim *sim, struct gsim_channel *ch, const char *why)
{
	gsim_refuse(sim, "channel %u of gfid %u: %s", ch->chid, ch->tsg->user->gfid, why);
	ch->broken = true;
}

static bool gsim_channel_put(struct gsim *sim, struct gsim_channel *ch, u32 off, const void *buf,
			     u32 len)
{
	if (!gsim_fw_write(sim, ch->userd_pa + off, buf, len))
		return true;
	gsim_channel_break(sim, ch, "its indices cannot be written");
	return false;
}

static bool gsim_channel_fetch_one(struct gsim *sim, struct gsim_channel *ch, u32 slot, u64 now)
{
	u8 entry[NOVA_CHANNEL_ENTRY_BYTES];
	u64 length;

	if (gsim_fw_read(sim, ch->ring_pa + (u64)ch->get * sizeof(entry), entry, sizeof(entry))) {
		gsim_channel_break(sim, ch, "its ring cannot be read");
		return false;
	}
	length = get_unaligned_le64(entry);
	if (!length || length > GSIM_WORK_NS_MAX) {
		gsim_channel_break(sim, ch, "an entry of no length, or of too much");
		return false;
	}
	memset(&ch->item[slot], 0, sizeof(ch->item[slot]));
	ch->item[slot].pub.length_ns = length;
	ch->busy |= 1u << slot;
	ch->get = (ch->get + 1) & (ch->entries - 1);
	gsim_engine_work(sim, ch->tsg, gsim_channel_item(ch, slot), now);
	return true;
}

static void gsim_channel_fetch(struct gsim *sim, struct gsim_channel *ch, u64 now)
{
	u32 slot, was = ch->get, put;
	u8 word[4];

	ch->rung = false;
	if (ch->broken)
		return;
	if (gsim_fw_read(sim, ch->userd_pa + NOVA_USERD_GP_PUT, word, sizeof(word))) {
		gsim_channel_break(sim, ch, "its indices cannot be read");
		return;
	}
	put = get_unaligned_le32(word);
	if (put >= ch->entries) {
		gsim_channel_break(sim, ch, "GP_PUT is beyond its ring");
		return;
	}
	for (slot = 0; slot < GSIM_CHANNEL_DEPTH && ch->get != put; slot++)
		if (!(ch->busy >> slot & 1) && !gsim_channel_fetch_one(sim, ch, slot, now))
			break;
	if (ch->get == was)
		return;
	put_unaligned_le32(ch->get, word);
	gsim_channel_put(sim, ch, NOVA_USERD_GP_GET, word, sizeof(word));
}

void gsim_channel_run(struct gsim *sim, u64 now)
{
	u32 i;

	if (!sim->eng.rung)
		return;
	sim->eng.rung = false;
	for (i = 0; i < sim->eng.channels; i++)
		if (sim->eng.channel[i] && sim->eng.channel[i]->rung)
			gsim_channel_fetch(sim, sim->eng.channel[i], now);
}

/* Write the counter before reporting the item as done; its slot is free now. */
void gsim_channel_done_item(struct gsim *sim, u32 item)
{
	struct gsim_channel *ch = gsim_channel_of(sim, item);
	u8 word[8];

	ch->busy &= ~(1u << (item & (GSIM_CHANNEL_DEPTH - 1)));
	ch->done++;
	put_unaligned_le64(ch->done, word);
	gsim_channel_put(sim, ch, NOVA_USERD_DONE, word, sizeof(word));
	ch->rung = true;
	sim->eng.rung = true;
}
