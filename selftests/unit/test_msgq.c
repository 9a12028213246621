// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/queue/msgq.c kmod/gsp/queue/record.c kmod/gsp/queue/rxq.c kmod/abi/abi.c
// uses: kmod/abi/tables.c
/* Ring arithmetic, queue headers, and the sending side. */
#include "unit.h"
#include "ring.h"

static void arithmetic_at_every_position(void **state)
{
	const u32 counts[] = { 2, 3, 15, 63, 255 };
	u32 c, read, write, n;

	(void)state;
	for (c = 0; c < ARRAY_SIZE(counts); c++) {
		n = counts[c];
		for (read = 0; read < n; read++) {
			for (write = 0; write < n; write++) {
				u32 avail = 0, pos;

				for (pos = read; pos != write; pos = (pos + 1) % n)
					avail++;
				assert_int_equal(nova_msgq_avail(read, write, n), avail);
				assert_int_equal(nova_msgq_free(read, write, n), n - 1 - avail);
			}
			assert_int_equal(nova_msgq_next(read, n, n), read);
		}
	}
}

static void arithmetic_refuses_bad_pointers(void **state)
{
	(void)state;
	assert_int_equal(nova_msgq_avail(0, 63, 63), 0);
	assert_int_equal(nova_msgq_avail(63, 0, 63), 0);
	assert_int_equal(nova_msgq_free(0, 63, 63), 0);
	assert_int_equal(nova_msgq_free(UINT32_MAX, 0, 63), 0);
	assert_int_equal(nova_msgq_avail(0, UINT32_MAX, 63), 0);
}

static void header_checks(void **state)
{
	static const struct {
		u32 off, value;
		enum nova_link want;
	} damage[] = {
		{ 0, 1, NOVA_LINK_BAD_VERSION }, { 4, RING_BYTES - 4096, NOVA_LINK_BAD_SIZE },
		{ 4, 0, NOVA_LINK_EMPTY }, { 8, 2048, NOVA_LINK_BAD_MSG_SIZE },
		{ 12, 62, NOVA_LINK_BAD_COUNT }, { 12, 64, NOVA_LINK_BAD_COUNT },
		{ 16, 63, NOVA_LINK_BAD_POINTER }, { 20, 0, NOVA_LINK_BAD_FLAGS },
		{ 24, 64, NOVA_LINK_BAD_OFFSETS }, { 28, 8192, NOVA_LINK_BAD_OFFSETS },
	};
	const struct nova_abi *abi = nova_abi_find("570.144");
	u8 page[4096];
	u32 i, count;

	(void)state;
	memset(page, 0, sizeof(page));
	assert_int_equal(nova_msgq_header_check(abi, page, RING_BYTES, &count), NOVA_LINK_EMPTY);
	for (i = 0; i < ARRAY_SIZE(damage); i++) {
		memset(page, 0, sizeof(page));
		assert_int_equal(nova_msgq_header_init(abi, page, RING_BYTES), 63);
		assert_int_equal(nova_msgq_header_check(abi, page, RING_BYTES, &count),
				 NOVA_LINK_OK);
		put_unaligned_le32(damage[i].value, page + damage[i].off);
		assert_int_equal(nova_msgq_header_check(abi, page, RING_BYTES, &count),
				 damage[i].want);
		assert_non_null(nova_link_text(damage[i].want));
	}
}

static void ring_full_at_every_position(void **state)
{
	struct ring r;
	u32 pos, n;

	(void)state;
	ring_init(&r, "570.144");
	for (pos = 0; pos < RING_SLOTS; pos++) {
		ring_at(&r, pos);
		r.tx.sent_slots = 0;
		r.tx.consumed_slots = 0;
		for (n = 0; !ring_send(&r, 76, "x", 1); n++)
			;
		assert_int_equal(n, RING_SLOTS - 1);
		assert_int_equal(ring_send(&r, 76, "x", 1), -EAGAIN);
		/* One slot taken by the other side makes room for one. */
		*(u32 *)r.tx.read_ptr = nova_msgq_next(pos, 1, RING_SLOTS);
		assert_int_equal(ring_send(&r, 76, "x", 1), 0);
		assert_int_equal(ring_send(&r, 76, "x", 1), -EAGAIN);
		assert_int_equal(r.tx.consumed_slots, 1);
	}
	ring_exit(&r);
}

static void insane_consumer_position_is_ignored(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, "570.144");
	assert_int_equal(ring_send(&r, 76, "x", 1), 0);
	*(u32 *)r.tx.read_ptr = 63;
	assert_int_equal(nova_txq_refresh(&r.tx), RING_SLOTS - 2);
	assert_int_equal(r.tx.bad_pointers, 1);
	/* Beyond what was sent: GSP can't have taken 5 of 1. */
	*(u32 *)r.tx.read_ptr = 5;
	assert_int_equal(nova_txq_refresh(&r.tx), RING_SLOTS - 2);
	assert_int_equal(r.tx.bad_pointers, 2);
	assert_int_equal(r.tx.consumed_slots, 0);
	*(u32 *)r.tx.read_ptr = 1;
	assert_int_equal(nova_txq_refresh(&r.tx), RING_SLOTS - 1);
	assert_int_equal(r.tx.consumed_slots, 1);
	ring_exit(&r);
}

static void failed_push_leaves_no_trace(void **state)
{
	static u8 big[NOVA_RECORD_BYTES_MAX];
	struct ring r;
	u32 seq;

	(void)state;
	ring_init(&r, "595.45.04");
	seq = r.tx.record_seq;
	assert_int_equal(ring_send(&r, 76, big, nova_record_payload_max(&r.tx.fmt) + 1), -EMSGSIZE);
	assert_int_equal(r.tx.record_seq, seq);
	assert_int_equal(*r.tx.write_ptr, 0);
	ring_exit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_at_every_position),
		cmocka_unit_test(arithmetic_refuses_bad_pointers),
		cmocka_unit_test(header_checks),
		cmocka_unit_test(ring_full_at_every_position),
		cmocka_unit_test(insane_consumer_position_is_ignored),
		cmocka_unit_test(failed_push_leaves_no_trace),
	};

	return cmocka_run_group_tests_name("msgq", tests, NULL, NULL);
}
