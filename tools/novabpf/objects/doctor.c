// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf doctor: what this machine has and lacks, one line per check, each with
 * a remedy.
 *
 * A check fails where the modules or their tools cannot work, and warns where
 * only some use of them is lost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "policy/policy.h"
#include "doctor.h"

#define KERNEL_MIN_MAJOR	6
#define KERNEL_MIN_MINOR	1
#define LIBBPF_MIN_MAJOR	1
#define LIBBPF_MIN_MINOR	4
#define CAP_PERFMON_BIT		38
#define CAP_BPF_BIT		39
#define OTHER_KERNEL		"boot a kernel"

void note(struct doctor *d, enum outcome out, const char *name, const char *remedy,
	  const char *fmt, ...)
{
	static const char *const text[] = { "ok", "warn", "FAIL" };
	static const char *const json[] = { "ok", "warn", "fail" };
	struct json_object *obj;
	char *finding;
	va_list ap;

	va_start(ap, fmt);
	finding = xvasprintf(fmt, ap);
	va_end(ap);
	if (out == RESULT_OK)
		remedy = NULL;
	if (out == RESULT_FAIL && !d->next) {
		/* Another way, where there is one, stands behind the first; a next step is one. */
		d->next = xasprintf("%.*s", (int)strcspn(remedy, ";"), remedy);
		d->other_kernel = !strncmp(remedy, OTHER_KERNEL, strlen(OTHER_KERNEL));
	}
	d->nr[out]++;
	if (d->checks) {
		obj = json_object_new_object();
		json_add_text(obj, "name", name);
		json_add_text(obj, "result", json[out]);
		json_add_text(obj, "finding", finding);
		json_add_text(obj, "remedy", remedy);
		json_object_array_add(d->checks, obj);
	} else {
		printf("%-4s %s: %s%s%s\n", text[out], name, printable(finding),
		       remedy ? " \342\200\224 " : "", remedy ? printable(remedy) : "");
	}
	free(finding);
}

static void check_kernel(struct doctor *d)
{
	unsigned long major, minor;

	d->release = root_line("/proc/sys/kernel/osrelease");
	if (!d->release || !parse_version(d->release, &major, &minor)) {
		note(d, RESULT_FAIL, "kernel", "mount proc at /proc",
		     "the kernel release cannot be read from /proc/sys/kernel/osrelease");
		return;
	}
	if (major < KERNEL_MIN_MAJOR || (major == KERNEL_MIN_MAJOR && minor < KERNEL_MIN_MINOR))
		note(d, RESULT_FAIL, "kernel", "boot a kernel of 6.1 or newer", "%s is too old",
		     d->release);
	else
		note(d, RESULT_OK, "kernel", NULL, "%s", d->release);
}

/* Unpack with gzip(1), so that the tool needs no library for one file. */
static char *read_gzip(const char *path)
{
	struct text out = { 0 };
	char buf[4096];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (!path_exists(path) || pipe(fds))
		return NULL;
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execlp("gzip", "gzip", "-dc", path, NULL);
		_exit(127);
	}
	close(fds[1]);
	while (pid > 0 && (n = read(fds[0], buf, sizeof(buf))) != 0) {
		if (n > 0)
			text_add(&out, "%.*s", (int)n, buf);
		else if (errno != EINTR)
			break;
	}
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		free(out.s);
		return NULL;
	}
	return out.s;
}

static char *kernel_config(const char *release)
{
	char *config = root_read("/boot/config-%s", release), *path;

	if (!config)
		config = root_read("/lib/modules/%s/config", release);
	if (!config) {
		path = root_path("/proc/config.gz");
		config = read_gzip(path);
		free(path);
	}
	return config;
}

/* Value of a kernel option: 'y', 'm' or 'n'. */
static char config_value(const char *config, const char *option)
{
	char *line = xasprintf("\nCONFIG_%s=", option);
	const char *s = strstr(config, line);
	char value = s ? s[strlen(line)] : 'n';

	free(line);
	return value;
}

static void check_config(struct doctor *d)
{
	static const struct {
		const char *option;
		enum outcome missing;
		const char *remedy;
	} wanted[] = {
		{ "MODULES", RESULT_FAIL, "boot a kernel with CONFIG_MODULES=y" },
		{ "BPF_SYSCALL", RESULT_FAIL, "boot a kernel with CONFIG_BPF_SYSCALL=y" },
		{ "DEBUG_INFO_BTF", RESULT_FAIL, "boot a kernel with CONFIG_DEBUG_INFO_BTF=y" },
		{ "DEBUG_INFO_BTF_MODULES", RESULT_FAIL,
		  "boot a kernel with CONFIG_DEBUG_INFO_BTF_MODULES=y" },
		{ "TRACEPOINTS", RESULT_FAIL, "boot a kernel with CONFIG_TRACEPOINTS=y" },
		{ "FTRACE", RESULT_WARN,
		  "trace-cmd, perf and bpftrace need a kernel with CONFIG_FTRACE=y" },
		{ "DEBUG_FS", RESULT_WARN, "'novabpf gsp' needs a kernel with CONFIG_DEBUG_FS=y" },
		{ "HIGH_RES_TIMERS", RESULT_FAIL, "boot a kernel with CONFIG_HIGH_RES_TIMERS=y" },
		{ "VFIO", RESULT_WARN, "only handing vGPUs to virtual machines needs it" },
		{ "VFIO_MDEV", RESULT_WARN, "only handing vGPUs to virtual machines needs it" },
	};
	char *config = d->release ? kernel_config(d->release) : NULL;
	char *text;
	size_t i;

	if (!config) {
		note(d, RESULT_WARN, "config",
		     "install the kernel's config file as /boot/config-RELEASE or load configs.ko",
		     "the options of kernel %s are not known: no /boot/config-*, no /proc/config.gz",
		     d->release ? d->release : "?");
		return;
	}
	text = xasprintf("\n%s", config);
	for (i = 0; i < ARRAY_LEN(wanted); i++) {
		char *name = xasprintf("config %s", wanted[i].option);
		char value = config_value(text, wanted[i].option);

		if (value == 'y' || value == 'm')
			note(d, RESULT_OK, name, NULL, "%c", value);
		else
			note(d, wanted[i].missing, name, wanted[i].remedy, "not set");
		free(name);
	}
	free(text);
	free(config);
}

/* A policy holds the core: rmmod says "in use", and not by whom. */
static void check_policy(struct doctor *d, const char *gpu)
{
	char *policy = gpu_attr("%s/sched/policy", gpu);

	if (policy && *policy)
		note(d, RESULT_OK, gpu, NULL,
		     "%s has the policy '%s'; to unload the modules: novabpf detach %s", gpu,
		     policy, gpu);
	free(policy);
}

/* A GPU may be ready, and its engines stand still. */
static void check_runlists(struct doctor *d, const char *gpu)
{
	char *remedy = xasprintf("see the kernel log; to reset it: novabpf gpu recover %s", gpu);
	char *trouble = NULL;
	uint32_t id;

	if (gpu_id_of(gpu, &id))
		trouble = runlists_trouble(id);
	if (trouble)
		note(d, RESULT_FAIL, gpu, remedy, "%s", trouble);
	free(trouble);
	free(remedy);
}

static void check_gpus(struct doctor *d)
{
	static const char remedy[] = "see 'novabpf gpu show' and the kernel log";
	const char *state, *failure;
	struct attrs attrs;
	struct names gpus;
	size_t i;

	if (gpus_find(&gpus))
		return;
	if (!gpus.nr)
		note(d, RESULT_WARN, "gpus", "load a driver for one, such as: modprobe novabpf_sim",
		     "none");
	for (i = 0; i < gpus.nr; i++) {
		if (gpu_attrs(&attrs, "%s", gpus.name[i]))
			continue;
		state = attrs_get(&attrs, "state");
		failure = attrs_get(&attrs, "failure");
		if (state && !strcmp(state, "failed"))
			note(d, RESULT_FAIL, gpus.name[i], remedy, "failed: %s",
			     failure && *failure ? failure : "no reason given");
		else
			note(d, state && !strcmp(state, "ready") ? RESULT_OK : RESULT_WARN,
			     gpus.name[i], remedy, "%s", state ? state : "state unknown");
		attrs_free(&attrs);
		check_policy(d, gpus.name[i]);
		check_runlists(d, gpus.name[i]);
	}
	names_free(&gpus);
}

static void check_modules(struct doctor *d)
{
	bool simulator = root_has("/sys/module/novabpf_sim");

	note(d, d->loaded ? RESULT_OK : RESULT_FAIL, "module novabpf",
	     may_load_modules() ? "run 'modprobe novabpf_sim'" : "run 'sudo modprobe novabpf_sim'",
	     d->loaded ? "loaded" : "not loaded");
	note(d, simulator ? RESULT_OK : RESULT_WARN, "module novabpf_sim",
	     "modprobe novabpf_sim, where simulated GPUs are wanted",
	     simulator ? "loaded" : "not loaded");
}

static void check_struct_ops(struct doctor *d, const struct btf *vmlinux)
{
	static const char remedy[] = "boot a kernel of 6.9 or newer for policies in BPF";
	bool able = machine_has_struct_ops(vmlinux, d->release);

	note(d, able ? RESULT_OK : RESULT_WARN, "struct_ops", remedy,
	     able ? "modules may define struct_ops" : "modules cannot define struct_ops");
}

static void check_btf(struct doctor *d)
{
	char *base_path = root_path("/sys/kernel/btf/vmlinux");
	char *mod_path = root_path("/sys/kernel/btf/novabpf");
	struct btf *base, *mod;

	base = btf__parse(base_path, NULL);
	if (base)
		note(d, RESULT_OK, "btf vmlinux", NULL, "%u types", btf__type_cnt(base));
	else
		note(d, RESULT_FAIL, "btf vmlinux", "boot a kernel with CONFIG_DEBUG_INFO_BTF=y",
		     "cannot parse %s: %s", base_path, strerror(errno));
	if (!path_exists(mod_path)) {
		note(d, RESULT_FAIL, "btf novabpf",
		     root_has("/sys/module/novabpf") ?
		     "build the modules again with pahole and the kernel's image installed" :
		     "modprobe novabpf_sim", "%s is missing", mod_path);
	} else if (base) {
		mod = btf__parse_split(mod_path, base);
		if (mod)
			note(d, RESULT_OK, "btf novabpf", NULL, "%u types of its own",
			     btf__type_cnt(mod) - btf__type_cnt(base));
		else
			note(d, RESULT_FAIL, "btf novabpf",
			     "build the modules again for the running kernel",
			     "cannot parse %s: %s", mod_path, strerror(errno));
		btf__free(mod);
	}
	check_struct_ops(d, base);
	btf__free(base);
	free(base_path);
	free(mod_path);
}

static void check_libbpf(struct doctor *d)
{
	unsigned int major = libbpf_major_version(), minor = libbpf_minor_version();
	bool good = major > LIBBPF_MIN_MAJOR ||
		    (major == LIBBPF_MIN_MAJOR && minor >= LIBBPF_MIN_MINOR);

	note(d, good ? RESULT_OK : RESULT_FAIL, "libbpf", "install libbpf 1.4 or newer", "%u.%u",
	     major, minor);
}

static bool is_mounted(const char *mounts, const char *dir, const char *type)
{
	char *want = xasprintf(" %s %s ", dir, type);
	bool found = mounts && strstr(mounts, want);

	free(want);
	return found;
}

static void check_mounts(struct doctor *d)
{
	static const struct {
		const char *type, *dir, *alt, *use;
	} fs[] = {
		{ "bpf", "/sys/fs/bpf", NULL, "pinned BPF objects" },
		{ "tracefs", "/sys/kernel/tracing", "/sys/kernel/debug/tracing", "tracepoints" },
		{ "debugfs", "/sys/kernel/debug", NULL, "'novabpf gsp'" },
	};
	char *mounts = root_read("/proc/self/mounts");
	size_t i;

	for (i = 0; i < ARRAY_LEN(fs); i++) {
		char *remedy = xasprintf("mount -t %s none %s, for %s", fs[i].type, fs[i].dir,
					 fs[i].use);
		const char *dir = fs[i].dir;

		if (!is_mounted(mounts, dir, fs[i].type) && fs[i].alt &&
		    is_mounted(mounts, fs[i].alt, fs[i].type))
			dir = fs[i].alt;
		if (is_mounted(mounts, dir, fs[i].type))
			note(d, RESULT_OK, fs[i].type, NULL, "mounted at %s", dir);
		else
			note(d, RESULT_WARN, fs[i].type, remedy, "not mounted at %s", dir);
		free(remedy);
	}
	free(mounts);
}

static void check_tracepoints(struct doctor *d)
{
	static const char *const events[] = {
		"gsp_rpc_submit", "gsp_rpc_send", "gsp_rpc_reply", "gsp_rpc_done",
		"gsp_rpc_timeout", "gsp_event", "gsp_record_bad", "gsp_state",
	};
	static const char *const dirs[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	struct text missing = { 0 };
	size_t i, t;

	for (t = 0; t < ARRAY_LEN(dirs) && !root_has("%s/events", dirs[t]); t++)
		;
	if (t == ARRAY_LEN(dirs)) {
		note(d, RESULT_WARN, "tracepoints", "run as root, with tracefs mounted",
		     "cannot be seen");
		return;
	}
	for (i = 0; i < ARRAY_LEN(events); i++)
		if (!root_has("%s/events/novabpf/%s/format", dirs[t], events[i]))
			text_add(&missing, "%s%s", missing.len ? ", " : "", events[i]);
	if (!missing.s)
		note(d, RESULT_OK, "tracepoints", NULL, "all %zu present", ARRAY_LEN(events));
	else if (!root_has("/sys/module/novabpf"))
		note(d, RESULT_FAIL, "tracepoints", "modprobe novabpf_sim",
		     "none: the module is not loaded");
	else
		note(d, RESULT_FAIL, "tracepoints", "use tool and modules of the same version",
		     "missing: %s", missing.s);
	free(missing.s);
}

static void check_permissions(struct doctor *d)
{
	uint64_t caps = machine_caps();
	bool admin = caps >> CAP_SYS_ADMIN_BIT & 1;
	bool bpf = admin || (caps >> CAP_BPF_BIT & 1);
	bool perfmon = admin || (caps >> CAP_PERFMON_BIT & 1);
	char *dir = root_path("/sys/kernel/debug/novabpf");

	note(d, bpf ? RESULT_OK : RESULT_WARN, "CAP_BPF",
	     "run as root or with CAP_BPF to load BPF programs", bpf ? "held" : "not held");
	note(d, perfmon ? RESULT_OK : RESULT_WARN, "CAP_PERFMON",
	     "run as root or with CAP_PERFMON to trace", perfmon ? "held" : "not held");
	if (!access(dir, R_OK | X_OK))
		note(d, RESULT_OK, "debugfs access", NULL, "%s can be read", dir);
	else if (errno == ENOENT)
		note(d, RESULT_WARN, "debugfs access",
		     "load the module and mount debugfs", "%s is missing", dir);
	else
		note(d, RESULT_WARN, "debugfs access",
		     "run as root or with CAP_DAC_READ_SEARCH for 'novabpf gsp'",
		     "%s cannot be read: %s", dir, strerror(errno));
	free(dir);
}

/* A machine that boots its own kernel is less of a step than to boot another here. */
static void next_step(struct doctor *d, bool machines)
{
	char *remedy = d->next;

	if (remedy && d->other_kernel && !d->loaded) {
		d->next = xstrdup(machines ? "run 'make demo', which boots its own kernel" :
				  "run scripts/setup.sh, which gets what 'make demo' needs");
		free(remedy);
	} else if (!remedy && !(machine_caps() >> CAP_SYS_ADMIN_BIT & 1)) {
		d->next = xstrdup("run 'sudo novabpf doctor', which may look at everything");
	}
}

int cmd_doctor(const struct call *call)
{
	struct doctor d = { 0 };
	struct json_object *doc;

	(void)call;
	if (json_output)
		d.checks = json_object_new_array();
	d.loaded = root_has("/sys/module/novabpf");
	check_kernel(&d);
	check_config(&d);
	check_module_files(&d);
	check_signing(&d);
	check_modules(&d);
	check_gpus(&d);
	check_btf(&d);
	check_libbpf(&d);
	check_mounts(&d);
	check_tracepoints(&d);
	check_permissions(&d);
	next_step(&d, check_machines(&d));
	free(d.release);
	if (d.checks) {
		doc = json_object_new_object();
		json_add_bool(doc, "ok", !d.nr[RESULT_FAIL]);
		json_add_text(doc, "next", d.next);
		json_object_object_add(doc, "checks", d.checks);
		emit_json(doc);
	} else {
		printf("%d ok, %d warnings, %d failed\n", d.nr[RESULT_OK], d.nr[RESULT_WARN],
		       d.nr[RESULT_FAIL]);
		printf("next: %s\n",
		       d.next ? d.next : "nothing is missing; try 'novabpf gpu list'");
	}
	free(d.next);
	return d.nr[RESULT_FAIL] ? EXIT_FAILED : 0;
}
