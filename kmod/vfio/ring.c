// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels of a guest: rings in its memory. Entries are copied and checked here, and
 * the copies are given to the GPU; so what a guest does to its ring meanwhile has no
 * effect. The guest gets an answer in its own memory, where it said so.
 *
 * All that a guest says is believed only as far as it was checked, and work for one
 * doorbell is bounded: whatever does not fit the GPU's ring waits in the guest's.
 */
#include "vfio.h"

#define BATCH		32	/* entries copied at once */
#define ROUNDS_MAX	32	/* batches of a channel before the next channel's turn */

static_assert(sizeof(struct nova_guest_work) == 16);
static_assert(NOVA_GUEST_CHANNELS_MAX == NOVA_VGPU_CHANNELS_MAX);
static_assert(NOVA_GUEST_VECTOR_EVENT == NOVA_GUEST_CHANNELS_MAX);
static_assert(NOVA_GUEST_VECTOR_EVENT + 1 == NOVA_GUEST_VECTORS);
static_assert(NOVA_GUEST_CHANNEL(NOVA_GUEST_CHANNELS_MAX) <= NOVA_GUEST_DOORBELL(0));
static_assert(NOVA_GUEST_MSIX_TABLE + 16 * NOVA_GUEST_VECTORS <= NOVA_GUEST_MSIX_PBA);
static_assert(NOVA_GUEST_MSIX_PBA + 8 <= NOVA_GUEST_REGS_BYTES);

static u64 ring_reg64(const struct nova_vfio_channel *ch, u32 lo, u32 hi)
{
	return (u64)ch->reg[hi / 4] << 32 | ch->reg[lo / 4];
}

static void ring_let_go(struct nova_vfio_dev *d, struct nova_vfio_channel *ch)
{
	nova_vfio_mem_put(d, &ch->ring);
	nova_vfio_mem_put(d, &ch->fence);
}

static void ring_fail(struct nova_vfio_dev *d, u32 n, u32 error)
{
	ring_let_go(d, &d->ch[n]);
	d->ch[n].state = NOVA_GUEST_FAILED;
	d->ch[n].error = error;
	nova_vfio_raise(&d->irqs, NOVA_GUEST_INTR_CHANNEL(n));
}

static void ring_go(struct nova_vfio_dev *d, struct nova_vfio_channel *ch, u64 ring, u64 fence)
{
	nova_vfio_mem_get(d, &ch->ring, ring, ch->entries * (u64)sizeof(struct nova_guest_work),
			  false);
	if (fence)
		nova_vfio_mem_get(d, &ch->fence, fence, sizeof(__le64), true);
	ch->state = NOVA_GUEST_ON;
}

static void ring_switch_on(struct nova_vfio_dev *d, u32 n)
{
	struct nova_vfio_channel *ch = &d->ch[n];
	u64 ring = ring_reg64(ch, NOVA_GUEST_RING_LO, NOVA_GUEST_RING_HI);
	u64 fence = ring_reg64(ch, NOVA_GUEST_FENCE_LO, NOVA_GUEST_FENCE_HI);
	u64 bytes;

	ch->entries = ch->reg[NOVA_GUEST_RING_ENTRIES / 4];
	bytes = ch->entries * (u64)sizeof(struct nova_guest_work);
	ch->error = NOVA_GUEST_ERR_NONE;
	ch->get = 0;
	ch->put = 0;
	ch->done = nova_vgpu_completed(d->vgpu, n);
	ch->base = ch->done;
	ch->fenced = ch->done;
	if (READ_ONCE(d->lost))
		ring_fail(d, n, NOVA_GUEST_ERR_LOST);
	else if (ch->done != ch->sent)
		ring_fail(d, n, NOVA_GUEST_ERR_BUSY);
	else if (!ch->entries || ch->entries > NOVA_GUEST_RING_ENTRIES_MAX ||
		 (ch->entries & (ch->entries - 1)) || ring % 16 || fence % 8 ||
		 ring + bytes < ring)
		ring_fail(d, n, NOVA_GUEST_ERR_RING);
	else
		ring_go(d, ch, ring, fence);
}

u32 nova_vfio_channel_read(struct nova_vfio_dev *d, u32 n, u32 off)
{
	struct nova_vfio_channel *ch = &d->ch[n];

	switch (off) {
	case NOVA_GUEST_RING_LO ... NOVA_GUEST_FENCE_HI:
		return ch->reg[off / 4];
	case NOVA_GUEST_CHANNEL_CTRL:
		return ch->state != NOVA_GUEST_OFF;
	case NOVA_GUEST_CHANNEL_STATE:
		return ch->state;
	case NOVA_GUEST_CHANNEL_ERROR:
		return ch->error;
	case NOVA_GUEST_CHANNEL_ENGINE:
		return d->info.engine_id[n];
	case NOVA_GUEST_CHANNEL_GET:
		return ch->get;
	case NOVA_GUEST_CHANNEL_DONE:
		return (u32)(ch->done - ch->base);
	default:
		return 0;
	}
}

void nova_vfio_channel_write(struct nova_vfio_dev *d, u32 n, u32 off, u32 val)
{
	struct nova_vfio_channel *ch = &d->ch[n];

	if (off <= NOVA_GUEST_FENCE_HI) {
		ch->reg[off / 4] = val;
	} else if (off == NOVA_GUEST_CHANNEL_CTRL && !val) {
		ring_let_go(d, ch);
		ch->state = NOVA_GUEST_OFF;
		ch->error = NOVA_GUEST_ERR_NONE;
	} else if (off == NOVA_GUEST_CHANNEL_CTRL && val == 1 && ch->state == NOVA_GUEST_OFF) {
		ring_switch_on(d, n);
	}
}

void nova_vfio_doorbell(struct nova_vfio_dev *d, u32 n, u32 put)
{
	struct nova_vfio_channel *ch = &d->ch[n];

	if (ch->state != NOVA_GUEST_ON)
		return;
	ch->put = put;
	if (put - ch->get > ch->entries)
		ring_fail(d, n, NOVA_GUEST_ERR_DOORBELL);
	else
		queue_work(nova_vfio_wq, &d->work);
}

void nova_vfio_rings_reset(struct nova_vfio_dev *d)
{
	u32 i;

	for (i = 0; i < NOVA_GUEST_CHANNELS_MAX; i++)
		ring_let_go(d, &d->ch[i]);
	memset(d->ch, 0, sizeof(d->ch));
}

/* Copies a contiguous run of entries. Return: entries, or -errno. */
static int ring_copy_batch(struct nova_vfio_dev *d, struct nova_vfio_channel *ch,
			   struct nova_guest_work *in)
{
	u32 at = ch->get & (ch->entries - 1);
	u32 n = min3(ch->put - ch->get, ch->entries - at, (u32)BATCH);

	return nova_vfio_mem_read(d, &ch->ring, at * (u64)sizeof(*in), in, n * sizeof(*in)) ?: n;
}

static bool ring_check_batch(const struct nova_guest_work *in, struct nova_vgpu_work *out, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		out[i].length_ns = le64_to_cpu(in[i].length_ns);
		if (in[i].reserved || !out[i].length_ns ||
		    out[i].length_ns > NOVA_VGPU_WORK_NS_MAX)
			return false;
	}
	return true;
}

/* Return: whether more entries may be available. */
static bool ring_take_batch(struct nova_vfio_dev *d, u32 n)
{
	struct nova_vfio_channel *ch = &d->ch[n];
	struct nova_guest_work in[BATCH];
	struct nova_vgpu_work out[BATCH];
	int got, taken;

	if (ch->state != NOVA_GUEST_ON || ch->get == ch->put)
		return false;
	got = ring_copy_batch(d, ch, in);
	if (got < 0) {
		ring_fail(d, n, NOVA_GUEST_ERR_DMA);
		return false;
	}
	if (!ring_check_batch(in, out, got)) {
		ring_fail(d, n, NOVA_GUEST_ERR_WORK);
		return false;
	}
	taken = nova_vgpu_submit(d->vgpu, n, out, got);
	if (taken < 0) {
		ring_fail(d, n, NOVA_GUEST_ERR_LOST);
		return false;
	}
	ch->get += taken;
	ch->sent += taken;
	nova_vgpu_doorbell(d->vgpu, n);
	/*
	 * The ring is full. Finished work makes room and raises an interrupt, which resumes here.
	 */
	return taken == got;
}

static void ring_tell_done(struct nova_vfio_dev *d, u32 n)
{
	struct nova_vfio_channel *ch = &d->ch[n];

	ch->done = nova_vgpu_completed(d->vgpu, n);
	if (ch->done == ch->fenced)
		return;
	ch->fenced = ch->done;
	if (ch->fence.bytes && ch->state == NOVA_GUEST_ON &&
	    nova_vfio_mem_write64(d, &ch->fence, ch->done - ch->base))
		ring_fail(d, n, NOVA_GUEST_ERR_DMA);
	else
		nova_vfio_raise(&d->irqs, NOVA_GUEST_INTR_CHANNEL(n));
}

static bool ring_serve(struct nova_vfio_dev *d, u32 n)
{
	bool more;

	mutex_lock(&d->lock);
	if (READ_ONCE(d->lost) && d->ch[n].state == NOVA_GUEST_ON)
		ring_fail(d, n, NOVA_GUEST_ERR_LOST);
	more = d->open && nova_cfg_bus_master(&d->cfg);
	if (more) {
		ring_tell_done(d, n);
		more = ring_take_batch(d, n);
	}
	mutex_unlock(&d->lock);
	return more;
}

/* Drop the lock after each batch: the guest's register accesses wait for it. */
void nova_vfio_work(struct work_struct *work)
{
	struct nova_vfio_dev *d = container_of(work, struct nova_vfio_dev, work);
	u32 n, round;
	bool again = false;

	for (n = 0; n < d->info.channels; n++) {
		for (round = 0; round < ROUNDS_MAX && ring_serve(d, n); round++)
			cond_resched();
		again |= round == ROUNDS_MAX;
	}
	if (again)
		queue_work(nova_vfio_wq, &d->work);
}
