// SPDX-License-Identifier: GPL-2.0-only
// uses: kmod/gsp/queue/match.c kmod/abi/abi.c kmod/abi/tables.c
/* Which call a reply answers, and that a late one never answers a newer call. */
#include "unit.h"
#include "gsp/queue/match.h"

static struct nova_inflight l;
static int call_a, call_b;

static struct nova_match_key key(u32 function, u32 object)
{
	struct nova_match_key k = { .function = function, .ids = 3, .id = { 1, object, 7 } };

	return k;
}

static void echo_matches_by_sequence(void **state)
{
	struct nova_match_key k = key(76, 5), other = key(103, 5);
	struct nova_inflight_entry *a, *b;
	bool late;

	(void)state;
	nova_inflight_init(&l, true);
	a = nova_inflight_add(&l, &k, 10, 1, &call_a);
	/* The same identity may be under way twice. */
	assert_false(nova_inflight_blocked(&l, &k, &late));
	b = nova_inflight_add(&l, &k, 11, 2, &call_b);
	assert_ptr_equal(nova_inflight_find(&l, &k, 11), b);
	assert_ptr_equal(nova_inflight_find(&l, &k, 10), a);
	assert_null(nova_inflight_find(&l, &k, 12));
	assert_null(nova_inflight_find(&l, &other, 10));
}

static void echo_tells_late_from_new(void **state)
{
	struct nova_match_key k = key(76, 5);
	struct nova_inflight_entry *a, *b;

	(void)state;
	nova_inflight_init(&l, true);
	a = nova_inflight_add(&l, &k, 10, 1, &call_a);
	nova_inflight_abandon(&l, a, 100);
	b = nova_inflight_add(&l, &k, 11, 2, &call_b);
	assert_ptr_equal(nova_inflight_find(&l, &k, 10), a);
	assert_null(a->call);
	assert_int_equal(a->call_id, 1);
	assert_ptr_equal(nova_inflight_find(&l, &k, 11)->call, &call_b);
	nova_inflight_answered(&l, b);
	assert_int_equal(l.live, 0);
	assert_int_equal(l.late, 1);
}

static void echo_refuses_another_identity(void **state)
{
	struct nova_match_key k = key(76, 5), wrong = key(76, 6), none = { .function = 76 };

	(void)state;
	nova_inflight_init(&l, true);
	nova_inflight_add(&l, &k, 10, 1, &call_a);
	assert_null(nova_inflight_find(&l, &wrong, 10));
	/* A reply too short to repeat the handles is known by its number. */
	assert_non_null(nova_inflight_find(&l, &none, 10));
}

static void late_reply_blocks_same_identity(void **state)
{
	struct nova_match_key k = key(76, 5), other = key(76, 6);
	struct nova_inflight_entry *a, *e;
	bool late = false;

	(void)state;
	nova_inflight_init(&l, false);
	a = nova_inflight_add(&l, &k, 0, 1, &call_a);
	assert_true(nova_inflight_blocked(&l, &k, &late));
	assert_false(late);
	nova_inflight_abandon(&l, a, 100);
	assert_true(nova_inflight_blocked(&l, &k, &late));
	assert_true(late);
	assert_false(nova_inflight_blocked(&l, &other, &late));
	/* The late reply ends the late entry and frees the identity. */
	e = nova_inflight_find(&l, &k, 0);
	assert_ptr_equal(e, a);
	assert_null(e->call);
	nova_inflight_answered(&l, e);
	assert_false(nova_inflight_blocked(&l, &k, &late));
}

static void late_entry_needs_a_later_answer_and_time(void **state)
{
	struct nova_match_key k = key(76, 5), other = key(76, 6), third = key(76, 7);
	struct nova_inflight_entry *a, *b, *c;
	bool late;
	u64 next;

	(void)state;
	nova_inflight_init(&l, false);
	c = nova_inflight_add(&l, &third, 0, 3, &call_b);
	a = nova_inflight_add(&l, &k, 0, 1, &call_a);
	nova_inflight_abandon(&l, a, 100);
	assert_int_equal(nova_inflight_expire(&l, 1000, &next), 0);
	assert_int_equal(next, UINT64_MAX);
	/* The answer to an earlier call proves nothing. */
	nova_inflight_answered(&l, c);
	assert_int_equal(nova_inflight_expire(&l, 1000, &next), 0);
	b = nova_inflight_add(&l, &other, 0, 2, &call_b);
	nova_inflight_answered(&l, b);
	assert_int_equal(nova_inflight_expire(&l, 99, &next), 0);
	assert_int_equal(next, 100);
	assert_int_equal(nova_inflight_expire(&l, 100, &next), 1);
	assert_false(nova_inflight_blocked(&l, &k, &late));
}

static void reply_without_identity(void **state)
{
	struct nova_match_key k = key(76, 5), other = key(76, 6), none = { .function = 76 };
	struct nova_inflight_entry *a;

	(void)state;
	nova_inflight_init(&l, false);
	a = nova_inflight_add(&l, &k, 0, 1, &call_a);
	assert_ptr_equal(nova_inflight_find(&l, &none, 0), a);
	nova_inflight_add(&l, &other, 0, 2, &call_b);
	assert_null(nova_inflight_find(&l, &none, 0));
}

static void full_table(void **state)
{
	struct nova_inflight_entry *e;
	struct nova_match_key k;
	u32 i;

	(void)state;
	nova_inflight_init(&l, true);
	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		k = key(76, i);
		e = nova_inflight_add(&l, &k, i, i, &call_a);
		assert_non_null(e);
		if (i == 3 || i == 5)
			nova_inflight_abandon(&l, e, 100);
	}
	/* The oldest late entry makes room, then the next, then nothing does. */
	k = key(76, 1000);
	assert_non_null(nova_inflight_add(&l, &k, 1000, 1000, &call_a));
	k = key(76, 3);
	assert_null(nova_inflight_find(&l, &k, 3));
	assert_non_null(nova_inflight_add(&l, &k, 1001, 1001, &call_a));
	assert_null(nova_inflight_add(&l, &k, 1002, 1002, &call_a));
	assert_int_equal(l.live, NOVA_INFLIGHT_MAX);
	assert_int_equal(l.late, 0);
}

static void keys_follow_the_layout(void **state)
{
	static const char * const releases[] = UNIT_RELEASES;
	struct nova_match_key k;
	u8 buf[64];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		const struct nova_abi *abi = nova_abi_find(releases[i]);

		memset(buf, 0, sizeof(buf));
		assert_int_equal(nova_field_put(abi, NOVA_CONTROL_CLIENT, buf, 64, 0xc1), 0);
		assert_int_equal(nova_field_put(abi, NOVA_CONTROL_OBJECT, buf, 64, 0xd1), 0);
		assert_int_equal(nova_field_put(abi, NOVA_CONTROL_CMD, buf, 64, 0x20801120), 0);
		nova_match_key_of(abi, 76, buf, 64, &k);
		assert_int_equal(k.ids, 3);
		assert_int_equal(k.id[0], 0xc1);
		assert_int_equal(k.id[1], 0xd1);
		assert_int_equal(k.id[2], 0x20801120);
		nova_match_key_of(abi, 76, buf, 11, &k);
		assert_int_equal(k.ids, 0);
		nova_match_key_of(abi, 65, buf, 64, &k);
		assert_int_equal(k.ids, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_matches_by_sequence),
		cmocka_unit_test(echo_tells_late_from_new),
		cmocka_unit_test(echo_refuses_another_identity),
		cmocka_unit_test(late_reply_blocks_same_identity),
		cmocka_unit_test(late_entry_needs_a_later_answer_and_time),
		cmocka_unit_test(reply_without_identity),
		cmocka_unit_test(full_table),
		cmocka_unit_test(keys_follow_the_layout),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
