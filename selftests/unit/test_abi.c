// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/abi/abi.c kmod/abi/tables.c
/*
 * Tests of the firmware ABI tables: known numbers of single releases, and all of
 * the tables against the data they were made from.
 *
 * Run from the top of the tree; NOVA_ABI_DATA names another data folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <novabpf/driver/abi.h>
#include <cmocka.h>

#define DATA_DEFAULT	"tools/abi/data"
#define TABLE_LIMIT	(64 * 1024)

static const char *const study[] = {
	"535.113.01", "550.54.14", "570.144", "580.65.06", "595.45.04",
};

static const struct nova_abi *abi_of(const char *release)
{
	const struct nova_abi *abi = nova_abi_find(release);

	if (!abi)
		fail_msg("no release %s", release);
	return abi;
}

static u32 off_of(const struct nova_abi *abi, enum nova_field f)
{
	struct nova_field_pos pos;
	int ret = nova_field_pos(abi, f, &pos);

	if (ret)
		fail_msg("%s: %s: %d", abi->release, nova_field_name(f), ret);
	return pos.off;
}

static int has(const struct nova_abi *abi, enum nova_field f)
{
	struct nova_field_pos pos;

	return !nova_field_pos(abi, f, &pos);
}

struct size_case {
	enum nova_msg msg;
	u32 size[ARRAY_SIZE(study)];
};

static void test_sizes(void **state)
{
	static const struct size_case cases[] = {
		{ NOVA_MSG_ELEM, { 80, 80, 80, 80, 80 } },
		{ NOVA_MSG_MSGQ_TX, { 32, 32, 32, 32, 32 } },
		{ NOVA_MSG_MSGQ_RX, { 4, 4, 4, 4, 4 } },
		{ NOVA_MSG_RPC, { 32, 32, 32, 32, 32 } },
		{ NOVA_MSG_QUEUE_ARGS, { 48, 48, 32, 32, 64 } },
		{ NOVA_MSG_GSP_ARGS, { 80, 80, 72, 88, 136 } },
		{ NOVA_MSG_CONTROL, { 24, 24, 24, 40, 40 } },
		{ NOVA_MSG_ALLOC, { 32, 32, 32, 32, 32 } },
		{ NOVA_MSG_SYSINFO, { 664, 872, 928, 936, 944 } },
		{ NOVA_MSG_STATIC_INFO, { 2168, 2184, 1656, 1792, 1592 } },
		{ NOVA_MSG_RC_TRIGGERED, { 20, 24, 48, 48, 48 } },
		{ NOVA_MSG_OS_ERROR_LOG, { 268, 268, 272, 272, 272 } },
		{ NOVA_MSG_POST_EVENT, { 32, 32, 32, 32, 32 } },
		{ NOVA_MSG_INIT_DONE, { 4, 4, 4, 4, 1 } },
		{ NOVA_MSG_WPR_META, { 256, 256, 256, 256, 256 } },
		{ NOVA_MSG_GUEST_INFO, { 792, 792, 792, 792, 792 } },
		{ NOVA_MSG_GUEST_INFO_EXT, { 0, 268, 268, 268, 268 } },
		{ NOVA_MSG_OBJSCHED_GET_STATE, { 0, 20, 20, 20, 20 } },
		{ NOVA_MSG_OBJSCHED_SET_STATE, { 0, 24, 24, 24, 24 } },
		{ NOVA_MSG_OBJSCHED_GET_CAPS, { 0, 44, 44, 44, 44 } },
		{ NOVA_MSG_ADD_VGPU_TYPE, { 316936, 325640, 334344, 693256, 694280 } },
		{ NOVA_MSG_VGPU_INFO, { 4952, 5088, 5224, 5416, 5424 } },
		{ NOVA_MSG_VGPU_FB_USAGE, { 520, 520, 520, 776, 776 } },
		{ NOVA_MSG_SEQUENCER, { 40, 40, 40, 40, 0 } },
		{ NOVA_MSG_TIMED_SEMAPHORE, { 32, 40, 40, 40, 40 } },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (j = 0; j < ARRAY_SIZE(study); j++) {
			u32 size = nova_msg_size(abi_of(study[j]), cases[i].msg);

			if (size != cases[i].size[j])
				fail_msg("%s in %s: %u bytes, expected %u",
					 nova_msg_name(cases[i].msg), study[j], size,
					 cases[i].size[j]);
		}
	assert_int_equal(nova_msg_size(abi_of(study[0]), NOVA_MSG_COUNT), 0);
	assert_int_equal(nova_msg_size(abi_of(study[0]), (enum nova_msg)-1), 0);
}

static void test_gsp_args_by_branch(void **state)
{
	static const struct {
		const char *release;
		u32 queue, args, elem;
	} cases[] = {
		{ "515.43.04", 32, 48, 40 },
		{ "520.56.06", 32, 48, 40 },
		{ "525.60.11", 32, 48, 40 },
		{ "535.43.02", 48, 80, 40 },
		{ "535.54.03", 48, 80, 40 },
		{ "535.43.08", 48, 80, 80 },
		{ "535.86.05", 48, 80, 80 },
		{ "550.163.01", 48, 80, 80 },
		{ "565.57.01", 32, 64, 80 },
		{ "570.86.15", 32, 72, 80 },
		{ "570.211.01", 32, 72, 80 },
		{ "575.51.02", 32, 88, 80 },
		{ "580.142", 32, 88, 80 },
		{ "595.44.02", 64, 136, 80 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct nova_abi *abi = abi_of(cases[i].release);

		assert_int_equal(nova_msg_size(abi, NOVA_MSG_QUEUE_ARGS), cases[i].queue);
		assert_int_equal(nova_msg_size(abi, NOVA_MSG_GSP_ARGS), cases[i].args);
		assert_int_equal(nova_msg_size(abi, NOVA_MSG_ELEM), cases[i].elem);
	}
	/* gpuInstance came with 525; in 515 and 520 its place is padding. */
	assert_false(has(abi_of("520.56.06"), NOVA_GSP_ARGS_GPU_INSTANCE));
	assert_int_equal(off_of(abi_of("525.60.11"), NOVA_GSP_ARGS_GPU_INSTANCE), 44);
}

static void test_offsets(void **state)
{
	const struct nova_abi *r535 = abi_of("535.113.01"), *r570 = abi_of("570.144");
	const struct nova_abi *r580 = abi_of("580.65.06"), *r595 = abi_of("595.45.04");

	(void)state;
	assert_int_equal(off_of(r570, NOVA_CONTROL_FLAGS), 20);
	assert_int_equal(off_of(r580, NOVA_CONTROL_FLAGS), 20);
	assert_int_equal(off_of(r570, NOVA_CONTROL_PARAMS), 24);
	assert_int_equal(off_of(r580, NOVA_CONTROL_PARAMS), 40);
	assert_false(has(r570, NOVA_CONTROL_RMCTRL_FLAGS));
	assert_int_equal(off_of(r580, NOVA_CONTROL_RMCTRL_FLAGS), 24);
	assert_int_equal(off_of(r570, NOVA_OS_ERROR_LOG_PREVIOUS_XID), 268);
	assert_int_equal(off_of(r580, NOVA_OS_ERROR_LOG_PREVIOUS_XID), 4);
	assert_int_equal(off_of(r580, NOVA_OS_ERROR_LOG_ERR_STRING), 16);
	assert_int_equal(off_of(r535, NOVA_QUEUE_ARGS_LOCKLESS_STAT_QUEUE_OFFSET), 40);
	assert_false(has(r570, NOVA_QUEUE_ARGS_LOCKLESS_STAT_QUEUE_OFFSET));
	assert_int_equal(off_of(r595, NOVA_QUEUE_ARGS_ELEMENT_ALIGN), 60);
	assert_int_equal(off_of(r535, NOVA_GSP_ARGS_SR), 48);
	assert_int_equal(off_of(r570, NOVA_GSP_ARGS_DMEM_STACK), 48);
	assert_int_equal(off_of(r595, NOVA_GSP_ARGS_STATE_MONITOR_PA), 120);
	assert_int_equal(off_of(r570, NOVA_ELEM_CHECKSUM), 32);
	assert_int_equal(off_of(r570, NOVA_ELEM_RPC), 48);
	assert_int_equal(off_of(r570, NOVA_RPC_GFID), 28);
	assert_int_equal(off_of(r570, NOVA_RC_TRIGGERED_JOURNAL_SIZE), 44);
	assert_int_equal(off_of(r570, NOVA_POST_EVENT_EVENT_DATA), 29);
	assert_int_equal(off_of(r570, NOVA_REGISTRY_ENTRIES), 8);
	assert_int_equal(off_of(r570, NOVA_UNLOADING_IN_PM_TRANSITION), 0);
	assert_int_equal(off_of(r570, NOVA_FREE_OBJECT_OLD), 8);
	assert_int_equal(off_of(r535, NOVA_VGPU_INFO_MAX_INSTANCE), 324);
	assert_int_equal(off_of(r595, NOVA_VGPU_INFO_PROFILE_SIZE), 448);
	assert_int_equal(off_of(r570, NOVA_WPR_META_VERIFIED), 248);
	assert_int_equal(off_of(r570, NOVA_WPR_META_PMU_RESERVED_SIZE), 244);
	assert_false(has(r535, NOVA_WPR_META_FLAGS));
	assert_int_equal(off_of(abi_of("550.54.14"), NOVA_WPR_META_FLAGS), 241);
	assert_false(has(abi_of("550.54.14"), NOVA_WPR_META_PMU_RESERVED_SIZE));
	/* The same thing under two names. */
	assert_int_equal(off_of(abi_of("550.54.14"), NOVA_VGPU_INFO_HOMOGENEOUS_PLACEMENT_COUNT),
			 4956);
	assert_int_equal(off_of(r580, NOVA_VGPU_INFO_HOMOGENEOUS_PLACEMENT_COUNT), 5024);
}

static void test_layout_numbers(void **state)
{
	(void)state;
	assert_int_equal(nova_msg_layout(abi_of("570.144"), NOVA_MSG_CONTROL),
			 nova_msg_layout(abi_of("535.113.01"), NOVA_MSG_CONTROL));
	assert_int_not_equal(nova_msg_layout(abi_of("570.144"), NOVA_MSG_CONTROL),
			     nova_msg_layout(abi_of("580.65.06"), NOVA_MSG_CONTROL));
	/* Equal in size, not in bytes. */
	assert_int_not_equal(nova_msg_layout(abi_of("570.144"), NOVA_MSG_OS_ERROR_LOG),
			     nova_msg_layout(abi_of("580.65.06"), NOVA_MSG_OS_ERROR_LOG));
	assert_int_equal(nova_msg_layout(abi_of("535.113.01"), NOVA_MSG_OBJSCHED_GET_STATE), 0);
}

static void test_events(void **state)
{
	const struct nova_abi *r525 = abi_of("525.147.05"), *r535 = abi_of("535.113.01");
	const struct nova_abi *r550 = abi_of("550.54.14"), *r595 = abi_of("595.45.04");

	(void)state;
	assert_int_equal(nova_op_of(r535, 0x101d), NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE);
	assert_int_equal(nova_op_of(r535, 0x101b), NOVA_OP_EVT_GSP_SEND_USER_SHARED_DATA);
	assert_int_equal(nova_op_of(r550, 0x101d), NOVA_OP_EVT_MIG_CI_CONFIG_UPDATE);
	assert_int_equal(nova_op_of(r550, 0x101c), NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE);
	assert_int_equal(nova_op_of(r550, 0x101e), NOVA_OP_EVT_UPDATE_GSP_TRACE);
	assert_int_equal(nova_op_of(r525, 0x101b), NOVA_OP_EVT_NVLINK_FAULT_UP);
	assert_int_equal(nova_op_number(r535, NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE), 0x101d);
	assert_int_equal(nova_op_number(r550, NOVA_OP_EVT_GSP_LOCKDOWN_NOTICE), 0x101c);
	assert_int_equal(nova_op_number(r550, NOVA_OP_EVT_GSP_SEND_USER_SHARED_DATA), 0);
	assert_int_equal(nova_op_number(r595, NOVA_OP_EVT_PMU_HALTED), 0x1029);
	assert_int_equal(nova_op_number(r595, NOVA_OP_EVT_GSP_INIT_DONE), 0x1001);
	assert_int_equal(nova_op_number(r595, NOVA_OP_RPC_GSP_RM_CONTROL), 76);
	assert_int_equal(nova_op_of(r535, 71), NOVA_OP_RPC_CONTINUATION_RECORD);
	/* Slots that are reserved, bounds, and what nothing ever used. */
	assert_int_equal(nova_op_of(r535, 0), NOVA_OP_UNKNOWN);
	assert_int_equal(nova_op_of(r535, 201), NOVA_OP_UNKNOWN);
	assert_int_equal(nova_op_of(r550, 201), NOVA_OP_RPC_CTRL_GPU_QUERY_ECC_STATUS);
	assert_int_equal(nova_op_of(r535, 203), NOVA_OP_UNKNOWN);
	assert_int_equal(nova_op_of(r535, 0x1000), NOVA_OP_UNKNOWN);
	assert_int_equal(nova_op_of(r535, 0xffffffff), NOVA_OP_UNKNOWN);
	assert_int_equal(nova_op_number(r535, NOVA_OP_UNKNOWN), 0);
	assert_int_equal(nova_op_number(r535, NOVA_OP_COUNT), 0);
}

static void test_round_trip(void **state)
{
	u32 i, number, op, found;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);

		found = 0;
		for (number = 0; number < 0x1100; number++) {
			enum nova_op o = nova_op_of(abi, number);

			if (o == NOVA_OP_UNKNOWN)
				continue;
			found++;
			assert_int_equal(nova_op_number(abi, o), number);
			assert_string_not_equal(nova_op_name(o), "UNKNOWN");
		}
		assert_true(found > 200);
		for (op = 1; op < NOVA_OP_COUNT; op++) {
			number = nova_op_number(abi, (enum nova_op)op);
			if (number) {
				assert_int_equal(nova_op_of(abi, number), op);
				found--;
			}
		}
		assert_int_equal(found, 0);
	}
}

/* Firm points of the rules, by the release on either side of each change. */
static void test_rules(void **state)
{
	static const struct {
		const char *release;
		u8 seq_echo, whole, after, ext, sequencer, log, major, minor;
	} cases[] = {
		{ "515.43.04",  0, 0, 0, 0, 1, 0x07, 0x1f, 0x0f },
		{ "535.54.03",  0, 0, 0, 0, 1, 0x07, 0x23, 0x05 },
		{ "535.43.08",  0, 1, 0, 0, 1, 0x07, 0x23, 0x05 },
		{ "535.113.01", 0, 1, 0, 0, 1, 0x07, 0x23, 0x05 },
		{ "535.154.05", 0, 1, 0, 0, 1, 0x07, 0x23, 0x05 },
		{ "535.161.07", 0, 0, 0, 0, 1, 0x07, 0x23, 0x05 },
		{ "545.29.03",  0, 1, 0, 0, 1, 0x07, 0x24, 0x0a },
		{ "550.40.07",  0, 0, 0, 1, 1, 0x07, 0x25, 0x18 },
		{ "550.54.14",  0, 0, 0, 1, 1, 0x07, 0x25, 0x1b },
		{ "570.144",    0, 0, 0, 1, 1, 0x1f, 0x29, 0x0c },
		{ "570.181",    0, 0, 0, 1, 1, 0x1f, 0x29, 0x0c },
		{ "570.190",    1, 0, 0, 1, 1, 0x1f, 0x29, 0x0c },
		{ "570.211.01", 1, 0, 0, 1, 1, 0x1f, 0x29, 0x0c },
		{ "575.64.05",  0, 0, 0, 1, 1, 0x1f, 0x2a, 0x09 },
		{ "580.76.05",  0, 0, 0, 1, 1, 0x1f, 0x2b, 0x13 },
		{ "580.82.07",  1, 0, 0, 1, 1, 0x1f, 0x2b, 0x13 },
		{ "595.45.04",  1, 0, 1, 1, 0, 0x3f, 0x2d, 0x03 },
	};
	const struct nova_abi_rules *r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = abi_of(cases[i].release)->rules;
		if (r->seq_echo != cases[i].seq_echo || r->checksum_whole != cases[i].whole ||
		    r->init_after_start != cases[i].after || r->guest_info_ext != cases[i].ext ||
		    r->cpu_sequencer != cases[i].sequencer || r->log_regions != cases[i].log ||
		    r->vgx_major != cases[i].major || r->vgx_minor != cases[i].minor)
			fail_msg("rules of %s", cases[i].release);
	}
	r = abi_of("535.113.01")->rules;
	assert_int_equal(r->heap_os_mb, 20);
	assert_int_equal(r->heap_min_mb, 84);
	assert_int_equal(r->heap_max_mb, 276);
	assert_int_equal(r->heap_vgpu_mb, 549);
	assert_int_equal(r->vf_partitions, 32);
	r = abi_of("580.65.06")->rules;
	assert_int_equal(r->heap_os_mb, 22);
	assert_int_equal(r->heap_min_libos2_mb, 64);
	assert_int_equal(r->heap_max_libos2_mb, 256);
	assert_int_equal(r->heap_min_mb, 88);
	assert_int_equal(r->heap_max_mb, 280);
	assert_int_equal(r->heap_vgpu_mb, 581);
	assert_int_equal(r->vf_partitions, 48);
	assert_int_equal(r->link_timeout_ms, 4000);
	assert_int_equal(r->heartbeat, 0);
	assert_int_equal(abi_of("595.45.04")->rules->heartbeat, 1);
	assert_int_equal(abi_of("515.76")->rules->link_timeout_ms, 2000);
	assert_int_equal(abi_of("515.76")->rules->heap_fixed_mb, 64);
}

static void test_find_nearest(void **state)
{
	const struct nova_abi *below, *above;
	u32 i;

	(void)state;
	assert_null(nova_abi_find(""));
	assert_null(nova_abi_find(NULL));
	assert_null(nova_abi_find("570.14"));
	assert_null(nova_abi_find("570.144 "));
	assert_null(nova_abi_at(nova_abi_count()));
	for (i = 0; i < nova_abi_count(); i++) {
		assert_ptr_equal(nova_abi_find(nova_abi_at(i)->release), nova_abi_at(i));
		assert_int_equal(nova_abi_nearest(nova_abi_at(i)->release, &below, &above), 0);
		assert_ptr_equal(below, i ? nova_abi_at(i - 1) : NULL);
		assert_ptr_equal(above, nova_abi_at(i + 1));
	}
	assert_int_equal(nova_abi_nearest("570.145", &below, &above), 0);
	assert_string_equal(below->release, "570.144");
	assert_string_equal(above->release, "570.148.08");
	/* Numbers, not text: 9 comes before 54. */
	assert_int_equal(nova_abi_nearest("550.9.1", &below, &above), 0);
	assert_string_equal(below->release, "545.29.03");
	assert_string_equal(above->release, "550.40.07");
	assert_int_equal(nova_abi_nearest("570.144-next", &below, &above), 0);
	assert_string_equal(below->release, "570.144");
	assert_int_equal(nova_abi_nearest("1", &below, &above), 0);
	assert_null(below);
	assert_string_equal(above->release, "515.43.04");
	assert_int_equal(nova_abi_nearest("99999999999999999999.1", &below, &above), 0);
	assert_string_equal(below->release, "595.45.04");
	assert_null(above);
	assert_int_equal(nova_abi_nearest("r570", &below, &above), -EINVAL);
	assert_string_equal(below->release, "515.43.04");
	assert_string_equal(above->release, "595.45.04");
	assert_int_equal(nova_abi_nearest("", &below, &above), -EINVAL);
}

static void test_put_get(void **state)
{
	const struct nova_abi *abi = abi_of("570.144");
	u8 buf[64], before[64];
	u64 val = 7;

	(void)state;
	memset(buf, 0xa5, sizeof(buf));
	assert_int_equal(nova_field_put(abi, NOVA_CONTROL_CMD, buf, 12, 0x20801120), 0);
	assert_memory_equal(buf + 8, "\x20\x11\x80\x20", 4);
	assert_int_equal(buf[7], 0xa5);
	assert_int_equal(buf[12], 0xa5);
	assert_int_equal(nova_field_get(abi, NOVA_CONTROL_CMD, buf, 12, &val), 0);
	assert_int_equal(val, 0x20801120);

	/* One byte short; nothing may be written or set. */
	memcpy(before, buf, sizeof(buf));
	val = 7;
	assert_int_equal(nova_field_put(abi, NOVA_CONTROL_CMD, buf, 11, 1), -EMSGSIZE);
	assert_int_equal(nova_field_get(abi, NOVA_CONTROL_CMD, buf, 11, &val), -EMSGSIZE);
	assert_int_equal(nova_field_get(abi, NOVA_CONTROL_CMD, buf, 0, &val), -EMSGSIZE);
	assert_int_equal(val, 7);

	/* Bits that do not fit. */
	assert_int_equal(nova_field_put(abi, NOVA_CONTROL_CMD, buf, 64, 1ull << 32), -ERANGE);
	assert_int_equal(nova_field_put(abi, NOVA_INIT_DONE_NOT_USED, buf, 64, -1ull), -ERANGE);
	assert_int_equal(nova_field_put(abi, NOVA_LOCKDOWN_ENGAGING, buf, 64, 256), -ERANGE);
	assert_int_equal(nova_field_put(abi, NOVA_POST_EVENT_INFO16, buf, 64, 65536), -ERANGE);
	assert_int_equal(nova_field_put(abi, NOVA_CONTROL_RMCTRL_FLAGS, buf, 64, 0), -ENOENT);
	assert_int_equal(nova_field_put(abi, NOVA_CONTROL_PARAMS, buf, 64, 0), -EINVAL);
	assert_int_equal(nova_field_put(abi, NOVA_ELEM_AAD, buf, 64, 0), -EINVAL);
	assert_int_equal(nova_field_put(abi, (enum nova_field)0xff00, buf, 64, 0), -ENOENT);
	assert_int_equal(nova_field_put(abi, (enum nova_field)0x00ff, buf, 64, 0), -ENOENT);
	assert_int_equal(nova_field_put(abi, (enum nova_field)-1, buf, 64, 0), -ENOENT);
	assert_memory_equal(before, buf, sizeof(buf));

	assert_int_equal(nova_field_put(abi, NOVA_LOCKDOWN_ENGAGING, buf, 1, 255), 0);
	assert_int_equal(buf[0], 255);
	assert_int_equal(nova_field_put(abi, NOVA_POST_EVENT_INFO16, buf, 64, 0x1234), 0);
	assert_int_equal(nova_field_get(abi, NOVA_POST_EVENT_INFO16, buf, 64, &val), 0);
	assert_int_equal(val, 0x1234);
	assert_int_equal(nova_field_put(abi, NOVA_TSG_TIMESLICE_TIMESLICE_US, buf, 8,
					0x8877665544332211), 0);
	assert_int_equal(nova_field_get(abi, NOVA_TSG_TIMESLICE_TIMESLICE_US, buf, 8, &val), 0);
	assert_true(val == 0x8877665544332211);
}

static void test_ptr(void **state)
{
	const struct nova_abi *abi = abi_of("580.65.06");
	u8 buf[128];
	size_t size = 99;

	(void)state;
	assert_ptr_equal(nova_field_ptr(abi, NOVA_CONTROL_PARAMS, buf, 128, &size), buf + 40);
	assert_int_equal(size, 88);
	assert_ptr_equal(nova_field_ptr(abi, NOVA_CONTROL_PARAMS, buf, 40, &size), buf + 40);
	assert_int_equal(size, 0);
	size = 99;
	assert_null(nova_field_ptr(abi, NOVA_CONTROL_PARAMS, buf, 39, &size));
	assert_null(nova_field_ptr(abi, NOVA_CONTROL_SERIALIZED, buf, 128, &size));
	assert_int_equal(size, 99);
	assert_ptr_equal(nova_field_ptr(abi, NOVA_ELEM_AAD, buf, 32, &size), buf + 16);
	assert_int_equal(size, 16);
	assert_null(nova_field_ptr(abi, NOVA_ELEM_AAD, buf, 31, &size));
	/* Too long for a u16 size: reaches to the end of what there is. */
	assert_ptr_equal(nova_field_ptr(abi, NOVA_ADD_VGPU_TYPE_INFO, buf, 128, &size), buf + 8);
	assert_int_equal(size, 120);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(nova_field_name(NOVA_CONTROL_PARAMS_SIZE), "paramsSize");
	assert_string_equal(nova_field_name(NOVA_FREE_ROOT), "params.hRoot");
	assert_string_equal(nova_field_name((enum nova_field)0xffff), "?");
	assert_string_equal(nova_msg_name(NOVA_MSG_CONTROL), "rpc_gsp_rm_control_v");
	assert_string_equal(nova_msg_name(NOVA_MSG_COUNT), "?");
	assert_string_equal(nova_op_name(NOVA_OP_RPC_GSP_RM_CONTROL), "GSP_RM_CONTROL");
	assert_string_equal(nova_op_name(NOVA_OP_EVT_PMU_HALTED), "PMU_HALTED");
	assert_string_equal(nova_op_name(NOVA_OP_UNKNOWN), "UNKNOWN");
	assert_string_equal(nova_op_name(NOVA_OP_COUNT), "UNKNOWN");
	assert_string_equal(nova_ctrl_name(0x20801120), "FIFO_OBJSCHED_GET_STATE");
	assert_string_equal(nova_ctrl_name(0x20804003), "VGPU_MGR_INTERNAL_PGPU_ADD_VGPU_TYPE");
	assert_string_equal(nova_ctrl_name(0xa06c0103), "TSG_SET_TIMESLICE");
	assert_null(nova_ctrl_name(0));
	assert_null(nova_ctrl_name(0xffffffff));
	assert_string_equal(nova_status_name(0), "NV_OK");
	assert_string_equal(nova_status_name(3), "NV_ERR_BUSY_RETRY");
	assert_string_equal(nova_status_name(0xff100009),
			    "NV_VGPU_MSG_RESULT_RPC_API_CONTROL_NOT_SUPPORTED");
	assert_string_equal(nova_status_name(0xffffffff), "NV_VGPU_MSG_RESULT_RPC_PENDING");
	assert_string_equal(nova_status_name(0x12345), "?");
	assert_int_equal(nova_status_errno(0), 0);
	assert_int_equal(nova_status_errno(0x10006), 0);
	assert_int_equal(nova_status_errno(3), -EBUSY);
	assert_int_equal(nova_status_errno(0x51), -ENOMEM);
	assert_int_equal(nova_status_errno(0x65), -ETIMEDOUT);
	assert_int_equal(nova_status_errno(0xff100001), -EOPNOTSUPP);
	assert_int_equal(nova_status_errno(0xffff), -EREMOTEIO);
	assert_int_equal(nova_status_errno(0xdeadbeef), -EREMOTEIO);
}

static void test_table_size(void **state)
{
	(void)state;
	assert_int_equal(nova_abi_count(), 174);
	assert_true(nova_abi_table_bytes() > 32 * 1024);
	assert_true(nova_abi_table_bytes() < TABLE_LIMIT);
}

#define MAX_ROWS	40000
#define MAX_CELL	96

struct layout_row {
	char name[MAX_CELL];
	char field[MAX_CELL];
	u32 layout, off, size;
};

static struct layout_row *rows;
static size_t row_count;

static FILE *open_data(const char *name)
{
	const char *folder = getenv("NOVA_ABI_DATA");
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : DATA_DEFAULT, name);
	return fopen(path, "r");
}

static bool read_layouts(void)
{
	char line[512];
	FILE *f = open_data("layouts.csv");

	if (!f)
		return false;
	rows = calloc(MAX_ROWS, sizeof(*rows));
	assert_non_null(rows);
	while (fgets(line, sizeof(line), f) && row_count < MAX_ROWS) {
		struct layout_row *r = &rows[row_count];

		if (sscanf(line, "%95[^,],%u,%95[^,],%u,%u", r->name, &r->layout, r->field,
			   &r->off, &r->size) == 5)
			row_count++;
	}
	fclose(f);
	return true;
}

static const struct layout_row *find_row(const char *name, u32 layout, const char *field)
{
	static size_t hint;
	size_t i, at;

	/* Rows of one layout lie together: start where the last one was. */
	for (i = 0; i < row_count; i++) {
		at = (hint + i) % row_count;
		if (rows[at].layout == layout && !strcmp(rows[at].field, field) &&
		    !strcmp(rows[at].name, name)) {
			hint = at;
			return &rows[at];
		}
	}
	return NULL;
}

/* Every position in the tables, against the row of the data it came from. */
static u32 check_message(const struct nova_abi *abi, u32 msg, u32 layout)
{
	const char *name = nova_msg_name((enum nova_msg)msg), *field;
	const struct layout_row *row = find_row(name, layout, "(sizeof)");
	struct nova_field_pos pos;
	u32 i, checked = 0;

	assert_non_null(row);
	assert_int_equal(nova_msg_size(abi, (enum nova_msg)msg), row->size);
	for (i = 0; i < 256; i++) {
		field = nova_field_name((enum nova_field)(msg << 8 | i));
		if (!strcmp(field, "?"))
			break;
		row = find_row(name, layout, field);
		if (!row)
			continue;
		checked++;
		if (nova_field_pos(abi, (enum nova_field)(msg << 8 | i), &pos) ||
		    pos.off != row->off || pos.size != (row->size > 0xffff ? 0 : row->size))
			fail_msg("%s: %s.%s", abi->release, name, field);
	}
	return checked;
}

static void test_against_data(void **state)
{
	char line[512], release[MAX_CELL], name[MAX_CELL];
	static u8 done[NOVA_MSG_COUNT][256];
	u32 layout, msg, checked = 0, releases = 0;
	const struct nova_abi *abi;
	FILE *f = open_data("releases.csv");

	(void)state;
	if (!f || !read_layouts()) {
		if (f)
			fclose(f);
		print_message("no data folder: run from the top of the tree\n");
		skip();
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%95[^,],%95[^,],%u", release, name, &layout) != 3)
			continue;
		for (msg = 0; msg < NOVA_MSG_COUNT; msg++)
			if (!strcmp(name, nova_msg_name((enum nova_msg)msg)))
				break;
		if (msg == NOVA_MSG_COUNT)
			continue;
		abi = abi_of(release);
		assert_int_not_equal(abi->layout[msg], 0);
		releases++;
		if (!done[msg][layout & 0xff]) {
			checked += check_message(abi, msg, layout);
			done[msg][layout & 0xff] = abi->layout[msg];
		}
		/* Releases with one layout in the data have one layout here. */
		assert_int_equal(done[msg][layout & 0xff], abi->layout[msg]);
	}
	fclose(f);
	free(rows);
	for (msg = 0; msg < NOVA_MSG_COUNT; msg++)
		for (layout = 0; layout < nova_abi_count(); layout++)
			releases -= !!nova_abi_at(layout)->layout[msg];
	assert_int_equal(releases, 0);
	assert_true(checked > 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_gsp_args_by_branch),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_layout_numbers),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_find_nearest),
		cmocka_unit_test(test_put_get),
		cmocka_unit_test(test_ptr),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_table_size),
		cmocka_unit_test(test_against_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
