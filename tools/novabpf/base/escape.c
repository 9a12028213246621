// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that comes from outside: names of processes, tenants and devices, texts of the
 * firmware and of files may hold any byte. All that is printed passes here, or a
 * name could move the cursor, set the title or the clipboard of a terminal.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

/* Of one byte: "\\x1b". */
#define ESCAPE_BYTES	4
/* As many texts can be in one call of printf(). */
#define ESCAPE_SLOTS	16

/* Bytes of the UTF-8 character at @s, 0 where there is none. */
static size_t utf8_len(const unsigned char *s)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = s[0];
	size_t n, i;

	if (c < 0x80)
		return 1;
	n = c >= 0xf8 ? 0 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
	if (!n)
		return 0;
	c &= 0x7f >> n;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

/* Bytes of a character at @s that may be printed as it is, 0 where there is none. */
static size_t plain_len(const unsigned char *s, const char *keep)
{
	size_t n = utf8_len(s);

	if (n == 1 && iscntrl(*s))
		return strchr(keep, *s) ? 1 : 0;
	/* The second set of control characters, which some terminals obey. */
	return n == 2 && s[0] == 0xc2 && s[1] < 0xa0 ? 0 : n;
}

char *text_escape(const char *s, const char *keep)
{
	char *copy = xcalloc(strlen(s) * ESCAPE_BYTES + 1, 1), *to = copy;
	size_t n;

	for (; *s; s += n) {
		n = plain_len((const unsigned char *)s, keep);
		if (n) {
			memcpy(to, s, n);
			to += n;
		} else {
			to += sprintf(to, "\\x%02x", (unsigned char)*s);
			n = 1;
		}
	}
	*to = '\0';
	return copy;
}

const char *printable(const char *s)
{
	static char *slots[ESCAPE_SLOTS];
	static unsigned int next;
	char **slot = &slots[next++ % ESCAPE_SLOTS];

	free(*slot);
	*slot = text_escape(s, "");
	return *slot;
}
