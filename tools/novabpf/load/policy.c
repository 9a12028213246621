// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who decides during a run: a built-in policy, a BPF object that is attached for
 * the time of the run, or whatever is there already.
 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "internal.h"

#define VARS_MAX	16

static const char *const builtins[] = { "best-effort", "equal-share", "fixed-share" };

struct policy {
	const char *gpu;
	char *label;
	const char *builtin;	/* NULL: not a built-in */
	char *before;		/* the built-in that was set */
	char *words;		/* "FILE:VAR=VALUE:...", cut up */
	const char *file;	/* NULL: not an object */
	const char *vars[VARS_MAX];
	size_t nr_vars;
	struct attached at;
	bool attached;
};

static int policy_there(const char *gpu)
{
	char *name = gpu_attr("%s/sched/policy", gpu);
	int ret = 0;

	if (name && *name)
		ret = fail("the policy '%s' is attached to %s; run: novabpf detach %s", name, gpu,
			   gpu);
	free(name);
	return ret;
}

static int who_decides(struct policy *p)
{
	p->label = gpu_attr("%s/sched/policy", p->gpu);
	if (!p->label || !*p->label) {
		free(p->label);
		p->label = gpu_attr("%s/sched/builtin", p->gpu);
	}
	return p->label ? 0 : fail("%s has no scheduler; are the modules too old?", p->gpu);
}

/* "FILE", or "FILE:VAR=VALUE" with as many as wanted. */
static int take_object(struct policy *p, const char *word)
{
	char *rest, *base, *var, *dot;

	p->words = xstrdup(word);
	rest = p->words;
	p->file = strsep(&rest, ":");
	while ((var = strsep(&rest, ":"))) {
		if (p->nr_vars == VARS_MAX)
			return usage_error("more than %d variables in '%s'", VARS_MAX, word);
		p->vars[p->nr_vars++] = var;
	}
	if (!path_exists(p->file))
		return fail(
			"no policy and no file '%s'; built-in are best-effort, equal-share, fixed-share",
			p->file);
	base = xstrdup(p->file);
	rest = basename(base);
	dot = strstr(rest, ".bpf.o");
	if (dot)
		*dot = '\0';
	p->label = p->nr_vars ? xasprintf("%s%s", rest, word + strlen(p->file)) : xstrdup(rest);
	free(base);
	return 0;
}

/* @word NULL: whoever decides now. */
int policy_find(const char *gpu, const char *word, struct policy **policy)
{
	struct policy *p = xcalloc(1, sizeof(*p));
	size_t i;
	int ret = 0;

	*policy = p;
	p->gpu = gpu;
	if (!word)
		return who_decides(p);
	for (i = 0; i < ARRAY_LEN(builtins); i++)
		if (!strcmp(word, builtins[i]))
			p->builtin = builtins[i];
	if (p->builtin) {
		p->label = xstrdup(word);
		p->before = gpu_attr("%s/sched/builtin", gpu);
	} else {
		ret = take_object(p, word);
	}
	return ret ? ret : policy_there(gpu);
}

const char *policy_label(const struct policy *policy)
{
	return policy->label;
}

enum entitlement policy_due(const char *label)
{
	if (!strcmp(label, "fixed-share") || !strcmp(label, "fixed"))
		return BY_SLOTS;
	return strcmp(label, "equal-share") ? BY_WEIGHT : BY_VGPUS;
}

int policy_start(struct policy *policy)
{
	struct attach_how how = {
		.file = policy->file, .gpu = policy->gpu, .vars = policy->vars,
		.nr_vars = policy->nr_vars, .no_pin = true,
		.sched_only = true,
	};
	int ret;

	if (policy->builtin)
		return gpu_set(policy->gpu, "sched/builtin", policy->builtin);
	if (!policy->file)
		return 0;
	ret = policy_attach(&how, &policy->at);
	policy->attached = !ret;
	return ret;
}

int policy_stop(struct policy *policy)
{
	if (policy->attached)
		attached_close(&policy->at);
	policy->attached = false;
	if (!policy->builtin || !policy->before)
		return 0;
	return gpu_set(policy->gpu, "sched/builtin", policy->before);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	free(policy->label);
	free(policy->before);
	free(policy->words);
	free(policy);
}
