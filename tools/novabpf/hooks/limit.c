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

	json_object_object_add(obj, "gfid", json_object_new_int64(gfid));
	json_object_object_add(obj, "rate", json_object_new_int64(limit->rate));
	json_object_object_add(obj, "burst", json_object_new_int64(limit->burst));
	json_object_object_add(obj, "own", json_object_new_boolean(own));
	json_object_object_add(obj, "calls", json_object_new_uint64(s->calls));
	json_object_object_add(obj, "throttled", json_object_new_uint64(s->throttled));
	json_object_object_add(obj, "clipped", json_object_new_uint64(s->clipped));
	json_object_object_add(obj, "wait_ns", json_object_new_uint64(s->wait_ns));
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
	struct json_object *doc = NULL;
	struct nova_limit limit, all;
	struct table t = { 0 };
	struct bucket bucket;
	struct hook_maps h;
	int ret, of, now;
	uint32_t gfid;
	size_t i;

	ret = hook_maps_find(call, "ratelimit_of", "ratelimit", &h);
	if (ret)
		return ret;
	of = hook_map(&h, "ratelimit_of", sizeof(gfid), sizeof(limit));
	now = of < 0 ? -1 : hook_map(&h, "ratelimit_now", sizeof(gfid), sizeof(bucket));
	if (now < 0) {
		ret = EXIT_FAILED;
		goto out;
	}
	all.rate = hook_variable(&h, "rate");
	all.burst = hook_variable(&h, "burst");
	doc = json_output ? json_object_new_array() : NULL;
	for (i = 0; i < ARRAY_LEN(head); i++)
		table_add(&t, xstrdup(head[i]));
	for (gfid = 0; gfid <= NOVA_GFID_MAX; gfid++) {
		bool own = !bpf_map_lookup_elem(of, &gfid, &limit);

		if (bpf_map_lookup_elem(now, &gfid, &bucket) || (!own && !bucket.s.calls))
			continue;
		if (doc)
			json_object_array_add(doc, limit_json(gfid, own ? &limit : &all, own,
							      &bucket.s));
		else
			limit_row(&t, gfid, own ? &limit : &all, own, &bucket.s);
	}
	if (doc) {
		emit_json(doc);
	} else {
		printf("gpu%u: hook '%s', by default %u calls/s, %u at once\n", h.gpu_id, h.name,
		       all.rate, all.burst);
		table_print(&t, ARRAY_LEN(head));
	}
out:
	table_free(&t);
	if (of >= 0)
		close(of);
	if (now >= 0)
		close(now);
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
		ret = hook_maps_find(call, "ratelimit_of", "ratelimit", &h);
	if (ret)
		return ret;
	if (call->nr_args == 3)
		limit.burst = hook_variable(&h, "burst");
	fd = hook_map(&h, "ratelimit_of", sizeof(gfid), sizeof(limit));
	if (fd < 0)
		ret = EXIT_FAILED;
	else if (bpf_map_update_elem(fd, &gfid, &limit, BPF_ANY))
		ret = fail("cannot set the limit: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	hook_maps_free(&h);
	return ret;
}
