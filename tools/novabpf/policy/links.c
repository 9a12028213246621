// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links that attach struct_ops of the module, and where they are pinned.
 *
 * The type of such a link is in the BTF of the module, not in that of the kernel:
 * the map says in which (btf_vmlinux_id).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "policy.h"

#define BPF_FS_BYTES	0xcafe4a11u
#define PIN_DEPTH	8

/* BTF of the module, loaded once per search. */
struct types {
	struct btf *vmlinux;
	struct btf *module;
	uint32_t id;
	bool is_ours;
};

static void types_free(struct types *types)
{
	btf__free(types->module);
	btf__free(types->vmlinux);
}

static bool is_novabpf_btf(uint32_t id)
{
	struct bpf_btf_info info = { 0 };
	uint32_t len = sizeof(info);
	char name[64] = "";
	int fd, err;

	fd = bpf_btf_get_fd_by_id(id);
	if (fd < 0)
		return false;
	info.name = (uintptr_t)name;
	info.name_len = sizeof(name);
	err = bpf_btf_get_info_by_fd(fd, &info, &len);
	close(fd);
	return !err && info.kernel_btf && !strcmp(name, "novabpf");
}

static bool types_load(struct types *types, uint32_t id)
{
	if (types->id != id) {
		btf__free(types->module);
		types->module = NULL;
		types->id = id;
		types->is_ours = is_novabpf_btf(id);
		if (types->is_ours && !types->vmlinux)
			types->vmlinux = btf__load_vmlinux_btf();
		if (types->vmlinux && types->is_ours)
			types->module = btf__load_from_kernel_by_id_split(id, types->vmlinux);
	}
	return types->module;
}

/* Member @name of the table of operations whose bytes are @data. */
static const void *value_member(const struct btf *btf, const struct btf_type *t, const char *name,
				const char *data, size_t bytes, size_t size)
{
	const struct btf_member *m = btf_member_find(btf, t, name);

	return m && m->offset / 8 + size <= bytes ? data + m->offset / 8 : NULL;
}

/* Where an operation is implemented the kernel shows the id of its program. */
static void read_progs(const struct btf *btf, const struct btf_type *ops, const char *data,
		       size_t bytes, struct ops_link *link)
{
	const struct btf_member *m = btf_members(ops);
	int i;

	for (i = 0; i < btf_vlen(ops) && link->nr_progs < ARRAY_LEN(link->progs); i++) {
		const struct btf_type *t = btf_plain_type(btf, m[i].type);
		unsigned long id = 0;

		if (!t || !btf_is_ptr(t) || m[i].offset / 8 + sizeof(id) > bytes)
			continue;
		memcpy(&id, data + m[i].offset / 8, sizeof(id));
		if (id)
			link->progs[link->nr_progs++] = id;
	}
}

static void read_ops(const struct btf *btf, const struct btf_type *value, const char *bytes,
		     size_t len, struct ops_link *link)
{
	const struct btf_member *m = btf_member_find(btf, value, "data");
	const struct btf_type *ops = m ? btf_plain_type(btf, m->type) : NULL;
	const void *member;

	if (!ops || m->offset / 8 > len)
		return;
	snprintf(link->type, sizeof(link->type), "%s", btf__name_by_offset(btf, ops->name_off));
	bytes += m->offset / 8;
	len -= m->offset / 8;
	member = value_member(btf, ops, "name", bytes, len, NOVA_NAME_LEN);
	if (member)
		snprintf(link->name, sizeof(link->name), "%.*s", NOVA_NAME_LEN - 1,
			 (const char *)member);
	member = value_member(btf, ops, "gpu_id", bytes, len, sizeof(link->gpu_id));
	if (member)
		memcpy(&link->gpu_id, member, sizeof(link->gpu_id));
	read_progs(btf, ops, bytes, len, link);
}

/* Return: true where the map of @link is one of the module's. */
static bool read_map(struct types *types, struct ops_link *link)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), zero = 0;
	const struct btf_type *value;
	int fd = bpf_map_get_fd_by_id(link->map_id);
	char *bytes;

	if (fd < 0)
		return false;
	if (bpf_map_get_info_by_fd(fd, &info, &len) || !types_load(types, info.btf_vmlinux_id)) {
		close(fd);
		return false;
	}
	value = btf__type_by_id(types->module, info.btf_vmlinux_value_type_id);
	bytes = xcalloc(1, info.value_size);
	if (value && btf_is_struct(value) && !bpf_map_lookup_elem(fd, &zero, bytes))
		read_ops(types->module, value, bytes, info.value_size, link);
	free(bytes);
	close(fd);
	return *link->type;
}

/* The kernel fills in the information of a map or a program as well. */
static bool is_link(int fd)
{
	char path[32], target[32] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* "bpf_link" or "bpf-link", as the kernel likes it. */
	return readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, "link");
}

/* Return: true where @fd is a link of the struct_ops kind. */
static bool read_link(int fd, struct ops_link *link)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	if (!is_link(fd) || bpf_link_get_info_by_fd(fd, &info, &len) ||
	    info.type != BPF_LINK_TYPE_STRUCT_OPS)
		return false;
	link->id = info.id;
	link->map_id = info.struct_ops.map_id;
	return true;
}

static struct ops_link *links_add(struct ops_links *links, const struct ops_link *link)
{
	links->l = xrealloc(links->l, links->nr + 1, sizeof(*links->l));
	links->l[links->nr] = *link;
	return &links->l[links->nr++];
}

/* A pin of a link that we know; of a dead one in our folder otherwise. */
static void found_pin(struct ops_links *links, const char *path)
{
	struct ops_link link = { 0 };
	int fd = bpf_obj_get(path);
	size_t i;

	if (fd < 0)
		return;
	if (read_link(fd, &link)) {
		for (i = 0; i < links->nr && links->l[i].id != link.id; i++)
			;
		if (i < links->nr && !links->l[i].path)
			links->l[i].path = xstrdup(path);
		else if (i == links->nr && !link.map_id && strstr(path, PIN_DIR "/"))
			links_add(links, &link)->path = xstrdup(path);
	}
	close(fd);
}

static void find_pins(struct ops_links *links, const char *dir, int depth)
{
	struct dirent *de;
	struct stat st;
	char *path;
	DIR *d;

	d = depth < PIN_DEPTH ? opendir(dir) : NULL;
	while (d && (de = readdir(d))) {
		if (*de->d_name == '.' ||
		    fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		path = xasprintf("%s/%s", dir, de->d_name);
		if (S_ISDIR(st.st_mode))
			find_pins(links, path, depth + 1);
		else if (S_ISREG(st.st_mode))
			found_pin(links, path);
		free(path);
	}
	if (d)
		closedir(d);
}

static void pins_of(struct ops_links *links)
{
	char *dir = root_path(BPFFS_DIR);

	find_pins(links, dir, 0);
	free(dir);
}

/* All links of the module's types. Return: 0 or -errno; prints nothing. */
int links_find(struct ops_links *links)
{
	struct types types = { 0 };
	uint32_t id = 0;
	int fd, err;

	memset(links, 0, sizeof(*links));
	while (!(err = bpf_link_get_next_id(id, &id))) {
		struct ops_link link = { 0 };

		fd = bpf_link_get_fd_by_id(id);
		/* The link may have gone meanwhile. */
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0) {
			err = -errno;
			break;
		}
		if (read_link(fd, &link) && link.map_id && read_map(&types, &link))
			links_add(links, &link);
		close(fd);
	}
	types_free(&types);
	if (err != -ENOENT) {
		links_free(links);
		return err;
	}
	pins_of(links);
	return 0;
}

const struct ops_link *links_sched(const struct ops_links *links, uint32_t gpu_id)
{
	size_t i;

	for (i = 0; i < links->nr; i++)
		if (links->l[i].gpu_id == gpu_id && !strcmp(links->l[i].type, SCHED_OPS))
			return &links->l[i];
	return NULL;
}

const struct ops_link *links_hook(const struct ops_links *links, uint32_t gpu_id,
				  const char *name)
{
	size_t i;

	for (i = 0; i < links->nr; i++)
		if (links->l[i].gpu_id == gpu_id && !strcmp(links->l[i].type, RPC_OPS) &&
		    !strcmp(links->l[i].name, name))
			return &links->l[i];
	return NULL;
}

char *link_where(const struct ops_link *link)
{
	if (!link)
		return xstrdup("");
	return xasprintf(" (link %u%s%s)", link->id,
			 link->path ? ", pinned at " : ", not pinned",
			 link->path ? link->path : "");
}

void links_free(struct ops_links *links)
{
	size_t i;

	for (i = 0; i < links->nr; i++)
		free(links->l[i].path);
	free(links->l);
	memset(links, 0, sizeof(*links));
}

/* bpffs refuses dots in names; '+' stands in no name of a hook. */
char *pin_path(uint32_t gpu_id, const char *hook)
{
	char *path = hook ? root_path(PIN_DIR "/gpu%u/rpc/%s", gpu_id, hook)
			  : root_path(PIN_DIR "/gpu%u/sched", gpu_id);
	char *name = strrchr(path, '/');

	while (hook && (name = strchr(name, '.')))
		*name = '+';
	return path;
}

/* Can links be pinned? */
int pin_check(void)
{
	char *dir = root_path(BPFFS_DIR);
	struct statfs fs;
	int ret = 0;

	if (statfs(dir, &fs) || (uint32_t)fs.f_type != BPF_FS_BYTES)
		ret = fail("no bpffs to pin in; run: mount -t bpf none %s; or use --no-pin",
			   dir);
	free(dir);
	return ret;
}

/* A folder stays where something else is pinned in it. */
void pin_remove_dirs(uint32_t gpu_id)
{
	char *rpc = root_path(PIN_DIR "/gpu%u/rpc", gpu_id);
	char *gpu = root_path(PIN_DIR "/gpu%u", gpu_id);
	char *all = root_path(PIN_DIR);

	rmdir(rpc);
	if (!rmdir(gpu) || errno == ENOENT)
		rmdir(all);
	free(rpc);
	free(gpu);
	free(all);
}

/* Return: 0 or -errno. */
int pin_make_dirs(uint32_t gpu_id, bool hooks)
{
	char *rpc = root_path(PIN_DIR "/gpu%u/rpc", gpu_id);
	char *gpu = root_path(PIN_DIR "/gpu%u", gpu_id);
	char *all = root_path(PIN_DIR);
	int ret = 0;

	if ((mkdir(all, 0700) && errno != EEXIST) || (mkdir(gpu, 0700) && errno != EEXIST) ||
	    (hooks && mkdir(rpc, 0700) && errno != EEXIST))
		ret = -errno;
	free(rpc);
	free(gpu);
	free(all);
	return ret;
}

/*
 * Pin a link at its place, over what is there. The name is changed at the end, so
 * that there is a pin at every moment. No name of a hook has a '~'.
 */
int pin_link(int link_fd, uint32_t gpu_id, const char *hook)
{
	char *path = pin_path(gpu_id, hook);
	char *fresh = xasprintf("%s~%d", path, (int)getpid());
	int err = pin_make_dirs(gpu_id, hook);

	if (!err && bpf_obj_pin(link_fd, fresh))
		err = -errno;
	if (!err && rename(fresh, path)) {
		err = -errno;
		unlink(fresh);
	}
	if (err) {
		pin_remove_dirs(gpu_id);
		fail("cannot pin the %s at %s: %s", hook ? "hook" : "policy", path,
		     strerror(-err));
	}
	free(path);
	free(fresh);
	return err ? EXIT_FAILED : 0;
}

/* Return: true where there was a pin. */
bool pin_remove(uint32_t gpu_id, const char *hook)
{
	char *path = pin_path(gpu_id, hook);
	bool removed = !unlink(path);

	pin_remove_dirs(gpu_id);
	free(path);
	return removed;
}
