/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands of novaguest.
 */
#ifndef NOVAGUEST_COMMAND_H
#define NOVAGUEST_COMMAND_H

#include "novaguest.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What was given, else what is meant by default; 0 for none. */
struct args {
	const char *device;
	bool has_channel;
	uint64_t channel;
	bool has_items;
	uint64_t items;
	uint64_t seconds;
	uint64_t length_us;
	uint64_t entries;
	uint64_t window;
	bool has_wait;
	enum ng_irq wait;
	uint64_t every_ms;
	uint64_t timeout_ms;
	uint64_t bytes;
	uint64_t seed;
	bool check;
	bool zero;
};

/* Each says what is wrong and gives the exit status. */
int bad_usage(const char *fmt, const char *what);
int failed(void);

int cmd_list(struct args *a);
int cmd_info(struct args *a);
int cmd_run(struct args *a);
int cmd_irq(struct args *a);
int cmd_fb(struct args *a);
int cmd_reset(struct args *a);

/**
 * struct times - how long things took
 * @n: how many
 * @sum_ns: of all
 * @ns: those of the last TIMES_MAX
 */
#define TIMES_MAX	4096
struct times {
	uint64_t n;
	uint64_t sum_ns;
	uint64_t ns[TIMES_MAX];
};

void times_add(struct times *t, uint64_t ns);
/* As a JSON member of that name, in us */
void times_print(struct times *t, const char *name);

#endif /* NOVAGUEST_COMMAND_H */
