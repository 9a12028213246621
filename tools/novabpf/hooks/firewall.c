// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf rpc firewall, allow, deny, forget, limits, limit: rules of the hooks
 * firewall and ratelimit, and what they decided.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <novabpf/format/filters.h>

#include "base/calls.h"
#include "maps.h"

struct rule {
	struct nova_call_key key;
	struct nova_fw_rule rule;
};

struct rules {
	struct rule *r;
	size_t nr;
};

static void read_rules(int fd, struct rules *all)
{
	struct nova_call_key key, *last = NULL;
	struct nova_fw_rule rule;

	memset(all, 0, sizeof(*all));
	while (!bpf_map_get_next_key(fd, last, &key)) {
		if (!bpf_map_lookup_elem(fd, &key, &rule)) {
			all->r = xrealloc(all->r, all->nr + 1, sizeof(*all->r));
			all->r[all->nr++] = (struct rule){ key, rule };
		}
		last = &key;
	}
	if (all->nr)
		qsort(all->r, all->nr, sizeof(*all->r), call_key_order);
}

static int open_rules(const struct call *call, struct hook_maps *h, int *fd)
{
	return hook_open(call, "firewall_rules", "firewall", h, fd, sizeof(struct nova_call_key),
			 sizeof(struct nova_fw_rule));
}

static const char *verdict_name(uint32_t verdict)
{
	return verdict == NOVA_FW_DENY ? "deny" : "allow";
}

static void rules_print(const struct rules *all, const struct hook_maps *h)
{
	static const char *const head[] = { "GFID", "FUNCTION", "CMD", "WHAT", "VERDICT", "CALLS" };
	struct table t = { 0 };
	size_t i;

	printf("gpu%u: hook '%s' %s; allowed %llu, denied %llu\n", h->gpu_id, h->name,
	       hook_variable(h, "enforce") ? "enforces" : "audits only",
	       (unsigned long long)hook_variable(h, "nr_allowed"),
	       (unsigned long long)hook_variable(h, "nr_denied"));
	for (i = 0; i < ARRAY_LEN(head); i++)
		table_add(&t, xstrdup(head[i]));
	for (i = 0; i < all->nr; i++) {
		table_add_call(&t, &all->r[i].key, "the rest");
		table_add(&t, xstrdup(verdict_name(all->r[i].rule.verdict)));
		table_add(&t, xasprintf("%llu", (unsigned long long)all->r[i].rule.hits));
	}
	table_print(&t, ARRAY_LEN(head));
	table_free(&t);
}

static void put_gfid(struct json_object *obj, uint32_t gfid)
{
	json_object_object_add(obj, "gfid", gfid == NOVA_GFID_ANY ? json_text("any") :
								    json_object_new_int64(gfid));
}

static void rules_emit(const struct rules *all, const struct hook_maps *h)
{
	struct json_object *doc = json_gpu(h->gpu_id), *list = json_object_new_array();
	size_t i;

	json_add_text(doc, "hook", h->name);
	json_add_bool(doc, "enforce", hook_variable(h, "enforce"));
	json_add_u64(doc, "allowed", hook_variable(h, "nr_allowed"));
	json_add_u64(doc, "denied", hook_variable(h, "nr_denied"));
	json_add_u64(doc, "events_lost", hook_variable(h, "nr_lost"));
	for (i = 0; i < all->nr; i++) {
		struct json_object *obj = json_object_new_object();

		put_gfid(obj, all->r[i].key.gfid);
		json_add_call(obj, all->r[i].key.op, all->r[i].key.cmd);
		json_add_text(obj, "verdict", verdict_name(all->r[i].rule.verdict));
		json_add_u64(obj, "calls", all->r[i].rule.hits);
		json_object_array_add(list, obj);
	}
	json_object_object_add(doc, "rules", list);
	emit_json(doc);
}

static int take_event(void *ctx, void *data, size_t size)
{
	struct json_object *list = ctx, *obj;
	const struct nova_fw_event *ev = data;
	char comm[NOVA_NAME_LEN];

	if (size != sizeof(*ev))
		return 0;
	snprintf(comm, sizeof(comm), "%.*s", NOVA_NAME_LEN - 1, ev->comm);
	if (!json_output) {
		printf("%.6f s: %s call %llu gfid %u %s(%u) cmd=0x%08x %s by %s(%d)\n",
		       ev->now_ns / 1e9, ev->enforced ? "denied" : "would deny",
		       (unsigned long long)ev->id, ev->gfid, call_op_name(ev->op), ev->function,
		       ev->cmd, call_cmd_name(ev->op, ev->cmd), printable(comm),
		       ev->pid);
		return 0;
	}
	obj = json_object_new_object();
	json_add_u64(obj, "now_ns", ev->now_ns);
	json_add_u64(obj, "id", ev->id);
	put_gfid(obj, ev->gfid);
	json_add_call(obj, ev->op, ev->cmd);
	json_add_int(obj, "function", ev->function);
	json_add_int(obj, "pid", ev->pid);
	json_add_text(obj, "comm", comm);
	json_add_bool(obj, "enforced", ev->enforced);
	json_object_array_add(list, obj);
	return 0;
}

static int show_events(const struct hook_maps *h)
{
	struct json_object *list = json_output ? json_object_new_array() : NULL;
	int fd = hook_map(h, "firewall_events", 0, 0), ret;

	if (fd < 0)
		return EXIT_FAILED;
	ret = hook_events(h, fd, take_event, list);
	close(fd);
	if (list && !ret)
		emit_json(list);
	return ret;
}

int cmd_rpc_firewall(const struct call *call)
{
	struct hook_maps h;
	struct rules all;
	int ret, fd;

	ret = open_rules(call, &h, &fd);
	if (ret)
		return ret;
	if (call_value(call, "events")) {
		ret = show_events(&h);
	} else {
		read_rules(fd, &all);
		if (json_output)
			rules_emit(&all, &h);
		else
			rules_print(&all, &h);
		free(all.r);
	}
	close(fd);
	hook_maps_free(&h);
	return ret;
}

/* The kinds of RPCs that the arguments name, of one vGPU. */
static int parse_keys(const struct call *call, struct nova_call_key *keys, int *nr)
{
	uint32_t gfid;
	int i, ret;

	ret = gfid_parse(call->args[1], &gfid);
	*nr = call->nr_args - 2;
	for (i = 0; i < *nr && !ret; i++) {
		keys[i].gfid = gfid;
		ret = call_parse(call->args[i + 2], &keys[i].op, &keys[i].cmd);
	}
	if (!*nr) {
		keys[0] = (struct nova_call_key){ .gfid = gfid };
		*nr = 1;
	}
	return ret;
}

static int set_rules(const struct call *call, uint32_t verdict)
{
	struct nova_call_key *keys = xcalloc(call->nr_args, sizeof(*keys));
	struct nova_fw_rule rule = { .verdict = verdict };
	struct hook_maps h;
	int ret, nr, fd, i;

	ret = parse_keys(call, keys, &nr);
	if (!ret)
		ret = open_rules(call, &h, &fd);
	if (ret)
		goto out;
	for (i = 0; i < nr && !ret; i++)
		if (bpf_map_update_elem(fd, &keys[i], &rule, BPF_ANY))
			ret = fail("cannot add rule %d of %d: %s", i + 1, nr,
				   errno == E2BIG ? "the table is full" : strerror(errno));
	close(fd);
	hook_maps_free(&h);
out:
	free(keys);
	return ret;
}

int cmd_rpc_allow(const struct call *call)
{
	return set_rules(call, NOVA_FW_ALLOW);
}

int cmd_rpc_deny(const struct call *call)
{
	return set_rules(call, NOVA_FW_DENY);
}

int cmd_rpc_forget(const struct call *call)
{
	struct nova_call_key *keys = xcalloc(call->nr_args, sizeof(*keys));
	struct rules all = { 0 };
	struct hook_maps h;
	int ret, nr, fd, removed = 0, i;
	size_t k;

	ret = parse_keys(call, keys, &nr);
	if (!ret)
		ret = open_rules(call, &h, &fd);
	if (ret)
		goto out;
	read_rules(fd, &all);
	for (k = 0; k < all.nr; k++)
		for (i = 0; i < nr; i++)
			if (!call_key_order(&all.r[k].key, &keys[i]) ||
			    (call->nr_args == 2 && all.r[k].key.gfid == keys[0].gfid))
				removed += !bpf_map_delete_elem(fd, &all.r[k].key);
	if (!removed)
		ret = fail("there is no such rule; see: novabpf rpc firewall");
	close(fd);
	hook_maps_free(&h);
	free(all.r);
out:
	free(keys);
	return ret;
}
