// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of a vGPU: INTx, MSI and MSI-X by eventfd. An interrupt without an eventfd
 * stays pending until one is set, because a VMM replaces eventfds while the guest sets its
 * interrupts up.
 */
#include <linux/slab.h>
#include "compat.h"
#include "vfio.h"

static const enum nova_vfio_mode modes[] = {
	[VFIO_PCI_INTX_IRQ_INDEX] = NOVA_VFIO_INTX,
	[VFIO_PCI_MSI_IRQ_INDEX] = NOVA_VFIO_MSI,
	[VFIO_PCI_MSIX_IRQ_INDEX] = NOVA_VFIO_MSIX,
};

static u32 virq_irqs_of(u32 index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? NOVA_GUEST_VECTORS : 1;
}

void nova_vfio_irq_init(struct nova_vfio_irqs *irqs)
{
	memset(irqs, 0, sizeof(*irqs));
	spin_lock_init(&irqs->lock);
}

int nova_vfio_irq_info(struct vfio_irq_info *info)
{
	if (info->index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info->flags = VFIO_IRQ_INFO_EVENTFD;
	info->count = virq_irqs_of(info->index);
	if (info->index == VFIO_PCI_INTX_IRQ_INDEX)
		info->flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	return 0;
}

static bool virq_level(const struct nova_vfio_irqs *irqs)
{
	return (irqs->status & irqs->enable) && !irqs->intx_off;
}

/* INTx masks itself when it is signalled; the user unmasks it. With the lock held. */
static void virq_update_intx(struct nova_vfio_irqs *irqs)
{
	if (irqs->mode != NOVA_VFIO_INTX || irqs->intx_masked || !irqs->vector[0] ||
	    !virq_level(irqs))
		return;
	irqs->intx_masked = true;
	nova_eventfd_signal(irqs->vector[0]);
}

/* Signals the pending messages that have an eventfd. With the lock held. */
static void virq_send_pending(struct nova_vfio_irqs *irqs)
{
	u32 i;

	if (irqs->mode == NOVA_VFIO_MSI && irqs->pending && irqs->vector[0]) {
		irqs->pending = 0;
		nova_eventfd_signal(irqs->vector[0]);
	}
	for (i = 0; irqs->mode == NOVA_VFIO_MSIX && i < NOVA_GUEST_VECTORS; i++) {
		if (!(irqs->pending & BIT(i)) || !irqs->vector[i])
			continue;
		irqs->pending &= ~BIT(i);
		nova_eventfd_signal(irqs->vector[i]);
	}
}

static u32 virq_vectors_of(u32 bits)
{
	u32 vectors = bits & (BIT(NOVA_GUEST_CHANNELS_MAX) - 1);

	return bits & NOVA_GUEST_INTR_EVENT ? vectors | BIT(NOVA_GUEST_VECTOR_EVENT) : vectors;
}

void nova_vfio_raise(struct nova_vfio_irqs *irqs, u32 bits)
{
	unsigned long flags;

	spin_lock_irqsave(&irqs->lock, flags);
	irqs->status |= bits;
	irqs->pending |= virq_vectors_of(bits & irqs->enable);
	virq_send_pending(irqs);
	virq_update_intx(irqs);
	spin_unlock_irqrestore(&irqs->lock, flags);
}

void nova_vfio_raise_err(struct nova_vfio_irqs *irqs)
{
	unsigned long flags;

	spin_lock_irqsave(&irqs->lock, flags);
	if (irqs->err)
		nova_eventfd_signal(irqs->err);
	spin_unlock_irqrestore(&irqs->lock, flags);
}

bool nova_vfio_raise_req(struct nova_vfio_irqs *irqs)
{
	bool heard;

	spin_lock_irq(&irqs->lock);
	heard = irqs->req;
	if (heard)
		nova_eventfd_signal(irqs->req);
	spin_unlock_irq(&irqs->lock);
	return heard;
}

u32 nova_vfio_irq_read(struct nova_vfio_irqs *irqs, u32 reg)
{
	return reg == NOVA_GUEST_INTR_STATUS ? READ_ONCE(irqs->status) : READ_ONCE(irqs->enable);
}

/* Enabling a bit that is set raises its interrupt. */
void nova_vfio_irq_write(struct nova_vfio_irqs *irqs, u32 reg, u32 val)
{
	u32 known = NOVA_GUEST_INTR_EVENT | (BIT(NOVA_GUEST_CHANNELS_MAX) - 1), was;

	spin_lock_irq(&irqs->lock);
	if (reg == NOVA_GUEST_INTR_STATUS) {
		irqs->status &= ~val;
		irqs->pending &= ~virq_vectors_of(val);
	} else {
		was = irqs->enable;
		irqs->enable = val & known;
		irqs->pending &= virq_vectors_of(irqs->enable);
		irqs->pending |= virq_vectors_of(irqs->status & irqs->enable & ~was);
		virq_send_pending(irqs);
	}
	virq_update_intx(irqs);
	spin_unlock_irq(&irqs->lock);
}

void nova_vfio_intx_off(struct nova_vfio_irqs *irqs, bool off)
{
	spin_lock_irq(&irqs->lock);
	irqs->intx_off = off;
	virq_update_intx(irqs);
	spin_unlock_irq(&irqs->lock);
}

bool nova_vfio_intx_level(struct nova_vfio_irqs *irqs)
{
	return READ_ONCE(irqs->status) & READ_ONCE(irqs->enable);
}

u32 nova_vfio_irq_pending(struct nova_vfio_irqs *irqs)
{
	return READ_ONCE(irqs->pending);
}

void nova_vfio_irq_reset(struct nova_vfio_irqs *irqs)
{
	spin_lock_irq(&irqs->lock);
	irqs->status = 0;
	irqs->enable = 0;
	irqs->pending = 0;
	irqs->intx_off = false;
	spin_unlock_irq(&irqs->lock);
}

/* Stores @ctx, which may be NULL, in @at, and puts the former one. */
static void virq_exchange(struct nova_vfio_irqs *irqs, struct eventfd_ctx **at,
			  struct eventfd_ctx *ctx)
{
	struct eventfd_ctx *old;

	spin_lock_irq(&irqs->lock);
	old = *at;
	*at = ctx;
	virq_send_pending(irqs);
	virq_update_intx(irqs);
	spin_unlock_irq(&irqs->lock);
	if (old)
		eventfd_ctx_put(old);
}

static void virq_unmask_by_none(struct nova_vfio_irqs *irqs)
{
	nova_virqfd_disable(&irqs->unmask);
	if (irqs->unmask_by)
		eventfd_ctx_put(irqs->unmask_by);
	irqs->unmask_by = NULL;
}

static void virq_disable_vectors(struct nova_vfio_irqs *irqs)
{
	u32 i;

	virq_unmask_by_none(irqs);
	for (i = 0; i < NOVA_GUEST_VECTORS; i++)
		virq_exchange(irqs, &irqs->vector[i], NULL);
	spin_lock_irq(&irqs->lock);
	irqs->mode = NOVA_VFIO_NO_IRQ;
	irqs->intx_masked = false;
	spin_unlock_irq(&irqs->lock);
}

void nova_vfio_irq_close(struct nova_vfio_irqs *irqs)
{
	virq_disable_vectors(irqs);
	virq_exchange(irqs, &irqs->err, NULL);
	virq_exchange(irqs, &irqs->req, NULL);
}

/* Sets or clears the eventfd of @at. */
static int virq_set_eventfd(struct nova_vfio_irqs *irqs, struct eventfd_ctx **at, s32 fd)
{
	struct eventfd_ctx *ctx = NULL;

	if (fd < -1)
		return -EINVAL;
	if (fd >= 0) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	/*
	 * Refuse the eventfd that INTx signals: each signal would unmask INTx and raise the next.
	 */
	if (ctx && ctx == irqs->unmask_by) {
		eventfd_ctx_put(ctx);
		return -EINVAL;
	}
	virq_exchange(irqs, at, ctx);
	return 0;
}

/* Signals as if the device had raised it, for tests of the wiring. */
static void virq_loop_back(struct nova_vfio_irqs *irqs, struct eventfd_ctx **at)
{
	spin_lock_irq(&irqs->lock);
	if (*at)
		nova_eventfd_signal(*at);
	spin_unlock_irq(&irqs->lock);
}

static int virq_trigger(struct nova_vfio_irqs *irqs, const struct vfio_irq_set *hdr,
			const void *data,
			struct eventfd_ctx **at)
{
	u32 type = hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK, i;
	int err;

	for (i = 0; i < hdr->count; i++) {
		if (type == VFIO_IRQ_SET_DATA_EVENTFD) {
			err = virq_set_eventfd(irqs, at + hdr->start + i, ((const s32 *)data)[i]);
			if (err)
				return err;
		} else if (type == VFIO_IRQ_SET_DATA_NONE || ((const u8 *)data)[i]) {
			virq_loop_back(irqs, at + hdr->start + i);
		}
	}
	return 0;
}

/* err and req: one each, at any time */
static int virq_trigger_other(struct nova_vfio_irqs *irqs, const struct vfio_irq_set *hdr,
			      const void *data)
{
	struct eventfd_ctx **at = hdr->index == VFIO_PCI_ERR_IRQ_INDEX ? &irqs->err : &irqs->req;

	if (!hdr->count)
		virq_exchange(irqs, at, NULL);
	return virq_trigger(irqs, hdr, data, at);
}

/* One kind at a time; a count of 0 ends it. */
static int virq_trigger_vectors(struct nova_vfio_irqs *irqs, const struct vfio_irq_set *hdr,
				const void *data)
{
	u32 type = hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	enum nova_vfio_mode mode = modes[hdr->index];

	if (!hdr->count && type == VFIO_IRQ_SET_DATA_NONE) {
		if (irqs->mode == mode)
			virq_disable_vectors(irqs);
		return 0;
	}
	if (irqs->mode != mode && irqs->mode != NOVA_VFIO_NO_IRQ)
		return -EINVAL;
	if (irqs->mode == NOVA_VFIO_NO_IRQ) {
		if (type != VFIO_IRQ_SET_DATA_EVENTFD)
			return -EINVAL;
		spin_lock_irq(&irqs->lock);
		irqs->mode = mode;
		spin_unlock_irq(&irqs->lock);
	}
	return virq_trigger(irqs, hdr, data, irqs->vector);
}

static void virq_set_masked(struct nova_vfio_irqs *irqs, bool on)
{
	spin_lock_irq(&irqs->lock);
	irqs->intx_masked = on;
	virq_update_intx(irqs);
	spin_unlock_irq(&irqs->lock);
}

/*
 * Runs in a work item of VFIO. The writer of the eventfd holds its wait queue's lock,
 * under which no other eventfd may be signalled.
 */
static void virq_unmask_work(void *irqs, void *data)
{
	virq_set_masked(irqs, false);
}

/* One at a time; -1 ends it. VFIO ends it too when the eventfd is closed. */
static int virq_unmask_by_eventfd(struct nova_vfio_irqs *irqs, s32 fd)
{
	struct eventfd_ctx *ctx;
	int err;

	virq_unmask_by_none(irqs);
	if (fd < 0)
		return fd == -1 ? 0 : -EINVAL;
	ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	if (ctx == irqs->vector[0])
		err = -EINVAL;
	else
		err = nova_virqfd_enable(irqs, virq_unmask_work, &irqs->unmask, fd);
	if (err)
		eventfd_ctx_put(ctx);
	else
		irqs->unmask_by = ctx;
	return err;
}

static int virq_mask(struct nova_vfio_irqs *irqs, const struct vfio_irq_set *hdr, const void *data)
{
	u32 type = hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	bool on = (hdr->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) == VFIO_IRQ_SET_ACTION_MASK;

	if (hdr->index != VFIO_PCI_INTX_IRQ_INDEX || (on && type == VFIO_IRQ_SET_DATA_EVENTFD))
		return -ENOTTY;
	if (irqs->mode != NOVA_VFIO_INTX || hdr->start || hdr->count != 1)
		return -EINVAL;
	if (type == VFIO_IRQ_SET_DATA_EVENTFD)
		return virq_unmask_by_eventfd(irqs, *(const s32 *)data);
	if (type == VFIO_IRQ_SET_DATA_NONE || *(const u8 *)data)
		virq_set_masked(irqs, on);
	return 0;
}

/* VFIO_DEVICE_SET_IRQS, its header checked; the device's lock is held. */
int nova_vfio_set_irqs(struct nova_vfio_irqs *irqs, const struct vfio_irq_set *hdr, void *data)
{
	switch (hdr->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		if (hdr->index >= ARRAY_SIZE(modes))
			return virq_trigger_other(irqs, hdr, data);
		return virq_trigger_vectors(irqs, hdr, data);
	case VFIO_IRQ_SET_ACTION_MASK:
	case VFIO_IRQ_SET_ACTION_UNMASK:
		return virq_mask(irqs, hdr, data);
	default:
		return -EINVAL;
	}
}
