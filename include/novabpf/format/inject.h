/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection by rules: contents of the maps of bpf/rpc/inject.bpf.c, for the program
 * and the tool. No stable ABI: both come from the same source.
 */
#ifndef NOVABPF_INJECT_H
#define NOVABPF_INJECT_H

#ifndef __bpf__
#include <linux/types.h>
#endif
#include <uapi/novabpf.h>

#define NOVA_INJECT_RULES	1024
#define NOVA_INJECT_CONDS	4
#define NOVA_INJECT_EDITS	4
#define NOVA_INJECT_TEXT	256
#define NOVA_INJECT_KEYS	65536
/* Any gfid; in a key: any operation, any control. */
#define NOVA_INJECT_ANY		0xffffffffU
#define NOVA_INJECT_PPM_ALL	1000000

enum nova_inject_cmp {
	NOVA_INJECT_EQ = 0,
	NOVA_INJECT_LT = 1,
	NOVA_INJECT_GT = 2,
	NOVA_INJECT_AND = 3,	/* some of these bits are set */
};

enum nova_inject_edit_kind {
	NOVA_INJECT_SET_FIELD = 0,
	NOVA_INJECT_XOR_FIELD = 1,
	NOVA_INJECT_SET_BYTES = 2,
	NOVA_INJECT_XOR_BYTES = 3,
};

enum nova_inject_once_per {
	NOVA_INJECT_ALWAYS = 0,
	NOVA_INJECT_ONCE_GFID = 1,
	NOVA_INJECT_ONCE_CMD = 2,
	NOVA_INJECT_ONCE_FUNCTION = 3,
	NOVA_INJECT_ONCE_OBJECT = 4,
};

/* Condition on a field, enum nova_field. */
struct nova_inject_cond {
	__u32 field;
	__u32 cmp;
	__u64 val;
};

/* Change of a field, or of up to 8 bytes; the first byte is the lowest of @val. */
struct nova_inject_edit {
	__u32 kind;
	__u32 at;	/* field, or offset */
	__u32 len;	/* bytes */
	__u32 reserved;
	__u64 val;
};

/**
 * struct nova_inject_rule - a rule
 * @id: counts up from 1; 0: there is no rule here
 * @next: place of the next rule with the same key, plus 1; 0: none
 * @phase: enum nova_rpc_phase
 * @op: operation, or NOVA_INJECT_ANY
 * @cmd: control number or class, or NOVA_INJECT_ANY
 * @gfid: vGPU, 0 for the host, or NOVA_INJECT_ANY
 * @size_min: payload of so many bytes at least
 * @size_max: and at most
 * @nr_conds: of @conds; all must hold
 * @nr_edits: of @edits
 * @ppm: probability in millionths
 * @once: enum nova_inject_once_per
 * @once_field: field that tells objects apart
 * @action: enum nova_rpc_action
 * @event_op: event to make up
 * @nth: only this one, or the first one of @every; 0: the first
 * @every: each so manieth from @nth on; 0: @nth alone, or all where that is 0
 * @times: so often at most; 0: no limit
 * @seed: of its random numbers
 * @from_ns: not before (GPU clock)
 * @until_ns: and before
 * @arg: of the action
 * @conds: on fields
 * @edits: of the payload
 * @event_len: bytes of @event
 * @event: payload of the event
 * @text: the rule as it was written
 */
struct nova_inject_rule {
	__u32 id;
	__u32 next;
	__u32 phase;
	__u32 op;
	__u32 cmd;
	__u32 gfid;
	__u32 size_min;
	__u32 size_max;
	__u32 nr_conds;
	__u32 nr_edits;
	__u32 ppm;
	__u32 once;
	__u32 once_field;
	__u32 action;
	__u32 event_op;
	__u32 event_len;
	__u64 nth;
	__u64 every;
	__u64 times;
	__u64 seed;
	__u64 from_ns;
	__u64 until_ns;
	__u64 arg;
	struct nova_inject_cond conds[NOVA_INJECT_CONDS];
	struct nova_inject_edit edits[NOVA_INJECT_EDITS];
	__u8 event[NOVA_RPC_CHUNK_MAX];
	char text[NOVA_INJECT_TEXT];
};

/**
 * struct nova_inject_state - what became of a rule
 * @seen: RPCs and events that match it, at its turn or not
 * @taken: of its budget @times
 * @hits: done
 * @suppressed: its turn, and not done: budget used up, refused or suppressed
 */
struct nova_inject_state {
	__u64 seen;
	__u64 taken;
	__u64 hits;
	__u64 suppressed;
};

/* Key of a chain of rules; each member from @op on may be NOVA_INJECT_ANY. */
struct nova_inject_key {
	__u32 phase;
	__u32 op;
	__u32 cmd;
	__u32 gfid;
};

/*
 * Kinds of keys, by the members that are set. An RPC costs a lookup for each kind that has
 * rules.
 */
enum nova_inject_kind {
	NOVA_INJECT_CMD_GFID = 0,
	NOVA_INJECT_CMD = 1,
	NOVA_INJECT_OP_GFID = 2,
	NOVA_INJECT_OP = 3,
	NOVA_INJECT_GFID = 4,
	NOVA_INJECT_ALL = 5,
	NOVA_INJECT_KINDS
};

/* Number of rules of each kind. */
struct nova_inject_count {
	__u32 nr[NOVA_RPC_PHASES][NOVA_INJECT_KINDS];
};

/* Mark of a rule that acts once: @id, and what it has met. */
struct nova_inject_once {
	__u32 id;
	__u32 reserved;
	__u64 what;
};

#endif /* NOVABPF_INJECT_H */
