// SPDX-License-Identifier: GPL-2.0-only
/*
 * RPC hooks on GPUs: which there are by the module's account, what stands against
 * another one, and taking one off.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

#define OCCUPIED	\
	"gpu%u has a hook '%s' already%s; use --replace or 'novabpf detach gpu%u --hook %s'"

/* Columns of one line, ended in place. Return: how many. */
static size_t split(char *line, const char ***column)
{
	size_t nr = 0;
	char *word;

	while ((word = strsep(&line, "\t"))) {
		*column = xrealloc(*column, nr + 1, sizeof(**column));
		(*column)[nr++] = word;
	}
	return nr;
}

static void add_hook(struct hooks *hooks, const char *line)
{
	struct hook hook = { .text = xstrdup(line) };
	size_t i;

	if (split(hook.text, &hook.value) == hooks->nr_columns)
		for (i = 0; i < hooks->nr_columns; i++)
			if (!strcmp(hooks->column[i], "name"))
				hook.name = hook.value[i];
	if (!hook.name) {
		free(hook.value);
		free(hook.text);
		return;
	}
	hooks->h = xrealloc(hooks->h, hooks->nr + 1, sizeof(*hooks->h));
	hooks->h[hooks->nr++] = hook;
}

void hooks_read(uint32_t gpu_id, struct hooks *hooks)
{
	char *text = root_read("/sys/class/novabpf/gpu%u/rpc/hooks", gpu_id);
	char *line, *save;

	memset(hooks, 0, sizeof(*hooks));
	hooks->known = text;
	line = text ? strtok_r(text, "\n", &save) : NULL;
	if (line && !strncmp(line, "# ", 2)) {
		hooks->head = xstrdup(line + 2);
		hooks->nr_columns = split(hooks->head, &hooks->column);
	}
	while (hooks->head && (line = strtok_r(NULL, "\n", &save)))
		add_hook(hooks, line);
	free(text);
}

void hooks_free(struct hooks *hooks)
{
	size_t i;

	for (i = 0; i < hooks->nr; i++) {
		free(hooks->h[i].value);
		free(hooks->h[i].text);
	}
	free(hooks->h);
	free(hooks->column);
	free(hooks->head);
	memset(hooks, 0, sizeof(*hooks));
}

const struct hook *hooks_find(const struct hooks *hooks, const char *name)
{
	size_t i;

	for (i = 0; i < hooks->nr; i++)
		if (!strcmp(hooks->h[i].name, name))
			return &hooks->h[i];
	return NULL;
}

bool hook_runs(uint32_t gpu_id, const char *name)
{
	struct hooks hooks;
	bool runs;

	hooks_read(gpu_id, &hooks);
	runs = hooks_find(&hooks, name);
	hooks_free(&hooks);
	return runs;
}

/* Return: NULL for no hook. */
struct json_object *hook_json(const struct hooks *hooks, const struct hook *hook)
{
	struct json_object *obj = hook ? json_object_new_object() : NULL;
	size_t i;

	for (i = 0; hook && i < hooks->nr_columns; i++) {
		const char *value = hook->value[i];

		if (hook->value[i] == hook->name)
			continue;
		json_object_object_add(obj, hooks->column[i], strcmp(value, "-") ?
				       json_value(hooks->column[i], value) : NULL);
	}
	return obj;
}

static void print_hooks_of(const char *gpu, const struct hooks *hooks, struct table *t, int *nr)
{
	size_t i, j;

	if (!hooks->nr)
		return;
	if (!*nr) {
		table_add(t, xstrdup("GPU"));
		for (j = 0; j < hooks->nr_columns; j++) {
			char *head = xstrdup(hooks->column[j]), *c;

			for (c = head; *c; c++)
				*c = *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c;
			table_add(t, head);
		}
		*nr = 1 + hooks->nr_columns;
	}
	for (i = 0; i < hooks->nr && *nr == 1 + (int)hooks->nr_columns; i++) {
		table_add(t, xstrdup(gpu));
		for (j = 0; j < hooks->nr_columns; j++)
			table_add(t, xstrdup(hooks->h[i].value[j]));
	}
}

/* The hooks of all GPUs in the order in which they are called; nothing for none. */
void hooks_print(void)
{
	struct table table = { 0 };
	struct hooks hooks;
	struct names gpus;
	int nr_cols = 0;
	uint32_t gpu_id;
	size_t i;

	if (gpus_find(&gpus))
		return;
	for (i = 0; i < gpus.nr; i++) {
		if (!gpu_id_of(gpus.name[i], &gpu_id))
			continue;
		hooks_read(gpu_id, &hooks);
		print_hooks_of(gpus.name[i], &hooks, &table, &nr_cols);
		hooks_free(&hooks);
	}
	names_free(&gpus);
	if (nr_cols) {
		putchar('\n');
		table_print(&table, nr_cols);
	}
	table_free(&table);
}

static char *where_is(uint32_t gpu_id, const char *name)
{
	const struct ops_link *link = NULL;
	struct ops_links links = { 0 };
	char *where;

	if (!links_find(&links))
		link = links_hook(&links, gpu_id, name);
	where = link_where(link);
	links_free(&links);
	return where;
}

bool hooks_allow_injection(void)
{
	char *value = root_read(INJECTION_PARAMETER);
	bool allowed = value && (*value == 'Y' || *value == '1');

	free(value);
	return allowed;
}

static int priority_of(const struct hooks *hooks, const char *name)
{
	const struct hook *hook = hooks_find(hooks, name);
	size_t i;

	for (i = 0; hook && i < hooks->nr_columns; i++)
		if (!strcmp(hooks->column[i], "priority"))
			return atoi(hook->value[i]);
	return 0;
}

int hook_check(const struct policy_obj *po, bool replace)
{
	struct hooks hooks;
	char *where;
	int ret = 0;

	hooks_read(po->gpu_id, &hooks);
	if (!hooks.known) {
		ret = fail("gpu%u has no RPC hooks; load modules of the tool's version",
			   po->gpu_id);
	} else if ((po->flags & NOVA_RPC_F_INJECT) && !hooks_allow_injection()) {
		ret = fail("%s: '%s' has NOVA_RPC_F_INJECT, not allowed; run: echo 1 > "
			   INJECTION_PARAMETER, po->file, po->name);
	} else if (hooks_find(&hooks, po->name)) {
		where = replace ? NULL : where_is(po->gpu_id, po->name);
		/* A link keeps its place among the hooks. */
		if (replace && priority_of(&hooks, po->name) != po->priority)
			ret = fail("%s: hook '%s' has priority %d, which a replacement keeps",
				   po->file, po->name, priority_of(&hooks, po->name));
		else if (where)
			ret = fail(OCCUPIED, po->gpu_id, po->name, where, po->gpu_id, po->name);
		free(where);
	} else if (hooks.nr >= NOVA_RPC_HOOKS_MAX) {
		ret = fail("gpu%u has %zu RPC hooks, which is the most; detach one first",
			   po->gpu_id, hooks.nr);
	}
	hooks_free(&hooks);
	return ret;
}

static int no_such_hook(uint32_t gpu_id, const char *name)
{
	const char **known;
	struct text list = { 0 };
	struct hooks hooks;
	const char *near;
	size_t i;

	hooks_read(gpu_id, &hooks);
	known = xcalloc(hooks.nr, sizeof(*known));
	for (i = 0; i < hooks.nr; i++) {
		known[i] = hooks.h[i].name;
		text_add(&list, "%s%s", i ? ", " : "", known[i]);
	}
	near = nearest_word(name, known, hooks.nr);
	if (!hooks.nr)
		fail("gpu%u has no hook '%s', nor any other", gpu_id, name);
	else if (near)
		fail("gpu%u has no hook '%s'; did you mean '%s'?", gpu_id, name, near);
	else
		fail("gpu%u has no hook '%s'; known: %s", gpu_id, name, list.s);
	free(list.s);
	free(known);
	hooks_free(&hooks);
	return EXIT_FAILED;
}

static void report(uint32_t gpu_id, const char *name, bool was_attached)
{
	struct json_object *doc;

	if (json_output) {
		doc = json_gpu(gpu_id);
		json_add_text(doc, "hook", name);
		json_add_bool(doc, "was_attached", was_attached);
		emit_json(doc);
	} else if (was_attached) {
		printf("gpu%u: hook '%s' is detached\n", gpu_id, name);
	} else {
		printf("gpu%u: hook '%s' had ended already; its pin is removed\n", gpu_id, name);
	}
}

int hook_detach(uint32_t gpu_id, const char *name)
{
	const struct ops_link *link;
	struct ops_links links;
	int ret;

	if (!*name || strlen(name) >= NOVA_NAME_LEN || strchr(name, '/'))
		return usage_error("bad value '%s' for --hook; see: novabpf list", name);
	ret = links_find(&links);
	if (ret)
		return no_links(ret);
	link = links_hook(&links, gpu_id, name);
	if (link)
		ret = detach_link(link);
	if (ret)
		ret = fail("cannot detach hook '%s' from gpu%u: %s", name, gpu_id, strerror(-ret));
	else if (!pin_remove(gpu_id, name) && !link)
		ret = no_such_hook(gpu_id, name);
	else
		report(gpu_id, name, link);
	links_free(&links);
	return ret;
}
