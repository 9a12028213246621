/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What the module novabpf_bench and the daemon selftests/bench/decided.c say to
 * each other on /dev/novabpf_bench: read() blocks until there is a question,
 * write() answers it.
 */
#ifndef NOVABPF_BENCH_H
#define NOVABPF_BENCH_H

#include <linux/types.h>

#define NOVA_BENCH_VGPUS	512

struct nova_bench_question {
	__u64 seq;
	__u64 now_ns;
	__u32 curr_gfid;
	__u32 nr_runnable;
	__u64 runnable[NOVA_BENCH_VGPUS / 64];	/* bit gfid - 1 */
};

struct nova_bench_answer {
	__u64 seq;
	__u64 slice_ns;
	__u32 gfid;
	__u32 reserved;
};

#endif /* NOVABPF_BENCH_H */
