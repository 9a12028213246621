// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook of fault injection and its maps, which are pinned beside it: rules are
 * written into them while it runs.
 *
 * A rule is complete before it is linked into the chain of its key, and is taken out of
 * the chain before it is wiped. The hook of an RPC may still be looking at it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "inject.h"

#define HOOK		"inject"

enum { RULES, STATE, INDEX, COUNT, ONCE, MAPS };

static const char *const maps[MAPS] = {
	"inject_rules", "inject_state", "inject_index", "inject_count", "inject_once",
};

/* No hook can have such a name. */
static char *map_path(uint32_t gpu_id, int map)
{
	return root_path(PIN_DIR "/gpu%u/rpc/%s~%s", gpu_id, HOOK, strchr(maps[map], '_') + 1);
}

static void remove_maps(uint32_t gpu_id)
{
	char *path;
	int i;

	for (i = 0; i < MAPS; i++) {
		path = map_path(gpu_id, i);
		unlink(path);
		free(path);
	}
	pin_remove_dirs(gpu_id);
}

static int pin_maps(const struct policy_obj *po)
{
	int i, err = pin_make_dirs(po->gpu_id, true);
	struct bpf_map *map;
	char *path;

	for (i = 0; i < MAPS && !err; i++) {
		map = bpf_object__find_map_by_name(po->obj, maps[i]);
		if (!map)
			return fail("%s has no map %s; build it with the tool", po->file, maps[i]);
		path = map_path(po->gpu_id, i);
		unlink(path);
		if (bpf_obj_pin(bpf_map__fd(map), path))
			err = -errno;
		free(path);
	}
	return err ? fail("cannot pin the maps of %s: %s", po->file, strerror(-err)) : 0;
}

static int attach(uint32_t gpu_id)
{
	char *file = shipped_path("rpc/inject.bpf.o", "bpf/rpc/inject.bpf.o");
	char *gpu = xasprintf("%u", gpu_id);
	struct attach_how how = { .file = file, .gpu = gpu, .loaded = pin_maps };
	struct attached at;
	int ret;

	if (!file) {
		ret = fail("there is no inject.bpf.o beside the tool; run: make bpf");
	} else {
		ret = policy_attach(&how, &at);
		if (!ret)
			attached_close(&at);
		else if (!hook_runs(gpu_id, HOOK))
			remove_maps(gpu_id);
	}
	free(file);
	free(gpu);
	return ret;
}

static void *map_memory(int fd, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int open_maps(struct inject *in)
{
	char *path;
	int i;

	for (i = 0; i < MAPS; i++) {
		path = map_path(in->gpu_id, i);
		in->fd[i] = bpf_obj_get(path);
		free(path);
		if (in->fd[i] < 0)
			return errno == ENOENT ? -ENOENT : -errno;
	}
	in->rules = map_memory(in->fd[RULES], NOVA_INJECT_RULES * sizeof(*in->rules));
	in->state = map_memory(in->fd[STATE], NOVA_INJECT_RULES * sizeof(*in->state));
	in->count = map_memory(in->fd[COUNT], sizeof(*in->count));
	return in->rules && in->state && in->count ? 0 : -EINVAL;
}

int inject_open(struct inject *in, uint32_t gpu_id, bool create)
{
	char *dir = root_path(BPFFS_DIR);
	bool runs;
	int ret;

	memset(in, 0, sizeof(*in));
	memset(in->fd, -1, sizeof(in->fd));
	in->gpu_id = gpu_id;
	in->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (in->lock >= 0)
		flock(in->lock, LOCK_EX);
	runs = hook_runs(gpu_id, HOOK);
	if (!runs && !create)
		return 0;
	ret = runs ? open_maps(in) : -ENOENT;
	if (!ret)
		return 0;
	if (runs) {
		if (ret == -EPERM || ret == -EACCES)
			ret = fail("seeing the rules needs CAP_SYS_ADMIN; run as root");
		else
			ret = fail("gpu%u has rules of another tool; run: novabpf inject clear",
				   gpu_id);
		inject_close(in);
		return ret;
	}
	ret = attach(gpu_id);
	in->fresh = !ret;
	if (!ret && open_maps(in))
		ret = fail("cannot open the maps of the hook '" HOOK "' of gpu%u", gpu_id);
	if (ret)
		inject_close(in);
	return ret;
}

void inject_close(struct inject *in)
{
	int i;

	if (in->rules)
		munmap(in->rules, NOVA_INJECT_RULES * sizeof(*in->rules));
	if (in->state)
		munmap(in->state, NOVA_INJECT_RULES * sizeof(*in->state));
	if (in->count)
		munmap(in->count, sizeof(*in->count));
	for (i = 0; i < MAPS; i++)
		if (in->fd[i] >= 0)
			close(in->fd[i]);
	if (in->lock >= 0)
		close(in->lock);
	memset(in, 0, sizeof(*in));
	in->lock = -1;
	memset(in->fd, -1, sizeof(in->fd));
}

static void key_of(const struct nova_inject_rule *rule, struct nova_inject_key *key)
{
	*key = (struct nova_inject_key){
		.phase = rule->phase,
		.op = rule->op,
		.cmd = rule->cmd,
		.gfid = rule->gfid,
	};
}

/* Of the kind of key that the hook looks for only where there are any. */
static uint32_t *count_of(const struct inject *in, const struct nova_inject_key *key)
{
	uint32_t kind = NOVA_INJECT_CMD_GFID;

	if (key->op == NOVA_INJECT_ANY)
		kind = NOVA_INJECT_GFID;
	else if (key->cmd == NOVA_INJECT_ANY)
		kind = NOVA_INJECT_OP_GFID;
	return &in->count->nr[key->phase][kind + (key->gfid == NOVA_INJECT_ANY)];
}

/* The last rule of a chain; NULL for an empty one. */
static struct nova_inject_rule *chain_end(const struct inject *in, uint32_t first)
{
	struct nova_inject_rule *r = NULL;
	uint32_t i;

	for (i = 0; first && first <= NOVA_INJECT_RULES && i < NOVA_INJECT_RULES; i++) {
		r = &in->rules[first - 1];
		first = r->next;
	}
	return r;
}

uint32_t inject_insert(struct inject *in, const struct nova_inject_rule *rule)
{
	struct nova_inject_rule *r = NULL, *last;
	uint32_t i, id = 0, place, first = 0;
	struct nova_inject_key key;

	for (i = 0; i < NOVA_INJECT_RULES; i++) {
		id = in->rules[i].id > id ? in->rules[i].id : id;
		if (!in->rules[i].id && !r)
			r = &in->rules[i];
	}
	if (!r) {
		fail("gpu%u has %d rules, which is the most; remove some", in->gpu_id,
		     NOVA_INJECT_RULES);
		return 0;
	}
	place = r - in->rules + 1;
	memset(&in->state[place - 1], 0, sizeof(*in->state));
	*r = *rule;
	r->id = id + 1;
	r->next = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	key_of(r, &key);
	bpf_map_lookup_elem(in->fd[INDEX], &key, &first);
	last = chain_end(in, first);
	if (last) {
		__atomic_store_n(&last->next, place, __ATOMIC_RELEASE);
	} else if (bpf_map_update_elem(in->fd[INDEX], &key, &place, BPF_ANY)) {
		fail("cannot add the rule: %s", strerror(errno));
		memset(r, 0, sizeof(*r));
		return 0;
	}
	__atomic_fetch_add(count_of(in, &key), 1, __ATOMIC_RELEASE);
	return r->id;
}

struct nova_inject_rule *inject_find(const struct inject *in, uint32_t id)
{
	uint32_t i;

	for (i = 0; in->rules && id && i < NOVA_INJECT_RULES; i++)
		if (in->rules[i].id == id)
			return &in->rules[i];
	return NULL;
}

/* Forget what the rule has met: its id may come again. */
static void forget(struct inject *in, uint32_t id)
{
	struct nova_inject_once key, next;
	bool more = !bpf_map_get_next_key(in->fd[ONCE], NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(in->fd[ONCE], &key, &next);
		if (key.id == id)
			bpf_map_delete_elem(in->fd[ONCE], &key);
	}
}

void inject_remove(struct inject *in, struct nova_inject_rule *rule)
{
	uint32_t place = rule - in->rules + 1, first = 0, next = rule->next, i, id = rule->id;
	struct nova_inject_key key;
	char text[16];

	key_of(rule, &key);
	bpf_map_lookup_elem(in->fd[INDEX], &key, &first);
	if (first == place && next)
		bpf_map_update_elem(in->fd[INDEX], &key, &next, BPF_ANY);
	else if (first == place)
		bpf_map_delete_elem(in->fd[INDEX], &key);
	for (i = 0; i < NOVA_INJECT_RULES; i++)
		if (in->rules[i].id && in->rules[i].next == place)
			__atomic_store_n(&in->rules[i].next, next, __ATOMIC_RELEASE);
	__atomic_fetch_sub(count_of(in, &key), 1, __ATOMIC_RELEASE);
	__atomic_store_n(&rule->id, 0, __ATOMIC_RELEASE);
	if (rule->once)
		forget(in, id);
	snprintf(text, sizeof(text), "%u", id);
	inject_release(in->gpu_id, text);
	memset(rule, 0, sizeof(*rule));
}

size_t inject_count(const struct inject *in)
{
	size_t i, nr = 0;

	for (i = 0; in->rules && i < NOVA_INJECT_RULES; i++)
		nr += in->rules[i].id != 0;
	return nr;
}

int inject_detach(uint32_t gpu_id)
{
	const struct ops_link *link;
	struct ops_links links;
	int ret = links_find(&links);

	if (ret)
		return no_links(ret);
	inject_release(gpu_id, "all");
	link = links_hook(&links, gpu_id, HOOK);
	if (link)
		ret = detach_link(link);
	links_free(&links);
	if (ret)
		return fail("cannot detach hook '" HOOK "' from gpu%u: %s", gpu_id, strerror(-ret));
	pin_remove(gpu_id, HOOK);
	remove_maps(gpu_id);
	return 0;
}

int inject_release(uint32_t gpu_id, const char *what)
{
	return root_write(what, "/sys/class/novabpf/gpu%u/rpc/release", gpu_id);
}
