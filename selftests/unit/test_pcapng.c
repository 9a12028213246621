// SPDX-License-Identifier: GPL-2.0-only
// uses: tools/novabpf/pcapng.c tools/novabpf/tap_file.c kmod/gsp/abi.c kmod/gsp/abi/tables.c
/*
 * Files of recordings: what is written is read back, what is damaged is refused with
 * words. With an argument, writes a recording of every kind of call and event of the
 * releases named (for the test of the dissector).
 */
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include <novabpf/abi.h>
#include "unit.h"
#include "../../tools/novabpf/pcapng.h"
#include "../../tools/novabpf/tap.h"

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
			assert_true(reader.why[0]);
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
	says(8, 0x4d3c2b1a, "big-endian");
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
	u32 n;

	(void)state;
	memcpy(buf, &c, sizeof(c));
	assert_null(tap_take(buf, sizeof(buf), &rec));
	assert_ptr_equal(rec.payload, buf + sizeof(buf) - 4);
	for (n = 0; n < sizeof(buf); n++)
		assert_non_null(tap_take(buf, n, &rec));
	c.payload_bytes = 5;
	memcpy(buf, &c, sizeof(c));
	assert_non_null(tap_take(buf, sizeof(buf), &rec));
	c = good("570.144");
	c.header_bytes = 0xffff;
	memcpy(buf, &c, sizeof(c));
	assert_non_null(tap_take(buf, sizeof(buf), &rec));
	c = good("570.144");
	memset(c.release, 'x', sizeof(c.release));
	memcpy(buf, &c, sizeof(c));
	assert_non_null(tap_take(buf, sizeof(buf), &rec));
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_written_is_read, free_file),
		cmocka_unit_test_teardown(cut_files_are_refused, free_file),
		cmocka_unit_test_teardown(damage_is_named, free_file),
		cmocka_unit_test(records_are_checked),
		cmocka_unit_test(header_is_the_wire_s),
	};

	if (argc > 2)
		return write_samples(argv[1], argv + 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
