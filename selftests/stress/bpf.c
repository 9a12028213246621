// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps that attach and detach policies and hooks, and run the tool.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/wait.h>
#include "stress.h"

#define WORDS		16

static const char * const policies[] = {
	"build/bpf/sched/rr.bpf.o", "build/bpf/sched/fair.bpf.o",
	"build/bpf/sched/besteffort.bpf.o", "build/bpf/sched/fixed.bpf.o",
	"build/bpf/sched/deadline.bpf.o", "build/bpf/sched/latency.bpf.o",
	"build/selftests/bpf/init_fails.bpf.o",
};

static const char * const hooks[] = {
	"build/bpf/rpc/rpclat.bpf.o", "build/bpf/rpc/slow.bpf.o", "build/bpf/rpc/firewall.bpf.o",
	"build/bpf/rpc/ratelimit.bpf.o", "build/selftests/bpf/hook/ask.bpf.o",
};

/**
 * struct loaded - an object that is kept: to load one takes a slow machine seconds
 * @obj: object, or NULL
 * @ops: its table
 * @fault: it is told to go wrong
 */
struct loaded {
	struct bpf_object *obj;
	struct bpf_map *ops;
	bool fault;
};

static struct loaded policy[2], hook;
static __u32 drops_seen;

static void drop(struct loaded *l)
{
	bpf_object__close(l->obj);
	*l = (struct loaded) {};
}

void drop_loaded(void)
{
	drop(&policy[0]);
	drop(&policy[1]);
	drop(&hook);
}

/* Programs hold the core: whoever wants to unload it asks for them to be let go. */
static void heed_drops(void)
{
	__u32 now = drops_asked();

	if (now != drops_seen)
		drop_loaded();
	drops_seen = now;
}

/* A variable of the section .rodata, before it is loaded. */
static void set_variable(struct bpf_object *obj, const char *name, __u32 value)
{
	struct btf *btf = bpf_object__btf(obj);
	const struct btf_var_secinfo *var;
	const struct btf_type *sec;
	struct bpf_map *map;
	size_t bytes = 0;
	char *data;
	int id, i;

	id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	if (id < 0)
		return;
	bpf_object__for_each_map(map, obj)
		if (strstr(bpf_map__name(map), ".rodata"))
			break;
	data = map ? bpf_map__initial_value(map, &bytes) : NULL;
	sec = btf__type_by_id(btf, id);
	for (i = 0, var = btf_var_secinfos(sec); data && i < btf_vlen(sec); i++, var++) {
		const struct btf_type *t = btf__type_by_id(btf, var->type);

		if (!strcmp(btf__name_by_offset(btf, t->name_off), name) &&
		    var->offset + sizeof(value) <= bytes)
			memcpy(data + var->offset, &value, sizeof(value));
	}
}

static void load_ops(struct loaded *l, const char *file, const char *fault, __u32 value)
{
	char path[PATH_BYTES];
	struct bpf_map *map;

	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s/%s", top, file);
	l->obj = bpf_object__open_file(path, NULL);
	if (!l->obj)
		return;
	if (fault)
		set_variable(l->obj, fault, value);
	l->fault = fault;
	if (bpf_object__load(l->obj)) {
		drop(l);
		return;
	}
	bpf_object__for_each_map(map, l->obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			l->ops = map;
}

static void nap_until_ejected(void)
{
	char state[32];
	__u32 i;

	for (i = 0; i < 20 && !stopping(); i++) {
		if (read_text(CLASS "/gpu0/sched/state", state, sizeof(state)) < 0 ||
		    !strcmp(state, "faulted\n"))
			break;
		nap_us(50000);
	}
}

/* To load programs takes long, and shall not be for nothing. */
static void nap_until_there(void)
{
	__u32 i;

	for (i = 0; i < 40 && !gpu_there() && !stopping(); i++)
		nap_us(50000);
}

/* Attached, perhaps replaced, detached in one of several ways. */
static int attach(struct loaded *l, struct loaded *other)
{
	struct bpf_link *link;
	int err;

	if (!l->ops)
		return -ENOENT;
	nap_until_there();
	link = bpf_map__attach_struct_ops(l->ops);
	err = link ? 0 : -errno;
	if (!link)
		return err;
	nap_us(below(60000));
	if (l->fault) {
		keep_busy(0);
		nap_until_ejected();
	}
	if (other && other->ops && below(2)) {
		err = bpf_link__update_map(link, other->ops);
		nap_us(below(30000));
	}
	if (!below(3))
		bpf_link__detach(link);
	bpf_link__destroy(link);
	return err;
}

/* The second one goes wrong. */
static void load_policy(__u32 which)
{
	static const char * const faults[] = { "fault_error_after", "fault_error_after",
					       "fault_bad_gfid_every", "fault_stall_gfid" };
	const char *file = ONE_OF(policies), *fault = ONE_OF(faults);
	__u32 value = 1 + below(2);

	if (which)
		file = policies[below(ARRAY_SIZE(policies) - 1)];
	say("%u: %s %s", which, file, which ? fault : "");
	load_ops(&policy[which], file, which ? fault : NULL, value);
}

static void load_hook(void)
{
	const char *file = ONE_OF(hooks);
	__u32 action = below(10);

	say("%s action=%u", file, action);
	load_ops(&hook, file, "action", action);
	hook.fault = false;
}

void load_before(bool policies_too, bool hooks_too)
{
	if (policies_too)
		load_policy(1);
	if (hooks_too)
		load_hook();
}

int step_policy(void)
{
	__u32 which = below(3) ? 1 : 0;

	heed_drops();
	if (!below(10))
		drop(&policy[which]);
	if (policy[which].obj)
		say("%u: what is there", which);
	else
		load_policy(which);
	return attach(&policy[which], &policy[!which]);
}

int step_hook(void)
{
	heed_drops();
	if (!below(10))
		drop(&hook);
	if (hook.obj)
		say("what is there");
	else
		load_hook();
	return attach(&hook, NULL);
}

/* Somebody else's link. */
int step_unlink(void)
{
	__u32 id = 0, nth = 1 + below(4);
	int fd = -1, err;

	say("link %u", nth);
	while (nth && !bpf_link_get_next_id(id, &id)) {
		if (fd >= 0)
			close(fd);
		fd = bpf_link_get_fd_by_id(id);
		nth--;
	}
	if (fd < 0)
		return -ENOENT;
	err = bpf_link_detach(fd) ? -errno : 0;
	close(fd);
	return err;
}

static void be_program(char *const argv[])
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	setpgid(0, 0);
	execvp(argv[0], argv);
	_exit(127);
}

int run_program(char *const argv[], __u32 kill_us)
{
	__u64 end = now_ns() + (kill_us ? kill_us * 1000ULL : 20000000000ULL);
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		be_program(argv);
	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ns() > end) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			tally(TALLY_KILLED, 1);
			waitpid(pid, &status, 0);
			break;
		}
		nap_us(2000);
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return -EINTR;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* One line of words; those of the tool end with 0, 1 or 2, whatever there is or not. */
static int tool(const char *line)
{
	char words[256], *argv[WORDS + 1] = { "novabpf" }, *word;
	__u32 n = 1, kill_us = below(6) ? 0 : 20000 + below(400000);
	int status;

	say("novabpf %s%s", line, kill_us ? ", killed" : "");
	snprintf(words, sizeof(words), "%s", line);
	for (word = strtok(words, " "); word && n < WORDS; word = strtok(NULL, " "))
		argv[n++] = word;
	status = run_program(argv, kill_us);
	if (status == 127)
		return -ENOEXEC;
	if (status > 2)
		wrong("exit status %d", status);
	return status == 1 || status == 2 ? -EPERM : status;
}

int step_cli(void)
{
	static const char * const lines[] = {
		"gpu list", "gpu show", "vgpu list", "vgpu types", "vgpu show %u %u",
		"vgpu create %u NOVA-4Q --count 2", "vgpu destroy %u all", "vgpu destroy %u vgpu%u",
		"vgpu set %u %u weight=300", "gsp history", "gsp history --failed -j",
		"gsp queues %u -o /run/stress-queues", "gsp report", "gsp report --clear",
		"record /run/stress.pcapng -- true", "record /run/stress.pcapng --seconds 0.2",
		"top %u --once", "status", "status %u -j", "list", "list -j", "sched show",
		"sched set %u slice_us=3000", "sched reset %u", "doctor", "rpc lat", "rpc slow",
		"rpc firewall", "rpc limits", "trace rpc --seconds 0.2", "trace sched -- true",
	};
	char line[128];

	snprintf(line, sizeof(line), ONE_OF(lines), below(gpus), 1 + below(gfids));
	return tool(line);
}

int step_cli_ops(void)
{
	static const char * const faults[] = { "stall_gfid=1", "bad_gfid_every=1",
					       "bad_slice_every=10", "error_after=20" };
	static const char * const lines[] = {
		"detach", "detach --hook ask", "detach --hook firewall", "detach --hook inject",
		"rpc deny %u %u", "rpc allow %u %u", "rpc forget %u %u", "rpc limit %u %u 50 4",
		"inject list", "inject clear", "inject release all",
		"inject add --gpu %u action=delay function=GSP_RM_CONTROL gfid=%u nth=2 time=20ms",
		"inject add --gpu %u function=GSP_RM_CONTROL phase=reply action=drop ppm=20000",
		"inject add --gpu %u function=FREE phase=reply action=late ppm=50000",
		"inject add --gpu %u event=VGPU_GSP_PLUGIN_TRIGGERED action=drop ppm=300000",
		"inject add --gpu %u function=GSP_RM_CONTROL action=hold ppm=20000",
		"inject run busy -- true",
	};
	const char *file;
	char line[200];

	switch (below(4)) {
	case 0:
		file = policies[below(ARRAY_SIZE(policies) - 1)];
		snprintf(line, sizeof(line), "attach %s/%s --gpu %u --set fault_%s --replace", top,
			 file, below(gpus), ONE_OF(faults));
		break;
	case 1:
		file = below(2) ? ONE_OF(hooks) : ONE_OF(policies);
		snprintf(line, sizeof(line), "attach %s/%s --gpu %u%s", top, file, below(gpus),
			 below(2) ? " --replace" : "");
		break;
	default:
		snprintf(line, sizeof(line), ONE_OF(lines), below(gpus), 1 + below(gfids));
		break;
	}
	return tool(line);
}
