/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which call does a reply answer? Pure.
 *
 * Releases that echo the RPC sequence number say so themselves. The others do
 * not, and a reply to a call that timed out may still come: there, of calls
 * with the same identity (function, and the handles and command that replies
 * repeat) only one is on its way at a time, and while a reply to a timed-out
 * call is owed no newer call of that identity is sent. So a late reply can
 * never be taken for the answer to a newer call.
 *
 * A debt ends when its reply comes; or, since the firmware answers in order,
 * when a call sent later was answered and a grace time has passed since.
 */
#ifndef NOVABPF_GSP_MATCH_H
#define NOVABPF_GSP_MATCH_H

#include <novabpf/driver/abi.h>

#define NOVA_LEDGER_MAX		128

/**
 * struct nova_match_key - identity of a call as its reply repeats it
 * @function: function number
 * @ids: how many of @id are set; 0 where replies repeat nothing (or are too
 *	short to)
 * @id: handles, command, class
 */
struct nova_match_key {
	u32 function;
	u32 ids;
	u32 id[3];
};

enum nova_ledger_state {
	NOVA_LEDGER_FREE,
	NOVA_LEDGER_LIVE,
	NOVA_LEDGER_OWED,
};

/**
 * struct nova_ledger_entry - one call that GSP may still answer
 * @state: live (somebody waits) or owed (timed out)
 * @overtaken: owed: a call sent later has been answered
 * @seq: RPC sequence number
 * @order: position in the order of sending
 * @call_id: for reports on late replies
 * @owed_until_ns: owed: earliest time at which the debt may be forgotten
 * @key: identity
 * @call: the caller's, while live
 */
struct nova_ledger_entry {
	u8 state;
	bool overtaken;
	u32 seq;
	u64 order;
	u64 call_id;
	u64 owed_until_ns;
	struct nova_match_key key;
	void *call;
};

/**
 * struct nova_ledger - all of them
 * @echo: the release echoes the sequence number
 * @live: number of live entries
 * @owed: number of owed entries
 * @orders: counts sends
 * @e: entries
 */
struct nova_ledger {
	bool echo;
	u32 live;
	u32 owed;
	u64 orders;
	struct nova_ledger_entry e[NOVA_LEDGER_MAX];
};

void nova_ledger_init(struct nova_ledger *l, bool echo);

/**
 * nova_match_key_of() - identity of a message
 * @abi: release
 * @function: function number
 * @payload: payload of request or reply
 * @len: bytes
 * @key: filled in
 */
void nova_match_key_of(const struct nova_abi *abi, u32 function, const void *payload,
		       u32 len, struct nova_match_key *key);

/**
 * nova_ledger_blocked() - must a call wait for an earlier one of its identity?
 * @l: ledger
 * @key: identity
 * @owed: set to whether it is a debt (not a live call) that blocks
 *
 * Return: whether it must.
 */
bool nova_ledger_blocked(const struct nova_ledger *l, const struct nova_match_key *key,
			 bool *owed);

/**
 * nova_ledger_add() - a call is being sent
 * @l: ledger
 * @key: identity
 * @seq: its RPC sequence number
 * @call_id: see struct nova_ledger_entry
 * @call: handed back by nova_ledger_find(); not NULL
 *
 * Return: its entry, or NULL where the ledger is full.
 */
struct nova_ledger_entry *nova_ledger_add(struct nova_ledger *l, const struct nova_match_key *key,
					  u32 seq, u64 call_id, void *call);

/**
 * nova_ledger_find() - whose reply is this?
 * @l: ledger
 * @key: identity of the reply
 * @seq: its RPC sequence number
 *
 * Return: the entry, live or owed, or NULL.
 */
struct nova_ledger_entry *nova_ledger_find(struct nova_ledger *l, const struct nova_match_key *key,
					   u32 seq);

/**
 * nova_ledger_answered() - its reply has come: forget the entry
 * @l: ledger
 * @e: from nova_ledger_find()
 */
void nova_ledger_answered(struct nova_ledger *l, struct nova_ledger_entry *e);

/**
 * nova_ledger_owe() - nobody waits any more, but the reply may still come
 * @l: ledger
 * @e: live entry
 * @until_ns: earliest time at which the debt may be forgotten
 */
void nova_ledger_owe(struct nova_ledger *l, struct nova_ledger_entry *e, u64 until_ns);

/**
 * nova_ledger_drop() - the call ended in a way that leaves no reply to come
 * @l: ledger
 * @e: entry
 */
void nova_ledger_drop(struct nova_ledger *l, struct nova_ledger_entry *e);

/**
 * nova_ledger_expire() - forget debts that may be forgotten
 * @l: ledger
 * @now_ns: time
 * @next_ns: set to when to come back, U64_MAX where there is nothing to expire
 *
 * Return: number of debts forgotten.
 */
u32 nova_ledger_expire(struct nova_ledger *l, u64 now_ns, u64 *next_ns);

#endif /* NOVABPF_GSP_MATCH_H */
