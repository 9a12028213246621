// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf attach, replace, detach, list: policies and RPC hooks in BPF on GPUs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "policy.h"

#define POLL_MS		500
#define SETTLE_MS	3000

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static const char *kind_word(const struct attached *at)
{
	return at->kind == OPS_RPC ? "hook" : "policy";
}

static struct json_object *attached_json(const struct attached *at)
{
	struct json_object *doc = json_gpu(at->gpu_id);

	json_add_text(doc, kind_word(at), at->name);
	json_add_int(doc, "link", at->link_id);
	json_add_int(doc, "map", at->map_id);
	json_add_text(doc, "pinned", at->path);
	json_add_text(doc, "replaced", *at->before ? at->before : NULL);
	return doc;
}

static void attached_print(const struct attached *at)
{
	if (*at->before)
		printf("gpu%u: %s '%s' is in the place of '%s' (link %u", at->gpu_id, kind_word(at),
		       at->name, at->before, at->link_id);
	else
		printf("gpu%u: %s '%s' is attached (link %u", at->gpu_id, kind_word(at), at->name,
		       at->link_id);
	if (at->path)
		printf(", pinned at %s)\n", at->path);
	else
		puts(", not pinned); Ctrl-C detaches it");
	fflush(stdout);
}

static uint32_t link_map_id(int fd)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_link_get_info_by_fd(fd, &info, &len) ? 0 : info.struct_ops.map_id;
}

static bool still_runs(const struct attached *at)
{
	if (at->kind == OPS_RPC)
		return hook_runs(at->gpu_id, at->name);
	return policy_runs(at->gpu_id);
}

/*
 * Wait until the policy has ended or a signal comes. Kernels that cannot say so
 * by a hang-up of the link are asked now and then.
 */
static void wait_for_end(const struct attached *at)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct timespec timeout = { .tv_nsec = POLL_MS * 1000000L };
	struct pollfd pfd = { .fd = at->link_fd };
	uint32_t map_id = at->map_id;
	sigset_t block, before;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	while (!stopped && link_map_id(at->link_fd) && still_runs(at)) {
		if (link_map_id(at->link_fd) != map_id && !json_output && at->kind == OPS_SCHED) {
			char *name = sched_attr(at->gpu_id, "policy");

			printf("gpu%u: policy '%s' has taken its place, on the same link\n",
			       at->gpu_id, name ? name : "?");
			fflush(stdout);
			free(name);
		}
		map_id = link_map_id(at->link_fd);
		ppoll(&pfd, 1, &timeout, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* The reason is complete once the policy's exit() has run. */
static void wait_until_settled(uint32_t gpu_id)
{
	char *state;
	int ms;

	for (ms = 0; ms < SETTLE_MS; ms += 10) {
		state = sched_attr(gpu_id, "state");
		if (!state || strcmp(state, "disabling")) {
			free(state);
			return;
		}
		free(state);
		usleep(10000);
	}
}

static int foreground(struct attached *at)
{
	struct json_object *doc = json_output ? attached_json(at) : NULL;
	uint32_t gpu_id = at->gpu_id;
	char *why, *name;
	uint64_t kind;

	wait_for_end(at);
	attached_close(at);
	wait_until_settled(gpu_id);
	kind = sched_number(gpu_id, "exit_kind");
	why = exit_text(gpu_id);
	/* The link may have got another policy than ours. */
	name = sched_attr(gpu_id, "exit_policy");
	if (doc) {
		json_add_text(doc, "exit_policy", name);
		json_add_u64(doc, "exit_kind", kind);
		json_add_text(doc, "exit", why);
		emit_json(doc);
	} else if (kind >= NOVA_EXIT_ERROR) {
		fail("gpu%u: policy '%s' was ejected: %s", gpu_id, name ? name : "?", why);
	} else {
		printf("gpu%u: policy '%s' has ended: %s\n", gpu_id, name ? name : "?",
		       printable(why));
	}
	free(name);
	free(why);
	return kind >= NOVA_EXIT_ERROR ? EXIT_FAILED : 0;
}

/* A hook ends without a reason of its own. */
static int foreground_hook(struct attached *at)
{
	struct json_object *doc = json_output ? attached_json(at) : NULL;

	wait_for_end(at);
	attached_close(at);
	if (doc)
		return emit_json(doc);
	printf("gpu%u: hook '%s' is detached\n", at->gpu_id, at->name);
	return 0;
}

static int do_attach(const struct call *call, bool replace)
{
	const char **vars = xcalloc(call->nr_given, sizeof(*vars));
	struct attach_how how = {
		.file = call->args[0],
		.gpu = call_value(call, "gpu"),
		.vars = vars,
		.gfid = call_value(call, "gfid"),
		.priority = call_value(call, "priority"),
		.replace = replace || call_value(call, "replace"),
		.no_pin = call_value(call, "no-pin"),
		.debug = call_value(call, "debug"),
	};
	struct attached at;
	const char *var;
	int pos = 0, ret;

	while ((var = call_next(call, "set", &pos)))
		vars[how.nr_vars++] = var;
	ret = policy_attach(&how, &at);
	free(vars);
	if (ret)
		return ret;
	if (!json_output)
		attached_print(&at);
	if (how.no_pin)
		return at.kind == OPS_RPC ? foreground_hook(&at) : foreground(&at);
	if (json_output)
		emit_json(attached_json(&at));
	attached_close(&at);
	return 0;
}

int cmd_attach(const struct call *call)
{
	return do_attach(call, false);
}

int cmd_replace(const struct call *call)
{
	return do_attach(call, true);
}

int no_links(int err)
{
	if (err == -EPERM || err == -EACCES)
		return fail("seeing and detaching policies needs CAP_SYS_ADMIN; run as root");
	return fail("cannot list the BPF links: %s", strerror(-err));
}

/* Pins of policies that have ended, on GPUs that may be gone. Return: how many. */
static int remove_dead_pins(const struct ops_links *links)
{
	char *dir = root_path(PIN_DIR "/gpu");
	size_t i, len = strlen(dir);
	int removed = 0;

	for (i = 0; i < links->nr; i++) {
		const struct ops_link *link = &links->l[i];
		unsigned int gpu_id;
		char word[8] = "";

		if (!link->map_id && link->path && !strncmp(link->path, dir, len) &&
		    sscanf(link->path + len, "%u/%7s", &gpu_id, word) == 2 &&
		    !strcmp(word, "sched"))
			removed += pin_remove(gpu_id, NULL);
	}
	free(dir);
	return removed;
}

/* The one GPU that has a policy, for a detach that names none. */
static int only_policy(const struct ops_links *links, uint32_t *gpu_id)
{
	struct text list = { 0 };
	int nr = 0, ret = 0;
	size_t i;

	for (i = 0; i < links->nr; i++) {
		if (strcmp(links->l[i].type, SCHED_OPS))
			continue;
		*gpu_id = links->l[i].gpu_id;
		text_add(&list, "%sgpu%u", nr++ ? ", " : "", *gpu_id);
	}
	if (!nr && remove_dead_pins(links))
		ret = fail("no policy is attached; pins of policies that had ended are removed");
	else if (!nr)
		ret = fail("no policy is attached");
	else if (nr > 1)
		ret = usage_error("%d GPUs have a policy; name one: %s", nr, list.s);
	free(list.s);
	return ret;
}

int detach_link(const struct ops_link *link)
{
	int fd = bpf_link_get_fd_by_id(link->id);
	int err = 0;

	/* -ENOENT: it ended just now. */
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (bpf_link_detach(fd))
		err = -errno;
	close(fd);
	/* Older kernels end a link with its last pin only. */
	if (err == -EOPNOTSUPP && link->path && !unlink(link->path))
		err = 0;
	return err;
}

static void report_detach(uint32_t gpu_id, const struct ops_link *link)
{
	char *builtin = sched_attr(gpu_id, "builtin");
	struct json_object *doc;
	char *why;

	if (json_output) {
		doc = json_gpu(gpu_id);
		json_add_text(doc, "policy", link ? link->name : NULL);
		json_add_text(doc, "builtin", builtin);
		emit_json(doc);
	} else if (link) {
		printf("gpu%u: policy '%s' is detached; built-in '%s' decides\n", gpu_id,
		       link->name, builtin ? builtin : "?");
	} else {
		why = exit_text(gpu_id);
		printf("gpu%u: the policy had ended already (%s); its pin is removed\n", gpu_id,
		       printable(why));
		free(why);
	}
	free(builtin);
}

static int detach_policy(const struct call *call)
{
	const struct ops_link *link;
	struct ops_links links;
	uint32_t gpu_id = 0;
	int ret = 0;

	if (call->nr_args)
		ret = gpu_by_name(call->args[0], &gpu_id);
	if (ret)
		return ret;
	ret = links_find(&links);
	if (ret)
		return no_links(ret);
	if (!call->nr_args)
		ret = only_policy(&links, &gpu_id);
	if (ret)
		goto out;
	link = links_sched(&links, gpu_id);
	if (link)
		ret = detach_link(link);
	if (ret)
		ret = fail("cannot detach '%s' from gpu%u: %s", link->name, gpu_id,
			   strerror(-ret));
	else if (!pin_remove(gpu_id, NULL) && !link)
		ret = fail("gpu%u has no policy attached", gpu_id);
	else
		report_detach(gpu_id, link);
out:
	links_free(&links);
	return ret;
}

int cmd_detach(const struct call *call)
{
	const char *hook = call_value(call, "hook");
	uint32_t gpu_id;
	int ret;

	if (!hook)
		return detach_policy(call);
	if (!call->nr_args)
		return usage_error("--hook needs a GPU: novabpf detach GPU --hook %s", hook);
	ret = gpu_by_name(call->args[0], &gpu_id);
	return ret ? ret : hook_detach(gpu_id, hook);
}

static struct json_object *link_json(const struct ops_link *link)
{
	struct json_object *obj = json_object_new_object();
	char *gpu = xasprintf("gpu%u", link->gpu_id);
	bool live = link->map_id;
	struct hooks hooks;

	json_add_int(obj, "link", link->id);
	json_add_bool(obj, "attached", live);
	json_object_object_add(obj, "map", live ? json_object_new_int64(link->map_id) : NULL);
	json_add_text(obj, "type", live ? link->type : NULL);
	json_add_text(obj, "name", live ? link->name : NULL);
	json_add_text(obj, "gpu", live ? gpu : NULL);
	json_add_text(obj, "pinned", link->path);
	if (!strcmp(link->type, RPC_OPS)) {
		hooks_read(link->gpu_id, &hooks);
		json_object_object_add(obj, "hook",
				       hook_json(&hooks, hooks_find(&hooks, link->name)));
		hooks_free(&hooks);
	}
	free(gpu);
	return obj;
}

static void link_row(struct table *t, const struct ops_link *link)
{
	bool live = link->map_id;

	table_add(t, xasprintf("%u", link->id));
	table_add(t, live ? xasprintf("%u", link->map_id) : xstrdup("ended"));
	table_add(t, xstrdup(live ? link->type : "-"));
	table_add(t, xstrdup(live ? link->name : "-"));
	table_add(t, live ? xasprintf("gpu%u", link->gpu_id) : xstrdup("-"));
	table_add(t, xstrdup(link->path ? link->path : "-"));
}

int cmd_list(const struct call *call)
{
	static const char *const head[] = { "LINK", "MAP", "TYPE", "NAME", "GPU", "PINNED" };
	struct listing list;
	struct ops_links links;
	size_t i;
	int ret;

	(void)call;
	ret = links_find(&links);
	if (ret)
		return no_links(ret);
	listing_begin(&list, head, ARRAY_LEN(head));
	for (i = 0; i < links.nr; i++) {
		if (list.doc)
			json_object_array_add(list.doc, link_json(&links.l[i]));
		else
			link_row(&list.table, &links.l[i]);
	}
	links_free(&links);
	listing_end(&list, 0);
	if (!json_output)
		hooks_print();
	return 0;
}
