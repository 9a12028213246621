// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of fault injection: words, and what a rule matches.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "rule.h"

int rule_fail(struct rule_parser *p, unsigned int column, const char *fmt, ...)
{
	va_list ap;

	p->err->column = column;
	va_start(ap, fmt);
	vsnprintf(p->err->text, sizeof(p->err->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

struct rule_word *rule_word(struct rule_parser *p, const char *key)
{
	unsigned int i;

	for (i = 0; i < p->nr; i++) {
		if (p->words[i].used || strcmp(p->words[i].key, key))
			continue;
		p->words[i].used = true;
		return &p->words[i];
	}
	return NULL;
}

int rule_number(struct rule_parser *p, const struct rule_word *w, const char *s, u64 min, u64 max,
		__u64 *val)
{
	unsigned int column = w->value_column + (s - w->value);
	u64 number = 0;

	if (!rule_u64(s, &number))
		return rule_fail(p, column, "%s: '%.32s' is no number", w->key, s);
	*val = number;
	if (*val < min || *val > max)
		return rule_fail(p, column, "%s: %s is out of range; use %llu to %llu", w->key, s,
				 (unsigned long long)min, (unsigned long long)max);
	return 0;
}

/* A whole number with a unit; ns without one. */
int rule_time(struct rule_parser *p, const struct rule_word *w, u64 *ns)
{
	static const struct {
		const char *name;
		u64 ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
		{ "m", 60000000000ULL }, { "h", 3600000000000ULL },
	};
	char *end = NULL;
	size_t i;

	errno = 0;
	*ns = isdigit((unsigned char)*w->value) ? strtoull(w->value, &end, 10) : 0;
	for (i = 0; end && i < ARRAY_SIZE(units); i++)
		if (!strcmp(end, units[i].name))
			break;
	if (!end || errno || i == ARRAY_SIZE(units) || *ns > U64_MAX / 2 / units[i].ns)
		return rule_fail(p, w->value_column,
				 "%s: '%.32s' is no time; use a number and ns, us, ms, s, m or h",
				 w->key, w->value);
	*ns *= units[i].ns;
	return 0;
}

static const char *const keys[] = {
	"function", "event", "op", "cmd", "gfid", "phase", "field", "size", "nth", "every", "ppm",
	"after", "for", "once-per", "times", "action", "status", "errno", "time", "count", "bytes",
	"xor", "set", "seed", "fault", "send",
};

static int take_word(struct rule_parser *p, char *s)
{
	size_t key_len = strcspn(s, ":=<>&");
	struct rule_word *w = &p->words[p->nr];
	unsigned int column = s - p->line + 1;
	char mark = s[key_len];
	const char *near;
	size_t i, len;

	if (p->nr == RULE_WORDS)
		return rule_fail(p, column, "more than %d words", RULE_WORDS);
	w->key = s;
	w->column = column;
	s[key_len] = '\0';
	s += key_len + (mark != '\0');
	for (i = 0; i < ARRAY_SIZE(keys) && strcmp(keys[i], w->key); i++)
		;
	if (i == ARRAY_SIZE(keys)) {
		near = nearest_word(w->key, keys, ARRAY_SIZE(keys));
		if (near)
			return rule_fail(p, column, "unknown word '%.32s'; did you mean %s=?",
					 w->key, near);
		return rule_fail(p, column, "unknown word '%.32s'; see: novabpf help inject",
				 w->key);
	}
	if (!strcmp(w->key, "field") != (mark == ':'))
		return rule_fail(p, column, "write a condition on a field as field:NAME=VALUE");
	if (mark == ':') {
		w->name = s;
		len = strcspn(s, "=<>&");
		mark = s[len];
		s[len] = '\0';
		s += len + (mark != '\0');
	}
	if (!mark || !*s)
		return rule_fail(p, column, "'%s' needs a value: %s=...", w->key, w->key);
	if (mark != '=' && strcmp(w->key, "field") && (mark == '&' || strcmp(w->key, "size")))
		return rule_fail(p, column, "'%s' takes only =", w->key);
	for (i = 0; i < p->nr; i++)
		if (!strcmp(p->words[i].key, w->key) && !strchr("fsbx", *w->key))
			return rule_fail(p, column, "'%s' is given twice", w->key);
	w->op = mark;
	w->value = s;
	w->value_column = s - p->line + 1;
	p->nr++;
	return 0;
}

static int split(struct rule_parser *p, const char *line)
{
	size_t len = strlen(line);
	char *s, *end;
	int ret = 0;

	if (len >= sizeof(p->line))
		return rule_fail(p, sizeof(p->line), "a rule has %zu characters at most",
				 sizeof(p->line) - 1);
	memcpy(p->line, line, len + 1);
	for (s = p->line; *s && !ret; s = end) {
		s += strspn(s, " \t");
		end = s + strcspn(s, " \t");
		if (end == s)
			break;
		/* One that is empty ends the line as well. */
		if (*end)
			*end++ = '\0';
		ret = take_word(p, s);
	}
	if (!ret && !p->nr)
		return rule_fail(p, 1, "an empty rule; it needs action= at least");
	return ret;
}

static int take_op(struct rule_parser *p)
{
	struct rule_word *op = rule_word(p, "op"), *fn = rule_word(p, "function");
	struct rule_word *ev = rule_word(p, "event"), *cmd = rule_word(p, "cmd");
	const struct rule_word *w = op ? op : fn ? fn : ev;
	int ret = 0;

	if (!!op + !!fn + !!ev > 1)
		return rule_fail(p, (ev ? ev : fn)->column, "give one of function, event and op");
	if (w)
		ret = rule_op(p, w, op ? RULE_ANY_OP : fn ? RULE_FUNCTION : RULE_EVENT, &p->op);
	if (ret || !cmd)
		return ret;
	if (!w)
		p->op = NOVA_OP_RPC_GSP_RM_CONTROL;
	if (p->op != NOVA_OP_RPC_GSP_RM_CONTROL && p->op != NOVA_OP_RPC_GSP_RM_ALLOC)
		return rule_fail(p, cmd->column,
				 "this can never match: %s has no cmd", nova_op_name(p->op));
	return rule_cmd(p, cmd, &p->cmd);
}

static int take_phase(struct rule_parser *p)
{
	static const char *const names[] = { "submit", "reply", "event" };
	struct rule_word *w = rule_word(p, "phase");
	bool event = p->op && rule_op_is_event(p->op);
	u32 *phase = &p->rule->r.phase;
	const char *near;

	*phase = event ? NOVA_RPC_EVENT : NOVA_RPC_SUBMIT;
	p->has_phase = w || event;
	if (!w)
		return 0;
	for (*phase = 0; *phase < ARRAY_SIZE(names); (*phase)++)
		if (!strcmp(names[*phase], w->value))
			break;
	if (*phase == ARRAY_SIZE(names)) {
		near = nearest_word(w->value, names, ARRAY_SIZE(names));
		return rule_fail(p, w->value_column, "unknown phase '%.32s'; %s%s", w->value,
				 near ? "did you mean " : "use submit, reply or event",
				 near ? near : "");
	}
	if (p->op && event != (*phase == NOVA_RPC_EVENT))
		return rule_fail(p, w->column, "this can never match: %s is %s",
				 nova_op_name(p->op), event ? "an event" : "a function");
	return 0;
}

static int take_conds(struct rule_parser *p)
{
	struct nova_inject_rule *r = &p->rule->r;
	struct nova_inject_cond *c;
	struct rule_word *w;
	int ret;

	while ((w = rule_word(p, "field"))) {
		if (r->nr_conds == NOVA_INJECT_CONDS)
			return rule_fail(p, w->column, "more than %d conditions on fields",
					 NOVA_INJECT_CONDS);
		c = &r->conds[r->nr_conds++];
		ret = rule_field(p, w->column + strlen("field:"), w->name, p->op, p->cmd,
				 &c->field);
		if (!ret)
			ret = rule_number(p, w, w->value, 0, U64_MAX, &c->val);
		if (ret)
			return ret;
		c->cmp = w->op == '<' ? NOVA_INJECT_LT : w->op == '>' ? NOVA_INJECT_GT :
			 w->op == '&' ? NOVA_INJECT_AND : NOVA_INJECT_EQ;
		if ((c->cmp == NOVA_INJECT_LT || c->cmp == NOVA_INJECT_AND) && !c->val)
			return rule_fail(p, w->column, "this can never match: nothing is %c 0",
					 w->op);
	}
	return 0;
}

static int take_size(struct rule_parser *p)
{
	struct nova_inject_rule *r = &p->rule->r;
	struct rule_word *w;
	__u64 val;
	int ret;

	r->size_max = U32_MAX;
	while ((w = rule_word(p, "size"))) {
		ret = rule_number(p, w, w->value, w->op == '<', U32_MAX - 1, &val);
		if (ret)
			return ret;
		if (w->op != '<')
			r->size_min = max(r->size_min, (u32)val + (w->op == '>'));
		if (w->op != '>')
			r->size_max = min(r->size_max, (u32)val - (w->op == '<'));
		if (r->size_min > r->size_max)
			return rule_fail(p, w->column, "this can never match: no size fits");
	}
	return 0;
}

/* KEY=NUMBER where it is given. */
static int optional(struct rule_parser *p, const char *key, u64 min, u64 max, __u64 *val)
{
	struct rule_word *w = rule_word(p, key);

	return w ? rule_number(p, w, w->value, min, max, val) : 0;
}

static int take_window(struct rule_parser *p)
{
	struct rule_word *after = rule_word(p, "after"), *len = rule_word(p, "for");
	struct nova_inject_rule *r = &p->rule->r;
	u64 ns = 0;
	int ret = 0;

	r->until_ns = U64_MAX;
	if (after)
		ret = rule_time(p, after, &ns);
	r->from_ns = after ? p->env->now_ns + ns : 0;
	if (ret || !len)
		return ret;
	ret = rule_time(p, len, &ns);
	if (!ret && !ns)
		return rule_fail(p, len->column, "this can never match: for=0");
	r->until_ns = (after ? r->from_ns : p->env->now_ns) + ns;
	return ret;
}

static int take_once(struct rule_parser *p)
{
	static const char *const names[] = { "gfid", "cmd", "function", "object" };
	struct rule_word *w = rule_word(p, "once-per");
	struct nova_inject_rule *r = &p->rule->r;
	u32 i;

	if (!w)
		return 0;
	for (i = 0; i < ARRAY_SIZE(names) && strcmp(names[i], w->value); i++)
		;
	if (i == ARRAY_SIZE(names))
		return rule_fail(p, w->value_column,
				 "once per '%.32s'? use gfid, cmd, function or object", w->value);
	r->once = i + NOVA_INJECT_ONCE_GFID;
	if (r->once != NOVA_INJECT_ONCE_OBJECT)
		return 0;
	switch (p->op) {
	case NOVA_OP_RPC_GSP_RM_CONTROL:
		r->once_field = NOVA_CONTROL_OBJECT;
		return 0;
	case NOVA_OP_RPC_GSP_RM_ALLOC:
		r->once_field = NOVA_ALLOC_OBJECT;
		return 0;
	case NOVA_OP_RPC_FREE:
		r->once_field = NOVA_FREE_OBJECT_OLD;
		return 0;
	case NOVA_OP_RPC_DUP_OBJECT:
		r->once_field = NOVA_DUP_OBJECT_OBJECT;
		return 0;
	}
	return rule_fail(p, w->value_column,
			 "only GSP_RM_CONTROL, GSP_RM_ALLOC, FREE and DUP_OBJECT have an object");
}

static int take_match(struct rule_parser *p)
{
	struct nova_inject_rule *r = &p->rule->r;
	__u64 gfid = NOVA_INJECT_ANY, ppm = NOVA_INJECT_PPM_ALL;
	const struct {
		const char *key;
		u64 min, max;
		__u64 *val;
	} numbers[] = {
		{ "gfid", 0, NOVA_GFID_MAX, &gfid },
		{ "nth", 1, U64_MAX, &r->nth },
		{ "every", 1, U64_MAX, &r->every },
		{ "ppm", 1, NOVA_INJECT_PPM_ALL, &ppm },
		{ "times", 1, U64_MAX, &r->times },
		{ "seed", 0, U64_MAX, &r->seed },
	};
	int (*const steps[])(struct rule_parser *p) = {
		take_op, take_phase, take_conds, take_size, take_window, take_once,
	};
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		ret = steps[i](p);
		if (ret)
			return ret;
	}
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		ret = optional(p, numbers[i].key, numbers[i].min, numbers[i].max, numbers[i].val);
		if (ret)
			return ret;
	}
	r->gfid = gfid;
	r->ppm = ppm;
	r->op = p->op ? p->op : NOVA_INJECT_ANY;
	r->cmd = p->cmd;
	if (r->nth && !r->every && !r->times)
		r->times = 1;
	return 0;
}

int rule_parse(const char *line, const struct rule_env *env, struct rule *rule,
	       struct rule_error *err)
{
	struct rule_parser p = {
		.env = env, .rule = rule, .err = err, .op = NOVA_OP_UNKNOWN, .cmd = NOVA_INJECT_ANY,
	};
	unsigned int i;
	int ret;

	memset(rule, 0, sizeof(*rule));
	memset(err, 0, sizeof(*err));
	ret = split(&p, line);
	if (!ret)
		ret = take_match(&p);
	if (!ret)
		ret = rule_action(&p);
	for (i = 0; i < p.nr && !ret; i++)
		if (!p.words[i].used)
			ret = rule_fail(&p, p.words[i].column, "'%s' does not go with this action",
					p.words[i].key);
	if (!ret)
		memcpy(rule->r.text, line, strlen(line));
	return ret;
}
