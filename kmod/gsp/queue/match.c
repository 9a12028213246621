// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matching replies with calls. Pure; the caller serialises.
 */
#include "match.h"

void nova_ledger_init(struct nova_ledger *l, bool echo)
{
	memset(l, 0, sizeof(*l));
	l->echo = echo;
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

bool nova_ledger_blocked(const struct nova_ledger *l, const struct nova_match_key *key,
			 bool *owed)
{
	u32 i;

	if (l->echo || !(l->live + l->owed))
		return false;
	for (i = 0; i < NOVA_LEDGER_MAX; i++) {
		if (l->e[i].state != NOVA_LEDGER_FREE && match_same(&l->e[i].key, key)) {
			*owed = l->e[i].state == NOVA_LEDGER_OWED;
			return true;
		}
	}
	return false;
}

static void match_release(struct nova_ledger *l, struct nova_ledger_entry *e)
{
	if (e->state == NOVA_LEDGER_LIVE)
		l->live--;
	else if (e->state == NOVA_LEDGER_OWED)
		l->owed--;
	memset(e, 0, sizeof(*e));
}

struct nova_ledger_entry *nova_ledger_add(struct nova_ledger *l, const struct nova_match_key *key,
					  u32 seq, u64 call_id, void *call)
{
	struct nova_ledger_entry *e = NULL;
	u32 i;

	for (i = 0; i < NOVA_LEDGER_MAX; i++) {
		if (l->e[i].state == NOVA_LEDGER_FREE) {
			e = &l->e[i];
			break;
		}
		/*
		 * With echoed numbers a debt is only remembered for reports:
		 * the oldest may make room.
		 */
		if (l->echo && l->e[i].state == NOVA_LEDGER_OWED &&
		    (!e || l->e[i].order < e->order))
			e = &l->e[i];
	}
	if (!e)
		return NULL;
	match_release(l, e);
	e->state = NOVA_LEDGER_LIVE;
	e->key = *key;
	e->seq = seq;
	e->order = l->orders++;
	e->call_id = call_id;
	e->call = call;
	l->live++;
	return e;
}

struct nova_ledger_entry *nova_ledger_find(struct nova_ledger *l, const struct nova_match_key *key,
					   u32 seq)
{
	struct nova_ledger_entry *only = NULL;
	u32 i, n = 0;

	for (i = 0; i < NOVA_LEDGER_MAX; i++) {
		struct nova_ledger_entry *e = &l->e[i];

		if (e->state == NOVA_LEDGER_FREE || e->key.function != key->function)
			continue;
		if (l->echo) {
			if (e->seq == seq && (!key->ids || match_same(&e->key, key)))
				return e;
			continue;
		}
		if (match_same(&e->key, key))
			return e;
		only = e;
		n++;
	}
	/* A reply without identity is believed only where it can be but one call's. */
	return !key->ids && n == 1 ? only : NULL;
}

void nova_ledger_answered(struct nova_ledger *l, struct nova_ledger_entry *e)
{
	u64 order = e->order;
	u32 i;

	match_release(l, e);
	for (i = 0; l->owed && i < NOVA_LEDGER_MAX; i++)
		if (l->e[i].state == NOVA_LEDGER_OWED && l->e[i].order < order)
			l->e[i].overtaken = true;
}

void nova_ledger_owe(struct nova_ledger *l, struct nova_ledger_entry *e, u64 until_ns)
{
	e->state = NOVA_LEDGER_OWED;
	e->overtaken = false;
	e->owed_until_ns = until_ns;
	e->call = NULL;
	l->live--;
	l->owed++;
}

void nova_ledger_drop(struct nova_ledger *l, struct nova_ledger_entry *e)
{
	match_release(l, e);
}

u32 nova_ledger_expire(struct nova_ledger *l, u64 now_ns, u64 *next_ns)
{
	u32 i, n = 0;

	*next_ns = U64_MAX;
	for (i = 0; l->owed && i < NOVA_LEDGER_MAX; i++) {
		struct nova_ledger_entry *e = &l->e[i];

		if (e->state != NOVA_LEDGER_OWED || !(l->echo || e->overtaken))
			continue;
		if (now_ns >= e->owed_until_ns) {
			match_release(l, e);
			n++;
		} else if (e->owed_until_ns < *next_ns) {
			*next_ns = e->owed_until_ns;
		}
	}
	return n;
}
