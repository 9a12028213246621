// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching a policy or a hook to a GPU, or putting it in the place of the one there.
 *
 * All that can be known beforehand is checked before anything is done, and what
 * was done is undone on an error: a link that is not pinned ends with its fd.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "policy.h"

#define UPDATE_TRIES	3

bool policy_runs(uint32_t gpu_id)
{
	char *state = sched_attr(gpu_id, "state");
	bool runs = state && (!strcmp(state, "enabled") || !strcmp(state, "enabling"));

	free(state);
	return runs;
}

char *exit_text(uint32_t gpu_id)
{
	char *reason = sched_attr(gpu_id, "exit_reason");
	char *msg = sched_attr(gpu_id, "exit_msg");
	char *text;

	text = xasprintf("%s%s%s", reason && *reason ? reason : "no reason is known",
			 msg && *msg ? ": " : "", msg ? msg : "");
	free(reason);
	free(msg);
	return text;
}

/* "gpu0" or "0". */
int gpu_by_name(const char *want, uint32_t *gpu_id)
{
	struct call call = { .args = &want, .nr_args = 1 };
	struct names gpus;
	int ret;

	ret = gpus_select(&call, &gpus);
	if (ret)
		return ret;
	if (!gpu_id_of(gpus.name[0], gpu_id))
		ret = fail("the number of %s is out of range", gpus.name[0]);
	names_free(&gpus);
	return ret;
}

static bool kernel_has_struct_ops(const char *release)
{
	struct btf *vmlinux;
	bool able = machine_has_struct_ops(NULL, release);

	/* By its version first: the kernel's types take a while to read. */
	if (!able) {
		vmlinux = btf__load_vmlinux_btf();
		able = vmlinux && machine_has_struct_ops(vmlinux, release);
		btf__free(vmlinux);
	}
	return able;
}

/* What the machine, the module and the caller lack. */
static int check_machine(const struct policy_obj *po)
{
	char *btf = root_path("/sys/kernel/btf/novabpf");
	char *release = root_line("/proc/sys/kernel/osrelease");
	char *state = sched_attr(po->gpu_id, "state");
	int ret = 0;

	if (!kernel_has_struct_ops(release))
		ret = fail("kernel %s has no struct_ops for modules; boot 6.9 or newer",
			   release ? release : "?");
	else if (!state)
		ret = fail("gpu%u has no scheduler; load modules of the tool's version",
			   po->gpu_id);
	else if (!path_exists(btf))
		ret = fail("the module has no BTF, no %s; build it again with pahole and vmlinux",
			   btf);
	else if (!(machine_caps() >> CAP_SYS_ADMIN_BIT & 1))
		ret = fail("attaching a %s needs CAP_SYS_ADMIN; run as root",
			   po->kind == OPS_RPC ? "hook" : "policy");
	free(state);
	free(release);
	free(btf);
	return ret;
}

/* Another policy is attached: name it and say what to do. */
static int occupied(uint32_t gpu_id)
{
	char *name = sched_attr(gpu_id, "policy"), *where;
	const struct ops_link *link = NULL;
	struct ops_links links = { 0 };
	int ret;

	if (!links_find(&links))
		link = links_sched(&links, gpu_id);
	where = link_where(link);
	ret = fail("gpu%u has the policy '%s' already%s; use --replace or 'novabpf detach gpu%u'",
		   gpu_id, name && *name ? name : link ? link->name : "?", where, gpu_id);
	links_free(&links);
	free(where);
	free(name);
	return ret;
}

static int not_attached(const struct policy_obj *po, int err)
{
	char *ended = sched_attr(po->gpu_id, "exit_policy");
	uint64_t kind = sched_number(po->gpu_id, "exit_kind");
	char *why;
	int ret;

	if (po->kind == OPS_SCHED && err == EBUSY) {
		ret = occupied(po->gpu_id);
	} else if (po->kind == OPS_SCHED && kind == NOVA_EXIT_ERROR_INIT && ended &&
		   !strcmp(ended, po->name)) {
		why = exit_text(po->gpu_id);
		ret = fail("%s: '%s' was not attached to gpu%u: %s", po->file, po->name,
			   po->gpu_id, why);
		free(why);
	} else {
		ret = fail("%s: the module refuses '%s' for gpu%u: %s; see: dmesg | grep novabpf",
			   po->file, po->name, po->gpu_id, strerror(err));
	}
	free(ended);
	return ret;
}

static bool read_ids(struct attached *at)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	if (bpf_link_get_info_by_fd(at->link_fd, &info, &len))
		return false;
	at->link_id = info.id;
	at->map_id = info.struct_ops.map_id;
	return true;
}

/*
 * Put the policy in the place of the one there, by an update of its link: the GPU
 * is never without. Return: 0, or -errno; -ENOLINK where there is none.
 */
static int update_link(const struct policy_obj *po, struct attached *at)
{
	const struct ops_link *link;
	struct ops_links links;
	int ret;

	ret = links_find(&links);
	if (ret)
		return ret;
	link = po->kind == OPS_RPC ? links_hook(&links, po->gpu_id, po->name)
				   : links_sched(&links, po->gpu_id);
	at->link_fd = link ? bpf_link_get_fd_by_id(link->id) : -1;
	if (!link || (at->link_fd < 0 && errno == ENOENT)) {
		ret = -ENOLINK;
	} else if (at->link_fd < 0 ||
		   bpf_link_update(at->link_fd, bpf_map__fd(po->map), NULL)) {
		ret = -errno;
	} else {
		snprintf(at->before, sizeof(at->before), "%s", link->name);
	}
	if (ret && at->link_fd >= 0) {
		close(at->link_fd);
		at->link_fd = -1;
	}
	links_free(&links);
	return ret;
}

/*
 * An attempt to attach that ends with -EBUSY, or -EEXIST for a hook of this name,
 * has filled in the map, which is all that the update of a link needs.
 */
static int take_over(const struct policy_obj *po, bool replace, struct attached *at)
{
	struct bpf_link *link;
	int i, ret = -EBUSY;

	for (i = 0; i < UPDATE_TRIES; i++) {
		link = bpf_map__attach_struct_ops(po->map);
		if (link) {
			at->link_fd = fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 0);
			ret = at->link_fd < 0 ? -errno : 0;
			bpf_link__destroy(link);
			break;
		}
		ret = -errno;
		if ((ret != -EBUSY && ret != -EEXIST) || !replace)
			break;
		ret = update_link(po, at);
		/* The link has ended: the place is free, or another link has it. */
		if (ret != -ENOLINK)
			break;
		ret = -EBUSY;
	}
	return ret ? not_attached(po, -ret) : 0;
}

static int set_hook_options(struct policy_obj *po, const struct attach_how *how)
{
	bool negative = how->priority && *how->priority == '-';
	uint64_t val;
	int ret = 0;

	if (how->gfid && (!parse_u64(how->gfid, &val) || val > NOVA_GFID_MAX))
		return usage_error("bad value '%s' for --gfid; use 0 to %u, 0 for the host",
				   how->gfid, NOVA_GFID_MAX);
	if (how->gfid)
		ret = policy_set_gfid(po, val);
	if (ret || !how->priority)
		return ret;
	if (!parse_u64(how->priority + negative, &val) || val > INT32_MAX)
		return usage_error("bad value '%s' for --priority; use a whole number",
				   how->priority);
	return policy_set_priority(po, negative ? -(int32_t)val : (int32_t)val);
}

static int attach_opened(struct policy_obj *po, const struct attach_how *how, struct attached *at)
{
	uint32_t gpu_id = po->gpu_id;
	const char *hook;
	char *gpu = how->gpu ? xstrdup(how->gpu) : xasprintf("%u", gpu_id);
	size_t i;
	int ret = 0;

	for (i = 0; i < how->nr_vars && !ret; i++)
		ret = policy_set_var(po, how->vars[i]);
	if (!ret)
		ret = set_hook_options(po, how);
	if (!ret)
		ret = gpu_by_name(gpu, &gpu_id);
	free(gpu);
	if (!ret)
		ret = policy_set_gpu(po, gpu_id);
	if (!ret)
		ret = check_machine(po);
	if (!ret && !how->no_pin)
		ret = pin_check();
	if (!ret && po->kind == OPS_RPC)
		ret = hook_check(po, how->replace);
	else if (!ret && !how->replace && policy_runs(gpu_id))
		ret = occupied(gpu_id);
	if (!ret)
		ret = policy_load(po, how->debug);
	if (!ret && how->loaded)
		ret = how->loaded(po);
	if (!ret)
		ret = take_over(po, how->replace, at);
	if (ret)
		return ret;
	at->kind = po->kind;
	at->gpu_id = gpu_id;
	memcpy(at->name, po->name, sizeof(at->name));
	read_ids(at);
	hook = po->kind == OPS_RPC ? po->name : NULL;
	if (how->no_pin) {
		pin_remove(gpu_id, hook);
		return 0;
	}
	ret = pin_link(at->link_fd, gpu_id, hook);
	if (!ret)
		at->path = pin_path(gpu_id, hook);
	return ret;
}

/* A file, or an object that came with the tool by its short name, "rpc/firewall.bpf.o". */
static char *attach_find_file(const char *file)
{
	char *beside = xasprintf("bpf/%s", file);
	char *shipped = *file == '/' || path_exists(file) ? NULL : shipped_path(file, beside);

	free(beside);
	return shipped ? shipped : xstrdup(file);
}

int policy_attach(const struct attach_how *how, struct attached *at)
{
	char *file = attach_find_file(how->file);
	struct policy_obj po;
	int ret;

	memset(at, 0, sizeof(*at));
	at->link_fd = -1;
	ret = policy_open(&po, file);
	if (ret)
		goto out;
	if (how->sched_only && po.kind != OPS_SCHED)
		ret = fail("%s holds an RPC hook; a scheduling policy is wanted here", how->file);
	else
		ret = attach_opened(&po, how, at);
	policy_close(&po);
	if (ret)
		attached_close(at);
out:
	free(file);
	return ret;
}

void attached_close(struct attached *at)
{
	if (at->link_fd >= 0)
		close(at->link_fd);
	free(at->path);
	at->link_fd = -1;
	at->path = NULL;
}
