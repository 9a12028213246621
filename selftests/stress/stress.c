// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs steps in random order, by several processes at once, for a bounded time. What each
 * of them does and in which order comes from the seed; how they meet does not.
 *
 *	stress list
 *	stress run SECONDS SEED ROUND WORKERS LIMIT_S DIR [STEP[,STEP...]]
 *	stress stacks
 *	stress heal
 *
 * LIMIT_S: no step takes longer. DIR: for the logs of the workers. Exit status of "run":
 * 0; 1 where something was wrong; 3 where a step has not ended, whose process is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "stacks.h"
#include "stress.h"

#define WORKERS_MAX	16
#define DETAIL_BYTES	192
#define GPUS_MAX	2
#define SLOW_WORKERS	2
#define BURST		30
#define EXIT_STUCK	3
#define WRONG		"wrong: "

static int plant_stuck(void)
{
	say("until somebody looks");
	while (!stopping() || pause())
		nap_us(1000);
	return 0;
}

static int plant_crash(void)
{
	say("now");
	return raise(SIGSEGV);
}

static int plant_wrong(void)
{
	say("once");
	wrong("planted");
	return 0;
}

static int plant_nothing(void)
{
	say("at all");
	return -ENOENT;
}

static int plant_draw(void)
{
	say("%u", below(1000000));
	nap_us(10000);
	return 0;
}

const struct step steps[] = {
	{ "create", 12, step_create, STEP_BURST },
	{ "destroy", 10, step_destroy, STEP_BURST },
	{ "restart", 4, step_restart, STEP_BURST },
	{ "set", 4, step_set, STEP_BURST },
	{ "recover", 3, step_recover, 0 },
	{ "sched", 4, step_sched, STEP_BURST },
	{ "flow", 1, step_flow, STEP_BURST },
	{ "param", 4, step_param, STEP_BURST },
	{ "read", 6, step_read, 0 },
	{ "debug", 4, step_debug, STEP_BURST },
	{ "fault", 4, step_fault, 0 },
	{ "heal", 3, step_heal, 0 },
	{ "service", 1, step_service, 0 },
	{ "trace", 2, step_trace, 0 },
	{ "load", 2, step_load, 0 },
	{ "unload-sim", 3, step_unload_sim, 0 },
	{ "unload-vfio", 1, step_unload_vfio, 0 },
	{ "unload-core", 1, step_unload_core, 0 },
	{ "policy", 10, step_policy, STEP_SLOW },
	{ "hook", 6, step_hook, STEP_SLOW },
	{ "unlink", 1, step_unlink, 0 },
	{ "cli", 2, step_cli, STEP_SLOW },
	{ "cli-ops", 2, step_cli_ops, STEP_SLOW },
	{ "mdev-create", 6, step_mdev_create, STEP_BURST },
	{ "mdev-remove", 3, step_mdev_remove, STEP_BURST },
	{ "user", 8, step_user, 0 },
	{ "tenants", 5, step_tenants, 0 },
	/* To see that they are seen. */
	{ "plant-stuck", 0, plant_stuck, 0 },
	{ "plant-crash", 0, plant_crash, 0 },
	{ "plant-wrong", 0, plant_wrong, 0 },
	{ "plant-nothing", 0, plant_nothing, 0 },
	{ "plant-draw", 0, plant_draw, 0 },
};

const __u32 nr_steps = ARRAY_SIZE(steps);

/**
 * struct slot - a worker, as the others see it
 * @pid: process
 * @step: index, where @since_ns is not 0
 * @since_ns: when its step began
 * @detail: what it does
 */
struct slot {
	pid_t pid;
	__u32 step;
	__u64 since_ns;
	char detail[DETAIL_BYTES];
};

/**
 * struct shared - memory of all processes
 * @loading: somebody loads what is missing
 * @drops: how often programs in BPF were asked to be let go
 * @ready: workers that are about to begin
 * @stop: end after the step that is under way
 * @wrong: things that must never be
 * @tally: by enum tally
 * @ended: how often a step ended with this errno
 * @slot: workers
 */
struct shared {
	bool loading;
	__u32 drops;
	__u32 ready;
	bool stop;
	__u32 wrong;
	__u32 tally[TALLIES];
	__u32 ended[ARRAY_SIZE(steps)][RESULTS_MAX];
	struct slot slot[WORKERS_MAX];
};

static struct shared *shared;
static struct slot *me;
static int log_fd = -1;
static __u64 began_ns;
static __u32 weight[ARRAY_SIZE(steps)], weights;
static bool planted;
__u32 gpus, gfids;
const char *top, *round_type;

static __u64 rng;

__u64 drawn(void)
{
	__u64 z = rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void draw_from(__u64 seed, __u64 round, __u64 worker, __u64 nr)
{
	rng = seed;
	rng = drawn() ^ round;
	rng = drawn() ^ worker;
	rng = drawn() ^ nr;
}

__u32 below(__u32 n)
{
	return n ? drawn() % n : 0;
}

__u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

void nap_us(__u32 us)
{
	usleep(us);
}

bool stopping(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

void tally(enum tally what, __u32 n)
{
	__atomic_add_fetch(&shared->tally[what], n, __ATOMIC_RELAXED);
}

void ask_for_drops(void)
{
	__atomic_add_fetch(&shared->drops, 1, __ATOMIC_RELAXED);
}

__u32 drops_asked(void)
{
	return __atomic_load_n(&shared->drops, __ATOMIC_RELAXED);
}

static void log_line(const char *fmt, ...)
{
	char line[DETAIL_BYTES + 64];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (log_fd >= 0 && write(log_fd, line, n) != n)
		log_fd = -1;
}

static __u64 ms(void)
{
	return (now_ns() - began_ns) / 1000000;
}

static int who(void)
{
	return me - shared->slot;
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(me->detail, sizeof(me->detail), fmt, args);
	va_end(args);
	me->detail[strcspn(me->detail, "\n")] = 0;
	log_line("%8llu w%d %s %s\n", ms(), who(), steps[me->step].name,
		 me->detail);
}

void wrong(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	__atomic_add_fetch(&shared->wrong, 1, __ATOMIC_RELAXED);
	printf(WRONG "%s: %s: %s\n", steps[me->step].name, me->detail, text);
	fflush(stdout);
	log_line("%8llu w%d " WRONG "%s\n", ms(), who(), text);
}

static __u32 draw_one(void)
{
	__u32 at = below(weights), i;

	for (i = 0; at >= weight[i]; i++)
		at -= weight[i];
	return i;
}

/* What is slow is for two of the workers only, who do it half of the time. */
static __u32 draw_step(void)
{
	bool slow = me - shared->slot < SLOW_WORKERS && below(2);
	__u32 step, tries = 0;

	do {
		step = draw_one();
	} while (!(steps[step].flags & STEP_SLOW) == slow && ++tries < 100);
	return step;
}

static __u32 index_of(const char *name)
{
	__u32 i;

	for (i = 0; i < nr_steps && strcmp(steps[i].name, name); i++)
		;
	return i;
}

static void one_step(__u32 step)
{
	__u64 from = now_ns();
	int err;

	me->step = step;
	me->detail[0] = 0;
	__atomic_store_n(&me->since_ns, from, __ATOMIC_RELEASE);
	err = -steps[step].run();
	__atomic_store_n(&me->since_ns, 0, __ATOMIC_RELEASE);
	if (err < 0 || err >= RESULTS_MAX)
		err = RESULTS_MAX - 1;
	__atomic_add_fetch(&shared->ended[step][err], 1, __ATOMIC_RELAXED);
	log_line("%8llu w%d   %s %s, %llu us\n", ms(), who(),
		 steps[step].name, err ? strerrorname_np(err) ?: "?" : "ok",
		 (now_ns() - from) / 1000);
}

/* Where no GPU is and nobody is about to load one, somebody does, every other time. */
static bool load_missing(__u32 load)
{
	if (gpu_there() || __atomic_exchange_n(&shared->loading, true, __ATOMIC_ACQUIRE))
		return false;
	one_step(load);
	__atomic_store_n(&shared->loading, false, __ATOMIC_RELEASE);
	return true;
}

/* Often alone; now and then many times in a row, the same or others of its kind. */
static void burst(__u64 seed, __u64 round, __u64 nr, __u64 *n)
{
	__u32 step = draw_step(), times = 1, same = below(2);
	__u64 from = rng;

	if ((steps[step].flags & STEP_BURST) && !below(3))
		times += below(BURST);
	while (times-- && !stopping()) {
		one_step(step);
		if (same)
			rng = from;
		else
			draw_from(seed, round, nr, ++*n);
	}
}

static bool all_ready(__u32 workers)
{
	return __atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE) == workers;
}

/* All begin when programs in BPF are loaded by those who will attach them. */
static void get_ready(__u64 seed, __u64 round, __u32 workers)
{
	__u32 nr = me - shared->slot;

	me->step = index_of("policy");
	__atomic_store_n(&me->since_ns, now_ns(), __ATOMIC_RELEASE);
	draw_from(seed, round, nr, ~0ULL);
	if (nr < SLOW_WORKERS)
		load_before(weight[index_of("policy")], weight[index_of("hook")]);
	__atomic_store_n(&me->since_ns, 0, __ATOMIC_RELEASE);
	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_RELEASE);
	while (!all_ready(workers) && !stopping())
		nap_us(10000);
}

static void work(__u64 seed, __u64 round, __u32 workers)
{
	__u32 load = index_of("load"), nr = me - shared->slot, pause_us, want;
	__u64 n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	get_ready(seed, round, workers);
	for (n = 0; !stopping(); n++) {
		draw_from(seed, round, nr, n);
		pause_us = below(2) ? 0 : below(5000);
		want = below(2) || !n;
		if (!weight[load] || !want || !load_missing(load))
			burst(seed, round, nr, &n);
		nap_us(pause_us);
	}
	drop_loaded();
	_exit(0);
}

/*
 * All steps in every fourth round. In the others some are left out and some come more
 * often, so that those which remain meet each other more often.
 */
static void choose(__u64 seed, __u64 round, char *only)
{
	bool all = round % 4 == 0;
	__u32 i, draw;
	char *name;

	draw_from(seed, round, WORKERS_MAX, 0);
	gpus = 1 + below(GPUS_MAX);
	gfids = 2 + below(5);
	round_type = below(3) ? "NOVA-4Q" : "NOVA-test";
	for (i = 0; i < nr_steps; i++) {
		draw = below(8);
		weight[i] = only ? 0 : steps[i].weight;
		if (!all && !only)
			weight[i] *= draw < 3 ? 0 : draw < 6 ? 1 : 4;
	}
	for (name = only ? strtok(only, ",") : NULL; name; name = strtok(NULL, ",")) {
		i = index_of(name);
		if (i == nr_steps) {
			fprintf(stderr, "stress: no step '%s'; see stress list\n", name);
			exit(2);
		}
		weight[i] = steps[i].weight ?: 1;
		planted |= !steps[i].weight;
	}
	if (!planted)
		weight[index_of("load")] = 2;
	for (i = 0; i < nr_steps; i++)
		weights += weight[i];
}

static void open_log(const char *dir, __u32 nr)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/worker.%u", dir, nr);
	log_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
}

static void report(void)
{
	static const char * const tally_name[] = {
		[TALLY_ITEMS] = "items", [TALLY_FENCES] = "fences", [TALLY_KILLED] = "killed",
	};
	__u32 i, err;

	for (i = 0; i < nr_steps; i++)
		for (err = 0; err < RESULTS_MAX; err++)
			if (shared->ended[i][err])
				printf("count %s %s %u\n", steps[i].name,
				       err ? strerrorname_np(err) ?: "?" : "ok",
				       shared->ended[i][err]);
	for (i = 0; i < TALLIES; i++)
		printf("count %s ok %u\n", tally_name[i], shared->tally[i]);
	fflush(stdout);
}

/* Return: 0, or EXIT_STUCK where a step takes too long. */
static int look(__u32 workers, __u64 limit_ns)
{
	__u64 since, now = now_ns();
	int status = 0;
	__u32 i;

	for (i = 0; i < workers; i++) {
		struct slot *s = &shared->slot[i];

		since = __atomic_load_n(&s->since_ns, __ATOMIC_ACQUIRE);
		if (!s->pid || !since || now < since + limit_ns)
			continue;
		printf("stuck: %s: %s: worker %u, process %d, for %llu s\n", steps[s->step].name,
		       s->detail, i, s->pid, (now - since) / 1000000000);
		status = EXIT_STUCK;
	}
	return status;
}

/* Return: how many were there; those that crashed are told. */
static __u32 reap(__u32 workers)
{
	__u32 n = 0, i;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < workers && shared->slot[i].pid != pid; i++)
			;
		if (i == workers)
			continue;
		n++;
		shared->slot[i].pid = 0;
		if (!WIFSIGNALED(status))
			continue;
		shared->wrong++;
		shared->stop = true;
		printf(WRONG "%s: %s: worker %u died of signal %d\n",
		       steps[shared->slot[i].step].name, shared->slot[i].detail, i,
		       WTERMSIG(status));
	}
	return n;
}

/* What keeps the others from ending is ended: faults, and a GPU that gave up. */
static void heal_aside(void)
{
	/* What is planted needs no GPU, and may be tried where somebody uses one. */
	if (planted || fork())
		return;
	me = &shared->slot[WORKERS_MAX - 1];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	heal();
	_exit(0);
}

static int watch(__u32 workers, __u64 seconds, __u64 limit_ns)
{
	__u64 end = ~0ULL, healed = 0, now;
	__u32 left = workers;
	int status = 0;

	while (left && !status) {
		nap_us(20000);
		now = now_ns();
		if (end == ~0ULL && all_ready(workers))
			end = now + seconds * 1000000000ULL;
		if (now >= end)
			__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
		if (stopping() && now > healed + 1000000000ULL) {
			healed = now;
			heal_aside();
		}
		left -= reap(workers);
		status = look(workers, limit_ns);
	}
	shared->stop = true;
	report();
	if (status) {
		print_stacks();
		fflush(stdout);
	}
	return status ?: !!shared->wrong;
}

/* So that there is something from the start. */
static void load_first(void)
{
	if (fork()) {
		wait(NULL);
		return;
	}
	me = &shared->slot[WORKERS_MAX - 1];
	step_load();
	_exit(0);
}

static int run(char **argv)
{
	__u64 seconds = strtoull(argv[0], NULL, 10), seed = strtoull(argv[1], NULL, 10);
	__u64 round = strtoull(argv[2], NULL, 10), limit_s = strtoull(argv[4], NULL, 10);
	__u32 workers = strtoul(argv[3], NULL, 10), i;
	pid_t pid;

	/* The last slot is not a worker's. */
	if (!workers || workers >= WORKERS_MAX || !limit_s)
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	choose(seed, round, argv[6]);
	if (weight[index_of("load")])
		load_first();
	began_ns = now_ns();
	for (i = 0; i < workers; i++) {
		pid = fork();
		if (pid < 0)
			return 1;
		if (!pid) {
			me = &shared->slot[i];
			open_log(argv[5], i);
			work(seed, round, workers);
		}
		shared->slot[i].pid = pid;
	}
	return watch(workers, seconds, limit_s * 1000000000ULL);
}

int main(int argc, char **argv)
{
	__u32 i;

	top = getenv("STRESS_TOP") ?: ".";
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (i = 0; i < nr_steps; i++)
			printf("%s %u\n", steps[i].name, steps[i].weight);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "stacks")) {
		print_stacks();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "heal")) {
		gpus = GPUS_MAX;
		heal();
		return 0;
	}
	if ((argc == 8 || argc == 9) && !strcmp(argv[1], "run"))
		return run(argv + 2);
	fprintf(stderr, "usage: stress list | stacks | heal\n");
	fprintf(stderr, "   or: stress run SECONDS SEED ROUND WORKERS LIMIT_S DIR [STEP,...]\n");
	return 2;
}
