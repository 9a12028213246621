/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for libbpf's header; see bpf_helpers.h beside it. */
#ifndef NOVABPF_UNIT_BPF_TRACING_H
#define NOVABPF_UNIT_BPF_TRACING_H

#define BPF_PROG(name, ...)	name(__VA_ARGS__)

#endif /* NOVABPF_UNIT_BPF_TRACING_H */
