// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GPU of a run: a vGPU for each tenant, the load, its result.
 *
 * vGPUs are made for each run and destroyed after it, so that no run inherits
 * anything from the one before. A vGPU that has the name of a tenant is used as it
 * is and left where it was.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

static int stop_asked;

static void on_signal(int sig)
{
	__atomic_store_n(&stop_asked, sig, __ATOMIC_RELAXED);
}

bool interrupted(void)
{
	return __atomic_load_n(&stop_asked, __ATOMIC_RELAXED);
}

/* Without SA_RESTART, so that a read of the device ends. */
void interrupts_catch(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
}

/* Return: 0 or -errno. */
static int put(const char *gpu, const char *attr, const char *value)
{
	char *path = root_path("/sys/class/novabpf/%s/%s", gpu, attr);
	int err = write_file(path, value);

	free(path);
	return err;
}

int gpu_set(const char *gpu, const char *attr, const char *value)
{
	int ret = put(gpu, attr, value);

	if (ret == -EACCES || ret == -EPERM)
		return fail("cannot set %s of %s: permission denied; run as root", attr, gpu);
	if (ret)
		return fail("cannot set %s of %s to '%s': %s", attr, gpu, value, strerror(-ret));
	return 0;
}

static int set_number(const char *gpu, const char *attr, uint64_t value)
{
	char *s = xasprintf("%llu", (unsigned long long)value);
	int ret = gpu_set(gpu, attr, s);

	free(s);
	return ret;
}

/* ---- settings of the scheduler */

static int settings_set(const char *gpu, const struct sched_settings *s)
{
	int ret = 0;

	if (s->frequency_hz != UINT64_MAX)
		ret = set_number(gpu, "sched/arr_frequency_hz", s->frequency_hz);
	if (!ret && s->factor)
		ret = set_number(gpu, "sched/arr_avg_factor", s->factor);
	if (!ret && s->slice_us != UINT64_MAX)
		ret = set_number(gpu, "sched/slice_us", s->slice_us);
	if (!ret && s->arr >= 0)
		ret = set_number(gpu, "sched/arr", s->arr);
	return ret;
}

static int settings_apply(struct device *dev, const struct mix *mix)
{
	struct sched_settings s = mix->sched;

	if (s.arr < 0 && !s.frequency_hz && !s.factor && !s.slice_us)
		return 0;
	dev->before = (struct sched_settings){
		.arr = gpu_number("%s/sched/arr", dev->gpu),
		.frequency_hz = gpu_number("%s/sched/arr_frequency_hz", dev->gpu),
		.factor = gpu_number("%s/sched/arr_avg_factor", dev->gpu),
		.slice_us = gpu_number("%s/sched/slice_us", dev->gpu),
	};
	dev->settings_changed = true;
	if (!s.frequency_hz)
		s.frequency_hz = UINT64_MAX;
	if (!s.slice_us)
		s.slice_us = UINT64_MAX;
	return settings_set(dev->gpu, &s);
}

/* ---- types and vGPUs */

static int no_type(const struct device *dev, uint64_t need, uint64_t most)
{
	if (!most)
		return fail("%s has no vGPU types: is its firmware ready? see: novabpf gpu show %s",
			    dev->gpu, dev->gpu);
	return fail(
		"the mix needs a type of which %llu vGPUs fit %s; of its smallest one %llu do; load novabpf_sim with a larger fb_mb or vgpus_max",
		    (unsigned long long)need, dev->gpu, (unsigned long long)most);
}

/* The largest type of which enough fit. */
static int choose_type(struct device *dev, const struct mix *mix)
{
	uint64_t need = mix->slots > mix->nr_insts ? mix->slots : mix->nr_insts;
	uint64_t best = 0, most = 0, fb = 0;
	char *path = root_path("/sys/class/novabpf/%s/vgpu_types", dev->gpu);
	DIR *d = opendir(path);
	struct dirent *de;

	free(path);
	while (d && (de = readdir(d))) {
		const char *type = de->d_name;
		uint64_t n, size;

		if (type[0] == '.')
			continue;
		n = gpu_number("%s/vgpu_types/%s/max_instances", dev->gpu, type);
		size = gpu_number("%s/vgpu_types/%s/profile_bytes", dev->gpu, type);
		if (n > most)
			most = n;
		if (n < need || (best && (n > best || (n == best && size <= fb))))
			continue;
		best = n;
		fb = size;
		free(dev->type);
		dev->type = xstrdup(type);
	}
	if (d)
		closedir(d);
	return best ? 0 : no_type(dev, need, most);
}

struct present {
	char *name[1024];
	uint32_t gfid[1024];
	size_t nr;
};

static void list_vgpus(const char *gpu, struct present *p)
{
	char *path = root_path("/sys/class/novabpf/%s", gpu);
	DIR *d = opendir(path);
	struct dirent *de;

	p->nr = 0;
	free(path);
	while (d && (de = readdir(d)) && p->nr < ARRAY_LEN(p->name)) {
		uint64_t gfid;

		if (strncmp(de->d_name, "vgpu", 4) || !parse_u64(de->d_name + 4, &gfid))
			continue;
		p->name[p->nr] = gpu_attr("%s/%s/name", gpu, de->d_name);
		p->gfid[p->nr] = gfid;
		if (p->name[p->nr])
			p->nr++;
	}
	if (d)
		closedir(d);
}

static int match_present(const struct device *dev, struct mix *mix)
{
	struct present *p = xcalloc(1, sizeof(*p));
	size_t i, k;
	int ret = 0;

	list_vgpus(dev->gpu, p);
	for (k = 0; k < p->nr; k++) {
		for (i = 0; i < mix->nr_insts && strcmp(mix->insts[i].name, p->name[k]); i++)
			;
		if (i < mix->nr_insts) {
			mix->insts[i].gfid = p->gfid[k];
			mix->insts[i].reused = true;
		} else if (!ret) {
			ret = fail(
				"%s has a vGPU '%s' that is no tenant of %s; run: novabpf vgpu destroy %s %u",
				   dev->gpu, p->name[k], mix->name, dev->gpu, p->gfid[k]);
		}
		free(p->name[k]);
	}
	free(p);
	return ret;
}

static bool gfid_taken(const struct mix *mix, uint32_t gfid)
{
	size_t i;

	for (i = 0; i < mix->nr_insts; i++)
		if (mix->insts[i].gfid == gfid)
			return true;
	return false;
}

static char *inst_request(const struct device *dev, const struct inst *inst)
{
	const struct tenant *t = inst->tenant;
	struct text text = { 0 };

	text_add(&text, "type=%s gfid=%u name=%s weight=%u tsgs=%u priority=%u", dev->type,
		 inst->gfid, inst->name, (unsigned int)t->weight, (unsigned int)t->tsgs,
		 (unsigned int)t->priority);
	if (t->cap_pct)
		text_add(&text, " cap_pct=%u", (unsigned int)t->cap_pct);
	if (t->period_ns)
		text_add(&text, " period_us=%u budget_us=%u",
			 (unsigned int)(t->period_ns / NS_PER_US + 0.5),
			 (unsigned int)(t->budget_ns / NS_PER_US + 0.5));
	return text.s;
}

static int create_one(const struct device *dev, struct inst *inst)
{
	char *line = inst_request(dev, inst);
	int err = put(dev->gpu, "vgpu_create", line), ret = 0;

	if (err == -EACCES || err == -EPERM)
		ret = fail(
			"cannot create a vGPU for '%s': %s; run as root, or the policy refuses it",
			   inst->name, strerror(-err));
	else if (err == -ENOENT)
		ret = fail(
			"cannot create a vGPU for '%s': the modules are too old, or type %s is gone",
			   inst->name, dev->type);
	else if (err)
		ret = fail(
			"cannot create a vGPU for '%s' (%s): %s; see the kernel's log", inst->name,
			   line, strerror(-err));
	inst->created = !ret;
	free(line);
	return ret;
}

static int configure_one(const struct device *dev, const struct inst *inst)
{
	const struct tenant *t = inst->tenant;
	const struct {
		const char *attr;
		uint64_t val;
	} config[] = {
		{ "weight", t->weight }, { "cap_pct", t->cap_pct }, { "priority", t->priority },
	};
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_LEN(config); i++) {
		char *attr = xasprintf("vgpu%u/%s", inst->gfid, config[i].attr);

		ret = set_number(dev->gpu, attr, config[i].val);
		free(attr);
	}
	return ret;
}

int device_vgpus(struct device *dev, struct mix *mix)
{
	uint32_t gfid = 1;
	size_t i;
	int ret;

	for (i = 0; i < mix->nr_insts; i++) {
		mix->insts[i].gfid = 0;
		mix->insts[i].reused = false;
		mix->insts[i].created = false;
	}
	ret = match_present(dev, mix);
	for (i = 0; !ret && i < mix->nr_insts; i++) {
		struct inst *inst = &mix->insts[i];

		if (interrupted())
			return fail("interrupted");
		if (inst->reused) {
			ret = configure_one(dev, inst);
			continue;
		}
		while (gfid_taken(mix, gfid))
			gfid++;
		inst->gfid = gfid;
		ret = create_one(dev, inst);
	}
	return ret;
}

int device_drop_vgpus(struct device *dev, struct mix *mix)
{
	size_t i;
	int ret = 0;

	for (i = mix->nr_insts; i-- > 0;) {
		struct inst *inst = &mix->insts[i];
		char gfid[16];
		int err;

		if (!inst->created)
			continue;
		inst->created = false;
		snprintf(gfid, sizeof(gfid), "%u", inst->gfid);
		err = put(dev->gpu, "vgpu_destroy", gfid);
		if (err && !ret)
			ret = fail("cannot destroy the vGPU of '%s' (gfid %u): %s", inst->name,
				   inst->gfid, strerror(-err));
	}
	return ret;
}

/* ---- the load */

static char *load_path(const char *gpu)
{
	char *name = gpu_attr("%s/name", gpu), *path = NULL;
	const char *prefix = "novabpf_sim.";
	uint64_t n;

	if (name && !strncmp(name, prefix, strlen(prefix)) && parse_u64(name + strlen(prefix), &n))
		path = root_path("/dev/novabpf_sim%llu", (unsigned long long)n);
	free(name);
	return path;
}

int device_open(struct device *dev, const char *gpu, const struct mix *mix)
{
	char *path = load_path(gpu);
	int ret = 0;

	*dev = (struct device){ .gpu = gpu, .fd = -1 };
	if (!path)
		return fail("%s is not simulated: tenants can be run on a GPU of novabpf_sim only",
			    gpu);
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0 && errno == EBUSY)
		ret = fail("%s is in use: another load is running", path);
	else if (dev->fd < 0 && (errno == EACCES || errno == EPERM))
		ret = fail("cannot open %s: %s; run as root", path, strerror(errno));
	else if (dev->fd < 0)
		ret = fail("cannot open %s: %s", path, strerror(errno));
	free(path);
	if (!ret)
		ret = choose_type(dev, mix);
	if (!ret)
		ret = settings_apply(dev, mix);
	if (ret)
		device_close(dev);
	return ret;
}

void device_close(struct device *dev)
{
	if (dev->settings_changed)
		settings_set(dev->gpu, &dev->before);
	if (dev->fd >= 0)
		close(dev->fd);
	free(dev->type);
	dev->fd = -1;
	dev->type = NULL;
	dev->settings_changed = false;
}

static void put_tenant(const struct mix *mix, const struct inst *inst, struct nova_sim_tenant *to)
{
	const struct tenant *t = inst->tenant;
	uint64_t end = mix->warmup_ns + mix->duration_ns;

	to->gfid = inst->gfid;
	to->engine_id = t->engine_id;
	to->tsgs = t->tsgs;
	to->arrival = t->arrival.kind == ARRIVE_CLOSED ? NOVA_SIM_CLOSED :
		      t->arrival.kind == ARRIVE_FRAMES ? NOVA_SIM_FRAME : NOVA_SIM_OPEN;
	to->start_ns = t->start_ns;
	to->stop_ns = t->stop_ns && t->stop_ns < end ? (uint64_t)t->stop_ns : end;
	to->grain_ns = t->grain_ns;
	to->draws = inst->nr_draws;
	to->queue_max = t->queue_max;
}

static void *make_blob(const struct mix *mix, uint64_t seed, size_t *size)
{
	struct nova_sim_tenant *tenant;
	struct nova_sim_load *load;
	struct nova_sim_draw *draw;
	size_t i, draws = 0;

	for (i = 0; i < mix->nr_insts; i++)
		draws += mix->insts[i].nr_draws;
	*size = sizeof(*load) + mix->nr_insts * sizeof(*tenant) + draws * sizeof(*draw);
	load = xcalloc(1, *size);
	tenant = (void *)(load + 1);
	draw = (void *)(tenant + mix->nr_insts);
	*load = (struct nova_sim_load){
		.magic = NOVA_SIM_LOAD_MAGIC,
		.tenants = mix->nr_insts,
		.seed = seed,
		.duration_ns = mix->warmup_ns + mix->duration_ns,
		.ctxsw_ns = mix->ctxsw_ns,
		.preempt_ns = mix->preempt_ns,
		.tsg_slice_ns = mix->tsg_slice_ns,
		.segments = SEGMENTS_MAX,
	};
	for (i = 0; i < mix->nr_insts; i++) {
		const struct inst *inst = &mix->insts[i];

		put_tenant(mix, inst, &tenant[i]);
		memcpy(draw, inst->draws, inst->nr_draws * sizeof(*draw));
		draw += inst->nr_draws;
	}
	return load;
}

static void *read_result(struct device *dev, size_t *size, int *err)
{
	size_t used = 0, room = 1 << 20;
	char *buf = xcalloc(1, room);
	ssize_t n;

	*err = 0;
	for (;;) {
		if (used == room) {
			room *= 2;
			buf = xrealloc(buf, room, 1);
		}
		n = read(dev->fd, buf + used, room - used);
		if (n < 0 && errno == EINTR && !interrupted())
			continue;
		if (n <= 0)
			break;
		used += n;
	}
	if (n < 0) {
		*err = errno;
		ioctl(dev->fd, NOVA_SIM_LOAD_STOP);
		free(buf);
		return NULL;
	}
	*size = used;
	return buf;
}

/* The firmware's last answers, and what is decided upon them, come after the load's end. */
static uint64_t decisions_at_rest(const char *gpu)
{
	uint64_t before, now = gpu_number("%s/sched/decisions", gpu);
	int i;

	for (i = 0; i < 20; i++) {
		usleep(20000);
		before = now;
		now = gpu_number("%s/sched/decisions", gpu);
		if (now == before)
			break;
	}
	return now;
}

int device_run(struct device *dev, const struct mix *mix, struct run *run)
{
	uint64_t decisions = gpu_number("%s/sched/decisions", dev->gpu);
	uint64_t rejected = gpu_number("%s/sched/nr_rejected", dev->gpu);
	size_t size;
	void *raw, *blob = make_blob(mix, run->seed, &size);
	ssize_t n = write(dev->fd, blob, size);
	int err = n < 0 ? errno : 0;

	free(blob);
	if (err || (size_t)n != size)
		return fail("the simulator refuses the load: %s; see the kernel's log",
			    err ? strerror(err) : "short write");
	if (ioctl(dev->fd, NOVA_SIM_LOAD_START))
		return fail("the simulator does not start the load: %s", strerror(errno));
	raw = read_result(dev, &size, &err);
	if (!raw)
		return fail("%s%s", interrupted() ? "interrupted" :
						    "cannot read the result of the load: ",
			    interrupted() ? "" : strerror(err));
	run->slots = gpu_number("%s/sched/slots", dev->gpu);
	run->decisions = decisions_at_rest(dev->gpu) - decisions;
	run->rejected = gpu_number("%s/sched/nr_rejected", dev->gpu) - rejected;
	return run_parse(run, mix, raw, size, "the simulator");
}

/* ---- the result */

static bool result_fits(const struct nova_sim_result *res, size_t size)
{
	uint64_t rest = size;

	if (rest < sizeof(*res) || res->magic != NOVA_SIM_RESULT_MAGIC)
		return false;
	rest -= sizeof(*res);
	if (res->items > rest / sizeof(struct nova_sim_item))
		return false;
	rest -= res->items * sizeof(struct nova_sim_item);
	return res->segments <= rest / sizeof(struct nova_sim_segment) &&
	       rest == res->segments * sizeof(struct nova_sim_segment);
}

/* Takes over @raw, also where it is refused. @what: where it is from. */
int run_parse(struct run *run, const struct mix *mix, void *raw, size_t size, const char *what)
{
	const struct nova_sim_result *res = raw;
	uint64_t i;

	run->raw = raw;
	if (!result_fits(res, size))
		return fail("the result of %s is malformed (%zu bytes)", what, size);
	run->res = res;
	run->items = (const void *)(res + 1);
	run->segs = (const void *)(run->items + res->items);
	for (i = 0; i < res->items; i++)
		if (run->items[i].tenant >= mix->nr_insts ||
		    (run->items[i].done_ns && run->items[i].done_ns < run->items[i].arrival_ns))
			return fail("the result of %s is malformed: item %llu", what,
				    (unsigned long long)i);
	for (i = 0; i < res->segments; i++)
		if (run->segs[i].end_ns < run->segs[i].start_ns)
			return fail("the result of %s is malformed: segment %llu", what,
				    (unsigned long long)i);
	return 0;
}

void run_free(struct run *run)
{
	free(run->raw);
	run->raw = NULL;
	run->res = NULL;
	run->items = NULL;
	run->segs = NULL;
}
