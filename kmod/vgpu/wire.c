// SPDX-License-Identifier: GPL-2.0-only
/*
 * vGPUs in the messages of a firmware release. Fields that a release lacks are left
 * out.
 */
#include "../gsp/put.h"
#include "wire.h"

bool nova_vgpu_supported(const struct nova_abi *abi)
{
	return abi->rules->vf_partitions && nova_msg_size(abi, NOVA_MSG_ADD_VGPU_TYPE) &&
	       nova_msg_size(abi, NOVA_MSG_VGPU_INFO) && nova_msg_size(abi, NOVA_MSG_BOOTLOAD) &&
	       nova_msg_size(abi, NOVA_MSG_VGPU_SHUTDOWN) &&
	       nova_msg_size(abi, NOVA_MSG_VGPU_CLEANUP) &&
	       nova_op_number(abi, NOVA_OP_EVT_VGPU_GSP_PLUGIN_TRIGGERED);
}

/* First of an array of u64. */
static void wire_put_first(struct nova_put *p, enum nova_field f, u64 val)
{
	size_t size;
	u8 *at;

	if (p->err)
		return;
	at = nova_field_ptr(p->abi, f, p->buf, p->len, &size);
	if (!at || size < sizeof(val)) {
		p->err = -EMSGSIZE;
		return;
	}
	put_unaligned_le64(val, at);
}

/* Every engine gets the same range; number 0 is no engine. */
static void wire_put_chids(struct nova_put *p, u32 base)
{
	size_t size, i;
	u8 *at;

	if (p->err)
		return;
	at = nova_field_ptr(p->abi, NOVA_BOOTLOAD_CHID_OFFSET, p->buf, p->len, &size);
	if (!at) {
		p->err = -EMSGSIZE;
		return;
	}
	for (i = 1; i < size / 4; i++)
		put_unaligned_le32(base, at + 4 * i);
}

int nova_vgpu_fill_boot(const struct nova_abi *abi, const struct nova_vgpu_boot *b, void *buf,
			size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };
	struct nova_placement at;

	nova_placement_get(b->type, b->placement, &at);
	nova_put_if_any(&p, NOVA_BOOTLOAD_DBDF, b->dbdf);
	nova_put(&p, NOVA_BOOTLOAD_GFID, b->gfid);
	nova_put_if_any(&p, NOVA_BOOTLOAD_VGPU_TYPE, b->type->id);
	nova_put_if_any(&p, NOVA_BOOTLOAD_VM_PID, b->vm_pid);
	nova_put_if_any(&p, NOVA_BOOTLOAD_SWIZZ_ID, NOVA_SWIZZ_NONE);
	nova_put_if_any(&p, NOVA_BOOTLOAD_NUM_CHANNELS, at.chid_count);
	nova_put_if_any(&p, NOVA_BOOTLOAD_NUM_PLUGIN_CHANNELS, nova_vgpu_plugin_channels(&at));
	wire_put_chids(&p, at.chid_base);
	nova_put(&p, NOVA_BOOTLOAD_NUM_GUEST_FB_SEGMENTS, 1);
	wire_put_first(&p, NOVA_BOOTLOAD_GUEST_FB_PHYS_ADDR_LIST, at.fb_offset);
	wire_put_first(&p, NOVA_BOOTLOAD_GUEST_FB_LENGTH_LIST, at.fb_bytes);
	nova_put(&p, NOVA_BOOTLOAD_PLUGIN_HEAP_PHYS_ADDR, at.heap_offset);
	nova_put(&p, NOVA_BOOTLOAD_PLUGIN_HEAP_LENGTH, at.heap_bytes);
	nova_put_if_any(&p, NOVA_BOOTLOAD_CTRL_BUFF_OFFSET, NOVA_PLUGIN_CTRL_OFFSET);
	nova_put_if_any(&p, NOVA_BOOTLOAD_INIT_TASK_LOG_OFFSET, NOVA_PLUGIN_INIT_LOG_OFFSET);
	nova_put_if_any(&p, NOVA_BOOTLOAD_INIT_TASK_LOG_SIZE, NOVA_PLUGIN_INIT_LOG_BYTES);
	nova_put_if_any(&p, NOVA_BOOTLOAD_VGPU_TASK_LOG_OFFSET, NOVA_PLUGIN_VGPU_LOG_OFFSET);
	nova_put_if_any(&p, NOVA_BOOTLOAD_VGPU_TASK_LOG_SIZE, NOVA_PLUGIN_VGPU_LOG_BYTES);
	nova_put_if_any(&p, NOVA_BOOTLOAD_KERNEL_LOG_OFFSET, NOVA_PLUGIN_KERNEL_LOG_OFFSET);
	nova_put_if_any(&p, NOVA_BOOTLOAD_KERNEL_LOG_SIZE, NOVA_PLUGIN_KERNEL_LOG_BYTES);
	return p.err;
}

static void wire_put_text(struct nova_put *p, enum nova_field f, const char *text)
{
	size_t size, n = strlen(text);
	u8 *at;

	at = nova_field_ptr(p->abi, f, p->buf, p->len, &size);
	if (at && size)
		memcpy(at, text, min_t(size_t, n, size - 1));
}

/* Placement ids count up from 0, each of them one unit long. */
static void wire_put_placements(struct nova_put *p, u32 instances)
{
	size_t size;
	u32 i, n;
	u8 *at;

	at = nova_field_ptr(p->abi, NOVA_VGPU_INFO_HOMOGENEOUS_PLACEMENT_IDS, p->buf, p->len,
			    &size);
	if (!at)
		return;
	n = min_t(u32, instances, size / 4);
	for (i = 0; i < n; i++)
		put_unaligned_le32(i, at + 4 * i);
	nova_put_if_any(p, NOVA_VGPU_INFO_HOMOGENEOUS_PLACEMENT_COUNT, n);
	nova_put_if_any(p, NOVA_VGPU_INFO_PLACEMENT_SIZE, 1);
}

static int wire_fill_type(const struct nova_abi *abi, const struct nova_vgpu_type *t, void *buf,
			  size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };

	nova_put(&p, NOVA_VGPU_INFO_TYPE, t->id);
	wire_put_text(&p, NOVA_VGPU_INFO_NAME, t->name);
	wire_put_text(&p, NOVA_VGPU_INFO_CLASS, t->class);
	nova_put(&p, NOVA_VGPU_INFO_MAX_INSTANCE, t->max_instances);
	nova_put(&p, NOVA_VGPU_INFO_NUM_HEADS, 1);
	nova_put(&p, NOVA_VGPU_INFO_CUDA_ENABLED, 1);
	nova_put(&p, NOVA_VGPU_INFO_PROFILE_SIZE, t->profile_bytes);
	nova_put(&p, NOVA_VGPU_INFO_FB_LENGTH, t->fb_bytes);
	nova_put(&p, NOVA_VGPU_INFO_GSP_HEAP_SIZE, t->heap_bytes);
	wire_put_placements(&p, t->max_instances);
	return p.err;
}

int nova_vgpu_fill_types(const struct nova_abi *abi, const struct nova_vgpu_types *types,
			 void *buf, size_t len)
{
	struct nova_put p = { .abi = abi, .buf = buf, .len = len };
	u32 i, one = nova_msg_size(abi, NOVA_MSG_VGPU_INFO);
	size_t room;
	u8 *info;

	nova_put(&p, NOVA_ADD_VGPU_TYPE_DISCARD, 1);
	nova_put(&p, NOVA_ADD_VGPU_TYPE_INFO_COUNT, types->nr);
	info = nova_field_ptr(abi, NOVA_ADD_VGPU_TYPE_INFO, buf, len, &room);
	if (!info || !one || room / one < types->nr)
		return -EMSGSIZE;
	for (i = 0; i < types->nr && !p.err; i++)
		p.err = wire_fill_type(abi, &types->type[i], info + (size_t)i * one, one);
	return p.err;
}
