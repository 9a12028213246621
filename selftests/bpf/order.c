// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command under maximal.bpf.c, then checks that every operation was called,
 * and in the order that novabpf/bpf.h promises.
 *
 * usage: order FILE COMMAND...
 * TAP on stdout; the command's own output goes to stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <bpf/libbpf.h>
#include "order.h"

#define GFIDS		513
#define EXIT_DETACH	64	/* NOVA_EXIT_DETACH */

static const char * const names[OPS] = {
	"none", "init", "exit", "admit", "vgpu_init", "vgpu_exit", "vgpu_config", "runnable",
	"quiescent", "pick", "preempt", "stopped",
};

/* What is known of a vGPU. */
struct state {
	int admitted;
	int known;
	int runnable;
};

static struct state vgpu[GFIDS];
/* Who has the engine by the notes, and who was taken off it by the one before. */
static unsigned int on, stopped;
static int tests, failed;

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failed |= !good;
}

static const char *check_vgpu(const struct order_note *n)
{
	struct state *v = &vgpu[n->gfid];

	switch (n->op) {
	case OP_ADMIT:
		v->admitted = 1;
		return NULL;
	case OP_VGPU_INIT:
		if (v->known++ || !v->admitted)
			return "vgpu_init twice, or without admit";
		return n->arg ? "vtime and priv do not begin at 0" : NULL;
	case OP_VGPU_EXIT:
		if (v->runnable)
			return "vgpu_exit of a runnable vGPU";
		return v->known-- > 0 ? NULL : "vgpu_exit without vgpu_init";
	case OP_VGPU_CONFIG:
		return v->known ? NULL : "vgpu_config without vgpu_init";
	case OP_RUNNABLE:
		if (v->runnable++)
			return "runnable twice";
		return v->known ? NULL : "runnable without vgpu_init";
	default:
		return v->runnable-- == 1 ? NULL : "quiescent without runnable";
	}
}

static const char *check_runlist(const struct order_note *n)
{
	switch (n->op) {
	case OP_PICK:
		if (n->gfid != stopped)
			return "pick names another one than stopped did";
		if (on)
			return "pick while a run goes on";
		stopped = 0;
		on = n->arg;
		return n->arg && !vgpu[n->arg].runnable ? "chose one that has no work" : NULL;
	case OP_PREEMPT:
		return n->gfid == on && n->arg != n->gfid ? NULL : "preempt of whom?";
	default:
		if (n->gfid != on)
			return "stopped without a run";
		stopped = n->gfid;
		on = 0;
		return NULL;
	}
}

static const char *check(const struct order_note *n, unsigned long at, unsigned long last)
{
	if (n->op >= OPS || n->gfid >= GFIDS)
		return "nonsense";
	switch (n->op) {
	case OP_INIT:
		return at ? "init is not the first" : NULL;
	case OP_EXIT:
		return at != last ? "exit is not the last" : NULL;
	case OP_PICK:
	case OP_PREEMPT:
	case OP_STOPPED:
		return check_runlist(n);
	default:
		return check_vgpu(n);
	}
}

static void check_all(const struct order_note *notes, unsigned long nr)
{
	unsigned long count[OPS] = {}, i, at;
	const char *wrong = NULL;
	char text[64];
	int op;

	for (i = 0; i < nr && !wrong; i++) {
		wrong = check(&notes[i], i, nr - 1);
		if (notes[i].op < OPS)
			count[notes[i].op]++;
	}
	ok(!wrong, "every operation comes in its turn");
	if (wrong) {
		printf("# note %lu: %s\n", i - 1, wrong);
		for (at = i > 12 ? i - 12 : 0; at < i; at++)
			printf("# %lu %s gfid %u arg %u\n", at,
			       notes[at].op < OPS ? names[notes[at].op] : "?", notes[at].gfid,
			       notes[at].arg);
	}
	for (op = OP_INIT; op < OPS; op++) {
		snprintf(text, sizeof(text), "%s was called", names[op]);
		ok(count[op] > 0, text);
	}
	ok(count[OP_INIT] == 1 && count[OP_EXIT] == 1, "init and exit once");
	ok(nr && notes[nr - 1].arg == EXIT_DETACH, "exit is told that the policy was detached");
	printf("# %lu calls\n", nr);
}

static int run(char **argv)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		dup2(2, 1);
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

int main(int argc, char **argv)
{
	struct order_log *log;
	struct bpf_object *obj;
	struct bpf_link *link;
	struct bpf_map *bss;
	unsigned int key = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: order FILE COMMAND...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj || bpf_object__load(obj))
		return 1;
	bss = bpf_object__find_map_by_name(obj, ".bss");
	link = bpf_map__attach_struct_ops(bpf_object__find_map_by_name(obj, "policy"));
	if (!bss || !link)
		return 1;
	ok(run(argv + 2) == 0, "the command succeeds");
	bpf_link__destroy(link);

	log = calloc(1, bpf_map__value_size(bss));
	if (!log || bpf_map__value_size(bss) < sizeof(*log) ||
	    bpf_map__lookup_elem(bss, &key, sizeof(key), log, bpf_map__value_size(bss), 0))
		return 1;
	ok(log->nr <= ORDER_NOTES, "all calls are noted");
	if (log->nr <= ORDER_NOTES)
		check_all(log->notes, log->nr);
	ok(!log->broken, "kfuncs do what they promise");
	printf("1..%d\n", tests);
	free(log);
	bpf_object__close(obj);
	return failed;
}
