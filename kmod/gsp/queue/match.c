// SPDX-License-Identifier: GPL-2.0-only
/*
 * The in-flight table. Pure; the caller serialises.
 */
#include "match.h"

void nova_inflight_init(struct nova_inflight *t, bool echo)
{
	memset(t, 0, sizeof(*t));
	t->echo = echo;
}

void nova_match_key_of(const struct nova_abi *abi, u32 function, const void *payload,
		       u32 len, struct nova_match_key *key)
{
	static const struct {
		enum nova_op op;
		enum nova_field field[3];
		u32 ids;
	} repeats[] = {
		{ NOVA_OP_RPC_GSP_RM_CONTROL,
		  { NOVA_CONTROL_CLIENT, NOVA_CONTROL_OBJECT, NOVA_CONTROL_CMD }, 3 },
		{ NOVA_OP_RPC_GSP_RM_ALLOC,
		  { NOVA_ALLOC_CLIENT, NOVA_ALLOC_OBJECT, NOVA_ALLOC_CLASS }, 3 },
		{ NOVA_OP_RPC_FREE, { NOVA_FREE_ROOT, NOVA_FREE_OBJECT_OLD }, 2 },
		{ NOVA_OP_RPC_DUP_OBJECT,
		  { NOVA_DUP_OBJECT_CLIENT, NOVA_DUP_OBJECT_OBJECT }, 2 },
	};
	enum nova_op op = nova_op_of(abi, function);
	u32 i, k;
	u64 v;

	memset(key, 0, sizeof(*key));
	key->function = function;
	for (i = 0; i < ARRAY_SIZE(repeats); i++) {
		if (repeats[i].op != op)
			continue;
		for (k = 0; k < repeats[i].ids; k++) {
			if (nova_field_get(abi, repeats[i].field[k], payload, len, &v))
				return;
			key->id[k] = v;
		}
		key->ids = k;
		return;
	}
}

static bool match_same(const struct nova_match_key *a, const struct nova_match_key *b)
{
	return a->function == b->function && a->ids == b->ids &&
	       !memcmp(a->id, b->id, sizeof(a->id));
}

bool nova_inflight_blocked(const struct nova_inflight *t, const struct nova_match_key *key,
			   bool *late)
{
	u32 i;

	if (t->echo || !(t->live + t->late))
		return false;
	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		if (t->e[i].state != NOVA_INFLIGHT_FREE && match_same(&t->e[i].key, key)) {
			*late = t->e[i].state == NOVA_INFLIGHT_LATE;
			return true;
		}
	}
	return false;
}

static void match_release(struct nova_inflight *t, struct nova_inflight_entry *e)
{
	if (e->state == NOVA_INFLIGHT_LIVE)
		t->live--;
	else if (e->state == NOVA_INFLIGHT_LATE)
		t->late--;
	memset(e, 0, sizeof(*e));
}

struct nova_inflight_entry *
nova_inflight_add(struct nova_inflight *t, const struct nova_match_key *key, u32 seq,
		  u64 call_id, void *call)
{
	struct nova_inflight_entry *e = NULL;
	u32 i;

	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		if (t->e[i].state == NOVA_INFLIGHT_FREE) {
			e = &t->e[i];
			break;
		}
		/*
		 * With echoed numbers a late entry only serves reports: the
		 * oldest makes room.
		 */
		if (t->echo && t->e[i].state == NOVA_INFLIGHT_LATE &&
		    (!e || t->e[i].order < e->order))
			e = &t->e[i];
	}
	if (!e)
		return NULL;
	match_release(t, e);
	e->state = NOVA_INFLIGHT_LIVE;
	e->key = *key;
	e->seq = seq;
	e->order = t->orders++;
	e->call_id = call_id;
	e->call = call;
	t->live++;
	return e;
}

struct nova_inflight_entry *
nova_inflight_find(struct nova_inflight *t, const struct nova_match_key *key, u32 seq)
{
	struct nova_inflight_entry *only = NULL;
	u32 i, n = 0;

	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		struct nova_inflight_entry *e = &t->e[i];

		if (e->state == NOVA_INFLIGHT_FREE || e->key.function != key->function)
			continue;
		if (t->echo) {
			if (e->seq == seq && (!key->ids || match_same(&e->key, key)))
				return e;
			continue;
		}
		if (match_same(&e->key, key))
			return e;
		only = e;
		n++;
	}
	/* Accept a reply without identity only if a single RPC can match it. */
	return !key->ids && n == 1 ? only : NULL;
}

void nova_inflight_answered(struct nova_inflight *t, struct nova_inflight_entry *e)
{
	u64 order = e->order;
	u32 i;

	match_release(t, e);
	for (i = 0; t->late && i < NOVA_INFLIGHT_MAX; i++)
		if (t->e[i].state == NOVA_INFLIGHT_LATE && t->e[i].order < order)
			t->e[i].later_answered = true;
}

void nova_inflight_abandon(struct nova_inflight *t, struct nova_inflight_entry *e, u64 until_ns)
{
	e->state = NOVA_INFLIGHT_LATE;
	e->later_answered = false;
	e->late_until_ns = until_ns;
	e->call = NULL;
	t->live--;
	t->late++;
}

void nova_inflight_drop(struct nova_inflight *t, struct nova_inflight_entry *e)
{
	match_release(t, e);
}

u32 nova_inflight_expire(struct nova_inflight *t, u64 now_ns, u64 *next_ns)
{
	u32 i, n = 0;

	*next_ns = U64_MAX;
	for (i = 0; t->late && i < NOVA_INFLIGHT_MAX; i++) {
		struct nova_inflight_entry *e = &t->e[i];

		if (e->state != NOVA_INFLIGHT_LATE || !(t->echo || e->later_answered))
			continue;
		if (now_ns >= e->late_until_ns) {
			match_release(t, e);
			n++;
		} else if (e->late_until_ns < *next_ns) {
			*next_ns = e->late_until_ns;
		}
	}
	return n;
}
