// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names in rules: functions, events, controls, statuses, fields.
 */
#include <ctype.h>
#include <stdlib.h>

#include <abi/tables.h>
#include <gsp/hook/payload.h>
#include <novabpf/driver/gsp_wire.h>

#include "base/nearest.h"
#include "rule.h"

/* The best of the names shown to it, and the next one. */
struct near {
	const char *word;
	const char *best[2];
	size_t dist[2];
};

static void near_add(struct near *n, const char *name)
{
	size_t d = edit_distance(n->word, name);

	/* Half of it in common at least, and no list of everything. */
	if (d > 6 || d * 2 > strlen(name))
		return;
	if (!n->best[0] || d < n->dist[0]) {
		n->best[1] = n->best[0];
		n->dist[1] = n->dist[0];
		n->best[0] = name;
		n->dist[0] = d;
	} else if (strcmp(name, n->best[0]) && (!n->best[1] || d < n->dist[1])) {
		n->best[1] = name;
		n->dist[1] = d;
	}
}

static int no_such(struct rule_parser *p, unsigned int column, const char *what,
		   const struct near *n, const char *hint)
{
	/* A second guess that is much worse than the first is none. */
	if (n->best[1] && n->dist[1] <= n->dist[0] + 2)
		return rule_fail(p, column, "unknown %s '%.64s'; did you mean %s or %s?", what,
				 n->word, n->best[0], n->best[1]);
	if (n->best[0])
		return rule_fail(p, column, "unknown %s '%.64s'; did you mean %s?", what, n->word,
				 n->best[0]);
	return rule_fail(p, column, "unknown %s '%.64s'; %s", what, n->word, hint);
}

bool rule_u64(const char *s, u64 *val)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	char *end;

	if (!isxdigit((unsigned char)s[hex ? 2 : 0]) || (!hex && !isdigit((unsigned char)*s)))
		return false;
	errno = 0;
	*val = strtoull(s, &end, hex ? 16 : 10);
	return !errno && !*end;
}

bool rule_op_is_event(u32 op)
{
	u32 i, n;

	for (i = 0; i < nova_abi_count(); i++) {
		n = nova_op_number(nova_abi_at(i), op);
		if (n)
			return n >= NOVA_RPC_EVENT_FIRST;
	}
	return false;
}

static bool wanted(u32 op, enum rule_op_kind kind)
{
	return kind == RULE_ANY_OP || rule_op_is_event(op) == (kind == RULE_EVENT);
}

int rule_op(struct rule_parser *p, const struct rule_word *w, enum rule_op_kind kind, u32 *op)
{
	static const char *const what[] = { "function", "event", "operation" };
	struct near n = { .word = w->value };
	u64 val;
	u32 i;

	if (rule_u64(w->value, &val)) {
		if (!p->env->abi)
			return rule_fail(p, w->value_column,
					 "the number of a %s needs a GPU whose firmware runs",
					 what[kind]);
		*op = val <= U32_MAX ? nova_op_of(p->env->abi, val) : NOVA_OP_UNKNOWN;
		if (!*op || !wanted(*op, kind))
			return rule_fail(p, w->value_column, "release %s has no %s %s",
					 p->env->abi->release, what[kind], w->value);
		return 0;
	}
	for (i = 1; i < NOVA_OP_COUNT; i++) {
		if (!wanted(i, kind))
			continue;
		if (!strcmp(nova_op_name(i), w->value)) {
			*op = i;
			break;
		}
		near_add(&n, nova_op_name(i));
	}
	if (i == NOVA_OP_COUNT)
		return no_such(p, w->value_column, what[kind], &n,
			       "use a name such as novabpf gsp history shows");
	if (p->env->abi && !nova_op_number(p->env->abi, i))
		return rule_fail(p, w->value_column, "release %s has no %s %s",
				 p->env->abi->release, what[kind], w->value);
	return 0;
}

int rule_cmd(struct rule_parser *p, const struct rule_word *w, u32 *cmd)
{
	struct near n = { .word = w->value };
	const char *name;
	u64 val;
	u32 i;

	if (rule_u64(w->value, &val)) {
		if (val >= NOVA_INJECT_ANY)
			return rule_fail(p, w->value_column, "the number of a control has 32 bits");
		*cmd = val;
		return 0;
	}
	for (i = 0; i < nova_abi_tbl_counts.ctrls; i++) {
		*cmd = nova_abi_tbl_ctrls[i].number;
		name = nova_ctrl_name(*cmd);
		if (name && !strcmp(name, w->value))
			return 0;
		if (name)
			near_add(&n, name);
	}
	return no_such(p, w->value_column, "control", &n, "use its number");
}

int rule_status(struct rule_parser *p, const struct rule_word *w, u32 *status)
{
	struct near n = { .word = w->value };
	const char *name;
	u64 val;
	u32 i;

	if (rule_u64(w->value, &val)) {
		if (val > U32_MAX || !strcmp(nova_status_name(val), "?"))
			return rule_fail(p, w->value_column, "no status has the number %s",
					 w->value);
		*status = val;
		return 0;
	}
	for (i = 0; i < nova_abi_tbl_counts.statuses; i++) {
		*status = nova_abi_tbl_statuses[i].value;
		name = nova_status_name(*status);
		if (!strcmp(name, w->value))
			return 0;
		near_add(&n, name);
	}
	return no_such(p, w->value_column, "status", &n, "use a name such as NV_ERR_BUSY_RETRY");
}

int rule_errno(struct rule_parser *p, const struct rule_word *w, u32 *err)
{
	static const struct {
		const char *name;
		u32 val;
	} known[] = {
		{ "EIO", EIO }, { "ENODEV", ENODEV }, { "EBADMSG", EBADMSG },
		{ "ESHUTDOWN", ESHUTDOWN }, { "ETIMEDOUT", ETIMEDOUT },
	};
	bool is_number;
	u64 val = 0;
	u32 i;

	is_number = rule_u64(w->value, &val);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (is_number ? known[i].val != val : strcmp(known[i].name, w->value))
			continue;
		*err = known[i].val;
		return 0;
	}
	return rule_fail(p, w->value_column,
			 "no call ends with '%.32s'; use EIO, ENODEV, EBADMSG, ESHUTDOWN, ETIMEDOUT",
			 w->value);
}

/* An integer on some release. */
static bool is_integer(u32 field)
{
	struct nova_field_pos pos;
	u32 i;

	for (i = 0; i < nova_abi_count(); i++)
		if (!nova_field_pos(nova_abi_at(i), field, &pos) &&
		    (pos.size == 1 || pos.size == 2 || pos.size == 4 || pos.size == 8))
			return true;
	return false;
}

static bool find_field(struct near *n, enum nova_msg msg, u32 *field)
{
	u32 i;

	if (msg == NOVA_MSG_COUNT)
		return false;
	for (i = 0; i <= NOVA_ABI_FIELD_MASK; i++) {
		*field = (u32)msg << NOVA_ABI_FIELD_SHIFT | i;
		if (nova_field_msg(*field) != msg)
			break;
		if (!strcmp(nova_field_name(*field), n->word))
			return true;
		near_add(n, nova_field_name(*field));
	}
	return false;
}

int rule_field(struct rule_parser *p, unsigned int column, const char *name, u32 op, u32 cmd,
	       u32 *field)
{
	struct near n = { .word = name };
	enum nova_msg head = nova_payload_msg(op), params = nova_payload_params(op, cmd);
	struct nova_field_pos pos;

	if (op == NOVA_OP_UNKNOWN)
		return rule_fail(p, column, "a field needs a function or an event that has it");
	if (head == NOVA_MSG_COUNT)
		return rule_fail(p, column, "no fields of %s are known; use bytes=",
				 nova_op_name(op));
	if (!find_field(&n, head, field) && !find_field(&n, params, field))
		return no_such(p, column, "field", &n, "the payload has no such field");
	if (!is_integer(*field))
		return rule_fail(p, column, "field %s is no integer; use bytes=", name);
	if (p->env->abi && nova_field_pos(p->env->abi, *field, &pos))
		return rule_fail(p, column, "release %s has no field %s there",
				 p->env->abi->release, name);
	return 0;
}
