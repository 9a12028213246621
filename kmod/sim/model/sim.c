// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making, running and resetting one simulated GPU.
 */
#include "internal.h"

#define GSIM_ROUNDS_MAX		256
#define GSIM_JITTER_US_MAX	1000000

static int gsim_config_check(const struct gsim_config *cfg, const struct gsim_chip *chip,
			     char *err, size_t err_size)
{
	if (!chip) {
		char names[128];
		struct gsim_text t = { names, sizeof(names), 0 };

		gsim_chip_names(&t);
		return gsim_error(err, err_size, "chip \"%.20s\" is not known; known are %s",
				  cfg->chip, names);
	}
	if (cfg->fb_mb < GSIM_FB_MB_MIN || cfg->fb_mb > 0x40000)
		return gsim_error(err, err_size, "framebuffer of %u MiB; want %u to %u", cfg->fb_mb,
				  GSIM_FB_MB_MIN, 0x40000);
	if (!gsim_chip_is_libos3(chip) && !gsim_chip_lmr(cfg->fb_mb * GSIM_MIB))
		return gsim_error(err, err_size,
				  "framebuffer of %u MiB: the register of a %s holds only 1 to 63 times a power of two",
				  cfg->fb_mb, chip->name);
	if (!cfg->inflight || cfg->inflight > GSIM_INFLIGHT_MAX)
		return gsim_error(err, err_size, "%u requests in flight; want 1 to %u",
				  cfg->inflight, GSIM_INFLIGHT_MAX);
	if (cfg->latency_us > GSIM_LATENCY_US_MAX || cfg->jitter_us > GSIM_JITTER_US_MAX)
		return gsim_error(err, err_size,
				  "latency %u us, jitter %u us; want up to %u and %u",
				  cfg->latency_us, cfg->jitter_us, GSIM_LATENCY_US_MAX,
				  GSIM_JITTER_US_MAX);
	if (cfg->ctxsw_us > GSIM_COST_US_MAX || cfg->preempt_us > GSIM_COST_US_MAX ||
	    cfg->tsg_slice_us > GSIM_COST_US_MAX)
		return gsim_error(err, err_size,
				  "context switch %u us, preemption %u us, time slice %u us; want up to %u",
				  cfg->ctxsw_us, cfg->preempt_us, cfg->tsg_slice_us,
				  GSIM_COST_US_MAX);
	if (cfg->vgpus_max > GSIM_VGPUS_MAX)
		return gsim_error(err, err_size, "%u vGPUs; want up to %u", cfg->vgpus_max,
				  GSIM_VGPUS_MAX);
	if (cfg->fwversion && strlen(cfg->fwversion) > 63)
		return gsim_error(err, err_size, "image version longer than 63 characters");
	return 0;
}

static u64 gsim_version(const char *s)
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

int gsim_create(const struct gsim_port *port, void *ctx, const struct gsim_config *cfg,
		struct gsim **out, char *err, size_t err_size)
{
	const struct gsim_chip *chip = gsim_chip_find(cfg->chip);
	const char *version = cfg->fwversion ? cfg->fwversion : cfg->abi->release;
	struct gsim *sim;
	u32 i;

	if (gsim_config_check(cfg, chip, err, err_size))
		return -EINVAL;
	sim = port->alloc(ctx, sizeof(*sim));
	if (!sim)
		goto no_memory;
	sim->port = *port;
	sim->ctx = ctx;
	sim->abi = cfg->abi;
	sim->chip = chip;
	sim->fb_bytes = cfg->fb_mb * GSIM_MIB;
	sim->lmr = gsim_chip_lmr(sim->fb_bytes);
	sim->latency_us = cfg->latency_us;
	sim->jitter_us = cfg->jitter_us;
	sim->inflight = cfg->inflight;
	sim->ctxsw_us = cfg->ctxsw_us;
	sim->preempt_us = cfg->preempt_us;
	sim->tsg_slice_us = cfg->tsg_slice_us ? cfg->tsg_slice_us : GSIM_SLICE_DEFAULT_US;
	sim->vgpus_max = cfg->vgpus_max;
	sim->seed = cfg->seed;
	sim->version = gsim_version(cfg->abi->release);
	memcpy(sim->fwversion, version, strlen(version) + 1);
	sim->faults.delay_us = 100000;
	gsim_rng_seed(&sim->rng, cfg->seed);
	gsim_streams_seed(sim, cfg->seed);
	gsim_engines_defaults(sim);
	if (gsim_service_set(sim, cfg->rpc_ns, cfg->rpc_parallel, err, err_size)) {
		gsim_destroy(sim);
		return -EINVAL;
	}
	sim->objects = gsim_alloc(sim, sizeof(*sim->objects));
	sim->vgpus = gsim_alloc(sim, sizeof(*sim->vgpus));
	for (i = 0; i < GSIM_FALCONS; i++)
		sim->falcon_mem[i] = gsim_alloc(sim, 2 * GSIM_FALCON_MEM_BYTES);
	if (!sim->objects || !sim->vgpus || !sim->falcon_mem[0] || !sim->falcon_mem[1] ||
	    gsim_images_build(sim))
		goto destroy;
	gsim_rm_reset(sim);
	gsim_regs_reset(sim);
	*out = sim;
	return 0;
destroy:
	gsim_destroy(sim);
no_memory:
	gsim_error(err, err_size, "no memory for a simulated GPU");
	return -ENOMEM;
}

void gsim_destroy(struct gsim *sim)
{
	u32 i;

	gsim_boot_stop(sim, GSIM_FW_OFF);
	gsim_load_free(sim);
	gsim_images_free(sim);
	for (i = 0; i < GSIM_FALCONS; i++)
		gsim_free(sim, sim->falcon_mem[i]);
	gsim_free(sim, sim->vgpus);
	gsim_free(sim, sim->objects);
	sim->port.free(sim->ctx, sim);
}

/* As a reset over the bus: what is on the wire is lost, link faults stay. */
void gsim_reset(struct gsim *sim)
{
	unsigned long flags = gsim_lock(sim);

	gsim_regs_reset(sim);
	gsim_unlock(sim, flags);
	gsim_boot_stop(sim, GSIM_FW_OFF);
	gsim_rm_reset(sim);
	sim->port.kick(sim->ctx);
}

u64 gsim_run(struct gsim *sim)
{
	u64 now = 0, next = GSIM_NEVER;
	u32 i, id;

	/* Each round may make work for the next; the bound prevents an endless loop. */
	for (i = 0; i < GSIM_ROUNDS_MAX; i++) {
		now = gsim_now(sim);
		sim->progress = false;
		gsim_channel_collect(sim);
		/* First, because the replies to its controls leave below. */
		next = gsim_engines_run(sim, now);
		for (id = 0; id < GSIM_FALCONS; id++)
			next = min_t(u64, next, gsim_falcon_run(sim, (enum gsim_falcon_id)id, now));
		next = min_t(u64, next, gsim_boot_run(sim, now));
		if (!sim->progress)
			return next;
	}
	return now;
}
