// SPDX-License-Identifier: GPL-2.0-only
/* Finding maps and variables of RPC hooks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <novabpf/format/filters.h>

#include "base/calls.h"
#include "maps.h"

#define MAPS_MAX	64

static void add_maps_of(struct hook_maps *h, uint32_t prog_id)
{
	uint32_t ids[MAPS_MAX], len = sizeof(struct bpf_prog_info);
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids };
	int fd = bpf_prog_get_fd_by_id(prog_id);
	uint32_t i;

	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len)) {
		for (i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++) {
			h->ids = xrealloc(h->ids, h->nr + 1, sizeof(*h->ids));
			h->ids[h->nr++] = ids[i];
		}
	}
	close(fd);
}

/* Return: the map called @name, to be closed; -1. */
static int map_by_name(const struct hook_maps *h, const char *name, struct bpf_map_info *info)
{
	uint32_t len;
	size_t i;
	int fd;

	for (i = 0; i < h->nr; i++) {
		len = sizeof(*info);
		memset(info, 0, len);
		fd = bpf_map_get_fd_by_id(h->ids[i]);
		if (fd < 0)
			continue;
		if (!bpf_map_get_info_by_fd(fd, info, &len) && !strcmp(info->name, name))
			return fd;
		close(fd);
	}
	return -1;
}

static bool take_link(const struct ops_link *link, const char *map, struct hook_maps *h)
{
	struct bpf_map_info info;
	size_t i;
	int fd;

	memset(h, 0, sizeof(*h));
	h->gpu_id = link->gpu_id;
	memcpy(h->name, link->name, sizeof(h->name));
	for (i = 0; i < link->nr_progs; i++)
		add_maps_of(h, link->progs[i]);
	fd = map_by_name(h, map, &info);
	if (fd >= 0)
		close(fd);
	else
		hook_maps_free(h);
	return fd >= 0;
}

/*
 * Whether @link is behind a hook of its GPU. Kernels before 6.11 cannot end the link
 * of a GPU that went, so an old link may bear the name of a hook that runs: the GPU's
 * own list is what counts, and the newest link of a name.
 */
static bool is_attached(const struct ops_links *links, const struct ops_link *link)
{
	size_t i;

	for (i = 0; i < links->nr; i++)
		if (links->l[i].gpu_id == link->gpu_id && links->l[i].id > link->id &&
		    !strcmp(links->l[i].name, link->name))
			return false;
	return hook_runs(link->gpu_id, link->name);
}

int hook_maps_find(const struct call *call, const char *map, const char *program,
		   struct hook_maps *h)
{
	struct ops_links links;
	struct hook_maps one;
	uint32_t gpu_id = 0;
	size_t i, nr = 0;
	int ret;

	memset(h, 0, sizeof(*h));
	ret = call->nr_args ? gpu_by_name(call->args[0], &gpu_id) : 0;
	if (ret)
		return ret;
	ret = links_find(&links);
	if (ret == -EPERM || ret == -EACCES)
		return fail("maps of hooks are for CAP_SYS_ADMIN only; run as root");
	if (ret)
		return fail("cannot list the BPF links: %s", strerror(-ret));
	for (i = 0; i < links.nr; i++) {
		if ((call->nr_args && links.l[i].gpu_id != gpu_id) ||
		    !is_attached(&links, &links.l[i]) || !take_link(&links.l[i], map, &one))
			continue;
		if (!nr++)
			*h = one;
		else
			hook_maps_free(&one);
	}
	links_free(&links);
	h->program = program;
	if (nr == 1)
		return 0;
	hook_maps_free(h);
	if (nr)
		return usage_error("%zu hooks come from %s; name a GPU, or detach all but one",
				   nr, program);
	return fail("no hook of %s is attached; run: novabpf attach rpc/%s.bpf.o", program,
		    program);
}

int hook_open(const struct call *call, const char *map, const char *program, struct hook_maps *h,
	      int *fd, size_t key_size, size_t value_size)
{
	int ret = hook_maps_find(call, map, program, h);

	if (ret)
		return ret;
	*fd = hook_map(h, map, key_size, value_size);
	if (*fd >= 0)
		return 0;
	hook_maps_free(h);
	return EXIT_FAILED;
}

int hook_events(const struct hook_maps *h, int fd, ring_buffer_sample_fn take, void *ctx)
{
	struct ring_buffer *rb = ring_buffer__new(fd, take, ctx, NULL);

	if (!rb)
		return fail("cannot read the ring buffer of the hook '%s'", h->name);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
	return 0;
}

void hook_maps_free(struct hook_maps *h)
{
	free(h->ids);
	h->ids = NULL;
	h->nr = 0;
}

int hook_map(const struct hook_maps *h, const char *name, size_t key_size, size_t value_size)
{
	struct bpf_map_info info;
	int fd = map_by_name(h, name, &info);

	if (fd < 0) {
		fail("the hook '%s' has no map '%s' any more", h->name, name);
	} else if (info.type != BPF_MAP_TYPE_RINGBUF &&
		   (info.key_size != key_size || info.value_size != value_size)) {
		close(fd);
		fd = -1;
		fail("the hook '%s' was built from another version of %s; attach it again",
		     h->name, h->program);
	}
	return fd;
}

/* Where a section's variable lies in its map. Return: its size, 0 for none. */
static uint32_t find_variable(const struct btf *btf, uint32_t section, const char *name,
			      uint32_t *off)
{
	const struct btf_type *sec = btf__type_by_id(btf, section), *var;
	const struct btf_var_secinfo *info;
	int i;

	if (!sec || !btf_is_datasec(sec))
		return 0;
	info = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++) {
		var = btf__type_by_id(btf, info[i].type);
		if (var && !strcmp(btf__name_by_offset(btf, var->name_off), name)) {
			*off = info[i].offset;
			return info[i].size;
		}
	}
	return 0;
}

static bool read_variable(int fd, const struct bpf_map_info *info, const char *name, uint64_t *val)
{
	struct btf *btf = info->btf_id ? btf__load_from_kernel_by_id(info->btf_id) : NULL;
	uint32_t zero = 0, off = 0, size;
	bool found = false;
	char *bytes;

	size = btf ? find_variable(btf, info->btf_value_type_id, name, &off) : 0;
	if (size && size <= sizeof(*val) && off + size <= info->value_size) {
		bytes = xcalloc(1, info->value_size);
		found = !bpf_map_lookup_elem(fd, &zero, bytes);
		if (found)
			memcpy(val, bytes + off, size);
		free(bytes);
	}
	btf__free(btf);
	return found;
}

uint64_t hook_variable(const struct hook_maps *h, const char *name)
{
	struct bpf_map_info info;
	uint64_t val = 0;
	bool found = false;
	uint32_t len;
	size_t i;
	int fd;

	for (i = 0; i < h->nr && !found; i++) {
		fd = bpf_map_get_fd_by_id(h->ids[i]);
		len = sizeof(info);
		memset(&info, 0, len);
		/* Sections of variables are arrays of one. */
		if (fd >= 0 && !bpf_map_get_info_by_fd(fd, &info, &len) &&
		    info.type == BPF_MAP_TYPE_ARRAY && info.max_entries == 1)
			found = read_variable(fd, &info, name, &val);
		if (fd >= 0)
			close(fd);
	}
	return val;
}

int call_key_order(const void *a, const void *b)
{
	const struct nova_call_key *x = a, *y = b;

	if (x->gfid != y->gfid)
		return x->gfid < y->gfid ? -1 : 1;
	if (x->op != y->op)
		return x->op < y->op ? -1 : 1;
	return (x->cmd > y->cmd) - (x->cmd < y->cmd);
}

int gfid_parse(const char *word, uint32_t *gfid)
{
	uint64_t number;

	if (!strcmp(word, "any")) {
		*gfid = NOVA_GFID_ANY;
	} else if (!strcmp(word, "host")) {
		*gfid = 0;
	} else if (parse_u64(word, &number) && number <= NOVA_GFID_MAX) {
		*gfid = number;
	} else {
		return usage_error("bad vGPU '%s'; use its gfid, 0 to %d, or host, or any", word,
				   NOVA_GFID_MAX);
	}
	return 0;
}

void json_add_call(struct json_object *obj, uint32_t op, uint32_t cmd)
{
	const char *what = call_cmd_name(op, cmd);

	json_add_text(obj, "name", op ? call_op_name(op) : NULL);
	json_add_int(obj, "cmd", cmd);
	json_add_text(obj, "what", *what ? what : NULL);
}

void table_add_call(struct table *t, const struct nova_call_key *key, const char *rest)
{
	const char *what = call_cmd_name(key->op, key->cmd);

	table_add(t, gfid_text(key->gfid));
	table_add(t, xstrdup(key->op ? call_op_name(key->op) : rest));
	table_add(t, key->cmd ? xasprintf("0x%08x", key->cmd) : xstrdup("-"));
	table_add(t, xstrdup(*what ? what : "-"));
}

char *gfid_text(uint32_t gfid)
{
	return gfid == NOVA_GFID_ANY ? xstrdup("any") : xasprintf("%u", gfid);
}
