// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timeline as SVG: for each runlist a lane for the engine and one for each
 * vGPU, with decisions, rejections and changes of the policy marked. Plain shapes
 * with <title> for tooltips: no script, no style sheet, any viewer will do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define LABEL_W		150
#define STATS_W		250
#define PLOT_MIN_W	1100.0
#define PLOT_MAX_W	5000.0
#define PX_PER_MS	14.0
#define HEAD_H		74
#define AXIS_H		24
#define ENGINE_H	40
#define LANE_H		26
#define BAR_H		18
#define PANEL_GAP	26
/* Shapes of less are joined with their neighbours. */
#define LEAST_PX	0.4

/* Colours that people with any kind of colour vision can tell apart. */
static const char *const colours[] = {
	"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c7a00", "#7f7f7f",
};

struct svg {
	FILE *to;
	const struct timeline *t;
	const struct gpu_line *gpu;
	double width;		/* of the plot */
	double y;
};

static const char *colour(uint32_t gfid)
{
	return colours[(gfid ? gfid - 1 : 7) % ARRAY_LEN(colours)];
}

static void escape(FILE *to, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		default:
			fputc(*s, to);
		}
	}
}

static double span_ns(const struct gpu_line *gpu)
{
	return gpu->end_ns > gpu->start_ns ? gpu->end_ns - gpu->start_ns : 1;
}

static double x_of(const struct svg *svg, uint64_t ns)
{
	double at = ns > svg->gpu->start_ns ? ns - svg->gpu->start_ns : 0;

	if (at > span_ns(svg->gpu))
		at = span_ns(svg->gpu);
	return LABEL_W + at / span_ns(svg->gpu) * svg->width;
}

static double ms_of(const struct svg *svg, uint64_t ns)
{
	return (double)(int64_t)(ns - svg->gpu->start_ns) / 1e6;
}

/* A bar of one segment, or of several that are too narrow to draw alone. */
struct bar {
	const struct segment *first;
	double x0;
	double x1;
	uint64_t ns;
	unsigned int joined;
};

static void bar_title(const struct svg *svg, const struct bar *bar)
{
	static const char *const what[SEGMENT_KINDS] = { "runs", "is switched to", "waits" };
	const struct segment *s = bar->first;

	if (bar->joined > 1) {
		fprintf(svg->to, "%u pieces from %.3f ms on, %.3f ms together", bar->joined,
			ms_of(svg, s->start_ns), bar->ns / 1e6);
		return;
	}
	if (s->gfid)
		fprintf(svg->to, "vgpu %u %s", s->gfid, what[s->kind]);
	else
		fputs("the engine is taken away", svg->to);
	fprintf(svg->to, " %.3f ms, %.3f to %.3f ms", bar->ns / 1e6, ms_of(svg, s->start_ns),
		ms_of(svg, s->end_ns));
	if (s->kind == SEGMENT_RUN && s->slice_ns)
		fprintf(svg->to, "; slice %.3f ms", s->slice_ns / 1e6);
	if (s->kind == SEGMENT_RUN && s->reason) {
		fputs("; ended by ", svg->to);
		escape(svg->to, s->reason);
	}
	if (s->open)
		fputs("; goes on", svg->to);
}

static void draw_bar(const struct svg *svg, const struct bar *bar, double y, double height)
{
	static const char *const class[SEGMENT_KINDS] = { "run", "switch", "wait" };
	enum segment_kind kind = bar->first->kind;
	double inset = kind == SEGMENT_WAIT ? height * 0.3 : 0;
	double width = bar->x1 - bar->x0;

	fprintf(svg->to, "<rect class=\"%s\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\"",
		class[kind], bar->x0, y + inset, width > LEAST_PX ? width : LEAST_PX,
		height - 2 * inset);
	if (kind == SEGMENT_SWITCH)
		fputs(" fill=\"#222222\"", svg->to);
	else
		fprintf(svg->to, " fill=\"%s\"%s", colour(bar->first->gfid),
			kind == SEGMENT_WAIT ? " fill-opacity=\"0.28\"" : "");
	fputs("><title>", svg->to);
	bar_title(svg, bar);
	fputs("</title></rect>\n", svg->to);
}

static void draw_segments(const struct svg *svg, const struct segments *list, double y,
			  double height)
{
	struct bar bar = { 0 };
	size_t i;

	for (i = 0; i < list->nr; i++) {
		const struct segment *s = &list->s[i];
		double x0 = x_of(svg, s->start_ns), x1 = x_of(svg, s->end_ns);

		if (bar.first && x1 - x0 < LEAST_PX && x0 - bar.x1 < LEAST_PX &&
		    bar.first->kind == s->kind && bar.first->gfid == s->gfid) {
			bar.x1 = x1;
			bar.ns += s->end_ns - s->start_ns;
			bar.joined++;
			continue;
		}
		if (bar.first)
			draw_bar(svg, &bar, y, height);
		bar.first = s;
		bar.x0 = x0;
		bar.x1 = x1;
		bar.ns = s->end_ns - s->start_ns;
		bar.joined = 1;
	}
	if (bar.first)
		draw_bar(svg, &bar, y, height);
}

static void decision_title(const struct svg *svg, const struct trace_event *ev)
{
	fprintf(svg->to, "%.3f ms: ", ms_of(svg, ev->now_ns));
	escape(svg->to, *ev->policy ? ev->policy : "built-in");
	fprintf(svg->to, " decided %s", ev->decision);
	if (!strcmp(ev->decision, "run"))
		fprintf(svg->to, " vgpu %u for %.3f ms", ev->next_gfid, ev->slice_ns / 1e6);
	if (trace_rejected(ev)) {
		fprintf(svg->to, "; asked was %s", ev->asked_kind);
		if (!strcmp(ev->asked_kind, "run"))
			fprintf(svg->to, " vgpu %u for %.3f ms", ev->asked_gfid,
				ev->asked_ns / 1e6);
	}
	fprintf(svg->to, " (%s); runnable: %u", ev->verdict, ev->nr_runnable);
}

static void tick(const struct svg *svg, const struct trace_event *ev, double y)
{
	fprintf(svg->to, "<path class=\"decision\" d=\"M%.2f %.1fv6\" stroke=\"#555555\"><title>",
		x_of(svg, ev->now_ns), y);
	decision_title(svg, ev);
	fputs("</title></path>\n", svg->to);
}

static void triangle(const struct svg *svg, const struct trace_event *ev, double y)
{
	fprintf(svg->to,
		"<path class=\"rejection\" d=\"M%.2f %.1fl4 7h-8z\" fill=\"#d00000\"><title>",
		x_of(svg, ev->now_ns), y);
	decision_title(svg, ev);
	fputs("</title></path>\n", svg->to);
}

static void draw_stall(const struct svg *svg, const struct trace_event *ev, double y)
{
	fprintf(svg->to,
		"<path class=\"stall\" d=\"M%.2f %.1fl5 5l-5 5l-5 -5z\" fill=\"#d00000\" stroke=\"#ffffff\"><title>%.3f ms: vgpu %u waits for %.3f ms</title></path>\n",
		x_of(svg, ev->now_ns), y, ms_of(svg, ev->now_ns), ev->gfid, ev->waited_ns / 1e6);
}

static void draw_done(const struct svg *svg, const struct trace_event *ev, double y)
{
	fprintf(svg->to,
		"<circle class=\"done\" cx=\"%.2f\" cy=\"%.1f\" r=\"1.8\" fill=\"#ffffff\" stroke=\"#000000\" stroke-width=\"0.6\"><title>%.3f ms: vgpu %u is done with an item of %.3f ms</title></circle>\n",
		x_of(svg, ev->now_ns), y, ms_of(svg, ev->now_ns), ev->gfid, ev->ran_ns / 1e6);
}

/* Marks of one runlist. Ticks and dots that would cover each other are left out. */
static void draw_marks(const struct svg *svg, const struct runlist *rl, double engine_y)
{
	double last_tick = -1, *last_done = xcalloc(rl->nr_lanes, sizeof(*last_done));
	size_t i;

	for (i = 0; i < svg->t->events->nr; i++) {
		const struct trace_event *ev = &svg->t->events->e[i];
		const struct lane *lane = runlist_lane(rl, ev->gfid);
		double x = x_of(svg, ev->now_ns);
		double lane_y;

		if (ev->gpu != rl->gpu || ev->engine != rl->engine)
			continue;
		lane_y = engine_y + ENGINE_H + (lane ? lane - rl->lanes : 0) * LANE_H;
		if (trace_rejected(ev)) {
			triangle(svg, ev, engine_y);
		} else if (ev->kind == TRACE_PICK && x - last_tick > 2 * LEAST_PX) {
			tick(svg, ev, engine_y + ENGINE_H - 10);
			last_tick = x;
		} else if (ev->kind == TRACE_STALL) {
			draw_stall(svg, ev, lane ? lane_y + 4 : engine_y);
		} else if (ev->kind == TRACE_COMPLETE && lane &&
			   x - last_done[lane - rl->lanes] > 3) {
			draw_done(svg, ev, lane_y + BAR_H + 1);
			last_done[lane - rl->lanes] = x;
		}
	}
	free(last_done);
}

static void add_text(const struct svg *svg, double x, double y, const char *attrs, const char *s)
{
	fprintf(svg->to, "<text x=\"%.1f\" y=\"%.1f\"%s%s>", x, y, *attrs ? " " : "", attrs);
	escape(svg->to, s);
	fputs("</text>\n", svg->to);
}

static void draw_lane(struct svg *svg, const struct lane *lane)
{
	double share = 100.0 * lane->run_ns / span_ns(svg->gpu);
	char *label, *stats;

	label = lane->name ? xasprintf("%u %.14s", lane->gfid, lane->name) :
			     xasprintf("vgpu %u", lane->gfid);
	stats = xasprintf("%5.1f %%  %llu runs  wait max %.2f ms", share,
			  (unsigned long long)lane->runs, lane->wait_max_ns / 1e6);
	fprintf(svg->to, "<g class=\"lane\" data-gfid=\"%u\"><title>", lane->gfid);
	fprintf(svg->to, "vgpu %u", lane->gfid);
	if (lane->name) {
		fputc(' ', svg->to);
		escape(svg->to, lane->name);
	}
	fprintf(svg->to, ": ran %.3f ms, waited %.3f ms</title>\n", lane->run_ns / 1e6,
		lane->wait_ns / 1e6);
	fprintf(svg->to, "<path d=\"M%d %.1fh%.1f\" stroke=\"#e4e4e4\"/>\n", LABEL_W,
		svg->y + BAR_H + 0.5, svg->width);
	add_text(svg, LABEL_W - 8, svg->y + 13, "text-anchor=\"end\"", label);
	draw_segments(svg, &lane->segments, svg->y, BAR_H);
	add_text(svg, LABEL_W + svg->width + 10, svg->y + 13, "", stats);
	fputs("</g>\n", svg->to);
	svg->y += LANE_H;
	free(label);
	free(stats);
}

static void draw_runlist(struct svg *svg, const struct runlist *rl)
{
	char engine[TRACE_ENGINE_LEN], *label, *stats;
	double top = svg->y;
	size_t i;

	label = xasprintf("gpu%u %s", rl->gpu, trace_engine(rl->engine, engine, sizeof(engine)));
	stats = xasprintf("%5.1f %%  %llu decisions  %llu rejected",
			  100.0 * rl->run_ns / span_ns(svg->gpu),
			  (unsigned long long)rl->decisions, (unsigned long long)rl->rejected);
	fprintf(svg->to, "<g class=\"engine\" data-gpu=\"%u\" data-engine=\"%u\">\n", rl->gpu,
		rl->engine);
	add_text(svg, LABEL_W - 8, top + 21, "text-anchor=\"end\" font-weight=\"bold\"", label);
	draw_segments(svg, &rl->segments, top + 8, BAR_H);
	add_text(svg, LABEL_W + svg->width + 10, top + 21, "", stats);
	fputs("</g>\n", svg->to);
	svg->y += ENGINE_H;
	for (i = 0; i < rl->nr_lanes; i++)
		draw_lane(svg, &rl->lanes[i]);
	draw_marks(svg, rl, top);
	svg->y += 8;
	free(label);
	free(stats);
}

static bool is_policy(const struct trace_event *ev)
{
	return ev->kind == TRACE_ATTACH || ev->kind == TRACE_DETACH || ev->kind == TRACE_EJECT;
}

static void draw_policies(const struct svg *svg, double top, double bottom)
{
	double last_x = -1000;
	int row = 0;
	size_t i;

	for (i = 0; i < svg->t->events->nr; i++) {
		const struct trace_event *ev = &svg->t->events->e[i];
		bool bad = ev->kind == TRACE_EJECT;
		double x = x_of(svg, ev->now_ns);
		const char *c = bad ? "#d00000" : ev->kind == TRACE_ATTACH ? "#007a3d" : "#444444";

		if (ev->gpu != svg->gpu->gpu || !is_policy(ev))
			continue;
		row = x - last_x < 90 ? (row + 1) % 2 : 0;
		last_x = x;
		fprintf(svg->to,
			"<g class=\"policy\"><path d=\"M%.2f %.1fV%.1f\" stroke=\"%s\" stroke-width=\"1.4\" stroke-dasharray=\"%s\"/>",
			x, top, bottom, c, bad ? "5 3" : "none");
		fprintf(svg->to, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s ", x + 3,
			top + 9 + row * 11, c, bad ? "ejected:" :
			ev->kind == TRACE_ATTACH ? "attached:" : "detached:");
		escape(svg->to, ev->name);
		fprintf(svg->to, "</text><title>%.3f ms: ", ms_of(svg, ev->now_ns));
		escape(svg->to, ev->name);
		fprintf(svg->to, " %s, code %lld ", ev->decision, (long long)ev->code);
		escape(svg->to, ev->msg);
		fputs("</title></g>\n", svg->to);
	}
}

static void draw_axis(const struct svg *svg, double top, double bottom)
{
	double span = span_ns(svg->gpu), step = 1000, at;
	double least = span / (svg->width / 80);
	int i;

	/* 1, 2, 5, 10, ... us: the first that leaves room for the numbers */
	for (i = 0; step < least; i++)
		step *= i % 3 == 1 ? 2.5 : 2;
	for (at = 0; at <= span; at += step) {
		double x = LABEL_W + at / span * svg->width;

		fprintf(svg->to, "<path d=\"M%.2f %.1fV%.1f\" stroke=\"#eeeeee\"/>\n", x, top,
			bottom);
		fprintf(svg->to,
			"<text x=\"%.2f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#555555\">%g%s</text>\n",
			x, bottom + 13, at / 1e6, at ? "" : " ms");
	}
}

static double panel_height(const struct timeline *t, const struct gpu_line *gpu)
{
	double h = AXIS_H + PANEL_GAP;
	size_t i;

	for (i = 0; i < t->nr_runlists; i++)
		if (t->runlists[i].gpu == gpu->gpu)
			h += ENGINE_H + LANE_H * t->runlists[i].nr_lanes + 8;
	return h;
}

static void draw_gpu(struct svg *svg)
{
	double top = svg->y, bottom = top + panel_height(svg->t, svg->gpu) - AXIS_H;
	size_t i;

	draw_axis(svg, top, bottom);
	/* The room above the lanes is for the names of policies. */
	svg->y = top + PANEL_GAP;
	for (i = 0; i < svg->t->nr_runlists; i++)
		if (svg->t->runlists[i].gpu == svg->gpu->gpu)
			draw_runlist(svg, &svg->t->runlists[i]);
	draw_policies(svg, top, bottom);
	svg->y = bottom + AXIS_H;
}

static void legend_bar(const struct svg *svg, double *x, const char *attrs, double height,
		       const char *label)
{
	fprintf(svg->to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"24\" height=\"%.1f\" %s/>\n", *x,
		50 - height / 2, height, attrs);
	add_text(svg, *x + 30, 54, "", label);
	*x += 44 + 6.5 * strlen(label);
}

static void legend_path(const struct svg *svg, double *x, const char *path, const char *label)
{
	fprintf(svg->to, "<g transform=\"translate(%.1f 50)\">%s</g>\n", *x + 5, path);
	add_text(svg, *x + 16, 54, "", label);
	*x += 30 + 6.5 * strlen(label);
}

static void draw_head(const struct svg *svg)
{
	const struct timeline *t = svg->t;
	struct text title = { 0 };
	double x = 16;
	size_t i;

	text_add(&title, "novabpf: who has the engine");
	for (i = 0; i < t->nr_gpus; i++)
		text_add(&title, "; gpu%u: %.3f ms from %.6f s of its clock", t->gpus[i].gpu,
			 (t->gpus[i].end_ns - t->gpus[i].start_ns) / 1e6,
			 t->gpus[i].start_ns / 1e9);
	if (!t->nr_gpus)
		text_add(&title, "; no events");
	add_text(svg, 16, 24, "font-size=\"15\" font-weight=\"bold\"", title.s);
	free(title.s);
	if (t->events->lost) {
		char *s = xasprintf("%llu events were lost: times around them are wrong",
				    (unsigned long long)t->events->lost);

		add_text(svg, LABEL_W + svg->width + STATS_W - 330, 24, "fill=\"#d00000\"", s);
		free(s);
	}
	fputs("<g class=\"legend\">\n", svg->to);
	legend_bar(svg, &x, "fill=\"#0072b2\"", BAR_H, "runs");
	legend_bar(svg, &x, "fill=\"#222222\"", BAR_H, "is switched to");
	legend_bar(svg, &x, "fill=\"#0072b2\" fill-opacity=\"0.28\"", BAR_H * 0.4, "waits");
	legend_path(svg, &x, "<path d=\"M0 -3v6\" stroke=\"#555555\"/>", "decision");
	legend_path(svg, &x, "<path d=\"M0 -4l4 7h-8z\" fill=\"#d00000\"/>", "rejected decision");
	legend_path(svg, &x, "<path d=\"M0 -5l5 5l-5 5l-5 -5z\" fill=\"#d00000\"/>", "stall");
	legend_path(svg, &x,
		    "<circle r=\"1.8\" fill=\"#ffffff\" stroke=\"#000000\" stroke-width=\"0.6\"/>",
		    "item done");
	legend_path(svg, &x, "<path d=\"M0 -8v16\" stroke=\"#007a3d\" stroke-width=\"1.4\"/>",
		    "policy attached");
	legend_path(svg, &x, "<path d=\"M0 -8v16\" stroke=\"#d00000\" stroke-dasharray=\"5 3\"/>",
		    "policy ejected");
	fputs("</g>\n", svg->to);
}

int trace_svg(const struct timeline *t, FILE *to)
{
	struct svg svg = { .to = to, .t = t, .width = PLOT_MIN_W, .y = HEAD_H };
	double height = HEAD_H + 16;
	size_t i;

	for (i = 0; i < t->nr_gpus; i++) {
		double want = span_ns(&t->gpus[i]) / 1e6 * PX_PER_MS;

		svg.width = want > svg.width ? want : svg.width;
		height += panel_height(t, &t->gpus[i]) + 10;
	}
	if (svg.width > PLOT_MAX_W)
		svg.width = PLOT_MAX_W;
	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	fprintf(to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"11\">\n",
		LABEL_W + svg.width + STATS_W, height, LABEL_W + svg.width + STATS_W, height);
	fprintf(to, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n");
	draw_head(&svg);
	for (i = 0; i < t->nr_gpus; i++) {
		svg.gpu = &t->gpus[i];
		draw_gpu(&svg);
		svg.y += 10;
	}
	fputs("</svg>\n", to);
	return ferror(to) ? -EIO : 0;
}
