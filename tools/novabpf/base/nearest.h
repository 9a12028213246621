/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The word that was meant.
 */
#ifndef NOVABPF_TOOL_NEAREST_H
#define NOVABPF_TOOL_NEAREST_H

#include <stddef.h>
#include <stdint.h>

/* SIZE_MAX where @a has more than 64 characters. */
size_t edit_distance(const char *a, const char *b);

/* The word that @word is most likely a slip of, or NULL. */
const char *nearest_word(const char *word, const char *const *words, size_t nr);

#endif /* NOVABPF_TOOL_NEAREST_H */
