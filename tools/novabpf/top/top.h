/* SPDX-License-Identifier: GPL-2.0-only */
/* The command novabpf top. */
#ifndef NOVABPF_TOOL_TOP_H
#define NOVABPF_TOOL_TOP_H

struct call;

int cmd_top(const struct call *call);

#endif /* NOVABPF_TOOL_TOP_H */
