// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who decides during a run: a built-in policy, or whatever is set already.
 */
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const char *const builtins[] = { "best-effort", "equal-share", "fixed-share" };

struct policy {
	const char *gpu;
	char *label;
	const char *builtin;	/* NULL: what is there is left as it is */
	char *before;
};

static int policy_attached(const char *gpu)
{
	char *name = gpu_attr(gpu, "sched/policy");
	int ret = 0;

	if (name && *name)
		ret = fail("the policy '%s' is attached to %s; run: novabpf detach %s", name, gpu,
			   gpu);
	free(name);
	return ret;
}

/* @word NULL: whoever decides now. */
int policy_find(const char *gpu, const char *word, struct policy **policy)
{
	struct policy *p = xcalloc(1, sizeof(*p));
	size_t i;

	*policy = p;
	p->gpu = gpu;
	if (!word) {
		p->label = gpu_attr(gpu, "sched/policy");
		if (!p->label || !*p->label) {
			free(p->label);
			p->label = gpu_attr(gpu, "sched/builtin");
		}
		return p->label ? 0 : fail("%s has no scheduler; are the modules too old?", gpu);
	}
	for (i = 0; i < ARRAY_LEN(builtins) && strcmp(word, builtins[i]); i++)
		;
	if (i == ARRAY_LEN(builtins))
		return usage_error(
			"unknown policy '%s'; known: best-effort, equal-share, fixed-share",
				   word);
	p->builtin = builtins[i];
	p->label = xstrdup(word);
	p->before = gpu_attr(gpu, "sched/builtin");
	return policy_attached(gpu);
}

const char *policy_label(const struct policy *policy)
{
	return policy->label;
}

bool policy_is_fixed(const struct policy *policy)
{
	return !strcmp(policy->label, "fixed-share") || !strcmp(policy->label, "fixed");
}

int policy_start(struct policy *policy)
{
	return policy->builtin ? gpu_set(policy->gpu, "sched/builtin", policy->builtin) : 0;
}

int policy_stop(struct policy *policy)
{
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
	free(policy);
}
