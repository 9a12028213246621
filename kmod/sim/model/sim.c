// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making, running and resetting one simulated GPU.
 */
#include "internal.h"

#define NSIM_ROUNDS_MAX		256
#define NSIM_JITTER_US_MAX	1000000

static bool nsim_config_ok(const struct nsim_config *cfg, const struct nsim_chip *chip, char *err,
			   size_t err_size)
{
	if (!chip) {
		char names[128];
		struct nsim_text t = { names, sizeof(names), 0 };

		nsim_chip_names(&t);
		nsim_error(err, err_size,
			   "chip \"%.20s\" is not known; known are %s",
			   cfg->chip, names);
		return false;
	}
	if (cfg->fb_mb < NSIM_FB_MB_MIN || cfg->fb_mb > 0x40000) {
		nsim_error(err, err_size, "framebuffer of %u MiB; want %u to %u", cfg->fb_mb,
			   NSIM_FB_MB_MIN, 0x40000);
		return false;
	}
	if (!nsim_chip_is_libos3(chip) && !nsim_chip_lmr(cfg->fb_mb * NSIM_MIB)) {
		nsim_error(err, err_size,
			   "framebuffer of %u MiB: the register of a %s holds only 1 to 63 times a power of two",
			   cfg->fb_mb, chip->name);
		return false;
	}
	if (!cfg->inflight || cfg->inflight > NSIM_INFLIGHT_MAX) {
		nsim_error(err, err_size, "%u requests in flight; want 1 to %u", cfg->inflight,
			   NSIM_INFLIGHT_MAX);
		return false;
	}
	if (cfg->latency_us > NSIM_LATENCY_US_MAX || cfg->jitter_us > NSIM_JITTER_US_MAX) {
		nsim_error(err, err_size, "latency %u us, jitter %u us; want up to %u and %u",
			   cfg->latency_us, cfg->jitter_us, NSIM_LATENCY_US_MAX,
			   NSIM_JITTER_US_MAX);
		return false;
	}
	if (cfg->ctxsw_us > NSIM_COST_US_MAX || cfg->preempt_us > NSIM_COST_US_MAX ||
	    cfg->tsg_slice_us > NSIM_COST_US_MAX) {
		nsim_error(err, err_size,
			   "context switch %u us, preemption %u us, time slice %u us; want up to %u",
			   cfg->ctxsw_us, cfg->preempt_us, cfg->tsg_slice_us, NSIM_COST_US_MAX);
		return false;
	}
	if (cfg->vgpus_max > NSIM_VGPUS_MAX) {
		nsim_error(err, err_size, "%u vGPUs; want up to %u", cfg->vgpus_max,
			   NSIM_VGPUS_MAX);
		return false;
	}
	if (cfg->fwversion && strlen(cfg->fwversion) > 63) {
		nsim_error(err, err_size, "image version longer than 63 characters");
		return false;
	}
	return true;
}

static u64 nsim_version(const char *s)
{
	u64 v = 0;
	u32 part;

	for (part = 0; part < 3; part++) {
		u64 n = 0;

		while (*s >= '0' && *s <= '9')
			n = n * 10 + (u32)(*s++ - '0');
		if (*s == '.')
			s++;
		v = v << 16 | (n & 0xffff);
	}
	return v;
}

int nsim_create(const struct nsim_port *port, void *ctx, const struct nsim_config *cfg,
		struct nsim **out, char *err, size_t err_size)
{
	const struct nsim_chip *chip = nsim_chip_find(cfg->chip);
	const char *version = cfg->fwversion ? cfg->fwversion : cfg->abi->release;
	struct nsim *sim;
	u32 i;

	if (!nsim_config_ok(cfg, chip, err, err_size))
		return -EINVAL;
	sim = port->alloc(ctx, sizeof(*sim));
	if (!sim)
		goto no_memory;
	sim->port = *port;
	sim->ctx = ctx;
	sim->abi = cfg->abi;
	sim->chip = chip;
	sim->fb_bytes = cfg->fb_mb * NSIM_MIB;
	sim->lmr = nsim_chip_lmr(sim->fb_bytes);
	sim->latency_us = cfg->latency_us;
	sim->jitter_us = cfg->jitter_us;
	sim->inflight = cfg->inflight;
	sim->ctxsw_us = cfg->ctxsw_us;
	sim->preempt_us = cfg->preempt_us;
	sim->tsg_slice_us = cfg->tsg_slice_us ? cfg->tsg_slice_us : NSIM_SLICE_DEFAULT_US;
	sim->vgpus_max = cfg->vgpus_max;
	sim->seed = cfg->seed;
	sim->version = nsim_version(cfg->abi->release);
	memcpy(sim->fwversion, version, strlen(version) + 1);
	sim->faults.delay_us = 100000;
	nsim_rng_seed(&sim->rng, cfg->seed);
	nsim_streams_seed(sim, cfg->seed);
	nsim_engines_defaults(sim);
	if (nsim_service_set(sim, cfg->rpc_ns, cfg->rpc_parallel, err, err_size)) {
		nsim_destroy(sim);
		return -EINVAL;
	}
	sim->objects = nsim_alloc(sim, sizeof(*sim->objects));
	sim->vgpus = nsim_alloc(sim, sizeof(*sim->vgpus));
	for (i = 0; i < NSIM_FALCONS; i++)
		sim->falcon_mem[i] = nsim_alloc(sim, 2 * NSIM_FALCON_MEM_BYTES);
	if (!sim->objects || !sim->vgpus || !sim->falcon_mem[0] || !sim->falcon_mem[1] ||
	    nsim_images_build(sim))
		goto destroy;
	nsim_rm_reset(sim);
	nsim_regs_reset(sim);
	*out = sim;
	return 0;
destroy:
	nsim_destroy(sim);
no_memory:
	nsim_error(err, err_size, "no memory for a simulated GPU");
	return -ENOMEM;
}

void nsim_destroy(struct nsim *sim)
{
	u32 i;

	nsim_boot_stop(sim, NSIM_FW_OFF);
	nsim_load_free(sim);
	nsim_images_free(sim);
	for (i = 0; i < NSIM_FALCONS; i++)
		nsim_free(sim, sim->falcon_mem[i]);
	nsim_free(sim, sim->vgpus);
	nsim_free(sim, sim->objects);
	sim->port.free(sim->ctx, sim);
}

/* As a reset over the bus: what is on the wire is lost, link faults stay. */
void nsim_reset(struct nsim *sim)
{
	unsigned long flags = nsim_lock(sim);

	nsim_regs_reset(sim);
	nsim_unlock(sim, flags);
	nsim_boot_stop(sim, NSIM_FW_OFF);
	nsim_rm_reset(sim);
	sim->port.kick(sim->ctx);
}

u64 nsim_run(struct nsim *sim)
{
	u64 now = 0, next = NSIM_NEVER;
	u32 i, id;

	/* Each round may make work for the next; the bound is against endless ones. */
	for (i = 0; i < NSIM_ROUNDS_MAX; i++) {
		now = nsim_now(sim);
		sim->progress = false;
		nsim_channel_collect(sim);
		/* First: replies to what it executes leave below. */
		next = nsim_engines_run(sim, now);
		for (id = 0; id < NSIM_FALCONS; id++)
			next = min_t(u64, next, nsim_falcon_run(sim, (enum nsim_falcon_id)id, now));
		next = min_t(u64, next, nsim_boot_run(sim, now));
		if (!sim->progress)
			return next;
	}
	return now;
}
