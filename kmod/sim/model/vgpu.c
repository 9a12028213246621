// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware's vGPUs: a plugin task per virtual function, and its resources. No resource
 * may be given twice, or lie outside of its place.
 */
#include <novabpf/driver/plugin.h>
#include "internal.h"

#define GSIM_PLUGIN_BOOT_US	3000
#define GSIM_PLUGIN_END_US	200
/* Most channels that the host may reserve for a plugin task */
#define GSIM_PLUGIN_CHANNELS_MAX	5

struct gsim_boot_args {
	struct gsim *sim;
	const u8 *params;
	u32 len;
	u32 gfid;
	struct gsim_vgpu *v;
};

static u64 gsim_vgpu_arg(const struct gsim_boot_args *a, enum nova_field f)
{
	return gsim_get(a->sim, f, a->params, a->len);
}

/* A model that is set to more vGPUs than the release supports. */
u32 gsim_vgpu_limit(struct gsim *sim)
{
	u32 n = sim->vgpus_max ? sim->vgpus_max : sim->abi->rules->vf_partitions;

	return min_t(u32, n, GSIM_VGPUS_MAX);
}

bool gsim_vgpu_exists(struct gsim *sim, u32 gfid)
{
	return gfid && gfid <= GSIM_VGPUS_MAX && sim->vgpus->v[gfid].state != GSIM_VGPU_FREE;
}

/* The firmware restarts; pending faults of plugin tasks stay. */
void gsim_vgpu_reset(struct gsim *sim)
{
	struct gsim_vgpus *vs = sim->vgpus;

	memset(vs->v, 0, sizeof(vs->v));
	memset(vs->owner, 0, sizeof(vs->owner));
	vs->types = 0;
	memset(vs->rung, 0, sizeof(vs->rung));
	vs->count = 0;
	vs->waiting = 0;
}

static struct gsim_vgpu_type *gsim_vgpu_type(struct gsim *sim, u32 id)
{
	u32 i;

	for (i = 0; i < sim->vgpus->types; i++)
		if (sim->vgpus->type[i].id == id)
			return &sim->vgpus->type[i];
	return NULL;
}

static void gsim_vgpu_add_type(struct gsim *sim, const u8 *info, u32 len)
{
	struct gsim_vgpus *vs = sim->vgpus;
	u32 id = (u32)gsim_get(sim, NOVA_VGPU_INFO_TYPE, info, len);
	struct gsim_vgpu_type *t = gsim_vgpu_type(sim, id);

	if (!t)
		t = &vs->type[vs->types++];
	t->id = id;
	t->max_instances = (u32)gsim_get(sim, NOVA_VGPU_INFO_MAX_INSTANCE, info, len);
	t->profile_bytes = gsim_get(sim, NOVA_VGPU_INFO_PROFILE_SIZE, info, len);
	t->fb_bytes = gsim_get(sim, NOVA_VGPU_INFO_FB_LENGTH, info, len);
	t->heap_bytes = gsim_get(sim, NOVA_VGPU_INFO_GSP_HEAP_SIZE, info, len);
}

u32 gsim_vgpu_add_types(struct gsim *sim, const u8 *params, u32 len)
{
	u64 n = gsim_get(sim, NOVA_ADD_VGPU_TYPE_INFO_COUNT, params, len);
	u32 one = nova_msg_size(sim->abi, NOVA_MSG_VGPU_INFO), i;
	struct nova_field_pos pos;

	if (nova_field_pos(sim->abi, NOVA_ADD_VGPU_TYPE_INFO, &pos) || !one)
		return NV_ERR_NOT_SUPPORTED;
	if (pos.off + n * one > len)
		return NV_ERR_INVALID_ARGUMENT;
	if (gsim_get(sim, NOVA_ADD_VGPU_TYPE_DISCARD, params, len))
		sim->vgpus->types = 0;
	if (sim->vgpus->types + n > GSIM_VGPU_TYPES)
		return NV_ERR_INSUFFICIENT_RESOURCES;
	for (i = 0; i < n; i++)
		gsim_vgpu_add_type(sim, params + pos.off + (size_t)i * one, one);
	return NV_OK;
}

static u32 gsim_check_function(const struct gsim_boot_args *a)
{
	struct gsim *sim = a->sim;

	u32 n = (u32)gsim_vgpu_arg(a, NOVA_BOOTLOAD_NUM_PLUGIN_CHANNELS);

	if (n > GSIM_PLUGIN_CHANNELS_MAX)
		return gsim_reject(sim, NV_ERR_INVALID_PARAMETER,
				   "BOOTLOAD: %u channels for the plugin task, at most %u", n,
				   GSIM_PLUGIN_CHANNELS_MAX);
	if (!a->gfid || a->gfid > gsim_vgpu_limit(sim))
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: gfid %u; this GPU has 1 to %u", a->gfid,
				   gsim_vgpu_limit(sim));
	if (a->v->state != GSIM_VGPU_FREE)
		return gsim_reject(sim, NV_ERR_INSUFFICIENT_RESOURCES,
				   "BOOTLOAD: gfid %u has a plugin task", a->gfid);
	return NV_OK;
}

/* Placement is homogeneous: one type, or others of the same profile. */
static bool gsim_same_layout(struct gsim *sim, u32 other, const struct gsim_vgpu_type *t)
{
	const struct gsim_vgpu_type *o = gsim_vgpu_type(sim, other);

	return t->id == other || (o && o->profile_bytes == t->profile_bytes);
}

/* Hosts that NVIDIA ships leave the type out of this message. */
static u32 gsim_check_type(const struct gsim_boot_args *a)
{
	u32 id = (u32)gsim_vgpu_arg(a, NOVA_BOOTLOAD_VGPU_TYPE), n = 0, g;
	struct gsim_vgpu_type *t;

	if (!id)
		return NV_OK;
	t = gsim_vgpu_type(a->sim, id);
	if (!t)
		return gsim_reject(a->sim, NV_ERR_NOT_SUPPORTED,
				   "BOOTLOAD: type %u was never added", id);
	for (g = 1; g <= GSIM_VGPUS_MAX; g++) {
		const struct gsim_vgpu *o = &a->sim->vgpus->v[g];

		if (o->state == GSIM_VGPU_FREE || !o->type)
			continue;
		if (!gsim_same_layout(a->sim, o->type, t))
			return gsim_reject(a->sim, NV_ERR_INVALID_STATE,
					   "BOOTLOAD: type %u beside type %u of gfid %u", id,
					   o->type, g);
		n++;
	}
	if (n >= t->max_instances)
		return gsim_reject(a->sim, NV_ERR_INSUFFICIENT_RESOURCES,
				   "BOOTLOAD: type %u has %u instances, no more fit", id, n);
	a->v->type = id;
	return NV_OK;
}

/* WPR2 from the registers, as start and end; the end is exclusive. */
static bool gsim_hits_wpr2(struct gsim *sim, u64 pa, u64 bytes)
{
	u64 lo = NV_PFB_WPR2_ADDR(sim->regs.wpr2_lo);
	u64 hi = NV_PFB_WPR2_ADDR(sim->regs.wpr2_hi);

	return hi && pa < hi && pa + bytes > lo;
}

static bool gsim_in_fb(struct gsim *sim, u64 pa, u64 bytes)
{
	return bytes && pa < sim->fb_bytes && bytes <= sim->fb_bytes - pa;
}

/* Return: the gfid whose plugin heap overlaps a region, @a's own included; 0: none. */
static u32 gsim_heap_at(const struct gsim_boot_args *a, u64 pa, u64 bytes)
{
	u32 g;

	for (g = 1; g <= GSIM_VGPUS_MAX; g++) {
		const struct gsim_vgpu *o = &a->sim->vgpus->v[g];

		if ((o->state != GSIM_VGPU_FREE || o == a->v) && pa < o->heap_pa + o->heap_bytes &&
		    pa + bytes > o->heap_pa)
			return g;
	}
	return 0;
}

static u32 gsim_check_heap(const struct gsim_boot_args *a)
{
	struct gsim *sim = a->sim;
	u64 pa = gsim_vgpu_arg(a, NOVA_BOOTLOAD_PLUGIN_HEAP_PHYS_ADDR);
	u64 bytes = gsim_vgpu_arg(a, NOVA_BOOTLOAD_PLUGIN_HEAP_LENGTH), s;
	u32 g;

	if (pa % GSIM_PAGE || bytes % GSIM_PAGE || !gsim_in_fb(sim, pa, bytes) ||
	    gsim_hits_wpr2(sim, pa, bytes))
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: plugin heap 0x%llx, 0x%llx bytes: misaligned, or not free memory",
				   (ull)pa, (ull)bytes);
	for (s = pa / GSIM_VMMU_SEGMENT; s * GSIM_VMMU_SEGMENT < pa + bytes; s++) {
		if (sim->vgpus->owner[s])
			return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
					   "BOOTLOAD: plugin heap at 0x%llx lies in framebuffer of gfid %u",
					   (ull)pa, sim->vgpus->owner[s]);
	}
	g = gsim_heap_at(a, pa, bytes);
	if (g)
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: plugin heap at 0x%llx overlaps that of gfid %u",
				   (ull)pa, g);
	a->v->heap_pa = pa;
	a->v->heap_bytes = bytes;
	return NV_OK;
}

/* Logs lie strictly inside the heap; a log that the release lacks has length 0. */
static u32 gsim_check_logs(const struct gsim_boot_args *a)
{
	static const struct {
		const char *name;
		enum nova_field off;
		enum nova_field bytes;
	} logs[] = {
		{ "init task", NOVA_BOOTLOAD_INIT_TASK_LOG_OFFSET,
		  NOVA_BOOTLOAD_INIT_TASK_LOG_SIZE },
		{ "vGPU task", NOVA_BOOTLOAD_VGPU_TASK_LOG_OFFSET,
		  NOVA_BOOTLOAD_VGPU_TASK_LOG_SIZE },
		{ "kernel", NOVA_BOOTLOAD_KERNEL_LOG_OFFSET, NOVA_BOOTLOAD_KERNEL_LOG_SIZE },
	};
	u64 off, bytes, heap = a->v->heap_bytes;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(logs); i++) {
		if (!gsim_has(a->sim, logs[i].off))
			continue;
		off = gsim_vgpu_arg(a, logs[i].off);
		bytes = gsim_vgpu_arg(a, logs[i].bytes);
		if (bytes && off < heap && bytes < heap - off)
			continue;
		return gsim_reject(a->sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: %s log at 0x%llx of 0x%llx bytes is not inside a heap of 0x%llx",
				   logs[i].name, (ull)off, (ull)bytes, (ull)heap);
	}
	off = gsim_vgpu_arg(a, NOVA_BOOTLOAD_CTRL_BUFF_OFFSET);
	a->v->comm_off = off;
	if (!(off % GSIM_PAGE) && off < heap && heap - off >= NOVA_COMM_END)
		return NV_OK;
	return gsim_reject(a->sim, NV_ERR_INVALID_ARGUMENT,
			   "BOOTLOAD: the control buffers are not inside the heap");
}

static void gsim_free_segments(struct gsim *sim, u32 gfid)
{
	u32 i;

	for (i = 0; i < GSIM_VMMU_SEGMENTS; i++)
		if (sim->vgpus->owner[i] == gfid)
			sim->vgpus->owner[i] = 0;
}

static u32 gsim_take_segment(const struct gsim_boot_args *a, u64 pa, u64 bytes)
{
	struct gsim *sim = a->sim;
	u32 g = gsim_heap_at(a, pa, bytes);
	u64 s;

	if (pa % GSIM_VMMU_SEGMENT || bytes % GSIM_VMMU_SEGMENT || !gsim_in_fb(sim, pa, bytes) ||
	    gsim_hits_wpr2(sim, pa, bytes))
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: framebuffer 0x%llx, 0x%llx bytes: misaligned, or not free memory",
				   (ull)pa, (ull)bytes);
	for (s = pa / GSIM_VMMU_SEGMENT; s < (pa + bytes) / GSIM_VMMU_SEGMENT; s++) {
		if (sim->vgpus->owner[s])
			return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
					   "BOOTLOAD: guest framebuffer at 0x%llx is that of gfid %u",
					   (ull)pa, sim->vgpus->owner[s]);
		sim->vgpus->owner[s] = (u16)a->gfid;
	}
	if (g)
		return gsim_reject(sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: framebuffer overlaps the heap of gfid %u", g);
	return NV_OK;
}

static u32 gsim_take_fb(const struct gsim_boot_args *a)
{
	u64 n = gsim_vgpu_arg(a, NOVA_BOOTLOAD_NUM_GUEST_FB_SEGMENTS), i;
	u32 status = NV_OK, addr_off, len_off;
	struct nova_field_pos addr, bytes;

	if (nova_field_pos(a->sim->abi, NOVA_BOOTLOAD_GUEST_FB_PHYS_ADDR_LIST, &addr) ||
	    nova_field_pos(a->sim->abi, NOVA_BOOTLOAD_GUEST_FB_LENGTH_LIST, &bytes))
		return NV_ERR_NOT_SUPPORTED;
	if (!n || n > min_t(u32, addr.size, bytes.size) / 8)
		return gsim_reject(a->sim, NV_ERR_INVALID_ARGUMENT,
				   "BOOTLOAD: %llu parts of guest framebuffer", (ull)n);
	for (i = 0; !status && i < n; i++) {
		addr_off = addr.off + 8 * (u32)i;
		len_off = bytes.off + 8 * (u32)i;
		status = gsim_take_segment(a, get_unaligned_le64(a->params + addr_off),
					   get_unaligned_le64(a->params + len_off));
	}
	return status;
}

/* Where the message does not say how many channels, one of each engine is checked. */
static u32 gsim_check_chids(const struct gsim_boot_args *a)
{
	u32 n = max_t(u32, 1, (u32)gsim_vgpu_arg(a, NOVA_BOOTLOAD_NUM_CHANNELS)), e, g, base;
	struct nova_field_pos pos;
	struct gsim_vgpu *o;

	if (nova_field_pos(a->sim->abi, NOVA_BOOTLOAD_CHID_OFFSET, &pos))
		return NV_ERR_NOT_SUPPORTED;
	for (e = 1; e < min_t(u32, GSIM_CHID_ENGINES, pos.size / 4); e++) {
		base = get_unaligned_le32(a->params + pos.off + 4 * e);
		if (base >= GSIM_CHIDS || n > GSIM_CHIDS - base)
			return gsim_reject(a->sim, NV_ERR_INVALID_ARGUMENT,
					   "BOOTLOAD: engine %u: channels %u and up, %u of them; there are %u",
					   e, base, n, GSIM_CHIDS);
		a->v->chid[e] = (u16)base;
		for (g = 1; g <= GSIM_VGPUS_MAX; g++) {
			o = &a->sim->vgpus->v[g];
			if (o->state == GSIM_VGPU_FREE || base >= o->chid[e] + o->chids ||
			    base + n <= o->chid[e])
				continue;
			return gsim_reject(a->sim, NV_ERR_INVALID_ARGUMENT,
					   "BOOTLOAD: engine %u: channel %u is that of gfid %u", e,
					   max_t(u32, base, o->chid[e]), g);
		}
	}
	a->v->chids = n;
	a->v->told_chids = gsim_vgpu_arg(a, NOVA_BOOTLOAD_NUM_CHANNELS);
	return NV_OK;
}

u32 gsim_vgpu_bootload(struct gsim *sim, const u8 *params, u32 len)
{
	static u32 (* const step[])(const struct gsim_boot_args *a) = {
		gsim_check_type, gsim_check_heap, gsim_check_logs, gsim_check_chids, gsim_take_fb,
	};
	struct gsim_boot_args a = { .sim = sim, .params = params, .len = len };
	u32 status, i, delay_us = GSIM_PLUGIN_BOOT_US;
	struct gsim_vgpus *vs = sim->vgpus;

	a.gfid = (u32)gsim_vgpu_arg(&a, NOVA_BOOTLOAD_GFID);
	a.v = &vs->v[a.gfid <= GSIM_VGPUS_MAX ? a.gfid : 0];
	status = gsim_check_function(&a);
	if (status)
		return status;
	for (i = 0; !status && i < ARRAY_SIZE(step); i++)
		status = step[i](&a);
	if (status) {
		gsim_free_segments(sim, a.gfid);
		memset(a.v, 0, sizeof(*a.v));
		return status;
	}
	if (vs->delay_us)
		delay_us = vs->delay_us;
	vs->delay_us = 0;
	a.v->state = GSIM_VGPU_BOOTING;
	a.v->due_ns = gsim_now(sim) + delay_us * 1000ULL;
	if (vs->mute) {
		vs->mute--;
		a.v->due_ns = GSIM_NEVER;
	}
	a.v->vm_pid = (u32)gsim_vgpu_arg(&a, NOVA_BOOTLOAD_VM_PID);
	vs->last_pid = a.v->vm_pid;
	vs->count++;
	vs->waiting++;
	return NV_OK;
}

static bool gsim_vgpu_waits(const struct gsim_vgpu *v)
{
	return v->state == GSIM_VGPU_BOOTING || v->state == GSIM_VGPU_ENDING;
}

/* Reports plugin tasks that have come up or ended. Return: when the next one does. */
u64 gsim_vgpu_run(struct gsim *sim, u64 now)
{
	struct gsim_vgpus *vs = sim->vgpus;
	u64 next = GSIM_NEVER;
	u32 g;

	if (!vs->waiting)
		return GSIM_NEVER;
	for (g = 1; g <= GSIM_VGPUS_MAX; g++) {
		struct gsim_vgpu *v = &vs->v[g];
		bool up = v->state == GSIM_VGPU_BOOTING;

		if (!gsim_vgpu_waits(v))
			continue;
		/* Try again later: a dropped event would never be repeated. */
		if (now >= v->due_ns && sim->fw.events_queued < GSIM_EVENTS_QUEUED_MAX) {
			v->state = up ? GSIM_VGPU_RUNNING : GSIM_VGPU_SHUT;
			vs->waiting--;
			gsim_event_plugin(sim, g, up ? NOVA_PLUGIN_BOOTLOADED :
						       NOVA_PLUGIN_UNLOADED);
			continue;
		}
		next = min_t(u64, next, max_t(u64, v->due_ns, now + 1000));
	}
	return next;
}

bool gsim_vgpu_crash(struct gsim *sim, u32 gfid)
{
	struct gsim_vgpu *v;

	if (!gsim_vgpu_exists(sim, gfid))
		return false;
	v = &sim->vgpus->v[gfid];
	if (v->state != GSIM_VGPU_RUNNING && !gsim_vgpu_waits(v))
		return false;
	sim->vgpus->waiting -= gsim_vgpu_waits(v);
	v->state = GSIM_VGPU_CRASHED;
	gsim_event_plugin(sim, gfid, NOVA_PLUGIN_CRASHED);
	return true;
}

u32 gsim_vgpu_shutdown(struct gsim *sim, u32 gfid)
{
	struct gsim_vgpu *v;

	if (!gsim_vgpu_exists(sim, gfid))
		return NV_ERR_INVALID_ARGUMENT;
	v = &sim->vgpus->v[gfid];
	if (v->state != GSIM_VGPU_BOOTING && v->state != GSIM_VGPU_RUNNING)
		return NV_ERR_INVALID_STATE;
	sim->vgpus->waiting += v->state == GSIM_VGPU_RUNNING;
	v->state = GSIM_VGPU_ENDING;
	v->due_ns = gsim_now(sim) + GSIM_PLUGIN_END_US * 1000ULL;
	if (sim->vgpus->keep) {
		sim->vgpus->keep--;
		v->due_ns = GSIM_NEVER;
	}
	return NV_OK;
}

u32 gsim_vgpu_cleanup(struct gsim *sim, u32 gfid)
{
	struct gsim_vgpu *v;

	if (!gsim_vgpu_exists(sim, gfid))
		return NV_ERR_INVALID_ARGUMENT;
	v = &sim->vgpus->v[gfid];
	if (v->state != GSIM_VGPU_SHUT && v->state != GSIM_VGPU_CRASHED)
		return NV_ERR_INVALID_STATE;
	gsim_free_segments(sim, gfid);
	memset(v, 0, sizeof(*v));
	sim->vgpus->count--;
	return NV_OK;
}
