/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gzip files, unpacked in memory.
 */
#ifndef NOVABPF_TOOL_GUNZIP_H
#define NOVABPF_TOOL_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

enum gunzip_end {
	GUNZIP_WHOLE,
	GUNZIP_CUT,		/* the data ends early: @to has what there was */
	GUNZIP_DAMAGED,
	GUNZIP_TOO_LONG,	/* longer than it may be */
	GUNZIP_NO_MEMORY,
};

bool gunzip_is(const void *data, size_t len);
/* Up to @most bytes into a new @to, to be freed in every case. */
enum gunzip_end gunzip(const void *data, size_t len, size_t most, char **to, size_t *to_len);

#endif /* NOVABPF_TOOL_GUNZIP_H */
