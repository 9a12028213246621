// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf: look at GPUs run by the novabpf kernel modules.
 *
 * This file takes the command line apart by the table in commands.c. Global
 * options may stand anywhere; the options of a command stand after its verb.
 * Objects, verbs and long options may be shortened as long as they are unique.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/common.h"

struct words {
	const char *w[64];
	size_t nr;
};

static void words_add(struct words *words, const char *w)
{
	size_t i;

	for (i = 0; i < words->nr; i++)
		if (!strcmp(words->w[i], w))
			return;
	if (words->nr < ARRAY_LEN(words->w))
		words->w[words->nr++] = w;
}

/*
 * Find @word among the known ones: exact, or as a unique beginning. @what names
 * the kind ("object", "verb of gpu", ...) and @mark how it is written.
 * Return: the full word, or NULL after an error message.
 */
static const char *find_word(const char *word, const struct words *known, const char *what,
			     const char *mark)
{
	const char *near, *found = NULL;
	struct text list = { 0 };
	int hits = 0;
	size_t i;

	for (i = 0; i < known->nr; i++) {
		bool hit = *word && !strncmp(known->w[i], word, strlen(word));

		if (!strcmp(known->w[i], word)) {
			free(list.s);
			return known->w[i];
		}
		if (!hit)
			continue;
		found = known->w[i];
		text_add(&list, "%s%s%s", hits ? ", " : "", mark, found);
		hits++;
	}
	if (hits > 1) {
		usage_error("%s '%s%s' is ambiguous: %s", what, mark, word, list.s);
		found = NULL;
	} else if (!hits) {
		near = nearest_word(word, known->w, known->nr);
		for (i = 0; i < known->nr; i++)
			text_add(&list, "%s%s%s", i ? ", " : "", mark, known->w[i]);
		if (near)
			usage_error("unknown %s '%s%s'; did you mean '%s%s'?", what, mark, word,
				    mark, near);
		else
			usage_error("unknown %s '%s%s'; known: %s", what, mark, word, list.s);
	}
	free(list.s);
	return found;
}

static const char *find_object(const char *word)
{
	struct words known = { 0 };
	const struct command *c;

	for (c = commands; c->object; c++)
		words_add(&known, c->object);
	return find_word(word, &known, "object", "");
}

static const struct command *find_command(const char *object, const char *verb)
{
	const struct command *c;

	for (c = commands; c->object; c++)
		if (!strcmp(c->object, object) && (!c->verb || (verb && !strcmp(c->verb, verb))))
			return c;
	return NULL;
}

struct parser {
	int argc;
	char **argv;
	int pos;
	const char *object;
	struct call call;
	bool help;
	bool version;
	bool no_options;	/* after "--" */
};

static void global_option(struct parser *p, char letter)
{
	switch (letter) {
	case 'p':
		json_pretty = true;
		__attribute__((__fallthrough__));
	case 'j':
		json_output = true;
		break;
	case 'h':
		p->help = true;
		break;
	case 'V':
		p->version = true;
		break;
	}
}

static int set_option(struct parser *p, const struct option_desc *opt, const char *value)
{
	if (!opt->arg) {
		if (value)
			return usage_error("option --%s takes no value", opt->name);
		value = "";
	} else if (!value) {
		if (p->pos >= p->argc || (p->argv[p->pos][0] == '-' && p->argv[p->pos][1]))
			return usage_error("option --%s needs a value: --%s %s", opt->name,
					   opt->name, opt->arg);
		value = p->argv[p->pos++];
	}
	if (!option_many(opt) && call_value(&p->call, opt->name))
		return usage_error("option --%s is given twice", opt->name);
	p->call.given[p->call.nr_given++] = (struct given){ opt, value };
	return 0;
}

static int long_option(struct parser *p, const char *arg)
{
	char *name = xstrdup(arg), *value = strchr(name, '=');
	const struct option_desc *opt;
	struct words known = { 0 };
	const char *full;
	int ret = 0;

	if (value)
		*value = '\0';
	if (p->call.cmd)
		for (opt = p->call.cmd->options; opt->name; opt++)
			words_add(&known, opt->name);
	for (opt = global_options; opt->name; opt++)
		words_add(&known, opt->name);
	full = find_word(name, &known, "option", "--");
	if (!full) {
		free(name);
		return EXIT_USAGE;
	}
	for (opt = global_options; opt->name && strcmp(opt->name, full); opt++)
		;
	if (opt->name && value) {
		ret = usage_error("option --%s takes no value", full);
	} else if (opt->name) {
		global_option(p, opt->letter);
	} else {
		for (opt = p->call.cmd->options; strcmp(opt->name, full); opt++)
			;
		ret = set_option(p, opt, value ? arg + (value - name) + 1 : NULL);
	}
	free(name);
	return ret;
}

/* A cluster such as -jp; the rest after a letter with a value is the value. */
static int short_options(struct parser *p, const char *s)
{
	const struct option_desc *opt;

	for (; *s; s++) {
		for (opt = global_options; opt->name && opt->letter != *s; opt++)
			;
		if (opt->name) {
			global_option(p, *s);
			continue;
		}
		opt = p->call.cmd ? p->call.cmd->options : NULL;
		while (opt && opt->name && opt->letter != *s)
			opt++;
		if (!opt || !opt->name)
			return usage_error("unknown option '-%c'; see: novabpf help", *s);
		if (!opt->arg || !s[1]) {
			int ret = set_option(p, opt, NULL);

			if (ret)
				return ret;
			continue;
		}
		return set_option(p, opt, s + 1);
	}
	return 0;
}

/* Words of the field for what a verb of ours does; NULL for others. */
static const char *verb_meant(const char *object, const char *word)
{
	static const char *const meant[][3] = {
		{ "gpu", "reset", "recover" },
		{ "inject", "remove", "del" },
		{ "vgpu", "delete", "destroy" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(meant); i++)
		if (!strcmp(meant[i][0], object) && !strcmp(meant[i][1], word))
			return meant[i][2];
	return NULL;
}

static int take_verb(struct parser *p, const char *word)
{
	const char *meant = verb_meant(p->object, word);
	struct words known = { 0 };
	const struct command *c;
	const char *verb;
	char *what;

	if (meant)
		return usage_error("unknown verb of '%s': '%s'; did you mean '%s'?", p->object,
				   word, meant);
	for (c = commands; c->object; c++)
		if (!strcmp(c->object, p->object))
			words_add(&known, c->verb);
	words_add(&known, "help");
	what = xasprintf("verb of '%s':", p->object);
	verb = find_word(word, &known, what, "");
	free(what);
	if (!verb)
		return EXIT_USAGE;
	if (!strcmp(verb, "help"))
		p->help = true;
	else
		p->call.cmd = find_command(p->object, verb);
	return 0;
}

static int take_word(struct parser *p, const char *word)
{
	if (!p->object) {
		p->object = find_object(word);
		if (!p->object)
			return EXIT_USAGE;
		p->call.cmd = find_command(p->object, NULL);
		return 0;
	}
	if (!p->call.cmd)
		return p->help ? 0 : take_verb(p, word);
	if (p->call.nr_args >= p->call.cmd->max_args && !p->help)
		return usage_error("unexpected argument '%s'; usage: novabpf %s%s%s%s%s", word,
				   p->object, p->call.cmd->verb ? " " : "",
				   p->call.cmd->verb ? p->call.cmd->verb : "",
				   *p->call.cmd->args ? " " : "", p->call.cmd->args);
	p->call.args[p->call.nr_args++] = word;
	return 0;
}

static int parse(struct parser *p)
{
	int ret = 0;

	while (!ret && p->pos < p->argc) {
		const char *arg = p->argv[p->pos++];

		if (!p->no_options && !strcmp(arg, "--")) {
			p->no_options = true;
			p->call.nr_plain = p->call.nr_args;
		} else if (!p->no_options && !strncmp(arg, "--", 2)) {
			ret = long_option(p, arg + 2);
		} else if (!p->no_options && arg[0] == '-' && arg[1]) {
			ret = short_options(p, arg + 1);
		} else {
			ret = take_word(p, arg);
		}
	}
	return ret;
}

static int missing_verb(const char *object)
{
	struct text verbs = { 0 };
	const struct command *c;
	int ret;

	for (c = commands; c->object; c++)
		if (!strcmp(c->object, object))
			text_add(&verbs, "%s%s", verbs.len ? ", " : "", c->verb);
	ret = usage_error("'%s' needs a verb: %s", object, verbs.s);
	free(verbs.s);
	return ret;
}

static int run(struct parser *p)
{
	const struct command *cmd = p->call.cmd;

	if (p->version || p->help) {
		struct call call = { .cmd = find_command(p->version ? "version" : "help", NULL) };
		const char *object = p->object;

		if (p->help && !p->version && p->object) {
			call.args = &object;
			call.nr_args = 1;
		}
		return call.cmd->run(&call);
	}
	if (!p->object) {
		if (json_output)
			return usage_error("no object is given; see: novabpf help");
		print_usage(stderr, NULL);
		return EXIT_USAGE;
	}
	if (!cmd)
		return missing_verb(p->object);
	if (p->call.nr_args < cmd->min_args)
		return usage_error("%s is missing; usage: novabpf %s%s%s %s", cmd->args,
				   cmd->object, cmd->verb ? " " : "", cmd->verb ? cmd->verb : "",
				   cmd->args);
	if (cmd->run == cmd_help && p->call.nr_args) {
		p->call.args[0] = find_object(p->call.args[0]);
		if (!p->call.args[0])
			return EXIT_USAGE;
	}
	return cmd->run(&p->call);
}

/* An error in front of -j is to be JSON as well, so look for it first. */
static void find_json_flags(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		const char *s = argv[i];
		bool cluster = s[0] == '-' && s[1] && !s[1 + strspn(s + 1, "jphV")];

		if (!strcmp(s, "--pretty") || (cluster && strchr(s, 'p')))
			json_pretty = true;
		if (json_pretty || !strcmp(s, "--json") || (cluster && strchr(s, 'j')))
			json_output = true;
	}
}

/* Diagnostics of libbpf are not for the user: the commands say what is wrong. */
static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

/* Each letter of a cluster may be an option. */
static size_t given_max(int argc, char **argv)
{
	size_t nr = 0;
	int i;

	for (i = 1; i < argc; i++)
		nr += argv[i][0] == '-' ? strlen(argv[i]) : 0;
	return nr;
}

/*
 * A command returns an exit status and has said why. An errno would be cut to eight
 * bits, and nobody has told of it.
 */
static int exit_status(int ret)
{
	return ret < 0 ? fail("%s", strerror(-ret)) : ret;
}

int main(int argc, char **argv)
{
	struct parser p = { .argc = argc, .argv = argv, .pos = 1 };
	int ret;

	libbpf_set_print(quiet);
	p.call.nr_plain = -1;
	p.call.args = xcalloc(argc + 1, sizeof(*p.call.args));
	p.call.given = xcalloc(given_max(argc, argv), sizeof(*p.call.given));
	find_json_flags(argc, argv);
	ret = parse(&p);
	if (!ret)
		ret = exit_status(run(&p));
	free(p.call.args);
	free(p.call.given);
	if ((fflush(stdout) || ferror(stdout)) && !ret) {
		fprintf(stderr, "novabpf: cannot write the output: %s\n", strerror(errno));
		ret = EXIT_FAILED;
	}
	return ret;
}
