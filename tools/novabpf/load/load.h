/* SPDX-License-Identifier: GPL-2.0-only */
/* The command novabpf load, for the simulator only. */
#ifndef NOVABPF_TOOL_LOAD_H
#define NOVABPF_TOOL_LOAD_H

struct call;

int cmd_load(const struct call *call);

#endif /* NOVABPF_TOOL_LOAD_H */
