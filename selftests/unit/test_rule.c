// SPDX-License-Identifier: GPL-2.0-only
// uses: tools/novabpf/inject/rule_parse.c tools/novabpf/inject/rule_action.c
// uses: tools/novabpf/inject/rule_names.c
// uses: tools/novabpf/base/nearest.c
// uses: kmod/abi/abi.c kmod/abi/tables.c kmod/gsp/hook/payload.c kmod/gsp/hook/verdict.c
/*
 * Rules of fault injection: what they become, and what is said of bad ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gsp/hook/payload.h"
#include "inject/rule.h"

#define GET_STATE	"cmd=FIFO_OBJSCHED_GET_STATE "
#define BUSY		"action=fail status=NV_ERR_BUSY_RETRY"
#define THIRD		"function=GSP_RM_CONTROL " GET_STATE "nth=3 " BUSY
#define WINDOW		"after=10us for=1ms once-per=object"
#define MANY		\
	"cmd=0x20801120 phase=reply size>16 size<0x80 field:paramsSize&4 action=error " \
	"errno=ETIMEDOUT ppm=250 seed=9 every=2 nth=5 " WINDOW

static struct rule rule;
static struct rule_error err;

static struct rule_env env(void)
{
	return (struct rule_env){
		.abi = nova_abi_find("570.144"), .now_ns = 1000, .timeout_ns = 6000000000ULL,
	};
}

static int parse(const char *line)
{
	struct rule_env e = env();

	return rule_parse(line, &e, &rule, &err);
}

static void good(const char *line)
{
	if (parse(line))
		fail_msg("%s: column %u: %s", line, err.column, err.text);
	assert_string_equal(rule.r.text, line);
}

static void bad(const char *line, unsigned int column, const char *text)
{
	if (!parse(line))
		fail_msg("accepted: %s", line);
	if (err.column != column || strcmp(err.text, text))
		fail_msg("%s: got column %u: %s", line, err.column, err.text);
}

static void the_third(void **state)
{
	(void)state;
	good(THIRD);
	assert_int_equal(rule.r.op, NOVA_OP_RPC_GSP_RM_CONTROL);
	assert_int_equal(rule.r.cmd, 0x20801120);
	assert_int_equal(rule.r.phase, NOVA_RPC_SUBMIT);
	assert_int_equal(rule.r.nth, 3);
	assert_int_equal(rule.r.times, 1);
	assert_int_equal(rule.r.action, NOVA_RPC_FAIL);
	assert_string_equal(nova_status_name(rule.r.arg), "NV_ERR_BUSY_RETRY");
	assert_int_equal(rule.r.gfid, NOVA_INJECT_ANY);
	assert_int_equal(rule.r.ppm, NOVA_INJECT_PPM_ALL);
	assert_int_equal(rule.r.size_max, U32_MAX);
	assert_true(rule.r.until_ns == U64_MAX);
	assert_false(rule.firmware);
}

static void matches(void **state)
{
	(void)state;
	good("event=RC_TRIGGERED gfid=5 field:chid=7 action=drop times=2");
	assert_int_equal(rule.r.phase, NOVA_RPC_EVENT);
	assert_int_equal(rule.r.gfid, 5);
	assert_int_equal(rule.r.conds[0].field, NOVA_RC_TRIGGERED_CHID);
	assert_int_equal(rule.r.conds[0].val, 7);
	good(MANY);
	assert_int_equal(rule.r.op, NOVA_OP_RPC_GSP_RM_CONTROL);
	assert_int_equal(rule.r.size_min, 17);
	assert_int_equal(rule.r.size_max, 127);
	assert_int_equal(rule.r.conds[0].cmp, NOVA_INJECT_AND);
	assert_int_equal(rule.r.from_ns, 11000);
	assert_int_equal(rule.r.until_ns, 1011000);
	assert_int_equal(rule.r.arg, ETIMEDOUT);
	assert_int_equal(rule.r.times, 0);
	assert_int_equal(rule.r.once_field, NOVA_CONTROL_OBJECT);
	good("function=76 action=delay time=500ms");
	assert_int_equal(rule.r.op, NOVA_OP_RPC_GSP_RM_CONTROL);
	assert_int_equal(rule.r.arg, 500000000);
	good("action=late");
	assert_int_equal(rule.r.op, NOVA_INJECT_ANY);
	assert_int_equal(rule.r.phase, NOVA_RPC_REPLY);
	assert_int_equal(rule.r.arg, 9600000000ULL);
	good("function=FREE action=reorder count=64");
	good("function=FREE action=hold");
	good("function=FREE action=truncate bytes=4 phase=reply");
	good("\taction=duplicate  ");
}

static void payloads(void **state)
{
	const struct nova_abi *abi = nova_abi_find("570.144");
	u64 val;

	(void)state;
	good("cmd=1 action=corrupt set=paramsSize:3 xor=status:0x80 bytes=4:0aFF xor=0:1f");
	assert_int_equal(rule.r.nr_edits, 4);
	assert_int_equal(rule.r.edits[0].kind, NOVA_INJECT_SET_FIELD);
	assert_int_equal(rule.r.edits[0].at, NOVA_CONTROL_PARAMS_SIZE);
	good("function=GSP_RM_ALLOC action=event send=RC_TRIGGERED set=chid:9");
	assert_int_equal(rule.r.event_op, NOVA_OP_EVT_RC_TRIGGERED);
	assert_int_equal(rule.r.event_len, nova_msg_size(abi, NOVA_MSG_RC_TRIGGERED));
	assert_int_equal(nova_payload_get(abi, NOVA_OP_EVT_RC_TRIGGERED, 0, NOVA_RC_TRIGGERED_CHID,
					  rule.r.event, rule.r.event_len, &val), 0);
	assert_int_equal(val, 9);
	good("action=firmware fault=next,badsum,2");
	assert_true(rule.firmware);
	assert_string_equal(rule.fault, "next badsum 2");
}

static void refused(void **state)
{
	(void)state;
	bad("nth=3 function=GSP_RM_CONTROLL action=drop", 16,
	    "unknown function 'GSP_RM_CONTROLL'; did you mean GSP_RM_CONTROL?");
	bad("action=fail status=NV_ERR_BUSY_RETRI", 20,
	    "unknown status 'NV_ERR_BUSY_RETRI'; did you mean NV_ERR_BUSY_RETRY?");
	bad("action=fail status=NV_OK", 20, "NV_OK is no failure");
	bad("action=fail status=0x12345", 20, "no status has the number 0x12345");
	bad("action=fail", 1, "action=fail needs status=");
	bad("action=error errno=EAGAIN", 20,
	    "no call ends with 'EAGAIN'; use EIO, ENODEV, EBADMSG, ESHUTDOWN, ETIMEDOUT");
	bad("", 1, "an empty rule; it needs action= at least");
	bad("function=FREE", 1, "a rule needs action=");
	bad("phase=event cmd=0x20801120 action=drop", 1,
	    "this can never match: GSP_RM_CONTROL is a function");
	bad("event=RC_TRIGGERED cmd=1 action=drop", 20,
	    "this can never match: RC_TRIGGERED has no cmd");
	bad("event=RC_TRIGGERED action=fail status=NV_ERR_BUSY_RETRY", 27,
	    "action=fail is not for phase event");
	bad("function=FREE phase=reply action=reorder count=1", 34,
	    "action=reorder is not for phase reply");
	bad("function=FREE field:paramSize=1 action=drop", 21,
	    "unknown field 'paramSize'; the payload has no such field");
	bad("cmd=FIFO_OBJSCHED_GET_STATE field:paramSize=1 action=drop", 35,
	    "unknown field 'paramSize'; did you mean paramsSize?");
	bad("field:chid=1 action=drop", 7, "a field needs a function or an event that has it");
	bad("actoin=drop", 1, "unknown word 'actoin'; did you mean action=?");
	bad("action=drp", 8, "unknown action 'drp'; did you mean drop?");
	bad("action=drop time=3ms", 13, "'time' does not go with this action");
	bad("action=delay time=3", 19,
	    "time: '3' is no time; use a number and ns, us, ms, s, m or h");
	bad("action=drop nth=0", 17, "nth: 0 is out of range; use 1 to 18446744073709551615");
	bad("action=drop nth=1 nth=2", 19, "'nth' is given twice");
	bad("action=drop size<4 size>4", 20, "this can never match: no size fits");
	bad("action=drop for=0s", 13, "this can never match: for=0");
	bad("action=drop gfid=513", 18, "gfid: 513 is out of range; use 0 to 512");
	bad("function=0x99999 action=drop", 10, "release 570.144 has no function 0x99999");
	bad("action=firmware fault=halt nth=2", 28,
	    "a fault of the firmware happens at once; it takes no nth=");
	bad("action=event send=FREE", 19,
	    "unknown event 'FREE'; use a name such as novabpf gsp history shows");
	bad("action=drop once-per=object", 22,
	    "only GSP_RM_CONTROL, GSP_RM_ALLOC, FREE and DUP_OBJECT have an object");
	bad("cmd=1 action=corrupt bytes=4:0", 30,
	    "bytes: use 1 to 8 bytes of two hex digits each");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_third), cmocka_unit_test(matches),
		cmocka_unit_test(payloads), cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
