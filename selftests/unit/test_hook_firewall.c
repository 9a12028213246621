// SPDX-License-Identifier: GPL-2.0-only
// uses:
/* firewall: the most specific rule decides, audit lets pass, the host is left alone. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "rpc.bpf.h"
/* Variables that user space sets are constant to the program only. */
#define const
#include "../../bpf/rpc/firewall.bpf.c"
#undef const

#define CONTROL		NOVA_OP_RPC_GSP_RM_CONTROL
#define ALLOC		NOVA_OP_RPC_GSP_RM_ALLOC

s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns)
{
	return -EINVAL;
}

s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz)
{
	return -EINVAL;
}

static int reset(void **state)
{
	native_forget();
	native_full = false;
	enforce = true;
	check_host = false;
	nr_allowed = 0;
	nr_denied = 0;
	nr_lost = 0;
	return 0;
}

static void rule(u32 gfid, u32 op, u32 cmd, u32 verdict)
{
	struct nova_call_key key = { gfid, op, cmd };
	struct nova_fw_rule r = { .verdict = verdict };

	bpf_map_update_elem(&firewall_rules, &key, &r, BPF_ANY);
}

static s32 call(u32 gfid, u32 op, u32 cmd)
{
	struct nova_rpc_ctx rpc = {
		.id = 77, .gfid = gfid, .op = op, .cmd = cmd, .now_ns = 5, .pid = 9,
		.comm = "tenant",
	};

	return firewall.submit(&rpc);
}

static void most_specific_decides(void **state)
{
	rule(2, 0, 0, NOVA_FW_DENY);
	rule(2, CONTROL, 0, NOVA_FW_ALLOW);
	rule(2, CONTROL, 0x20800001, NOVA_FW_DENY);
	rule(NOVA_GFID_ANY, ALLOC, 0xa06c, NOVA_FW_DENY);
	assert_int_equal(call(2, CONTROL, 0x20800001), -EACCES);
	assert_int_equal(call(2, CONTROL, 0x20800002), 0);
	assert_int_equal(call(2, ALLOC, 1), -EACCES);
	assert_int_equal(call(2, NOVA_OP_UNKNOWN, 0), -EACCES);
	assert_int_equal(call(3, CONTROL, 0x20800001), 0);
	assert_int_equal(call(3, ALLOC, 0xa06c), -EACCES);
	assert_int_equal(call(3, ALLOC, 0xa06d), 0);
	/* A vGPU's own default is nearer than a rule for all. */
	rule(3, 0, 0, NOVA_FW_ALLOW);
	assert_int_equal(call(3, ALLOC, 0xa06c), 0);
	assert_int_equal(nr_denied, 4);
	assert_int_equal(nr_allowed, 2);
}

/* Whatever the rules say: the others that share the engine wait for these. */
static void scheduler_passes(void **state)
{
	struct nova_rpc_ctx rpc = {
		.gfid = 2, .op = CONTROL, .cmd = 0xa06c0101, .flags = NOVA_RPC_C_SCHED,
	};

	rule(2, 0, 0, NOVA_FW_DENY);
	rule(2, CONTROL, 0xa06c0101, NOVA_FW_DENY);
	assert_int_equal(firewall.submit(&rpc), 0);
	assert_int_equal(nr_denied + nr_allowed, 0);
	rpc.flags = 0;
	assert_int_equal(firewall.submit(&rpc), -EACCES);
}

static void without_rules(void **state)
{
	assert_int_equal(call(2, CONTROL, 1), 0);
	assert_int_equal(nr_denied + nr_allowed, 0);
}

static void host(void **state)
{
	rule(NOVA_GFID_ANY, 0, 0, NOVA_FW_DENY);
	assert_int_equal(call(0, CONTROL, 1), 0);
	assert_int_equal(call(1, CONTROL, 1), -EACCES);
	check_host = true;
	assert_int_equal(call(0, CONTROL, 1), -EACCES);
}

static void audit(void **state)
{
	struct nova_call_key key = { 2, 0, 0 };
	struct nova_fw_rule *r;
	struct nova_fw_event *ev;

	enforce = false;
	rule(2, 0, 0, NOVA_FW_DENY);
	assert_int_equal(call(2, CONTROL, 0x20800001), 0);
	assert_int_equal(nr_denied, 1);
	r = bpf_map_lookup_elem(&firewall_rules, &key);
	assert_int_equal(r->hits, 1);
	assert_non_null(native_records);
	ev = (void *)native_records->data;
	assert_int_equal(ev->id, 77);
	assert_int_equal(ev->gfid, 2);
	assert_int_equal(ev->op, CONTROL);
	assert_int_equal(ev->cmd, 0x20800001);
	assert_int_equal(ev->pid, 9);
	assert_int_equal(ev->enforced, 0);
	assert_string_equal(ev->comm, "tenant");
}

static void no_room_for_events(void **state)
{
	rule(2, 0, 0, NOVA_FW_DENY);
	native_full = true;
	assert_int_equal(call(2, CONTROL, 1), -EACCES);
	assert_int_equal(nr_lost, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(most_specific_decides, reset),
		cmocka_unit_test_setup(scheduler_passes, reset),
		cmocka_unit_test_setup(without_rules, reset),
		cmocka_unit_test_setup(host, reset),
		cmocka_unit_test_setup(audit, reset),
		cmocka_unit_test_setup(no_room_for_events, reset),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	native_forget();
	return ret;
}
