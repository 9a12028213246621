// SPDX-License-Identifier: GPL-2.0-only
// runs: 80000
// uses: kmod/gsp/queue/msgq.c kmod/gsp/queue/record.c kmod/gsp/queue/rxq.c kmod/abi/abi.c
// uses: kmod/abi/tables.c
/*
 * The receiver against a firmware that writes anything: input bytes choose the
 * release, place good records, and overwrite what follows. It must end, must
 * consume, and must take a good record that comes after all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include "gsp/queue/rxq.h"

#define PAGES	64

static void *a[PAGES], *b[PAGES];

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fuzz_rxq: %s\n", what);
		abort();
	}
}

static void drain(struct nova_rxq *rx)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	u32 n;

	for (n = 0; nova_rxq_poll(rx, true, &rec, &why) != NOVA_RX_EMPTY; n++) {
		must(n <= PAGES, "takes more records than there are slots");
		must(rec.slots <= NOVA_RECORD_ELEMS_MAX, "slots out of range");
	}
	must(!rx->incomplete, "waits although told not to");
}

static void good_record(struct nova_txq *tx, const u8 *data, size_t size)
{
	struct nova_record rec = { .function = 76, .payload = data, .payload_len = size };

	tx->read = tx->write;
	*(u32 *)tx->read_ptr = tx->write;
	must(!nova_txq_push(tx, &rec), "push failed");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 staging[NOVA_RECORD_BYTES_MAX];
	struct nova_rxq rx = { .staging = staging };
	enum nova_record_verdict why;
	const struct nova_abi *abi;
	struct nova_record rec;
	struct nova_txq tx;
	size_t at, i;

	if (size < 8)
		return 0;
	for (i = 0; i < PAGES; i++) {
		a[i] = a[i] ? a[i] : malloc(4096);
		b[i] = b[i] ? b[i] : malloc(4096);
		memset(a[i], 0, 4096);
		memset(b[i], 0, 4096);
	}
	abi = nova_abi_at(data[0] % nova_abi_count());
	must(!nova_txq_init(&tx, abi, a[0], b[0], a + 1, PAGES * 4096), "txq");
	must(!nova_rxq_init(&rx, abi, b[0], a[0], a + 1, PAGES - 1), "rxq");
	tx.record_seq = data[1];
	rx.expected = data[2];

	for (at = 8; at + 6 < size; at += 6) {
		const u8 *d = data + at;

		switch (d[0] % 4) {
		case 0:
			good_record(&tx, d, min_t(size_t, size - at, d[1] * 8));
			break;
		case 1: /* any word of any slot's first 128 bytes, where headers are */
			put_unaligned_le32(get_unaligned_le32(d + 2),
					   (u8 *)a[1 + d[1] % (PAGES - 1)] + (d[0] >> 2) % 32 * 4);
			break;
		case 2: /* any position, legal or not */
			*tx.write_ptr = d[1] % 80;
			break;
		case 3:
			drain(&rx);
			break;
		}
	}
	drain(&rx);
	/* Afterwards the firmware behaves: the queue works. */
	tx.write = rx.read;
	*tx.write_ptr = tx.write;
	tx.record_seq = rx.expected;
	good_record(&tx, data, 8);
	must(nova_rxq_poll(&rx, true, &rec, &why) == NOVA_RX_RECORD, "stuck");
	must(rec.payload_len == 8, "wrong record");
	return 0;
}
