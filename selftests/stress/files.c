// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps that write and read files: sysfs, debugfs, tracefs, module parameters.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "stress.h"

#define FILES_READ	24

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int read_text(const char *path, char *buf, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	buf[0] = 0;
	if (fd < 0)
		return -errno;
	n = read(fd, buf, bytes - 1);
	n = n < 0 ? -errno : n;
	if (n > 0)
		buf[n] = 0;
	close(fd);
	return n;
}

void gpu_path(char *path, const char *file)
{
	snprintf(path, PATH_BYTES, CLASS "/gpu%u/%s", below(gpus), file);
}

bool gpu_there(void)
{
	return !access(CLASS "/gpu0", F_OK);
}

static int write_gpu(const char *file, const char *text)
{
	char path[PATH_BYTES];

	gpu_path(path, file);
	say("echo '%s' >%s", text, path);
	return write_text(path, text);
}

int step_create(void)
{
	static const char * const others[] = { "NOVA-2Q", "nonsense" };
	char text[128], more[64] = "";

	if (!below(3))
		snprintf(more, sizeof(more), " name=n%u weight=%u cap_pct=%u", below(3),
			 1 + below(1000), below(2) * below(101));
	snprintf(text, sizeof(text), "type=%s gfid=%u%s", below(8) ? round_type : ONE_OF(others),
		 1 + below(gfids), more);
	return write_gpu("vgpu_create", text);
}

int step_destroy(void)
{
	char text[32];

	switch (below(8)) {
	case 0:
		snprintf(text, sizeof(text), "n%u", below(3));
		break;
	case 1:
		snprintf(text, sizeof(text), "vgpu%u", 1 + below(gfids));
		break;
	default:
		snprintf(text, sizeof(text), "%u", 1 + below(gfids));
		break;
	}
	return write_gpu("vgpu_destroy", text);
}

int step_restart(void)
{
	char file[32];

	snprintf(file, sizeof(file), "vgpu%u/reset", 1 + below(gfids));
	return write_gpu(file, "1");
}

int step_set(void)
{
	static const char * const names[] = { "weight", "cap_pct", "priority", "period_us",
					      "budget_us" };
	static const __u32 most[] = { 10001, 101, 3, 100000, 50000 };
	__u32 which = below(ARRAY_SIZE(names));
	char file[64], text[16];

	snprintf(file, sizeof(file), "vgpu%u/%s", 1 + below(gfids), names[which]);
	snprintf(text, sizeof(text), "%u", below(most[which]));
	return write_gpu(file, text);
}

int step_recover(void)
{
	return write_gpu("recover", "1");
}

int step_sched(void)
{
	static const char * const builtin[] = { "best-effort", "equal-share", "fixed-share", "no" };
	static const char * const names[] = { "arr", "arr_frequency_hz", "arr_avg_factor",
					      "slice_us" };
	static const __u32 most[] = { 3, 1000, 60, 30000 };
	__u32 which = below(ARRAY_SIZE(names));
	char file[64], text[16];

	switch (below(3)) {
	case 0:
		return write_gpu("sched/builtin", ONE_OF(builtin));
	case 1:
		return write_gpu("sched/reset", "1");
	default:
		snprintf(file, sizeof(file), "sched/%s", names[which]);
		snprintf(text, sizeof(text), "%u", below(most[which]));
		return write_gpu(file, text);
	}
}

/* Shares of firmware time; what hooks hold back. */
int step_flow(void)
{
	char text[32];

	if (below(2))
		return write_gpu("rpc/release", "all");
	snprintf(text, sizeof(text), "%u %u", below(gfids + 1), below(2000));
	return write_gpu("rpc/weight", text);
}

int step_param(void)
{
	static const struct {
		const char *name;
		__u32 least, most;
	} params[] = {
		{ "allow_injection", 0, 1 }, { "allow_injection", 0, 1 },
		{ "allow_injection", 1, 1 }, { "rpc_timeout_ms", 50, 500 },
		{ "rpc_slow_timeout_ms", 200, 1000 }, { "rpc_window", 0, 16 },
		{ "rpc_flow_window", 0, 8 }, { "rpc_timeouts_reset", 0, 4 },
		{ "recoveries_max", 8, 16 }, { "boot_timeout_ms", 500, 2000 },
		{ "vgpu_boot_timeout_ms", 200, 1000 }, { "vgpu_rpc_timeout_ms", 100, 500 },
		{ "allow_raw_calls", 0, 1 },
	};
	__u32 which = below(ARRAY_SIZE(params));
	char path[PATH_BYTES], text[16];

	snprintf(path, sizeof(path), PARAMS "/%s", params[which].name);
	snprintf(text, sizeof(text), "%u", params[which].least +
		 below(params[which].most - params[which].least + 1));
	say("echo %s >%s", text, path);
	return write_text(path, text);
}

/* Reads what is in a folder; files that wait for something, or act, are not read. */
static int read_folder(const char *folder, __u32 *budget)
{
	char path[PATH_BYTES], buf[4096];
	struct dirent *e;
	DIR *dir;
	int n;

	dir = opendir(folder);
	if (!dir)
		return -errno;
	while (*budget && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || !strcmp(e->d_name, "power"))
			continue;
		n = snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (n >= (int)sizeof(path))
			continue;
		if (e->d_type == DT_DIR && !below(2)) {
			read_folder(path, budget);
		} else if (e->d_type == DT_REG && below(2)) {
			read_text(path, buf, sizeof(buf));
			--*budget;
		}
	}
	closedir(dir);
	return 0;
}

int step_read(void)
{
	__u32 budget = FILES_READ;
	char path[PATH_BYTES], file[32];

	snprintf(file, sizeof(file), "vgpu%u", 1 + below(gfids));
	gpu_path(path, below(2) ? file : ".");
	say("%s", path);
	return read_folder(path, &budget);
}

/* Opened, held for a moment, then used: a GPU may go in between. */
static int hold_and_use(const char *path, const char *text)
{
	int fd = open(path, (text ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK), err = 0, i;
	char buf[8192];

	if (fd < 0)
		return -errno;
	nap_us(below(20000));
	if (text && write(fd, text, strlen(text)) < 0)
		err = -errno;
	for (i = 0; !err && i < 16; i++) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
	}
	nap_us(below(20000));
	close(fd);
	return err;
}

int step_debug(void)
{
	static const char * const names[] = {
		"novabpf/gpu%u/history", "novabpf/gpu%u/queues", "novabpf/gpu%u/report",
		"novabpf/gpu%u/sched", "novabpf/gpu%u/sched_dump", "novabpf/gpu%u/call",
		"novabpf_sim/gpu%u/status", "novabpf_sim/gpu%u/registers",
		"novabpf_sim/gpu%u/fault", "novabpf_sim/gpu%u/service",
	};
	char path[PATH_BYTES], name[64];
	const char *text = NULL;

	snprintf(name, sizeof(name), ONE_OF(names), below(gpus));
	snprintf(path, sizeof(path), DEBUGFS "/%s", name);
	if (strstr(name, "report") && !below(3))
		text = "clear";
	say("%s%s", path, text ? " clear" : "");
	return hold_and_use(path, text);
}

static int write_fault(__u32 gpu, const char *text)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), DEBUGFS "/novabpf_sim/gpu%u/fault", gpu);
	return write_text(path, text);
}

int step_fault(void)
{
	static const char * const faults[] = {
		"mute on", "stall on", "halt", "crash exception", "crash timeout", "crash panic",
		"crash watchdog", "event pmu", "event action 3", "event fecs 1", "storm 300",
		"wptr 63", "next badsum 3", "next drop", "next late", "lockdown", "irq off",
		"heartbeat core", "init fail", "init mute", "wpr2 stuck", "plugin mute 1",
		"plugin mute 2", "plugin delay 200000", "plugin keep 1",
		"random corrupt=2000 drop=2000 delay=3000 delay_us=50000",
		"random drop=30000 delay=30000 delay_us=250000", "random drop=100000",
	};
	__u32 gpu = below(gpus);
	char text[64];

	if (below(4))
		snprintf(text, sizeof(text), "%s", ONE_OF(faults));
	else
		snprintf(text, sizeof(text), "plugin crash %u", 1 + below(gfids));
	say("gpu%u %s", gpu, text);
	return write_fault(gpu, text);
}

static int heal_gpu(__u32 gpu)
{
	static const char * const off[] = {
		"random off", "next off", "storm off", "irq on", "wpr2 ok", "plugin mute 0",
		"plugin keep 0", "plugin delay 0", "init mute 0", "init fail 0", "mute off",
		"stall off",
	};
	char path[PATH_BYTES], state[32];
	__u32 i;

	for (i = 0; i < ARRAY_SIZE(off); i++)
		write_fault(gpu, off[i]);
	snprintf(path, sizeof(path), CLASS "/gpu%u/state", gpu);
	if (read_text(path, state, sizeof(state)) <= 0)
		return -ENODEV;
	snprintf(path, sizeof(path), CLASS "/gpu%u/recover", gpu);
	return strcmp(state, "failed\n") ? 0 : write_text(path, "1");
}

void heal(void)
{
	__u32 i;

	for (i = 0; i < gpus; i++)
		heal_gpu(i);
}

int step_heal(void)
{
	__u32 gpu = below(gpus);

	say("gpu%u", gpu);
	return heal_gpu(gpu);
}

int step_service(void)
{
	char path[PATH_BYTES], text[32];

	snprintf(path, sizeof(path), DEBUGFS "/novabpf_sim/gpu%u/service", below(gpus));
	snprintf(text, sizeof(text), "%u %u", below(2) * below(200000), 1 + below(8));
	say("echo %s >%s", text, path);
	return write_text(path, text);
}

/* Events come and go with the module. */
int step_trace(void)
{
	const char *on = below(2) ? "1" : "0";

	if (below(3)) {
		say("events %s", on);
		return write_text(TRACING "/events/novabpf/enable", on);
	}
	say("read");
	return hold_and_use(TRACING "/trace", NULL);
}
