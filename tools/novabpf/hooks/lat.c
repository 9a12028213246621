// SPDX-License-Identifier: GPL-2.0-only
/* novabpf rpc lat: what the hook rpclat has measured. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/calls.h"
#include "base/hist.h"
#include "maps.h"

#define NS_PER_US	1000.0

struct kind {
	struct nova_call_key key;
	struct nova_lat lat;
};

struct kinds {
	struct kind *k;
	size_t nr;
	bool by_vgpu, by_call;
};

static void add_kind(struct kinds *all, struct nova_call_key key, const struct nova_lat *lat)
{
	struct nova_lat *sum;
	size_t i;

	if (!all->by_vgpu)
		key.gfid = NOVA_GFID_ANY;
	if (!all->by_call)
		key = (struct nova_call_key){ .gfid = key.gfid };
	for (i = 0; i < all->nr; i++)
		if (!call_key_order(&all->k[i].key, &key))
			break;
	if (i == all->nr) {
		all->k = xrealloc(all->k, all->nr + 1, sizeof(*all->k));
		memset(&all->k[all->nr], 0, sizeof(*all->k));
		all->k[all->nr++].key = key;
	}
	sum = &all->k[i].lat;
	sum->calls += lat->calls;
	sum->failed += lat->failed;
	sum->queue_ns += lat->queue_ns;
	sum->firmware_ns += lat->firmware_ns;
	sum->total_ns += lat->total_ns;
	if (sum->max_ns < lat->max_ns)
		sum->max_ns = lat->max_ns;
	hist_add(sum->queue, lat->queue);
	hist_add(sum->firmware, lat->firmware);
}

static void read_kinds(struct kinds *all, int fd)
{
	struct nova_call_key key, *last = NULL;
	struct nova_lat lat;

	/* A hook only adds kinds, so this ends. */
	while (!bpf_map_get_next_key(fd, last, &key)) {
		if (!bpf_map_lookup_elem(fd, &key, &lat))
			add_kind(all, key, &lat);
		last = &key;
	}
	if (all->nr)
		qsort(all->k, all->nr, sizeof(*all->k), call_key_order);
}

static struct json_object *hist_json(const __u64 *hist)
{
	struct json_object *list = json_object_new_array(), *obj;
	int i;

	for (i = 0; i < NOVA_HIST_BUCKETS; i++) {
		if (!hist[i])
			continue;
		obj = json_object_new_object();
		json_add_u64(obj, "from_ns", nova_hist_floor(i));
		json_add_u64(obj, "to_ns", nova_hist_floor(i + 1));
		json_add_u64(obj, "count", hist[i]);
		json_object_array_add(list, obj);
	}
	return list;
}

static struct json_object *time_json(const __u64 *hist, uint64_t sum_ns)
{
	struct json_object *obj = json_object_new_object();
	static const int percents[] = { 50, 90, 99 };
	double ns;
	char name[16];
	size_t i;

	json_add_u64(obj, "sum_ns", sum_ns);
	for (i = 0; i < ARRAY_LEN(percents); i++) {
		ns = hist_percentile(hist, percents[i]);
		snprintf(name, sizeof(name), "p%d_ns", percents[i]);
		json_object_object_add(obj, name, ns < 0 ? NULL : json_object_new_double(ns));
	}
	json_object_object_add(obj, "histogram", hist_json(hist));
	return obj;
}

static struct json_object *kind_json(const struct kinds *all, const struct kind *k)
{
	struct json_object *obj = json_object_new_object();
	const char *what = call_cmd_name(k->key.op, k->key.cmd);

	if (all->by_vgpu)
		json_add_u64(obj, "gfid", k->key.gfid);
	if (all->by_call) {
		json_add_u64(obj, "op", k->key.op);
		json_add_text(obj, "name", call_op_name(k->key.op));
		json_add_u64(obj, "cmd", k->key.cmd);
		json_add_text(obj, "what", *what ? what : NULL);
	}
	json_add_u64(obj, "calls", k->lat.calls);
	json_add_u64(obj, "failed", k->lat.failed);
	json_add_u64(obj, "total_ns", k->lat.total_ns);
	json_add_u64(obj, "max_ns", k->lat.max_ns);
	json_object_object_add(obj, "queue", time_json(k->lat.queue, k->lat.queue_ns));
	json_object_object_add(obj, "firmware", time_json(k->lat.firmware, k->lat.firmware_ns));
	return obj;
}

static char *us_text(double ns)
{
	return ns < 0 ? xstrdup("-") : xasprintf("%.1f", ns / NS_PER_US);
}

static void kinds_table(const struct kinds *all)
{
	static const char *const head[] = {
		"GFID", "FUNCTION", "CMD", "WHAT", "CALLS", "FAILED", "QUEUE_P50_US", "P99_US",
		"FIRMWARE_P50_US", "P99_US", "MAX_US",
	};
	struct table t = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(head); i++)
		table_add(&t, xstrdup(head[i]));
	for (i = 0; i < all->nr; i++) {
		const struct nova_lat *lat = &all->k[i].lat;

		table_add_call(&t, &all->k[i].key, all->by_call ? call_op_name(0) : "-");
		table_add(&t, xasprintf("%llu", (unsigned long long)lat->calls));
		table_add(&t, xasprintf("%llu", (unsigned long long)lat->failed));
		table_add(&t, us_text(hist_percentile(lat->queue, 50)));
		table_add(&t, us_text(hist_percentile(lat->queue, 99)));
		table_add(&t, us_text(hist_percentile(lat->firmware, 50)));
		table_add(&t, us_text(hist_percentile(lat->firmware, 99)));
		table_add(&t, us_text(lat->max_ns));
	}
	table_print(&t, ARRAY_LEN(head));
	table_free(&t);
}

/* A line per power of two. */
static void hist_print(const char *title, const __u64 *hist)
{
	__u64 most = 1, n;
	int i, k;

	printf("  %s, us\n", title);
	for (i = 0; i < NOVA_HIST_BUCKETS; i += 4) {
		n = hist[i] + hist[i + 1] + hist[i + 2] + hist[i + 3];
		most = n > most ? n : most;
	}
	for (i = 0; i < NOVA_HIST_BUCKETS; i += 4) {
		n = hist[i] + hist[i + 1] + hist[i + 2] + hist[i + 3];
		if (!n)
			continue;
		printf("  %12.3f - %12.3f %10llu ", nova_hist_floor(i) / NS_PER_US,
		       nova_hist_floor(i + 4) / NS_PER_US, (unsigned long long)n);
		for (k = 0; k < (int)(n * 40 / most); k++)
			putchar('*');
		putchar('\n');
	}
}

static void kinds_hist(const struct kinds *all)
{
	size_t i;

	for (i = 0; i < all->nr; i++) {
		const struct kind *k = &all->k[i];
		char *gfid = gfid_text(k->key.gfid);

		printf("%sgfid %s %s 0x%08x %s: %llu calls\n", i ? "\n" : "", gfid,
		       all->by_call ? call_op_name(k->key.op) : "all", k->key.cmd,
		       call_cmd_name(k->key.op, k->key.cmd), (unsigned long long)k->lat.calls);
		hist_print("queue", k->lat.queue);
		hist_print("firmware", k->lat.firmware);
		free(gfid);
	}
}

int cmd_rpc_lat(const struct call *call)
{
	const char *by = call_value(call, "by");
	struct kinds all = { .by_vgpu = true, .by_call = true };
	struct json_object *doc;
	struct hook_maps h;
	size_t i;
	int ret, fd;

	if (by && strcmp(by, "vgpu") && strcmp(by, "call"))
		return usage_error("--by needs vgpu or call, not '%s'", by);
	if (by) {
		all.by_vgpu = !strcmp(by, "vgpu");
		all.by_call = !all.by_vgpu;
	}
	ret = hook_open(call, "rpclat_hist", "rpclat", &h, &fd, sizeof(struct nova_call_key),
			sizeof(struct nova_lat));
	if (ret)
		return ret;
	read_kinds(&all, fd);
	close(fd);
	if (json_output) {
		doc = json_object_new_array();
		for (i = 0; i < all.nr; i++)
			json_object_array_add(doc, kind_json(&all, &all.k[i]));
		emit_json(doc);
	} else if (call_value(call, "hist")) {
		kinds_hist(&all);
	} else {
		kinds_table(&all);
	}
	if (!json_output && hook_variable(&h, "nr_lost"))
		printf("%llu calls of other kinds found no room\n",
		       (unsigned long long)hook_variable(&h, "nr_lost"));
	hook_maps_free(&h);
	free(all.k);
	return 0;
}
