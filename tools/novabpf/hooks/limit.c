// SPDX-License-Identifier: GPL-2.0-only
/* novabpf rpc limits, limit: limits of the hook ratelimit, and what they did. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <novabpf/format/filters.h>

#include "maps.h"

/* As it is in the map: the lock is not shown. */
struct bucket {
	uint32_t lock, reserved;
	struct nova_limit_state s;
};

static struct json_object *limit_json(uint32_t gfid, const struct nova_limit *limit, bool own,
				      const struct nova_limit_state *s)
{
	struct json_object *obj = json_object_new_object();

	json_add_int(obj, "gfid", gfid);
	json_add_int(obj, "rate", limit->rate);
	json_add_int(obj, "burst", limit->burst);
	json_add_bool(obj, "own", own);
	json_add_u64(obj, "calls", s->calls);
	json_add_u64(obj, "throttled", s->throttled);
	json_add_u64(obj, "clipped", s->clipped);
	json_add_u64(obj, "wait_ns", s->wait_ns);
	return obj;
}

static void limit_row(struct table *t, uint32_t gfid, const struct nova_limit *limit, bool own,
		      const struct nova_limit_state *s)
{
	table_add(t, xasprintf("%u", gfid));
	table_add(t, limit->rate ? xasprintf("%u", limit->rate) : xstrdup("-"));
	table_add(t, limit->rate ? xasprintf("%u", limit->burst) : xstrdup("-"));
	table_add(t, xstrdup(own ? "its own" : "default"));
	table_add(t, xasprintf("%llu", (unsigned long long)s->calls));
	table_add(t, xasprintf("%llu", (unsigned long long)s->throttled));
	table_add(t, xasprintf("%llu", (unsigned long long)s->clipped));
	table_add(t, xasprintf("%.1f", s->wait_ns / 1e6));
}

int cmd_rpc_limits(const struct call *call)
{
	static const char *const head[] = {
		"GFID", "RATE", "BURST", "LIMIT", "CALLS", "THROTTLED", "CLIPPED", "WAIT_MS",
	};
	struct nova_limit limit, all;
	struct listing list;
	struct bucket bucket;
	struct hook_maps h;
	int ret, of, now;
	uint32_t gfid;

	ret = hook_open(call, "ratelimit_of", "ratelimit", &h, &of, sizeof(gfid), sizeof(limit));
	if (ret)
		return ret;
	now = hook_map(&h, "ratelimit_now", sizeof(gfid), sizeof(bucket));
	if (now < 0) {
		ret = EXIT_FAILED;
		goto out;
	}
	all.rate = hook_variable(&h, "rate");
	all.burst = hook_variable(&h, "burst");
	listing_begin(&list, head, ARRAY_LEN(head));
	for (gfid = 0; gfid <= NOVA_GFID_MAX; gfid++) {
		bool own = !bpf_map_lookup_elem(of, &gfid, &limit);

		if (bpf_map_lookup_elem(now, &gfid, &bucket) || (!own && !bucket.s.calls))
			continue;
		if (list.doc)
			json_object_array_add(list.doc, limit_json(gfid, own ? &limit : &all, own,
								   &bucket.s));
		else
			limit_row(&list.table, gfid, own ? &limit : &all, own, &bucket.s);
	}
	if (!list.doc)
		printf("gpu%u: hook '%s', by default %u calls/s, %u at once\n", h.gpu_id, h.name,
		       all.rate, all.burst);
	listing_end(&list, 0);
	close(now);
out:
	close(of);
	hook_maps_free(&h);
	return ret;
}

static int parse_limit(const char *what, const char *word, uint32_t least, uint32_t *val)
{
	uint64_t number;

	if (!parse_u64(word, &number) || number < least || number > 1000000)
		return usage_error("bad %s '%s'; use %u to 1000000", what, word, least);
	*val = number;
	return 0;
}

int cmd_rpc_limit(const struct call *call)
{
	struct nova_limit limit = { 0 };
	struct hook_maps h;
	uint32_t gfid;
	int ret, fd;

	ret = gfid_parse(call->args[1], &gfid);
	if (!ret && gfid == NOVA_GFID_ANY)
		ret = usage_error("the limit for any vGPU is set by: novabpf attach --set rate=R");
	if (!ret)
		ret = parse_limit("rate", call->args[2], 0, &limit.rate);
	if (!ret && call->nr_args > 3)
		ret = parse_limit("burst", call->args[3], 1, &limit.burst);
	if (!ret)
		ret = hook_open(call, "ratelimit_of", "ratelimit", &h, &fd, sizeof(gfid),
				sizeof(limit));
	if (ret)
		return ret;
	if (call->nr_args == 3)
		limit.burst = hook_variable(&h, "burst");
	if (bpf_map_update_elem(fd, &gfid, &limit, BPF_ANY))
		ret = fail("cannot set the limit: %s", strerror(errno));
	close(fd);
	hook_maps_free(&h);
	return ret;
}
