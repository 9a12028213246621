/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the checks of doctor share.
 */
#ifndef NOVABPF_TOOL_DOCTOR_H
#define NOVABPF_TOOL_DOCTOR_H

#include "base/common.h"

enum outcome {
	RESULT_OK,
	RESULT_WARN,
	RESULT_FAIL,
};

struct doctor {
	struct json_object *checks;	/* NULL for text */
	int nr[3];
	char *release;
	char *next;			/* remedy of the first check that failed */
	bool other_kernel;		/* which is to boot another kernel */
	bool loaded;			/* the module novabpf is */
};

/*
 * One line. Checks come in the order in which their remedies are to be applied: the
 * remedy of the first that fails is the next step.
 */
void note(struct doctor *d, enum outcome out, const char *name, const char *remedy,
	  const char *fmt, ...) __printf(5, 6);

/* doctor_host.c: what loading the modules takes, and what virtual machines take. */
void check_module_files(struct doctor *d);
void check_signing(struct doctor *d);
bool check_machines(struct doctor *d);	/* can they be booted? */
bool may_load_modules(void);

#endif /* NOVABPF_TOOL_DOCTOR_H */
