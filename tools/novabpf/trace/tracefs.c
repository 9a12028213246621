// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace buffer of our own: an instance in tracefs with the scheduler's events
 * on, so that neither other users of tracing disturb us nor we them. It is named
 * after the process, and removed when the trace ends; one that a killed process
 * left behind is removed by the next.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define TRACEFS_DIR	"/sys/kernel/tracing"
#define PREFIX		"novabpf-"
/* Room for bursts between two reads, per CPU. */
#define BUFFER_KB	"8192"

static int put(const char *dir, const char *file, const char *text)
{
	char *path = xasprintf("%s/%s", dir, file);
	int err = write_file(path, text);

	free(path);
	return err;
}

static int enable_event(const char *dir, enum trace_kind kind, const char *filter)
{
	char *event = xasprintf("%s/events/novabpf/%s", dir, trace_event_name(kind));
	int err = 0;

	if (filter)
		err = put(event, "filter", filter);
	if (!err)
		err = put(event, "enable", "1");
	free(event);
	return err;
}

static void remove_stale(const char *instances)
{
	struct dirent *de;
	uint64_t pid;
	DIR *d = opendir(instances);

	if (!d)
		return;
	while ((de = readdir(d))) {
		if (strncmp(de->d_name, PREFIX, strlen(PREFIX)) ||
		    !parse_u64(de->d_name + strlen(PREFIX), &pid) || !pid || pid > INT32_MAX)
			continue;
		if (kill(pid, 0) && errno == ESRCH)
			unlinkat(dirfd(d), de->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

/* What to say where tracefs or our events are not there. */
static int check_tracefs(const char *root)
{
	char *events = xasprintf("%s/events/novabpf/%s", root, trace_event_name(TRACE_PICK));
	char *instances = xasprintf("%s/instances", root);
	char *module = root_path("/sys/module/novabpf");
	int ret = 0;

	if (access(root, X_OK) && (errno == EACCES || errno == EPERM))
		ret = fail("cannot trace: %s: %s; run as root", root, strerror(errno));
	else if (!path_exists(instances))
		ret = fail("tracefs is not mounted; run: mount -t tracefs none %s", root);
	else if (!path_exists(module))
		ret = fail("the module novabpf is not loaded; run: modprobe novabpf_sim");
	else if (!path_exists(events))
		ret = fail("the module novabpf has no event %s: it is older than this tool",
			   trace_event_name(TRACE_PICK));
	free(events);
	free(instances);
	free(module);
	return ret;
}

int tracefs_open(struct tracefs *t, const char *filter)
{
	char *root = root_path(TRACEFS_DIR), *path;
	enum trace_kind kind;
	int ret;

	memset(t, 0, sizeof(*t));
	t->pipe = -1;
	ret = check_tracefs(root);
	if (ret)
		goto out;
	path = xasprintf("%s/instances", root);
	remove_stale(path);
	free(path);
	path = xasprintf("%s/instances/" PREFIX "%d", root, (int)getpid());
	if (mkdir(path, 0700)) {
		ret = fail("cannot trace: %s: %s%s", path, strerror(errno),
			   errno == EACCES || errno == EPERM ? "; run as root" : "");
		free(path);
		goto out;
	}
	t->dir = path;
	/* CPUs are to be in order; the buffer may stay as small as it is. */
	put(t->dir, "trace_clock", "global");
	put(t->dir, "buffer_size_kb", BUFFER_KB);
	path = xasprintf("%s/trace_pipe", t->dir);
	t->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (t->pipe < 0)
		ret = fail("cannot trace: %s: %s", path, strerror(errno));
	free(path);
	for (kind = 0; kind < TRACE_KINDS && !ret; kind++) {
		int err = enable_event(t->dir, kind, filter);

		/* Events of rooms that the module was built without. */
		if (err && err != -ENOENT)
			ret = fail("cannot trace: event %s: %s", trace_event_name(kind),
				   strerror(-err));
	}
	if (ret)
		tracefs_close(t);
out:
	free(root);
	return ret;
}

int tracefs_read(struct tracefs *t, int (*fn)(void *arg, char *line), void *arg)
{
	char buf[65536];
	ssize_t n;
	int err = 0;

	while (!err) {
		char *line, *end;

		n = read(t->pipe, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			return 0;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (!n)
			return 0;
		t->rest = xrealloc(t->rest, t->rest_len + n + 1, 1);
		memcpy(t->rest + t->rest_len, buf, n);
		t->rest_len += n;
		t->rest[t->rest_len] = '\0';
		for (line = t->rest; !err && (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			err = fn(arg, line);
		}
		t->rest_len -= line - t->rest;
		memmove(t->rest, line, t->rest_len + 1);
	}
	return err;
}

/* No event from here on; those that are in the buffer can still be read. */
void tracefs_stop(struct tracefs *t)
{
	put(t->dir, "tracing_on", "0");
}

static uint64_t lost_of_cpu(const char *stats)
{
	static const char *const keys[] = { "\noverrun: ", "\ndropped events: " };
	uint64_t lost = 0;
	const char *s;
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++) {
		s = strstr(stats, keys[i]);
		if (s)
			lost += strtoull(s + strlen(keys[i]), NULL, 10);
	}
	return lost;
}

/* Events for which the buffer had no room. */
uint64_t tracefs_lost(const struct tracefs *t)
{
	char *dir = xasprintf("%s/per_cpu", t->dir);
	struct dirent *de;
	uint64_t lost = 0;
	DIR *d = opendir(dir);

	while (d && (de = readdir(d))) {
		char *path, *stats;

		if (strncmp(de->d_name, "cpu", 3))
			continue;
		path = xasprintf("%s/%s/stats", dir, de->d_name);
		stats = read_file(path, NULL);
		if (stats)
			lost += lost_of_cpu(stats);
		free(stats);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
	return lost;
}

/* The instance cannot be removed while its pipe is open. */
void tracefs_close(struct tracefs *t)
{
	if (t->pipe >= 0)
		close(t->pipe);
	if (t->dir && rmdir(t->dir))
		fail("cannot remove %s: %s", t->dir, strerror(errno));
	free(t->dir);
	free(t->rest);
	memset(t, 0, sizeof(*t));
	t->pipe = -1;
}
