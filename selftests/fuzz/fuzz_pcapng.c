// SPDX-License-Identifier: GPL-2.0-only
// runs: 4000000
// uses: tools/novabpf/capture/pcapng.c tools/novabpf/capture/pcap.c tools/novabpf/capture/gunzip.c
// uses: tools/novabpf/capture/format.c kmod/abi/abi.c kmod/abi/tables.c
// libs: -lz
/*
 * A pcapng or pcap file of any bytes, packed or not: reading ends, stays inside, and what
 * is handed out lies inside the file.
 */
#include <stdlib.h>
#include <linux/types.h>
#include <novabpf/driver/portable.h>
#include "capture/capture.h"
#include "capture/gunzip.h"
#include "capture/pcapng.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define UNPACKED_MAX	(1024 * 1024)

static void read_all(const u8 *data, size_t size)
{
	static struct pcapng_reader r;
	struct pcapng_packet p;
	struct tap_record rec;
	const char *why = NULL;
	size_t n = 0;

	pcapng_read(&r, data, size);
	while (pcapng_next(&r, &p) > 0) {
		if (p.data < data || p.data + p.len > data + size || p.interface >= r.nr_interfaces)
			abort();
		switch (tap_take(p.data, p.len, p.orig_len, &rec, &why)) {
		case TAP_GOOD:
			if (rec.payload < p.data ||
			    rec.payload + rec.c.payload_bytes > p.data + p.len)
				abort();
			break;
		case TAP_BAD:
			if (!why)
				abort();
			break;
		default:
			break;
		}
		if (++n > size)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	size_t len;
	char *to;

	if (!gunzip_is(data, size)) {
		read_all(data, size);
		return 0;
	}
	if (gunzip(data, size, UNPACKED_MAX, &to, &len) <= GUNZIP_CUT && len)
		read_all((const u8 *)to, len);
	if (len > UNPACKED_MAX)
		abort();
	free(to);
	return 0;
}
