// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf inject: faults in RPCs and events, by rules.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inject.h"

int inject_gpu(const struct call *call, uint32_t *gpu_id)
{
	const char *want = call_value(call, "gpu");
	struct names gpus;
	int ret;

	if (want)
		return gpu_by_name(want, gpu_id);
	ret = gpus_select(&(struct call){ .cmd = call->cmd }, &gpus);
	if (ret)
		return ret;
	if (!gpus.nr)
		ret = fail("there is no GPU; run: modprobe novabpf_sim");
	else if (gpus.nr > 1)
		ret = usage_error("there are %zu GPUs; name one: --gpu %s", gpus.nr, gpus.name[0]);
	else
		ret = gpu_by_name(gpus.name[0], gpu_id);
	names_free(&gpus);
	return ret;
}

void inject_env(uint32_t gpu_id, struct rule_env *env)
{
	char *release = gpu_attr("gpu%u/release", gpu_id);
	char *ms = root_line("/sys/module/novabpf/parameters/rpc_timeout_ms");
	uint64_t val;

	env->abi = release ? nova_abi_find(release) : NULL;
	env->now_ns = sched_number(gpu_id, "now_ns");
	env->timeout_ns = (ms && parse_u64(ms, &val) ? val : 6000) * 1000000;
	free(ms);
	free(release);
}

/* The simulator says what is wrong with a fault in the kernel's log only. */
int inject_firmware(uint32_t gpu_id, const char *fault)
{
	char *path = root_path("/sys/kernel/debug/novabpf_sim/gpu%u/fault", gpu_id);
	int err, ret = 0;

	if (!hooks_allow_injection())
		ret = fail("faults are not allowed; run: echo 1 > " INJECTION_PARAMETER);
	else if (!path_exists(path))
		ret = fail("gpu%u is not simulated, or debugfs not mounted: no %s", gpu_id,
			   path);
	err = ret ? 0 : write_file(path, fault);
	if (err == -EACCES)
		ret = fail("cannot write %s: %s; run as root", path, strerror(-err));
	else if (err)
		ret = fail("the simulator refuses the fault '%s': %s; see: dmesg | tail -n 1",
			   fault, strerror(-err));
	free(path);
	return ret;
}

static char *join(const char *const *words, int nr)
{
	struct text t = { 0 };
	int i;

	for (i = 0; i < nr; i++)
		text_add(&t, "%s%s", i ? " " : "", words[i]);
	return t.s;
}

struct json_object *inject_added_json(uint32_t gpu_id, uint32_t id, const struct rule *rule)
{
	struct json_object *doc = json_gpu(gpu_id);

	json_object_object_add(doc, "id", id ? json_object_new_int64(id) : NULL);
	json_add_text(doc, "rule", rule->r.text);
	return doc;
}

static void report_added(uint32_t gpu_id, uint32_t id, const struct rule *rule)
{
	if (json_output)
		emit_json(inject_added_json(gpu_id, id, rule));
	else if (id)
		printf("gpu%u: rule %u\n", gpu_id, id);
	else
		printf("gpu%u: the simulator was told '%s'\n", gpu_id, rule->fault);
}

int cmd_inject_add(const struct call *call)
{
	const char *file = call_value(call, "file");
	struct rule_error err;
	struct rule_env env;
	uint32_t gpu_id = 0, id = 0;
	struct inject in;
	struct rule rule;
	char *line;
	int ret;

	if (!file == !call->nr_args)
		return usage_error("give the words of a rule, or --file FILE");
	ret = inject_gpu(call, &gpu_id);
	if (ret)
		return ret;
	if (file)
		return inject_add_file(gpu_id, file);
	inject_env(gpu_id, &env);
	line = join(call->args, call->nr_args);
	ret = rule_parse(line, &env, &rule, &err);
	free(line);
	if (ret)
		return usage_error("column %u: %s", err.column, err.text);
	if (rule.firmware) {
		ret = inject_firmware(gpu_id, rule.fault);
	} else {
		ret = inject_open(&in, gpu_id, true);
		if (ret)
			return ret;
		id = inject_insert(&in, &rule.r);
		ret = id ? 0 : EXIT_FAILED;
		inject_close(&in);
	}
	if (!ret)
		report_added(gpu_id, id, &rule);
	return ret;
}

static struct json_object *rule_json(const struct nova_inject_rule *r,
				     const struct nova_inject_state *st)
{
	struct json_object *obj = json_object_new_object();
	uint64_t left = r->times > st->taken ? r->times - st->taken : 0;

	json_add_int(obj, "id", r->id);
	json_add_text(obj, "rule", r->text);
	json_add_u64(obj, "seen", st->seen);
	json_add_u64(obj, "hits", st->hits);
	json_add_u64(obj, "suppressed", st->suppressed);
	json_object_object_add(obj, "left", r->times ? json_object_new_uint64(left) : NULL);
	return obj;
}

static void rule_row(struct table *t, const struct nova_inject_rule *r,
		     const struct nova_inject_state *st)
{
	uint64_t left = r->times > st->taken ? r->times - st->taken : 0;

	table_add(t, xasprintf("%u", r->id));
	table_add(t, xasprintf("%llu", (unsigned long long)st->seen));
	table_add(t, xasprintf("%llu", (unsigned long long)st->hits));
	table_add(t, xasprintf("%llu", (unsigned long long)st->suppressed));
	table_add(t, r->times ? xasprintf("%llu", (unsigned long long)left) : xstrdup("-"));
	table_add(t, xstrdup(r->text));
}

static int by_id(const void *a, const void *b)
{
	const struct nova_inject_rule *const *x = a, *const *y = b;

	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

int cmd_inject_list(const struct call *call)
{
	static const char *const head[] = { "ID", "SEEN", "HITS", "SUPPRESSED", "LEFT", "RULE" };
	const struct nova_inject_rule **order;
	struct listing list;
	uint32_t gpu_id = 0;
	struct inject in;
	size_t i, nr = 0;
	int ret;

	ret = inject_gpu(call, &gpu_id);
	if (!ret)
		ret = inject_open(&in, gpu_id, false);
	if (ret)
		return ret;
	order = xcalloc(NOVA_INJECT_RULES, sizeof(*order));
	for (i = 0; in.rules && i < NOVA_INJECT_RULES; i++)
		if (in.rules[i].id)
			order[nr++] = &in.rules[i];
	qsort(order, nr, sizeof(*order), by_id);
	listing_begin(&list, head, ARRAY_LEN(head));
	for (i = 0; i < nr; i++) {
		const struct nova_inject_state *st = &in.state[order[i] - in.rules];

		if (list.doc)
			json_object_array_add(list.doc, rule_json(order[i], st));
		else
			rule_row(&list.table, order[i], st);
	}
	free(order);
	inject_close(&in);
	return listing_end(&list, 0);
}

int cmd_inject_del(const struct call *call)
{
	struct nova_inject_rule *rule;
	uint32_t gpu_id = 0;
	struct inject in;
	uint64_t id;
	int ret;

	if (!parse_u64(call->args[0], &id) || !id || id > UINT32_MAX)
		return usage_error("'%s' is no id of a rule; see: novabpf inject list",
				   call->args[0]);
	ret = inject_gpu(call, &gpu_id);
	if (!ret)
		ret = inject_open(&in, gpu_id, false);
	if (ret)
		return ret;
	rule = inject_find(&in, id);
	if (rule)
		inject_remove(&in, rule);
	else
		ret = fail("gpu%u has no rule %s; see: novabpf inject list", gpu_id, call->args[0]);
	inject_close(&in);
	return ret;
}

int cmd_inject_clear(const struct call *call)
{
	uint32_t gpu_id = 0;
	int ret = inject_gpu(call, &gpu_id);

	return ret ? ret : inject_detach(gpu_id);
}

int cmd_inject_release(const struct call *call)
{
	const char *what = call->args[0];
	uint32_t gpu_id = 0;
	uint64_t id;
	int ret;

	if (strcmp(what, "all") && (!parse_u64(what, &id) || !id || id > UINT32_MAX))
		return usage_error("'%s' is no id of a rule; use one, or all", what);
	ret = inject_gpu(call, &gpu_id);
	if (ret)
		return ret;
	ret = inject_release(gpu_id, what);
	if (ret)
		return fail("cannot release what gpu%u holds: %s%s", gpu_id, strerror(-ret),
			    ret == -EACCES ? "; run as root" : "");
	return 0;
}
