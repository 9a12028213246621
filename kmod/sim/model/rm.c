// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's objects: clients and trees of handles below them.
 */
#include "internal.h"

/* Classes besides those that code names: channels, address spaces, memory, vGPU. */
static const u32 gsim_classes[] = {
	NV01_ROOT, NV01_ROOT_CLIENT, NV01_DEVICE_0, NV20_SUBDEVICE_0, KEPLER_CHANNEL_GROUP_A,
	0x0005, 0x003e, 0x0040, 0x0070, 0x0073, 0x90f1, 0xa06f, 0xa081, 0xa084, 0xb06f,
	0xc36f, 0xc46f, 0xc56f, 0xc86f, 0xc5b5, 0xc6b5, 0xc7b5, 0xc597, 0xc697, 0xc797, 0xc997,
	0xc5c0, 0xc6c0, 0xc7c0, 0xc9c0,
};

static bool gsim_is_root(u32 class)
{
	return class == NV01_ROOT || class == NV01_ROOT_CLIENT;
}

/* Of channel classes that work. Those of Volta and Hopper exist only by name. */
static bool gsim_is_channel(u32 class)
{
	return class == TURING_CHANNEL_GPFIFO_A || class == AMPERE_CHANNEL_GPFIFO_A;
}

static u32 gsim_bucket(u32 client, u32 handle)
{
	return ((client * 0x9e3779b1u) ^ (handle * 0x85ebca6bu)) % GSIM_OBJECT_BUCKETS;
}

static bool gsim_class_known(u32 class)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gsim_classes); i++)
		if (gsim_classes[i] == class)
			return true;
	return false;
}

struct gsim_object *gsim_rm_find(struct gsim *sim, u32 client, u32 handle)
{
	struct gsim_objects *t = sim->objects;
	u16 i = t->bucket[gsim_bucket(client, handle)];
	u32 guard = 0;

	while (i != GSIM_NO_OBJECT && guard++ < GSIM_OBJECTS) {
		struct gsim_object *o = &t->o[i];

		if (o->client == client && o->handle == handle)
			return o;
		i = o->next;
	}
	return NULL;
}

static struct gsim_object *gsim_rm_add(struct gsim *sim, u32 client, u32 parent, u32 handle,
				       u32 class)
{
	u32 i, n, b = gsim_bucket(client, handle);
	struct gsim_objects *t = sim->objects;

	for (n = 0; n < GSIM_OBJECTS; n++) {
		i = (t->hint + n) % GSIM_OBJECTS;
		if (!t->o[i].used)
			break;
	}
	if (n == GSIM_OBJECTS)
		return NULL;
	t->o[i] = (struct gsim_object) {
		.client = client,
		.handle = handle,
		.parent = parent,
		.class = class,
		.timeslice_us = sim->tsg_slice_us,
		.next = t->bucket[b],
		.used = true,
	};
	t->bucket[b] = (u16)i;
	t->hint = i + 1;
	t->count++;
	return &t->o[i];
}

static void gsim_rm_remove(struct gsim *sim, u32 i)
{
	struct gsim_objects *t = sim->objects;
	struct gsim_object *o = &t->o[i];
	struct gsim_channel *channel = o->channel;
	struct gsim_tsg *tsg = o->tsg;
	u16 *p = &t->bucket[gsim_bucket(o->client, o->handle)];
	u32 guard = 0;

	while (*p != i && *p != GSIM_NO_OBJECT && guard++ < GSIM_OBJECTS)
		p = &t->o[*p].next;
	if (*p == i)
		*p = o->next;
	memset(o, 0, sizeof(*o));
	t->count--;
	if (channel)
		gsim_channel_free(sim, channel);
	if (tsg)
		gsim_tsg_free(sim, tsg);
}

void gsim_rm_reset(struct gsim *sim)
{
	struct gsim_objects *t = sim->objects;
	struct gsim_object *o;

	gsim_tsg_clear(sim);
	memset(t, 0, sizeof(*t));
	memset(t->bucket, 0xff, sizeof(t->bucket));
	gsim_rm_add(sim, GSIM_INTERNAL_CLIENT, 0, GSIM_INTERNAL_CLIENT, NV01_ROOT);
	o = gsim_rm_add(sim, GSIM_INTERNAL_CLIENT, GSIM_INTERNAL_CLIENT, GSIM_INTERNAL_DEVICE,
			NV01_DEVICE_0);
	o->depth = 1;
	o = gsim_rm_add(sim, GSIM_INTERNAL_CLIENT, GSIM_INTERNAL_DEVICE, GSIM_INTERNAL_SUBDEVICE,
			NV20_SUBDEVICE_0);
	o->depth = 2;
	gsim_vgpu_reset(sim);
}

/* Return: whether an object of a class may lie below a parent. */
static bool gsim_parent_fits(u32 class, const struct gsim_object *parent)
{
	if (class == NV01_DEVICE_0)
		return gsim_is_root(parent->class);
	if (class == NV20_SUBDEVICE_0 || class == KEPLER_CHANNEL_GROUP_A)
		return parent->class == NV01_DEVICE_0;
	return true;
}

static u32 gsim_rm_alloc_client(struct gsim *sim, u32 client, u32 parent, u32 handle, u32 class)
{
	if (!handle || client != handle || (parent && parent != handle))
		return NV_ERR_INVALID_CLIENT;
	if (gsim_rm_find(sim, handle, handle))
		return NV_ERR_INSERT_DUPLICATE_NAME;
	return gsim_rm_add(sim, handle, 0, handle, class) ? NV_OK : NV_ERR_INSUFFICIENT_RESOURCES;
}

u32 gsim_rm_alloc(struct gsim *sim, u32 gfid, u32 client, u32 parent, u32 handle, u32 class,
		  const u8 *params, u32 size)
{
	struct gsim_object *p, *o;
	u32 status;

	if (!gsim_class_known(class))
		return NV_ERR_INVALID_CLASS;
	if (gsim_is_root(class))
		return gsim_rm_alloc_client(sim, client, parent, handle, class);
	if (!gsim_rm_find(sim, client, client))
		return NV_ERR_INVALID_CLIENT;
	p = gsim_rm_find(sim, client, parent);
	if (!p || !gsim_parent_fits(class, p) || p->depth + 1 >= GSIM_OBJECT_DEPTH)
		return NV_ERR_INVALID_OBJECT_PARENT;
	if (!handle)
		return NV_ERR_INVALID_OBJECT_HANDLE;
	if (gsim_rm_find(sim, client, handle))
		return NV_ERR_INSERT_DUPLICATE_NAME;
	o = gsim_rm_add(sim, client, parent, handle, class);
	if (!o)
		return NV_ERR_INSUFFICIENT_RESOURCES;
	o->depth = p->depth + 1;
	o->gfid = gfid;
	if (class == KEPLER_CHANNEL_GROUP_A)
		status = gsim_tsg_alloc(sim, o, params, size);
	else if (gsim_is_channel(class) && p->tsg)
		status = gsim_channel_alloc(sim, o, p->tsg, params, size);
	else
		return NV_OK;
	if (status)
		gsim_rm_remove(sim, (u32)(o - sim->objects->o));
	return status;
}

/* Frees an object and all below it, level by level. */
u32 gsim_rm_free(struct gsim *sim, u32 client, u32 handle)
{
	struct gsim_object *top = gsim_rm_find(sim, client, handle), *o, *p;
	u32 i, level;

	if (!gsim_rm_find(sim, client, client))
		return NV_ERR_INVALID_CLIENT;
	if (!top)
		return NV_ERR_OBJECT_NOT_FOUND;
	if (client == GSIM_INTERNAL_CLIENT)
		return NV_ERR_INVALID_CLIENT;
	top->doomed = true;
	for (level = top->depth + 1u; level < GSIM_OBJECT_DEPTH; level++) {
		for (i = 0; i < GSIM_OBJECTS; i++) {
			o = &sim->objects->o[i];
			if (!o->used || o->client != client || o->depth != level)
				continue;
			p = gsim_rm_find(sim, client, o->parent);
			o->doomed = p && p->doomed;
		}
	}
	for (i = 0; i < GSIM_OBJECTS; i++)
		if (sim->objects->o[i].doomed)
			gsim_rm_remove(sim, i);
	return NV_OK;
}

u32 gsim_rm_dup(struct gsim *sim, u32 gfid, u32 client, u32 parent, u32 handle, u32 src_client,
		u32 src_handle)
{
	struct gsim_object *src = gsim_rm_find(sim, src_client, src_handle);

	if (!gsim_rm_find(sim, src_client, src_client))
		return NV_ERR_INVALID_CLIENT;
	if (!src || gsim_is_root(src->class))
		return NV_ERR_OBJECT_NOT_FOUND;
	/* A second handle of a channel or channel group is not modelled. */
	if (src->tsg || src->channel)
		return NV_ERR_NOT_SUPPORTED;
	return gsim_rm_alloc(sim, gfid, client, parent, handle, src->class, NULL, 0);
}
