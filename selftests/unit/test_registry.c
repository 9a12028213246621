// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/boot/registry.c kmod/gsp/boot/sysinfo.c kmod/abi/abi.c kmod/abi/tables.c
/*
 * Registry of GSP-RM from text to payload, and the payloads that describe the
 * host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <novabpf/driver/gsp_wire.h>
#include "gsp/boot/registry.h"
#include "gsp/boot/sysinfo.h"

static bool is(const char *p, u32 len, const char *want)
{
	return len == strlen(want) && !memcmp(p, want, len);
}

static void parse_good(void **state)
{
	struct nova_registry_error err;
	struct nova_registry reg;

	(void)state;
	assert_int_equal(nova_registry_parse("RmOne=0x11; Two = some text ;;"
					     "Q=\" a;b \";N=4294967295;", &reg, &err), 0);
	assert_int_equal(reg.count, 4);
	assert_true(is(reg.entry[0].name, reg.entry[0].name_len, "RmOne"));
	assert_null(reg.entry[0].text);
	assert_int_equal(reg.entry[0].value, 0x11);
	assert_true(is(reg.entry[1].name, reg.entry[1].name_len, "Two"));
	assert_true(is(reg.entry[1].text, reg.entry[1].text_len, "some text"));
	assert_true(is(reg.entry[2].text, reg.entry[2].text_len, " a;b "));
	assert_int_equal(reg.entry[3].value, 0xffffffff);

	assert_int_equal(nova_registry_parse("", &reg, &err), 0);
	assert_int_equal(reg.count, 0);
	assert_int_equal(nova_registry_parse("\n", &reg, &err), 0);
	assert_int_equal(nova_registry_parse("E=\"\"", &reg, &err), 0);
	assert_int_equal(reg.entry[0].text_len, 0);
	/* A newline at the end is what "echo" writes. */
	assert_int_equal(nova_registry_parse("A=7\n", &reg, &err), 0);
	assert_int_equal(reg.entry[0].value, 7);
}

static void parse_bad(void **state)
{
	static const struct {
		const char *text;
		int ret;
		u32 pos;
		const char *why;
	} t[] = {
		{ "1A=2", -EINVAL, 0, "letter" },
		{ "=2", -EINVAL, 0, "letter" },
		{ "A", -EINVAL, 1, "expected '='" },
		{ "A B=1", -EINVAL, 2, "expected '='" },
		{ "A=", -EINVAL, 2, "expected a value" },
		{ "A=;B=1", -EINVAL, 2, "expected a value" },
		{ "A=0x", -EINVAL, 4, "hex digit" },
		{ "A=0xg", -EINVAL, 4, "hex digit" },
		{ "A=12z", -EINVAL, 4, "expected ';'" },
		{ "A=08a", -EINVAL, 4, "expected ';'" },
		{ "A=1 2", -EINVAL, 4, "expected ';'" },
		{ "A=4294967296", -ERANGE, 2, "32 bits" },
		{ "A=0x100000000", -ERANGE, 2, "32 bits" },
		{ "A=99999999999999999999999999999999", -ERANGE, 2, "32 bits" },
		{ "A=\"x", -EINVAL, 2, "closing quote" },
		{ "A=\"x\"y", -EINVAL, 5, "expected ';'" },
		{ "A=x\"y", -EINVAL, 3, "expected ';'" },
		{ "A=x\001", -EINVAL, 3, "control" },
		{ "A=1;B=2;A=3", -EEXIST, 8, "before" },
		{ "A=1;!", -EINVAL, 4, "letter" },
	};
	struct nova_registry_error err;
	struct nova_registry reg;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		memset(&err, 0xff, sizeof(err));
		err.why = "nothing";
		if (nova_registry_parse(t[i].text, &reg, &err) != t[i].ret ||
		    err.pos != t[i].pos || !strstr(err.why, t[i].why))
			fail_msg("\"%s\": at %u: %s", t[i].text, err.pos, err.why);
		assert_int_equal(reg.count, 0);
	}
}

static void parse_limits(void **state)
{
	struct nova_registry_error err;
	struct nova_registry reg;
	char text[2048];
	u32 i, n = 0;

	(void)state;
	for (i = 0; i < NOVA_REGISTRY_ENTRIES_MAX; i++)
		n += (u32)sprintf(text + n, "N%u=1;", i);
	assert_int_equal(nova_registry_parse(text, &reg, &err), 0);
	assert_int_equal(reg.count, NOVA_REGISTRY_ENTRIES_MAX);
	sprintf(text + n, "Last=1");
	assert_int_equal(nova_registry_parse(text, &reg, &err), -E2BIG);
	assert_int_equal(err.pos, n);

	memset(text, 'n', NOVA_REGISTRY_NAME_MAX);
	memcpy(text + NOVA_REGISTRY_NAME_MAX, "=1", 3);
	assert_int_equal(nova_registry_parse(text, &reg, &err), 0);
	memset(text, 'n', NOVA_REGISTRY_NAME_MAX + 1);
	memcpy(text + NOVA_REGISTRY_NAME_MAX + 1, "=1", 3);
	assert_int_equal(nova_registry_parse(text, &reg, &err), -EINVAL);

	memcpy(text, "A=", 2);
	memset(text + 2, 'v', NOVA_REGISTRY_STRING_MAX + 1);
	text[2 + NOVA_REGISTRY_STRING_MAX] = '\0';
	assert_int_equal(nova_registry_parse(text, &reg, &err), 0);
	text[2 + NOVA_REGISTRY_STRING_MAX] = 'v';
	text[3 + NOVA_REGISTRY_STRING_MAX] = '\0';
	assert_int_equal(nova_registry_parse(text, &reg, &err), -EINVAL);
}

/* Every byte of the payload, made by hand. */
static void pack_bytes(void **state)
{
	static const u8 want[] = {
		0x34, 0, 0, 0, 2, 0, 0, 0,
		0x28, 0, 0, 0, 1, 0, 0, 0, 0x44, 0x33, 0x22, 0x11, 4, 0, 0, 0,
		0x2c, 0, 0, 0, 3, 0, 0, 0, 0x2f, 0, 0, 0, 5, 0, 0, 0,
		'O', 'n', 'e', 0, 'S', 't', 0, 't', 'e', 'x', 't', 0,
	};
	const struct nova_abi *abi = nova_abi_find("570.144");
	struct nova_registry_error err;
	struct nova_registry reg;
	u8 buf[sizeof(want)] = { 0 };

	(void)state;
	assert_int_equal(nova_registry_parse("One=0x11223344;St=text", &reg, &err), 0);
	assert_int_equal(nova_registry_bytes(abi, &reg), sizeof(want));
	assert_int_equal(nova_registry_pack(abi, &reg, buf, sizeof(buf)), 0);
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(nova_registry_pack(abi, &reg, buf, sizeof(buf) - 1), -EMSGSIZE);
}

static void pack_every_release(void **state)
{
	struct nova_registry_error err;
	struct nova_registry reg;
	u32 i, bytes;
	u8 *buf;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);

		assert_int_equal(nova_registry_parse("", &reg, &err), 0);
		bytes = nova_registry_bytes(abi, &reg);
		assert_int_equal(bytes, 8);
		buf = calloc(1, bytes);
		assert_int_equal(nova_registry_pack(abi, &reg, buf, bytes), 0);
		assert_int_equal(get_unaligned_le32(buf), 8);
		assert_int_equal(get_unaligned_le32(buf + 4), 0);
		free(buf);

		assert_int_equal(nova_registry_parse("A=1;B=x;C=\"\"", &reg, &err), 0);
		bytes = nova_registry_bytes(abi, &reg);
		assert_int_equal(bytes, 8 + 3 * 16 + 2 + 2 + 2 + 2 + 1);
		buf = calloc(1, bytes);
		assert_int_equal(nova_registry_pack(abi, &reg, buf, bytes), 0);
		/* The last string ends with the table. */
		assert_int_equal(get_unaligned_le32(buf + 8 + 2 * 16 + 8), bytes - 1);
		free(buf);
	}
}

static u64 get(const struct nova_abi *abi, enum nova_field f, const void *buf, u32 len)
{
	u64 v = ~0ULL;

	assert_int_equal(nova_field_get(abi, f, buf, len, &v), 0);
	return v;
}

static void host_of_every_release(void **state)
{
	static const struct nova_host_info h = {
		.bar0 = 0xf0000000,
		.bar1 = 0x380000000000ULL,
		.bar2 = 0x382000000000ULL,
		.bar0_64bit = true,
		.max_user_va = 0x7ffffffff000ULL,
		.page_bytes = 4096,
		.domain = 1,
		.bus = 0x41,
		.devfn = 0x08,
		.vendor_device = 0x223110de,
		.subsystem = 0x147e10de,
		.revision = 0xa1,
	};
	u32 i;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);
		u32 len = nova_msg_size(abi, NOVA_MSG_SYSINFO);
		u8 *buf = calloc(1, len);

		assert_int_equal(nova_sysinfo_fill(abi, &h, buf, len), 0);
		assert_int_equal(get(abi, NOVA_SYSINFO_GPU_PHYS_ADDR, buf, len), h.bar0);
		assert_int_equal(get(abi, NOVA_SYSINFO_GPU_PHYS_FB_ADDR, buf, len), h.bar1);
		assert_int_equal(get(abi, NOVA_SYSINFO_DOMAIN_BUS_DEVICE_FUNC, buf, len),
				 0x100004108ULL);
		assert_int_equal(nova_sysinfo_fill(abi, &h, buf, 8), -EMSGSIZE);
		free(buf);

		if (!abi->rules->guest_info_ext)
			continue;
		len = nova_msg_size(abi, NOVA_MSG_GUEST_INFO_EXT);
		buf = calloc(1, len);
		assert_int_equal(nova_guest_info_ext_fill(abi, &h, buf, len), 0);
		assert_int_equal(get(abi, NOVA_GUEST_INFO_EXT_BUS, buf, len), 0x41);
		assert_int_equal(get(abi, NOVA_GUEST_INFO_EXT_DEVICE, buf, len), 1);
		free(buf);
	}
}

static void guest_info_of_every_release(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);
		u32 len = nova_msg_size(abi, NOVA_MSG_GUEST_INFO);
		u8 *buf = calloc(1, len);
		size_t room;
		u64 bytes;
		char *v;

		assert_int_equal(nova_guest_info_fill(abi, 0x29, 0x0c, buf, len), 0);
		assert_int_equal(get_unaligned_le32(buf), 0x29);
		assert_int_equal(get_unaligned_le32(buf + 4), 0x0c);
		v = nova_field_ptr(abi, NOVA_GUEST_INFO_DRIVER_VERSION, buf, len, &room);
		assert_string_equal(v, abi->release);
		bytes = get(abi, NOVA_GUEST_INFO_DRIVER_VERSION_LENGTH, buf, len);
		assert_true(bytes > strlen(v) && bytes <= room);
		free(buf);
	}
}

static void gsp_args_of_every_release(void **state)
{
	static const struct nova_queue_place q = {
		.table = 0x123456000,
		.pages = 129,
		.cmdq_off = 0x1000,
		.statq_off = 0x41000,
	};
	u32 i;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);
		u32 len = nova_msg_size(abi, NOVA_MSG_GSP_ARGS);
		u8 *buf = calloc(1, len);
		u64 v;

		assert_int_equal(nova_gsp_args_fill(abi, &q, 3, buf, len), 0);
		assert_int_equal(get_unaligned_le64(buf), q.table);
		assert_int_equal(get_unaligned_le32(buf + 8), 129);
		assert_int_equal(get_unaligned_le64(buf + 16), 0x1000);
		assert_int_equal(get_unaligned_le64(buf + 24), 0x41000);
		if (!nova_field_get(abi, NOVA_GSP_ARGS_GPU_INSTANCE, buf, len, &v))
			assert_int_equal(v, 3);
		free(buf);
	}
}

/* 595 is told the geometry of the queues. */
static void gsp_args_geometry(void **state)
{
	static const struct nova_queue_place q = { .table = 0x1000, .pages = 129 };
	const struct nova_abi *abi = nova_abi_find("595.45.04");
	u8 buf[136] = { 0 };

	(void)state;
	assert_int_equal(nova_msg_size(abi, NOVA_MSG_GSP_ARGS), sizeof(buf));
	assert_int_equal(nova_gsp_args_fill(abi, &q, 0, buf, sizeof(buf)), 0);
	assert_int_equal(get_unaligned_le64(buf + 32), 48);
	assert_int_equal(get_unaligned_le64(buf + 40), 4096);
	assert_int_equal(get_unaligned_le64(buf + 48), 65536);
	assert_int_equal(get_unaligned_le32(buf + 56), 4);
	assert_int_equal(get_unaligned_le32(buf + 60), 12);
}

static void libos_regions(void **state)
{
	const struct nova_abi *abi = nova_abi_find("570.144");
	u8 buf[32] = { 0 };

	(void)state;
	assert_int_equal(nova_libos_id8("RM"), 0x524d);
	assert_int_equal(nova_libos_id8("LOGRM"), 0x4c4f47524dULL);
	assert_int_equal(nova_libos_id8("ABCDEFGH"), 0x4142434445464748ULL);
	assert_int_equal(nova_libos_id8("ABCDEFGHI"), 0x4142434445464748ULL);

	assert_int_equal(nova_libos_region_fill(abi, "RMARGS", 0x7000, 0x1000, buf, sizeof(buf)),
			 0);
	assert_int_equal(get_unaligned_le64(buf), 0x524d41524753ULL);
	assert_int_equal(get_unaligned_le64(buf + 8), 0x7000);
	assert_int_equal(get_unaligned_le64(buf + 16), 0x1000);
	assert_int_equal(buf[24], NOVA_LIBOS_KIND_CONTIGUOUS);
	assert_int_equal(buf[25], NOVA_LIBOS_LOC_SYSMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_good),
		cmocka_unit_test(parse_bad),
		cmocka_unit_test(parse_limits),
		cmocka_unit_test(pack_bytes),
		cmocka_unit_test(pack_every_release),
		cmocka_unit_test(host_of_every_release),
		cmocka_unit_test(guest_info_of_every_release),
		cmocka_unit_test(gsp_args_of_every_release),
		cmocka_unit_test(gsp_args_geometry),
		cmocka_unit_test(libos_regions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
