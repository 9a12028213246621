// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the vGPUs of a GPU have had of its engines, as sysfs says it.
 */
#define _GNU_SOURCE
#include <dirent.h>
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

static void add_tenant(struct vgpu_shares *all, const char *dir)
{
	char *sub = xasprintf("%s/stats", dir);
	struct attrs attrs, stats;
	struct vgpu_share *t;

	/* One that goes away in this moment is left out. */
	if (attrs_read(dir, &attrs)) {
		free(sub);
		return;
	}
	if (attrs_read(sub, &stats)) {
		attrs_free(&attrs);
		free(sub);
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
	free(sub);
}

static int by_gfid(const void *a, const void *b)
{
	const struct vgpu_share *x = a, *y = b;

	return (x->gfid > y->gfid) - (x->gfid < y->gfid);
}

void shares_read(uint32_t gpu_id, struct vgpu_shares *all)
{
	char *dir = root_path("/sys/class/novabpf/gpu%u", gpu_id);
	DIR *d = opendir(dir);
	struct dirent *de;

	memset(all, 0, sizeof(*all));
	while (d && (de = readdir(d))) {
		const char *number = de->d_name + strlen("vgpu");
		char *path;

		if (strncmp(de->d_name, "vgpu", strlen("vgpu")) || !*number ||
		    number[strspn(number, "0123456789")])
			continue;
		path = xasprintf("%s/%s", dir, de->d_name);
		add_tenant(all, path);
		free(path);
	}
	if (d)
		closedir(d);
	if (all->nr)
		qsort(all->t, all->nr, sizeof(*all->t), by_gfid);
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
