// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a mix: words, numbers with units, and messages that name the place.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct unit {
	const char *name;
	double factor;
};

static const struct unit time_units[] = {
	{ "ns", 1 }, { "us", NS_PER_US }, { "ms", NS_PER_MS }, { "s", NS_PER_S },
	{ "min", 60 * NS_PER_S }, { NULL }
};

static const struct unit rate_units[] = {
	{ "hz", 1 }, { "/s", 1 }, { "khz", 1000 }, { "/min", 1.0 / 60 }, { NULL }
};

/* Cut @text in place. '#' ends a line; "..." keeps blanks. */
int line_split(struct line *line, char *text)
{
	char *s = text;

	line->nr_words = 0;
	line->pos = 0;
	for (;;) {
		struct word *w = &line->w[line->nr_words];
		bool quoted;

		s += strspn(s, " \t\r");
		if (!*s || *s == '#')
			return 0;
		if (line->nr_words == LOAD_WORDS_MAX)
			return line_error(line, line->nr_words - 1,
					  "more than %d words in a line", LOAD_WORDS_MAX);
		quoted = *s == '"';
		s += quoted;
		w->s = s;
		w->column = s - text + 1;
		line->nr_words++;
		s += strcspn(s, quoted ? "\"" : " \t\r");
		if (quoted && !*s)
			return line_error(line, line->nr_words - 1,
					  "the quotation mark is not closed");
		if (*s)
			*s++ = '\0';
	}
}

/* @word: index of the word concerned; one behind the last stands for the end. */
int line_error(const struct line *line, unsigned int word, const char *fmt, ...)
{
	unsigned int column = 1;
	va_list ap;
	char *msg;
	int ret;

	va_start(ap, fmt);
	if (vasprintf(&msg, fmt, ap) < 0)
		msg = NULL;
	va_end(ap);
	if (word < line->nr_words)
		column = line->w[word].column;
	else if (line->nr_words)
		column = line->w[line->nr_words - 1].column +
			 strlen(line->w[line->nr_words - 1].s);
	ret = fail("%s:%u:%u: %s", line->file, line->nr, column, msg ? msg : "out of memory");
	free(msg);
	return ret;
}

/* Return: the next word, NULL at the end. */
const char *line_take(struct line *line)
{
	return line->pos < line->nr_words ? line->w[line->pos++].s : NULL;
}

bool line_at(const struct line *line, const char *word)
{
	return line->pos < line->nr_words && !strcmp(line->w[line->pos].s, word);
}

/* Index of a word among the known ones, or -1 after a message. */
int line_known(const struct line *line, unsigned int word, const char *what,
	       const char *const *known, size_t nr)
{
	const char *s = word < line->nr_words ? line->w[word].s : NULL, *near;
	struct text list = { 0 };
	size_t i;

	for (i = 0; i < nr; i++) {
		if (s && !strcmp(s, known[i])) {
			free(list.s);
			return i;
		}
		text_add(&list, "%s%s", i ? ", " : "", known[i]);
	}
	near = s ? nearest_word(s, known, nr) : NULL;
	if (!s)
		line_error(line, word, "%s is missing; known: %s", what, list.s);
	else if (near)
		line_error(line, word, "unknown %s '%s'; did you mean '%s'? Known: %s", what, s,
			   near, list.s);
	else
		line_error(line, word, "unknown %s '%s'; known: %s", what, s, list.s);
	free(list.s);
	return -1;
}

int line_end(const struct line *line)
{
	if (line->pos < line->nr_words)
		return line_error(line, line->pos, "'%s' is too much here",
				  line->w[line->pos].s);
	return 0;
}

static bool split_number(const char *s, double *val, const char **rest)
{
	char *end;

	/* strtod() would take "inf", "nan" and hexadecimal too. */
	if (!isdigit((unsigned char)*s) || (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')))
		return false;
	errno = 0;
	*val = strtod(s, &end);
	*rest = end;
	return !errno && *val <= 1e18;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcasecmp(units->name, name))
			return units;
	return NULL;
}

static int no_word(const struct line *line, const char *what)
{
	return line_error(line, line->pos, "%s is missing", what);
}

static int bad_time(const struct line *line, const char *what, const char *rest)
{
	unsigned int word = line->pos - 1;
	const char *s = line->w[word].s;

	if (rest && !*rest)
		return line_error(line, word, "%s '%s' needs a unit: ns, us, ms, s, min", what, s);
	return line_error(line, word, "bad %s '%s'; a time is a number with ns, us, ms, s or min",
			  what, s);
}

int take_time(struct line *line, const char *what, double *ns)
{
	const char *s = line_take(line), *rest = NULL;
	const struct unit *unit;

	if (!s)
		return no_word(line, what);
	if (!split_number(s, ns, &rest))
		return bad_time(line, what, NULL);
	unit = find_unit(time_units, rest);
	if (!unit && *ns == 0 && !*rest)
		return 0;
	if (!unit)
		return bad_time(line, what, rest);
	*ns *= unit->factor;
	if (*ns > 3600 * 24 * NS_PER_S)
		return line_error(line, line->pos - 1, "%s '%s' is more than a day", what, s);
	return 0;
}

int take_period(struct line *line, double *ns)
{
	const char *s = line_take(line), *rest;
	const struct unit *unit;
	double val;

	if (!s)
		return no_word(line, "rate");
	if (split_number(s, &val, &rest)) {
		unit = find_unit(time_units, rest);
		if (unit)
			val *= unit->factor;
		if (!unit) {
			unit = find_unit(rate_units, rest);
			if (unit && val > 0)
				val = NS_PER_S / (val * unit->factor);
		}
		if (unit && val >= 1000 && val <= 3600 * NS_PER_S) {
			*ns = val;
			return 0;
		}
		if (unit)
			return line_error(line, line->pos - 1,
					  "rate '%s' is not between one an hour and one a microsecond",
					  s);
	}
	return line_error(line, line->pos - 1,
			  "bad rate '%s'; give a number with hz, khz, /s or /min, or a period with us, ms, s",
			  s);
}

int take_percent(struct line *line, const char *what, double *ratio)
{
	const char *s = line_take(line), *rest;

	if (!s)
		return no_word(line, what);
	if (!split_number(s, ratio, &rest) || strcmp(rest, "%") || *ratio > 100)
		return line_error(line, line->pos - 1, "bad %s '%s'; give 0%% to 100%%", what, s);
	*ratio /= 100;
	return 0;
}

int take_number(struct line *line, const char *what, double low, double high, double *val)
{
	const char *s = line_take(line), *rest;

	if (!s)
		return no_word(line, what);
	if (!split_number(s, val, &rest) || *rest || *val < low || *val > high)
		return line_error(line, line->pos - 1, "bad %s '%s'; give a number from %g to %g",
				  what, s, low, high);
	return 0;
}

int take_count(struct line *line, const char *what, uint64_t low, uint64_t high, uint64_t *val)
{
	const char *s = line_take(line);

	if (!s)
		return no_word(line, what);
	if (!isdigit((unsigned char)*s) || !parse_u64(s, val) || *val < low || *val > high)
		return line_error(line, line->pos - 1,
				  "bad %s '%s'; give a whole number from %llu to %llu", what, s,
				  (unsigned long long)low, (unsigned long long)high);
	return 0;
}
