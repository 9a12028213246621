// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels of a vGPU that has a client: the rings that the GPU reads. Rings lie in the
 * core's own memory, so a guest can neither change an entry after its check nor make the
 * GPU read other memory.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <novabpf/driver/channel.h>
#include <novabpf/driver/rm.h>
#include <novabpf/driver/vgpu.h>
#include "../gsp/gsp.h"
#include "vgpus.h"
#include "compat.h"

#define RING_BYTES	4096
#define RING_ENTRIES	(RING_BYTES / NOVA_CHANNEL_ENTRY_BYTES)
#define MEM_BYTES	(RING_BYTES + NOVA_USERD_BYTES)

/**
 * struct channel - one ring
 * @lock: guards @on, @put; any context, irqs off
 * @on: the firmware knows it
 * @put: entry to be written next
 * @token: what its doorbell is rung with
 * @engine_id: NV2080_ENGINE_TYPE
 * @mem: entries, then indices
 * @dma: of @mem
 */
struct channel {
	spinlock_t lock;	/* see above */
	bool on;
	u32 put;
	u32 token;
	u32 engine_id;
	void *mem;
	dma_addr_t dma;
};

struct nova_channels {
	struct list_head node;
	struct device *dma_dev;
	u32 nr;
	struct channel ch[NOVA_VGPU_CHANNELS_MAX];
};

static u32 channel_handle(u32 gfid, u32 i)
{
	return 0xc6000000 | gfid << 8 | i;
}

static void channel_free_memory(struct nova_channels *cs)
{
	u32 i;

	for (i = 0; i < NOVA_VGPU_CHANNELS_MAX; i++)
		if (cs->ch[i].mem)
			dma_free_coherent(cs->dma_dev, MEM_BYTES, cs->ch[i].mem, cs->ch[i].dma);
	kfree(cs);
}

static int channel_get_memory(struct nova_vgpu *v)
{
	struct nova_channels *cs;
	u32 i;

	if (v->channels)
		return 0;
	cs = kzalloc(sizeof(*cs), GFP_KERNEL);
	if (!cs)
		return -ENOMEM;
	cs->dma_dev = v->gpu->dma_dev;
	for (i = 0; i < NOVA_VGPU_CHANNELS_MAX; i++) {
		struct channel *ch = &cs->ch[i];

		spin_lock_init(&ch->lock);
		ch->mem = dma_alloc_coherent(cs->dma_dev, MEM_BYTES, &ch->dma, GFP_KERNEL);
		if (!ch->mem) {
			channel_free_memory(cs);
			return -ENOMEM;
		}
	}
	v->channels = cs;
	return 0;
}

static int channel_start_one(struct nova_vgpu *v, u32 i, u32 tsg, u32 engine_id, u32 chid)
{
	u8 token[NOVA_WIRE_CHANNEL_TOKEN_BYTES] = {}, params[NOVA_WIRE_CHANNEL_BYTES] = {};
	struct channel *ch = &v->channels->ch[i];
	u32 handle = channel_handle(v->gfid, i), class;
	int err;

	/* chip ids: architecture above implementation; GA100 is the first Ampere */
	class = v->gpu->chip->id < NOVA_CHIP_GA100 ? TURING_CHANNEL_GPFIFO_A :
						     AMPERE_CHANNEL_GPFIFO_A;
	memset(ch->mem, 0, MEM_BYTES);
	put_unaligned_le64(ch->dma, params + NOVA_WIRE_CHANNEL_GPFIFO);
	put_unaligned_le32(RING_ENTRIES, params + NOVA_WIRE_CHANNEL_ENTRIES);
	put_unaligned_le32(engine_id, params + NOVA_WIRE_CHANNEL_ENGINE_TYPE);
	put_unaligned_le32(chid, params + NOVA_WIRE_CHANNEL_CID);
	put_unaligned_le64(ch->dma + RING_BYTES, params + NOVA_WIRE_CHANNEL_USERD);
	err = nova_rm_alloc_for(v->gpu, v->gfid, v->client, tsg, handle, class, params,
				sizeof(params), NULL);
	if (!err)
		err = nova_rm_control_for(v->gpu, v->gfid, v->client, handle,
					  NOVA_WIRE_CHANNEL_TOKEN, token, sizeof(token), 0, NULL);
	if (err)
		return err;
	spin_lock_irq(&ch->lock);
	ch->put = 0;
	ch->engine_id = engine_id;
	ch->token = get_unaligned_le32(token);
	ch->on = true;
	spin_unlock_irq(&ch->lock);
	return 0;
}

/* Starts a channel for each channel group, NOVA_VGPU_CHANNELS_MAX at most. */
int nova_channels_start(struct nova_vgpu *v)
{
	struct nova_sched_tsg tsg;
	struct nova_placement p;
	u32 i, t, n = 0;
	int err;

	lockdep_assert_held(&v->lock);
	nova_placement_get(v->type, v->placement, &p);
	err = channel_get_memory(v);
	for (i = 0; i < NOVA_RUNLISTS_MAX; i++) {
		for (t = 0; n < NOVA_VGPU_CHANNELS_MAX && !err; t++, n++) {
			if (!nova_sched_get_tsg(&v->tenant, i, t, &tsg))
				break;
			err = channel_start_one(v, n, tsg.handle, tsg.engine_id, p.chid_base + t);
		}
	}
	if (!err)
		v->channels->nr = n;
	else if (v->channels)
		nova_channels_stop(v);
	return err;
}

void nova_channels_stop(struct nova_vgpu *v)
{
	u32 i;

	for (i = 0; v->channels && i < NOVA_VGPU_CHANNELS_MAX; i++) {
		struct channel *ch = &v->channels->ch[i];

		spin_lock_irq(&ch->lock);
		ch->on = false;
		spin_unlock_irq(&ch->lock);
	}
}

/*
 * A failed GPU, or one about to be reset, may still write to the ring. Keep the memory
 * until the reset is done.
 */
void nova_channels_free(struct nova_vgpu *v)
{
	if (nova_vgpu_lost(v) && READ_ONCE(v->gpu->gsp->state) != NOVA_GSP_READY)
		nova_channels_bury(v);
	if (v->channels)
		channel_free_memory(v->channels);
	v->channels = NULL;
}

void nova_channels_bury(struct nova_vgpu *v)
{
	struct nova_vgpus *vs = v->gpu->vgpus;

	mutex_lock(&vs->lock);
	if (v->channels)
		list_add(&v->channels->node, &vs->deferred_free);
	mutex_unlock(&vs->lock);
	v->channels = NULL;
}

/* With nova_vgpus.life held for writing, or after the last vGPU is gone. */
void nova_channels_reset(struct nova_vgpus *vs)
{
	struct nova_channels *cs, *tmp;

	list_for_each_entry_safe(cs, tmp, &vs->deferred_free, node)
		channel_free_memory(cs);
	INIT_LIST_HEAD(&vs->deferred_free);
}

void nova_channels_info(struct nova_vgpu *v, struct nova_vgpu_info *info)
{
	u32 i;

	info->channels = v->channels->nr;
	info->ring_entries = RING_ENTRIES - 1;
	for (i = 0; i < info->channels; i++)
		info->engine_id[i] = v->channels->ch[i].engine_id;
}

static struct channel *channel_find(struct nova_vgpu *v, u32 channel)
{
	return v->channels && channel < v->channels->nr ? &v->channels->ch[channel] : NULL;
}

static u32 channel_read_index(const struct channel *ch, u32 off)
{
	return le32_to_cpu(READ_ONCE(*(__le32 *)(ch->mem + RING_BYTES + off)));
}

/* The GPU's index is not trusted: whatever it says, the room is less than the ring. */
static u32 channel_room(const struct channel *ch)
{
	u32 get = channel_read_index(ch, NOVA_USERD_GP_GET) % RING_ENTRIES;

	return (get - ch->put - 1) % RING_ENTRIES;
}

static int channel_closed(const struct nova_vgpu *v)
{
	return READ_ONCE(v->cb) ? -EIO : -ENODEV;
}

static int channel_put_work(struct nova_vgpu *v, struct channel *ch,
			    const struct nova_vgpu_work *work,
			    u32 n)
{
	unsigned long flags;
	__le64 *ring = ch->mem;
	u32 i;

	spin_lock_irqsave(&ch->lock, flags);
	if (!ch->on) {
		spin_unlock_irqrestore(&ch->lock, flags);
		return channel_closed(v);
	}
	n = min(n, channel_room(ch));
	for (i = 0; i < n; i++) {
		ring[ch->put] = cpu_to_le64(work[i].length_ns);
		ch->put = (ch->put + 1) % RING_ENTRIES;
	}
	spin_unlock_irqrestore(&ch->lock, flags);
	return n;
}

int nova_vgpu_submit(struct nova_vgpu *v, u32 channel, const struct nova_vgpu_work *work, u32 n)
{
	struct channel *ch = channel_find(v, channel);
	u32 i;

	if (!ch)
		return v->channels ? -EINVAL : -ENODEV;
	n = min_t(u32, n, RING_ENTRIES);
	for (i = 0; i < n; i++)
		if (!work[i].length_ns || work[i].length_ns > NOVA_VGPU_WORK_NS_MAX)
			return -EINVAL;
	return channel_put_work(v, ch, work, n);
}
EXPORT_SYMBOL_NOVA(nova_vgpu_submit);

int nova_vgpu_doorbell(struct nova_vgpu *v, u32 channel)
{
	struct channel *ch = channel_find(v, channel);
	unsigned long flags;
	int err = 0;

	if (!ch)
		return v->channels ? -EINVAL : -ENODEV;
	spin_lock_irqsave(&ch->lock, flags);
	if (ch->on) {
		/* Entries first, then their index, then the doorbell. */
		dma_wmb();
		WRITE_ONCE(*(__le32 *)(ch->mem + RING_BYTES + NOVA_USERD_GP_PUT),
			   cpu_to_le32(ch->put));
		wmb();	/* the index is in memory before the GPU is told to read it */
		nova_wr32(v->gpu, NV_VIRTUAL_FUNCTION_DOORBELL, ch->token);
	} else {
		err = channel_closed(v);
	}
	spin_unlock_irqrestore(&ch->lock, flags);
	return err;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_doorbell);

u64 nova_vgpu_completed(struct nova_vgpu *v, u32 channel)
{
	struct channel *ch = channel_find(v, channel);

	return ch ? le64_to_cpu(READ_ONCE(*(__le64 *)(ch->mem + RING_BYTES + NOVA_USERD_DONE))) :
		    0;
}
EXPORT_SYMBOL_NOVA(nova_vgpu_completed);
