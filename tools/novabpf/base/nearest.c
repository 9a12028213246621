// SPDX-License-Identifier: GPL-2.0-only
/*
 * The word that was meant.
 */
#include <string.h>

#include "nearest.h"

#define WORD_MAX	64

static size_t min3(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Insertions, deletions and replacements that make @b of @a, which is short. */
size_t edit_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], len = strlen(a), i, diag, up;

	if (len > WORD_MAX)
		return SIZE_MAX;
	for (i = 0; i <= len; i++)
		row[i] = i;
	for (; *b; b++) {
		diag = row[0]++;
		for (i = 1; i <= len; i++) {
			up = row[i];
			row[i] = min3(up + 1, row[i - 1] + 1, diag + (*b != a[i - 1]));
			diag = up;
		}
	}
	return row[len];
}

const char *nearest_word(const char *word, const char *const *words, size_t nr)
{
	const char *best = NULL;
	size_t i, dist, least = 3;

	for (i = 0; i < nr; i++) {
		dist = edit_distance(word, words[i]);
		if (dist < least && dist * 2 <= strlen(words[i])) {
			least = dist;
			best = words[i];
		}
	}
	return best;
}
