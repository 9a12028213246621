// SPDX-License-Identifier: GPL-2.0-only
/*
 * novaguest: has a vGPU work, from inside the guest that has it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static const char usage[] =
"usage: novaguest COMMAND [OPTION...]\n"
"Has a vGPU of novabpf work, from inside the guest that has it. Needs root. What was\n"
"done is said as JSON, an object to a line.\n"
"\n"
"  list    vGPUs of this machine\n"
"  info    what one is\n"
"  run     submit work and wait for it\n"
"  irq     submit work item by item, and wait for the interrupt of each\n"
"  fb      write to the framebuffer and read it back\n"
"  reset   reset the device, with work under way, and see that it is as new\n"
"\n"
"  --device BDF     which one (default: the first)\n"
"  --channel N      channel (default 0; irq: all)\n"
"  --items N        run, irq: this many items (default 1000, irq 20)\n"
"  --seconds S      run: as many as it takes for so long, instead of --items\n"
"  --length-us US   engine time of an item (default 1000)\n"
"  --entries N      entries of the ring (default 256)\n"
"  --window N       run: at most so many items under way (default: as many as fit)\n"
"  --wait HOW       poll, intx (driver uio_pci_generic) or msix (novabpf_msix);\n"
"                   default poll, irq: intx\n"
"  --every MS       run: a line on how it goes, so often\n"
"  --timeout-ms MS  nothing done for so long is a failure (default 10000)\n"
"  --bytes N        fb: size of the part, at its beginning (default 1048576)\n"
"  --seed N         fb: what to write (default 1)\n"
"  --check          fb: do not write; it must hold what --seed says\n"
"  --zero           fb: do not write; it must be zero\n"
"\n"
"exit status: 0; 1 when something failed; 2 for wrong usage\n";

int bad_usage(const char *fmt, const char *what)
{
	fprintf(stderr, "novaguest: ");
	fprintf(stderr, fmt, what);
	fprintf(stderr, " (see novaguest --help)\n");
	return 2;
}

int failed(void)
{
	fprintf(stderr, "novaguest: %s\n", ng_error());
	return 1;
}

static const struct option options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "channel", required_argument, NULL, 'c' },
	{ "items", required_argument, NULL, 'i' },
	{ "seconds", required_argument, NULL, 's' },
	{ "length-us", required_argument, NULL, 'l' },
	{ "entries", required_argument, NULL, 'e' },
	{ "window", required_argument, NULL, 'w' },
	{ "wait", required_argument, NULL, 'W' },
	{ "every", required_argument, NULL, 'v' },
	{ "timeout-ms", required_argument, NULL, 't' },
	{ "bytes", required_argument, NULL, 'b' },
	{ "seed", required_argument, NULL, 'S' },
	{ "check", no_argument, NULL, 'C' },
	{ "zero", no_argument, NULL, 'Z' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct command {
	const char *name;
	int (*run)(struct args *args);
	const char *takes;
};

static const struct command commands[] = {
	{ "list", cmd_list, "" },
	{ "info", cmd_info, "d" },
	{ "run", cmd_run, "dcislewWvt" },
	{ "irq", cmd_irq, "dcileWt" },
	{ "fb", cmd_fb, "dbSCZ" },
	{ "reset", cmd_reset, "dclet" },
};

static int number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return errno || *end || end == text || *text == '-' || *out < min || *out > max;
}

static int wait_kind(const char *text, enum ng_irq *kind)
{
	if (!strcmp(text, "poll"))
		*kind = NG_IRQ_NONE;
	else if (!strcmp(text, "intx"))
		*kind = NG_IRQ_INTX;
	else if (!strcmp(text, "msix"))
		*kind = NG_IRQ_MSIX;
	else
		return 1;
	return 0;
}

/* Return: 0 where it is a good value. */
static int take(struct args *a, int opt, const char *val)
{
	switch (opt) {
	case 'd':
		a->device = val;
		return 0;
	case 'c':
		a->has_channel = true;
		return number(val, 0, NOVA_GUEST_CHANNELS_MAX - 1, &a->channel);
	case 'i':
		a->has_items = true;
		return number(val, 1, 1ULL << 32, &a->items);
	case 's':
		return number(val, 1, 1000000, &a->seconds);
	case 'l':
		return number(val, 1, 10000000, &a->length_us);
	case 'e':
		return number(val, 1, NOVA_GUEST_RING_ENTRIES_MAX, &a->entries);
	case 'w':
		return number(val, 1, 1ULL << 32, &a->window);
	case 'W':
		a->has_wait = true;
		return wait_kind(val, &a->wait);
	case 'v':
		return number(val, 1, 3600000, &a->every_ms);
	case 't':
		return number(val, 1, 3600000, &a->timeout_ms);
	case 'b':
		return number(val, 8, 1ULL << 40, &a->bytes);
	case 'S':
		return number(val, 1, UINT32_MAX, &a->seed);
	case 'C':
		a->check = true;
		return 0;
	default:
		a->zero = true;
		return 0;
	}
}

static const char *long_name(int opt)
{
	const struct option *o;

	for (o = options; o->name && o->val != opt; o++)
		;
	return o->name;
}

static int parse(const struct command *cmd, struct args *a, int argc, char **argv)
{
	char text[128];
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (opt == '?')
			return bad_usage("'%s' is no option, or lacks its value", argv[optind - 1]);
		if (!strchr(cmd->takes, opt)) {
			snprintf(text, sizeof(text), "'%s' takes no --%s", cmd->name,
				 long_name(opt));
			return bad_usage("%s", text);
		}
		if (take(a, opt, optarg)) {
			snprintf(text, sizeof(text), "bad value '%.40s' for --%s", optarg,
				 long_name(opt));
			return bad_usage("%s", text);
		}
	}
	if (optind + 1 < argc)
		return bad_usage("'%s' is one word too many", argv[optind + 1]);
	if (a->seconds && a->has_items)
		return bad_usage("%s", "--items and --seconds exclude each other");
	if (a->check && a->zero)
		return bad_usage("%s", "--check and --zero exclude each other");
	return 0;
}

int main(int argc, char **argv)
{
	struct args a = {
		.items = 1000, .length_us = 1000, .entries = NG_PAGE_ENTRIES,
		.timeout_ms = 10000, .bytes = 1 << 20, .seed = 1,
	};
	size_t i;
	int err;

	if (argc < 2)
		return bad_usage("%s", "no command");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		fputs(usage, stdout);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		err = parse(&commands[i], &a, argc, argv);
		return err ?: commands[i].run(&a);
	}
	return bad_usage("'%s' is no command", argv[1]);
}
