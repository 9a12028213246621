/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps of the stress test, and what they share.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PATH_BYTES	512
#define CLASS		"/sys/class/novabpf"
#define DEBUGFS		"/sys/kernel/debug"
#define PARAMS		"/sys/module/novabpf/parameters"
#define TRACING		"/sys/kernel/tracing/instances/stress"
#define UUIDS		3

#define STEP_SLOW	1	/* keeps a slow machine busy: two of the workers do it */
#define STEP_BURST	2	/* so short that it is done many times in a row */

/**
 * struct step - one thing to do
 * @name: for lists and logs
 * @weight: how often it is drawn; 0: only where it is asked for by name
 * @run: does it; returns 0, or -errno where it was refused
 * @flags: STEP_*
 */
struct step {
	const char *name;
	__u32 weight;
	int (*run)(void);
	__u32 flags;
};

extern const struct step steps[];
extern const __u32 nr_steps;
#define RESULTS_MAX	140

/* The draws of one step depend on seed, round, worker and its number alone. */
void draw_from(__u64 seed, __u64 round, __u64 worker, __u64 nr);
__u64 drawn(void);
__u32 below(__u32 n);
#define ONE_OF(array)						\
	({							\
		__auto_type _array = &(array)[0];		\
								\
		_array[below(sizeof(array) / sizeof(*_array))];	\
	})

/* What is about to be done: for the log, and for whoever finds it stuck. */
void say(const char *fmt, ...);
/* Something that must never be. */
void wrong(const char *fmt, ...);
/* Something that happened, beside how steps ended. */
enum tally { TALLY_ITEMS, TALLY_FENCES, TALLY_KILLED, TALLIES };
void tally(enum tally what, __u32 n);

/* The round's choices, the same for all workers. */
extern __u32 gpus, gfids;
extern const char *round_type;
extern const char *top;

__u64 now_ns(void);
void nap_us(__u32 us);
bool stopping(void);

int write_text(const char *path, const char *text);
/* Return: bytes, or -errno; a string in any case. */
int read_text(const char *path, char *buf, size_t bytes);
void gpu_path(char *path, const char *file);
bool gpu_there(void);
/* Ends all faults, and lets a GPU that gave up begin anew. */
void heal(void);

/* Programs in BPF are to be let go, which hold the core; whether they are since. */
void ask_for_drops(void);
__u32 drops_asked(void);
void drop_loaded(void);
/* Before a round begins, of which a slow machine would spend half on it. */
void load_before(bool policies_too, bool hooks_too);
/* A load of tenants, to its end. */
void keep_busy(__u32 gpu);

/* Runs a program whose output nobody reads. Return: exit status, or -errno. */
int run_program(char *const argv[], __u32 kill_us);

int step_create(void);
int step_destroy(void);
int step_restart(void);
int step_set(void);
int step_recover(void);
int step_sched(void);
int step_flow(void);
int step_param(void);
int step_read(void);
int step_debug(void);
int step_fault(void);
int step_heal(void);
int step_service(void);
int step_trace(void);

int load_vfio(void);
int step_load(void);
int step_unload_sim(void);
int step_unload_vfio(void);
int step_unload_core(void);

int step_policy(void);
int step_hook(void);
int step_unlink(void);
int step_cli(void);
int step_cli_ops(void);

int step_mdev_create(void);
int step_mdev_remove(void);
int step_user(void);
int step_tenants(void);

#endif /* STRESS_H */
