// SPDX-License-Identifier: GPL-2.0-only
/*
 * inject: break firmware RPCs and events by rules.
 *
 * The tool writes the rules (novabpf inject, Documentation/injection.rst). Rules of the
 * same phase, operation, control and gfid form a chain, in the order of addition, and a
 * hash finds the chain. So an RPC costs a lookup for each kind of key in use, and the
 * rules of its own chains. Counts and random draws of a rule depend only on the RPCs that
 * match it, so a run repeats.
 */
#include "rpc.bpf.h"
#include <novabpf/format/inject.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NOVA_INJECT_RULES);
	__type(key, u32);
	__type(value, struct nova_inject_rule);
} inject_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NOVA_INJECT_RULES);
	__type(key, u32);
	__type(value, struct nova_inject_state);
} inject_state SEC(".maps");

/* First rule of a key, as its place plus 1. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NOVA_INJECT_RULES);
	__type(key, struct nova_inject_key);
	__type(value, u32);
} inject_index SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct nova_inject_count);
} inject_count SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NOVA_INJECT_KEYS);
	__type(key, struct nova_inject_once);
	__type(value, u32);
} inject_once SEC(".maps");

/*
 * A walk along the rules of one key. Hundreds of rules may test the same field, so its
 * value is cached until a rule acts.
 */
struct walk {
	struct nova_rpc_ctx *rpc;
	u64 val;
	u32 field;	/* of @val, NOVA_INJECT_ANY: none */
	u32 next;
};

/* Return: a number that depends on seed and turn only, not on draws of other rules. */
static __always_inline u64 draw(u64 seed, u64 turn)
{
	u64 x = seed + turn * 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static __always_inline bool holds(const struct nova_inject_cond *c, u64 val)
{
	switch (c->cmp) {
	case NOVA_INJECT_LT:
		return val < c->val;
	case NOVA_INJECT_GT:
		return val > c->val;
	case NOVA_INJECT_AND:
		return val & c->val;
	}
	return val == c->val;
}

static __always_inline bool get_field(struct walk *w, u32 field)
{
	if (w->field == field)
		return true;
	w->field = NOVA_INJECT_ANY;
	if (nova_bpf_rpc_field(w->rpc, field, &w->val))
		return false;
	w->field = field;
	return true;
}

static __noinline bool conds_hold(struct walk *w, const struct nova_inject_rule *r)
{
	u32 i;

	for (i = 0; i < NOVA_INJECT_CONDS; i++) {
		if (i >= r->nr_conds)
			break;
		if (!get_field(w, r->conds[i].field) || !holds(&r->conds[i], w->val))
			return false;
	}
	return true;
}

static __always_inline bool fits(struct walk *w, const struct nova_inject_rule *r)
{
	struct nova_rpc_ctx *rpc = w->rpc;

	if (r->gfid != NOVA_INJECT_ANY && r->gfid != rpc->gfid)
		return false;
	if (rpc->len < r->size_min || rpc->len > r->size_max)
		return false;
	if (rpc->now_ns < r->from_ns || rpc->now_ns >= r->until_ns)
		return false;
	return conds_hold(w, r);
}

/* Return: whether the rule applies at @turn, which counts from 1. */
static __always_inline bool is_turn(const struct nova_inject_rule *r, u64 turn)
{
	u64 first = r->nth ? r->nth : r->every;

	if (r->every) {
		if (turn < first || (turn - first) % r->every)
			return false;
	} else if (r->nth && turn != r->nth) {
		return false;
	}
	return r->ppm >= NOVA_INJECT_PPM_ALL ||
	       draw(r->seed, turn) % NOVA_INJECT_PPM_ALL < r->ppm;
}

static __always_inline bool is_first(struct nova_rpc_ctx *rpc, const struct nova_inject_rule *r)
{
	struct nova_inject_once key = { .id = r->id };
	u64 val = 0;
	u32 one = 1;

	switch (r->once) {
	case NOVA_INJECT_ONCE_GFID:
		key.what = rpc->gfid;
		break;
	case NOVA_INJECT_ONCE_CMD:
		key.what = (u64)rpc->op << 32 | rpc->cmd;
		break;
	case NOVA_INJECT_ONCE_FUNCTION:
		key.what = rpc->op;
		break;
	case NOVA_INJECT_ONCE_OBJECT:
		if (nova_bpf_rpc_field(rpc, r->once_field, &val))
			return false;
		key.what = val;
		break;
	default:
		return true;
	}
	return !bpf_map_update_elem(&inject_once, &key, &one, BPF_NOEXIST);
}

static __always_inline s32 edit_bytes(struct nova_rpc_ctx *rpc, u32 id,
				      const struct nova_inject_edit *e)
{
	u64 val = 0;
	/* Clamp to 1..8 in a form that the verifier understands. */
	u32 len = ((e->len - 1) & (sizeof(val) - 1)) + 1;
	s32 ret;

	if (e->kind == NOVA_INJECT_XOR_BYTES) {
		ret = nova_bpf_rpc_read(rpc, e->at, &val, len);
		if (ret)
			return ret;
	}
	val ^= e->val;
	return nova_bpf_rpc_write(rpc, id, e->at, &val, len);
}

static __always_inline s32 edit_field(struct nova_rpc_ctx *rpc, u32 id,
				      const struct nova_inject_edit *e)
{
	u64 val = 0;
	s32 ret;

	if (e->kind == NOVA_INJECT_XOR_FIELD) {
		ret = nova_bpf_rpc_field(rpc, e->at, &val);
		if (ret)
			return ret;
	}
	return nova_bpf_rpc_put_field(rpc, id, e->at, val ^ e->val);
}

static __noinline s32 edit(struct nova_rpc_ctx *rpc, const struct nova_inject_rule *r)
{
	s32 ret = 0, one;
	u32 i;

	for (i = 0; i < NOVA_INJECT_EDITS; i++) {
		if (i >= r->nr_edits)
			break;
		if (r->edits[i].kind >= NOVA_INJECT_SET_BYTES)
			one = edit_bytes(rpc, r->id, &r->edits[i]);
		else
			one = edit_field(rpc, r->id, &r->edits[i]);
		if (one)
			ret = one;
	}
	return ret;
}

static __always_inline s32 act(struct nova_rpc_ctx *rpc, struct nova_inject_rule *r)
{
	u32 len = ((r->event_len - 1) & (sizeof(r->event) - 1)) + 1;

	switch (r->action) {
	case NOVA_RPC_REWRITE:
		return edit(rpc, r);
	case NOVA_RPC_SEND_EVENT:
		return nova_bpf_rpc_send_event(rpc, r->id, r->event_op, r->event, len);
	}
	return nova_bpf_rpc_act(rpc, r->id, r->action, r->arg);
}

static __always_inline void consider(struct walk *w, struct nova_inject_rule *r, u32 place)
{
	struct nova_inject_state *st;
	u64 turn, taken;

	if (!r->id || !fits(w, r))
		return;
	st = bpf_map_lookup_elem(&inject_state, &place);
	if (!st)
		return;
	turn = __sync_fetch_and_add(&st->seen, 1) + 1;
	if (!is_turn(r, turn) || !is_first(w->rpc, r))
		return;
	w->field = NOVA_INJECT_ANY;
	taken = __sync_fetch_and_add(&st->taken, 1);
	if ((r->times && taken >= r->times) || act(w->rpc, r)) {
		__sync_fetch_and_add(&st->taken, -1);
		__sync_fetch_and_add(&st->suppressed, 1);
		return;
	}
	__sync_fetch_and_add(&st->hits, 1);
}

static long one_rule(u32 i, struct walk *w)
{
	u32 place = w->next - 1;
	struct nova_inject_rule *r;

	r = bpf_map_lookup_elem(&inject_rules, &place);
	if (!r)
		return 1;
	w->next = r->next;
	consider(w, r, place);
	return !w->next;
}

static __always_inline void chain(struct nova_rpc_ctx *rpc, const struct nova_inject_key *key)
{
	struct walk w = { .rpc = rpc, .field = NOVA_INJECT_ANY };
	u32 *first;

	first = bpf_map_lookup_elem(&inject_index, key);
	if (!first || !*first)
		return;
	w.next = *first;
	bpf_loop(NOVA_INJECT_RULES, one_rule, &w, 0);
}

static __always_inline s32 all_chains(struct nova_rpc_ctx *rpc, u32 phase)
{
	struct nova_inject_key key = { phase, rpc->op, rpc->cmd, rpc->gfid };
	const struct nova_inject_count *count;
	u32 zero = 0;

	count = bpf_map_lookup_elem(&inject_count, &zero);
	if (!count)
		return 0;
	if (count->nr[phase][NOVA_INJECT_CMD_GFID])
		chain(rpc, &key);
	key.gfid = NOVA_INJECT_ANY;
	if (count->nr[phase][NOVA_INJECT_CMD])
		chain(rpc, &key);
	/* Only rules that name the control apply to the scheduler's RPCs. */
	if (rpc->flags & NOVA_RPC_C_SCHED)
		return 0;
	key.cmd = NOVA_INJECT_ANY;
	key.gfid = rpc->gfid;
	if (count->nr[phase][NOVA_INJECT_OP_GFID])
		chain(rpc, &key);
	key.gfid = NOVA_INJECT_ANY;
	if (count->nr[phase][NOVA_INJECT_OP])
		chain(rpc, &key);
	key.op = NOVA_INJECT_ANY;
	key.gfid = rpc->gfid;
	if (count->nr[phase][NOVA_INJECT_GFID])
		chain(rpc, &key);
	key.gfid = NOVA_INJECT_ANY;
	if (count->nr[phase][NOVA_INJECT_ALL])
		chain(rpc, &key);
	return 0;
}

SEC("struct_ops/inject_submit")
s32 BPF_PROG(inject_submit, struct nova_rpc_ctx *rpc)
{
	return all_chains(rpc, NOVA_RPC_SUBMIT);
}

SEC("struct_ops/inject_reply")
s32 BPF_PROG(inject_reply, struct nova_rpc_ctx *rpc)
{
	return all_chains(rpc, NOVA_RPC_REPLY);
}

SEC("struct_ops/inject_event")
s32 BPF_PROG(inject_event, struct nova_rpc_ctx *ev)
{
	return all_chains(ev, NOVA_RPC_EVENT);
}

/* Rules have budgets and windows of their own. Last, to break RPCs that other hooks pass. */
SEC(".struct_ops.link")
struct nova_rpc_ops inject = {
	.submit = (void *)inject_submit,
	.reply = (void *)inject_reply,
	.event = (void *)inject_event,
	.flags = NOVA_RPC_F_INJECT,
	.priority = 1000000,
	.budget = 0x7fffffff,
	.expire_ms = 7 * 24 * 3600 * 1000,
	.name = "inject",
};
