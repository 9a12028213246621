/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of RPCs: functions, controls, statuses. */
#ifndef NOVABPF_TOOL_CALLS_H
#define NOVABPF_TOOL_CALLS_H

#include <stdbool.h>
#include <stdint.h>

const char *call_op_name(uint32_t op);
/* "" where it has no name. */
const char *call_cmd_name(uint32_t op, uint32_t cmd);
const char *call_status_name(uint32_t status);
/* "GSP_RM_CONTROL", a control's name, control=N or class=N. Prints errors. */
int call_parse(const char *word, uint32_t *op, uint32_t *cmd);

#endif /* NOVABPF_TOOL_CALLS_H */
