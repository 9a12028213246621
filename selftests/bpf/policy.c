// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches a policy and takes it off again, with nothing but libbpf, so that the
 * kernel's own words are seen.
 *
 * usage: policy FILE [COMMAND...]
 *	COMMAND runs while the policy is attached.
 * Exit status: 0 attached, 1 refused (why is on stdout), 2 wrong usage, and that
 * of COMMAND.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <bpf/libbpf.h>

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG)
		return 0;
	return vprintf(format, args);
}

static int refused(const char *step, int err)
{
	printf("%s: %s\n", step, strerror(-err));
	return 1;
}

static int run(char **argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	struct bpf_map *map, *policy = NULL;
	struct bpf_link *link;
	struct bpf_object *obj;
	int err, status = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: policy FILE [COMMAND...]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	libbpf_set_print(print);
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj)
		return refused("open", -errno);
	err = bpf_object__load(obj);
	if (err)
		return refused("load", err);
	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			policy = map;
	if (!policy) {
		printf("no policy in %s\n", argv[1]);
		return 1;
	}
	link = bpf_map__attach_struct_ops(policy);
	if (!link)
		return refused("attach", -errno);
	if (argc > 2)
		status = run(argv + 2);
	bpf_link__destroy(link);
	bpf_object__close(obj);
	return status;
}
