// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip files, unpacked in memory. A file may hold several streams, one behind another.
 */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "gunzip.h"

#define GUNZIP_ROOM_FIRST	65536u
/* The gzip form only, with the largest window. */
#define GUNZIP_WINDOW		(16 + MAX_WBITS)

bool gunzip_is(const void *data, size_t len)
{
	return len >= 2 && !memcmp(data, "\x1f\x8b", 2);
}

/* Room for more behind @used of @to. Return: false where there is no memory. */
static bool gunzip_grow(char **to, size_t used, size_t *room, size_t most)
{
	size_t want = *room ? *room : GUNZIP_ROOM_FIRST;
	char *more;

	if (used < *room)
		return true;
	if (*room)
		want = *room < most / 2 ? *room * 2 : most;
	more = realloc(*to, want);
	if (!more)
		return false;
	*to = more;
	*room = want;
	return true;
}

static uInt gunzip_chunk(size_t bytes)
{
	return bytes < UINT_MAX ? bytes : UINT_MAX;
}

/* One call of inflate(). Return: whether there is more to do; else @end is set. */
static bool gunzip_step(z_stream *z, const char *data, size_t *in, size_t len,
			enum gunzip_end *end)
{
	int ret;

	z->next_in = (Bytef *)data + *in;
	z->avail_in = gunzip_chunk(len - *in);
	ret = inflate(z, Z_NO_FLUSH);
	*in = (size_t)((const char *)z->next_in - data);
	if (ret == Z_STREAM_END) {
		*end = GUNZIP_WHOLE;
		/* What is behind the last stream is nothing of ours, as with gzip. */
		return gunzip_is(data + *in, len - *in) && inflateReset(z) == Z_OK;
	}
	*end = ret == Z_OK || ret == Z_BUF_ERROR ? GUNZIP_CUT : GUNZIP_DAMAGED;
	/* Where there is room left, all of the input was used. */
	return ret == Z_OK && (*in < len || !z->avail_out);
}

enum gunzip_end gunzip(const void *data, size_t len, size_t most, char **to, size_t *to_len)
{
	enum gunzip_end end = GUNZIP_CUT;
	size_t room = 0, in = 0;
	z_stream z = { 0 };
	bool more = true;

	*to = NULL;
	*to_len = 0;
	if (inflateInit2(&z, GUNZIP_WINDOW) != Z_OK)
		return GUNZIP_NO_MEMORY;
	while (more) {
		if (*to_len >= most) {
			end = GUNZIP_TOO_LONG;
			break;
		}
		if (!gunzip_grow(to, *to_len, &room, most)) {
			end = GUNZIP_NO_MEMORY;
			break;
		}
		z.next_out = (Bytef *)*to + *to_len;
		z.avail_out = gunzip_chunk(room - *to_len);
		more = gunzip_step(&z, data, &in, len, &end);
		*to_len = (size_t)((char *)z.next_out - *to);
	}
	inflateEnd(&z);
	return end;
}
