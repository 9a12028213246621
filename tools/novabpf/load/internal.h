/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * novabpf load: mixes of tenants. What the files of it share.
 *
 *	lex.c	lines, words, numbers with units, messages with a place
 *	parse.c	profiles and tenants of a file
 *	words.c	what a line of a tenant may say
 *	dist.c	distributions: their text, their draws
 *	rng.c	random numbers and the arithmetic below them
 *	draw.c	arrivals and lengths of every tenant
 *	device.c	vGPUs and the load device of the simulator
 *	policy.c	who decides during a run
 *	times.c	when each tenant had work and when it had the engine
 *	metrics.c	numbers of a run
 *	report.c	numbers of all runs, as text, JSON or CSV
 *	load.c		the command
 *
 * Times are in ns. Floating point is used up to the draw, which is rounded to ns.
 */
#ifndef NOVABPF_TOOL_LOAD_INTERNAL_H
#define NOVABPF_TOOL_LOAD_INTERNAL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>
#include <uapi/novabpf_sim.h>

#include "base/common.h"

#define NS_PER_US	1000.0
#define NS_PER_MS	1000000.0
#define NS_PER_S	1000000000.0
#define LOAD_NAME_MAX	24	/* of a tenant; the kernel's limit is 31 with the number */
#define LOAD_WORDS_MAX	128	/* in a line */
#define SEGMENTS_MAX	1000000u

/* ---- text */

struct word {
	char *s;
	unsigned int column;
};

struct line {
	const char *file;
	unsigned int nr;
	struct word w[LOAD_WORDS_MAX];
	unsigned int nr_words;
	unsigned int pos;		/* next word to take */
};

int line_split(struct line *line, char *text);
int line_error(const struct line *line, unsigned int word, const char *fmt, ...) __printf(3, 4);
const char *line_take(struct line *line);
bool line_at(const struct line *line, const char *word);	/* is it the next word? */
int line_known(const struct line *line, unsigned int word, const char *what,
	       const char *const *known, size_t nr);
int line_end(const struct line *line);
int take_time(struct line *line, const char *what, double *ns);
int take_period(struct line *line, double *ns);			/* time or rate */
int take_percent(struct line *line, const char *what, double *ratio);
int take_number(struct line *line, const char *what, double low, double high, double *val);
int take_count(struct line *line, const char *what, uint64_t low, uint64_t high, uint64_t *val);

/* ---- random numbers */

struct rng {
	uint64_t s[4];
	double spare;			/* of rng_normal() */
	bool has_spare;
};

void rng_seed(struct rng *rng, uint64_t seed, const char *who, const char *purpose);
double rng_unit(struct rng *rng);	/* above 0, below 1 */
double rng_normal(struct rng *rng);
double rng_exp(struct rng *rng);
double rng_gamma(struct rng *rng, double shape);
double exact_log(double x);
double exact_exp(double x);

/* ---- distributions */

enum dist_kind {
	DIST_NONE,
	DIST_CONST,		/* a */
	DIST_EXP,		/* mean a */
	DIST_UNIFORM,		/* a .. b */
	DIST_LOGNORMAL,		/* median a, sigma of the logarithm b */
	DIST_GAMMA,		/* mean a, coefficient of variation b */
	DIST_QUANTILES,		/* points: percent, value; straight lines between */
	DIST_VALUES,		/* points: value, one after another */
};

struct point {
	double x;
	double y;
};

struct dist {
	enum dist_kind kind;
	double a;
	double b;
	double max;		/* longer draws become this; 0 for none */
	struct point *points;	/* live as long as the mix */
	size_t nr_points;
};

struct mix;
int take_dist(struct mix *mix, struct line *line, bool times, struct dist *dist);
double dist_draw(const struct dist *dist, struct rng *rng, uint64_t index);
double points_at(const struct point *points, size_t nr, double x);

/* ---- a mix */

enum arrival_kind {
	ARRIVE_NONE,
	ARRIVE_PERIODIC,
	ARRIVE_FRAMES,
	ARRIVE_POISSON,
	ARRIVE_GAMMA,
	ARRIVE_CLOSED,
	ARRIVE_TRACE,
};

struct arrival {
	enum arrival_kind kind;
	double period_ns;
	double cv;
	double phase_ns;
	bool phase_fixed;
	struct dist gap;	/* closed: after the end of the item before; trace */
	struct dist on;		/* none: always on */
	struct dist off;
};

struct tenant {
	char name[LOAD_NAME_MAX];
	const char *file;
	unsigned int line;
	bool is_profile;
	uint64_t count;
	struct arrival arrival;
	struct dist length;
	struct dist steps;		/* items per request */
	struct dist prompt;		/* tokens */
	struct dist output;		/* tokens */
	struct point *step_cost;	/* tokens in a step, ns */
	size_t nr_step_cost;
	uint64_t chunk;			/* tokens of the prompt in a step */
	double context_ns;		/* per token of context, in each step */
	double spike_ratio;
	double spike_factor;
	double deadline_ns;
	double first_ns;		/* deadline of the first token */
	double token_ns;		/* deadline of the mean token after it */
	double grain_ns;
	double start_ns;
	double stop_ns;
	double period_ns;
	double budget_ns;
	uint64_t weight;
	uint64_t cap_pct;
	uint64_t priority;
	uint64_t tsgs;
	uint64_t engine_id;
	uint64_t queue_max;
};

/* Which part of a request an item is. */
enum step_kind {
	STEP_PLAIN,		/* one of @steps, or a request of one item */
	STEP_PROMPT,
	STEP_FIRST,		/* last of the prompt: gives the first token */
	STEP_TOKEN,
};

struct step {
	uint32_t request;
	uint8_t kind;
	bool last;
};

/* One vGPU of the mix with the draws of one seed. */
struct inst {
	const struct tenant *tenant;
	size_t group;			/* index of the tenant in mix->tenants */
	char name[LOAD_NAME_MAX + 8];
	uint32_t gfid;
	bool reused;			/* was there before; stays */
	bool created;
	struct nova_sim_draw *draws;
	struct step *steps;		/* one per draw */
	size_t nr_draws;
	size_t room;
};

/* Settings of the scheduler for the time of the run; @set tells which are given. */
struct sched_settings {
	int arr;			/* -1: not given */
	uint64_t frequency_hz;		/* 0: not given */
	uint64_t factor;
	uint64_t slice_us;
};

struct mix {
	char *name;
	char *title;
	struct tenant *profiles;
	size_t nr_profiles;
	struct tenant *tenants;
	size_t nr_tenants;
	struct inst *insts;
	size_t nr_insts;
	uint64_t slots;
	uint64_t seeds;
	double duration_ns;
	double warmup_ns;
	double ctxsw_ns;
	double preempt_ns;
	double tsg_slice_ns;
	struct sched_settings sched;
	unsigned int includes;
	void **memory;			/* freed with the mix */
	size_t nr_memory;
};

void *mix_keep(struct mix *mix, void *p);
int mix_read(struct mix *mix, const char *name);
int mix_insts(struct mix *mix);
void mix_free(struct mix *mix);
int tenant_word(struct mix *mix, struct tenant *t, struct line *line);
int tenant_check(const struct tenant *t);

int mix_draw(struct mix *mix, uint64_t seed);
void mix_forget(struct mix *mix);	/* the draws */
bool tenant_is_llm(const struct tenant *t);

/* ---- a run */

/* What a policy promises to a tenant. */
enum entitlement {
	BY_WEIGHT,		/* a share by weight of what is done */
	BY_VGPUS,		/* equal share: one part in as many vGPUs as exist */
	BY_SLOTS,		/* fixed share: one part in as many as fit */
};

struct run {
	const char *policy;		/* as the user named it */
	uint64_t seed;
	enum entitlement due;
	uint32_t slots;			/* vGPUs that fit; 0 if not known */
	uint64_t decisions;
	uint64_t rejected;
	char *ended;			/* why the policy was ejected, or NULL */
	void *raw;
	const struct nova_sim_result *res;
	const struct nova_sim_item *items;
	const struct nova_sim_segment *segs;
};

int run_parse(struct run *run, const struct mix *mix, void *raw, size_t size, const char *what);
void run_free(struct run *run);

struct device {
	const char *gpu;		/* "gpu0" */
	char *type;
	int fd;
	struct sched_settings before;
	bool settings_changed;
	bool keep;
};

int device_open(struct device *dev, const char *gpu, const struct mix *mix);
void device_close(struct device *dev);
int device_vgpus(struct device *dev, struct mix *mix);
int device_drop_vgpus(struct device *dev, struct mix *mix);
int device_run(struct device *dev, const struct mix *mix, struct run *run);
int gpu_set(const char *gpu, const char *attr, const char *value);

/* Ctrl-C ends the run and takes the vGPUs away. */
void interrupts_catch(void);
bool interrupted(void);

struct policy;
int policy_find(const char *gpu, const char *word, struct policy **policy);
int policy_start(struct policy *policy);
int policy_stop(struct policy *policy);
void policy_free(struct policy *policy);
const char *policy_label(const struct policy *policy);
enum entitlement policy_due(const char *label);

/* ---- numbers */

enum metric {
	M_ITEMS, M_DONE, M_DROPPED, M_UNFINISHED,
	M_DEMAND_PCT, M_WORK_MS, M_SHARE_PCT, M_ENTITLED_PCT, M_SHARE_ERROR_PCT,
	M_WAIT_P50, M_WAIT_P99, M_WAIT_P999, M_WAIT_MAX, M_LONGEST_WAIT,
	M_DELAY_P50, M_DELAY_P99,
	M_RESP_P50, M_RESP_P95, M_RESP_P99, M_RESP_MAX, M_SLOWDOWN_P50,
	M_DUE, M_MISSED, M_MISS_PCT,
	M_FPS, M_FPS_OFFERED, M_FRAME_P50, M_FRAME_P99, M_FPS_LOW1, M_STUTTERS,
	M_REQUESTS, M_TTFT_P50, M_TTFT_P99, M_TPOT_P50, M_TPOT_P99, M_TBT_P99, M_TBT_MAX,
	M_SLO_PCT,
	M_RUNS_PER_S,
	NR_METRICS
};

enum engine_metric {
	E_UTIL_PCT, E_SWITCH_PCT, E_IDLE_RUNNABLE_PCT, E_SWITCHES_PER_S, E_WORK_MS,
	E_LONGEST_WAIT, E_JAIN_10, E_JAIN_100, E_JAIN_1000, E_JAIN_10_MIN, E_JAIN_100_MIN,
	E_JAIN_1000_MIN, E_DECISIONS, E_REJECTED, E_SEGMENTS_LOST,
	NR_ENGINE_METRICS
};

struct metric_name {
	const char *name;
	int decimals;
};

extern const struct metric_name metric_names[NR_METRICS];
extern const struct metric_name engine_metric_names[NR_ENGINE_METRICS];

/* Of one run: NAN where a number makes no sense. */
struct numbers {
	double (*inst)[NR_METRICS];
	double (*group)[NR_METRICS];
	double engine[NR_ENGINE_METRICS];
};

void numbers_make(const struct mix *mix, const struct run *run, struct numbers *n);
void numbers_free(struct numbers *n);

struct samples {
	double *v;
	size_t nr;
	size_t room;
	bool sorted;
};

void samples_add(struct samples *s, double v);
double samples_pct(struct samples *s, double percent);	/* NAN without any */
double samples_max(struct samples *s);
double samples_mean(const struct samples *s);
void samples_free(struct samples *s);

/* ---- when who worked */

struct span {
	uint64_t from;
	uint64_t to;
};

struct spans {
	struct span *s;
	size_t nr;
	size_t room;
};

struct times {
	uint64_t from;		/* end of the warm-up */
	uint64_t to;
	struct spans *pending;	/* per vGPU: it has work */
	struct spans *ran;	/* per vGPU: it has an engine */
	uint64_t *work_ns;	/* per vGPU, after warm-up */
	uint64_t *runs;		/* per vGPU: turns that it got */
	double *demand;		/* per vGPU: part of the engine that it could use */
	double *entitled;	/* per vGPU: part of the time that is due to it */
	uint64_t *longest;	/* per vGPU: had work and not the engine */
	struct samples *delay;	/* per vGPU: each such time */
	uint64_t busy_ns;
	uint64_t switch_ns;
	uint64_t switches;
	uint64_t idle_runnable_ns;
};

#define ENGINES_MAX	64

/* due.c: demand and entitled, from the rest. */
void times_due(const struct mix *mix, const struct run *run, struct times *t);
void times_make(const struct mix *mix, const struct run *run, struct times *t);
void times_free(const struct mix *mix, struct times *t);
void times_jain(const struct mix *mix, const struct times *t, uint64_t window_ns, double *mean,
		double *least);

/* ---- output */

struct report {
	const struct mix *mix;
	const char *gpu;
	const char *type;
	struct numbers *n;	/* nr_policies times nr_seeds */
	struct run *run;	/* the same; results are freed, the rest is kept */
	char **policy;
	size_t nr_policies;
	size_t nr_seeds;
};

void report_text(const struct report *r);
void report_csv(const struct report *r);
int report_json(const struct report *r);
void draws_text(const struct mix *mix, uint64_t seed);
struct json_object *draws_json(const struct mix *mix, uint64_t seed);

#endif /* NOVABPF_TOOL_LOAD_INTERNAL_H */
