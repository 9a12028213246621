// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings, read record by record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/types.h>

#include "common.h"
#include "pcapng.h"
#include "tap.h"

#define FILE_MIB_MAX	1024u

char *tap_load(const char *file, size_t *len)
{
	struct stat st;
	char *data;

	if (!stat(file, &st) && st.st_size >> 20 >= FILE_MIB_MAX) {
		fail("%s is larger than %u MiB", file, FILE_MIB_MAX);
		return NULL;
	}
	data = read_file(file, len);
	if (!data)
		fail("cannot read %s: %s", file, strerror(errno));
	return data;
}

int tap_each(const char *file, const void *data, size_t len, tap_record_fn fn, void *arg)
{
	struct pcapng_reader *reader = xcalloc(1, sizeof(*reader));
	struct pcapng_packet p;
	struct tap_record rec;
	const char *why;
	uint64_t seen = 0;
	int ret = 0, got = 0;

	pcapng_read(reader, data, len);
	while (!ret && (got = pcapng_next(reader, &p)) > 0) {
		if (reader->interfaces[p.interface].linktype != NOVA_CAPTURE_LINKTYPE)
			continue;
		why = tap_take(p.data, p.len, &rec);
		rec.number = p.number;
		seen++;
		if (why)
			ret = fail("%s: packet %llu: %s; is it a recording of novabpf?", file,
				   (unsigned long long)p.number, why);
		else
			ret = fn(arg, &rec);
	}
	if (!ret && got < 0)
		ret = fail("cannot read %s: %s", file, reader->why);
	if (!ret && !seen)
		ret = fail("%s holds no records of novabpf", file);
	free(reader);
	return ret;
}
