// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits in the kernel, and where.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "stacks.h"
#include "stress.h"

#define STACK_BYTES	8192

static void print_stack(const char *pid, const char *tid)
{
	char path[PATH_BYTES], buf[STACK_BYTES], *state;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", pid, tid);
	if (read_text(path, buf, sizeof(buf)) < 0)
		return;
	/* "TID (NAME) S ...", and a name may have anything in it. */
	state = strrchr(buf, ')');
	if (!state || state[1] != ' ' || state[2] != 'D')
		return;
	state[1] = 0;
	printf("task %s waits:\n", buf);
	snprintf(path, sizeof(path), "/proc/%s/task/%s/stack", pid, tid);
	if (read_text(path, buf, sizeof(buf)) >= 0)
		printf("%s", buf);
}

static void print_tasks(const char *pid)
{
	char path[PATH_BYTES];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (isdigit(e->d_name[0]))
			print_stack(pid, e->d_name);
	closedir(dir);
}

void print_stacks(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (isdigit(e->d_name[0]))
			print_tasks(e->d_name);
	if (dir)
		closedir(dir);
}
