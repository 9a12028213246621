// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that follow something until a time, a signal or the end of a command
 * that they run meanwhile.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

static atomic_int stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

void signals_catch(bool on)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on ? stop : SIG_DFL };
	size_t i;

	for (i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &sa, NULL);
	/* A reader that goes away is noticed by the failing write. */
	sa.sa_handler = on ? SIG_IGN : SIG_DFL;
	sigaction(SIGPIPE, &sa, NULL);
}

bool signals_came(void)
{
	return stopped;
}

/* The pipe tells why the command could not be started; it closes where it could. */
pid_t child_start(char *const *argv)
{
	int fds[2], err = 0;
	pid_t pid;

	/* What it prints may go to the same file: it must not come amid a line of ours. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (pipe2(fds, O_CLOEXEC)) {
		fail("cannot run %s: %s", argv[0], strerror(errno));
		return -1;
	}
	pid = fork();
	if (!pid) {
		signals_catch(false);
		execvp(argv[0], argv);
		err = errno;
		if (write(fds[1], &err, sizeof(err)) != sizeof(err))
			err = 0;
		_exit(127);
	}
	if (pid < 0)
		err = errno;
	close(fds[1]);
	if (pid > 0 && read(fds[0], &err, sizeof(err)) == sizeof(err))
		waitpid(pid, NULL, 0);
	close(fds[0]);
	if (!err)
		return pid;
	fail("cannot run %s: %s", argv[0], strerror(err));
	return -1;
}

/* @status is set to what a shell would say of it. */
bool child_ended(pid_t pid, int flags, int *status)
{
	int raw;

	if (waitpid(pid, &raw, flags) != pid)
		return false;
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return true;
}

double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}
