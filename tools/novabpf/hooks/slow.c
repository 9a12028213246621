// SPDX-License-Identifier: GPL-2.0-only
/* novabpf rpc slow: the RPCs that the hook slow has captured. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <novabpf/format/filters.h>

#include "base/calls.h"
#include "maps.h"

#define NS_PER_US	1000.0
#define LINE_BYTES	16

struct slow_calls {
	struct nova_slow *c;
	size_t nr;
};

static int take(void *ctx, void *data, size_t size)
{
	struct slow_calls *all = ctx;

	if (size != sizeof(struct nova_slow))
		return 0;
	all->c = xrealloc(all->c, all->nr + 1, sizeof(*all->c));
	memcpy(&all->c[all->nr], data, size);
	all->c[all->nr].comm[NOVA_NAME_LEN - 1] = '\0';
	all->nr++;
	return 0;
}

/* -1 where one of the two did not happen. */
static double span_us(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns && to_ns ? ((double)to_ns - from_ns) / NS_PER_US : -1;
}

static void print_span(const char *name, double us)
{
	if (us < 0)
		printf("  %s -", name);
	else
		printf("  %s %.1f us", name, us);
}

static void print_bytes(const char *title, const uint8_t *data, uint32_t bytes, uint32_t len)
{
	uint32_t i;

	if (!len)
		return;
	printf("  %s, %u of %u bytes", title, bytes, len);
	for (i = 0; i < bytes && i < NOVA_SLOW_BYTES; i++) {
		if (i % LINE_BYTES == 0)
			printf("\n    %04x ", i);
		printf(" %02x", data[i]);
	}
	putchar('\n');
}

static void call_print(const struct nova_slow *c)
{
	const char *what = call_cmd_name(c->op, c->cmd);

	printf("call %llu at %.6f s: gfid %u %s(%u) cmd=0x%08x%s%s seq=%u by %s(%d)\n",
	       (unsigned long long)c->id, c->submit_ns / 1e9, c->gfid, call_op_name(c->op),
	       c->function, c->cmd, *what ? " " : "", what, c->seq,
	       printable(c->comm), c->pid);
	print_span("total", span_us(c->submit_ns, c->end_ns));
	print_span("queue", span_us(c->submit_ns, c->sent_ns));
	print_span("firmware", span_us(c->sent_ns, c->reply_ns));
	print_span("delivery", span_us(c->reply_ns, c->end_ns));
	if (c->err)
		printf("  error %d (%s)", c->err, strerror(-c->err));
	else
		printf("  result 0x%x status 0x%x %s", c->result, c->status,
		       call_status_name(c->status));
	printf("  calls out %u\n", c->calls_out);
	print_bytes("request", c->request, c->request_bytes, c->request_len);
	print_bytes("reply", c->reply, c->reply_bytes, c->reply_len);
}

static struct json_object *hex_json(const uint8_t *data, uint32_t bytes)
{
	char hex[2 * NOVA_SLOW_BYTES + 1];
	uint32_t i;

	for (i = 0; i < bytes && i < NOVA_SLOW_BYTES; i++)
		sprintf(hex + 2 * i, "%02x", data[i]);
	hex[2 * i] = '\0';
	return json_object_new_string(hex);
}

static struct json_object *call_json(const struct nova_slow *c)
{
	struct json_object *obj = json_object_new_object();
	const char *what = call_cmd_name(c->op, c->cmd);

	json_add_u64(obj, "id", c->id);
	json_add_int(obj, "gfid", c->gfid);
	json_add_text(obj, "name", call_op_name(c->op));
	json_add_int(obj, "function", c->function);
	json_add_int(obj, "cmd", c->cmd);
	json_add_text(obj, "what", *what ? what : NULL);
	json_add_int(obj, "seq", c->seq);
	json_add_int(obj, "pid", c->pid);
	json_add_text(obj, "comm", c->comm);
	json_add_u64(obj, "submit_ns", c->submit_ns);
	json_add_u64(obj, "sent_ns", c->sent_ns);
	json_add_u64(obj, "reply_ns", c->reply_ns);
	json_add_u64(obj, "end_ns", c->end_ns);
	json_add_int(obj, "err", c->err);
	json_add_int(obj, "result", c->result);
	json_add_int(obj, "status", c->status);
	json_add_text(obj, "status_name", call_status_name(c->status));
	json_add_int(obj, "calls_out", c->calls_out);
	json_add_int(obj, "request_len", c->request_len);
	json_object_object_add(obj, "request", hex_json(c->request, c->request_bytes));
	json_add_int(obj, "reply_len", c->reply_len);
	json_object_object_add(obj, "reply", hex_json(c->reply, c->reply_bytes));
	return obj;
}

static void show(const struct slow_calls *all, size_t first, const struct hook_maps *h)
{
	uint64_t lost = hook_variable(h, "nr_lost");
	struct json_object *doc = json_output ? json_object_new_array() : NULL;
	size_t i;

	for (i = first; i < all->nr; i++) {
		if (doc)
			json_object_array_add(doc, call_json(&all->c[i]));
		else
			call_print(&all->c[i]);
	}
	if (doc)
		emit_json(doc);
	else if (!all->nr)
		printf("no call took %llu us since they were last printed\n",
		       (unsigned long long)hook_variable(h, "bound_us"));
	if (!doc && lost)
		printf("%llu slow calls found no room\n", (unsigned long long)lost);
}

int cmd_rpc_slow(const struct call *call)
{
	const char *arg = call_value(call, "last");
	struct slow_calls all = { 0 };
	struct hook_maps h;
	uint64_t last = UINT64_MAX;
	int ret, fd;

	if (arg && !parse_u64(arg, &last))
		return usage_error("--last needs a number, not '%s'", arg);
	ret = hook_open(call, "slow_calls", "slow", &h, &fd, 0, 0);
	if (ret)
		return ret;
	ret = hook_events(&h, fd, take, &all);
	if (!ret)
		show(&all, all.nr > last ? all.nr - last : 0, &h);
	close(fd);
	hook_maps_free(&h);
	free(all.c);
	return ret;
}
