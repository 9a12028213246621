// SPDX-License-Identifier: GPL-2.0-only
// runs: 130000
// uses: tools/novabpf/inject/rule_parse.c tools/novabpf/inject/rule_action.c
// uses: tools/novabpf/inject/rule_names.c
// uses: tools/novabpf/base/nearest.c
// uses: kmod/abi/abi.c kmod/abi/tables.c kmod/gsp/hook/payload.c kmod/gsp/hook/verdict.c
/*
 * Rules of any content: refused with a column inside the line, or within the bounds
 * that the BPF program relies on.
 */
#include <stdlib.h>
#include "inject/rule.h"

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fuzz_rule: %s\n", what);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct rule_env env = { .now_ns = 1, .timeout_ns = 6000000000ULL };
	char line[2 * NOVA_INJECT_TEXT];
	struct rule_error err;
	struct rule rule;
	u32 i;

	if (!size || size >= sizeof(line))
		return 0;
	env.abi = data[0] & 1 ? nova_abi_at(data[0] / 2 % nova_abi_count()) : NULL;
	memcpy(line, data + 1, size - 1);
	line[size - 1] = '\0';
	if (rule_parse(line, &env, &rule, &err)) {
		must(err.column && err.column <= strlen(line) + 1, "column outside the line");
		must(*err.text, "no reason");
		return 0;
	}
	must(rule.r.nr_conds <= NOVA_INJECT_CONDS, "conditions");
	must(rule.r.nr_edits <= NOVA_INJECT_EDITS, "changes");
	must(rule.r.phase < NOVA_RPC_PHASES, "phase");
	must(rule.r.size_min <= rule.r.size_max || rule.firmware, "size");
	must(rule.r.ppm && rule.r.ppm <= NOVA_INJECT_PPM_ALL, "ppm");
	must(rule.firmware || (rule.r.action && rule.r.action < NOVA_RPC_ACTIONS), "action");
	must(rule.r.event_len <= sizeof(rule.r.event), "event");
	for (i = 0; i < rule.r.nr_edits; i++)
		must(rule.r.edits[i].kind < NOVA_INJECT_SET_BYTES ||
		     (rule.r.edits[i].len && rule.r.edits[i].len <= 8), "bytes");
	must(!strcmp(rule.r.text, line), "text");
	return 0;
}
