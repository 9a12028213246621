/* SPDX-License-Identifier: GPL-2.0-only */
/* A pair of queues in plain memory, page by page, both ends in the test's hand. */
#ifndef NOVABPF_UNIT_RING_H
#define NOVABPF_UNIT_RING_H

#include "gsp/queue/rxq.h"

#define RING_PAGES	64
#define RING_BYTES	(RING_PAGES * 4096)
#define RING_SLOTS	(RING_PAGES - 1)

struct ring {
	const struct nova_abi *abi;
	void *a[RING_PAGES];	/* queue that the test sends on */
	void *b[RING_PAGES];	/* queue in the other direction */
	struct nova_txq tx;
	struct nova_rxq rx;
};

static inline void ring_init(struct ring *r, const char *release)
{
	u32 i, count;

	memset(r, 0, sizeof(*r));
	r->abi = nova_abi_find(release);
	assert_non_null(r->abi);
	for (i = 0; i < RING_PAGES; i++) {
		r->a[i] = calloc(1, 4096);
		r->b[i] = calloc(1, 4096);
	}
	r->rx.staging = malloc(NOVA_RECORD_BYTES_MAX);
	assert_int_equal(nova_txq_init(&r->tx, r->abi, r->a[0], r->b[0], r->a + 1, RING_BYTES), 0);
	assert_int_equal(nova_msgq_header_check(r->abi, r->a[0], RING_BYTES, &count), NOVA_LINK_OK);
	assert_int_equal(count, RING_SLOTS);
	assert_int_equal(nova_rxq_init(&r->rx, r->abi, r->b[0], r->a[0], r->a + 1, count), 0);
}

static inline void ring_exit(struct ring *r)
{
	u32 i;

	for (i = 0; i < RING_PAGES; i++) {
		free(r->a[i]);
		free(r->b[i]);
	}
	free(r->rx.staging);
}

/* Moves both ends to a slot, as if that many had passed. */
static inline void ring_at(struct ring *r, u32 pos)
{
	r->tx.write = pos;
	r->tx.read = pos;
	r->rx.read = pos;
	*r->tx.write_ptr = pos;
	*r->rx.read_ptr = pos;
}

static inline int ring_send(struct ring *r, u32 function, const void *payload, u32 len)
{
	struct nova_record rec = {
		.function = function,
		.result = 0x1234,
		.result_private = 0x5678,
		.seq = 77,
		.gfid = 3,
		.payload = payload,
		.payload_len = len,
	};

	return nova_txq_push(&r->tx, &rec);
}

#endif /* NOVABPF_UNIT_RING_H */
