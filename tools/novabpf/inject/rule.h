/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules of fault injection: from a line of key=value words to what the BPF program
 * takes. Pure; Documentation/injection.rst has the language.
 */
#ifndef NOVABPF_TOOL_RULE_H
#define NOVABPF_TOOL_RULE_H

#include <novabpf/driver/abi.h>
#include <novabpf/format/inject.h>

#define RULE_WORDS	32
#define RULE_FAULT	128

/* What a rule is read for. */
struct rule_env {
	const struct nova_abi *abi;	/* release that runs; NULL: not known */
	u64 now_ns;			/* GPU clock */
	u64 timeout_ns;			/* deadline of a call */
};

struct rule {
	struct nova_inject_rule r;	/* without id and next */
	bool firmware;			/* a fault of the simulator's instead */
	char fault[RULE_FAULT];		/* as its file takes it */
};

struct rule_error {
	unsigned int column;		/* counts from 1 */
	char text[256];
};

/* Return: 0, or -EINVAL with @err filled in. */
int rule_parse(const char *line, const struct rule_env *env, struct rule *rule,
	       struct rule_error *err);

/* The rest is between the files of the parser. */
struct rule_word {
	const char *key;		/* NUL-terminated, as all that follows */
	const char *name;		/* "NAME" of field:NAME, else NULL */
	const char *value;
	char op;			/* '=', '<', '>', '&' */
	unsigned int column;		/* of the key */
	unsigned int value_column;
	bool used;
};

struct rule_parser {
	char line[NOVA_INJECT_TEXT];
	struct rule_word words[RULE_WORDS];
	unsigned int nr;
	const struct rule_env *env;
	struct rule *rule;
	struct rule_error *err;
	bool has_phase;
	u32 op;				/* NOVA_OP_UNKNOWN: any */
	u32 cmd;
};

int rule_fail(struct rule_parser *p, unsigned int column, const char *fmt, ...)
	__printf(3, 4);
struct rule_word *rule_word(struct rule_parser *p, const char *key);
int rule_number(struct rule_parser *p, const struct rule_word *w, const char *s, u64 min, u64 max,
		__u64 *val);
/* Decimal or hexadecimal, and nothing behind it. */
bool rule_u64(const char *s, u64 *val);
int rule_time(struct rule_parser *p, const struct rule_word *w, u64 *ns);

/* Names; each prints its error with near matches. */
enum rule_op_kind { RULE_FUNCTION, RULE_EVENT, RULE_ANY_OP };

bool rule_op_is_event(u32 op);
int rule_op(struct rule_parser *p, const struct rule_word *w, enum rule_op_kind kind, u32 *op);
int rule_cmd(struct rule_parser *p, const struct rule_word *w, u32 *cmd);
int rule_status(struct rule_parser *p, const struct rule_word *w, u32 *status);
int rule_errno(struct rule_parser *p, const struct rule_word *w, u32 *err);
/* A field that the payload of @op and @cmd carries. */
int rule_field(struct rule_parser *p, unsigned int column, const char *name, u32 op, u32 cmd,
	       u32 *field);

int rule_action(struct rule_parser *p);

#endif /* NOVABPF_TOOL_RULE_H */
