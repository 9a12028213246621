// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engine time of the vGPUs of a GPU, from sysfs.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

uint64_t attrs_number(const struct attrs *attrs, const char *name)
{
	const char *value = attrs_get(attrs, name);
	uint64_t number;

	return value && parse_u64(value, &number) ? number : 0;
}

static char *attrs_text(const struct attrs *attrs, const char *name)
{
	const char *value = attrs_get(attrs, name);

	return xstrdup(value ? value : "");
}

static void shares_add(struct vgpu_shares *all, uint32_t gpu_id, const char *vgpu)
{
	struct attrs attrs, stats;
	struct vgpu_share *t;

	/* A vGPU that goes away meanwhile is left out. */
	if (gpu_attrs(&attrs, "gpu%u/%s", gpu_id, vgpu))
		return;
	if (gpu_attrs(&stats, "gpu%u/%s/stats", gpu_id, vgpu)) {
		attrs_free(&attrs);
		return;
	}
	all->t = xrealloc(all->t, all->nr + 1, sizeof(*all->t));
	t = &all->t[all->nr++];
	t->gfid = attrs_number(&attrs, "gfid");
	t->name = attrs_text(&attrs, "name");
	t->state = attrs_text(&attrs, "state");
	t->weight = attrs_number(&attrs, "weight");
	t->runs = attrs_number(&stats, "runs");
	t->run_ns = attrs_number(&stats, "run_ns");
	t->wait_ns = attrs_number(&stats, "wait_ns");
	t->wait_max_ns = attrs_number(&stats, "wait_max_ns");
	all->run_ns += t->run_ns;
	attrs_free(&stats);
	attrs_free(&attrs);
}

void shares_read(uint32_t gpu_id, struct vgpu_shares *all)
{
	char *dir = root_path("/sys/class/novabpf/gpu%u", gpu_id);
	struct names vgpus;
	size_t i;

	memset(all, 0, sizeof(*all));
	/* Their names are in the order of their gfids. */
	names_read(&vgpus, dir, "vgpu", true);
	for (i = 0; i < vgpus.nr; i++)
		shares_add(all, gpu_id, vgpus.name[i]);
	names_free(&vgpus);
	free(dir);
}

void shares_free(struct vgpu_shares *all)
{
	size_t i;

	for (i = 0; i < all->nr; i++) {
		free(all->t[i].name);
		free(all->t[i].state);
	}
	free(all->t);
}
