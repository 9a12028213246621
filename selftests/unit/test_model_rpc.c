// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/sim/model/*.c

/*
 * RPCs of the device model: objects, controls, large calls in both directions, and
 * what it does with records that are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model_driver.h"

static struct drv *booted(const char *release)
{
	struct drv *d = drv_new(release, "ga102", 24576);

	assert_non_null(d);
	if (drv_boot(d))
		fail_msg("%s does not boot:\n%s", release, drv_status(d));
	drv_objects(d);
	return d;
}

static u32 op_number(struct drv *d, enum nova_op op)
{
	return nova_op_number(d->abi, op);
}

static const char * const releases[] = {
	"515.43.04", "535.54.03", "535.113.01", "550.163.01", "570.144", "570.190", "580.65.06",
	"595.45.04",
};

#define OBJSCHED_GET_STATE	0x20801120
#define OBJSCHED_SET_STATE	0x20801121
#define OBJSCHED_GET_CAPS	0x20801122
#define GET_FEATURES		0x20803601
#define ADD_VGPU_TYPE		0x20804003
#define SET_TIMESLICE		0xa06c0103
#define GET_TIMESLICE		0xa06c0104
#define PREEMPT			0xa06c0105

static void test_objects(void **state)
{
	struct drv *d;
	u32 i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		d = drv_new(releases[i], "ga102", 24576);
		assert_int_equal(drv_boot(d), 0);
		assert_int_equal(drv_alloc(d, 5, 5, 6, NV01_DEVICE_0), NV_ERR_INVALID_CLIENT);
		assert_int_equal(drv_alloc(d, DRV_CLIENT, 0, DRV_CLIENT, NV01_ROOT), 0);
		assert_int_equal(drv_alloc(d, DRV_CLIENT, 0, DRV_CLIENT, NV01_ROOT),
				 NV_ERR_INSERT_DUPLICATE_NAME);
		assert_int_equal(drv_alloc(d, DRV_CLIENT, DRV_CLIENT, DRV_DEVICE, NV01_DEVICE_0),
				 0);
		assert_int_equal(drv_alloc(d, DRV_CLIENT, DRV_CLIENT, DRV_SUBDEVICE,
					   NV20_SUBDEVICE_0),
				 NV_ERR_INVALID_OBJECT_PARENT);
		assert_int_equal(
			drv_alloc(d, DRV_CLIENT, DRV_DEVICE, DRV_SUBDEVICE, NV20_SUBDEVICE_0), 0);
		assert_int_equal(drv_alloc(d, DRV_CLIENT, DRV_DEVICE, 77, 0x1234),
				 NV_ERR_INVALID_CLASS);
		assert_int_equal(drv_alloc(d, DRV_CLIENT, 99, 77, KEPLER_CHANNEL_GROUP_A),
				 NV_ERR_INVALID_OBJECT_PARENT);
		assert_int_equal(drv_free_object(d, DRV_CLIENT, 77), NV_ERR_OBJECT_NOT_FOUND);
		/* A subtree goes as a whole. */
		assert_int_equal(drv_free_object(d, DRV_CLIENT, DRV_DEVICE), 0);
		assert_int_equal(drv_free_object(d, DRV_CLIENT, DRV_SUBDEVICE),
				 NV_ERR_OBJECT_NOT_FOUND);
		assert_true(drv_counter(d, "objects") == 4);
		assert_int_equal(drv_free_object(d, DRV_CLIENT, DRV_CLIENT), 0);
		assert_true(drv_counter(d, "objects") == 3);
		if (i == 0) {
			drv_objects(d);
			for (k = 0; k < 4096 - 7; k++)
				assert_int_equal(drv_alloc(d, DRV_CLIENT, DRV_DEVICE, 0x100 + k,
							   KEPLER_CHANNEL_GROUP_A), 0);
			assert_int_equal(drv_alloc(d, DRV_CLIENT, DRV_DEVICE, 0x90000,
						   KEPLER_CHANNEL_GROUP_A),
					 NV_ERR_INSUFFICIENT_RESOURCES);
			assert_int_equal(drv_free_object(d, DRV_CLIENT, DRV_CLIENT), 0);
			assert_true(drv_counter(d, "objects") == 3);
		}
		drv_free(d);
	}
}

static void test_controls(void **state)
{
	u8 p[72] = { 0 };
	struct drv *d;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		bool objsched;

		d = booted(releases[i]);
		objsched = nova_msg_size(d->abi, NOVA_MSG_OBJSCHED_GET_STATE);
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, GET_FEATURES, p, 72), 0);
		assert_string_equal((char *)p + 6, releases[i]);
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, GET_FEATURES, p, 71),
				 NV_ERR_INVALID_PARAM_STRUCT);
		assert_int_equal(drv_control(d, DRV_DEVICE, GET_FEATURES, p, 72),
				 NV_ERR_INVALID_COMMAND);
		assert_int_equal(drv_control(d, 0x999, GET_FEATURES, p, 72),
				 NV_ERR_OBJECT_NOT_FOUND);
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, 0x2080ffff, p, 0),
				 NV_ERR_INVALID_COMMAND);
		memset(p, 0, sizeof(p));
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, OBJSCHED_GET_STATE, p, 20),
				 objsched ? 0 : NV_ERR_NOT_SUPPORTED);
		if (objsched) {
			put_unaligned_le32(2, p + 4);
			put_unaligned_le32(3000000, p + 12);
			assert_int_equal(drv_control(d, DRV_SUBDEVICE, OBJSCHED_SET_STATE, p, 24),
					 0);
			memset(p, 0, sizeof(p));
			assert_int_equal(drv_control(d, DRV_SUBDEVICE, OBJSCHED_GET_STATE, p, 20),
					 0);
			assert_int_equal(get_unaligned_le32(p + 4), 2);
			assert_int_equal(get_unaligned_le32(p + 12), 3000000);
			put_unaligned_le32(9, p + 4);
			assert_int_equal(drv_control(d, DRV_SUBDEVICE, OBJSCHED_SET_STATE, p, 24),
					 NV_ERR_INVALID_ARGUMENT);
			assert_int_equal(drv_control(d, DRV_SUBDEVICE, OBJSCHED_GET_CAPS, p, 44),
					 0);
		}
		put_unaligned_le64(1234, p);
		assert_int_equal(drv_control(d, DRV_TSG, SET_TIMESLICE, p, 8), 0);
		put_unaligned_le64(0, p);
		assert_int_equal(drv_control(d, DRV_TSG, SET_TIMESLICE, p, 8),
				 NV_ERR_INVALID_ARGUMENT);
		assert_int_equal(drv_control(d, DRV_TSG, GET_TIMESLICE, p, 8), 0);
		assert_int_equal(get_unaligned_le64(p), 1234);
		memset(p, 0, 8);
		assert_int_equal(drv_control(d, DRV_TSG, PREEMPT, p, 8), 0);
		drv_free(d);
	}
}

/* A table of several records there and back, byte for byte. */
static void test_large(void **state)
{
	u32 i, k, size;
	struct drv *d;
	u8 *p, *want;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		d = booted(releases[i]);
		size = nova_msg_size(d->abi, NOVA_MSG_ADD_VGPU_TYPE);
		if (!size) {
			/* Not in this release; the reply is as large all the same. */
			p = calloc(1, 300000);
			assert_int_equal(drv_control(d, DRV_SUBDEVICE, ADD_VGPU_TYPE, p, 300000),
					 NV_ERR_NOT_SUPPORTED);
			free(p);
			drv_free(d);
			continue;
		}
		assert_true(size > 4 * d->rpc_max);
		p = malloc(size);
		want = malloc(size);
		for (k = 0; k < size; k++)
			p[k] = (u8)(k * 7 + (k >> 9));
		p[0] = 1;
		put_unaligned_le32(3, p + 4);
		memcpy(want, p, size);
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, ADD_VGPU_TYPE, p, size), 0);
		assert_memory_equal(p, want, size);
		put_unaligned_le32(100000, p + 4);
		assert_int_equal(drv_control(d, DRV_SUBDEVICE, ADD_VGPU_TYPE, p, size),
				 NV_ERR_INVALID_ARGUMENT);
		assert_true(drv_counter(d, "large requests") == 2);
		/* And the stream goes on. */
		assert_int_equal(drv_control(d, DRV_TSG, GET_TIMESLICE, p, 8), 0);
		free(p);
		free(want);
		drv_free(d);
	}
}

static void test_information(void **state)
{
	u8 buf[8192];
	u32 i, len;
	size_t size;
	struct drv *d;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		d = booted(releases[i]);
		memset(buf, 0, sizeof(buf));
		assert_int_equal(
			drv_call(d, NOVA_OP_RPC_GET_GSP_STATIC_INFO, buf, 0, sizeof(buf), &len), 0);
		assert_int_equal(len, nova_msg_size(d->abi, NOVA_MSG_STATIC_INFO));
		assert_string_equal(nova_field_ptr(d->abi, NOVA_STATIC_INFO_GPU_NAME, buf, len,
						   &size),
				    "NVIDIA Simulated GA102");
		assert_true(drv_get(d, NOVA_STATIC_INFO_FB_LENGTH, buf, len) == 24576ULL << 20);
		/* Handshake: right, wrong minor, wrong length. */
		memset(buf, 0, sizeof(buf));
		len = nova_msg_size(d->abi, NOVA_MSG_GUEST_INFO);
		drv_put(d, NOVA_GUEST_INFO_VGX_MAJOR, buf, len, d->abi->rules->vgx_major);
		drv_put(d, NOVA_GUEST_INFO_VGX_MINOR, buf, len, d->abi->rules->vgx_minor);
		assert_int_equal(
			drv_call(d, NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO, buf, len, len, NULL), 0);
		drv_put(d, NOVA_GUEST_INFO_VGX_MINOR, buf, len, d->abi->rules->vgx_minor + 1);
		assert_int_equal(drv_call(d, NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO, buf, len, len,
					  NULL),
				 0);
		assert_int_equal(d->rec.result_private, NV_ERR_NOT_SUPPORTED);
		assert_int_equal(drv_get(d, NOVA_GUEST_INFO_VGX_MINOR, buf, len),
				 d->abi->rules->vgx_minor);
		assert_int_equal(drv_call(d, NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO, buf, len - 4, len,
					  NULL),
				 NOVA_RPC_INVALID_MESSAGE_FORMAT);
		drv_send_record(d, 999, buf, 8, 40, NULL, 5);
		assert_true(drv_reply(d, 10000000));
		assert_int_equal(d->rec.result, NOVA_RPC_UNKNOWN_FUNCTION);
		assert_int_equal(d->rec.fn, 999);
		drv_free(d);
	}
}

/* Wrong records */

static u32 spoil_what;

static void spoil(struct drv *d, u8 *rec)
{
	u32 h = d->hdr_bytes, sum_at = h == 8 ? 0 : 32;

	switch (spoil_what) {
	case 0: /* checksum, made after this: seed it with a bit that stays */
		break;
	case 1:
		put_unaligned_le32(d->tx_seq - 2, rec + sum_at + 4);
		break;
	case 2:
		put_unaligned_le32(d->tx_seq + 3, rec + sum_at + 4);
		break;
	case 3:
		rec[h + 4] ^= 1;
		break;
	case 4:
		rec[h + 3] ^= 1;
		break;
	case 5:
		put_unaligned_le32(0, rec + 40);
		break;
	case 6:
		put_unaligned_le32(17, rec + 40);
		break;
	case 7:
		put_unaligned_le32(9, rec + 40);
		break;
	case 8:
		put_unaligned_le32(0xfffffff0, rec + h + 8);
		break;
	case 9:
		put_unaligned_le32(31, rec + h + 8);
		break;
	case 10:
		put_unaligned_le32(op_number(d, NOVA_OP_RPC_CONTINUATION_RECORD), rec + h + 12);
		break;
	}
}

static void test_bad_records(void **state)
{
	static const struct {
		const char *counter;
		bool replied;
		bool only_new;
	} want[] = {
		{ "bad checksum", false, false },
		{ "old seqNum", false, false },
		{ "seqNum gap", false, false },
		{ "bad signature", true, false },
		{ "bad header version", true, false },
		{ "bad element count", false, true },
		{ "bad element count", false, true },
		{ "bad element count", false, true },
		{ "bad length", false, false },
		{ "bad length", false, false },
		{ "bad continuation", false, false },
	};
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		for (spoil_what = 0; spoil_what < ARRAY_SIZE(want); spoil_what++) {
			u32 free_fn, at;
			struct drv *d;
			u8 p[16] = { 0 };

			d = booted(releases[i]);
			free_fn = op_number(d, NOVA_OP_RPC_FREE);
			if (want[spoil_what].only_new && d->hdr_bytes == 8) {
				drv_free(d);
				continue;
			}
			at = d->cmd_write;
			drv_send_record(d, free_fn, p, 16, 48, spoil, 0);
			if (!spoil_what)
				((u8 *)drv_block_at(d, 0x2000 + at * 4096))[d->hdr_bytes + 33] ^= 1;
			if (spoil_what == 1)
				d->tx_seq--;
			if (spoil_what == 2)
				d->tx_seq += 4;
			if (drv_reply(d, 1000000) != want[spoil_what].replied)
				fail_msg("%s case %u: reply is wrong\n%s", releases[i], spoil_what,
					 drv_status(d));
			if (want[spoil_what].replied)
				assert_int_equal(d->rec.result, NOVA_RPC_INVALID_MESSAGE_FORMAT);
			if (drv_counter(d, want[spoil_what].counter) != 1)
				fail_msg("%s case %u: not counted as %s\n%s",
					 releases[i], spoil_what,
					 want[spoil_what].counter, drv_status(d));
			/* Consumed, and the next request works. */
			d->rpc_seq = 0;
			assert_int_equal(drv_free_object(d, DRV_CLIENT, DRV_TSG), 0);
			drv_free(d);
		}
	}
}

static void test_cut_large(void **state)
{
	struct drv *d = booted("570.144");
	u8 *p = calloc(1, 65536);
	u32 fixed = nova_msg_size(d->abi, NOVA_MSG_CONTROL);

	(void)state;
	/* Announces more than comes. */
	drv_put(d, NOVA_CONTROL_PARAMS_SIZE, p, fixed, 5000);
	drv_send_record(d, op_number(d, NOVA_OP_RPC_GSP_RM_CONTROL), p, fixed + 100, fixed + 132,
			NULL, 0);
	assert_true(drv_reply(d, 1000000));
	assert_int_equal(d->rec.result, NOVA_RPC_INVALID_MESSAGE_FORMAT);
	drv_put(d, NOVA_CONTROL_PARAMS_SIZE, p, fixed, 0xffffffff);
	drv_send_record(d, op_number(d, NOVA_OP_RPC_GSP_RM_CONTROL), p, d->rpc_max - 32, d->rpc_max,
			NULL, 0);
	assert_true(drv_reply(d, 1000000));
	assert_int_equal(d->rec.result, NOVA_RPC_INVALID_MESSAGE_FORMAT);
	/* A first record without its rest, then something else. */
	drv_put(d, NOVA_CONTROL_PARAMS_SIZE, p, fixed, 100000);
	drv_send_record(d, op_number(d, NOVA_OP_RPC_GSP_RM_CONTROL), p, d->rpc_max - 32, d->rpc_max,
			NULL, 0);
	assert_false(drv_reply(d, 1000000));
	memset(p, 0, 16);
	drv_send_record(d, op_number(d, NOVA_OP_RPC_FREE), p, 16, 48, NULL, 0);
	assert_true(drv_reply(d, 1000000));
	assert_int_equal(d->rec.fn, op_number(d, NOVA_OP_RPC_GSP_RM_CONTROL));
	assert_int_equal(d->rec.result, NOVA_RPC_INVALID_MESSAGE_FORMAT);
	assert_true(drv_reply(d, 1000000));
	assert_int_equal(d->rec.fn, op_number(d, NOVA_OP_RPC_FREE));
	/* Write pointer out of range: ignored, then right again. */
	put_unaligned_le32(63, drv_block_at(d, 0x1010));
	drv_wr(d, NV_PGSP_QUEUE_HEAD(0), 0);
	drv_run(d, 100000);
	assert_true(drv_counter(d, "bad ring pointer") == 1);
	assert_int_equal(drv_free_object(d, DRV_CLIENT, DRV_TSG), 0);
	free(p);
	drv_free(d);
}

/* The doorbell is needed; eight run at once; a full status queue waits. */
static void test_flow(void **state)
{
	struct drv *d = booted("570.190");
	u32 i, fn = op_number(d, NOVA_OP_RPC_FREE), got = 0, seq;
	u8 p[16] = { 0 };

	(void)state;
	seq = d->rpc_seq;
	for (i = 0; i < 40; i++)
		drv_send_record(d, fn, p, 16, 48, NULL, d->rpc_seq++);
	gsim_run(d->sim);
	assert_true(drv_status_has(d, "in flight: 8 of 8"));
	assert_int_equal(get_unaligned_le32(drv_block_at(d, 0x41020)) + 32, d->cmd_write);
	drv_run(d, 1000000);
	for (; drv_reply(d, 100000); got++)
		assert_int_equal(d->rec.rpc_seq, seq + got);
	assert_int_equal(got, 40);
	/* 150 events into a ring of 62: nothing lost, nothing overwritten. */
	assert_int_equal(drv_fault(d, "storm 150"), 0);
	drv_run(d, 50000000);
	assert_int_equal((get_unaligned_le32(drv_block_at(d, 0x41010)) + 63 - d->stat_read) % 63,
			 62);
	for (got = 0; drv_recv(d, 10000000); got++) {
		assert_true(d->rec.checksum_ok);
		assert_int_equal(d->rec.seq, d->rx_seq - 1);
		assert_int_equal(d->rec.rpc_seq, 0);
	}
	assert_int_equal(got, 150);
	assert_true(drv_counter(d, "status queue full") > 0);
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_information),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_cut_large),
		cmocka_unit_test(test_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
