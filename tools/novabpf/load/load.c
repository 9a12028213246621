// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf load: run a mix of tenants on a simulated GPU, under one policy after
 * another, and measure.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "load.h"

#define POLICIES_MAX	32

struct plan {
	struct mix mix;
	uint64_t seed;
	uint64_t nr_seeds;
	const char *gpu;	/* as given */
	const char *from;
	const char *segments;
	bool dry;
	bool csv;
	bool keep;
	char *words;		/* cut up for @policy */
	char *policy[POLICIES_MAX];
	size_t nr_policies;
};

static int option_count(const struct call *call, const char *option, uint64_t low, uint64_t high,
			uint64_t *val)
{
	const char *s = call_value(call, option);

	if (!s)
		return 0;
	if (!parse_u64(s, val) || *val < low || *val > high)
		return usage_error("bad value '%s' for --%s: give a number from %llu to %llu", s,
				   option, (unsigned long long)low, (unsigned long long)high);
	return 0;
}

/* Seconds, or a number with a unit. */
static int option_time(const struct call *call, const char *option, double low, double *ns)
{
	static const char *const unit[] = { "ns", "us", "ms", "s", "min" };
	static const double factor[] = { 1, NS_PER_US, NS_PER_MS, NS_PER_S, 60 * NS_PER_S };
	const char *s = call_value(call, option);
	double scale = 0;
	size_t i;
	char *end;

	if (!s)
		return 0;
	*ns = strtod(s, &end);
	for (i = 0; i < ARRAY_LEN(unit); i++)
		if (!strcmp(end, *end ? unit[i] : "") && !scale)
			scale = *end ? factor[i] : NS_PER_S;
	*ns *= scale;
	if (end == s || !scale || !(*ns >= low) || *ns > 24 * 3600 * NS_PER_S)
		return usage_error(
			"bad value '%s' for --%s: give seconds, or a number with ms, s or min",
				   s, option);
	return 0;
}

static int parse_policies(struct plan *plan, const char *list)
{
	char *rest, *word;

	if (!list)
		return 0;
	plan->words = xstrdup(list);
	rest = plan->words;
	while ((word = strsep(&rest, ","))) {
		if (!*word)
			return usage_error("an empty name in --policy '%s'", list);
		if (plan->nr_policies == POLICIES_MAX)
			return usage_error("more than %d policies", POLICIES_MAX);
		plan->policy[plan->nr_policies++] = word;
	}
	return 0;
}

static int parse_plan(const struct call *call, struct plan *plan)
{
	int ret;

	plan->seed = 1;
	plan->gpu = call_value(call, "gpu");
	plan->from = call_value(call, "from");
	plan->segments = call_value(call, "segments");
	plan->dry = call_value(call, "dry-run");
	plan->csv = call_value(call, "csv");
	plan->keep = call_value(call, "keep");
	if (plan->csv && json_output)
		return usage_error("--csv and --json exclude each other");
	if (plan->dry && plan->from)
		return usage_error("--dry-run and --from exclude each other");
	ret = parse_policies(plan, call_value(call, "policy"));
	if (!ret)
		ret = mix_read(&plan->mix, call->args[0]);
	plan->nr_seeds = plan->mix.seeds;
	if (!ret)
		ret = option_count(call, "seed", 0, UINT64_MAX - 1000, &plan->seed);
	if (!ret)
		ret = option_count(call, "seeds", 1, 1000, &plan->nr_seeds);
	if (!ret)
		ret = option_time(call, "duration", NS_PER_MS, &plan->mix.duration_ns);
	if (!ret)
		ret = option_time(call, "warmup", 0, &plan->mix.warmup_ns);
	if (!ret && plan->from && (plan->nr_seeds > 1 || plan->nr_policies > 1))
		ret = usage_error("--from is one run: give one seed and one policy");
	return ret;
}

/* The GPU named by --gpu, or the only one. */
static int find_gpu(const struct plan *plan, struct names *gpus)
{
	struct call call = { .args = (const char **)&plan->gpu, .nr_args = !!plan->gpu };
	struct text list = { 0 };
	size_t i;
	int ret;

	ret = gpus_select(&call, gpus);
	if (ret || gpus->nr == 1)
		return ret;
	for (i = 0; i < gpus->nr; i++)
		text_add(&list, "%s%s", i ? ", " : "", gpus->name[i]);
	ret = gpus->nr ? usage_error("which GPU? Give --gpu GPU; there are %s", list.s) :
			 fail("there is no GPU; run: modprobe novabpf_sim");
	free(list.s);
	names_free(gpus);
	return ret;
}

/* ---- segments */

static FILE *open_segments(const struct plan *plan)
{
	FILE *f = fopen(plan->segments, "we");

	if (!f)
		fail("cannot write %s: %s", plan->segments, strerror(errno));
	else
		fputs("policy,seed,kind,engine,gfid,tsg,start_ns,end_ns\n", f);
	return f;
}

static void write_segments(FILE *f, const struct run *run)
{
	uint64_t i;

	for (i = 0; f && i < run->res->segments; i++) {
		const struct nova_sim_segment *s = &run->segs[i];

		fprintf(f, "%s,%llu,%s,%u,%u,%u,%llu,%llu\n", run->policy,
			(unsigned long long)run->seed,
			s->kind == NOVA_SIM_SWITCH ? "switch" : "run", s->engine_id, s->gfid,
			s->tsg, (unsigned long long)s->start_ns, (unsigned long long)s->end_ns);
	}
}

static int close_segments(const struct plan *plan, FILE *f, int ret)
{
	bool bad = f && (ferror(f) | fclose(f));

	return bad && !ret ? fail("cannot write %s", plan->segments) : ret;
}

/* ---- runs */

static int measure(const struct plan *plan, struct run *run, struct numbers *n)
{
	if (run->res->ended_ns <= plan->mix.warmup_ns)
		return fail("the run ended within the warm-up");
	numbers_make(&plan->mix, run, n);
	return 0;
}

static void note_ejection(const char *gpu, struct run *run)
{
	char *state = gpu_attr("%s/sched/state", gpu), *name, *reason, *msg;

	/* It may be one that was attached while the run went on. */
	if (state && !strcmp(state, "faulted")) {
		name = gpu_attr("%s/sched/exit_policy", gpu);
		reason = gpu_attr("%s/sched/exit_reason", gpu);
		msg = gpu_attr("%s/sched/exit_msg", gpu);
		run->ended = xasprintf("%s: %s%s%s", name ? name : "?", reason ? reason : "",
				       msg && *msg ? ": " : "", msg ? msg : "");
		free(name);
		free(reason);
		free(msg);
	}
	free(state);
}

/* One policy, one seed. The vGPUs of the very last run may stay. */
static int one_run(struct plan *plan, struct device *dev, struct policy *policy, struct run *run,
		   struct numbers *n, bool stay, FILE *segments)
{
	int ret = mix_draw(&plan->mix, run->seed), err;

	if (ret)
		return ret;
	run->policy = policy_label(policy);
	run->due = policy_due(run->policy);
	ret = policy_start(policy);
	if (ret)
		return ret;
	ret = device_vgpus(dev, &plan->mix);
	if (!ret)
		ret = device_run(dev, &plan->mix, run);
	if (!ret && interrupted())
		ret = fail("interrupted");
	if (!ret)
		ret = measure(plan, run, n);
	if (!ret) {
		note_ejection(dev->gpu, run);
		write_segments(segments, run);
	}
	run_free(run);
	if (ret || !stay) {
		err = device_drop_vgpus(dev, &plan->mix);
		ret = ret ? ret : err;
	}
	err = policy_stop(policy);
	return ret ? ret : err;
}

static void report_print(const struct plan *plan, const struct report *r)
{
	if (json_output)
		report_json(r);
	else if (plan->csv)
		report_csv(r);
	else
		report_text(r);
}

static void report_free(struct report *r)
{
	size_t i;

	for (i = 0; i < r->nr_policies * r->nr_seeds; i++) {
		numbers_free(&r->n[i]);
		run_free(&r->run[i]);
		free(r->run[i].ended);
	}
	free(r->n);
	free(r->run);
	free(r->policy);
}

static struct report report_new(const struct plan *plan, const char *gpu, const char *type,
				size_t nr_policies)
{
	struct report r = {
		.mix = &plan->mix, .gpu = gpu, .type = type, .nr_policies = nr_policies,
		.nr_seeds = plan->nr_seeds,
	};
	size_t i;

	r.n = xcalloc(nr_policies * r.nr_seeds, sizeof(*r.n));
	r.run = xcalloc(nr_policies * r.nr_seeds, sizeof(*r.run));
	r.policy = xcalloc(nr_policies, sizeof(*r.policy));
	for (i = 0; i < nr_policies * r.nr_seeds; i++)
		r.run[i].seed = plan->seed + i % r.nr_seeds;
	return r;
}

static int run_all(struct plan *plan, struct device *dev, struct policy **policy, size_t nr)
{
	struct report r = report_new(plan, dev->gpu, dev->type, nr);
	FILE *segments = NULL;
	size_t i, total = nr * plan->nr_seeds;
	int ret = 0;

	for (i = 0; i < nr; i++)
		r.policy[i] = (char *)policy_label(policy[i]);
	if (plan->segments) {
		segments = open_segments(plan);
		ret = segments ? 0 : EXIT_FAILED;
	}
	for (i = 0; !ret && i < total; i++)
		ret = one_run(plan, dev, policy[i / plan->nr_seeds], &r.run[i], &r.n[i],
			      plan->keep && i == total - 1, segments);
	ret = close_segments(plan, segments, ret);
	if (!ret)
		report_print(plan, &r);
	report_free(&r);
	return ret;
}

static int run_on_gpu(struct plan *plan)
{
	struct policy *policy[POLICIES_MAX] = { 0 };
	size_t nr = plan->nr_policies ? plan->nr_policies : 1, i;
	struct device dev;
	struct names gpus;
	int ret;

	ret = find_gpu(plan, &gpus);
	if (ret)
		return ret;
	for (i = 0; !ret && i < nr; i++)
		ret = policy_find(gpus.name[0], plan->policy[i], &policy[i]);
	if (!ret) {
		interrupts_catch();
		ret = device_open(&dev, gpus.name[0], &plan->mix);
		if (!ret) {
			ret = run_all(plan, &dev, policy, nr);
			device_close(&dev);
		}
	}
	for (i = 0; i < nr; i++)
		policy_free(policy[i]);
	names_free(&gpus);
	return ret;
}

/* ---- without a GPU */

/* gfids as a run gives them: 1 and up. */
static int run_from_file(struct plan *plan)
{
	struct report r = report_new(plan, NULL, NULL, 1);
	struct run *run = &r.run[0];
	FILE *segments = NULL;
	size_t size, i;
	char *raw;
	int ret;

	r.policy[0] = plan->nr_policies ? plan->policy[0] : "file";
	run->policy = r.policy[0];
	run->due = policy_due(run->policy);
	run->slots = plan->mix.slots;
	for (i = 0; i < plan->mix.nr_insts; i++)
		plan->mix.insts[i].gfid = i + 1;
	raw = read_file(plan->from, &size);
	ret = raw ? mix_draw(&plan->mix, plan->seed) :
		    fail("cannot read %s: %s", plan->from, strerror(errno));
	if (ret)
		free(raw);
	else
		ret = run_parse(run, &plan->mix, raw, size, plan->from);
	if (!ret)
		ret = measure(plan, run, &r.n[0]);
	if (!ret && plan->segments) {
		segments = open_segments(plan);
		write_segments(segments, run);
		ret = segments ? close_segments(plan, segments, 0) : EXIT_FAILED;
	}
	if (!ret)
		report_print(plan, &r);
	report_free(&r);
	return ret;
}

static int dry_run(struct plan *plan)
{
	int ret = mix_draw(&plan->mix, plan->seed);

	if (ret)
		return ret;
	if (json_output)
		emit_json(draws_json(&plan->mix, plan->seed));
	else
		draws_text(&plan->mix, plan->seed);
	return 0;
}

int cmd_load(const struct call *call)
{
	struct plan plan = { 0 };
	int ret = parse_plan(call, &plan);

	if (!ret)
		ret = plan.dry ? dry_run(&plan) : plan.from ? run_from_file(&plan) :
		      run_on_gpu(&plan);
	mix_free(&plan.mix);
	free(plan.words);
	return ret;
}
