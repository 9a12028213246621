/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms that BPF programs fill in; their buckets are those of novabpf/format/filters.h. */
#ifndef NOVABPF_TOOL_HIST_H
#define NOVABPF_TOOL_HIST_H

#include <novabpf/format/filters.h>

__u64 hist_count(const __u64 *hist);
double hist_percentile(const __u64 *hist, double percent);
void hist_add(__u64 *sum, const __u64 *hist);
void hist_sub(__u64 *hist, const __u64 *before);

#endif /* NOVABPF_TOOL_HIST_H */
