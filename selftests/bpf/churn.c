// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies come and go while vGPUs work without a rest: attach, replace, replace,
 * detach, over and over. Then says what the engine and the vGPUs saw of it.
 *
 * usage: churn CHANGES PAUSE_US FILE FILE GFID...
 *	FILE: two policies, which take turns. PAUSE_US: host time between changes.
 *   or: churn count: BPF objects in the system.
 * Results are lines of a name and a number. Times are of the GPU's clock, from the
 * start of the work.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <uapi/novabpf_sim.h>

#define TENANTS		8
#define GR0		1
#define DURATION_NS	3600000000000ULL
#define DEVICE		"/dev/novabpf_sim0"
#define GPU_TIME	"/sys/class/novabpf/gpu0/sched/now_ns"

typedef unsigned long long u64;

static struct {
	struct nova_sim_load load;
	struct nova_sim_tenant tenant[TENANTS];
	struct nova_sim_draw draw[TENANTS];
} all;

static int die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return 1;
}

static u64 gpu_time(void)
{
	u64 now = 0;
	FILE *f = fopen(GPU_TIME, "r");

	if (f && fscanf(f, "%llu", &now) != 1)
		now = 0;
	if (f)
		fclose(f);
	return now;
}

/* Everybody always has work. */
static int start_work(int nr, char **gfids)
{
	struct nova_sim_draw *draw = (struct nova_sim_draw *)&all.tenant[nr];
	ssize_t bytes = (char *)&draw[nr] - (char *)&all;
	int fd, i;

	all.load = (struct nova_sim_load) {
		.magic = NOVA_SIM_LOAD_MAGIC,
		.tenants = nr,
		.seed = 1,
		.duration_ns = DURATION_NS,
		.ctxsw_ns = 50000,
		.preempt_ns = 20000,
		.tsg_slice_ns = 2000000,
		.segments = 4 << 20,
	};
	for (i = 0; i < nr; i++) {
		all.tenant[i] = (struct nova_sim_tenant) {
			.gfid = strtoul(gfids[i], NULL, 0),
			.engine_id = GR0,
			.tsgs = 1,
			.arrival = NOVA_SIM_CLOSED,
			.stop_ns = DURATION_NS,
			.draws = 1,
		};
		draw[i].length_ns = 50000000;
	}
	fd = open(DEVICE, O_RDWR);
	if (fd < 0 || write(fd, &all, bytes) != bytes || ioctl(fd, NOVA_SIM_LOAD_START))
		return -1;
	return fd;
}

static struct bpf_map *load_policy(const char *file)
{
	struct bpf_object *obj = bpf_object__open_file(file, NULL);
	struct bpf_map *map;

	if (!obj || bpf_object__load(obj))
		return NULL;
	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			return map;
	return NULL;
}

/* The next of attach, replace, replace, detach. */
static int change(struct bpf_link **link, struct bpf_map **policy, unsigned long n)
{
	switch (n % 4) {
	case 0:
		*link = bpf_map__attach_struct_ops(policy[n / 4 % 2]);
		return *link ? 0 : -1;
	case 1:
		return bpf_link__update_map(*link, policy[(n / 4 + 1) % 2]);
	case 2:
		return bpf_link__update_map(*link, policy[n / 4 % 2]);
	default:
		return bpf_link__destroy(*link);
	}
}

static void *read_all(int fd, size_t *size)
{
	size_t used = 0, room = 1 << 20;
	char *buf = malloc(room);
	ssize_t n;

	while (buf && (n = read(fd, buf + used, room - used)) > 0) {
		used += n;
		if (used == room)
			buf = realloc(buf, room *= 2);
	}
	*size = used;
	return buf;
}

/* Longest time in which nobody had the engine, and in which one vGPU had not. */
static int measure(int fd, int nr, u64 *started)
{
	struct nova_sim_segment *s;
	u64 end = 0, gap = 0, gap_at = 0, wait = 0, wait_at = 0, had[TENANTS] = {}, i;
	struct nova_sim_result *res;
	size_t size;
	int t;

	res = read_all(fd, &size);
	if (!res || size < sizeof(*res))
		return -1;
	if (size != sizeof(*res) + res->items * sizeof(struct nova_sim_item) +
		    res->segments * sizeof(*s))
		return -1;
	s = (void *)((struct nova_sim_item *)(res + 1) + res->items);
	for (i = 0; i < res->segments; i++, s++) {
		if (s->start_ns > end && s->start_ns - end > gap) {
			gap = s->start_ns - end;
			gap_at = end;
		}
		end = s->end_ns;
		for (t = 0; t < nr && s->kind == NOVA_SIM_RUN; t++) {
			if (all.tenant[t].gfid != s->gfid)
				continue;
			if (s->start_ns - had[t] > wait) {
				wait = s->start_ns - had[t];
				wait_at = had[t];
			}
			had[t] = s->end_ns;
		}
	}
	/* The end counts as a run of everybody. */
	for (t = 0; t < nr; t++)
		if (res->ended_ns - had[t] > wait)
			wait = res->ended_ns - had[t];
	*started = res->started_ns;
	printf("ended_us %llu\nsegments %llu\nlost %llu\nidle_us %llu\n", res->ended_ns / 1000ULL,
	       (u64)res->segments, (u64)res->segments_lost, res->idle_runnable_ns / 1000ULL);
	printf("gap_max_us %llu\ngap_at_us %llu\n", gap / 1000, gap_at / 1000);
	printf("wait_max_us %llu\nwait_at_us %llu\n", wait / 1000, wait_at / 1000);
	printf("started_us %llu\n", res->started_ns / 1000ULL);
	free(res);
	return 0;
}

static int count_objects(void)
{
	unsigned int id, n;

	for (id = 0, n = 0; !bpf_map_get_next_id(id, &id); n++)
		;
	printf("maps %u ", n);
	for (id = 0, n = 0; !bpf_prog_get_next_id(id, &id); n++)
		;
	printf("programs %u ", n);
	for (id = 0, n = 0; !bpf_link_get_next_id(id, &id); n++)
		;
	printf("links %u\n", n);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long changes, pause_us, n;
	u64 first, last, started;
	struct bpf_link *link = NULL;
	struct bpf_map *policy[2];
	int fd, nr = argc - 5;

	if (argc == 2 && !strcmp(argv[1], "count"))
		return count_objects();
	if (nr < 1 || nr > TENANTS) {
		fprintf(stderr, "usage: churn CHANGES PAUSE_US FILE FILE GFID...\n");
		return 2;
	}
	changes = strtoul(argv[1], NULL, 0);
	pause_us = strtoul(argv[2], NULL, 0);
	policy[0] = load_policy(argv[3]);
	policy[1] = load_policy(argv[4]);
	if (!policy[0] || !policy[1])
		return die("load");
	fd = start_work(nr, argv + 5);
	if (fd < 0)
		return die(DEVICE);
	usleep(pause_us);
	first = gpu_time();
	for (n = 0; n < changes; n++) {
		if (change(&link, policy, n)) {
			fprintf(stderr, "change %lu: %s\n", n, strerror(errno));
			return 1;
		}
		usleep(pause_us);
	}
	last = gpu_time();
	usleep(pause_us);
	if (ioctl(fd, NOVA_SIM_LOAD_STOP) || measure(fd, nr, &started))
		return die("result");
	printf("changes %lu\nfirst_us %llu\nlast_us %llu\n", n, (first - started) / 1000,
	       (last - started) / 1000);
	return 0;
}
