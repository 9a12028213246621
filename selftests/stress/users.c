// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps of those who use vGPUs: mediated devices and who has them open, tenants of the
 * simulator. Users look at what they get: it is right, or the device is gone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <linux/vfio.h>
#include <uapi/novabpf_guest.h>
#include <uapi/novabpf_sim.h>
#include "stress.h"
#include "vfio.h"

#define MDEVS		"/sys/bus/mdev/devices"
#define PARENTS		"/sys/class/mdev_bus"
#define ENTRIES		64
#define FENCE_AT	0x8000u
#define GUARD_AT	0x9000u
#define GUARD		0xa5
#define PATTERN		0x5a5a0000u
#define EXIT_WRONG	126
#define TENANTS		4
#define RESULT_BYTES	0x100000u

static void draw_uuid(char *uuid)
{
	sprintf(uuid, "11111111-2222-3333-4444-55555555550%u", 1 + below(UUIDS));
}

/* Parents by number, whatever they are called. */
static int parent_path(char *path, __u32 nth, const char *type)
{
	struct dirent *e;
	DIR *dir;
	int err = -ENOENT;

	dir = opendir(PARENTS);
	while (dir && err && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || nth--)
			continue;
		snprintf(path, PATH_BYTES,
			 PARENTS "/%.100s/mdev_supported_types/novabpf_sim-%s/create",
			 e->d_name, type);
		err = 0;
	}
	if (dir)
		closedir(dir);
	return err;
}

int step_mdev_create(void)
{
	const char *type = below(6) ? round_type : "NOVA-2Q";
	char path[PATH_BYTES], uuid[64];
	int err;

	draw_uuid(uuid);
	if (access(PARENTS, F_OK) && below(2))
		load_vfio();
	err = parent_path(path, below(gpus), type);
	say("%s %s", type, uuid);
	return err ?: write_text(path, uuid);
}

int step_mdev_remove(void)
{
	char path[PATH_BYTES], uuid[64];

	draw_uuid(uuid);
	say("%s", uuid);
	snprintf(path, sizeof(path), MDEVS "/%s/remove", uuid);
	return write_text(path, "1");
}

/* What a user wrote stays until the device is reset, by him or with the GPU: then it is 0. */
static void use_framebuffer(volatile __u32 *fb)
{
	__u32 want = PATTERN + getpid(), got;

	fb[0] = want;
	nap_us(below(3000));
	got = fb[0];
	if (got != want && got) {
		wrong("the framebuffer has 0x%x, not 0x%x", got, want);
		_exit(EXIT_WRONG);
	}
}

/* Work, and its fence; both ways of ending it, or neither. */
static int use_channel(struct vfio *v, __u32 entries)
{
	volatile __u64 *fence = (void *)(v->mem + FENCE_AT);
	__u64 seen, last = *fence;
	__u32 i;

	memset(v->mem, 0, entries * sizeof(struct nova_guest_work));
	for (i = 0; i < entries; i++)
		((struct nova_guest_work *)v->mem)[i].length_ns = 100000 + below(2000000);
	*fence = 0;
	if (vfio_channel_on(v, ENTRIES, FENCE_AT) || vfio_doorbell(v, entries))
		return -EIO;
	for (i = 0, last = 0; i < 100 && last < entries; i++) {
		nap_us(2000);
		seen = *fence;
		if (seen < last || seen > entries) {
			wrong("fence %llu after %llu, of %u", seen,
			      last, entries);
			_exit(EXIT_WRONG);
		}
		last = seen;
	}
	tally(TALLY_FENCES, last);
	for (i = GUARD_AT; i < VFIO_MEM_BYTES; i++) {
		if (v->mem[i] != GUARD) {
			wrong("memory has changed at 0x%x", i);
			_exit(EXIT_WRONG);
		}
	}
	return 0;
}

/* A short life with a device. It ends by leaving, or is ended. */
static void live(const char *uuid, __u32 acts)
{
	struct vfio v;
	int err = vfio_open(&v, uuid);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (err)
		_exit(err < 0 && -err < EXIT_WRONG ? -err : EIO);
	memset(v.mem + GUARD_AT, GUARD, VFIO_MEM_BYTES - GUARD_AT);
	if (v.fb)
		use_framebuffer(v.fb);
	while (acts--) {
		switch (below(6)) {
		case 0:
			vfio_reset(&v);
			break;
		case 1:
			vfio_unmap(&v);
			vfio_map(&v);
			break;
		case 2:
			nap_us(below(100000));
			break;
		default:
			use_channel(&v, 1 + below(ENTRIES / 2));
			/* Off, so that the next begins at the start of the ring. */
			vfio_channel_off(&v);
			break;
		}
	}
	if (below(2))
		vfio_close(&v);
	_exit(0);
}

int step_user(void)
{
	__u32 acts = 1 + below(6), kill_us = below(3) ? 0 : below(300000);
	__u64 end = now_ns() + kill_us * 1000ULL;
	char uuid[64], path[PATH_BYTES];
	int status;
	pid_t pid;

	draw_uuid(uuid);
	if (below(2) && !parent_path(path, below(gpus), round_type))
		write_text(path, uuid);
	say("%s, %u acts%s", uuid, acts, kill_us ? ", killed" : "");
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		live(uuid, acts);
	while (!waitpid(pid, &status, WNOHANG)) {
		if (kill_us && now_ns() > end) {
			kill(pid, SIGKILL);
			tally(TALLY_KILLED, 1);
			waitpid(pid, &status, 0);
			break;
		}
		nap_us(2000);
	}
	/* SIGBUS: the framebuffer was taken away. */
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGBUS ? -EINTR : -EFAULT;
	return -WEXITSTATUS(status);
}

static struct {
	struct nova_sim_load load;
	struct nova_sim_tenant tenant[TENANTS];
	struct nova_sim_draw draw[TENANTS];
} all;

static bool vgpu_there(__u32 gpu, __u32 gfid)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), CLASS "/gpu%u/vgpu%u", gpu, gfid);
	return !access(path, F_OK);
}

/* Of the vGPUs that are there; a load that has one that is not is refused. */
static ssize_t draw_load(__u32 gpu)
{
	__u32 most = 1 + below(TENANTS), first = below(gfids), n = 0, i;
	struct nova_sim_draw draw[TENANTS];

	all.load = (struct nova_sim_load) {
		.magic = NOVA_SIM_LOAD_MAGIC,
		.seed = below(1000),
		.duration_ns = (20 + below(400)) * 1000000ULL,
		.ctxsw_ns = 20000,
		.preempt_ns = 10000,
		.tsg_slice_ns = 2000000,
	};
	for (i = 0; i < gfids && n < most; i++) {
		__u32 gfid = 1 + (first + i) % gfids;

		if (!vgpu_there(gpu, gfid))
			continue;
		all.tenant[n] = (struct nova_sim_tenant) {
			.gfid = gfid,
			.engine_id = 1,
			.tsgs = 1,
			.arrival = NOVA_SIM_CLOSED,
			.stop_ns = all.load.duration_ns,
			.draws = 1,
		};
		draw[n++] = (struct nova_sim_draw) { below(2000000), 500000 + below(4000000) };
	}
	all.load.tenants = n;
	memcpy(&all.tenant[n], draw, n * sizeof(draw[0]));
	return (char *)&all.tenant[n] + n * sizeof(draw[0]) - (char *)&all;
}

/* What is said to be done has had its time, within the run. */
static void look_at_items(const void *buf, size_t bytes)
{
	const struct nova_sim_result *res = buf;
	const struct nova_sim_item *it = (const void *)(res + 1);
	__u32 done = 0;
	__u64 i;

	if (bytes < sizeof(*res))
		return;
	for (i = 0; i < res->items && (char *)(it + i + 1) <= (char *)buf + bytes; i++) {
		if (!it[i].done_ns)
			continue;
		done++;
		if (it[i].ran_ns != it[i].length_ns || it[i].done_ns > res->ended_ns ||
		    it[i].done_ns - it[i].arrival_ns < it[i].length_ns)
			wrong("item %llu of %llu ns is done after %llu ns", i,
			      it[i].length_ns,
			      it[i].ran_ns);
	}
	tally(TALLY_ITEMS, done);
}

static int read_result(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *buf = malloc(RESULT_BYTES);
	size_t used = 0;
	ssize_t n = 0;

	if (poll(&p, 1, 2000) != 1)
		ioctl(fd, NOVA_SIM_LOAD_STOP);
	while (buf && used < RESULT_BYTES && (n = read(fd, buf + used, RESULT_BYTES - used)) > 0)
		used += n;
	n = n < 0 ? -errno : 0;
	if (buf && !n)
		look_at_items(buf, used);
	free(buf);
	return n;
}

/* Tenants of a GPU, who stay to their end or not. */
static int run_tenants(__u32 gpu, bool stay)
{
	char path[64], text[64];
	ssize_t bytes;
	int fd, err = 0;

	snprintf(path, sizeof(path), "/dev/novabpf_sim%u", gpu);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	bytes = draw_load(gpu);
	if (!all.load.tenants) {
		snprintf(path, sizeof(path), CLASS "/gpu%u/vgpu_create", gpu);
		snprintf(text, sizeof(text), "type=%s gfid=%u", round_type, 1 + below(gfids));
		write_text(path, text);
		bytes = draw_load(gpu);
	}
	if (write(fd, &all, bytes) != bytes || ioctl(fd, NOVA_SIM_LOAD_START))
		err = -errno;
	else if (stay)
		err = read_result(fd);
	else if (below(2))
		nap_us(below(50000));
	else
		err = ioctl(fd, NOVA_SIM_LOAD_STOP) ? -errno : 0;
	close(fd);
	return err;
}

void keep_busy(__u32 gpu)
{
	__u32 i;

	/* One at a time may have the device open. */
	for (i = 0; i < 20 && run_tenants(gpu, true) && !stopping(); i++)
		nap_us(20000);
}

int step_tenants(void)
{
	__u32 gpu = below(gpus), stay = below(3);

	say("gpu%u%s", gpu, stay ? ", to the end" : "");
	return run_tenants(gpu, stay);
}
