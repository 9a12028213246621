// SPDX-License-Identifier: GPL-2.0-only
// uses: tools/novabpf/capture/pcapng.c tools/novabpf/capture/pcap.c tools/novabpf/capture/gunzip.c
// uses: tools/novabpf/capture/format.c kmod/abi/abi.c kmod/abi/tables.c
// libs: -lz
/*
 * Files of recordings: what is written is read back, what is damaged is refused with
 * words. With arguments, writes a recording of every kind of call and event of the
 * releases named, or of payloads in pieces where there is none (for the tests of the
 * tool and the dissector).
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <linux/types.h>
#include <novabpf/driver/abi.h>
#include "unit.h"
#include "capture/capture.h"
#include "capture/gunzip.h"
#include "capture/pcapng.h"

static char *file;
static size_t bytes;
static struct pcapng_reader reader;

static FILE *begin(void)
{
	FILE *to = open_memstream(&file, &bytes);

	assert_non_null(to);
	pcapng_begin(to, "tool 1", "a comment");
	pcapng_add_interface(to, NOVA_CAPTURE_LINKTYPE, "gpu0-to-gsp", "GPU 0");
	return to;
}

static int free_file(void **state)
{
	(void)state;
	free(file);
	file = NULL;
	return 0;
}

static int next(struct pcapng_packet *p)
{
	return pcapng_next(&reader, p);
}

static void what_is_written_is_read(void **state)
{
	struct pcapng_packet p;
	FILE *to = begin();

	(void)state;
	pcapng_add_packet(to, 0, 0x123456789abcdefULL, true, "hello", 5, 9);
	pcapng_add_interface(to, 1, "other", "");
	pcapng_add_packet(to, 1, 7, false, "", 0, 0);
	pcapng_add_stats(to, 0, 7, 2, 1);
	fclose(to);
	pcapng_read(&reader, file, bytes);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.time_ns, 0x123456789abcdefULL);
	assert_int_equal(p.len, 5);
	assert_int_equal(p.orig_len, 9);
	assert_memory_equal(p.data, "hello", 5);
	assert_int_equal(reader.interfaces[p.interface].linktype, NOVA_CAPTURE_LINKTYPE);
	assert_string_equal(reader.interfaces[p.interface].name, "gpu0-to-gsp");
	assert_string_equal(reader.comment, "a comment");
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.interface, 1);
	assert_int_equal(p.number, 2);
	assert_int_equal(p.len, 0);
	assert_int_equal(next(&p), 0);
	assert_int_equal(next(&p), 0);
}

static void cut_files_are_refused(void **state)
{
	struct pcapng_packet p;
	FILE *to = begin();
	size_t n;
	int ret;

	(void)state;
	pcapng_add_packet(to, 0, 1, true, "hello", 5, 5);
	fclose(to);
	for (n = 0; n < bytes; n++) {
		char *part = malloc(n ? n : 1);

		memcpy(part, file, n);
		pcapng_read(&reader, part, n);
		while ((ret = next(&p)) > 0)
			;
		/* Between two blocks a file may end. */
		if (ret)
			assert_true(reader.why[0] && (reader.ends_early || n < 76));
		else
			assert_true(n % 4 == 0 && n);
		free(part);
	}
}

static void says(size_t at, u32 value, const char *why)
{
	struct pcapng_packet p;
	u32 before;
	int ret;

	memcpy(&before, file + at, 4);
	memcpy(file + at, &value, 4);
	pcapng_read(&reader, file, bytes);
	while ((ret = next(&p)) > 0)
		;
	assert_int_equal(ret, -1);
	if (!strstr(reader.why, why))
		fail_msg("'%s' lacks '%s'", reader.why, why);
	memcpy(file + at, &before, 4);
}

static void damage_is_named(void **state)
{
	size_t packet;
	FILE *to = begin();

	(void)state;
	fflush(to);
	packet = bytes;
	pcapng_add_packet(to, 0, 1, true, "hello", 5, 5);
	fclose(to);
	says(0, 0, "no pcapng file");
	says(8, 1, "no pcapng file");
	says(12, 2, "version 2");
	says(packet + 4, 8, "bad length");
	says(packet + 4, 0x7fffffff, "bad length");
	says(packet + 4, 0x00fffffc, "middle of a block");
	says(bytes - 4, 64, "two lengths");
	says(packet + 8, 1, "interface 1");
	says(packet + 20, 0xffffffff, "longer than its block");
}

static struct nova_capture good(const char *release)
{
	struct nova_capture c = {
		.magic = NOVA_CAPTURE_MAGIC, .version = NOVA_CAPTURE_VERSION,
		.header_bytes = NOVA_CAPTURE_BYTES, .kind = NOVA_CAPTURE_REQUEST, .function = 76,
		.len_bytes = 4, .payload_bytes = 4, .id = 9, .gfid = 3,
	};

	snprintf(c.release, sizeof(c.release), "%s", release);
	snprintf(c.comm, sizeof(c.comm), "test");
	return c;
}

static void records_are_checked(void **state)
{
	u8 buf[NOVA_CAPTURE_BYTES + TAP_RPC_BYTES + 4] = { 0 };
	struct nova_capture c = good("570.144");
	struct tap_record rec;
	const char *why;
	u32 n;

	(void)state;
	memcpy(buf, &c, sizeof(c));
	assert_int_equal(tap_take(buf, sizeof(buf), sizeof(buf), &rec, &why), TAP_GOOD);
	assert_ptr_equal(rec.payload, buf + sizeof(buf) - 4);
	assert_false(rec.cut);
	for (n = 0; n < sizeof(buf); n++)
		assert_int_not_equal(tap_take(buf, n, n, &rec, &why), TAP_GOOD);
	c.payload_bytes = 5;
	memcpy(buf, &c, sizeof(c));
	assert_int_equal(tap_take(buf, sizeof(buf), sizeof(buf), &rec, &why), TAP_BAD);
	c = good("570.144");
	c.header_bytes = 0xffff;
	memcpy(buf, &c, sizeof(c));
	assert_int_equal(tap_take(buf, sizeof(buf), sizeof(buf), &rec, &why), TAP_BAD);
	c = good("570.144");
	memset(c.release, 'x', sizeof(c.release));
	memcpy(buf, &c, sizeof(c));
	assert_int_equal(tap_take(buf, sizeof(buf), sizeof(buf), &rec, &why), TAP_BAD);
	c = good("570.144");
	c.magic++;
	memcpy(buf, &c, sizeof(c));
	assert_int_equal(tap_take(buf, sizeof(buf), sizeof(buf), &rec, &why), TAP_FOREIGN);
}

/* Packets that were shortened: what is there is taken, and no more than that. */
static void shortened_records_are_taken(void **state)
{
	u8 buf[NOVA_CAPTURE_BYTES + TAP_RPC_BYTES + 4] = { 0 };
	struct nova_capture c = good("570.144");
	struct tap_record rec;
	const char *why;
	u32 n;

	(void)state;
	memcpy(buf, &c, sizeof(c));
	for (n = 0; n < sizeof(buf); n++) {
		/* Of its exact size, so that the sanitizer sees a read behind it. */
		u8 *part = malloc(n ? n : 1);

		memcpy(part, buf, n);
		if (n < 40) {
			assert_int_equal(tap_take(part, n, sizeof(buf), &rec, &why), TAP_SHORT);
			free(part);
			continue;
		}
		assert_int_equal(tap_take(part, n, sizeof(buf), &rec, &why), TAP_GOOD);
		assert_true(rec.cut);
		assert_int_equal(rec.c.id, 9);
		assert_int_equal(rec.c.gfid, 3);
		assert_int_equal(rec.head_cut, n < NOVA_CAPTURE_BYTES_MIN);
		assert_string_equal(rec.c.release, n < 160 ? "" : "570.144");
		assert_int_equal(rec.c.payload_bytes,
				 n < sizeof(buf) - 4 ? 0 : n - sizeof(buf) + 4);
		assert_true(rec.payload + rec.c.payload_bytes == part + n);
		free(part);
	}
}

/* The first form of the pseudo-header, which has no pieces. */
static void older_records_are_taken(void **state)
{
	u8 buf[NOVA_CAPTURE_BYTES_MIN + TAP_RPC_BYTES + 4] = { 0 };
	struct nova_capture c = good("570.144");
	struct tap_record rec;
	const char *why;

	(void)state;
	c.header_bytes = NOVA_CAPTURE_BYTES_MIN;
	memcpy(buf, &c, NOVA_CAPTURE_BYTES_MIN);
	memset(buf + NOVA_CAPTURE_BYTES_MIN, 0xff, sizeof(buf) - NOVA_CAPTURE_BYTES_MIN);
	assert_int_equal(tap_take(buf, sizeof(buf), sizeof(buf), &rec, &why), TAP_GOOD);
	assert_ptr_equal(rec.payload, buf + sizeof(buf) - 4);
	assert_int_equal(rec.c.payload_at, 0);
	assert_int_equal(rec.c.of_kind, 0);
	assert_string_equal(rec.c.release, "570.144");
}

static void pcap_is_read(void **state)
{
	static const u8 le[] = {
		0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0,
		147, 0, 0, 0,
		5, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 'a', 'b', 'c',
		6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 be[] = {
		0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0,
		0, 0, 0, 147,
		0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 9, 'a', 'b', 'c',
	};
	struct pcapng_packet p;
	size_t n;

	(void)state;
	pcapng_read(&reader, le, sizeof(le));
	assert_int_equal(next(&p), 1);
	assert_int_equal(reader.interfaces[p.interface].linktype, 147);
	assert_int_equal(p.time_ns, 5000007000ULL);
	assert_int_equal(p.len, 3);
	assert_int_equal(p.orig_len, 9);
	assert_memory_equal(p.data, "abc", 3);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.len, 0);
	assert_int_equal(next(&p), 0);
	pcapng_read(&reader, be, sizeof(be));
	assert_int_equal(next(&p), 1);
	assert_int_equal(reader.interfaces[p.interface].linktype, 147);
	assert_int_equal(p.time_ns, 5000000007ULL);
	assert_int_equal(p.orig_len, 9);
	assert_memory_equal(p.data, "abc", 3);
	assert_int_equal(next(&p), 0);
	for (n = 1; n < sizeof(be) - 24; n++) {
		u8 *part = malloc(24 + n);

		memcpy(part, be, 24 + n);
		pcapng_read(&reader, part, 24 + n);
		assert_int_equal(next(&p), -1);
		assert_true(reader.ends_early);
		free(part);
	}
}

/* A section of a machine of the other byte order. */
static void swapped_pcapng_is_read(void **state)
{
	static const u8 be[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 28,
		0, 0, 0, 1, 0, 0, 0, 20, 0, 147, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20,
		0, 0, 0, 6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 5,
		'h', 'i', 0, 0, 0, 0, 0, 36,
	};
	struct pcapng_packet p;

	(void)state;
	pcapng_read(&reader, be, sizeof(be));
	assert_int_equal(next(&p), 1);
	assert_int_equal(reader.interfaces[p.interface].linktype, 147);
	assert_int_equal(p.time_ns, 7000);
	assert_int_equal(p.len, 2);
	assert_int_equal(p.orig_len, 5);
	assert_memory_equal(p.data, "hi", 2);
	assert_int_equal(next(&p), 0);
}

static size_t pack(const void *data, size_t len, u8 *to, size_t room)
{
	z_stream z = { .next_in = (Bytef *)data, .avail_in = len, .next_out = to,
		       .avail_out = room };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

static void gzip_is_unpacked(void **state)
{
	static u8 plain[300000], packed[400000];
	size_t len, got, i, n;
	char *to;

	(void)state;
	/* Half of it shrinks to next to nothing, half does not. */
	for (i = 0; i < sizeof(plain) / 2; i++)
		plain[i] = rand();
	len = pack(plain, sizeof(plain), packed, sizeof(packed));
	assert_true(gunzip_is(packed, len));
	assert_int_equal(gunzip(packed, len, 1 << 20, &to, &got), GUNZIP_WHOLE);
	assert_int_equal(got, sizeof(plain));
	assert_memory_equal(to, plain, got);
	free(to);
	for (n = 0; n < len; n += n < 64 || n > len - 64 ? 1 : 9999) {
		u8 *part = malloc(n ? n : 1);

		memcpy(part, packed, n);
		assert_int_equal(gunzip(part, n, 1 << 20, &to, &got), GUNZIP_CUT);
		assert_memory_equal(to, plain, got);
		free(to);
		free(part);
	}
	assert_int_equal(gunzip(packed, len, 100000, &to, &got), GUNZIP_TOO_LONG);
	free(to);
	/* Two streams, then bytes of nobody. */
	n = pack("more", 4, packed + len, sizeof(packed) - len);
	memcpy(packed + len + n, "tail", 4);
	assert_int_equal(gunzip(packed, len + n + 4, 1 << 20, &to, &got), GUNZIP_WHOLE);
	assert_int_equal(got, sizeof(plain) + 4);
	assert_memory_equal(to + sizeof(plain), "more", 4);
	free(to);
	packed[len / 2] ^= 0xff;
	packed[len - 6] ^= 0xff;
	assert_int_equal(gunzip(packed, len, 1 << 20, &to, &got), GUNZIP_DAMAGED);
	free(to);
}

static void header_is_the_wire_s(void **state)
{
	struct nova_capture c = good("570.144");
	u8 header[TAP_RPC_BYTES];

	(void)state;
	assert_int_equal(tap_rpc_header(nova_abi_find("570.144"), &c, header), 0);
	assert_int_equal(get_unaligned_le32(header), 0x03000000);
	assert_memory_equal(header + 4, "VRPC", 4);
	assert_int_equal(get_unaligned_le32(header + 8), 36);
	assert_int_equal(get_unaligned_le32(header + 12), 76);
	assert_int_equal(get_unaligned_le32(header + 28), 3);
}

static void add_record(FILE *to, const struct nova_abi *abi, struct nova_capture *c)
{
	static u8 packet[NOVA_CAPTURE_BYTES + TAP_RPC_BYTES + 8192];
	u32 i;

	snprintf(c->release, sizeof(c->release), "%s", abi->release);
	memcpy(packet, c, sizeof(*c));
	if (tap_rpc_header(abi, c, packet + sizeof(*c)))
		abort();
	for (i = 0; i < c->payload_bytes; i++)
		packet[sizeof(*c) + TAP_RPC_BYTES + i] = i & 1;
	pcapng_add_packet(to, 0, c->id * 1000, c->kind != NOVA_CAPTURE_REQUEST, packet,
			  sizeof(*c) + TAP_RPC_BYTES + c->payload_bytes,
			  sizeof(*c) + TAP_RPC_BYTES + c->payload_bytes);
}

/* A packet for each operation and each control that has a name. */
static u64 add_all(FILE *to, const struct nova_abi *abi)
{
	struct nova_capture c = good(abi->release);
	const char *name;
	u64 nr = 0;
	u32 i, cmd;

	for (i = 1; i < NOVA_OP_COUNT; i++) {
		c.function = nova_op_number(abi, i);
		if (!c.function)
			continue;
		c.op = i;
		c.id = ++nr;
		c.kind = c.function >= 0x1000 ? NOVA_CAPTURE_EVENT : NOVA_CAPTURE_REQUEST;
		c.payload_bytes = 4096;
		c.len_bytes = 4096;
		add_record(to, abi, &c);
	}
	c.op = NOVA_OP_RPC_GSP_RM_CONTROL;
	c.function = nova_op_number(abi, c.op);
	for (i = 0; nova_ctrl_at(i, &cmd, &name); i++) {
		c.cmd = cmd;
		c.id = ++nr;
		c.kind = NOVA_CAPTURE_REPLY;
		c.status = 0x56;
		add_record(to, abi, &c);
	}
	return nr;
}

static int write_samples(const char *path, char **releases)
{
	FILE *to = fopen(path, "w");
	u64 nr = 0;

	if (!to)
		return 1;
	pcapng_begin(to, "test", "every kind of call and event");
	pcapng_add_interface(to, NOVA_CAPTURE_LINKTYPE, "gpu0", "");
	for (; *releases; releases++)
		nr += add_all(to, nova_abi_find(*releases));
	printf("%llu\n", (unsigned long long)nr);
	return fclose(to) != 0;
}

#define PIECES_PAYLOAD	200000u

/* One record of a call, or more of it: bytes from @at on. */
static void add_piece(FILE *to, u32 kind, u64 id, u32 at)
{
	static u8 packet[NOVA_CAPTURE_BYTES + TAP_RPC_BYTES + NOVA_CAPTURE_PAYLOAD_MAX];
	struct nova_capture c = good("570.144");
	u32 len = min_t(u32, PIECES_PAYLOAD - at, NOVA_CAPTURE_PAYLOAD_MAX);

	c.op = NOVA_OP_RPC_GSP_RM_CONTROL;
	c.kind = at ? NOVA_CAPTURE_MORE : kind;
	c.of_kind = at ? kind : 0;
	c.payload_at = at;
	c.id = id;
	c.len_bytes = PIECES_PAYLOAD;
	c.payload_bytes = len;
	memcpy(packet, &c, sizeof(c));
	memset(packet + sizeof(c) + TAP_RPC_BYTES, (int)id, len);
	len += sizeof(c) + TAP_RPC_BYTES;
	pcapng_add_packet(to, 0, id, false, packet, len,
			  at ? len : len - c.payload_bytes + c.len_bytes);
}

/* Two requests whose pieces stand between each other, and replies, one of them not whole. */
static int write_pieces(const char *path)
{
	FILE *to = fopen(path, "w");
	u32 at;

	if (!to)
		return 1;
	pcapng_begin(to, "test", "payloads in pieces");
	pcapng_add_interface(to, NOVA_CAPTURE_LINKTYPE, "gpu0", "");
	for (at = 0; at < PIECES_PAYLOAD; at += NOVA_CAPTURE_PAYLOAD_MAX) {
		add_piece(to, NOVA_CAPTURE_REQUEST, 1, at);
		add_piece(to, NOVA_CAPTURE_REQUEST, 2, at);
	}
	/* A GPU that was reset counts its calls anew. */
	add_piece(to, NOVA_CAPTURE_REPLY, 1, 0);
	add_piece(to, NOVA_CAPTURE_REPLY, 1, 2 * NOVA_CAPTURE_PAYLOAD_MAX);
	for (at = 0; at < PIECES_PAYLOAD; at += NOVA_CAPTURE_PAYLOAD_MAX)
		add_piece(to, NOVA_CAPTURE_REPLY, 1, at);
	return fclose(to) != 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_written_is_read, free_file),
		cmocka_unit_test_teardown(cut_files_are_refused, free_file),
		cmocka_unit_test_teardown(damage_is_named, free_file),
		cmocka_unit_test(records_are_checked),
		cmocka_unit_test(shortened_records_are_taken),
		cmocka_unit_test(older_records_are_taken),
		cmocka_unit_test(pcap_is_read),
		cmocka_unit_test(swapped_pcapng_is_read),
		cmocka_unit_test(gzip_is_unpacked),
		cmocka_unit_test(header_is_the_wire_s),
	};

	if (argc == 2)
		return write_pieces(argv[1]);
	if (argc > 2)
		return write_samples(argv[1], argv + 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
