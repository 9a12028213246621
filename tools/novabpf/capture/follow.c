// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows the BPF program that captures calls and events, until a time, a signal or
 * the end of a command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>

#include "base/common.h"
#include "policy/policy.h"
#include "capture.h"

#define POLL_MS		50
#define MODULE_BTF	"/sys/kernel/btf/novabpf"

struct follower {
	struct tap *tap;
	struct bpf_object *obj;
	struct ring_buffer *ring;
	int ret;
};

static int parse_seconds(struct tap *t, const char *value)
{
	char *end;

	t->seconds = strtod(value, &end);
	if (end == value || *end || !(t->seconds > 0 && t->seconds <= TAP_SECONDS_MAX))
		return usage_error("bad value '%s' for --seconds: give more than 0, at most %d",
				   value, TAP_SECONDS_MAX);
	return 0;
}

int tap_parse(const struct call *call, struct tap *t, int plain_args, const char *from)
{
	const char *gpu = call_value(call, "gpu"), *seconds = call_value(call, "seconds");
	int plain = call->nr_plain < 0 ? call->nr_args : call->nr_plain;
	uint64_t number;

	t->gpu = TAP_ALL_GPUS;
	if (plain > plain_args)
		return usage_error("unexpected argument '%s'; a command to run stands after --",
				   call->args[plain_args]);
	if (plain < plain_args)
		return usage_error("FILE is missing; a command to run stands after it and --");
	if (call->nr_plain == call->nr_args)
		return usage_error("no command stands after --");
	if (call->nr_plain >= 0)
		t->argv = (char *const *)call->args + plain;
	if (seconds && t->argv)
		return usage_error("--seconds and a command exclude each other");
	if (seconds && parse_seconds(t, seconds))
		return EXIT_USAGE;
	if (!gpu)
		return 0;
	if (!from)
		return gpu_by_name(gpu, &t->gpu);
	if (!parse_u64(gpu + (strncmp(gpu, "gpu", 3) ? 0 : 3), &number) || number >= TAP_ALL_GPUS)
		return usage_error("bad value '%s' for --gpu: give a name such as gpu0", gpu);
	t->gpu = number;
	return 0;
}

static int check_kernel(void)
{
	char *module = root_path("/sys/module/novabpf");
	char *btf = root_path(MODULE_BTF);
	int ret = 0;

	if (!path_exists(module))
		ret = fail("the module novabpf is not loaded; run: modprobe novabpf_sim");
	else if (!path_exists(btf))
		ret = fail("the module novabpf has no BTF; build it as 'novabpf doctor' says");
	free(module);
	free(btf);
	return ret;
}

/* Variable @name of the object's read-only data, before it is loaded. */
static void set_u32(struct follower *f, const char *name, uint32_t value)
{
	struct bpf_map *map = bpf_object__find_map_by_name(f->obj, ".rodata");
	const struct btf *btf = bpf_object__btf(f->obj);
	const struct btf_type *sec;
	size_t bytes = 0;
	int32_t id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	char *data = map ? bpf_map__initial_value(map, &bytes) : NULL;
	int i;

	sec = id > 0 ? btf__type_by_id(btf, id) : NULL;
	for (i = 0; data && sec && i < btf_vlen(sec); i++) {
		const struct btf_var_secinfo *v = btf_var_secinfos(sec) + i;
		const struct btf_type *t = btf__type_by_id(btf, v->type);

		if (!strcmp(btf__name_by_offset(btf, t->name_off), name) &&
		    v->size == sizeof(value) && v->offset + v->size <= bytes)
			memcpy(data + v->offset, &value, sizeof(value));
	}
}

/* Records lost so far: the only variable of the object that is not read-only. */
static uint64_t read_lost(const struct follower *f)
{
	struct bpf_map *map = bpf_object__find_map_by_name(f->obj, ".bss");
	uint64_t lost[8] = { 0 };
	uint32_t key = 0;

	if (!map || bpf_map__value_size(map) > sizeof(lost) ||
	    bpf_map_lookup_elem(bpf_map__fd(map), &key, lost))
		return 0;
	return lost[0];
}

static int take(void *arg, void *data, size_t len)
{
	struct follower *f = arg;
	struct tap_record rec = { 0 };

	if (len < sizeof(rec.c) || f->ret)
		return 0;
	memcpy(&rec.c, data, sizeof(rec.c));
	if (rec.c.payload_bytes > len - sizeof(rec.c))
		return 0;
	rec.payload = (const uint8_t *)data + sizeof(rec.c);
	rec.c.comm[sizeof(rec.c.comm) - 1] = '\0';
	rec.c.release[sizeof(rec.c.release) - 1] = '\0';
	f->ret = f->tap->fn(f->tap->arg, &rec);
	return 0;
}

static int open_failed(const char *what)
{
	if (errno == EPERM)
		return fail("no permission to %s; run as root, with CAP_SYS_ADMIN", what);
	if (errno == EACCES)
		return fail("the verifier refuses record.bpf.o; bpftool -d prog load tells why");
	return fail("cannot %s: %s", what, libbpf_warning() ? libbpf_warning() : strerror(errno));
}

static int start(struct follower *f)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	char *path;

	path = shipped_path("trace/record.bpf.o", "bpf/trace/record.bpf.o");
	if (!path)
		return fail("the BPF program record.bpf.o is not there; build it with: make bpf");
	libbpf_listen();
	f->obj = bpf_object__open_file(path, NULL);
	free(path);
	if (!f->obj)
		return open_failed("open the BPF program");
	set_u32(f, "only_gpu", f->tap->gpu);
	set_u32(f, "payload_max", f->tap->payload_max);
	if (bpf_object__load(f->obj))
		return open_failed("load the BPF program");
	map = bpf_object__find_map_by_name(f->obj, "ring");
	f->ring = map ? ring_buffer__new(bpf_map__fd(map), take, f, NULL) : NULL;
	if (!f->ring)
		return open_failed("read from the BPF program");
	/* Links end with the programs, and those with the object or with us. */
	bpf_object__for_each_program(prog, f->obj)
		if (!bpf_program__attach(prog))
			return open_failed("attach the BPF program");
	return 0;
}

static int follow(struct follower *f)
{
	struct tap *t = f->tap;
	double end = t->seconds ? now_s() + t->seconds : INFINITY;
	bool ended = false;
	pid_t pid = 0;

	if (t->argv) {
		pid = child_start(t->argv);
		if (pid < 0)
			return EXIT_FAILED;
	}
	while (!f->ret && !signals_came() && !ended && now_s() < end) {
		ring_buffer__poll(f->ring, POLL_MS);
		ended = pid && child_ended(pid, WNOHANG, &t->command_status);
	}
	if (pid && !ended) {
		kill(pid, SIGTERM);
		child_ended(pid, 0, &t->command_status);
	}
	ring_buffer__consume(f->ring);
	t->lost = read_lost(f);
	return f->ret;
}

int tap_run(struct tap *t)
{
	struct follower *f = xcalloc(1, sizeof(*f));
	int ret;

	f->tap = t;
	signals_catch(true);
	ret = check_kernel();
	ret = ret ? ret : start(f);
	ret = ret ? ret : follow(f);
	ring_buffer__free(f->ring);
	bpf_object__close(f->obj);
	signals_catch(false);
	free(f);
	return ret;
}
