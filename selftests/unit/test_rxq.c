// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/queue/msgq.c kmod/gsp/queue/record.c kmod/gsp/queue/rxq.c kmod/abi/abi.c
// uses: kmod/abi/tables.c
/* Framing of records, and a receiver that nothing can stop. */
#include "unit.h"
#include "ring.h"

static u8 payload[NOVA_RECORD_BYTES_MAX];

static void fill(u32 seed)
{
	u32 i;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = (u8)((i * 2654435761u + seed) >> 13);
}

static enum nova_rx poll(struct ring *r, struct nova_record *rec, enum nova_record_verdict *why)
{
	*why = NOVA_RECORD_OK;
	return nova_rxq_poll(&r->rx, false, rec, why);
}

static void expect_record(struct ring *r, u32 len)
{
	enum nova_record_verdict why;
	struct nova_record rec;

	assert_int_equal(poll(r, &rec, &why), NOVA_RX_RECORD);
	assert_int_equal(rec.payload_len, len);
	assert_int_equal(rec.function, 76);
	assert_int_equal(rec.result, 0x1234);
	assert_int_equal(rec.result_private, 0x5678);
	assert_int_equal(rec.seq, 77);
	assert_int_equal(rec.gfid, 3);
	assert_memory_equal(rec.payload, payload, len);
}

static void expect_bad(struct ring *r, enum nova_record_verdict want)
{
	enum nova_record_verdict why;
	struct nova_record rec;

	assert_int_equal(poll(r, &rec, &why), NOVA_RX_BAD);
	assert_int_equal(why, want);
}

static void expect_empty(struct ring *r)
{
	enum nova_record_verdict why;
	struct nova_record rec;

	assert_int_equal(poll(r, &rec, &why), NOVA_RX_EMPTY);
	assert_false(r->rx.incomplete);
}

/* Every element count at every position, in every class of framing. */
static void records_of_1_to_16_elements(void **state)
{
	static const char * const releases[] = UNIT_RELEASES;
	struct ring r;
	u32 i, n, pos, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		fill(i);
		ring_init(&r, releases[i]);
		for (n = 1; n <= 16; n++) {
			for (pos = 0; pos < RING_SLOTS; pos += i ? 31 : 1) {
				ring_at(&r, pos);
				len = n * 4096 - r.tx.fmt.rpc - 32;
				assert_int_equal(ring_send(&r, 76, payload, len), 0);
				assert_int_equal(r.tx.write, (pos + n) % RING_SLOTS);
				expect_record(&r, len);
				assert_int_equal(r.rx.read, (pos + n) % RING_SLOTS);
				assert_int_equal(*r.rx.read_ptr, r.rx.read);
				if (n == 16)
					continue;
				/* One byte more takes an element more. */
				ring_at(&r, pos);
				assert_int_equal(ring_send(&r, 76, payload, len + 1), 0);
				assert_int_equal(r.tx.write, (pos + n + 1) % RING_SLOTS);
				expect_record(&r, len + 1);
			}
		}
		ring_exit(&r);
	}
}

static void header_layout_on_the_wire(void **state)
{
	struct ring r;
	u8 *s;

	(void)state;
	ring_init(&r, "535.54.03");
	assert_int_equal(r.tx.fmt.rpc, 8);
	assert_int_equal(nova_record_payload_max(&r.tx.fmt), 65528 - 32);
	ring_send(&r, 76, "abc", 3);
	s = r.a[1];
	assert_int_equal(get_unaligned_le32(s + 4), 0);
	assert_int_equal(get_unaligned_le32(s + 8), 0x03000000);
	assert_memory_equal(s + 12, "VRPC", 4);
	assert_int_equal(get_unaligned_le32(s + 16), 35);
	assert_int_equal(get_unaligned_le32(s + 20), 76);
	ring_exit(&r);

	ring_init(&r, "595.45.04");
	assert_int_equal(r.tx.fmt.rpc, 48);
	assert_int_equal(nova_record_payload_max(&r.tx.fmt), 65488 - 32);
	ring_send(&r, 76, "abc", 3);
	ring_send(&r, 76, "abc", 3);
	s = r.a[2];
	assert_int_equal(get_unaligned_le32(s + 36), 1);
	assert_int_equal(get_unaligned_le32(s + 40), 1);
	assert_memory_equal(s + 52, "VRPC", 4);
	assert_memory_equal(s + 80, "abc", 3);
	ring_exit(&r);
}

static void checksum_values(void **state)
{
	static const u8 word[] = { 1, 2, 3, 4, 0x10, 0x20, 0x30, 0x40, 5 };

	(void)state;
	assert_int_equal(nova_xor_fold(word, 8), 0x04030201 ^ 0x40302010);
	assert_int_equal(nova_xor_fold(word, 9), 0x04030201 ^ 0x40302010 ^ 5);
	assert_int_equal(nova_xor_fold(word, 0), 0);
}

/* We send what either coverage accepts, and accept what the release sends. */
static void both_checksum_coverages(void **state)
{
	struct ring r;
	u8 *s;
	u32 sum;

	(void)state;
	fill(9);
	ring_init(&r, "550.163.01");
	assert_false(r.tx.fmt.checksum_whole);
	ring_send(&r, 76, payload, 5000);
	assert_int_equal(nova_xor_fold(r.a[1], 4096) ^ nova_xor_fold(r.a[2], 4096), 0);
	/* Rubbish behind the message is not covered here. */
	s = r.a[2];
	s[4000] ^= 0xff;
	expect_record(&r, 5000);
	ring_exit(&r);

	ring_init(&r, "535.113.01");
	assert_true(r.tx.fmt.checksum_whole);
	ring_send(&r, 76, payload, 5000);
	s = r.a[2];
	s[4000] ^= 0xff;
	expect_bad(&r, NOVA_RECORD_BAD_CHECKSUM);
	/* With a sum over whole elements it is. */
	ring_send(&r, 76, payload, 100);
	s = r.a[3];
	put_unaligned_le32(0xdeadbeef, s + 4092);
	sum = get_unaligned_le32(s + r.tx.fmt.checksum);
	put_unaligned_le32(sum ^ 0xdeadbeef, s + r.tx.fmt.checksum);
	expect_record(&r, 100);
	ring_exit(&r);
}

/* Whatever byte of a record is damaged: refused, and the next one is fine. */
static void any_damaged_byte_is_refused(void **state)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	struct ring r;
	u32 off, got, bad;
	u8 *s;

	(void)state;
	fill(3);
	ring_init(&r, "570.144");
	for (off = 0; off < 80 + 300; off++) {
		ring_at(&r, off % RING_SLOTS);
		r.rx.expected = r.tx.record_seq;
		r.rx.resync = false;
		s = r.a[1 + off % RING_SLOTS];
		ring_send(&r, 76, payload, 300);
		s[off] ^= 0x41;
		ring_send(&r, 76, payload, 300);
		ring_send(&r, 76, payload, 300);
		for (got = bad = 0;;) {
			enum nova_rx rx = nova_rxq_poll(&r.rx, true, &rec, &why);

			if (rx == NOVA_RX_EMPTY)
				break;
			if (rx == NOVA_RX_BAD)
				bad++;
			else
				got++;
		}
		assert_int_equal(got, 2);
		assert_int_equal(bad, 1);
		assert_int_equal(r.rx.read, r.tx.write);
	}
	ring_exit(&r);
}

static void put_elem_count(struct ring *r, u32 slot, u32 v)
{
	u8 *s = r->a[1 + slot];
	u32 old = get_unaligned_le32(s + r->tx.fmt.elem_count);
	u32 sum = get_unaligned_le32(s + r->tx.fmt.checksum);

	/* elem_count and checksum are both at multiples of 8: the sum follows. */
	put_unaligned_le32(v, s + r->tx.fmt.elem_count);
	put_unaligned_le32(sum ^ old ^ v, s + r->tx.fmt.checksum);
}

static void bad_element_counts(void **state)
{
	static const u32 counts[] = { 0, 2, 16, 17, 63, UINT32_MAX };
	struct ring r;
	u32 i;

	(void)state;
	fill(1);
	ring_init(&r, "570.144");
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		u32 slot = r.tx.write;

		ring_send(&r, 76, payload, 10);
		put_elem_count(&r, slot, counts[i]);
		ring_send(&r, 76, payload, 20);
		expect_bad(&r, NOVA_RECORD_BAD_ELEMCOUNT);
		expect_record(&r, 20);
		expect_empty(&r);
	}
	ring_exit(&r);
}

static void bad_lengths(void **state)
{
	static const char * const releases[] = { "535.54.03", "570.144" };
	static const u32 lengths[] = { 0, 31, 65529, 0x80000000, UINT32_MAX };
	struct ring r;
	u32 i, k;

	(void)state;
	fill(1);
	for (k = 0; k < ARRAY_SIZE(releases); k++) {
		ring_init(&r, releases[k]);
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			u8 *s = r.a[1 + r.tx.write];

			ring_send(&r, 76, payload, 10);
			put_unaligned_le32(lengths[i], s + r.tx.fmt.length);
			ring_send(&r, 76, payload, 20);
			expect_bad(&r, NOVA_RECORD_BAD_LENGTH);
			expect_record(&r, 20);
			expect_empty(&r);
		}
		ring_exit(&r);
	}
}

/* A lie about the size of a large record: its other slots are not mistaken. */
static void resync_skips_the_body(void **state)
{
	struct ring r;
	u32 slot;

	(void)state;
	memset(payload, 0x11, sizeof(payload));
	ring_init(&r, "570.144");
	ring_at(&r, 55);
	slot = r.tx.write;
	ring_send(&r, 76, payload, 40000);
	put_elem_count(&r, slot, 1);
	ring_send(&r, 76, payload, 20);
	expect_bad(&r, NOVA_RECORD_BAD_ELEMCOUNT);
	expect_record(&r, 20);
	assert_int_equal(r.rx.resync_slots, 9);
	ring_exit(&r);
}

static void incomplete_record_waits_then_goes(void **state)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	struct ring r;

	(void)state;
	ring_init(&r, "570.144");
	ring_send(&r, 76, payload, 10000);
	*r.tx.write_ptr = 1;
	assert_int_equal(nova_rxq_poll(&r.rx, false, &rec, &why), NOVA_RX_EMPTY);
	assert_true(r.rx.incomplete);
	*r.tx.write_ptr = 3;
	expect_record(&r, 10000);

	ring_send(&r, 76, payload, 10000);
	*r.tx.write_ptr = 4;
	assert_int_equal(nova_rxq_poll(&r.rx, true, &rec, &why), NOVA_RX_BAD);
	assert_int_equal(why, NOVA_RECORD_INCOMPLETE);
	*r.tx.write_ptr = 6;
	ring_send(&r, 76, payload, 8);
	expect_record(&r, 8);
	ring_exit(&r);
}

static void bad_write_pointer_is_reported_once(void **state)
{
	static const u32 values[] = { 63, 64, UINT32_MAX };
	struct ring r;
	u32 i;

	(void)state;
	ring_init(&r, "570.144");
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		*r.tx.write_ptr = values[i];
		expect_bad(&r, NOVA_RECORD_BAD_POINTER);
		expect_empty(&r);
		expect_empty(&r);
		ring_send(&r, 76, payload, 8);
		expect_record(&r, 8);
	}
	ring_exit(&r);
}

static void sequence_gap_is_reported_and_heals(void **state)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	struct ring r;

	(void)state;
	ring_init(&r, "570.144");
	ring_send(&r, 76, payload, 8);
	expect_record(&r, 8);
	r.tx.record_seq += 3;
	ring_send(&r, 76, payload, 8);
	assert_int_equal(poll(&r, &rec, &why), NOVA_RX_RECORD);
	assert_int_equal(rec.lost, 3);
	ring_send(&r, 76, payload, 8);
	assert_int_equal(poll(&r, &rec, &why), NOVA_RX_RECORD);
	assert_int_equal(rec.lost, 0);
	ring_exit(&r);
}

/* A record refused for its checksum had a number: it is not lost besides. */
static void refused_record_is_no_gap(void **state)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	struct ring r;

	(void)state;
	ring_init(&r, "570.144");
	ring_send(&r, 76, payload, 8);
	((u8 *)r.a[1])[84] ^= 1;
	ring_send(&r, 76, payload, 8);
	expect_bad(&r, NOVA_RECORD_BAD_CHECKSUM);
	assert_int_equal(poll(&r, &rec, &why), NOVA_RX_RECORD);
	assert_int_equal(rec.lost, 0);
	ring_exit(&r);
}

static void stale_record_is_dropped(void **state)
{
	struct ring r;

	(void)state;
	fill(4);
	ring_init(&r, "570.144");
	ring_send(&r, 76, payload, 8);
	expect_record(&r, 8);
	r.tx.record_seq = 0;
	ring_send(&r, 76, payload, 9);
	expect_bad(&r, NOVA_RECORD_STALE);
	ring_send(&r, 76, payload, 10);
	expect_record(&r, 10);
	r.tx.record_seq = 0x7fffffff;
	ring_send(&r, 76, payload, 9);
	expect_bad(&r, NOVA_RECORD_BAD_SEQUENCE);
	r.tx.record_seq = 2;
	ring_send(&r, 76, payload, 10);
	expect_record(&r, 10);
	ring_exit(&r);
}

/* A firmware that takes up a new count is not refused for ever. */
static void new_count_is_adopted(void **state)
{
	struct ring r;
	u32 i;

	(void)state;
	fill(4);
	ring_init(&r, "570.144");
	r.tx.record_seq = 0x40000000;
	for (i = 1; i < NOVA_RXQ_SEQ_ADOPT; i++) {
		ring_send(&r, 76, payload, 8);
		expect_bad(&r, NOVA_RECORD_BAD_SEQUENCE);
	}
	ring_send(&r, 76, payload, 8);
	expect_record(&r, 8);
	ring_send(&r, 76, payload, 8);
	expect_record(&r, 8);
	ring_exit(&r);
}

static void sequence_wraps(void **state)
{
	struct ring r;
	u32 i;

	(void)state;
	fill(4);
	ring_init(&r, "570.144");
	r.tx.record_seq = UINT32_MAX - 2;
	r.rx.expected = r.tx.record_seq;
	for (i = 0; i < 6; i++) {
		ring_send(&r, 76, payload, 8);
		expect_record(&r, 8);
	}
	ring_exit(&r);
}

static void signature_and_version(void **state)
{
	struct ring r;
	u32 k, old;
	u8 *s;

	(void)state;
	fill(4);
	ring_init(&r, "570.144");
	for (k = 0; k < 2; k++) {
		u32 off = k ? r.tx.fmt.signature : r.tx.fmt.version;

		s = r.a[1 + r.tx.write];
		ring_send(&r, 76, payload, 8);
		old = get_unaligned_le32(s + off);
		put_unaligned_le32(0, s + off);
		put_unaligned_le32(get_unaligned_le32(s + r.tx.fmt.checksum) ^ old,
				   s + r.tx.fmt.checksum);
		expect_bad(&r, k ? NOVA_RECORD_BAD_SIGNATURE : NOVA_RECORD_BAD_VERSION);
		ring_send(&r, 76, payload, 8);
		expect_record(&r, 8);
	}
	ring_exit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_1_to_16_elements),
		cmocka_unit_test(header_layout_on_the_wire),
		cmocka_unit_test(checksum_values),
		cmocka_unit_test(both_checksum_coverages),
		cmocka_unit_test(any_damaged_byte_is_refused),
		cmocka_unit_test(bad_element_counts),
		cmocka_unit_test(bad_lengths),
		cmocka_unit_test(resync_skips_the_body),
		cmocka_unit_test(incomplete_record_waits_then_goes),
		cmocka_unit_test(bad_write_pointer_is_reported_once),
		cmocka_unit_test(sequence_gap_is_reported_and_heals),
		cmocka_unit_test(refused_record_is_no_gap),
		cmocka_unit_test(stale_record_is_dropped),
		cmocka_unit_test(new_count_is_adopted),
		cmocka_unit_test(sequence_wraps),
		cmocka_unit_test(signature_and_version),
	};

	return cmocka_run_group_tests_name("rxq", tests, NULL, NULL);
}
