// SPDX-License-Identifier: GPL-2.0-only
/*
 * What saved texts say of events that are not in them: each tool says it in its own
 * words, and a line of the kernel's head counts for the whole buffer.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* The text behind @what in @s, NULL where it is not there. */
static const char *lost_behind(const char *s, const char *what)
{
	const char *at = s ? strstr(s, what) : NULL;

	return at ? at + strlen(what) : NULL;
}

static bool lost_number(const char **s, uint64_t *n)
{
	char *end;

	if (!*s || !isdigit((unsigned char)**s))
		return false;
	*n = strtoull(*s, &end, 10);
	*s = end;
	return true;
}

/* "CPU:1 [LOST 41 EVENTS]" of the kernel, "CPU:1 [41 EVENTS DROPPED]" of trace-cmd. */
static bool lost_on_cpu(const char *line, uint64_t *lost)
{
	/* trace-cmd puts the name of the file in front where it reads several. */
	const char *cpu = !strncmp(line, "CPU:", 4) ? line : strstr(line, " CPU:");
	const char *s = lost_behind(cpu, " [");

	if (!s)
		return false;
	if (!strncmp(s, "LOST ", strlen("LOST ")))
		s += strlen("LOST ");
	else if (!strstr(s, "EVENTS DROPPED]"))
		return false;
	/* "[LOST EVENTS]", "[EVENTS DROPPED]": it is not known how many, one at least. */
	if (!lost_number(&s, lost))
		*lost = 1;
	return true;
}

/* "IN/WRITTEN", behind @what, in the head of the kernel's file. */
static bool lost_in_head(const char *line, const char *what, uint64_t *lost)
{
	uint64_t in, written;
	const char *s;

	if (*line != '#')
		return false;
	s = lost_behind(line, what);
	if (!lost_number(&s, &in) || *s++ != '/' || !lost_number(&s, &written))
		return false;
	*lost = written > in ? written - in : 0;
	return true;
}

/* perf says it of all events together, at the end and on standard error. */
static bool lost_by_perf(const char *line, uint64_t *lost)
{
	const char *s = lost_behind(line, "Processed ");
	uint64_t n;
	double part;

	if (s == line + strlen("Processed ") && lost_number(&s, &n)) {
		if (!strncmp(s, " samples and lost ", strlen(" samples and lost "))) {
			part = strtod(s + strlen(" samples and lost "), NULL);
			if (!(part > 0 && part <= 100))
				return false;
			*lost = (uint64_t)((double)n * part / 100 + 0.5);
			return true;
		}
		s = lost_behind(s, " events and lost ");
		return lost_number(&s, lost);
	}
	s = lost_behind(lost_behind(line, "PERF_RECORD_LOST"), "lost ");
	return lost_number(&s, lost);
}

/**
 * trace_lost() - whether a line says that events were lost
 * @line: of a saved text
 * @lost: set to how many
 * @all: set to whether that counts for the whole buffer, its other lines included
 *
 * Return: whether it does.
 */
bool trace_lost(const char *line, uint64_t *lost, bool *all)
{
	*all = lost_in_head(line, "entries-in-buffer/entries-written: ", lost) ||
	       lost_in_head(line, "# latency: 0 us, #", lost);
	return *all || lost_on_cpu(line, lost) || lost_by_perf(line, lost);
}
