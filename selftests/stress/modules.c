// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps that load and unload the modules. The system calls, not the programs: those take
 * long to start, and what is to be met is short.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include "stress.h"

static const char * const releases[] = { "580.95.05", "570.144", "595.45.04", "535.113.01",
					 "570.190", "550.163.01" };

/* Faults shall cost a moment, and the GPU shall not give up soon. */
#define CORE_PARAMS	"rpc_timeout_ms=300 rpc_slow_timeout_ms=600 "			\
			"boot_timeout_ms=1500 vgpu_boot_timeout_ms=400 "		\
			"vgpu_rpc_timeout_ms=300 recoveries_max=16 "			\
			"rpc_timeouts_reset=3 allow_injection=1"

static int load(const char *name, const char *params)
{
	char path[PATH_BYTES];
	struct utsname u;
	int fd, err = 0;

	uname(&u);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/novabpf/%s.ko", u.release, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, params, 0))
		err = -errno;
	close(fd);
	return err;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* What is missing. */
int step_load(void)
{
	const char *clock = below(3) ? "virtual" : "real", *release = ONE_OF(releases);
	__u32 latency_us = below(2) ? 5 : 500 + below(4000);
	char params[256];
	int err;

	snprintf(params, sizeof(params), "fw=%s clock=%s gpus=%u latency_us=%u seed=%u fb_mb=24576",
		 release, clock, gpus, latency_us, below(100000));
	say("%s", params);
	err = load("novabpf", CORE_PARAMS);
	if (err && err != -EEXIST)
		return err;
	err = load("novabpf_sim", params);
	if (err && err != -EEXIST)
		return err;
	load_vfio();
	return err;
}

int load_vfio(void)
{
	return load("novabpf_vfio", "");
}

int step_unload_sim(void)
{
	say("now");
	return unload("novabpf_sim");
}

int step_unload_vfio(void)
{
	say("now");
	return unload("novabpf_vfio");
}

int step_unload_core(void)
{
	say("and what is on top of it");
	ask_for_drops();
	unload("novabpf_vfio");
	unload("novabpf_sim");
	nap_us(below(300000));
	return unload("novabpf");
}
