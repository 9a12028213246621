/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be had of a call without RPC hooks, where the kernel does not let BPF
 * change what a function returns: a look at it, and the match that inject makes.
 */
#ifndef SELFTESTS_BENCH_PROBE_BPF_H
#define SELFTESTS_BENCH_PROBE_BPF_H

#include <bpf/bpf_core_read.h>
#include "rpc.bpf.h"

/* Of the module's struct, by name. */
struct nova_rpc {
	enum nova_op op;
	u32 cmd;
	u32 gfid;
} __attribute__((preserve_access_index));

struct rule_key {
	u32 op;
	u32 cmd;
	u32 gfid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct rule_key);
	__type(value, u64);
} probe_rules SEC(".maps");

static __always_inline int look(u32 op, u32 cmd, u32 gfid)
{
	struct rule_key key = { op, cmd, gfid };
	u64 *seen = bpf_map_lookup_elem(&probe_rules, &key);

	if (seen)
		__sync_fetch_and_add(seen, 1);
	return 0;
}

#endif /* SELFTESTS_BENCH_PROBE_BPF_H */
