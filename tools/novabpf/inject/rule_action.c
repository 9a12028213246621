// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of fault injection: what a rule does.
 */
#include <ctype.h>
#include <stdlib.h>

#include <gsp/hook/payload.h>
#include <gsp/hook/verdict.h>

#include "base/nearest.h"
#include "rule.h"

/* A reply that is held back so long comes after the deadline. */
#define LATE_PERCENT	160

static int take_fail(struct rule_parser *p, struct rule_word *w)
{
	u32 status;

	if (rule_status(p, w, &status))
		return -EINVAL;
	if (!status)
		return rule_fail(p, w->value_column, "%s is no failure", w->value);
	p->rule->r.arg = status;
	return 0;
}

static int take_error(struct rule_parser *p, struct rule_word *w)
{
	u32 err;

	if (rule_errno(p, w, &err))
		return -EINVAL;
	p->rule->r.arg = err;
	return 0;
}

static int take_time(struct rule_parser *p, struct rule_word *w, u64 fallback)
{
	u64 ns = fallback;

	if (w && rule_time(p, w, &ns))
		return -EINVAL;
	if (w && (!ns || ns > NOVA_RPC_DELAY_MAX_NS))
		return rule_fail(p, w->value_column, "time: use 1 ns to %llu s",
				 NOVA_RPC_DELAY_MAX_NS / 1000000000);
	p->rule->r.arg = ns;
	return 0;
}

static int take_late(struct rule_parser *p, struct rule_word *w)
{
	if (p->has_phase && p->rule->r.phase != NOVA_RPC_REPLY)
		return rule_fail(p, 1, "only a reply can be late; use delay or phase=reply");
	p->rule->r.phase = NOVA_RPC_REPLY;
	return take_time(p, w, p->env->timeout_ns / 100 * LATE_PERCENT);
}

static int take_hold(struct rule_parser *p, struct rule_word *w)
{
	return take_time(p, w, NOVA_RPC_DELAY_MAX_NS);
}

static int take_count(struct rule_parser *p, struct rule_word *w)
{
	return rule_number(p, w, w->value, 1, NOVA_RPC_REORDER_MAX, &p->rule->r.arg);
}

static int take_bytes(struct rule_parser *p, struct rule_word *w)
{
	return rule_number(p, w, w->value, 0, U32_MAX, &p->rule->r.arg);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "OFFSET:HEX" or "NAME:VALUE". */
static int take_edit(struct rule_parser *p, struct rule_word *w, u32 op, u32 cmd, bool bytes,
		     struct nova_inject_edit *e)
{
	char *colon = strchr(w->value, ':');
	const char *s;
	__u64 at = 0;
	u32 n;

	if (!colon || colon == w->value || !colon[1])
		return rule_fail(p, w->value_column, "%s: write %s", w->key,
				 bytes ? "OFFSET:HEX" : "NAME:VALUE");
	*colon = '\0';
	s = colon + 1;
	if (!bytes) {
		e->kind = *w->key == 'x' ? NOVA_INJECT_XOR_FIELD : NOVA_INJECT_SET_FIELD;
		if (rule_field(p, w->value_column, w->value, op, cmd, &e->at))
			return -EINVAL;
		return rule_number(p, w, s, 0, U64_MAX, &e->val);
	}
	e->kind = *w->key == 'x' ? NOVA_INJECT_XOR_BYTES : NOVA_INJECT_SET_BYTES;
	if (rule_number(p, w, w->value, 0, U32_MAX, &at))
		return -EINVAL;
	e->at = at;
	for (n = 0; s[n]; n++)
		if (n == 2 * sizeof(e->val) || hex_digit(s[n]) < 0)
			break;
	if (s[n] || n % 2)
		return rule_fail(p, w->value_column + (s - w->value),
				 "%s: use 1 to 8 bytes of two hex digits each", w->key);
	e->len = n / 2;
	for (n = 0; n < e->len; n++)
		e->val |= (u64)(hex_digit(s[2 * n]) << 4 | hex_digit(s[2 * n + 1])) << 8 * n;
	return 0;
}

static int take_edits(struct rule_parser *p, u32 op, u32 cmd)
{
	static const char *const words[] = { "set", "bytes", "xor" };
	struct nova_inject_rule *r = &p->rule->r;
	struct rule_word *w;
	size_t i = 0;
	bool bytes;

	while (i < ARRAY_SIZE(words)) {
		w = rule_word(p, words[i]);
		if (!w) {
			i++;
			continue;
		}
		bytes = *w->key == 'b' || (*w->key == 'x' && isdigit((unsigned char)*w->value));
		if (r->nr_edits == NOVA_INJECT_EDITS)
			return rule_fail(p, w->column, "more than %d changes", NOVA_INJECT_EDITS);
		if (take_edit(p, w, op, cmd, bytes, &r->edits[r->nr_edits++]))
			return -EINVAL;
	}
	return 0;
}

static int take_corrupt(struct rule_parser *p, struct rule_word *w)
{
	int ret = take_edits(p, p->op, p->cmd);

	(void)w;
	if (!ret && !p->rule->r.nr_edits)
		return rule_fail(p, 1, "action=corrupt needs set=, xor= or bytes=");
	return ret;
}

/* The payload is made here, where the release is known. */
static int fill_event(struct rule_parser *p, const struct rule_word *w)
{
	struct nova_inject_rule *r = &p->rule->r;
	const struct nova_abi *abi = p->env->abi;
	enum nova_msg msg = nova_payload_msg(r->event_op);
	struct nova_inject_edit *e;
	u32 i;

	r->event_len = abi && msg != NOVA_MSG_COUNT ? nova_msg_size(abi, msg) : 4;
	if (r->event_len > sizeof(r->event))
		return rule_fail(p, w->value_column, "%s has %u bytes, which is more than %zu",
				 w->value, r->event_len, sizeof(r->event));
	for (i = 0; i < r->nr_edits; i++) {
		e = &r->edits[i];
		if (e->kind == NOVA_INJECT_XOR_FIELD || e->kind == NOVA_INJECT_XOR_BYTES)
			return rule_fail(p, 1, "an event that is made up takes no xor=");
		if (e->kind == NOVA_INJECT_SET_FIELD && abi &&
		    nova_payload_put(abi, r->event_op, 0, e->at, r->event, r->event_len, e->val))
			return rule_fail(p, 1, "a value does not fit its field of %s", w->value);
		if (e->kind == NOVA_INJECT_SET_BYTES && e->at > sizeof(r->event) - e->len)
			return rule_fail(p, 1, "bytes: beyond the %zu of an event",
					 sizeof(r->event));
		if (e->kind != NOVA_INJECT_SET_BYTES)
			continue;
		memcpy(r->event + e->at, &e->val, e->len);
		r->event_len = max(r->event_len, e->at + e->len);
	}
	r->nr_edits = 0;
	memset(r->edits, 0, sizeof(r->edits));
	return 0;
}

static int take_event(struct rule_parser *p, struct rule_word *w)
{
	if (rule_op(p, w, RULE_EVENT, &p->rule->r.event_op) ||
	    take_edits(p, p->rule->r.event_op, 0))
		return -EINVAL;
	return fill_event(p, w);
}

static int take_firmware(struct rule_parser *p, struct rule_word *w)
{
	unsigned int i;
	char *c;

	for (i = 0; i < p->nr; i++)
		if (&p->words[i] != w && strcmp(p->words[i].key, "action"))
			return rule_fail(p, p->words[i].column,
					 "a fault of the firmware happens at once; it takes no %s=",
					 p->words[i].key);
	if (strlen(w->value) >= sizeof(p->rule->fault))
		return rule_fail(p, w->value_column, "a fault has %zu characters at most",
				 sizeof(p->rule->fault) - 1);
	p->rule->firmware = true;
	memcpy(p->rule->fault, w->value, strlen(w->value));
	for (c = p->rule->fault; *c; c++)
		if (*c == ',')
			*c = ' ';
	return 0;
}

/* The word @key goes with an action; without it, @needs says what is missing. */
static const struct {
	const char *name;
	u32 action;
	const char *key, *needs;
	int (*take)(struct rule_parser *p, struct rule_word *w);
} actions[] = {
	{ "fail", NOVA_RPC_FAIL, "status", "status=", take_fail },
	{ "error", NOVA_RPC_ERROR, "errno", "errno=", take_error },
	{ "drop", NOVA_RPC_DROP, NULL, NULL, NULL },
	{ "delay", NOVA_RPC_DELAY, "time", "time=", take_hold },
	{ "late", NOVA_RPC_DELAY, "time", NULL, take_late },
	{ "hold", NOVA_RPC_HOLD, "time", NULL, take_hold },
	{ "duplicate", NOVA_RPC_DUPLICATE, NULL, NULL, NULL },
	{ "reorder", NOVA_RPC_REORDER, "count", "count=", take_count },
	{ "truncate", NOVA_RPC_TRUNCATE, "bytes", "bytes=", take_bytes },
	{ "corrupt", NOVA_RPC_REWRITE, NULL, NULL, take_corrupt },
	{ "event", NOVA_RPC_SEND_EVENT, "send", "send=, the event to make up", take_event },
	{ "firmware", NOVA_RPC_PASS, "fault", "fault=", take_firmware },
};

/* What of the rule belongs to action @i of the table. */
static int take_action(struct rule_parser *p, size_t i)
{
	struct rule_word *w = actions[i].key ? rule_word(p, actions[i].key) : NULL;

	if (!w && actions[i].needs)
		return rule_fail(p, 1, "action=%s needs %s", actions[i].name, actions[i].needs);
	return actions[i].take ? actions[i].take(p, w) : 0;
}

static int unknown_action(struct rule_parser *p, const struct rule_word *w)
{
	const char *names[ARRAY_SIZE(actions)], *near;
	char list[160] = "";
	size_t i, len = 0;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		names[i] = actions[i].name;
		len += snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", names[i]);
	}
	near = nearest_word(w->value, names, ARRAY_SIZE(actions));
	if (near)
		return rule_fail(p, w->value_column, "unknown action '%.32s'; did you mean %s?",
				 w->value, near);
	return rule_fail(p, w->value_column, "unknown action '%.32s'; known: %s", w->value, list);
}

int rule_action(struct rule_parser *p)
{
	static const char *const phases[] = { "submit", "reply", "event" };
	struct rule_word *w = rule_word(p, "action");
	struct nova_verdict v = { 0 };
	struct nova_verdict_env env = {
		.may_inject = true, .allowed = true, .answered = true, .budget = 1, .len = U32_MAX,
	};
	size_t i;

	if (!w)
		return rule_fail(p, 1, "a rule needs action=");
	for (i = 0; i < ARRAY_SIZE(actions) && strcmp(actions[i].name, w->value); i++)
		;
	if (i == ARRAY_SIZE(actions))
		return unknown_action(p, w);
	if (take_action(p, i))
		return -EINVAL;
	if (p->rule->firmware)
		return 0;
	p->rule->r.action = actions[i].action;
	/* The module's own check says what would never be done. */
	v.asked = p->rule->r.action;
	v.arg = v.asked == NOVA_RPC_REWRITE || v.asked == NOVA_RPC_SEND_EVENT ? 0 : p->rule->r.arg;
	env.phase = p->rule->r.phase;
	if (nova_verdict_check(&v, &env))
		return 0;
	if (v.applied == NOVA_RPC_REFUSED_PHASE)
		return rule_fail(p, w->value_column, "action=%s is not for phase %s", w->value,
				 phases[env.phase]);
	return rule_fail(p, w->value_column, "the module refuses this argument of action=%s",
			 w->value);
}
