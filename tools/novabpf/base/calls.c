// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of RPCs, from the tables that the modules are built with.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/tables.h"

#include "calls.h"
#include "common.h"

const char *call_op_name(uint32_t op)
{
	return nova_op_name(op);
}

const char *call_cmd_name(uint32_t op, uint32_t cmd)
{
	const char *name = op == NOVA_OP_RPC_GSP_RM_CONTROL ? nova_ctrl_name(cmd) : NULL;

	return name ? name : "";
}

const char *call_status_name(uint32_t status)
{
	return nova_status_name(status);
}

static int no_such_call(const char *word)
{
	u32 nr = nova_abi_tbl_counts.ctrls, i;
	const char **known = xcalloc(NOVA_OP_COUNT + nr, sizeof(*known));
	const char *near;

	for (i = 0; i < NOVA_OP_COUNT; i++)
		known[i] = nova_op_name(i);
	for (i = 0; i < nr; i++)
		known[NOVA_OP_COUNT + i] = nova_ctrl_name(nova_abi_tbl_ctrls[i].number);
	near = nearest_word(word, known, NOVA_OP_COUNT + nr);
	free(known);
	if (near)
		return usage_error("no function and no control '%s'; did you mean '%s'?", word,
				   near);
	return usage_error("no function and no control '%s'; or use control=N, class=N", word);
}

int call_parse(const char *word, uint32_t *op, uint32_t *cmd)
{
	const char *eq = strchr(word, '=');
	uint64_t number;
	u32 i;

	*cmd = 0;
	if (eq) {
		if (!strncmp(word, "control=", eq + 1 - word))
			*op = NOVA_OP_RPC_GSP_RM_CONTROL;
		else if (!strncmp(word, "class=", eq + 1 - word))
			*op = NOVA_OP_RPC_GSP_RM_ALLOC;
		else
			return usage_error("'%s' is neither control=N nor class=N", word);
		if (!parse_u64(eq + 1, &number) || !number || number > UINT32_MAX)
			return usage_error("'%s' needs a number such as 0x20801120", word);
		*cmd = number;
		return 0;
	}
	for (i = 1; i < NOVA_OP_COUNT; i++) {
		if (!strcmp(nova_op_name(i), word)) {
			*op = i;
			return 0;
		}
	}
	for (i = 0; i < nova_abi_tbl_counts.ctrls; i++) {
		if (!strcmp(nova_ctrl_name(nova_abi_tbl_ctrls[i].number), word)) {
			*op = NOVA_OP_RPC_GSP_RM_CONTROL;
			*cmd = nova_abi_tbl_ctrls[i].number;
			return 0;
		}
	}
	return no_such_call(word);
}
