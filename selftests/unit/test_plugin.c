// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/vgpu/types.c kmod/vgpu/place.c kmod/vgpu/wire.c kmod/vgpu/plugin_wire.c
// uses: kmod/sim/model/*.c

/*
 * Messages to and from plugin tasks: what the core writes is what the device model's
 * task reads, and nothing that a task answers is taken for what it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model_driver.h"
#include "vgpu/plugin_wire.h"
#include "vgpu/wire.h"

#define MIB	(1024ULL * 1024)
#define FREE	(24000 * MIB)
#define GFID	3

static const char * const releases[] = {
	"535.113.01", "550.163.01", "570.144", "575.51.02", "580.65.06", "595.45.04",
};

struct bench {
	struct drv *d;
	const struct nova_plugin_family *f;
	const struct nova_vgpu_type *type;
	struct nova_vgpu_types types;
	u64 comm;
	u32 seq;
};

static u32 control(struct bench *b, u32 cmd, u32 gfid)
{
	u8 p[4];

	put_unaligned_le32(gfid, p);
	return drv_control(b->d, DRV_SUBDEVICE, cmd, p, sizeof(p));
}

static void open_release(struct bench *b, const char *release)
{
	struct nova_vgpu_boot boot = { .gfid = GFID, .vm_pid = 4711, .placement = 1 };
	struct nova_placement at;
	u32 size;
	u8 *p;

	memset(b, 0, sizeof(*b));
	b->d = drv_new(release, "ga102", 24576);
	assert_int_equal(drv_boot(b->d), 0);
	drv_objects(b->d);
	b->f = nova_plugin_family(b->d->abi);
	nova_vgpu_types_init(&b->types, 24576 * MIB, FREE, 32);
	b->type = nova_vgpu_type_find(&b->types, "NOVA-4Q");
	boot.type = b->type;
	size = nova_msg_size(b->d->abi, NOVA_MSG_ADD_VGPU_TYPE);
	p = calloc(1, size);
	assert_int_equal(nova_vgpu_fill_types(b->d->abi, &b->types, p, size), 0);
	assert_int_equal(drv_control(b->d, DRV_SUBDEVICE, NOVA_CTRL_ADD_VGPU_TYPE, p, size), 0);
	free(p);
	size = nova_msg_size(b->d->abi, NOVA_MSG_BOOTLOAD);
	p = calloc(1, size);
	assert_int_equal(nova_vgpu_fill_boot(b->d->abi, &boot, p, size), 0);
	assert_int_equal(drv_control(b->d, DRV_SUBDEVICE, NOVA_CTRL_BOOTLOAD_VGPU, p, size), 0);
	free(p);
	nova_placement_get(b->type, 1, &at);
	b->comm = at.heap_offset;
}

static void attach(struct bench *b, u32 version)
{
	u8 *c = drv_fb(b->d, b->comm + NOVA_COMM_CONTROL);

	nova_plugin_fill_control(c);
	put_unaligned_le32(version, c + NOVA_COMM_CTL_VERSION);
}

static struct nova_plugin_setup setup_of(struct bench *b)
{
	return (struct nova_plugin_setup) {
		.type = b->type->id,
		.vm_pid = 4711,
		.channels = b->type->chids,
		.plugin_channels = 3,
		.cpu_arch = NOVA_SETUP_CPU_X86,
		.page_bytes = 4096,
	};
}

/* Return: what nova_plugin_check() says of the answer, or 1 where there is none. */
static int call(struct bench *b, u32 type, const void *payload, u32 len,
		struct nova_plugin_answer *a)
{
	u8 *c = drv_fb(b->d, b->comm + NOVA_COMM_CONTROL);
	u8 *r = drv_fb(b->d, b->comm + NOVA_COMM_RESPONSE);
	u32 before = get_unaligned_le32(r + NOVA_COMM_RSP_PROCESSED);

	b->seq = nova_plugin_next_seq(b->seq);
	if (len)
		memcpy(drv_fb(b->d, b->comm + NOVA_COMM_MESSAGE), payload, len);
	put_unaligned_le32(type, c + NOVA_COMM_CTL_TYPE);
	put_unaligned_le32(b->seq, c + NOVA_COMM_CTL_SEQ);
	drv_wr(b->d, NV_PLUGIN_DOORBELL, NV_PLUGIN_DOORBELL_VAL(GFID));
	drv_run(b->d, 20 * 1000 * 1000);
	if (get_unaligned_le32(r + NOVA_COMM_RSP_PROCESSED) == before)
		return 1;
	return nova_plugin_check(r, NOVA_COMM_RSP_BYTES, b->seq, a);
}

static int version(struct bench *b, struct nova_plugin_answer *a)
{
	u8 p[NOVA_COMM_VER_BYTES];

	assert_int_equal(nova_plugin_fill_version(b->f, p, sizeof(p)), sizeof(p));
	return call(b, NOVA_PLUGIN_RPC_VERSION, p, sizeof(p), a);
}

static int setup(struct bench *b, const struct nova_plugin_setup *s, struct nova_plugin_answer *a)
{
	u8 p[256];
	int len = b->f->fill_setup(s, p, sizeof(p));

	assert_in_range(len, 16, sizeof(p));
	return call(b, NOVA_PLUGIN_RPC_SETUP, p, (u32)len, a);
}

static void test_conversation(void **state)
{
	struct nova_plugin_answer a;
	struct nova_plugin_setup s;
	struct bench b;
	u32 i, chosen;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		open_release(&b, releases[i]);
		attach(&b, b.f->comm_version);
		s = setup_of(&b);
		/* In this order only. The first comes before the task runs, and waits. */
		assert_int_equal(setup(&b, &s, &a), 0);
		assert_int_equal(a.result, NV_ERR_INVALID_STATE);
		assert_int_equal(call(&b, NOVA_PLUGIN_RPC_RESET, NULL, 0, &a), 0);
		assert_int_equal(a.result, NV_ERR_INVALID_STATE);
		assert_int_equal(version(&b, &a), 0);
		assert_int_equal(a.result, 0);
		assert_int_equal(nova_plugin_chosen(b.f, drv_fb(b.d, b.comm + NOVA_COMM_MESSAGE),
						    NOVA_COMM_VER_BYTES, &chosen), 0);
		assert_int_equal(chosen, 1);
		s.type = 1;
		assert_int_equal(setup(&b, &s, &a), 0);
		assert_int_equal(a.result, nova_field_pos(b.d->abi, NOVA_BOOTLOAD_VGPU_TYPE,
							  &(struct nova_field_pos) { 0 }) ? 0 :
					   NV_ERR_INVALID_ARGUMENT);
		s = setup_of(&b);
		assert_int_equal(setup(&b, &s, &a), 0);
		assert_int_equal(a.result, 0);
		assert_true(drv_status_has(b.d, "vm pid that was told last: 4711"));
		assert_int_equal(call(&b, NOVA_PLUGIN_RPC_RESET, NULL, 0, &a), 0);
		assert_int_equal(a.result, 0);
		assert_int_equal(call(&b, 99, NULL, 0, &a), 0);
		assert_int_equal(a.result, NV_ERR_NOT_SUPPORTED);
		drv_free(b.d);
	}
}

static void test_faults(void **state)
{
	static const struct {
		const char *fault;
		int ret;
		u32 result;
	} rows[] = {
		{ "plugin rpc 1 mute", 1, 0 },
		{ "plugin rpc 1 late 30000", 1, 0 },
		{ "plugin rpc 1 late 5000", 0, 0 },
		{ "plugin rpc 1 refuse 86", 0, 86 },
		{ "plugin rpc 1 wrongseq", -EBADMSG, 0 },
		{ "plugin rpc 1 crash", 1, 0 },
		{ "plugin rpc 2 mute", 0, 0 },
	};
	struct nova_plugin_answer a = { 0 };
	struct bench b;
	u32 i, chosen;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		open_release(&b, "570.144");
		drv_run(b.d, 10 * 1000 * 1000);
		attach(&b, b.f->comm_version);
		assert_int_equal(drv_fault(b.d, rows[i].fault), 0);
		assert_int_equal(version(&b, &a), rows[i].ret);
		if (!rows[i].ret)
			assert_int_equal(a.result, rows[i].result);
		drv_free(b.d);
	}
	open_release(&b, "570.144");
	drv_run(b.d, 10 * 1000 * 1000);
	/* Another version of the buffer: not a word is said. */
	attach(&b, 2);
	assert_int_equal(version(&b, &a), 1);
	attach(&b, 1);
	assert_int_equal(drv_fault(b.d, "plugin rpc 1 badversion"), 0);
	assert_int_equal(version(&b, &a), 0);
	assert_int_equal(nova_plugin_chosen(b.f, drv_fb(b.d, b.comm + NOVA_COMM_MESSAGE),
					    NOVA_COMM_VER_BYTES, &chosen), -EPROTO);
	assert_int_equal(chosen, 99);
	assert_int_equal(drv_fault(b.d, "plugin rpc 1 sing"), -EINVAL);
	assert_int_equal(drv_fault(b.d, "plugin rpc"), -EINVAL);
	assert_int_equal(drv_fault(b.d, "plugin rpc 2 refuse"), -EINVAL);
	assert_int_equal(drv_fault(b.d, "plugin rpc 2 refuse 5"), 0);
	assert_int_equal(drv_fault(b.d, "plugin rpc off"), 0);
	assert_int_equal(drv_fault(b.d, "scrub clean"), -EINVAL);
	drv_free(b.d);
}

/* A task that was told to end says so, and only then its things can be cleaned up. */
static void test_end(void **state)
{
	struct bench b;

	(void)state;
	open_release(&b, "570.144");
	drv_run(b.d, 10 * 1000 * 1000);
	assert_int_equal(control(&b, NOVA_CTRL_CLEANUP_VGPU, GFID), NV_ERR_INVALID_STATE);
	assert_int_equal(drv_fault(b.d, "plugin keep"), 0);
	assert_int_equal(control(&b, NOVA_CTRL_SHUTDOWN_VGPU, GFID), 0);
	drv_run(b.d, 100 * 1000 * 1000);
	assert_int_equal(control(&b, NOVA_CTRL_CLEANUP_VGPU, GFID), NV_ERR_INVALID_STATE);
	assert_int_equal(drv_fault(b.d, "plugin crash 3"), 0);
	assert_int_equal(control(&b, NOVA_CTRL_CLEANUP_VGPU, GFID), 0);
	drv_free(b.d);
}

static void test_setup_rejects(void **state)
{
	struct nova_plugin_answer a = { 0 };
	struct nova_plugin_setup s;
	struct bench b;
	u32 i, k;
	u8 p[256];

	(void)state;
	open_release(&b, "580.65.06");
	drv_run(b.d, 10 * 1000 * 1000);
	attach(&b, 1);
	assert_int_equal(version(&b, &a), 0);
	s = setup_of(&b);
	s.channels--;
	assert_int_equal(setup(&b, &s, &a), 0);
	assert_int_equal(a.result, NV_ERR_INVALID_ARGUMENT);
	s = setup_of(&b);
	s.vm_pid++;
	assert_int_equal(setup(&b, &s, &a), 0);
	assert_int_equal(a.result, NV_ERR_INVALID_ARGUMENT);
	/* No room: nothing is written behind the end. */
	s = setup_of(&b);
	for (i = 0; i < 112; i += 4) {
		memset(p, 0x5a, sizeof(p));
		assert_int_equal(b.f->fill_setup(&s, p, i), -EMSGSIZE);
		for (k = i; k < sizeof(p); k++)
			assert_int_equal(p[k], 0x5a);
	}
	/* Garbage is refused or taken, and the model lives on. */
	srand(1);
	for (i = 0; i < 2000; i++) {
		int len = b.f->fill_setup(&s, p, sizeof(p));

		for (k = 0; k < 1 + i % 4; k++)
			p[rand() % len] = (u8)rand();
		assert_int_equal(call(&b, NOVA_PLUGIN_RPC_SETUP, p, (u32)len, &a), 0);
	}
	drv_free(b.d);
}

/* Whatever the task writes, only an answer to the request that is out passes. */
static void test_answers(void **state)
{
	static const u32 seqs[] = { 1, 2, 77, 0x7fffffff, 0x80000000, 0xffffffff };
	struct nova_plugin_answer a;
	u8 r[NOVA_COMM_RSP_BYTES];
	u32 i, k, passed = 0;

	(void)state;
	assert_int_equal(nova_plugin_next_seq(0), 1);
	assert_int_equal(nova_plugin_next_seq(0xffffffff), 1);
	srand(7);
	for (i = 0; i < 200000; i++) {
		u32 seq = seqs[i % ARRAY_SIZE(seqs)];

		for (k = 0; k < sizeof(r); k++)
			r[k] = (u8)rand();
		if (rand() % 2)
			put_unaligned_le32(seq, r + NOVA_COMM_RSP_PROCESSED);
		if (rand() % 2)
			put_unaligned_le32(seq - (u32)(rand() % 2), r + NOVA_COMM_RSP_RECEIVED);
		if (nova_plugin_check(r, sizeof(r), seq, &a))
			continue;
		assert_int_equal(get_unaligned_le32(r + NOVA_COMM_RSP_PROCESSED), seq);
		assert_int_equal(get_unaligned_le32(r + NOVA_COMM_RSP_RECEIVED), seq);
		assert_int_equal(get_unaligned_le32(r + NOVA_COMM_RSP_RESULT), a.result);
		passed++;
	}
	assert_in_range(passed, 20000, 80000);
	for (k = 0; k < sizeof(r); k++)
		assert_int_equal(nova_plugin_check(r, k, 1, &a), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversation),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_setup_rejects),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
