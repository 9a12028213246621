// SPDX-License-Identifier: GPL-2.0-only
/*
 * Distributions of times and of counts: what a line says of one, and its draws.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const kinds[] = {
	"const", "exp", "uniform", "lognormal", "gamma", "quantiles", "values",
};

static const enum dist_kind kind_of[] = {
	DIST_CONST, DIST_EXP, DIST_UNIFORM, DIST_LOGNORMAL, DIST_GAMMA, DIST_QUANTILES,
	DIST_VALUES,
};

static int take_value(struct line *line, bool times, const char *what, double *val)
{
	if (times)
		return take_time(line, what, val);
	return take_number(line, what, 0, 1e9, val);
}

static bool at_number(const struct line *line)
{
	return line->pos < line->nr_words && strchr("0123456789", line->w[line->pos].s[0]);
}

static void add_point(struct dist *dist, double x, double y)
{
	dist->points = xrealloc(dist->points, dist->nr_points + 1, sizeof(*dist->points));
	dist->points[dist->nr_points++] = (struct point){ .x = x, .y = y };
}

/* "5:181ms 25:396ms ...": percent and value, both rising. */
static int take_quantiles(struct line *line, bool times, struct dist *dist)
{
	while (at_number(line)) {
		struct word *w = &line->w[line->pos];
		char *colon = strchr(w->s, ':');
		struct word whole = *w;
		double percent, val;
		char *end;
		int ret;

		if (!colon)
			return line_error(line, line->pos,
					  "bad quantile '%s'; write PERCENT:VALUE, such as 50:3%s",
					  w->s, times ? "ms" : "");
		percent = strtod(w->s, &end);
		if (end != colon || percent < 0 || percent > 100)
			return line_error(line, line->pos,
					  "bad quantile '%s'; the percent is 0 to 100", w->s);
		w->column += colon + 1 - w->s;
		w->s = colon + 1;
		ret = take_value(line, times, "quantile", &val);
		if (ret)
			return ret;
		*w = whole;
		if (dist->nr_points && (percent <= dist->points[dist->nr_points - 1].x ||
					val < dist->points[dist->nr_points - 1].y))
			return line_error(line, line->pos - 1, "quantile '%s' does not rise", w->s);
		add_point(dist, percent, val);
	}
	if (dist->nr_points < 2)
		return line_error(line, line->pos, "quantiles needs two PERCENT:VALUE or more");
	return 0;
}

static int take_values(struct line *line, bool times, struct dist *dist)
{
	double val;
	int ret;

	while (at_number(line)) {
		ret = take_value(line, times, "value", &val);
		if (ret)
			return ret;
		add_point(dist, 0, val);
	}
	return dist->nr_points ? 0 : line_error(line, line->pos, "values needs one value or more");
}

static int take_numbers(struct line *line, bool times, struct dist *dist)
{
	int ret;

	switch (dist->kind) {
	case DIST_QUANTILES:
		return take_quantiles(line, times, dist);
	case DIST_VALUES:
		return take_values(line, times, dist);
	case DIST_UNIFORM:
		ret = take_value(line, times, "lower end", &dist->a);
		if (!ret)
			ret = take_value(line, times, "upper end", &dist->b);
		if (!ret && dist->b < dist->a)
			ret = line_error(line, line->pos - 1,
					 "the upper end is below the lower one");
		return ret;
	case DIST_LOGNORMAL:
		ret = take_value(line, times, "median", &dist->a);
		return ret ? ret : take_number(line, "sigma", 0, 5, &dist->b);
	case DIST_GAMMA:
		ret = take_value(line, times, "mean", &dist->a);
		if (!ret && line_at(line, "cv"))
			line->pos++;
		return ret ? ret : take_number(line, "cv", 0.01, 100, &dist->b);
	default:
		return take_value(line, times, dist->kind == DIST_EXP ? "mean" : "value", &dist->a);
	}
}

/* A number alone is const. @times: values are times, otherwise counts. */
int take_dist(struct mix *mix, struct line *line, bool times, struct dist *dist)
{
	int kind = 0, ret;

	memset(dist, 0, sizeof(*dist));
	if (!at_number(line)) {
		kind = line_known(line, line->pos, "distribution", kinds, ARRAY_LEN(kinds));
		if (kind < 0)
			return EXIT_FAILED;
		line->pos++;
	}
	dist->kind = kind_of[kind];
	ret = take_numbers(line, times, dist);
	if (dist->points)
		mix_keep(mix, dist->points);
	if (!ret && line_at(line, "max")) {
		line->pos++;
		ret = take_value(line, times, "max", &dist->max);
	}
	return ret;
}

/* Straight lines between the points, level beyond them. */
double points_at(const struct point *points, size_t nr, double x)
{
	size_t i;

	if (x <= points[0].x)
		return points[0].y;
	for (i = 1; i < nr; i++)
		if (x <= points[i].x)
			return points[i - 1].y + (points[i].y - points[i - 1].y) *
			       (x - points[i - 1].x) / (points[i].x - points[i - 1].x);
	return points[nr - 1].y;
}

/* @index: how many were drawn before; only "values" looks at it. */
double dist_draw(const struct dist *dist, struct rng *rng, uint64_t index)
{
	double shape, val = 0;

	switch (dist->kind) {
	case DIST_NONE:
		break;
	case DIST_CONST:
		val = dist->a;
		break;
	case DIST_EXP:
		val = dist->a * rng_exp(rng);
		break;
	case DIST_UNIFORM:
		val = dist->a + (dist->b - dist->a) * rng_unit(rng);
		break;
	case DIST_LOGNORMAL:
		val = dist->a * exact_exp(dist->b * rng_normal(rng));
		break;
	case DIST_GAMMA:
		shape = 1 / (dist->b * dist->b);
		val = dist->a * rng_gamma(rng, shape) / shape;
		break;
	case DIST_QUANTILES:
		val = points_at(dist->points, dist->nr_points, 100 * rng_unit(rng));
		break;
	case DIST_VALUES:
		val = dist->points[index % dist->nr_points].y;
		break;
	}
	return dist->max && val > dist->max ? dist->max : val;
}
