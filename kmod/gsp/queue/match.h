/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The in-flight table: matches replies with requests. Pure.
 *
 * Releases that echo the RPC sequence number match by it. The others match by
 * identity: the function, and the handles and command that a reply repeats. There,
 * only one RPC of an identity is in flight at a time, and no newer one is sent while
 * a late reply to a timed-out one may come. A late reply is therefore never taken
 * for the answer to a newer RPC.
 *
 * A late entry ends when its reply comes. The firmware answers in order, so it also
 * ends when an RPC sent later was answered and a grace time has passed.
 */
#ifndef NOVABPF_GSP_MATCH_H
#define NOVABPF_GSP_MATCH_H

#include <novabpf/driver/abi.h>

#define NOVA_INFLIGHT_MAX		128

/**
 * struct nova_match_key - identity of an RPC as its reply repeats it
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

enum nova_inflight_state {
	NOVA_INFLIGHT_FREE,
	NOVA_INFLIGHT_LIVE,
	NOVA_INFLIGHT_LATE,
};

/**
 * struct nova_inflight_entry - one RPC that GSP may still answer
 * @state: live (a caller waits) or late (timed out, the reply may still come)
 * @later_answered: late: an RPC sent later has been answered
 * @seq: RPC sequence number
 * @order: position in the order of sending
 * @call_id: for reports on late replies
 * @late_until_ns: late: earliest time at which the entry may expire
 * @key: identity
 * @call: pointer of the caller, while live
 */
struct nova_inflight_entry {
	u8 state;
	bool later_answered;
	u32 seq;
	u64 order;
	u64 call_id;
	u64 late_until_ns;
	struct nova_match_key key;
	void *call;
};

/**
 * struct nova_inflight - the in-flight table of one GPU
 * @echo: the release echoes the sequence number
 * @live: number of live entries
 * @late: number of late entries
 * @orders: counts sends
 * @e: entries
 */
struct nova_inflight {
	bool echo;
	u32 live;
	u32 late;
	u64 orders;
	struct nova_inflight_entry e[NOVA_INFLIGHT_MAX];
};

void nova_inflight_init(struct nova_inflight *t, bool echo);

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
 * nova_inflight_blocked() - must an RPC wait for an earlier one of its identity?
 * @t: table
 * @key: identity
 * @late: set to whether a late entry (not a live one) blocks
 *
 * Return: whether it must.
 */
bool nova_inflight_blocked(const struct nova_inflight *t, const struct nova_match_key *key,
			   bool *late);

/**
 * nova_inflight_add() - enter an RPC that is being sent
 * @t: table
 * @key: identity
 * @seq: its RPC sequence number
 * @call_id: see struct nova_inflight_entry
 * @call: handed back by nova_inflight_find(); not NULL
 *
 * Return: its entry, or NULL when the table is full.
 */
struct nova_inflight_entry *
nova_inflight_add(struct nova_inflight *t, const struct nova_match_key *key, u32 seq,
		  u64 call_id, void *call);

/**
 * nova_inflight_find() - find the RPC that a reply answers
 * @t: table
 * @key: identity of the reply
 * @seq: its RPC sequence number
 *
 * Return: the entry, live or late, or NULL.
 */
struct nova_inflight_entry *
nova_inflight_find(struct nova_inflight *t, const struct nova_match_key *key, u32 seq);

/**
 * nova_inflight_answered() - remove an entry whose reply has come
 * @t: table
 * @e: from nova_inflight_find()
 */
void nova_inflight_answered(struct nova_inflight *t, struct nova_inflight_entry *e);

/**
 * nova_inflight_abandon() - turn a live entry into a late one
 * @t: table
 * @e: live entry
 * @until_ns: earliest time at which the entry may expire
 */
void nova_inflight_abandon(struct nova_inflight *t, struct nova_inflight_entry *e, u64 until_ns);

/**
 * nova_inflight_drop() - remove an entry to which no reply will come
 * @t: table
 * @e: entry
 */
void nova_inflight_drop(struct nova_inflight *t, struct nova_inflight_entry *e);

/**
 * nova_inflight_expire() - remove late entries whose time has come
 * @t: table
 * @now_ns: time
 * @next_ns: set to when the next entry expires, U64_MAX if none does
 *
 * Return: number of entries removed.
 */
u32 nova_inflight_expire(struct nova_inflight *t, u64 now_ns, u64 *next_ns);

#endif /* NOVABPF_GSP_MATCH_H */
