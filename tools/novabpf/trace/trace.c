// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf trace sched: follow the scheduler's events, live or from a saved text.
 *
 * Live events come from a trace buffer of our own, which must not outlast us: so
 * signals only end the loop, and all ways out pass through tracefs_close().
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "trace.h"

#define READ_EVERY_MS	50
#define SECONDS_MAX	86400

/* A file that appears under its name only once it is complete. */
struct output {
	const char *file;
	char *part;		/* name while it is being written; NULL: written directly */
	FILE *to;
};

enum {
	OUT_SVG,
	OUT_PERFETTO,
	OUT_SAVE,
	NR_OUT
};

static const char *const out_options[NR_OUT] = {
	[OUT_SVG] = "svg", [OUT_PERFETTO] = "perfetto", [OUT_SAVE] = "save",
};

struct session {
	struct output out[NR_OUT];
	struct trace_events events;
	const char *from;
	bool csv;
	bool lines;
	bool keep;		/* the events are needed at the end */
	bool has_gpu;
	uint32_t gpu;
	double seconds;
	char *const *argv;	/* command to run meanwhile, or NULL */
	uint64_t nr_events;
	uint64_t line_nr;
	uint64_t lost_by_line;
	uint64_t lost_of_buffers;
	bool cut;		/* the last line of the file has no end */
	bool gone;		/* nobody reads our output any more */
	int command_status;
};

static int out_open(struct output *o, const char *file)
{
	struct stat st;
	mode_t mask;
	int fd;

	o->file = file;
	if (!stat(file, &st) && !S_ISREG(st.st_mode)) {
		fd = open(file, O_WRONLY | O_CLOEXEC);
	} else {
		o->part = xasprintf("%s.XXXXXX", file);
		fd = mkostemp(o->part, O_CLOEXEC);
		if (fd < 0) {
			free(o->part);
			o->part = NULL;
		}
	}
	if (fd < 0)
		return fail("cannot write %s: %s", file, strerror(errno));
	mask = umask(0);
	umask(mask);
	if (o->part)
		fchmod(fd, 0666 & ~mask);
	o->to = fdopen(fd, "w");
	return o->to ? 0 : fail("cannot write %s: %s", file, strerror(errno));
}

static int out_close(struct output *o, bool keep)
{
	int ret = 0, err = 0;

	if (o->to) {
		if (ferror(o->to))
			err = EIO;
		errno = 0;
		if (fclose(o->to) && !err)
			err = errno ? errno : EIO;
		if (!err && keep && o->part && rename(o->part, o->file))
			err = errno;
		if (err && keep)
			ret = fail("cannot write %s: %s", o->file, strerror(err));
	}
	if (o->part && (err || !keep))
		unlink(o->part);
	free(o->part);
	memset(o, 0, sizeof(*o));
	return ret;
}

static void count_lost(struct session *s, const char *line)
{
	uint64_t lost;
	bool all;

	if (!trace_lost(line, &lost, &all))
		return;
	if (all)
		s->lost_of_buffers += lost;
	else
		s->lost_by_line += lost;
	/* What the head counts is in the lines below it, too. */
	s->events.lost = s->lost_by_line > s->lost_of_buffers ? s->lost_by_line :
								s->lost_of_buffers;
}

/* Return: 0, or 1 after an error message. */
static int take_line(void *arg, char *line)
{
	struct session *s = arg;
	struct trace_event ev;
	char *why = NULL;

	s->line_nr++;
	if (s->out[OUT_SAVE].to)
		fprintf(s->out[OUT_SAVE].to, "%s\n", printable(line));
	switch (trace_parse(line, &ev, &why)) {
	case TRACE_LINE_BAD:
		if (s->from)
			fail("%s:%llu: %s", s->from, (unsigned long long)s->line_nr, why);
		else
			fail("cannot read the trace: %s: tool and module differ in version", why);
		free(why);
		return 1;
	case TRACE_LINE_OTHER:
		/* Of a live trace the buffer itself tells, at the end. */
		if (s->from)
			count_lost(s, line);
		return 0;
	case TRACE_LINE_EVENT:
		break;
	}
	if (s->has_gpu && ev.gpu != s->gpu)
		return 0;
	s->nr_events++;
	if (s->csv)
		trace_print_csv(&ev);
	else if (s->lines)
		trace_print_line(&ev);
	if (s->keep)
		trace_add(&s->events, &ev);
	return 0;
}

/* What to do with a file that has no event of ours. */
static const char *no_events(const struct session *s, const char *head)
{
	static const char trace_cmd[] = "\x17\x08\x44tracing", perf[] = "PERFILE2";

	if (!strncmp(head, trace_cmd, strlen(trace_cmd)))
		return ": it is trace-cmd's own; read what 'trace-cmd report -i FILE' prints";
	if (!strncmp(head, perf, strlen(perf)))
		return ": it is perf's own; read what 'perf script -i FILE' prints";
	return s->has_gpu ? " of that GPU" : "";
}

/* A value in a line that has no end may have lost some of its digits. */
static int take_saved_line(struct session *s, char *line, size_t len)
{
	s->cut = len && line[len - 1] != '\n';
	if (s->cut)
		return 0;
	line[strcspn(line, "\n")] = '\0';
	return take_line(s, line);
}

static int read_saved(struct session *s)
{
	FILE *f = fopen(s->from, "re");
	char *line = NULL, head[16] = "";
	size_t room = 0;
	ssize_t len;
	int ret = 0;

	if (!f)
		return fail("cannot read %s: %s", s->from, strerror(errno));
	while (!ret && (len = getline(&line, &room, f)) >= 0) {
		if (!s->line_nr)
			snprintf(head, sizeof(head), "%s", line);
		ret = take_saved_line(s, line, len);
	}
	if (!ret && ferror(f))
		ret = fail("cannot read %s: %s", s->from, strerror(errno));
	if (!ret && !s->nr_events)
		ret = fail("%s holds no scheduler events%s", s->from,
			   no_events(s, head));
	free(line);
	fclose(f);
	return ret ? EXIT_FAILED : 0;
}

static int read_events(struct session *s, struct tracefs *t)
{
	int ret = tracefs_read(t, take_line, s);

	if (ret < 0)
		ret = fail("cannot read the trace: %s", strerror(-ret));
	/* Whoever reads our output may have gone. */
	if (!ret && (fflush(stdout) || ferror(stdout)))
		s->gone = true;
	return ret;
}

static int follow(struct session *s, struct tracefs *t)
{
	double end = s->seconds ? now_s() + s->seconds : INFINITY;
	bool ended = false;
	pid_t pid = 0;
	int ret = 0;

	if (s->argv) {
		pid = child_start(s->argv);
		if (pid < 0)
			return EXIT_FAILED;
	}
	while (!ret && !s->gone && !signals_came() && !ended && now_s() < end) {
		ret = read_events(s, t);
		if (!ret)
			poll(NULL, 0, READ_EVERY_MS);
		ended = pid && child_ended(pid, WNOHANG, &s->command_status);
	}
	if (pid && !ended) {
		kill(pid, SIGTERM);
		child_ended(pid, 0, &s->command_status);
	}
	tracefs_stop(t);
	return ret ? ret : read_events(s, t);
}

static int trace_live(struct session *s)
{
	char *filter = s->has_gpu ? xasprintf("gpu == %u", s->gpu) : NULL;
	struct tracefs t;
	int ret;

	signals_catch(true);
	ret = tracefs_open(&t, filter);
	if (!ret) {
		ret = follow(s, &t);
		s->events.lost = tracefs_lost(&t);
		tracefs_close(&t);
	}
	signals_catch(false);
	free(filter);
	return ret ? EXIT_FAILED : 0;
}

/* Names of vGPUs that were created before the trace began. */
static void name_from_sysfs(struct timeline *t)
{
	size_t r, i;

	for (r = 0; r < t->nr_runlists; r++) {
		for (i = 0; i < t->runlists[r].nr_lanes; i++) {
			struct lane *lane = &t->runlists[r].lanes[i];
			char *path, *name;

			if (lane->name)
				continue;
			path = root_path("/sys/class/novabpf/gpu%u/vgpu%u/name",
					 t->runlists[r].gpu, lane->gfid);
			name = read_file(path, NULL);
			if (name) {
				name[strcspn(name, "\n")] = '\0';
				lane->name = *name ? trace_intern(name) : NULL;
			}
			free(name);
			free(path);
		}
	}
}

static int draw(struct session *s)
{
	struct timeline t;
	int err = 0;

	trace_sort(&s->events);
	timeline_make(&t, &s->events);
	if (!s->from)
		name_from_sysfs(&t);
	if (s->out[OUT_SVG].to)
		err = trace_svg(&t, s->out[OUT_SVG].to);
	if (!err && s->out[OUT_PERFETTO].to)
		err = trace_perfetto(&t, s->out[OUT_PERFETTO].to);
	timeline_free(&t);
	return err;
}

static struct json_object *session_json(const struct session *s)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < s->events.nr; i++)
		json_object_array_add(list, trace_json(&s->events.e[i]));
	json_object_object_add(doc, "lost", json_object_new_uint64(s->events.lost));
	json_object_object_add(doc, "cut", json_object_new_boolean(s->cut));
	json_object_object_add(doc, "events", list);
	return doc;
}

static void sum_up(const struct session *s, const struct output *files)
{
	int i;

	for (i = 0; i < NR_OUT; i++)
		if (files[i].file && !s->csv && !s->lines)
			printf("%s: %llu events\n", files[i].file,
			       (unsigned long long)s->nr_events);
	if (s->events.lost)
		fprintf(stderr, "novabpf: %llu events were lost; %s\n",
			(unsigned long long)s->events.lost,
			s->from ? "the buffer was too small for what was traced" :
				  "trace one GPU, or for less time");
	if (s->cut)
		fprintf(stderr, "novabpf: %s: the last line is cut and was left out\n",
			printable(s->from));
}

static int finish(struct session *s, int ret)
{
	struct output files[NR_OUT];
	int i;

	if (!ret && (s->out[OUT_SVG].to || s->out[OUT_PERFETTO].to))
		draw(s);
	memcpy(files, s->out, sizeof(files));
	for (i = 0; i < NR_OUT; i++) {
		int failed = out_close(&s->out[i], !ret);

		ret = ret ? ret : failed;
	}
	if (!ret && json_output)
		emit_json(session_json(s));
	else if (!ret)
		sum_up(s, files);
	free(s->events.e);
	return ret ? ret : s->command_status;
}

static int parse_gpu(const struct call *call, struct session *s, const char *want)
{
	struct call select = { .cmd = call->cmd, .args = &want, .nr_args = 1 };
	const char *digits = want + (strncmp(want, "gpu", 3) ? 0 : 3);
	struct names gpus;
	uint64_t nr;
	int ret;

	if (!s->from) {
		ret = gpus_select(&select, &gpus);
		if (ret)
			return ret;
		digits = gpus.name[0] + 3;
	}
	s->has_gpu = parse_u64(digits, &nr) && nr < UINT32_MAX;
	s->gpu = nr;
	if (!s->from)
		names_free(&gpus);
	return s->has_gpu ? 0 : usage_error("bad value '%s' for --gpu: give a name such as gpu0",
					    want);
}

static int parse_seconds(struct session *s, const char *value)
{
	char *end;

	s->seconds = strtod(value, &end);
	if (end == value || *end || !(s->seconds > 0 && s->seconds <= SECONDS_MAX))
		return usage_error("bad value '%s' for --seconds: give more than 0, at most %d",
				   value, SECONDS_MAX);
	return 0;
}

static int parse_session(const struct call *call, struct session *s)
{
	const char *gpu = call_value(call, "gpu"), *seconds = call_value(call, "seconds");
	bool pictures = call_value(call, "svg") || call_value(call, "perfetto");
	bool files = pictures || call_value(call, "save");
	int ret = 0;

	s->from = call_value(call, "from");
	s->csv = call_value(call, "csv");
	s->lines = !s->csv && !files && !json_output;
	s->keep = pictures || json_output;
	if (call->nr_args && call->nr_plain)
		return usage_error("unexpected argument '%s'; a command to run stands after --",
				   call->args[0]);
	if (!call->nr_args && !call->nr_plain)
		return usage_error("no command stands after --");
	if (call->nr_args)
		s->argv = (char *const *)call->args;
	if (s->csv && json_output)
		return usage_error("--csv and --json exclude each other");
	if (s->from && (seconds || s->argv))
		return usage_error("--from takes no --seconds and no command");
	if (seconds && s->argv)
		return usage_error("--seconds and a command exclude each other");
	if (json_output && !s->from && !seconds && !s->argv)
		return usage_error("a JSON document needs an end: give --seconds S or a command");
	if (seconds)
		ret = parse_seconds(s, seconds);
	if (!ret && gpu)
		ret = parse_gpu(call, s, gpu);
	return ret;
}

int cmd_trace_sched(const struct call *call)
{
	struct session s = { 0 };
	int ret, i;

	ret = parse_session(call, &s);
	for (i = 0; i < NR_OUT && !ret; i++)
		if (call_value(call, out_options[i]))
			ret = out_open(&s.out[i], call_value(call, out_options[i]));
	if (!ret && s.csv)
		trace_print_csv_head();
	if (!ret)
		ret = s.from ? read_saved(&s) : trace_live(&s);
	return finish(&s, ret);
}
