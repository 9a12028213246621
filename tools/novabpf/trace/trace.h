/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands novabpf trace sched and novabpf trace rpc. */
#ifndef NOVABPF_TOOL_TRACE_H
#define NOVABPF_TOOL_TRACE_H

struct call;

int cmd_trace_sched(const struct call *call);
int cmd_trace_rpc(const struct call *call);

#endif /* NOVABPF_TOOL_TRACE_H */
