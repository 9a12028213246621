// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one step again and again, and lets another one of the step's allocations fail each
 * time (/proc/self/fail-nth, of a kernel with CONFIG_FAILSLAB). A step that fails leaves all
 * as it was: it is done once more at the end, without a failure.
 *
 *	failnth MOST unload MODULE FILE [PARAMETERS]	fails in the unloading
 *	failnth MOST write FILE TEXT [FILE TEXT]	writes TEXT; the second takes it back
 *	failnth MOST attach OBJECT			attaches the struct_ops of a BPF object
 *
 * MOST is how many failures are tried; where a step has more allocations, they are spread
 * over all of them. Prints "allocations N, tried N, refused N, errors E..." and exits with 0
 * when the last try, without a failure, did it; E are numbers, without repeats.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define NEVER		1000000000
#define MAX_ERRNO	200
#define NR_STEPS	(sizeof(steps) / sizeof((steps)[0]))

struct step {
	const char *name;
	int nr_args;		/* at least */
	int (*prepare)(char **args);
	int (*run)(char **args);
	void (*undo)(char **args);
};

static int fail_fd;
static int module_fd;
static struct bpf_map *ops;
static struct bpf_link *link_fd;

static int module_open(char **args)
{
	module_fd = open(args[1], O_RDONLY | O_CLOEXEC);
	return module_fd < 0 ? -errno : 0;
}

static int module_load(char **args)
{
	return syscall(SYS_finit_module, module_fd, args[2] ?: "", 0) ? -errno : 0;
}

static int module_unload(char **args)
{
	return syscall(SYS_delete_module, args[0], O_NONBLOCK) ? -errno : 0;
}

static int module_prepare(char **args)
{
	return module_open(args) ?: module_load(args);
}

/* It is loaded again before the next time. */
static void module_again(char **args)
{
	(void)module_load(args);
}

static int text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int write_run(char **args)
{
	return text_write(args[0], args[1]);
}

static void write_undo(char **args)
{
	if (args[2] && args[3])
		(void)text_write(args[2], args[3]);
}

static int attach_prepare(char **args)
{
	struct bpf_object *obj = bpf_object__open_file(args[0], NULL);
	struct bpf_map *map;

	if (!obj || bpf_object__load(obj))
		return -errno;
	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			ops = map;
	return ops ? 0 : -ENOENT;
}

static int attach_run(char **args)
{
	(void)args;
	link_fd = bpf_map__attach_struct_ops(ops);
	return link_fd ? 0 : -errno;
}

static void attach_undo(char **args)
{
	(void)args;
	bpf_link__destroy(link_fd);
}

static const struct step steps[] = {
	{ "unload", 2, module_prepare, module_unload, module_again },
	{ "write", 2, NULL, write_run, write_undo },
	{ "attach", 1, attach_prepare, attach_run, attach_undo },
};

/* Return: what the step said; *@left is how much of @nth was not used up. */
static int run_failing(const struct step *step, char **args, long nth, long *left)
{
	char text[32];
	int err;

	snprintf(text, sizeof(text), "%ld", nth);
	if (pwrite(fail_fd, text, strlen(text), 0) < 0) {
		perror("fail-nth");
		exit(2);
	}
	err = step->run(args);
	memset(text, 0, sizeof(text));
	*left = pread(fail_fd, text, sizeof(text) - 1, 0) > 0 ? atol(text) : NEVER;
	(void)!pwrite(fail_fd, "0", 1, 0);
	return err;
}

static int sweep(const struct step *step, char **args, long most)
{
	bool seen[MAX_ERRNO] = { false };
	long left, all, nth, refused = 0, tried = 0;
	int err;

	err = run_failing(step, args, NEVER, &left);
	if (err) {
		fprintf(stderr, "failnth: %s fails by itself: %s\n", step->name, strerror(-err));
		return 1;
	}
	step->undo(args);
	all = NEVER - left;
	for (tried = 0; tried < most && tried < all; tried++) {
		nth = all <= most ? tried + 1 : 1 + tried * all / most;
		err = run_failing(step, args, nth, &left);
		if (!err) {
			step->undo(args);
			continue;
		}
		refused++;
		if (-err > 0 && -err < MAX_ERRNO)
			seen[-err] = true;
	}
	printf("allocations %ld, tried %ld, refused %ld, errors", all, tried, refused);
	for (err = 0; err < MAX_ERRNO; err++)
		if (seen[err])
			printf(" %d", err);
	printf("\n");
	err = step->run(args);
	if (err) {
		fprintf(stderr, "failnth: %s fails after all: %s\n", step->name, strerror(-err));
		return 1;
	}
	step->undo(args);
	return 0;
}

int main(int argc, char **argv)
{
	const struct step *step = NULL;
	size_t i;

	for (i = 0; argc > 3 && i < NR_STEPS; i++)
		if (!strcmp(argv[2], steps[i].name) && argc - 3 >= steps[i].nr_args)
			step = &steps[i];
	if (!step || atol(argv[1]) < 1) {
		fprintf(stderr, "usage: failnth MOST unload|write|attach ARGUMENTS\n");
		return 2;
	}
	fail_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_fd < 0) {
		perror("failnth: /proc/self/fail-nth");
		return 2;
	}
	if (step->prepare && step->prepare(argv + 3)) {
		fprintf(stderr, "failnth: cannot begin with %s\n", argv[2]);
		return 1;
	}
	return sweep(step, argv + 3, atol(argv[1]));
}
