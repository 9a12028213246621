// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/hook/verdict.c kmod/gsp/hook/payload.c kmod/abi/abi.c kmod/abi/tables.c
/* What hooks may ask for, and where the fields of a payload are. */
#include "unit.h"
#include "gsp/hook/payload.h"
#include "gsp/hook/verdict.h"

static struct nova_verdict_env env(u32 phase)
{
	return (struct nova_verdict_env) {
		.phase = phase,
		.may_inject = true,
		.allowed = true,
		.answered = true,
		.budget = 1,
		.len = 100,
	};
}

static u32 asked(u32 action, u64 arg, const struct nova_verdict_env *e, u64 *done)
{
	struct nova_verdict v = { .asked = action, .arg = arg };
	bool go = nova_verdict_check(&v, e);

	assert_int_equal(go, v.applied == NOVA_RPC_APPLIED || v.applied == NOVA_RPC_CLIPPED);
	if (done)
		*done = v.done;
	return v.applied;
}

/* Which action is for which phase; an argument that fits each. */
static void phases(void **state)
{
	static const struct {
		u32 action, arg;
		const char *where;	/* submit, reply, event */
	} all[] = {
		{ NOVA_RPC_PASS, 0, "..." },
		{ NOVA_RPC_DENY, EPERM, "s.." },
		{ NOVA_RPC_THROTTLE, 1, "s.." },
		{ NOVA_RPC_FAIL, 3, "sr." },
		{ NOVA_RPC_ERROR, EIO, "sr." },
		{ NOVA_RPC_DROP, 0, "sre" },
		{ NOVA_RPC_DELAY, 1, "sre" },
		{ NOVA_RPC_HOLD, 1, "sre" },
		{ NOVA_RPC_DUPLICATE, 0, "s.e" },
		{ NOVA_RPC_REORDER, 1, "s.." },
		{ NOVA_RPC_TRUNCATE, 1, "sre" },
		{ NOVA_RPC_REWRITE, 0, "sre" },
		{ NOVA_RPC_SEND_EVENT, 0, "sre" },
	};
	struct nova_verdict_env e;
	u32 i, phase;

	(void)state;
	assert_int_equal(ARRAY_SIZE(all), NOVA_RPC_ACTIONS);
	for (i = 0; i < ARRAY_SIZE(all); i++)
		for (phase = 0; phase < NOVA_RPC_PHASES; phase++) {
			e = env(phase);
			assert_int_equal(asked(all[i].action, all[i].arg, &e, NULL),
					 all[i].where[phase] == '.' ? NOVA_RPC_REFUSED_PHASE :
					 NOVA_RPC_APPLIED);
		}
	e = env(NOVA_RPC_PHASES);
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_REFUSED_PHASE);
	e = env(NOVA_RPC_SUBMIT);
	assert_int_equal(asked(NOVA_RPC_ACTIONS, 0, &e, NULL), NOVA_RPC_REFUSED_PHASE);
	assert_int_equal(asked(U32_MAX, 0, &e, NULL), NOVA_RPC_REFUSED_PHASE);
	/* A call that was not answered has no reply to break. */
	e = env(NOVA_RPC_REPLY);
	e.answered = false;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_REFUSED_PHASE);
	assert_int_equal(asked(NOVA_RPC_SEND_EVENT, 0, &e, NULL), NOVA_RPC_APPLIED);
	/* Before it is sent no call is answered. */
	e = env(NOVA_RPC_SUBMIT);
	e.answered = false;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_APPLIED);
}

static void arguments(void **state)
{
	static const int errors[] = { EIO, ENODEV, EBADMSG, ESHUTDOWN, ETIMEDOUT };
	struct nova_verdict_env e = env(NOVA_RPC_SUBMIT);
	u64 done;
	u32 i;

	(void)state;
	assert_int_equal(asked(NOVA_RPC_DENY, 0, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_DENY, 4096, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_FAIL, 0, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_FAIL, 0x7777, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_FAIL, 1ull << 32 | 3, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_ERROR, EPERM, &e, &done), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(done, 0);
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		assert_int_equal(asked(NOVA_RPC_ERROR, errors[i], &e, &done), NOVA_RPC_APPLIED);
		assert_int_equal(done, errors[i]);
	}
	assert_int_equal(asked(NOVA_RPC_TRUNCATE, 100, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_TRUNCATE, 99, &e, NULL), NOVA_RPC_APPLIED);
	assert_int_equal(asked(NOVA_RPC_DELAY, 0, &e, NULL), NOVA_RPC_REFUSED_ARG);
	assert_int_equal(asked(NOVA_RPC_DELAY, U64_MAX, &e, &done), NOVA_RPC_CLIPPED);
	assert_int_equal(done, NOVA_RPC_DELAY_MAX_NS);
	assert_int_equal(asked(NOVA_RPC_HOLD, 0, &e, &done), NOVA_RPC_APPLIED);
	assert_int_equal(done, NOVA_RPC_DELAY_MAX_NS);
	assert_int_equal(asked(NOVA_RPC_HOLD, U64_MAX, &e, &done), NOVA_RPC_CLIPPED);
	assert_int_equal(done, NOVA_RPC_DELAY_MAX_NS);
	assert_int_equal(asked(NOVA_RPC_HOLD, 7, &e, &done), NOVA_RPC_APPLIED);
	assert_int_equal(done, 7);
	assert_int_equal(asked(NOVA_RPC_REORDER, 65, &e, &done), NOVA_RPC_CLIPPED);
	assert_int_equal(done, NOVA_RPC_REORDER_MAX);
	/* Throttling is bounded over all hooks together. */
	e.throttled_ns = NOVA_RPC_THROTTLE_MAX_NS - 5;
	assert_int_equal(asked(NOVA_RPC_THROTTLE, 6, &e, &done), NOVA_RPC_CLIPPED);
	assert_int_equal(done, 5);
	e.throttled_ns = U64_MAX;
	assert_int_equal(asked(NOVA_RPC_THROTTLE, 6, &e, &done), NOVA_RPC_CLIPPED);
	assert_int_equal(done, 0);
}

static void allowed(void **state)
{
	struct nova_verdict_env e = env(NOVA_RPC_SUBMIT);

	(void)state;
	e.may_inject = false;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_REFUSED_FLAG);
	/* A wrong argument is told first. */
	assert_int_equal(asked(NOVA_RPC_FAIL, 0, &e, NULL), NOVA_RPC_REFUSED_ARG);
	/* Filters need no leave. */
	e.allowed = false;
	e.expired = true;
	e.budget = 0;
	assert_int_equal(asked(NOVA_RPC_DENY, EPERM, &e, NULL), NOVA_RPC_APPLIED);
	assert_int_equal(asked(NOVA_RPC_THROTTLE, 1, &e, NULL), NOVA_RPC_APPLIED);
	e.may_inject = true;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_SUPPRESSED_OFF);
	e.allowed = true;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_SUPPRESSED_EXPIRED);
	e.expired = false;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_SUPPRESSED_BUDGET);
	e.budget = 1;
	e.ended = true;
	assert_int_equal(asked(NOVA_RPC_DROP, 0, &e, NULL), NOVA_RPC_SUPPRESSED_ENDED);
	assert_int_equal(asked(NOVA_RPC_DENY, EPERM, &e, NULL), NOVA_RPC_SUPPRESSED_ENDED);
}

/* One id, whatever the release: of the head and of the parameters behind it. */
static void fields(void **state)
{
	u8 payload[4096];
	u32 i, off, head;
	u64 v;

	(void)state;
	for (i = 0; i < nova_abi_count(); i++) {
		const struct nova_abi *abi = nova_abi_at(i);
		enum nova_op op = NOVA_OP_RPC_GSP_RM_CONTROL;
		const u32 cmd = 0xa06c0103;

		memset(payload, 0, sizeof(payload));
		head = nova_msg_size(abi, NOVA_MSG_CONTROL);
		assert_int_equal(nova_payload_put(abi, op, cmd, NOVA_CONTROL_CMD, payload, head,
						  cmd), 0);
		assert_int_equal(nova_field_get(abi, NOVA_CONTROL_CMD, payload, head, &v), 0);
		assert_int_equal(v, cmd);
		assert_int_equal(nova_payload_put(abi, op, cmd, NOVA_TSG_TIMESLICE_TIMESLICE_US,
						  payload, head + 8, 1234), 0);
		assert_int_equal(nova_payload_get(abi, op, cmd, NOVA_TSG_TIMESLICE_TIMESLICE_US,
						  payload, head + 8, &v), 0);
		assert_int_equal(v, 1234);
		assert_int_equal(nova_payload_at(abi, op, cmd, NOVA_MSG_TSG_TIMESLICE, &off), 0);
		assert_int_equal(off, head);
		/* A payload that is too short, in front of and within the parameters. */
		assert_int_equal(nova_payload_get(abi, op, cmd, NOVA_TSG_TIMESLICE_TIMESLICE_US,
						  payload, head + 7, &v), -EMSGSIZE);
		assert_int_equal(nova_payload_get(abi, op, cmd, NOVA_TSG_TIMESLICE_TIMESLICE_US,
						  payload, head - 1, &v), -EMSGSIZE);
		/* Another control, another function, no field at all. */
		assert_int_equal(nova_payload_get(abi, op, 0x20801120,
						  NOVA_TSG_TIMESLICE_TIMESLICE_US, payload,
						  sizeof(payload), &v), -ENOENT);
		assert_int_equal(nova_payload_get(abi, NOVA_OP_RPC_FREE, 0, NOVA_CONTROL_CMD,
						  payload, sizeof(payload), &v), -ENOENT);
		assert_int_equal(nova_payload_get(abi, op, cmd, (enum nova_field)0xffff, payload,
						  sizeof(payload), &v), -ENOENT);
		assert_int_equal(nova_payload_put(abi, op, cmd, NOVA_TSG_TIMESLICE_TIMESLICE_US,
						  payload, sizeof(payload), U64_MAX),
				 nova_field_put(abi, NOVA_TSG_TIMESLICE_TIMESLICE_US, payload,
						sizeof(payload), U64_MAX));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases),
		cmocka_unit_test(arguments),
		cmocka_unit_test(allowed),
		cmocka_unit_test(fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
