// SPDX-License-Identifier: GPL-2.0-only
/*
 * The alternative to a policy in BPF: a process that decides. It reads questions of
 * the module novabpf_bench and answers them, round robin. As cheap as such a daemon
 * can be: one read and one write per decision, no allocation, all memory locked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../vm/modules/novabpf_bench.h"

#define SLICE_NS	2000000
#define WORDS		(NOVA_BENCH_VGPUS / 64)

/* The runnable vGPU that comes after @last, or 0. */
static __u32 next_gfid(const struct nova_bench_question *q, __u32 last)
{
	__u32 bit = last % NOVA_BENCH_VGPUS, word = bit / 64, i;
	__u64 bits = q->runnable[word] & ~0ull << bit % 64;

	for (i = 0; i <= WORDS; i++) {
		if (bits)
			return word * 64 + __builtin_ctzll(bits) + 1;
		word = (word + 1) % WORDS;
		bits = q->runnable[word];
	}
	return 0;
}

int main(void)
{
	struct nova_bench_answer a = { .slice_ns = SLICE_NS };
	struct nova_bench_question q;
	int fd = open("/dev/novabpf_bench", O_RDWR | O_CLOEXEC);

	if (fd < 0 || mlockall(MCL_CURRENT | MCL_FUTURE)) {
		fprintf(stderr, "decided: /dev/novabpf_bench: %s\n", strerror(errno));
		return 1;
	}
	while (read(fd, &q, sizeof(q)) == sizeof(q)) {
		a.seq = q.seq;
		a.gfid = next_gfid(&q, a.gfid);
		if (write(fd, &a, sizeof(a)) != sizeof(a))
			break;
	}
	fprintf(stderr, "decided: /dev/novabpf_bench: %s\n", strerror(errno));
	return 1;
}
