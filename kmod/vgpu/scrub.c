// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zeroes the framebuffer of a vGPU before a guest gets it and after it has gone. The
 * result is verified: marks at both ends must have disappeared.
 */
#include <linux/errno.h>
#include "vgpus.h"

#define HEAD_MARK	0xdeadbeef
#define TAIL_MARK	0xcafebabe

static int scrub_fb_put32(struct nova_vgpu *v, u64 off, u32 val)
{
	__le32 le = cpu_to_le32(val);

	return v->gpu->ops->fb_copy(v->gpu->hw, off, &le, sizeof(le), true);
}

static int scrub_fb_is_zero(struct nova_vgpu *v, u64 off)
{
	__le32 le;
	int err = v->gpu->ops->fb_copy(v->gpu->hw, off, &le, sizeof(le), false);

	return err ?: (le ? -EIO : 0);
}

/* A user that has the framebuffer mapped can write to it at any time, so marks prove nothing. */
int nova_vgpu_scrub(struct nova_vgpu *v, bool mapped)
{
	const struct nova_hw_ops *ops = v->gpu->ops;
	struct nova_placement p;
	u64 tail;
	int err = 0;

	if (!ops->fb_copy || !ops->fb_scrub) {
		nova_vgpu_fail(v, "the framebuffer of this GPU cannot be reached");
		return -EIO;
	}
	nova_placement_get(v->type, v->placement, &p);
	tail = p.fb_offset + p.fb_bytes - sizeof(u32);
	if (!mapped) {
		err = scrub_fb_put32(v, p.fb_offset, HEAD_MARK);
		err = err ?: scrub_fb_put32(v, tail, TAIL_MARK);
	}
	err = err ?: ops->fb_scrub(v->gpu->hw, p.fb_offset, p.fb_bytes, !mapped);
	if (!mapped) {
		err = err ?: scrub_fb_is_zero(v, p.fb_offset);
		err = err ?: scrub_fb_is_zero(v, tail);
	}
	if (!err)
		return 0;
	nova_vgpu_fail(v, "its framebuffer could not be zeroed (error %d)", err);
	return -EIO;
}
