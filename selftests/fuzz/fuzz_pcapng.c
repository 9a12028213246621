// SPDX-License-Identifier: GPL-2.0-only
// uses: tools/novabpf/pcapng.c tools/novabpf/tap_file.c kmod/gsp/abi.c kmod/gsp/abi/tables.c
/*
 * A pcapng file of any bytes: reading ends, stays inside, and what is handed out lies
 * inside the file.
 */
#include <stdlib.h>
#include <linux/types.h>
#include <novabpf/portable.h>
#include "../../tools/novabpf/pcapng.h"
#include "../../tools/novabpf/tap.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct pcapng_reader r;
	struct pcapng_packet p;
	struct tap_record rec;
	size_t n = 0;

	pcapng_read(&r, data, size);
	while (pcapng_next(&r, &p) > 0) {
		if (p.data < data || p.data + p.len > data + size || p.interface >= r.nr_interfaces)
			abort();
		if (!tap_take(p.data, p.len, &rec) &&
		    rec.payload + rec.c.payload_bytes > p.data + p.len)
			abort();
		if (++n > size)
			abort();
	}
	return 0;
}
