// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps vGPUs of a simulated GPU busy for a while: each in turn works and rests.
 *
 * usage: work MILLISECONDS GFID...
 * WORK_DEVICE in the environment is another GPU's than the first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <uapi/novabpf_sim.h>

#define TENANTS		8
#define GR0		1

static struct {
	struct nova_sim_load load;
	struct nova_sim_tenant tenant[TENANTS];
	struct nova_sim_draw draw[TENANTS];
} all;

int main(int argc, char **argv)
{
	const char *path = getenv("WORK_DEVICE") ?: "/dev/novabpf_sim0";
	unsigned int n = argc - 2, i;
	struct nova_sim_result result;
	struct nova_sim_draw *draw;
	size_t bytes;
	int fd;

	if (argc < 3 || n > TENANTS) {
		fprintf(stderr, "usage: work MILLISECONDS GFID...\n");
		return 2;
	}
	all.load = (struct nova_sim_load) {
		.magic = NOVA_SIM_LOAD_MAGIC,
		.tenants = n,
		.seed = 1,
		.duration_ns = strtoull(argv[1], NULL, 0) * 1000000,
		.ctxsw_ns = 20000,
		.preempt_ns = 10000,
		.tsg_slice_ns = 2000000,
	};
	draw = (struct nova_sim_draw *)&all.tenant[n];
	for (i = 0; i < n; i++) {
		all.tenant[i] = (struct nova_sim_tenant) {
			.gfid = strtoul(argv[i + 2], NULL, 0),
			.engine_id = GR0,
			.tsgs = 1,
			.arrival = NOVA_SIM_CLOSED,
			.stop_ns = all.load.duration_ns,
			.draws = 1,
		};
		draw[i].gap_ns = 1000000 * (i + 1);
		draw[i].length_ns = 3000000;
	}
	bytes = (char *)&draw[n] - (char *)&all;
	fd = open(path, O_RDWR);
	if (fd < 0 || write(fd, &all, bytes) != (ssize_t)bytes ||
	    ioctl(fd, NOVA_SIM_LOAD_START) || read(fd, &result, sizeof(result)) <= 0) {
		perror(path);
		return 1;
	}
	printf("%llu items, %llu switches\n", (unsigned long long)result.items,
	       (unsigned long long)result.switches);
	return 0;
}
